"""The figures of lesson 5, against closed forms written out here."""

import numpy as np
import pytest
from reading import decimals, line

from chainrule_lessons import Linear, MSELoss, Sequential, Sigmoid, explorers
from chainrule_lessons.plotting import BLUE, INK


def chain(w, v):
    """Loss of the worked chain and its slope by the first weight."""
    y = 1 / (1 + np.exp(-(2 * w + 3 * v - 15)))
    return (20 * y - 10) ** 2, 2 * (20 * y - 10) * 20 * y * (1 - y) * 2


def walk(slope, place, rate, steps):
    for _ in range(steps):
        place = place - rate * slope(place)
    return place


@pytest.fixture(scope="module")
def curve():
    return explorers.loss_curve()


@pytest.mark.parametrize("weight", [-2.0, 1.0, 4.0])
@pytest.mark.parametrize("other", [2.0, 5.0, 8.0])
def test_curve_says_loss_slope_and_next_place(curve, weight, other):
    curve.set(weight=weight, other=other, rate=0.003, steps=0)
    loss, slope = chain(weight, other)
    said = decimals(curve.caption)
    assert said == pytest.approx(
        [loss, weight, slope, weight - 0.003 * slope], abs=6e-3
    )


@pytest.mark.parametrize("rate", [0.00003, 0.003, 0.3])
@pytest.mark.parametrize("steps", [1, 10, 20])
def test_curve_walks_downhill(curve, rate, steps):
    curve.set(weight=1.0, other=5.0, rate=rate, steps=steps)
    end = walk(lambda w: chain(w, 5)[1], 1.0, rate, steps)
    assert curve.caption.startswith(f"After {steps} step")
    assert decimals(curve.caption)[:2] == pytest.approx(
        [chain(end, 5)[0], end], abs=6e-3
    )


def test_curve_draws_what_it_says(curve):
    curve.set(weight=0.4, other=5.6, rate=0.003, steps=0)
    x, y = line(curve, INK).T
    assert y == pytest.approx(chain(x, 5.6)[0], rel=1e-9)
    (dot,) = line(curve, BLUE, "None")
    assert dot == pytest.approx([0.4, chain(0.4, 5.6)[0]])


def test_curve_leaves_the_network_alone():
    net = Sequential(Linear(2, 1, weight=[3, 4], bias=[0]), Sigmoid())
    before = [own.data.copy() for own in net.parameters()]
    live = explorers.loss_curve(net, x=[[1.0, 2.0]], target=[[0.5]], reach=2)
    live.set(weight=4.0, other=2.0, steps=5)
    for own, old in zip(net.parameters(), before, strict=True):
        assert (own.data == old).all()
        assert not own.grad.any()


def test_a_weight_that_is_not_there():
    with pytest.raises(IndexError, match="index must pick one entry of shape"):
        explorers.loss_curve(weight=("0.weight", (1, 0)))
    with pytest.raises(ValueError, match="parameter must be one of the network's"):
        explorers.loss_curve(weight=("1.weight", (0, 0)))


@pytest.mark.parametrize("start", [-3.8, 0.0, 2.0, 3.8])
@pytest.mark.parametrize(("rate", "steps"), [(0.0005, 20), (0.05, 0), (0.05, 20)])
def test_valleys(start, rate, steps):
    live = explorers.valleys()
    live.set(start=start, rate=rate, steps=steps)
    end = walk(lambda w: 0.2 * w + 3 * np.cos(3 * w), start, rate, steps)
    said = decimals(live.caption)[:2]
    assert said == pytest.approx([1 + end**2 / 10 + np.sin(3 * end), end], abs=6e-3)


@pytest.mark.parametrize("w1", [-1.0, 3.0, 4.0])
@pytest.mark.parametrize("w2", [-1.0, 1.0, 3.0])
def test_two_links(w1, w2):
    live = explorers.two_links()
    live.set(first=w1, second=w2)
    error = w1 * w2 - 2
    expected = [error**2, w1, w2, 2 * error * w2, 2 * error * w1]
    assert decimals(live.caption) == pytest.approx(expected, abs=6e-3)


@pytest.mark.parametrize(("w", "b"), [(-1.0, -3.0), (0.0, 1.0), (4.0, 2.0)])
def test_landscape_of_a_neuron(w, b):
    x = np.arange(-2.0, 3.0)
    off = np.tanh(w * x + b) - np.tanh(1.5 * x - 0.5)
    inner = 2 * off * (1 - np.tanh(w * x + b) ** 2)
    live = explorers.loss_landscape()
    live.set(first=w, second=b)
    expected = [(off**2).mean(), w, b, (inner * x).mean(), inner.mean()]
    assert decimals(live.caption) == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("explorer", [explorers.loss_landscape, explorers.two_links])
def test_a_descent_that_diverges_stops(explorer):
    live = explorer()
    rates = live.sliders["rate"].places
    live.set(rate=rates[-1], steps=20)
    assert "nan" not in live.caption
    assert "inf" not in live.caption


def course_loss(name, index, value):
    """Loss of the 4-3-2 network with one entry changed, without any layer."""
    rng = np.random.default_rng(432)
    data = {}
    for layer, (rows, columns) in {"0": (3, 4), "2": (2, 3)}.items():
        bound = 1 / np.sqrt(columns)
        data[f"{layer}.weight"] = rng.uniform(-bound, bound, (rows, columns))
        data[f"{layer}.bias"] = rng.uniform(-bound, bound, rows)
    x, target = rng.normal(size=4), rng.uniform(-1, 1, size=2)
    data[name][index] = value
    hidden = np.tanh(data["0.weight"] @ x + data["0.bias"])
    return ((np.tanh(data["2.weight"] @ hidden + data["2.bias"]) - target) ** 2).sum()


@pytest.mark.parametrize("weight", [-3.0, 0.0, 3.0])
@pytest.mark.parametrize(
    "entry", [("0.weight", (0, 0)), ("0.bias", (2,)), ("2.weight", (1, 2))]
)
def test_any_weight(entry, weight):
    live = explorers.any_weight()
    live.set(entry=entry, weight=weight)
    slope = (
        course_loss(*entry, weight + 1e-5) - course_loss(*entry, weight - 1e-5)
    ) / 2e-5
    loss, at, *slopes = decimals(live.caption)
    assert (loss, at) == pytest.approx((course_loss(*entry, weight), weight), abs=6e-4)
    assert slopes == pytest.approx([slope, slope], abs=6e-5)


def test_any_weight_lists_all_23():
    assert len(explorers.any_weight().sliders["entry"].places) == 4 * 3 + 3 * 2 + 3 + 2


def test_any_weight_of_another_network():
    net = Sequential(Linear(2, 2, rng=0), Sigmoid(), Linear(2, 1, rng=1))
    live = explorers.any_weight(net, MSELoss(), [[1.0, 2.0]], [[0.0]])
    assert len(live.sliders["entry"].places) == 9
