"""Lesson 6: a ridge drawn by a layer of neurons, one bend each.

Both sliders replay in the browser.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from chainrule_lessons.live import LiveFigure, Slider
from chainrule_lessons.plotting import GREEN, GREY, INK, subplots

__all__ = ["ridge"]

Array = NDArray[np.floating]

HEIGHTS = np.array([1.0, 2, 4, 3, 5, 8, 6, 3, 1])  # at 0, 1, 2, ... 8


def ridge() -> LiveFigure:
    """Draw a mountain ridge with a layer of neurons, one bend each.

    The line is 1 + Σ vᵢ · ReLU(x - i), the sum over the neurons in use. Dashed:
    the line before the newest. With the activation ``none`` it stays straight.

    Returns
    -------
    LiveFigure
        Sliders ``neurons`` and ``activation``.

    Examples
    --------
    >>> ridge()
    3 neurons. The newest bends the line at 2: slope 2 becomes -1. Largest gap 7.0.
    """
    figure, axes = subplots()
    ends = np.arange(9.0)
    weights = np.diff(np.diff(HEIGHTS), prepend=0)
    axes.fill_between(ends, HEIGHTS, color="#e4e4e4", linewidth=0)
    axes.set(xlim=(0, 8), ylim=(0, 9.5), xlabel="input x", ylabel="output")
    (before,) = axes.plot([], [], "--", color=GREY, linewidth=1.5, animated=True)
    (line,) = axes.plot([], [], color=INK, linewidth=3, animated=True)
    (bend,) = axes.plot([], [], "o", color=GREEN, animated=True)
    z = ends[:, None] - ends[:-1]
    sums = {"ReLU": _sums(np.maximum(z, 0) * weights), "none": _sums(z * weights)}

    def update(neurons: int, activation: str) -> str:
        last = max(neurons - 1, 0)
        y = sums[activation][neurons]
        line.set_data(ends, y)
        before.set_data(ends, sums[activation][last])
        bend.set_data(ends[last:neurons], y[last:neurons])
        news = _news(neurons, activation, weights)
        return f"{news} Largest gap {np.abs(y - HEIGHTS).max():.1f}."

    return LiveFigure(
        figure,
        update,
        neurons=Slider(0, 8, step=1, value=3, label="neurons", play=True),
        activation=Slider(options=["ReLU", "none"], label="activation"),
    )


def _sums(parts: Array) -> Array:
    """Return 1 plus the first 0, 1, 2, ... columns of `parts`, a row each."""
    return np.cumsum(np.column_stack([np.ones(len(parts)), parts]), axis=1).T


def _news(neurons: int, activation: str, weights: Array) -> str:
    """Say what the newest neuron does to the line."""
    said = f"{neurons} neuron{'s' * (neurons != 1)}."
    if not neurons:
        return f"{said} Slope 0 everywhere."
    slope, was = weights[:neurons].sum(), weights[: neurons - 1].sum()
    if activation == "none":
        return f"{said} The line stays straight: slope {slope:z.0f} everywhere."
    return (
        f"{said} The newest bends the line at {neurons - 1}: "
        f"slope {was:z.0f} becomes {slope:z.0f}."
    )
