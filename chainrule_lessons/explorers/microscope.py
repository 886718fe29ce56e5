"""The chain microscope: one weight, and all that lies behind its slope (lesson 09).

Every slider replays in the browser.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np
from matplotlib.axes import Axes
from matplotlib.text import Text
from numpy.typing import NDArray

from chainrule_lessons.explorers.descent import course_network
from chainrule_lessons.explorers.factors import (
    Ledger,
    Stack,
    Weight,
    ledger,
    six_layers,
)
from chainrule_lessons.explorers.sketch import LOSS, Sketch, bars
from chainrule_lessons.live import LiveFigure
from chainrule_lessons.live.slider import Slider
from chainrule_lessons.numeric import derivative
from chainrule_lessons.plotting import BLUE, GREY, INK, ORANGE, label, subplots

__all__ = ["microscope"]

Array = NDArray[np.floating]
REACH = 3.0
TURNS = np.linspace(-REACH, REACH, 61)
ACROSS = (-0.05, 1.12)  # of the network and, below it, of the bars
FLOOR, CEILING = 1e-6, 30.0  # no bar is lower, and none gets that high
MOST_FACTORS = 13
BAR = {"linewidth": 14, "solid_capstyle": "butt", "animated": True}


class CurveMarks:
    """The loss against the change of one weight, with its tangent."""

    def __init__(self, axes: Axes) -> None:
        axes.set(xlim=(-1.08 * REACH, 1.08 * REACH), ylim=(0, 3.2), ylabel="loss")
        axes.set_xlabel("change of the weight")
        (self.curve,) = axes.plot([], [], color=INK, animated=True)
        (self.tangent,) = axes.plot([], [], "--", color=BLUE, animated=True)
        (self.dot,) = axes.plot([], [], "o", color=BLUE, animated=True)

    def show(self, curve: Array, turn: float, loss: float, slope: float) -> None:
        """Draw the curve, and the tangent where the weight stands now."""
        self.curve.set_data(TURNS, curve)
        ends = turn + np.array([-0.9, 0.9])
        self.tangent.set_data(ends, loss + slope * (ends - turn))
        self.dot.set_data([turn], [loss])


class NetworkMarks:
    """A drawing of the network, with the paths behind one weight lit."""

    def __init__(self, axes: Axes) -> None:
        axes.set_axis_off()
        axes.set(xlim=ACROSS, ylim=(-1.2, 1.1))
        (self.edges,) = axes.plot([], [], color=GREY, lw=0.8, animated=True)
        (self.lit,) = axes.plot([], [], color=ORANGE, lw=2.5, animated=True)
        (self.own,) = axes.plot([], [], "--", color=BLUE, lw=2.5, animated=True)
        units = {"markersize": 10, "mfc": "white", "mec": INK, "mew": 1.2}
        (self.units,) = axes.plot([], [], "o", animated=True, **units)
        axes.plot(*LOSS, "o", color=INK)
        label(axes, LOSS[0] + 0.025, LOSS[1], "loss", va="center")
        self.numbers = _pool(axes, MOST_FACTORS)

    def show(self, sketch: Sketch, values: Sequence[float]) -> None:
        """Light the paths and write the factors beside them."""
        self.edges.set_data(*sketch.edges)
        self.units.set_data(*sketch.units)
        self.lit.set_data(*sketch.lit)
        self.own.set_data(*sketch.own)
        _write(self.numbers, values, sketch.spots)


class BarMarks:
    """The products so far on a logarithmic axis, from the loss at the right."""

    def __init__(self, axes: Axes) -> None:
        axes.set(xlim=ACROSS, yscale="log", ylim=(FLOOR, CEILING), xticks=[])
        axes.tick_params(which="both", left=False, labelleft=False)
        axes.set_xlabel(
            "right to left: the bar before it on its path, times its number"
        )
        (self.orange,) = axes.plot([], [], color=ORANGE, **BAR)
        (self.blue,) = axes.plot([], [], color=BLUE, **BAR)
        self.numbers = _pool(axes, MOST_FACTORS)

    def show(self, sketch: Sketch, found: Ledger) -> None:
        """Draw a bar for each factor, as high as the product up to it."""
        tops = np.maximum(np.abs(found.running()), FLOOR)
        self.orange.set_data(*bars(sketch.x[:-1], FLOOR, tops[:-1]))
        self.blue.set_data(*bars(sketch.x[-1:], FLOOR, tops[-1:]))
        spots = np.column_stack([sketch.x, 1.3 * tops])
        _write(self.numbers, found.values(), spots)


class CheckMarks:
    """The product of the factors beside the measured slope."""

    def __init__(self, axes: Axes) -> None:
        axes.set(xlim=(-0.6, 1.6), yscale="log", ylim=(FLOOR, CEILING))
        axes.set(ylabel="size of the slope")
        axes.set_xticks([0, 1], ["product", "measured"])
        wide = BAR | {"linewidth": 30}
        (self.product,) = axes.plot([], [], color=BLUE, **wide)
        (self.measured,) = axes.plot([], [], color=GREY, **wide)
        self.numbers = _pool(axes, 2)

    def show(self, product: float, measured: float) -> None:
        """Draw both slopes by their size, and write them with their signs."""
        tops = np.maximum(np.abs([product, measured]), FLOOR)
        self.product.set_data([0, 0], [FLOOR, tops[0]])
        self.measured.set_data([1, 1], [FLOOR, tops[1]])
        spots = np.column_stack([[0, 1], 1.3 * tops])
        _write(self.numbers, (product, measured), spots, "z.3g")


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
    stacks = {"Two": Stack(*course_network()), "Six": Stack(*six_layers())}
    options = {_name(*choice): choice for choice in _choices(stacks)}
    figure, axes = subplots(2, 2, size=(8, 5), width_ratios=[1, 2.3])
    curve_marks, network = CurveMarks(axes[0, 0]), NetworkMarks(axes[0, 1])
    check, products = CheckMarks(axes[1, 0]), BarMarks(axes[1, 1])
    drawn = lru_cache(None)(lambda depth, weight: _drawn(stacks[depth], weight))

    def update(weight: tuple[str, Weight], turn: float) -> str:
        value = stacks[weight[0]].at(weight[1]) + turn
        sketch, curve = drawn(*weight)
        found, loss, measured = _looked(stacks[weight[0]], weight[1], value)
        slope = found.running()[-1]
        curve_marks.show(curve, turn, loss, slope)
        network.show(sketch, found.values())
        products.show(sketch, found)
        check.show(slope, measured)
        return (
            f"{_name(*weight)} = {value:z.2f}: product {slope:z.3g}, "
            f"measured {measured:z.3g}. Loss {loss:.3f}."
        )

    start = ("Six", Weight(0, 0, 0))
    choice = Slider(options=options, value=start, label="which weight")
    turn = Slider(-REACH, REACH, step=0.1, value=0, label="turn it by")
    return LiveFigure(figure, update, weight=choice, turn=turn)


def _looked(stack: Stack, weight: Weight, value: float) -> tuple[Ledger, float, float]:
    """Set a weight to `value`: its factors, the loss, and its slope as measured."""
    with stack.turned(weight, value):
        found, loss = ledger(stack, weight), stack.loss()
    measured = derivative(lambda w: stack.loss_at(weight, w), value, method="central")
    return found, loss, measured


def _drawn(stack: Stack, weight: Weight) -> tuple[Sketch, Array]:
    """Make what stays while a weight is turned: the drawing and the loss curve."""
    places = stack.at(weight) + TURNS
    curve = [stack.loss_at(weight, place) for place in places]
    return Sketch(stack, weight), np.array(curve)


def _choices(stacks: dict[str, Stack]) -> Iterator[tuple[str, Weight]]:
    for depth, stack in stacks.items():
        for layer, weights in enumerate(stack.weights):
            for index in np.ndindex(weights.shape):
                yield depth, Weight(layer, *index)


def _name(depth: str, weight: Weight) -> str:
    layer, row, column = weight
    return f"{depth} layers, layer {layer + 1} [{row}, {column}]"


def _pool(axes: Axes, count: int) -> list[Text]:
    style = {"ha": "center", "va": "bottom", "fontsize": 9, "animated": True}
    return [label(axes, 0.5, 1, "", **style) for _ in range(count)]


def _write(
    pool: Sequence[Text], values: Sequence[float], spots: Array, form: str = "z.2f"
) -> None:
    """Write each number at its spot; blank the labels that are left over."""
    for text in pool[len(values) :]:
        text.set_text("")
    for text, value, spot in zip(pool, values, spots, strict=False):
        text.set_position(spot)
        text.set_text(format(value, form))
