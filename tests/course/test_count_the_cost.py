"""The figures of lesson 10, against counting, differences and singular values."""

import re
from functools import cache
from itertools import product
from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.lines import Line2D
from matplotlib.text import Text
from reading import labels, of_kind

from chainrule_lessons.explorers import fade, gap, growth, three_costs
from chainrule_lessons.explorers.count_the_cost import (
    DEPTHS,
    WIDTHS,
    power,
    product_norms,
    spread,
    words,
)

made = cache(lambda figure: figure())

# The cost

SUPER = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
SECONDS = {
    "ns": 1e-9,
    "µs": 1e-6,
    "ms": 1e-3,
    "s": 1,
    "minutes": 60,
    "hours": 3600,
    "days": 24 * 3600,
    "years": 365.25 * 24 * 3600,
}


def multiply(left, right):
    """Multiply matrices by loops, and count."""
    done = 0
    out = np.zeros((len(left), len(right[0])))
    for i, j, k in product(range(len(left)), range(len(right[0])), range(len(right))):
        out[i, j] += left[i, k] * right[k, j]
        done += 1
    return out, done


def counted(width, depth):
    """Carry out each way on a network of linear layers; give slopes and counts."""
    rng = np.random.default_rng(0)
    weights, x = rng.normal(size=(depth, width, width)), rng.normal(size=(1, width))

    def loss(a):
        total = 0
        for W in weights:
            a, done = multiply(a, W.T)
            total += done
        return a.sum(), total

    measured, carried, differences, forward_mode = [], [], 0, 0
    for index in np.ndindex(weights.shape):
        weights[index] += 0.5  # the loss is linear in each weight
        up, one = loss(x)
        weights[index] -= 1
        down, other = loss(x)
        weights[index] += 0.5
        measured.append(up - down)
        differences += one + other
        a, a_dot = x, np.zeros_like(x)
        for layer, W in enumerate(weights):
            W_dot = np.zeros_like(W)
            if layer == index[0]:
                W_dot[index[1:]] = 1
            parts = [multiply(*pair) for pair in ((a, W.T), (a_dot, W.T), (a, W_dot.T))]
            forward_mode += sum(done for _, done in parts)
            a, a_dot = parts[0][0], parts[1][0] + parts[2][0]
        carried.append(a_dot.sum())
    kept, backward, slopes = [x], 0, []
    for W in weights:
        a, done = multiply(kept[-1], W.T)
        kept.append(a)
        backward += done
    g = np.ones_like(x)
    for W, a in zip(weights[::-1], kept[-2::-1], strict=True):
        stays, own = multiply(g.T, a)
        g, through = multiply(g, W)
        slopes.insert(0, stays)
        backward += own + through
    np.testing.assert_allclose(measured, np.ravel(slopes), atol=1e-9)
    np.testing.assert_allclose(carried, np.ravel(slopes), atol=1e-9)
    return loss(x)[1], backward, differences, forward_mode


@pytest.mark.parametrize(("width", "depth"), [(1, 1), (2, 1), (3, 2), (4, 3)])
def test_the_formulas_are_what_carrying_it_out_takes(width, depth):
    n = depth * width**2
    by_loops = counted(width, depth)
    assert by_loops == (n, 3 * n, 2 * n * n, 3 * n * n)


def bars(live):
    return [mark.x[1] for mark in of_kind(live, Line2D)]


@pytest.mark.parametrize("width", [WIDTHS[0], 1000, WIDTHS[-1]])
@pytest.mark.parametrize("depth", [DEPTHS[0], 10, DEPTHS[-1]])
def test_the_bars_are_the_formulas_in_seconds(width, depth):
    live = made(three_costs)
    live.set(width=width, depth=depth)
    n = float(depth * width**2)
    seconds = np.array([n, 3 * n, 2 * n * n, 3 * n * n]) / 1e12
    np.testing.assert_allclose(bars(live), seconds, rtol=1e-12)
    low, high = live.figure.axes[0].get_xlim()
    assert low < seconds.min()
    assert seconds.max() < high


def test_the_labels_and_the_caption_say_the_counts_and_times():
    live = made(three_costs)
    live.set(width=2000, depth=10)
    assert labels(live) == [
        "one forward pass: n = 4 × 10⁷, 40 µs",
        "backward: 3 · n = 1.2 × 10⁸, 120 µs",
        "differences: 2n · n = 3.2 × 10¹⁵, 53.3 minutes",
        "forward mode: n · 3n = 4.8 × 10¹⁵, 1.33 hours",
    ]
    assert live.caption == (
        "n = 40,000,000 weights: differences 3.2 × 10¹⁵ multiplications (53.3 "
        "minutes), forward mode 4.8 × 10¹⁵ (1.33 hours), backward 1.2 × 10⁸ (120 µs)."
    )


def test_twice_as_wide_is_sixteen_and_four_times_as_long():
    live = made(three_costs)
    live.set(width=1000, depth=10)
    before = np.array(bars(live))
    live.set(width=2000)
    np.testing.assert_allclose(np.array(bars(live)) / before, [4, 4, 16, 16])


@pytest.mark.parametrize("count", [1, 300, 999_999, 10**6, 128 * 10**9, 3 * 10**24])
def test_a_count_is_written_to_three_digits(count):
    text = power(count)
    if count < 10**6:
        assert text == f"{count:,}"
    else:
        digits, _, ten = text.rpartition(" × ")
        exponent = int(ten.removeprefix("10").translate(SUPER))
        assert float(digits or 1) * 10**exponent == pytest.approx(count, rel=5e-3)
        assert 1 <= float(digits or 1) < 10


@pytest.mark.parametrize(
    "count", [1, 10**4, 10**9, 5 * 10**13, 10**16, 10**18, 3 * 10**24]
)
def test_a_time_is_said_in_the_largest_unit_that_fits(count):
    number, unit = words(count).split()
    number = float(number.replace(",", ""))
    assert number * SECONDS[unit] == pytest.approx(count / 1e12, rel=6e-3)
    larger = [size for size in SECONDS.values() if size > SECONDS[unit]]
    assert all(count / 1e12 < size for size in larger)
    assert number >= 1 or unit == "ns"


def test_the_gap_at_a_billion_is_23_days_and_3_milliseconds():
    picture = gap()
    assert (
        picture.caption == "A billion weights: by measuring 23.1 days, backward 3 ms."
    )
    measuring, backward, marks = picture.figure.axes[0].lines
    np.testing.assert_allclose(marks.get_xdata(), 1e9)
    np.testing.assert_allclose(sorted(marks.get_ydata()), [3e-3, 2e6])
    for line, times in ((measuring, (2e-8, 2e12)), (backward, (3e-10, 3.0))):
        np.testing.assert_allclose(line.get_ydata(), times)


def test_the_fitted_slope_is_the_exponent_whatever_the_factor():
    n = np.array([48.0, 192, 768, 3072])
    lines = {"a": 7e-9 * n**2, "b": 3e-3 * n**1.5, "c": 2.0 * n}
    picture = growth(n, lines)
    assert picture.caption == (
        "From 48 to 3,072 weights, slopes: a 2.00, b 1.50, c 1.00."
    )
    drawn = picture.figure.axes[0].lines
    for line, times in zip(drawn, lines.values(), strict=True):
        np.testing.assert_allclose(line.get_ydata(), times)


def test_lines_that_do_not_bend_are_fitted_by_least_squares():
    n, times = np.array([10.0, 100, 1000]), np.array([1.0, 30.0, 100.0])
    x, y = np.log(n), np.log(times)
    by_hand = np.sum((x - x.mean()) * (y - y.mean())) / np.sum((x - x.mean()) ** 2)
    assert f"t {by_hand:.2f}" in growth(n, {"t": times}).caption


def test_names_of_lines_close_together_do_not_meet():
    n = np.array([10.0, 1000])
    axes = growth(n, {"a": n**2, "b": 1.1 * n**2, "c": n}).figure.axes[0]
    pixels = [axes.transData.transform(t.get_position())[1] for t in axes.texts]
    assert abs(pixels[0] - pixels[1]) > 15


# The slope through many layers

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
    live = made(fade)
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
    live = made(fade)
    live.set(scale=scale, layers=20)
    low, high = live.figure.axes[0].get_ylim()
    heights = np.concatenate([mark.y for mark in of_kind(live, Line2D)])
    assert low < heights.min()
    assert heights.max() < high
    places = [(*mark.x, *mark.y) for mark in of_kind(live, Text)]
    pixels = live.figure.axes[0].transData.transform(places)[:, 1]
    assert min(np.diff(np.sort(pixels))) > 0.12 * live.figure.dpi  # 12 CSS pixels


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
