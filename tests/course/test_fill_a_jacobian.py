"""The figures of lesson 07, against differences, loops and plain counting."""

import math
import re
from itertools import product

import numpy as np
import pytest
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon
from matplotlib.text import Text
from reading import labels, made, numbers, of_kind

from chainrule_lessons.explorers import (
    jacobian_table,
    multiplication_order,
    pushed_square,
    three_shapes,
    tile_board,
)
from chainrule_lessons.explorers.fill_a_jacobian import GRAD_OUTPUT, X
from chainrule_lessons.plotting import Arrow


def tuples(caption):
    return [numbers(group) for group in re.findall(r"\(([^)]*)\)", caption)]


def cells(live):
    """The numbers written in the cells, from the picture itself."""
    return [text for text in labels(live) if re.fullmatch(r"-?\d\.\d\d", text)]


@pytest.mark.parametrize("x1", [-2, 0, 1.5, 2])
@pytest.mark.parametrize("x2", [-2, 0, 0.5, 2])
def test_the_table_holds_the_slopes_of_its_three_outputs(x1, x2):
    live = made(jacobian_table)
    live.set(x1=x1, x2=x2)
    h = 1e-6

    def y(x1, x2):
        return np.array([x1 * x1, x1 * x2, math.sin(x2)])

    by_x1 = (y(x1 + h, x2) - y(x1 - h, x2)) / (2 * h)
    by_x2 = (y(x1, x2 + h) - y(x1, x2 - h)) / (2 * h)
    place, *rows = tuples(live.caption)
    assert place == [x1, x2]
    np.testing.assert_allclose(rows, np.column_stack([by_x1, by_x2]), atol=0.0051)


def test_each_cell_shows_its_number():
    live = made(jacobian_table)
    live.set(x1=-1.25, x2=1)
    texts = of_kind(live, Text)
    right = sorted((mark.x[0], mark.y[0], mark.text) for mark in texts)[-6:]
    by_row = sorted(right, key=lambda cell: -cell[1])  # columns stay in order
    told = [text for _, _, text in by_row]
    assert told == ["-2.50", "0.00", "1.00", "-1.25", "0.00", "0.54"]


def test_only_two_slopes_change_with_x2():
    live = made(jacobian_table)
    live.set(x1=1.5, x2=0.5)
    before = np.array(tuples(live.caption)[1:])
    live.set(x2=-1)
    after = np.array(tuples(live.caption)[1:])
    assert np.argwhere(before != after).tolist() == [[1, 0], [2, 1]]


def test_the_sliders_wait_for_a_prediction():
    question = made(jacobian_table).question
    assert question["choices"] == ["two", "three", "six"]
    assert [told.split()[0] for told in question["sentences"]] == [
        "Right:",
        "Not",
        "Not",
    ]


def test_a_negative_slope_never_reads_minus_zero():
    live = made(jacobian_table)
    for x1 in live.sliders["x1"].places:
        live.set(x1=x1, x2=-x1)
        assert "-0.00" not in live.caption
        assert "-0.00" not in cells(live)


def squares(live):
    """The 25 dots on the right, the green one, and the ends of the four arrows."""
    dots = [mark for mark in of_kind(live, Line2D) if mark.x.size in (1, 25)]
    ends = [(arrow.x[1], arrow.y[1]) for arrow in of_kind(live, Arrow)]
    return dots[1], dots[2], ends


@pytest.mark.parametrize("size", [1, 0.1, 0.01])
def test_the_dots_are_what_the_map_makes_of_the_square(size):
    live = made(pushed_square)
    live.set(size=size)
    moved, corner, ends = squares(live)
    right = []
    for a, b in product((0, 0.25, 0.5, 0.75, 1), repeat=2):
        x1, x2 = 1 + size * a, 0.5 + size * b
        right.append(((x1 * x1 - x2 - 0.5) / size, (x1 * x2 - 0.5) / size))
    np.testing.assert_allclose(np.column_stack([moved.x, moved.y]), right, atol=1e-9)
    np.testing.assert_allclose([corner.x[0], corner.y[0]], right[-1], atol=1e-9)
    assert ends == [(1, 0), (0, 1), (2, 0.5), (-1, 1)]


def test_the_square_becomes_the_parallelogram_as_fast_as_it_shrinks():
    live = made(pushed_square)
    for size in live.sliders["size"].places:
        live.set(size=size)
        # The dots lie off by the squares and the product: size·(a², ab), at most (1, 1).
        assert numbers(live.caption)[1] == pytest.approx(size * 2**0.5, abs=6e-4)


def test_the_square_can_be_dragged():
    live = made(pushed_square)
    grips = [mark.stamp.get_gid() for mark in of_kind(live, Line2D)]
    assert grips.count("grab size") == 1


PLACES = [(-4, -4, -4), (0, 0, 0), (0.5, -1, 2), (4, -4, 0), (4, 4, 4)]


def shown(name, x):
    live = made(three_shapes)
    options = live.sliders["map"]
    live.set(map=options.places[options.texts.index(name)])
    live.set(x1=x[0], x2=x[1], x3=x[2])
    y, sums = tuples(live.caption)
    (count,) = re.findall(r"(\d) of 9", live.caption)
    return live, y, int(count), sums


@pytest.mark.parametrize("x", PLACES)
def test_tanh_is_diagonal(x):
    live, y, count, sums = shown("tanh, entry by entry", x)
    np.testing.assert_allclose(y, [math.tanh(v) for v in x], atol=0.0051)
    np.testing.assert_allclose(sums, [math.cosh(v) ** -2 for v in x], atol=0.0051)
    assert count == 3
    assert cells(live).count("0.00") >= 6


@pytest.mark.parametrize("x", PLACES)
def test_a_linear_map_has_the_same_table_everywhere(x):
    live, y, count, _ = shown("linear: W x", x)
    weight = [float(cell) for cell in cells(live)]
    assert weight == [0.5, -0.3, 0.8, -0.6, 0.9, 0.1, 0.2, 0.4, -0.7]
    np.testing.assert_allclose(y, np.reshape(weight, (3, 3)) @ x, atol=0.0051)
    assert count == 9


@pytest.mark.parametrize("x", PLACES)
def test_softmax_is_full_and_its_rows_sum_to_zero(x):
    live, y, count, sums = shown("softmax", x)
    p = [math.exp(v) / sum(map(math.exp, x)) for v in x]
    np.testing.assert_allclose(y, p, atol=0.0051)
    right = [p[i] * ((i == j) - p[j]) for i in range(3) for j in range(3)]
    np.testing.assert_allclose([float(c) for c in cells(live)], right, atol=0.0051)
    assert count == 9
    assert sums == [0, 0, 0]


START = {"outputs": 1, "inputs": 100, "first": 50, "second": 50}


def count(left, right):
    """Multiply two shapes by loops; give the product's shape and the count."""
    (rows, inner), (also_inner, columns) = left, right
    assert inner == also_inner
    done = sum(1 for _ in product(range(rows), range(columns), range(inner)))
    return (rows, columns), done


def counts(outputs, second, first, inputs):
    j3, j2, j1 = (outputs, second), (second, first), (first, inputs)
    middle, one = count(j3, j2)
    backward = one + count(middle, j1)[1]
    middle, one = count(j2, j1)
    return backward, one + count(j3, middle)[1]


def said(live):
    found = re.search(r"Backward ([\d,]+) \w+, forward ([\d,]+)", live.caption)
    return tuple(int(count.replace(",", "")) for count in found.groups())


@pytest.mark.parametrize("inputs", [1, 20, 60])
@pytest.mark.parametrize("outputs", [1, 15, 60])
def test_both_orders_are_counted(inputs, outputs):
    live = made(multiplication_order)
    live.set(**START)
    live.set(inputs=inputs, outputs=outputs, first=12, second=35)
    assert said(live) == counts(outputs, 35, 12, inputs)


@pytest.mark.parametrize("name", ["inputs", "outputs", "first", "second"])
def test_from_end_to_end_of_every_slider(name):
    live = made(multiplication_order)
    live.set(**START)
    for width in (1, 50, 100):
        live.set(**{name: width})
        v = live.values
        right = counts(v["outputs"], v["second"], v["first"], v["inputs"])
        assert said(live) == right


def test_it_says_who_wins_and_by_how_much():
    live = made(multiplication_order)
    live.set(**START)
    assert live.caption.endswith("backward wins, 34.00 to 1.")
    live.set(inputs=2, outputs=100)
    assert live.caption == (
        "Backward 260,000 multiplications, forward 15,000: forward wins, 17.33 to 1."
    )
    live.set(inputs=100)
    assert live.caption.endswith(": a tie.")


def test_the_bars_are_as_long_as_the_counts():
    live = made(multiplication_order)
    live.set(**START)
    live.set(inputs=30, outputs=90)
    shapes = of_kind(live, Polygon)
    bars = [bar for bar in shapes if np.ptp(bar.y) == pytest.approx(0.55)]
    backward, forward = said(live)
    widths = [np.ptp(bar.x) for bar in bars]
    assert widths[0] / widths[1] == pytest.approx(backward / forward)


NAMES = ["W₁₁", "W₁₂", "W₁₃", "W₂₁", "W₂₂", "W₂₃"]


def board():
    """dy/dW of y = x Wᵀ, one row for an output of a sample, by nudging W."""
    columns = []
    for entry in range(6):
        weight = np.zeros(6)
        weight[entry] = 1.0  # y is linear in W, so a step of any size is exact
        columns.append((X @ weight.reshape(2, 3).T).ravel())
    return np.column_stack(columns)


def at(fold, entry):
    live = made(tile_board)
    live.set(fold=fold, weight=divmod(entry, 3))
    return live


def middle(mark):
    return round(mark.x.mean(), 6), round(mark.y.mean(), 6)


def tiles(live):
    """Every number in a tile, with the place of its middle and its strength."""
    spots = {middle(mark): mark.text for mark in of_kind(live, Text)}
    for tile in of_kind(live, Polygon):
        dark = sum(tile.stamp.get_facecolor()[:3]) < 2.5
        yield middle(tile), float(spots[middle(tile)]), dark


def layout(live):
    """The numbers of the tiles in rows and columns, as they lie on the sheet."""
    where = {place: number for place, number, _ in tiles(live)}
    columns = sorted({x for x, _ in where})
    rows = sorted({y for _, y in where}, reverse=True)
    table = np.zeros((len(rows), len(columns)))
    for (x, y), number in where.items():
        table[rows.index(y), columns.index(x)] = number
    return table


@pytest.mark.parametrize("fold", [0, 0.48, 1])
@pytest.mark.parametrize("entry", range(6))
def test_the_slope_is_the_upstream_row_times_a_column(fold, entry):
    live = at(fold, entry)
    _, sum_text = live.caption.split("slope by ")
    name, terms, total = re.fullmatch(r"(\S+) = (.+) = (-?\d+)\.", sum_text).groups()
    assert name == NAMES[entry]
    assert int(total) == GRAD_OUTPUT.ravel() @ board()[:, entry]
    pairs = re.findall(r"(- |)(\d+)·(\d+)", terms)
    signed = [(-1 if minus else 1) * int(g) * int(x) for minus, g, x in pairs]
    assert len(signed) == 4
    assert sum(signed) == int(total)


def test_the_full_table_is_the_jacobian():
    table = layout(at(0, 0))
    assert table.shape == (9, 7)
    np.testing.assert_array_equal(table[:8, 1:], board())
    np.testing.assert_array_equal(table[:8, 0], GRAD_OUTPUT.ravel())
    np.testing.assert_array_equal(table[8, 1:], GRAD_OUTPUT.ravel() @ board())


def test_folded_it_is_two_small_matrices_and_their_product():
    table = layout(at(1, 0))
    assert table.shape == (6, 7)
    x, g, grad = table[:4, 4:], table[4:, :4], table[4:, 4:]
    np.testing.assert_array_equal(x, X)
    np.testing.assert_array_equal(g, GRAD_OUTPUT.T)
    np.testing.assert_array_equal(grad, [[21, 24, 27], [29, 34, 39]])


@pytest.mark.parametrize("fold", [0, 1])
@pytest.mark.parametrize("entry", range(6))
def test_what_is_strong_is_what_the_sum_uses(fold, entry):
    row, column = divmod(entry, 3)
    strong = [number for _, number, dark in tiles(at(fold, entry)) if dark]
    used = [*X[:, column], *GRAD_OUTPUT[:, row]] + [*(X[:, column] if fold else [])]
    used.append(GRAD_OUTPUT[:, row] @ X[:, column])
    assert sorted(strong) == sorted(used)
