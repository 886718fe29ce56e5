"""The clinic of lesson 12: a small network, one sick part in it, two instruments.

`PATIENTS` knows what is wrong with each patient and what heals it. `record`
trains the network that a patient lies in and gives the loss curve, and how far each
slope that a step used is from the measured one.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Container
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from chainrule_lessons.clinic import patients
from chainrule_lessons.datasets import switches
from chainrule_lessons.layers import Linear, Module, Sequential, Tanh
from chainrule_lessons.losses import MSELoss
from chainrule_lessons.numeric import gradient
from chainrule_lessons.validation import describe, require_subclass, require_uncalled

__all__ = [
    "PATIENTS",
    "RATE",
    "STEPS",
    "Body",
    "Look",
    "Patient",
    "Record",
    "record",
    "with_patient",
]

Array = NDArray[np.floating]
RATE, STEPS, BATCH = 0.1, 300, 4
WEIGHTS, ORDER = 3, 40  # seeds
LOST = 1e6  # a loss that no training comes back from

_source = cache(inspect.getsource)  # it reads the whole file for each class


class Patient(NamedTuple):
    """A sick part of a network: where it lies, and the piece that makes it sick.

    `place` is "first", "bend", "second", "loss" or "step". The piece `wrong` stands in
    one line of the part only; `right` is what stands there in a healthy one.

    >>> PATIENTS["12.2"].line, PATIENTS["12.6"].cure
    ('return g * (1 - np.tanh(self.a) ** 2)', 'return g * (self.a > 0)')
    """

    part: Any
    place: str
    wrong: str
    right: str

    @property
    def line(self) -> str:
        """The wrong line."""
        lines = map(str.strip, _source(self.part).splitlines())
        (line,) = [line for line in lines if self.wrong in line]
        return line

    @property
    def cure(self) -> str:
        """What stands there in a healthy one."""
        return self.line.replace(self.wrong, self.right)

    def source(self, line: str) -> str:
        """Return the code of the part with another line in place of the wrong one."""
        return _source(self.part).replace(self.line, line)

    def with_line(self, line: str) -> Any:
        """Return the part with another line in place of the wrong one."""
        names = dict(vars(patients))
        exec(self.source(line), names)  # our own code
        return names[self.part.__name__]

    @property
    def healthy(self) -> Any:
        """The part with the cure."""
        return self.with_line(self.cure)

    def require(self, part: Any) -> None:
        """Raise TypeError for what can't lie in this place, such as a made block."""
        is_class, must = isinstance(part, type), f"{self.part.__name__} must be"
        if self.place == "step":
            fits = callable(part) and not is_class
            require_uncalled(part, fits, f"{must} a function")
        elif self.place == "loss":
            require_uncalled(part, is_class, f"{must} a class")
        else:
            require_subclass(part, Module, f"{must} the class of a Module")


_ALL = (
    Patient(patients.Patient1, "loss", "return 2", "return -2"),
    Patient(patients.Patient2, "bend", "np.tanh(self.a) ** 2", "self.a**2"),
    Patient(patients.Patient3, "first", "axis=1", "axis=0"),
    Patient(patients.Patient4, "bend", "* self.x", "* 2 * self.x"),
    Patient(patients.Patient5, "loss", "2 * self.gap", "2 * self.gap / self.gap.size"),
    Patient(patients.Patient6, "bend", ">=", ">"),
    Patient(patients.Patient7, "first", "self.x.T @ g", "g.T @ self.x"),
    Patient(patients.Patient8, "bend", "np.exp(-self.x)", "np.exp(-self.u)"),
    Patient(patients.Patient9, "loss", "self.softmax.backward(by_y)", "by_y"),
    Patient(patients.Patient10, "first", "weight.grad =", "weight.grad +="),
    Patient(patients.Patient11, "second", "@ self.fast", "@ self.weight.data"),
    Patient(
        patients.patient12, "step", "loss(net(x)", "net.zero_grad()\n    loss(net(x)"
    ),
)
PATIENTS = {f"12.{n}": patient for n, patient in enumerate(_ALL, 1)}


def _healthy_step(net: Module, loss: Any, x: Array, target: Any, rate: float) -> None:
    net.zero_grad()
    loss(net(x), target)
    net.backward(loss.backward())
    for own in net.parameters():
        own.data -= rate * own.grad


class Body:
    """Linear(4, 4), a bend, Linear(4, 2), a loss and a step, on the 16 switches.

    Every step sees four samples, so that rows, inputs and units are four of a kind,
    and a sum over the wrong axis or a matrix on its side meets no wrong shape. With
    `classes` the target is the first answer, as a class, and not both as numbers.
    """

    def __init__(
        self,
        *,
        first: Any = Linear,
        bend: Any = Tanh,
        second: Any = Linear,
        loss: Any = MSELoss,
        step: Callable[..., Any] = _healthy_step,
        classes: bool = False,
    ) -> None:
        rng = np.random.default_rng(WEIGHTS)
        self.net = Sequential(first(4, 4, rng=rng), bend(), second(4, 2, rng=rng))
        self.loss, self.step = loss(), step
        self.x, self.target = switches()
        if classes:
            self.target = (self.target[:, 0] > 0).astype(int)
        self.order = np.random.default_rng(ORDER).permutation(len(self.x))

    def batch(self, k: int) -> tuple[Array, Any]:
        """Return the samples that step k sees."""
        rows = np.roll(self.order, -BATCH * k)[:BATCH]
        return self.x[rows], self.target[rows]

    def total(self) -> float:
        """Return the loss of all samples; infinity where it has left all bounds."""
        try:
            value = float(self.loss(self.net(self.x), self.target))
        except ValueError:
            return np.inf
        return value if value < LOST else np.inf

    def data(self) -> list[Array]:
        """Return a copy of every parameter."""
        return [own.data.copy() for own in self.net.parameters()]

    def train(self, k: int) -> None:
        """Take step k."""
        self.step(self.net, self.loss, *self.batch(k), RATE)

    def back(self, k: int) -> Array:
        """Go forward and backward through what step k sees; return what comes back."""
        x, target = self.batch(k)
        self.loss(self.net(x), target)
        return self.net.backward(self.loss.backward())

    def measured(self, k: int) -> list[Array]:
        """Measure the slopes of the loss that step k sees, on a copy."""
        net, loss = copy.deepcopy(self.net), copy.deepcopy(self.loss)
        x, target = self.batch(k)
        found = []
        for own in net.parameters():
            before = own.data.copy()

            def moved(values: Array, own: Any = own) -> float:
                own.data = values
                return loss(net(x), target)

            found.append(gradient(moved, before, method="central"))
            own.data = before
        return found

    def look(self, k: int) -> list[Look]:
        """Take step k; return the slopes that it used beside the measured ones."""
        measured, before = self.measured(k), self.data()
        self.train(k)
        used = [
            (old - new) / RATE for old, new in zip(before, self.data(), strict=True)
        ]
        return list(map(Look, used, measured))


class Look(NamedTuple):
    """The slopes of one parameter: those a step used, and the measured ones.

    >>> look = Look(np.array([1.0, 4.0]), np.array([1.0, -2.0]))
    >>> look.ratio, look.error
    (array([ 1., -2.]), array([0. , 1.5]))
    """

    used: Array
    measured: Array

    @property
    def ratio(self) -> Array:
        """The used slopes over the measured ones; 1 where both are zero."""
        both = np.array([self.used, self.measured])
        zero = np.abs(both).max(axis=0) < 1e-9
        with np.errstate(divide="ignore"):
            return np.divide(*np.where(zero, 1.0, both))

    @property
    def error(self) -> Array:
        """The distance of the two over the larger one, as in gradcheck's table."""
        larger = np.maximum(np.abs(self.used), np.abs(self.measured))
        return np.abs(self.used - self.measured) / np.maximum(larger, 1e-9)


class Record(NamedTuple):
    """What the two instruments saw.

    `losses` holds the loss of all samples before each step and after the last, NaN
    once it has left all bounds; `looks`, for each step that was looked at, a `Look`
    for each parameter.
    """

    losses: Array
    looks: dict[int, list[Look]]

    @property
    def lasted(self) -> int:
        """How many steps were taken before the loss left all bounds."""
        return int(np.isfinite(self.losses).sum()) - 1


def with_patient(name: str, part: Any = None) -> Body:
    """Make the network in which a patient lies, or with another `part` in its place.

    >>> with_patient("12.2", Tanh).net
    Sequential(Linear(4, 4), Tanh(), Linear(4, 2))
    """
    if not isinstance(name, str) or name not in PATIENTS:
        raise ValueError(
            f"clinic: there is no patient {describe(name)}: try 12.1 to 12.12"
        )
    patient = PATIENTS[name]
    part = patient.part if part is None else part
    patient.require(part)
    classes = patient.part is patients.Patient9
    return Body(**{patient.place: part}, classes=classes)


@np.errstate(all="ignore")
def record(
    name: str, part: Any = None, *, looks: Container[int] = (0,), steps: int = STEPS
) -> Record:
    """Train the network in which a patient lies, and look at some of its steps.

    `part` is what lies in its place, the patient itself if left out. A step is looked
    at from outside: how far it moved each number, over the learning rate, is the slope
    that it used. That finds a wrong slope wherever it came from.

    >>> sick, well = record("12.2"), record("12.2", Tanh)
    >>> [round(float(look.error.max()), 2) for look in sick.looks[0]]
    [0.33, 0.22, 0.0, 0.0]
    >>> all(look.error.max() < 1e-6 for look in well.looks[0])
    True
    """
    body = with_patient(name, part)
    losses, seen = np.full(steps + 1, np.nan), {}
    for k in range(steps + 1):
        total = body.total()
        if total == np.inf:
            break
        losses[k] = total
        if k in looks:
            seen[k] = body.look(k)
        else:
            body.train(k)
    return Record(losses, seen)
