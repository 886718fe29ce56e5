"""The figures of lesson 01, against closed forms and straight lines."""

import math
import re
from itertools import product

import numpy as np
import pytest
from reading import ends_and_middle, handles, lines, made, numbers

from chainrule_lessons.exercises import check
from chainrule_lessons.explorers import (
    distance_and_speed,
    kink,
    secant,
    speed_camera,
    trace_slopes,
)
from chainrule_lessons.explorers.measure_a_slope import relu
from chainrule_lessons.plotting import GREEN, ORANGE

# Two photographs, a secant and a trace


def test_the_camera_divides_way_by_time():
    first, second, moved, time, speed = numbers(repr(speed_camera()))
    assert (first, second) == (1, 2)
    assert moved == second**2 - first**2
    assert speed == moved / time


def test_secant_says_2x_plus_the_step_and_tangent_2x():
    live = made(secant)
    for values in ends_and_middle(live):
        live.set(**values)
        x, step = values["x"], values["step"]
        said = numbers(live.caption)
        assert said[:2] == pytest.approx([x, step], rel=5e-3)
        assert said[2] == pytest.approx((2 * x + step) * step, rel=1e-3)
        assert said[3] == pytest.approx(2 * x + step, abs=6e-5)
        assert said[4:] == ([pytest.approx(2 * x, abs=6e-5)] if step < 1 else [])


def test_the_tangent_does_not_show_before_the_bet():
    live = made(secant)
    assert "settles on one number" in live.question["choices"]
    assert "tangent" not in live.caption
    stored = live._repr_mimebundle_()
    assert stored["text/plain"] == f"step Δ = 1: {live.caption}"
    live.set(step=0.5)
    assert live.caption.endswith("secant slope 2.5000, tangent slope 2.0000.")


def test_another_curve_is_drawn_without_a_bet():
    assert not secant(np.sin).question
    assert not trace_slopes(np.cos).question


def told_right(live, choice):
    """Give the sentence of the right choice; those of the others say that it is not."""
    asked = live.question
    for other, sentence in zip(asked["choices"], asked["sentences"], strict=True):
        assert sentence.startswith("So it is. ") is (other == choice)
        assert re.match(r"So it is\.|It (does|is) not\.", sentence)
    return asked["sentences"][asked["choices"].index(choice)]


def test_each_bet_knows_its_answer():
    assert "2" in told_right(made(secant), "settles on one number")
    live = made(distance_and_speed)
    speeds = [3 * 2 * t - 3 * t**2 / 5 for t in live.sliders["t"].places]
    fastest = live.sliders["t"].places[int(np.argmax(speeds))]
    told_right(live, f"half-way, at {fastest:.0f} seconds")
    told_right(made(trace_slopes), "crosses 0")  # as cos does where sin is highest


def test_what_is_stored_of_the_wave_is_its_start():
    stored = made(trace_slopes)._repr_mimebundle_()
    said = "At x = -4.00 the height is 0.7568 and the slope -0.6536."
    assert stored["text/plain"] == f"place x = -4.00: {said}"


def test_what_is_stored_of_the_trip_is_its_start():
    stored = made(distance_and_speed)._repr_mimebundle_()
    said = "After 0.0 s: distance 0.00 m, speed 0.00 m/s."
    assert stored["text/plain"] == f"time t = 0.0: {said}"


@pytest.mark.parametrize(
    ("t", "moved", "speed"),  # by hand: 3t² - t³/5 and 6t - 3t²/5
    [(0, 0, 0), (2, 10.4, 9.6), (5, 50, 15), (9, 97.2, 5.4), (10, 100, 0)],
)
def test_the_trip_has_its_distance_and_its_speed(t, moved, speed):
    live = made(distance_and_speed)
    live.set(t=t)
    assert numbers(live.caption) == [t, moved, speed]
    way, dot, trail, below = lines(live, ORANGE)
    assert dot.tolist() == [[t, pytest.approx(moved)]]
    assert below.tolist() == [[t, pytest.approx(speed, abs=1e-9)]]
    assert len(trail) == 10 * t + 1
    (x0, y0), (x1, y1) = way
    assert (y1 - y0) / (x1 - x0) == pytest.approx(speed, abs=1e-9)


@pytest.mark.parametrize(
    ("figure", "names"),
    [
        (secant, {"x", "step"}),
        (distance_and_speed, {"t"}),
        (trace_slopes, {"x"}),
        (kink, {"x"}),
    ],
)
def test_the_dots_can_be_grabbed(figure, names):
    assert set(dict(handles(made(figure)))) == names


def test_both_points_of_the_secant_lie_on_the_curve():
    live = secant(np.sin, 0, 2)
    live.set(x=0.5, step=0.3)
    x, y = np.concatenate(lines(live, GREEN, "None")).T
    assert list(x) == pytest.approx([0.5, 0.8])
    assert list(y) == pytest.approx([math.sin(0.5), math.sin(0.8)])


def test_a_secant_of_a_function_with_a_kink_has_no_tangent_there():
    live = secant(abs)
    live.set(x=0, step=0.5)
    assert live.caption == (
        "From x = 0.00 a step of 0.5 rises 0.5: secant slope 1.0000, tangent slope none."
    )


def test_the_trace_of_a_sine_is_a_cosine():
    live = made(trace_slopes)
    for x in (-4.0, -1.52, 0.0, 2.0, 4.0):
        live.set(x=x)
        assert numbers(live.caption) == pytest.approx(
            [x, math.sin(x), math.cos(x)], abs=6e-5
        )
    xs, slopes = lines(live, ORANGE, "-")[1].T
    assert len(xs) == 101
    assert slopes == pytest.approx(np.cos(xs), abs=1e-12)


def test_the_trace_of_a_sine_starts_empty():
    assert len(lines(made(trace_slopes), ORANGE, "-")[1]) == 1


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
        ((np.sqrt, -1), ValueError, "must hold finite numbers, got nan at index (0,)"),
        ((lambda x: [x, x],), ValueError, "one at a time, must have shape "),
    ],
)
def test_bad_arguments_are_refused_by_name(explorer, arguments, error, message):
    with pytest.raises(error, match=re.escape(message)) as caught:
        explorer(*arguments)
    assert str(caught.value).startswith(f"{explorer.__name__}: ")


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
        r"From x = (\S+) a step of (\S+) (reaches across|stays clear of) the kink: "
        r"measured (\S+), true slope (\S+)\.",
        live.caption,
    )
    assert float(told[1]) == x
    assert float(told[2]) == step
    assert (told[3] == "reaches across") == (abs(x) < step)
    assert float(told[4]) == pytest.approx(blend(x, step, f), abs=6e-5)
    left = "-1" if f is np.abs else "0"
    assert told[5] == ("none" if x == 0 else "1" if x > 0 else left)


def test_a_step_that_ends_at_the_kink_stays_clear_of_it():
    live = made(kink)
    live.set(x=0.4, step=0.4, f=np.abs)
    assert "stays clear of the kink: measured 1.0000, true slope 1." in live.caption


@pytest.mark.parametrize(
    ("answer", "status"), [(10.0005, "correct"), (10.05, "not yet"), (9.95, "not yet")]
)
def test_the_slope_at_five_is_told_from_its_neighbours(answer, status):
    assert check("01.c", answer).status == status
