"""The package beside PyTorch, in float64: layers, losses, steps, tape, networks."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from networks import CASES, assert_equal_slopes, forward
from oracles import sample

from chainrule_lessons.autodiff import Variable
from chainrule_lessons.layers import Linear, Parameter, Sequential, Softmax, Tanh
from chainrule_lessons.losses import CrossEntropyLoss, MSELoss
from chainrule_lessons.optim import SGD

MATHS = {
    "Sigmoid": torch.sigmoid,
    "Tanh": torch.tanh,
    "ReLU": torch.relu,
    "Softmax": lambda z: torch.softmax(z, -1),
    "concat": lambda outputs: torch.cat(outputs, -1),
    "add": sum,
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_random_network_has_the_same_loss_and_slopes(case):
    tensors = {n: torch.tensor(a, requires_grad=True) for n, a in case.arrays.items()}
    y = forward(case.plan, tensors, tensors["x"], MATHS)
    loss = getattr(torch.nn, case.loss)(reduction=case.reduction)
    expected = loss(y, torch.tensor(case.target))
    expected.backward()
    value, slopes = case.slopes()
    assert value == pytest.approx(expected.item(), rel=1e-12)
    assert_equal_slopes(slopes, {n: t.grad.numpy() for n, t in tensors.items()})


def test_modules_have_the_same_names_and_slopes():
    ours = Sequential(Linear(4, 3, rng=0), Tanh(), Linear(3, 2, rng=1), Softmax())
    theirs = torch.nn.Sequential(
        torch.nn.Linear(4, 3),
        torch.nn.Tanh(),
        torch.nn.Linear(3, 2),
        torch.nn.Softmax(-1),
    ).double()
    for (name, mine), (other, yours) in zip(
        ours.named_parameters(), theirs.named_parameters(), strict=True
    ):
        assert name == other
        yours.data = torch.tensor(mine.data)
    x, g = sample(5, 4), sample(5, 2, seed=5)
    tensor = torch.tensor(x, requires_grad=True)
    theirs(tensor).backward(torch.tensor(g))
    ours(x)
    np.testing.assert_allclose(ours.backward(g), tensor.grad.numpy(), atol=1e-12)
    for mine, yours in zip(ours.parameters(), theirs.parameters(), strict=True):
        np.testing.assert_allclose(mine.grad, yours.grad.numpy(), atol=1e-12)


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("kind", ["numbers", "classes", "shares"])
def test_a_loss_has_the_same_value_and_slopes(kind, reduction):
    rng = np.random.default_rng(0)
    z, t, y = rng.normal(size=(5, 3)), rng.integers(3, size=5), rng.normal(size=(5, 3))
    target = {"numbers": y, "classes": t, "shares": np.eye(3)[t]}[kind]
    ours = MSELoss if kind == "numbers" else CrossEntropyLoss
    tensor = torch.tensor(z, requires_grad=True)
    value = getattr(torch.nn, ours.__name__)(reduction=reduction)(
        tensor, torch.tensor(target)
    )
    value.backward()
    loss = ours(reduction)
    assert loss(z, target) == pytest.approx(value.item(), abs=1e-12)
    np.testing.assert_allclose(loss.backward(), tensor.grad.numpy(), atol=1e-12)


def test_steps_with_a_momentum_that_comes_and_goes():
    start, slopes = np.array([3.0, -2.0]), np.random.default_rng(0).normal(size=(9, 2))
    ours, theirs = Parameter(start), torch.tensor(start, requires_grad=True)
    sgd, other = SGD([ours], 0.1), torch.optim.SGD([theirs], 0.1)
    for g, momentum in zip(slopes, (0, 0.5, 0.9, 0, 0.9, 0.9, 0.9, 0, 0), strict=True):
        sgd.momentum = other.param_groups[0]["momentum"] = momentum
        ours.grad, theirs.grad = g, torch.tensor(g)
        sgd.step()
        other.step()
        np.testing.assert_allclose(ours.data, theirs.detach().numpy(), rtol=1e-13)


def test_the_tape_has_the_same_slopes():
    arrays = [sample(*s, seed=i) for i, s in enumerate([(3, 4), (3,), (2, 3), (2,)])]
    x = sample(5, 4, seed=8)
    ours = [Variable(a) for a in arrays]
    theirs = [torch.tensor(a, requires_grad=True) for a in arrays]
    for (w1, b1, w2, b2), tanh, batch in (
        (ours, np.tanh, x),
        (theirs, torch.tanh, torch.tensor(x)),
    ):
        (tanh(tanh(batch @ w1.T + b1) @ w2.T + b2) ** 2).mean().backward()
    for mine, yours in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(mine.grad, yours.grad.numpy(), rtol=1e-12)
