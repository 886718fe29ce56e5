"""Lesson 04: slopes of a surface, one input at a time, and steps on it.

The surface is x² z unless the reader brings one. `slices` cuts it along each input,
`compass` turns a step to any angle, `downhill` walks against the gradient, and
`trust` asks how far a slope can be believed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from numpy.typing import NDArray

from chainrule_lessons.live import LiveFigure, Pen, Slider
from chainrule_lessons.numeric import derivative
from chainrule_lessons.plotting import (
    GREEN,
    GREY,
    INK,
    ORANGE,
    Picture,
    lessons_style,
    subplots,
)
from chainrule_lessons.validation import (
    describe,
    real_array,
    require_finite,
    same_shape,
)

__all__ = ["compass", "downhill", "slices", "surface", "trust"]

Array = NDArray[np.floating]
Surface = Callable[[Any, Any], Any]


def fan(x: Any, z: Any) -> Any:
    """Return x² z: a valley along x where z is positive, a ridge where it is not."""
    return x**2 * z


# One input at a time

XS, ZS = np.linspace(-4.8, 4.8, 96), np.linspace(-3.6, 3.6, 72)
WALK = {"x": 3.5, "z": 2.5}  # as far as the sliders go


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
    for axes, places, name in ((panels[1], XS, "x"), (panels[2], ZS, "z")):
        end = int(places[-1])
        axes.set(xlim=places[[0, -1]], ylim=(-reach, reach), xlabel=name, title=" \n ")
        axes.set_xticks((-end, 0, end))
    land, by_x, by_z = map(Pen, panels)

    def update(x: float, z: float) -> str:
        height = float(f(x, z))
        slope_x = derivative(lambda moved: f(moved, z), x)
        slope_z = derivative(lambda moved: f(x, moved), z)
        land.line(XS[[0, -1]], (z, z), "-", INK, 1.5)
        land.line((x, x), ZS[[0, -1]], "-", GREEN, 1.5)
        land.arrow((x, z), (x + shrink * slope_x, z + shrink * slope_z), ORANGE, 3)
        land.dot(x, z)
        by_x.line(XS, f(XS, z + 0 * XS))
        _mark_slope(by_x, x, height, slope_x, INK, f"z held at {z:z.1f}")
        by_z.line(ZS, f(x + 0 * ZS, ZS), "-", GREEN)
        _mark_slope(by_z, z, height, slope_z, GREEN, f"x held at {x:z.1f}")
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


def _mark_slope(
    pen: Pen, at: float, height: float, slope: float, color: str, held: str
) -> None:
    """Draw the tangent of a slice; write its slope and what is held above it."""
    pen.tangent(at, height, slope, 1, "-", ORANGE, 3.5)
    pen.dot(at, height, color)
    reach = pen.axes.get_ylim()[1]
    pen.words(0, 1.15 * reach, held, color, "center", "bottom")
    pen.words(0, 1.01 * reach, f"slope {slope:z.2f}", ORANGE, "center", "bottom")


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


# Which way, and how far

HERE = np.array([3.0, 2.0])
RUNG = np.log10(3) / 20  # decades; so that 0.03, 0.09 and 0.27 are places
START = np.array([4.0, 2.0])
BOWL, RAVINE = np.array([1.0, 1.0]), np.array([1.0, 10.0])  # x² + z², x² + 10 z²


@lessons_style()
def compass() -> LiveFigure:
    """Turn a step at (3, 2) on x² z to any angle and read its slope.

    The slope at angle α is 12 cos α + 9 sin α. Only the part up to the angle
    reached is drawn, so the answer to the question appears by turning.

    Returns
    -------
    LiveFigure
        With a slider ``angle``, locked until the reader commits to an answer.

    Examples
    --------
    >>> compass()
    Heading 0°, along x: slope 12.00.
    """
    figure, (land, axes) = subplots(1, 2, size=(8, 3.4))
    x, z = np.linspace(1.2, 4.8, 73), np.linspace(0.65, 3.35, 55)
    draw_map(land, x, z, fan(*np.meshgrid(x, z)))
    land.plot(*HERE, "o", color=INK)
    _mark_angles(axes)
    heading, chart = Pen(land), Pen(axes)
    slope_x, slope_z = 2 * HERE[0] * HERE[1], HERE[0] ** 2

    def update(angle: float) -> str:
        turned = np.linspace(0, angle, 91)
        across, up = np.cos(np.radians(turned)), np.sin(np.radians(turned))
        slopes = slope_x * across + slope_z * up
        heading.arrow(HERE, HERE + (across[-1], up[-1]), ORANGE, 3)
        chart.line(turned, slopes, "-", ORANGE)
        chart.dot(angle, slopes[-1], ORANGE)
        along = {0: ", along x", 90: ", along z"}.get(angle, "")
        return f"Heading {angle:.4g}°{along}: slope {slopes[-1]:z.2f}."

    return LiveFigure(
        figure,
        update,
        predict=("What is the steepest slope in any direction?", ["12", "15", "21"]),
        angle=Slider(0, 360, step=4, value=0, label="angle in degrees"),
    )


def _mark_angles(axes: Axes) -> None:
    axes.set(xlim=(-10, 370), ylim=(-18, 18), title="slope of a step at that angle")
    axes.set(xticks=range(0, 361, 90), yticks=(-12, -9, 0, 9, 12))
    axes.set_xticklabels(["0°\nalong x", "90°\nalong z", "180°", "270°", "360°"])
    axes.grid(axis="y")


@lessons_style()
def downhill() -> LiveFigure:
    """Follow the gradient down a bowl and down a ravine with one learning rate.

    The bowl is x² + z², the ravine x² + 10 z². Both walks start at (4, 2), and
    each step is ``point - rate * gradient``.

    Returns
    -------
    LiveFigure
        With sliders ``rate`` and ``step``.

    Examples
    --------
    >>> downhill()
    Rate 0.09, step 12: loss 0.171 in the bowl (from 20), 0.326 in the ravine (from 56).
    """
    figure, panels = subplots(1, 2, size=(8, 3.3), sharey=True)
    x, z = np.linspace(-5, 5, 101), np.linspace(-3.6, 3.6, 73)
    for axes, bend in zip(panels, (BOWL, RAVINE), strict=True):
        draw_map(axes, x, z, np.stack(np.meshgrid(x, z), axis=-1) ** 2 @ bend)
        axes.set(xlim=(-5, 5), ylim=(-3.6, 3.6))
    panels[0].set_title("bowl  x² + z²")
    panels[1].set_title("ravine  x² + 10 z²")
    left, right = map(Pen, panels)

    def update(rate: float, step: int) -> str:
        bowl = _walk(left, BOWL, rate, step)
        ravine = _walk(right, RAVINE, rate, step)
        return (
            f"Rate {rate:.3g}, step {step}: loss {bowl:.3g} in the bowl (from 20), "
            f"{ravine:.3g} in the ravine (from 56)."
        )

    return LiveFigure(
        figure,
        update,
        rate=Slider(0.01, 1.2, step=RUNG, scale="log", value=0.09, label="rate η"),
        step=Slider(0, 40, value=12, label="step", play=True),
    )


def _walk(pen: Pen, bend: Array, rate: float, step: int) -> float:
    """Draw a walk down the surface bend · p², and give its last loss."""
    # The gradient is 2 bend p, so a step multiplies p by a fixed factor.
    points = START * (1 - 2 * rate * bend) ** np.arange(step + 1)[:, None]
    seen = points[(abs(points) < 1e4).all(axis=1)]
    pen.line(*seen.T, "o-", INK, 1.2, markersize=4.5)
    pen.dot(*seen[-1], ORANGE)
    return float(points[-1] ** 2 @ bend)


# How far a slope can be believed


def trust() -> LiveFigure:
    """Compare the change that a slope predicts with the true change.

    On the slice 2x², the slope at x is 4x. A step δ changes the height by
    4x δ + 2δ², and the slope predicts 4x δ. The band holds the steps for which
    the prediction is off by less than 10 % of the true change: from −2x/11 to
    2x/9 where x is positive.

    Returns
    -------
    LiveFigure
        With sliders ``delta`` and ``x``.

    Examples
    --------
    >>> trust()
    Step 2.00 from x = 3.00: predicted 24.00, true 32.00, off by 25.0 %. Under 10 % \
from -0.55 to 0.67.
    """
    figure, axes = subplots()
    axes.set(xlim=(-3, 4), ylim=(-40, 60), xlabel="step δ", ylabel="change of height")
    axes.set_xticks(range(-3, 4))
    axes.axhline(0, color=GREY, linewidth=0.8)
    steps, pen = np.linspace(-3, 3, 61), Pen(axes)

    def update(delta: float, x: float) -> str:
        predicted, actual = 4 * x * delta, 4 * x * delta + 2 * delta**2
        low, high = sorted((-2 * x / 11, 2 * x / 9))
        if low < high:
            pen.box((low + high) / 2, 10, (high - low, 100), GREEN, alpha=0.2)
            pen.words(high, 56, " off by less than 10 %", GREEN, va="center")
        pen.line(steps, 4 * x * steps + 2 * steps**2)
        pen.line(steps, 4 * x * steps, "-", ORANGE)
        pen.line((delta, delta), (predicted, actual), "o-", GREEN, markersize=7)
        pen.words(3.06, 12 * x + 18, " true", va="center")
        pen.words(3.06, 12 * x, " predicted", ORANGE, va="center")
        return (
            f"Step {delta:z.2f} from x = {x:z.2f}: predicted {predicted:z.2f}, "
            f"true {actual:z.2f}{_off(predicted, actual)}. {_within(low, high)}."
        )

    return LiveFigure(
        figure,
        update,
        delta=Slider(-3, 3, step=0.1, value=2, label="step δ"),
        x=Slider(-3, 3, step=0.1, value=3, label="place x"),
    )


def _off(predicted: float, actual: float) -> str:
    """Say how far off the prediction is, where that can be said."""
    if abs(actual) < 1e-9:
        return ""
    return f", off by {100 * abs((predicted - actual) / actual):.1f} %"


def _within(low: float, high: float) -> str:
    """Name the band of steps."""
    if low == high:
        return "No step is off by under 10 %"
    return f"Under 10 % from {low:z.2f} to {high:z.2f}"
