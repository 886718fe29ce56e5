"""Hostile arguments: refused in words, before anything is changed."""

import contextlib
import itertools

import numpy as np
import pytest

import chainrule_lessons as cl
from chainrule_lessons.datasets import spirals

MASKED = np.ma.masked_equal([1.0, 2.0, 3.0], 2.0)
MATRIX = np.array([[1, 2]]).view(np.matrix)
BAD_SEEDS = [MATRIX, "seed", 1.5, -1, np.nan, [[1]], object(), True]


def refused(call, *args, **keywords):
    """Return the words of the error that a call raises: TypeError or ValueError."""
    with pytest.raises((TypeError, ValueError)) as error:
        call(*args, **keywords)
    return str(error.value)


def parameters():
    return [cl.Parameter([1.0, 2.0]), cl.Parameter([3.0])]


@pytest.mark.parametrize("value", [np.nan, np.inf, -0.1, 0, [0.1, 0.2], "0.1", None])
def test_a_learning_rate_is_a_number_above_zero_whenever_it_is_set(value):
    optimizer = cl.SGD(parameters(), lr=0.1)
    words = refused(setattr, optimizer, "lr", value)
    assert words.startswith("SGD: lr must be ")
    assert optimizer.lr == 0.1
    assert refused(cl.SGD, parameters(), lr=value) == words


@pytest.mark.parametrize("value", [np.nan, -0.1, 1, 1.5, [0.1], "0.9", None])
def test_a_momentum_is_a_share_whenever_it_is_set(value):
    optimizer = cl.SGD(parameters(), lr=0.1, momentum=0.5)
    if value == [0.1]:
        optimizer.momentum = value  # one number is one number
        assert optimizer.momentum == 0.1
        return
    words = refused(setattr, optimizer, "momentum", value)
    assert words.startswith("SGD: momentum must be ")
    assert optimizer.momentum == 0.5


@pytest.mark.parametrize("rng", BAD_SEEDS, ids=lambda rng: type(rng).__name__)
def test_a_generator_is_made_from_a_seed_alone(rng):
    net, x = cl.Linear(1, 1, rng=0), np.ones((3, 1))
    calls = {
        "Linear": lambda: cl.Linear(3, 1, rng=rng),
        "fit": lambda: cl.fit(net, cl.MSELoss(), x, x, epochs=1, lr=0.1, rng=rng),
        "spirals": lambda: spirals(rng=rng),
    }
    for name, call in calls.items():
        words = refused(call)
        assert words.startswith(f"{name}: rng must be a Generator, a seed or None, got")


def test_every_kind_of_seed_makes_the_same_generator():
    weights = [
        cl.Linear(2, 1, rng=rng).weight.data.tolist()
        for rng in (7, np.int64(7), np.random.default_rng(7), np.random.SeedSequence(7))
    ]
    assert all(weight == weights[0] for weight in weights)


@pytest.mark.parametrize(
    "call",
    [
        lambda: cl.MSELoss()(MASKED, [1, 2, 3]),
        lambda: cl.MSELoss()([1, 2, 3], MASKED),
        lambda: cl.Tanh()(MASKED),
        lambda: cl.Linear(3, 1, rng=0).forward(MASKED),
        lambda: cl.Parameter(MASKED),
        lambda: cl.derivative(np.sin, MASKED),
        lambda: cl.gradient(np.sum, MASKED),
        lambda: cl.gradcheck(cl.Tanh(), MASKED),
    ],
)
def test_a_masked_entry_is_refused(call):
    assert "must hold no masked entries, got 1 of 3" in refused(call)


def test_a_mask_that_hides_nothing_is_no_matter():
    whole = np.ma.masked_array([1.0, 2.0], mask=False)
    assert cl.MSELoss()(whole, [1, 2]) == 0


def test_outputs_that_are_no_numbers_have_no_accuracy():
    class Broken(cl.Module):
        def forward(self, x):
            return np.full((len(x), 2), np.nan)

    words = refused(cl.accuracy, Broken(), np.ones((4, 3)), [0, 1, 0, 1])
    assert words == (
        "accuracy: outputs must hold finite numbers, got nan at index (0, 0)"
    )


def test_a_block_that_returns_complex_numbers_does_not_pass():
    class Turned(cl.Module):
        def forward(self, x):
            return x * (1 + 1j)

        def backward(self, grad_output):
            return grad_output

    words = refused(cl.gradcheck, Turned(), [1.0, 2.0])
    assert words.startswith("gradcheck: output of Turned() must be real numbers")


RAW = {
    "loss_curve, a class for a loss": (
        lambda: cl.loss_curve(
            cl.Linear(1, 1), cl.MSELoss, [2], 4, "weight", (0, 0), [1]
        ),
        "loss must be one such as MSELoss(), got",
    ),
    "loss_surface, no pairs": (
        lambda: cl.loss_surface(
            cl.Linear(1, 1), cl.MSELoss(), [2], 4, "weight", "bias", [1], [1]
        ),
        "first must be a parameter and an index, such as ('0.weight', (0, 0)), got",
    ),
    "accuracy of a name": (
        lambda: cl.accuracy("net", np.ones((2, 1)), [0, 1]),
        "accuracy: net must be a Module, got 'net'",
    ),
    "Softmax of nothing": (
        lambda: cl.Softmax(None),
        "Softmax: axis must be a whole number, got None",
    ),
    "a Variable as a condition": (
        lambda: bool(cl.Variable(0.0)),
        "a Variable is neither true nor false: compare its data, as in v.data > 0",
    ),
    "a loss that returns nothing": (
        lambda: cl.fit(
            cl.Linear(1, 1), Silent(), np.ones((2, 1)), np.ones((2, 1)), epochs=1, lr=1
        ),
        "fit: loss(output, target) must be one number, got None",
    ),
}


class Silent:
    def __call__(self, output, target):
        return None

    def backward(self):
        return np.zeros((2, 1))


@pytest.mark.parametrize(("call", "words"), RAW.values(), ids=RAW.keys())
def test_a_slip_gets_words(call, words):
    assert words in refused(call)


# Everything public, with everything that is no number.
HOSTILE = [None, "text", b"x", object(), {}, set(), [[1], [1, 2]], 1j, [1j], np.nan]
HOSTILE += [[np.nan], [np.inf], MASKED, [], np.array(["a"]), lambda: 1, type, 10**400]
HOSTILE += [np.array([None]), [None], {"a": 1}, slice(1), ..., Exception("no")]


def net():
    return cl.Sequential(cl.Linear(3, 2, rng=0), cl.Tanh())


CALLS = {
    "Parameter": lambda bad: cl.Parameter(bad),
    "Linear, in": lambda bad: cl.Linear(bad, 2),
    "Linear, out": lambda bad: cl.Linear(3, bad),
    "Linear, weight": lambda bad: cl.Linear(3, 2, weight=[bad]),
    "Linear, dtype": lambda bad: cl.Linear(3, 2, dtype=[bad]),
    "Scale": lambda bad: cl.Scale(bad),
    "Sequential": lambda bad: cl.Sequential(bad),
    "Parallel": lambda bad: cl.Parallel(cl.Tanh(), combine=bad),
    "MSELoss": lambda bad: cl.MSELoss(bad),
    "CrossEntropyLoss": lambda bad: cl.CrossEntropyLoss(bad),
    "a loss, input": lambda bad: cl.MSELoss()(bad, [1.0, 2.0]),
    "a loss, target": lambda bad: cl.MSELoss()([1.0, 2.0], bad),
    "a class loss, target": lambda bad: cl.CrossEntropyLoss()([1.0, 2.0], bad),
    "forward": lambda bad: net()(bad),
    "jacobian of a block": lambda bad: net().jacobian(bad),
    "SGD, parameters": lambda bad: cl.SGD(bad, lr=1),
    "SGD, lr": lambda bad: cl.SGD(net().parameters(), lr=bad),
    "fit, net": lambda bad: cl.fit(bad, cl.MSELoss(), [[1]], [[1]], epochs=1, lr=1),
    "fit, loss": lambda bad: cl.fit(net(), bad, [[1]], [[1]], epochs=1, lr=1),
    "fit, x": lambda bad: cl.fit(net(), cl.MSELoss(), bad, [[1]], epochs=1, lr=1),
    "accuracy": lambda bad: cl.accuracy(net(), bad, [0]),
    "derivative, x": lambda bad: cl.derivative(np.sin, bad),
    "derivative, step": lambda bad: cl.derivative(np.sin, 1.0, step=[bad]),
    "derivative, method": lambda bad: cl.derivative(np.sin, 1.0, method=bad),
    "gradient, x": lambda bad: cl.gradient(np.sum, bad),
    "jacobian, x": lambda bad: cl.jacobian(np.sin, bad),
    "gradcheck, x": lambda bad: cl.gradcheck(net(), bad),
    "gradcheck, rtol": lambda bad: cl.gradcheck(net(), [1, 2, 3], rtol=[bad]),
    "compare": lambda bad: cl.compare("a", bad, [1.0, 2.0, 3.0, 4.0]),
    "Variable": lambda bad: cl.Variable(bad),
    "loss_curve, net": lambda bad: curve(net=bad),
    "loss_curve, loss": lambda bad: callable(bad) or curve(loss=bad),
    "loss_curve, x": lambda bad: curve(x=bad),
    "loss_curve, parameter": lambda bad: curve(parameter=[bad]),
    "loss_curve, values": lambda bad: curve(values=[[bad]]),
}


def curve(**changed):
    given = {"net": net(), "loss": cl.MSELoss(), "x": [1, 2, 3], "target": [0, 0]}
    given |= {"parameter": "0.weight", "index": (0, 0), "values": [1, 2]} | changed
    return cl.loss_curve(*given.values())


@pytest.mark.parametrize("name", CALLS)
def test_what_is_no_number_is_refused_or_taken_for_what_it_is(name):
    """A value comes back, or an error in words: never a raw one, never silence."""
    for bad, again in itertools.product(HOSTILE, range(3)):
        given = [bad, [bad], (bad, bad)][again]
        with contextlib.suppress(Said):
            told(CALLS[name], given)


class Said(Exception):
    """An error with words of the package's own."""


def told(call, given):
    """Call; turn an error in words into `Said`, and let a raw one through."""
    try:
        call(given)
    except (TypeError, ValueError, IndexError) as error:
        if ":" in str(error) or "must" in str(error):
            raise Said from None
        raise
