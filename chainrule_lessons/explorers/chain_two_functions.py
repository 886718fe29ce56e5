"""Lesson 02: a chain of dials, of stages and of a graph, and two slips to see through.

Orange slopes pass through; blue ones stay with a parameter.
"""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Circle, Rectangle
from numpy.typing import ArrayLike, NDArray

from chainrule_lessons.live import LiveFigure, Pen, Slider
from chainrule_lessons.plotting import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    arrow,
    label,
    sheet,
    subplots,
)

__all__ = ["gears", "graph_walk", "misprint", "own_input", "two_jobs"]

CENTRED = {"ha": "center", "va": "center"}
Row = tuple[float, ...]


# Slopes multiply

QUESTION = (
    "All slopes are 1 now. With a slope of 2 for g and 3 for h, "
    "how far will 20° of x turn the last dial?",
    ["100 degrees", "120 degrees"],
)
TURN = 20.0  # degrees by which the first dial is turned
DIALS = {2.5: "x", 8.0: "g(x)", 13.5: "h(g(x))"}
BETWEEN = (5.25, 10.75)
HEIGHT = 4.6


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
    _draw_dials(axes)
    pen = Pen(axes)

    def update(slope_g: float, slope_h: float) -> str:
        turns = TURN, TURN * slope_g, TURN * slope_g * slope_h
        x, g, h = said = [f"{turn:z.4g}°" for turn in turns]
        for place, turn, words in zip(DIALS, turns, said, strict=True):
            _turn(pen, place, turn)
            pen.words(place, 1.6, words, ha="center", fontsize=14)
        for place, slope in zip(BETWEEN, (slope_g, slope_h), strict=True):
            pen.words(place, 5.2, f"× {slope:z.4g}", ORANGE, fontsize=13, **CENTRED)
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


def _draw_dials(axes: Axes) -> None:
    for x, name in DIALS.items():
        axes.add_patch(Circle((x, HEIGHT), 1.9, fill=False, edgecolor=GREY, lw=1.5))
        axes.plot([x, x], [6.5, 6.8], color=GREY)
        label(axes, x, 7.5, name, ha="center", fontsize=14)
    for x in BETWEEN:
        arrow(axes, (x - 0.5, HEIGHT), (x + 0.5, HEIGHT), color=ORANGE)


def _turn(pen: Pen, x: float, degrees: float) -> None:
    """Turn a dial's needle, which started upright, and shade its way."""
    angles = np.radians(np.linspace(0, degrees, 61))
    centre = np.array([x, HEIGHT])
    rim = centre + 1.75 * np.column_stack([np.sin(angles), np.cos(angles)])
    pen.shape(np.vstack([centre, rim]), ORANGE, alpha=0.3)
    pen.line(*np.transpose([centre, rim[-1]]), "-", INK, 3.5)


# Each slope at its own input


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
    x, u = np.linspace(0, 2, 101), np.linspace(0, 4, 101)
    left.plot(x, x**2, color=INK)
    left.set(xlim=(-0.1, 2.3), ylim=(-0.4, 5.2), xlabel="x", ylabel="u = x²")
    right.plot(u, np.sin(u), color=INK)
    right.set(xlim=(-0.2, 4.6), ylim=(-1.6, 1.9), xlabel="u", ylabel="sin u")
    inside, outside = Pen(left), Pen(right)

    def update(x: float) -> str:
        u, inner, outer, wrong = x**2, 2 * x, np.cos(x**2), np.cos(x)
        said = f"slope {inner:z.4g}"
        _touch(inside, (x, u), inner, 0.25, ORANGE, (0.0, 4.8), said)
        said = f"slope {wrong:z.4f} at x = {x:.4g}"
        _touch(outside, (x, np.sin(x)), wrong, 0.55, GREY, (0.05, -1.35), said)
        said = f"slope {outer:z.4f} at u = {u:.4g}"
        _touch(outside, (u, np.sin(u)), outer, 0.55, ORANGE, (0.05, 1.65), said)
        return (
            f"Slope of sin at u = {u:.4g}: {outer:z.4f}, times {inner:.4g} "
            f"= {outer * inner:z.4f}. Taken at x = {x:.4g} instead: {wrong * inner:z.4f}."
        )

    return LiveFigure(
        figure, update, x=Slider(0, 2, step=0.05, value=1.5, label="place x")
    )


def _touch(
    pen: Pen, point: Row, slope: float, run: float, color: str, at: Row, said: str
) -> None:
    """Draw a tangent with the point that it touches, and say its slope."""
    pen.tangent(*point, slope, run, "-", color)
    pen.dot(*point, color)
    pen.words(*at, said, color, va="center")


# What a stage passes on, and what it keeps

X = 2.0  # what goes into the three stages
STAGES = {"f": 3.2, "g": 7.85, "k": 12.5}  # where they stand
LINKS = {"x": 1.0, "u": 5.525, "v": 10.175, "cost": 14.85}  # what runs between them
FORMULAS = (r"$w_f\,x$", r"$w_g\sqrt{u}$", r"$(v-w_k)^2$")


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
    pen = Pen(axes)

    def update(w_g: float, w_f: float, w_k: float) -> str:
        u = w_f * X
        v = w_g * u**0.5
        cost = (v - w_k) ** 2
        through = w_f, w_g / (2 * u**0.5), 2 * (v - w_k)
        own = X, u**0.5, -2 * (v - w_k)
        by_v = through[2]
        by_u = by_v * through[1]
        by_x = by_u * through[0]
        kept = by_u * own[0], by_v * own[1], own[2]
        _write_links(pen, (X, u, v, cost), (by_x, by_u, by_v, 1.0))
        _write_stages(pen, (w_f, w_g, w_k), through, own, kept)
        f, g, k = kept
        return (
            f"Passed on: {by_v:z.4g} to v, {by_u:z.4g} to u, {by_x:z.4g} to x. "
            f"Kept: {f:z.4g} by w_f, {g:z.4g} by w_g, {k:z.4g} by w_k."
        )

    return LiveFigure(
        figure,
        update,
        w_g=Slider(-4, 4, step=0.25, value=3, label="w_g"),
        w_f=Slider(0.5, 16, step=0.5, value=8, label="w_f"),
        w_k=Slider(0, 20, step=0.5, value=10, label="w_k"),
    )


def _write_links(pen: Pen, values: Row, passed: Row) -> None:
    """Write each value above its link, and the slope of the cost by it below."""
    for (name, x), value, slope in zip(LINKS.items(), values, passed, strict=True):
        said = f"{name} {value:z.4g}" if name == "cost" else f"{name} = {value:z.4g}"
        pen.words(x, 8.2, said, **CENTRED)
        pen.words(x, 5.1, f"{slope:z.4g}", ORANGE, weight="bold", **CENTRED)


def _write_stages(pen: Pen, weights: Row, through: Row, own: Row, kept: Row) -> None:
    """Write each stage's slope, its slope by its own weight, and what it keeps."""
    rows = zip(STAGES.items(), weights, through, own, kept, strict=True)
    for (letter, x), weight, slope, by_weight, stays in rows:
        pen.words(x, 6.25, f"× {slope:z.4g}", ORANGE, **CENTRED)
        pen.words(x + 0.2, 3.4, f"× {by_weight:z.4g}", BLUE, va="center")
        pen.words(x, 2.1, f"w_{letter} = {weight:z.4g}", **CENTRED)
        pen.words(x, 0.6, f"{stays:z.4g}", BLUE, weight="bold", **CENTRED)


def _draw_stages(axes: Axes) -> None:
    for (letter, x), formula in zip(STAGES.items(), FORMULAS, strict=True):
        box = Rectangle((x - 1.2, 5.75), 2.4, 2.1, facecolor="white", edgecolor=INK)
        axes.add_patch(box)
        label(axes, x, 7.15, formula, fontsize=13, **CENTRED)
        label(axes, x, 8.2, letter, ha="center", color=GREY)
        label(axes, x, 1.35, f"d cost/d w_{letter}", color=BLUE, **CENTRED)
        axes.plot([x, x], [5.7, 2.6], "--", color=BLUE)
    for name, x in LINKS.items():
        label(axes, x, 4.4, f"d cost/d {name}", color=ORANGE, fontsize=10, **CENTRED)
        arrow(axes, (x - 0.8, 7.4), (x + 0.8, 7.4), color=GREY, width=1.2)
        arrow(axes, (x + 0.8, 5.9), (x - 0.8, 5.9), color=ORANGE)


# A graph both ways

BY_C = "df/dc = 1/(2√c) · df/dd − sin c · df/de"
NODES = {  # where, how far above are its value and its slope, and how both are found
    "x": ((1.0, 4.4), 0.95, -0.95, "x", "df/dx = 2x · df/da"),
    "a": ((3.8, 4.4), 0.95, -0.95, "a = x²", "df/da = 1 · df/dc + exp a · df/db"),
    "b": ((6.4, 6.7), 1.5, 0.95, "b = exp a", "df/db = 1 · df/dc"),
    "c": ((8.6, 4.4), 0.95, -0.95, "c = a + b", BY_C),
    "d": ((12.0, 6.7), 1.5, 0.95, "d = √c", "df/dd = 1 · df/df"),
    "e": ((12.0, 2.1), -0.95, -1.5, "e = cos c", "df/de = 1 · df/df"),
    "f": ((15.0, 4.4), 0.95, -0.95, "f = d + e", "df/df"),
}
EDGES = ("xa", "ab", "ac", "bc", "cd", "ce", "df", "ef")  # from, to
SLOPES = {"xa": "2x", "ab": "exp a", "cd": "1/(2√c)", "ce": "−sin c"}  # else 1


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
    _draw_graph(axes)
    nodes, pen = list(NODES.values()), Pen(axes)

    def update(step: int, x: float) -> str:
        values, slopes = _values_and_slopes(x)
        for i, ((across, up), value_up, slope_up, *_) in enumerate(nodes):
            if step >= i:
                pen.words(across, up + value_up, f"{values[i]:z.4g}", **CENTRED)
            if step >= 13 - i:
                slope, look = f"{slopes[i]:z.4g}", CENTRED | {"weight": "bold"}
                pen.words(across, up + slope_up, slope, ORANGE, **look)
        i = min(step, 13 - step)
        place, *_, value_found, slope_found = nodes[i]
        _ring(pen, *place, INK if step < 7 else ORANGE)
        if step < 7:
            return f"At x = {x:z.2f}, forward: {value_found} = {values[i]:z.6g}."
        return f"At x = {x:z.2f}, backward: {slope_found} = {slopes[i]:z.6g}."

    return LiveFigure(
        figure,
        update,
        step=Slider(0, 13, value=6, label="step", play=True),
        x=Slider(-2, 2, step=0.05, value=1, label="x"),
    )


def _ring(pen: Pen, x: float, y: float, color: str) -> None:
    """Draw a ring around the node whose number the step finds."""
    look = {"markersize": 33, "markerfacecolor": "none", "markeredgewidth": 3}
    pen.dot(x, y, color, **look)


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
    for edge in EDGES:
        ends = np.array([NODES[name][0] for name in edge])
        run, rise = ends[1] - ends[0]
        short = 0.6 * np.array([run, rise]) / np.hypot(run, rise)
        arrow(axes, ends[0] + short, ends[1] - short, color=GREY, width=1.2)
        x, y = ends.mean(axis=0)
        above = y if rise else y + 0.35
        label(axes, x, above, SLOPES.get(edge, "1"), color=ORANGE, **CENTRED)
    for name, (place, *_) in NODES.items():
        axes.add_patch(Circle(place, 0.5, facecolor="white", edgecolor=INK))
        label(axes, *place, name, fontsize=14, **CENTRED)


# A misprint


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
    pen = Pen(axes)

    def update(x: float) -> str:
        printed, true = _printed(x), _true(x)
        off = printed - true
        pen.line(x, (0, off), "-", GREEN, 3)
        pen.dot(x, off, GREEN)
        return (
            f"At x = {x:z.2f} the printed slope is {printed:z.6g} and the true one "
            f"{true:z.6g}: off by {off:z.5f}."
        )

    return LiveFigure(figure, update, x=Slider(-2, 2, step=0.05, value=1, label="x"))


def _true(x: ArrayLike) -> NDArray[np.floating]:
    return _values_and_slopes(np.asarray(x))[1][0]


def _printed(x: ArrayLike) -> NDArray[np.floating]:
    x = np.asarray(x)
    inner = 2 * x * (1 + np.exp(x**2))
    root = np.sqrt(x + np.exp(x**2))
    return inner / (2 * root) - inner * np.sin(x**2 + np.exp(x**2))
