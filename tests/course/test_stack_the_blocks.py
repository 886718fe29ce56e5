"""The figures of lesson 9, against the chain rule by hand, number by number."""

import re
from functools import cache
from math import exp, prod, tanh

import numpy as np
import pytest
from matplotlib.lines import Line2D
from reading import labels, line, lines, numbers, of_kind

from chainrule_lessons.charts import BLUE, INK, ORANGE
from chainrule_lessons.datasets import course_network
from chainrule_lessons.explorers import microscope, pass_back, reuse
from chainrule_lessons.factors import Weight

made = cache(lambda figure: figure())


def at(figure, **values):
    live = made(figure)
    live.set(**values)
    return live


# The chain of blocks


def by_hand(target, bias):
    """The loss and its slopes, one number at a time."""
    z = 1 * 2 + 5 * 3 + bias
    a = 1 / (1 + exp(-z))
    y = 20 * a
    by_y = 2 * (y - target)
    by_a = by_y * 20
    by_z = by_a * a * (1 - a)
    return (y - target) ** 2, by_y, by_a, by_z, by_y * a


PLACES = [(t, b) for t in (0.0, 10.0, 20.0) for b in (-20.0, -15.0, -12.0)]


@pytest.mark.parametrize(("target", "bias"), PLACES)
def test_the_caption_tells_the_slopes_on_the_way_back(target, bias):
    said = numbers(at(pass_back, target=target, bias=bias).caption)
    assert said == pytest.approx(by_hand(target, bias)[:4], abs=6e-4)


@pytest.mark.parametrize(("target", "bias"), PLACES)
def test_the_labels_tell_what_stays_in_each_block(target, bias):
    _, _, _, by_z, by_w = by_hand(target, bias)
    expected = {"w₁": 2 * by_z, "w₂": 3 * by_z, "b": by_z, "w": by_w}
    for text in labels(at(pass_back, target=target, bias=bias)):
        if ": " in text:
            name, number = text.split(": ")
            assert float(number) == pytest.approx(expected.pop(name), rel=1e-3)
    assert not expected


@pytest.mark.parametrize(("target", "bias"), PLACES)
def test_every_bar_is_as_high_as_its_slope(target, bias):
    live = at(pass_back, target=target, bias=bias)
    low, high = line(live, ORANGE)[:, 1].reshape(3, 3)[:, :2].T
    _, by_y, by_a, by_z, _ = by_hand(target, bias)
    rises = (high - low) * by_a / (high - low)[1]
    np.testing.assert_allclose(rises, [by_z, by_a, by_y], rtol=1e-9)
    bottom, top = live.figure.axes[0].get_ylim()
    assert bottom < min(high)
    assert max(high) < top - 2  # clear of the boxes


def test_the_worked_chain_has_the_printed_numbers():
    assert pass_back().caption == (
        "Loss 58.003. Slopes on the way back: 15.232, then 304.638, then 31.985."
    )


def test_predict_locks_the_chain():
    live = pass_back(predict=("Largest?", ["here", "there"]))
    assert live.question["choices"] == ["here", "there"]


def test_predict_without_choices_is_refused():
    with pytest.raises((TypeError, ValueError), match="predict"):
        pass_back(predict=("Largest?", []))


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
TURNS = (-3.0, 0.0, 3.0)
SAID = re.compile(
    r"(Two|Six) layers, layer (\d) \[(\d), (\d)\] = (\S+): "
    r"product (\S+), measured (\S+)\. Loss (\S+)\."
)
CURVE, NETWORK, CHECK, BARS = range(4)


def weights():
    return made(microscope).sliders["weight"].places


def view(live, number):
    """The axes of one of the four views."""
    return live.figure.axes[number]


def two_by_hand(weight, turn):
    """Loss and slope of a 4-3-2 network by loops over its paths, and the factors."""
    net, x, target = course_network()
    layers = [net[0].weight.data.copy(), net[2].weight.data.copy()]
    layers[weight.layer][weight.row, weight.column] += turn
    biases = [net[0].bias.data, net[2].bias.data]
    hidden = [
        tanh(sum(layers[0][j][i] * x[i] for i in range(4)) + biases[0][j])
        for j in range(3)
    ]
    output = [
        tanh(sum(layers[1][k][j] * hidden[j] for j in range(3)) + biases[1][k])
        for k in range(2)
    ]
    loss = sum((output[k] - target[k]) ** 2 for k in range(2))
    gaps = [2 * (output[k] - target[k]) for k in range(2)]
    bends = [1 - output[k] ** 2 for k in range(2)]
    _, j, i = weight
    if weight.layer == 1:
        return loss, [[gaps[j]]], [bends[j], hidden[i]]
    paths = [[gaps[k], bends[k], layers[1][k][j]] for k in range(2)]
    return loss, paths, [1 - hidden[j] ** 2, x[i]]


def six_by_hand(weight, turn):
    """Loss of the chain, and the factors of its one path."""
    w = [own + turn * (i == weight.layer) for i, own in enumerate(CHAIN)]
    a = [1.0]
    for own in w:
        a.append(1 / (1 + exp(-own * a[-1])))
    path = [2 * a[6]]
    for layer in range(6, weight.layer + 1, -1):
        path += [a[layer] * (1 - a[layer]), w[layer - 1]]
    first = a[weight.layer + 1]
    return a[6] ** 2, [path], [first * (1 - first), a[weight.layer]]


BY_HAND = {"Two": two_by_hand, "Six": six_by_hand}


def slope_by_hand(depth, weight, turn):
    _, paths, shared = BY_HAND[depth](weight, turn)
    return sum(map(prod, paths)) * prod(shared)


def test_every_weight_of_both_networks_can_be_chosen():
    assert len(weights()) == 4 * 3 + 3 * 2 + 6
    assert len(set(weights())) == len(weights())


@pytest.mark.parametrize("turn", TURNS)
@pytest.mark.parametrize("index", range(24))
def test_the_product_and_the_measured_slope_agree_with_paths_by_hand(index, turn):
    depth, weight = weights()[index]
    live = at(microscope, weight=(depth, weight), turn=turn)
    said = SAID.fullmatch(live.caption).groups()
    assert said[0] == depth
    assert tuple(map(int, said[1:4])) == (weight.layer + 1, weight.row, weight.column)
    slope = slope_by_hand(depth, weight, turn)
    assert float(said[5]) == pytest.approx(slope, rel=6e-3, abs=1e-12)
    assert float(said[6]) == pytest.approx(slope, rel=6e-3, abs=1e-9)
    assert float(said[7]) == pytest.approx(BY_HAND[depth](weight, turn)[0], abs=6e-4)


@pytest.mark.parametrize("index", [0, 11, 12, 17, 18, 23])
def test_every_bar_is_the_one_before_times_its_number(index):
    depth, weight = weights()[index]
    live = at(microscope, weight=(depth, weight), turn=0.0)
    bars = [m for m in of_kind(live, Line2D) if m.stamp.axes is view(live, BARS)]
    tops = np.concatenate([mark.y.reshape(-1, 3)[:, 1] for mark in bars])
    _, paths, shared = BY_HAND[depth](weight, 0.0)
    expected = [prod(path[: i + 1]) for path in paths for i in range(len(path))]
    after = sum(map(prod, paths)) * shared[0]
    expected += [after, after * shared[1]]
    np.testing.assert_allclose(tops, np.abs(expected), rtol=1e-9)
    assert len(paths) == (2 if depth == "Two" and weight.layer == 0 else 1)


def test_the_numbers_on_the_network_are_the_local_slopes():
    live = at(microscope, weight=("Six", Weight(0, 0, 0)), turn=0.0)
    network = [
        mark.text
        for mark in live.marks
        if mark.text and mark.stamp.axes is view(live, NETWORK)
    ]
    a = [1.0]
    for w in CHAIN:
        a.append(1 / (1 + exp(-w * a[-1])))
    expected = [2 * a[6]]
    for layer in range(6, 0, -1):
        expected += [a[layer] * (1 - a[layer]), CHAIN[layer - 1]]
    expected[-1] = a[0]  # the first weight itself is left out; its input stands there
    assert [float(text) for text in network] == pytest.approx(expected, abs=0.0051)


def test_the_tangent_has_the_slope():
    weight = Weight(1, 0, 0)
    live = at(microscope, weight=("Two", weight), turn=1.0)
    run, rise = np.diff(lines(live, BLUE, "--")[0], axis=0)[0]
    assert rise / run == pytest.approx(slope_by_hand("Two", weight, 1.0), rel=1e-9)


def test_the_curve_runs_through_the_losses():
    weight = Weight(0, 1, 2)
    curve = line(at(microscope, weight=("Two", weight)), INK)
    for turn, loss in curve[[0, 30, 60]]:
        assert loss == pytest.approx(two_by_hand(weight, turn)[0], rel=1e-12)
