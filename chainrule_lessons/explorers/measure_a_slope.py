"""Lesson 01: a secant becomes a tangent, and distance has a speed at every place.

Black is the function, green a slope that is measured with a step, orange the slope
that the step is meant to find.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from chainrule_lessons.live import LiveFigure, Pen, Slider
from chainrule_lessons.markdown import bet
from chainrule_lessons.marks import GREEN, GREY, INK, ORANGE
from chainrule_lessons.numeric import DerivativeError, central, derivative
from chainrule_lessons.plotting import Picture, label, subplots
from chainrule_lessons.validation import (
    describe,
    finite_number,
    real_array,
    require_finite,
    same_shape,
)

__all__ = ["distance_and_speed", "kink", "secant", "speed_camera", "trace_slopes"]

Function = Callable[[Any], Any]
Array = NDArray[np.floating]


# Two photographs


def speed_camera() -> Picture:
    """Draw a car that pulls away, x² metres after x seconds, photographed twice.

    >>> speed_camera()
    Photographs at 1 s and 2 s: the car has moved 3 m in 1 s, so the camera says 3 m/s.
    """
    figure, axes = subplots()
    axes.set(xlim=(0, 2.6), xlabel="seconds")
    axes.set(ylim=(0, 6), ylabel="metres from the light")
    xs = np.linspace(0, 2.45, 200)
    axes.plot(xs, np.square(xs), color=INK)
    axes.plot([1, 2, 2], [1, 1, 4], color=GREEN, linewidth=1.5)
    axes.plot([1, 2], [1, 4], "o", color=GREEN)
    label(axes, 2.4, np.square(2.4), "the car  ", ha="right", va="bottom")
    label(axes, 1.5, 0.91, "1 second", color=GREEN, ha="center", va="top")
    label(axes, 2, 2.5, "  3 metres  ", color=GREEN, va="center")
    for x, name in ((1, "first photograph  "), (2, "second photograph  ")):
        label(axes, x, x * x, name, color=GREEN, ha="right", va="bottom")
    moved = np.square(2) - np.square(1)
    said = f"the car has moved {moved} m in 1 s, so the camera says {moved} m/s."
    return Picture(figure, f"Photographs at 1 s and 2 s: {said}")


# The secant becomes a tangent


def secant(f: Function = np.square, low: float = 0.0, high: float = 2.0) -> LiveFigure:
    """Draw the line through two points of a curve, and bring the points together.

    The curve is the way of a car, x² metres after x seconds, and the reader bets
    where the division goes; another curve is drawn without a bet. The tangent comes up
    once the step is below 1, not before the reader has bet.

    Parameters
    ----------
    f : callable, optional
        Takes a number and returns a number.
    low, high : float, optional
        The places that the slider of x reaches; f is drawn a little further.

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
    figure, axes = subplots()
    xs = np.linspace(low, high + 1.7, 400)
    _draw_curve(axes, f, xs, "secant")
    pen, ends = Pen(axes), xs[[0, -1]]
    axes.set(xlim=ends, xlabel="x", ylabel="f(x)", title=" ")

    def update(step: float, x: float) -> str:
        y, rise = f(x), f(x + step) - f(x)
        slope = rise / ((x + step) - x)
        said = [f"secant slope {_said(slope)}"]
        if step < 1:
            true = _true_slope(f, x)
            said.append(f"tangent slope {_said(true)}")
            pen.line(ends, y + true * (ends - x), color=ORANGE)
            pen.above(1, said[1], ORANGE, "right")
        pen.line(ends, y + slope * (ends - x), color=GREEN)
        pen.above(0, said[0], GREEN)
        _draw_step(pen, (x, y), step, rise)
        told = f"From x = {x:z.2f} a step of {step:.3g} rises {rise:z.4g}"
        return f"{told}: {', '.join(said)}."

    start = 1.0 if low <= 1 <= high else low
    asked = bet("secant") if f is np.square else None
    step = Slider(1e-4, 1.6, step=0.05, scale="log", value=1, label="step Δ")
    x = Slider(low, high, step=(high - low) / 100, value=start, label="place x")
    return LiveFigure(figure, update, predict=asked, step=step, x=x)


def _draw_step(pen: Pen, start: tuple[float, float], run: float, rise: float) -> None:
    """Draw two points of a curve, with run and rise between them, whatever the room."""
    (x, y), axes = start, pen.axes
    there, up = x + run, y + rise
    pen.line([x, there, there], [y, y, up], color=GREEN, width=1.5)
    pen.dot(x, y, GREEN, grab="x")
    pen.dot(there, up, GREEN, grab="step")
    if run > 0.25:  # else there is no room for numbers
        (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
        gap, va = (-0.015, "top") if rise >= 0 else (0.015, "bottom")
        middle, level = (x + there) / 2, y + gap * (high - low)
        pen.words(middle, level, f"{run:.3g}", GREEN, "center", va)
        ha = "left" if right - there > 0.08 * (right - left) else "right"
        pen.words(there, (y + up) / 2, f"  {rise:z.3g}  ", GREEN, ha, "center")


def _range(low: Any, high: Any, caller: str) -> tuple[float, float]:
    low = finite_number(low, f"{caller}: low")
    high = finite_number(high, f"{caller}: high")
    if not low < high:
        raise ValueError(f"{caller}: low must be below high, got {low} and {high}")
    return low, high


def _draw_curve(axes: Axes, f: Function, xs: Array, caller: str) -> None:
    """Draw `f`, which must give one number at each of `xs`."""
    if not callable(f):
        raise TypeError(f"{caller}: f must be a function, got {describe(f)}")
    with np.errstate(all="ignore"):
        ys = real_array([f(x) for x in xs], f"{caller}: f(x)")
    same_shape(ys, xs.shape, f"{caller}: f of {len(xs)} numbers, one at a time,")
    require_finite(ys, f"{caller}: f(x) from x = {xs[0]:g} to {xs[-1]:g}")
    axes.plot(xs, ys, color=INK)
    _fit_height(axes, ys)


def _fit_height(axes: Axes, ys: Array) -> None:
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


# A slope at every place


def distance_and_speed() -> LiveFigure:
    """Draw the way of a car between two lights, and below it the speed so far.

    After t seconds it has come 3t² − t³/5 metres.

    Slider ``t``, locked until the reader has said where the car is fastest.

    >>> live = distance_and_speed()
    >>> live.set(t=2)
    >>> live
    After 2.0 s: distance 10.40 m, speed 9.60 m/s.
    """
    slider = Slider(0, 10, step=0.1, value=0, label="time t", play=True)

    def way(t: Any) -> Any:
        return 3 * t**2 - t**3 / 5

    names = "seconds", "distance, metres", "speed, m/s"
    figure, draw = _slopes_below(way, slider, "t", names, "distance_and_speed")

    def update(t: float) -> str:
        moved, speed = draw(t)
        return f"After {t:.1f} s: distance {moved:.2f} m, speed {speed:z.2f} m/s."

    return LiveFigure(figure, update, predict=bet("distance_and_speed"), t=slider)


def trace_slopes(
    f: Function = np.sin, low: float = -4.0, high: float = 4.0
) -> LiveFigure:
    """Draw a curve with its tangent, and below it the slope at each place so far.

    Of the sine the reader bets what the trace does at a top; another curve is drawn
    without a bet.

    Parameters
    ----------
    f : callable, optional
        Takes a number and returns a number.
    low, high : float, optional
        The two ends of the curve, where the trace starts and ends.

    Returns
    -------
    LiveFigure
        With the slider ``x``.

    Raises
    ------
    TypeError, ValueError
        As for `secant`.

    Examples
    --------
    >>> live = trace_slopes()
    >>> live.set(x=0)
    >>> live
    At x = 0.00 the height is 0.0000 and the slope 1.0000.
    """
    low, high = _range(low, high, "trace_slopes")
    step = (high - low) / 100
    slider = Slider(low, high, step=step, value=low, label="place x", play=True)
    names = "x", "f(x)", "slope of f at x"
    figure, draw = _slopes_below(f, slider, "x", names, "trace_slopes")

    def update(x: float) -> str:
        y, slope = draw(x)
        return f"At x = {x:z.2f} the height is {y:z.4f} and the slope {_said(slope)}."

    asked = bet("trace_slopes") if f is np.sin else None
    return LiveFigure(figure, update, predict=asked, x=slider)


def _slopes_below(
    f: Function, slider: Slider, grab: str, names: Sequence[str], caller: str
) -> tuple[Figure, Callable[[float], tuple[float, float]]]:
    """Draw `f`, and return what draws its tangent, and its slopes so far below it.

    `names` are those of the place, the height and the slope.
    """
    xs, (place, height, rate) = np.array(slider.places), names
    long = xs[-1] - xs[0]
    figure, (top, bottom) = subplots(2, 1, size=(6.4, 4.6), sharex=True)
    _draw_curve(top, f, xs, caller)
    top.set(xlim=(xs[0] - 0.02 * long, xs[-1] + 0.02 * long), ylabel=height)
    slopes = np.array([_true_slope(f, x) for x in xs])
    _fit_height(bottom, np.nan_to_num(slopes))
    bottom.axhline(0, color=GREY, linewidth=0.8)
    bottom.set(xlabel=place, ylabel=rate)
    curve, trail = Pen(top), Pen(bottom)

    def draw(x: float) -> tuple[float, float]:
        y, slope, past = f(x), _true_slope(f, x), xs <= x
        curve.tangent(x, y, slope, 0.125 * long, color=ORANGE)
        curve.dot(x, y, ORANGE, grab=grab)
        trail.line(xs[past], slopes[past], color=ORANGE)
        trail.dot(x, slope, ORANGE, grab=grab)
        return y, slope

    return figure, draw


# A kink: a slope on the left, another on the right, and none itself

CORNER = np.array([-1.6, 0, 1.6])


def relu(x: Any) -> Any:
    return np.maximum(x, 0.0)


def kink() -> LiveFigure:
    """Measure the slope of |x| or ReLU with a step that may reach across the kink.

    On the left the function, on the right its slope at every place: orange the
    true one, green what a central difference with this step makes of it.

    Sliders ``x``, ``step`` (to both sides of x) and ``f``.

    >>> kink()
    From x = 0.10 a step of 0.40 reaches across the kink: measured 0.2500, true slope 1.
    """
    figure, (left, right) = subplots(1, 2)
    left.set(xlim=(-1.6, 1.6), ylim=(-0.25, 1.75), xlabel="x", ylabel="f(x)", title=" ")
    left.set_yticks([0, 0.5, 1, 1.5])
    right.set(xlim=(-1.1, 1.1), ylim=(-1.3, 1.3), xlabel="x", ylabel="slope at x")
    right.set_yticks([-1, 0, 1])
    graph, slopes = Pen(left), Pen(right)

    def update(x: float, step: float, f: Function) -> str:
        measured = central(f, x, step)
        said = f"measured {measured:z.4f}"
        slope = "none" if x == 0 else f"{_beside_zero(f, x):z.0f}"
        ends = np.array([x - step, x + step])
        graph.line(CORNER, f(CORNER))
        graph.line(ends, f(ends), "o-", GREEN)
        graph.above(0, said, GREEN)
        bends = np.array([-1.1, -step, -1e-9, 0, 1e-9, step, 1.1])
        slopes.line(bends, _beside_zero(f, bends), color=ORANGE)
        slopes.line(bends, central(f, bends, step), color=GREEN)
        slopes.dot(x, measured, GREEN, grab="x")
        slopes.above(1, f"true slope {slope}", ORANGE, "right")
        does = "reaches across" if abs(x) < step - 1e-9 else "stays clear of"
        told = f"From x = {x:z.2f} a step of {step:.2f} {does} the kink"
        return f"{told}: {said}, true slope {slope}."

    x = Slider(-1, 1, step=0.02, value=0.1, label="place x")
    step = Slider(0.02, 0.5, step=0.02, value=0.4, label="step Δ")
    f = Slider(options={"|x|": np.abs, "ReLU": relu}, label="function f")
    return LiveFigure(figure, update, x=x, step=step, f=f)


def _beside_zero(f: Function, x: Any) -> Any:
    """Return the slope of two straight pieces that meet at 0, and NaN at 0."""
    side = np.where(np.equal(x, 0), np.nan, np.sign(x))
    return side * f(side)
