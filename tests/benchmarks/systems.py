"""One network and one batch, as each system computes them.

A system is a function of a `Case` that returns its `Calls`. All start from the same
weights, and `check` says whether they come to the same loss and slopes. Losses and
slopes are what the system itself hands out; a step is forward, loss, backward, update.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple

os.environ["XLA_FLAGS"] = (  # one thread, as for all others
    "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
)

import autograd
import autograd.numpy as anp
import jax
import jax.numpy as jnp
import numpy as np
import torch
from sklearn.neural_network import MLPClassifier

from chainrule_lessons import (
    SGD,
    CrossEntropyLoss,
    Linear,
    MSELoss,
    ReLU,
    Sequential,
    Tanh,
)

jax.config.update("jax_enable_x64", True)
torch.set_num_threads(1)
LR = 1e-6  # small, so that thousands of steps stay where they are


class Calls(NamedTuple):
    """What can be timed."""

    forward: Callable[[], Any]  # gives the loss
    gradient: Callable[..., Any]  # the slopes by W1, b1, W2, b2, ...
    step: Callable[[], Any]


class Case:
    """Weights, a batch and its targets."""

    def __init__(self, widths: tuple[int, ...], batch: int, dtype: Any = float) -> None:
        self.widths, self.batch, self.dtype = widths, batch, np.dtype(dtype)
        rng = np.random.default_rng(0)
        self.x = rng.normal(size=(batch, widths[0])).astype(dtype)
        self.squares = widths[-1] == 2  # tanh layers and squares, else ReLU and classes
        self.target = rng.integers(widths[-1], size=batch)
        if self.squares:
            self.target = rng.normal(size=(batch, 2)).astype(dtype)
        self._linears = [
            Linear(*pair, rng=rng, dtype=dtype) for pair in pairwise(widths)
        ]

    @cached_property
    def name(self) -> str:
        """The widths, as in ``4-3-2``."""
        return "-".join(map(str, self.widths))

    def parameters(self) -> list[np.ndarray]:
        """Give fresh copies of W1, b1, W2, b2, ..."""
        return [p.data.copy() for layer in self._linears for p in layer.parameters()]


def ours(case: Case) -> Calls:
    """The package, as a reader would write a step with it."""
    linears = [Linear(*pair, dtype=case.dtype) for pair in pairwise(case.widths)]
    if case.squares:
        net = Sequential(*(m for layer in linears for m in (layer, Tanh())))
        loss = MSELoss("sum")
    else:
        hidden = [m for layer in linears[:-1] for m in (layer, ReLU())]
        net, loss = Sequential(*hidden, linears[-1]), CrossEntropyLoss()
    parameters = net.parameters()
    for parameter, data in zip(parameters, case.parameters(), strict=True):
        parameter.data = data
    optimizer = SGD(parameters, lr=LR)

    def forward() -> float:
        return loss(net(case.x), case.target)

    def gradient(input_grad: bool = False) -> list[np.ndarray]:
        forward()
        optimizer.zero_grad()
        net.backward(loss.backward(), input_grad=input_grad)
        return [p.grad for p in parameters]

    def step() -> None:
        gradient()
        optimizer.step()

    return Calls(forward, gradient, step)


def pytorch(case: Case) -> Calls:
    """PyTorch's modules, eager."""
    pairs, nn = list(pairwise(case.widths)), torch.nn
    bend = nn.Tanh if case.squares else nn.ReLU
    modules = [m for pair in pairs for m in (nn.Linear(*pair), bend())]
    net = nn.Sequential(*(modules if case.squares else modules[:-1]))
    net = net.to(getattr(torch, case.dtype.name))
    loss = nn.MSELoss(reduction="sum") if case.squares else nn.CrossEntropyLoss()
    for parameter, data in zip(net.parameters(), case.parameters(), strict=True):
        parameter.data = torch.from_numpy(data)
    optimizer = torch.optim.SGD(net.parameters(), lr=LR)
    x, target = torch.from_numpy(case.x), torch.from_numpy(case.target)

    def gradient() -> list[np.ndarray]:
        optimizer.zero_grad()
        loss(net(x), target).backward()
        return [p.grad.numpy() for p in net.parameters()]

    def step() -> None:
        optimizer.zero_grad()
        loss(net(x), target).backward()
        optimizer.step()

    def forward() -> float:
        with torch.no_grad():
            return float(loss(net(x), target))

    return Calls(forward, gradient, step)


def loss_of(np: Any, case: Case) -> Callable[..., Any]:
    """Write the loss as a function of the parameters and x, for a NumPy of that kind."""

    def loss(parameters: list[Any], x: Any) -> Any:
        *hidden, last = zip(parameters[::2], parameters[1::2], strict=True)
        for w, b in hidden:
            z = np.dot(x, w.T) + b
            x = np.tanh(z) if case.squares else np.maximum(z, 0)
        z = np.dot(x, last[0].T) + last[1]
        if case.squares:
            return np.sum((np.tanh(z) - case.target) ** 2)
        z = z - np.max(z, axis=1, keepdims=True)
        logs = np.log(np.sum(np.exp(z), axis=1))
        return np.mean(logs - z[np.arange(case.batch), case.target])

    return loss


def jax_jit(case: Case) -> Calls:
    """JAX, compiled whole."""
    loss, x = loss_of(jnp, case), jnp.asarray(case.x)
    state = {"parameters": [jnp.asarray(p) for p in case.parameters()]}
    compiled, slopes = jax.jit(loss), jax.jit(jax.grad(loss))

    @jax.jit
    def moved(parameters: Any, x: Any) -> tuple[Any, Any]:
        value, slopes = jax.value_and_grad(loss)(parameters, x)
        return value, [p - LR * g for p, g in zip(parameters, slopes, strict=True)]

    def forward() -> Any:
        return compiled(state["parameters"], x).block_until_ready()

    def gradient() -> Any:
        return jax.block_until_ready(slopes(state["parameters"], x))

    def step() -> None:
        value, state["parameters"] = moved(state["parameters"], x)
        jax.block_until_ready((value, state["parameters"]))

    return Calls(forward, gradient, step)


def hips_autograd(case: Case) -> Calls:
    """HIPS autograd, a tape over NumPy."""
    loss, parameters = loss_of(anp, case), case.parameters()
    value_and_slopes = autograd.value_and_grad(loss)

    def step() -> None:
        _, slopes = value_and_slopes(parameters, case.x)
        for p, g in zip(parameters, slopes, strict=True):
            p -= LR * g

    return Calls(
        lambda: loss(parameters, case.x),
        lambda: value_and_slopes(parameters, case.x)[1],
        step,
    )


def scikit_learn(case: Case) -> Calls | None:
    """scikit-learn's classifier, one step of `partial_fit`; it has no squares."""
    if case.squares:
        return None
    classes = np.arange(case.widths[-1])
    net = MLPClassifier(
        case.widths[1:-1],
        solver="sgd",
        momentum=0,
        nesterovs_momentum=False,
        alpha=0,
        batch_size=case.batch,
        learning_rate_init=LR,
        shuffle=False,
    )
    net.partial_fit(case.x, case.target, classes=classes)

    def step() -> None:
        net.partial_fit(case.x, case.target)

    def gradient() -> list[np.ndarray]:
        before = case.parameters()
        net.coefs_ = [w.T.copy() for w in before[::2]]
        net.intercepts_ = [b.copy() for b in before[1::2]]
        net._optimizer.learning_rate = 1.0  # so that a step is the slopes themselves
        step()
        net._optimizer.learning_rate = LR
        pairs = zip(net.coefs_, net.intercepts_, strict=True)
        after = [p.T for pair in pairs for p in pair]
        return [b - a for a, b in zip(after, before, strict=True)]

    return Calls(lambda: None, gradient, step)


class Dense:
    """A layer as textbooks write it: no checks, and every slope every time."""

    def __init__(self, w: np.ndarray, b: np.ndarray) -> None:
        self.parameters = [w, b]
        self.slopes = [np.zeros_like(w), np.zeros_like(b)]

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.x = x
        return x @ self.parameters[0].T + self.parameters[1]

    def backward(self, g: np.ndarray) -> np.ndarray:
        self.slopes[0] += g.T @ self.x
        self.slopes[1] += g.sum(axis=0)
        return g @ self.parameters[0]


class Bend:
    """tanh or ReLU."""

    parameters = slopes = ()

    def __init__(self, tanh: bool) -> None:
        self.tanh = tanh

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.x = x
        return np.tanh(x) if self.tanh else np.maximum(x, 0)

    def backward(self, g: np.ndarray) -> np.ndarray:
        return g * (1 - np.tanh(self.x) ** 2 if self.tanh else self.x > 0)


def textbook_layers(case: Case) -> Calls:
    """Classes with forward and backward, as textbooks write them in NumPy."""
    flat = case.parameters()
    layers: list[Any] = []
    for w, b in zip(flat[::2], flat[1::2], strict=True):
        layers += [Dense(w, b), Bend(case.squares)]
    layers = layers if case.squares else layers[:-1]
    slopes = [g for layer in layers for g in layer.slopes]

    def ahead() -> tuple[float, np.ndarray]:
        x = case.x
        for layer in layers:
            x = layer.forward(x)
        return _loss_and_slope(case, x)

    def gradient() -> list[np.ndarray]:
        for g in slopes:
            g[...] = 0
        _, g = ahead()
        for layer in reversed(layers):
            g = layer.backward(g)
        return slopes

    def step() -> None:
        for p, g in zip(flat, gradient(), strict=True):
            p -= LR * g

    return Calls(lambda: ahead()[0], gradient, step)


def _loss_and_slope(case: Case, y: np.ndarray) -> tuple[float, np.ndarray]:
    """Give the loss of an output, and its slope by that output."""
    if case.squares:
        return np.sum((y - case.target) ** 2), 2 * (y - case.target)
    n = case.batch
    e = np.exp(y - y.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    g = p.copy()
    g[np.arange(n), case.target] -= 1
    return -np.mean(np.log(p[np.arange(n), case.target])), g / n


def written_out(case: Case) -> Calls:
    """NumPy without layers or checks: the formulas of this one network in a row."""
    parameters = case.parameters()

    def ahead() -> tuple[list[Any], np.ndarray]:
        a, kept = case.x, []
        for i in range(0, len(parameters), 2):
            z = a @ parameters[i].T + parameters[i + 1]
            last = i == len(parameters) - 2
            below, a = (
                a,
                np.tanh(z) if case.squares else z if last else np.maximum(z, 0),
            )
            kept.append((below, 1 - a * a if case.squares else z > 0))
        return kept, a

    def gradient() -> list[np.ndarray]:
        kept, y = ahead()
        g, slopes = _loss_and_slope(case, y)[1], []
        for i in reversed(range(len(kept))):
            below, slope = kept[i]
            if case.squares or i < len(kept) - 1:
                g = g * slope
            slopes = [g.T @ below, g.sum(axis=0), *slopes]
            if i:
                g = g @ parameters[2 * i]
        return slopes

    def step() -> None:
        for p, g in zip(parameters, gradient(), strict=True):
            p -= LR * g

    def forward() -> float:
        return _loss_and_slope(case, ahead()[1])[0]

    return Calls(forward, gradient, step)


def matrix_products(case: Case) -> Calls:
    """The matrix products of a step alone, without the one by the input."""
    weights = case.parameters()[::2]
    inputs = [case.x]
    for w in weights:
        inputs.append(inputs[-1] @ w.T)

    def forward() -> None:
        for a, w in zip(inputs, weights, strict=False):
            a @ w.T

    def step() -> None:
        forward()
        for i in reversed(range(len(weights))):
            inputs[i + 1].T @ inputs[i]
            if i:
                inputs[i + 1] @ weights[i]

    return Calls(forward, step, step)


SYSTEMS: dict[str, Callable[[Case], Calls | None]] = {
    "chainrule_lessons": ours,
    "PyTorch eager": pytorch,
    "JAX jit": jax_jit,
    "HIPS autograd": hips_autograd,
    "scikit-learn": scikit_learn,
    "NumPy layers": textbook_layers,
    "NumPy written out": written_out,
}


def check(case: Case) -> dict[str, Calls]:
    """Give the calls of every system, after a look at whether their slopes agree."""
    found = {name: system(case) for name, system in SYSTEMS.items()}
    found = {name: calls for name, calls in found.items() if calls is not None}
    truth = [np.array(g) for g in written_out(case).gradient()]
    digits = 1e-9 if case.dtype == float else 1e-4
    for calls in found.values():
        for slopes, right in zip(calls.gradient(), truth, strict=True):
            size = np.abs(right).max()
            np.testing.assert_allclose(slopes, right, rtol=0, atol=digits * size)
    return found | {"matrix products": matrix_products(case)}
