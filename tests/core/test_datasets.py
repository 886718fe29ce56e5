"""Data against published counts and checksums, plain geometry, and printed numbers."""

from __future__ import annotations

import hashlib
import math
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule_lessons.datasets import (
    Samples,
    course_network,
    load_digits,
    spirals,
    switches,
    worked_chain,
)

ROOT = Path(__file__).resolve().parents[2]
STORED = ROOT / "chainrule_lessons" / "digits.npz"

# The numbers of images of each digit that the repository's description gives.
COUNTS = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def stored():
    with np.load(STORED) as file:
        return file["pixels"], file["classes"]


# Digits.


def test_stored_digits_are_the_published_ones():
    pixels, classes = stored()
    assert pixels.shape == (1797, 8, 8)
    assert (pixels.min(), pixels.max(), pixels.sum(dtype=int)) == (0, 16, 561_718)
    assert np.bincount(classes).tolist() == COUNTS
    assert hashlib.sha256(pixels.tobytes() + classes.tobytes()).hexdigest() == (
        "87ff0c9e40dc7e2c0e34e7257799c2e3f3aec1a016363bb11cad869ec428a826"
    )


def test_stored_digits_are_few_bytes_and_no_pickle():
    assert STORED.stat().st_size < 80_000
    with np.load(STORED, allow_pickle=False) as file:
        assert sorted(file) == ["classes", "pixels"]


def test_first_image_is_a_zero_drawn_in_ink():
    (train, _), rows = load_digits(), stored()[0][0]
    assert train.target[0] == 0
    np.testing.assert_array_equal(train.x[0].reshape(8, 8) * 16, rows)
    marks = np.array([" ", ".", "#"])[(rows > 0) + 1 * (rows > 8)]
    assert ["".join(row) for row in marks] == [
        "  .##.  ",
        "  ####. ",
        " .#. #. ",
        " .#  .. ",
        " ..  #. ",
        " .# .#. ",
        " .#.##  ",
        "  .##   ",
    ]


def test_every_image_is_in_one_part():
    pixels, classes = stored()
    train, test = load_digits()
    together = np.column_stack([pixels.reshape(-1, 64) / 16, classes])
    parts = [np.column_stack(part) for part in (train, test)]
    assert [len(part) for part in parts] == [1442, 355]
    found = np.concatenate(parts)
    np.testing.assert_array_equal(
        found[np.lexsort(found.T)], together[np.lexsort(together.T)]
    )


def test_every_fifth_image_of_each_digit_is_held_out():
    pixels, classes = stored()
    _, test = load_digits()
    for digit, count in enumerate(COUNTS):
        own = pixels[classes == digit].reshape(-1, 64)[4::5] / 16
        np.testing.assert_array_equal(test.x[test.target == digit], own)
        assert len(own) == count // 5


def test_digits_are_numbers_from_zero_to_one_and_integers():
    for x, target in load_digits():
        assert x.dtype == np.float64
        assert (x.min(), x.max()) == (0, 1)
        assert target.dtype.kind == "i"
        assert set(target.tolist()) == set(range(10))


def test_changing_digits_changes_no_later_ones():
    first, _ = load_digits()
    first.x[:] = 7
    first.target[:] = 7
    again, _ = load_digits()
    assert again.x.max() == 1
    assert again.target[0] == 0


# Toys.


@given(st.integers(1, 60), st.floats(0.1, 4))
def test_spirals_lie_on_their_arms(n, turns):
    x, target = spirals(n, turns=turns, noise=0)
    assert x.shape == (2 * n, 2)
    assert target.tolist() == [0] * n + [1] * n
    np.testing.assert_allclose(x[:n], -x[n:], rtol=0)
    points = x[:n, 0] + 1j * x[:n, 1]
    radius = np.arange(1, n + 1) / n
    np.testing.assert_allclose(points, radius * np.exp(2j * np.pi * turns * radius))


def test_spirals_come_back_the_same():
    np.testing.assert_array_equal(spirals().x, spirals().x)
    np.testing.assert_array_equal(spirals(rng=3).x, spirals(rng=3).x)
    assert (spirals(rng=3).x != spirals(rng=4).x).all()
    generator = np.random.default_rng(3)
    np.testing.assert_array_equal(spirals(rng=generator).x, spirals(rng=3).x)


def test_noise_has_the_size_asked_for():
    difference = spirals(20_000, noise=0.1).x - spirals(20_000, noise=0).x
    assert difference.std() == pytest.approx(0.1, rel=0.02)


WRONG = {
    "spirals: n must be 1 or more, got 0": (ValueError, {"n": 0}),
    "spirals: n must be a whole number, got 2.5": (TypeError, {"n": 2.5}),
    "spirals: turns must be numbers, got 'two'": (TypeError, {"turns": "two"}),
    "spirals: turns must be finite, got nan": (ValueError, {"turns": np.nan}),
    "spirals: noise must not be negative, got -0.1": (ValueError, {"noise": -0.1}),
    "spirals: noise must be numbers, got None": (TypeError, {"noise": None}),
    "spirals: rng must be a Generator, a seed or None, got 'x'": (
        TypeError,
        {"rng": "x"},
    ),
}


@pytest.mark.parametrize("message", WRONG)
def test_wrong_input_is_named(message):
    error, options = WRONG[message]
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        spirals(**options)


def test_switches_answer_two_questions():
    samples = switches()
    assert type(samples) is Samples
    seen = set()
    for row, (one, both) in zip(*samples, strict=True):
        a, b, c, d = (v == 1 for v in row)
        seen.add((a, b, c, d))
        assert one == (0.9 if a ^ b else -0.9)
        assert both == (0.9 if c and d else -0.9)
    assert len(seen) == 16


# Networks.


def test_the_worked_chain_is_its_formula_on_paper():
    expected = 20 / (1 + math.exp(-(1 * 2 + 5 * 3 - 15)))
    assert expected == pytest.approx(17.615941559558, abs=1e-12)
    assert worked_chain()([2, 3]) == pytest.approx([expected], rel=1e-14)


def test_the_course_network_is_the_one_that_lesson_8_prints():
    net, x, target = course_network()
    assert [p.data.shape for p in net.parameters()] == [(3, 4), (3,), (2, 3), (2,)]
    w1, b1, w2, b2 = (p.data for p in net.parameters())
    answers = np.tanh(w2 @ np.tanh(w1 @ x + b1) + b2)
    np.testing.assert_allclose(net(x), answers, rtol=1e-14)
    np.testing.assert_allclose(answers, [0.455, 0.287], atol=5e-4)
    np.testing.assert_allclose(target, [-0.523, -0.540], atol=5e-4)
    assert np.sum((answers - target) ** 2) == pytest.approx(1.64093, abs=5e-6)


@pytest.mark.parametrize("make", [worked_chain, lambda: course_network()[0]])
def test_a_network_is_made_anew_each_time(make):
    first, second = make(), make()
    first.parameters()[0].data += 1
    assert (first.parameters()[0].data == second.parameters()[0].data + 1).all()
