"""Blocks that hand slopes back, and what each weight's slope reuses (lesson 09).

Every slider of both figures replays in the browser.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from numpy.typing import NDArray

from chainrule_lessons.explorers.descent import worked_chain
from chainrule_lessons.explorers.sketch import bars
from chainrule_lessons.layers import Sequential
from chainrule_lessons.live import LiveFigure
from chainrule_lessons.losses import MSELoss
from chainrule_lessons.plotting import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    arrow,
    label,
    lessons_style,
    subplots,
)
from chainrule_lessons.slider import Slider

__all__ = ["pass_back", "reuse"]

Array = NDArray[np.floating]
X = np.array([2.0, 3.0])
MIDDLES = {"Linear": 2.2, "Sigmoid": 4.5, "Scale": 6.8, "MSELoss": 9.1}
WIRES = (3.35, 5.65, 7.95)  # between the boxes
ROW, BASE, HALF = 6.2, 2.2, 0.7  # of the boxes, of the bars; half a box
MOST_LAYERS = 6
LOW, OWN = "₀₁₂₃₄₅₆", ("w₁", "w₂", "b", "w")


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
    (drawn,) = axes.plot(
        [], [], color=ORANGE, lw=16, solid_capstyle="butt", animated=True
    )
    values = _labels(axes, [(0.6, ROW), *((x, ROW) for x in WIRES), (9.1, ROW)])
    slopes = _labels(axes, [(x, BASE) for x in WIRES], ORANGE)
    stays = _labels(axes, [(2.2, 4.4 - i * 0.6) for i in range(3)], BLUE)
    stays += _labels(axes, [(6.8, 4.4)], BLUE)
    net, loss = worked_chain(), MSELoss("sum")

    def update(target: float, bias: float) -> str:
        outputs, back, own = _round_trip(net, loss, target, bias)
        *said, last = (f"{value:z.4g}" for value in outputs)
        _say(values, ["(2, 3)", *said, f"loss {last}"])
        heights = 2.3 * back / 800  # which no slider position exceeds
        drawn.set_data(*bars(np.array(WIRES), BASE, BASE + heights))
        for text, x, slope, height in zip(slopes, WIRES, back, heights, strict=True):
            text.set_position((x, BASE + height + (0.15 if height >= 0 else -0.6)))
            text.set_text(f"{slope:z.4g}")
        _say(stays, [f"{n}: {s:z.4g}" for n, s in zip(OWN, own, strict=True)])
        scale, sigmoid, linear = back[::-1]
        return (
            f"Loss {outputs[-1]:.3f}. Slopes on the way back: {scale:z.3f}, "
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
    net: Sequential, loss: MSELoss, target: float, bias: float
) -> tuple[list[float], Array, list[float]]:
    """Go forward and back: outputs with the loss, slopes by them, own slopes."""
    net[0].bias.data = [bias]
    net.zero_grad()
    outputs = [X]
    for block in net:
        outputs.append(block(outputs[-1]))
    total = loss(outputs[-1], target)
    back = [loss.backward()]
    for block in reversed(list(net)):
        back.append(block.backward(back[-1]))
    own = [slope for parameter in net.parameters() for slope in parameter.grad.ravel()]
    by_output = np.concatenate(back[-2::-1])  # by the outputs, the first block's first
    return [*(float(y[0]) for y in outputs[1:]), total], by_output, own


def _draw_chain(axes: Axes) -> None:
    """Draw what stands still: boxes, arrows between them, dashes to what stays."""
    axes.set_axis_off()
    axes.set(xlim=(0, 10), ylim=(-0.6, 7.1))
    edges = [1.1, *(x + s for x in MIDDLES.values() for s in (-HALF, HALF))]
    for tail, head in zip([0.1, *edges[2::2]], edges[1::2], strict=False):
        arrow(axes, (tail, ROW - 0.35), (head, ROW - 0.35), color=GREY, width=1.5)
    with lessons_style():
        for name, x in MIDDLES.items():
            corner = (x - HALF, ROW - 0.7)
            axes.add_patch(Rectangle(corner, 2 * HALF, 0.7, fc="white", ec=INK))
            label(axes, x, ROW - 0.35, name, ha="center", va="center")
        for x in (MIDDLES["Linear"], MIDDLES["Scale"]):
            axes.plot([x, x], [ROW - 0.7, 4.9], "--", color=BLUE)
        axes.plot([2.7, 8.6], [BASE, BASE], color=GREY, lw=0.8)
    label(
        axes, 9.9, BASE, "slope by\nthis output", color=ORANGE, ha="right", va="center"
    )


def _labels(
    axes: Axes, places: Sequence[tuple[float, float]], color: str = INK
) -> list[Text]:
    style = {"ha": "center", "va": "bottom", "color": color, "animated": True}
    return [label(axes, x, y + 0.08, "", **style) for x, y in places]


def _say(labels: Sequence[Text], texts: Sequence[str]) -> None:
    for drawn, text in zip(labels, texts, strict=True):
        drawn.set_text(text)


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
    tint = {"lw": 24, "solid_capstyle": "butt", "alpha": 0.18, "animated": True}
    (orange,) = axes.plot([], [], color=ORANGE, **tint)
    (blue,) = axes.plot([], [], color=BLUE, **tint)
    (stays,) = axes.plot([], [], "--", color=BLUE, lw=1.2, animated=True)
    (boxes,) = axes.plot([], [], color=INK, lw=1.5, animated=True)
    rows = [(row, place) for row in range(MOST_LAYERS) for place in range(-1, row + 2)]
    texts = {cell: _cell_label(axes, cell) for cell in rows}

    def update(depth: int) -> str:
        for (row, place), text in texts.items():
            text.set_text(_factor(depth, row, place) if row < depth else "")
        through = [(row, p) for row in range(depth) for p in range(row + 1)]
        own = [(row, row + 1) for row in range(depth)]
        orange.set_data(*_outline(_line, through))
        blue.set_data(*_outline(_line, own))
        stays.set_data(*_outline(_frame, own))
        boxes.set_data(*_outline(_box, [(row, row) for row in range(1, depth)]))
        full, once = depth * (depth + 1) // 2, 2 * depth - 1
        return (
            f"{depth} layers, {depth} slopes: {full} products written out, "
            f"{once} with the boxes reused."
        )

    return LiveFigure(
        figure,
        update,
        depth=Slider(2, MOST_LAYERS, step=1, value=4, label="layers", play=True),
    )


def _factor(depth: int, row: int, place: int) -> str:
    """Name a cell: the row's slope at -1, the factors of it from 0 on."""
    below = depth - place  # the layer whose output the factor starts from
    if place == -1:
        return f"∂L/∂θ{LOW[depth - row]} ="
    if place == 0:
        return f"∂L/∂f{LOW[depth]}"
    if place == row + 1:
        return f"∂f{LOW[depth - row]}/∂θ{LOW[depth - row]}"
    return f"∂f{LOW[below + 1]}/∂f{LOW[below]}"


def _corner(row: int, place: float) -> tuple[float, float]:
    """Give the left end of a cell, and its middle height."""
    return place + 1.05, 6.4 - row * 1.08


def _cell_label(axes: Axes, cell: tuple[int, int]) -> Text:
    x, y = _corner(*cell)
    color = INK if cell[1] == -1 else BLUE if cell[1] == cell[0] + 1 else ORANGE
    style = {"ha": "center", "va": "center", "color": color, "animated": True}
    text = label(axes, x + 0.46, y, "", **style)
    text.set_path_effects([])  # a halo would be seen on the tint
    return text


def _line(row: int, place: int) -> list[tuple[float, float]]:
    return [_corner(row, place), _corner(row, place + 0.92)]


def _frame(row: int, place: int) -> list[tuple[float, float]]:
    x, y = _corner(row, place)
    return _rectangle(x, x + 0.92, y)


def _box(row: int, places: int) -> list[tuple[float, float]]:
    """Frame the first cells of a row, which the row above has computed."""
    (left, y), (right, _) = _corner(row, 0), _corner(row, places)
    return _rectangle(left - 0.04, right - 0.04, y)


def _rectangle(left: float, right: float, y: float) -> list[tuple[float, float]]:
    low, high = y - 0.4, y + 0.4
    return [(left, low), (right, low), (right, high), (left, high), (left, low)]


def _outline(shape: object, cells: Sequence[tuple[int, int]]) -> Array:
    """Draw one shape for each cell as one broken line."""
    gap = [(np.nan, np.nan)]
    points = [p for cell in cells for p in [*shape(*cell), *gap]]
    return np.transpose(points)
