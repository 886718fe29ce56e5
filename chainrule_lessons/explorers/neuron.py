"""Lesson 6: one neuron with one input, by its weight and its bias.

Both sliders replay in the browser.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from chainrule_lessons.live import LiveFigure, Slider
from chainrule_lessons.plotting import GREEN, GREY, INK, ORANGE, label, subplots

__all__ = ["neuron"]

Array = NDArray[np.floating]

# A gardener's habit: degrees above 20, and whether the window stood open.
DEGREES = np.array([-4.0, -3, -2, -1, 0, 1, 2, 3, 4, 5, 7, 8])
OPENED = np.array([0.0, 0, 0, 0, 0, 0, 1, 0, 1, 1, 1, 1])


def sigmoid(z: Any) -> Any:
    """Return 1/(1 + e⁻ᶻ), for numbers of moderate size."""
    return 1 / (1 + np.exp(-z))


def neuron(*, predict: tuple[str, Sequence[str]] | None = None) -> LiveFigure:
    """Show one neuron, σ(w x + b), among the mornings it should agree with.

    Filled circles are mornings with the window open, hollow ones with it shut;
    grey lines are the errors. The orange tangent stands where the output is one half.

    Parameters
    ----------
    predict : tuple of (str, sequence of str), optional
        A question whose answer unlocks the sliders.

    Returns
    -------
    LiveFigure
        Sliders ``weight`` and ``bias``.

    Examples
    --------
    >>> neuron()
    Half open at 0.00 degrees, slope 0.250 there. Squared error 1.796.
    """
    figure, axes = subplots()
    axes.set(xlim=(-6, 10), ylim=(-0.12, 1.12), xlabel="degrees above 20")
    axes.set_yticks([0, 0.5, 1], ["0  shut", "0.5", "1  open"])
    places = np.linspace(-6, 10, 161)
    (errors,) = axes.plot([], [], color=GREY, linewidth=1.2, animated=True)
    (curve,) = axes.plot([], [], color=INK, animated=True)
    (tangent,) = axes.plot([], [], color=ORANGE, linewidth=3, animated=True)
    draw_answers(axes, np.column_stack([DEGREES, OPENED]), OPENED)
    place = {"transform": axes.transAxes, "va": "bottom", "animated": True}
    readout = label(axes, 0, 1.02, "", color=ORANGE, **place)

    def update(weight: float, bias: float) -> str:
        output = sigmoid(weight * DEGREES + bias)
        curve.set_data(places, sigmoid(weight * places + bias))
        errors.set_data(*gapped(DEGREES, OPENED, output))
        tangent.set_data(*_tangent(weight, bias))
        readout.set_text(f"slope {weight / 4:z.3f}" if weight else "")
        error = np.sum((output - OPENED) ** 2)
        return f"{_half(weight, bias)} Squared error {error:.3f}."

    weight = Slider(-3, 3, step=0.1, value=1, label="weight w")
    bias = Slider(-8, 8, step=0.25, value=0, label="bias b")
    return LiveFigure(figure, update, predict=predict, weight=weight, bias=bias)


def draw_answers(axes: Axes, places: Array, target: Array) -> None:
    """Draw places as circles: filled where the target is 1, hollow where 0.

    They stand still, and are animated to lie above what moves.
    """
    look = {"mec": INK, "mew": 1.5, "markersize": 8, "zorder": 3, "animated": True}
    for kind, fill in ((0, "white"), (1, GREEN)):
        axes.plot(*places[target == kind].T, "o", mfc=fill, **look)


def gapped(x: Array, start: Array, end: Array) -> tuple[Array, Array]:
    """Return upright lines from `start` to `end` at each x, as one broken line."""
    heights = np.column_stack([start, end, np.full(x.size, np.nan)])
    return np.repeat(x, 3), heights.ravel()


def _tangent(weight: float, bias: float) -> tuple[ArrayLike, ArrayLike]:
    if not weight:
        return [], []
    run = min(1.5, 1.2 / abs(weight)) * np.array([-1, 1])
    return run - bias / weight, 0.5 + weight / 4 * run


def _half(weight: float, bias: float) -> str:
    if not weight:
        return f"Output {sigmoid(bias):.3f} whatever the temperature."
    return f"Half open at {-bias / weight:z.2f} degrees, slope {weight / 4:z.3f} there."
