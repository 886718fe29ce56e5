"""The figures of lesson 10, against counting, differences and singular values."""

import re
from fractions import Fraction
from functools import cache
from itertools import product
from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.lines import Line2D
from matplotlib.text import Text
from reading import ends_and_middle, labels, of_kind

from chainrule_lessons.explorers import fade, tape_ledger, three_costs
from chainrule_lessons.explorers.count_the_cost import (
    DEPTHS,
    WIDTHS,
    product_norms,
    spread,
    words,
)
from chainrule_lessons.plotting import GREY, ORANGE

made = cache(lambda figure: figure())

# The cost

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


def now(live):
    """Return the times where the filled dots stand, in the order of `WAYS`."""
    dots = [m for m in of_kind(live, Line2D) if m.stamp.get_markersize() == 10]
    return [dot.x[0] for dot in dots if dot.stamp.get_marker() == "o"]


def test_one_dot_can_be_dragged_and_it_is_that_of_measuring():
    live = made(three_costs)
    (held,) = (m for m in of_kind(live, Line2D) if m.stamp.get_gid() == "grab width")
    assert held.x[0] == now(live)[-1]


@pytest.mark.parametrize("width", [WIDTHS[0], 1000, WIDTHS[-1]])
@pytest.mark.parametrize("depth", [DEPTHS[0], 10, DEPTHS[-1]])
def test_the_dots_are_the_formulas_in_seconds(width, depth):
    live = made(three_costs)
    live.set(width=width, depth=depth)
    n = float(depth * width**2)
    seconds = np.array([n, 3 * n, 2 * n * n]) / 1e12
    np.testing.assert_allclose(now(live), seconds, rtol=1e-12)
    low, high = live.figure.axes[0].get_xlim()
    assert low < seconds.min()
    assert seconds.max() < high


def test_the_labels_and_the_caption_say_the_times():
    live = made(three_costs)
    live.set(width=2000, depth=10)
    assert labels(live) == [
        "one forward pass: 40 µs, × 4",
        "walking back: 120 µs, × 4",
        "measuring: 53.3 minutes, × 16",
    ]
    assert live.caption == (
        "40,000,000 weights: one forward pass 40 µs, walking back 120 µs, "
        "measuring 53.3 minutes."
    )


def test_twice_as_wide_is_sixteen_and_four_times_as_long():
    live = made(three_costs)
    live.set(width=1000, depth=10)
    before = np.array(now(live))
    assert not any("×" in text for text in labels(live))
    live.set(width=2000)
    np.testing.assert_allclose(np.array(now(live)) / before, [4, 4, 16])
    asked = live.question
    told = dict(zip(asked["choices"], asked["sentences"], strict=True))
    assert [c for c, said in told.items() if "Right" in said] == ["16 times as long"]


def test_what_the_lesson_says_of_a_year_and_of_634():
    year = 365.25 * 24 * 3600
    n = {(d, w): d * w * w for d in DEPTHS for w in WIDTHS}
    long = {place: 2 * n[place] ** 2 / 1e12 / year for place in n}
    smallest = min((p for p in n if long[p] > 1), key=n.get)
    assert (smallest, n[smallest]) == ((10, 20_000), 4_000_000_000)
    assert f"{long[smallest]:.2f} {3 * n[smallest] / 1e9:.0f}" == "1.01 12"
    assert f"{long[10, 100_000]:.0f} {3 * n[10, 100_000] / 1e9:.0f}" == "634 300"


def test_the_words_of_the_picture_stay_apart_from_its_dots():
    live = made(three_costs)
    for values in ends_and_middle(live):
        live.set(**values)
        boxes = [m.set_down().get_window_extent() for m in of_kind(live, Text)]
        for box in boxes:
            assert box.min.min() >= 0
            assert np.all(box.max <= live.figure.bbox.size)
        pixels = live.figure.axes[0].transData.transform
        dots = [pixels((m.x[0], m.y[0])) for m in of_kind(live, Line2D)]
        assert not any(box.contains(*dot) for box in boxes for dot in dots)


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


# The tape as a ledger

GIVEN = {"a": "xy", "b": "ax", "f": "ab"}  # what each line is made of
RECIPES = {"a": lambda u, v: u * v, "b": lambda u, v: u + v, "f": lambda u, v: u * v}


def value_of_f(moved=None, by=0):
    """Compute f anew, with one number moved after it was made."""
    values = {"x": Fraction(3), "y": Fraction(2)}
    for name in "xyabf":
        if name in GIVEN:
            values[name] = RECIPES[name](*(values[giver] for giver in GIVEN[name]))
        if name == moved:
            values[name] += by
    return values["f"]


def slope_by(name):
    """Differ by steps that are exact: f is a polynomial of degree 2 in each number."""
    step = Fraction(1, 2)
    return (value_of_f(name, step) - value_of_f(name, -step)) / (2 * step)


def at_the_end():
    live = made(tape_ledger)
    live.set(step=7)
    return live


def test_the_last_column_holds_the_slopes_by_every_line():
    marks = of_kind(at_the_end(), Text)
    column = max(mark.x[0] for mark in marks)
    said = {mark.y[0]: mark.text for mark in marks if mark.x[0] == column}
    found = [said[y].split(" = ")[-1] for y in sorted(said, reverse=True)]
    assert found == [str(slope_by(name)) for name in "xyabf"]
    shares = [text for text in said.values() if "+" in text]
    assert shares == ["6 + 30 = 36", "9 + 6 = 15"]


def test_the_number_bet_on_is_the_slope_by_x():
    assert made(tape_ledger).question["number"] == slope_by("x")
    assert tape_ledger(predict=None).question == {}


def test_the_lines_are_written_one_by_one_with_their_slopes():
    live = made(tape_ledger)
    written = ["a = x · y = 6", "b = a + x = 9", "f = a · b = 54"]
    noted = ["2 by x and 3 by y", "1 by a and 1 by x", "9 by a and 6 by b"]
    for step, (line, slopes) in enumerate(zip(written, noted, strict=True), 1):
        live.set(step=step)
        assert live.caption == f"Written: {line}, with the slopes {slopes}."
        assert ORANGE not in {mark.stamp.get_color() for mark in of_kind(live, Text)}


def test_each_line_says_what_it_hands_on():
    live, said = made(tape_ledger), []
    for step in (5, 6, 7):
        live.set(step=step)
        said.append(live.caption)
    assert said == [
        "Line f holds 1 and hands on: 1 · 9 = 9 to a, 1 · 6 = 6 to b.",
        "Line b holds 6 and hands on: 6 · 1 = 6 to a, 6 · 1 = 6 to x.",
        "Line a holds 9 + 6 = 15 and hands on: 15 · 2 = 30 to x, 15 · 3 = 45 to y.",
    ]


def test_a_noted_slope_is_grey_until_its_line_has_handed_on():
    live = made(tape_ledger)
    waiting = {3: 3, 4: 3, 5: 2, 6: 1, 7: 0}
    for step, grey in waiting.items():
        live.set(step=step)
        noted = [m for m in of_kind(live, Text) if re.search(r"\d by [xyab]", m.text)]
        colors = [mark.stamp.get_color() for mark in noted]
        assert (colors.count(GREY), colors.count(ORANGE)) == (grey, 3 - grey)


def test_the_cursor_goes_down_and_then_climbs():
    live, places = made(tape_ledger), []
    for step in range(8):
        live.set(step=step)
        (dot,) = (m for m in of_kind(live, Line2D) if m.stamp.get_gid() == "grab step")
        places.append((dot.x[0], dot.y[0]))
    x, y = np.transpose(places)
    assert np.all(np.diff(y[:4]) < 0)
    assert y[4] == y[3]
    assert np.all(np.diff(y[5:]) > 0)
    assert len(set(x[:4])) == len(set(x[4:])) == 1
    assert x[0] < x[4]


def test_what_is_stored_of_the_ledger_is_its_start():
    live = tape_ledger()
    data = live._repr_mimebundle_()
    assert data["text/plain"] == "step = 0: Two numbers are given: x = 3 and y = 2."


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
    """Give the Jacobian of the first layers by complex steps, a column an input."""
    weights, x = layers(scale)
    a = x[:, None] + 1e-30j * np.eye(32)
    for W in weights[:depth]:
        a = BENDS[activation](W @ a)
    return a.imag / 1e-30


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
