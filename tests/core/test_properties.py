"""What holds of every network and every function, whatever the numbers are."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from chainrule_lessons.layers import (
    Linear,
    Parallel,
    ReLU,
    Scale,
    Sequential,
    Sigmoid,
    Softmax,
    Tanh,
)
from chainrule_lessons.numeric import jacobian

numbers = st.floats(-3, 3).map(lambda x: round(x, 3))
seeds = st.integers(0, 2**32 - 1)
CLOSE = {"rtol": 1e-10, "atol": 1e-12}


def rows(count, width):
    return arrays(float, (count, width), elements=numbers)


def blocks(rng):
    """Return one block of each kind, all from three numbers to three."""
    return [
        Linear(3, 3, rng=rng),
        Scale(rng.normal()),
        Sigmoid(),
        Tanh(),
        ReLU(),
        Softmax(),
        Parallel(Linear(3, 1, rng=rng), Linear(3, 2, bias=False, rng=rng)),
        Parallel(Tanh(), Linear(3, 3, rng=rng), combine="add"),
    ]


@st.composite
def chains(draw):
    """Draw one to four blocks."""
    rng = np.random.default_rng(draw(seeds))
    chosen = draw(st.lists(st.integers(0, 7), min_size=1, max_size=4))
    return [blocks(rng)[kind] for kind in chosen]


def slopes(net, x, upstream):
    """Return the gradient by the input and those by the parameters."""
    net.zero_grad()
    net(x)
    grad_input = net.backward(upstream)
    return [grad_input, *(p.grad.copy() for p in net.parameters())]


@given(chains(), rows(4, 3), rows(4, 3), rows(4, 3), numbers, numbers)
def test_backward_is_linear_in_what_comes_from_above(chain, x, one, other, a, b):
    net = Sequential(*chain)
    both = slopes(net, x, a * one + b * other)
    apart = zip(slopes(net, x, one), slopes(net, x, other), strict=True)
    for whole, (first, second) in zip(both, apart, strict=True):
        np.testing.assert_allclose(whole, a * first + b * second, **CLOSE)


@given(chains(), rows(4, 3), rows(4, 3))
def test_sequential_is_the_composition_of_its_blocks(chain, x, upstream):
    net = Sequential(*chain)
    output, (grad_input, *_) = net(x), slopes(net, x, upstream)
    y, grad = x, upstream
    for block in chain:
        y = block(y)
    for block in reversed(chain):
        grad = block.backward(grad)
    np.testing.assert_array_equal(output, y)
    np.testing.assert_array_equal(grad_input, grad)
    product = np.eye(3)
    y = x[0]
    for block in chain:
        product = block.jacobian(y) @ product
        y = block(y)
    np.testing.assert_allclose(net.jacobian(x[0]), product, **CLOSE)


@given(chains(), rows(5, 3), rows(5, 3))
def test_a_batch_is_a_stack_of_samples(chain, x, upstream):
    net = Sequential(*chain)
    output, (grad_input, *grads) = net(x), slopes(net, x, upstream)
    alone = [slopes(net, *sample) for sample in zip(x, upstream, strict=True)]
    np.testing.assert_allclose(output, [net(row) for row in x], **CLOSE)
    np.testing.assert_allclose(grad_input, [each[0] for each in alone], **CLOSE)
    for number, grad in enumerate(grads, 1):
        np.testing.assert_allclose(grad, sum(each[number] for each in alone), **CLOSE)


@given(chains(), rows(4, 3), rows(4, 3))
def test_nothing_that_is_returned_is_changed_later_or_shared(chain, x, upstream):
    net = Sequential(*chain)
    given_x, given_upstream = x.copy(), upstream.copy()
    first, second = net(x), net(x)
    one, two = net.backward(upstream), net.backward(upstream)
    kept = [first.copy(), one.copy()]
    for array in (second, two):
        array.fill(7.0)
    np.testing.assert_array_equal([first, one], kept)
    np.testing.assert_array_equal(x, given_x)
    np.testing.assert_array_equal(upstream, given_upstream)
    mine = [x, upstream, *(a for p in net.parameters() for a in (p.data, p.grad))]
    for returned in (first, second, one, two, net.jacobian(x[0])):
        assert not any(np.shares_memory(returned, array) for array in mine)


SMOOTH = [np.sin, np.tanh, lambda x: x**2 - x, lambda x: np.exp(-(x**2))]


@settings(max_examples=50)
@given(
    rows(2, 3),
    rows(4, 2),
    arrays(float, 3, elements=numbers),
    st.sampled_from(SMOOTH),
    st.sampled_from(SMOOTH),
)
def test_jacobian_of_a_composition_is_the_product(inner, outer, x, f, g):
    def first(x):
        return f(inner @ x)

    def then(y):
        return outer @ g(y)

    whole = jacobian(lambda x: then(first(x)), x)
    product = jacobian(then, first(x)) @ jacobian(first, x)
    assert whole == pytest.approx(product, rel=1e-8, abs=1e-8)
