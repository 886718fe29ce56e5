"""Lesson 6: one neuron with two inputs, as a shade over the plane and its line.

Every slider replays in the browser.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Polygon
from numpy.typing import ArrayLike, NDArray

from chainrule_lessons.explorers.neuron import draw_answers, sigmoid
from chainrule_lessons.live import LiveFigure, Slider
from chainrule_lessons.plotting import GREEN, INK, arrow, label, subplots
from chainrule_lessons.validation import describe, real_array, require_finite

__all__ = ["decision_line"]

Array = NDArray[np.floating]

# A gardener's habit: degrees above 20 and wind in m/s, and whether she opened.
MORNINGS = (
    *((-4, 2), (-3, 7), (-1, 4), (0, 1), (1, 8), (2, 5), (4, 8.5), (6, 9)),
    *((2.5, 1), (4, 4), (5, 2), (6, 5), (7.5, 1), (8, 7), (8.5, 4)),
)
OPENED = (0,) * 8 + (1,) * 7
TINTS = np.array([0.1, 0.5, 0.9])  # outputs at which the shade deepens


def decision_line(
    x: ArrayLike = MORNINGS,
    target: ArrayLike = OPENED,
    *,
    names: tuple[str, str] = ("degrees above 20", "wind in m/s"),
    kinds: tuple[str, str] = ("shut", "open"),
) -> LiveFigure:
    """Show a neuron with two inputs as a shade over the plane, and its line.

    On the line the output is one half; the arrow shows the two weights. Filled
    circles have the target 1, hollow ones 0; a ring marks the wrong side.

    Parameters
    ----------
    x : array_like of shape (N, 2), optional
        The inputs; a gardener's mornings if left out.
    target : array_like of shape (N,), optional
        What the neuron should answer to each: 0 or 1.
    names : pair of str, optional
        What to call the two inputs.
    kinds : pair of str, optional
        What to call the targets 0 and 1.

    Returns
    -------
    LiveFigure
        Sliders ``weight_1``, ``weight_2`` and ``bias``.

    Raises
    ------
    TypeError, ValueError
        If `x` is no table of finite numbers with two columns and two different
        places, or `target` does not have a 0 or 1 for each row.

    Examples
    --------
    >>> decision_line()
    Weights 1.00 and 0.00, bias 0.00: 11 of 15 on the right side. Squared error 3.601.
    """
    x, target = _checked(x, target)
    figure, axes = subplots(size=(6.4, 4.4))
    axes.set(xlabel=names[0], ylabel=names[1], aspect="equal")
    label(axes, 0, 1.02, f"●  {kinds[1]}", color=GREEN, transform=axes.transAxes)
    label(axes, 0.25, 1.02, f"○  {kinds[0]}", transform=axes.transAxes)
    shade = _shade(axes, *_box(x))
    draw_answers(axes, x, target)
    ring = {"mfc": "none", "mec": INK, "mew": 1.5, "markersize": 17}
    (wrong,) = axes.plot([], [], "o", animated=True, **ring)

    def update(weight_1: float, weight_2: float, bias: float) -> str:
        w = np.array([weight_1, weight_2])
        z = x @ w + bias
        missed = (z > 0) != (target > 0)
        shade(w, bias)
        wrong.set_data(*x[missed].T)
        return (
            f"Weights {weight_1:z.2f} and {weight_2:z.2f}, bias {bias:z.2f}: "
            f"{np.sum(~missed)} of {len(x)} on the right side. "
            f"Squared error {np.sum((sigmoid(z) - target) ** 2):.3f}."
        )

    return LiveFigure(figure, update, **_sliders())


def half_planes(low: Array, high: Array, w: Array, biases: Array) -> Array:
    """Return four corners of where w·p + b > 0, for each b of `biases`.

    The first two lie on the line, far apart; all of the box from `low` to `high`
    that is on the positive side lies inside. Without weights that is all or none.
    """
    centre, reach = (low + high) / 2, np.hypot(*(high - low)) / 2
    length = np.hypot(*w)
    across = w / length if length else np.array([1.0, 0.0])
    distances = (w @ centre + biases) / (length or 1e-9)
    feet = centre - np.clip(distances, -reach, reach)[:, None] * across
    along, depth = 2 * reach * across[::-1] * (-1, 1), 3 * reach * across
    return feet[:, None] + [-along, along, along + depth, depth - along]


def _shade(axes: Axes, low: Array, high: Array) -> Callable[[Array, float], None]:
    """Make what shows a neuron on a box: steps of shade, a line, an arrow."""
    axes.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]))
    look = {"color": GREEN, "alpha": 0.15, "linewidth": 0, "animated": True}
    tints = [axes.add_patch(Polygon(np.zeros((4, 2)), **look)) for _ in TINTS]
    (line,) = axes.plot([], [], color=INK, animated=True)
    across = arrow(axes, low, low, color=INK, animated=True)
    scale = 0.05 * np.hypot(*(high - low))
    shifts = np.log(TINTS / (1 - TINTS))  # the pre-activation for each output

    def show(w: Array, b: float) -> None:
        planes = half_planes(low, high, w, b - shifts)
        for tint, corners in zip(tints, planes, strict=True):
            tint.set_xy(corners)
        edge = planes[1, :2]
        line.set_data(*edge.T)
        line.set_visible(bool(w.any()))
        foot = edge.mean(axis=0)
        head = foot + scale * w
        across.set_visible(bool(((low < head) & (head < high)).all()))
        across.set_ends(foot, head)

    return show


def _sliders() -> dict[str, Slider]:
    return {
        "weight_1": Slider(-2, 2, step=0.1, value=1, label="weight w1"),
        "weight_2": Slider(-2, 2, step=0.1, value=0, label="weight w2"),
        "bias": Slider(-6, 6, step=0.25, value=0, label="bias b"),
    }


def _checked(x: ArrayLike, target: ArrayLike) -> tuple[Array, Array]:
    x = real_array(x, "decision_line: x")
    target = real_array(target, "decision_line: target")
    if x.ndim != 2 or x.shape[1] != 2 or not len(x):
        raise ValueError(f"decision_line: x must have shape (N, 2), got {x.shape}")
    require_finite(x, "decision_line: x")
    if target.shape != x.shape[:1] or not np.isin(target, (0, 1)).all():
        raise ValueError(
            f"decision_line: target must hold a 0 or 1 for each of {len(x)} rows, "
            f"got {describe(target.tolist())}"
        )
    return x, target


def _box(x: Array) -> tuple[Array, Array]:
    """Return two opposite corners, with a margin around the places."""
    margin = 0.2 * np.ptp(x, axis=0).max()
    if not margin:
        raise ValueError(
            f"decision_line: x must hold two different places, got {x.tolist()}"
        )
    return x.min(axis=0) - margin, x.max(axis=0) + margin
