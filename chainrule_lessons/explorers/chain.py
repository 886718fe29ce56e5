"""The live figures of lesson 02: chain two functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Polygon, Rectangle
from matplotlib.text import Text
from numpy.typing import ArrayLike, NDArray

from chainrule_lessons.live import LiveFigure
from chainrule_lessons.plotting import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    arrow,
    label,
    lessons_style,
    subplots,
)
from chainrule_lessons.slider import Slider

__all__ = ["gears", "graph_walk", "misprint", "two_jobs"]

QUESTION = (
    "All slopes are 1 now. With a slope of 2 for g and 3 for h, "
    "how far will 20° of x turn the last dial?",
    ["100 degrees", "120 degrees"],
)
TURN = 20.0  # degrees by which the first dial is turned
X = 2.0  # what goes into the three stages
STAGES = (3.2, 7.85, 12.5)  # where they stand
LINKS = (1.0, 5.525, 10.175, 14.85)  # and what runs between them
MOVING = {"ha": "center", "va": "center", "animated": True}
Row = tuple[float, ...]

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
FORWARD = ("x", "x²", "exp a", "a + b", "√c", "cos c", "d + e")
BACKWARD = (
    "df/df",
    "df/de = 1 · df/df",
    "df/dd = 1 · df/df",
    "df/dc = 1/(2√c) · df/dd − sin c · df/de",
    "df/db = 1 · df/dc",
    "df/da = 1 · df/dc + exp a · df/db",
    "df/dx = 2x · df/da",
)


def _sheet() -> tuple[Figure, Axes]:
    """Make a sheet to draw on, 16 by 9 units of 40 CSS pixels, without axes."""
    figure, axes = subplots()
    axes.set(xlim=(0, 16), ylim=(0, 9), aspect="equal")
    axes.set_axis_off()
    return figure, axes


def gears() -> LiveFigure:
    """Turn one dial and see it turn two others: slopes of a chain multiply.

    The first dial stands for x and is turned by 20 degrees, the second for g(x)
    and the third for h(g(x)). Each slope says how far a dial turns for one degree
    of the dial before it, so the last one turns ``slope_h * slope_g * 20``.

    Returns
    -------
    LiveFigure
        With the sliders ``slope_g`` and ``slope_h``, locked until the reader has
        said whether slopes add or multiply.

    Examples
    --------
    >>> live = gears()
    >>> live.set(slope_g=2, slope_h=-1.5)
    >>> live
    20° of x turn g by 2 × 20° = 40°, and h by -1.5 × 40° = -60°: slope -1.5 × 2 = -3.
    """
    figure, axes = _sheet()
    names = ("x", "g(x)", "h(g(x))")
    dials = [_Dial(axes, 2.5 + 5.5 * i, name) for i, name in enumerate(names)]
    factors = _row(axes, (5.25, 10.75), 5.2, ORANGE, fontsize=13)
    for x in (5.25, 10.75):
        arrow(axes, (x - 0.5, 4.6), (x + 0.5, 4.6), color=ORANGE)

    def update(slope_g: float, slope_h: float) -> str:
        turns = TURN, TURN * slope_g, TURN * slope_g * slope_h
        for dial, turn in zip(dials, turns, strict=True):
            dial.turn_to(turn)
        _write(factors, (slope_g, slope_h), "× ", "× ")
        x, g, h = (f"{turn:z.4g}°" for turn in turns)
        return (
            f"{x} of x turn g by {slope_g:z.4g} × {x} = {g}, and h by {slope_h:z.4g} "
            f"× {g} = {h}: slope {slope_h:z.4g} × {slope_g:z.4g} = {slope_h * slope_g:z.4g}."
        )

    return LiveFigure(
        figure,
        update,
        predict=QUESTION,
        slope_g=Slider(-3, 3, step=0.1, value=1, label="slope of g"),
        slope_h=Slider(-3, 3, step=0.1, value=1, label="slope of h"),
    )


class _Dial:
    """A dial whose needle starts upright and leaves its way shaded."""

    def __init__(self, axes: Axes, x: float, name: str) -> None:
        self.centre = np.array([x, 4.6])
        axes.add_patch(Circle(self.centre, 1.9, fill=False, edgecolor=GREY, lw=1.5))
        with lessons_style():
            axes.plot([x, x], [6.5, 6.8], color=GREY)
            (self.needle,) = axes.plot([], [], color=INK, lw=3.5, animated=True)
        self.way = Polygon([self.centre], color=ORANGE, alpha=0.3, lw=0, animated=True)
        axes.add_patch(self.way)
        label(axes, x, 7.5, name, ha="center", fontsize=14)
        self.text = label(axes, x, 1.6, "", ha="center", fontsize=14, animated=True)

    def turn_to(self, degrees: float) -> None:
        angles = np.radians(np.linspace(0, degrees, 61))
        rim = self.centre + 1.75 * np.column_stack([np.sin(angles), np.cos(angles)])
        self.way.set_xy(np.vstack([self.centre, rim]))
        self.needle.set_data(*np.vstack([self.centre, rim[-1]]).T)
        self.text.set_text(f"{degrees:z.4g}°")


def two_jobs() -> LiveFigure:
    """Watch three stages pass a slope on, and keep one for their own parameter.

    The machine is u = w_f x, v = w_g √u, cost = (v - w_k)² at x = 2. Orange slopes
    pass through a stage towards x; blue ones stay with its parameter.

    Returns
    -------
    LiveFigure
        With the sliders ``w_g``, ``w_f`` and ``w_k``.

    Examples
    --------
    >>> two_jobs()
    Passed on: 4 to v, 1.5 to u, 12 to x. Kept: 3 by w_f, 16 by w_g, -4 by w_k.
    """
    figure, axes = _sheet()
    _draw_stages(axes)
    values = _row(axes, LINKS, 8.2)
    through = _row(axes, STAGES, 6.25, ORANGE)
    passed = _row(axes, LINKS, 5.1, ORANGE, weight="bold")
    own = _row(axes, [x + 0.2 for x in STAGES], 3.95, BLUE, ha="left")
    weights = _row(axes, STAGES, 2.1)
    kept = _row(axes, STAGES, 0.6, BLUE, weight="bold")

    def update(w_g: float, w_f: float, w_k: float) -> str:
        s = _slopes(w_f, w_g, w_k)
        _write(values, s.values, "x = ", "u = ", "v = ", "cost ")
        _write(through, s.through, *3 * ["× "])
        _write(passed, s.passed, *4 * [""])
        _write(own, s.own, *3 * ["× "])
        _write(weights, (w_f, w_g, w_k), "w_f = ", "w_g = ", "w_k = ")
        _write(kept, s.kept, *3 * [""])
        x, u, v, _ = s.passed
        f, g, k = s.kept
        return (
            f"Passed on: {v:z.4g} to v, {u:z.4g} to u, {x:z.4g} to x. "
            f"Kept: {f:z.4g} by w_f, {g:z.4g} by w_g, {k:z.4g} by w_k."
        )

    return LiveFigure(
        figure,
        update,
        w_g=Slider(-4, 4, step=0.25, value=3, label="w_g"),
        w_f=Slider(0.5, 16, step=0.5, value=8, label="w_f"),
        w_k=Slider(0, 20, step=0.5, value=10, label="w_k"),
    )


class _Slopes(NamedTuple):
    """What stands in the picture of the three stages, from left to right."""

    values: Row
    through: Row
    own: Row
    passed: Row
    kept: Row


def _slopes(w_f: float, w_g: float, w_k: float) -> _Slopes:
    u = w_f * X
    v = w_g * u**0.5
    through = w_f, w_g / (2 * u**0.5), 2 * (v - w_k)
    own = X, u**0.5, -2 * (v - w_k)
    by_v = through[2]
    by_u = by_v * through[1]
    passed = by_u * through[0], by_u, by_v, 1.0
    kept = by_u * own[0], by_v * own[1], own[2]
    return _Slopes((X, u, v, (v - w_k) ** 2), through, own, passed, kept)


def _draw_stages(axes: Axes) -> None:
    names = (r"$w_f\,x$", r"$w_g\sqrt{u}$", r"$(v-w_k)^2$")
    for x, name, letter in zip(STAGES, names, "fgk", strict=True):
        box = Rectangle((x - 1.2, 5.75), 2.4, 2.1, facecolor="white", edgecolor=INK)
        axes.add_patch(box)
        label(axes, x, 7.15, name, ha="center", va="center", fontsize=13)
        label(axes, x, 8.2, letter, ha="center", color=GREY)
        label(
            axes, x, 1.35, f"d cost/d w_{letter}", ha="center", va="center", color=BLUE
        )
        with lessons_style():
            axes.plot([x, x], [5.7, 2.6], "--", color=BLUE)
    for x, name in zip(LINKS, ("x", "u", "v", "cost"), strict=True):
        what = f"d cost/d {name}"
        label(axes, x, 4.4, what, ha="center", va="center", color=ORANGE, fontsize=10)
        arrow(axes, (x - 0.8, 7.4), (x + 0.8, 7.4), color=GREY, width=1.2)
        arrow(axes, (x + 0.8, 5.9), (x - 0.8, 5.9), color=ORANGE)


def _row(
    axes: Axes, places: Sequence[float], y: float, color: str = INK, **keywords: Any
) -> list[Text]:
    """Make the labels that stand beside each other at one height."""
    return [label(axes, x, y, "", color=color, **MOVING | keywords) for x in places]


def _write(labels: list[Text], numbers: Row, *names: str) -> None:
    for text, name, number in zip(labels, names, numbers, strict=True):
        text.set_text(f"{name}{number:z.4g}")


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
    Forward, step 6: f = d + e = 1.09001 at x = 1.00.
    >>> live.set(step=13)
    >>> live
    Backward, step 13: df/dx = 2x · df/da = 5.98308 at x = 1.00.
    """
    figure, axes = _sheet()
    (ring,) = axes.plot([], [], "o", ms=33, mfc="none", mew=3, animated=True)
    _draw_graph(axes)
    values = [label(axes, x, y + up, "", **MOVING) for x, y, up, _ in NODES.values()]
    slopes = [
        label(axes, x, y + up, "", color=ORANGE, weight="bold", **MOVING)
        for x, y, _, up in NODES.values()
    ]

    places = np.array(list(NODES.values())).T[:2]

    def update(step: int, x: float) -> str:
        value, slope = _values_and_slopes(x)
        for i, (over, under) in enumerate(zip(values, slopes, strict=True)):
            over.set_text(f"{value[i]:z.4g}" if step >= i else "")
            under.set_text(f"{slope[i]:z.4g}" if step >= 13 - i else "")
        i = min(step, 13 - step)
        ring.set_data(*places[:, i : i + 1])
        ring.set_markeredgecolor(INK if step < 7 else ORANGE)
        if step < 7:
            name, what = "xabcdef"[i], FORWARD[i]
            said = f"Forward, step {step}: {name} = {what} = {value[i]:z.6g}"
        else:
            said = f"Backward, step {step}: {BACKWARD[step - 7]} = {slope[i]:z.6g}"
        return f"{said} at x = {x:z.2f}."

    return LiveFigure(
        figure,
        update,
        step=Slider(0, 13, value=6, label="step", play=True),
        x=Slider(-2, 2, step=0.05, value=1, label="x"),
    )


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
    with lessons_style():
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


def _true(x: ArrayLike) -> NDArray[np.floating]:
    return _values_and_slopes(np.asarray(x))[1][0]


def _printed(x: ArrayLike) -> NDArray[np.floating]:
    x = np.asarray(x)
    inner = 2 * x * (1 + np.exp(x**2))
    root = np.sqrt(x + np.exp(x**2))
    return inner / (2 * root) - inner * np.sin(x**2 + np.exp(x**2))
