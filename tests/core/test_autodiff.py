"""The tape against complex steps and closed forms, neither of which it uses."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from oracles import complex_slopes, relu, sigmoid

from chainrule_lessons.autodiff import Variable, graph


def sample(shape, seed=0):
    """Positive numbers, off every kink and every edge of a domain."""
    return np.random.default_rng(seed).uniform(0.3, 1.7, shape)


def tape_slopes(f, *arrays):
    variables = [Variable(a) for a in arrays]
    f(*variables).backward()
    return [v.grad for v in variables]


# One operation at a time. The weights make every slope by the output differ.

METHODS = {
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "sin": np.sin,
    "cos": np.cos,
    "tanh": np.tanh,
    "sigmoid": sigmoid,
    "relu": relu,
}
SHAPES = [(), (1,), (3,), (2, 3), (1, 3), (2, 1, 3)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", METHODS)
def test_functions_of_entries(name, shape):
    x, weights, f = sample(shape), sample(shape, 1), METHODS[name]
    y = getattr(Variable(x), name)()
    np.testing.assert_allclose(y.data, f(x), rtol=1e-15)
    (grad,) = tape_slopes(lambda v: (getattr(v, name)() * weights).sum(), x)
    expected = complex_slopes(lambda z: (f(z) * weights).sum(), x)
    np.testing.assert_allclose(grad, expected, rtol=1e-13)
    assert grad.shape == shape


OPERATORS = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "**": lambda a, b: a**b,
}
PAIRS = [
    ((), ()),
    ((3,), ()),
    ((2, 3), (3,)),
    ((2, 1), (3,)),
    ((1, 3), (2, 1)),
    ((2, 3), (4, 1, 1)),
]


@pytest.mark.parametrize(("left", "right"), PAIRS)
@pytest.mark.parametrize("sign", OPERATORS)
def test_operators_broadcast(sign, left, right):
    a, b, f = sample(left), sample(right, 1), OPERATORS[sign]
    weights = sample(np.broadcast_shapes(left, right), 2)
    by_a, by_b = tape_slopes(lambda a, b: (f(a, b) * weights).sum(), a, b)
    expected_a = complex_slopes(lambda z: (f(z, b) * weights).sum(), a)
    expected_b = complex_slopes(lambda z: (f(a, z) * weights).sum(), b)
    np.testing.assert_allclose(by_a, expected_a, rtol=1e-12)
    np.testing.assert_allclose(by_b, expected_b, rtol=1e-12)
    assert (by_a.shape, by_b.shape) == (left, right)


@given(hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3))
def test_broadcast_copies_add_up(shapes):
    (left, right), y_shape = shapes
    a, b = Variable(np.ones(left)), Variable(np.full(right, 2.0))
    y = a * b
    assert y.shape == y_shape
    y.backward(np.ones(y_shape))
    n = math.prod(y_shape)
    np.testing.assert_array_equal(a.grad, np.full(left, 2.0 * n / max(a.data.size, 1)))
    np.testing.assert_array_equal(b.grad, np.full(right, n / max(b.data.size, 1)))


@pytest.mark.parametrize("constant", [2, 2.0, np.float64(2), [1, 2], np.array([1, 2])])
@pytest.mark.parametrize("sign", OPERATORS)
def test_numbers_and_arrays_on_either_side(sign, constant):
    x, f, c = sample(2), OPERATORS[sign], np.array(constant, dtype=float)
    for swapped in (False, True):

        def ours(v, swapped=swapped):
            return f(constant, v) if swapped else f(v, constant)

        def plain(z, swapped=swapped):
            return f(c, z) if swapped else f(z, c)

        y = ours(Variable(x))
        assert type(y) is Variable
        np.testing.assert_allclose(y.data, plain(x), rtol=1e-15)
        (grad,) = tape_slopes(lambda v, ours=ours: ours(v).sum(), x)
        expected = complex_slopes(lambda z, plain=plain: plain(z).sum(), x)
        np.testing.assert_allclose(grad, expected, rtol=1e-13)


PRODUCTS = [
    ((3,), (3,)),
    ((2, 3), (3,)),
    ((3,), (3, 2)),
    ((2, 3), (3, 4)),
    ((1, 3), (3, 1)),
    ((5, 2, 3), (3, 4)),
    ((2, 3), (5, 3, 4)),
    ((5, 1, 2, 3), (4, 3, 2)),
    ((5, 2, 3), (3,)),
    ((3,), (5, 3, 2)),
]


@pytest.mark.parametrize(("left", "right"), PRODUCTS)
def test_matrix_products(left, right):
    a, b = sample(left), sample(right, 1)
    weights = sample(np.matmul(a, b).shape, 2)
    by_a, by_b = tape_slopes(lambda a, b: ((a @ b) * weights).sum(), a, b)
    expected_a = complex_slopes(lambda z: ((z @ b) * weights).sum(), a)
    expected_b = complex_slopes(lambda z: ((a @ z) * weights).sum(), b)
    np.testing.assert_allclose(by_a, expected_a, rtol=1e-13)
    np.testing.assert_allclose(by_b, expected_b, rtol=1e-13)
    assert (by_a.shape, by_b.shape) == (left, right)


def test_matrix_product_with_an_array_on_either_side():
    a, b = sample((2, 3)), sample((3, 2), 1)
    for y in (Variable(a) @ b, a @ Variable(b), a.tolist() @ Variable(b)):
        assert type(y) is Variable
        np.testing.assert_allclose(y.data, a @ b, rtol=1e-15)


@pytest.mark.parametrize("axis", [None, 0, 1, -1, (0, 1), (0, 2)])
@pytest.mark.parametrize("name", ["sum", "mean"])
def test_sum_and_mean(name, axis):
    x = sample((2, 3, 4))
    weights = sample(np.sum(x, axis).shape, 1)
    y = getattr(Variable(x), name)(axis)
    np.testing.assert_allclose(y.data, getattr(x, name)(axis), rtol=1e-15)
    (grad,) = tape_slopes(lambda v: (getattr(v, name)(axis) * weights).sum(), x)
    expected = complex_slopes(lambda z: (getattr(z, name)(axis) * weights).sum(), x)
    np.testing.assert_allclose(grad, expected, rtol=1e-14)


@pytest.mark.parametrize("axis", [None, 1, (0, 2)])
@pytest.mark.parametrize("function", [np.sum, np.mean])
def test_numpy_sums_and_means(function, axis):
    x = sample((2, 3, 4))
    y = function(Variable(x), axis=axis)
    assert type(y) is Variable
    np.testing.assert_allclose(y.data, function(x, axis=axis), rtol=1e-15)
    (grad,) = tape_slopes(lambda v: (function(v, axis) ** 2).sum(), x)
    expected = complex_slopes(lambda z: (function(z, axis) ** 2).sum(), x)
    np.testing.assert_allclose(grad, expected, rtol=1e-14)


@pytest.mark.parametrize("option", [{"dtype": np.float32}, {"out": np.zeros(2)}])
@pytest.mark.parametrize("function", [np.sum, np.mean])
def test_numpy_sums_and_means_choose_no_place(function, option):
    with pytest.raises(TypeError, match="^Variable: sum .*: leave out dtype and out$"):
        function(Variable([1.0, 2.0]), **option)


INDICES = [0, -1, (1, 2), slice(None, None, 2), (slice(None), 1), [0, 0, 1], ..., None]
MASK = np.array([True, False])


@pytest.mark.parametrize("index", [*INDICES, MASK], ids=str)
def test_indexing(index):
    x = sample((2, 3))
    weights = sample(x[index].shape, 1)
    (grad,) = tape_slopes(lambda v: (v[index] * weights).sum(), x)
    expected = complex_slopes(lambda z: (z[index] * weights).sum(), x)
    np.testing.assert_allclose(grad, expected, rtol=1e-15)


def test_an_entry_picked_twice_is_counted_twice():
    x = Variable([1.0, 2.0])
    x[[0, 0, 1]].sum().backward()
    np.testing.assert_array_equal(x.grad, [2, 1])


def test_rows_can_be_walked_and_unpacked():
    x = Variable([[1, 2], [3, 4]])
    first, second = x
    (first * second).sum().backward()
    np.testing.assert_array_equal(x.grad, [[3, 4], [1, 2]])
    with pytest.raises(TypeError):
        list(Variable(3.0))


def test_transpose():
    x = Variable(sample((2, 3)))
    (x.T * np.arange(6).reshape(3, 2)).sum().backward()
    np.testing.assert_array_equal(x.grad, [[0, 2, 4], [1, 3, 5]])


# Functions made of many.


def roots_and_waves(x):
    c = x**2 + np.exp(x**2)
    return np.sqrt(c) + np.cos(c)


@pytest.mark.parametrize("x", [0.1, 0.5, 1.0, 1.5, -0.7])
def test_one_function_serves_numpy_and_the_tape(x):
    (grad,) = tape_slopes(roots_and_waves, x)
    expected = complex_slopes(roots_and_waves, np.array(x))
    np.testing.assert_allclose(grad, expected, rtol=1e-13)


def test_published_values_of_the_graph_of_lesson_two():
    x = Variable(1.0)
    y = roots_and_waves(x)
    y.backward()
    assert float(y.data) == pytest.approx(1.09001221197, abs=1e-11)
    assert float(x.grad) == pytest.approx(5.98308259590, abs=1e-11)
    assert tape_slopes(roots_and_waves, 0.5) == [pytest.approx(-1.36043107860)]


def test_paths_add_up():
    a, b = Variable(3.0), Variable(4.0)
    (a * b * (a + b)).backward()
    assert (a.grad, b.grad) == (2 * 12 + 16, 9 + 2 * 12)
    assert tape_slopes(lambda x: x + x, 5.0) == [2]
    assert tape_slopes(lambda x: x * x, 3.0) == [6]


def test_paths_of_unequal_length_add_up():
    # A walk that does not wait for the long way round would count b's slope short.
    x = Variable(2.0)
    b = x * x
    (b + (b * b) * b).backward()
    assert x.grad == 2 * 2 + 6 * 2**5
    assert b.grad == 1 + 3 * 4**2


def network(x, w1, b1, w2, b2):
    return np.tanh(np.tanh(x @ w1.T + b1) @ w2.T + b2)


def test_network_of_four_three_two():
    arrays = [sample(s, i) - 1 for i, s in enumerate([(3, 4), (3,), (2, 3), (2,)])]
    x, target = sample((5, 4), 8), sample((5, 2), 9)

    def loss(*arrays):
        return ((network(x, *arrays) - target) ** 2).sum()

    for i, grad in enumerate(tape_slopes(loss, *arrays)):

        def along(z, i=i):
            return loss(*arrays[:i], z, *arrays[i + 1 :])

        np.testing.assert_allclose(grad, complex_slopes(along, arrays[i]), rtol=1e-12)


@given(st.lists(st.sampled_from(["sin", "cos", "tanh", "sigmoid"]), max_size=30))
def test_chains_multiply_the_slopes_of_their_links(names):
    slopes = {
        "sin": math.cos,
        "cos": lambda v: -math.sin(v),
        "tanh": lambda v: 1 / math.cosh(v) ** 2,
        "sigmoid": lambda v: 1 / (2 + 2 * math.cosh(v)),
    }
    x = Variable(0.7)
    y, product = x, 1.0
    for name in names:
        product *= slopes[name](float(y.data))
        y = getattr(y, name)()
    y.backward()
    assert float(x.grad) == pytest.approx(product, rel=1e-12)


def test_thousands_of_links_need_no_recursion():
    x = Variable(1.0)
    y = x
    for _ in range(20_000):
        y = y + 0.5
    y.backward()
    assert (float(y.data), float(x.grad)) == (10_001.0, 1.0)
    assert len(graph(y).nodes) == 20_001
    del y  # letting go of it must not recurse either


def test_ten_thousand_links_of_one_input():
    n, x = 10_000, Variable(2.0)
    y, growth = x, 1 + x / n
    for _ in range(n):
        y = y * growth
    for times in (1, 2):
        y.backward()
        slope = (1 + 2 / n) ** n + 2 * (1 + 2 / n) ** (n - 1)
        assert float(x.grad) == pytest.approx(times * slope, rel=1e-10)


def test_paths_without_number_cost_no_more_than_nodes():
    x = Variable(1.0)
    y = x
    for _ in range(200):  # 2²⁰⁰ paths
        y = (y + y) / 2
    y.backward()
    assert x.grad == 1


# Calling backward.


def test_second_backward_adds_to_the_leaves_and_to_nothing_else():
    x = Variable(3.0)
    square = x * x
    y = square + x
    y.backward()
    assert (x.grad, square.grad, y.grad) == (7, 1, 1)
    y.backward()
    assert (x.grad, square.grad, y.grad) == (14, 1, 1)


def test_two_outputs_add_up_on_a_shared_leaf():
    x = Variable(3.0)
    (x * x).backward()
    (5 * x).backward()
    assert x.grad == 6 + 5


def test_a_leaf_can_be_differentiated_by_itself():
    x = Variable([[4]])
    x.backward()
    x.backward()
    np.testing.assert_array_equal(x.grad, [[2]])


def test_given_slopes_weigh_the_outputs():
    x = Variable([1, 2, 3])
    grad = np.array([1, 10, 100])
    (x**2).backward(grad)
    np.testing.assert_array_equal(x.grad, [2, 40, 600])
    np.testing.assert_array_equal(grad, [1, 10, 100])


def test_a_step_downhill_may_change_the_data_in_place():
    x = Variable([1.0, 2.0])
    for _ in range(2):
        x.grad.fill(0)
        (x * x).sum().backward()
        x.data -= 0.25 * x.grad
    np.testing.assert_array_equal(x.data, [0.25, 0.5])


def test_new_data_leaves_an_old_graph_right():
    x = Variable(3.0)
    y = x * x
    x.data = 100
    y.backward()
    assert (x.data, x.grad) == (100, 6)


def test_integers_are_promoted_and_nothing_is_shared():
    given_data = np.array([2, 3])
    x = Variable(given_data)
    assert x.data.dtype == x.grad.dtype == np.float64
    x.data[0] = 2.5
    np.testing.assert_array_equal(given_data, [2, 3])
    first = (x + 0).data
    first[:] = 9
    np.testing.assert_array_equal(x.data, [2.5, 3])
    y = x + x
    y.backward(np.ones(2))
    kept = x.grad
    y.backward(np.ones(2))
    np.testing.assert_array_equal(kept, [2, 2])
    assert not np.shares_memory(y.grad, x.grad)


INTEGER_MAPS = [
    lambda x: x**-1,
    lambda x: 2**-x,
    lambda x: 1 / x,
    lambda x: x / 2,
    lambda x: x * x - 3,
    lambda x: x @ np.array([[1, 2], [3, 4]]),
    lambda x: np.exp(-x),
    lambda x: x[[0, 0, 1]] + 1,
    lambda x: x.mean(),
]


@pytest.mark.parametrize("f", INTEGER_MAPS)
def test_integers_do_as_the_same_numbers_in_floats(f):
    (slopes,) = tape_slopes(lambda x: f(x).sum(), [2, 3])
    (expected,) = tape_slopes(lambda x: f(x).sum(), [2.0, 3.0])
    np.testing.assert_array_equal(slopes, expected)
    assert slopes.all()


# Edges of domains.


def test_powers_at_zero():
    assert tape_slopes(lambda x: x**0, 0.0) == [0]
    assert tape_slopes(lambda x: x**1, 0.0) == [1]
    assert tape_slopes(lambda x: x**2, 0.0) == [0]
    assert tape_slopes(lambda p: 0**p, 2.0) == [0]
    assert tape_slopes(lambda p: 0**p, 0.5) == [0]
    assert tape_slopes(lambda x: x**3, -2.0) == [12]
    assert tape_slopes(lambda x: x**-1, -2.0) == [-0.25]


@pytest.mark.parametrize("big", [40.0, 700.0, 1e300])
def test_sigmoid_keeps_its_digits_far_out(big):
    tail = math.exp(-big)
    for x in (big, -big):
        assert tape_slopes(lambda v: v.sigmoid(), x) == [
            pytest.approx(tail, rel=1e-13, abs=0)
        ]


def test_minus_turns_slopes_round():
    assert tape_slopes(lambda x: -x, 3.0) == [-1]
    assert tape_slopes(lambda x: np.negative(x) * x, 3.0) == [-6]


def test_relu_has_slope_zero_at_zero():
    assert tape_slopes(lambda v: v.relu().sum(), [-1, 0, 2])[0].tolist() == [0, 0, 1]


NO_VALUE = {
    "log of -1.0 has no finite value at index (1,)": lambda x: x.log(),
    "log of -2.0 has no finite value": lambda x: np.log(x.sum() - 5),
    "sqrt of -1.0 has no finite value at index (1,)": lambda x: np.sqrt(x),
    "-1.0 ** 0.5 has no finite value at index (1,)": lambda x: x**0.5,
    "1.0 / 0.0 has no finite value at index (0,)": lambda x: 1 / (x - [4, -1]),
    "exp of 800.0 has no finite value at index (0,)": lambda x: (200 * x).exp(),
}


@pytest.mark.parametrize("message", NO_VALUE)
def test_no_value_is_refused(message):
    with pytest.raises(ValueError, match=f"^{re.escape(f'Variable: {message}')}$"):
        NO_VALUE[message](Variable([4, -1]))


NO_SLOPE = {
    "sqrt has no finite slope by its input 0.0": lambda x: x.sqrt(),
    "**0.5 has no finite slope by its input 0.0": lambda x: x**0.5,
    "0** has no finite slope by its input 0.0": lambda x: 0**x,
    "** has no finite slope by its input 2.0": lambda x: (x - 1) ** (x + 2),
}


@pytest.mark.parametrize("message", NO_SLOPE)
def test_no_slope_is_refused_before_any_is_changed(message):
    x = Variable(0.0)
    y = NO_SLOPE[message](x) + x
    expected = re.escape(f"Variable.backward: {message}")
    with pytest.raises(ValueError, match=f"^{expected}$"):
        y.backward()
    assert (x.grad, y.grad) == (0, 0)


# Wrong input.

X = Variable(np.ones((2, 3)))
WRONG = {
    "Variable: data must be numbers, got None": (TypeError, lambda: Variable(None)),
    "Variable: data must be numbers, got 'two'": (TypeError, lambda: Variable("two")),
    "Variable: data must be real numbers, got 1j": (TypeError, lambda: Variable(1j)),
    "Variable: data must hold finite numbers, got nan": (
        ValueError,
        lambda: Variable(np.nan),
    ),
    "Variable: data must have rows of equal length, got [[1], [1, 2]]": (
        ValueError,
        lambda: Variable([[1], [1, 2]]),
    ),
    "Variable: operand of + must be numbers, got None": (TypeError, lambda: X + None),
    "Variable: operand of * must be numbers, got 'a'": (TypeError, lambda: "a" * X),
    "Variable: operand of / must hold finite numbers, got inf": (
        ValueError,
        lambda: X / np.inf,
    ),
    "Variable: shapes must be equal or broadcast for -, got (2, 3) and (2,)": (
        ValueError,
        lambda: X - [1, 2],
    ),
    "Variable: @ needs as many columns on the left as rows on the right, "
    "got shapes (2, 3) and (2, 3)": (ValueError, lambda: X @ X),
    "Variable: @ needs as many columns on the left as rows on the right, "
    "got shapes (2, 3) and ()": (ValueError, lambda: X @ 2),
    "Variable: axis must be one of shape (2, 3), got 2": (ValueError, lambda: X.sum(2)),
    "Variable: axis must be one of shape (2, 3), got 'rows'": (
        ValueError,
        lambda: X.mean("rows"),
    ),
    "Variable.mean: shape (0,) leaves no entries": (
        ValueError,
        lambda: Variable([]).mean(),
    ),
    "Variable: index must fit shape (2, 3), got 5": (IndexError, lambda: X[5]),
    "Variable: index must fit shape (2, 3), got 'a'": (IndexError, lambda: X["a"]),
    "Variable.data must have shape (2, 3), got (3,)": (
        ValueError,
        lambda: setattr(X, "data", [1, 2, 3]),
    ),
    "Variable.grad must be numbers, got None": (
        TypeError,
        lambda: setattr(X, "grad", None),
    ),
    "Variable.backward: needs one number to start from, but this has shape (2, 3): "
    "call sum() first, or give grad=": (ValueError, lambda: X.backward()),
    "Variable.backward: grad must have shape (2, 3), got (3,)": (
        ValueError,
        lambda: X.backward([1, 2, 3]),
    ),
    "Variable.backward: grad must be numbers, got 'up'": (
        TypeError,
        lambda: X.backward("up"),
    ),
    "graph: needs a Variable, got 3": (TypeError, lambda: graph(3)),
}


@pytest.mark.parametrize("message", WRONG)
def test_wrong_input_is_named(message):
    error, call = WRONG[message]
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        call()
    assert X.shape == (2, 3)
    assert not X.grad.any()


@pytest.mark.parametrize(
    "call", [lambda: np.maximum(X, 0), lambda: np.add.reduce(X), lambda: np.ones(3) > X]
)
def test_other_numpy_functions_are_refused_by_name(call):
    with pytest.raises(TypeError, match=r"^Variable: no rule for this use of np\.\w+;"):
        call()


# Drawing.


def test_graph_of_a_function():
    x = Variable(2.0, name="x")
    a = x**2
    y = (a + a.exp()).sqrt()
    nodes, edges = graph(y)
    assert [node.name for node in nodes] == ["x", "**2", "exp", "+", "sqrt"]
    assert sorted(edges) == [(0, 1), (1, 2), (1, 3), (2, 3), (3, 4)]
    assert nodes[-1] is y
    y.backward()
    assert nodes[1].grad == a.grad


def test_graph_names_constants_and_counts_edges_twice():
    x = Variable(2.0, name="x")
    names = [node.name for node in graph(1 - 3 * (x * x)).nodes]
    assert names == ["x", "*", "3*", "1-"]
    assert graph(x * x).edges == [(0, 1), (0, 1)]
    assert graph(x) == ([x], [])
    assert graph(x.mean()).nodes[-1].name == "mean"


def test_repr_shows_the_numbers_while_they_are_few():
    x = Variable([1, 2])
    (x * x).sum().backward()
    assert repr(x) == "Variable([1.0, 2.0], grad=[2.0, 4.0])"
    assert repr(Variable(3)) == "Variable(3.0, grad=0.0)"
    assert repr(Variable(np.ones((3, 3)))) == "Variable(shape=(3, 3))"


@pytest.mark.parametrize("name", ["data", "grad"])
def test_what_is_set_is_copied(name):
    x, mine = Variable([1.0, 2.0]), np.array([3.0, 4.0])
    setattr(x, name, mine)
    mine[0] = 7
    assert getattr(x, name).tolist() == [3, 4]


def test_options_of_numpy_are_refused_and_not_dropped():
    with pytest.raises(TypeError, match=r"no rule for this use of np\.exp"):
        np.exp(Variable([1.0, 2.0]), where=[True, False])


def test_up_to_eight_entries_are_shown():
    assert repr(Variable(np.zeros(8))).startswith("Variable([0.0, ")
    assert repr(Variable(np.zeros(9))) == "Variable(shape=(9,))"
