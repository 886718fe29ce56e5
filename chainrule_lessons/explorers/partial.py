"""Slopes of a surface, one input at a time.

`surface` draws the height x² z that lesson 03 walks on, and `slices` cuts it, or
any other, along each input.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from numpy.typing import NDArray

from chainrule_lessons.live import LiveFigure, Slider
from chainrule_lessons.numeric import derivative
from chainrule_lessons.plotting import (
    GREEN,
    GREY,
    INK,
    ORANGE,
    Picture,
    arrow,
    label,
    lessons_style,
    subplots,
)
from chainrule_lessons.validation import (
    describe,
    real_array,
    require_finite,
    same_shape,
)

__all__ = ["slices", "surface"]

Array = NDArray[np.floating]
Surface = Callable[[Any, Any], Any]

XS, ZS = np.linspace(-4.8, 4.8, 96), np.linspace(-3.6, 3.6, 72)
WALK = {"x": 3.5, "z": 2.5}  # as far as the sliders go


def fan(x: Any, z: Any) -> Any:
    """Return x² z: a valley along x where z is positive, a ridge where it is not."""
    return x**2 * z


@lessons_style()
def surface() -> Picture:
    """Draw the surface x² z with the two slices through (3, 2).

    Returns
    -------
    Picture

    Examples
    --------
    >>> surface()
    The surface x² z, cut at (3, 2), height 18: a parabola along x, a line along z.
    """
    figure, axes = subplots(size=(6.4, 4.2), subplot_kw={"projection": "3d"})
    x, z = np.meshgrid(np.linspace(-4, 4, 33), np.linspace(-3, 3, 25))
    axes.plot_surface(
        x, z, fan(x, z), cmap="Greys", vmin=-60, vmax=250, edgecolor=GREY, lw=0.2
    )
    along_x, along_z = x[0], z[:, 0]
    front = {"zorder": 9, "linewidth": 3}
    axes.plot(along_x, 0 * along_x + 2, fan(along_x, 2), color=INK, **front)
    axes.plot(0 * along_z + 3, along_z, fan(3, along_z), color=GREEN, **front)
    axes.plot(3, 2, 18, "o", color=ORANGE, markersize=13, zorder=10)
    axes.text(-3.6, 2, 36, "z held at 2", color=INK)
    axes.text(3, -3, -40, "x held at 3", color=GREEN, ha="right")
    axes.set(xlabel="x", ylabel="z", zlabel="height", zticks=[-40, 0, 40])
    axes.view_init(elev=24, azim=-62)
    axes.set_box_aspect((4, 3, 2.6), zoom=1.15)
    return Picture(
        figure,
        "The surface x² z, cut at (3, 2), height 18: "
        "a parabola along x, a line along z.",
    )


@lessons_style()
def slices(f: Surface = fan) -> LiveFigure:
    """Cut a surface along each of its inputs, at a place that two sliders move.

    The map shows contour lines and the gradient; beside it stand the slice along
    x with z held, and the slice along z with x held, each with its tangent.

    Parameters
    ----------
    f : callable, optional
        ``f(x, z)`` on arrays: the height. x² z if left out.

    Returns
    -------
    LiveFigure
        With sliders ``x`` and ``z``.

    Raises
    ------
    TypeError, ValueError
        If `f` is no function, or its values on the map are no finite numbers of
        the shape of x, or all the same.

    Examples
    --------
    >>> slices()
    At x = 3.00, z = 2.00 the height is 18.00. Slope along x 12.00, along z 9.00.
    """
    heights = _heights(f)
    figure, panels = subplots(1, 3, size=(8, 3.3), width_ratios=(2, 1, 1))
    draw_map(panels[0], XS, ZS, heights)
    reach, shrink = _scales(heights)
    by_x = _slice(panels[1], XS, INK, "xz", reach)
    by_z = _slice(panels[2], ZS, GREEN, "zx", reach)
    move = _walker(panels[0], shrink)

    def update(x: float, z: float) -> str:
        height = float(f(x, z))
        slope_x = derivative(lambda moved: f(moved, z), x)
        slope_z = derivative(lambda moved: f(x, moved), z)
        move(x, z, np.array([slope_x, slope_z]))
        by_x(x, z, height, slope_x, f(XS, z + 0 * XS))
        by_z(z, x, height, slope_z, f(x + 0 * ZS, ZS))
        return (
            f"At x = {x:z.2f}, z = {z:z.2f} the height is {height:z.2f}. "
            f"Slope along x {slope_x:z.2f}, along z {slope_z:z.2f}."
        )

    return LiveFigure(
        figure,
        update,
        x=Slider(-WALK["x"], WALK["x"], step=0.1, value=3, label="place x"),
        z=Slider(-WALK["z"], WALK["z"], step=0.1, value=2, label="place z"),
    )


def _heights(f: Surface) -> Array:
    """Return f on the map, or say what is wrong with it."""
    if not callable(f):
        raise TypeError(f"slices: f must be a function of x and z, got {describe(f)}")
    x, z = np.meshgrid(XS, ZS)
    heights = real_array(f(x, z), "slices: f(x, z)")
    same_shape(heights, x.shape, "slices: f(x, z)")
    require_finite(heights, "slices: f(x, z)")
    if heights.min() == heights.max():
        raise ValueError(
            f"slices: f(x, z) must change on the map, got {heights[0, 0]} everywhere"
        )
    return heights


def _scales(heights: Array) -> tuple[float, float]:
    """Return how high the slices reach, and how far to shrink the gradient.

    At its true length the gradient's arrow would leave the map.
    """
    walked = np.ix_(abs(ZS) <= WALK["z"], abs(XS) <= WALK["x"])
    steepest = np.hypot(*np.gradient(heights, ZS, XS))[walked].max()
    return 1.35 * abs(heights[walked]).max() or 1.0, 1.4 / max(steepest, 1e-9)


def draw_map(axes: Axes, x: Array, z: Array, heights: Array) -> None:
    """Draw contour lines, darker uphill, with one unit as long across as up."""
    low, high = heights.min(), heights.max()
    shades = {"cmap": "Greys", "vmin": low, "vmax": low + 4 * (high - low)}
    axes.contourf(x, z, heights, 20, **shades)
    lines = axes.contour(
        x, z, heights, 20, colors=GREY, linewidths=0.7, linestyles="solid"
    )
    axes.set(xlabel="x", ylabel="z", aspect="equal")
    axes.clabel(lines, lines.levels[1:-3:3], inline=False, fontsize=8, fmt="%.4g")
    _tidy(lines.labelTexts, x, z)


def _tidy(labels: Sequence[Text], x: Array, z: Array) -> None:
    """Set labels off from their lines; hide those that the map's edge would cut."""
    ends = np.array([x[-1] - x[0], z[-1] - z[0]]) / 2
    middle = [x.mean(), z.mean()]
    for text in labels:
        place = np.subtract(text.get_position(), middle)
        text.set_visible(bool((abs(place) < 0.88 * ends).all()))
        text.set_path_effects([withStroke(linewidth=3, foreground="white")])


def _walker(axes: Axes, shrink: float) -> Callable[[float, float, Array], None]:
    """Make the place on the map, its two slices and its gradient."""
    (across,) = axes.plot([], [], color=INK, linewidth=1.5, animated=True)
    (up,) = axes.plot([], [], color=GREEN, linewidth=1.5, animated=True)
    gradient_arrow = arrow(axes, (0, 0), (0, 0), color=ORANGE, width=3, animated=True)
    (dot,) = axes.plot([], [], "o", color=INK, animated=True)

    def move(x: float, z: float, slopes: Array) -> None:
        across.set_data(XS[[0, -1]], [z, z])
        up.set_data([x, x], ZS[[0, -1]])
        gradient_arrow.set_ends([x, z], [x, z] + shrink * slopes)
        dot.set_data([x], [z])

    return move


def _slice(
    axes: Axes, places: Array, color: str, names: str, reach: float
) -> Callable[[float, float, float, float, Array], None]:
    """Make the slice along ``names[0]`` while ``names[1]`` is held."""
    end = int(places[-1])
    axes.set(xlim=places[[0, -1]], ylim=(-reach, reach), xlabel=names[0], title=" \n ")
    axes.set_xticks((-end, 0, end))
    (curve,) = axes.plot([], [], color=color, animated=True)
    (tangent,) = axes.plot([], [], color=ORANGE, linewidth=3.5, animated=True)
    (dot,) = axes.plot([], [], "o", color=color, animated=True)
    above = {"ha": "center", "va": "bottom", "animated": True}
    still = label(axes, 0, 1.15 * reach, "", color=color, **above)
    said = label(axes, 0, 1.01 * reach, "", color=ORANGE, **above)

    def move(at: float, held: float, height: float, slope: float, cut: Array) -> None:
        curve.set_data(places, cut)
        tangent.set_data([at - 1, at + 1], [height - slope, height + slope])
        dot.set_data([at], [height])
        still.set_text(f"{names[1]} held at {held:z.1f}")
        said.set_text(f"slope {slope:z.2f}")

    return move
