"""Slopes against closed forms: where there is one, and where there is none."""

import cmath
import math
import pickle
import warnings
from contextlib import suppress
from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from chainrule_lessons.numeric import DerivativeError, derivative, gradient, jacobian
from chainrule_lessons.numeric.ladder import richardson_weights

METHODS = ["auto", "richardson", "forward", "central", "complex"]
CAREFUL = ["auto", "richardson"]
single = np.float32


def reals_only(f):
    def refusing(x):
        if np.iscomplexobj(x):
            raise TypeError("must be real number, not complex")
        return f(x)

    return refusing


def digits(answer, truth):
    return -np.log10(abs(answer - truth) / abs(truth) + 1e-17)


def refusal(f, x, **options):
    with pytest.raises(DerivativeError) as caught:
        derivative(f, x, **options)
    return caught.value


def logistic(x):
    return 1 / (1 + np.exp(-x))


def swell(x):
    c = x**2 + np.exp(x**2)
    return np.sqrt(c) + np.cos(c)


def swell_slope(x):
    c, dc = x**2 + np.exp(x**2), 2 * x * (1 + np.exp(x**2))
    return dc / (2 * np.sqrt(c)) - dc * np.sin(c)


SMOOTH = {
    "cube": (lambda x: x**3, lambda x: 3 * x**2),
    "exp sin": (lambda x: np.exp(np.sin(x)), lambda x: np.cos(x) * np.exp(np.sin(x))),
    "tanh": (lambda x: np.tanh(x + 0.3), lambda x: 1 / np.cosh(x + 0.3) ** 2),
    "logistic": (logistic, lambda x: np.exp(-x) / (1 + np.exp(-x)) ** 2),
    "root plus cosine": (swell, swell_slope),
}

# ---------------------------------------------------------------- smooth functions


@pytest.mark.parametrize("x", [0.1, 0.5, 1.0, 1.5])
@pytest.mark.parametrize("name", SMOOTH)
def test_smooth_functions_reach_their_digits(name, x):
    f, slope = SMOOTH[name]
    assert digits(derivative(f, x), slope(x)) >= 13
    assert digits(derivative(reals_only(f), x), slope(x)) >= 12
    assert digits(derivative(f, x, method="richardson"), slope(x)) >= 12


def test_median_of_smooth_functions_is_fifteen_digits():
    cases = [(*case, x) for case in SMOOTH.values() for x in (0.1, 0.5, 1.0, 1.5)]
    found = [digits(derivative(f, x), slope(x)) for f, slope, x in cases]
    assert np.median(found) >= 15


def test_published_slopes_of_the_root_plus_cosine():
    assert derivative(swell, 1) == pytest.approx(5.98308259590, abs=1e-11)
    assert derivative(swell, 0.5) == pytest.approx(-1.36043107860, abs=1e-11)


@pytest.mark.parametrize(
    ("f", "slope", "x"),
    [
        (lambda x: 1 / x, lambda x: -1 / x**2, 1e-8),
        (np.log, lambda x: 1 / x, 1e-8),
        (np.sin, np.cos, 1e6),
        (np.sqrt, lambda x: 0.5 / np.sqrt(x), 1e-6),
        (np.exp, np.exp, 650.0),
        (lambda x: 1e-6 * np.sin(12 * x), lambda x: 12e-6 * np.cos(12 * x), 1.0),
    ],
)
def test_hard_places(f, slope, x):
    assert digits(derivative(f, x), slope(x)) >= 12
    assert digits(derivative(reals_only(f), x), slope(x)) >= 12


WAVE = 8.184e7


@pytest.mark.parametrize(
    ("f", "slope"),
    [
        (lambda x: 1e10 + np.sin(x), math.cos(1)),
        (lambda x: np.sin(x) + np.sin(WAVE * x) / WAVE, math.cos(1) + math.cos(WAVE)),
    ],
)
def test_slope_that_complex_numbers_alone_can_tell(f, slope):
    assert derivative(f, 1) == pytest.approx(slope, rel=1e-12)
    assert refusal(reals_only(f), 1).kind == "unclear"


@pytest.mark.parametrize(
    ("f", "step"),
    [
        (lambda x: 1e14 + np.sin(x), None),
        (lambda x: 1e16 + np.sin(x), None),
        (lambda x: 1e16 + np.sin(x), 1e-3),
        (lambda x: 1e10 + 1e-10 * x, None),
        (reals_only(lambda x: 1e15 + 3 * x), None),
    ],
)
def test_slope_far_below_the_rounding_of_f_is_not_called_flat(f, step):
    assert refusal(f, 1, step=step).kind == "unclear"


@pytest.mark.parametrize(
    ("f", "x"),
    [
        # 1 / x is off by so much, or 1 - cos x, that all digits are wrong.
        (lambda x: np.sin(1 / x), 1e-11),
        (reals_only(lambda x: (1 - np.cos(x)) / x), 1e-5),
        # A slope of 1e-7 below a power that looks like one with none.
        (reals_only(lambda x: 1e-7 * x + abs(x) ** 1.5), 0),
        # The complex step does not see the kink beside, of slope 0.99 from here.
        (lambda x: x + 0.01 * abs(x - 300.000001), 300),
    ],
)
def test_what_would_be_a_wrong_slope_is_refused(f, x):
    refusal(f, x)


@pytest.mark.parametrize(
    ("f", "x", "slope", "error"),
    [
        # Next to a singularity: all steps but the finest lie beyond it.
        (reals_only(np.sqrt), 1e-10, 5e4, 1e-12),
        (reals_only(np.log), 1e-11, 1e11, 1e-12),
        (reals_only(lambda x: x**1.5), 1e-11, 1.5 * math.sqrt(1e-11), 1e-12),
        (
            reals_only(lambda x: 1 / (x - 100)),
            99.99999,
            -1 / (99.99999 - 100) ** 2,
            1e-11,
        ),
        (
            reals_only(lambda x: 1 / (x - 100)),
            100 + 1e-7,
            -1 / (100 + 1e-7 - 100) ** 2,
            1e-7,
        ),
        (
            reals_only(lambda x: np.sin(1 / x)),
            -1e-5,
            -math.cos(-1 / 1e-5) / 1e-10,
            1e-9,
        ),
        # Waves finer than most of the steps.
        (lambda x: np.sin(x) + np.sin(1e7 * x), 0, 1 + 1e7, 1e-12),
        (
            reals_only(lambda x: np.cos(x) + 3e-4 * np.sin(1.51e7 * x)),
            2.748,
            4530 * math.cos(1.51e7 * 2.748) - math.sin(2.748),
            1e-8,
        ),
        # Rounding: the digits of f hold few of the slope, or hardly one.
        (lambda x: 1e12 + x**3, 1, 3, 1e-15),
        (lambda x: 1e12 + x - np.conj(x), 1, 0, 0),
        (lambda x: np.sin(x) / x, -3e-6, 1e-6, 1e-6),
        # Beside a jump, where a change of slope is too faint to be one.
        (reals_only(lambda x: x + 1e-5 * abs(x - 1) + (x > 1 + 1e-7)), 1, 1, 1e-7),
        (reals_only(lambda x: np.floor(x / 0.01) * 0.01), 0.0004, 0, 0),
        (lambda x: 2 + abs(x) ** 1.03, 0, 0, 0),
    ],
)
def test_slopes_that_few_of_the_steps_show(f, x, slope, error):
    assert derivative(f, x) == pytest.approx(slope, rel=error, abs=0)


@pytest.mark.parametrize("f", [np.floor, math.floor, lambda x: np.sign(x - 5) * 2])
def test_stairs_beside_the_place_are_flat(f):
    assert derivative(f, 5.01) == 0


@pytest.mark.parametrize(
    ("f", "x", "said"),
    [
        (lambda x: np.sin(x) + 1e-13 * (x > 1), 1, math.cos(1)),
        (lambda x: x + 1e-6 * abs(x - 1), 1, 1),
        (lambda x: np.sin(x) + 1e-13 * np.sin(1e9 * x), 1, math.cos(1)),
        (lambda x: np.floor(x), 1e9 + 0.5, 1),
        (lambda x: 1e16 + np.sin(x), 1, 0),
        (lambda x: 1e8 + x**2, 1e-9, 0),
        (lambda x: (1 - np.cos(x)) / x**2, 1e-8, 0),
        (lambda x: round(x, 3), 0.7, "unclear"),
        (lambda x: abs(x - 1), 1 + 4e-16, "kink"),
    ],
)
def test_what_real_values_cannot_show_is_as_documented(f, x, said):
    try:
        answer = derivative(reals_only(f), x)
    except DerivativeError as error:
        answer = error.kind
    assert answer == said or abs(answer - said) <= 1e-7 * abs(said)


def test_against_decimal_arithmetic():
    def rise(x):
        return (1 + (2 * x).exp()).ln().sqrt()

    with localcontext() as context:
        context.prec = 60
        x, h = Decimal("0.7"), Decimal("1e-20")
        truth = float((rise(x + h) - rise(x - h)) / (2 * h))
    f = lambda x: np.sqrt(np.log(1 + np.exp(2 * x)))  # noqa: E731
    assert digits(derivative(f, 0.7), truth) >= 14
    assert digits(derivative(reals_only(f), 0.7), truth) >= 12


@pytest.mark.parametrize("f", [lambda x: x**2, np.cos, lambda x: 5 + np.cos(x)])
@pytest.mark.parametrize("method", CAREFUL)
def test_flat_places_have_slope_zero(f, method):
    assert derivative(f, 0, method=method) == pytest.approx(0, abs=1e-15)


@pytest.mark.parametrize("f", [lambda x: 5, lambda x: 0 * x, int, lambda x: x > 1])
def test_constants_have_slope_zero(f):
    assert derivative(f, 2.5) == 0


def test_wave_met_at_its_zeros():
    wave = reals_only(lambda x: np.sin(2 * np.pi * x))
    assert derivative(wave, 8) == pytest.approx(2 * np.pi, rel=1e-11)


def family(rng):
    """Return one random smooth function and its slope, by closed forms."""
    a, b, c, p = rng.normal(size=4)
    w = 2 * rng.normal()
    return [
        (lambda t: np.sin(w * t + b) + a * t, lambda t: w * np.cos(w * t + b) + a),
        (
            lambda t: np.exp(a * t) * np.cos(b * t),
            lambda t: np.exp(a * t) * (a * np.cos(b * t) - b * np.sin(b * t)),
        ),
        (lambda t: np.tanh(w * t + b), lambda t: w / np.cosh(w * t + b) ** 2),
        (
            lambda t: a * t**3 + b * t**2 + c * t + p,
            lambda t: 3 * a * t**2 + 2 * b * t + c,
        ),
        (lambda t: np.log1p(np.exp(w * t + b)), lambda t: w / (1 + np.exp(-w * t - b))),
        (
            lambda t: 1 / (1 + (w * t + b) ** 2),
            lambda t: -2 * w * (w * t + b) / (1 + (w * t + b) ** 2) ** 2,
        ),
        (
            lambda t: np.sqrt(t * t + a * a + 0.1) + np.cos(b * t * t),
            lambda t: t / np.sqrt(t * t + a * a + 0.1) - 2 * b * t * np.sin(b * t * t),
        ),
    ][rng.integers(7)]


def survey(seed, count, wrap=lambda f: f):
    """Digits and scaled digits over random functions; a refusal counts as an alarm."""
    rng, plain, scaled, alarms = np.random.default_rng(seed), [], [], 0
    for _ in range(count):
        (f, slope), x = family(rng), 2 * rng.normal()
        truth = slope(x)
        try:
            answer = derivative(wrap(f), x)
        except DerivativeError:
            alarms += 1
            continue
        plain.append(digits(answer, truth))
        # Rounding of f is out of reach: a slope far below f has fewer digits.
        size = max(abs(truth), abs(f(x)))
        scaled.append(-np.log10(abs(answer - truth) / size + 1e-17))
    return np.array(plain), np.array(scaled), alarms


def test_random_smooth_functions_with_complex_numbers():
    plain, _, alarms = survey(1, 1500)
    assert (plain.min() >= 13, np.median(plain) >= 15, alarms) == (True, True, 0)


def test_random_smooth_functions_with_real_numbers_only():
    plain, scaled, alarms = survey(2, 500, reals_only)
    assert alarms == 0
    assert np.median(plain) >= 13
    assert scaled.min() >= 12


UNARY = [
    (np.sin, np.cos),
    (np.tanh, lambda u: 1 - np.tanh(u) ** 2),
    (np.arctan, lambda u: 1 / (1 + u * u)),
    (lambda u: np.exp(-u * u), lambda u: -2 * u * np.exp(-u * u)),
    (lambda u: np.sqrt(1 + u * u), lambda u: u / np.sqrt(1 + u * u)),
    (lambda u: np.log(2 + u * u), lambda u: 2 * u / (2 + u * u)),
    (lambda u: u**3, lambda u: 3 * u * u),
    (lambda u: np.exp(u / 2), lambda u: np.exp(u / 2) / 2),
]


def composition(rng):
    """Return a random chain times a random chain, with its slope in long doubles."""
    chains = [(rng.normal(size=2), rng.integers(8, size=3)) for _ in range(2)]

    def follow(chain, x):
        (a, b), links = chain
        value, slope = a * x + b, a
        for link in links:
            f, df = UNARY[link]
            value, slope = f(value), df(value) * slope
        return value, slope

    def f(x):
        return follow(chains[0], x)[0] * follow(chains[1], x)[0]

    def slope(x):
        (u, du), (v, dv) = (follow(chain, np.longdouble(x)) for chain in chains)
        return float(du * v + u * dv)

    return f, slope


@pytest.mark.parametrize("wrap", [lambda f: f, reals_only])
def test_no_silent_error_on_random_compositions(wrap):
    rng = np.random.default_rng(4)
    for _ in range(400):
        (f, slope), x = composition(rng), rng.normal()
        assert derivative(wrap(f), x) == pytest.approx(slope(x), rel=1e-7, abs=1e-12)


@pytest.mark.parametrize("wrap", [lambda f: f, reals_only])
def test_steepness_beyond_a_singularity_excuses_nothing(wrap):
    found = derivative(wrap(lambda x: np.exp(1 / x)), 0.05)
    assert found == pytest.approx(-400 * math.exp(20), rel=1e-12)


@pytest.mark.parametrize("x", [1e14, 1e15])
def test_wave_finer_than_its_numbers_is_not_called_flat(x):
    refusal(lambda x: math.sin(x), x)


def test_slope_of_a_tail_that_is_steep_far_off():
    # Far values of f say nothing of its rounding here.
    found = derivative(lambda x: math.exp(-x * x), 10)
    assert found == pytest.approx(-20 * math.exp(-100), rel=1e-11, abs=0)


@pytest.mark.parametrize("u", [-15, -20, -20.8, -25, -30])
def test_what_f_rounds_away_inside_stays_below_the_promise(u):
    found = derivative(lambda u: math.log(1 + math.exp(u)), u)
    assert 0 < found == pytest.approx(1 / (1 + math.exp(-u)), abs=1e-12, rel=1e-7)


@pytest.mark.parametrize("x", [1, 1.5, -2])
def test_saturated_tanh_is_exact_to_the_rounding_of_f(x):
    found = derivative(lambda x: math.tanh(3 * x + 0.5), x)
    assert found == pytest.approx(3 / math.cosh(3 * x + 0.5) ** 2, abs=2e-14)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: abs(x) ** 1.5,
        lambda x: abs(x) ** 1.05,
        lambda x: np.maximum(x, 0) ** 1.5,
        lambda x: x * abs(x),
    ],
)
@pytest.mark.parametrize("method", CAREFUL)
def test_slope_zero_where_f_rises_slower_than_any_line(f, method):
    assert derivative(f, 0, method=method) == pytest.approx(0, abs=1e-20)
    assert derivative(f, 0) == 0


@pytest.mark.parametrize(("wrap", "calls"), [(lambda f: f, 4), (reals_only, 13)])
def test_a_smooth_function_is_called_a_few_times(wrap, calls):
    seen = []

    def f(x):
        seen.append(x)
        return np.exp(np.sin(x))

    derivative(wrap(f), 0.7)
    assert len(seen) == calls
    seen.clear()
    gradient(wrap(lambda x: f(x[0]) * x[1]), [0.7, 1.5])
    assert len(seen) == 2 * calls


@pytest.mark.parametrize(
    ("f", "x", "calls"),
    [
        (np.sqrt, 1e5, 4),
        (math.sqrt, 1e5, 14),
        (lambda x: math.sin(9 * x), 1, 16),
        # A curve as steep as a kink takes a second step to tell.
        (lambda x: x**2, 1e-4, 6),
        (lambda x: np.exp(60 * x), 0.3, 6),
    ],
)
def test_steps_go_with_the_place_and_a_curve_takes_two(f, x, calls):
    seen = []
    derivative(lambda x: seen.append(x) or f(x), x)
    assert len(seen) == calls


@pytest.mark.parametrize("wrap", [lambda f: f, reals_only])
@pytest.mark.parametrize("size", [1, 1e6])
def test_outputs_that_stand_still_need_no_ladder(size, wrap):
    seen = []

    def f(x):
        seen.append(x)
        return size * np.exp(x)

    x = np.array([0.5, -1.0, 2.0])
    by_hand = size * np.diag(np.exp(x))
    np.testing.assert_allclose(jacobian(wrap(f), x), by_hand, rtol=1e-12)
    assert len(seen) <= 15 * x.size


def test_one_entry_is_not_tried_for_others_that_it_moves():
    calls = {}
    for x in ([0.7], [0.7, 0.7]):
        seen = []
        derivative(lambda x: seen.append(x) or np.sin(x), x)  # noqa: B023
        calls[len(x)] = len(seen)
    assert calls[2] == calls[1] + 3


def test_richardson_asks_for_real_numbers_alone():
    seen = []
    f = lambda x: seen.append(x) or 1e10 + np.sin(x)  # noqa: E731
    assert refusal(f, 1, method="richardson").kind == "unclear"
    assert np.isrealobj(seen)


@pytest.mark.parametrize("order", [1, 2])
def test_richardson_weights_take_away_one_error_after_the_other(order):
    values, to_finer, to_coarser = richardson_weights(order, 4)
    h = 1.6 ** -np.arange(4.0)
    errors = np.array([h ** (order * k) for k in (1, 2, 3)])
    np.testing.assert_allclose(values.sum(1), 1)
    for k, rows in enumerate([slice(0, 3), slice(3, 5), slice(5, 6)], start=1):
        np.testing.assert_allclose(values[rows] @ errors[:k].T, 0, atol=1e-13)
    before = np.vstack([np.eye(4), values])
    np.testing.assert_allclose(values - to_finer, before[[1, 2, 3, 5, 6, 8]])
    np.testing.assert_allclose(values - to_coarser, before[[0, 1, 2, 4, 5, 7]])


@pytest.mark.parametrize("x", [5e-324, 1e-300, 1e-30, 1e300])
def test_places_of_any_size(x):
    slope = 0.5 / math.sqrt(1 + x)
    assert derivative(lambda x: math.sqrt(1 + x), x) == pytest.approx(slope, rel=1e-12)


@pytest.mark.parametrize("x", [1e-9, 1e-20, 1e-295])
def test_places_next_to_an_edge(x):
    assert derivative(math.sqrt, x) == pytest.approx(0.5 / math.sqrt(x), rel=1e-11)
    assert derivative(abs, x) == 1


# ---------------------------------------------------------------- float32


@pytest.mark.parametrize(
    ("f", "slope"),
    [
        (lambda x: np.tanh(single(x)), lambda x: 1 / np.cosh(x) ** 2),
        (lambda x: single(np.sin(x)), np.cos),
        (lambda x: np.exp(single(x)), np.exp),
        (lambda x: single(x) * single(x * x), lambda x: 3 * x**2),
    ],
)
@pytest.mark.parametrize("x", [-2.0, 0.3, 0.7])
def test_float32_functions_get_the_digits_of_float32(f, slope, x):
    assert derivative(f, x) == pytest.approx(slope(x), rel=1e-5, abs=1e-6)


def test_float32_network():
    w = np.array([[0.3, -0.7], [0.5, 0.2]])
    x = np.array([0.5, -1.0])

    def loss(w):
        return np.sum(np.tanh(w.astype(single) @ x.astype(single)) ** 2)

    hidden = np.tanh(w @ x)
    by_hand = np.outer(2 * hidden * (1 - hidden**2), x)
    np.testing.assert_allclose(gradient(loss, w), by_hand, rtol=1e-5)


# ---------------------------------------------------------------- no slope here


@pytest.mark.parametrize("method", CAREFUL)
@pytest.mark.parametrize(
    ("f", "x", "kind", "left", "right"),
    [
        (abs, 0, "kink", -1, 1),
        (lambda x: np.maximum(x, 0), 0, "kink", 0, 1),
        (lambda x: np.where(x > 0, 2 * x, x), 0, "kink", 1, 2),
        (lambda x: x if x > 0 else 0.1 * x, 0, "kink", 0.1, 1),
        (lambda x: abs(x - 1) + x**2, 1, "kink", 1, 3),
        (lambda x: 1e10 + abs(x), 0, "kink", -1, 1),
        (lambda x: np.maximum(3 * x - 0.9, 0), 0.3, "kink", 0, 3),
        (lambda x: x**2 + 1e-9 * abs(x), 0, "kink", -1e-9, 1e-9),
        (lambda x: x + 5e-4 * abs(x - 1), 1, "kink", 0.9995, 1.0005),
        (np.floor, 2, "jump", np.inf, 0),
        (lambda x: np.sign(x) + x, 0, "jump", np.inf, np.inf),
        (lambda x: 1.0 if x == 0 else x, 0, "jump", np.inf, -np.inf),
        (np.cbrt, 0, "vertical tangent", np.inf, np.inf),
        (lambda x: np.sqrt(abs(x)), 0, "vertical tangent", -np.inf, np.inf),
        (lambda x: np.sign(x) * abs(x) ** 0.9, 0, "vertical tangent", np.inf, np.inf),
        (np.sqrt, 0, "domain edge", np.nan, np.inf),
        (math.sqrt, 0, "domain edge", np.nan, np.inf),
        (np.log, 0, "domain edge", np.nan, np.inf),
        (np.arccos, 1, "domain edge", -np.inf, np.nan),
        (lambda x: x**1.5 + 2 * x, 0, "domain edge", np.nan, 2),
        (np.log, -1, "nan", np.nan, np.nan),
        (lambda x: np.nan * x, 3, "nan", np.nan, np.nan),
        (lambda x: 1 / x, 0, "infinite", np.inf, -np.inf),
        (np.exp, 710, "infinite", np.nan, np.nan),
        (lambda x: abs(single(x)), 0, "kink", -1, 1),
        (lambda x: np.maximum(single(x), single(0)), 0, "kink", 0, 1),
        (lambda x: np.floor(single(x)), 0, "jump", np.inf, 0),
        (lambda x: x + 3e-9 * (np.real(x) > 1), 1, "jump", 1, np.inf),
        (lambda x: 1e5 + x**2, 1e-8, "unclear", 2e-8, 2e-8),
        (lambda x: (np.exp(x) - 1) / x, 1e-9, "unclear", 0.5, 0.5),
        (lambda x: (1 - np.cos(x)) / x**2, 1e-5, "unclear", -1e5, -1e5),
        (lambda x: abs(x - 5e-324), 5e-324, "kink", -1, 1),
        (lambda x: 1e8 + 2 * x + abs(x), 0, "kink", 1, 3),
        (lambda x: single(np.exp(x) + 0.03 * abs(x - 1)), 1, "kink", 2.68828, 2.74828),
        (lambda x: np.where(x > 1, abs(x - 1) ** 1.5, x - 1), 1, "kink", 1, 0),
        (lambda x: 1e8 + 2 * x + 0.01 * (np.real(x) > 1e-6), 1e-6, "jump", 2, np.inf),
        (
            lambda x: 1e8 + 2 * x + 0.1 * np.sqrt(abs(x - 1e-6)),
            1e-6,
            "vertical tangent",
            -np.inf,
            np.inf,
        ),
        (
            lambda x: np.where((x > 0) & (x < 1e-3), np.inf, x),
            0,
            "unclear",
            1,
            np.inf,
        ),
    ],
)
def test_refusal_says_kind_place_and_both_slopes(f, x, kind, left, right, method):
    error = refusal(f, x, method=method)
    assert (error.kind, error.x) == (kind, x)
    expected = pytest.approx([left, right], rel=1e-4, abs=1e-9, nan_ok=True)
    assert [error.left, error.right] == expected


@pytest.mark.parametrize("wrap", [lambda f: f, reals_only])
@pytest.mark.parametrize(
    ("f", "x", "kind"),
    [
        # The kink dies out 0.01 further on, where coarse steps begin.
        (lambda x: np.sin(x) + np.maximum(x * (0.01 - x), 0), 0, "kink"),
        # Weak, and the same on both sides.
        (lambda x: np.sin(x) + 5e-3 * np.sqrt(abs(x)), 0, "vertical tangent"),
        (
            lambda x: 3 * x + x**2 + 1e-3 * np.sqrt(abs(x - 0.5)),
            0.5,
            "vertical tangent",
        ),
    ],
)
def test_faults_that_hide_from_coarse_steps(f, x, kind, wrap):
    assert refusal(wrap(f), x).kind == kind


def test_values_that_never_settle_are_unclear():
    assert refusal(lambda x: x * np.sin(1 / x) if x else 0.0, 0).kind == "unclear"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: derivative(abs, 0),
            "derivative: f has a kink at x = 0.0: slope -1 on the left, 1 on the right",
        ),
        (
            lambda: derivative(np.sqrt, 0),
            "derivative: f reaches the edge of its domain at x = 0.0: "
            "slope none on the left, inf on the right",
        ),
        (
            lambda: derivative(lambda x: np.maximum(x, 0), [[1, 2], [0, 3]]),
            "derivative: f has a kink at x[1, 0] = 0.0: "
            "slope 0 on the left, 1 on the right",
        ),
        (
            lambda: gradient(lambda x: abs(x).sum(), [1, 0]),
            "gradient: f has a kink at x[1] = 0.0: "
            "slope -1 on the left, 1 on the right",
        ),
        (
            lambda: jacobian(lambda x: np.floor(x) + x, [0.5, 2]),
            "jacobian: f(x)[1] jumps at x[1] = 2.0: "
            "slope inf on the left, 1 on the right",
        ),
    ],
)
def test_words_of_a_refusal(call, message):
    with pytest.raises(DerivativeError) as caught:
        call()
    assert str(caught.value) == message


@pytest.mark.parametrize("wrap", [lambda f: f, reals_only])
def test_random_kinks_and_jumps_are_all_refused(wrap):
    rng = np.random.default_rng(3)
    faults = [
        ("kink", lambda t, s: s * abs(t)),
        ("kink", lambda t, s: s * np.maximum(t, 0)),
        ("kink", lambda t, s: s * np.where(t > 0, t, 0)),
        ("jump", lambda t, s: s * np.heaviside(np.real(t), 0.5)),
    ]
    for trial in range(300):
        (f, slope), x = family(rng), 2 * rng.normal()
        size = 1.1 * max(abs(slope(x)), 0.1) * 10 ** rng.uniform(-3, 1)
        kind, fault = faults[trial % 4]
        error = refusal(wrap(lambda t: f(t) + fault(t - x, size)), x)  # noqa: B023
        assert error.kind == kind


@pytest.mark.parametrize("distance", [1e-3, 1e-4, 1e-6])
def test_kink_beside_the_place_is_no_kink(distance):
    assert derivative(lambda x: abs(x - 1 - distance), 1) == pytest.approx(-1, abs=1e-9)
    assert derivative(lambda x: np.maximum(x, 0), distance) == 1


@pytest.mark.parametrize(
    ("f", "x", "slope"),
    [
        (lambda x: np.where(abs(x) < 1, x * x / 2, abs(x) - 0.5), 1, 1),  # Huber
        (lambda x: np.where(x > 0, x, np.exp(x) - 1), 0, 1),  # ELU
        (lambda x: x * abs(x), 0, 0),
    ],
)
def test_jump_of_the_second_slope_is_no_kink(f, x, slope):
    assert derivative(f, x) == pytest.approx(slope, abs=1e-10)


def test_error_survives_pickling():
    error = refusal(abs, 0)
    copy = pickle.loads(pickle.dumps(error))
    assert str(copy) == str(error)
    assert (copy.kind, copy.x, copy.left, copy.right) == ("kink", 0, -1, 1)


# ---------------------------------------------------------------- traps of complex


def drops_imaginary(x):
    out = np.empty(np.shape(x))
    out[...] = np.sin(x)
    return out


@pytest.mark.parametrize(
    ("f", "x", "slope"),
    [
        (np.abs, -2, -1),
        (np.conj, 2, 1),
        (lambda x: x * np.conj(x), 3, 6),
        (lambda x: np.real(x) ** 2, 3, 6),
        (lambda x: x + 1e-5 * abs(x), 3, 1.00001),
        (math.sin, 1, math.cos(1)),
        (lambda x: float(np.sin(x)), 1, math.cos(1)),
        (drops_imaginary, 1, math.cos(1)),
        (lambda x: x**2 if x > 0 else -(x**2), -2, 4),
        (lambda x: np.maximum(x, 0) ** 2, 3, 6),
        (lambda x: math.exp(x), 700, math.exp(700)),
    ],
)
def test_functions_that_fool_or_refuse_the_complex_step(f, x, slope):
    assert derivative(f, x) == pytest.approx(slope, rel=1e-10)


@pytest.mark.parametrize("prepare", [warnings.resetwarnings, lambda: None])
def test_no_warning_is_shown_and_filters_stay(prepare):
    with warnings.catch_warnings(record=True) as shown:
        prepare()
        before = list(warnings.filters)
        derivative(drops_imaginary, np.array([0.3, 0.4]))
        assert derivative(lambda x: math.log(1 + math.exp(x)), -30) > 0
        derivative(np.log, 0.05, method="richardson")
        derivative(lambda x: x * np.log(x), [1e-3, 2.0])
        derivative(np.log, -1, method="central")
        assert (warnings.filters, shown) == (before, [])
        warnings.resetwarnings()
        warnings.warn("still shown", stacklevel=1)
    assert len(shown) == 1


def test_f_may_reset_the_filters():
    def f(x):
        warnings.resetwarnings()
        return np.sin(x)

    with warnings.catch_warnings():
        assert derivative(f, 1.0) == pytest.approx(math.cos(1), rel=1e-14)


# ---------------------------------------------------------------- plain formulas


def test_plain_formulas_have_the_errors_of_the_textbook():
    # By hand: (x + h)**2 gives 2 x + h, (x + h)**3 gives 3 x**2 + h**2 and - h**2.
    square, cube = (lambda x: x**2), (lambda x: x**3)
    assert derivative(square, 3, method="forward", step=0.5) == 6.5
    assert derivative(cube, 3, method="central", step=0.5) == 27.25
    assert derivative(cube, 3, method="complex", step=0.5) == 26.75
    assert derivative(cube, 3, method="complex") == 27
    line = derivative(lambda x: 3 * x + 2, 3, method="forward", step=1e-7)
    assert line == 3.000000004440892


@pytest.mark.parametrize(("method", "error"), [("forward", 1e-7), ("central", 1e-9)])
def test_usual_step_of_the_plain_formulas(method, error):
    assert derivative(np.exp, 1, method=method) == pytest.approx(np.e, rel=error)


@pytest.mark.parametrize(("method", "power"), [("forward", 1 / 2), ("central", 1 / 3)])
@pytest.mark.parametrize("x", [0.2, 300.0, np.array([0.2, 300.0])])
def test_usual_step_grows_with_x_from_one_on(x, method, power):
    seen = []
    derivative(lambda x: seen.append(x) or x, x, method=method)
    step = 2.0 ** (-52 * power) * np.where(x == 300, 300, 1)
    assert np.max(seen, axis=0) - x == pytest.approx(step, rel=1e-5)


def test_plain_formulas_refuse_nothing():
    assert derivative(abs, 0, method="forward") == 1
    assert derivative(abs, 0, method="central") == 0
    assert np.isnan(derivative(np.log, -1, method="forward"))
    assert derivative(np.abs, 2, method="complex") == 0
    assert derivative(np.log, -1, method="complex") > 1e100
    assert derivative(np.cumsum, [1, 1], method="central") == pytest.approx([1, 2])


def test_largest_step_of_the_careful_methods():
    seen = []

    def f(x):
        seen.append(float(np.real(x)))
        return math.sin(x)

    assert derivative(f, 1, step=0.01) == pytest.approx(math.cos(1), rel=1e-9)
    assert (min(seen), max(seen)) == (0.99, 1.01)


@pytest.mark.parametrize("wrap", [lambda f: f, reals_only])
@pytest.mark.parametrize(
    ("f", "x", "step"),
    [
        (lambda x: x, 1, 1e-7),
        (lambda x: 1e-3 + abs(x - 5e-5), 5e-5, 1e-6),
        (lambda x: np.sqrt(abs(x - 1)), 1, 1e-2),
    ],
)
def test_no_step_is_above_the_largest(f, x, step, wrap):
    seen = []
    with suppress(DerivativeError):
        derivative(wrap(lambda x: seen.append(np.real(x)) or f(x)), x, step=step)
    assert np.ptp(seen) <= 2 * step * (1 + 1e-9)


def test_smallest_step_of_the_careful_methods():
    assert derivative(lambda x: x, 1, step=1e-11) == 1
    assert refusal(abs, 0, step=1e-14).kind == "kink"
    with pytest.raises(ValueError, match="step must be at least 1e-11"):
        derivative(np.sin, 1e6, step=1e-6)


# ---------------------------------------------------------------- what comes in


@pytest.mark.parametrize("method", METHODS)
def test_integers_are_promoted(method):
    slopes = derivative(lambda x: x**3, np.array([2, 4, 6]), method=method)
    assert slopes == pytest.approx([12, 48, 108], rel=1e-6)
    assert slopes.dtype == np.float64


@pytest.mark.parametrize("x", [2, 2.0, np.float32(2), np.array(2), np.int8(2), True])
def test_one_number_gives_a_float(x):
    slope = derivative(lambda x: x**2, x)
    assert type(slope) is float
    assert slope == 2 * float(x)


def test_float32_is_measured_in_float64():
    x = np.array([0.5, 1], dtype=np.float32)
    assert derivative(np.sin, x) == pytest.approx(np.cos([0.5, 1]), rel=1e-14)


@given(arrays(float, array_shapes(max_dims=3, max_side=4), elements=st.floats(-3, 3)))
def test_arrays_of_any_shape(x):
    slopes = derivative(np.sin, x)
    assert slopes.shape == x.shape
    np.testing.assert_allclose(slopes, np.cos(x), rtol=1e-12, atol=1e-12)


def test_entries_of_an_array_may_need_different_methods():
    x = np.array([1e-8, 1.0, 1e6])
    np.testing.assert_allclose(derivative(np.log, x), 1 / x, rtol=1e-12)
    np.testing.assert_allclose(derivative(np.abs, [-1, 1]), [-1, 1], rtol=1e-12)
    drowned = derivative(lambda x: 1e10 + np.sin(x), [1, 2])
    np.testing.assert_allclose(drowned, np.cos([1, 2]), rtol=1e-12)
    huber = lambda x: np.where(abs(x) < 1e-11, x * x / 2e-11, abs(x) - 5e-12)  # noqa: E731
    slopes = derivative(huber, [0, 3e-12, -2e-11])
    np.testing.assert_allclose(slopes, [0, 0.3, -1], rtol=1e-7)
    slopes = derivative(reals_only(lambda x: np.sin(20 * x)), [0.01, 0.7])
    np.testing.assert_allclose(slopes, 20 * np.cos([0.2, 14]), rtol=1e-11)
    slopes = derivative(lambda x: 3 * x, [1, 1e6], step=1e-3)
    np.testing.assert_allclose(slopes, 3, rtol=1e-7)


@pytest.mark.parametrize("method", METHODS)
def test_f_gets_a_fresh_copy(method):
    def spoils(x):
        y = x**2
        x[...] = 99
        return y

    x, slopes = np.array([1.0, 2.0]), pytest.approx([2, 4], rel=1e-6)
    assert derivative(spoils, x, method=method) == slopes
    assert gradient(lambda x: spoils(x).sum(), x, method=method) == slopes
    assert x.tolist() == [1, 2]


@pytest.mark.parametrize("method", ["auto", "richardson", "forward", "central"])
def test_f_may_reuse_its_output(method):
    out = np.empty(2)

    def f(x):
        out[...] = np.sin(x)
        return out

    slopes = derivative(f, [0.5, 1.0], method=method)
    assert slopes == pytest.approx(np.cos([0.5, 1.0]), rel=1e-6)


@pytest.mark.parametrize("measure", [derivative, gradient, jacobian])
@pytest.mark.parametrize(
    ("f", "x", "kind", "message"),
    [
        (3, 1.0, TypeError, "{}: f must be a function, got 3"),
        (abs, "two", TypeError, "{}: x must be numbers, got 'two'"),
        (abs, "2", TypeError, "{}: x must be numbers, got '2'"),
        (abs, None, TypeError, "{}: x must be numbers, got None"),
        (abs, 1j, TypeError, "{}: x must be real numbers, got 1j"),
        (abs, [[1], [1, 2]], ValueError, "{}: x must have rows of equal length, got "),
        (abs, [], ValueError, "{}: x must hold at least one number, got an array"),
        (abs, np.nan, ValueError, "{}: x must hold finite numbers, got nan"),
        (abs, [1, np.inf], ValueError, "{}: x must hold finite numbers, got inf at"),
        (lambda x: "a", 1.0, TypeError, "{}: f(x) must be numbers, got 'a'"),
        (lambda x: None, 1.0, TypeError, "{}: f(x) must be numbers, got None"),
        (cmath.exp, 1.0, TypeError, "{}: f(x) must be real numbers, got ("),
    ],
)
def test_what_cannot_be_differentiated(measure, f, x, kind, message):
    with pytest.raises(kind) as caught:
        measure(f, x)
    assert str(caught.value).startswith(message.format(measure.__name__))


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        (
            {"method": "newton"},
            ValueError,
            "derivative: method must be one of 'auto', 'richardson', 'forward', "
            "'central', 'complex', got 'newton'",
        ),
        ({"method": None}, ValueError, "derivative: method must be one of 'auto', "),
        ({"step": 0}, ValueError, "derivative: step must be above 0, got 0.0"),
        ({"step": -1e-3}, ValueError, "derivative: step must be above 0, got -0.001"),
        ({"step": np.nan}, ValueError, "derivative: step must be finite, got nan"),
        ({"step": 1e-17}, ValueError, "derivative: step must be at least 1e-11 |x|, "),
        ({"step": "h"}, TypeError, "derivative: step must be numbers, got 'h'"),
    ],
)
def test_bad_options(options, kind, message):
    with pytest.raises(kind) as caught:
        derivative(np.sin, 1.0, **options)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("method", METHODS)
def test_shape_of_f_must_be_that_of_x(method):
    with pytest.raises(ValueError, match="shape") as caught:
        derivative(lambda x: x.sum(), [1.0, 2.0], method=method)
    assert str(caught.value) == (
        "derivative: f(x) must have shape (2,), got (); "
        "use gradient or jacobian where f mixes the entries of x"
    )


@pytest.mark.parametrize(
    "f",
    [
        lambda x: x / x.sum(),
        np.cumsum,
        lambda x: x[::-1],
        lambda x: x * x[-1],
        lambda x: x - x.mean(),
    ],
)
@pytest.mark.parametrize("x", [[1.0, 2.0], [1.0, 2.0, 4.0], [1e8, 3e8]])
def test_f_that_mixes_entries_is_noticed(f, x):
    with pytest.raises(ValueError, match="must work on each entry of x alone, but"):
        derivative(f, x)


def test_entry_that_changes_with_others_is_named_and_nan_is_none():
    last = lambda x: x + x[0] * np.array([0, 0, 1])  # noqa: E731
    for f, x, entry in [(np.cumsum, [1, 2], 1), (last, [1, 2, 3], 2)]:
        with pytest.raises(ValueError, match="mixes the entries of x") as caught:
            derivative(f, x)
        assert f"but f(x)[{entry}] changes with other entries" in str(caught.value)
    assert refusal(np.log, [-1.0, 2.0]).kind == "nan"


@pytest.mark.parametrize("method", METHODS)
def test_what_is_no_number_is_refused_by_every_method(method):
    with pytest.raises(TypeError, match="must be numbers, got 'a'"):
        derivative(lambda x: "a", 1.0, method=method)


@pytest.mark.parametrize("method", METHODS)
def test_errors_of_f_come_through_with_the_place(method):
    with pytest.raises(KeyError) as caught:
        derivative(lambda x: {}["weight"], 1.0, method=method)
    assert caught.value.__notes__[0].startswith("raised by f at x = ")


def test_error_of_f_at_the_place_itself_is_not_taken_for_an_edge():
    with pytest.raises(ValueError, match="math domain error|positive input"):
        derivative(math.log, -1)


# ---------------------------------------------------------------- many inputs


def test_gradient_of_the_loss_of_a_network():
    rng = np.random.default_rng(0)
    w1, w2 = rng.normal(size=(3, 4)), rng.normal(size=(2, 3))
    x, target = rng.normal(size=4), rng.normal(size=2)

    def loss(w):
        return np.sum((np.tanh(w2 @ np.tanh(w @ x)) - target) ** 2)

    hidden = np.tanh(w1 @ x)
    output = np.tanh(w2 @ hidden)
    blame = w2.T @ (2 * (output - target) * (1 - output**2)) * (1 - hidden**2)
    by_hand = np.outer(blame, x)
    np.testing.assert_allclose(gradient(loss, w1), by_hand, rtol=1e-13)
    real = gradient(reals_only(loss), w1)
    np.testing.assert_allclose(real, by_hand, rtol=1e-11, atol=1e-12)


@given(
    arrays(
        float,
        st.tuples(st.integers(1, 4), st.integers(1, 4)),
        elements=st.floats(-9, 9),
    )
)
def test_jacobian_of_a_linear_map_is_its_matrix(matrix):
    x = np.arange(1.0, matrix.shape[1] + 1)
    found = jacobian(lambda x: matrix @ x, x)
    np.testing.assert_allclose(found, matrix, rtol=1e-10, atol=1e-12)


def test_jacobian_of_softmax():
    def softmax(x):
        e = np.exp(x)
        return e / e.sum()

    x = np.array([0.5, -1, 2])
    p = softmax(x)
    np.testing.assert_allclose(jacobian(softmax, x), np.diag(p) - np.outer(p, p), 1e-13)


@given(array_shapes(max_dims=2, max_side=3), array_shapes(max_dims=2, max_side=3))
def test_shape_of_a_jacobian(outer, inner):
    found = jacobian(lambda x: np.full(outer, 2.0) * np.sum(x**2), np.ones(inner))
    assert found.shape == outer + inner
    np.testing.assert_allclose(found, 4, rtol=1e-12)


def test_one_input_and_one_output():
    assert gradient(lambda x: x**2, 3) == 6
    assert jacobian(lambda x: x**2, 3).shape == ()
    assert jacobian(lambda x: [x, x**2], 3).tolist() == [1, 6]
    assert gradient(lambda x: x[0] ** 2, [3]).tolist() == [6]


def test_gradient_needs_one_number():
    with pytest.raises(ValueError, match="shape") as caught:
        gradient(lambda x: x, [1.0, 2.0])
    assert str(caught.value) == (
        "gradient: f(x) must have shape (), got (2,); "
        "use jacobian for more than one output"
    )


@pytest.mark.parametrize("f", [lambda x: 1000 + np.cos(x), lambda x: 1e5 + x * x])
def test_halves_too_coarse_for_the_complex_step(f):
    def half(x):
        y = np.asarray(f(x))
        return y.astype(np.complex64 if np.iscomplexobj(y) else np.float32)[()]

    assert derivative(half, 0.0) == derivative(lambda x: np.float32(f(x)), 0.0) == 0


def normal(x):
    """Give the first entry of x in distances from the mean, four times."""
    gap = x - x.mean()
    return 4 * gap[0] / np.sqrt((gap**2).mean())


@pytest.mark.parametrize(
    "x", [[0.0, 0, 4, 4], [-2.0, -2, 4, 4], [3.0, -5, -5, 3], [1.0, 5, 1, 5]]
)
def test_slopes_of_zero_where_f_moves_further_off(x):
    x = np.array(x)
    n, g = x.size, x - x.mean()
    r = np.sqrt((g**2).mean())
    right = 4 * ((np.arange(n) == 0) - 1 / n - g[0] * g / (n * r**2)) / r
    np.testing.assert_allclose(gradient(normal, x), right, rtol=1e-9, atol=1e-9)


def test_a_slope_that_is_small_beside_those_further_off():
    bump = derivative(lambda x: math.exp(-1e8 * x * x), 1e-12)
    assert bump == pytest.approx(-2e-4, rel=1e-6)
