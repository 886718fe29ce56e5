"""The figures of lesson 02, against closed forms and decimals of 50 digits."""

import math
import re
from decimal import Decimal, getcontext
from fractions import Fraction

import pytest
from reading import ends_and_middle, labels, lines, numbers

from chainrule_lessons.explorers import gears, graph_walk, misprint, own_input, two_jobs
from chainrule_lessons.plotting import INK

getcontext().prec = 50


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
    turns = []
    for (x0, y0), (x1, y1) in lines(live, INK):
        turns.append(math.degrees(math.atan2(x1 - x0, y1 - y0)))
    assert sorted(turns) == pytest.approx([-60, 20, 40])


def test_gears_lock_until_the_reader_has_chosen():
    assert gears().question["choices"] == ["100 degrees", "120 degrees"]


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


# The graph and its misprint


def cosine(c):
    """Sum the series of cos c for a Decimal."""
    term, total, n = Decimal(1), Decimal(0), 0
    while abs(term) > Decimal("1e-40"):
        total += term
        n += 2
        term *= -c * c / (n * (n - 1))
    return total


def f(x):
    c = x * x + (x * x).exp()
    return c.sqrt() + cosine(c)


def slope_of_f(x):
    """A central difference in 50 digits: its error is far below what is printed."""
    x, h = Decimal(repr(float(x))), Decimal("1e-15")
    return float((f(x + h) - f(x - h)) / (2 * h))


@pytest.mark.parametrize("x", [-2.0, -0.55, 0.0, 0.5, 1.0, 1.35, 2.0])
def test_the_graph_ends_with_the_slope(x):
    live = graph_walk()
    live.set(step=6, x=x)
    exact = float(f(Decimal(repr(x))))
    assert f"At x = {x:z.2f}, forward: f = d + e = " in live.caption
    assert numbers(live.caption)[-1] == pytest.approx(exact, rel=1e-5)
    live.set(step=13)
    assert f"At x = {x:z.2f}, backward: df/dx = 2x · df/da = " in live.caption
    assert numbers(live.caption)[-1] == pytest.approx(slope_of_f(x), rel=1e-5)


def test_the_graph_fills_in_one_number_a_step():
    live = graph_walk()
    for step in range(14):
        live.set(step=step)
        assert sum(map(bool, labels(live))) == step + 1


def test_the_slopes_on_the_way_back():
    # At x = 1: c = 1 + e, df/dc = 1/(2√c) - sin c, df/da = (1 + e) df/dc.
    c = 1 + math.e
    by_c = 1 / (2 * math.sqrt(c)) - math.sin(c)
    live = graph_walk()
    for step, slope in enumerate([1, 1, 1, by_c, by_c, c * by_c], 7):
        live.set(step=step)
        assert numbers(live.caption)[-1] == pytest.approx(slope, rel=1e-5)


def test_the_misprint_agrees_at_0_and_1_only():
    live = misprint()
    for x in live.sliders["x"].places:
        live.set(x=x)
        off = numbers(live.caption)[-1]
        assert (off == 0) == (x in (0.0, 1.0))


@pytest.mark.parametrize(
    ("x", "printed"), [(0.5, -1.42747300), (1.0, 5.98308260), (2.0, -182.61538255)]
)
def test_the_misprint_has_its_published_values(x, printed):
    live = misprint()
    live.set(x=x)
    said = numbers(live.caption)
    exact = slope_of_f(x)
    assert said[:3] == pytest.approx([x, printed, exact], rel=1e-5)
    assert said[3] == pytest.approx(printed - exact, abs=1e-5)
