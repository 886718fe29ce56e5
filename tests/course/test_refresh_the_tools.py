"""The live figures of the refresher, against closed forms in complex numbers."""

import cmath
import math
import re
from itertools import product
from pathlib import Path

import nbformat
import numpy as np
import pytest
from matplotlib.text import Text
from reading import fixture_of, line, lines, numbers, of_kind

from chainrule_lessons.explorers import dot_product, mirror
from chainrule_lessons.plotting import GREEN, INK, Arrow

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
TURNS = list(product((-180, -90, -25, 0, 60, 90, 180), (1.0, 2.5, 4.0)))
U = 4 + 3j


folded = fixture_of(mirror)
turning = fixture_of(dot_product)


def turned(angle, length):
    """Return v as a complex number: u's direction, turned and stretched."""
    return U / 5 * cmath.rect(length, math.radians(angle))


# exp and log


@pytest.mark.parametrize("x", [-4.0, -0.35, 0.0, 1.0, 1.75])
def test_the_mirror_swaps_the_two_numbers(folded, x):
    folded.set(x=x)
    height = math.e**x
    assert numbers(folded.caption) == pytest.approx([x, height, height, x], abs=1e-4)
    (on_log,) = lines(folded, GREEN)
    fold, on_exp = sorted(lines(folded, INK), key=len, reverse=True)
    assert on_exp.tolist() == [pytest.approx([x, height])]
    assert on_log.tolist() == [pytest.approx([height, x])]
    np.testing.assert_allclose(fold, np.concatenate([on_exp, on_log]))


@pytest.mark.parametrize("x", [-4.0, 1.75])
def test_the_mirrored_points_stay_in_the_picture(folded, x):
    folded.set(x=x)
    (axes,) = folded.figure.axes
    for (a, b), *_ in (lines(folded, GREEN)[0], lines(folded, INK)[1]):
        assert axes.get_xlim()[0] < a < axes.get_xlim()[1]
        assert axes.get_ylim()[0] < b < axes.get_ylim()[1]


def test_both_graphs_are_drawn_as_they_are(folded):
    (axes,) = folded.figure.axes
    curves = [c.get_xydata() for c in axes.lines if len(c.get_xydata()) > 2]
    exp, log = curves
    np.testing.assert_allclose(exp[:, 1], math.e ** exp[:, 0])
    np.testing.assert_allclose(math.e ** log[:, 1], log[:, 0])


# The dot product


@pytest.mark.parametrize(("angle", "length"), TURNS)
def test_the_caption_is_the_dot_product_both_ways(turning, angle, length):
    turning.set(angle=angle, length=length)
    v = turned(angle, length)
    dot = (U.conjugate() * v).real
    exact = [angle, 4, v.real, 3, v.imag, dot, 5, dot / 5]
    assert numbers(turning.caption) == pytest.approx(exact, abs=0.0051)
    assert "-0.00" not in turning.caption


@pytest.mark.parametrize(("angle", "length"), TURNS)
def test_the_shadow_ends_at_the_foot_of_v(turning, angle, length):
    turning.set(angle=angle, length=length)
    v = turned(angle, length)
    (arrow,) = of_kind(turning, Arrow)
    assert complex(arrow.x[1], arrow.y[1]) == pytest.approx(v)
    cast, dot = sorted(lines(turning, GREEN), key=len, reverse=True)
    end = complex(*cast[1])
    assert ((v - end) * U.conjugate()).real == pytest.approx(0, abs=1e-9)
    assert (end * U.conjugate()).imag == pytest.approx(0, abs=1e-9)
    assert dot[0] == pytest.approx([angle, (U.conjugate() * v).real], abs=1e-9)


@pytest.mark.parametrize(("angle", "length"), TURNS)
def test_the_graph_shows_no_more_than_was_turned(turning, angle, length):
    turning.set(angle=angle, length=length)
    angles, values = line(turning, INK).T
    assert abs(angles).max() == abs(angle)
    exact = [(U.conjugate() * turned(place, length)).real for place in angles]
    np.testing.assert_allclose(values, exact, atol=1e-9)


@pytest.mark.parametrize(("angle", "length"), TURNS)
def test_labels_stand_inside_and_apart(turning, angle, length):
    turning.set(angle=angle, length=length)
    words = {mark.text: complex(*mark.x, *mark.y) for mark in of_kind(turning, Text)}
    to_v, axes = words["v"], turning.figure.axes[0]
    assert axes.get_xlim()[0] + 0.2 < to_v.real < axes.get_xlim()[1] - 0.2
    assert axes.get_ylim()[0] + 0.2 < to_v.imag < axes.get_ylim()[1] - 0.2
    if abs(angle) == 90:
        assert "shadow" not in words
    else:
        sides = [(place * U.conjugate()).imag for place in (to_v, words["shadow"])]
        assert sides[0] * sides[1] < 0 or abs(angle) == 180


def test_a_prediction_locks_the_sliders():
    question = ("Then u · v is ...", ["positive", "negative"])
    asked = dot_product(predict=question).question
    assert asked == {"text": question[0], "choices": question[1]}
    with pytest.raises(TypeError, match="predict must be a question"):
        dot_product(predict="negative")


# Links into the page


def test_each_link_names_a_cell_that_begins_with_this_heading():
    page = "A_refresh_the_tools.ipynb"
    cells = nbformat.read(NOTEBOOKS / page, as_version=4).cells
    heading = {cell.id: cell.source.split("\n")[0] for cell in cells}
    link = rf"\((?:{re.escape(page)})?#(?:cell-id=)?([A-Z][\w-]+)\)"
    for path in NOTEBOOKS.glob("*.ipynb"):
        text = path.read_text(encoding="utf-8")
        if path.name != page:  # a link of another page within itself is not meant
            text = text.replace("(#", "(")
        for name in re.findall(link, text):
            title = name.replace("-", " ")
            assert heading[name] in (f"## {title}", f"### {title}")


def test_no_cell_hides_a_name_that_the_text_uses():
    cells = nbformat.read(NOTEBOOKS / "A_refresh_the_tools.ipynb", as_version=4).cells
    code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    for name in ("exp", "log", "sin", "cos", "derivative", "compare", "double"):
        assert not re.search(rf"^\s*(?:for )?{name}(?:,.*)? = ", code, re.MULTILINE)
