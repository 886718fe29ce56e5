"""Where a network's units, one weight's paths and their factors are drawn (lesson 09)."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise, product

import numpy as np
from numpy.typing import NDArray

from chainrule_lessons.explorers.factors import Stack, Weight

__all__ = ["LOSS", "Sketch", "bars"]

Array = NDArray[np.floating]
LOSS = np.array([1.0, 0.0])  # the place of the loss; the input stands at 0
ABOVE, BELOW = np.array([0, 0.09]), np.array([0, -0.36])
ASIDE = 0.08  # from the bars of one path to those of the next


class Sketch:
    """Where everything stands that belongs to one weight; it moves with no slider.

    Parameters
    ----------
    stack : Stack
        The network.
    weight : Weight
        The weight.

    Attributes
    ----------
    units, edges, lit, own : ndarray of shape (2, n)
        Points and lines to draw: all units, all edges, the edges of the paths, and
        the weight's own edge.
    spots : ndarray of shape (factors, 2)
        Where the factors are written, in the order of `Ledger.values`.
    x : ndarray of shape (factors,)
        Where their bars stand.
    """

    def __init__(self, stack: Stack, weight: Weight) -> None:
        columns = [
            [_place(stack, layer, unit) for unit in range(width)]
            for layer, width in enumerate(stack.widths)
        ]
        layer, row, column = weight
        roads = [
            [LOSS, *(columns[-1 - i][unit] for i, unit in enumerate(road))]
            for road in stack.roads(weight)
        ]
        self.units = np.concatenate(columns).T
        self.edges = _pieces(e for pair in pairwise(columns) for e in product(*pair))
        self.lit = _pieces(piece for road in roads for piece in pairwise(road))
        self.own = np.transpose([columns[layer][column], columns[layer + 1][row]])
        shared = [self.own[:, 1] + BELOW, self.own.mean(axis=1) + ABOVE]
        paths = [
            spot for i, road in enumerate(roads) for spot in _spots(road, i % 2 == 1)
        ]
        self.spots = np.array(paths + shared)
        aside = ASIDE * (np.arange(len(roads)) - (len(roads) - 1) / 2)
        shift = np.append(np.repeat(aside, len(paths) // len(roads)), [0, 0])
        self.x = self.spots[:, 0] + shift


def _place(stack: Stack, layer: int, unit: int) -> Array:
    height = 0.55 * ((stack.widths[layer] - 1) / 2 - unit)
    return np.array([layer / len(stack.widths), height])


def _spots(road: list[Array], below: bool) -> list[Array]:
    """Place the factors of a path: beside each edge, below each unit but the last."""
    beside = BELOW * 0.75 if below else ABOVE
    edges = [(a + b) / 2 + beside for a, b in pairwise(road)]
    units = [unit + BELOW for unit in road[1:]]
    return [spot for pair in zip(edges, units, strict=True) for spot in pair][:-1]


def _pieces(pairs: Iterable[tuple[Array, Array]]) -> Array:
    """Lay pieces of line end to end, with a gap after each."""
    gap = np.array([np.nan, np.nan])
    return np.transpose([point for a, b in pairs for point in (a, b, gap)])


def bars(x: Array, low: float, tops: Array) -> tuple[Array, Array]:
    """Lay out bars as upright pieces of one thick line.

    Parameters
    ----------
    x, tops : ndarray of shape (n,)
        Where each bar stands, and where it ends.
    low : float
        Where all bars start.

    Returns
    -------
    x, y : ndarray of shape (3 n,)
        For ``set_data``, with a gap after each bar.

    Examples
    --------
    >>> bars(np.array([2.0]), 0.0, np.array([5.0]))
    (array([ 2.,  2., nan]), array([ 0.,  5., nan]))
    """
    gap = np.full_like(x, np.nan)
    up = np.column_stack([np.full_like(x, low), tops, gap])
    return np.column_stack([x, x, gap]).ravel(), up.ravel()
