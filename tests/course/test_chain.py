"""The dials, tangents and stages of lesson 02, against closed forms."""

import math
import re
from fractions import Fraction

import pytest
from reading import ends_and_middle, labels, numbers

from chainrule_lessons.explorers.chain import gears, own_input, two_jobs


@pytest.mark.parametrize("x", [0.0, 0.05, 0.7, 1.0, 1.5, 2.0])
def test_each_slope_is_taken_at_its_own_input(x):
    live = own_input()
    live.set(x=x)
    u, inner = x * x, 2 * x
    exact = [u, math.cos(u), inner, inner * math.cos(u), x, inner * math.cos(x)]
    assert numbers(live.caption) == pytest.approx(exact, abs=6e-5, rel=3e-4)


def test_the_slip_hides_where_x_is_its_own_square():
    live = own_input()
    for x in live.sliders["x"].places:
        live.set(x=x)
        right, wrong = (numbers(live.caption)[i] for i in (3, 5))
        assert (right == wrong) == (x in (0.0, 1.0))


def test_gears_multiply_their_slopes():
    live = gears()
    for values in ends_and_middle(live):
        live.set(**values)
        g, h = (Fraction(str(values[name])) for name in ("slope_g", "slope_h"))
        said = [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?", live.caption)]
        exact = [20, g, 20, 20 * g, h, 20 * g, 20 * g * h, h, g, g * h]
        assert said == pytest.approx([float(n) for n in exact])


def test_gears_turn_the_needles():
    live = gears()
    live.set(slope_g=2.0, slope_h=-1.5)
    needles = [a for a in live._artists if hasattr(a, "get_xdata")]
    turns = []
    for needle in needles:
        (x0, x1), (y0, y1) = needle.get_data()
        turns.append(math.degrees(math.atan2(x1 - x0, y1 - y0)))
    assert sorted(turns) == pytest.approx([-60, 20, 40])


def test_gears_lock_until_the_reader_has_chosen():
    assert gears()._question["choices"] == ["100 degrees", "120 degrees"]


def test_two_jobs_start_with_numbers_for_the_head():
    live = two_jobs()
    assert repr(live) == (
        "Passed on: 4 to v, 1.5 to u, 12 to x. Kept: 3 by w_f, 16 by w_g, -4 by w_k."
    )
    assert {"x = 2", "u = 16", "v = 12", "cost 4", "× 0.375", "× 8"} <= set(
        labels(live)
    )


def test_two_jobs_against_the_machine_written_in_one_line():
    # cost = (w_g √(w_f x) - w_k)², differentiated by hand, by each letter.
    live = two_jobs()
    for values in ends_and_middle(live):
        live.set(**values)
        f, g, k, x = values["w_f"], values["w_g"], values["w_k"], 2.0
        gap = g * math.sqrt(f * x) - k
        exact = [
            2 * gap,
            gap * g / math.sqrt(f * x),
            gap * g * math.sqrt(f / x),
            gap * g * math.sqrt(x / f),
            2 * gap * math.sqrt(f * x),
            -2 * gap,
        ]
        assert numbers(live.caption) == pytest.approx(exact, rel=1e-3)
