"""The figures of lesson 03, against sums written out one number at a time."""

import math
from itertools import combinations, product

import numpy as np
import pytest
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon
from matplotlib.path import Path
from matplotlib.text import Text
from reading import (
    decimals,
    fixture_of,
    handles,
    labels,
    line,
    lines,
    made,
    numbers,
    of_kind,
)

from chainrule_lessons.explorers import (
    decision_line,
    fold,
    network,
    neuron,
    ridge,
    rows,
    stairs,
    wires,
)
from chainrule_lessons.live import Pen
from chainrule_lessons.live.neurons import bracketed
from chainrule_lessons.plotting import GREEN, GREY, INK, ORANGE, Arrow

SHUT = (-4, -3, -2, -1, 0, 1, 3)
OPEN = (2, 4, 5, 7, 8)
STAIRS = [[0, 0], [0, 1], [1, 0], [1, 1]]
HEIGHTS = [1, 2, 4, 3, 5, 8, 6, 3, 1]


def logistic(z):
    """The sigmoid by way of tanh, which the explorers do not use."""
    return (1 + math.tanh(z / 2)) / 2


# One input


one = fixture_of(neuron)


@pytest.mark.parametrize(
    ("weight", "bias"), list(product((-3.0, -0.1, 1.0, 3.0), (-8, 0, 8)))
)
def test_caption_of_a_neuron(one, weight, bias):
    one.set(weight=weight, bias=bias)
    error = sum(logistic(weight * x + bias) ** 2 for x in SHUT)
    error += sum((1 - logistic(weight * x + bias)) ** 2 for x in OPEN)
    exact = (-bias / weight, weight / 4, error)
    assert decimals(one.caption) == pytest.approx(exact, abs=0.0051)
    assert "-0.00" not in one.caption


@pytest.mark.parametrize("bias", [-8.0, 0.0, 8.0])
def test_without_a_weight_the_input_has_no_say(one, bias):
    one.set(weight=0.0, bias=bias)
    expected = f"Output {logistic(bias):.3f} whatever the temperature."
    assert one.caption.startswith(expected)
    assert lines(one, ORANGE) == []


def test_the_curve_and_its_tangent(one):
    one.set(weight=1.5, bias=-3.0)
    for x, y in line(one, INK):
        assert y == pytest.approx(logistic(1.5 * x - 3), abs=1e-12)
    (x0, y0), (x1, y1) = line(one, ORANGE, "-")
    assert ((x0 + x1) / 2, (y0 + y1) / 2) == pytest.approx((2, 0.5))
    h = 1e-5
    measured = (logistic(1.5 * h) - logistic(-1.5 * h)) / (2 * h)
    assert (y1 - y0) / (x1 - x0) == pytest.approx(measured, rel=1e-8)


def test_grey_lines_are_the_errors(one):
    one.set(weight=1.0, bias=-2.0)
    drawn = line(one, GREY).reshape(12, 3, 2)
    for (x, seen), (same, output), (_, gap) in drawn:
        assert x == same
        assert seen == (x in OPEN)
        assert output == pytest.approx(logistic(x - 2))
        assert math.isnan(gap)


@pytest.mark.parametrize("make", [neuron, ridge, stairs])
def test_a_bet_comes_first_and_its_sentences_say_who_is_right(make):
    live = made(make)
    sentences = live.question["sentences"]
    assert live.prediction == ""
    assert sum(sentence.startswith("Right") for sentence in sentences) == 1
    (shown,) = live._repr_mimebundle_()["text/plain"].splitlines()
    assert shown.endswith(live.caption)


@pytest.mark.parametrize(
    ("make", "slider"),
    [(neuron, "bias"), (stairs, "bias"), (ridge, "neurons"), (fold, "bias")],
)
def test_a_dot_can_be_dragged(make, slider):
    assert slider in dict(handles(made(make)))


def test_a_larger_bias_moves_the_curve_to_the_left(one):
    one.set(weight=1.0, bias=2.0)
    (place,) = (tuple(dot[0]) for dot in lines(one, ORANGE, "None"))
    assert place == (-2, 0.5)
    choices = one.question["choices"]
    right = [s.startswith("Right") for s in one.question["sentences"]]
    assert choices[right.index(True)] == "to the left"


def test_the_readout_stays_inside_the_figure(one):
    one.set(weight=-3.0, bias=8.0)
    (readout,) = of_kind(one, Text)
    assert readout.text == "slope -0.750"
    assert readout.set_down().get_window_extent().y1 <= one.figure.bbox.height


# Two inputs


two = fixture_of(decision_line)


@pytest.mark.parametrize(
    "values", list(product((-2.0, 0.0, 2.0), (-2.0, 0.0, 2.0), (-6.0, 0.25, 6.0)))
)
def test_caption_of_two_inputs(values):
    live = made(stairs)
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
    live = made(stairs)
    values = list(product(*(slider.places for slider in live.sliders.values())))
    z = np.array(values) @ np.array([(*x, 1) for x in STAIRS]).T
    right = ((z > 0) == (False, True, True, False)).sum(axis=1)
    for best in np.flatnonzero(right == right.max())[::500]:
        live.set(**dict(zip(live.sliders, values[best], strict=True)))
        assert ": 3 of 4 on the right side." in live.caption


def test_the_gardeners_line_can_be_found(two):
    for factor in (1, 2):
        two.set(weight_1=factor, weight_2=-0.6 * factor, bias=-factor)
        assert ": 15 of 15 on the right side." in two.caption


@pytest.mark.parametrize(
    "values", [(2, 1, -3), (-2, 0.1, 6), (0, -1, 4), (0.1, 0, 6), (0, 0, 6), (0, 0, -6)]
)
def test_the_shade_is_the_output(two, values):
    w1, w2, b = values
    two.set(weight_1=w1, weight_2=w2, bias=b)
    axes = two.figure.axes[0]
    grid = list(
        product(np.linspace(*axes.get_xlim(), 23), np.linspace(*axes.get_ylim(), 19))
    )
    for tint, level in zip(of_kind(two, Polygon), (0.1, 0.5, 0.9), strict=True):
        outputs = np.array([logistic(w1 * x + w2 * y + b) for x, y in grid])
        clear = abs(outputs - level) > 1e-9
        shaded = Path(np.column_stack([tint.x, tint.y])).contains_points(grid)
        assert (shaded == (outputs > level))[clear].all()


def test_the_line_has_output_one_half_and_the_arrow_stands_on_it(two):
    two.set(weight_1=1.5, weight_2=-0.5, bias=-2.0)
    ends = line(two, INK, "-")
    assert ends @ [1.5, -0.5] - 2 == pytest.approx([0, 0], abs=1e-9)
    (found,) = of_kind(two, Arrow)
    tail, head = np.column_stack([found.x, found.y])
    assert tail @ [1.5, -0.5] == pytest.approx(2)
    assert (head - tail)[0] / (head - tail)[1] == pytest.approx(1.5 / -0.5)
    assert (head - tail)[0] > 0


@pytest.mark.parametrize("bias", [-6.0, -3.0, 0.0, 3.0, 6.0])
@pytest.mark.parametrize("w", [(1.0, 2.0), (-2.0, 0.5), (0.5, -2.0), (0.0, 0.5)])
def test_an_arrow_whose_head_leaves_the_figure_is_hidden(two, w, bias):
    two.set(weight_1=w[0], weight_2=w[1], bias=bias)
    axes, w = two.figure.axes[0], np.array(w)
    low, high = np.transpose([axes.get_xlim(), axes.get_ylim()])
    middle = (low + high) / 2
    foot = middle - (w @ middle + bias) / (w @ w) * w
    head = foot + 0.05 * math.dist(low, high) * w
    drawn = [[mark.x[1], mark.y[1]] for mark in of_kind(two, Arrow)]
    if (low < head).all() and (head < high).all():
        assert drawn == [pytest.approx(head)]
    else:
        assert drawn == []


def test_circles_are_filled_where_the_target_is_1():
    live = made(stairs)
    places = {
        mark.stamp.get_markerfacecolor(): np.column_stack([mark.x, mark.y]).tolist()
        for mark in of_kind(live, Line2D)
        if mark.stamp.get_markeredgewidth() == 1.5
    }
    wrong = places.pop("none")  # a ring around each
    assert wrong == [[0, 1], [1, 1]]
    assert places == {GREEN: [[1, 0], [0, 1]], "white": [[0, 0], [1, 1]]}


def test_rings_stand_around_what_is_wrong():
    live = made(stairs, weight_1=1.0, weight_2=1.0, bias=-0.5)
    (ring,) = (m for m in of_kind(live, Line2D) if m.stamp.get_markersize() == 17)
    assert (ring.x.tolist(), ring.y.tolist()) == ([1], [1])


# Circles and wires


def said(text):
    """The numbers of a caption, whose minus is a true one."""
    return numbers(text.replace("−", "-"))


def greenhouse(x1, x2):
    return 2 * x1 - x2 - 1, -3 * x1 + x2 + 5


@pytest.mark.parametrize(("x1", "x2"), [(3, 2), (1, 4), (-3, 0), (6, 9), (0, 3)])
def test_a_row_is_a_sum_of_products(x1, x2):
    live = made(rows)
    window, heater = greenhouse(x1, x2)
    live.set(x1=x1, x2=x2, lit="neuron 1")
    assert said(live.caption) == [1, 2, x1, -1, x2, -1, window]
    live.set(lit="neuron 2")
    assert said(live.caption) == [2, -3, x1, 1, x2, 5, heater]
    assert {f"{window}".replace("-", "−"), f"{heater}".replace("-", "−")} <= set(
        labels(live)
    )


@pytest.mark.parametrize(("x1", "x2"), [(3, 2), (1, 4), (-3, 0), (6, 9), (3, 4)])
def test_the_network_with_and_without_a_bend(x1, x2):
    live = made(network)
    window, heater = greenhouse(x1, x2)
    a, c = max(window, 0), max(heater, 0)
    live.set(x1=x1, x2=x2, activation="ReLU")
    assert said(live.caption) == [
        window,
        a,
        heater,
        c,
        2,
        a,
        4,
        c,
        1,
        2 * a + 4 * c + 1,
    ]
    live.set(activation="none")
    assert said(live.caption)[-1] == -8 * x1 + 2 * x2 + 19


def test_a_factor_below_zero_stands_in_brackets():
    assert [*map(bracketed, (2.0, 0.0, -0.0, -1.5))] == ["2", "0", "0", "(−1.5)"]


@pytest.mark.parametrize(("lit", "other"), [(0, 1), (1, 0)])
def test_each_wire_carries_its_weight_and_one_neuron_is_lit(lit, other):
    live = made(rows, lit=f"neuron {lit + 1}")
    circles = [m for m in of_kind(live, Line2D) if m.stamp.get_markersize() == 40]
    places = [(mark.x[0], mark.y[0]) for mark in circles]
    tails, heads = places[:2], places[2:]  # inputs, then neurons; the upper first
    weights = {(0, 0): "2", (0, 1): "−1", (1, 0): "−3", (1, 1): "1"}
    wires = {
        tuple(zip(mark.x.tolist(), mark.y.tolist(), strict=True)): mark.stamp
        for mark in of_kind(live, Line2D)
        if len(mark.x) == 2
    }
    looks = {lit: (INK, 2), other: (GREY, 1)}
    written = [m for m in live.marks if m.text]
    for (j, i), weight in weights.items():
        wire = wires[tails[i], heads[j]]
        assert (wire.get_color(), wire.get_linewidth()) == looks[j]
        third = 0.7 * np.array(tails[i]) + 0.3 * np.array(heads[j])
        (on_it,) = (m for m in written if math.dist(third, (*m.x, *m.y)) < 1e-9)
        assert (on_it.text, on_it.stamp.get_color()) == (weight, looks[j][0])
    for j, bias in enumerate(["bias −1", "bias 5"]):
        (below,) = (m for m in written if m.text == bias)
        assert below.x == heads[j][0]
        assert 0.8 < heads[j][1] - below.y < 2
        assert below.stamp.get_color() == looks[j][0]
    for name, (x, y) in zip(
        ("degrees", "wind", "window", "heater"), places, strict=True
    ):
        (above,) = (m for m in written if m.text == name)
        assert above.x == x
        assert 0.7 < above.y - y < 1.5


def test_all_wires_are_black_where_none_is_lit():
    wires = [m.stamp for m in of_kind(made(network), Line2D) if len(m.x) == 2]
    assert len(wires) == 6
    assert {(wire.get_color(), wire.get_linewidth()) for wire in wires} == {(INK, 2)}


@pytest.mark.parametrize("make", [rows, network])
def test_no_two_words_of_a_network_lie_upon_each_other(make):
    live = made(make)
    live.png()
    boxes = [m.set_down().get_window_extent() for m in live.marks if m.text]
    assert len(boxes) > 10
    for one, other in combinations(boxes, 2):
        assert not one.overlaps(other)


def test_the_first_picture_keeps_its_question_marks():
    written = [t.get_text() for t in wires().figure.findobj(Text)]
    pens = wires().figure.findobj(Pen)
    written += [mark.text for pen in pens for mark in pen.marks]
    assert written.count("?") == 3
    assert "7" not in written


# Folding the plane


def landed(w1, w2, b):
    return [(x1 + x2, max(w1 * x1 + w2 * x2 + b, 0)) for x1, x2 in STAIRS]


@pytest.mark.parametrize(
    "values", [(1, -1, 0), (1, 1, -1), (-1, 0.75, 0.25), (0.5, -0.25, -1.5)]
)
def test_corners_land_where_the_two_neurons_say(values):
    live = made(fold)
    live.set(**dict(zip(live.sliders, values, strict=True)))
    a, c, b, d = landed(*values)  # of (0, 0), (0, 1), (1, 0), (1, 1)
    right = sum(
        (x - 2 * y > 0.5) == on
        for (x, y), on in zip((a, b, c, d), (False, True, True, False), strict=True)
    )
    found = said(live.caption)
    assert found == pytest.approx([*a, *b, *c, *d, right, 4])


def test_the_corners_and_their_letters_stay_in_the_picture():
    live = made(fold)
    ends = [
        slider.places[:: len(slider.places) - 1] for slider in live.sliders.values()
    ]
    for values in product(*ends):
        live.set(**dict(zip(live.sliders, values, strict=True)))
        live.png()
        for mark in live.marks:
            if mark.text:
                letter, inside = mark.set_down().get_window_extent(), mark.stamp.axes
                assert (inside.bbox.p0 <= letter.p0).all(), values
                assert (letter.p1 <= inside.bbox.p1).all(), values
        after = live.figure.axes[1]
        for corner in landed(*values):
            assert after.bbox.contains(*after.transData.transform(corner)), values


def test_the_plane_can_be_folded_so_that_one_line_is_enough():
    live = made(fold)
    assert live.caption.endswith("2 of 4 right.")
    live.set(weight_1=1, weight_2=1, bias=-1)
    assert live.caption.endswith("4 of 4 right.")


# A layer


layer = fixture_of(ridge)


def follow(neurons):
    """Walk along the ridge for some steps, then straight on."""
    y, rise = [HEIGHTS[0]], 0
    for x in range(8):
        rise = HEIGHTS[x + 1] - HEIGHTS[x] if x < neurons else rise
        y.append(y[-1] + rise)
    return y


@pytest.mark.parametrize("neurons", range(9))
def test_each_neuron_bends_the_line_once(layer, neurons):
    layer.set(neurons=neurons, activation="ReLU")
    expected = [[x, y] for x, y in enumerate(follow(neurons))]
    assert line(layer, INK, "-").tolist() == expected
    before = [[x, y] for x, y in enumerate(follow(max(neurons - 1, 0)))]
    assert line(layer, GREY, "--").tolist() == before
    gap = max(abs(y - h) for y, h in zip(follow(neurons), HEIGHTS, strict=True))
    assert layer.caption.endswith(f"Largest gap {gap:.1f}.")


def test_the_caption_names_the_bend(layer):
    layer.set(neurons=6, activation="ReLU")
    expected = "6 neurons. The newest bends the line at 5: slope 3 becomes -2."
    assert layer.caption.startswith(expected)
    assert line(layer, GREEN, "None").tolist() == [[5, 8]]
    layer.set(neurons=1)
    expected = "1 neuron. The newest bends the line at 0: slope 0 becomes 1."
    assert layer.caption.startswith(expected)
    layer.set(neurons=0)
    assert layer.caption == "0 neurons. Slope 0 everywhere. Largest gap 7.0."
    assert line(layer, GREEN, "None").tolist() == []


@pytest.mark.parametrize("neurons", range(9))
def test_without_activation_the_line_is_straight(layer, neurons):
    layer.set(neurons=neurons, activation="none")
    heights = line(layer, INK)[:, 1]
    assert np.diff(heights, 2).tolist() == [0] * 7
    assert f"slope {heights[1] - heights[0]:.0f} everywhere".lower() in (
        layer.caption.lower()
    )
