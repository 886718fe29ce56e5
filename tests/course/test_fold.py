"""The tile board, against a Jacobian filled by differences and plain loops."""

import re
from functools import cache

import numpy as np
import pytest

from chainrule_lessons.explorers import tile_board
from chainrule_lessons.explorers.fold import GRAD_OUTPUT, X

made = cache(tile_board)  # a figure takes a while; tests set it anew
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
    live = made()
    live.set(fold=fold, weight=divmod(entry, 3))
    return live


def tiles(live):
    """Every number in a tile, with the place of its middle and its strength."""
    patches = [a for a in live._artists if hasattr(a, "get_xy")]
    texts = [a for a in live._artists if hasattr(a, "get_text")]
    spots = {tuple(np.round(t.get_position(), 6)): t.get_text() for t in texts}
    for patch in patches:
        middle = tuple(np.round(patch.get_xy()[:4].mean(axis=0), 6))
        yield middle, float(spots[middle]), sum(patch.get_facecolor()[:3]) < 2.5


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
    live = at(0, 0)
    places = [place for place, _, _ in tiles(live)]
    columns = sorted({x for x, _ in places})
    rows = sorted({y for _, y in places}, reverse=True)
    table = np.zeros((9, 7))
    for (x, y), number, _ in tiles(live):
        table[rows.index(y), columns.index(x)] = number
    np.testing.assert_array_equal(table[:8, 1:], board())
    np.testing.assert_array_equal(table[:8, 0], GRAD_OUTPUT.ravel())
    np.testing.assert_array_equal(table[8, 1:], GRAD_OUTPUT.ravel() @ board())


def test_folded_it_is_two_small_matrices_and_their_product():
    live = at(1, 0)
    where = {place: number for place, number, _ in tiles(live)}
    columns = sorted({x for x, _ in where})
    rows = sorted({y for _, y in where}, reverse=True)
    table = np.zeros((6, 7))
    for (x, y), number in where.items():
        table[rows.index(y), columns.index(x)] = number
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
