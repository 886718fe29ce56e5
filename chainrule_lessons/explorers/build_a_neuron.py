"""Lesson 03: a neuron with one input, then with two, and a layer of neurons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from chainrule_lessons.live import LiveFigure, Pen, Slider
from chainrule_lessons.plotting import GREEN, GREY, ORANGE, label, subplots
from chainrule_lessons.validation import describe, finite_array, real_array

__all__ = ["decision_line", "neuron", "ridge"]

Array = NDArray[np.floating]


def sigmoid(z: Any) -> Any:
    """Return 1/(1 + e⁻ᶻ), for numbers of moderate size."""
    return 1 / (1 + np.exp(-z))


def _draw_circles(pen: Pen, places: Array, fill: str, size: float = 8) -> None:
    look = {"markersize": size, "markerfacecolor": fill, "markeredgewidth": 1.5}
    pen.dot(*places.T, **look)


def _draw_answers(pen: Pen, places: Array, target: Array) -> None:
    """Draw places as circles: filled where the target is 1, hollow where 0."""
    _draw_circles(pen, places[target == 0], "white")
    _draw_circles(pen, places[target == 1], GREEN)


# One input

# A gardener's habit: degrees above 20, and whether the window stood open.
DEGREES = np.array([-4.0, -3, -2, -1, 0, 1, 2, 3, 4, 5, 7, 8])
WINDOW = np.array([0.0, 0, 0, 0, 0, 0, 1, 0, 1, 1, 1, 1])


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
    pen, places = Pen(axes), np.linspace(-6, 10, 161)
    answers = np.column_stack([DEGREES, WINDOW])

    def update(weight: float, bias: float) -> str:
        output = sigmoid(weight * DEGREES + bias)
        pen.segments(answers, np.column_stack([DEGREES, output]), "-", GREY, 1.2)
        pen.line(places, sigmoid(weight * places + bias))
        if weight:
            _draw_steepest(pen, weight, bias)
        _draw_answers(pen, answers, WINDOW)
        error = np.sum((output - WINDOW) ** 2)
        return f"{_half(weight, bias)} Squared error {error:.3f}."

    weight = Slider(-3, 3, step=0.1, value=1, label="weight w")
    bias = Slider(-8, 8, step=0.25, value=0, label="bias b")
    return LiveFigure(figure, update, predict=predict, weight=weight, bias=bias)


def _draw_steepest(pen: Pen, weight: float, bias: float) -> None:
    """Draw the tangent where the output is one half, and say its slope."""
    slope, run = weight / 4, min(1.5, 1.2 / abs(weight))
    pen.tangent(-bias / weight, 0.5, slope, run, "-", ORANGE, 3)
    look = {"va": "bottom", "transform": pen.axes.transAxes}
    pen.words(0, 1.02, f"slope {slope:z.3f}", ORANGE, **look)


def _half(weight: float, bias: float) -> str:
    if not weight:
        return f"Output {sigmoid(bias):.3f} whatever the temperature."
    return f"Half open at {-bias / weight:z.2f} degrees, slope {weight / 4:z.3f} there."


# Two inputs

# A gardener's habit: degrees above 20 and wind in m/s, and whether she opened.
MORNINGS = (
    *((-4, 2), (-3, 7), (-1, 4), (0, 1), (1, 8), (2, 5), (4, 8.5), (6, 9)),
    *((2.5, 1), (4, 4), (5, 2), (6, 5), (7.5, 1), (8, 7), (8.5, 4)),
)
OPENED = (0,) * 8 + (1,) * 7
TINTS = np.array([0.1, 0.5, 0.9])  # outputs at which the shade deepens
SHIFTS = np.log(TINTS / (1 - TINTS))  # the pre-activations that give them


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
    low, high = _box(x)
    figure, axes = subplots(size=(6.4, 4.4))
    axes.set(xlabel=names[0], ylabel=names[1], aspect="equal")
    axes.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]))
    label(axes, 0, 1.02, f"●  {kinds[1]}", color=GREEN, transform=axes.transAxes)
    label(axes, 0.25, 1.02, f"○  {kinds[0]}", transform=axes.transAxes)
    pen = Pen(axes)

    def update(weight_1: float, weight_2: float, bias: float) -> str:
        w = np.array([weight_1, weight_2])
        z = x @ w + bias
        missed = (z > 0) != (target > 0)
        _draw_shade(pen, low, high, w, bias)
        _draw_circles(pen, x[missed], "none", size=17)
        _draw_answers(pen, x, target)
        return (
            f"Weights {weight_1:z.2f} and {weight_2:z.2f}, bias {bias:z.2f}: "
            f"{np.sum(~missed)} of {len(x)} on the right side. "
            f"Squared error {np.sum((sigmoid(z) - target) ** 2):.3f}."
        )

    return LiveFigure(
        figure,
        update,
        weight_1=Slider(-2, 2, step=0.1, value=1, label="weight w1"),
        weight_2=Slider(-2, 2, step=0.1, value=0, label="weight w2"),
        bias=Slider(-6, 6, step=0.25, value=0, label="bias b"),
    )


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


def _draw_shade(pen: Pen, low: Array, high: Array, w: Array, b: float) -> None:
    """Draw a neuron over a box: steps of shade, its line, and its weights."""
    planes = half_planes(low, high, w, b - SHIFTS)
    for corners in planes:
        pen.shape(corners, GREEN, alpha=0.15)
    edge = planes[1, :2]
    foot = edge.mean(axis=0)
    head = foot + 0.05 * np.hypot(*(high - low)) * w
    if w.any():
        pen.line(*edge.T)
    if ((low < head) & (head < high)).all():
        pen.arrow(foot, head)


def _checked(x: ArrayLike, target: ArrayLike) -> tuple[Array, Array]:
    x = finite_array(x, "decision_line: x")
    target = real_array(target, "decision_line: target")
    if x.ndim != 2 or x.shape[1] != 2 or not len(x):
        raise ValueError(f"decision_line: x must have shape (N, 2), got {x.shape}")
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


# A layer

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
    pen, z = Pen(axes), ends[:, None] - ends[:-1]
    sums = {"ReLU": _sums(np.maximum(z, 0) * weights), "none": _sums(z * weights)}

    def update(neurons: int, activation: str) -> str:
        last = max(neurons - 1, 0)
        y = sums[activation][neurons]
        pen.line(ends, sums[activation][last], "--", GREY, 1.5)
        pen.line(ends, y, width=3)
        pen.dot(ends[last:neurons], y[last:neurons], GREEN)
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
