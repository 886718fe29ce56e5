"""Training against closed forms and loops in plain NumPy."""

from __future__ import annotations

import io
import math
import re
import sys
import time
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule_lessons.autodiff import Variable
from chainrule_lessons.datasets import load_digits, switches
from chainrule_lessons.layers import (
    Linear,
    Module,
    Parameter,
    ReLU,
    Scale,
    Sequential,
    Tanh,
)
from chainrule_lessons.losses import CrossEntropyLoss, MSELoss
from chainrule_lessons.optim import SGD, History, accuracy, fit


def line(rng=0):
    return Linear(2, 1, rng=rng)


def rows(n=7, seed=0):
    """Inputs and targets on a plane, with a little noise."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 2))
    return x, x @ [[2.0], [-3.0]] + 0.5 + 0.1 * rng.normal(size=(n, 1))


def weights(net):
    return [p.data.copy() for p in net.parameters()]


class Told(MSELoss):
    """Says whatever it is told to say."""

    def __init__(self, value):
        super().__init__()
        self.value = value

    def __call__(self, input, target):
        super().__call__(input, target)
        return self.value


# SGD.


@given(
    st.integers(1, 20),
    st.fractions(Fraction(1, 100), 1, max_denominator=100),
    st.fractions(0, Fraction(9, 10), max_denominator=10),
)
def test_steps_on_a_parabola_follow_the_recurrence(steps, lr, momentum):
    w, v = Fraction(3), Fraction(0)
    parameter = Parameter(3.0)
    sgd = SGD([parameter], float(lr), float(momentum))
    for _ in range(steps):
        v = momentum * v + 2 * w
        w -= lr * v
        sgd.zero_grad()
        parameter.grad += 2 * parameter.data
        sgd.step()
    assert float(parameter.data) == pytest.approx(float(w), rel=1e-9, abs=1e-9)


def test_rate_and_momentum_may_change_between_steps():
    parameter = Parameter(0.0)
    sgd = SGD([parameter], 1)
    parameter.grad += 1
    sgd.step()
    sgd.lr = 0.5
    sgd.step()
    sgd.momentum = 0.5  # no v was kept until now
    sgd.step()
    sgd.step()
    assert parameter.data == -(1 + 0.5 + 0.5 * 1 + 0.5 * 1.5)
    sgd.forget()
    sgd.step()
    assert parameter.data == -(1 + 0.5 + 0.5 * 1 + 0.5 * 1.5 + 0.5)


def test_variables_can_be_moved_too():
    w = Variable([3.0, 1.0])
    sgd = SGD([w], 0.1)
    for _ in range(300):
        sgd.zero_grad()
        ((w[0] * w[1] - 2) ** 2).backward()
        sgd.step()
    assert w.data[0] * w.data[1] == pytest.approx(2, abs=1e-6)


def test_no_parameter_is_moved_by_slopes_without_bounds():
    first, second = Parameter([1.0]), Parameter([2.0], name="bias")
    sgd = SGD([first, second], 0.1, 0.5)
    first.grad += 1
    second.grad[0] = np.inf
    expected = (
        "SGD.step: slopes must be finite, got those of "
        "Parameter('bias', shape=(1,)): try a smaller lr"
    )
    with pytest.raises(FloatingPointError, match=f"^{re.escape(expected)}$"):
        sgd.step()
    assert (first.data, second.data) == (1, 2)
    second.grad[0] = 1
    sgd.step()
    assert (first.data, second.data) == (0.9, 1.9)


def test_repr_of_sgd():
    assert repr(SGD([Parameter(1)], 0.1)) == "SGD(1 parameters, lr=0.1, momentum=0.0)"


# fit.


@pytest.mark.parametrize("batch_size", [1, 3, 7, 100])
@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("momentum", [0.0, 0.5])
def test_fit_is_the_loop_written_out(batch_size, reduction, momentum):
    x, y = rows()
    net = line()
    w, b = weights(net)
    vw, vb, losses = 0 * w, 0 * b, []
    rng = np.random.default_rng(5)
    for _ in range(3):
        order = rng.permutation(7) if batch_size < 7 else np.arange(7)
        total = 0
        for start in range(0, 7, batch_size):
            part = order[start : start + batch_size]
            error = x[part] @ w.T + b - y[part]
            total += (error**2).sum()
            g = 2 * error / (len(part) if reduction == "mean" else 1)
            vw, vb = momentum * vw + g.T @ x[part], momentum * vb + g.sum(0)
            w, b = w - 0.01 * vw, b - 0.01 * vb
        losses.append(total / 7 if reduction == "mean" else total)
    options = {"lr": 0.01, "momentum": momentum, "batch_size": batch_size, "rng": 5}
    history = fit(net, MSELoss(reduction), x, y, epochs=3, **options)
    np.testing.assert_allclose(net.weight.data, w, rtol=1e-12)
    np.testing.assert_allclose(net.bias.data, b, rtol=1e-12)
    np.testing.assert_allclose(history.losses, losses, rtol=1e-12)
    assert history.validation_losses == history.accuracies == []
    assert not history.diverged


def test_fit_of_two_layers_is_the_loop_written_out():
    x, y = rows()
    net = Sequential(Linear(2, 3, rng=0), Tanh(), Linear(3, 1, rng=1))
    w1, b1, w2, b2 = weights(net)
    for _ in range(20):
        a = np.tanh(x @ w1.T + b1)
        g = 2 * (a @ w2.T + b2 - y) / 7
        by_z = g @ w2 * (1 - a**2)
        w1, b1 = w1 - 0.1 * by_z.T @ x, b1 - 0.1 * by_z.sum(0)
        w2, b2 = w2 - 0.1 * g.T @ a, b2 - 0.1 * g.sum(0)
    fit(net, MSELoss(), x, y, epochs=20, lr=0.1)
    for own, expected in zip(weights(net), (w1, b1, w2, b2), strict=True):
        np.testing.assert_allclose(own, expected, rtol=1e-11)


def test_fit_finds_the_least_squares():
    x, y = rows(50)
    net = line()
    fit(net, MSELoss(), x, y, epochs=300, lr=0.1, batch_size=50)
    design = np.column_stack([x, np.ones(50)])
    best = np.linalg.lstsq(design, y, rcond=None)[0].ravel()
    found = np.append(net.weight.data, net.bias.data)
    np.testing.assert_allclose(found, best, rtol=1e-10)


def test_two_weights_learn_to_double():
    net = Sequential(Scale(3), Scale(1))
    x = np.array([1.0, 2.0, 3.0])
    fit(net, MSELoss(), x, 2 * x, epochs=100, lr=0.02)
    w1, w2 = (float(p.data) for p in net.parameters())
    assert w1 * w2 == pytest.approx(2, abs=1e-9)
    # Small steps keep w₁² − w₂², for both slopes are the same error times the other.
    assert w1**2 - w2**2 == pytest.approx(8, abs=1)


def test_same_call_gives_the_same_weights():
    nets = [line() for _ in range(3)]
    x, y = rows()
    for net, rng in zip(nets, (3, np.random.default_rng(3), 4), strict=True):
        fit(net, MSELoss(), x, y, epochs=2, lr=0.1, batch_size=2, rng=rng)
    np.testing.assert_array_equal(nets[0].weight.data, nets[1].weight.data)
    assert (nets[0].weight.data != nets[2].weight.data).all()


def test_optimizer_remembers_its_momentum():
    once, twice = line(), line()
    x, y = rows()
    fit(once, MSELoss(), x, y, epochs=4, lr=0.01, momentum=0.9)
    sgd = SGD(twice.parameters(), 0.01, 0.9)
    for _ in range(2):
        fit(twice, MSELoss(), x, y, epochs=2, optimizer=sgd)
    np.testing.assert_array_equal(once.weight.data, twice.weight.data)


def test_a_part_of_a_network_can_stay():
    net = Sequential(Linear(2, 3, rng=0), Tanh(), Linear(3, 1, rng=1))
    first, *_, last = weights(net)
    x, y = rows()
    fit(net, MSELoss(), x, y, epochs=2, optimizer=SGD(net[2].parameters(), 0.1))
    np.testing.assert_array_equal(net[0].weight.data, first)
    assert (net[2].bias.data != last).all()


def test_nothing_of_the_callers_is_altered():
    x, y = rows()
    before = x.copy(), y.copy()
    fit(line(), MSELoss(), x, y, epochs=2, lr=0.1, batch_size=3, validation=(x, y))
    np.testing.assert_array_equal(x, before[0])
    np.testing.assert_array_equal(y, before[1])


class First(Module):
    """Nobody needs the slopes by the input of a network."""

    def forward(self, x):
        return x

    def backward(self, grad_output, *, input_grad=True):
        assert not input_grad


def test_slopes_by_the_input_are_not_computed():
    x, y = rows()
    fit(Sequential(First(), line()), MSELoss(), x, y, epochs=1, lr=0.1)


class Shift(Module):
    """A block as a learner writes it, with no input_grad option."""

    def __init__(self):
        self.by = Parameter([0.0])

    def forward(self, x):
        return x + self.by.data

    def backward(self, grad_output):
        self.by.grad += grad_output.sum()
        return grad_output


def test_a_block_of_ones_own_can_be_trained():
    net, x = Shift(), np.array([[1.0], [5.0]])
    fit(net, MSELoss(), x, x + 3, epochs=100, lr=0.25)
    np.testing.assert_allclose(net.by.data, [3.0], rtol=1e-12)


def test_held_out_samples_are_looked_at_after_each_epoch():
    x, y = rows()
    held_out = rows(5, seed=1)
    net = line()
    expected = []
    for epochs in (1, 2):
        twin = line()
        fit(twin, MSELoss(), x, y, epochs=epochs, lr=0.1)
        prediction = held_out[0] @ twin.weight.data.T + twin.bias.data
        expected.append(((prediction - held_out[1]) ** 2).mean())
    history = fit(net, MSELoss(), x, y, epochs=2, lr=0.1, validation=held_out)
    np.testing.assert_allclose(history.validation_losses, expected, rtol=1e-13)
    np.testing.assert_array_equal(net.weight.data, twin.weight.data)
    assert history.accuracies == []


def test_repr_of_a_history():
    history = History([2.30259, 0.01234567], [2, 1], [0.1, 0.98])
    assert repr(history) == (
        "History(2 epochs, loss 2.303 -> 0.01235, held-out loss 2 -> 1, "
        "accuracy 0.1 -> 0.98)"
    )
    stopped = History([1.0, math.inf], diverged=True)
    assert repr(stopped) == "History(2 epochs, loss 1 -> inf, diverged)"


# Real tasks.


def test_two_hidden_layers_read_digits():
    train, test = load_digits()
    rng = np.random.default_rng(0)
    net = Sequential(
        Linear(64, 32, rng=rng), ReLU(),
        Linear(32, 32, rng=rng), ReLU(),
        Linear(32, 10, rng=rng),
    )  # fmt: skip
    options = {"epochs": 20, "lr": 0.1, "momentum": 0.9, "validation": test}
    history = fit(net, CrossEntropyLoss(), *train, **options)
    named = [int(np.argmax(net(image))) for image in test.x]
    share = sum(a == b for a, b in zip(named, test.target, strict=True)) / len(named)
    assert share >= 0.96
    assert history.accuracies[-1] == accuracy(net, *test) == share
    assert len(history.accuracies) == len(history.losses) == 20
    assert history.losses[-1] < 0.05 * history.losses[0]


def test_the_small_network_learns_the_switches():
    rng = np.random.default_rng(0)
    net = Sequential(Linear(4, 3, rng=rng), Tanh(), Linear(3, 2, rng=rng), Tanh())
    x, target = switches()
    fit(net, MSELoss("sum"), x, target, epochs=1000, lr=0.02)
    np.testing.assert_array_equal(np.sign(net(x)), np.sign(target))
    assert abs(net(x) - target).max() < 0.1


# Divergence.


@pytest.mark.parametrize("with_validation", [False, True])
@pytest.mark.parametrize("make", [line, lambda: Sequential(line())])
def test_divergence_stops_and_puts_back_the_weights(make, with_validation):
    x, y = rows()
    net, twin = make(), make()
    validation = (x, y) if with_validation else None
    options = {"lr": 1e30, "momentum": 0.5, "batch_size": 7, "validation": validation}
    history = fit(net, MSELoss(), x, y, epochs=50, **options)
    whole = len(history.losses) - 1
    assert history.diverged
    assert 0 < whole < 50
    assert history.losses[-1] == math.inf
    assert np.isfinite(history.losses[:-1]).all()
    assert len(history.validation_losses) == (whole if with_validation else 0)
    other = fit(twin, MSELoss(), x, y, epochs=whole, **options)
    assert other.losses == history.losses[:-1]
    for own, expected in zip(weights(net), weights(twin), strict=True):
        np.testing.assert_array_equal(own, expected)
    assert not any(p.grad.any() for p in net.parameters())


def test_divergence_in_the_first_epoch_leaves_the_weights_and_no_momentum():
    x, y = rows()
    net = line()
    before = weights(net)
    sgd = SGD(net.parameters(), 1e308, 0.9)
    history = fit(net, MSELoss(), 1e5 * x, y, epochs=3, optimizer=sgd)
    assert history.losses == [math.inf]
    sgd.step()  # slopes and momentum are zero again
    for own, expected in zip(weights(net), before, strict=True):
        np.testing.assert_array_equal(own, expected)


# Accuracy.


def test_accuracy_counts():
    outputs = np.array([[3, 1, 2], [0, 0.5, 0.1], [9, 8, 7], [0, 0, 1]])
    assert accuracy(Sequential(), outputs, [0, 1, 1, 2]) == 0.75


def test_accuracy_needs_an_output_for_each_class():
    with pytest.raises(ValueError, match=r"of shape \(3,\) for \(3,\)"):
        accuracy(Sequential(), [1, 2, 3], [0, 0, 0])


@pytest.mark.parametrize(
    "value", [2, 2.0, np.float32(2), np.int64(2), np.array(2.0)], ids=repr
)
def test_a_loss_may_be_any_number(value):
    history = fit(line(), Told(value), *rows(33), epochs=1, lr=0.1)
    assert history.losses == [2]


def test_held_out_samples_may_come_as_a_list():
    history = fit(line(), MSELoss(), *rows(), epochs=1, lr=0.1, validation=[*rows()])
    assert len(history.validation_losses) == 1


def test_a_batch_is_32_samples_unless_told():
    sizes = []

    class Counted(MSELoss):
        def __call__(self, input, target):
            sizes.append(len(target))
            return super().__call__(input, target)

    fit(line(), Counted(), *rows(33), epochs=1, lr=0.1)
    assert sizes == [33, 32, 1]  # all are tried once before the first step


# Wrong input. Nothing may have changed.

X, Y = rows()
NET = line()
MSE = MSELoss()


def training(**options):
    given_options = {"epochs": 2, "lr": 0.1, **options}
    names = ("net", "loss", "x", "target")
    parts = dict(zip(names, (NET, MSE, X, Y), strict=True))
    values = [given_options.pop(name, parts[name]) for name in names]
    return fit(*values, **given_options)


OTHER = SGD(line().parameters(), 0.1)
WRONG = {
    "fit: net must be a Module, got None": (TypeError, {"net": None}),
    "fit: loss must be one such as MSELoss(), got <class 'chainrule_lessons."
    "losses.MSELoss'>": (TypeError, {"loss": MSELoss}),
    "fit: loss must be one such as MSELoss(), got 0.5": (TypeError, {"loss": 0.5}),
    "fit: loss must be one such as MSELoss(), got <built-in function max>": (
        TypeError,
        {"loss": max},
    ),
    "fit: loss(output, target) must be one number, got an array of shape (7,)": (
        TypeError,
        {"loss": Told(np.ones(7))},
    ),
    "fit: loss(output, target) must be one number, got '0.5'": (
        TypeError,
        {"loss": Told("0.5")},
    ),
    "fit: x must be numbers, got 'text'": (TypeError, {"x": "text"}),
    "fit: x must hold one or more samples, one a row, got shape ()": (
        ValueError,
        {"x": 3},
    ),
    "fit: x must hold one or more samples, one a row, got shape (0, 2)": (
        ValueError,
        {"x": np.zeros((0, 2)), "target": np.zeros((0, 1))},
    ),
    "fit: x must hold finite numbers, got nan at index (0, 0)": (
        ValueError,
        {"x": X * np.nan},
    ),
    "fit: target must be numbers, got None": (TypeError, {"target": None}),
    "fit: x and target must have one length, got 7 and 6": (
        ValueError,
        {"target": Y[:6]},
    ),
    "Linear(2, 1): input must have shape (N, 2), got (7, 3)": (
        ValueError,
        {"x": np.ones((7, 3))},
    ),
    "MSELoss: target must have shape (7, 1), got (7,)": (
        ValueError,
        {"target": Y[:, 0]},
    ),
    "CrossEntropyLoss: class indices must be 0 to 0, got 1": (
        ValueError,
        {"loss": CrossEntropyLoss(), "target": [0, 0, 0, 0, 0, 0, 1], "batch_size": 1},
    ),
    "fit: epochs must be 1 or more, got 0": (ValueError, {"epochs": 0}),
    "fit: epochs must be a whole number, got 1.5": (TypeError, {"epochs": 1.5}),
    "fit: batch_size must be 1 or more, got 0": (ValueError, {"batch_size": 0}),
    "fit: batch_size must be a whole number, got None": (
        TypeError,
        {"batch_size": None},
    ),
    "SGD: lr must be above 0, got 0.0": (ValueError, {"lr": 0}),
    "SGD: lr must be above 0, got -0.1": (ValueError, {"lr": -0.1}),
    "SGD: lr must be finite, got inf": (ValueError, {"lr": np.inf}),
    "SGD: lr must be numbers, got 'fast'": (TypeError, {"lr": "fast"}),
    "SGD: momentum must be 0 or more and below 1, got 1.0": (
        ValueError,
        {"momentum": 1},
    ),
    "fit: give either lr= or optimizer=, one of the two": (TypeError, {"lr": None}),
    "fit: optimizer must be an SGD, got 'adam'": (
        TypeError,
        {"lr": None, "optimizer": "adam"},
    ),
    "fit: momentum belongs to the optimizer, as in SGD(..., momentum)": (
        TypeError,
        {"lr": None, "optimizer": OTHER, "momentum": 0.9},
    ),
    "fit: the optimizer holds no parameter of the network": (
        ValueError,
        {"lr": None, "optimizer": OTHER},
    ),
    "fit: rng must be a Generator, a seed or None, got 'x'": (TypeError, {"rng": "x"}),
    "fit: validation must be a pair (x, target), got 3": (TypeError, {"validation": 3}),
    "fit: validation must be a pair (x, target), got (0,)": (
        TypeError,
        {"validation": (0,)},
    ),
    "fit: validation x and target must have one length, got 7 and 2": (
        ValueError,
        {"validation": (X, Y[:2])},
    ),
    "MSELoss: target must have shape (7, 1), got (7, 2)": (
        ValueError,
        {"validation": (X, X)},
    ),
    "progress_bar: show must be True, False or None, got 'yes'": (
        TypeError,
        {"progress": "yes"},
    ),
    "SGD: parameters must be a list such as net.parameters(), got an empty one": (
        ValueError,
        {"net": Tanh(), "target": X},
    ),
}


@pytest.mark.parametrize("message", WRONG)
def test_wrong_input_is_named_and_changes_nothing(message):
    error, options = WRONG[message]
    before = weights(NET)
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        training(**options)
    for own, expected in zip(weights(NET), before, strict=True):
        np.testing.assert_array_equal(own, expected)


SLOPES = SimpleNamespace(grad=1)
MUST = "SGD: parameters must be a list such as net.parameters(), got "


@pytest.mark.parametrize(
    ("parameters", "error", "got"),
    [
        (NET, TypeError, "Linear(2, 1)"),
        (None, TypeError, "None"),
        ([3], TypeError, "3 in it"),
        (Sequential(Tanh()), TypeError, "Tanh() in it"),
        ([np.ones(2)], TypeError, "an array of shape (2,) in it"),
        ([SLOPES], TypeError, f"{SLOPES} in it"),
        ([], ValueError, "an empty one"),
        ([NET.weight, NET.weight], ValueError, "one parameter twice"),
    ],
)
def test_sgd_names_what_are_no_parameters(parameters, error, got):
    with pytest.raises(error, match=f"^{re.escape(MUST + got)}$"):
        SGD(parameters, 0.1)


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ([0, 2], "accuracy: classes must be 0 to 1, got 0 to 2"),
        ([-1, 1], "accuracy: classes must be 0 to 1, got -1 to 1"),
        (
            [[0, 1], [1, 0]],
            "accuracy: needs integers of shape (N,) as target for outputs of shape "
            "(N, C), got int64 of shape (2, 2) for (2, 2)",
        ),
        (
            [0.0, 1.0],
            "accuracy: needs integers of shape (N,) as target for outputs of shape "
            "(N, C), got float64 of shape (2,) for (2, 2)",
        ),
        ([0], "accuracy: x and target must have one length, got 2 and 1"),
    ],
)
def test_accuracy_names_what_are_no_classes(target, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        accuracy(Sequential(), [[1, 2], [3, 4]], target)


# The progress bar.


class Slow(MSELoss):
    """Long enough for a bar to be worth showing."""

    def __call__(self, input, target):
        time.sleep(0.02)
        return super().__call__(input, target)


def test_bar_counts_epochs_and_tells_the_loss(monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    training(loss=Slow(), epochs=40, progress=True)
    frames = stream.getvalue().split("\r")
    assert any(re.search(r"epochs: .*/40 .*loss \d", frame) for frame in frames)


def test_no_bar_where_nobody_looks(monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    training(loss=Slow(), epochs=40)
    assert stream.getvalue() == ""


@pytest.mark.parametrize("size", [3, 4])
def test_one_batch_of_all_is_not_shuffled(size):
    x, rng = np.array([[0.1], [0.7], [-0.3]]), np.random.default_rng(0)
    before = rng.bit_generator.state
    fit(Scale(1.0), MSELoss(), x, 2 * x, epochs=2, lr=0.1, batch_size=size, rng=rng)
    assert rng.bit_generator.state == before


def test_an_optimizer_may_hold_parameters_of_others_too():
    net, other = Scale(1.0), Scale(1.0)
    both = SGD([*other.parameters(), *net.parameters()], 0.1)
    x = np.array([[1.0]])
    fit(net, MSELoss(), x, 3 * x, epochs=1, optimizer=both)
    assert net.weight.data == pytest.approx(1.4)
    assert other.weight.data == 1
