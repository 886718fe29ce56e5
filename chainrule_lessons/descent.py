"""A few weights of a network, and steps of gradient descent over them."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from chainrule_lessons.landscape import Entry, locate, loss_curve
from chainrule_lessons.module import Module

__all__ = ["ChosenWeights", "Path", "descend"]

Array = NDArray[np.floating]
Gradient = Callable[[Any], tuple[float, Any]]
_FAR = 1e6  # a descent that leaves this range has diverged


class ChosenWeights:
    """The loss of a copy of a network as a function of some weights, or of them all.

    >>> from chainrule_lessons import Linear, MSELoss
    >>> chosen = ChosenWeights(Linear(1, 1, weight=3, bias=0), MSELoss(), [2], 4)
    >>> chosen.names, chosen.start
    (['weight[0, 0]', 'bias[0]'], array([3., 0.]))
    >>> chosen.gradient([3, 0])
    (4.0, array([8., 4.]))
    """

    def __init__(
        self, net: Module, loss: Any, x: ArrayLike, target: ArrayLike, *entries: Entry
    ) -> None:
        self.entries = [locate(net, *entry) for entry in entries or _all_entries(net)]
        self.names = [f"{name}{list(index)}" for name, index in self.entries]
        self._data = *copy.deepcopy((net, loss)), x, target
        own = dict(self._data[0].named_parameters())
        self._parameters = list(own.values())
        self._places = [(own[name], index) for name, index in self.entries]
        self.start = np.array([own.data[index] for own, index in self._places])

    def gradient(self, values: ArrayLike) -> tuple[float, Array]:
        """Return the loss, and its slope by each weight, from backprop."""
        self._set(values)
        net, loss, x, target = self._data
        for own in self._parameters:
            own.grad.fill(0)
        value = loss(net(x), target)
        net.backward(loss.backward(), input_grad=False)
        return value, np.array([own.grad[index] for own, index in self._places])

    def slope(self, values: ArrayLike, k: int, value: float) -> tuple[float, float]:
        """Return the loss, and its slope by weight `k`, with that one at `value`."""
        values = np.array(values, float)
        values[k] = value
        loss, slopes = self.gradient(values)
        return loss, float(slopes[k])

    def curve(self, values: ArrayLike, k: int, places: ArrayLike) -> Array:
        """Return the loss with weight `k` at each of many places."""
        self._set(values)
        return loss_curve(*self._data, *self.entries[k], places)

    def _set(self, values: ArrayLike) -> None:
        for (own, index), value in zip(self._places, values, strict=True):
            own.data[index] = value


def _all_entries(net: Module) -> Iterator[Entry]:
    for name, own in net.named_parameters():
        yield from ((name, index) for index in np.ndindex(own.data.shape))


class Path(NamedTuple):
    """The places of a descent, with the loss and its slopes at each."""

    places: Array
    losses: Array
    slopes: Array


def descend(gradient: Gradient, start: ArrayLike, rate: float, steps: int) -> Path:
    """Take steps of `rate` times the slope downhill; stop where they diverge.

    >>> path = descend(lambda w: (w**2, 2 * w), start=1.0, rate=0.25, steps=2)
    >>> path.places.tolist(), path.losses.tolist()
    ([1.0, 0.5, 0.25], [1.0, 0.25, 0.0625])
    """
    place, stops = np.array(start, float), []
    for _ in range(steps + 1):
        loss, slope = gradient(place)
        stops.append((place, loss, slope))
        place = place - rate * slope
        if not np.abs(place).max() < _FAR:
            break
    return Path(*map(np.array, zip(*stops, strict=True)))
