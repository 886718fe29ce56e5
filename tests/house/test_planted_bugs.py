"""The twelve bugs of lesson 12, planted into a copy of the package, turn tests red."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

import chainrule_lessons

PACKAGE = Path(chainrule_lessons.__file__).parent
TESTS = Path(__file__).parents[1] / "core"

# The package is imported first, so that the tests can only meet this one.
RUN = """\
import sys, chainrule_lessons, pytest
print(chainrule_lessons.__file__, flush=True)
sys.exit(pytest.main(sys.argv[1:]))
"""


class Bug(NamedTuple):
    """What stands in a module, what stands there instead, and who must see it."""

    module: str
    right: str
    wrong: str
    test: str


BUGS = {
    "= for +=": Bug(
        "layers",
        right="self.weight.grad += rows",
        wrong="self.weight.grad = rows",
        test="test_layers",
    ),
    "slope of tanh at a, not at z": Bug(
        "layers",
        right="1.0 - y * y",
        wrong="1.0 - np.tanh(y) ** 2",
        test="test_layers",
    ),
    "lost factor 2": Bug(
        "losses",
        right="2 / n * difference",
        wrong="1 / n * difference",
        test="test_losses",
    ),
    # The slopes of xᵀ g, forced into the shape of gᵀ x: only the numbers can tell.
    "missing transpose": Bug(
        "layers",
        right="self.weight.grad += rows",
        wrong="self.weight.grad.reshape(self.in_features, -1).T[...] += rows",
        test="test_layers",
    ),
    "sum for mean": Bug(
        "losses",
        right="- t) / n)",
        wrong="- t))",
        test="test_losses",
    ),
    # The weight as it was at the first backward pass.
    "stale weight": Bug(
        "layers",
        right="g.dot(self.weight.data)",
        wrong="g.dot(vars(self).setdefault('old', self.weight.data.copy()))",
        test="test_layers",
    ),
    "sign": Bug(
        "optim",
        right="parameter.data -= self.lr",
        wrong="parameter.data += self.lr",
        test="test_optim",
    ),
    # In f(g(x)), the slope of f at x.
    "outer slope at x, not at g(x)": Bug(
        "autodiff",
        right="slope(y, *arrays)",
        wrong="slope(y, *[v._made_from[0][0].data "
        "if getattr(v, '_made_from', ()) else a for v, a in zip(inputs, arrays)])",
        test="test_autodiff",
    ),
    "bias summed over the wrong axis": Bug(
        "layers",
        right="_ones(len(rows), rows.dtype).dot(rows)",
        wrong="rows.sum(axis=1)",
        test="test_layers",
    ),
    "gradient not reset": Bug(
        "optim",
        right="net.zero_grad()\n    net.backward",
        wrong="net.backward",
        test="test_optim",
    ),
    "mask of ReLU from its output, with >=": Bug(
        "layers",
        right=", x > 0.0",
        wrong=", x.clip(0.0, math.inf) >= 0.0",
        test="test_layers",
    ),
    "slope of softmax twice": Bug(
        "losses",
        right="(e / total - t)",
        wrong="(lambda p, g: p * (g - (g * p).sum(axis=0)))(e / total, e / total - t)",
        test="test_losses",
    ),
}
WATCHERS = sorted({bug.test for bug in BUGS.values()})


def copied(folder):
    copy = folder / PACKAGE.name
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


def plant(bug, copy):
    """Change one place in the copy, which must be there once and only once."""
    path = copy / f"{bug.module}.py"
    text = path.read_text(encoding="utf-8")
    count = text.count(bug.right)
    assert count == 1, f"{bug.module}.py has {bug.right!r} {count} times"
    path.write_text(text.replace(bug.right, bug.wrong), encoding="utf-8")


def run(test, copy):
    """Run a file of tests on the copy, up to its first failure, without PyTorch."""
    options = ["-x", "-q", "-p", "no:cacheprovider", "-k", "not pytorch"]
    done = subprocess.run(
        [sys.executable, "-c", RUN, *options, TESTS / f"{test}.py"],
        cwd=copy.parent,
        env=os.environ
        | {"PYTHONPATH": str(copy.parent), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.startswith(str(copy / "__init__.py")), done.stdout + done.stderr
    return done


@pytest.mark.parametrize("test", WATCHERS)
def test_a_copy_without_a_bug_passes(test, tmp_path):
    done = run(test, copied(tmp_path))
    assert done.returncode == pytest.ExitCode.OK, done.stdout


@pytest.mark.parametrize("bug", BUGS.values(), ids=BUGS.keys())
def test_a_planted_bug_is_caught(bug, tmp_path):
    copy = copied(tmp_path)
    plant(bug, copy)
    done = run(bug.test, copy)
    # A test failed, and by its own assertion: nothing crashed.
    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout
    assert re.search(r"^E +(AssertionError|assert)\b", done.stdout, re.M), done.stdout
