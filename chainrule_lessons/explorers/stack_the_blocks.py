"""Lesson 09: a chain of blocks forward and back, what is reused, and the microscope.

Orange slopes pass through to the block before; blue ones stay with their weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from chainrule_lessons.live import LiveFigure, Pen, Slider
from chainrule_lessons.markdown import bet
from chainrule_lessons.marks import BLUE, CENTRED, GREEN, GREY, INK, ORANGE
from chainrule_lessons.numeric import derivative
from chainrule_lessons.plotting import arrow, framed, label, subplots

__all__ = ["microscope", "pass_back", "reuse", "worse_answer"]

Array = NDArray[np.floating]

# The worked chain: Linear (1, 5), a Sigmoid, Scale by 20, and a target of 10

BLOCKS = {"Linear": 2.2, "Sigmoid": 4.5, "Scale": 6.8, "loss": 9.1}
WIRES = {"z": 3.35, "a": 5.65, "y": 7.95}  # between the boxes
WIDE, HIGH = 1.4, 0.8  # a box


class Trip(NamedTuple):
    """What a trip through the chain finds: values forward, then slopes of the loss."""

    z: float
    a: float
    y: float
    loss: float
    by_y: float
    by_a: float
    by_z: float
    by_w: float  # of the Scale
    bend: float  # the slope of the Sigmoid


def round_trip(bias: float) -> Trip:
    """Go through the worked chain and back."""
    z = 1 * 2 + 5 * 3 + bias
    a = 1 / (1 + np.exp(-z))
    y, bend = 20 * a, a * (1 - a)
    by_y = 2 * (y - 10)
    by_a = by_y * 20
    return Trip(z, a, y, (y - 10) ** 2, by_y, by_a, by_a * bend, by_y * a, bend)


def _draw_chain(axes: Axes, y: float) -> None:
    """Draw the boxes, and the arrows that lead from one to the next."""
    axes.set_axis_off()
    edges = [1.1, *(x + s * WIDE / 2 for x in BLOCKS.values() for s in (-1, 1))]
    for tail, head in zip([0.3, *edges[2::2]], edges[1::2], strict=False):
        arrow(axes, (tail, y), (head, y), color=GREY, width=1.5)
    for name, x in BLOCKS.items():
        framed(axes, x, y, (WIDE, HIGH), name)


def _write_values(pen: Pen, y: float, trip: Trip) -> None:
    """Write what runs along the wires, above the boxes."""
    pen.words(0.65, y, "2, 3", ha="center")
    for (name, x), value in zip(WIRES.items(), trip[:3], strict=True):
        pen.words(x, y, f"{name} = {value:z.4g}", ha="center")
    pen.words(BLOCKS["loss"] + 0.35, y, f"{trip.loss:.2f}", ha="center")


def worse_answer() -> LiveFigure:
    """Raise the bias of the worked chain, and see its loss and one slope.

    Returns
    -------
    LiveFigure
        Slider ``bias``, and a bet on the slope by the output of Linear.

    Examples
    --------
    >>> worse_answer()
    Bias -15.0: the answer is 17.616, the loss 58.003, its slope by z 31.985.
    """
    figure, axes = subplots(size=(6.8, 3.2))
    axes.set(xlim=(-0.5, 10), ylim=(0, 6))
    _draw_chain(axes, 4.6)
    for y, name, ends in ((2.5, "loss", "0 100"), (0.9, "slope by z", "-40 40")):
        label(axes, 2.3, y, name, ha="right", va="center")
        axes.plot([2.6, 8.6], [y - 0.5, y - 0.5], color=GREY, lw=0.8)
        for x, end in zip((2.6, 8.6), ends.split(), strict=True):
            label(axes, x, y - 0.62, end, color=GREY, ha="center", va="top", size=10)
    axes.plot([5.6, 5.6], [0.4, 1.4], color=GREY, lw=0.8)
    pen = Pen(axes)

    def update(bias: float) -> str:
        trip = round_trip(bias)
        _write_values(pen, 5.2, trip)
        loss, slope = 2.6 + 0.06 * trip.loss, 5.6 + 3 * trip.by_z / 40  # ends of bars
        pen.line((2.6, loss), 2.5, "-", GREY, 18, solid_capstyle="butt")
        pen.line((5.6, slope), 0.9, "-", ORANGE, 18, solid_capstyle="butt")
        pen.words(loss + 0.12, 2.5, f"{trip.loss:.2f}", va="center")
        pen.words(max(5.6, slope) + 0.12, 0.9, f"{trip.by_z:z.2f}", va="center")
        return (
            f"Bias {bias:.1f}: the answer is {trip.y:.3f}, the loss {trip.loss:.3f}, "
            f"its slope by z {trip.by_z:z.3f}."
        )

    bias = Slider(-20, -12, step=0.1, value=-15, label="bias b")
    return LiveFigure(figure, update, predict=bet("worse_answer"), bias=bias)


def pass_back() -> LiveFigure:
    """Walk back through the worked chain, one block a step.

    Orange slopes stand below the wires along which they pass. Blue ones stand below
    the block with which they stay.

    Returns
    -------
    LiveFigure
        Slider ``step``, from 0 (forward) to 4 (back in front of Linear).

    Examples
    --------
    >>> pass_back()
    Forward: z = 2, a = 0.8808, y = 17.616, and the loss is 58.003.
    """
    figure, axes = subplots(size=(6.8, 3.4))
    axes.set(xlim=(-0.7, 10.1), ylim=(0, 6.2))
    _draw_chain(axes, 5)
    pen, trip = Pen(axes), round_trip(-15)
    back = list(reversed(BLOCKS.items()))

    def update(step: int) -> str:
        _write_values(pen, 5.6, trip)
        if step:
            lit = {"facecolor": "none", "edgecolor": ORANGE, "linewidth": 3}
            pen.box(back[step - 1][1], 5, (WIDE, HIGH), "none", **lit)
        for name, x, slope in _passing(trip)[:step]:
            pen.arrow((x + 0.4, 3.9), (x - 0.4, 3.9), ORANGE)
            pen.words(x, 3.3, f"by {name}", ORANGE, "center")
            pen.words(x, 2.8, slope, ORANGE, "center")
        for x, names in _staying(trip)[: step // 2]:  # every second block has weights
            pen.line((x, x), (4.55, 2.4), "--", BLUE, 1.5)
            for row, text in enumerate(names):
                pen.words(x, 1.9 - 0.55 * row, text, BLUE, "center")
        return _TOLD[step].format(**trip._asdict())

    steps = Slider(0, 4, step=1, value=0, label="step", play=True)
    return LiveFigure(figure, update, step=steps)


_TOLD = (
    "Forward: z = {z:.0f}, a = {a:.4f}, y = {y:.3f}, and the loss is {loss:.3f}.",
    "Loss: the slope of (y - 10)² by y is 2 · ({y:.3f} - 10) = {by_y:.3f}.",
    "Scale gets {by_y:.3f}. By its w stays {by_y:.3f} · {a:.4f} = {by_w:.3f}; "
    "{by_y:.3f} · 20 = {by_a:.3f} passes.",
    "Sigmoid gets {by_a:.3f}, nothing stays, and {by_a:.3f} · {bend:.5f} = "
    "{by_z:.3f} passes.",
    "Linear gets {by_z:.3f}. By each weight stays {by_z:.3f} times its input, 2 or 3; "
    "times the weights, 1 and 5, it passes.",
)


def _passing(trip: Trip) -> list[tuple[str, float, str]]:
    """List what passes along each wire, from the loss on."""
    slopes = {"y": trip.by_y, "a": trip.by_a, "z": trip.by_z}
    wires = [(name, WIRES[name], f"{slope:.2f}") for name, slope in slopes.items()]
    return [*wires, ("inputs", 0.45, f"{trip.by_z:.2f}, {5 * trip.by_z:.2f}")]


def _staying(trip: Trip) -> list[tuple[float, list[str]]]:
    """List what stays with the blocks that have weights, from the loss on."""
    linear = (("w₁", 2 * trip.by_z), ("w₂", 3 * trip.by_z), ("b", trip.by_z))
    return [
        (BLOCKS["Scale"], [f"slope by w: {trip.by_w:.2f}"]),
        (BLOCKS["Linear"], [f"slope by {n}: {slope:.2f}" for n, slope in linear]),
    ]


# What the slopes by the weights reuse

LOW = "₀₁₂₃₄₅₆"
CELL = 0.92  # the width of a cell; the next one begins at 1
TINTED = {"alpha": 0.18, "solid_capstyle": "butt"}


def reuse() -> LiveFigure:
    """Write the slope by every layer's weights, and box what is there already.

    Layer i is fᵢ = σ(Wᵢ fᵢ₋₁ + bᵢ), with the weights θᵢ = (Wᵢ, bᵢ). Orange factors
    pass through, the blue one at the end of a row stays.

    Returns
    -------
    LiveFigure
        Slider ``depth``, from 2 to 6 layers.

    Examples
    --------
    >>> reuse()
    4 layers, 4 slopes: 10 products written out, 7 with the boxes reused.
    """
    figure, axes = subplots(size=(7.2, 3.8))
    axes.set_axis_off()
    axes.set(xlim=(-0.1, 8.1), ylim=(0.2, 6.9))
    pen = Pen(axes)

    def update(depth: int) -> str:
        for row in range(depth):
            _write_row(pen, 6.4 - 1.08 * row, *slope_by(depth - row, depth))
        full, once = depth * (depth + 1) // 2, 2 * depth - 1
        return (
            f"{depth} layers, {depth} slopes: {full} products written out, "
            f"{once} with the boxes reused."
        )

    layers = Slider(2, 6, step=1, value=4, label="layers", play=True)
    return LiveFigure(figure, update, depth=layers)


def slope_by(layer: int, depth: int) -> list[str]:
    """Write the slope of the loss by a layer's weights: its name, then its factors.

    >>> slope_by(2, 3)
    ['∂L/∂θ₂ =', '∂L/∂f₃', '∂f₃/∂f₂', '∂f₂/∂θ₂']
    """
    between = [f"∂f{LOW[i]}/∂f{LOW[i - 1]}" for i in range(depth, layer, -1)]
    stays = f"∂f{LOW[layer]}/∂θ{LOW[layer]}"
    return [f"∂L/∂θ{LOW[layer]} =", f"∂L/∂f{LOW[depth]}", *between, stays]


def _write_row(pen: Pen, y: float, name: str, *factors: str) -> None:
    """Write one slope, and box the factors that the row above has multiplied."""
    pen.words(0.51, y, name, halo=0, **CENTRED)
    lefts = 1.05 + np.arange(len(factors))
    colors = [ORANGE] * (len(factors) - 1) + [BLUE]
    for left, factor, color in zip(lefts, factors, colors, strict=True):
        pen.line((left, left + CELL), (y, y), "-", color, 24, **TINTED)
        pen.words(left + CELL / 2, y, factor, color, halo=0, **CENTRED)
    _frame(pen, lefts[-1], lefts[-1] + CELL, y, "--", BLUE, 1.2)
    if len(factors) > 2:
        _frame(pen, 1.01, lefts[-2] - 0.04, y, "-", INK, 1.5)


def _frame(pen: Pen, left: float, right: float, y: float, *look: Any) -> None:
    low, high = y - 0.4, y + 0.4
    across = (left, right, right, left, left)
    pen.line(across, (low, low, high, high, low), *look)


# The microscope

WEIGHTS = (2.0, -1.5, 1.5, -2.0, 1.5, 2.0)  # of layers 1 to 6, each one unit wide
UNIT_AT, BARS_AT, PER_ONE = 0.9, 6.3, 1.3  # across the picture


def microscope() -> LiveFigure:
    """Read the slope by one weight of a deep network, factor by factor.

    Six layers, one unit wide, with sigmoids: x = 1 goes in at the bottom, and the
    loss at the top is the square of the last output. From the loss down to the weight
    stand the factors, and beside them the product so far.

    Returns
    -------
    LiveFigure
        Sliders ``layer`` of the weight and ``turn``, which is added to it, and a bet
        on the slope in layer 1.

    Examples
    --------
    >>> microscope()
    Layer 6, weight 2.00: product 0.162, measured 0.162. Loss 0.584.
    """
    figure, axes = subplots(size=(6.8, 4.8))
    axes.set_axis_off()
    axes.set(xlim=(0, 10.4), ylim=(-0.5, 8))
    label(axes, 4.1, 7.5, "factors", **CENTRED)
    label(axes, BARS_AT, 7.5, "product so far", va="center")
    axes.plot([BARS_AT, BARS_AT], [0.1, 7], color=GREY, lw=0.8)
    pen = Pen(axes)

    def update(layer: int, turn: float) -> str:
        weights = np.array(WEIGHTS)
        weights[layer - 1] += turn
        found = factors(weights, layer)
        so_far = np.cumprod([factor for pair in found for factor in pair])[1::2]
        measured = derivative(lambda w: _loss(weights, layer, w), weights[layer - 1])
        _draw_units(pen, weights, layer)
        for row, (pair, product) in enumerate(zip(found, so_far, strict=True)):
            color = BLUE if row == len(found) - 1 else ORANGE
            pen.words(4.1, 6.5 - row, _said(row, pair), color, **CENTRED)
            _bar(pen, 6.5 - row, product, color)
        pen.words(BARS_AT + 0.1, 5.9 - row, f"measured {measured:z.3g}", GREEN)
        loss = _loss(weights, layer, weights[layer - 1])
        return (
            f"Layer {layer}, weight {weights[layer - 1]:z.2f}: product "
            f"{so_far[-1]:z.3g}, measured {measured:z.3g}. Loss {loss:.3f}."
        )

    layer = Slider(1, 6, step=1, value=6, label="layer")
    turn = Slider(-3, 3, step=0.1, value=0, label="turn its weight by")
    return LiveFigure(figure, update, predict=bet("microscope"), layer=layer, turn=turn)


def activations(weights: Sequence[float]) -> list[float]:
    """Return the input, then the output of each layer."""
    a = [1.0]
    for w in weights:
        a.append(1 / (1 + np.exp(-w * a[-1])))
    return a


def _loss(weights: Array, layer: int, w: float) -> float:
    """Return the loss with another weight in a layer."""
    changed = [*weights[: layer - 1], w, *weights[layer:]]
    return activations(changed)[-1] ** 2


def factors(weights: Sequence[float], layer: int) -> list[tuple[float, float]]:
    """Pair the factors from the loss down to the weight of a layer.

    First 2 and the output; for a layer on the way, the slope of its bend and its
    weight; at the end the slope of the bend and what the weight multiplies.

    >>> factors([0.0, 2.0], 1)
    [(2.0, 0.7310585786300049), (0.19661193324148185, 2.0), (0.25, 1.0)]
    """
    a = [float(value) for value in activations(weights)]
    found = [(2.0, a[-1])]
    for k in range(len(weights), layer - 1, -1):
        last = a[k - 1] if k == layer else float(weights[k - 1])
        found.append((a[k] * (1 - a[k]), last))
    return found


def _said(row: int, pair: tuple[float, float]) -> str:
    first, second = pair
    shown = f"({second:.2f})" if second < 0 else f"{second:.2f}"
    return f"2 · {shown}" if row == 0 else f"times {first:.2f} · {shown}"


def _bar(pen: Pen, y: float, product: float, color: str) -> None:
    """Draw the size of a product, and write it with its sign."""
    end = BARS_AT + PER_ONE * abs(product)
    pen.line((BARS_AT, end), (y, y), "-", color, 14, solid_capstyle="butt")
    pen.words(end + 0.1, y, f"{product:z.3g}", va="center")


def _draw_units(pen: Pen, weights: Array, layer: int) -> None:
    """Draw the chain with the loss on top, and light the way down to the weight."""
    on_way = {"color": ORANGE, "width": 3.5}
    pen.line((UNIT_AT, UNIT_AT), (0, layer - 1), "-", GREY, 1)
    pen.line((UNIT_AT, UNIT_AT), (layer, 7), "-", **on_way)
    pen.line((UNIT_AT, UNIT_AT), (layer - 1, layer), "--", BLUE, 3.5)
    look = {"markersize": 19, "mfc": "white", "mec": INK, "mew": 1.2}
    pen.dot(np.full(8, UNIT_AT), np.arange(8.0), **look)
    for y, name in enumerate(["x", *(f"a{low}" for low in LOW[1:]), "L"]):
        pen.words(UNIT_AT, y, name, halo=0, fontsize=11, **CENTRED)
    for k, weight in enumerate(weights, 1):
        said, color = f"w{LOW[k]} {weight:z.2f}", BLUE if k == layer else INK
        pen.words(UNIT_AT + 0.2, k - 0.5, said, color, va="center")
