"""The twelve bugs of lesson 12, planted into the package as it runs, turn tests red.

Run as a script with a file of tests, it runs them as they are and then with each of
their bugs in turn, in one process.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from contextlib import contextmanager, nullcontext
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from chainrule_lessons import autodiff
from chainrule_lessons.layers import Linear, Module, ReLU, Softmax, Tanh
from chainrule_lessons.losses import CrossEntropyLoss, MSELoss
from chainrule_lessons.optim import SGD

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
BUGS = {}


class Bug(NamedTuple):
    """A method, what stands there instead, and the tests that must see it."""

    owner: Any
    method: str
    wrong: Any
    tests: str

    @contextmanager
    def planted(self):
        right = getattr(self.owner, self.method)
        setattr(self.owner, self.method, lambda *args: self.wrong(right, *args))
        yield
        setattr(self.owner, self.method, right)


def bug(owner, method, tests):
    """Keep a function as a bug: it gets the right method, then what that gets."""

    def keep(wrong):
        BUGS[wrong.__name__] = Bug(owner, method, wrong, f"tests/core/test_{tests}.py")
        return wrong

    return keep


@bug(Linear, "_stays", "layers")
def assigned_where_it_must_be_added(right, self, g):
    self.weight.grad.fill(0)
    right(self, g)


@bug(Tanh, "value_and_slope", "layers")
def slope_of_tanh_at_its_output(right, self, z):
    return np.tanh(z), 1 - np.tanh(np.tanh(z)) ** 2


@bug(MSELoss, "backward", "losses")
def lost_factor_two(right, self):
    return right(self) / 2


@bug(Linear, "_stays", "layers")
def missing_transpose(right, self, g):
    """Leave xᵀ g, forced into the shape of gᵀ x: only the numbers can tell."""
    before = self.weight.grad.copy()
    right(self, g)
    added = self.weight.grad - before
    self.weight.grad = before + added.T.reshape(added.shape)


@bug(CrossEntropyLoss, "backward", "losses")
def sum_for_mean(right, self):
    slopes = right(self)
    many = self.reduction == "mean" and slopes.ndim == 2
    return slopes * (len(slopes) if many else 1)


@bug(Linear, "_passes", "layers")
def stale_weight(right, self, g):
    return g @ vars(self).setdefault("first", self.weight.data.copy())


@bug(SGD, "step", "optim")
def wrong_sign(right, self):
    before = [parameter.data.copy() for parameter in self.parameters]
    right(self)
    for parameter, data in zip(self.parameters, before, strict=True):
        parameter.data = 2 * data - parameter.data


@bug(autodiff, "_entrywise", "autodiff")
def outer_slope_at_the_inner_input(right, name, *inputs):
    """In f(g(x)), take the slope of f at x."""
    y = right(name, *inputs)
    if len(inputs) == 1 and inputs[0]._made_from:
        ((x, _), *_) = inputs[0]._made_from
        ((_, pull),) = right(name, x)._made_from
        y._made_from = ((inputs[0], pull),)
    return y


@bug(Linear, "_stays", "layers")
def bias_summed_over_the_wrong_axis(right, self, g):
    right(self, g)
    if self.bias is not None:
        rows = np.atleast_2d(g)
        self.bias.grad += rows.sum(axis=1) - rows.sum(axis=0)


@bug(Module, "zero_grad", "optim")
def slopes_not_reset(right, self):
    pass


@bug(ReLU, "value_and_slope", "layers")
def mask_of_relu_from_its_output(right, self, x):
    return x.clip(0), x.clip(0) >= 0


@bug(CrossEntropyLoss, "__call__", "losses")
def slope_of_softmax_twice(right, self, z, target):
    value, softmax = right(self, z, target), Softmax()
    softmax(z)
    self.backward = lambda: softmax.backward(CrossEntropyLoss.backward(self))
    return value


@cache
def told(tests):
    """Run a file of tests; give the exit code and the output by bug, "" for none."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    done = subprocess.run(
        [sys.executable, __file__, tests],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": path, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    found = re.findall(r"(.*?)^RAN (\w*) (\d)$", done.stdout, re.DOTALL | re.MULTILINE)
    return {name: (int(code), said) for said, name, code in found}


@pytest.mark.parametrize("tests", sorted({bug.tests for bug in BUGS.values()}))
def test_tests_pass_without_a_bug(tests):
    code, said = told(tests)[""]
    assert code == pytest.ExitCode.OK, said


@pytest.mark.parametrize("name", BUGS)
def test_a_planted_bug_is_caught(name):
    code, said = told(BUGS[name].tests)[name]
    # A test failed, and by its own assertion: nothing crashed.
    assert code == pytest.ExitCode.TESTS_FAILED, said
    assert re.search(r"^E +(AssertionError|assert)\b", said, re.M), said


def test_all_twelve_are_there():
    assert len(BUGS) == 12


if __name__ == "__main__":
    tests = sys.argv[1]
    planted = {name: bug.planted for name, bug in BUGS.items() if bug.tests == tests}
    for name, around in ({"": nullcontext} | planted).items():
        with around():
            code = pytest.main([tests, "-x", "-q", "-p", "no:cacheprovider"])
        print(f"RAN {name} {code:d}", flush=True)
