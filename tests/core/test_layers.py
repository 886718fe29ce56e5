"""Layers against closed forms and complex steps, neither of which they use."""

from __future__ import annotations

import inspect
import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from oracles import complex_slopes, relu, sample, sigmoid, softmax

from chainrule_lessons.layers import (
    Linear,
    Module,
    Parallel,
    Parameter,
    ReLU,
    Scale,
    Sequential,
    Sigmoid,
    Softmax,
    Tanh,
)
from chainrule_lessons.losses import MSELoss

SHAPES = [(), (3,), (1, 3), (4, 3), (3, 3), (0, 3)]
ROWS = [(3,), (1, 3), (4, 3), (3, 3), (0, 3)]


FORMULAS = {Sigmoid: sigmoid, Tanh: np.tanh, ReLU: relu}


def w_and_b():
    return sample(2, 3, seed=1), sample(2, seed=2)


# Every block with the same map written out a second time.


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("block", FORMULAS)
def test_elementwise_blocks_follow_their_formula(block, shape):
    x, g, module, f = sample(*shape), sample(*shape, seed=5), block(), FORMULAS[block]
    np.testing.assert_allclose(module(x), f(x), rtol=1e-14)
    slopes = complex_slopes(f, x)
    np.testing.assert_allclose(module.jacobian(x), slopes, rtol=1e-13, atol=1e-300)
    expected = np.tensordot(g, slopes, axes=x.ndim)
    np.testing.assert_allclose(module.backward(g), expected, rtol=1e-13)


@pytest.mark.parametrize("shape", ROWS)
@pytest.mark.parametrize("with_bias", [True, False])
def test_linear_follows_its_formula(shape, with_bias):
    w, b = w_and_b()
    layer = Linear(3, 2, b if with_bias else False, weight=w)
    b = b if with_bias else np.zeros(2)
    x, g = sample(*shape), sample(*shape[:-1], 2, seed=5)
    y = np.array(
        [[sum(w[o] * row) + b[o] for o in range(2)] for row in np.atleast_2d(x)]
    )
    np.testing.assert_allclose(layer(x), y.reshape(g.shape), rtol=1e-14)
    slopes = complex_slopes(lambda z: z @ w.T + b, x)
    np.testing.assert_allclose(layer.jacobian(x), slopes, rtol=1e-13)
    expected = np.tensordot(g, slopes, axes=x.ndim)
    np.testing.assert_allclose(layer.backward(g), expected, rtol=1e-13)
    by_weight = np.tensordot(g, complex_slopes(lambda v: x @ v.T, w), axes=x.ndim)
    np.testing.assert_allclose(layer.weight.grad, by_weight, rtol=1e-13)
    if with_bias:
        by_bias = np.atleast_2d(g).sum(0)
        np.testing.assert_allclose(layer.bias.grad, by_bias, rtol=1e-13)


@pytest.mark.parametrize("shape", SHAPES)
def test_scale_follows_its_formula(shape):
    x, g, scale = sample(*shape), sample(*shape, seed=5), Scale(20)
    np.testing.assert_allclose(scale(x), 20 * x, rtol=0)
    np.testing.assert_allclose(scale.backward(g), 20 * g, rtol=0)
    expected = sum(a * b for a, b in zip(g.flat, x.flat, strict=True))
    np.testing.assert_allclose(scale.weight.grad, expected, rtol=1e-14)
    assert scale.jacobian(x).shape == shape * 2


@pytest.mark.parametrize("shape", ROWS)
def test_softmax_follows_its_formula_and_mixes_its_inputs(shape):
    x, g, module = sample(*shape), sample(*shape, seed=5), Softmax()
    np.testing.assert_allclose(module(x), softmax(x), rtol=1e-14)
    slopes = complex_slopes(softmax, x)
    np.testing.assert_allclose(module.jacobian(x), slopes, rtol=1e-12)
    expected = np.tensordot(g, slopes, axes=x.ndim)
    np.testing.assert_allclose(module.backward(g), expected, rtol=1e-12)


def test_softmax_jacobian_is_full():
    p = np.array([0.2, 0.3, 0.5])
    jacobian = Softmax().jacobian(np.log(p))
    np.testing.assert_allclose(jacobian, np.diag(p) - np.outer(p, p), rtol=1e-14)


def test_softmax_takes_any_axis():
    x = sample(2, 3)
    np.testing.assert_allclose(Softmax(axis=0)(x), Softmax()(x.T).T, rtol=1e-15)
    with pytest.raises(
        ValueError, match=r"^Softmax\(axis=2\): input must have entries"
    ):
        Softmax(axis=2)(x)
    with pytest.raises(ValueError, match="axis -1, got shape"):
        Softmax()(np.zeros((2, 0)))
    with pytest.raises(TypeError, match="Softmax: axis must be a whole number"):
        Softmax(axis=0.5)


@pytest.mark.parametrize("big", [40.0, 1e3, 1e200, 1e308])
def test_extreme_inputs_stay_finite(big):
    x = np.array([-big, 0, big])
    low = math.exp(-big)
    np.testing.assert_allclose(Sigmoid()(x), [low, 0.5, 1], rtol=1e-14)
    np.testing.assert_array_equal(Tanh()(x), [-1, 0, 1])
    np.testing.assert_allclose(Softmax()(x[1:]), [low, 1], rtol=1e-14)
    sigmoid = Sigmoid()
    sigmoid(x)
    expected = [low, 0.25, low]
    np.testing.assert_allclose(sigmoid.backward(np.ones(3)), expected, rtol=1e-14)


def test_relu_slope_at_zero_is_zero():
    relu = ReLU()
    np.testing.assert_array_equal(relu([-1.0, 0.0, 2.0]), [0, 0, 2])
    np.testing.assert_array_equal(relu.backward([1, 1, 1]), [0, 0, 1])


# The worked chain.


def test_worked_chain():
    net = Sequential(Linear(2, 1, weight=[1, 5], bias=-15), Sigmoid(), Scale(20))
    x, loss = np.array([2, 3]), MSELoss()
    assert net[0](x) == pytest.approx([2], abs=0)
    assert net[1](net[0](x)) == pytest.approx([0.880797077978], abs=1e-12)
    assert net(x) == pytest.approx([17.615941559558], abs=1e-12)
    assert loss(net(x), 10) == pytest.approx(58.002565838597, abs=1e-12)
    g = loss.backward()
    s = 1 / (1 + math.exp(-2))
    by_output = 2 * (20 * s - 10)
    by_sigmoid = 20 * by_output
    by_linear = by_sigmoid * s * (1 - s)
    assert g == pytest.approx([by_output], rel=1e-14)
    by_input = net.backward(g)
    assert by_input == pytest.approx([by_linear, 5 * by_linear], rel=1e-13)
    assert net[2].weight.grad == pytest.approx(by_output * s, rel=1e-14)
    assert net[0].bias.grad == pytest.approx([by_linear], rel=1e-13)
    grad = net[0].weight.grad
    assert grad == pytest.approx(by_linear * np.array([[2, 3]]), rel=1e-13)
    printed = [by_output, by_output * s, by_sigmoid, by_linear, *grad[0], *by_input]
    expected = [
        15.231883,
        13.416198,
        304.637662,
        31.985,
        63.97,
        95.955,
        31.985,
        159.925,
    ]
    assert printed == pytest.approx(expected, abs=3e-6)


# Containers.


def test_sequential_is_the_chain_rule():
    net = Sequential(Linear(3, 4, rng=0), Tanh(), Sequential(Linear(4, 2, rng=1)))
    x = sample(3)
    w1, w2 = net[0].weight.data, net[2][0].weight.data
    slope = np.diag(1 - np.tanh(net[0](x)) ** 2)
    np.testing.assert_allclose(net.jacobian(x), w2 @ slope @ w1, rtol=1e-13)


def test_names_are_dotted_paths():
    net = Sequential(
        Linear(2, 2), Tanh(), Sequential(Scale(1), Linear(2, 1)), Linear(1, 1, False)
    )
    names = [name for name, _ in net.named_parameters()]
    expected = [
        "0.weight",
        "0.bias",
        "2.0.weight",
        "2.1.weight",
        "2.1.bias",
        "3.weight",
    ]
    assert names == expected
    assert dict(net.named_parameters())["2.1.bias"] is net[2][1].bias
    assert net.parameters()[0] is net[0].weight
    assert (net[0].weight.name, net[0].bias.name) == ("weight", "bias")


def test_sequential_is_a_sequence():
    a, b, c = Tanh(), ReLU(), Sigmoid()
    net = Sequential(a, b, c)
    assert len(net) == 3
    assert list(net) == [a, b, c]
    assert (net[0], net[-1]) == (a, c)
    assert isinstance(net[1:], Sequential)
    assert list(net[1:]) == [b, c]
    with pytest.raises(IndexError, match=r"has 3 modules, got index 3"):
        net[3]


def test_parallel_joins_or_adds():
    x, g = sample(4, 3), sample(4, 5, seed=5)
    w, b = w_and_b()
    join = Parallel(Linear(3, 2, b, weight=w), Tanh())
    np.testing.assert_allclose(join(x), np.hstack([x @ w.T + b, np.tanh(x)]))
    expected = g[:, :2] @ w + g[:, 2:] * (1 - np.tanh(x) ** 2)
    np.testing.assert_allclose(join.backward(g), expected, rtol=1e-13)
    add = Parallel(Sequential(), Tanh(), combine="add")
    np.testing.assert_allclose(add(x), x + np.tanh(x), rtol=1e-15)
    g = g[:, :3]
    np.testing.assert_allclose(add.backward(g), g * (2 - np.tanh(x) ** 2), rtol=1e-13)
    assert [name for name, _ in join.named_parameters()] == ["0.weight", "0.bias"]


def test_parallel_joins_along_the_last_axis_of_three():
    x, g = sample(2, 3, 4), sample(2, 3, 12, seed=5)
    net = Parallel(Scale(2), Scale(3), Scale(5))
    joined = np.concatenate([2 * x, 3 * x, 5 * x], axis=2)
    np.testing.assert_array_equal(net(x), joined)
    expected = 2 * g[:, :, :4] + 3 * g[:, :, 4:8] + 5 * g[:, :, 8:]
    np.testing.assert_allclose(net.backward(g), expected, rtol=1e-14)
    with pytest.raises(ValueError, match=r"must have shape \(2, 3, 12\), got \(2, 3"):
        net.backward(g[:, :, :11])


def test_parallel_one_sample_and_nested():
    net = Parallel(Parallel(Scale(2), Scale(3), combine="add"), Sequential())
    np.testing.assert_array_equal(net([1, 2]), [5, 10, 1, 2])
    np.testing.assert_array_equal(net.backward([1, 1, 1, 1]), [6, 6])
    assert Parallel(Scale(2), Scale(3), combine="add")(1.0) == 5


class Twice(Module):
    """Stands the input along an axis twice."""

    def __init__(self, axis):
        self.axis = axis

    def forward(self, x):
        return np.concatenate([x, x], self.axis)


def test_a_block_of_ones_own_gets_an_array():
    np.testing.assert_array_equal(Twice(0)([1, 2]), [1, 2, 1, 2])
    assert Twice(0)([1, 2]).dtype == float


def test_parallel_refuses_outputs_that_do_not_fit():
    add = Parallel(Linear(2, 1, rng=0), Linear(2, 3, rng=0), combine="add")
    with pytest.raises(
        ValueError, match=r"must have one shape, got \[\(4, 1\), \(4, 3"
    ):
        add(np.ones((4, 2)))
    with pytest.raises(ValueError, match="agree in all axes but the last"):
        Parallel(Scale(1), Scale(2))(1.0)
    for shape, axis in (((4, 2), 0), ((4, 3, 2), 1)):
        with pytest.raises(ValueError, match="agree in all axes but the last"):
            Parallel(Tanh(), Twice(axis))(np.ones(shape))
    with pytest.raises(
        ValueError, match="combine must be 'concat' or 'add', got 'mul'"
    ):
        Parallel(Tanh(), combine="mul")
    with pytest.raises(ValueError, match="at least one module"):
        Parallel()


def test_a_module_in_two_places_is_refused():
    tanh = Tanh()
    with pytest.raises(ValueError, match=r"Tanh\(\) stands at 0 and at 2.0, but rem"):
        Sequential(tanh, ReLU(), Sequential(tanh))
    with pytest.raises(ValueError, match="Parallel: Tanh"):
        Parallel(tanh, tanh)


def test_shared_parameter_counts_once_and_its_slopes_add_up():
    a, b = Linear(2, 2, False, rng=0), Linear(2, 2, False, rng=1)
    b.weight = a.weight
    net, x, g = Sequential(a, b), sample(2), sample(2, seed=5)
    net(x)
    net.backward(g)
    assert net.parameters() == [a.weight]
    slopes = complex_slopes(lambda w: w @ (w @ x), a.weight.data)
    expected = np.tensordot(g, slopes, axes=1)
    np.testing.assert_allclose(a.weight.grad, expected, rtol=1e-13)


@pytest.mark.parametrize("item", [3, None, Tanh, [Tanh()]])
def test_containers_take_modules_only(item):
    with pytest.raises(TypeError, match="Sequential: item 0 must be a module such as"):
        Sequential(item)


# Forward and backward as a contract.

BLOCKS = {
    "linear": lambda: Linear(3, 3, rng=0),
    "scale": lambda: Scale(2),
    "sigmoid": Sigmoid,
    "tanh": Tanh,
    "relu": ReLU,
    "softmax": Softmax,
    "identity": Sequential,
    "sequential": lambda: Sequential(Linear(3, 3, rng=0), Tanh()),
    "parallel": lambda: Parallel(Tanh(), Linear(3, 3, rng=0), combine="add"),
}
every_block = pytest.mark.parametrize("make", BLOCKS.values(), ids=BLOCKS.keys())


@every_block
def test_backward_twice_adds_again(make):
    block, x, g = make(), sample(4, 3), sample(4, 3, seed=5)
    block(x)
    first = block.backward(g)
    once = [p.grad.copy() for p in block.parameters()]
    np.testing.assert_array_equal(block.backward(g), first)
    for parameter, slopes in zip(block.parameters(), once, strict=True):
        np.testing.assert_array_equal(parameter.grad, 2 * slopes)
        assert slopes.any()
    block.zero_grad()
    assert not any(p.grad.any() for p in block.parameters())


@pytest.mark.parametrize(
    "make", [Scale, lambda w: Linear(1, 1, 0, weight=w)], ids=["scale", "linear"]
)
def test_new_weights_count_from_the_next_forward_on(make):
    block = make(3.0)
    for weight in (3.0, 5.0):
        block.weight.data = np.full(block.weight.data.shape, weight)
        np.testing.assert_array_equal(block([2.0]), [2 * weight])
        np.testing.assert_array_equal(block.backward([1.0]), [weight])


@every_block
def test_arguments_have_names(make):
    block, x = make(), sample(4, 3)
    np.testing.assert_array_equal(block.forward(x=x), block(x))
    slopes = block.backward(grad_output=x, input_grad=True)
    np.testing.assert_array_equal(slopes, block.backward(x))
    assert list(inspect.signature(block.forward).parameters) == ["x"]
    names = list(inspect.signature(block.backward).parameters)
    assert names == ["grad_output", "input_grad"]


@every_block
def test_without_input_grad_the_parameters_learn_the_same(make):
    blocks, g = (make(), make()), sample(4, 3, seed=5)
    for block in blocks:
        block(sample(4, 3))
    blocks[0].backward(g)
    assert blocks[1].backward(g, input_grad=False) is None
    for a, b in zip(blocks[0].parameters(), blocks[1].parameters(), strict=True):
        np.testing.assert_array_equal(a.grad, b.grad)


@every_block
def test_outputs_share_no_memory_and_arguments_stay(make):
    block, x, g = make(), sample(4, 3), sample(4, 3, seed=5)
    x0, g0 = x.copy(), g.copy()
    first, slopes = block(x), block.backward(g)
    kept = first.copy(), slopes.copy()
    first_again = block(x)
    slopes_again = block.backward(g)
    for old in (first, slopes, x, g):
        assert not np.shares_memory(old, first_again)
        assert not np.shares_memory(old, slopes_again)
    first_again += 1
    slopes_again += 1
    np.testing.assert_array_equal(block.backward(g), kept[1])  # its memory is its own
    np.testing.assert_array_equal(first, kept[0])
    np.testing.assert_array_equal(x, x0)
    np.testing.assert_array_equal(g, g0)


@every_block
def test_jacobian_leaves_no_trace(make):
    block, x, g = make(), sample(4, 3), sample(4, 3, seed=5)
    block(x)
    slopes = block.backward(g)
    before = [p.grad.copy() for p in block.parameters()]
    block.jacobian(sample(3))
    for parameter, old in zip(block.parameters(), before, strict=True):
        np.testing.assert_array_equal(parameter.grad, old)
    np.testing.assert_array_equal(block.backward(g), slopes)


@every_block
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_floating_type_is_kept(make, dtype):
    block = make()
    if block.parameters() and not isinstance(block, Scale):
        block = Linear(3, 3, rng=0, dtype=dtype)
    x = sample(4, 3).astype(dtype)
    assert block(x).dtype == dtype
    assert block.backward(x).dtype == dtype


@every_block
def test_backward_before_forward(make):
    block = make()
    with pytest.raises(
        RuntimeError, match=r"called before forward: call forward\(x\) f"
    ):
        block.backward(np.ones((4, 3)))


def test_backward_before_forward_names_the_block():
    with pytest.raises(RuntimeError) as caught:
        Tanh().backward([1.0])
    message = "Tanh.backward called before forward: call forward(x) first"
    assert str(caught.value) == message


HOSTILE = [
    ("two", TypeError, "must be numbers, got 'two'"),
    (None, TypeError, "must be numbers, got None"),
    ([[1, 2, 3], [4]], ValueError, "must have rows of equal length"),
    ([1, 2, 3j], TypeError, "must be real numbers"),
    (np.array([1, np.nan, 2]), ValueError, r"finite numbers, got nan at index \(1,\)"),
    (
        np.array([1, 2, -np.inf]),
        ValueError,
        r"finite numbers, got -inf at index \(2,\)",
    ),
]


@every_block
@pytest.mark.parametrize(("value", "error", "words"), HOSTILE)
def test_hostile_input_is_refused_and_changes_nothing(make, value, error, words):
    block, x, g = make(), sample(3), sample(3, seed=5)
    block(x)
    with pytest.raises(error, match=words):
        block(value)
    with pytest.raises(error, match=words):
        block.forward(value)
    with pytest.raises(error, match=words):
        block.backward(value)
    assert not any(p.grad.any() for p in block.parameters())
    twin = make()
    twin(x)
    np.testing.assert_array_equal(block.backward(g), twin.backward(g))


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ((4, 2), "(N, 3), got (4, 2)"),
        ((2,), "(3,), got (2,)"),
        ((2, 4, 3), "(N, 3), got (2, 4, 3)"),
        ((), "(N, 3), got ()"),
    ],
)
def test_linear_refuses_wrong_shapes(shape, words):
    message = f"Linear(3, 2): input must have shape {words}"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        Linear(3, 2)(np.ones(shape))


@every_block
def test_wrong_shape_of_grad_output(make):
    block = make()
    block(np.ones((4, 3)))
    with pytest.raises(
        ValueError, match=r"grad_output must have shape \(4, 3\), got \(3,"
    ):
        block.backward(np.ones(3))


# Making a Linear.


@pytest.mark.parametrize("weight", [[1, 5], [[1, 5]], [[1], [5]], np.array([[[1, 5]]])])
def test_weight_may_miss_axes_of_length_one(weight):
    layer = Linear(2, 1, weight=weight, bias=-15)
    np.testing.assert_array_equal(layer.weight.data, [[1.0, 5.0]])
    np.testing.assert_array_equal(layer.bias.data, [-15.0])
    assert layer.weight.data.dtype == float


@pytest.mark.parametrize("weight", [[1, 2, 3, 4, 5, 6], np.ones((3, 2)), [1, 2]])
def test_weight_is_not_reshaped_on_a_guess(weight):
    with pytest.raises(
        ValueError, match=r"^Linear\(3, 2\): weight must have shape \(2, 3"
    ):
        Linear(3, 2, weight=weight)


def test_bias_is_a_flag_only_as_a_bool():
    assert Linear(2, 1, False).bias is None
    np.testing.assert_array_equal(Linear(2, 1, 0).bias.data, [0.0])
    np.testing.assert_array_equal(Linear(2, 1, 1).bias.data, [1.0])
    with pytest.raises(
        ValueError, match=r"Linear\(2, 3\): bias must have shape \(3,\)"
    ):
        Linear(2, 3, 0)
    with pytest.raises(TypeError, match="bias must be numbers, got None"):
        Linear(2, 3, None)


def test_given_values_are_copied():
    weight = np.ones((2, 3))
    layer = Linear(3, 2, weight=weight)
    layer.weight.data += 1
    np.testing.assert_array_equal(weight, np.ones((2, 3)))


def test_random_values_are_seeded_and_bounded():
    a, b = Linear(100, 200, rng=3), Linear(100, 200, rng=np.random.default_rng(3))
    np.testing.assert_array_equal(a.weight.data, b.weight.data)
    np.testing.assert_array_equal(a.bias.data, b.bias.data)
    assert not np.array_equal(a.weight.data, Linear(100, 200, rng=4).weight.data)
    for values in (a.weight.data, a.bias.data):
        assert -0.1 <= values.min() < -0.09
        assert 0.09 < values.max() <= 0.1
    assert a.weight.data.std() == pytest.approx(0.1 / math.sqrt(3), rel=0.02)


@pytest.mark.parametrize(
    ("arguments", "options", "error", "words"),
    [
        ((0, 2), {}, ValueError, "Linear: in_features must be 1 or more, got 0"),
        (
            (2, 1.0),
            {},
            TypeError,
            "Linear: out_features must be a whole number, got 1.0",
        ),
        (
            (True, 1),
            {},
            TypeError,
            "Linear: in_features must be a whole number, got Tr",
        ),
        (
            (2, 1),
            {"rng": "a"},
            TypeError,
            "rng must be a Generator, a seed or None, got",
        ),
        (
            (2, 1),
            {"dtype": int},
            TypeError,
            "Linear: dtype must be a floating type, got",
        ),
        (
            (2, 1),
            {"dtype": None},
            TypeError,
            "Linear: dtype must be a floating type, got None",
        ),
        (
            (2, 1),
            {"dtype": "x"},
            TypeError,
            "Linear: dtype must be a floating type, got",
        ),
        ((2, 1), {"weight": "ab"}, TypeError, "Linear.2, 1.: weight must be numbers"),
        (
            (2, 1),
            {"weight": [1, math.nan]},
            ValueError,
            "weight must hold finite numbers",
        ),
        (
            (2, 1),
            {"bias": math.inf},
            ValueError,
            "bias must hold finite numbers, got inf",
        ),
    ],
)
def test_linear_refuses_bad_arguments(arguments, options, error, words):
    with pytest.raises(error, match=words):
        Linear(*arguments, **options)


@pytest.mark.parametrize("weight", ["a", None, [1, 2], math.nan])
def test_scale_takes_one_number(weight):
    with pytest.raises((TypeError, ValueError), match="Scale: weight must be"):
        Scale(weight)


def test_reprs_read_like_constructors():
    net = Sequential(
        Linear(3, 2),
        Parallel(Sigmoid(), Scale(20), combine="add"),
        Linear(2, 2, False),
        Softmax(),
    )
    assert repr(net) == (
        "Sequential(Linear(3, 2), Parallel(Sigmoid(), Scale(20.0), combine='add'), "
        "Linear(2, 2, bias=False), Softmax(axis=-1))"
    )
    assert repr(Parameter([1, 2], "w")) == "Parameter('w', shape=(2,))"


# Parameters and blocks of one's own.


def test_parameter_copies_and_keeps_its_shape():
    values = np.array([1.0, 2.0])
    parameter = Parameter(values, "w")
    parameter.data = [3, 4]
    parameter.data -= 1
    np.testing.assert_array_equal(parameter.data, [2.0, 3.0])
    np.testing.assert_array_equal(values, [1.0, 2.0])
    np.testing.assert_array_equal(parameter.grad, [0.0, 0.0])
    with pytest.raises(
        ValueError, match=r"^w.data must have shape \(2,\), got \(3,\)$"
    ):
        parameter.data = [1, 2, 3]
    with pytest.raises(ValueError, match=r"^w.grad must hold finite numbers, got nan"):
        parameter.grad = [1, math.nan]
    parameter.grad = [1, 2]
    parameter.grad += [1, 1]
    np.testing.assert_array_equal(parameter.grad, [2.0, 3.0])
    with pytest.raises(TypeError, match="w must be numbers, got None"):
        Parameter(None, "w")
    np.testing.assert_array_equal(parameter.data, [2.0, 3.0])


class Softplus(Module):
    """A learner's block: no super().__init__(), no input_grad option."""

    def __init__(self, sharpness):
        self.sharpness = Parameter(sharpness, "sharpness")
        self.inner = Linear(3, 3, rng=0)

    def forward(self, x):
        self.z = self.inner(x)
        return np.log1p(np.exp(self.sharpness.data * self.z))

    def backward(self, grad_output):
        s = 1 / (1 + np.exp(-self.sharpness.data * self.z))
        self.sharpness.grad += np.sum(grad_output * s * self.z)
        return self.inner.backward(grad_output * s * self.sharpness.data)


def test_a_block_of_ones_own():
    net = Sequential(Softplus(2.0), Linear(3, 1, rng=1))
    names = [name for name, _ in net.named_parameters()]
    expected = ["0.sharpness", "0.inner.weight", "0.inner.bias", "1.weight", "1.bias"]
    assert names == expected
    assert net([1, 2, 3]).shape == (1,)
    assert net.backward([1.0], input_grad=False) is None
    assert net[0].sharpness.grad != 0
    inner = net[0].inner
    w, b, v = inner.weight.data, inner.bias.data, net[1].weight.data
    slopes = complex_slopes(
        lambda x: np.log1p(np.exp(2 * (x @ w.T + b))) @ v.T, sample(3)
    )
    np.testing.assert_allclose(net.jacobian(sample(3)), slopes, rtol=1e-12)


class Plain(Module):
    """A learner's block that answers with what it is told to."""

    def __init__(self, forward=lambda x: x, backward=lambda g: g):
        self.forward, self.backward = forward, backward


def test_a_container_takes_a_list_from_a_block_of_ones_own():
    net = Sequential(Plain(list, list), Tanh(), Plain(list, list), Scale(2))
    np.testing.assert_array_equal(net([0.0, 0.0]), [0, 0])
    np.testing.assert_array_equal(net.backward([1.0, 3.0]), [2, 6])


@pytest.mark.parametrize(
    ("answer", "error", "message"),
    [
        (None, TypeError, "must be numbers, got None"),
        ("two", TypeError, "must be numbers, got 'two'"),
        (np.array(["a"]), TypeError, "must be numbers, got an array of shape (1,)"),
        ([1, math.nan], ValueError, "must hold finite numbers, got nan at index (1,)"),
    ],
)
def test_a_container_refuses_bad_answers_of_a_block(answer, error, message):
    forward = Sequential(Plain(lambda x: answer), Tanh())
    with pytest.raises(error) as caught:
        forward([1.0, 2.0])
    assert str(caught.value) == f"Tanh(): input {message}"
    backward = Sequential(Tanh(), Plain(backward=lambda g: answer))
    backward([1.0, 2.0])
    with pytest.raises(error) as caught:
        backward.backward([1.0, 2.0])
    assert str(caught.value) == f"Tanh(): grad_output {message}"


def test_a_container_refuses_a_wrong_shape_inside():
    net = Sequential(Tanh(), Linear(3, 2))
    with pytest.raises(
        ValueError, match=r"^Linear\(3, 2\): input must have shape \(3,"
    ):
        net([1.0, 2.0])
    net = Sequential(Tanh(), Plain(backward=lambda g: g[:1]))
    net([1.0, 2.0])
    words = r"^Tanh\(\): grad_output must have shape \(2,\), got \(1,\)$"
    with pytest.raises(ValueError, match=words):
        net.backward([1.0, 2.0])


def test_a_container_calls_the_methods_that_stand_there():
    class Doubled(Linear):
        def forward(self, x):
            return 2 * super().forward(x)

        def backward(self, grad_output, *, input_grad=True):
            return super().backward(2 * grad_output, input_grad=input_grad)

    net = Sequential(Doubled(1, 1, 0, weight=3), Tanh(), Scale(5))
    net[1].forward, net[1].backward = lambda x: -x, lambda g: -g
    np.testing.assert_array_equal(net([1.0]), [-30])
    np.testing.assert_array_equal(net.backward([1.0]), [-30])


@pytest.mark.parametrize("make", [Sequential, Parallel])
def test_a_container_is_the_one_that_refuses_nan(make):
    net = make(Tanh(), combine="add") if make is Parallel else make(Tanh())
    words = re.escape("must hold finite numbers, got nan at index (0, 1)")
    with pytest.raises(ValueError, match=f"^{re.escape(repr(net))}: input {words}$"):
        net([[0.0, math.nan]])
    net([[0.0, 1.0]])
    with pytest.raises(
        ValueError, match=f"^{re.escape(repr(net))}: grad_output {words}$"
    ):
        net.backward([[0.0, math.nan]])


def test_numbers_whose_squares_overflow_are_finite():
    x = np.array([1e200, -1e300])
    np.testing.assert_array_equal(Scale(0.5)(x), [5e199, -5e299])
    assert MSELoss()(x, x) == 0.0


def test_a_container_may_have_parameters_of_its_own():
    class Gained(Sequential):
        def __init__(self, *modules):
            super().__init__(*modules)
            self.gain = Parameter(2, "gain")

    names = [name for name, _ in Gained(Scale(1)).named_parameters()]
    assert names == ["0.weight", "gain"]


def test_a_block_without_methods_says_so():
    class Empty(Module):
        pass

    with pytest.raises(NotImplementedError, match="Empty has no forward"):
        Empty()([1.0])
    with pytest.raises(NotImplementedError, match="Empty has no backward"):
        Empty().backward([1.0])


# Any shapes and values.


@settings(max_examples=50, deadline=None)
@given(st.data(), st.integers(0, 4), st.integers(1, 4), st.integers(1, 4))
def test_any_network_has_the_slopes_of_its_formula(data, rows, inputs, outputs):
    values = st.floats(-3, 3).map(lambda v: round(v, 6))
    draw = lambda *shape: data.draw(hnp.arrays(float, shape, elements=values))  # noqa: E731
    x, w, b, g = draw(rows, inputs), draw(outputs, inputs), draw(outputs), None
    net = Sequential(Linear(inputs, outputs, b, weight=w), Tanh(), Softmax(), Scale(3))
    g = draw(rows, outputs)
    net(x)
    f = lambda x: 3 * softmax(np.tanh(x @ w.T + b))  # noqa: E731
    expected = np.tensordot(g, complex_slopes(f, x), axes=2)
    np.testing.assert_allclose(net.backward(g), expected, rtol=1e-9, atol=1e-12)


def test_a_shared_parameter_is_named_where_it_comes_first():
    first, second = Linear(2, 2), Linear(2, 2)
    second.weight = first.weight
    names = [name for name, _ in Sequential(first, second).named_parameters()]
    assert names == ["0.weight", "0.bias", "1.bias"]
