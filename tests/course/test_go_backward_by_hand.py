"""The figures of lesson 8 and the numbers under them.

The oracle is loops and differences written out here, without any layer.
"""

import math
import re

import numpy as np
import pytest
from matplotlib.patches import Polygon
from reading import decimals, labels, of_kind

from chainrule_lessons import explorers
from chainrule_lessons.explorers.go_backward_by_hand import (
    course_data,
    slopes_back,
    values_forward,
)

rng = np.random.default_rng(432)
DRAWN = {  # as Linear draws them: within 1/√inputs, the first layer first
    "W1": rng.uniform(-1 / 2, 1 / 2, (3, 4)),
    "b1": rng.uniform(-1 / 2, 1 / 2, 3),
    "W2": rng.uniform(-1 / math.sqrt(3), 1 / math.sqrt(3), (2, 3)),
    "b2": rng.uniform(-1 / math.sqrt(3), 1 / math.sqrt(3), 2),
    "x": rng.normal(size=4),
    "t": rng.uniform(-1, 1, size=2),
}


def neurons(weights, biases, inputs):
    return [
        math.tanh(sum(w * a for w, a in zip(row, inputs, strict=True)) + bias)
        for row, bias in zip(weights, biases, strict=True)
    ]


def loss(W1, b1, W2, b2, x, t):
    outputs = neurons(W2, b2, neurons(W1, b1, x))
    return sum((a - goal) ** 2 for a, goal in zip(outputs, t, strict=True))


def measured(name, index, h=1e-5):
    """Richardson's two central differences: the error falls as h to the fourth."""

    def moved(step):
        changed = DRAWN[name].copy()
        changed[index] += step
        return loss(**DRAWN | {name: changed})

    def central(h):
        return (moved(h) - moved(-h)) / (2 * h)

    return (4 * central(h) - central(2 * h)) / 3


@pytest.fixture(scope="module")
def network():
    data = course_data()
    data |= values_forward(data)
    return data | slopes_back(data)


@pytest.mark.parametrize("name", DRAWN)
def test_data_are_those_of_every_lesson(network, name):
    assert network[name] == pytest.approx(DRAWN[name], rel=1e-12)


def test_values_are_those_of_loops(network):
    hidden = neurons(DRAWN["W1"], DRAWN["b1"], DRAWN["x"])
    outputs = neurons(DRAWN["W2"], DRAWN["b2"], hidden)
    assert network["a1"] == pytest.approx(hidden, rel=1e-12)
    assert network["a2"] == pytest.approx(outputs, rel=1e-12)
    assert np.arctanh(network["a1"]) == pytest.approx(network["z1"], rel=1e-12)
    assert np.arctanh(network["a2"]) == pytest.approx(network["z2"], rel=1e-12)
    assert float(network["L"]) == pytest.approx(loss(**DRAWN), rel=1e-12)


@pytest.mark.parametrize("name", ["W1", "b1", "W2", "b2"])
def test_slopes_are_the_measured_ones(network, name):
    slopes = network[f"by_{name}"]
    assert slopes.shape == DRAWN[name].shape
    for index in np.ndindex(slopes.shape):
        assert slopes[index] == pytest.approx(measured(name, index), abs=1e-9)


def test_slopes_by_the_activations(network):
    """A move of a hidden activation, and of an output, seen in the loss."""
    for j in range(3):
        hidden = list(network["a1"])
        moves = []
        for step in (1e-6, -1e-6):
            hidden[j] = network["a1"][j] + step
            outputs = neurons(DRAWN["W2"], DRAWN["b2"], hidden)
            moves.append(sum((np.array(outputs) - DRAWN["t"]) ** 2))
        assert network["by_a1"][j] == pytest.approx(-np.diff(moves)[0] / 2e-6, abs=1e-8)
    errors = network["a2"] - DRAWN["t"]
    assert network["by_a2"] == pytest.approx(errors + errors, rel=1e-12)


HIDDEN = neurons(DRAWN["W1"], DRAWN["b1"], DRAWN["x"])
OUTPUTS = neurons(DRAWN["W2"], DRAWN["b2"], HIDDEN)


def measured_all(name):
    return [measured(name, index) for index in np.ndindex(DRAWN[name].shape)]


SAID = {
    0: [],
    1: np.arctanh(HIDDEN),
    2: HIDDEN,
    3: np.arctanh(OUTPUTS),
    4: OUTPUTS,
    5: [np.sum((OUTPUTS - DRAWN["t"]) ** 2)],
    6: 2 * (OUTPUTS - DRAWN["t"]),
    7: measured_all("b2"),
    8: measured_all("W2"),
    9: measured_all("b1") / (1 - np.square(HIDDEN)),
    10: measured_all("b1"),
    11: [min(measured_all("W1")), max(measured_all("W1"))],
}


@pytest.fixture(scope="module")
def stepper():
    return explorers.backward_stepper()


def cells(stepper):
    """What stands in the cells, as the reader sees it."""
    return [
        float(text) for text in labels(stepper) if re.fullmatch(r"-?\d+\.\d\d", text)
    ]


@pytest.mark.parametrize("step", range(12))
def test_caption_says_what_the_step_finds(stepper, step):
    stepper.set(step=step)
    assert decimals(stepper.caption) == pytest.approx(SAID[step], abs=6e-5)
    way = "given" if step == 0 else "forward" if step < 6 else "backward"
    assert stepper.caption.startswith(f"Step {step} of 11, {way}: ")


@pytest.mark.parametrize(
    ("step", "filled"),
    [
        (0, 4 + 12 + 3 + 6 + 2 + 2),
        (1, 29 + 3),
        (5, 29 + 3 + 3 + 2 + 2 + 1),
        (7, 40 + 2 + 2 + 2),
        (11, 46 + 6 + 3 + 3 + 3 + 12),
    ],
)
def test_cells_fill_step_by_step(stepper, step, filled):
    stepper.set(step=step)
    assert len(cells(stepper)) == filled


def test_all_23_slopes_end_on_the_picture(stepper):
    stepper.set(step=11)
    shown = cells(stepper)
    for name in ("W1", "b1", "W2", "b2"):
        for slope in measured_all(name):
            assert min(abs(np.subtract(shown, slope))) < 6e-3


def frames(stepper):
    """How many blocks are framed, and how many are shaded."""
    shapes = [mark.stamp for mark in of_kind(stepper, Polygon)]
    framed = [p for p in shapes if p.get_edgecolor()[3] == 1]
    shaded = [p for p in shapes if p.get_facecolor()[3] > 0]
    return len(framed), len(shaded)


@pytest.mark.parametrize(
    ("step", "counts"), [(0, (0, 6)), (1, (1, 4)), (7, (2, 4)), (9, (1, 3))]
)
def test_what_is_found_is_framed_and_what_is_read_is_shaded(stepper, step, counts):
    stepper.set(step=step)
    assert frames(stepper) == counts


@pytest.fixture(scope="module")
def roads_figure():
    return explorers.hidden_bias()


@pytest.mark.parametrize("unit", [0, 1, 2])
def test_captions_walk_from_the_loss_to_the_bias(roads_figure, unit):
    hidden = neurons(DRAWN["W1"], DRAWN["b1"], DRAWN["x"])
    outputs = np.array(neurons(DRAWN["W2"], DRAWN["b2"], hidden))
    by_bias = [measured("b2", (k,)) for k in range(2)]
    roads = [by_bias[k] * DRAWN["W2"][k, unit] for k in range(2)]
    slope, bend = measured("b1", (unit,)), 1 - hidden[unit] ** 2
    said = [
        [*outputs, *DRAWN["t"], loss(**DRAWN)],
        2 * (outputs - DRAWN["t"]),
        by_bias,
        roads,
        [slope / bend],
        [bend, slope, slope],
    ]
    for step, expected in enumerate(said):
        roads_figure.set(step=step, unit=unit)
        assert decimals(roads_figure.caption) == pytest.approx(expected, abs=6e-5)
        assert roads_figure.caption.startswith(f"Unit {unit}, ")


@pytest.mark.parametrize("unit", [0, 1, 2])
def test_the_picture_shows_the_numbers_of_the_captions(roads_figure, unit):
    told = []
    for step in (1, 2, 3, 4, 5):
        roads_figure.set(step=step, unit=unit)
        told += decimals(roads_figure.caption)
    told[-3:] = told[-2:]  # without the slope of tanh, which stands in no label
    shown = [text for text in labels(roads_figure) if text.startswith(("by ", "road "))]
    shown = [number for text in shown for number in decimals(text)]
    assert sorted(shown) == pytest.approx(sorted(told), abs=6e-4)


def test_no_slope_is_shown_before_its_step(roads_figure):
    for step, seen in enumerate([0, 2, 4, 6, 7, 9]):
        roads_figure.set(step=step, unit=0)
        texts = labels(roads_figure)
        assert sum(text.startswith(("by ", "road ")) for text in texts) == seen


def test_a_prediction_locks_it():
    asked = explorers.hidden_bias(predict=("Which way?", ["up", "down"]))
    assert asked.question == {"text": "Which way?", "choices": ["up", "down"]}


def test_a_question_without_choices_is_refused():
    with pytest.raises(TypeError, match="predict must be a question and two choices"):
        explorers.hidden_bias(predict=("Which way?", []))
