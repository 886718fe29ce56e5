"""The figures of lesson 04, against closed forms and step-by-step arithmetic."""

import math
from itertools import product

import numpy as np
import pytest
from matplotlib.patches import Polygon
from matplotlib.text import Text
from reading import decimals, labels, lines, numbers, of_kind

from chainrule_lessons.explorers import compass, downhill, slices, surface, trust
from chainrule_lessons.plotting import GREEN, INK, ORANGE, Arrow

PLACES = list(product((-3.5, 0.0, 3.5), (-2.5, 0.0, 2.5)))


@pytest.fixture(scope="module")
def live():
    return slices()


@pytest.fixture(scope="module")
def turned():
    return compass()


@pytest.fixture(scope="module")
def walk():
    return downhill()


@pytest.fixture(scope="module")
def trusted():
    return trust()


def arrow_of(live):
    """The two ends of the one arrow."""
    (found,) = of_kind(live, Arrow)
    return np.column_stack([found.x, found.y])


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
    along_x, along_z = lines(live, ORANGE)
    for tangent, slope, at in ((along_x, 2 * x * z, x), (along_z, x * x, z)):
        (x0, y0), (x1, y1) = tangent
        assert (y1 - y0) / (x1 - x0) == pytest.approx(slope, abs=1e-9)
        assert ((x0 + x1) / 2, (y0 + y1) / 2) == pytest.approx((at, x * x * z))


def test_curves_are_the_slices(live):
    live.set(x=-1.5, z=0.5)
    (along_x,) = (line for line in lines(live, INK) if len(line) > 2)
    np.testing.assert_allclose(along_x[:, 1], 0.5 * along_x[:, 0] ** 2)
    (along_z,) = (line for line in lines(live, GREEN) if len(line) > 2)
    np.testing.assert_allclose(along_z[:, 1], 1.5**2 * along_z[:, 0])


@pytest.mark.parametrize(("x", "z"), PLACES)
def test_the_arrow_is_the_gradient_and_stays_on_the_map(live, x, z):
    live.set(x=x, z=z)
    tail, head = arrow_of(live)
    step, slopes = head - tail, np.array([2 * x * z, x * x])
    assert tail == pytest.approx([x, z])
    assert step[0] * slopes[1] == pytest.approx(step[1] * slopes[0])
    assert step @ slopes >= 0
    assert (abs(head) <= [4.8, 3.6]).all()


def test_the_longest_arrow_is_as_long_on_any_surface():
    steep = slices(lambda x, z: 1000 * x)
    assert np.diff(arrow_of(steep), axis=0)[0] == pytest.approx([1.4, 0])


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


@pytest.mark.parametrize("angle", [0, 36, 90, 128, 180, 216, 308, 360])
def test_the_slope_at_an_angle(turned, angle):
    turned.set(angle=angle)
    turn = math.radians(angle)

    def height(t):  # x² z near (3, 2), stepped by 1e-6 to both sides
        return (3 + t * math.cos(turn)) ** 2 * (2 + t * math.sin(turn))

    measured = (height(1e-6) - height(-1e-6)) / 2e-6
    assert numbers(turned.caption) == pytest.approx([angle, measured], abs=0.0051)


def test_the_step_is_one_long_and_the_trace_ends_at_the_angle(turned):
    turned.set(angle=128)
    assert np.hypot(*np.diff(arrow_of(turned), axis=0)[0]) == pytest.approx(1)
    trace, dot = lines(turned, ORANGE)
    assert trace[[0, -1], 0] == pytest.approx([0, 128])
    assert dot[0, 1] == trace[-1, 1]


def test_the_steepest_step_is_pythagoras(turned):
    slopes = []
    for angle in turned.sliders["angle"].places:
        turned.set(angle=angle)
        slopes.append(numbers(turned.caption)[1])
    assert max(slopes) == pytest.approx(math.hypot(12, 9), abs=0.0051)
    assert turned.sliders["angle"].places[int(np.argmax(slopes))] == 36


def test_the_compass_asks_first(turned):
    assert turned.question["choices"] == ["12", "15", "21"]


def walked(rate, steps, steepness):
    x, z = 4.0, 2.0
    for _ in range(steps):
        x, z = x - rate * 2 * x, z - rate * 2 * steepness * z
    return x, z


@pytest.mark.parametrize("rate", [0.01, 0.03, 0.09, 0.27, 0.81])
@pytest.mark.parametrize("steps", [0, 1, 7, 40])
def test_losses_are_those_of_gradient_descent(walk, rate, steps):
    walk.set(rate=rate, step=steps)
    bowl, ravine = walked(rate, steps, 1), walked(rate, steps, 10)
    exact = [
        rate,
        steps,
        bowl[0] ** 2 + bowl[1] ** 2,
        20,
        ravine[0] ** 2 + 10 * ravine[1] ** 2,
        56,
    ]
    assert numbers(walk.caption) == pytest.approx(exact, rel=6e-3)


def test_the_path_holds_every_step(walk):
    walk.set(rate=0.09, step=5)
    bowl, ravine = lines(walk, INK)
    for path, steepness in ((bowl, 1), (ravine, 10)):
        exact = [walked(0.09, k, steepness) for k in range(6)]
        np.testing.assert_allclose(path, exact, rtol=1e-12)


def test_the_ravine_diverges_where_the_bowl_settles(walk):
    walk.set(rate=0.27, step=40)
    _, _, bowl, _, ravine, _ = numbers(walk.caption)
    assert bowl < 1e-10
    assert ravine > 1e40


def error_in_percent(x, delta):
    true = 2 * (x + delta) ** 2 - 2 * x**2
    return 100 * abs((4 * x * delta - true) / true)


@pytest.mark.parametrize("x", [-3.0, -0.7, 1.2, 3.0])
@pytest.mark.parametrize("delta", [-2.9, -0.1, 0.3, 1.0])
def test_predicted_and_true_change(trusted, x, delta):
    trusted.set(x=x, delta=delta)
    true = 2 * (x + delta) ** 2 - 2 * x**2
    exact = [delta, x, 4 * x * delta, true, error_in_percent(x, delta)]
    assert numbers(trusted.caption)[:5] == pytest.approx(exact, abs=0.051)


@pytest.mark.parametrize("x", [-3.0, -0.5, 0.1, 2.0, 3.0])
def test_the_band_ends_where_the_error_is_ten_percent(trusted, x):
    trusted.set(x=x)
    (band,) = of_kind(trusted, Polygon)
    low, high = band.x.min(), band.x.max()
    assert low < 0 < high
    assert numbers(trusted.caption)[-2:] == pytest.approx([low, high], abs=0.0051)
    for edge in (low, high):
        assert error_in_percent(x, edge) == pytest.approx(10)
        assert error_in_percent(x, 0.99 * edge) < 10


def test_on_flat_ground_no_step_is_predicted(trusted):
    trusted.set(x=0.0)
    assert trusted.caption.endswith("No step is off by under 10 %.")
    assert set(labels(trusted)) == {" true", " predicted"}


def test_no_change_has_no_percentage(trusted):
    trusted.set(x=1.0, delta=-2.0)
    assert "true 0.00. Under" in trusted.caption
