"""Kinds of answers that are read as what they do, so that many are right.

A function is smooth or has a corner, a neuron is on or off, a class passes slopes back,
a mended patient learns: how it is written does not matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import KW_ONLY, dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule_lessons.clinic import PATIENTS, record, with_patient
from chainrule_lessons.datasets import load_digits
from chainrule_lessons.exercises.answers import Answer, Array, Function
from chainrule_lessons.exercises.reading import call, filled, given_back, numbers
from chainrule_lessons.gradcheck import GradcheckError, gradcheck
from chainrule_lessons.layers import Linear, Module, ReLU, Sequential
from chainrule_lessons.losses import CrossEntropyLoss
from chainrule_lessons.numeric import DerivativeError, derivative
from chainrule_lessons.optim import accuracy, fit
from chainrule_lessons.validation import describe, require_subclass, require_uncalled

__all__ = ["Built", "Gate", "Learner", "Mended", "Smoothness"]

Numbers = NDArray[np.floating]
MILD = np.array([[-2.0, -0.5, 0.1], [0.7, 1.5, 3.0]])
HUGE = np.array([-1000.0, -40.0, 40.0, 1000.0])
ABSENT = object()
STEPS = 8
WAYS = "forward", "backward"
SLOPES = [f"the {what} of layer {n}" for n in (1, 2) for what in ("weights", "bias")]
SIZES = 16, 4, 8, 2
ADVICE = {
    "NameError": "What a block owns or has kept is called with `self.` in front.",
    "AttributeError": "Look how __init__ and forward call what they keep.",
    "not callable": "Is a `*` missing before a bracket?",
    "ValueError": "Two shapes do not fit: say them aloud.",
}
CHANGED = "Its outputs are others now. Forward was healthy: leave it as it was."


@dataclass(frozen=True)
class Smoothness(Answer):
    """What a function does at a place: ``"smooth"``, ``"corner"``, ``"jump"``...

    >>> kind = Smoothness(abs, at=0.0)
    >>> kind.read(abs), kind.read(lambda x: abs(x - 1))
    ('corner', 'smooth')
    """

    _: KW_ONLY
    at: float

    def read(self, answer: Any) -> Any:
        """Read it off what `derivative` says, once the value is known to be a number."""
        (value,) = Function(answer, at=(self.at,)).read(answer)
        if value.shape:
            raise ValueError(
                f"Your function must return one number, got {describe(value)}"
            )
        try:
            derivative(answer, self.at)
        except DerivativeError as error:
            corners = ("kink", "vertical tangent")
            return "corner" if error.kind in corners else error.kind
        return "smooth"

    def doubt(self, reading: str) -> str:
        """Ask for a plainer function."""
        return (
            f"Its values near {self.at:g} do not settle what it does there. "
            "Try a plainer one."
        )


class Gate(Answer):
    """A neuron's two weights and its bias, read as the corners where it is on.

    >>> Gate([1, 1, -0.5]).truth
    '(0, 1), (1, 0), (1, 1)'
    """

    def read(self, answer: Any) -> Any:
        """Read where w1 x1 + w2 x2 + b is above 0."""
        values = Array(answer).truth
        if values.shape != (3,):
            raise ValueError(
                "Your answer must be three numbers, w1, w2 and b, "
                f"got shape {values.shape}"
            )
        corners = np.array([(0, 0), (0, 1), (1, 0), (1, 1)])
        z = corners @ values[:2] + values[2]
        if (abs(z) < 1e-9).any():
            raise ValueError(
                "Your line runs through a corner, where the output is one half"
            )
        return ", ".join(str(tuple(corner)) for corner in corners[z > 0].tolist())

    def doubt(self, reading: str) -> str:
        """Say where the neuron is on."""
        return f"Your neuron is above one half at {reading or 'no pair at all'}."


@dataclass(frozen=True)
class Built(Array):
    """A class, or a function, read as what a trial finds when it is used.

    The trial takes the answer and yields names and numbers, one after the other. An
    error of the answer is a reading as well: a slip that fails alike has its words.

    >>> class Twice:
    ...     def forward(self, x):
    ...         return 2 * x
    >>> def trial(make):
    ...     yield "forward", make().forward(3.0)
    >>> Built(Twice, trial).truth
    {'forward': array(6.)}
    """

    trial: Callable[[Any], Iterator[tuple[str, Any]]]
    _: KW_ONLY
    noun: str = "class"

    def read(self, answer: Any) -> Any:
        """Read the numbers by their names, or the words of an error."""
        fits = isinstance(answer, type) if self.noun == "class" else callable(answer)
        require_uncalled(answer, fits, f"Your answer must be a {self.noun}")
        found = {}
        for name, _ in self.trial(self.right):
            what = f"Your {self.noun} at {name}"
            try:
                value = given_back(self._find, answer, name, what=what)
                if value is ABSENT:
                    return f"Your {self.noun} keeps no `{name}`: look at the name"
                found[name] = numbers(filled(value), f"{what}'s value").copy()
            except ValueError as error:
                return str(error)
        return found

    def _find(self, answer: Any, wanted: str) -> Any:
        """Go through the trial, up to the one value that is wanted, if it is there."""
        found = (value for name, value in self.trial(answer) if name == wanted)
        return next(found, ABSENT)

    def same(self, one: Any, other: Any) -> bool:
        """Compare errors by their words, and numbers by their names."""
        if isinstance(one, str) or isinstance(other, str):
            return one == other
        return all(super(Built, self).same(one[name], other[name]) for name in one)

    def doubt(self, reading: Any) -> str:
        """Name what is off, or repeat the error."""
        if isinstance(reading, str):
            advice = [words for kind, words in ADVICE.items() if kind in reading]
            return " ".join([f"{reading}.", *(advice if self.noun == "class" else ())])
        same = super().same
        off = [name for name in reading if not same(reading[name], self.truth[name])]
        return f"Not right yet: {', '.join(off)}."


@dataclass(frozen=True)
class Learner(Function):
    """The class of a block, read as what it does, and whether digits learn with it.

    The name of what it computes is for the words.
    """

    noun = "block"
    at: tuple[Any, ...] = (MILD, HUGE)
    _: KW_ONLY
    name: str
    rtol: float = 1e-6
    atol: float = 1e-12

    def read(self, answer: Any) -> list[Numbers]:
        """Read outputs and slopes at mild and at huge inputs; if right, train."""
        require_subclass(answer, Module, "Your answer must be the class of a Module")
        values = self._values(answer)
        right = self.same(values, self._values(self.right))
        return [*values, np.array(right and _learns(answer))]

    def _values(self, answer: type[Module]) -> list[Numbers]:
        return super().read(lambda x: self.tried(answer, x))

    def tried(self, answer: type[Module], x: Numbers) -> Numbers:
        """Go through a block; what overflows becomes a large number, seen as wrong."""
        grad_output = np.linspace(0.7, 1.9, x.size).reshape(x.shape)
        values = _pass(answer(), x, grad_output).astype(float)
        return np.nan_to_num(values, nan=1e9, posinf=1e9, neginf=-1e9)

    def doubt(self, reading: Any) -> str:
        """Say which part is off."""
        parts = [_halves(values) for values in (reading, self.truth)]
        fine = [self.same([one], [other]) for one, other in zip(*parts, strict=True)]
        if not fine[0]:
            return f"Forward is not the {self.name} of x yet."
        if not fine[1]:
            return "Forward is right. What does gradcheck say of backward?"
        if all(fine):
            return "It is right in one pass, but gradcheck or the digits object."
        where = [f"in {way}" for way, ok in zip(WAYS, fine[2:], strict=True) if not ok]
        return (
            f"Right, until x is huge: then it fails {' and '.join(where)}. Does an "
            "exponential overflow? Find a form in which no exponent is above 0."
        )


def _halves(reading: list[Numbers]) -> list[Numbers]:
    """Cut what is read at mild and at huge inputs into forward and backward."""
    return [half for values in reading[:-1] for half in np.array_split(values, 2)]


def _pass(block: Module, x: Numbers, grad_output: Numbers) -> Numbers:
    """List what a block says of `x`, forward and backward."""
    forward = filled(block.forward(x.copy()))
    backward = filled(block.backward(grad_output.copy()))
    for name, value in (("forward", forward), ("backward", backward)):
        if value is None:
            raise TypeError(f"{name} returned None; perhaps a `return` is missing")
    return np.append(forward, backward)


@cache
def _learns(block: type[Module]) -> bool:
    """Say whether a block passes gradcheck, and reads digits after some training."""
    try:
        gradcheck(block(), MILD)
    except GradcheckError:
        return False
    (x, target), test = load_digits()
    rng = np.random.default_rng(0)
    first, last = Linear(64, 64, rng=rng), Linear(64, 10, rng=rng)
    net = Sequential(first, block(), ReLU(), last)  # for a block without a bend
    fit(net, CrossEntropyLoss(), x, target, epochs=20, lr=0.3, progress=False)
    return accuracy(net, *test) >= 0.96


def _where(wrong: list[bool], times: str) -> str:
    """Say which slopes are still wrong, and where such a fault can sit."""
    if all(wrong):
        return (
            f"The slopes of both layers are still {times}. The way back begins at the "
            "loss: what begins wrong there is wrong everywhere."
        )
    if wrong == [True, True, False, False]:
        return (
            f"The slopes of layer 2 are right; those of layer 1 are still {times}. The "
            "way back passes layer 2 first: look at what is passed on after it."
        )
    ill, fine = (
        " and ".join(
            name for name, bad in zip(SLOPES, wrong, strict=True) if bad == is_
        )
        for is_ in (True, False)
    )
    return f"The slopes by {ill} are still {times}; those by {fine} are right."


def _times(used: Numbers, right: Numbers) -> str:
    """Say how far slopes are from the measured ones: by one factor, or by several."""
    ratio = float(np.vdot(right, used) / (np.vdot(right, right) or 1))
    if np.allclose(used, ratio * right, rtol=1e-6, atol=1e-9):
        return f"{ratio:.3g} times the measured ones, all of them"
    return "wrong, each by a factor of its own"


class Mended(Array):
    """A mended patient, read as what its network does in a few steps.

    >>> from chainrule_lessons.layers import Tanh
    >>> kind = Mended("12.2")
    >>> kind.same(kind.read(Tanh), kind.truth)
    True
    """

    def __init__(self, patient: str) -> None:
        super().__init__(PATIENTS[patient].healthy)
        self.patient = patient

    def read(self, answer: Any) -> Any:
        """Read losses, slopes used, slopes passed on, and slopes after a second pass."""
        PATIENTS[self.patient].require(answer)
        try:
            return call(lambda: self._values(answer), what="Your part")
        except ValueError as error:
            if "grad must have shape" not in str(error):
                raise
            words = "a whole table of slopes, and what you put in has another shape"
            raise ValueError(f"{error}. A grad is {words}") from None

    def doubt(self, reading: Any) -> str:
        """Say which slopes are still wrong, by how much, and where to look."""
        if not np.isclose(reading[0], self.truth[0]):
            return CHANGED
        used, right = (
            np.split(values[STEPS + 1 :], np.cumsum(SIZES))[:4]
            for values in (reading, self.truth)
        )
        wrong = [
            not np.allclose(*pair, rtol=self.rtol)
            for pair in zip(used, right, strict=True)
        ]
        if not any(wrong):
            return (
                "The first step is right, but a later step or a second pass is not. "
                "What is kept from one to the next, and is it added to or overwritten?"
            )
        ill = [np.concatenate(s)[np.repeat(wrong, SIZES)] for s in (used, right)]
        return _where(wrong, _times(*ill))

    def worked(self, solution: str) -> str:
        """Add the code of the patient with its wrong line mended."""
        patient = PATIENTS[self.patient]
        return (
            f"{solution}\n\n```python\nimport numpy as np\n"
            "from chainrule_lessons import Linear, Module, Softmax\n\n"
            f"{patient.source(patient.cure)}\nanswer = {patient.part.__name__}\n```"
        )

    def _values(self, answer: Any) -> Numbers:
        run = record(self.patient, answer, looks=range(STEPS), steps=STEPS)
        used = [look.used for looks in run.looks.values() for look in looks]
        body = with_patient(self.patient, answer)
        passed = [body.back(0), body.back(0)]
        added = [own.grad for own in body.net.parameters()]
        parts = [run.losses, *used, *passed, *added]
        return np.concatenate([np.ravel(part) for part in parts])
