"""The figures of lesson 01, against closed forms, exact fractions and straight lines."""

import math
import re
from fractions import Fraction
from functools import cache
from itertools import product

import numpy as np
import pytest
from reading import ends_and_middle, lines, numbers

from chainrule_lessons.explorers import (
    kink,
    secant,
    speed_camera,
    step_errors,
    trace_slopes,
)
from chainrule_lessons.explorers.measure_a_slope import (
    KNOWN,
    PLACES,
    PRECISIONS,
    STEPS,
    relative_errors,
    relu,
)
from chainrule_lessons.plotting import GREEN, INK, ORANGE

made = cache(lambda figure: figure())

# Two photographs, a secant and a trace


def test_the_camera_divides_way_by_time():
    first, second, moved, time, speed = numbers(repr(speed_camera()))
    assert (first, second) == (1, 2)
    assert moved == second**2 - first**2
    assert speed == moved / time


def test_secant_says_2x_plus_the_step_and_tangent_2x():
    live = secant()
    for values in ends_and_middle(live):
        live.set(**values)
        x, step = values["x"], values["step"]
        said = numbers(live.caption)
        assert said[:2] == pytest.approx([x, step], rel=5e-3)
        assert said[2] == pytest.approx((2 * x + step) * step, rel=1e-3)
        assert said[3] == pytest.approx(2 * x + step, abs=6e-5)
        assert said[4:] == ([pytest.approx(2 * x, abs=6e-5)] if step < 1 else [])


def test_the_tangent_does_not_show_before_the_bet():
    live = secant(predict=("Where to?", ["to 0", "to 2"]))
    assert "tangent" not in live.caption
    live.set(step=0.5)
    assert live.caption.endswith("secant slope 2.5000, tangent slope 2.0000.")


def test_both_points_of_the_secant_lie_on_the_curve():
    live = secant(np.sin, 0, 2)
    live.set(x=0.5, step=0.3)
    (dots,) = lines(live, GREEN, "None")
    x, y = dots.T
    assert list(x) == pytest.approx([0.5, 0.8])
    assert list(y) == pytest.approx([math.sin(0.5), math.sin(0.8)])


def test_a_secant_of_a_function_with_a_kink_has_no_tangent_there():
    live = secant(abs)
    live.set(x=0, step=0.5)
    assert live.caption == (
        "From x = 0.00 a step of 0.5 rises 0.5: secant slope 1.0000, tangent slope none."
    )


def test_the_trace_of_a_sine_is_a_cosine():
    live = trace_slopes()
    for x in (-4.0, -1.52, 0.0, 2.0, 4.0):
        live.set(x=x)
        assert numbers(live.caption) == pytest.approx(
            [x, math.sin(x), math.cos(x)], abs=6e-5
        )
    xs, slopes = lines(live, ORANGE, "-")[1].T
    assert len(xs) == 101
    assert slopes == pytest.approx(np.cos(xs), abs=1e-12)


def test_the_trace_has_a_gap_at_a_kink():
    live = trace_slopes(abs, -1, 1)
    live.set(x=0)
    assert live.caption == "At x = 0.00 the height is 0.0000 and the slope none."


@pytest.mark.parametrize("explorer", [secant, trace_slopes])
@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((3,), TypeError, "f must be a function, got 3"),
        ((abs, "a"), TypeError, "low must be numbers, got 'a'"),
        ((abs, None), TypeError, "low must be numbers, got None"),
        ((abs, 0, np.nan), ValueError, "high must be finite, got nan"),
        ((abs, 1, 1), ValueError, "low must be below high, got 1.0 and 1.0"),
        ((lambda x: "a",), TypeError, "f(x) must be numbers, got "),
        ((lambda x: None,), TypeError, "f(x) must be numbers, got "),
        ((np.sqrt,), ValueError, "must hold finite numbers, got nan at index (0,)"),
        ((lambda x: [x, x],), ValueError, "one at a time, must have shape "),
    ],
)
def test_bad_arguments_are_refused_by_name(explorer, arguments, error, message):
    with pytest.raises(error, match=re.escape(message)) as caught:
        explorer(*arguments)
    assert str(caught.value).startswith(f"{explorer.__name__}: ")


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


def test_the_dots_stand_at_the_errors_of_a_step_between_two_places():
    live, h = made(step_errors), 3e-2
    live.set(step=h, known=KNOWN["eˣ"], precision=np.float64)
    errors = (np.expm1(h) / h - 1, np.sinh(h) / h - 1, 1 - np.sin(h) / h)
    for color, error in zip((INK, GREEN, ORANGE), errors, strict=True):
        (((x, y),),) = lines(live, color, "None")
        assert (x, y) == (h, pytest.approx(error, rel=1e-9))


# A kink


def blend(x, step, f):
    """What a step to both sides measures: each side by the way it takes there."""
    left, right = (-1, 1) if f is np.abs else (0, 1)
    share = min(1, max(0, (x + step) / (2 * step)))
    return left * (1 - share) + right * share


@pytest.mark.parametrize("f", [np.abs, relu])
@pytest.mark.parametrize(
    ("x", "step"), list(product((-1, -0.1, 0, 0.1, 1), (0.02, 0.4, 0.5)))
)
def test_the_measured_slope_is_a_blend_of_both_sides(f, x, step):
    live = made(kink)
    live.set(x=x, step=step, f=f)
    told = re.fullmatch(
        r"From x = (\S+) a step of (\S+) (straddles|stays clear of) the kink: "
        r"measured (\S+), true slope (\S+)\.",
        live.caption,
    )
    assert float(told[1]) == x
    assert float(told[2]) == step
    assert (told[3] == "straddles") == (abs(x) < step)
    assert float(told[4]) == pytest.approx(blend(x, step, f), abs=6e-5)
    left = "-1" if f is np.abs else "0"
    assert told[5] == ("none" if x == 0 else "1" if x > 0 else left)


def test_a_step_that_ends_at_the_kink_stays_clear_of_it():
    live = made(kink)
    live.set(x=0.4, step=0.4, f=np.abs)
    assert "stays clear of the kink: measured 1.0000, true slope 1." in live.caption
