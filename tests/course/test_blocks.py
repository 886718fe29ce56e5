"""The chain of blocks, against the chain rule by hand."""

import re
from functools import cache
from math import exp

import numpy as np
import pytest
from reading import labels

from chainrule_lessons.explorers import pass_back

made = cache(pass_back)
NUMBER = r"-?\d+(?:\.\d+)?(?:e[+-]\d+)?"


def at(target, bias):
    live = made()
    live.set(target=target, bias=bias)
    return live


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
    said = at(target, bias).caption
    numbers = [float(n) for n in re.findall(NUMBER, said)]
    assert numbers == pytest.approx(by_hand(target, bias)[:4], abs=6e-4)


@pytest.mark.parametrize(("target", "bias"), PLACES)
def test_the_labels_tell_what_stays_in_each_block(target, bias):
    live = at(target, bias)
    _, _, _, by_z, by_w = by_hand(target, bias)
    expected = {"w₁": 2 * by_z, "w₂": 3 * by_z, "b": by_z, "w": by_w}
    for text in labels(live):
        if ": " in text:
            name, number = text.split(": ")
            assert float(number) == pytest.approx(expected.pop(name), rel=1e-3)
    assert not expected


@pytest.mark.parametrize(("target", "bias"), PLACES)
def test_every_bar_is_as_high_as_its_slope(target, bias):
    live = at(target, bias)
    (bars,) = [a for a in live._artists if hasattr(a, "get_data")]
    low, high = bars.get_ydata().reshape(3, 3)[:, :2].T
    _, by_y, by_a, by_z, _ = by_hand(target, bias)
    rises = (high - low) * by_a / (high - low)[1]
    np.testing.assert_allclose(rises, [by_z, by_a, by_y], rtol=1e-9)
    bottom, top = bars.axes.get_ylim()
    assert bottom < min(high)
    assert max(high) < top - 2  # clear of the boxes


def test_the_worked_chain_has_the_printed_numbers():
    assert pass_back().caption == (
        "Loss 58.003. Slopes on the way back: 15.232, then 304.638, then 31.985."
    )


def test_predict_locks_the_chain():
    live = pass_back(predict=("Largest?", ["here", "there"]))
    assert live._question["choices"] == ["here", "there"]


def test_predict_without_choices_is_refused():
    with pytest.raises((TypeError, ValueError), match="predict"):
        pass_back(predict=("Largest?", []))
