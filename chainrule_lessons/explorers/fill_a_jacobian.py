"""Lesson 07: a Jacobian is a table, a row for each output, a column for each input.

`jacobian_table` fills one, `pushed_square` uses one, `three_shapes` compares three,
`multiplication_order` counts their products, `tile_board` folds a batch Linear's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise, product
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from chainrule_lessons.layers import Linear, Module, Softmax, Tanh
from chainrule_lessons.live import LiveFigure, Pen, Slider
from chainrule_lessons.markdown import bet
from chainrule_lessons.marks import BLUE, CENTRED, GREEN, GREY, INK, ORANGE
from chainrule_lessons.plotting import framed, label, sheet, subplots, tint

__all__ = [
    "jacobian_table",
    "multiplication_order",
    "pushed_square",
    "three_shapes",
    "tile_board",
]

Array = NDArray[np.floating]
LOW = "₁₂₃₄"  # an index, counted from 1 as in the formulas


# A table of slopes

ROWS = 6.6, 4.3, 2.0  # the heights of three rows on the sheet
INPUTS, OUTPUTS = ((1.0, 5.9), (1.0, 2.7)), tuple((5.0, y) for y in ROWS)


def jacobian_table() -> LiveFigure:
    """Fill the Jacobian of y = (x₁², x₁x₂, sin x₂): one wire, one slope, one cell.

    Sliders ``x1`` and ``x2``, locked until the reader has said how many slopes
    change when only x₂ moves.

    >>> jacobian_table()
    Rows of the table at x = (1.50, 0.50): (3.00, 0.00), (0.50, 1.50), (0.00, 0.88).
    """
    figure, axes = sheet()
    columns = 10.6, 13.9
    for letter, nodes in (("x", INPUTS), ("y", OUTPUTS)):
        for place, low in zip(nodes, LOW, strict=False):
            framed(axes, *place, 1.2, letter + low, fontsize=13)
    _name_columns(axes, columns)
    wires = [((1.75, 4.25), (x[1], y[1])) for y in OUTPUTS for x in INPUTS]
    pen = Pen(axes)

    def update(x1: float, x2: float) -> str:
        values = {"x₁²": x1**2, "x₁x₂": x1 * x2, "sin x₂": np.sin(x2)}
        slopes = np.array([[2 * x1, 0.0], [x2, x1], [0.0, np.cos(x2)]])
        for wire, slope in zip(wires, slopes.ravel().tolist(), strict=True):
            width = round(8 * abs(slope)) / 4
            pen.line(*wire, "-", _color(slope), width, solid_capstyle="butt")
        for (x, y), value in zip(INPUTS, (x1, x2), strict=True):
            pen.words(x, y - 1.1, f"{value:z.2f}", **CENTRED)
        for (x, y), (name, value) in zip(OUTPUTS, values.items(), strict=True):
            pen.words(x + 0.8, y, f"{name} = {value:z.2f}", va="center")
        _fill(pen, columns, slopes, most=4.0)
        rows = ", ".join(map(_tuple, slopes))
        return f"Rows of the table at x = {_tuple((x1, x2))}: {rows}."

    x1 = Slider(-2, 2, step=0.05, value=1.5, label="x₁")
    x2 = Slider(-2, 2, step=0.05, value=0.5, label="x₂")
    return LiveFigure(figure, update, predict=bet("jacobian_table"), x1=x1, x2=x2)


def _name_columns(axes: Axes, columns: Sequence[float]) -> None:
    for x, low in zip(columns, LOW, strict=False):
        label(axes, x, 8.15, f"by x{low}", color=ORANGE, **CENTRED)


def _fill(pen: Pen, columns: Sequence[float], slopes: Array, most: float = 1.0) -> None:
    """Draw a heat map of slopes with the numbers in its cells."""
    size = columns[1] - columns[0] - 0.1, ROWS[0] - ROWS[1] - 0.1
    for y, row in zip(ROWS, slopes.tolist(), strict=True):
        for x, slope in zip(columns, row, strict=True):
            # The root lets a small slope be seen beside a large one.
            shade = tint(_color(slope), 0.55 * (abs(slope) / most) ** 0.5)
            pen.box(x, y, size, shade, f"{slope:z.2f}", edgecolor="0.8")


def _color(slope: float) -> str:
    return ORANGE if slope >= 0 else GREY


def _tuple(numbers: Iterable[float]) -> str:
    return f"({', '.join(f'{number:z.2f}' for number in numbers)})"


# A small square, pushed through a map

PLACE, TABLE = np.array([1.0, 0.5]), np.array([[2.0, -1.0], [0.5, 1.0]])
SPOTS = (0.1, -0.35, "left"), (-0.15, -0.1, "right")  # of numbers beside two edges
SQUARE = np.array(((0, 0), (1, 0), (1, 1), (0, 1)))  # corners; a side is one size
DOTS = np.array(list(product(np.linspace(0, 1, 5), repeat=2)))


def _bent(x: Array) -> Array:
    x1, x2 = x.T
    return np.column_stack([x1**2 - x2, x1 * x2])


def pushed_square() -> LiveFigure:
    """Push a grid of dots through y = (x₁² − x₂, x₁x₂), and compare it with J.

    Both sides are drawn from the corner x = (1, 0.5) on, and divided by the size.

    Slider ``size``, the side of the square, from 1 down to 0.01.

    >>> pushed_square()
    Side 1: the dots lie up to 1.414 sides from where the columns of J put them.
    """
    figure, (left, right) = subplots(1, 2, size=(6.4, 2.9))
    spans = {"xlim": (-1.9, 3.3), "ylim": (-0.6, 2.8), "aspect": "equal"}
    for axes, name in ((left, "x"), (right, "y")):
        axes.set(xlabel=f"{name}₁, in sides", ylabel=f"{name}₂, in sides", **spans)
    pens, corners = (Pen(left), Pen(right)), (SQUARE, SQUARE @ TABLE.T)

    def update(size: float) -> str:
        bent = (_bent(PLACE + size * DOTS) - _bent(PLACE[np.newaxis])) / size
        for pen, dots, edges in zip(pens, (DOTS, bent), corners, strict=True):
            pen.shape(edges, tint(ORANGE, 0.2))
            for edge, (x, y, side) in zip(edges[[1, 3]], SPOTS, strict=True):
                pen.arrow((0, 0), edge, ORANGE, 2.5)
                name = f"({edge[0]:g}, {edge[1]:g})".replace("-", "−")
                pen.words(*edge / 2 + (x, y), name, ORANGE, side, "center")
            pen.dot(*dots.T, markersize=5)
        pens[1].dot(*bent[-1], GREEN, grab="size")
        far = np.hypot(*(bent - DOTS @ TABLE.T).T).max()
        return (
            f"Side {size:.3g}: the dots lie up to {far:.3f} sides from where the "
            "columns of J put them."
        )

    size = Slider(0.01, 1, step=0.1, value=1, label="size", scale="log", play=True)
    return LiveFigure(figure, update, size=size)


# Three shapes of a Jacobian

WEIGHT = [[0.5, -0.3, 0.8], [-0.6, 0.9, 0.1], [0.2, 0.4, -0.7]]


def three_shapes() -> LiveFigure:
    """Compare three Jacobians: a diagonal one, a constant one, and a full one.

    Sliders ``map`` (tanh, a linear map or softmax) and ``x1`` to ``x3``.

    >>> three_shapes()
    y = (0.46, -0.76, 0.96). 3 of 9 slopes are not zero; the rows sum to (0.79, 0.42, 0.07).
    """
    linear = Linear(3, 3, weight=WEIGHT, bias=False)
    maps = {"tanh, entry by entry": Tanh(), "linear: W x": linear, "softmax": Softmax()}
    figure, axes = sheet()
    columns = 6.2, 9.7, 13.2
    _name_columns(axes, columns)
    pen = Pen(axes)

    def update(map: Module, x1: float, x2: float, x3: float) -> str:
        y = map([[x1, x2, x3]] * 3)[0]
        slopes = map.backward(np.eye(3))  # a row for each output
        _fill(pen, columns, slopes)
        for row, value, low in zip(ROWS, y, LOW, strict=False):
            pen.words(3.9, row, f"y{low} = {value:z.2f}", ha="right", va="center")
        return (
            f"y = {_tuple(y)}. {np.count_nonzero(slopes)} of 9 slopes are not zero; "
            f"the rows sum to {_tuple(slopes.sum(axis=1))}."
        )

    sliders = {
        f"x{i + 1}": Slider(-4.0, 4.0, step=0.1, value=start, label=f"x{LOW[i]}")
        for i, start in enumerate((0.5, -1.0, 2.0))
    }
    return LiveFigure(figure, update, map=Slider(options=maps, label="map"), **sliders)


# The order of multiplication

SIDE = 0.033  # of a matrix, for each row and column


def multiplication_order() -> LiveFigure:
    """Count multiplications of J₃ J₂ J₁ begun at the outputs and at the inputs.

    Sliders ``first``, ``second``, ``inputs`` and ``outputs``: widths.

    >>> multiplication_order()
    Backward 7,500 multiplications, forward 255,000: backward wins, 34.00 to 1.
    """
    figure, axes = sheet()
    pen = Pen(axes)

    def update(outputs: int, inputs: int, first: int, second: int) -> str:
        _draw_matrices(pen, outputs, second, first, inputs)
        backward = outputs * (second * first + first * inputs)
        forward = inputs * (second * first + outputs * second)
        said = f"{outputs} × ({second}·{first} + {first}·{inputs}) = {backward:,}"
        _draw_count(pen, 2.1, backward, forward, f"backward, (J₃ J₂) J₁:  {said}")
        said = f"{inputs} × ({second}·{first} + {outputs}·{second}) = {forward:,}"
        _draw_count(pen, 0.3, forward, backward, f"forward, J₃ (J₂ J₁):  {said}")
        return (
            f"Backward {backward:,} multiplications, forward {forward:,}: "
            f"{_won(backward, forward)}."
        )

    # A page without a kernel shows three places of the first slider: no tie is there.
    starts = {"first": 50, "second": 50, "inputs": 100, "outputs": 1}
    sliders = {name: Slider(1, 100, value=n, label=name) for name, n in starts.items()}
    return LiveFigure(figure, update, **sliders)


def _draw_matrices(pen: Pen, *widths: int) -> None:
    """Draw J₃, J₂ and J₁ between four widths, each with its shape below it."""
    for i, (rows, columns) in enumerate(pairwise(widths)):
        x, size = 2.7 + 5.3 * i, (max(SIDE * columns, 0.08), max(SIDE * rows, 0.08))
        pen.box(x, 6.4, size, "#f4c9a8", edgecolor=ORANGE)
        pen.words(x, 4.05, f"J{LOW[2 - i]} is {rows} × {columns}", **CENTRED)


def _draw_count(pen: Pen, y: float, count: int, other: int, said: str) -> None:
    """Draw a count as a bar with its sum above it; the lower one is green."""
    long = 15.2 * count / max(count, other)
    color = GREEN if count <= other else GREY
    pen.box(0.4 + long / 2, y + 0.275, (long, 0.55), color)
    pen.words(0.4, y + 0.75, said)


def _won(backward: int, forward: int) -> str:
    low, high = sorted((backward, forward))
    winner = "backward" if backward < forward else "forward"
    return "a tie" if low == high else f"{winner} wins, {high / low:.2f} to 1"


# A batch Linear, folded

X = np.arange(1.0, 13.0).reshape(4, 3)
GRAD_OUTPUT = np.array([[1.0, 2.0], [-1.0, 1.0], [2.0, -1.0], [1.0, 3.0]])
WEIGHTS = {f"W{LOW[i]}{LOW[j]}": (i, j) for i in range(2) for j in range(3)}
TILE = 1.42, 0.66


def tile_board() -> LiveFigure:
    """Fold the Jacobian of a batch Linear by its weight into grad_output.T @ x.

    Four samples, three inputs and two outputs make a table of 8 rows and 6 columns:
    x, once for each output, and zeros. Folding lays the copies of x upon each other,
    and the upstream gradient turns from a column of eight into two rows of four.

    Sliders ``fold``, from 0 to 1, and ``weight``, the one whose slope is spelled
    out.

    >>> live = tile_board()
    >>> live.set(fold=1)
    >>> live
    Row 1 of grad_output.T times column 1 of x: slope by W₁₁ = 1·1 - 1·4 + 2·7 + 1·10 = 21.
    """
    figure, axes = sheet()
    pen = Pen(axes)
    n, i, j = np.indices((4, 2, 3)).reshape(3, -1)  # of a sample, output and input
    x_way = _spot(3 * i + j, 2 * n + i), _spot(j + 2.4, n + 1.2)
    zeros = _spot(3 * (1 - i) + j, 2 * n + i)
    (m, k), (a, b) = (np.indices(shape).reshape(2, -1) for shape in ((4, 2), (2, 3)))
    g_way = _spot(np.full(8, -1.2), 2 * m + k), _spot(m - 2, k + 5.7)
    slopes_way = _spot(3 * a + b, np.full(6, 8.4)), _spot(b + 2.4, a + 5.7)
    x, g, slopes = X[n, j], GRAD_OUTPUT[m, k], (GRAD_OUTPUT.T @ X)[a, b]

    def update(fold: float, weight: tuple[int, int]) -> str:
        (row, column), folded = weight, fold == 1
        used = (j == column) & ((i == row) | folded)
        _draw_tiles(pen, x, x_way, fold, used, BLUE)
        _draw_tiles(pen, g, g_way, fold, k == row, ORANGE)
        _draw_tiles(pen, slopes, slopes_way, fold, (a == row) & (b == column), BLUE)
        if folded:
            _name_matrices(pen)
        elif fold == 0:
            pen.dot(*zeros, GREY, markersize=4)
            _name_table(pen)
        return _said(folded, row, column)

    fold = Slider(0.0, 1.0, step=0.04, value=0, label="fold", play=True)
    weight = Slider(options=WEIGHTS, label="weight")
    return LiveFigure(figure, update, fold=fold, weight=weight)


def _draw_tiles(
    pen: Pen,
    numbers: Array,
    way: tuple[Array, Array],
    fold: float,
    strong: NDArray[np.bool_],
    color: str,
) -> None:
    """Draw numbered cells on their way to a small matrix, the strong ones darker."""
    places = (1 - fold) * way[0] + fold * way[1]
    shades = tint(color, 0.06), tint(color, 0.45)
    look = {"edgecolor": color, "linestyle": "--" if color == BLUE else "-"}
    cells = zip(*places.tolist(), numbers.tolist(), strong.tolist(), strict=True)
    for x, y, number, dark in cells:
        pen.box(x, y, TILE, shades[dark], f"{number:.0f}", **look)


def _spot(column: Any, row: Any) -> Array:
    return np.array([7.2 + 1.5 * column, 7.5 - 0.74 * row])


def _name_table(pen: Pen) -> None:
    _name(pen, -0.75, -0.85, "grad_output", ORANGE, "right")
    for k, weight in enumerate(WEIGHTS):
        _name(pen, k, -0.85, weight, BLUE, "center")
    for row, (sample, output) in enumerate(product(range(1, 5), LOW[:2])):
        _name(pen, -2, row, f"sample {sample}, y{output}", INK, "right")
    _name(pen, -1, 8.4, "slopes of the loss", BLUE, "right")


def _name_matrices(pen: Pen) -> None:
    _name(pen, 3.4, 0.35, "x", BLUE, "center")
    _name(pen, -0.5, 4.85, "grad_output.T", ORANGE, "center")
    _name(pen, 3.4, 7.65, "slopes of the loss by W", BLUE, "center")


def _name(pen: Pen, column: float, row: float, *words: str) -> None:
    pen.words(*_spot(column, row), *words, va="center")


def _said(folded: bool, row: int, column: int) -> str:
    factors = GRAD_OUTPUT[:, row], X[:, column]
    terms = [f"{g:+.0f}·{x:.0f}" for g, x in zip(*factors, strict=True)]
    total = " ".join(terms).replace("+", "+ ").replace("-", "- ").removeprefix("+ ")
    where = f"Column {3 * row + column + 1} of the table, 4 of 8 tiles not zero"
    if folded:
        where = f"Row {row + 1} of grad_output.T times column {column + 1} of x"
    slope = f"slope by W{LOW[row]}{LOW[column]} = {total}"
    return f"{where}: {slope} = {factors[0] @ factors[1]:.0f}."
