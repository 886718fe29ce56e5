"""The live figures of lesson 02: chain two functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Polygon, Rectangle
from matplotlib.text import Text
from numpy.typing import NDArray

from chainrule_lessons.live import LiveFigure
from chainrule_lessons.live.slider import Slider
from chainrule_lessons.plotting import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    arrow,
    label,
    subplots,
)

__all__ = ["gears", "own_input", "two_jobs"]

QUESTION = (
    "All slopes are 1 now. With a slope of 2 for g and 3 for h, "
    "how far will 20° of x turn the last dial?",
    ["100 degrees", "120 degrees"],
)
TURN = 20.0  # degrees by which the first dial is turned
X = 2.0  # what goes into the three stages
STAGES = (3.2, 7.85, 12.5)  # where they stand
LINKS = (1.0, 5.525, 10.175, 14.85)  # and what runs between them
NAMES = (  # what stands before the numbers of each row
    ("x = ", "u = ", "v = ", "cost "),
    ("× ", "× ", "× "),
    ("", "", "", ""),
    ("× ", "× ", "× "),
    ("w_f = ", "w_g = ", "w_k = "),
    ("", "", ""),
)
MOVING = {"ha": "center", "va": "center", "animated": True}
Row = tuple[float, ...]


def sheet() -> tuple[Figure, Axes]:
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
    figure, axes = sheet()
    at = {2.5: "x", 8.0: "g(x)", 13.5: "h(g(x))"}
    dials = [_Dial(axes, x, name) for x, name in at.items()]
    factors = row(axes, (5.25, 10.75), 5.2, ORANGE, fontsize=13)
    for x in (5.25, 10.75):
        arrow(axes, (x - 0.5, 4.6), (x + 0.5, 4.6), color=ORANGE)

    def update(slope_g: float, slope_h: float) -> str:
        turns = TURN, TURN * slope_g, TURN * slope_g * slope_h
        for dial, turn in zip(dials, turns, strict=True):
            dial.turn_to(turn)
        write(factors, (slope_g, slope_h), "× ", "× ")
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


def own_input() -> LiveFigure:
    """Take each slope of sin(x²) at its own input, and see what else would come out.

    On the left stands u = x², on the right sin u. Orange tangents touch at x and at
    u; a grey one touches at x where u belongs, which is a common slip.

    Returns
    -------
    LiveFigure
        With the slider ``x``.

    Examples
    --------
    >>> own_input()
    Slope of sin at u = 2.25: -0.6282, times 3 = -1.8845. Taken at x = 1.5 instead: 0.2122.
    """
    figure, (left, right) = subplots(1, 2)
    first = _Tangent(left, np.linspace(0, 2, 101), np.square, "x", "u = x²")
    slip = _Tangent(right, np.array([]), np.sin, "u", "sin u", GREY)
    second = _Tangent(right, np.linspace(0, 4, 101), np.sin, "u", "sin u")
    left.set(xlim=(-0.1, 2.3), ylim=(-0.4, 5.2))
    right.set(xlim=(-0.2, 4.6), ylim=(-1.6, 1.9))

    def update(x: float) -> str:
        u, inner, outer, wrong = x**2, 2 * x, np.cos(x**2), np.cos(x)
        first.touch(x, inner, 0.25, (0.0, 4.8), f"slope {inner:z.4g}")
        second.touch(u, outer, 0.55, (0.05, 1.65), f"slope {outer:z.4f} at u = {u:.4g}")
        slip.touch(x, wrong, 0.55, (0.05, -1.35), f"slope {wrong:z.4f} at x = {x:.4g}")
        return (
            f"Slope of sin at u = {u:.4g}: {outer:z.4f}, times {inner:.4g} "
            f"= {outer * inner:z.4f}. Taken at x = {x:.4g} instead: {wrong * inner:z.4f}."
        )

    return LiveFigure(
        figure, update, x=Slider(0, 2, step=0.05, value=1.5, label="place x")
    )


class _Tangent:
    """A curve with a tangent that moves along it, and the slope in words."""

    def __init__(
        self,
        axes: Axes,
        x: NDArray[np.floating],
        f: Callable[[Any], Any],
        xlabel: str,
        ylabel: str,
        color: str = ORANGE,
    ) -> None:
        self.f = f
        axes.plot(x, f(x), color=INK)
        (self.line,) = axes.plot([], [], color=color, animated=True)
        (self.dot,) = axes.plot([], [], "o", color=color, animated=True)
        axes.set(xlabel=xlabel, ylabel=ylabel)
        self.text = label(axes, 0, 0, "", color=color, va="center", animated=True)

    def touch(self, x: float, slope: float, run: float, at: Row, words: str) -> None:
        ends = np.array([-run, run])
        self.line.set_data(x + ends, self.f(x) + slope * ends)
        self.dot.set_data([x], [self.f(x)])
        self.text.set_position(at)
        self.text.set_text(words)


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
    figure, axes = sheet()
    _draw_stages(axes)
    rows = _stage_rows(axes)

    def update(w_g: float, w_f: float, w_k: float) -> str:
        shown = _shown(w_f, w_g, w_k)
        for labels, numbers, names in zip(rows, shown, NAMES, strict=True):
            write(labels, numbers, *names)
        x, u, v, _ = shown.passed
        f, g, k = shown.kept
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


class _Shown(NamedTuple):
    """The numbers in the picture of the three stages, row by row."""

    values: Row
    through: Row
    passed: Row
    own: Row
    weights: Row
    kept: Row


def _stage_rows(axes: Axes) -> list[list[Text]]:
    """Make the labels for these numbers."""
    return [
        row(axes, LINKS, 8.2),
        row(axes, STAGES, 6.25, ORANGE),
        row(axes, LINKS, 5.1, ORANGE, weight="bold"),
        row(axes, [x + 0.2 for x in STAGES], 3.4, BLUE, ha="left"),
        row(axes, STAGES, 2.1),
        row(axes, STAGES, 0.6, BLUE, weight="bold"),
    ]


def _shown(w_f: float, w_g: float, w_k: float) -> _Shown:
    """Run the stages forward, then backward."""
    u = w_f * X
    v = w_g * u**0.5
    through = w_f, w_g / (2 * u**0.5), 2 * (v - w_k)
    own = X, u**0.5, -2 * (v - w_k)
    by_v = through[2]
    by_u = by_v * through[1]
    passed = by_u * through[0], by_u, by_v, 1.0
    kept = by_u * own[0], by_v * own[1], own[2]
    values = X, u, v, (v - w_k) ** 2
    return _Shown(values, through, passed, own, (w_f, w_g, w_k), kept)


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
        axes.plot([x, x], [5.7, 2.6], "--", color=BLUE)
    for x, name in zip(LINKS, ("x", "u", "v", "cost"), strict=True):
        what = f"d cost/d {name}"
        label(axes, x, 4.4, what, ha="center", va="center", color=ORANGE, fontsize=10)
        arrow(axes, (x - 0.8, 7.4), (x + 0.8, 7.4), color=GREY, width=1.2)
        arrow(axes, (x + 0.8, 5.9), (x - 0.8, 5.9), color=ORANGE)


def row(
    axes: Axes, places: Sequence[float], y: float, color: str = INK, **keywords: Any
) -> list[Text]:
    """Make the labels that stand beside each other at one height."""
    return [label(axes, x, y, "", color=color, **MOVING | keywords) for x in places]


def write(labels: list[Text], numbers: Row, *names: str) -> None:
    for text, name, number in zip(labels, names, numbers, strict=True):
        text.set_text(f"{name}{number:z.4g}")
