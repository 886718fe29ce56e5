"""The slope by every layer's weights, and what it reuses (lesson 09)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.text import Text
from numpy.typing import NDArray

from chainrule_lessons.live import LiveFigure
from chainrule_lessons.live.slider import Slider
from chainrule_lessons.plotting import BLUE, INK, ORANGE, label, subplots

__all__ = ["reuse"]

Array = NDArray[np.floating]
Shape = Callable[[int, int], list[tuple[float, float]]]
MOST_LAYERS, LOW = 6, "₀₁₂₃₄₅₆"


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
    marks = Staircase(axes)

    def update(depth: int) -> str:
        marks.show(depth)
        full, once = depth * (depth + 1) // 2, 2 * depth - 1
        return (
            f"{depth} layers, {depth} slopes: {full} products written out, "
            f"{once} with the boxes reused."
        )

    layers = Slider(2, MOST_LAYERS, step=1, value=4, label="layers", play=True)
    return LiveFigure(figure, update, depth=layers)


class Staircase:
    """A row of factors for each layer; a cell is a row and a place in it, from 0."""

    def __init__(self, axes: Axes) -> None:
        axes.set_axis_off()
        axes.set(xlim=(-0.1, 8.1), ylim=(0.2, 6.9))
        tint = {"lw": 24, "solid_capstyle": "butt", "alpha": 0.18, "animated": True}
        (self.through,) = axes.plot([], [], color=ORANGE, **tint)
        (self.own,) = axes.plot([], [], color=BLUE, **tint)
        (self.stays,) = axes.plot([], [], "--", color=BLUE, lw=1.2, animated=True)
        (self.boxes,) = axes.plot([], [], color=INK, lw=1.5, animated=True)
        rows = range(MOST_LAYERS)
        cells = [(row, place) for row in rows for place in range(-1, row + 2)]
        self.texts = {cell: _cell_label(axes, cell) for cell in cells}

    def show(self, depth: int) -> None:
        """Write the rows of a network with this many layers."""
        for (row, place), text in self.texts.items():
            text.set_text(_factor(depth, row, place) if row < depth else "")
        through = [(row, place) for row in range(depth) for place in range(row + 1)]
        own = [(row, row + 1) for row in range(depth)]
        self.through.set_data(*_outline(_line, through))
        self.own.set_data(*_outline(_line, own))
        self.stays.set_data(*_outline(_frame, own))
        self.boxes.set_data(*_outline(_box, [(row, row) for row in range(1, depth)]))


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


def _outline(shape: Shape, cells: Sequence[tuple[int, int]]) -> Array:
    """Draw one shape for each cell as one broken line."""
    gap = [(np.nan, np.nan)]
    points = [p for cell in cells for p in [*shape(*cell), *gap]]
    return np.transpose(points)
