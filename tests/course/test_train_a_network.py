"""The figures of lesson 11, against the training loop written out with layers."""

import re
from functools import cache

import numpy as np
import pytest
from reading import labels, line, lines

from chainrule_lessons import MSELoss, explorers
from chainrule_lessons.datasets import course_network, switches
from chainrule_lessons.explorers.train_a_network import PLACES, losses_by_rate
from chainrule_lessons.optim import SGD
from chainrule_lessons.plotting import BLUE, GREEN, GREY, INK

RATE_SAID = re.compile(
    r"Rate (\S+): the loss goes from (\S+) to (\S+) in 600 steps, "
    r"(?:below 1 after (\d+)|not below 1)\."
)
FILM_SAID = re.compile(
    r"Step (\d+): (\S+\[.*\]) = (\S+), loss (\S+), slope (\S+)\. "
    r"Its curve is lowest at (\S+)\."
)
film = cache(explorers.watch_weight)


@cache
def trained(rate, steps):
    """The weights and losses of every step, by the package's blocks."""
    net, (x, target), loss = course_network()[0], switches(), MSELoss("sum")
    optimizer = SGD(net.parameters(), lr=rate)
    weights, losses = [], []
    for _ in range(steps + 1):
        weights.append({n: own.data.copy() for n, own in net.named_parameters()})
        losses.append(loss(net(x), target))
        net.zero_grad()
        net.backward(loss.backward())
        optimizer.step()
    return weights, np.array(losses)


def loss_with(weights, name, index, value):
    """The loss of the 4-3-2 network with one entry changed, without any layer."""
    data = {n: own.copy() for n, own in weights.items()}
    data[name][index] = value
    x, target = switches()
    hidden = np.tanh(x @ data["0.weight"].T + data["0.bias"])
    output = np.tanh(hidden @ data["2.weight"].T + data["2.bias"])
    return ((output - target) ** 2).sum()


def at(step, entry=("0.weight", (0, 0)), turn=0.0):
    live = film()
    live.set(step=step, entry=entry, turn=turn)
    return live


@pytest.mark.parametrize("rate", [0.0025, 0.02, 0.04, 0.08])
def test_training_side_by_side_is_the_loop(rate):
    found = losses_by_rate([0.01, rate], 600)[1]
    np.testing.assert_allclose(found, trained(rate, 600)[1], rtol=1e-6)


@pytest.mark.parametrize("rate", [0.0025, 0.01, 0.02, 0.03, 0.04, 0.08])
def test_a_rate_says_when_it_has_learned(rate):
    live = explorers.learning_rate()
    live.set(rate=rate)
    losses = trained(rate, 600)[1]
    below = next((i for i, loss in enumerate(losses) if loss < 1), None)
    said = RATE_SAID.fullmatch(live.caption).groups()
    assert float(said[0]) == pytest.approx(rate, rel=5e-3)
    assert float(said[1]) == pytest.approx(losses[0], abs=6e-4)
    assert float(said[2]) == pytest.approx(losses[-1], abs=6e-4)
    assert said[3] == (None if below is None else str(below))


def test_the_curve_of_a_rate_is_drawn_and_its_dot_lies_on_it():
    live = explorers.learning_rate()
    live.set(rate=0.04)
    (still,) = live.figure.axes[0].lines
    np.testing.assert_allclose(still.get_ydata(), trained(0.02, 600)[1], rtol=1e-6)
    heights = line(live, INK)[:, 1]
    np.testing.assert_allclose(heights, trained(0.04, 600)[1], rtol=1e-6)
    ((step, height),) = line(live, GREEN, "None").tolist()
    assert trained(0.04, 600)[1][int(step)] == pytest.approx(height)
    assert height < 1 < trained(0.04, 600)[1][int(step) - 1]


def test_a_rate_that_does_not_learn_has_no_dot():
    live = explorers.learning_rate()
    live.set(rate=0.08)
    assert lines(live, GREEN) == []
    assert labels(live) == ["grey: rate 0.02"]


def test_a_rate_between_two_places_is_trained_as_well():
    live = explorers.learning_rate()
    assert live.sliders["rate"].index(0.021) == -1
    live.set(rate=0.021)
    assert f"to {trained(0.021, 600)[1][-1]:.3f} in" in live.caption


@pytest.mark.parametrize("step", [0, 20, 100, 248, 400])
@pytest.mark.parametrize("turn", [-2.0, 0.0, 0.7])
@pytest.mark.parametrize(
    "entry", [("0.weight", (0, 0)), ("0.bias", (2,)), ("2.weight", (1, 1))]
)
def test_the_film_says_weight_loss_and_slope(step, turn, entry):
    weights = trained(0.02, 400)[0][step]
    value = weights[entry[0]][entry[1]] + turn
    up, down = (loss_with(weights, *entry, value + h) for h in (1e-5, -1e-5))
    said = FILM_SAID.fullmatch(at(step, entry, turn).caption).groups()
    assert int(said[0]) == step
    assert said[1] == f"{entry[0]}[{', '.join(map(str, entry[1]))}]"
    assert float(said[2]) == pytest.approx(value, abs=6e-3)
    assert float(said[3]) == pytest.approx(loss_with(weights, *entry, value), abs=6e-4)
    assert float(said[4]) == pytest.approx((up - down) / 2e-5, abs=6e-4)


@pytest.mark.parametrize("step", [0, 248, 400])
def test_the_film_draws_the_curve_now_and_before_training(step):
    entry = ("0.weight", (0, 0))
    live = at(step, entry, 0.5)
    first, _ = lines(live, GREY)
    for drawn, moment in ((first, 0), (line(live, INK), step)):
        weights = trained(0.02, 400)[0][moment]
        expected = [loss_with(weights, *entry, place) for place in PLACES]
        np.testing.assert_allclose(drawn.T, [PLACES, expected], rtol=1e-6)
    slope, lowest = map(float, FILM_SAID.fullmatch(live.caption).groups()[4:])
    assert lowest == pytest.approx(PLACES[np.argmin(expected)], abs=6e-3)
    ((x, y),) = line(live, BLUE, "None")
    assert y == pytest.approx(loss_with(weights, *entry, x), rel=1e-6)
    ((along, rise),) = np.diff(line(live, BLUE, "--"), axis=0)
    assert rise / along == pytest.approx(slope, abs=6e-4)


def test_the_film_draws_the_way_of_the_weight():
    live = at(100)
    weights, losses = trained(0.02, 400)
    expected = [w["0.weight"][0, 0] for w in weights[:101]], losses[:101]
    np.testing.assert_allclose(lines(live, GREY)[1].T, expected, rtol=1e-6)
    (still,) = live.figure.axes[0].lines
    np.testing.assert_allclose(still.get_ydata(), losses, rtol=1e-6)
    (moment,) = line(live, INK, "None")
    assert moment == pytest.approx([100, losses[100]])


def test_every_weight_and_bias_has_a_film():
    assert len(film().sliders["entry"].places) == 4 * 3 + 3 * 2 + 3 + 2
