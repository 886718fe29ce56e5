"""The slope through a deep network, against differences and singular values."""

import re
from functools import cache
from itertools import pairwise
from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule_lessons.explorers import fade
from chainrule_lessons.explorers.depth import product_norms, spread

made = cache(fade)
BENDS = {
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": np.tanh,
    "ReLU": lambda z: z * (z.real > 0),
}
NAMES = list(BENDS)


def layers(scale):
    rng = np.random.default_rng(10)
    weights = rng.normal(size=(20, 32, 32)) * scale / sqrt(32)
    return weights, rng.normal(size=32)


def by_columns(scale, activation, depth):
    """Give the Jacobian of the first layers by complex steps, an input at a time."""
    weights, x = layers(scale)
    columns = []
    for i in range(32):
        a = x.astype(complex)
        a[i] += 1e-30j
        for W in weights[:depth]:
            a = BENDS[activation](W @ a)
        columns.append(a.imag / 1e-30)
    return np.transpose(columns)


def largest_stretch(J):
    """Give the root of the largest eigenvalue of JᵀJ, for a J of any size."""
    size = np.abs(J).max()
    return size * sqrt(np.linalg.eigvalsh((J / size).T @ (J / size))[-1])


@pytest.mark.parametrize("activation", NAMES)
@pytest.mark.parametrize("scale", [0.5, 1.0, 1.4, 3.0])
def test_the_norms_are_the_largest_stretch(scale, activation):
    norms = product_norms(scale, activation)
    for depth in (1, 2, 7, 20):
        right = largest_stretch(by_columns(scale, activation, depth))
        assert norms[depth - 1] == pytest.approx(right, rel=1e-8)


@pytest.mark.parametrize("activation", NAMES)
def test_no_small_step_is_stretched_more(activation):
    J = by_columns(1.0, activation, 5)
    steps = np.random.default_rng(1).normal(size=(32, 200))
    stretched = np.linalg.norm(J @ steps, axis=0) / np.linalg.norm(steps, axis=0)
    assert stretched.max() <= product_norms(1.0, activation)[4]


def test_the_caption_says_the_norms_at_the_layer():
    live = made()
    for scale, depth in ((0.5, 1), (1.0, 6), (3.0, 20)):
        live.set(scale=scale, layers=depth)
        said = re.findall(r"(sigmoid|tanh|ReLU) ([\d.e+-]*\d)", live.caption)
        assert [name for name, _ in said] == NAMES
        for name, number in said:
            right = np.linalg.norm(by_columns(scale, name, depth), 2)
            assert float(number) == pytest.approx(right, rel=0.051)
        assert f"after {depth} layer{'s' * (depth > 1)}:" in live.caption


def test_what_the_lesson_says_of_the_curves():
    norms = {
        name: {s: product_norms(s, name) for s in (1.0, 1.4, 3.0)} for name in NAMES
    }
    assert 0.5 < norms["tanh"][1.0][-1] < 2
    assert norms["sigmoid"][1.0][5] < 1e-3
    assert norms["sigmoid"][3.0][-1] < 1e-4
    assert 0.5 < norms["ReLU"][1.4][-1] / norms["ReLU"][1.4][0] < 2
    assert min(norms["ReLU"][3.0][-1], norms["tanh"][3.0][-1]) > 1000


@pytest.mark.parametrize("scale", [0.5, 1.0, 1.45, 3.0])
def test_curves_dots_and_names_stay_inside_and_apart(scale):
    live = made()
    live.set(scale=scale, layers=20)
    low, high = live.figure.axes[0].get_ylim()
    lines = [a for a in live._artists if hasattr(a, "get_ydata")]
    heights = np.concatenate([np.ravel(line.get_ydata()) for line in lines])
    assert low < heights.min()
    assert heights.max() < high
    names = [a for a in live._artists if hasattr(a, "get_text")]
    pixels = [a.get_transform().transform(a.get_position())[1] for a in names]
    assert min(b - a for a, b in pairwise(sorted(pixels))) > 12 * live._ratio


@given(st.lists(st.floats(-20, 20), min_size=3, max_size=3))
def test_spread_keeps_the_order_and_the_distance(heights):
    apart = spread(np.array(heights), gap=1.0)
    order = np.argsort(heights, kind="stable")
    steps = np.diff(apart[order])
    assert steps.min() > 0.99
    assert np.sum(apart) == pytest.approx(np.sum(heights), abs=1e-9)


def test_spread_leaves_what_is_far_apart():
    far = np.array([3.0, -5.0, 9.0])
    np.testing.assert_array_equal(spread(far, gap=1.9), far)
