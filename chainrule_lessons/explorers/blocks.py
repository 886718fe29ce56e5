"""A chain of blocks that hand numbers forward and slopes back (lesson 09)."""

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
from chainrule_lessons.live.slider import Slider
from chainrule_lessons.losses import MSELoss
from chainrule_lessons.plotting import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    arrow,
    label,
    subplots,
)

__all__ = ["pass_back"]

Array = NDArray[np.floating]
X = np.array([2.0, 3.0])
MIDDLES = {"Linear": 2.2, "Sigmoid": 4.5, "Scale": 6.8, "MSELoss": 9.1}
WIRES = (3.35, 5.65, 7.95)  # between the boxes
ROW, BASE, HALF = 6.2, 2.2, 0.7  # of the boxes, of the bars; half a box
OWN = "w₁", "w₂", "b", "w"


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
    marks, net, loss = ChainMarks(axes), worked_chain(), MSELoss("sum")

    def update(target: float, bias: float) -> str:
        outputs, back, own = _round_trip(net, loss, target, bias)
        marks.show(outputs, back, own)
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


class ChainMarks:
    """The numbers at the boxes: what goes forward, what comes back, what stays."""

    def __init__(self, axes: Axes) -> None:
        _draw_chain(axes)
        thick = {"lw": 16, "solid_capstyle": "butt", "animated": True}
        (self.bars,) = axes.plot([], [], color=ORANGE, **thick)
        places = [(0.6, ROW), *((x, ROW) for x in WIRES), (9.1, ROW)]
        self.values = _labels(axes, places)
        self.slopes = _labels(axes, [(x, BASE) for x in WIRES], ORANGE)
        below = [(2.2, 4.4), (2.2, 3.8), (2.2, 3.2), (6.8, 4.4)]
        self.stays = _labels(axes, below, BLUE)

    def show(self, outputs: list[float], back: Array, own: list[float]) -> None:
        """Write the outputs and the loss, and draw and write the slopes."""
        *said, last = (f"{value:z.4g}" for value in outputs)
        _say(self.values, ["(2, 3)", *said, f"loss {last}"])
        _say(self.stays, [f"{n}: {s:z.4g}" for n, s in zip(OWN, own, strict=True)])
        _say(self.slopes, [f"{slope:z.4g}" for slope in back])
        tops = BASE + 2.3 * back / 800  # which no slider position exceeds
        self.bars.set_data(*bars(np.array(WIRES), BASE, tops))
        for text, x, top in zip(self.slopes, WIRES, tops, strict=True):
            text.set_position((x, top + (0.15 if top >= BASE else -0.6)))


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
