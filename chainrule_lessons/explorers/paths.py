"""Lesson 4: one input, several roads to the output.

Slopes multiply along a road and add up over the roads. All figures here replay in
the browser, every slider of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, Rectangle
from matplotlib.text import Text
from numpy.typing import NDArray

from chainrule_lessons.live import LiveFigure, Slider
from chainrule_lessons.plotting import GREY, INK, ORANGE, label, subplots
from chainrule_lessons.validation import finite_number, whole_number

__all__ = ["ledger", "total_derivative"]

Array = NDArray[np.floating]
Point = tuple[float, float]
Road = tuple[int, ...]  # the numbers of its links

CENTRE = {"ha": "center", "va": "center"}
HEAD = {"arrowstyle": "-|>", "mutation_scale": 14, "shrinkA": 0, "shrinkB": 0}


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
    "a": ((-0.22, 0), "right"),
    "b": ((1.44, 0), "left"),
    "d": ((2.05, 1.53), "left"),
    "e": ((2.05, -1.53), "left"),
    "f": ((3.85, -0.9), "right"),
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
    6 of 6 roads from a added: slope of f by a = 72. The last road gave 1 · 8 = 8.
    """
    a = finite_number(a, "ledger: a")
    figure, (left, right) = subplots(1, 2, size=(7.6, 3.8), width_ratios=(8, 5))
    graph, book = Graph(left), Book(right)

    def update(roads: int, a: float, start: str) -> str:
        values, slopes = local_slopes(a)
        listed = roads_from(start)
        added = listed[: whole_number(roads, "roads added")]
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
        axes.set(xlim=(-0.7, 3.85), ylim=(-1.8, 1.8))
        axes.axis("off")
        ends = [(SPOTS[start], SPOTS[end]) for start, end in LINKS]
        self.curves = [_link(axes, *e, b) for e, b in zip(ends, BULGES, strict=True)]
        (self.road,) = axes.plot([], [], color=ORANGE, lw=4, zorder=2, animated=True)
        _nodes(axes, SPOTS)
        self.slopes = [_slope_label(axes, curve) for curve in self.curves]
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
        axes.set(xlim=(0, 1), ylim=(7.7, -1))
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
        self, start: str, added: list[Road], all_: int, slopes: list[float]
    ) -> str:
        """Write the roads added, the last one lit, and return the caption."""
        lines = [([slopes[n] for n in road]) for road in added]
        total = sum(np.prod(line) for line in lines)
        for n, (name, product) in enumerate(self.rows):
            there = n < len(added)
            name.set_text(_named(added[n]) if there else "")
            product.set_text(_worked(lines[n]) if there else "")
            for text in (name, product):
                text.set_color(ORANGE if n == len(added) - 1 else INK)
        what = f"slope of f by {start}" if len(added) == all_ else "sum so far"
        self.name.set_text(what)
        self.sum.set_text(f"{total:z.6g}")
        last = f" The last road gave {_worked(lines[-1])}." if added else ""
        done = f"{len(added)} of {all_} roads from {start} added"
        return f"{done}: {what} = {total:z.6g}.{last}"


def _named(road: Road) -> str:
    return "→".join([LINKS[n][0] for n in road] + ["f"])


def _worked(slopes: list[float]) -> str:
    written = (f"{slope:z.6g}" for slope in slopes)
    factors = " · ".join(f"({n})" if n.startswith("-") else n for n in written)
    return f"{factors} = {np.prod(slopes):z.6g}" if len(slopes) > 1 else factors


def _link(axes: Axes, tail: Point, head: Point, bulge: float = 0.0) -> Array:
    """Draw a still link that bends upward by `bulge`; return 25 points along it."""
    s = np.linspace(0, 1, 25)
    curve = np.linspace(tail, head, 25)
    curve[:, 1] += 4 * bulge * s * (1 - s)
    axes.plot(*curve.T, color=GREY, lw=1.5, zorder=1)
    axes.add_patch(FancyArrowPatch(*curve[18:20], color=GREY, zorder=1, **HEAD))
    return curve


def _slope_label(axes: Axes, curve: Array) -> Text:
    """Make the moving number on the middle of a link, in a gap of a lit road."""
    axes.plot(*curve[12], "o", color="white", ms=16, zorder=2.5, animated=True)
    return label(axes, *curve[12], "", color=ORANGE, animated=True, **CENTRE)


def _nodes(axes: Axes, spots: dict[str, Point]) -> None:
    """Draw nodes with their names; they never move but lie above a lit road."""
    style = {"markersize": 24, "color": "white", "markeredgecolor": INK}
    moving = {"animated": True, "zorder": 3}
    axes.plot(*np.transpose([*spots.values()]), "o", mew=1.5, **style, **moving)
    for name, (x, y) in spots.items():
        axes.text(x, y, name, **CENTRE, **moving)


def total_derivative(
    t: float = 1.0, *, predict: tuple[str, Sequence[str]] | None = None
) -> LiveFigure:
    """Show df/dt of f = x y + z**2 with x = cos t, y = sin t, z = t / 2, by pieces.

    Parameters
    ----------
    t : float, optional
        The time to start from, 0 to 4.
    predict : tuple of (str, sequence of str), optional
        A question that unlocks the slider.

    Returns
    -------
    LiveFigure
        Slider ``t``. A row for each road: its two slopes, and their product as a
        bar that starts where the bar above it ended.

    Raises
    ------
    TypeError, ValueError
        For a time that its slider cannot show.

    Examples
    --------
    >>> total_derivative()
    At t = 1.00 the shares -0.7081 (by x), 0.2919 (by y), 0.5000 (by z) add up to \
df/dt = 0.0839.
    """
    t = finite_number(t, "total_derivative: t")
    figure, (left, right) = subplots(1, 2, size=(7.6, 3.6), width_ratios=(6, 5))
    numbers, bars = _three_roads(left), Waterfall(right)

    def update(t: float) -> str:
        inner = -np.sin(t), np.cos(t), 0.5
        outer = np.sin(t), np.cos(t), t
        shares = [a * b for a, b in zip(inner, outer, strict=True)]
        for text, slope in zip(numbers, (*inner, *outer), strict=True):
            text.set_text(f"{slope:z.2f}")
        bars.show(shares)
        named = (f"{s:z.4f} (by {n})" for s, n in zip(shares, "xyz", strict=True))
        total = f"df/dt = {sum(shares):z.4f}"
        return f"At t = {t:.2f} the shares {', '.join(named)} add up to {total}."

    start = Slider(0.0, 4.0, step=0.05, value=t, label="time t")
    return LiveFigure(figure, update, predict=predict, t=start)


def _three_roads(axes: Axes) -> list[Text]:
    """Draw the roads t to x, y, z to f; return the labels of their six links."""
    axes.set(xlim=(-0.2, 2.2), ylim=(-0.6, 3.7))
    axes.axis("off")
    spots = {"t": (0, 2), "x": (1, 3), "y": (1, 2), "z": (1, 1), "f": (2, 2)}
    inner = [_link(axes, spots["t"], spots[name]) for name in "xyz"]
    outer = [_link(axes, spots[name], spots["f"]) for name in "xyz"]
    _nodes(axes, spots)
    label(axes, 0.45, 0.2, "dx/dt, dy/dt, dz/dt", color=GREY, **CENTRE)
    label(axes, 1.55, 0.2, "∂f/∂x, ∂f/∂y, ∂f/∂z", color=GREY, **CENTRE)
    return [_slope_label(axes, curve) for curve in (*inner, *outer)]


class Waterfall:
    """Bars in rows 3, 2, 1, each starting where the last one ended; row 0 their sum."""

    def __init__(self, axes: Axes) -> None:
        axes.set(xlim=(-1.3, 3.2), ylim=(-0.6, 3.7), xlabel="share of df/dt")
        axes.set_yticks([3, 2, 1, 0], ["by x", "by y", "by z", "df/dt"])
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.axvline(0, color=GREY, lw=1, zorder=1)
        colors = (ORANGE, ORANGE, ORANGE, INK)
        self.bars = [
            axes.add_patch(Rectangle((0, 0), 0, 0.5, color=color, animated=True))
            for color in colors
        ]
        self.numbers = [
            label(axes, 0, 0, "", color=color, va="center", animated=True)
            for color in colors
        ]
        (self.steps,) = axes.plot([], [], color=GREY, lw=1, animated=True)

    def show(self, shares: Sequence[float]) -> None:
        """Move the bars, the numbers at their ends and the thin steps between."""
        ends = np.cumsum(shares)
        starts = np.array([0, *ends[:-1], 0])
        ends = np.array([*ends, ends[-1]])
        for row, (start, end) in enumerate(zip(starts, ends, strict=True)):
            self.bars[row].set_xy((start, 2.75 - row))
            self.bars[row].set_width(end - start)
            self.numbers[row].set_position((max(start, end, 0) + 0.08, 3 - row))
            self.numbers[row].set_text(f"{end - start:z.2f}")
        x = np.repeat(ends[:3], 3)
        y = np.ravel([(3.25 - n, 1.75 - n, np.nan) for n in range(3)])
        self.steps.set_data(x, y)
