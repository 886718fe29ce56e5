"""The kink: a place with a slope on the left, another on the right, and none itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from chainrule_lessons.live import LiveFigure
from chainrule_lessons.live.slider import Slider
from chainrule_lessons.plotting import GREEN, INK, ORANGE, label, subplots

__all__ = ["kink"]

Function = Callable[[Any], Any]


def relu(x: Any) -> Any:
    return np.maximum(x, 0.0)


def _central(f: Function, x: Any, step: float) -> Any:
    return (f(x + step) - f(x - step)) / ((x + step) - (x - step))


def _beside_zero(f: Function, x: Any) -> Any:
    """Return the slope of two straight pieces that meet at 0, and NaN at 0."""
    side = np.where(np.equal(x, 0), np.nan, np.sign(x))
    return side * f(side)


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
    show_function, show_slopes = _left_panel(left), _right_panel(right)

    def update(x: float, step: float, f: Function) -> str:
        measured = _central(f, x, step)
        true = "none" if x == 0 else f"{_beside_zero(f, x):z.0f}"
        show_function(x, step, f, f"measured {measured:z.4f}")
        show_slopes(x, step, f, f"true slope {true}")
        does = "straddles" if abs(x) < step - 1e-9 else "stays clear of"
        return (
            f"From x = {x:z.2f} a step of {step:.2f} {does} the kink: "
            f"measured {measured:z.4f}, true slope {true}."
        )

    return LiveFigure(
        figure,
        update,
        x=Slider(-1, 1, step=0.02, value=0.1, label="place x"),
        step=Slider(0.02, 0.5, step=0.02, value=0.4, label="step Δ"),
        f=Slider(options={"|x|": np.abs, "ReLU": relu}, label="function f"),
    )


def _left_panel(axes: Axes) -> Callable[[float, float, Function, str], None]:
    axes.set(xlim=(-1.6, 1.6), ylim=(-0.25, 1.75), xlabel="x", ylabel="f(x)", title=" ")
    axes.set_yticks([0, 0.5, 1, 1.5])
    (curve,) = axes.plot([], [], color=INK, animated=True)
    (secant,) = axes.plot([], [], "-o", color=GREEN, animated=True)
    place = {"transform": axes.transAxes, "va": "bottom", "animated": True}
    readout = label(axes, 0, 1.03, "", color=GREEN, **place)

    def show(x: float, step: float, f: Function, said: str) -> None:
        bends, ends = np.array([-1.6, 0, 1.6]), np.array([x - step, x + step])
        curve.set_data(bends, f(bends))
        secant.set_data(ends, f(ends))
        readout.set_text(said)

    return show


def _right_panel(axes: Axes) -> Callable[[float, float, Function, str], None]:
    axes.set(xlim=(-1.1, 1.1), ylim=(-1.3, 1.3), xlabel="x", ylabel="slope at x")
    axes.set_yticks([-1, 0, 1])
    (true,) = axes.plot([], [], color=ORANGE, animated=True)
    (ramp,) = axes.plot([], [], color=GREEN, animated=True)
    (dot,) = axes.plot([], [], "o", color=GREEN, animated=True)
    place = {"transform": axes.transAxes, "va": "bottom", "animated": True}
    readout = label(axes, 1, 1.03, "", color=ORANGE, ha="right", **place)

    def show(x: float, step: float, f: Function, said: str) -> None:
        bends = np.array([-1.6, -step, -1e-9, 0, 1e-9, step, 1.6])
        true.set_data(bends, _beside_zero(f, bends))
        ramp.set_data(bends, _central(f, bends, step))
        dot.set_data([x], [_central(f, x, step)])
        readout.set_text(said)

    return show
