"""The figures of page 00, against sums by hand and a network run in plain NumPy."""

import math

import numpy as np
import pytest
from matplotlib.text import Text
from reading import decimals, fixture_of, labels, line, lines, made, numbers, of_kind

from chainrule_lessons.datasets import load_digits
from chainrule_lessons.explorers import misread_eight, tiny_network, turn_them_all
from chainrule_lessons.explorers.start_here import EIGHT, reader_of_digits
from chainrule_lessons.plotting import BLUE, GREEN, GREY, INK

TEST = load_digits()[1]


one = fixture_of(misread_eight)
all_of_them = fixture_of(turn_them_all)
tiny = fixture_of(tiny_network)


def shares(row, x):
    """Run 64-64-32-10 by slices of one row of numbers, and softmax by its formula."""
    start, a = 0, x
    for inputs, outputs in ((64, 64), (64, 32), (32, 10)):
        weight = row[start : start + inputs * outputs].reshape(outputs, inputs)
        start += inputs * outputs
        z = a @ weight.T + row[start : start + outputs]
        start, a = start + outputs, np.maximum(z, 0)
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def loss(row):
    return -math.log(shares(row, TEST.x[EIGHT])[8])


def percents(row):
    said = shares(row, TEST.x[EIGHT])
    return [int(said.argmax()), round(100 * said[3]), round(100 * said[8])]


def in_caption(live):
    """Read what it says, and the percentages for 3 and for 8."""
    _, _, after = live.caption.partition("the network says ")
    said, three, _, eight, _ = numbers(after)[:5]
    return [said, three, eight]


# The reader of digits


def test_a_held_out_eight_is_read_as_a_three():
    _, row, _ = reader_of_digits()
    said = shares(row, TEST.x).argmax(axis=1)
    assert (TEST.target[EIGHT], said[EIGHT], row.size) == (8, 3, 6570)
    assert (said == TEST.target).sum() == 334


def test_its_slopes_are_those_that_are_measured():
    _, row, slopes = reader_of_digits()
    assert np.count_nonzero(slopes == 0) == 3479
    for k in (0, 2172, 3000, 4129, 5912, 6234, 6517, 6569):
        step = np.zeros_like(row)
        step[k] = 1e-5
        measured = (loss(row + step) - loss(row - step)) / 2e-5
        assert slopes[k] == pytest.approx(measured, abs=1e-7)


@pytest.mark.parametrize("number", [6518, 2173, 1])
@pytest.mark.parametrize("turn", [-0.5, -0.23, 0.0, 0.09, 0.5])
def test_one_number_is_turned(one, number, turn):
    _, row, _ = reader_of_digits()
    turned = row.copy()
    turned[number - 1] += turn
    one.set(number=number, turn=turn)
    assert in_caption(one) == percents(turned)
    assert numbers(one.caption)[:2] == [number, turn]
    heights = [c[1] for grey in lines(one, GREY) for c in grey if c[1] > 0]
    exact = shares(turned, TEST.x[EIGHT])
    np.testing.assert_allclose(heights, exact[exact > 0], rtol=1e-9)


def test_trying_leaves_the_network_as_it_was(one):
    net, row, _ = reader_of_digits()
    one.set(number=6518, turn=0.5)
    again = np.concatenate([own.data.ravel() for own in net.parameters()])
    np.testing.assert_array_equal(again, row)


@pytest.mark.parametrize("step", [0.0, 0.002, 0.01, 0.05, 0.1])
def test_all_numbers_are_turned_against_their_slopes(all_of_them, step):
    _, row, slopes = reader_of_digits()
    turned = row - step * slopes
    right = shares(turned, TEST.x).argmax(axis=1) == TEST.target
    others = int(right.sum() - right[EIGHT])
    all_of_them.set(step=step)
    assert in_caption(all_of_them) == percents(turned)
    assert numbers(all_of_them.caption)[-1] == others
    assert lines(all_of_them, INK)[-1].tolist() == [[step, others]]


def test_the_trace_shows_no_more_than_was_stepped(all_of_them):
    for step in (0.0, 0.03):
        all_of_them.set(step=step)
        trace = max(lines(all_of_them, INK), key=len)
        assert trace[:, 0].max() == step


@pytest.mark.parametrize(
    ("step", "said"),
    [(0.002, (8, 334)), (0.01, (8, 328)), (0.1, (8, 132))],
)
def test_the_numbers_that_the_page_names(all_of_them, step, said):
    all_of_them.set(step=step)
    assert (in_caption(all_of_them)[0], numbers(all_of_them.caption)[-1]) == said


# The tiny network


@pytest.mark.parametrize("weight", [-2.0, -0.35, 0.0, 1.0, 2.5, 4.0])
def test_every_number_of_the_tiny_network(tiny, weight):
    tiny.set(weight=weight)
    total = 2 * weight + 15 - 15
    squeezed = 0.5 + 0.5 * math.tanh(total / 2)
    answer = 20 * squeezed
    exact = [weight, total, squeezed, answer, (answer - 10) ** 2]
    assert decimals(tiny.caption) == pytest.approx(exact, abs=0.0051)
    written = [float(text.strip("· ()")) for text in labels(tiny)]
    assert written == pytest.approx(exact[:4], abs=0.0051)


@pytest.mark.parametrize("weight", [-2.0, 1.0, 4.0])
def test_the_loss_is_drawn_as_far_as_it_was_seen(tiny, weight):
    tiny.set(weight=weight)
    seen = line(tiny, INK)
    assert [seen[:, 0].min(), seen[:, 0].max()] == sorted([1.0, weight])
    exact = (10 * np.tanh(seen[:, 0])) ** 2  # 20 σ(2w) − 10 is 10 tanh w
    np.testing.assert_allclose(seen[:, 1], exact, atol=1e-9)
    (dot,) = lines(tiny, BLUE)
    assert dot.tolist() == [pytest.approx([weight, 100 * math.tanh(weight) ** 2])]


def test_words_on_the_circles_stand_inside_the_drawing(tiny):
    top = tiny.figure.axes[0]
    for mark in of_kind(tiny, Text):
        assert top.get_xlim()[0] < mark.x[0] < top.get_xlim()[1]


@pytest.mark.parametrize("make", [tiny_network, turn_them_all])
def test_each_choice_of_a_bet_has_its_sentence(make):
    question = made(make).question
    assert len(question["sentences"]) == len(question["choices"]) == 3
    assert len(set(question["sentences"])) == 3
    right = [said for said in question["sentences"] if said.startswith("Right")]
    assert len(right) == 1


def test_the_right_answer_is_green(one):
    one.set(turn=0.0, number=6518)
    (bar,) = lines(one, GREEN)
    assert bar[0, 0] == 8
