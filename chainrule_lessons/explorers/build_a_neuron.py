"""Lesson 03: a neuron, a layer, a network, and what a bend is good for.

`neuron` has one input, `decision_line` two. `wires`, `rows` and `network` draw a layer
and a network with their numbers; `ridge` and `fold` show what the bends do.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule_lessons.layers import Sigmoid
from chainrule_lessons.live import Bet, LiveFigure, Pen, Slider, neurons
from chainrule_lessons.live.neurons import DOWN, MIDDLE, UP, bracketed, said
from chainrule_lessons.markdown import bet
from chainrule_lessons.marks import CENTRED, GREEN, GREY, INK, ORANGE
from chainrule_lessons.plotting import Picture, label, sheet, subplots

__all__ = [
    "decision_line",
    "fold",
    "network",
    "neuron",
    "ridge",
    "rows",
    "stairs",
    "wires",
]

Array = NDArray[np.floating]
Pair = tuple[str, str]


sigmoid = Sigmoid()

# One input

# A gardener's habit: degrees above 20, and whether the window stood open.
DEGREES = np.array([-4.0, -3, -2, -1, 0, 1, 2, 3, 4, 5, 7, 8])
WINDOW = np.array([0.0, 0, 0, 0, 0, 0, 1, 0, 1, 1, 1, 1])


def neuron() -> LiveFigure:
    """Show one neuron, σ(w x + b), among the mornings it should agree with.

    Filled circles are mornings with the window open, hollow ones with it shut;
    grey lines are the errors. The orange tangent stands where the output is one half.

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
        half = f"Output {sigmoid(bias):.3f} whatever the temperature."
        if weight:
            half = _draw_steepest(pen, weight, bias)
        neurons.answers(pen, answers, WINDOW)
        return f"{half} Squared error {np.sum((output - WINDOW) ** 2):.3f}."

    weight = Slider(-3, 3, step=0.1, value=1, label="weight w")
    bias = Slider(-8, 8, step=0.25, value=0, label="bias b")
    return LiveFigure(figure, update, predict=bet("neuron"), weight=weight, bias=bias)


def _draw_steepest(pen: Pen, weight: float, bias: float) -> str:
    """Draw the tangent where the output is one half; say where, and its slope."""
    place, slope = -bias / weight, weight / 4
    pen.tangent(place, 0.5, slope, min(1.5, 1.2 / abs(weight)), "-", ORANGE, 3)
    pen.dot(place, 0.5, ORANGE, grab="bias")
    pen.above(0, f"slope {slope:z.3f}", ORANGE, height=1.02)
    return f"Half open at {place:z.2f} degrees, slope {slope:z.3f} there."


# Two inputs

# A gardener's habit: degrees above 20 and wind in m/s, and whether she opened.
MORNINGS = (
    *((-4, 2), (-3, 7), (-1, 4), (0, 1), (1, 8), (2, 5), (4, 8.5), (6, 9)),
    *((2.5, 1), (4, 4), (5, 2), (6, 5), (7.5, 1), (8, 7), (8.5, 4)),
)
OPENED = (0,) * 8 + (1,) * 7


def decision_line() -> LiveFigure:
    """Show a neuron with two inputs as a shade over the plane, and its line.

    On the line the output is one half; the arrow shows the two weights. Filled
    circles have the target 1, hollow ones 0; a ring marks the wrong side.

    >>> decision_line()
    Weights 1.00 and 0.00, bias 0.00: 11 of 15 on the right side. Squared error 3.601.
    """
    names, kinds = ("degrees above 20", "wind in m/s"), ("shut", "open")
    return _lined(np.array(MORNINGS), np.array(OPENED), names, kinds)


CORNERS = np.array([(0.0, 0), (1, 0), (0, 1), (1, 1)])
LIGHT = (0, 1, 1, 0)


def stairs() -> LiveFigure:
    """Show the two switches of a staircase light, and ask what one neuron can do.

    >>> stairs()
    Weights 1.00 and 0.00, bias 0.00: 2 of 4 on the right side. Squared error 1.107.
    """
    names, kinds = ("lower switch", "upper switch"), ("off", "on")
    return _lined(CORNERS, np.array(LIGHT), names, kinds, bet("stairs"))


def _lined(
    x: Array, target: Array, names: Pair, kinds: Pair, predict: Bet | None = None
) -> LiveFigure:
    """Make the figure of a neuron's line among places that are 0 or 1."""
    margin = 0.2 * np.ptp(x, axis=0).max()
    low, high = x.min(axis=0) - margin, x.max(axis=0) + margin
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
        neurons.shade(pen, low, high, w, bias)
        neurons.circles(pen, x[missed], "none", size=17)
        neurons.answers(pen, x, target)
        return (
            f"Weights {weight_1:z.2f} and {weight_2:z.2f}, bias {bias:z.2f}: "
            f"{np.sum(~missed)} of {len(x)} on the right side. "
            f"Squared error {np.sum((sigmoid(z) - target) ** 2):.3f}."
        )

    return LiveFigure(
        figure,
        update,
        predict=predict,
        weight_1=Slider(-2, 2, step=0.1, value=1, label="weight w1"),
        weight_2=Slider(-2, 2, step=0.1, value=0, label="weight w2"),
        bias=Slider(-6, 6, step=0.25, value=0, label="bias b"),
    )


# Circles and wires

# A greenhouse: its window and its heater look at degrees above 20 and wind in m/s,
# and what both do costs energy.
WEIGHT, BIAS = np.array([[2.0, -1.0], [-3.0, 1.0]]), np.array([-1.0, 5.0])
LAST, LAST_BIAS = np.array([[2.0, 4.0]]), np.array([1.0])
NAMES = ("degrees", "wind"), ("window", "heater"), ("energy",)
DEGREES_ABOVE = Slider(-3, 6, step=1, value=3, label="degrees above 20, x1")
WIND = Slider(0, 9, step=1, value=2, label="wind in m/s, x2")
BEND = Slider(options=["ReLU", "none"], label="activation")


def _draw_network(pen: Pen, *inside: Any) -> None:
    neurons.layer(pen, 2, 8, WEIGHT, BIAS)
    neurons.layer(pen, 8, 14, LAST, LAST_BIAS)
    for x, texts, names in zip((2, 8, 14), inside, NAMES, strict=True):
        neurons.column(pen, x, texts, names)


def wires() -> Picture:
    """Draw a network as circles and wires, its inputs known and the rest not yet.

    Examples
    --------
    >>> wires()
    Two inputs, 3 and 2; two neurons; one output. On each wire stands its weight.
    """
    figure, axes = sheet()
    _draw_network(Pen(axes), ("3", "2"), ("?", "?"), ("?",))
    known = "Two inputs, 3 and 2; two neurons; one output."
    return Picture(figure, f"{known} On each wire stands its weight.")


def rows() -> LiveFigure:
    """Light up a neuron's wires, and its row of the matrix, with the sum written out.

    >>> rows()
    Neuron 1, the window: 2 · 3 + (−1) · 2 + (−1) = 3.
    """
    figure, axes = sheet()
    pen = Pen(axes)
    for place, sign in zip((8.9, 11.4, 13.2, 15), "Wxbz", strict=True):
        label(axes, place, 8.1, sign, ha="center")

    def update(x1: float, x2: float, lit: str) -> str:
        x, row = np.array([x1, x2]), ("neuron 1", "neuron 2").index(lit)
        z = WEIGHT @ x + BIAS
        neurons.layer(pen, 1.2, 6, WEIGHT, BIAS, lit=row)
        neurons.column(pen, 1.2, map(said, x), NAMES[0])
        neurons.column(pen, 6, map(said, z), NAMES[1])
        _draw_matrix(pen, row, x, z)
        (w1, v1), (w2, v2) = (map(bracketed, pair) for pair in np.c_[WEIGHT[row], x])
        b = bracketed(BIAS[row])
        done = f"{w1} · {v1} + {w2} · {v2} + {b} = {said(z[row])}"
        pen.words(11.6, 0.6, done, INK, "center")
        return f"Neuron {row + 1}, the {NAMES[1][row]}: {done}."

    lit = Slider(options=["neuron 1", "neuron 2"], label="light up")
    return LiveFigure(figure, update, x1=DEGREES_ABOVE, x2=WIND, lit=lit)


def _draw_matrix(pen: Pen, row: int, x: Array, z: Array) -> None:
    """Write W x + b = z, with what makes one row of z on a tint."""
    heights = 5.5, 3.1
    for place, sign in ((10.5, "·"), (12.3, "+"), (14.1, "=")):
        pen.words(place, MIDDLE, sign, GREY, **CENTRED)
    pen.box(8.9, heights[row], (2.4, 1.3), GREEN, alpha=0.2)
    pen.box(11.4, MIDDLE, (1.1, 3.7), GREEN, alpha=0.2)
    for j, y in enumerate(heights):
        if j == row:
            pen.box(13.2, y, (1.1, 1.3), GREEN, alpha=0.2)
            pen.box(15, y, (1.1, 1.3), GREEN, alpha=0.4)
        numbers = zip((8.3, 9.5, 13.2, 15), (*WEIGHT[j], BIAS[j], z[j]), strict=True)
        for place, number in numbers:
            color = INK if j == row else GREY
            pen.words(place, y, said(number), color, **CENTRED)
        pen.words(11.4, y, said(x[j]), **CENTRED)


def network() -> LiveFigure:
    """Let numbers run through the greenhouse's network, with and without a bend.

    >>> network()
    Window z = 3, a = 3; heater z = −2, a = 0. Energy 2 · 3 + 4 · 0 + 1 = 7.
    """
    figure, axes = sheet()
    pen = Pen(axes)

    def update(x1: float, x2: float, activation: str) -> str:
        z = WEIGHT @ [x1, x2] + BIAS
        a = np.maximum(z, 0) if activation == "ReLU" else z
        (energy,) = LAST @ a + LAST_BIAS
        _draw_network(pen, map(said, (x1, x2)), map(said, a), (said(energy),))
        for y, number in zip((UP, DOWN), z, strict=True):
            pen.words(8, y - 2.05, f"z = {said(number)}", GREY, "center")
        first, second = (bracketed(number) for number in a)
        return (
            f"Window z = {said(z[0])}, a = {said(a[0])}; heater z = {said(z[1])}, "
            f"a = {said(a[1])}. Energy 2 · {first} + 4 · {second} + 1 = {said(energy)}."
        )

    return LiveFigure(figure, update, x1=DEGREES_ABOVE, x2=WIND, activation=BEND)


# Many neurons, one bend each

HEIGHTS = np.array([1.0, 2, 4, 3, 5, 8, 6, 3, 1])  # at 0, 1, 2, ... 8


def ridge() -> LiveFigure:
    """Draw a mountain ridge with a layer of neurons, one bend each.

    The line is 1 + Σ vᵢ · ReLU(x - i), the sum over the neurons in use. Dashed:
    the line before the newest. With the activation ``none`` it stays straight.

    >>> ridge()
    8 neurons. The newest bends the line at 7: slope -3 becomes -2. Largest gap 0.0.
    """
    figure, axes = subplots()
    ends = np.arange(9.0)
    weights = np.diff(np.diff(HEIGHTS), prepend=0)
    axes.fill_between(ends, HEIGHTS, color="#e4e4e4", linewidth=0)
    axes.set(xlim=(0, 8), ylim=(0, 9.5), xlabel="input x", ylabel="output")
    pen, z = Pen(axes), ends[:, None] - ends[:-1]
    sums = {"ReLU": _sums(np.maximum(z, 0) * weights), "none": _sums(z * weights)}

    def update(neurons: int, activation: str) -> str:
        last, y = max(neurons - 1, 0), sums[activation][neurons]
        pen.line(ends, sums[activation][last], "--", GREY, 1.5)
        pen.line(ends, y, width=3)
        pen.dot(ends[last:neurons], y[last:neurons], GREEN, grab="neurons")
        news = _news(neurons, activation, weights)
        return f"{news} Largest gap {np.abs(y - HEIGHTS).max():.1f}."

    count = Slider(0, 8, step=1, value=8, label="neurons", play=True)
    sliders = {"neurons": count, "activation": BEND}
    return LiveFigure(figure, update, predict=bet("ridge"), **sliders)


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


# Two neurons fold the plane

PLANE = np.linspace(-0.2, 1.2, 8)
ALONG = np.append(np.linspace(-0.2, 1.2, 29), np.nan)  # where the pen is lifted
GRID = np.stack([np.tile(ALONG, len(PLANE)), np.repeat(PLANE, len(ALONG))], axis=1)
GRID = np.concatenate([GRID, GRID[:, ::-1]])
LETTERS = ("A", -0.12, 0.1), ("B", -0.15, 0.12), ("C", 0.15, -0.16), ("D", 0.15, 0.1)


def fold() -> LiveFigure:
    """Send the plane of the two switches to where two ReLU neurons put it.

    On the left a sheet with the four corners, on the right the same sheet in the plane
    (a₁, a₂): a₁ = ReLU(x₁ + x₂), and the reader turns the numbers of a₂. The shade is
    where the last neuron, a₁ - 2 a₂ - 0.5, is above 0.

    >>> fold()
    A lands at (0, 0), B at (1, 1), C at (1, 0), D at (2, 0): 2 of 4 right.
    """
    figure, (before, after) = subplots(1, 2, size=(6.4, 3.6))
    before.set(xlabel="lower switch x₁", ylabel="upper switch x₂", aspect="equal")
    before.set(xlim=(-0.4, 1.4), ylim=(-0.4, 1.4))
    after.set(xlabel="neuron 1, a₁", ylabel="neuron 2, a₂", aspect="equal")
    after.set(xlim=(-0.4, 2.8), ylim=(-0.4, 2.8))
    after.fill([-0.3, 2.8, 2.8], [-0.4, 1.15, -0.4], color=GREEN, alpha=0.15, lw=0)
    pens, on = (Pen(before), Pen(after)), np.array(LIGHT)

    def update(weight_1: float, weight_2: float, bias: float) -> str:
        def placed(x: Array) -> Array:
            z = x @ [[1, weight_1], [1, weight_2]] + [0, bias]
            return np.maximum(z, 0)

        landed = placed(CORNERS)
        sides = (pens[0], GRID, CORNERS), (pens[1], placed(GRID), landed)
        for pen, lines, corners in sides:
            pen.line(*lines.T, "-", GREY, 0.8)
            neurons.answers(pen, corners, on)
            share = np.ptp(pen.axes.get_xlim()) / 1.8
            for (x, y), (letter, right, up) in zip(corners, LETTERS, strict=True):
                pen.words(x + right * share, y + up * share, letter, **CENTRED)
        neurons.circles(pens[1], landed[3], "white", grab="bias")
        right = np.sum((landed @ [1, -2] > 0.5) == (on > 0))
        at = (f"({x:zg}, {y:zg})" for x, y in landed)
        said = "A lands at {}, B at {}, C at {}, D at {}".format(*at)
        return f"{said}: {right} of 4 right."

    weight_1 = Slider(-1, 1.25, step=0.25, value=1, label="weight from x1")
    weight_2 = Slider(-1, 1, step=0.25, value=-1, label="weight from x2")
    bias = Slider(-1.5, 0.25, step=0.25, value=0, label="bias of neuron 2")
    return LiveFigure(figure, update, weight_1=weight_1, weight_2=weight_2, bias=bias)
