"""The figures of lesson 5, against closed forms written out here."""

import numpy as np
import pytest
from matplotlib.patches import Rectangle
from reading import decimals, fixture_of, handles, labels, line, lines, made, of_kind

from chainrule_lessons import Linear, Sequential, Sigmoid, explorers
from chainrule_lessons.plotting import BLUE, GREY, INK, Arrow, sheet, training_loop


def chain(w, v):
    """Loss of the worked chain and its slope by the first weight."""
    y = 1 / (1 + np.exp(-(2 * w + 3 * v - 15)))
    return (20 * y - 10) ** 2, 2 * (20 * y - 10) * 20 * y * (1 - y) * 2


def walk(slope, place, rate, steps):
    for _ in range(steps):
        place = place - rate * slope(place)
    return place


curve = fixture_of(explorers.loss_curve)


@pytest.mark.parametrize("weight", [-2.0, 1.0, 4.0])
@pytest.mark.parametrize("other", [2.0, 5.0, 8.0])
def test_curve_says_loss_slope_and_next_place(curve, weight, other):
    curve.set(weight=weight, other=other, rate=0.003, steps=0)
    loss, slope = chain(weight, other)
    said = decimals(curve.caption)
    assert said == pytest.approx(
        [loss, weight, slope, weight - 0.003 * slope], abs=6e-3
    )


@pytest.mark.parametrize("rate", [0.00003, 0.003, 0.3])
@pytest.mark.parametrize("steps", [1, 10, 20])
def test_curve_walks_downhill(curve, rate, steps):
    curve.set(weight=1.0, other=5.0, rate=rate, steps=steps)
    end = walk(lambda w: chain(w, 5)[1], 1.0, rate, steps)
    assert curve.caption.startswith(f"After {steps} step")
    assert decimals(curve.caption)[:2] == pytest.approx(
        [chain(end, 5)[0], end], abs=6e-3
    )


def test_curve_draws_what_it_says(curve):
    curve.set(weight=0.4, other=5.6, rate=0.003, steps=0)
    x, y = line(curve, INK).T
    assert y == pytest.approx(chain(x, 5.6)[0], rel=1e-9)
    (dot,) = line(curve, BLUE, "None")
    assert dot == pytest.approx([0.4, chain(0.4, 5.6)[0]])


def test_curve_draws_the_walk_and_where_it_leads(curve):
    curve.set(weight=1.0, other=5.0, rate=0.003, steps=3)
    *places, after = [walk(lambda w: chain(w, 5)[1], 1, 0.003, n) for n in range(5)]
    losses = [chain(place, 5)[0] for place in places]
    assert line(curve, GREY) == pytest.approx(np.column_stack([places, losses]))
    (arrow,) = of_kind(curve, Arrow)
    bottom = curve.figure.axes[0].get_ylim()[0]
    assert arrow.x == pytest.approx([places[-1], after])
    assert arrow.y == pytest.approx([bottom / 2] * 2)  # below the curve
    ((_, ring),) = handles(curve)
    assert ring == pytest.approx((1, losses[0]))


@pytest.mark.parametrize("reach", [2.0, 2.7, 4.4, 5.0])
def test_rise_is_the_slope_where_a_run_of_one_has_room(reach):
    live = explorers.loss_curve(reach=reach)
    loss, slope = chain(1, 5)
    run = 1 if 2.5 < reach < 5 else 0.12 * np.ptp(live.figure.axes[0].get_xlim())
    legs = np.array([(1, loss), (1 + run, loss), (1 + run, loss + slope * run)])
    assert line(live, BLUE) == pytest.approx(legs)
    assert labels(live) == [f"{run:.3g}", f" {slope * run:.3g} "]
    (start, end) = line(live, BLUE, "--")
    assert (start + end) / 2 == pytest.approx([1, loss])
    assert end - start == pytest.approx([2.2 * run, 2.2 * run * slope])


def test_a_descent_starts_at_its_rate_and_takes_whole_steps(curve):
    rate, steps = curve.sliders["rate"], curve.sliders["steps"]
    assert (rate.places[0], rate.value, rate.places[-1]) == (0.00003, 0.003, 0.3)
    assert np.diff(np.log10(rate.places)) == pytest.approx(0.05)
    assert (steps.places, steps.value, steps.play) == ([*range(21)], 0, True)


def test_curve_leaves_the_network_alone():
    net = Sequential(Linear(2, 1, weight=[3, 4], bias=[0]), Sigmoid())
    before = [own.data.copy() for own in net.parameters()]
    live = explorers.loss_curve(net, x=[[1.0, 2.0]], target=[[0.5]], reach=2)
    live.set(weight=4.0, other=2.0, steps=5)
    for own, old in zip(net.parameters(), before, strict=True):
        assert (own.data == old).all()
        assert not own.grad.any()


def test_a_weight_that_is_not_there():
    with pytest.raises(IndexError, match="index must pick one entry of shape"):
        explorers.loss_curve(weight=("0.weight", (1, 0)))
    with pytest.raises(ValueError, match="parameter must be one of the network's"):
        explorers.loss_curve(weight=("1.weight", (0, 0)))


@pytest.mark.parametrize("start", [-3.8, 0.0, 2.0, 3.8])
@pytest.mark.parametrize(("rate", "steps"), [(0.0005, 20), (0.05, 0), (0.05, 20)])
def test_valleys(start, rate, steps):
    live = made(explorers.valleys, start=start, rate=rate, steps=steps)
    end = walk(lambda w: 0.2 * w + 3 * np.cos(3 * w), start, rate, steps)
    said = decimals(live.caption)[:2]
    assert said == pytest.approx([1 + end**2 / 10 + np.sin(3 * end), end], abs=6e-3)


@pytest.mark.parametrize("weight", [0.0, 1.0, 3.2, 6.0])
def test_courier_says_answers_squares_and_loss(weight):
    live = made(explorers.courier, weight=weight)
    squares = (weight - 4) ** 2, (2 * weight - 6) ** 2
    expected = [weight, weight, 2 * weight, *squares, sum(squares)]
    assert decimals(live.caption) == pytest.approx(expected, abs=6e-3)


def test_courier_shows_the_loss_no_further_than_the_weight_has_come():
    live = made(explorers.courier)
    for weight in (0.0, 2.0, 6.0):
        live.set(weight=weight)
        x, y = line(live, INK).T
        assert (x.min(), x.max()) == (0, weight)
        assert y == pytest.approx((x - 4) ** 2 + (2 * x - 6) ** 2)


@pytest.mark.parametrize("start", [0.0, 1.0, 5.0])
@pytest.mark.parametrize("rate", [0.01, 0.1, 0.15, 0.2])
def test_bold_steps_multiply_the_distance(start, rate):
    live = made(explorers.bold_steps, start=start, rate=rate, steps=7)
    end = 3.2 + (1 - 10 * rate) ** 7 * (start - 3.2)
    said = decimals(live.caption)[:2]
    assert said == pytest.approx([0.8 + 5 * (end - 3.2) ** 2, end], abs=6e-3)


RIDES = np.array([(1, 4), (2, 6), (3, 7), (4, 11)])


@pytest.mark.parametrize("start", [(-1.0, -1.0), (0.0, 0.0), (5.0, 2.0)])
@pytest.mark.parametrize("steps", [0, 1, 20, 100])
def test_fit_line_walks_over_the_sum_of_squares(start, steps):
    (w, b), rate = start, 0.01
    for _ in range(steps):
        by_w = sum(2 * (w * x + b - t) * x for x, t in RIDES)
        by_b = sum(2 * (w * x + b - t) for x, t in RIDES)
        w, b = w - rate * by_w, b - rate * by_b
    live = made(
        explorers.fit_line, first=start[0], second=start[1], rate=rate, steps=steps
    )
    loss = sum((w * x + b - t) ** 2 for x, t in RIDES)
    assert decimals(live.caption)[:3] == pytest.approx([loss, w, b], abs=6e-3)


def test_fit_line_draws_the_walk_and_where_it_leads():
    live = made(explorers.fit_line, first=1, second=2, rate=0.01, steps=2)
    places = [np.array([1, 2])]
    for _ in range(3):
        off = RIDES @ (places[-1][0], 0) + places[-1][1] - RIDES[:, 1]
        places.append(places[-1] - 0.02 * np.array([off @ RIDES[:, 0], off.sum()]))
    _, way = lines(live, BLUE, "-")
    assert way == pytest.approx(np.array(places[:3]))
    (arrow,) = of_kind(live, Arrow)
    assert np.column_stack([arrow.x, arrow.y]) == pytest.approx(np.array(places[2:]))
    assert line(live, BLUE, "None") == pytest.approx(np.array(places[2:3]))


def test_a_map_has_its_lines_close_where_the_loss_is_low():
    axes = made(explorers.two_links).figure.axes[0]
    (lines,) = axes.collections
    assert lines.levels / (12 + 2) ** 2 == pytest.approx(np.linspace(0.03, 1, 12) ** 2)
    for level, path in zip(lines.levels, lines.get_paths(), strict=True):
        w1, w2 = path.vertices.T
        assert (w1 * w2 - 2) ** 2 == pytest.approx(level, abs=0.02)
    written = [text.get_text() for text in axes.texts if text.get_text() != "loss 0"]
    assert {*written} <= {f"{level:.3g}" for level in lines.levels[2::2]}
    assert len(written) >= 5
    assert (axes.get_xlim(), axes.get_ylim()) == ((-4, 4), (-3, 3))


def test_fit_line_marks_the_line_of_least_squares():
    x, t = RIDES.T
    (w, b), _, _, _ = np.linalg.lstsq(np.column_stack([x, x**0]), t, rcond=None)
    _, right = made(explorers.fit_line).figure.axes
    assert [own.get_xydata().tolist() for own in right.lines] == [
        [pytest.approx([w, b])]
    ]


@pytest.mark.parametrize("w1", [-4.0, 3.0, 4.0])
@pytest.mark.parametrize("w2", [-3.0, 1.0, 3.0])
def test_two_links(w1, w2):
    live = made(explorers.two_links, first=w1, second=w2)
    error = w1 * w2 - 2
    expected = [error**2, w1, w2, 2 * error * w2, 2 * error * w1]
    assert decimals(live.caption) == pytest.approx(expected, abs=6e-3)


@pytest.mark.parametrize("w1", [-3.0, 1.2])
def test_a_start_that_never_arrives_ends_in_the_saddle(w1):
    live = made(explorers.two_links, first=w1, second=-w1, rate=0.05, steps=40)
    loss, *place = decimals(live.caption)[:3]
    assert loss == pytest.approx(4, abs=0.01)
    assert place == pytest.approx([0, 0], abs=0.02)
    live.set(first=w1, second=0.0)  # one slope is 0 there, the other is not
    assert decimals(live.caption)[0] < 0.01


@pytest.mark.parametrize("explorer", [explorers.fit_line, explorers.two_links])
def test_a_map_is_drawn_with_equal_axes(explorer):
    """Else a step would not leave its line of equal loss at a right angle."""
    assert made(explorer).figure.axes[-1].get_aspect() == 1


@pytest.mark.parametrize("explorer", [explorers.fit_line, explorers.two_links])
def test_a_descent_that_diverges_stops(explorer):
    live = made(explorer)
    ends = {name: live.sliders[name].places[-1] for name in ("first", "second", "rate")}
    live.set(**ends, steps=40)
    assert "nan" not in live.caption
    assert "inf" not in live.caption


def test_beyond_a_million_a_descent_says_no_number():
    (one, two), losses = (-4.0, 3.0), []
    while not losses or losses[-1] < 1e6:
        off = one * two - 2
        losses.append(off**2)
        one, two = one - 0.1 * 2 * off * two, two - 0.1 * 2 * off * one
    assert losses[-1] < 1e9
    live = made(explorers.two_links, first=-4.0, second=3.0, rate=0.1)
    *_, before, _ = losses
    live.set(steps=len(losses) - 2)
    assert decimals(live.caption)[0] == pytest.approx(before, abs=6e-4)
    live.set(steps=len(losses) - 1)
    assert live.caption.endswith(": loss over a million, far off the map.")


@pytest.mark.parametrize(
    ("name", "sliders", "place"),
    [
        ("courier", "weight", (0, 52)),
        ("loss_curve", "weight", (1, chain(1, 5)[0])),
        ("valleys", "start", (2, 1.4 + np.sin(6))),
        ("bold_steps", "start", (1, 25)),
        ("fit_line", "first second", (0, 0)),
        ("two_links", "first second", (3, 1)),
        ("any_weight", "weight", (0, None)),
    ],
)
def test_a_mark_can_be_grabbed_where_the_slider_has_put_it(name, sliders, place):
    live = made(getattr(explorers, name))
    if "steps" in live.sliders:
        live.set(steps=3)  # the mark stays at the start of the walk
    ((grabbed, (x, y)),) = handles(live)
    assert grabbed == sliders
    assert x == pytest.approx(place[0])
    if place[1] is not None:
        assert y == pytest.approx(place[1])


@pytest.mark.parametrize("name", ["courier", "bold_steps", "fit_line"])
def test_each_choice_of_a_bet_has_a_sentence_and_one_is_right(name):
    sentences = made(getattr(explorers, name)).question["sentences"]
    assert len(sentences) == len(set(sentences)) == 3
    assert sum(sentence.startswith("Right") for sentence in sentences) == 1


def test_the_map_shows_no_step_before_it_is_taken():
    live = made(explorers.fit_line)
    assert not of_kind(live, Arrow)
    live.set(steps=1)
    assert len(of_kind(live, Arrow)) == 1


@pytest.mark.parametrize("lit", ["", "data", "network", "loss", "slopes", "step"])
def test_training_loop_lights_one_part(lit):
    _, axes = sheet()
    caption = training_loop(axes, lit)
    boxes = [own for own in axes.patches if isinstance(own, Rectangle)]
    widths = [box.get_linewidth() for box in boxes]
    assert len(boxes) == 5
    assert widths.count(max(widths)) == (1 if lit else 5)
    assert ("Lit: part" in caption) == bool(lit)


def test_training_loop_has_no_other_part():
    with pytest.raises(ValueError, match="lit must be one of data, network, loss"):
        training_loop(sheet()[1], "weights")


def course_loss(name, index, value):
    """Loss of the 4-3-2 network with one entry changed, without any layer."""
    rng = np.random.default_rng(432)
    data = {}
    for layer, (rows, columns) in {"0": (3, 4), "2": (2, 3)}.items():
        bound = 1 / np.sqrt(columns)
        data[f"{layer}.weight"] = rng.uniform(-bound, bound, (rows, columns))
        data[f"{layer}.bias"] = rng.uniform(-bound, bound, rows)
    x, target = rng.normal(size=4), rng.uniform(-1, 1, size=2)
    data[name][index] = value
    hidden = np.tanh(data["0.weight"] @ x + data["0.bias"])
    return ((np.tanh(data["2.weight"] @ hidden + data["2.bias"]) - target) ** 2).sum()


@pytest.mark.parametrize("weight", [-3.0, 0.0, 3.0])
@pytest.mark.parametrize(
    "entry", [("0.weight", (0, 0)), ("0.bias", (2,)), ("2.weight", (1, 2))]
)
def test_any_weight(entry, weight):
    live = made(explorers.any_weight, entry=entry, weight=weight)
    slope = (
        course_loss(*entry, weight + 1e-5) - course_loss(*entry, weight - 1e-5)
    ) / 2e-5
    loss, at, *slopes = decimals(live.caption)
    assert (loss, at) == pytest.approx((course_loss(*entry, weight), weight), abs=6e-4)
    assert slopes == pytest.approx([slope, slope], abs=6e-5)


def test_any_weight_lists_all_23():
    assert (
        len(made(explorers.any_weight).sliders["entry"].places) == 4 * 3 + 3 * 2 + 3 + 2
    )
