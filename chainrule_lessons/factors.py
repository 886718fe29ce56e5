"""Every factor behind the slope of a loss by one weight, path by path."""

from __future__ import annotations

from itertools import pairwise, product
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from chainrule_lessons.layers import Sequential

__all__ = ["Stack", "Weight", "each_once", "factors", "products"]

Array = NDArray[np.floating]


class Weight(NamedTuple):
    """Where a weight sits: its layer, counted from 0, its row and its column."""

    layer: int
    row: int
    column: int


class Stack(NamedTuple):
    """Layers a = bend(W a + b), one after the other, with an input and its target.

    The loss is the sum of the squared differences.
    """

    weights: list[Array]
    biases: list[Array]
    bend: Any
    x: Array
    target: Array

    @classmethod
    def of(cls, net: Sequential, x: Array, target: Array) -> Stack:
        """Read a network of Linear, bend, Linear, bend, and so on, all bends alike."""
        linears = list(net)[::2]
        weights = [linear.weight.data for linear in linears]
        return cls(weights, [linear.bias.data for linear in linears], net[1], x, target)

    def at(self, weight: Weight) -> float:
        """Return the value of a weight."""
        return float(self.weights[weight.layer][weight.row, weight.column])

    def turned(self, weight: Weight, by: float) -> Stack:
        """Return the stack with one weight raised; this one stays as it is."""
        layer, row, column = weight
        weights = self.weights.copy()
        weights[layer] = weights[layer].copy()
        weights[layer][row, column] += by
        return self._replace(weights=weights)

    def forward(self) -> tuple[list[Array], list[Array]]:
        """Return the activations, the input first, and the slopes of the bends."""
        activations, slopes = [self.x], []
        for W, b in zip(self.weights, self.biases, strict=True):
            a, slope = self.bend.value_and_slope(W @ activations[-1] + b)
            activations.append(a)
            slopes.append(slope)
        return activations, slopes

    def loss(self) -> float:
        """Return the sum of the squared differences."""
        return float(((self.forward()[0][-1] - self.target) ** 2).sum())

    def roads(self, weight: Weight) -> list[tuple[int, ...]]:
        """List the units on each path, from the output to the one the weight reads."""
        later = [range(len(W)) for W in self.weights[: weight.layer : -1]]
        return [(*units, weight.row, weight.column) for units in product(*later)]


def factors(stack: Stack, weight: Weight) -> Array:
    """Split the slope of the loss by a weight into factors, of shape (paths, factors).

    On a path back: the slope of the loss by the output, then for each layer its bend
    and the weight that connects. Last, on all paths the same, come the bend of the
    weight's own layer and the input that the weight multiplies.

    >>> from chainrule_lessons.layers import Linear, Tanh
    >>> net = Sequential(Linear(1, 1, weight=2, bias=0), Tanh())
    >>> factors(Stack.of(net, np.array([0.5]), np.array([0.0])), Weight(0, 0, 0))
    array([[1.52318831, 0.41997434, 0.5       ]])
    """
    activations, bends = stack.forward()
    units = np.transpose(stack.roads(weight))
    columns = [2 * (activations[-1] - stack.target)[units[0]]]
    for back, (k, j) in enumerate(pairwise(units), 1):
        columns += [bends[-back][k], stack.weights[-back][k, j]]
    columns[-1] = activations[weight.layer][units[-1]]
    return np.column_stack(columns)


def each_once(paths: Array) -> Array:
    """List what each path has for itself, then the last two entries, which all share.

    >>> each_once(np.array([[1, 2, 8, 9], [3, 4, 8, 9]]))
    array([1, 2, 3, 4, 8, 9])
    """
    return np.concatenate([*paths[:, :-2], paths[0, -2:]])


def products(paths: Array) -> Array:
    """Multiply factors along their paths, which add up where they meet: once each.

    >>> products(np.array([[1, 2, 8, 9], [3, 4, 8, 9]]))
    array([   1,    2,    3,   12,  112, 1008])
    """
    alone = paths[:, :-2].cumprod(axis=1)
    shared = alone[:, -1].sum() * paths[0, -2:].cumprod()
    return np.append(alone, shared)
