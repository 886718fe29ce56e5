"""Losses against sums written out in Python's own numbers."""

from __future__ import annotations

import math
from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from chainrule_lessons.losses import CrossEntropyLoss, MSELoss


def exact_cross_entropy(logits, targets):
    """Return the sum of the losses of samples, in 60 digits."""
    with localcontext() as context:
        context.prec = 60
        total = Decimal(0)
        for row, target in zip(logits, targets, strict=True):
            row = [Decimal(float(v)) for v in row]
            peak = max(row)
            log_sum = peak + sum((v - peak).exp() for v in row).ln()
            total += log_sum - row[target]
        return float(total)


def exact_shares(row):
    with localcontext() as context:
        context.prec = 60
        row = [Decimal(float(v)) for v in row]
        e = [(v - max(row)).exp() for v in row]
        return [float(v / sum(e)) for v in e]


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("shape", [(), (1,), (3,), (1, 3), (4, 3), (2, 3, 4)])
def test_mse_is_the_sum_of_squares(reduction, shape):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=shape), rng.normal(size=shape)
    n = x.size if reduction == "mean" else 1
    loss = MSELoss(reduction)
    squares = [(a - b) ** 2 for a, b in zip(x.flat, y.flat, strict=True)]
    value = loss(x, y)
    assert type(value) is float
    assert value == pytest.approx(math.fsum(squares) / n, rel=1e-14)
    np.testing.assert_allclose(loss.backward(), 2 * (x - y) / n, rtol=1e-15)
    assert loss.backward().shape == shape


@pytest.mark.parametrize("shape", [(), (1,), (1, 1)])
def test_mse_takes_a_number_for_one_entry(shape):
    loss = MSELoss()
    assert loss(np.full(shape, 3.0), 10) == 49.0
    np.testing.assert_array_equal(loss.backward(), np.full(shape, -14.0))


@pytest.mark.parametrize(
    ("input_shape", "target_shape"),
    [((3,), ()), ((3, 1), (3,)), ((3,), (3, 1)), ((2, 3), (3,)), ((1,), (1, 1))],
)
def test_mse_does_not_broadcast(input_shape, target_shape):
    with pytest.raises(ValueError, match="MSELoss: target must have shape .*, got"):
        MSELoss()(np.ones(input_shape), np.ones(target_shape))


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("rows", [1, 4, 5])
def test_cross_entropy_is_minus_the_log_of_the_share(reduction, rows):
    rng = np.random.default_rng(rows)
    z, t = 3 * rng.normal(size=(rows, 4)), rng.integers(4, size=rows)
    n = rows if reduction == "mean" else 1
    loss = CrossEntropyLoss(reduction)
    value = loss(z, t)
    assert type(value) is float
    assert value == pytest.approx(exact_cross_entropy(z, t) / n, rel=1e-13)
    slopes = np.array([exact_shares(row) for row in z])
    slopes[np.arange(rows), t] -= 1
    np.testing.assert_allclose(loss.backward(), slopes / n, rtol=1e-13, atol=1e-16)


def test_cross_entropy_of_one_sample():
    one, batch = CrossEntropyLoss(), CrossEntropyLoss()
    z = [0.5, -1.0, 2.0]
    assert one(z, 2) == batch([z], [2])
    np.testing.assert_array_equal(one.backward(), batch.backward()[0])
    assert one(z, np.int64(2)) == batch([z], np.array([2], dtype=np.uint8))


def test_equal_logits_cost_the_log_of_the_number_of_classes():
    assert CrossEntropyLoss()(np.zeros((2, 10)), [3, 9]) == pytest.approx(math.log(10))


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_indices_are_rows_with_a_single_one(reduction):
    rng = np.random.default_rng(0)
    z, t = rng.normal(size=(4, 3)), np.array([0, 2, 1, 1])
    by_index, by_rows = CrossEntropyLoss(reduction), CrossEntropyLoss(reduction)
    assert by_index(z, t) == pytest.approx(by_rows(z, np.eye(3)[t]), rel=1e-15)
    np.testing.assert_allclose(by_index.backward(), by_rows.backward(), rtol=1e-15)
    assert by_rows(z, np.eye(3, dtype=int)[t]) == by_rows(z, np.eye(3)[t])


def test_cross_entropy_with_probabilities():
    z, t = np.log([[0.2, 0.3, 0.5]]), np.array([[0.1, 0.6, 0.3]])
    loss = CrossEntropyLoss()
    expected = -(0.1 * math.log(0.2) + 0.6 * math.log(0.3) + 0.3 * math.log(0.5))
    assert loss(z, t) == pytest.approx(expected, rel=1e-14)
    np.testing.assert_allclose(loss.backward(), [[0.1, -0.3, 0.2]], rtol=1e-14)
    assert loss(z[0], t[0]) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("big", [1e3, 1e200, 8e307])
def test_cross_entropy_of_huge_logits(big):
    loss = CrossEntropyLoss()
    assert loss([[big, -big], [-big, big]], [0, 1]) == 0.0
    np.testing.assert_array_equal(loss.backward(), [[0, 0], [0, 0]])
    assert loss([[big, -big]], [1]) == 2 * big
    np.testing.assert_array_equal(loss.backward(), [[1, -1]])


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("target", [0, 1, 2, [0.5, 0.5, 0], [0, 0, 1]])
def test_logits_further_apart_than_any_number(target, dtype):
    most = float(np.finfo(dtype).max)
    z = np.array([0.6 * most, 0.6 * most, -0.6 * most], dtype)
    shares = target if np.ndim(target) else np.eye(3)[target]
    loss = CrossEntropyLoss()
    expected = most if shares[2] else math.log(2)
    rounding = {"rel": 2 * float(np.finfo(dtype).eps)}
    assert loss(z, target) == pytest.approx(expected, **rounding)
    slopes = np.subtract([0.5, 0.5, 0], shares)
    np.testing.assert_array_equal(loss.backward(), slopes)
    assert loss.backward().dtype == dtype
    assert loss.each(z[None], target) == pytest.approx([expected], **rounding)
    assert loss(z.astype(float).tolist(), 0) == pytest.approx(math.log(2), rel=1e-15)


@pytest.mark.parametrize(
    ("target", "error", "message"),
    [
        ([0, 3], ValueError, "class indices must be 0 to 2, got 3"),
        ([-1, 0], ValueError, "class indices must be 0 to 2, got -1"),
        (
            [0.0, 1.0],
            TypeError,
            "class indices must be integers, got an array of shape ",
        ),
        (
            [True, False],
            TypeError,
            "class indices must be integers, got an array of sh",
        ),
        ([0], ValueError, r"target must be class indices of shape \(2,\) or probabili"),
        ([[0], [1]], ValueError, r"target must be .* \(2, 3\), got shape \(2, 1\)"),
        (1, ValueError, r"target must be class indices of shape \(2,\)"),
        (
            np.full((2, 3), 0.5),
            ValueError,
            "each row of probabilities must sum to 1, got",
        ),
        (
            [[1.5, -0.5, 0], [1, 0, 0]],
            ValueError,
            "probabilities must not be negative, got -0.5",
        ),
        (
            np.full((2, 3), math.nan),
            ValueError,
            "target must hold finite numbers, got nan",
        ),
        ("a", TypeError, "target must be numbers, got 'a'"),
        (None, TypeError, "target must be numbers, got None"),
        ([[0], [0, 1]], ValueError, "target must have rows of equal length"),
    ],
)
def test_cross_entropy_refuses_bad_targets(target, error, message):
    loss = CrossEntropyLoss()
    loss([[0.0, 1.0]], [0])
    before = loss.backward()
    with pytest.raises(error, match=f"^CrossEntropyLoss: {message}"):
        loss(np.zeros((2, 3)), target)
    np.testing.assert_array_equal(loss.backward(), before)


@pytest.mark.parametrize("shape", [(), (2, 0), (0,), (2, 3, 4)])
def test_cross_entropy_refuses_inputs_without_classes(shape):
    for logits in (np.zeros(shape), np.zeros(shape).tolist()):
        with pytest.raises(
            ValueError, match=r"input must have shape \(N, C\), or \(C,\) for"
        ):
            CrossEntropyLoss()(logits, 0)


@pytest.mark.parametrize("loss", [MSELoss(), CrossEntropyLoss()])
@pytest.mark.parametrize(
    ("value", "error"),
    [
        ("a", TypeError),
        (None, TypeError),
        ([1, 2j], TypeError),
        ([[1], [2, 3]], ValueError),
        ([1.0, math.nan], ValueError),
        ([1.0, -math.inf], ValueError),
    ],
)
def test_losses_refuse_bad_inputs(loss, value, error):
    with pytest.raises(error, match=f"{type(loss).__name__}: input must"):
        loss(value, [0.0, 1.0])


@pytest.mark.parametrize(
    ("loss", "empty", "target", "what"),
    [
        (MSELoss, (0, 2), np.zeros((0, 2)), "entry"),
        (CrossEntropyLoss, (0, 3), np.zeros(0, dtype=int), "sample"),
    ],
)
def test_a_mean_of_nothing_is_refused_and_a_sum_is_zero(loss, empty, target, what):
    with pytest.raises(ValueError, match=f"a mean needs at least one {what}, got none"):
        loss()(np.zeros(empty), target)
    total = loss("sum")
    assert total(np.zeros(empty), target) == 0.0
    assert total.backward().shape == empty


@pytest.mark.parametrize("loss", [MSELoss, CrossEntropyLoss])
def test_backward_before_the_loss(loss):
    with pytest.raises(
        RuntimeError, match=r"called before forward: call loss\(input, t"
    ):
        loss().backward()


@pytest.mark.parametrize("reduction", ["avg", None, 1, np.ones(2)])
def test_reduction_is_mean_or_sum(reduction):
    with pytest.raises(
        ValueError, match="MSELoss: reduction must be 'mean' or 'sum', g"
    ):
        MSELoss(reduction)
    assert repr(CrossEntropyLoss("sum")) == "CrossEntropyLoss(reduction='sum')"


@pytest.mark.parametrize(
    ("loss", "target"),
    [
        (MSELoss(), np.ones((2, 3))),
        (CrossEntropyLoss(), np.array([0, 1])),
        (CrossEntropyLoss(), np.eye(3)[:2]),
    ],
)
def test_arguments_stay_and_slopes_are_ones_own(loss, target):
    x, t = np.arange(6.0).reshape(2, 3), target.copy()
    loss(x, t)
    slopes = loss.backward()
    kept = slopes.copy()
    np.testing.assert_array_equal(x, np.arange(6.0).reshape(2, 3))
    np.testing.assert_array_equal(t, target)
    slopes += 1
    x += 1
    t[...] = 0
    np.testing.assert_array_equal(loss.backward(), kept)


@pytest.mark.parametrize("loss", [MSELoss("sum"), CrossEntropyLoss("sum")])
@pytest.mark.parametrize("shape", [(3,), (1, 3), (3, 1), (2, 3)])
def test_arguments_of_any_layout_stay(loss, shape):
    x = np.asfortranarray(np.arange(1.0, 1.0 + math.prod(shape)).reshape(shape))
    t = np.asfortranarray(np.ones(shape) / shape[-1])
    x0, t0 = x.copy(), t.copy()
    value = loss(x, t)
    loss.backward()[...] = 0
    np.testing.assert_array_equal(x, x0)
    np.testing.assert_array_equal(t, t0)
    assert loss(x.copy("C"), t.copy("C")) == pytest.approx(value, rel=1e-14)


EACH = [
    (MSELoss, (), 3),
    (MSELoss, (1,), 3),
    (MSELoss, (2, 3, 2), np.ones((2, 3, 2))),
    (CrossEntropyLoss, (3,), 1),
    (CrossEntropyLoss, (4, 3), [0, 2, 1, 1]),
    (CrossEntropyLoss, (2, 3), [[0.2, 0.3, 0.5], [1, 0, 0]]),
]


@pytest.mark.parametrize("layout", [lambda x: x, lambda x: np.copy(x.T).T])
@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize(("loss", "shape", "target"), EACH)
def test_each_is_many_calls(loss, shape, target, reduction, layout):
    inputs = np.random.default_rng(0).normal(size=(5, *shape))
    calls = [loss(reduction)(x, target) for x in inputs]
    kept = inputs.copy()
    losses = loss(reduction).each(layout(inputs), target)
    np.testing.assert_allclose(losses, calls, rtol=1e-14)
    np.testing.assert_array_equal(inputs, kept)
    far = 1e160 * np.sign(inputs)  # the squares overflow
    if loss is CrossEntropyLoss:
        calls = [loss(reduction)(x, target) for x in far]
        np.testing.assert_allclose(loss(reduction).each(far, target), calls, rtol=1e-14)


def test_each_takes_no_samples_in_a_sum():
    none = np.zeros(0, dtype=int)
    losses = CrossEntropyLoss("sum").each(np.zeros((2, 0, 3)), none)
    np.testing.assert_array_equal(losses, [0, 0])
    with pytest.raises(ValueError, match="a mean needs at least one sample, got none"):
        CrossEntropyLoss().each(np.zeros((2, 0, 3)), none)


@pytest.mark.parametrize(("loss", "t"), [(MSELoss(), [0, 1]), (CrossEntropyLoss(), 1)])
def test_each_stays_out_of_backward_and_refuses_as_a_call_does(loss, t):
    loss([1.0, 3.0], t)
    slopes = loss.backward()
    loss.each(np.zeros((2, 2)), t)
    bad = np.array([[0.0, 0.0], [0.0, math.nan]])
    words = "input must hold finite numbers, got nan at index .1,.$"
    with pytest.raises(ValueError, match=f"^{type(loss).__name__}: {words}"):
        loss.each(bad, t)
    with pytest.raises(ValueError, match=f"^{type(loss).__name__}: target must "):
        loss.each(np.zeros((2, 2)), [1, 0, 0])
    np.testing.assert_array_equal(loss.backward(), slopes)


@pytest.mark.parametrize(("loss", "t"), [(MSELoss(), [0, 1]), (CrossEntropyLoss(), 1)])
def test_float32_is_kept(loss, t):
    t = np.asarray(t, dtype=np.float32 if isinstance(loss, MSELoss) else int)
    loss(np.array([1, 2], dtype=np.float32), t)
    assert loss.backward().dtype == np.float32


@settings(max_examples=60, deadline=None)
@given(st.data(), st.integers(1, 5), st.integers(1, 5))
def test_any_logits(data, rows, classes):
    elements = st.floats(-1e4, 1e4)
    z = data.draw(hnp.arrays(float, (rows, classes), elements=elements))
    t = data.draw(hnp.arrays(int, rows, elements=st.integers(0, classes - 1)))
    loss = CrossEntropyLoss("sum")
    expected = exact_cross_entropy(z, t)
    assert loss(z, t) == pytest.approx(expected, rel=1e-12, abs=1e-11)
    slopes = np.array([exact_shares(row) for row in z]) - np.eye(classes)[t]
    np.testing.assert_allclose(loss.backward(), slopes, atol=1e-12)


def test_shares_sum_to_one_but_for_their_rounding():
    loss = CrossEntropyLoss()
    assert loss([[0.0, 0.0]], [[0.5, 0.5 + 5e-7]]) == pytest.approx(math.log(2), 1e-5)
    with pytest.raises(ValueError, match="sum to 1, got 1.00"):
        loss([[0.0, 0.0]], [[0.5, 0.5 + 5e-6]])


def test_each_of_many_inputs_may_be_huge():
    inputs = np.array([[[1000.0, 0.0]], [[0.0, 1000.0]]])
    assert CrossEntropyLoss().each(inputs, [1]).tolist() == [1000, 0]


@pytest.mark.parametrize(("loss", "t"), [(MSELoss(), [0, 1]), (CrossEntropyLoss(), 1)])
def test_each_takes_a_single_input(loss, t):
    assert loss.each(np.zeros((1, 2)), t) == pytest.approx([loss(np.zeros(2), t)])


@pytest.mark.parametrize("sums", [(0.5, 1.2, 1.4), (0.95, 1.9, 0.2)])
def test_the_row_furthest_from_one_is_named(sums):
    worst = max(sums, key=lambda total: abs(total - 1))
    with pytest.raises(ValueError, match=f"must sum to 1, got {worst}$"):
        CrossEntropyLoss()(np.zeros((3, 2)), [[total, 0] for total in sums])
