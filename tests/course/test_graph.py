"""The graph of lesson 02 and its misprint, against decimals of 50 digits."""

import math
from decimal import Decimal, getcontext

import pytest
from reading import labels, numbers

from chainrule_lessons.explorers.graph import graph_walk, misprint

getcontext().prec = 50


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
