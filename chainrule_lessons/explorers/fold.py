"""The Jacobian of a batch Linear, folded into grad_output.T @ x (lesson 05)."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.text import Text
from numpy.typing import ArrayLike, NDArray

from chainrule_lessons.explorers.jacobian import LOW, MOVING, Tile, sheet
from chainrule_lessons.live import LiveFigure
from chainrule_lessons.live.slider import Slider
from chainrule_lessons.plotting import BLUE, GREY, INK, ORANGE, label

__all__ = ["tile_board"]

Array = NDArray[np.floating]
X = np.arange(1.0, 13.0).reshape(4, 3)
WEIGHTS = {f"W{LOW[i]}{LOW[j]}": (i, j) for i in range(2) for j in range(3)}
GRAD_OUTPUT = np.array([[1.0, 2.0], [-1.0, 1.0], [2.0, -1.0], [1.0, 3.0]])


class _Tiles:
    """Numbered cells that travel together from the full table to a small matrix.

    Places are given in columns and rows of the full table.
    """

    def __init__(
        self, axes: Axes, numbers: Array, start: Any, end: Any, color: str
    ) -> None:
        self.texts = [f"{number:.0f}" for number in numbers]
        self.start, self.end = _spot(*start), _spot(*end)
        size, style = (1.42, 0.66), "--" if color == BLUE else "-"
        self.tiles = [Tile(axes, size, color, ec=color, ls=style) for _ in numbers]

    def show(self, fold: float, strong: NDArray[np.bool_]) -> None:
        places = (1 - fold) * self.start + fold * self.end
        shades = np.where(strong, 0.45, 0.06).tolist()
        parts = zip(self.tiles, places, self.texts, shades, strict=True)
        for tile, place, text, shade in parts:
            tile.move_to(place)
            tile.show(text, shade)


def _indices(*shape: int) -> list[NDArray[np.intp]]:
    """Count through an array of this shape, row by row: one list for each axis."""
    return [index.ravel() for index in np.indices(shape)]


def _spot(column: ArrayLike, row: ArrayLike) -> Array:
    """Turn columns and rows of the table into places on the sheet."""
    column, row = np.broadcast_arrays(column, row)
    return np.column_stack([7.2 + 1.5 * column, 7.5 - 0.74 * row])


def tile_board() -> LiveFigure:
    """Fold the Jacobian of a batch Linear by its weight into grad_output.T @ x.

    Four samples, three inputs and two outputs make a table of 8 rows and 6 columns.
    Its tiles are x, once for each output, and zeros. Folding lays the copies of x
    upon each other; the upstream gradient, one number for each row, turns from a
    column of eight into two rows of four.

    Returns
    -------
    LiveFigure
        With the sliders ``fold``, from 0 to 1, and ``weight``, the one whose slope
        is spelled out.

    Examples
    --------
    >>> live = tile_board()
    >>> live.set(fold=1)
    >>> live
    Row 1 of grad_output.T times column 1 of x: slope by W₁₁ = 1·1 - 1·4 + 2·7 + 1·10 = 21.
    """
    figure, axes = sheet()
    n, i, j = _indices(4, 2, 3)
    x = _Tiles(axes, X[n, j], (3 * i + j, 2 * n + i), (j + 2.4, n + 1.2), BLUE)
    m, k = _indices(4, 2)
    g = _Tiles(axes, GRAD_OUTPUT[m, k], (-1.2, 2 * m + k), (m - 2, k + 5.7), ORANGE)
    a, b = _indices(2, 3)
    slopes = (GRAD_OUTPUT.T @ X)[a, b]
    grad = _Tiles(axes, slopes, (3 * a + b, 8.4), (b + 2.4, a + 5.7), BLUE)
    empty = _spot(3 * (1 - i) + j, 2 * n + i).T
    (zeros,) = axes.plot(*empty, "o", color=GREY, markersize=4, animated=True)
    names = _names(axes)

    def update(fold: float, weight: tuple[int, int]) -> str:
        row, column = weight
        folded = fold == 1
        x.show(fold, (j == column) & ((i == row) | folded))
        g.show(fold, k == row)
        grad.show(fold, (a == row) & (b == column))
        zeros.set_visible(fold == 0)
        for text, shown_at in names.items():
            text.set_visible(fold == shown_at)
        return _said(folded, row, column)

    return LiveFigure(
        figure,
        update,
        fold=Slider(0.0, 1.0, step=0.04, value=0, label="fold", play=True),
        weight=Slider(options=WEIGHTS, label="weight"),
    )


def _names(axes: Axes) -> dict[Text, float]:
    """Write what the tiles are called, each with the fold at which it is shown."""

    def name(column: float, row: float, text: str, color: str, **more: Any) -> Text:
        place = _spot(column, row)[0]
        return label(axes, *place, text, color=color, **MOVING | more)

    table = [name(-0.75, -0.85, "grad_output", ORANGE, ha="right")]
    for k, weight in enumerate(WEIGHTS):
        table.append(name(k, -0.85, weight, BLUE))
    for row, (sample, output) in enumerate(product(range(1, 5), LOW[:2])):
        table.append(name(-2, row, f"sample {sample}, y{output}", INK, ha="right"))
    table.append(name(-1, 8.4, "slopes of the loss", BLUE, ha="right"))
    folded = [
        name(3.4, 0.35, "x", BLUE),
        name(-0.5, 4.85, "grad_output.T", ORANGE),
        name(3.4, 7.65, "slopes of the loss by W", BLUE),
    ]
    return dict.fromkeys(table, 0.0) | dict.fromkeys(folded, 1.0)


def _said(folded: bool, row: int, column: int) -> str:
    """Spell out the slope by one weight."""
    factors = GRAD_OUTPUT[:, row], X[:, column]
    terms = [f"{g:+.0f}·{x:.0f}" for g, x in zip(*factors, strict=True)]
    total = " ".join(terms).replace("+", "+ ").replace("-", "- ").removeprefix("+ ")
    where = (
        f"Row {row + 1} of grad_output.T times column {column + 1} of x"
        if folded
        else f"Column {3 * row + column + 1} of the table, 4 of 8 tiles not zero"
    )
    name = list(WEIGHTS)[3 * row + column]
    return f"{where}: slope by {name} = {total} = {factors[0] @ factors[1]:.0f}."
