"""The line of lesson 06, against sums written out one number at a time."""

import math
import re
from itertools import product

import numpy as np
import pytest
from matplotlib.patches import Polygon
from matplotlib.path import Path
from reading import decimals, line, of_kind

from chainrule_lessons.explorers.decision import decision_line
from chainrule_lessons.plotting import Arrow

STAIRS = [[0, 0], [0, 1], [1, 0], [1, 1]]


def logistic(z):
    """The sigmoid by way of tanh, which the explorer does not use."""
    return (1 + math.tanh(z / 2)) / 2


@pytest.fixture(scope="module")
def live():
    return decision_line()


@pytest.mark.parametrize(
    "values", list(product((-2.0, 0.0, 2.0), (-2.0, 0.0, 2.0), (-6.0, 0.25, 6.0)))
)
def test_caption_of_two_inputs(values):
    live = decision_line(STAIRS, [0, 1, 1, 0])
    w1, w2, b = values
    live.set(weight_1=w1, weight_2=w2, bias=b)
    z = [w1 * x1 + w2 * x2 + b for x1, x2 in STAIRS]
    right = sum((v > 0) == seen for v, seen in zip(z, (0, 1, 1, 0), strict=True))
    error = sum(
        (logistic(v) - seen) ** 2 for v, seen in zip(z, (0, 1, 1, 0), strict=True)
    )
    assert f": {right} of 4 on the right side." in live.caption
    assert decimals(live.caption) == pytest.approx([w1, w2, b, error], abs=6e-4)


def test_no_line_lights_the_stairs():
    live = decision_line(STAIRS, [0, 1, 1, 0])
    places = [slider.places[::4] for slider in live.sliders.values()]
    right = {int(re.search(r"(\d) of", live._update(*w))[1]) for w in product(*places)}
    assert max(right) == 3


def test_the_gardeners_line_can_be_found(live):
    for factor in (1, 2):
        live.set(weight_1=factor, weight_2=-0.6 * factor, bias=-factor)
        assert ": 15 of 15 on the right side." in live.caption


@pytest.mark.parametrize(
    "values", [(2, 1, -3), (-2, 0.1, 6), (0, -1, 4), (0.1, 0, 6), (0, 0, 6), (0, 0, -6)]
)
def test_the_shade_is_the_output(live, values):
    w1, w2, b = values
    live.set(weight_1=w1, weight_2=w2, bias=b)
    axes = live.figure.axes[0]
    grid = list(
        product(np.linspace(*axes.get_xlim(), 23), np.linspace(*axes.get_ylim(), 19))
    )
    for tint, level in zip(of_kind(live, Polygon), (0.1, 0.5, 0.9), strict=True):
        outputs = np.array([logistic(w1 * x + w2 * y + b) for x, y in grid])
        clear = abs(outputs - level) > 1e-9
        shaded = Path(tint.get_xy()).contains_points(grid)
        assert (shaded == (outputs > level))[clear].all()


def test_the_line_has_output_one_half_and_the_arrow_stands_on_it(live):
    live.set(weight_1=1.5, weight_2=-0.5, bias=-2.0)
    ends = line(live, "#222222")
    assert ends @ [1.5, -0.5] - 2 == pytest.approx([0, 0], abs=1e-9)
    (found,) = of_kind(live, Arrow)
    tail, head = found._ends
    assert tail @ [1.5, -0.5] == pytest.approx(2)
    assert (head - tail)[0] / (head - tail)[1] == pytest.approx(1.5 / -0.5)
    assert (head - tail)[0] > 0


@pytest.mark.parametrize("bias", [-6.0, -3.0, 0.0, 3.0, 6.0])
def test_an_arrow_whose_head_leaves_the_figure_is_hidden(live, bias):
    (found,) = of_kind(live, Arrow)
    live.set(weight_1=1.0, weight_2=2.0, bias=bias)
    (x, y), (left, right) = found._ends[1], live.figure.axes[0].get_xlim()
    bottom, top = live.figure.axes[0].get_ylim()
    assert found.get_visible() == (left < x < right and bottom < y < top)


def test_rings_stand_around_what_is_wrong():
    live = decision_line(STAIRS, [0, 1, 1, 0])
    live.set(weight_1=1.0, weight_2=1.0, bias=-0.5)
    (rings,) = (a for a in live._artists if getattr(a, "get_markersize", int)() == 17)
    assert np.transpose(rings.get_data()).tolist() == [[1, 1]]


def test_the_callers_table_stays_as_it_is():
    table = np.array(STAIRS, float)
    decision_line(table, [0, 1, 1, 0]).set(weight_1=2)
    assert table.tolist() == STAIRS


@pytest.mark.parametrize(
    ("x", "target", "error", "message"),
    [
        ("text", [0], TypeError, "decision_line: x must be numbers, got 'text'"),
        (None, [0], TypeError, "decision_line: x must be numbers, got None"),
        (
            [1, 2],
            [0, 1],
            ValueError,
            "decision_line: x must have shape (N, 2), got (2,)",
        ),
        (
            np.zeros((0, 2)),
            [],
            ValueError,
            "decision_line: x must have shape (N, 2), got (0, 2)",
        ),
        (
            [[1, 2], [3]],
            [0, 1],
            ValueError,
            "decision_line: x must have rows of equal length, got [[1, 2], [3]]",
        ),
        (
            [[1, 2], [np.nan, 0]],
            [0, 1],
            ValueError,
            "decision_line: x must hold finite numbers, got nan at index (1, 0)",
        ),
        (
            [[1, 2], [1, 2]],
            [0, 1],
            ValueError,
            "decision_line: x must hold two different places, "
            "got [[1.0, 2.0], [1.0, 2.0]]",
        ),
        (
            STAIRS,
            [0, 1, 1],
            ValueError,
            "decision_line: target must hold a 0 or 1 for each of 4 rows, "
            "got [0.0, 1.0, 1.0]",
        ),
        (
            STAIRS,
            [0, 1, 1, 2],
            ValueError,
            "decision_line: target must hold a 0 or 1 for each of 4 rows, "
            "got [0.0, 1.0, 1.0, 2.0]",
        ),
        (
            STAIRS,
            "no",
            TypeError,
            "decision_line: target must be numbers, got 'no'",
        ),
    ],
    ids=[
        "text",
        "None",
        "one row",
        "empty",
        "ragged",
        "nan",
        "one place",
        "short",
        "two",
        "words",
    ],
)
def test_what_is_no_table_is_refused(x, target, error, message):
    with pytest.raises(error) as raised:
        decision_line(x, target)
    assert str(raised.value) == message
