"""The figures of lesson 04, against closed forms and step-by-step arithmetic."""

import math
import re
from itertools import product

import numpy as np
import pytest
from matplotlib.patches import Polygon
from matplotlib.text import Text
from reading import (
    decimals,
    fixture_of,
    handles,
    labels,
    lines,
    made,
    numbers,
    of_kind,
)

from chainrule_lessons.explorers import (
    compass,
    downhill,
    slices,
    surface,
    tile,
    trust,
)
from chainrule_lessons.plotting import GREEN, INK, ORANGE, Arrow

TRAYS = list(product((0.5, 2.0, 4.0), (0.0, 1.0, 3.0)))


live = fixture_of(slices)
tilted = fixture_of(tile)
turned = fixture_of(compass)
walk = fixture_of(downhill)
trusted = fixture_of(trust)


def arrow_of(live):
    """The two ends of the one arrow."""
    (found,) = of_kind(live, Arrow)
    return np.column_stack([found.x, found.y])


# The hill of all trays


def test_the_surface_names_its_slices_and_none_of_their_slopes():
    picture = surface()
    texts = {text.get_text() for text in picture.figure.findobj(Text)}
    assert {"h held at 2", "s held at 3", "batter in dl"} <= texts
    assert numbers(picture.caption) == [3, 2, 2, 18]  # and 3², a name


@pytest.mark.parametrize(("s", "h"), TRAYS)
def test_the_caption_holds_batter_and_slopes(live, s, h):
    live.set(s=s, h=h)
    exact = [s, h, s * s * h, 2 * s * h, s * s]
    assert decimals(live.caption) == pytest.approx(exact, abs=0.0051)
    held, slope_s, other, slope_h = labels(live)
    assert (held, other) == (f"h held at {h:.1f}", f"s held at {s:.1f}")
    assert decimals(slope_s + slope_h) == pytest.approx(exact[3:], abs=0.0051)


@pytest.mark.parametrize(("s", "h"), TRAYS)
def test_tangents_touch_their_slices(live, s, h):
    live.set(s=s, h=h)
    along_s, along_h = lines(live, ORANGE)
    for tangent, slope, at in ((along_s, 2 * s * h, s), (along_h, s * s, h)):
        (x0, y0), (x1, y1) = tangent
        assert (y1 - y0) / (x1 - x0) == pytest.approx(slope, abs=1e-9)
        assert ((x0 + x1) / 2, (y0 + y1) / 2) == pytest.approx((at, s * s * h))


def test_curves_are_the_slices(live):
    live.set(s=1.5, h=0.5)
    (along_s,) = (line for line in lines(live, INK) if len(line) > 2)
    np.testing.assert_allclose(along_s[:, 1], 0.5 * along_s[:, 0] ** 2)
    (along_h,) = (line for line in lines(live, GREEN) if len(line) > 2)
    np.testing.assert_allclose(along_h[:, 1], 1.5**2 * along_h[:, 0])


@pytest.mark.parametrize(("s", "h"), TRAYS)
def test_the_arrow_is_the_gradient_and_stays_on_the_map(live, s, h):
    live.set(s=s, h=h)
    tail, head = arrow_of(live)
    step, slopes = head - tail, np.array([2 * s * h, s * s])
    assert tail == pytest.approx([s, h])
    assert step[0] * slopes[1] == pytest.approx(step[1] * slopes[0])
    assert step @ slopes >= 0
    assert (head <= [5, 4]).all()


def test_the_dots_of_the_slices_can_be_grabbed(live):
    live.set(s=2.0, h=1.5)
    assert dict(handles(live)) == {"s h": (2, 1.5), "s": (2, 6), "h": (1.5, 6)}


# Which way is steepest


def seen(point):
    """Where the tile's drawing puts a point (s, h, climb)."""
    s, h, climb = point
    return [0.9 * s - 0.7 * h, 0.3 * s + 0.4 * h + climb / 20]


@pytest.mark.parametrize("angle", [0, 20, 37, 90])
def test_the_tile_adds_the_climbs_of_its_two_ramps(tilted, angle):
    tilted.set(angle=float(angle))
    across, up = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    climb = 12 * across + 9 * up
    exact = [angle, 12, across, 9, up, climb]
    assert numbers(tilted.caption) == pytest.approx(exact, abs=0.0051)
    assert decimals(labels(tilted)[0]) == pytest.approx([climb], abs=0.0051)
    foot = [across, up]
    assert dict(handles(tilted))["angle"] == pytest.approx(seen([*foot, climb]))
    # On the tile black comes first and green on top of it, and so in the column.
    (by_s, stacked_s), (by_h, stacked_h) = lines(tilted, INK), lines(tilted, GREEN)
    low, knee = seen([*foot, 0]), seen([*foot, 12 * across])
    np.testing.assert_allclose(by_s, [low, knee])
    np.testing.assert_allclose(by_h, [knee, seen([*foot, climb])])
    np.testing.assert_allclose(stacked_s[:2, 1], [0, 12 * across])
    np.testing.assert_allclose(stacked_h[:2, 1], [12 * across, climb])


def test_the_steepest_step_on_the_tile_is_pythagoras(tilted):
    climbs = []
    for angle in tilted.sliders["angle"].places:
        tilted.set(angle=angle)
        climbs.append(numbers(tilted.caption)[-1])
    assert max(climbs) == pytest.approx(math.hypot(12, 9), abs=0.0051)
    steepest = tilted.sliders["angle"].places[int(np.argmax(climbs))]
    assert steepest == pytest.approx(math.degrees(math.atan2(9, 12)), abs=1)
    assert min(climbs) == 9


@pytest.mark.parametrize("angle", [0, 36, 90, 127, 180, 217, 307, 360])
def test_the_slope_at_an_angle(turned, angle):
    turned.set(angle=angle)
    turn = math.radians(angle)

    def holds(t):  # s² h near (3, 2), stepped by 1e-6 to both sides
        return (3 + t * math.cos(turn)) ** 2 * (2 + t * math.sin(turn))

    measured = (holds(1e-6) - holds(-1e-6)) / 2e-6
    assert numbers(turned.caption) == pytest.approx([angle, measured], abs=0.0051)


def test_the_step_is_one_long_and_the_trace_ends_at_the_angle(turned):
    turned.set(angle=128)
    assert np.hypot(*np.diff(arrow_of(turned), axis=0)[0]) == pytest.approx(1)
    tip, trace, dot = lines(turned, ORANGE)
    assert tip[0] == pytest.approx(arrow_of(turned)[1])
    assert trace[[0, -1], 0] == pytest.approx([0, 128])
    assert dot[0, 1] == trace[-1, 1]


def test_two_directions_are_level(turned):
    slopes = []
    for angle in turned.sliders["angle"].places:
        turned.set(angle=angle)
        slopes.append(numbers(turned.caption)[1])
    crossings = np.flatnonzero(np.diff(np.sign(slopes)))
    assert len(crossings) == 2
    assert np.diff(crossings)[0] == pytest.approx(180, abs=1)
    assert list(crossings) == pytest.approx([127, 307], abs=1)


# Bets


RIGHT = {"slices": "it changes", "tile": "15", "compass": "two"}


@pytest.mark.parametrize("figure", [slices, tile, compass], ids=list(RIGHT))
def test_each_choice_has_its_sentence_and_one_is_right(figure):
    question = made(figure).question
    said = dict(zip(question["choices"], question["sentences"], strict=True))
    right = [choice for choice, words in said.items() if "were right" in words]
    assert right == [RIGHT[figure.__name__]]


@pytest.mark.parametrize("figure", [slices, tile, compass], ids=list(RIGHT))
def test_what_is_stored_under_a_bet_shows_the_start_alone(figure):
    stored = made(figure)._repr_mimebundle_()["text/plain"]
    assert len(stored.splitlines()) == 1
    assert not re.search(r"\b(15|21|two|changes)\b", stored)


# How far to go


def walked(rate, steps, steepness, x=4.0, z=2.0):
    for _ in range(steps):
        x, z = x - rate * 2 * x, z - rate * 2 * steepness * z
    return x, z


def told(loss):
    return f"{loss:.3f}" if loss < 1e6 else "over a million"


@pytest.mark.parametrize("rate", [0.01, 0.03, 0.09, 0.27, 0.81])
@pytest.mark.parametrize("steps", [0, 1, 7, 40])
def test_losses_are_those_of_gradient_descent(walk, rate, steps):
    walk.set(rate=rate, step=steps, w1=4.0, w2=2.0)
    bowl, ravine = walked(rate, steps, 1), walked(rate, steps, 10)
    left = told(bowl[0] ** 2 + bowl[1] ** 2)
    right = told(ravine[0] ** 2 + 10 * ravine[1] ** 2)
    assert walk.caption == (
        f"Rate {rate}, step {steps}: bowl {left} (from 20), ravine {right} (from 56)."
    )


@pytest.mark.parametrize("start", [(4.0, 2.0), (-3.5, 0.5)])
def test_the_path_holds_every_step_from_any_start(walk, start):
    walk.set(rate=0.09, step=5, w1=start[0], w2=start[1])
    bowl, ravine = lines(walk, INK)
    for path, steepness in ((bowl, 1), (ravine, 10)):
        exact = [walked(0.09, k, steepness, *start) for k in range(6)]
        np.testing.assert_allclose(path, exact, rtol=1e-12)
    assert dict(handles(walk)) == {"w1 w2": start}


def test_the_ravine_diverges_where_the_bowl_settles(walk):
    walk.set(rate=0.27, step=40, w1=4.0, w2=2.0)
    assert "bowl 0.000 " in walk.caption
    assert "ravine over a million " in walk.caption


def error_in_percent(s, delta):
    true = 2 * (s + delta) ** 2 - 2 * s**2
    return 100 * abs((4 * s * delta - true) / true)


@pytest.mark.parametrize("s", [1.0, 1.2, 3.0])
@pytest.mark.parametrize("delta", [-0.9, -0.1, 0.3, 2.0])
def test_predicted_and_true_change(trusted, s, delta):
    trusted.set(s=s, delta=delta)
    true = 2 * (s + delta) ** 2 - 2 * s**2
    exact = [delta, s, 4 * s * delta, true, error_in_percent(s, delta)]
    assert numbers(trusted.caption)[:5] == pytest.approx(exact, abs=0.051)
    assert dict(handles(trusted))["delta"] == pytest.approx((delta, true))


@pytest.mark.parametrize("s", [1.0, 2.0, 3.0])
def test_the_band_ends_where_the_error_is_ten_percent(trusted, s):
    trusted.set(s=s)
    (band,) = of_kind(trusted, Polygon)
    low, high = band.x.min(), band.x.max()
    assert low < 0 < high
    assert numbers(trusted.caption)[-2:] == pytest.approx([low, high], abs=0.0051)
    for edge in (low, high):
        assert error_in_percent(s, edge) == pytest.approx(10)
        assert error_in_percent(s, 0.99 * edge) < 10


def test_no_step_has_no_percentage(trusted):
    trusted.set(s=1.0, delta=0.0)
    assert "true 0.00. Under" in trusted.caption
