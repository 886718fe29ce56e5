"""Loss curves against networks built anew for every value."""

from __future__ import annotations

import copy
import math

import numpy as np
import pytest
from oracles import sample

from chainrule_lessons import landscape
from chainrule_lessons.descent import ChosenWeights, descend
from chainrule_lessons.landscape import loss_curve, loss_surface
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
from chainrule_lessons.losses import CrossEntropyLoss, MSELoss

VALUES = np.array([-1e3, -2.0, -0.3, 0.0, 0.7, 5.0])


def anew(net, loss, x, target, changes):
    """Return the loss of a copy whose entries were set one by one."""
    net = copy.deepcopy(net)
    for name, index, value in changes:
        dict(net.named_parameters())[name].data[index] = value
    return copy.deepcopy(loss)(net(x), target)


def shared():
    a, b = Linear(3, 3, rng=0), Linear(3, 3, rng=1)
    b.weight = a.weight
    return Sequential(a, Tanh(), b, Linear(3, 2, rng=2))


def shared_scale():
    a, b = Scale(2), Scale(3)
    b.weight = a.weight
    return Sequential(a, Linear(3, 2, rng=0), b)


class Centred(Module):
    """Takes away the mean of its rows, and so mixes them."""

    def forward(self, x):
        return x - x.mean(axis=0)


class OnTop(Linear):
    """A subclass with another forward, so that no shortcut fits."""

    def forward(self, x):
        return super().forward(x) ** 2


NETS = {
    "linear": lambda: Linear(3, 2, rng=0),
    "two linear": lambda: Sequential(Linear(3, 4, rng=0), Linear(4, 2, rng=1)),
    "4-3-2 like": lambda: Sequential(
        Linear(3, 4, rng=0), Tanh(), Linear(4, 2, rng=1), Tanh()
    ),
    "deep": lambda: Sequential(
        Linear(3, 4, rng=0),
        ReLU(),
        Scale(0.5),
        Sequential(Linear(4, 3, False, rng=1), Sigmoid()),
        Linear(3, 2, rng=2),
        Softmax(),
    ),
    "softmax between": lambda: Sequential(
        Linear(3, 4, rng=0), Softmax(), Linear(4, 2, rng=1)
    ),
    "scale first": lambda: Sequential(Scale(2), Linear(3, 2, rng=0), Scale(-1)),
    "parallel": lambda: Sequential(
        Parallel(Linear(3, 2, rng=0), Tanh()), Linear(5, 2, rng=1)
    ),
    "softmax over rows": lambda: Sequential(
        Linear(3, 4, rng=0), Linear(4, 3, rng=1), Softmax(axis=0), Scale(2)
    ),
    "rows mixed": lambda: Sequential(Scale(2), Linear(3, 2, rng=0), Centred()),
    "shared": shared,
    "shared scale": shared_scale,
    "subclass": lambda: Sequential(OnTop(3, 4, rng=0), OnTop(4, 2, rng=1)),
}


@pytest.mark.parametrize("rows", [None, 1, 5])
@pytest.mark.parametrize("make", NETS.values(), ids=NETS.keys())
def test_every_entry_of_every_parameter(make, rows):
    net = make()
    x = sample(3) if rows is None else sample(rows, 3)
    target = sample(*net(x).shape, seed=1)
    for name, parameter in net.named_parameters():
        for index in np.ndindex(parameter.data.shape):
            curve = loss_curve(net, MSELoss(), x, target, name, index, VALUES)
            expected = [
                anew(net, MSELoss(), x, target, [(name, index, v)]) for v in VALUES
            ]
            assert curve.shape == VALUES.shape
            np.testing.assert_allclose(curve, expected, rtol=1e-11, atol=1e-13)


def test_cross_entropy_and_digits_like_network():
    net = Sequential(Linear(8, 6, rng=0), ReLU(), Linear(6, 4, rng=1))
    x, t = sample(20, 8), np.arange(20) % 4
    for name, index in (("0.weight", (2, 5)), ("0.bias", 1), ("2.weight", (3, 0))):
        curve = loss_curve(net, CrossEntropyLoss(), x, t, name, index, VALUES)
        expected = [
            anew(net, CrossEntropyLoss(), x, t, [(name, index, v)]) for v in VALUES
        ]
        np.testing.assert_allclose(curve, expected, rtol=1e-12)


@pytest.mark.parametrize("most", [1, 7, 100, 10**6])
@pytest.mark.parametrize("loss", [MSELoss(), MSELoss("sum"), lambda y, t: y[0, 0]])
def test_any_cut_of_the_values_gives_the_same(monkeypatch, most, loss):
    monkeypatch.setattr(landscape, "_MOST", most)
    net, x, t = NETS["deep"](), sample(5, 3), sample(5, 2, seed=1)
    values = np.linspace(-2, 2, 23)
    for name, index in (("0.weight", (2, 1)), ("2.weight", ()), ("4.bias", 1)):
        curve = loss_curve(net, loss, x, t, name, index, values)
        expected = [anew(net, loss, x, t, [(name, index, v)]) for v in values]
        assert curve.dtype == float
        np.testing.assert_allclose(curve, expected, rtol=1e-12)


@pytest.mark.parametrize("shape", [(), (0,), (2, 3, 4)])
def test_a_scale_takes_any_shape(shape):
    net, x, t = Sequential(Scale(2), Tanh()), sample(*shape), sample(*shape, seed=1)
    curve = loss_curve(net, MSELoss("sum"), x, t, "0.weight", (), VALUES)
    expected = [np.sum((np.tanh(v * x) - t) ** 2) for v in VALUES]
    np.testing.assert_allclose(curve, expected, rtol=1e-13)


@pytest.mark.parametrize("axis", [-3, -2, -1, 0, 1, 2])
def test_a_softmax_along_any_axis(axis):
    net, x, t = Sequential(Scale(2), Softmax(axis)), sample(2, 5, 3), sample(2, 5, 3)
    curve = loss_curve(net, MSELoss(), x, t, "0.weight", (), VALUES)
    expected = [anew(net, MSELoss(), x, t, [("0.weight", (), v)]) for v in VALUES]
    np.testing.assert_allclose(curve, expected, rtol=1e-12)


def test_a_loss_sees_the_output_of_the_network():
    net, x, seen = NETS["4-3-2 like"](), sample(5, 3), []

    def loss(y, target):
        seen.append((y.shape, target))
        return 1.0

    loss_curve(net, loss, x, "anything", "2.weight", (0, 1), VALUES)
    assert seen == [((5, 2), "anything")] * len(VALUES)


def test_worked_chain():
    net = Sequential(Linear(2, 1, weight=[1, 5], bias=-15), Sigmoid(), Scale(20))
    curve = loss_curve(net, MSELoss(), [2, 3], 10, "0.weight", (0, 0), [0, 1, 2])
    expected = [(20 / (1 + math.exp(-2 * w)) - 10) ** 2 for w in (0, 1, 2)]
    np.testing.assert_allclose(curve, expected, rtol=1e-13)
    assert curve[1] == pytest.approx(58.002565838597, abs=1e-12)


def test_parameter_by_name_or_object_and_index_forms():
    net, x, t = Sequential(Linear(3, 2, rng=0), Scale(2)), sample(4, 3), sample(4, 2)

    def curve(parameter, index):
        return loss_curve(net, MSELoss(), x, t, parameter, index, VALUES)

    weight, bias = net[0].weight, net[0].bias
    reference = curve("0.weight", (1, 2))
    np.testing.assert_array_equal(curve(weight, (1, 2)), reference)
    np.testing.assert_array_equal(curve(weight, (-1, -1)), reference)
    np.testing.assert_array_equal(curve(bias, 1), curve("0.bias", (1,)))
    np.testing.assert_array_equal(curve(bias, np.int64(-1)), curve("0.bias", (1,)))
    assert curve(net[1].weight, ()).shape == VALUES.shape


def test_surface_holds_every_pair():
    net, x, t = NETS["4-3-2 like"](), sample(5, 3), sample(5, 2, seed=1)
    ones, twos = np.array([-1.0, 0.5]), np.array([-2.0, 0.0, 3.0])
    pairs = [
        (("0.weight", (1, 2)), ("2.bias", (0,))),
        (("2.weight", (0, 1)), ("0.weight", (1, 2))),
        (("0.weight", (1, 2)), ("0.weight", (1, 0))),
        (("0.bias", (1,)), ["0.weight", (1, 0)]),
    ]
    for first, second in pairs:
        surface = loss_surface(net, MSELoss(), x, t, first, second, ones, twos)
        expected = [
            [anew(net, MSELoss(), x, t, [(*first, a), (*second, b)]) for b in twos]
            for a in ones
        ]
        assert surface.shape == (2, 3)
        np.testing.assert_allclose(surface, expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("loss", "first", "words"),
    [
        (MSELoss, ("weight", (0, 0)), r"loss must be one such as MSELoss\(\), got "),
        (MSELoss(), "wb", "first must be a parameter and an index, .* got 'wb'"),
        (MSELoss(), ("weight",), r"first must be .*, got \('weight',\)"),
    ],
)
def test_surface_names_what_is_no_entry(loss, first, words):
    net, data = Linear(3, 2, rng=0), (sample(3), sample(2))
    with pytest.raises(TypeError, match=words):
        loss_surface(net, loss, *data, first, ["bias", 0], [1], [1])


def test_surface_refuses_one_entry_twice():
    net = Linear(3, 2, rng=0)
    with pytest.raises(
        ValueError, match=r"loss_surface: weight at \(1, 2\) is given tw"
    ):
        loss_surface(
            net,
            MSELoss(),
            sample(3),
            sample(2),
            ("weight", (1, 2)),
            (net.weight, (-1, 2)),
            [1],
            [1],
        )


def state(net, loss, g):
    parameters = [(p.data.copy(), p.grad.copy()) for p in net.parameters()]
    return parameters, copy.deepcopy(net).backward(g), loss.backward()


def test_the_network_stays_as_it_is_even_on_an_error():
    net, loss, x = NETS["4-3-2 like"](), MSELoss(), sample(5, 3)
    t, g = sample(5, 2), sample(5, 2, seed=3)
    loss(net(x), t)
    net.backward(g)
    before = state(net, loss, g)
    x2, values = sample(7, 3), VALUES.copy()
    loss_curve(net, loss, x2, sample(7, 2), "0.weight", (0, 1), values)
    loss_surface(net, loss, x2, sample(7, 2), ("0.bias", 0), ("2.bias", 0), [1], [2])
    with pytest.raises(ValueError, match="MSELoss: target must have shape"):
        loss_curve(net, loss, x2, sample(6, 2), "2.weight", (0, 1), values)

    def bad_loss(y, target):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        loss_curve(net, bad_loss, x2, t, "0.weight", (0, 1), values)
    after = state(net, loss, g)
    for old, new in zip(before[0], after[0], strict=True):
        np.testing.assert_array_equal(old, new)
    np.testing.assert_array_equal(before[1], after[1])
    np.testing.assert_array_equal(before[2], after[2])
    np.testing.assert_array_equal(values, VALUES)


def test_work_before_the_layer_is_done_once():
    calls = []

    class Counted(Module):
        def forward(self, x):
            calls.append(len(x))
            return x

    net = Sequential(Counted(), Linear(3, 2, rng=0))
    loss_curve(net, MSELoss(), sample(4, 3), sample(4, 2), "1.weight", (0, 0), VALUES)
    assert calls == [4]


@pytest.mark.parametrize(
    ("index", "words"),
    [
        (
            (2, 0),
            r"0.weight: index must pick one entry of shape \(2, 3\), got \(2, 0\)",
        ),
        ((0, -4), r"shape \(2, 3\), got \(0, -4\)"),
        (0, r"shape \(2, 3\), got 0"),
        ((), r"shape \(2, 3\), got \(\)"),
        ((0, 0, 0), r"shape \(2, 3\)"),
        ((slice(1), 0), r"shape \(2, 3\)"),
        ("a", r"shape \(2, 3\), got 'a'"),
        (None, r"shape \(2, 3\), got None"),
        (True, r"shape \(2, 3\), got True"),
        (1.5, r"shape \(2, 3\), got 1.5"),
    ],
)
def test_index_out_of_range(index, words):
    net = Sequential(Linear(3, 2, rng=0))
    with pytest.raises(IndexError, match=words):
        loss_curve(net, MSELoss(), sample(3), sample(2), "0.weight", index, VALUES)


@pytest.mark.parametrize(
    ("changed", "error", "words"),
    [
        ({"values": []}, ValueError, r"values must be a row of one or more .* \(0,\)"),
        ({"values": 3}, ValueError, r"values must be a row of one or more numbers"),
        ({"values": [[1, 2]]}, ValueError, r"got shape \(1, 2\)"),
        (
            {"values": [1, math.nan]},
            ValueError,
            "values must hold finite numbers, got n",
        ),
        ({"values": "abc"}, TypeError, "values must be numbers, got 'abc'"),
        ({"values": None}, TypeError, "values must be numbers, got None"),
        ({"x": "abc"}, TypeError, "x must be numbers, got 'abc'"),
        ({"x": [math.nan] * 3}, ValueError, "x must hold finite numbers"),
        ({"x": [1, 2]}, ValueError, r"Linear\(3, 2\): input must have shape \(3,\)"),
        ({"net": None}, TypeError, "net must be a Module, got None"),
        (
            {"parameter": "1.weight"},
            ValueError,
            r"\(0.weight, 0.bias\), got '1.weight'",
        ),
        ({"parameter": Parameter([1])}, ValueError, "parameter must be one of the net"),
        ({"parameter": 3}, TypeError, "must be a Parameter or its name, got 3"),
        ({"net": Tanh()}, ValueError, r"network's \(none\), got '0.weight'"),
        ({"loss": MSELoss}, TypeError, r"loss must be one such as MSELoss\(\)"),
        ({"loss": 0.5}, TypeError, r"loss must be one such as MSELoss\(\), got 0.5"),
    ],
)
def test_bad_arguments(changed, error, words):
    arguments = {
        "net": Sequential(Linear(3, 2, rng=0)),
        "loss": MSELoss(),
        "x": sample(3),
        "target": sample(2),
        "parameter": "0.weight",
        "index": (0, 0),
        "values": VALUES,
    }
    with pytest.raises(error, match=words):
        loss_curve(**(arguments | changed))


CHOSEN = ("0.weight", (1, -1)), ("2.bias", 0)


@pytest.mark.parametrize("values", [(0.3, -0.7), (-2.0, 0.0)])
def test_chosen_weights_against_networks_built_anew(values):
    net, x, t = NETS["4-3-2 like"](), sample(5, 3), sample(5, 2, seed=1)
    chosen = ChosenWeights(net, MSELoss(), x, t, *CHOSEN)

    def loss(*values):
        changes = [(*entry, v) for entry, v in zip(CHOSEN, values, strict=True)]
        return anew(net, MSELoss(), x, t, changes)

    def slope(k):
        up, down = np.array([values, values]) + np.outer([1e-5, -1e-5], np.eye(2)[k])
        return (loss(*up) - loss(*down)) / 2e-5

    found, slopes = chosen.gradient(values)
    assert found == pytest.approx(loss(*values), rel=1e-12)
    assert slopes == pytest.approx([slope(0), slope(1)], rel=1e-7)
    for k in (0, 1):
        others = np.where(np.arange(2) == k, 9.0, values)
        moved = [np.where(np.arange(2) == k, value, values) for value in VALUES]
        curve = [loss(*place) for place in moved]
        chosen.gradient(np.array(values) + 1)  # which leaves other values behind
        np.testing.assert_allclose(chosen.curve(others, k, VALUES), curve, rtol=1e-11)
        assert chosen.slope(others, k, values[k]) == (found, slopes[k])
        assert others[k] == 9.0


def test_all_weights_where_none_are_chosen():
    net = NETS["4-3-2 like"]()
    before = [own.data.copy() for own in net.parameters()]
    chosen = ChosenWeights(net, MSELoss(), sample(3), sample(2))
    assert (chosen.start == np.concatenate([own.ravel() for own in before])).all()
    assert chosen.names[6] == "0.weight[2, 0]"
    assert chosen.entries[-1] == ("2.bias", (1,))
    chosen.gradient(chosen.start + 1)
    for own, old in zip(net.parameters(), before, strict=True):
        assert (own.data == old).all()
        assert not own.grad.any()


@pytest.mark.parametrize("start", [3.0, [3.0, -2.0]])
def test_descent_in_a_bowl(start):
    path = descend(lambda w: (np.sum(w**2), 2 * w), start, rate=0.1, steps=7)
    expected = np.multiply.outer(0.8 ** np.arange(8), start)
    np.testing.assert_allclose(path.places, expected, rtol=1e-14)
    np.testing.assert_allclose(path.slopes, 2 * expected, rtol=1e-14)
    losses = (expected.reshape(8, -1) ** 2).sum(axis=1)
    np.testing.assert_allclose(path.losses, losses, rtol=1e-14)


def test_a_descent_stops_where_it_diverges():
    path = descend(lambda w: (w**2, 2 * w), 1.0, rate=5.5, steps=20)  # w becomes -10 w
    assert path.places.tolist() == [1, -10, 100, -1e3, 1e4, -1e5]
