"""Planted slips must be found and named; right passes must pass."""

from __future__ import annotations

import copy
import math

import numpy as np
import pytest
from oracles import relu, sample, softmax

import chainrule_lessons as cl
from chainrule_lessons.gradcheck import GradcheckError, gradcheck
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

RIGHT = [
    Linear(3, 2, rng=0),
    Linear(3, 2, False, rng=0),
    Scale(-1.5),
    Sigmoid(),
    Tanh(),
    ReLU(),
    Softmax(),
    Sequential(Linear(3, 4, rng=0), Tanh(), Linear(4, 2, rng=1), Softmax(), Scale(3)),
    Parallel(Linear(3, 2, rng=0), Sequential(), Tanh()),
    Parallel(Sequential(), Linear(3, 3, rng=0), combine="add"),
]


@pytest.mark.parametrize("shape", [(3,), (1, 3), (4, 3), (3, 3), (0, 3)])
@pytest.mark.parametrize("module", RIGHT, ids=repr)
def test_every_block_passes_at_every_shape(module, shape):
    assert gradcheck(module, sample(*shape)) is True


class Planted(Module):
    """tanh(x Wᵀ + b) with slips that `wrong` plants in what backward found."""

    def __init__(self, size=3, **wrong):
        rng = np.random.default_rng(1)
        self.weight = Parameter(rng.normal(size=(size, 3)), "weight")
        self.bias = Parameter(rng.normal(size=size), "bias")
        self.wrong = wrong

    def forward(self, x):
        self.x, self.y = x, np.tanh(x @ self.weight.data.T + self.bias.data)
        return self.y

    def backward(self, grad_output):
        g = grad_output * (1 - self.y**2)
        slopes = {
            "weight": g.T @ self.x,
            "bias": g.sum(0),
            "input": g @ self.weight.data,
        }
        for name, slip in self.wrong.items():
            slopes[name] = slip(slopes[name], g)
        self.weight.grad += slopes["weight"]
        self.bias.grad += slopes["bias"]
        return slopes["input"]


SLIPS = [
    ("weight", lambda s, g: 2 * s, "weight: off by a factor 2"),
    ("weight", lambda s, g: s / 2, "weight: off by a factor 0.5"),
    (
        "weight",
        lambda s, g: s / 4,
        "factor 0.25, the number of rows: mean against sum?",
    ),
    ("bias", lambda s, g: 4 * s, "factor 4, the number of rows: mean against sum?"),
    ("input", lambda s, g: -s, "input: the sign is wrong"),
    ("weight", lambda s, g: s.T, "weight: transposed"),
    ("weight", lambda s, g: 0 * s, "weight: zero everywhere; was it ever computed"),
    ("bias", lambda s, g: np.full(3, g.sum()), "bias: summed over every axis"),
    (
        "bias",
        lambda s, g: s[::-1],
        "bias: the total is right, its parts are not: summed",
    ),
    ("bias", lambda s, g: s * (1 + 1e-5), "bias: close, but not within the tolerances"),
    ("input", lambda s, g: s + 1, "input: no common slip; check the formula one entry"),
    ("input", lambda s, g: s * math.inf, "input: not finite"),
]


@pytest.mark.parametrize(("name", "slip", "words"), SLIPS)
def test_slips_are_named(name, slip, words):
    assert gradcheck(Planted(), sample(4, 3))
    with pytest.raises(GradcheckError) as caught:
        gradcheck(Planted(**{name: slip}), sample(4, 3))
    assert words in str(caught.value)


class Faulty(Module):
    """A block made of two functions, one of them wrong."""

    def __init__(self, forward, backward):
        self.function, self.slopes = forward, backward

    def forward(self, x):
        self.x, self.y = x, self.function(x)
        return self.y

    def backward(self, grad_output):
        return self.slopes(grad_output, self.x, self.y)


class Shifted(Module):
    """exp(x + its parameter `input`) with slips in what is returned and added."""

    def __init__(self, by_input=lambda g, y, p: g * y, by_parameter=1):
        self.input = Parameter([0.5, -1.0, 0.2], "input")
        self.by_input, self.by_parameter = by_input, by_parameter

    def forward(self, x):
        self.y = np.exp(x + self.input.data)
        return self.y

    def backward(self, grad_output):
        self.input.grad += self.by_parameter * grad_output * self.y
        return self.by_input(grad_output, self.y, self.input.data)


@pytest.mark.parametrize(
    ("slips", "words"),
    [
        ((lambda g, y, p: 0 * g,), "the input: zero everywhere"),
        ((lambda g, y, p: g * np.exp(y + p),), "the input: the slope is taken at the"),
        ((lambda g, y, p: g * y, 2), "input: off by a factor 2"),
    ],
)
def test_a_parameter_may_be_called_input(slips, words):
    assert gradcheck(Shifted(), sample(3))
    with pytest.raises(GradcheckError, match=rf"3 of 6 slopes(.*\n)+{words}"):
        gradcheck(Shifted(*slips), sample(3))


TURN = np.array([[0.5, -1.0, 2.0], [0.3, 0.7, -0.2], [1.5, 0.1, 0.4]])


@pytest.mark.parametrize(
    ("forward", "backward", "words"),
    [
        (np.tanh, lambda g, x, y: g * (1 - np.tanh(y) ** 2), "taken at the output"),
        (np.exp, lambda g, x, y: g * np.exp(y), "taken at the output"),
        (relu, lambda g, x, y: g * (y >= 0), "except where it should be 0: is a mask"),
        (lambda x: x @ TURN.T, lambda g, x, y: g @ TURN.T, "Jacobian is not transpos"),
        (np.square, lambda g, x, y: g * x, "off by a factor 0.5"),
        # Nobody could tell these from their numbers.
        (np.tanh, lambda g, x, y: g * (1 - y), "no common slip"),
        (
            lambda x: np.exp(-(x**2)),
            lambda g, x, y: g * -np.exp(-x) * 2 * x,
            "no common slip",
        ),
        (np.log1p, lambda g, x, y: g / (2 + x), "no common slip"),  # no log1p(-1.2)
        (softmax, lambda g, x, y: g * y * (1 - y), "no common slip"),
    ],
)
@pytest.mark.parametrize("shape", [(3,), (4, 3), (3, 3)])
def test_slips_of_what_passes_through(forward, backward, words, shape):
    x = sample(*shape, seed=1)
    x = np.abs(x) if forward is np.log1p else x
    with pytest.raises(GradcheckError, match=rf"(?m)^input: .*{words}"):
        gradcheck(Faulty(forward, backward), x)


@pytest.mark.parametrize("loss", [MSELoss(), CrossEntropyLoss()], ids=repr)
def test_slips_of_a_loss(loss):
    z = sample(4, 3)
    target = np.eye(3)[[2, 0, 1, 1]]
    loss(z, target)
    right, p = loss.backward(), softmax(z)
    again = p * (right - (right * p).sum(axis=1, keepdims=True))
    words = {
        "off by a factor 12, the number of entries: mean against sum": 12 * right,
        "off by a factor 4, the number of rows: mean against sum": 4 * right,
        "sent through the slope of softmax a second time": again,
        "no common slip": right * p,
    }
    for name, claimed in words.items():
        with pytest.raises(GradcheckError, match=f"(?m)^x: {name}"):
            gradcheck(lambda z: copy.deepcopy(loss)(z, target), z, grad=claimed)


CUBES = np.array([0.5, -1.0, 2.0])  # their slopes are 0.75, 3 and 12


@pytest.mark.parametrize(
    ("x", "claimed", "words"),
    [
        (2.0, 24, "off by a factor 2"),
        (2.0, 6, "off by a factor 0.5"),
        (2.0, 36, "no common slip"),
        (2.0, 24.6, "no common slip"),
        (CUBES, 9 * CUBES**2, "off by a factor 3, the number of entries"),
        (CUBES[:2], 15 * CUBES[:2] ** 2, "off by a factor 5"),
        (CUBES[:2, None], 6 * CUBES[:2, None] ** 2, "off by a factor 2, the number of"),
        (1e-3 * CUBES, -3e-6 * CUBES**2, "the sign is wrong"),
        ([1.0, 3e-3], [-3.0, 2.7e-5], "no common slip"),
        (0.0, 1e-7, "should be zero everywhere"),
    ],
)
def test_slips_of_a_function(x, claimed, words):
    with pytest.raises(GradcheckError, match=f"(?m)^x: {words}"):
        gradcheck(lambda x: np.sum(x**3), x, grad=claimed)


def test_slopes_of_either_sign_go_backward():
    with pytest.raises(GradcheckError, match="input: no common slip"):
        gradcheck(Faulty(np.square, lambda g, x, y: 2 * x * abs(g)), sample(4, 3))


def test_a_block_may_forget_when_it_has_gone_backward():
    class Forgetful(Linear):
        def backward(self, grad_output):
            if not self.seen:
                raise RuntimeError("forward comes first")
            self.seen = False
            return super().backward(grad_output)

        def forward(self, x):
            self.seen = True
            return super().forward(x)

    assert gradcheck(Forgetful(3, 2, rng=0), sample(4, 3))


def test_bias_summed_over_the_wrong_axis():
    square = sample(3, 3)
    with pytest.raises(GradcheckError, match="bias: the total is right, its parts are"):
        gradcheck(Planted(bias=lambda s, g: g.sum(1)), square)

    class WrongAxis(Linear):
        def backward(self, grad_output):
            before = self.bias.grad.copy()
            slopes = super().backward(grad_output)
            self.bias.grad = before + np.asarray(grad_output).sum(axis=1)
            return slopes

    with pytest.raises(GradcheckError, match="bias: summed over the wrong axis$"):
        gradcheck(WrongAxis(3, 3, rng=0), square)


@pytest.mark.parametrize("seed", range(20))
def test_what_is_merely_wrong_gets_no_name(seed):
    fixed = np.random.default_rng(seed).uniform(0.5, 2, (3, 3))
    noise = {
        "weight": lambda s, g: s * fixed,
        "bias": lambda s, g: s * fixed[0],
        "input": lambda s, g: s * fixed,
    }
    with pytest.raises(GradcheckError) as caught:
        gradcheck(Planted(**noise), sample(3, 3, seed=seed))
    named = str(caught.value).splitlines()[-3:]
    assert all(line.endswith("one entry at a time") for line in named), named


def test_the_slip_is_found_inside_a_network_under_its_dotted_name():
    net = Sequential(Tanh(), Planted(weight=lambda s, g: 2 * s), Tanh())
    with pytest.raises(GradcheckError, match=r"(?m)^1\.weight: off by a factor 2$"):
        gradcheck(net, sample(4, 3))


def test_the_message_is_a_table():
    class Doubled(Scale):
        def backward(self, grad_output, *, input_grad=True):
            super().backward(grad_output)
            return 2 * super().backward(0 * np.asarray(grad_output)) + 6 * grad_output

    with pytest.raises(GradcheckError) as caught:
        gradcheck(Doubled(3), [1.0, 2.0])
    lines = str(caught.value).splitlines()
    assert lines[0] == "gradcheck: 2 of 3 slopes of Scale(3.0) are wrong"
    assert lines[1].split() == ["slope", "by", "index", "backward", "numeric", "error"]
    for line, index in zip(lines[2:4], ("(0,)", "(1,)"), strict=True):
        part, place, backward, numeric, error = line.split()
        assert (part, place, error) == ("input", index, "5.0e-01")
        assert float(backward) == pytest.approx(2 * float(numeric), rel=1e-5)
    assert lines[4] == "input: off by a factor 2"


@pytest.mark.parametrize("slope", [math.inf, math.nan])
def test_the_error_of_a_slope_that_is_not_finite(slope):
    with pytest.raises(GradcheckError) as caught:
        gradcheck(Faulty(np.tanh, lambda g, x, y: abs(g) * slope), [1.0])
    _, _, backward, _, error = str(caught.value).splitlines()[2].split()
    assert (backward, error) == (str(slope), str(slope))


def test_a_long_table_is_cut():
    with pytest.raises(GradcheckError, match="... and 1 more"):
        gradcheck(Planted(weight=lambda s, g: 2 * s), sample(4, 3))
    with pytest.raises(GradcheckError) as caught:
        gradcheck(lambda x: np.sum(x**3), np.ones(8), grad=np.ones(8))
    assert "more" not in str(caught.value)


def test_overwriting_is_told_from_adding():
    class Overwrites(Linear):
        def backward(self, grad_output, *, input_grad=True):
            self.zero_grad()
            return super().backward(grad_output)

    with pytest.raises(
        GradcheckError, match=r"overwrites weight.grad; it must add to it"
    ):
        gradcheck(Overwrites(2, 2, rng=0), [1.0, 2.0])


def test_a_kink_is_called_a_kink():
    with pytest.raises(
        GradcheckError, match=r"no slope by input .* kink at x\[1\] = 0"
    ):
        gradcheck(ReLU(), [1.0, 0.0])
    assert gradcheck(ReLU(), [1.0, 1e-3])


def test_backward_must_return_slopes_of_the_input():
    with pytest.raises(GradcheckError, match="returned None; it must return"):
        gradcheck(Planted(input=lambda s, g: None), sample(4, 3))
    with pytest.raises(GradcheckError, match=r"input's shape \(4, 3\), got \(3, 4\)"):
        gradcheck(Planted(input=lambda s, g: s.T), sample(4, 3))


def test_a_module_with_moods_is_refused():
    class Moody(Tanh):
        calls = 0

        def forward(self, x):
            self.calls += 1
            return super().forward(x) + self.calls

    with pytest.raises(GradcheckError, match="gave two outputs for one input"):
        gradcheck(Moody(), [1.0])


def test_nothing_is_changed():
    net, x, g = Sequential(Planted(), Linear(3, 2, rng=0)), sample(4, 3), sample(4, 2)
    net(x)
    slopes = net.backward(g)
    twin = copy.deepcopy(net)
    other = sample(2, 3, seed=9)
    kept = other.copy()
    gradcheck(net, other)
    with pytest.raises(GradcheckError):
        gradcheck(Sequential(net, ReLU()), other, atol=0, rtol=0)
    np.testing.assert_array_equal(other, kept)
    for mine, same in zip(net.parameters(), twin.parameters(), strict=True):
        np.testing.assert_array_equal(mine.data, same.data)
        np.testing.assert_array_equal(mine.grad, same.grad)
    np.testing.assert_array_equal(net.backward(g), slopes)


def test_functions_and_their_claimed_gradient():
    x = np.array([[1.0, -2.0], [0.5, 3.0]])
    assert gradcheck(lambda x: (x**3).sum(), x, grad=3 * x**2)
    assert gradcheck(math.sin, 0.5, grad=math.cos(0.5))
    with pytest.raises(GradcheckError, match="x: off by a factor 2"):
        gradcheck(lambda x: (x**3).sum(), x, grad=6 * x**2)
    with pytest.raises(GradcheckError, match="1 of 1 slopes of the function are wrong"):
        gradcheck(math.sin, 0.5, grad=math.sin(0.5))
    with pytest.raises(GradcheckError, match="kink"):
        gradcheck(abs, 0.0, grad=0)


@pytest.mark.parametrize(
    ("loss", "target"), [(MSELoss(), np.ones((2, 3))), (CrossEntropyLoss(), [2, 0])]
)
def test_losses_pass(loss, target):
    z = sample(2, 3)
    loss(z, target)
    assert gradcheck(lambda x: copy.deepcopy(loss)(x, target), z, grad=loss.backward())


def test_float32_is_checked_in_double_precision():
    layer = Linear(3, 2, rng=0, dtype=np.float32)
    assert gradcheck(Sequential(layer, Tanh()), sample(4, 3).astype(np.float32))
    assert layer.weight.data.dtype == np.float32


def test_a_slope_that_should_be_zero():
    class Flat(Tanh):
        def forward(self, x):
            return 0 * super().forward(x)

    with pytest.raises(GradcheckError, match="input: should be zero everywhere"):
        gradcheck(Flat(), [1.0, 2.0])


def test_tolerances_decide():
    assert gradcheck(math.sin, 0.5, grad=math.cos(0.5) + 1e-4, rtol=1e-3)
    assert gradcheck(math.sin, 0.5, grad=math.cos(0.5) + 1e-4, atol=1e-3)
    with pytest.raises(GradcheckError):
        gradcheck(math.sin, 0.5, grad=math.cos(0.5) + 1e-4)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: gradcheck(Tanh(), "a"), TypeError, "gradcheck: x must be numbers"),
        (lambda: gradcheck(Tanh(), None), TypeError, "gradcheck: x must be numbers"),
        (
            lambda: gradcheck(Tanh(), [math.nan]),
            ValueError,
            "x must hold finite numbers",
        ),
        (
            lambda: gradcheck(Tanh(), [1], grad=[1]),
            TypeError,
            "grad= belongs to a func",
        ),
        (lambda: gradcheck(math.sin, 1), TypeError, "a function needs grad="),
        (lambda: gradcheck(3, 1), TypeError, "expected a module such as .* got 3"),
        (
            lambda: gradcheck(Tanh, 1),
            TypeError,
            r"expected a module such as Tanh\(\) or a function, got ",
        ),
        (
            lambda: gradcheck(math.sin, 1, grad=[1, 2]),
            ValueError,
            r"gradcheck: grad must have shape \(\), got \(2,\)",
        ),
        (lambda: gradcheck(Tanh(), 1.0, rtol=None), TypeError, "rtol must be numbers"),
        (lambda: gradcheck(Tanh(), 1.0, atol=-1), ValueError, "atol must not be negat"),
    ],
)
def test_bad_calls(call, error, words):
    with pytest.raises(error, match=words):
        call()


# compare


def test_compare_sets_numbers_below_each_other(capsys):
    cl.compare("by W", [[1, -20.5]], [[1, -20.25]])
    assert capsys.readouterr().out.splitlines() == [
        "by W",
        "  by rule     1.000000  -20.500000",
        "  measured    1.000000  -20.250000",
        "  they differ by up to 0.25",
    ]


@pytest.mark.parametrize("shape", [(2, 2), (1, 2, 2)])
def test_compare_sets_rows_below_each_other(shape, capsys):
    cl.compare("by W", np.reshape([1.0, 2, 3, 4], shape), np.ones(shape))
    assert capsys.readouterr().out.splitlines() == [
        "by W",
        "  by rule   1.000000  2.000000",
        "            3.000000  4.000000",
        "  measured  1.000000  1.000000",
        "            1.000000  1.000000",
        "  they differ by up to 3",
    ]


@pytest.mark.parametrize(
    ("rule", "seen", "said"),
    [
        (2, 2 + 1e-9, "2.000000   measured 2.000000   they agree"),
        (1e-7, 2e-7, "1e-07   measured 2e-07   they differ by up to 1e-07"),
        (-0.0, 0.0, "0.000000   measured 0.000000   they agree"),
        (0.5, 0.5001, "0.500000   measured 0.500100   they differ by up to 0.0001"),
        (1e-3, 9e-4, "0.001000   measured 0.0009   they differ by up to 0.0001"),
        (1e6, 999999.5, "1e+06   measured 999999.500000   they agree"),
    ],
)
def test_compare_says_whether_two_numbers_agree(rule, seen, said, capsys):
    cl.compare("slope", rule, seen)
    assert capsys.readouterr().out == f"slope   by rule {said}\n"


def test_compare_refuses_what_cannot_be_compared():
    for rule, seen in ((1, [1, 2]), ("1", 1), (np.nan, 1), ([[1]], [1]), ([], [])):
        with pytest.raises((TypeError, ValueError), match="compare 'slope'"):
            cl.compare("slope", rule, seen)
