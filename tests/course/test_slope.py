"""The secant, the trace and the camera of lesson 01, against closed forms."""

import math
import re

import numpy as np
import pytest
from reading import ends_and_middle, numbers

from chainrule_lessons.explorers.slope import secant, speed_camera, trace_slopes


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
    dots = next(a for a in live._artists if getattr(a, "get_marker", str)() == "o")
    x, y = dots.get_data()
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
    trail = live._artists[-2]
    xs, slopes = trail.get_data()
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
