"""Lesson 01: a secant becomes a tangent, and a measured slope has its errors.

Black is the function, green a slope that is measured with a step, orange the slope
that the step is meant to find.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from chainrule_lessons.charts import GREEN, GREY, INK, ORANGE, label
from chainrule_lessons.live import LiveFigure, Pen, Slider
from chainrule_lessons.numeric import DerivativeError, derivative
from chainrule_lessons.plotting import Picture, subplots
from chainrule_lessons.validation import (
    describe,
    finite_number,
    real_array,
    require_finite,
    same_shape,
)

__all__ = ["kink", "secant", "speed_camera", "step_errors", "trace_slopes"]

Function = Callable[[Any], Any]
Array = NDArray[np.floating]


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


def secant(
    f: Function = np.square,
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
    figure, axes = subplots()
    xs = np.linspace(low - 0.4, high + 1.7, 400)
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
    return LiveFigure(
        figure,
        update,
        predict=predict,
        step=Slider(1e-4, 1.6, step=0.05, scale="log", value=1, label="step Δ"),
        x=Slider(low, high, step=(high - low) / 100, value=start, label="place x"),
    )


def _draw_step(pen: Pen, start: tuple[float, float], run: float, rise: float) -> None:
    """Draw two points of a curve, with run and rise between them, whatever the room."""
    (x, y), axes = start, pen.axes
    there, up = x + run, y + rise
    pen.line([x, there, there], [y, y, up], color=GREEN, width=1.5)
    pen.dot([x, there], [y, up], GREEN)
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
    xs, margin = np.array(slider.places), 0.02 * (high - low)
    figure, (top, bottom) = subplots(2, 1, size=(6.4, 4.6), sharex=True)
    _draw_curve(top, f, xs, "trace_slopes")
    top.set(ylabel="f(x)", xlim=(low - margin, high + margin))
    slopes = np.array([_true_slope(f, x) for x in xs])
    _fit_height(bottom, np.nan_to_num(slopes))
    bottom.axhline(0, color=GREY, linewidth=0.8)
    bottom.set(xlabel="x", ylabel="slope of f at x")
    curve, trail = Pen(top), Pen(bottom)

    def update(x: float) -> str:
        y, slope, past = f(x), _true_slope(f, x), xs <= x
        curve.tangent(x, y, slope, 0.125 * (high - low), color=ORANGE)
        curve.dot(x, y, ORANGE)
        trail.line(xs[past], slopes[past], color=ORANGE)
        trail.dot(x, slope, ORANGE)
        return f"At x = {x:z.2f} the height is {y:z.4f} and the slope {_said(slope)}."

    return LiveFigure(figure, update, x=slider)


# The error of a step


# Differences divide by the distance between the places as the computer has them,
# which takes the rounding of x + h out of the answer.
FORMULAS = {
    "forward": lambda f, x, h: (f(x + h) - f(x)) / ((x + h) - x),
    "central": lambda f, x, h: (f(x + h) - f(x - h)) / ((x + h) - (x - h)),
    "complex step": lambda f, x, h: f(x + 1j * h).imag / h,
}
Known = tuple[Function, Function]  # a function and its derivative
KNOWN = {  # in operations that keep float32 as it is
    "x³": (lambda x: x * x * x, lambda x: 3 * x * x),
    "1/x": (lambda x: 1 / x, lambda x: -1 / (x * x)),
    "eˣ": (np.exp, np.exp),
    "sin x": (np.sin, np.cos),
}
PRECISIONS = {"float64": np.float64, "float32": np.float32}
# The worst of ten crooked places: at a single one, rounding is now and then nil.
PLACES = np.sqrt(np.linspace(1, 1.2, 10))[:, None]
STEPS = 10.0 ** np.arange(-16, 0.01, 0.2)


def step_errors() -> LiveFigure:
    """Draw the error of three formulas against their step, in two precisions.

    Returns
    -------
    LiveFigure
        With the sliders ``step``, ``known`` (the function) and ``precision``.

    Notes
    -----
    The left arms of the V are rounding, about ε/Δ. The right arms are the error
    of the formula, of order Δ (forward) and Δ² (central, complex step).

    Examples
    --------
    >>> step_errors()
    Step 0.001, error about: forward 1e-3, central 1e-6, complex step 1e-6.
    """
    figure, axes = subplots(size=(6.4, 4.0))
    axes.set(xscale="log", xlim=(5e-17, 3), xlabel="step Δ")
    axes.set(yscale="log", ylim=(1e-17, 30), ylabel="relative error near x = 1")
    axes.set_title(" ")  # keeps a line free for √ε and ∛ε
    pen = Pen(axes)
    pairs = product(KNOWN.values(), PRECISIONS.values())
    curves = {pair: relative_errors(*pair, STEPS) for pair in pairs}

    def update(step: float, known: Known, precision: type) -> str:
        errors = relative_errors(known, precision, [step])[:, 0]
        eps = float(np.finfo(precision).eps)
        _draw_errors(pen, eps, curves[known, precision], step, errors)
        _mark_best_steps(pen, eps)
        sizes = zip(FORMULAS, map(_order, errors), strict=True)
        said = ", ".join(f"{name} {size}" for name, size in sizes)
        return f"Step {step:.3g}, error about: {said}."

    return LiveFigure(
        figure,
        update,
        step=Slider(1e-16, 1, step=0.2, scale="log", value=1e-3, label="step Δ"),
        known=Slider(options=KNOWN, label="function f"),
        precision=Slider(options=PRECISIONS, label="numbers"),
    )


@np.errstate(all="ignore")  # a step lost in rounding gives 0/0: no slope, no point
def relative_errors(known: Known, precision: type, steps: Any) -> Array:
    """Return the relative errors of three formulas, shape ``(3, len(steps))``."""
    (f, slope), x, h = known, PLACES.astype(precision), np.asarray(steps, precision)
    measured = np.array([formula(f, x, h) for formula in FORMULAS.values()], float)
    errors = abs(measured / slope(x.astype(float)) - 1).max(axis=1)
    return np.maximum(errors, np.finfo(precision).eps / 2)  # no slope is rounder


def _order(error: float) -> str:
    """Say the size of an error; the digits below its size are chance."""
    if np.isnan(error):
        return "0/0"
    power = round(np.log10(error))
    return "below 1e-15" if error < 1e-15 else f"1e{power}" if power else "1"


def _draw_errors(
    pen: Pen, eps: float, curves: Array, step: float, errors: Array
) -> None:
    """Draw three curves, a dot on each, and its name where no other curve runs."""
    names = (
        (eps**0.5, 300 * eps**0.5, "forward", INK, "center"),
        (3 * eps ** (1 / 3), 0.3 * eps ** (2 / 3), "central", GREEN, "left"),
        (2e-16, 20 * eps, "complex step", ORANGE, "left"),
    )
    for curve, error, name in zip(curves, errors, names, strict=True):
        color = name[3]
        pen.line(STEPS, curve, color=color, width=1.5)
        pen.dot(step, error, color)
        pen.words(*name)


def _mark_best_steps(pen: Pen, eps: float) -> None:
    """Mark √ε, the best step of forward differences, and ∛ε, that of central ones."""
    low, high = pen.axes.get_ylim()
    above = high * (high / low) ** 0.02  # on a logarithmic axis
    for name, best in (("√ε", eps ** (1 / 2)), ("∛ε", eps ** (1 / 3))):
        pen.line(best, (low, high), ":", GREY, 1.2)
        pen.words(best, above, name, INK, "center", "bottom")


# A kink: a slope on the left, another on the right, and none itself

BENDS = np.array([-1.6, 0, 1.6])


def relu(x: Any) -> Any:
    return np.maximum(x, 0.0)


def kink() -> LiveFigure:
    """Measure the slope of |x| or ReLU with a step that may straddle the kink.

    On the left the function, on the right its slope at every place: orange the
    true one, green what a central difference with this step makes of it.

    Returns
    -------
    LiveFigure
        With the sliders ``x``, ``step`` (to both sides of x) and ``f``.

    Examples
    --------
    >>> kink()
    From x = 0.10 a step of 0.40 straddles the kink: measured 0.2500, true slope 1.
    """
    figure, (left, right) = subplots(1, 2)
    left.set(xlim=(-1.6, 1.6), ylim=(-0.25, 1.75), xlabel="x", ylabel="f(x)", title=" ")
    left.set_yticks([0, 0.5, 1, 1.5])
    right.set(xlim=(-1.1, 1.1), ylim=(-1.3, 1.3), xlabel="x", ylabel="slope at x")
    right.set_yticks([-1, 0, 1])
    graph, slopes, central = Pen(left), Pen(right), FORMULAS["central"]

    def update(x: float, step: float, f: Function) -> str:
        measured = central(f, x, step)
        said = f"measured {measured:z.4f}"
        slope = "none" if x == 0 else f"{_beside_zero(f, x):z.0f}"
        ends = np.array([x - step, x + step])
        graph.line(BENDS, f(BENDS))
        graph.line(ends, f(ends), "o-", GREEN)
        graph.above(0, said, GREEN)
        bends = np.array([-1.1, -step, -1e-9, 0, 1e-9, step, 1.1])
        slopes.line(bends, _beside_zero(f, bends), color=ORANGE)
        slopes.line(bends, central(f, bends, step), color=GREEN)
        slopes.dot(x, measured, GREEN)
        slopes.above(1, f"true slope {slope}", ORANGE, "right")
        does = "straddles" if abs(x) < step - 1e-9 else "stays clear of"
        told = f"From x = {x:z.2f} a step of {step:.2f} {does} the kink"
        return f"{told}: {said}, true slope {slope}."

    return LiveFigure(
        figure,
        update,
        x=Slider(-1, 1, step=0.02, value=0.1, label="place x"),
        step=Slider(0.02, 0.5, step=0.02, value=0.4, label="step Δ"),
        f=Slider(options={"|x|": np.abs, "ReLU": relu}, label="function f"),
    )


def _beside_zero(f: Function, x: Any) -> Any:
    """Return the slope of two straight pieces that meet at 0, and NaN at 0."""
    side = np.where(np.equal(x, 0), np.nan, np.sign(x))
    return side * f(side)
