"""How many multiplications a chain of Jacobians takes, begun at either end (lesson 05)."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Polygon
from matplotlib.text import Text
from numpy.typing import NDArray

from chainrule_lessons.explorers.jacobian import LOW, MOVING, sheet
from chainrule_lessons.live import LiveFigure
from chainrule_lessons.live.slider import Slider
from chainrule_lessons.plotting import GREEN, GREY, ORANGE, label

__all__ = ["multiplication_order"]

Array = NDArray[np.floating]
Bar = tuple[float, Polygon, Text]  # where it lies, and what stands above
SIDE = 0.033  # of a matrix, for each row and column


def multiplication_order() -> LiveFigure:
    """Count multiplications of J₃ J₂ J₁ begun at the outputs and at the inputs.

    A product of an (a, b) and a (b, c) matrix takes a·b·c multiplications.

    Returns
    -------
    LiveFigure
        With a slider for each width: ``inputs``, ``first`` and ``second`` (the
        hidden ones) and ``outputs``.

    Examples
    --------
    >>> multiplication_order()
    Backward 7,500 multiplications, forward 255,000: backward wins, 34.00 to 1.
    """
    figure, axes = sheet()
    shapes, names, bars = _draw_order(axes)

    def update(outputs: int, inputs: int, first: int, second: int) -> str:
        widths = outputs, second, first, inputs
        for i, (shape, name) in enumerate(zip(shapes, names, strict=True)):
            rows, columns = widths[i : i + 2]
            shape.set_xy(_matrix(2.7 + 5.3 * i, 6.4, rows, columns))
            name.set_text(f"J{LOW[2 - i]} is {rows} × {columns}")
        backward = outputs * (second * first + first * inputs)
        forward = inputs * (second * first + outputs * second)
        counts = backward, forward
        sums = _sums(outputs, second, first, inputs)
        for (y, bar, text), said, count in zip(bars, sums, counts, strict=True):
            bar.set_xy(_box(0.4, y, 15.2 * count / max(counts), 0.55))
            bar.set_facecolor(GREEN if count == min(counts) else GREY)
            text.set_text(f"{said} = {count:,}")
        return f"Backward {backward:,} multiplications, forward {forward:,}: {_won(*counts)}."

    def width(start: int, name: str) -> Slider:
        return Slider(1, 100, value=start, label=name)

    return LiveFigure(
        figure,
        update,
        outputs=width(1, "outputs"),
        inputs=width(100, "inputs"),
        first=width(50, "first hidden"),
        second=width(50, "second hidden"),
    )


def _sums(outputs: int, second: int, first: int, inputs: int) -> tuple[str, str]:
    """Spell out both counts."""
    return (
        f"backward, (J₃ J₂) J₁:  {outputs} × ({second}·{first} + {first}·{inputs})",
        f"forward, J₃ (J₂ J₁):  {inputs} × ({second}·{first} + {outputs}·{second})",
    )


def _draw_order(axes: Axes) -> tuple[list[Polygon], list[Text], list[Bar]]:
    """Draw three matrices with their names, and two bars with their counts."""
    look = {"fc": "#f4c9a8", "ec": ORANGE}
    shapes = [_shape(axes, **look) for _ in range(3)]
    names = [label(axes, 2.7 + 5.3 * i, 4.05, "", **MOVING) for i in range(3)]
    bars = [
        (y, _shape(axes, lw=0), label(axes, 0.4, y + 0.75, "", animated=True))
        for y in (2.1, 0.3)
    ]
    return shapes, names, bars


def _shape(axes: Axes, **keywords: Any) -> Polygon:
    return axes.add_patch(Polygon(_box(0, 0, 1, 1), animated=True, **keywords))


def _matrix(x: float, y: float, rows: int, columns: int) -> Array:
    """Give the corners of a matrix around a centre."""
    width, height = max(SIDE * columns, 0.08), max(SIDE * rows, 0.08)
    return _box(x - width / 2, y - height / 2, width, height)


def _box(left: float, bottom: float, width: float, height: float) -> Array:
    right, top = left + width, bottom + height
    return np.array([[left, bottom], [right, bottom], [right, top], [left, top]])


def _won(backward: int, forward: int) -> str:
    if backward == forward:
        return "a tie"
    winner = "backward" if backward < forward else "forward"
    times = max(backward, forward) / min(backward, forward)
    return f"{winner} wins, {times:.2f} to 1"
