"""The neuron of lesson 06, against sums written out one number at a time."""

import math
from itertools import product

import pytest
from matplotlib.text import Text
from reading import decimals, line, of_kind

from chainrule_lessons.explorers.neuron import neuron

SHUT = (-4, -3, -2, -1, 0, 1, 3)
OPEN = (2, 4, 5, 7, 8)


def logistic(z):
    """The sigmoid by way of tanh, which the explorer does not use."""
    return (1 + math.tanh(z / 2)) / 2


@pytest.fixture(scope="module")
def live():
    return neuron()


@pytest.mark.parametrize(
    ("weight", "bias"), list(product((-3.0, -0.1, 1.0, 3.0), (-8, 0, 8)))
)
def test_caption_of_a_neuron(live, weight, bias):
    live.set(weight=weight, bias=bias)
    error = sum(logistic(weight * x + bias) ** 2 for x in SHUT)
    error += sum((1 - logistic(weight * x + bias)) ** 2 for x in OPEN)
    exact = (-bias / weight, weight / 4, error)
    assert decimals(live.caption) == pytest.approx(exact, abs=0.0051)
    assert "-0.00" not in live.caption


@pytest.mark.parametrize("bias", [-8.0, 0.0, 8.0])
def test_without_a_weight_the_input_has_no_say(live, bias):
    live.set(weight=0.0, bias=bias)
    expected = f"Output {logistic(bias):.3f} whatever the temperature."
    assert live.caption.startswith(expected)
    assert len(line(live, "#d55e00")) == 0


def test_the_curve_and_its_tangent(live):
    live.set(weight=1.5, bias=-3.0)
    for x, y in line(live, "#222222"):
        assert y == pytest.approx(logistic(1.5 * x - 3), abs=1e-12)
    (x0, y0), (x1, y1) = line(live, "#d55e00")
    assert ((x0 + x1) / 2, (y0 + y1) / 2) == pytest.approx((2, 0.5))
    h = 1e-5
    measured = (logistic(1.5 * h) - logistic(-1.5 * h)) / (2 * h)
    assert (y1 - y0) / (x1 - x0) == pytest.approx(measured, rel=1e-8)


def test_grey_lines_are_the_errors(live):
    live.set(weight=1.0, bias=-2.0)
    drawn = line(live, "#8a8a8a").reshape(12, 3, 2)
    for (x, seen), (same, output), (_, gap) in drawn:
        assert x == same
        assert seen == (x in OPEN)
        assert output == pytest.approx(logistic(x - 2))
        assert math.isnan(gap)


def test_the_prediction_locks_the_sliders():
    assert neuron(predict=("Which way?", ["left", "right"])).prediction == ""


def test_the_readout_stays_inside_the_figure(live):
    live.set(weight=-3.0, bias=8.0)
    (readout,) = of_kind(live, Text)
    assert readout.get_text() == "slope -0.750"
    assert readout.get_window_extent().y1 <= live.figure.bbox.height
