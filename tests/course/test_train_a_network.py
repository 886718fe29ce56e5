"""The figures of lesson 11, against the training loop written out with layers."""

import re
from functools import cache

import numpy as np
import pytest
from reading import labels, line, lines, made

from chainrule_lessons import MSELoss, explorers
from chainrule_lessons.datasets import course_network, load_digits, switches
from chainrule_lessons.exercises import check, solution
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
    return made(explorers.watch_weight, step=step, entry=entry, turn=turn)


@pytest.mark.parametrize("rate", [0.0025, 0.02, 0.04, 0.08])
def test_training_side_by_side_is_the_loop(rate):
    found = losses_by_rate([0.01, rate], 600)[1]
    np.testing.assert_allclose(found, trained(rate, 600)[1], rtol=1e-6)


@pytest.mark.parametrize("rate", [0.0025, 0.01, 0.02, 0.03, 0.04, 0.08])
def test_a_rate_says_when_it_has_learned(rate):
    live = made(explorers.learning_rate, rate=rate)
    losses = trained(rate, 600)[1]
    below = next((i for i, loss in enumerate(losses) if loss < 1), None)
    said = RATE_SAID.fullmatch(live.caption).groups()
    assert float(said[0]) == pytest.approx(rate, rel=5e-3)
    assert float(said[1]) == pytest.approx(losses[0], abs=6e-4)
    assert float(said[2]) == pytest.approx(losses[-1], abs=6e-4)
    assert said[3] == (None if below is None else str(below))


def test_the_curve_of_a_rate_is_drawn_and_its_dot_lies_on_it():
    live = made(explorers.learning_rate, rate=0.04)
    (still,) = live.figure.axes[0].lines
    np.testing.assert_allclose(still.get_ydata(), trained(0.02, 600)[1], rtol=1e-6)
    heights = line(live, INK)[:, 1]
    np.testing.assert_allclose(heights, trained(0.04, 600)[1], rtol=1e-6)
    ((step, height),) = line(live, GREEN, "None").tolist()
    assert trained(0.04, 600)[1][int(step)] == pytest.approx(height)
    assert height < 1 < trained(0.04, 600)[1][int(step) - 1]


def test_a_rate_that_does_not_learn_has_no_dot():
    live = made(explorers.learning_rate, rate=0.08)
    assert lines(live, GREEN) == []
    assert labels(live) == ["grey: rate 0.02"]


def test_a_rate_between_two_places_is_trained_as_well():
    live = made(explorers.learning_rate)
    assert live.sliders["rate"].index(0.021) == -1
    live.set(rate=0.021)
    assert f"to {trained(0.021, 600)[1][-1]:.3f} in" in live.caption


def stays_inside(live):
    live.png()
    written = [mark.set_down() for mark in live.marks if mark.text]
    # Words may begin on the very edge, which rounding moves by 1e-10 of a pixel.
    boxes = [
        (text.get_window_extent().padded(-1e-6), text.axes.bbox) for text in written
    ]
    return all(
        (outer.p0 <= box.p0).all() and (box.p1 <= outer.p1).all()
        for box, outer in boxes
    )


def test_the_words_of_a_rate_stay_in_the_picture():
    for rate in made(explorers.learning_rate).sliders["rate"].places:
        assert stays_inside(made(explorers.learning_rate, rate=rate)), rate


def test_the_words_of_the_film_stay_in_the_picture():
    for entry in at(0).sliders["entry"].places:
        assert stays_inside(at(40, entry)), entry


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
    assert len(at(0).sliders["entry"].places) == 4 * 3 + 3 * 2 + 3 + 2


# The reader's own training, from an empty cell

LOST = "hardly does better than guessing"
SAME = "says the same class for every point"


def planted(*pieces):
    """The worked solution of 11.5 with some pieces of it put wrong."""
    code = solution("11.5").split("```python")[1].split("```")[0]
    for old, new in pieces:
        assert code.count(old), old
        code = code.replace(old, new)
    namespace = {}
    exec(code, namespace)  # noqa: S102 - our own code
    return namespace["answer"]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("rng.permutation(len(x))", "np.arange(len(x))", "correct"),  # a slow way
        ("T[rows]", "T[start : start + 20]", SAME),
        ("np.eye(3)[t]", "t[:, None]", SAME),
        ("np.eye(3)[t]", "t", "could not be broadcast together"),
        ("rng.normal(size=(3, 16))", "np.zeros((3, 16))", "Exercise 11.5: correct"),
        ("rng.normal", "np.zeros", "zeros() got an unexpected keyword argument"),
        ("-= rate", "+= rate", "go uphill"),
        (" * (1 - a1**2)", "", LOST),
        ("range(150)", "range(10)", "It does learn, so look for what holds it back"),
        (" / len(rows)", " / len(x)", "a division by N."),
        (" / len(rows)", "", "division by N"),
        ("rng.normal(", "0 * rng.normal(", SAME),
        ("(x - mean) / spread, W1", "x, W1", LOST),
        (
            "(x - mean) / spread, W1",
            "(x - x.mean(0)) / x.std(0), W1",
            "scale x by its own mean?",
        ),
        ("x, T = (x - mean) / spread,", "mean, spread, T = 0, 1,", "in the thousands"),
        ("p.argmax(axis=1)", "p", "returns three numbers for each row"),
        ("p.argmax(axis=1)", "p.argmax(axis=1) + 1", "they count from 0"),
        ("p.argmax(axis=1)", "p.argmax()", "it returned an array of shape ()."),
        ("return p.argmax(axis=1)", "p.argmax(axis=1)", "Your predict returned None"),
        ("return predict", "return 0.97", "must return another function, predict, got"),
        ("    return predict", "", "returned None; it must return predict"),
    ],
)
def test_a_training_of_the_readers_hears_what_is_wrong(old, new, words):
    assert words in check("11.5", planted((old, new))).message


@pytest.mark.parametrize("size", [1, 5, 20, 256])
def test_steps_that_are_too_large_are_not_taken_for_a_lack_of_scaling(size):
    """They go wild, so the last digit of the scaled x would decide on the verdict."""
    pieces = (" / len(rows)", ""), ("), 20", f"), {size}"), ("+ 20", f"+ {size}")
    verdict = check("11.5", planted(*pieces))
    assert verdict.status == "correct" or "division by N" in verdict.message


def test_steps_that_are_too_large_may_end_in_nan():
    pieces = (" / len(rows)", ""), ("rate = 0.5", "rate = 50")
    unguarded = " - z2.max(axis=1, keepdims=True)", ""
    message = check("11.5", planted(*pieces, unguarded)).message
    assert SAME in message
    assert "`nan`" in message


@pytest.mark.parametrize(
    "scale",
    [
        lambda x: (x - x.mean(axis=0)) / x.std(axis=0),
        lambda x: (x - x.mean()) / x.std(ddof=1),
        lambda x: (x - x.min(axis=0)) / np.ptp(x, axis=0),
    ],
)
def test_whoever_scales_trains_twice_on_the_same_numbers(scale):
    given = []

    def train(x, t, rng):
        given.append((x, scale(x)))
        return lambda new: t[((new[:, None] - x) ** 2).sum(axis=2).argmin(axis=1)]

    assert check("11.5", train).status == "correct"
    (one, scaled), (other, scaled_too) = given
    assert np.mean(other) > 100 * np.mean(one)
    assert np.array_equal(scaled, scaled_too)


def test_a_network_that_is_no_better_than_a_line_does_not_pass():
    """Least squares on the one-hot targets, which has no bend."""

    def line(x, t, rng):
        columns = np.column_stack([x, np.ones(len(x))])
        weights, *_ = np.linalg.lstsq(columns, np.eye(3)[t], rcond=None)
        return lambda x: np.argmax(
            np.column_stack([x, np.ones(len(x))]) @ weights, axis=1
        )

    assert LOST in check("11.5", line).message


def test_another_way_to_tell_the_arms_apart_passes():
    """The nearest point that is known: what counts is what predict says."""

    def nearest(x, t, rng):
        return lambda new: t[((new[:, None] - x) ** 2).sum(axis=2).argmin(axis=1)]

    assert check("11.5", nearest).status == "correct"


def test_the_readers_training_learns_the_digits_with_the_changes_that_the_page_names():
    code = solution("11.5").split("```python")[1].split("```")[0]
    for old, new in {
        "x.mean(axis=0), x.std(axis=0)": "0, 1",
        "np.eye(3)": "np.eye(10)",
        "(16, 2)) / np.sqrt(2)": "(16, 64)) / np.sqrt(64)",
        "size=(3, 16)": "size=(10, 16)",
        "np.zeros(3)": "np.zeros(10)",
        "range(150)": "range(20)",
    }.items():
        assert old in code
        code = code.replace(old, new)
    namespace = {}
    exec(code, namespace)  # noqa: S102 - our own code
    train, test = load_digits()
    predict = namespace["answer"](train.x, train.target, np.random.default_rng(0))
    assert 0.95 < np.mean(predict(test.x) == test.target) < 0.99
    assert np.sum(np.std(train.x, axis=0) == 0) == 3
