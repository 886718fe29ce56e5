"""The slices of lesson 03, against closed forms."""

import math
from itertools import product

import numpy as np
import pytest
from matplotlib.text import Text
from reading import decimals, labels, lines, of_kind

from chainrule_lessons.explorers.partial import slices, surface
from chainrule_lessons.plotting import Arrow

PLACES = list(product((-3.5, 0.0, 3.5), (-2.5, 0.0, 2.5)))


@pytest.fixture(scope="module")
def live():
    return slices()


def test_the_surface_names_its_slices():
    picture = surface()
    texts = {text.get_text() for text in picture.figure.findobj(Text)}
    assert {"z held at 2", "x held at 3"} <= texts
    assert "height 18:" in picture.caption  # 3² · 2


@pytest.mark.parametrize(("x", "z"), PLACES)
def test_the_caption_holds_height_and_slopes(live, x, z):
    live.set(x=x, z=z)
    exact = [x, z, x * x * z, 2 * x * z, x * x]
    assert decimals(live.caption) == pytest.approx(exact, abs=0.0051)
    held, slope_x, other, slope_z = labels(live)
    assert (held, other) == (f"z held at {z:z.1f}", f"x held at {x:z.1f}")
    assert decimals(slope_x + slope_z) == pytest.approx(exact[3:], abs=0.0051)


def test_negative_zero_is_never_shown(live):
    live.set(x=-2.0, z=0.0)
    assert "-0.00" not in live.caption + "".join(labels(live))


@pytest.mark.parametrize(("x", "z"), PLACES)
def test_tangents_touch_their_slices(live, x, z):
    live.set(x=x, z=z)
    along_x, along_z = lines(live, "#d55e00")
    for tangent, slope, at in ((along_x, 2 * x * z, x), (along_z, x * x, z)):
        (x0, y0), (x1, y1) = tangent
        assert (y1 - y0) / (x1 - x0) == pytest.approx(slope, abs=1e-9)
        assert ((x0 + x1) / 2, (y0 + y1) / 2) == pytest.approx((at, x * x * z))


def test_curves_are_the_slices(live):
    live.set(x=-1.5, z=0.5)
    (along_x,) = (line for line in lines(live, "#222222") if len(line) > 2)
    np.testing.assert_allclose(along_x[:, 1], 0.5 * along_x[:, 0] ** 2)
    (along_z,) = (line for line in lines(live, "#009e73") if len(line) > 2)
    np.testing.assert_allclose(along_z[:, 1], 1.5**2 * along_z[:, 0])


@pytest.mark.parametrize(("x", "z"), PLACES)
def test_the_arrow_is_the_gradient_and_stays_on_the_map(live, x, z):
    live.set(x=x, z=z)
    (found,) = of_kind(live, Arrow)
    tail, head = found._ends
    step, slopes = head - tail, np.array([2 * x * z, x * x])
    assert tail == pytest.approx([x, z])
    assert step[0] * slopes[1] == pytest.approx(step[1] * slopes[0])
    assert step @ slopes >= 0
    assert (abs(head) <= [4.8, 3.6]).all()


def test_the_longest_arrow_is_as_long_on_any_surface():
    steep = slices(lambda x, z: 1000 * x)
    (found,) = of_kind(steep, Arrow)
    assert np.diff(found._ends, axis=0)[0] == pytest.approx([1.4, 0])


def test_a_surface_of_the_readers_own():
    live = slices(lambda x, z: np.sin(x) * np.cos(z))
    live.set(x=1.0, z=-0.5)
    exact = (
        math.sin(1) * math.cos(0.5),
        math.cos(1) * math.cos(0.5),
        math.sin(1) * math.sin(0.5),
    )
    assert decimals(live.caption)[2:] == pytest.approx(exact, abs=0.0051)


def test_a_surface_may_ignore_an_input():
    assert decimals(slices(lambda x, z: x**2).caption) == [3, 2, 9, 6, 0]


def test_a_kink_is_refused_in_words():
    live = slices(lambda x, z: abs(x) + z)
    live.set(x=0.0)
    assert live.caption.startswith("No picture at place x = 0.0, place z = 2.0. ")
    assert "has a kink" in live.caption
    live.set(x=1.0)
    assert decimals(live.caption) == [1, 2, 3, 1, 1]


@pytest.mark.parametrize(
    ("f", "error", "message"),
    [
        (3, TypeError, "slices: f must be a function of x and z, got 3"),
        (None, TypeError, "slices: f must be a function of x and z, got None"),
        (
            lambda x, z: 5.0,
            ValueError,
            "slices: f(x, z) must have shape (72, 96), got ()",
        ),
        (
            lambda x, z: 0 * x + 5,
            ValueError,
            "slices: f(x, z) must change on the map, got 5.0 everywhere",
        ),
        (lambda x, z: "high", TypeError, "slices: f(x, z) must be numbers, got 'high'"),
        (
            lambda x, z: x + np.where(z < 0, np.nan, 1),
            ValueError,
            "slices: f(x, z) must hold finite numbers, got nan at index (0, 0)",
        ),
    ],
    ids=["number", "None", "one value", "flat", "text", "nan"],
)
def test_what_is_no_surface_is_refused(f, error, message):
    with pytest.raises(error) as raised:
        slices(f)
    assert str(raised.value) == message
