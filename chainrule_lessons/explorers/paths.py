"""Lesson 4: the ledger of every road from an input to the output.

Slopes multiply along a road and add up over the roads. All sliders replay in the
browser.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes

from chainrule_lessons.explorers.roads import link, nodes, slope_label
from chainrule_lessons.live import LiveFigure, Slider
from chainrule_lessons.plotting import GREY, INK, ORANGE, label, subplots
from chainrule_lessons.validation import finite_number

__all__ = ["ledger"]

Road = tuple[int, ...]  # the numbers of its links


class Step(NamedTuple):
    """One step of a computation: its value and, beside it, its local slopes."""

    name: str
    inputs: str  # a letter an input; the same letter twice makes two links
    recipe: str
    value: Callable[..., float]
    slopes: Callable[..., tuple[float, ...]]


STEPS = (
    Step("b", "aa", "a + a", lambda p, q: p + q, lambda p, q: (1.0, 1.0)),
    Step("d", "ab", "a·b", lambda a, b: a * b, lambda a, b: (b, a)),
    Step("e", "ab", "a + b", lambda a, b: a + b, lambda a, b: (1.0, 1.0)),
    Step("f", "de", "d·e", lambda d, e: d * e, lambda d, e: (e, d)),
)
LINKS = [(start, step.name) for step in STEPS for start in step.inputs]
BULGES = (0.4, -0.4, 0.85, 0, -0.85, 0, 0, 0)
SPOTS = {"a": (0, 0), "b": (1.2, 0), "d": (2.3, 1.1), "e": (2.3, -1.1), "f": (3.4, 0)}
BESIDE = {  # where the value of a node is written, and on which side of the text
    "a": ((-0.25, 0), "right"),
    "b": ((1.47, 0), "left"),
    "d": ((2.05, 1.53), "left"),
    "e": ((2.05, -1.53), "left"),
    "f": ((3.12, -0.48), "left"),
}


def ledger(
    a: float = 2.0, *, predict: tuple[str, Sequence[str]] | None = None
) -> LiveFigure:
    """Show every road through b = a + a, f = a b (a + b), and add their products.

    Parameters
    ----------
    a : float, optional
        The input to start from, -2 to 3.
    predict : tuple of (str, sequence of str), optional
        A question that unlocks the sliders; one road is added until then.

    Returns
    -------
    LiveFigure
        Sliders ``roads`` (how many are added so far), ``a``, and ``start``, the
        node whose roads are listed.

    Raises
    ------
    TypeError, ValueError
        For an input that its slider cannot show.

    Notes
    -----
    The slope of f by a node is the sum, over the roads from that node, of the
    product of the links' slopes. By a it is 18 a**2, since f = 6 a**3.

    Examples
    --------
    >>> ledger()
    Roads from a added: 6 of 6; slope of f by a = 72. The last gave 1 · 8 = 8.
    """
    a = finite_number(a, "ledger: a")
    figure, (left, right) = subplots(1, 2, size=(7.6, 3.8), width_ratios=(8, 5))
    graph, book = Graph(left), Book(right)

    def update(roads: int, a: float, start: str) -> str:
        values, slopes = local_slopes(a)
        listed = roads_from(start)
        added = listed[:roads]
        graph.show(values, slopes, added[-1] if added else ())
        return book.show(start, added, len(listed), slopes)

    return LiveFigure(
        figure,
        update,
        predict=predict,
        roads=Slider(0, 6, value=1 if predict else 6, label="roads added", play=True),
        a=Slider(-2.0, 3.0, step=0.5, value=a, label="input a"),
        start=Slider(options=["a", "b", "d", "e"], label="roads from"),
    )


def local_slopes(a: float) -> tuple[dict[str, float], list[float]]:
    """Go through the graph once: the value at each node, the slope of each link."""
    values, slopes = {"a": a}, []
    for step in STEPS:
        given = [values[name] for name in step.inputs]
        values[step.name] = step.value(*given)
        slopes += step.slopes(*given)
    return values, slopes


def roads_from(node: str) -> list[Road]:
    """List every road from a node to f."""
    if node == "f":
        return [()]
    leaving = [(n, end) for n, (start, end) in enumerate(LINKS) if start == node]
    return [(n, *rest) for n, end in leaving for rest in roads_from(end)]


class Graph:
    """The map of the ledger: still links and nodes, moving numbers, one road lit."""

    def __init__(self, axes: Axes) -> None:
        axes.set(xlim=(-0.7, 4.4), ylim=(-1.8, 1.8))
        axes.axis("off")
        ends = [(SPOTS[start], SPOTS[end]) for start, end in LINKS]
        self.curves = [link(axes, *e, b) for e, b in zip(ends, BULGES, strict=True)]
        (self.road,) = axes.plot([], [], color=ORANGE, lw=4, zorder=2, animated=True)
        nodes(axes, SPOTS)
        self.slopes = [slope_label(axes, curve) for curve in self.curves]
        self.values = {
            name: label(axes, *spot, "", ha=side, va="center", animated=True)
            for name, (spot, side) in BESIDE.items()
        }
        self.recipes = {s.name: f"{s.recipe} = " for s in STEPS} | {"a": ""}

    def show(self, values: dict[str, float], slopes: list[float], road: Road) -> None:
        """Write the numbers and light a road."""
        pieces = [np.empty((0, 2)), *(self.curves[n] for n in road)]
        self.road.set_data(*np.concatenate(pieces).T)
        for text, slope in zip(self.slopes, slopes, strict=True):
            text.set_text(f"{slope:z.6g}")
        for name, text in self.values.items():
            text.set_text(f"{self.recipes[name]}{values[name]:z.6g}")


class Book:
    """The ledger: a line for each road, and the sum below."""

    def __init__(self, axes: Axes) -> None:
        axes.set(xlim=(0, 1.02), ylim=(7.7, -1))
        axes.axis("off")
        label(axes, 0, -0.4, "road", color=GREY)
        label(axes, 1, -0.4, "its product", color=GREY, ha="right")
        axes.plot([0, 1], [5.9, 5.9], color=GREY, lw=1)
        right = {"ha": "right", "animated": True}
        self.rows = [
            (
                label(axes, 0, n + 0.5, "", animated=True),
                label(axes, 1, n + 0.5, "", **right),
            )
            for n in range(6)
        ]
        self.name = label(axes, 0, 6.8, "", weight="bold", animated=True)
        self.sum = label(axes, 1, 6.8, "", weight="bold", **right)

    def show(
        self, start: str, added: list[Road], count: int, slopes: list[float]
    ) -> str:
        """Write the roads added, the last one lit, and return the caption."""
        lines = [[slopes[n] for n in road] for road in added]
        total = sum(np.prod(line) for line in lines)
        for n, (name, product) in enumerate(self.rows):
            there = n < len(added)
            name.set_text(_named(added[n]) if there else "")
            product.set_text(_worked(lines[n]) if there else "")
            for text in (name, product):
                text.set_color(ORANGE if n == len(added) - 1 else INK)
        what = f"slope of f by {start}" if len(added) == count else "sum so far"
        self.name.set_text(what)
        self.sum.set_text(f"{total:z.6g}")
        done = f"Roads from {start} added: {len(added)} of {count}"
        last = f" The last gave {_worked(lines[-1])}." if added else ""
        return f"{done}; {what} = {total:z.6g}.{last}"


def _named(road: Road) -> str:
    return "→".join([LINKS[n][0] for n in road] + ["f"])


def _worked(slopes: list[float]) -> str:
    written = (f"{slope:z.6g}" for slope in slopes)
    factors = " · ".join(f"({n})" if n.startswith("-") else n for n in written)
    return f"{factors} = {np.prod(slopes):z.6g}" if len(slopes) > 1 else factors
