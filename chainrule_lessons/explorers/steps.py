"""Steps on a surface: which way, how far, and how far a slope can be believed.

`compass` turns a step to any angle, `downhill` follows the gradient on a bowl and
on a ravine, and `trust` compares the change that a slope predicts with the true one.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from chainrule_lessons.explorers.partial import draw_map, fan
from chainrule_lessons.live import LiveFigure, Slider
from chainrule_lessons.plotting import (
    GREEN,
    GREY,
    INK,
    ORANGE,
    arrow,
    label,
    lessons_style,
    subplots,
)

__all__ = ["compass", "downhill", "trust"]

Array = NDArray[np.floating]

HERE = np.array([3.0, 2.0])
RUNG = np.log10(3) / 20  # decades; so that 0.03, 0.09 and 0.27 are places
START = np.array([4.0, 2.0])
BENDS = {
    "bowl  x² + z²": np.array([1.0, 1.0]),
    "ravine  x² + 10 z²": np.array([1.0, 10.0]),
}


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
    figure, (map_axes, axes) = subplots(1, 2, size=(8, 3.4))
    x, z = np.linspace(1.2, 4.8, 73), np.linspace(0.65, 3.35, 55)
    draw_map(map_axes, x, z, fan(*np.meshgrid(x, z)))
    heading = arrow(map_axes, HERE, HERE, color=ORANGE, width=3, animated=True)
    map_axes.plot(*HERE, "o", color=INK)
    _mark_angles(axes)
    (trace,) = axes.plot([], [], color=ORANGE, animated=True)
    (dot,) = axes.plot([], [], "o", color=ORANGE, animated=True)
    by_x, by_z = 2 * HERE[0] * HERE[1], HERE[0] ** 2

    def update(angle: float) -> str:
        turned = np.radians(np.linspace(0, angle, 91))
        slopes = by_x * np.cos(turned) + by_z * np.sin(turned)
        trace.set_data(np.degrees(turned), slopes)
        dot.set_data([angle], slopes[-1:])
        heading.set_ends(HERE, HERE + [np.cos(turned[-1]), np.sin(turned[-1])])
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
    walks = [
        _walk(axes, name, bend)
        for axes, (name, bend) in zip(panels, BENDS.items(), strict=True)
    ]

    def update(rate: float, step: int) -> str:
        bowl, ravine = (walk(step, rate) for walk in walks)
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


def _walk(axes: Axes, name: str, bend: Array) -> Callable[[int, float], float]:
    """Make one map with a path on it, and what moves it and gives its loss."""
    x, z = np.linspace(-5, 5, 101), np.linspace(-3.6, 3.6, 73)
    draw_map(axes, x, z, np.stack(np.meshgrid(x, z), axis=-1) ** 2 @ bend)
    axes.set(title=name, xlim=(-5, 5), ylim=(-3.6, 3.6))
    (path,) = axes.plot(
        [], [], "-o", color=INK, linewidth=1.2, markersize=4.5, animated=True
    )
    (dot,) = axes.plot([], [], "o", color=ORANGE, animated=True)

    def walk(step: int, rate: float) -> float:
        # The gradient is 2 bend p, so a step multiplies p by a fixed factor.
        points = START * (1 - 2 * rate * bend) ** np.arange(step + 1)[:, None]
        seen = points[(abs(points) < 1e4).all(axis=1)]
        path.set_data(*seen.T)
        dot.set_data(*seen[-1:].T)
        return float(points[-1] ** 2 @ bend)

    return walk


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
    shade, compare = _band(axes), _promise(axes)

    def update(delta: float, x: float) -> str:
        predicted, actual = 4 * x * delta, 4 * x * delta + 2 * delta**2
        low, high = sorted((-2 * x / 11, 2 * x / 9))
        shade(low, high)
        compare(x, delta)
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


def _band(axes: Axes) -> Callable[[float, float], None]:
    """Make the band of steps that the slope can be trusted for."""
    (band,) = axes.fill([], [], color=GREEN, alpha=0.2, linewidth=0, animated=True)
    name = label(axes, 0, 56, "", color=GREEN, ha="left", va="center", animated=True)

    def shade(low: float, high: float) -> None:
        band.set_xy([(low, -40), (low, 60), (high, 60), (high, -40)])
        name.set_position((high, 56))
        name.set_text(" off by less than 10 %" if low < high else "")

    return shade


def _promise(axes: Axes) -> Callable[[float, float], None]:
    """Make the true and the predicted change, and the gap between them."""
    (true,) = axes.plot([], [], color=INK, animated=True)
    (line,) = axes.plot([], [], color=ORANGE, animated=True)
    (gap,) = axes.plot([], [], "-o", color=GREEN, markersize=7, animated=True)
    beside = {"va": "center", "animated": True}
    names = (
        label(axes, 3.06, 0, " true", color=INK, **beside),
        label(axes, 3.06, 0, " predicted", color=ORANGE, **beside),
    )
    steps = np.linspace(-3, 3, 61)

    def compare(x: float, delta: float) -> None:
        true.set_data(steps, 4 * x * steps + 2 * steps**2)
        line.set_data(steps, 4 * x * steps)
        gap.set_data([delta, delta], [4 * x * delta, 4 * x * delta + 2 * delta**2])
        names[0].set_y(12 * x + 18)
        names[1].set_y(12 * x)

    return compare


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
