"""The steps of lesson 03, against closed forms and step-by-step arithmetic."""

import math

import numpy as np
import pytest
from reading import labels, numbers, of_kind

from chainrule_lessons.explorers.steps import compass, downhill, trust
from chainrule_lessons.plotting import Arrow


@pytest.fixture(scope="module")
def turned():
    return compass()


@pytest.fixture(scope="module")
def walk():
    return downhill()


@pytest.fixture(scope="module")
def trusted():
    return trust()


@pytest.mark.parametrize("angle", [0, 36, 90, 128, 180, 216, 308, 360])
def test_the_slope_at_an_angle(turned, angle):
    turned.set(angle=angle)

    # x² z near (3, 2), stepped by 1e-6 to both sides
    def height(t):
        x, z = (
            3 + t * math.cos(math.radians(angle)),
            2 + t * math.sin(math.radians(angle)),
        )
        return x * x * z

    measured = (height(1e-6) - height(-1e-6)) / 2e-6
    assert numbers(turned.caption) == pytest.approx([angle, measured], abs=0.0051)


def test_the_step_is_one_long_and_the_trace_ends_at_the_angle(turned):
    turned.set(angle=128)
    (step,) = of_kind(turned, Arrow)
    assert np.hypot(*np.diff(step._ends, axis=0)[0]) == pytest.approx(1)
    trace, dot = (a for a in turned._artists if hasattr(a, "get_data"))
    assert trace.get_xdata()[[0, -1]] == pytest.approx([0, 128])
    assert dot.get_data()[1][0] == trace.get_ydata()[-1]


def test_the_steepest_step_is_pythagoras(turned):
    slopes = []
    for angle in turned.sliders["angle"].places:
        turned.set(angle=angle)
        slopes.append(numbers(turned.caption)[1])
    assert max(slopes) == pytest.approx(math.hypot(12, 9), abs=0.0051)
    assert turned.sliders["angle"].places[int(np.argmax(slopes))] == 36


def test_the_compass_asks_first(turned):
    assert turned._question["choices"] == ["12", "15", "21"]


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
    bowl, _, ravine, _ = (np.transpose(a.get_data()) for a in walk._artists)
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
    (band,) = (a for a in trusted._artists if hasattr(a, "get_xy"))
    low, high = band.get_xy()[:, 0].min(), band.get_xy()[:, 0].max()
    assert low < 0 < high
    assert numbers(trusted.caption)[-2:] == pytest.approx([low, high], abs=0.0051)
    for edge in (low, high):
        assert error_in_percent(x, edge) == pytest.approx(10)
        assert error_in_percent(x, 0.99 * edge) < 10


def test_on_flat_ground_no_step_is_predicted(trusted):
    trusted.set(x=0.0)
    assert trusted.caption.endswith("No step is off by under 10 %.")
    assert set(labels(trusted)) == {"", " true", " predicted"}


def test_no_change_has_no_percentage(trusted):
    trusted.set(x=1.0, delta=-2.0)
    assert "true 0.00. Under" in trusted.caption
