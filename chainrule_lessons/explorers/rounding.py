"""Rounding: how the error of a measured slope depends on the step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.text import Text
from numpy.typing import NDArray

from chainrule_lessons.live import LiveFigure
from chainrule_lessons.live.slider import Slider
from chainrule_lessons.plotting import GREEN, GREY, INK, ORANGE, label, subplots

__all__ = ["step_errors"]

Function = Callable[[Any], Any]


class Known(NamedTuple):
    """A function and its derivative, in operations that keep float32 as it is."""

    f: Function
    slope: Function


KNOWN = {
    "x³": Known(lambda x: x * x * x, lambda x: 3 * x * x),
    "1/x": Known(lambda x: 1 / x, lambda x: -1 / (x * x)),
    "eˣ": Known(np.exp, np.exp),
    "sin x": Known(np.sin, np.cos),
}
PRECISIONS = {"float64": np.float64, "float32": np.float32}
# The worst of ten crooked places: at a single one, rounding is now and then nil.
PLACES = np.sqrt(np.linspace(1, 1.2, 10))[:, None]
STEPS = 10.0 ** np.arange(-16, 0.01, 0.2)


def _measured(f: Function, x: Any, h: Any) -> list[Any]:
    """Measure slopes by three formulas, in the precision of x and h."""
    i = np.asarray(1j, np.result_type(x, np.complex64))
    forward = (f(x + h) - f(x)) / ((x + h) - x)
    central = (f(x + h) - f(x - h)) / ((x + h) - (x - h))
    return [forward, central, f(x + i * h).imag / h]


@np.errstate(all="ignore")  # a step lost in rounding gives 0/0: no slope, no point
def _errors(known: Known, precision: type, steps: Any) -> NDArray[np.float64]:
    """Return the relative errors of three formulas, shape ``(3, len(steps))``."""
    x = PLACES.astype(precision)
    slopes = np.array(_measured(known.f, x, np.asarray(steps, precision)), float)
    true = known.slope(x.astype(float))
    errors = abs(slopes / true - 1).max(axis=1)
    return np.maximum(errors, np.finfo(precision).eps / 2)  # no slope is rounder


def _order(error: float) -> str:
    """Say the size of an error; the digits below its size are chance."""
    if np.isnan(error):
        return "0/0"
    power = round(np.log10(error))
    return "below 1e-15" if error < 1e-15 else f"1e{power}" if power else "1"


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
    axes = _log_axes()
    marks = [_error_marks(axes, color) for color in (INK, GREEN, ORANGE)]
    show_best = _best_steps(axes)
    drawn = {
        (known, precision): _errors(known, precision, STEPS)
        for known in KNOWN.values()
        for precision in PRECISIONS.values()
    }

    def update(step: float, known: Known, precision: type) -> str:
        errors = _errors(known, precision, [step])[:, 0]
        for mark, curve, error in zip(
            marks, drawn[known, precision], errors, strict=True
        ):
            mark.curve.set_data(STEPS, curve)
            mark.dot.set_data([step], [error])
        _name_curves(marks, float(np.finfo(precision).eps))
        show_best(float(np.finfo(precision).eps))
        forward, central, complex_step = map(_order, errors)
        return (
            f"Step {step:.3g}, error about: forward {forward}, "
            f"central {central}, complex step {complex_step}."
        )

    step = Slider(1e-16, 1, step=0.2, scale="log", value=1e-3, label="step Δ")
    known = Slider(options=KNOWN, label="function f")
    precision = Slider(options=PRECISIONS, label="numbers")
    return LiveFigure(axes.figure, update, step=step, known=known, precision=precision)


def _log_axes() -> Axes:
    _, axes = subplots(size=(6.4, 4.0))
    axes.set(xscale="log", yscale="log", xlim=(5e-17, 3), ylim=(1e-17, 30))
    axes.set(xlabel="step Δ", ylabel="relative error near x = 1")
    axes.set_title(" ")  # keeps a line free for √ε and ∛ε
    return axes


class Marks(NamedTuple):
    """What moves for one formula."""

    curve: Line2D
    dot: Line2D
    name: Text


def _error_marks(axes: Axes, color: str) -> Marks:
    (curve,) = axes.plot([], [], color=color, linewidth=1.5, animated=True)
    (dot,) = axes.plot([], [], "o", color=color, animated=True)
    return Marks(curve, dot, label(axes, 1, 1, "", color=color, animated=True))


def _name_curves(marks: Sequence[Marks], eps: float) -> None:
    """Write each name where its curve is alone: inside its V, or on its floor."""
    places = [
        (eps**0.5, 300 * eps**0.5, "forward", "center"),
        (3 * eps ** (1 / 3), 0.3 * eps ** (2 / 3), "central", "left"),
        (2e-16, 20 * eps, "complex step", "left"),
    ]
    for mark, (x, y, text, ha) in zip(marks, places, strict=True):
        mark.name.set(x=x, y=y, text=text, ha=ha)


def _best_steps(axes: Axes) -> Callable[[float], None]:
    """Make upright marks at √ε and ∛ε; return the function that moves them."""
    style = {"color": GREY, "linestyle": ":", "linewidth": 1.2, "animated": True}
    place = {"transform": axes.get_xaxis_transform(), "ha": "center", "va": "bottom"}
    lines = [axes.plot([], [], **style)[0] for _ in range(2)]
    names = [label(axes, 1, 1.02, n, animated=True, **place) for n in ("√ε", "∛ε")]

    def show(eps: float) -> None:
        for power, line, name in zip((1 / 2, 1 / 3), lines, names, strict=True):
            line.set_data([eps**power] * 2, axes.get_ylim())
            name.set_x(eps**power)

    return show
