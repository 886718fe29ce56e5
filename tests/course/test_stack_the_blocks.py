"""The figures of lesson 09, against the chain rule by hand, number by number."""

import re
from functools import cache
from math import exp, prod

import numpy as np
import pytest
from reading import decimals, labels, line, numbers

from chainrule_lessons.charts import BLUE, GREY, ORANGE
from chainrule_lessons.explorers import microscope, pass_back, reuse, worse_answer

made = cache(lambda figure: figure())


def at(figure, **values):
    live = made(figure)
    live.set(**values)
    return live


# The worked chain


def by_hand(bias=-15.0):
    """The answer, the loss and its slopes, one number at a time."""
    z = 1 * 2 + 5 * 3 + bias
    a = 1 / (1 + exp(-z))
    y = 20 * a
    by_y = 2 * (y - 10)
    by_a = by_y * 20
    by_z = by_a * a * (1 - a)
    return y, (y - 10) ** 2, by_y, by_a, by_z, by_y * a


@pytest.mark.parametrize("bias", [-20.0, -17.5, -15.0, -13.0, -12.0])
def test_a_worse_answer_is_told_with_its_slope(bias):
    y, loss, *_, by_z, _ = by_hand(bias)
    live = at(worse_answer, bias=bias)
    assert numbers(live.caption) == pytest.approx([bias, y, loss, by_z], abs=6e-4)
    (low, _), (high, _) = line(live, GREY)
    assert high - low == pytest.approx(6 * loss / 100)  # six units for 100
    (zero, _), (end, _) = line(live, ORANGE)
    assert end - zero == pytest.approx(3 * by_z / 40)


def test_the_bet_is_decided_by_the_figure():
    _, before, *_, steep, _ = by_hand(-15.0)
    _, after, *_, flat, _ = by_hand(-13.0)
    assert after > before
    assert flat < steep
    question = made(worse_answer).question
    told = dict(zip(question["choices"], question["sentences"], strict=True))
    assert told["shrink"].startswith("Right")
    for sentence in told.values():
        assert decimals(sentence) == [round(steep, 2), round(flat, 2)]


def test_each_step_tells_the_slope_that_passes():
    _, _, by_y, by_a, by_z, by_w = by_hand()
    told = [decimals(at(pass_back, step=step).caption) for step in range(1, 5)]
    assert told[0][-1] == pytest.approx(by_y, abs=6e-4)
    assert told[1][0] == told[0][-1]
    assert told[1][3] == pytest.approx(by_w, abs=6e-4)
    assert told[1][-1] == pytest.approx(by_a, abs=6e-4)
    assert told[2][-1] == pytest.approx(by_z, abs=6e-4)
    assert told[3][0] == told[2][-1]


def test_what_stays_and_what_passes_is_written_once_its_block_was_asked():
    _, _, by_y, by_a, by_z, by_w = by_hand()
    expected = [
        {f"{by_y:.2f}"},
        {f"{by_a:.2f}", f"slope by w: {by_w:.2f}"},
        {f"{by_z:.2f}"},
        {f"{by_z:.2f}, {5 * by_z:.2f}"}
        | {f"slope by w₁: {2 * by_z:.2f}", f"slope by w₂: {3 * by_z:.2f}"}
        | {f"slope by b: {by_z:.2f}"},
    ]
    for step in range(5):
        written = set(labels(at(pass_back, step=step)))
        for after, texts in enumerate(expected, 1):
            assert (texts <= written) == (step >= after)


# The staircase of factors

LOW = "₀₁₂₃₄₅₆"


def rows(live):
    """The names in the cells, row by row from the top, left to right."""
    cells = sorted((-m.y[0], m.x[0], m.text) for m in live.marks if m.text)
    heights = sorted({height for height, _, _ in cells})
    return [[text for y, _, text in cells if y == height] for height in heights]


@pytest.mark.parametrize("depth", [2, 4, 6])
def test_every_row_is_a_chain_from_the_loss_to_the_weights(depth):
    written = rows(at(reuse, depth=depth))
    assert len(written) == depth
    for layer, (name, *factors) in zip(range(depth, 0, -1), written, strict=True):
        assert name == f"∂L/∂θ{LOW[layer]} ="
        ends = [factor.split("/") for factor in factors]
        assert ends[0][0] == "∂L"
        assert ends[-1][1] == f"∂θ{LOW[layer]}"
        links = zip(ends[:-1], ends[1:], strict=True)
        assert all(before[1] == after[0] for before, after in links)


@pytest.mark.parametrize("depth", [2, 4, 6])
def test_the_caption_counts_the_products(depth):
    live = at(reuse, depth=depth)
    full = sum(len(factors) - 2 for factors in rows(live))  # n factors, n - 1 products
    # Reused: a new orange factor and the blue one; the first row has its blue alone.
    once = 1 + 2 * (depth - 1)
    assert live.caption == (
        f"{depth} layers, {depth} slopes: {full} products written out, "
        f"{once} with the boxes reused."
    )


# The microscope

CHAIN = (2, -1.5, 1.5, -2, 1.5, 2)
SAID = re.compile(
    r"Layer (\d), weight (\S+): product (\S+), measured (\S+)\. Loss (\S+)\."
)


def road(layer, turn):
    """The loss of the chain, and the factors from it to the weight of a layer."""
    w = [own + turn * (k == layer) for k, own in enumerate(CHAIN, 1)]
    a = [1.0]
    for own in w:
        a.append(1 / (1 + exp(-own * a[-1])))
    path = [2, a[6]]
    for k in range(6, layer, -1):
        path += [a[k] * (1 - a[k]), w[k - 1]]
    return a[6] ** 2, [*path, a[layer] * (1 - a[layer]), a[layer - 1]]


@pytest.mark.parametrize("turn", [-3.0, 0.0, 0.7, 3.0])
@pytest.mark.parametrize("layer", range(1, 7))
def test_product_and_measured_slope_agree_with_the_road(layer, turn):
    live = at(microscope, layer=layer, turn=turn)
    said = [float(number) for number in SAID.fullmatch(live.caption).groups()]
    loss, path = road(layer, turn)
    assert said[0] == layer
    assert said[1] == pytest.approx(CHAIN[layer - 1] + turn, abs=6e-3)
    assert said[2:4] == pytest.approx([prod(path)] * 2, rel=6e-3)
    assert said[4] == pytest.approx(loss, abs=6e-4)


@pytest.mark.parametrize("layer", [1, 4, 6])
def test_every_row_has_its_two_factors_and_the_product_so_far(layer):
    live = at(microscope, layer=layer, turn=0.0)
    _, path = road(layer, 0.0)
    pairs = [label for label in labels(live) if " · " in label]
    assert len(pairs) == len(path) / 2
    for pair, *two in zip(pairs[1:], path[2::2], path[3::2], strict=True):
        assert decimals(pair) == pytest.approx(two, abs=6e-3)
    so_far = [f"{product:.3g}" for product in np.cumprod(path)[1::2]]
    assert set(so_far) <= set(labels(live))


def test_the_way_is_lit_down_to_the_weight():
    live = at(microscope, layer=3, turn=0.0)
    (own,) = [m for m in live.marks if not m.text and m.stamp.get_linestyle() == "--"]
    assert own.stamp.get_color() == BLUE
    assert sorted(own.y) == [2, 3]
    orange = [m.y for m in live.marks if not m.text and m.stamp.get_color() == ORANGE]
    assert [3, 7] in [sorted(y) for y in orange]


def test_the_bet_on_fading_is_right():
    first, last = (abs(prod(road(layer, 0.0)[1])) for layer in (1, 6))
    assert first / last < 1 / 200
    (right,) = [s for s in made(microscope).question["sentences"] if "Right" in s]
    assert decimals(right) == [round(last, 3), round(first, 4)]
