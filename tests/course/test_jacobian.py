"""The table and the three shapes, against slopes worked out here."""

import math
import re
from functools import cache

import numpy as np
import pytest
from matplotlib.text import Text
from reading import labels, numbers, of_kind

from chainrule_lessons.explorers import (
    jacobian_table,
    three_shapes,
)

made = cache(lambda make: make())  # a figure takes a while; tests set it anew


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
    right = sorted(t.get_position() + (t.get_text(),) for t in texts)[-6:]
    by_row = sorted(right, key=lambda cell: -cell[1])  # columns stay in order
    numbers = [text for _, _, text in by_row]
    assert numbers == ["-2.50", "0.00", "1.00", "-1.25", "0.00", "0.54"]


def test_only_two_slopes_change_with_x2():
    live = made(jacobian_table)
    live.set(x1=1.5, x2=0.5)
    before = np.array(tuples(live.caption)[1:])
    live.set(x2=-1)
    after = np.array(tuples(live.caption)[1:])
    assert np.argwhere(before != after).tolist() == [[1, 0], [2, 1]]


def test_the_sliders_wait_for_a_prediction():
    assert jacobian_table()._question["choices"] == ["two", "three", "six"]


def test_a_negative_slope_never_reads_minus_zero():
    live = made(jacobian_table)
    for x1 in live.sliders["x1"].places:
        live.set(x1=x1, x2=-x1)
        assert "-0.00" not in live.caption
        assert "-0.00" not in cells(live)


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
