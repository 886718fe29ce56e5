"""Two tools from school, before any slope: exp and log, and the dot product.

`mirror` folds the graph of exp onto the graph of log, and `dot_product` turns one
vector past another. Every slider replays in the browser.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from chainrule_lessons.live import LiveFigure, Slider
from chainrule_lessons.plotting import (
    GREEN,
    GREY,
    INK,
    arrow,
    label,
    subplots,
)

__all__ = ["dot_product", "mirror"]

Array = NDArray[np.floating]

FIXED = np.array([4.0, 3.0])  # its length is 5
REACH = 4.0  # the longest turning vector
TURNS = np.arange(-180.0, 181.0, 5.0)
COSINES = np.cos(np.radians(TURNS))


def mirror() -> LiveFigure:
    """Show a point on the graph of exp and its mirror image on the graph of log.

    The point (x, exp x) has its two numbers swapped: (exp x, x) lies on log.

    Returns
    -------
    LiveFigure
        With a slider ``x``.

    Examples
    --------
    >>> mirror()
    exp takes 1.00 to 2.7183, and log takes 2.7183 back to 1.00.
    """
    figure, axes = subplots(size=(6.4, 3.8))
    _draw_mirror(axes)
    (fold,) = axes.plot([], [], ":", color=INK, linewidth=1.5, animated=True)
    (on_exp,) = axes.plot([], [], "o", color=INK, animated=True)
    (on_log,) = axes.plot([], [], "o", color=GREEN, animated=True)

    def update(x: float) -> str:
        y = float(np.exp(x))
        fold.set_data([x, y], [y, x])
        on_exp.set_data([x], [y])
        on_log.set_data([y], [x])
        return f"exp takes {x:z.2f} to {y:.4f}, and log takes {y:.4f} back to {x:z.2f}."

    place = Slider(-2.5, 1.75, step=0.05, value=1.0, label="input x")
    return LiveFigure(figure, update, x=place)


def _draw_mirror(axes: Axes) -> None:
    """Draw both graphs and the mirror, with one unit as long across as up."""
    low, high = np.array([-6.0, -3.0]), np.array([10.0, 6.2])
    x, y = np.linspace(low[0], 2.0, 200), np.linspace(0.03, high[0], 400)
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


def dot_product(predict: tuple[str, Sequence[str]] | None = None) -> LiveFigure:
    """Turn a vector v past u = (4, 3) and read the dot product of the two.

    It is the length of u times the shadow that v throws on the line of u, and
    the graph beside it is a cosine, drawn as far as v has turned.

    Parameters
    ----------
    predict : tuple of (str, sequence of str), optional
        A question whose answer unlocks the sliders.

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
    turn, trace = _vectors(plane), _cosine(graph)

    def update(angle: float, length: float) -> str:
        v, shadow = _turned(angle, length)
        turn(v, shadow)
        trace(angle, length, 5 * shadow)
        return (
            f"At {angle:.0f}° u · v = 4 · ({v[0]:z.2f}) + 3 · ({v[1]:z.2f}) = "
            f"{5 * shadow:z.2f}: length 5 of u times shadow {shadow:z.2f}."
        )

    return LiveFigure(
        figure,
        update,
        predict=predict,
        angle=Slider(-180, 180, step=5, value=25, label="angle from u to v"),
        length=Slider(1, REACH, step=0.1, value=3, label="length of v"),
    )


def _turned(angle: float, length: float) -> tuple[Array, float]:
    """Return v, and the length of its shadow on u; negative where it falls behind."""
    ahead, aside = (
        length * np.cos(np.radians(angle)),
        length * np.sin(np.radians(angle)),
    )
    unit = FIXED / 5
    return ahead * unit + aside * np.array([-unit[1], unit[0]]), float(ahead)


def _vectors(axes: Axes) -> Callable[[Array, float], None]:
    """Make u, the line through it, v, and the shadow of v on that line."""
    axes.plot(*np.outer(FIXED / 5, [-7.2, 7.2]), color=GREY, linewidth=1)
    arrow(axes, (0, 0), FIXED, width=2.5, zorder=3)
    label(axes, 4.15, 3.25, "u", va="center")
    spans = {"xlim": (-6, 6), "ylim": (-4.6, 4.6)}
    axes.set(xlabel="first entry", ylabel="second entry", aspect="equal", **spans)
    (cast,) = axes.plot([], [], color=GREEN, linewidth=6, animated=True)
    (foot,) = axes.plot([], [], ":", color=INK, linewidth=1.5, animated=True)
    v_arrow = arrow(axes, (0, 0), (0, 0), width=2.5, zorder=3, animated=True)
    name = label(axes, 0, 0, "v", ha="center", va="center", animated=True)
    shade = label(axes, 0, 0, "", color=GREEN, va="center", animated=True)

    def turn(v: Array, shadow: float) -> None:
        end, left = shadow * FIXED / 5, FIXED[0] * v[1] >= FIXED[1] * v[0]
        cast.set_data([0, end[0]], [0, end[1]])
        foot.set_data([v[0], end[0]], [v[1], end[1]])
        v_arrow.set_ends((0, 0), v)
        side = 1 if left else -1
        name.set_position(v + 0.45 * side * np.array([-v[1], v[0]]) / np.hypot(*v))
        # On the side where v is not; without words where there is no room for them.
        shade.set_position(end / 2 + side * np.array([0.3, -0.4]))
        shade.set_horizontalalignment("left" if left else "right")
        shade.set_text("shadow" if abs(shadow) > 0.5 else "")

    return turn


def _cosine(axes: Axes) -> Callable[[float, float, float], None]:
    """Make the graph of the dot product against the angle."""
    axes.axhline(0, color=GREY, linewidth=0.8)
    axes.set(
        xlabel="angle in degrees", ylabel="u · v", xlim=(-195, 195), ylim=(-22, 22)
    )
    axes.set_xticks(range(-180, 181, 90))
    (curve,) = axes.plot([], [], color=INK, animated=True)
    (dot,) = axes.plot([], [], "o", color=GREEN, animated=True)

    def trace(angle: float, length: float, value: float) -> None:
        reached = abs(TURNS) <= abs(angle)
        curve.set_data(TURNS[reached], 5 * length * COSINES[reached])
        dot.set_data([angle], [value])

    return trace
