"""The factors of a slope, against the package's backward pass."""

import numpy as np
import pytest

from chainrule_lessons.datasets import course_network
from chainrule_lessons.factors import Stack, Weight, factors, products
from chainrule_lessons.layers import Linear, Sequential, Sigmoid
from chainrule_lessons.losses import MSELoss


def six_layers():
    """A chain of sigmoids, one unit wide, with an input and a target."""
    weights = (2, -1.5, 1.5, -2, 1.5, 2)
    pairs = [(Linear(1, 1, weight=weight, bias=0), Sigmoid()) for weight in weights]
    return Sequential(*sum(pairs, ())), np.array([1.0]), np.array([0.0])


@pytest.mark.parametrize("build", [course_network, six_layers])
def test_their_product_is_the_backward_pass(build):
    net, x, target = build()
    loss = MSELoss("sum")
    loss(net(x), target)
    net.backward(loss.backward())
    for layer, linear in enumerate(list(net)[::2]):
        for (row, column), slope in np.ndenumerate(linear.weight.grad):
            found = factors(Stack.of(net, x, target), Weight(layer, row, column))
            assert products(found)[-1] == pytest.approx(slope, rel=1e-12)


def test_the_networks_that_come_in_stay_as_they_are():
    net, x, target = course_network()
    stack = Stack.of(net, x, target)
    before = [weights.copy() for weights in stack.weights]
    assert stack.turned(Weight(0, 0, 0), 5.0).loss() != stack.loss()
    turned = stack.turned(Weight(1, 1, 2), 7.0)
    assert turned.at(Weight(1, 1, 2)) == before[1][1, 2] + 7.0
    assert stack.at(Weight(1, 1, 2)) == net[2].weight.data[1, 2] == before[1][1, 2]
    np.testing.assert_equal([net[0].weight.data, net[2].weight.data], before)
