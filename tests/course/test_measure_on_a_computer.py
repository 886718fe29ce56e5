"""The figures of lesson B, against Taylor's terms and exact fractions."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from reading import handles, lines, made, numbers

from chainrule_lessons.explorers import float_gaps, step_errors, straight_line
from chainrule_lessons.explorers.measure_on_a_computer import (
    KNOWN,
    PLACES,
    PRECISIONS,
    STEPS,
    relative_errors,
)
from chainrule_lessons.plotting import GREEN, INK, ORANGE

# The numbers that a computer has


def test_the_line_rises_three_for_every_one():
    x, run, rise, low, high, _ = numbers(repr(straight_line()))
    assert (low, high) == (3 * x + 2, 3 * (x + run) + 2)
    assert rise == high - low


def test_the_floats_are_where_exact_fractions_say():
    place, gap, off = numbers(repr(float_gaps()))
    assert place == 3.0000001
    taken = 3.0 + 1e-7
    assert gap == pytest.approx(2.0 ** (1 - 52), rel=2e-3)  # from 2 to 4
    exact = Fraction(taken) - 3 - Fraction(1e-7)
    assert exact < 0  # on the left
    assert off == pytest.approx(float(-exact), rel=5e-3)
    assert off < gap / 2  # no other float is nearer


def test_the_dots_can_be_grabbed():
    assert set(dict(handles(made(step_errors)))) == {"step"}


# The error of a step

# The second and third derivative over the first, at x.
BENDS = {
    "x³": (lambda x: 2 / x, lambda x: 2 / x**2),
    "1/x": (lambda x: -2 / x, lambda x: 6 / x**2),
    "eˣ": (lambda x: 1, lambda x: 1),
    "sin x": (lambda x: -np.tan(x), lambda x: -1),
}


@pytest.mark.parametrize("name", KNOWN)
def test_the_right_arms_are_taylors_next_term(name):
    second, third = BENDS[name]
    h = 1e-3
    forward, central, sideways = relative_errors(KNOWN[name], np.float64, [h])[:, 0]
    assert forward == pytest.approx(np.abs(second(PLACES) * h / 2).max(), rel=0.01)
    assert central == pytest.approx(np.abs(third(PLACES) * h**2 / 6).max(), rel=0.01)
    assert sideways == pytest.approx(central, rel=0.01)


def test_the_left_arm_is_what_exact_fractions_say():
    """Repeat float64's x·x·x step by step, then divide without rounding."""
    h = float(STEPS[20])
    worst = 0.0
    for x in PLACES[:, 0].tolist():
        there = x + h
        rise = Fraction(there * there * there - x * x * x)
        slope = rise / Fraction(there - x)
        worst = max(worst, float(abs(slope / (3 * Fraction(x) ** 2) - 1)))
    measured = relative_errors(KNOWN["x³"], np.float64, [h])[0, 0]
    assert measured == pytest.approx(worst, rel=1e-6)


@pytest.mark.parametrize(("name", "precision"), list(product(KNOWN, PRECISIONS)))
def test_the_bottoms_lie_near_the_roots_of_epsilon(name, precision):
    kind = PRECISIONS[precision]
    eps = float(np.finfo(kind).eps)
    errors = relative_errors(KNOWN[name], kind, STEPS)
    for row, power in ((0, 1 / 2), (1, 1 / 3)):
        best = STEPS[np.nanargmin(errors[row])]
        assert abs(np.log10(best / eps**power)) < 1
    assert errors[2, :5].max() < 2 * eps  # no V, down to 1e-16


@pytest.mark.parametrize("precision", PRECISIONS)
def test_a_step_lost_in_rounding_gives_no_slope(precision):
    kind = PRECISIONS[precision]
    steps = [float(np.finfo(kind).eps) / 5]
    forward, central, sideways = relative_errors(KNOWN["x³"], kind, steps)[:, 0]
    assert np.isnan([forward, central]).all()
    assert sideways < 2 * np.finfo(kind).eps


# For exp the errors are the same everywhere: (e**h - 1) / h - 1 and so on.
@pytest.mark.parametrize(
    ("step", "said"),
    [
        (1e-16, "forward 0/0, central 0/0, complex step below 1e-15."),
        (1e-2, "forward 1e-2, central 1e-5, complex step 1e-5."),
        (1.0, "forward 1, central 1e-1, complex step 1e-1."),
    ],
)
def test_the_caption_tells_the_size_of_each_error(step, said):
    live = made(step_errors)
    live.set(step=step, known=KNOWN["eˣ"], precision=np.float64)
    assert live.caption == f"Step {step:.3g}, error about: {said}"


def test_a_step_to_a_place_without_a_value_says_so():
    live = made(step_errors)
    live.set(step=1, known=KNOWN["1/x"], precision=np.float64)
    assert (
        live.caption == "Step 1, error about: forward 1, central 1/0, complex step 1."
    )


def test_the_dots_stand_at_the_errors_of_a_step_between_two_places():
    live, h = made(step_errors), 3e-2
    live.set(step=h, known=KNOWN["eˣ"], precision=np.float64)
    errors = (np.expm1(h) / h - 1, np.sinh(h) / h - 1, 1 - np.sin(h) / h)
    for color, error in zip((INK, GREEN, ORANGE), errors, strict=True):
        (((x, y),),) = lines(live, color, "None")
        assert (x, y) == (h, pytest.approx(error, rel=1e-9))
