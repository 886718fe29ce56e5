"""The figures of lesson 02, against closed forms and decimals of 50 digits."""

import ast
import math
import re
from decimal import Decimal, getcontext
from fractions import Fraction

import pytest
from reading import ends_and_middle, labels, lines, made, numbers

from chainrule_lessons.explorers import (
    gears,
    graph_walk,
    misprint,
    number_lines,
    own_input,
    two_jobs,
)
from chainrule_lessons.plotting import GREY, INK, ORANGE

getcontext().prec = 50


BETS = {
    gears: "120 degrees",
    number_lines: "it settles on another number",
    own_input: "the one at 4, where u is",
    two_jobs: "the one of w_f",
    misprint: "at one more place",
}


@pytest.mark.parametrize("figure", BETS, ids=lambda figure: figure.__name__)
def test_a_bet_has_one_right_choice_and_a_sentence_for_each(figure):
    question = made(figure).question
    said = dict(zip(question["choices"], question["sentences"], strict=True))
    right = [choice for choice, words in said.items() if words.startswith("Right: ")]
    assert right == [BETS[figure]]
    assert all(words.startswith(("Right: ", "Not quite: ")) for words in said.values())


@pytest.mark.parametrize(
    ("figure", "spoilers"),
    [
        (gears, "120|×|6"),
        (number_lines, r"\b8\b"),
        (own_input, "2.61"),
        (two_jobs, "80"),
    ],
)
def test_the_start_gives_no_bet_away(figure, spoilers):
    live = made(figure)
    stored = live._repr_mimebundle_()["text/plain"]
    assert stored.count("\n") == 0
    assert not re.search(spoilers, " ".join([stored, *labels(live)]))


def test_candidates_cannot_be_told_apart_at_the_start():
    said = numbers(made(own_input).caption)
    assert said[3] == said[7] == said[8] == 1.0806
    assert numbers(made(misprint).caption)[-1] == 0


# A nudge stretched twice


@pytest.mark.parametrize("nudge", [1.0, 0.1, 0.01, 0.001])
@pytest.mark.parametrize("x", [1.0, 1.3, 2.0])
def test_a_nudge_is_stretched_twice(nudge, x):
    live = made(number_lines, nudge=nudge, x=x)
    small, place = Fraction(str(nudge)), Fraction(str(x))
    du = (place + small) ** 2 - place**2
    dv = ((place + small) ** 4 - place**4) / 4
    exact = [small, du, du / small, dv, dv / du, dv / small]
    assert numbers(live.caption) == pytest.approx([float(n) for n in exact], rel=6e-4)


@pytest.mark.parametrize("nudge", [1.0, 0.03162277660168379, 0.001])
def test_number_lines_share_a_scale_and_lose_their_bend(nudge):
    live = made(number_lines, nudge=nudge, x=2.0)
    on_x, on_u, on_v = (points[:, 0] for points in lines(live, ORANGE, "-"))
    unit = on_x[-1] - on_x[0]
    moved = (2 + nudge) ** 4 / 4 - 4
    assert on_v[-1] - on_v[0] == pytest.approx(unit * moved / nudge)
    first, last = on_v[1] - on_v[0], on_v[-1] - on_v[-2]
    heights = [(2 + nudge * tenth / 10) ** 4 for tenth in (0, 1, 9, 10)]
    exact = (heights[3] - heights[2]) / (heights[1] - heights[0])
    assert last / first == pytest.approx(exact, rel=1e-6)
    assert len(lines(live, GREY)) == 11  # the threads from line to line


def test_number_lines_start_as_the_page_says():
    assert numbers(made(number_lines).caption) == [1, 5, 5, 16.25, 3.25, 16.25]


# Each slope at its own input


@pytest.mark.parametrize("x", [0.0, 0.05, 0.7, 1.0, 1.5, 2.0])
def test_each_slope_is_taken_at_its_own_input(x):
    live = made(own_input, x=x)
    u, inner = x * x, 2 * x
    right, wrong = inner * math.cos(u), inner * math.cos(x)
    exact = [u, math.cos(u), inner, right, x, math.cos(x), inner, wrong, right]
    assert numbers(live.caption) == pytest.approx(exact, abs=6e-5, rel=3e-4)


def test_the_slip_hides_where_x_is_its_own_square():
    live = made(own_input)
    for x in live.sliders["x"].places:
        live.set(x=x)
        right, wrong, measured = (numbers(live.caption)[i] for i in (3, 7, 8))
        assert right == measured
        assert (right == wrong) == (x in (0.0, 1.0))


def test_gears_multiply_their_slopes():
    live = made(gears)
    for values in ends_and_middle(live):
        live.set(**values)
        g, h = (Fraction(str(values[name])) for name in ("slope_g", "slope_h"))
        said = [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?", live.caption)]
        exact = [20, 20 * g, 20 * g * h, g * h, 1]
        assert said == pytest.approx([float(n) for n in exact])


def test_gears_turn_the_needles():
    live = made(gears, slope_g=2.0, slope_h=-1.5)
    turns = []
    for (x0, y0), (x1, y1) in lines(live, INK):
        turns.append(math.degrees(math.atan2(x1 - x0, y1 - y0)))
    assert sorted(turns) == pytest.approx([-60, 20, 40])


def test_two_jobs_start_with_numbers_for_the_head():
    live = made(two_jobs)
    start = "Passed on: 4 to v, 1.5 to u, 12 to x. Kept: 3 for w_f, 16 for w_g."
    assert repr(live) == start
    shown = {"x = 2", "u = 16", "v = 12", "cost 4", "× 0.375", "× 8"}
    assert shown <= set(labels(live))


def test_two_jobs_against_the_machine_written_in_one_line():
    # cost = (w_g √(w_f x) - 10)², differentiated by hand, by each letter.
    live = made(two_jobs)
    for values in [*ends_and_middle(live), {"w_f": 8.0, "w_g": 0.0}]:
        live.set(**values)
        f, g, x = values["w_f"], values["w_g"], 2.0
        gap = g * math.sqrt(f * x) - 10
        exact = [
            2 * gap,
            gap * g / math.sqrt(f * x),
            gap * g * math.sqrt(f / x),
            gap * g * math.sqrt(x / f),
            2 * gap * math.sqrt(f * x),
        ]
        assert numbers(live.caption) == pytest.approx(exact, rel=1e-3)


def test_two_jobs_have_no_slope_at_the_target():
    live = made(two_jobs, w_g=2.5)
    assert numbers(live.caption) == [0, 0, 0, 0, 0]


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
    live = made(graph_walk, step=6, x=x)
    exact = float(f(Decimal(repr(x))))
    assert f"At x = {x:z.2f}, forward: f = d + e = " in live.caption
    assert numbers(live.caption)[-1] == pytest.approx(exact, rel=1e-5)
    live.set(step=13)
    assert f"At x = {x:z.2f}, backward: df/dx = 2x · df/da = " in live.caption
    assert numbers(live.caption)[-1] == pytest.approx(slope_of_f(x), rel=1e-5)


def test_the_graph_fills_in_one_number_a_step():
    live = made(graph_walk)
    for step in range(14):
        live.set(step=step)
        assert sum(map(bool, labels(live))) == step + 1


def test_the_slopes_on_the_way_back():
    # At x = 1: c = 1 + e, df/dc = 1/(2√c) - sin c, df/da = (1 + e) df/dc.
    c = 1 + math.e
    by_c = 1 / (2 * math.sqrt(c)) - math.sin(c)
    live = made(graph_walk)
    for step, slope in enumerate([1, 1, 1, by_c, by_c, c * by_c], 7):
        live.set(step=step)
        assert numbers(live.caption)[-1] == pytest.approx(slope, rel=1e-5)


def test_the_misprint_agrees_at_0_and_1_only():
    live = made(misprint)
    for x in live.sliders["x"].places:
        live.set(x=x)
        off = numbers(live.caption)[-1]
        assert (off == 0) == (x in (0.0, 1.0))


@pytest.mark.parametrize(
    ("x", "printed"), [(0.5, -1.42747300), (1.0, 5.98308260), (2.0, -182.61538255)]
)
def test_the_misprint_has_its_published_values(x, printed):
    live = made(misprint, x=x)
    said = numbers(live.caption)
    exact = slope_of_f(x)
    assert said[:3] == pytest.approx([x, printed, exact], rel=1e-5)
    assert said[3] == pytest.approx(printed - exact, abs=1e-5)


# Counts that the page states


def operations(code):
    """Count arithmetic and calls; on the way back each slope meets its factor."""
    return sum(isinstance(n, ast.BinOp | ast.Call) for n in ast.walk(ast.parse(code)))


ON_THE_GRAPH = """
a = x**2; b = exp(a); c = a + b; d = sqrt(c); e = cos(c); f = d + e
by_c = 1 / (2 * d) - 1 * sin(c)
by_a = by_c + by_c * b
by_x = by_a * 2 * x
"""


def value(x):
    return f"(sqrt({x}**2 + exp({x}**2)) + cos({x}**2 + exp({x}**2)))"


def slope(x):
    c, inner = f"({x}**2 + exp({x}**2))", f"(2*{x} + 2*{x}*exp({x}**2))"
    return f"({inner} / (2*sqrt{c}) - sin{c}*{inner})"


def test_a_formula_written_out_swells():
    graph = operations(ON_THE_GRAPH)
    inside, written, counts = "x", slope("x"), []
    for n in range(1, 6):
        total = operations(value(inside)) + operations(written)
        counts.append((graph * n + n - 1, total))
        inside = value(inside)
        written = f"{slope(inside)} * {written}"
    assert counts == [(15, 37), (31, 218), (47, 971), (63, 4012), (79, 16205)]
