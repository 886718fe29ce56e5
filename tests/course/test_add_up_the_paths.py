"""The figures of lesson 06, against closed forms and roads walked one by one."""

import json
import re
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from matplotlib.patches import Polygon
from matplotlib.text import Text
from reading import ends_and_middle, handles, labels, line, made, numbers, of_kind
from rerun import NOTEBOOKS

from chainrule_lessons.explorers import growing_rectangle, ledger, many_roads
from chainrule_lessons.plotting import GREY, ORANGE

EXPLORERS = [growing_rectangle, ledger, many_roads]


@pytest.mark.parametrize("explorer", EXPLORERS)
def test_labels_stay_inside_the_figure_and_apart(explorer):
    live = made(explorer)
    for values in ends_and_middle(live):
        live.set(**values)
        words = of_kind(live, Text)
        moving = [mark.set_down().get_window_extent() for mark in words]
        assert moving
        for box in moving:
            assert box.min.min() >= 0
            assert np.all(box.max <= live.figure.bbox.size)
        for i, box in enumerate(moving):
            assert not any(box.overlaps(other) for other in moving[:i])


@pytest.mark.parametrize("explorer", EXPLORERS)
def test_a_question_locks_the_sliders(explorer):
    live = explorer(predict=("More or less?", ["more", "less"]))
    assert live.question == {"text": "More or less?", "choices": ["more", "less"]}


@pytest.mark.parametrize(
    ("explorer", "right"),
    [
        # f is 6 a³; the pieces of the photo as in its tests
        (ledger, "more than 32" if 18 * 2**2 > 32 else "less than 32"),
        (growing_rectangle, f"{100 * (0.6 * 0.9) / (0.6 * 30 + 40 * 0.9):.0f} %"),
    ],
)
def test_the_right_choice_is_called_right_and_no_other(explorer, right):
    asked = made(explorer).question
    told = dict(zip(asked["choices"], asked["sentences"], strict=True))
    assert [choice for choice, said in told.items() if "Right" in said] == [right]


def test_the_number_bet_on_is_that_of_a_count():
    roads = sum(1 for _ in product(range(2), repeat=10))
    assert made(many_roads).question["number"] == roads


@pytest.mark.parametrize("explorer", EXPLORERS)
def test_what_is_stored_shows_the_start_alone(explorer):
    live = made(explorer)
    data = live._repr_mimebundle_()
    assert data["text/plain"].endswith(live.caption)
    assert "\n" not in data["text/plain"]


def test_what_a_cell_prints_is_folded_where_it_is_bet_on():
    (path,) = NOTEBOOKS.glob("06_*.ipynb")
    bets = ("%%fold The slope", "with =", "moved up", "slope = pass_back(links)")
    cells = [
        cell
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
        if cell["cell_type"] == "code"
        and any(b in "".join(cell["source"]) for b in bets)
    ]
    assert len(cells) == len(bets)
    for cell in cells:
        assert cell["source"][0].startswith("%%fold")


# The ledger

CLOSED = {  # f by each node; b = 2a, d = 2a², e = 3a, f = d e
    "a": lambda a: 18 * a**2,
    "b": lambda a: 5 * a**2,
    "d": lambda a: 3 * a,
    "e": lambda a: 2 * a**2,
}
ROADS = {"a": 6, "b": 2, "d": 1, "e": 1}


def test_the_roads_add_up_to_the_slope():
    live = made(ledger)
    for a, start in product(live.sliders["a"].places, CLOSED):
        live.set(roads=6, a=a, start=start)
        slope = float(CLOSED[start](Fraction(a)))
        said = f"Roads from {start} added: {ROADS[start]} of {ROADS[start]}"
        assert live.caption.startswith(f"{said}; slope of f by {start} = {slope:g}.")


def test_the_roads_come_one_by_one_with_their_factors():
    live = made(ledger)
    factors = ["1 · 2 · 6", "1 · 1 · 8", "1 · 2 · 6", "1 · 1 · 8", "4 · 6", "1 · 8"]
    total = 0
    for n, written in enumerate(factors, 1):
        live.set(roads=n)
        product_ = int(np.prod([int(k) for k in written.split(" · ")]))
        total += product_
        what = "slope of f by a" if n == 6 else "sum so far"
        assert live.caption == (
            f"Roads from a added: {n} of 6; {what} = {total}. "
            f"The last gave {written} = {product_}."
        )
        assert f"{written} = {product_}" in labels(live)


def test_a_bet_starts_with_an_empty_ledger():
    live = made(ledger)
    assert live.caption == "Roads from a added: 0 of 6; sum so far = 0."
    assert not any("→" in text for text in labels(live))


def test_a_negative_slope_stands_in_brackets():
    live = ledger(a=-1.5)
    live.set(roads=1)
    assert live.caption.endswith("The last gave 1 · (-1.5) · (-4.5) = 6.75.")


def test_the_lit_road_leads_from_the_start_to_f():
    live = made(ledger)
    nodes = {"a": (0, 0), "b": (1.2, 0), "d": (2.3, 1.1), "e": (2.3, -1.1)}
    for start, spot in nodes.items():
        for n in range(1, ROADS[start] + 1):
            live.set(start=start, roads=n)
            lit = line(live, ORANGE)
            assert tuple(lit[0]) == spot
            assert tuple(lit[-1]) == (3.4, 0)


@pytest.mark.parametrize(
    ("a", "error", "message"),
    [
        (4, ValueError, "Slider: value must lie from -2.0 to 3.0, got 4.0"),
        ("two", TypeError, "ledger: a must be numbers, got 'two'"),
        (np.nan, ValueError, "ledger: a must be finite, got nan"),
        (None, TypeError, "ledger: a must be numbers, got None"),
    ],
)
def test_the_ledger_refuses_a_bad_input(a, error, message):
    with pytest.raises(error, match=re.escape(message)):
        ledger(a=a)


# The growing rectangle


def test_strips_and_corner_are_the_area_that_was_added():
    live = made(growing_rectangle)
    for step in live.sliders["step"].places:
        live.set(step=step)
        seconds, first, second, corner, share = numbers(live.caption)
        added = (40 + 6 * step) * (30 + 9 * step) - 40 * 30
        assert seconds == pytest.approx(step, rel=5e-3)
        assert first + second + corner == pytest.approx(added, rel=5e-3)
        assert 2 * first == pytest.approx(second, rel=1e-2)
        assert share == pytest.approx(10 * step, rel=6e-2)


@pytest.mark.parametrize(
    ("step", "share"), [(1, "10 %"), (0.1, "1 %"), (0.01, "0.1 %")]
)
def test_the_corner_loses_ten_times_more(step, share):
    live = made(growing_rectangle, step=step)
    assert live.caption.endswith(f"which is {share} of the strips.")


def test_the_pieces_are_drawn_to_their_size():
    live = made(growing_rectangle)
    for step in (1.0, 0.1, 0.01):
        live.set(step=step)
        boxes = of_kind(live, Polygon)
        sizes = [(np.ptp(box.x), np.ptp(box.y)) for box in boxes]
        areas = np.prod(sizes[:4], axis=1)
        assert areas == pytest.approx([1200, 180 * step, 360 * step, 54 * step**2])
        lengths = [wide for wide, _ in sizes[4:]]
        assert lengths == pytest.approx([180, 360, 54 * step, 540 + 54 * step])
        starts = [box.x.min() for box in boxes[4:]]
        assert starts == pytest.approx([0, 180, 540, 0])


def test_the_corner_can_be_grabbed():
    live = made(growing_rectangle)
    for step in (1.0, 0.1):
        live.set(step=step)
        corner = 40 + 6 * step, 30 + 9 * step
        assert handles(live) == [("step", pytest.approx(corner))]


# Many roads


def walked(depth, width):
    """Walk every road, and add at every node, counting the multiplications."""
    links = np.random.default_rng(4).uniform(size=(depth + 1, width, width))
    roads, listing, by_road = 0, 0, 0.0
    for nodes in product(range(width), repeat=depth):
        slope = links[0, 0, nodes[0]]
        for k, (here, there) in enumerate(zip(nodes, [*nodes[1:], 0], strict=True), 1):
            slope *= links[k, here, there]
            listing += 1
        roads, by_road = roads + 1, by_road + slope
    slopes, summing = list(links[depth, :, 0]), 0
    for k in range(depth - 1, -1, -1):
        uses = links[k] if k else links[0, :1]
        summing += uses.size
        slopes = [sum(s * t for s, t in zip(row, slopes, strict=True)) for row in uses]
    assert slopes == pytest.approx([by_road])
    return roads, listing, summing


def test_the_counts_are_those_of_a_walk():
    live = made(many_roads)
    for depth, width in product([1, 2, 3, 6], [2, 3, 4]):
        live.set(depth=depth, width=width)
        assert tuple(numbers(live.caption)) == (depth, width, *walked(depth, width))


def test_twenty_layers_in_words():
    live = many_roads(depth=20)
    assert live.caption == (
        "20 layers of 2 nodes: 1,048,576 roads. Road by road takes 20,971,520 "
        "multiplications, node by node 78."
    )
    live.set(depth=1)
    assert live.caption.startswith("1 layer of 2 nodes: 2 roads.")


def test_the_lit_road_runs_along_links():
    live = made(many_roads)
    for values in ends_and_middle(live):
        live.set(**values)
        corners = line(live, GREY).reshape(-1, 3, 2)
        drawn = {tuple(piece[:2].ravel()) for piece in corners}
        steps = line(live, ORANGE)
        assert {(*p, *q) for p, q in zip(steps, steps[1:], strict=False)} <= drawn
        depth, width = values["depth"], values["width"]
        assert len(drawn) == len(corners) == 2 * width + (depth - 1) * width**2


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"depth": 21}, ValueError, "Slider: value must lie from 1 to 20, got 21.0"),
        ({"width": 1}, ValueError, "Slider: value must lie from 2 to 4, got 1.0"),
        ({"depth": 2.5}, TypeError, "depth must be a whole number, got 2.5"),
        ({"width": True}, TypeError, "width must be a whole number, got True"),
        ({"depth": "ten"}, TypeError, "depth must be a whole number, got 'ten'"),
        ({"width": None}, TypeError, "width must be a whole number, got None"),
    ],
)
def test_many_roads_refuses_a_bad_size(given, error, message):
    with pytest.raises(error, match=re.escape(message)):
        many_roads(**given)


@pytest.mark.parametrize(
    ("explorer", "name"), [(many_roads, "depth"), (ledger, "roads")]
)
def test_half_a_step_is_refused(explorer, name):
    live = made(explorer)
    with pytest.raises(ValueError, match=f"{name} must be a whole number, got 2.5"):
        live.set(**{name: 2.5})
