"""The figures of lesson 08, against loops and differences in exact fractions.

The oracle is the greenhouse written out by hand; a slope is what a tiny step does.
"""

import re
from fractions import Fraction

import numpy as np
import pytest
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon
from reading import labels, numbers, of_kind

from chainrule_lessons import explorers
from chainrule_lessons.explorers.go_backward_by_hand import values_forward, with_slopes

HALF, TINY = Fraction(1, 2), Fraction(1, 10**9)
OWN = {
    "W1[0, 0]": Fraction(2),
    "W1[0, 1]": Fraction(-1),
    "W1[1, 0]": -HALF,
    "W1[1, 1]": Fraction(2),
    "b1[0]": Fraction(-1),
    "b1[1]": Fraction(-2),
    "W2[0, 0]": -HALF,
    "W2[0, 1]": Fraction(2),
    "b2[0]": Fraction(6),
}
MORNINGS = {"morning 1": (3, 2, 1), "morning 2": (2, 1, 6)}


def bent(z):
    return z * z if z > 0 else Fraction(0)


def run(degrees, wind, target, own=OWN):
    """Give z and a of fan and heater, the answer and the loss."""
    fan = own["W1[0, 0]"] * degrees + own["W1[0, 1]"] * wind + own["b1[0]"]
    heater = own["W1[1, 0]"] * degrees + own["W1[1, 1]"] * wind + own["b1[1]"]
    a = bent(fan), bent(heater)
    y = own["W2[0, 0]"] * a[0] + own["W2[0, 1]"] * a[1] + own["b2[0]"]
    return fan, a[0], heater, a[1], y, (y - target) ** 2


def measured(name, *morning):
    ends = [run(*morning, OWN | {name: OWN[name] + h})[-1] for h in (TINY, -TINY)]
    return float((ends[0] - ends[1]) / (2 * TINY))


def plain(text):
    return text.replace("−", "-")


def framed(live):
    """What stands in dashed frames, the slopes that stay."""
    frames = [m for m in of_kind(live, Polygon) if m.stamp.get_linestyle() == "--"]
    middles = {(round(m.x.mean(), 6), round(m.y.mean(), 6)) for m in frames}
    words = [m for m in live.marks if m.text]
    inside = [m.text for m in words if (round(m.x[0], 6), round(m.y[0], 6)) in middles]
    return sorted(map(plain, inside))


@pytest.mark.parametrize("morning", [*MORNINGS.values(), (0, 3, -4), (-2, 0, 1)])
def test_the_nine_slopes_are_the_measured_ones(morning):
    found = with_slopes(values_forward(morning[:2], morning[2]))
    for name in OWN:
        slope = pytest.approx(measured(name, *morning), abs=1e-6)
        assert found[f"by {name}"] == slope


def test_the_slopes_of_the_first_morning_are_those_on_the_page():
    page = [-18, -12, 12, 8, -6, 4, 18, 0.5, 2]
    exact = [measured(name, *MORNINGS["morning 1"]) for name in OWN]
    assert exact == pytest.approx(page, abs=1e-6)


def test_the_picture_shows_the_values_of_the_first_morning():
    assert numbers(repr(explorers.greenhouse())) == [3, 2, 2, 1, 1]
    assert run(3, 2, 1) == (3, 9, HALF, HALF**2, 2, 1)


@pytest.fixture(scope="module")
def bias():
    return explorers.hidden_bias()


@pytest.mark.parametrize("value", [-1.5, -1, -0.95, -0.7])
def test_the_fans_bias_moves_what_lies_behind_it(bias, value):
    bias.set(bias=value)
    fan, a, _, _, y, loss = run(3, 2, 1, OWN | {"b1[0]": Fraction(str(value))})
    said = numbers(plain(bias.caption))
    assert said == pytest.approx([value, fan, a, y, loss], abs=6e-5)


def test_the_loss_falls_all_along_the_track(bias):
    losses = []
    for place in bias.sliders["bias"].places:
        bias.set(bias=place)
        losses.append(numbers(bias.caption)[-1])
    assert losses == sorted(losses, reverse=True)
    said = dict(zip(bias.question["choices"], bias.question["sentences"], strict=True))
    assert [choice for choice in said if said[choice].startswith("Right")] == ["falls"]


@pytest.fixture(scope="module")
def stepper():
    return explorers.backward_stepper()


@pytest.mark.parametrize("morning", MORNINGS)
def test_the_stepper_ends_with_the_nine_slopes(stepper, morning):
    stepper.set(step=28, morning=morning)
    slopes = [measured(name, *MORNINGS[morning]) for name in OWN]
    assert sorted(map(float, framed(stepper))) == pytest.approx(
        sorted(slopes), abs=1e-6
    )


def test_it_asks_at_odd_steps_and_tells_at_even_ones(stepper):
    seen = []
    for step in range(29):
        stepper.set(step=step, morning="morning 1")
        assert labels(stepper).count("?") == step % 2
        assert stepper.caption.endswith("?" if step % 2 else ".")
        assert stepper.caption.startswith(f"Step {step} of 28, ")
        seen.append(len([text for text in framed(stepper) if text != "?"]))
    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == (0, 9)


@pytest.mark.parametrize("morning", MORNINGS)
def test_each_step_says_the_product_that_is_the_slope(stepper, morning):
    told = {}
    for step in range(2, 29, 2):
        stepper.set(step=step, morning=morning)
        name = re.search(r"slope by (\w+(?:\[[\d, ]+\])?):", stepper.caption)[1]
        first, second, slope = numbers(plain(stepper.caption).split(", ", 2)[-1])[-3:]
        assert first * second == pytest.approx(slope)
        told[name] = slope
    for name in OWN:
        slope = measured(name, *MORNINGS[morning])
        assert told[name] == pytest.approx(slope, abs=1e-6)


def test_four_of_the_nine_are_0_in_the_second_morning(stepper):
    stepper.set(step=28, morning="morning 2")
    assert framed(stepper).count("0") == 4
    assert sum(measured(name, *MORNINGS["morning 2"]) == 0 for name in OWN) == 4
    right = dict(
        zip(stepper.question["choices"], stepper.question["sentences"], strict=True)
    )
    assert right["four"].startswith("Right")


@pytest.fixture(scope="module")
def nine():
    return explorers.nine_slopes()


@pytest.mark.parametrize("place", [(3, 2, 1), (3, 2, 2), (-2, 2, 14), (4, 0, -8)])
def test_all_nine_follow_inputs_and_target(nine, place):
    nine.set(**dict(zip(("degrees", "wind", "target"), place, strict=True)))
    slopes = [measured(name, *place) for name in OWN]
    slopes = [slope if abs(slope) > 1e-6 else 0.0 for slope in slopes]
    assert sorted(map(float, framed(nine))) == pytest.approx(sorted(slopes), abs=1e-6)
    y, target, zero, count, largest = numbers(plain(nine.caption))
    assert zero == 0
    assert (y, target, count) == (run(*place)[-2], place[2], np.count_nonzero(slopes))
    assert abs(largest) == pytest.approx(max(map(abs, slopes)))


@pytest.mark.parametrize(
    ("make", "slider"), [("hidden_bias", "bias"), ("nine_slopes", "target")]
)
def test_the_green_dot_can_be_dragged(make, slider):
    live = getattr(explorers, make)()
    places = []
    for value in (live.sliders[slider].places[0], live.sliders[slider].places[-1]):
        live.set(**{slider: value})
        grabbed = [m for m in of_kind(live, Line2D) if m.stamp.get_gid()]
        assert [m.stamp.get_gid() for m in grabbed] == [f"grab {slider}"]
        places.append(grabbed[0].x[0])
    assert places == pytest.approx([3.6, 7.6])
