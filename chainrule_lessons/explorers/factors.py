"""Every factor behind the slope of a weight, path by path (lesson 09)."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise, product
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from chainrule_lessons.layers import Linear, Sequential, Sigmoid

__all__ = ["Ledger", "Stack", "Weight", "ledger", "six_layers"]

Array = NDArray[np.floating]


class Weight(NamedTuple):
    """Where a weight sits: its layer, counted from 0, its row and its column."""

    layer: int
    row: int
    column: int


class Stack:
    """A copy of a network of Linear layers and bends, with one input and target.

    Parameters
    ----------
    net : Sequential
        Linear, bend, Linear, bend, and so on.
    x, target : array_like
        One sample, and what the network should answer; the loss is the sum of the
        squared differences.
    """

    def __init__(self, net: Sequential, x: ArrayLike, target: ArrayLike) -> None:
        modules = list(copy.deepcopy(net))
        self.linears, self.bends = modules[::2], modules[1::2]
        self.x, self.target = np.array(x, float), np.array(target, float)
        self.weights = [linear.weight.data for linear in self.linears]
        self.widths = [len(self.x), *map(len, self.weights)]

    def forward(self) -> tuple[list[Array], list[Array]]:
        """Return the activations, the input first, and the slopes of the bends."""
        activations, slopes = [self.x], []
        for linear, bend in zip(self.linears, self.bends, strict=True):
            a, slope = bend.value_and_slope(linear(activations[-1]))
            activations.append(a)
            slopes.append(slope)
        return activations, slopes

    def loss(self) -> float:
        """Return the sum of squared differences."""
        return float(((self.forward()[0][-1] - self.target) ** 2).sum())

    def at(self, weight: Weight) -> float:
        """Return the value of a weight."""
        return float(self.weights[weight.layer][weight.row, weight.column])

    @contextmanager
    def turned(self, weight: Weight, value: float) -> Iterator[None]:
        """Set one weight to `value` inside a ``with`` block."""
        entries, place = self.weights[weight.layer], (weight.row, weight.column)
        own, entries[place] = entries[place], value
        try:
            yield
        finally:
            entries[place] = own

    def loss_at(self, weight: Weight, value: float) -> float:
        """Return the loss with one weight set to `value`."""
        with self.turned(weight, value):
            return self.loss()

    def roads(self, weight: Weight) -> list[tuple[int, ...]]:
        """List the units on each path from the loss back to the weight's own unit."""
        later = [range(width) for width in self.widths[: weight.layer + 1 : -1]]
        return [(*units, weight.row) for units in product(*later)]


class Ledger(NamedTuple):
    """The factors of one slope: what each path multiplies, and what all share."""

    paths: Array  # (paths, factors), from the loss back to the weight's unit
    bend: float
    input: float

    def values(self) -> list[float]:
        """List all factors: path after path, then the bend, then the input."""
        return [*self.paths.ravel().tolist(), self.bend, self.input]

    def running(self) -> list[float]:
        """List the product so far at each factor; the bend takes the sum of paths."""
        so_far = self.paths.cumprod(axis=1)
        after_bend = float(so_far[:, -1].sum()) * self.bend
        return [*so_far.ravel().tolist(), after_bend, after_bend * self.input]


def ledger(stack: Stack, weight: Weight) -> Ledger:
    """Split the slope of the loss by a weight into its factors.

    Parameters
    ----------
    stack : Stack
        The network with its sample.
    weight : Weight
        Whose slope.

    Returns
    -------
    Ledger
        On a path: the slope of the loss by the output, then for each layer on the
        way back its bend and the weight that connects.

    Examples
    --------
    >>> found = ledger(Stack(*six_layers()), Weight(4, 0, 0))
    >>> [round(value, 3) for value in found.values()]
    [1.529, 0.18, 2.0, 0.242, 0.239]
    """
    activations, bends = stack.forward()
    units = np.transpose(stack.roads(weight))
    columns = [2 * (activations[-1] - stack.target)[units[0]]]
    for back, (k, j) in enumerate(pairwise(units), 1):
        columns += [bends[-back][k], stack.weights[-back][k, j]]
    bend, sent = bends[weight.layer], activations[weight.layer]
    return Ledger(
        np.column_stack(columns), float(bend[weight.row]), float(sent[weight.column])
    )


def six_layers() -> tuple[Sequential, Array, Array]:
    """Build a chain of six layers, one unit wide, with its input and target."""
    weights = (2, -1.5, 1.5, -2, 1.5, 2)
    pairs = ((Linear(1, 1, bias=False, weight=w), Sigmoid()) for w in weights)
    net = Sequential(*(module for pair in pairs for module in pair))
    return net, np.array([1.0]), np.array([0.0])
