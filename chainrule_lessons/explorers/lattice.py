"""Lesson 4: how many roads lead through layers of nodes, and what adding them costs.

Both sliders replay in the browser.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from chainrule_lessons.live import LiveFigure, Slider
from chainrule_lessons.plotting import GREEN, GREY, INK, ORANGE, label, subplots
from chainrule_lessons.validation import whole_number

__all__ = ["many_roads"]

Array = NDArray[np.floating]

MOST_LAYERS = 20
WANDER = (0, 1, 1, 0, 3, 2, 1, 0, 2, 3) * 2  # the nodes of the road that is lit


def many_roads(
    depth: int = 10,
    width: int = 2,
    *,
    predict: tuple[str, Sequence[str]] | None = None,
) -> LiveFigure:
    """Show how many roads lead through layers of nodes, and the two ways to add them.

    Parameters
    ----------
    depth : int, optional
        How many layers lie between the input and the output, 1 to 20.
    width : int, optional
        Nodes in a layer, 2 to 4; each has a link to every node of the next layer.
    predict : tuple of (str, sequence of str), optional
        A question that unlocks the sliders.

    Returns
    -------
    LiveFigure
        Sliders ``depth`` and ``width``.

    Raises
    ------
    TypeError, ValueError
        For a depth or width that its slider cannot show.

    Notes
    -----
    There are ``width**depth`` roads of depth + 1 links, so listing them takes
    ``depth * width**depth`` multiplications. Node by node from the output, each
    link but the last ones is multiplied once: ``(depth - 1) * width**2 + width``.

    Examples
    --------
    >>> many_roads()
    10 layers of 2 nodes: 1,024 roads. Road by road takes 10,240 multiplications, \
node by node 38.
    """
    depth = whole_number(depth, "many_roads: depth", least=1)
    width = whole_number(width, "many_roads: width", least=1)
    figure, (top, bottom) = subplots(
        2, 1, size=(7.6, 4.2), sharex=True, height_ratios=(2, 3)
    )
    lattice, race = Lattice(top), Race(bottom)

    def update(depth: int, width: int) -> str:
        lattice.show(depth, width)
        listing, summing = race.show(depth, width)
        return (
            f"{depth} layer{'s' * (depth > 1)} of {width} nodes: {width**depth:,} "
            f"roads. Road by road takes {listing:,} multiplications, "
            f"node by node {summing:,}."
        )

    return LiveFigure(
        figure,
        update,
        predict=predict,
        depth=Slider(1, MOST_LAYERS, value=depth, label="layers", play=True),
        width=Slider(2, 4, value=width, label="nodes in a layer"),
    )


class Lattice:
    """The graph of many roads, its layer k at x = k; one road is lit."""

    def __init__(self, axes: Axes) -> None:
        axes.set(ylim=(-1.9, 1.9))
        axes.axis("off")
        (self.links,) = axes.plot([], [], color=GREY, lw=0.8, animated=True)
        (self.road,) = axes.plot([], [], color=ORANGE, lw=2.5, animated=True)
        (self.nodes,) = axes.plot([], [], "o", color=INK, ms=5, animated=True)

    def show(self, depth: int, width: int) -> None:
        """Draw input, `depth` layers and output."""
        y, end, layers = (
            np.linspace(-1.5, 1.5, width),
            np.zeros(1),
            np.arange(depth + 2),
        )
        bundles = (
            _bundle(layers[:1], end, y),
            _bundle(layers[1:-2], y, y),
            _bundle(layers[-2:-1], y, end),
        )
        self.links.set_data(*np.concatenate(bundles).T)
        inner = np.repeat(layers[1:-1], width)
        self.nodes.set_data([0, *inner, depth + 1], [0, *np.tile(y, depth), 0])
        turns = [y[turn % width] for turn in WANDER[:depth]]
        self.road.set_data(layers, [0, *turns, 0])


def _bundle(layers: NDArray[np.int_], here: Array, there: Array) -> Array:
    """Give the links from every node of some layers to every node of the next."""
    points = np.full((layers.size, here.size, there.size, 3, 2), np.nan)
    points[..., 0, 0], points[..., 0, 1] = layers[:, None, None], here[:, None]
    points[..., 1, 0], points[..., 1, 1] = layers[:, None, None] + 1, there
    return points.reshape(-1, 2)


class Race:
    """Multiplications against depth, for both ways of adding up the roads."""

    def __init__(self, axes: Axes) -> None:
        axes.set(xlim=(-0.4, MOST_LAYERS + 1.4), yscale="log", ylim=(0.5, 1e15))
        axes.set(xlabel="layers", ylabel="multiplications")
        axes.set_xticks([1, 5, 10, 15, 20])
        axes.set_yticks(10.0 ** np.arange(0, 16, 5))
        axes.minorticks_off()
        self.curves, self.dots = (
            [axes.plot([], [], style, color=c, animated=True)[0] for c in (INK, GREEN)]
            for style in ("-", "o")
        )
        self.listing = label(axes, 0.6, 1e8, "", animated=True)
        right = {"color": GREEN, "ha": "right", "animated": True}
        self.summing = label(axes, MOST_LAYERS, 2e3, "", **right)

    def show(self, depth: int, width: int) -> tuple[int, int]:
        """Move curves and dots; return both counts at this depth."""
        layers = np.arange(1, MOST_LAYERS + 1)
        counts = layers * width**layers, (layers - 1) * width**2 + width
        for curve, dot, count in zip(self.curves, self.dots, counts, strict=True):
            curve.set_data(layers, count)
            dot.set_data([depth], [count[depth - 1]])
        listing, summing = (int(count[depth - 1]) for count in counts)
        self.listing.set_text(f"road by road: {listing:,}")
        self.summing.set_text(f"node by node: {summing:,}")
        return listing, summing
