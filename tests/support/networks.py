"""Random networks as plans that the package builds and formulas read.

A plan is a kind and its parts, with the names of its parameters. `build` makes the
package's modules of a plan. `forward` reads the same plan with formulas alone, in
NumPy for complex numbers, for the tape, or for another library.
"""

from __future__ import annotations

import itertools
import math
from typing import NamedTuple

import numpy as np
from oracles import complex_slopes, relu, sigmoid, softmax

from chainrule_lessons import layers, losses
from chainrule_lessons.autodiff import Variable

NEAR = 1e-6  # an input of ReLU is farther from its kink than this

PLAIN = ["Sigmoid", "Tanh", "ReLU"]
NESTED = ["Sequential", "concat", "add"]
BATCHES = [None, 1, 2, 5, 64]  # None: one sample, not a batch of one
LOSSES = [
    "MSELoss of numbers",
    "CrossEntropyLoss of classes",
    "CrossEntropyLoss of shares",
]
REDUCTIONS = ["mean", "sum"]


# A network as a plan.


class Drawing:
    """Draws plans, and keeps the values of the parameters by their dotted names."""

    def __init__(self, rng):
        self.rng = rng
        self.values = {}

    def parameter(self, name, *shape):
        bound = 1.5 / np.sqrt(shape[-1] if shape else 1)
        self.values[name] = self.rng.uniform(-bound, bound, shape)
        return name

    def block(self, place, width, levels):
        """Return a block for inputs of a width, and the width of its outputs."""
        kinds = ["Linear", "Linear", "Scale", *PLAIN]
        kinds += ["Softmax"] * (width > 1)  # the share of one alone never changes
        kinds += NESTED * (levels > 0)
        kind = str(self.rng.choice(kinds))
        if kind == "Linear":
            return self.linear(place, width, int(self.rng.integers(1, 5)))
        if kind == "Scale":
            return (kind, self.parameter(f"{place}weight")), width
        if kind not in NESTED:
            return (kind,), width
        if kind == "Sequential":
            return self.chain(place, width, self.rng.integers(3), levels - 1)
        return self.branches(kind, place, width, levels - 1)

    def linear(self, place, width, out):
        weight, bias = self.parameter(f"{place}weight", out, width), None
        if self.rng.random() < 0.7:
            bias = self.parameter(f"{place}bias", out)
        return ("Linear", weight, bias), out

    def chain(self, place, width, depth, levels):
        """Return blocks one after the other."""
        parts = []
        for i in range(depth):
            part, width = self.block(f"{place}{i}.", width, levels)
            parts.append(part)
        return ("Sequential", *parts), width

    def branches(self, kind, place, width, levels):
        """Return two or three chains side by side; those that add up end alike."""
        parts, widths = [], []
        for i in range(self.rng.integers(2, 4)):
            branch = f"{place}{i}."
            chain, out = self.chain(branch, width, self.rng.integers(3), levels)
            if kind == "add":
                last, out = self.linear(f"{branch}{len(chain) - 1}.", out, 3)
                chain = (*chain, last)
            parts.append(chain)
            widths.append(out)
        return (kind, *parts), 3 if kind == "add" else sum(widths)


def build(plan, values):
    """Return the package's network."""
    kind, *parts = plan
    if kind == "Linear":
        weight, bias = values[parts[0]], values.get(parts[1], False)
        return layers.Linear(*weight.shape[::-1], bias, weight=weight)
    if kind == "Scale":
        return layers.Scale(values[parts[0]])
    modules = [build(part, values) for part in parts]
    if kind in ("concat", "add"):
        return layers.Parallel(*modules, combine=kind)
    return getattr(layers, kind)(*modules)


def forward(plan, values, x, maths):
    """Return the network's output by formulas."""
    kind, *parts = plan
    if kind == "Linear":
        weight, bias = parts
        y = x @ values[weight].T
        return y + values[bias] if bias else y
    if kind == "Scale":
        return values[parts[0]] * x
    if kind == "Sequential":
        for part in parts:
            x = forward(part, values, x, maths)
        return x
    if kind in NESTED:
        return maths[kind]([forward(part, values, x, maths) for part in parts])
    return maths[kind](x)


NUMPY = {
    "Sigmoid": sigmoid,
    "Tanh": np.tanh,
    "ReLU": relu,
    "Softmax": softmax,
    "concat": lambda outputs: np.concatenate(outputs, axis=-1),
    "add": sum,
    "MSELoss": lambda y, target: ((y - target) ** 2).sum(),
    "CrossEntropyLoss": lambda y, target: -(target * np.log(softmax(y))).sum(),
}


# And the same for the tape, where the plain ones do not do.


def tape_softmax(z):
    e = np.exp(z - z.data.max(axis=-1, keepdims=True))
    return e / e.sum(-1)[..., None]


def tape_concat(outputs):
    """Put each output in its columns, and add up."""
    ends = np.cumsum([y.shape[-1] for y in outputs])
    places = np.split(np.eye(ends[-1]), ends[:-1])
    return sum(y @ place for y, place in zip(outputs, places, strict=True))


TAPE = NUMPY | {
    "ReLU": Variable.relu,
    "Softmax": tape_softmax,
    "concat": tape_concat,
    "CrossEntropyLoss": lambda y, t: -(t * np.log(tape_softmax(y))).sum(),
}


# One network with its loss.


class Case(NamedTuple):
    """Everything that was drawn."""

    plan: tuple
    arrays: dict  # the values of the parameters, and the input
    loss: str
    reduction: str
    target: np.ndarray
    shares: np.ndarray  # the target, in the shape of the output

    def value(self, arrays, maths):
        """Return the loss by formulas."""
        y = forward(self.plan, arrays, arrays["x"], maths)
        counted = y.shape if self.loss == "MSELoss" else y.shape[:-1]
        total = maths[self.loss](y, self.shares)
        return total / math.prod(counted) if self.reduction == "mean" else total

    def expected(self):
        """Return the slopes by complex steps, by name."""
        return {
            name: complex_slopes(
                lambda z, name=name: self.value(self.arrays | {name: z}, NUMPY), array
            )
            for name, array in self.arrays.items()
        }

    def slopes(self, *, input_grad=True):
        """Return the package's loss and its slopes by name."""
        net = build(self.plan, self.arrays)
        loss = getattr(losses, self.loss)(self.reduction)
        value = loss(net(self.arrays["x"]), self.target)
        by_input = net.backward(loss.backward(), input_grad=input_grad)
        return value, {n: p.grad for n, p in net.named_parameters()} | {"x": by_input}


def draw(seed, depth, batch, loss, reduction):
    """Return a case that is off the kink of every ReLU."""
    rng = np.random.default_rng(seed)
    loss, _, kind = loss.split()
    width, shape = int(rng.integers(2, 5)), () if batch is None else (batch,)
    out, distance = 1, 0
    while distance < NEAR or (out == 1 and kind != "numbers"):
        drawing = Drawing(rng)
        plan, out = drawing.chain("", width, depth, levels=2)
        arrays = drawing.values | {"x": rng.normal(size=(*shape, width))}
        distance = distance_from_kinks(plan, arrays)
    target = shares = rng.normal(size=(*shape, out))
    if kind == "shares":
        target = shares = softmax(target)
    elif kind == "classes":
        target = rng.integers(out, size=shape)
        shares = np.eye(out)[target]
    return Case(plan, arrays, loss, reduction, target, shares)


def distance_from_kinks(plan, arrays):
    distances = [np.inf]

    def relu(z):
        distances.append(abs(z).min())
        return NUMPY["ReLU"](z)

    forward(plan, arrays, arrays["x"], NUMPY | {"ReLU": relu})
    return min(distances)


GRID = list(itertools.product(range(1, 7), BATCHES, LOSSES, REDUCTIONS))
CASES = {str(drawn): draw(seed, *drawn) for seed, drawn in enumerate(GRID)}


def assert_equal_slopes(slopes, expected):
    assert slopes.keys() == expected.keys()
    for name in expected:
        np.testing.assert_allclose(
            slopes[name], expected[name], rtol=1e-10, atol=1e-13, err_msg=name
        )
