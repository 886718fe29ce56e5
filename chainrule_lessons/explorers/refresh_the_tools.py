"""Lesson A: two tools from school, the pair exp and log, and the dot product."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from chainrule_lessons.live import Bet, LiveFigure, Pen, Slider
from chainrule_lessons.markdown import bet
from chainrule_lessons.marks import GREEN, GREY, INK
from chainrule_lessons.plotting import arrow, label, subplots

__all__ = ["dot_product", "mirror"]

Array = NDArray[np.floating]

U = np.array([4.0, 3.0])
ALONG, ASIDE = U / 5, np.array([-3.0, 4.0]) / 5  # of length 1; u has length 5
TURNS = np.arange(-180.0, 181.0, 5.0)
COSINES = np.cos(np.radians(TURNS))


def mirror() -> LiveFigure:
    """Show a point on the graph of exp and its mirror image on the graph of log.

    The point (x, exp x) has its two numbers swapped: (exp x, x) lies on log.

    Slider ``x``.

    >>> mirror()
    exp takes 1.00 to 2.7183, and log takes 2.7183 back to 1.00.
    """
    figure, axes = subplots(size=(6.4, 4.6))
    _draw_mirror(axes)
    pen = Pen(axes)

    def update(x: float) -> str:
        y = float(np.exp(x))
        pen.line([x, y], [y, x], ":", width=1.5)
        pen.dot(x, y, grab="x")
        pen.dot(y, x, GREEN)
        return f"exp takes {x:z.2f} to {y:.4f}, and log takes {y:.4f} back to {x:z.2f}."

    place = Slider(-4.0, 1.75, step=0.05, value=1.0, label="input x")
    return LiveFigure(figure, update, x=place)


def _draw_mirror(axes: Axes) -> None:
    """Draw both graphs and the mirror, with one unit as long across as up."""
    low, high = np.array([-4.6, -4.4]), np.array([10.0, 6.2])
    x, y = np.linspace(low[0], 2.0, 200), np.exp(np.linspace(low[0], 2.3, 400))
    axes.axhline(0, color=GREY, linewidth=0.8)
    axes.axvline(0, color=GREY, linewidth=0.8)
    axes.plot([low[1], high[1]], [low[1], high[1]], "--", color=GREY, linewidth=1)
    axes.plot(x, np.exp(x), color=INK)
    axes.plot(y, np.log(y), color=GREEN)
    label(axes, 0.9, 5.0, "exp", ha="right")
    label(axes, 8.6, 1.4, "log", color=GREEN)
    label(axes, 5.6, 4.7, "mirror y = x", color=GREY)
    spans = {"xlim": (low[0], high[0]), "ylim": (low[1], high[1])}
    axes.set(xlabel="x", ylabel="y", aspect="equal", **spans)


def dot_product(predict: Bet | None = bet("dot_product")) -> LiveFigure:
    """Turn a vector v past u = (4, 3) and read the dot product of the two.

    It is the length of u times the shadow that v throws on the line of u, and
    the graph beside it is a cosine, drawn as far as v has turned.

    Parameters
    ----------
    predict : tuple, optional
        As in `LiveFigure`; None: no bet.

    Returns
    -------
    LiveFigure
        Sliders ``angle``, from u to v in degrees, and ``length``, that of v.

    Examples
    --------
    >>> dot_product()
    At 25° u · v = 4 · (1.41) + 3 · (2.65) = 13.59: length 5 of u times shadow 2.72.
    """
    figure, (plane, graph) = subplots(1, 2, size=(8, 3.6), width_ratios=(1.25, 1))
    _draw_plane(plane)
    graph.axhline(0, color=GREY, linewidth=0.8)
    graph.set(xlabel="angle in degrees", xticks=range(-180, 181, 90), xlim=(-195, 195))
    graph.set(ylabel="u · v", ylim=(-22, 22))
    vectors, cosine = Pen(plane), Pen(graph)

    def update(angle: float, length: float) -> str:
        v, shadow = _turned(angle, length)
        _draw_shadow(vectors, v, shadow)
        reached = abs(TURNS) <= abs(angle)
        cosine.line(TURNS[reached], 5 * length * COSINES[reached])
        cosine.dot(angle, 5 * shadow, GREEN, grab="angle")
        return (
            f"At {angle:.0f}° u · v = 4 · ({v[0]:z.2f}) + 3 · ({v[1]:z.2f}) = "
            f"{5 * shadow:z.2f}: length 5 of u times shadow {shadow:z.2f}."
        )

    angle = Slider(-180, 180, step=5, value=25, label="angle from u to v")
    length = Slider(1, 4, step=0.1, value=3, label="length of v")
    return LiveFigure(figure, update, predict=predict, angle=angle, length=length)


def _turned(angle: float, length: float) -> tuple[Array, float]:
    """Return v, and the length of its shadow on u; negative where it falls behind."""
    turn = np.radians(angle)
    shadow, height = length * np.cos(turn), length * np.sin(turn)
    return shadow * ALONG + height * ASIDE, float(shadow)


def _draw_plane(axes: Axes) -> None:
    """Draw u and the line through it."""
    axes.plot(*np.outer(ALONG, [-7.2, 7.2]), color=GREY, linewidth=1)
    arrow(axes, (0, 0), U, width=2.5, zorder=3)
    label(axes, 4.15, 3.25, "u", va="center")
    spans = {"xlim": (-6, 6), "ylim": (-4.6, 4.6)}
    axes.set(xlabel="first entry", ylabel="second entry", aspect="equal", **spans)


def _draw_shadow(pen: Pen, v: Array, shadow: float) -> None:
    """Draw v, and the shadow that it throws on the line of u."""
    foot, left = shadow * ALONG, U[0] * v[1] >= U[1] * v[0]
    pen.line([0, foot[0]], [0, foot[1]], color=GREEN, width=6)
    pen.line([v[0], foot[0]], [v[1], foot[1]], ":", width=1.5)
    pen.arrow((0, 0), v, width=2.5, zorder=3)
    pen.dot(*v, grab="angle", markersize=5)
    side = 1 if left else -1
    beside = v + 0.45 * side * ASIDE  # and the word shadow on the other side
    pen.words(*beside, "v", ha="center", va="center")
    if abs(shadow) > 0.5:  # else there is no room for the word
        across = foot / 2 + side * np.array([0.3, -0.4])  # on the side where v is not
        pen.words(*across, "shadow", GREEN, "left" if left else "right", "center")
