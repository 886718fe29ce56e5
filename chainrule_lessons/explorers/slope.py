"""Slopes: two photographs, a secant that becomes a tangent, a slope at every place.

Black is the function, green a slope that is measured with a step, orange the
slope that the step is meant to find.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from chainrule_lessons.live import LiveFigure
from chainrule_lessons.live.slider import Slider
from chainrule_lessons.numeric import DerivativeError, derivative
from chainrule_lessons.plotting import (
    GREEN,
    GREY,
    INK,
    ORANGE,
    Picture,
    label,
    slope_triangle,
    subplots,
)
from chainrule_lessons.validation import (
    describe,
    finite_number,
    real_array,
    require_finite,
    same_shape,
)

__all__ = ["secant", "speed_camera", "trace_slopes"]

Function = Callable[[Any], Any]


def square(x: Any) -> Any:
    return x * x


# What several figures need


def _sampled(f: Function, xs: NDArray[Any], caller: str) -> NDArray[Any]:
    """Return the heights of `f` at `xs`, one number each."""
    if not callable(f):
        raise TypeError(f"{caller}: f must be a function, got {describe(f)}")
    with np.errstate(all="ignore"):
        ys = real_array([f(x) for x in xs], f"{caller}: f(x)")
    same_shape(ys, xs.shape, f"{caller}: f of {len(xs)} numbers, one at a time,")
    require_finite(ys, f"{caller}: f(x) from x = {xs[0]:g} to {xs[-1]:g}")
    return ys


def _range(low: Any, high: Any, caller: str) -> tuple[float, float]:
    low = finite_number(low, f"{caller}: low")
    high = finite_number(high, f"{caller}: high")
    if not low < high:
        raise ValueError(f"{caller}: low must be below high, got {low} and {high}")
    return low, high


def _fit_height(axes: Axes, ys: NDArray[Any]) -> None:
    margin = 0.1 * (np.ptp(ys) or 2)
    axes.set_ylim(ys.min() - margin, ys.max() + margin)


def _true_slope(f: Function, x: float) -> float:
    """Return the slope of `f` at `x`, NaN where there is none."""
    try:
        return derivative(f, x)
    except DerivativeError:
        return np.nan


def _said(slope: float) -> str:
    return "none" if np.isnan(slope) else f"{slope:z.4f}"


def _readout(axes: Axes, x: float, color: str, ha: str = "left") -> Any:
    """Write above the axes, where no curve can run through a number."""
    place = {"transform": axes.transAxes, "ha": ha, "va": "bottom"}
    return label(axes, x, 1.03, "", color=color, animated=True, **place)


# Two photographs


def speed_camera() -> Picture:
    """Draw a car that pulls away, x² metres after x seconds, photographed twice.

    Returns
    -------
    Picture

    Examples
    --------
    >>> speed_camera()
    Photographs at 1 s and 2 s: the car has moved 3 m in 1 s, so the camera says 3 m/s.
    """
    figure, axes = subplots()
    axes.set(
        xlim=(0, 2.6), ylim=(0, 6), xlabel="seconds", ylabel="metres from the light"
    )
    xs = np.linspace(0, 2.45, 200)
    axes.plot(xs, square(xs), color=INK)
    label(axes, 2.4, square(2.4), "the car  ", ha="right", va="bottom")
    triangle = slope_triangle(axes, color=GREEN)
    _place_triangle(triangle, (1, 1), (2, 4), ("1 second", "3 metres"))
    axes.plot([1, 2], [1, 4], "o", color=GREEN)
    for x, name in ((1, "first photograph  "), (2, "second photograph  ")):
        label(axes, x, x * x, name, color=GREEN, ha="right", va="bottom")
    moved = square(2) - square(1)
    return Picture(
        figure,
        f"Photographs at 1 s and 2 s: the car has moved {moved} m in 1 s, "
        f"so the camera says {moved} m/s.",
    )


# The secant becomes a tangent


def secant(
    f: Function = square,
    low: float = -1.0,
    high: float = 1.0,
    *,
    predict: tuple[str, Sequence[str]] | None = None,
) -> LiveFigure:
    """Draw the line through two points of a curve, and bring the points together.

    The tangent comes up once the step is below 1, not before the reader has bet.

    Parameters
    ----------
    f : callable, optional
        Takes a number and returns a number.
    low, high : float, optional
        The places that the slider of x reaches; f is drawn a little further.
    predict : tuple of (str, sequence of str), optional
        A question that the reader answers before the sliders unlock.

    Returns
    -------
    LiveFigure
        With the sliders ``step`` and ``x``.

    Raises
    ------
    TypeError
        If `f` is no function, or gives no numbers.
    ValueError
        If `low` is not below `high`, or f(x) is not one finite number.

    Examples
    --------
    >>> secant()
    From x = 1.00 a step of 1 rises 3: secant slope 3.0000.
    """
    low, high = _range(low, high, "secant")
    axes = _drawn(f, np.linspace(low - 0.4, high + 1.7, 400), "secant")
    show_tangent, show_secant = _moving_tangent(axes), _moving_secant(axes)

    def update(step: float, x: float) -> str:
        y, rise, slope = f(x), f(x + step) - f(x), _true_slope(f, x)
        measured = rise / ((x + step) - x)
        show_secant(x, y, step, measured)
        aim = f", tangent slope {_said(slope)}" if step < 1 else ""
        show_tangent(x, y, slope, visible=step < 1)
        return (
            f"From x = {x:z.2f} a step of {step:.3g} rises {rise:z.4g}: "
            f"secant slope {_said(measured)}{aim}."
        )

    start = 1.0 if low <= 1 <= high else low
    return LiveFigure(
        axes.figure,
        update,
        predict=predict,
        step=Slider(1e-4, 1.6, step=0.05, scale="log", value=1, label="step Δ"),
        x=Slider(low, high, step=(high - low) / 100, value=start, label="place x"),
    )


def _drawn(f: Function, xs: NDArray[Any], caller: str) -> Axes:
    """Draw f on new axes that leave a line free above for two numbers."""
    ys = _sampled(f, xs, caller)
    _, axes = subplots()
    axes.plot(xs, ys, color=INK)
    axes.set(xlim=(xs[0], xs[-1]), xlabel="x", ylabel="f(x)", title=" ")
    _fit_height(axes, ys)
    return axes


def _moving_tangent(axes: Axes) -> Callable[..., None]:
    """Make the tangent and its number; return the function that moves them."""
    (line,) = axes.plot([], [], color=ORANGE, animated=True)
    readout, ends = _readout(axes, 1, ORANGE, ha="right"), np.array(axes.get_xlim())

    def show(x: float, y: float, slope: float, *, visible: bool) -> None:
        line.set_data(ends, y + slope * (ends - x) if visible else ends * np.nan)
        readout.set_text(f"tangent slope {_said(slope)}" if visible else "")

    return show


def _moving_secant(axes: Axes) -> Callable[[float, float, float, float], None]:
    """Make the secant's marks; return the function that moves them."""
    (line,) = axes.plot([], [], color=GREEN, animated=True)
    triangle = slope_triangle(axes, color=GREEN, animated=True)
    (dots,) = axes.plot([], [], "o", color=GREEN, animated=True)
    readout, ends = _readout(axes, 0, GREEN), np.array(axes.get_xlim())

    def show(x: float, y: float, step: float, slope: float) -> None:
        rise = slope * step
        line.set_data(ends, y + slope * (ends - x))
        dots.set_data([x, x + step], [y, y + rise])
        readout.set_text(f"secant slope {_said(slope)}")
        texts = (f"{step:.3g}", f"{rise:z.3g}") if step > 0.25 else ("", "")
        _place_triangle(triangle, (x, y), (x + step, y + rise), texts)

    return show


def _place_triangle(
    triangle: tuple[Any, Any, Any],
    start: tuple[float, float],
    end: tuple[float, float],
    texts: tuple[str, str],
) -> None:
    """Draw the run and the rise between two points of a curve, whatever the room."""
    legs, run, rise = triangle
    (x, y), (there, up) = start, end
    legs.set_data([x, there, there], [y, y, up])
    gap = np.copysign(0.015 * np.ptp(legs.axes.get_ylim()), up - y)
    run.set(text=texts[0], position=((x + there) / 2, y - gap))
    run.set_verticalalignment("top" if up >= y else "bottom")
    low, high = legs.axes.get_xlim()
    room = high - there > 0.08 * (high - low)
    rise.set(text=f"  {texts[1]}  ", position=(there, (y + up) / 2))
    rise.set_horizontalalignment("left" if room else "right")


# A slope at every place


def trace_slopes(
    f: Function = np.sin, low: float = -4.0, high: float = 4.0
) -> LiveFigure:
    """Draw a curve with its tangent, and below it the slope at each place so far.

    Parameters
    ----------
    f : callable, optional
        Takes a number and returns a number.
    low, high : float, optional
        The two ends of the curve.

    Returns
    -------
    LiveFigure
        With the slider ``x``.

    Raises
    ------
    TypeError
        If `f` is no function, or gives no numbers.
    ValueError
        If `low` is not below `high`, or f(x) is not one finite number.

    Examples
    --------
    >>> trace_slopes()
    At x = 0.00 the height is 0.0000 and the slope 1.0000.
    """
    low, high = _range(low, high, "trace_slopes")
    slider = Slider(low, high, step=(high - low) / 100, label="place x", play=True)
    xs = np.array(slider.places)
    ys = _sampled(f, xs, "trace_slopes")
    slopes = np.array([_true_slope(f, x) for x in xs])
    top, bottom = _two_panels(xs, ys, slopes)
    (tangent,) = top.plot([], [], color=ORANGE, animated=True)
    (above,) = top.plot([], [], "o", color=ORANGE, animated=True)
    (trail,) = bottom.plot([], [], color=ORANGE, animated=True)
    (below,) = bottom.plot([], [], "o", color=ORANGE, animated=True)
    reach = np.array([-0.125, 0.125]) * (high - low)

    def update(x: float) -> str:
        y, slope, past = f(x), _true_slope(f, x), xs <= x
        tangent.set_data(x + reach, y + slope * reach)
        above.set_data([x], [y])
        trail.set_data(xs[past], slopes[past])
        below.set_data([x], [slope])
        return f"At x = {x:z.2f} the height is {y:z.4f} and the slope {_said(slope)}."

    return LiveFigure(top.figure, update, x=slider)


def _two_panels(
    xs: NDArray[Any], ys: NDArray[Any], slopes: NDArray[Any]
) -> tuple[Axes, Axes]:
    """Draw the curve, and below it empty axes that its slopes will fit."""
    _, (top, bottom) = subplots(2, 1, size=(6.4, 4.6), sharex=True)
    margin = 0.02 * np.ptp(xs)
    top.plot(xs, ys, color=INK)
    top.set(ylabel="f(x)", xlim=(xs[0] - margin, xs[-1] + margin))
    bottom.set(xlabel="x", ylabel="slope of f at x")
    bottom.axhline(0, color=GREY, linewidth=0.8)
    _fit_height(top, ys)
    _fit_height(bottom, np.nan_to_num(slopes))
    return top, bottom
