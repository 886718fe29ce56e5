"""The live figures of lesson 02 that stand on a graph: both ways, and a misprint."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Circle
from matplotlib.text import Text
from numpy.typing import ArrayLike, NDArray

from chainrule_lessons.explorers.chain import MOVING, Row, sheet
from chainrule_lessons.live import LiveFigure
from chainrule_lessons.live.slider import Slider
from chainrule_lessons.plotting import (
    GREEN,
    GREY,
    INK,
    ORANGE,
    arrow,
    label,
    subplots,
)

__all__ = ["graph_walk", "misprint"]

Array = NDArray[np.floating]

NODES = {  # where they stand, and how far above are their value and their slope
    "x": (1.0, 4.4, 0.95, -0.95),
    "a": (3.8, 4.4, 0.95, -0.95),
    "b": (6.4, 6.7, 1.5, 0.95),
    "c": (8.6, 4.4, 0.95, -0.95),
    "d": (12.0, 6.7, 1.5, 0.95),
    "e": (12.0, 2.1, -0.95, -1.5),
    "f": (15.0, 4.4, 0.95, -0.95),
}
EDGES = {  # from, to: the slope of the edge, and how far its name stands above
    "xa": ("2x", 0.35),
    "ab": ("exp a", 0.0),
    "ac": ("1", 0.35),
    "bc": ("1", 0.0),
    "cd": ("1/(2√c)", 0.0),
    "ce": ("−sin c", 0.0),
    "df": ("1", 0.0),
    "ef": ("1", 0.0),
}
FORWARD = ("x", "a = x²", "b = exp a", "c = a + b", "d = √c", "e = cos c", "f = d + e")
BACKWARD = (
    "df/df",
    "df/de = 1 · df/df",
    "df/dd = 1 · df/df",
    "df/dc = 1/(2√c) · df/dd − sin c · df/de",
    "df/db = 1 · df/dc",
    "df/da = 1 · df/dc + exp a · df/db",
    "df/dx = 2x · df/da",
)


def graph_walk() -> LiveFigure:
    """Step through √(x² + exp x²) + cos(x² + exp x²): values forward, slopes back.

    Returns
    -------
    LiveFigure
        With the sliders ``step``, 0 to 6 forward and 7 to 13 backward, and ``x``.

    Examples
    --------
    >>> live = graph_walk()
    >>> live
    At x = 1.00, forward: f = d + e = 1.09001.
    >>> live.set(step=13)
    >>> live
    At x = 1.00, backward: df/dx = 2x · df/da = 5.98308.
    """
    figure, axes = sheet()
    (ring,) = axes.plot([], [], "o", ms=33, mfc="none", mew=3, animated=True)
    _draw_graph(axes)
    x, y, value_up, slope_up = places = np.transpose(list(NODES.values()))
    values = _labels(axes, x, y + value_up)
    slopes = _labels(axes, x, y + slope_up, color=ORANGE, weight="bold")

    def update(step: int, x: float) -> str:
        value, slope = _values_and_slopes(x)
        for i, (over, under) in enumerate(zip(values, slopes, strict=True)):
            over.set_text(f"{value[i]:z.4g}" if step >= i else "")
            under.set_text(f"{slope[i]:z.4g}" if step >= 13 - i else "")
        i = min(step, 13 - step)
        ring.set_data(*places[:2, i : i + 1])
        ring.set_markeredgecolor(INK if step < 7 else ORANGE)
        if step < 7:
            return f"At x = {x:z.2f}, forward: {FORWARD[i]} = {value[i]:z.6g}."
        return f"At x = {x:z.2f}, backward: {BACKWARD[step - 7]} = {slope[i]:z.6g}."

    return LiveFigure(
        figure,
        update,
        step=Slider(0, 13, value=6, label="step", play=True),
        x=Slider(-2, 2, step=0.05, value=1, label="x"),
    )


def _labels(axes: Axes, x: Array, y: Array, **keywords: Any) -> list[Text]:
    places = zip(x, y, strict=True)
    return [label(axes, *place, "", **MOVING | keywords) for place in places]


def _values_and_slopes(x: float) -> tuple[Row, Row]:
    """Give the value of every node, x to f, and the slope of f by each."""
    a = x**2
    b = np.exp(a)
    c = a + b
    d, e = np.sqrt(c), np.cos(c)
    by_c = 1 / (2 * d) - np.sin(c)
    by_a = by_c + b * by_c
    return (x, a, b, c, d, e, d + e), (2 * x * by_a, by_a, by_c, by_c, 1.0, 1.0, 1.0)


def _draw_graph(axes: Axes) -> None:
    for (tail, head), (name, up) in EDGES.items():
        ends = np.array([NODES[tail][:2], NODES[head][:2]])
        along = (ends[1] - ends[0]) / np.hypot(*(ends[1] - ends[0]))
        arrow(axes, ends[0] + 0.6 * along, ends[1] - 0.6 * along, color=GREY, width=1.2)
        x, y = ends.mean(axis=0)
        label(axes, x, y + up, name, ha="center", va="center", color=ORANGE)
    for name, (x, y, *_) in NODES.items():
        axes.add_patch(Circle((x, y), 0.5, facecolor="white", edgecolor=INK))
        label(axes, x, y, name, ha="center", va="center", fontsize=14)


def misprint() -> LiveFigure:
    """Look for the places where a misprinted derivative agrees with the true one.

    The misprint has √(x + exp x²) in a denominator where √(x² + exp x²) belongs.

    Returns
    -------
    LiveFigure
        With the slider ``x``.

    Examples
    --------
    >>> live = misprint()
    >>> live.set(x=0.5)
    >>> live
    At x = 0.50 the printed slope is -1.42747 and the true one -1.36043: off by -0.06704.
    """
    figure, axes = subplots()
    x = np.linspace(-2, 2, 401)
    axes.set(xlim=(-2, 2), ylim=(-1.1, 0.4), xlabel="x", ylabel="printed − true slope")
    axes.axhline(0, color=GREY, linewidth=1)
    label(axes, -1.95, 0.04, "0: no difference", color=GREY)
    axes.plot(x, _printed(x) - _true(x), color=INK)
    (gap,) = axes.plot([], [], color=GREEN, lw=3, animated=True)
    (dot,) = axes.plot([], [], "o", color=GREEN, animated=True)

    def update(x: float) -> str:
        printed, true = _printed(x), _true(x)
        gap.set_data([x, x], [0, printed - true])
        dot.set_data([x], [printed - true])
        return (
            f"At x = {x:z.2f} the printed slope is {printed:z.6g} and the true one "
            f"{true:z.6g}: off by {printed - true:z.5f}."
        )

    return LiveFigure(figure, update, x=Slider(-2, 2, step=0.05, value=1, label="x"))


def _true(x: ArrayLike) -> Array:
    return _values_and_slopes(np.asarray(x))[1][0]


def _printed(x: ArrayLike) -> Array:
    x = np.asarray(x)
    inner = 2 * x * (1 + np.exp(x**2))
    root = np.sqrt(x + np.exp(x**2))
    return inner / (2 * root) - inner * np.sin(x**2 + np.exp(x**2))
