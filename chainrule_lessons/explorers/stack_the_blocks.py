"""Lesson 09: a chain of blocks, what its slopes reuse, and the chain microscope.

Orange slopes pass through to the block before; blue ones stay with their weights.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise, product
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from chainrule_lessons.datasets import course_network, worked_chain
from chainrule_lessons.factors import Stack, Weight, each_once, factors, products
from chainrule_lessons.layers import Sequential, Sigmoid
from chainrule_lessons.live import LiveFigure, Pen, Slider
from chainrule_lessons.losses import MSELoss
from chainrule_lessons.numeric import derivative
from chainrule_lessons.plotting import BLUE, GREY, INK, ORANGE, arrow, label, subplots

__all__ = ["microscope", "pass_back", "reuse"]

Array = NDArray[np.floating]
CENTRED = {"ha": "center", "va": "center"}


def _write(pen: Pen, places: Iterable[Any], texts: Iterable[str], **look: Any) -> None:
    """Write texts, each standing at its place."""
    for (x, y), text in zip(places, texts, strict=True):
        pen.words(x, y, text, ha="center", va="bottom", **look)


# Numbers forward, slopes back

MIDDLES = {"Linear": 2.2, "Sigmoid": 4.5, "Scale": 6.8, "MSELoss": 9.1}
WIRES = (3.35, 5.65, 7.95)  # between the boxes
ROW, BASE, HALF = 6.2, 2.2, 0.7  # of the boxes, of the bars; half a box
VALUES = [(x, ROW + 0.08) for x in (0.6, *WIRES, 9.1)]
STAYS = {"w₁": (2.2, 4.48), "w₂": (2.2, 3.88), "b": (2.2, 3.28), "w": (6.8, 4.48)}


def pass_back(predict: tuple[str, Sequence[str]] | None = None) -> LiveFigure:
    """Send numbers forward through the worked chain, and slopes back.

    Linear with weight (1, 5), Sigmoid, Scale by 20 and the squared difference from
    a target. Above the boxes stand the values, below them the slopes of the loss.

    Parameters
    ----------
    predict : tuple of (str, sequence of str), optional
        A question whose answer unlocks the sliders.

    Returns
    -------
    LiveFigure
        Sliders ``target`` and ``bias``.

    Examples
    --------
    >>> pass_back()
    Loss 58.003. Slopes on the way back: 15.232, then 304.638, then 31.985.
    """
    figure, axes = subplots(size=(6.8, 3.8))
    _draw_chain(axes)
    pen, net, criterion = Pen(axes), worked_chain(), MSELoss("sum")
    parameters = net.parameters()

    def update(target: float, bias: float) -> str:
        net[0].bias.data = [bias]
        outputs, loss, slopes = _round_trip(net, criterion, target)
        values = ["(2, 3)", *map(_short, outputs), f"loss {_short(loss)}"]
        _write(pen, VALUES, values)
        own = np.concatenate([parameter.grad.ravel() for parameter in parameters])
        stays = [f"{n}: {_short(slope)}" for n, slope in zip(STAYS, own, strict=True)]
        _write(pen, STAYS.values(), stays, color=BLUE)
        _raise_slopes(pen, slopes)
        linear, sigmoid, scale = slopes
        return (
            f"Loss {loss:.3f}. Slopes on the way back: {scale:z.3f}, "
            f"then {sigmoid:z.3f}, then {linear:z.3f}."
        )

    return LiveFigure(
        figure,
        update,
        predict=predict,
        target=Slider(0, 20, step=0.5, value=10, label="target"),
        bias=Slider(-20, -12, step=0.1, value=-15, label="bias b"),
    )


def _round_trip(
    net: Sequential, criterion: MSELoss, target: float
) -> tuple[Array, float, Array]:
    """Go forward and back: each block's output, the loss, its slope by each output."""
    net.zero_grad()
    outputs = [np.array([2.0, 3.0])]
    for block in net:
        outputs.append(block(outputs[-1]))
    loss = criterion(outputs[-1], target)
    slopes = [criterion.backward()]
    for block in reversed(list(net)):
        slopes.append(block.backward(slopes[-1]))
    by_outputs = slopes[-2::-1]  # the first block's first; that by the input left out
    return np.concatenate(outputs[1:]), loss, np.concatenate(by_outputs)


def _short(number: float) -> str:
    return f"{number:z.4g}"


def _raise_slopes(pen: Pen, slopes: Array) -> None:
    """Draw a bar for the slope by each output, and write it beyond the bar's end."""
    tops = BASE + 2.3 * slopes / 800  # which no slider position exceeds
    beyond = tops + np.where(tops >= BASE, 0.15, -0.6)
    pen.bars(WIRES, tops, ORANGE, 16, BASE)
    _write(pen, zip(WIRES, beyond, strict=True), map(_short, slopes), color=ORANGE)


def _draw_chain(axes: Axes) -> None:
    """Draw what stands still: boxes, arrows between them, dashes to what stays."""
    axes.set_axis_off()
    axes.set(xlim=(0, 10), ylim=(-0.6, 7.1))
    edges = [1.1, *(x + s for x in MIDDLES.values() for s in (-HALF, HALF))]
    for tail, head in zip([0.1, *edges[2::2]], edges[1::2], strict=False):
        arrow(axes, (tail, ROW - 0.35), (head, ROW - 0.35), color=GREY, width=1.5)
    for name, x in MIDDLES.items():
        corner = (x - HALF, ROW - 0.7)
        axes.add_patch(Rectangle(corner, 2 * HALF, 0.7, fc="white", ec=INK))
        label(axes, x, ROW - 0.35, name, **CENTRED)
    for x in (MIDDLES["Linear"], MIDDLES["Scale"]):
        axes.plot([x, x], [ROW - 0.7, 4.9], "--", color=BLUE)
    axes.plot([2.7, 8.6], [BASE, BASE], color=GREY, lw=0.8)
    beside = {"color": ORANGE, "ha": "right", "va": "center"}
    label(axes, 9.9, BASE, "slope by\nthis output", **beside)


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

REACH = 3.0
TURNS = np.linspace(-REACH, REACH, 61)
ACROSS = (-0.05, 1.12)  # of the network and, below it, of the bars
FLOOR, CEILING = 1e-6, 30.0  # no bar is lower, and none gets that high
LOSS = np.array([1.0, 0.0])  # the place of the loss; the input stands at 0
ABOVE, BELOW = np.array([0, 0.09]), np.array([0, -0.36])
ASIDE = 0.08  # from the bars of one path to those of the next
UNIT = {"markersize": 10, "mfc": "white", "mec": INK, "mew": 1.2}
SIX_LAYERS = Stack(
    weights=[np.array([[w]]) for w in (2.0, -1.5, 1.5, -2.0, 1.5, 2.0)],
    biases=[np.zeros(1)] * 6,
    bend=Sigmoid(),
    x=np.ones(1),
    target=np.zeros(1),
)


def microscope() -> LiveFigure:
    """Look at any weight of two networks: its curve, its paths, its factors, its slope.

    The two-layer network is the 4-3-2 network of the course, with tanh; a weight of
    its layer 1 reaches the loss along two paths. The six-layer network, with
    sigmoids, is one unit wide: it has one path, and its factors are plain numbers.
    The loss is the sum of the squared differences.

    Returns
    -------
    LiveFigure
        Sliders ``weight`` (network, layer, row and column) and ``turn``, which is
        added to the weight.

    Examples
    --------
    >>> microscope()
    Six layers, layer 1 [0, 0] = 2.00: product 0.000697, measured 0.000697. Loss 0.584.
    """
    stacks = {"Two": Stack.of(*course_network()), "Six": SIX_LAYERS}
    figure, (left, network, check, right) = _four_views()
    sketched = cache(lambda depth, own: _sketched(stacks[depth], own))

    def update(weight: tuple[str, Weight], turn: float) -> str:
        depth, own = weight
        stack, sketch = stacks[depth], sketched(depth, own)
        now = stack.turned(own, turn)
        loss, found = now.loss(), factors(now, own)
        so_far = products(found)
        measured = derivative(
            lambda by: stack.turned(own, by).loss(), turn, method="central"
        )
        left.line(TURNS, sketch.curve)
        left.tangent(turn, loss, so_far[-1], 0.9, "--", BLUE)
        left.dot(turn, loss, BLUE)
        said = [f"{factor:z.2f}" for factor in each_once(found)]
        _light(network, sketch, said)
        _multiply(right, sketch.x, so_far, said)
        _compare(check, so_far[-1], measured)
        return (
            f"{_name(depth, own)} = {now.at(own):z.2f}: product {so_far[-1]:z.3g}, "
            f"measured {measured:z.3g}. Loss {loss:.3f}."
        )

    options = {_name(*choice): choice for choice in _choices(stacks)}
    start = ("Six", Weight(0, 0, 0))
    choice = Slider(options=options, value=start, label="which weight")
    turn = Slider(-REACH, REACH, step=0.1, value=0, label="turn it by")
    return LiveFigure(figure, update, weight=choice, turn=turn)


def _choices(stacks: Mapping[str, Stack]) -> Iterator[tuple[str, Weight]]:
    for depth, stack in stacks.items():
        for layer, weights in enumerate(stack.weights):
            for index in np.ndindex(weights.shape):
                yield depth, Weight(layer, *index)


def _name(depth: str, weight: Weight) -> str:
    layer, row, column = weight
    return f"{depth} layers, layer {layer + 1} [{row}, {column}]"


class Sketch(NamedTuple):
    """What stays while a weight is turned: where everything stands, and the curve."""

    units: Array  # (units, 2)
    edges: Array  # (2, edges, 2): their tails, their heads
    lit: Array  # (2, pieces, 2): likewise, the edges on the paths
    own: Array  # (2, 2): the weight's own edge
    spots: Array  # (factors, 2): where each is written
    x: Array  # (factors,): where its bar stands
    curve: Array  # the loss at every turn


def _sketched(stack: Stack, weight: Weight) -> Sketch:
    columns = _columns([len(stack.x), *map(len, stack.weights)])
    edges = [edge for pair in pairwise(columns) for edge in product(*pair)]
    roads = [
        [LOSS, *(columns[-1 - i][unit] for i, unit in enumerate(road))]
        for road in stack.roads(weight)
    ]
    lit = [piece for road in roads for piece in pairwise(road[:-1])]
    spots = _spots(np.array(roads))
    x = spots[:, :, 0].copy()
    x[:, :-2] += ASIDE * (np.arange(len(x)) - (len(x) - 1) / 2)[:, None]
    return Sketch(
        units=np.concatenate(columns),
        edges=np.swapaxes(edges, 0, 1),
        lit=np.swapaxes(lit, 0, 1),
        own=np.array(roads[0][:-3:-1]),
        spots=each_once(spots),
        x=each_once(x),
        curve=np.array([stack.turned(weight, turn).loss() for turn in TURNS]),
    )


def _columns(widths: Sequence[int]) -> list[list[tuple[float, float]]]:
    """Place the units of every layer, one below the other."""
    return [
        [(layer / len(widths), 0.55 * ((width - 1) / 2 - i)) for i in range(width)]
        for layer, width in enumerate(widths)
    ]


def _spots(roads: Array) -> Array:
    """Place the factors along paths: beside each edge, below each unit passed."""
    beside = np.array([ABOVE, 0.75 * BELOW])[: len(roads), None]
    edges = (roads[:, :-1] + roads[:, 1:]) / 2 + beside
    spots = np.stack([edges, roads[:, 1:] + BELOW], axis=2)
    return spots.reshape(len(roads), -1, 2)[:, :-1]


def _light(pen: Pen, sketch: Sketch, said: Sequence[str]) -> None:
    """Draw the network, light the paths, and write the factors beside them."""
    pen.segments(*sketch.edges, "-", GREY, 0.8)
    pen.segments(*sketch.lit, "-", ORANGE, 2.5)
    pen.line(*sketch.own.T, "--", BLUE, 2.5)
    pen.dot(*sketch.units.T, **UNIT)
    _write(pen, sketch.spots, said, fontsize=9)


def _multiply(pen: Pen, x: Array, so_far: Array, said: Sequence[str]) -> None:
    """Draw a bar for each factor, as high as the product up to it."""
    tops = np.maximum(np.abs(so_far), FLOOR)
    pen.bars(x[:-1], tops[:-1], ORANGE, 14, FLOOR)
    pen.bars(x[-1], tops[-1], BLUE, 14, FLOOR)
    _write(pen, zip(x, 1.3 * tops, strict=True), said, fontsize=9)


def _compare(pen: Pen, product: float, measured: float) -> None:
    """Draw both slopes by their size, and write them with their signs."""
    tops = np.maximum(np.abs([product, measured]), FLOOR)
    pen.bars(0, tops[0], BLUE, 30, FLOOR)
    pen.bars(1, tops[1], GREY, 30, FLOOR)
    said = f"{product:z.3g}", f"{measured:z.3g}"
    _write(pen, enumerate(1.3 * tops), said, fontsize=9)


def _four_views() -> tuple[Figure, list[Pen]]:
    """Draw what stands still: the curve and the network, the check and the bars."""
    figure, axes = subplots(2, 2, size=(8, 5), width_ratios=[1, 2.3])
    curve, network, check, bars = axes.flat
    curve.set(xlim=(-1.08 * REACH, 1.08 * REACH), ylim=(0, 3.2))
    curve.set(xlabel="change of the weight", ylabel="loss")
    network.set_axis_off()
    network.set(xlim=ACROSS, ylim=(-1.2, 1.1))
    network.plot(*LOSS, "o", color=INK)
    label(network, LOSS[0] + 0.025, LOSS[1], "loss", va="center")
    check.set(xlim=(-0.6, 1.6), yscale="log", ylim=(FLOOR, CEILING))
    check.set(ylabel="size of the slope")
    check.set_xticks([0, 1], ["product", "measured"])
    bars.set(xlim=ACROSS, yscale="log", ylim=(FLOOR, CEILING), xticks=[])
    bars.tick_params(which="both", left=False, labelleft=False)
    bars.set_xlabel("right to left: the bar before it on its path, times its number")
    return figure, [Pen(view) for view in axes.flat]
