"""The chain microscope, against the package's backward pass and plain arithmetic."""

import re
from functools import cache
from math import exp, prod, tanh

import numpy as np
import pytest

from chainrule_lessons.explorers import microscope
from chainrule_lessons.explorers.descent import course_network
from chainrule_lessons.explorers.factors import Stack, Weight, ledger, six_layers
from chainrule_lessons.losses import MSELoss

made = cache(microscope)
CHAIN = (2, -1.5, 1.5, -2, 1.5, 2)
TURNS = (-3.0, 0.0, 3.0)
SAID = re.compile(
    r"(Two|Six) layers, layer (\d) \[(\d), (\d)\] = (\S+): "
    r"product (\S+), measured (\S+)\. Loss (\S+)\."
)


def places():
    return made().sliders["weight"].places


def at(choice, turn=0.0):
    live = made()
    live.set(weight=choice, turn=turn)
    return live


def two_by_hand(weight, turn):
    """Loss and slope of a 4-3-2 network by loops over its paths."""
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
    blame = [2 * (output[k] - target[k]) * (1 - output[k] ** 2) for k in range(2)]
    _, j, i = weight
    if weight.layer == 1:
        return loss, blame[j] * hidden[i]
    paths = sum(blame[k] * layers[1][k][j] for k in range(2))
    return loss, paths * (1 - hidden[j] ** 2) * x[i]


def six_by_hand(weight, turn):
    """Loss and slope of the chain, as one product."""
    w = [own + turn * (i == weight.layer) for i, own in enumerate(CHAIN)]
    a = [1.0]
    for own in w:
        a.append(1 / (1 + exp(-own * a[-1])))
    bends = [s * (1 - s) for s in a[1:]]
    first = weight.layer
    return a[-1] ** 2, 2 * a[-1] * prod(bends[first:]) * prod(w[first + 1 :]) * a[first]


BY_HAND = {"Two": two_by_hand, "Six": six_by_hand}


def test_every_weight_of_both_networks_can_be_chosen():
    assert len(places()) == 4 * 3 + 3 * 2 + 6
    assert len(set(places())) == len(places())


@pytest.mark.parametrize("turn", TURNS)
@pytest.mark.parametrize("index", range(24))
def test_the_product_and_the_measured_slope_agree_with_paths_by_hand(index, turn):
    depth, weight = places()[index]
    said = SAID.fullmatch(at((depth, weight), turn).caption).groups()
    assert said[0] == depth
    assert tuple(map(int, said[1:4])) == (weight.layer + 1, weight.row, weight.column)
    loss, slope = BY_HAND[depth](weight, turn)
    assert float(said[5]) == pytest.approx(slope, rel=6e-3, abs=1e-12)
    assert float(said[6]) == pytest.approx(slope, rel=6e-3, abs=1e-9)
    assert float(said[7]) == pytest.approx(loss, abs=6e-4)


@pytest.mark.parametrize(
    ("build", "depth"), [(course_network, "Two"), (six_layers, "Six")]
)
def test_the_ledger_is_the_backward_pass(build, depth):
    net, x, target = build()
    loss = MSELoss("sum")
    loss(net(x), target)
    net.backward(loss.backward())
    slopes = [net[2 * i].weight.grad for i in range(len(net) // 2)]
    for which, weight in places():
        if which == depth:
            found = ledger(Stack(net, x, target), weight).running()[-1]
            own = slopes[weight.layer][weight.row, weight.column]
            assert found == pytest.approx(own, rel=1e-12)


@pytest.mark.parametrize("index", [0, 11, 12, 17, 18, 23])
def test_every_bar_is_the_one_before_times_its_number(index):
    choice = places()[index]
    live = at(choice)
    lines = [a for a in live._artists if hasattr(a, "get_data")]
    log = [a for a in lines if a.axes.get_yscale() == "log" and a.get_linewidth() < 20]
    tops = np.concatenate([a.get_ydata().reshape(-1, 3)[:, 1] for a in log])
    found = ledger(
        Stack(*(course_network, six_layers)[choice[0] == "Six"]()), choice[1]
    )
    paths, each = found.paths.shape
    after = np.abs(found.paths.prod(axis=1).sum() * found.bend)
    expected = [abs(prod(path[: i + 1])) for path in found.paths for i in range(each)]
    expected += [after, after * abs(found.input)]
    np.testing.assert_allclose(tops, expected, rtol=1e-9)
    assert paths == (2 if choice[0] == "Two" and choice[1].layer == 0 else 1)


def test_the_numbers_on_the_network_are_the_local_slopes():
    live = at(("Six", Weight(0, 0, 0)))
    network = [
        a.get_text()
        for a in live._artists
        if hasattr(a, "get_text") and not a.axes.axison and a.get_text()
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
    live = at(("Two", Weight(1, 0, 0)), 1.0)
    curve = next(
        a for a in live._artists if a.axes.get_xlabel() == "change of the weight"
    )
    dashed = [a for a in live._artists if a.axes is curve.axes and a.is_dashed()]
    x, y = dashed[0].get_data()
    slope = two_by_hand(Weight(1, 0, 0), 1.0)[1]
    assert np.diff(y)[0] / np.diff(x)[0] == pytest.approx(slope, rel=1e-9)


def test_the_curve_runs_through_the_losses():
    live = at(("Two", Weight(0, 1, 2)))
    lines = [a for a in live._artists if a.axes.get_xlabel() == "change of the weight"]
    turns, losses = lines[0].get_data()
    for i in (0, 30, 60):
        expected = two_by_hand(Weight(0, 1, 2), turns[i])[0]
        assert losses[i] == pytest.approx(expected, rel=1e-12)


def test_the_networks_that_come_in_stay_as_they_are():
    net, x, target = course_network()
    stack = Stack(net, x, target)
    stack.loss_at(Weight(0, 0, 0), 5.0)
    assert stack.at(Weight(0, 0, 0)) == net[0].weight.data[0, 0]
    with stack.turned(Weight(1, 1, 2), 7.0):
        assert stack.at(Weight(1, 1, 2)) == 7.0
    assert stack.at(Weight(1, 1, 2)) == net[2].weight.data[1, 2] != 7.0
