"""Lesson B: the numbers that a computer has, and the error of a measured slope.

In `step_errors` black, green and orange are three formulas: a step to the right, a
step to both sides, and a step along i.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule_lessons.live import LiveFigure, Pen, Slider
from chainrule_lessons.marks import GREEN, GREY, INK, ORANGE
from chainrule_lessons.numeric import central, complex_step, forward
from chainrule_lessons.plotting import Picture, label, subplots

__all__ = ["float_gaps", "step_errors", "straight_line"]

Function = Callable[[Any], Any]
Array = NDArray[np.floating]

# A line, and the numbers that a computer has


def straight_line() -> Picture:
    """Draw the line 3x + 2 with a step of 1 at x = 3.

    >>> straight_line()
    From x = 3 a step of 1 rises 3, from 11 to 14. What does a step of 0.0000001 rise?
    """
    figure, axes = subplots()
    axes.set(xlim=(2, 5), xlabel="x", ylim=(7, 18), ylabel="3x + 2")
    axes.plot([2, 5], [8, 17], color=INK)
    axes.plot([3, 4, 4], [11, 11, 14], color=GREEN, linewidth=1.5)
    axes.plot([3, 4], [11, 14], "o", color=GREEN)
    label(axes, 3.5, 10.8, "1", color=GREEN, ha="center", va="top")
    label(axes, 4.05, 12.5, "3", color=GREEN, va="center")
    said = "From x = 3 a step of 1 rises 3, from 11 to 14."
    return Picture(figure, f"{said} What does a step of 0.0000001 rise?")


def float_gaps() -> Picture:
    """Draw the floats around 3 + 1e-7, and the one that the sum is rounded to.

    >>> float_gaps()
    Floats around 3.0000001, 4.44e-16 apart. The nearest one lies 1.64e-16 left of the \
place we want.
    """
    taken = 3.0 + 1e-7
    gap = float(np.spacing(taken))
    off = float(Fraction(taken) - 3 - Fraction(1e-7))
    figure, axes = subplots(size=(6.4, 2.2))
    axes.set(xlim=(-1.1e-15, 1.1e-15), ylim=(-1, 1))
    axes.axis("off")
    axes.axhline(0, color=GREY, linewidth=1)
    for n in range(-2, 3):
        axes.plot([off + n * gap] * 2, [-0.15, 0.15], color=INK)
    axes.plot(off, 0, "o", color=GREEN)
    axes.plot([0, 0], [-0.3, 0.3], ":", color=ORANGE)
    label(axes, 0, 0.4, "the place we want", color=ORANGE, va="bottom")
    label(axes, off, -0.4, "the nearest float", color=GREEN, ha="right", va="top")
    between = off + 1.5 * gap
    label(axes, between, -0.2, f"{gap:.2e}", color=INK, ha="center", va="top")
    told = f"Floats around 3.0000001, {gap:.2e} apart."
    side = "left" if off < 0 else "right"
    nearest = f"The nearest one lies {abs(off):.2e} {side} of the place we want."
    return Picture(figure, f"{told} {nearest}")


# The error of a step

FORMULAS = {"forward": forward, "central": central, "complex step": complex_step}
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

    Sliders ``step``, ``known`` (the function) and ``precision``.

    Notes
    -----
    The left arms of the V are rounding, about ε/Δ. The right arms are the error
    of the formula, of order Δ (forward) and Δ² (central, complex step).

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

    step = Slider(1e-16, 1, step=0.2, scale="log", value=1e-3, label="step Δ")
    known = Slider(options=KNOWN, label="function f")
    precision = Slider(options=PRECISIONS, label="numbers")
    return LiveFigure(figure, update, step=step, known=known, precision=precision)


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
    if np.isinf(error):
        return "1/0"
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
        pen.dot(step, error, color, grab="step")
        pen.words(*name)


def _mark_best_steps(pen: Pen, eps: float) -> None:
    """Mark √ε, the best step of forward differences, and ∛ε, that of central ones."""
    low, high = pen.axes.get_ylim()
    above = high * (high / low) ** 0.02  # on a logarithmic axis
    for name, best in (("√ε", eps ** (1 / 2)), ("∛ε", eps ** (1 / 3))):
        pen.line(best, (low, high), ":", GREY, 1.2)
        pen.words(best, above, name, INK, "center", "bottom")
