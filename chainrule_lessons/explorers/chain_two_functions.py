"""Lesson 02: a chain of dials, of number lines, of stages and of a graph; two slips.

Orange slopes pass through; blue ones stay with a parameter.
"""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Circle

from chainrule_lessons.live import LiveFigure, Pen, Slider
from chainrule_lessons.markdown import bet
from chainrule_lessons.marks import BLUE, CENTRED, GREEN, GREY, INK, ORANGE
from chainrule_lessons.numeric import derivative
from chainrule_lessons.plotting import arrow, framed, label, sheet, subplots

__all__ = ["gears", "graph_walk", "misprint", "number_lines", "own_input", "two_jobs"]

Row = tuple[float, ...]


# Dials in a row

TURN = 20.0  # degrees by which the first dial is turned
DIALS = {2.5: "x", 8.0: "g", 13.5: "h"}  # across the sheet
BETWEEN = (5.25, 10.75)
MIDDLE = 4.6  # the height of dials


def gears() -> LiveFigure:
    """Turn one dial and see it turn two others.

    The first dial stands for x and is turned by 20 degrees, the second for g(x)
    and the third for h(g(x)). Each slope says how far a dial turns for one degree
    of the dial before it, so the last one turns ``slope_h * slope_g * 20``.

    Sliders ``slope_g`` and ``slope_h``, locked until the reader has bet on the last
    dial.

    >>> live = gears()
    >>> live.set(slope_g=2, slope_h=-1.5)
    >>> live
    x turns by 20°, g by 40° and h by -60°: that is -3° of h for 1° of x.
    """
    figure, axes = sheet()
    _draw_dials(axes)
    pen = Pen(axes)

    def update(slope_g: float, slope_h: float) -> str:
        turns = TURN, TURN * slope_g, TURN * slope_g * slope_h
        x, g, h = said = [f"{turn:z.4g}°" for turn in turns]
        grabs = None, "slope_g", "slope_h"
        for place, turn, words, grab in zip(DIALS, turns, said, grabs, strict=True):
            _turn(pen, place, turn, grab)
            pen.words(place, 1.6, words, ha="center", fontsize=14)
        for place, slope in zip(BETWEEN, (slope_g, slope_h), strict=True):
            text = f"slope\n{slope:z.4g}"
            pen.words(place, 5.5, text, ORANGE, fontsize=12, **CENTRED)
        each = f"{slope_h * slope_g:z.4g}° of h for 1° of x"
        return f"x turns by {x}, g by {g} and h by {h}: that is {each}."

    g, h = (Slider(-3, 3, step=0.1, value=1, label=f"slope of {name}") for name in "gh")
    return LiveFigure(figure, update, predict=bet("gears"), slope_g=g, slope_h=h)


def _draw_dials(axes: Axes) -> None:
    """Draw what stands still: the dials with their names, and arrows between them."""
    for x, name in DIALS.items():
        axes.add_patch(Circle((x, MIDDLE), 1.9, fill=False, edgecolor=GREY, lw=1.5))
        axes.plot([x, x], [6.5, 6.8], color=GREY)
        label(axes, x, 7.5, name, ha="center", fontsize=14)
    for x in BETWEEN:
        arrow(axes, (x - 0.5, MIDDLE), (x + 0.5, MIDDLE), color=ORANGE)


def _turn(pen: Pen, x: float, degrees: float, grab: str | None) -> None:
    """Turn a dial's needle, which started upright, and shade its way."""
    angles = np.radians(np.linspace(0, degrees, 61))
    centre = np.array([x, MIDDLE])
    rim = centre + 1.75 * np.column_stack([np.sin(angles), np.cos(angles)])
    pen.shape(np.vstack([centre, rim]), ORANGE, alpha=0.3)
    pen.line(*np.transpose([centre, rim[-1]]), "-", INK, 3.5)
    if grab:
        pen.dot(*rim[-1], ORANGE, grab=grab)


# A nudge stretched twice

LINES = {"x": 7.0, "u": 4.1, "v": 1.2}  # three number lines and their heights
LEFT, UNIT = 1.2, 0.8  # where they start, and how long a nudge is drawn


def number_lines() -> LiveFigure:
    """Send a nudge of x through u = x² and v = u²/4, and zoom in on it.

    All three lines have one scale, on which the nudge is always as long. Ten even
    pieces of it are bent out of step by the stages, the less the smaller they are.

    Sliders ``nudge`` and ``x``, locked until the reader has bet on what becomes of
    the whole stretch.

    >>> live = number_lines()
    >>> live.set(nudge=0.1)
    >>> live
    A nudge of 0.1 moves u by 0.41 (× 4.1), and this moves v by 0.862 (× 2.103). In all: × 8.62.
    """
    figure, axes = sheet()
    for name, y in LINES.items():
        axes.plot([LEFT, 15.8], [y, y], color=GREY, linewidth=1)
        label(axes, 0.5, y, name, fontsize=14, **CENTRED)
    for y, formula in ((5.8, "u = x²"), (2.9, "v = u²/4")):
        label(axes, 15.6, y, formula, color=GREY, ha="right")
    pen = Pen(axes)

    def update(nudge: float, x: float) -> str:
        u = x**2
        dx = nudge * np.linspace(0, 1, 11)
        du = dx * (2 * x + dx)
        dv = du * (2 * u + du) / 4
        moves = [UNIT / nudge * move + LEFT for move in (dx, du, dv)]
        heights, ends = [*LINES.values()], ((x, nudge), (u, du[-1]), (u**2 / 4, dv[-1]))
        for thread in zip(*moves, strict=True):
            pen.line(thread, heights, "-", GREY, 0.8)
        for places, y, (start, moved) in zip(moves, heights, ends, strict=True):
            pen.line(places, y, "o-", ORANGE, 3, markersize=6)
            pen.words(LEFT, y + 0.45, f"{start:.5g}", ha="center")
            pen.words(places[-1] - 0.1, y + 0.45, f"{start + moved:.5g}")
        pen.dot(places[-1], y, ORANGE, grab="nudge")
        first, second = du[-1] / nudge, dv[-1] / du[-1]
        for y, stretch in ((5.1, first), (2.2, second)):
            pen.words(15.6, y, f"stretched × {stretch:.4g}", ORANGE, ha="right")
        return (
            f"A nudge of {nudge:.4g} moves u by {du[-1]:.4g} (× {first:.4g}), and this "
            f"moves v by {dv[-1]:.4g} (× {second:.4g}). In all: × {first * second:.4g}."
        )

    nudge = Slider(0.001, 1, step=0.1, value=1, scale="log", label="nudge")
    x = Slider(1, 2, step=0.1, value=2, label="x")
    return LiveFigure(figure, update, predict=bet("number_lines"), nudge=nudge, x=x)


# Each slope at its own input


def own_input() -> LiveFigure:
    """Take the slope of the sine in sin(x²) at u and at x, and let a measurement decide.

    On the left stands u = x², on the right sin u. A solid tangent touches each, at x
    and at u; a dashed one touches the sine at x, which is a common slip.

    Slider ``x``, locked until the reader has bet on one of them.

    >>> live = own_input()
    >>> live.set(x=1.5)
    >>> live
    Slope at u = 2.25: -0.6282, times 3 = -1.8845. At x = 1.5: 0.0707, times 3 = 0.2122. Measured: -1.8845.
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
        measured = derivative(lambda x: np.sin(x**2), x)
        inside.tangent(x, u, inner, 0.25, "-", ORANGE)
        inside.dot(x, u, ORANGE, grab="x")
        inside.words(0, 4.8, f"slope {inner:z.4g}", ORANGE, va="center")
        for place, name, slope, style, y in (
            (x, "x", wrong, "--", -1.35),
            (u, "u", outer, "-", 1.65),
        ):
            outside.tangent(place, np.sin(place), slope, 0.55, style, GREY)
            outside.dot(place, np.sin(place), GREY)
            said = f"slope {slope:z.4f} at {name} = {place:.4g}"
            outside.words(0.05, y, said, GREY, va="center")
        return (
            f"Slope at u = {u:.4g}: {outer:z.4f}, times {inner:.4g} = "
            f"{outer * inner:z.4f}. At x = {x:.4g}: {wrong:z.4f}, times {inner:.4g} = "
            f"{wrong * inner:z.4f}. Measured: {measured:z.4f}."
        )

    slider = Slider(0, 2, step=0.05, value=1, label="place x")
    return LiveFigure(figure, update, predict=bet("own_input"), x=slider)


# What a stage passes on, and what it keeps

X, Y = 2.0, 10.0  # the data: what goes in, and what should come out
STAGES = {"f": 3.2, "g": 7.85, "k": 12.5}  # where they stand
LINKS = {"x": 1.0, "u": 5.525, "v": 10.175, "cost": 14.85}  # what runs between them
FORMULAS = (r"$w_f\,x$", r"$w_g\sqrt{u}$", r"$(v-y)^2$")


def two_jobs() -> LiveFigure:
    """Watch stages pass a slope on, and keep one for their own parameter.

    The machine is u = w_f x, v = w_g √u, cost = (v - y)² at x = 2 and y = 10, which
    are given. Orange slopes pass through a stage towards x; blue ones stay.

    Sliders ``w_f`` and ``w_g``, locked until the reader has bet on which slope w_g
    = 0 cuts off.

    >>> two_jobs()
    Passed on: 4 to v, 1.5 to u, 12 to x. Kept: 3 for w_f, 16 for w_g.
    """
    figure, axes = sheet()
    _draw_stages(axes)
    pen = Pen(axes)

    def update(w_f: float, w_g: float) -> str:
        u = w_f * X
        v = w_g * u**0.5
        through = w_f, w_g / (2 * u**0.5), 2 * (v - Y)
        own = X, u**0.5
        by_v = through[2]
        by_u = by_v * through[1]
        by_x = by_u * through[0]
        kept = f, g = by_u * own[0], by_v * own[1]
        _write_links(pen, (X, u, v, (v - Y) ** 2), (by_x, by_u, by_v, 1.0))
        for x, slope in zip(STAGES.values(), through, strict=True):
            pen.words(x, 6.25, f"× {slope:z.4g}", ORANGE, **CENTRED)
        _write_parameters(pen, (w_f, w_g), own, kept)
        return (
            f"Passed on: {by_v:z.4g} to v, {by_u:z.4g} to u, {by_x:z.4g} to x. "
            f"Kept: {f:z.4g} for w_f, {g:z.4g} for w_g."
        )

    w_f = Slider(0.5, 16, step=0.5, value=8, label="w_f")
    w_g = Slider(-4, 4, step=0.25, value=3, label="w_g")
    return LiveFigure(figure, update, predict=bet("two_jobs"), w_f=w_f, w_g=w_g)


def _write_links(pen: Pen, values: Row, passed: Row) -> None:
    """Write each value above its link, and the slope of the cost by it below."""
    for (name, x), value, slope in zip(LINKS.items(), values, passed, strict=True):
        said = f"{name} {value:z.4g}" if name == "cost" else f"{name} = {value:z.4g}"
        pen.words(x, 8.2, said, **CENTRED)
        pen.words(x, 5.1, f"{slope:z.4g}", ORANGE, weight="bold", **CENTRED)


def _write_parameters(pen: Pen, weights: Row, own: Row, kept: Row) -> None:
    """Write each parameter, the slope of its stage by it, and what stays with it."""
    for letter, weight, by_weight, stays in zip("fg", weights, own, kept, strict=True):
        x = STAGES[letter]
        pen.words(x + 0.2, 3.4, f"× {by_weight:z.4g}", BLUE, va="center")
        pen.words(x, 2.1, f"w_{letter} = {weight:z.4g}", **CENTRED)
        pen.words(x, 0.6, f"{stays:z.4g}", BLUE, weight="bold", **CENTRED)


def _draw_stages(axes: Axes) -> None:
    for (letter, x), formula in zip(STAGES.items(), FORMULAS, strict=True):
        framed(axes, x, 6.8, (2.4, 2.1))
        label(axes, x, 7.15, formula, fontsize=13, **CENTRED)
        label(axes, x, 8.2, letter, ha="center", color=GREY)
        if letter != "k":
            label(axes, x, 1.35, f"d cost/d w_{letter}", color=BLUE, **CENTRED)
            axes.plot([x, x], [5.7, 2.6], "--", color=BLUE)
    label(axes, STAGES["k"], 2.1, f"y = {Y:.0f}, given", color=GREY, **CENTRED)
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
EDGES = {"xa": "2x", "ab": "exp a", "ac": "1", "bc": "1", "cd": "1/(2√c)"}
EDGES |= {"ce": "−sin c", "df": "1", "ef": "1"}  # from, to: the local slope


def graph_walk() -> LiveFigure:
    """Step through √(x² + exp x²) + cos(x² + exp x²): values forward, slopes back.

    Sliders ``step``, 0 to 6 forward and 7 to 13 backward, and ``x``.

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
        i, ring = min(step, 13 - step), INK if step < 7 else ORANGE
        place, *_, value_found, slope_found = nodes[i]
        pen.dot(*place, ring, markersize=33, markerfacecolor="none", markeredgewidth=3)
        if step < 7:
            return f"At x = {x:z.2f}, forward: {value_found} = {values[i]:z.6g}."
        return f"At x = {x:z.2f}, backward: {slope_found} = {slopes[i]:z.6g}."

    step = Slider(0, 13, value=6, label="step", play=True)
    x = Slider(-2, 2, step=0.05, value=1, label="x")
    return LiveFigure(figure, update, step=step, x=x)


def _draw_graph(axes: Axes) -> None:
    """Draw nodes of one letter, and an arrow with its local slope for each edge."""
    for edge, slope in EDGES.items():
        start, end = np.array([NODES[name][0] for name in edge])
        way = end - start
        short = 0.6 * way / np.hypot(*way)
        arrow(axes, start + short, end - short, color=GREY, width=1.2)
        x, y = start + (0.65 if edge == "ce" else 0.5) * way  # clear of the number at c
        label(axes, x, y if way[1] else y + 0.35, slope, color=ORANGE, **CENTRED)
    for name, (spot, *_) in NODES.items():
        framed(axes, *spot, 1.0, name, fontsize=14)


def _values_and_slopes(x: float) -> tuple[Row, Row]:
    """Give the value of every node, x to f, and the slope of f by each."""
    a = x**2
    b = np.exp(a)
    c = a + b
    d, e = np.sqrt(c), np.cos(c)
    by_c = 1 / (2 * d) - np.sin(c)
    by_a = by_c + b * by_c
    return (x, a, b, c, d, e, d + e), (2 * x * by_a, by_a, by_c, by_c, 1.0, 1.0, 1.0)


# A misprint


def misprint() -> LiveFigure:
    """Look for the places where a misprinted derivative agrees with the true one.

    The misprint has √(x + exp x²) in a denominator where √(x² + exp x²) belongs.

    Slider ``x``, locked until the reader has bet on such places.

    >>> live = misprint()
    >>> live.set(x=0.5)
    >>> live
    At x = 0.50 the printed slope is -1.42747 and the true one -1.36043: off by -0.06704.
    """
    figure, axes = subplots()
    axes.set(xlim=(-2.1, 2.1), ylim=(-1.1, 0.4))
    axes.set(xlabel="x", ylabel="printed − true slope")
    axes.axhline(0, color=GREY, linewidth=1)
    label(axes, -1.95, 0.04, "0: no difference", color=GREY)
    pen = Pen(axes)

    def update(x: float) -> str:
        printed, true = _printed(x), _values_and_slopes(x)[1][0]
        off = printed - true
        pen.line(x, (0, off), "-", GREEN, 3)
        pen.dot(x, off, GREEN, grab="x")
        return (
            f"At x = {x:z.2f} the printed slope is {printed:z.6g} and the true one "
            f"{true:z.6g}: off by {off:z.5f}."
        )

    slider = Slider(-2, 2, step=0.05, value=1, label="x")
    return LiveFigure(figure, update, predict=bet("misprint"), x=slider)


def _printed(x: float) -> float:
    inner = 2 * x * (1 + np.exp(x**2))
    root = np.sqrt(x + np.exp(x**2))
    return inner / (2 * root) - inner * np.sin(x**2 + np.exp(x**2))
