"""The live figures of lesson 05: fill a Jacobian.

Every slider of every figure here replays in the browser.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, Polygon
from numpy.typing import ArrayLike, NDArray

from chainrule_lessons.live import LiveFigure
from chainrule_lessons.live.slider import Slider
from chainrule_lessons.plotting import (
    GREY,
    INK,
    ORANGE,
    label,
    subplots,
)

__all__ = ["Tile", "jacobian_table", "sheet", "three_shapes"]

Array = NDArray[np.floating]
Places = Sequence[tuple[float, float]]
LOW = "₁₂₃₄"  # an index, counted from 1 as in the formulas
CENTRED = {"ha": "center", "va": "center"}
MOVING = CENTRED | {"animated": True}

ROWS = 6.6, 4.3, 2.0  # the heights of three rows on the sheet
QUESTION = (
    "You are going to move x₂ and leave x₁ alone. "
    "How many of the six slopes will change?",
    ["two", "three", "six"],
)
WEIGHT = np.array([[0.5, -0.3, 0.8], [-0.6, 0.9, 0.1], [0.2, 0.4, -0.7]])


def sheet() -> tuple[Figure, Axes]:
    """Make a sheet to draw on, 16 by 9 units of 40 CSS pixels, without axes."""
    figure, axes = subplots()
    axes.set(xlim=(0, 16), ylim=(0, 9), aspect="equal")
    axes.set_axis_off()
    return figure, axes


class Tile:
    """A cell with a number in it, free to move and to change its shade."""

    def __init__(
        self, axes: Axes, size: tuple[float, float], color: str, **keywords: Any
    ) -> None:
        corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
        self.corners, self.color = corners * size / 2, color
        self.patch = Polygon(self.corners, animated=True, **keywords)
        axes.add_patch(self.patch)
        self.text = label(axes, 0, 0, "", fontsize=12, **MOVING)
        self.text.set_path_effects([])  # a halo would eat into the shade

    def move_to(self, place: ArrayLike) -> None:
        """Put the middle of the cell at a place."""
        self.patch.set_xy(self.corners + place)
        self.text.set_position(place)

    def show(self, text: str, shade: float, color: str | None = None) -> None:
        """Write a text in the cell; a shade from 0, white, to 1 fills it."""
        # Few shades make few styles for the browser to learn.
        share = round(16 * min(shade, 1.0)) / 16
        face = 1 - share * (1 - np.array(to_rgb(color or self.color)))
        self.patch.set_facecolor(tuple(face.tolist()))
        self.text.set_text(text)


class _Table:
    """A heat map with the numbers in its cells: rows are outputs, columns inputs."""

    def __init__(self, axes: Axes, columns: Sequence[float]) -> None:
        size = columns[1] - columns[0] - 0.1, ROWS[0] - ROWS[1] - 0.1
        self.tiles = [
            [Tile(axes, size, ORANGE, edgecolor="0.8") for _ in columns] for _ in ROWS
        ]
        for y, tiles in zip(ROWS, self.tiles, strict=True):
            for x, tile in zip(columns, tiles, strict=True):
                tile.move_to((x, y))
        for j, x in enumerate(columns):
            top = ROWS[0] + size[1] / 2 + 0.45
            label(axes, x, top, f"by x{LOW[j]}", color=ORANGE, **CENTRED)

    def show(self, slopes: Array, most: float = 1.0) -> None:
        for tiles, row in zip(self.tiles, slopes.tolist(), strict=True):
            for tile, slope in zip(tiles, row, strict=True):
                # The root lets a small slope be seen beside a large one.
                shade = 0.55 * (abs(slope) / most) ** 0.5
                tile.show(f"{slope:z.2f}", shade, _color(slope))


def _tuple(numbers: Iterable[float]) -> str:
    return f"({', '.join(f'{number:z.2f}' for number in numbers)})"


def _color(slope: float) -> str:
    return ORANGE if slope >= 0 else GREY


def jacobian_table() -> LiveFigure:
    """Fill the Jacobian of y = (x₁², x₁x₂, sin x₂): one wire, one slope, one cell.

    Returns
    -------
    LiveFigure
        With the sliders ``x1`` and ``x2``, locked until the reader has said how
        many slopes change when only x₂ moves.

    Examples
    --------
    >>> jacobian_table()
    Rows of the table at x = (1.50, 0.50): (3.00, 0.00), (0.50, 1.50), (0.00, 0.88).
    """
    figure, axes = sheet()
    wires = _Wires(axes, ((1.0, 5.9), (1.0, 2.7)), tuple((5.0, y) for y in ROWS))
    table = _Table(axes, (10.6, 13.9))

    def update(x1: float, x2: float) -> str:
        slopes = np.array([[2 * x1, 0.0], [x2, x1], [0.0, np.cos(x2)]])
        values = {"x₁²": x1**2, "x₁x₂": x1 * x2, "sin x₂": np.sin(x2)}
        wires.show((x1, x2), values, slopes)
        table.show(slopes, most=4.0)
        rows = ", ".join(map(_tuple, slopes))
        return f"Rows of the table at x = {_tuple((x1, x2))}: {rows}."

    return LiveFigure(
        figure,
        update,
        predict=QUESTION,
        x1=Slider(-2, 2, step=0.05, value=1.5, label="x₁"),
        x2=Slider(-2, 2, step=0.05, value=0.5, label="x₂"),
    )


class _Wires:
    """Inputs on the left, outputs on the right, and a wire for each of their slopes."""

    def __init__(self, axes: Axes, inputs: Places, outputs: Places) -> None:
        for letter, nodes in (("x", inputs), ("y", outputs)):
            for place, low in zip(nodes, LOW, strict=False):
                axes.add_patch(Circle(place, 0.6, facecolor="white", edgecolor=INK))
                label(axes, *place, letter + low, fontsize=13, **CENTRED)
        ends = [np.array([tail, head]) for head in outputs for tail in inputs]
        self.wires = [_wire(axes, both) for both in ends]
        self.inputs = [label(axes, x, y - 1.1, "", **MOVING) for x, y in inputs]
        beside = MOVING | {"ha": "left"}
        self.outputs = [label(axes, x + 0.8, y, "", **beside) for x, y in outputs]

    def show(self, x: Sequence[float], y: dict[str, float], slopes: Array) -> None:
        for wire, slope in zip(self.wires, slopes.ravel().tolist(), strict=True):
            wire.set(linewidth=round(8 * abs(slope)) / 4, color=_color(slope))
        for text, value in zip(self.inputs, x, strict=True):
            text.set_text(f"{value:z.2f}")
        for text, (name, value) in zip(self.outputs, y.items(), strict=True):
            text.set_text(f"{name} = {value:z.2f}")


def _wire(axes: Axes, ends: Array) -> Line2D:
    """Draw a line between two circles of radius 0.6, a little apart from both."""
    gap = 0.75 * (ends[1] - ends[0]) / np.hypot(*(ends[1] - ends[0]))
    (wire,) = axes.plot(*(ends + [gap, -gap]).T, animated=True)
    wire.set_solid_capstyle("butt")
    return wire


def _softmax(x: Array) -> Array:
    e = np.exp(x - x.max())
    return e / e.sum()


class _Map(NamedTuple):
    """A map from three numbers to three, with its Jacobian."""

    forward: Callable[[Array], Array]
    jacobian: Callable[[Array], Array]


MAPS = {
    "tanh, entry by entry": _Map(np.tanh, lambda x: np.diag(1 - np.tanh(x) ** 2)),
    "linear: W x": _Map(lambda x: WEIGHT @ x, lambda x: WEIGHT),
    "softmax": _Map(
        _softmax, lambda x: np.diag(_softmax(x)) - np.outer(_softmax(x), _softmax(x))
    ),
}


def three_shapes() -> LiveFigure:
    """Compare three Jacobians: a diagonal one, a constant one, and a full one.

    Returns
    -------
    LiveFigure
        With the sliders ``map`` (tanh, a linear map or softmax) and ``x1`` to
        ``x3``.

    Examples
    --------
    >>> three_shapes()
    y = (0.46, -0.76, 0.96). 3 of 9 slopes are not zero; the rows sum to (0.79, 0.42, 0.07).
    """
    figure, axes = sheet()
    table = _Table(axes, (6.2, 9.7, 13.2))
    rows = [
        label(axes, 3.9, y, "", ha="right", va="center", animated=True) for y in ROWS
    ]

    def update(map: _Map, x1: float, x2: float, x3: float) -> str:  # noqa: A002
        x = np.array([x1, x2, x3])
        y, slopes = map.forward(x), map.jacobian(x)
        table.show(slopes)
        for row, value, low in zip(rows, y, LOW, strict=False):
            row.set_text(f"y{low} = {value:z.2f}")
        return (
            f"y = {_tuple(y)}. {np.count_nonzero(slopes)} of 9 slopes are not zero; "
            f"the rows sum to {_tuple(slopes.sum(axis=1))}."
        )

    sliders = {
        f"x{i + 1}": Slider(-4.0, 4.0, step=0.1, value=start, label=f"x{LOW[i]}")
        for i, start in enumerate((0.5, -1.0, 2.0))
    }
    return LiveFigure(figure, update, map=Slider(options=MAPS, label="map"), **sliders)
