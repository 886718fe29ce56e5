"""A fault in the package turns lessons red: their numbers come from it."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
SANITIZE = Path(__file__).parents[1] / "support" / "sanitize.cfg"

# Python runs a file of this name at the start of every kernel.
STARTUP = "sitecustomize.py"
SCALED = """\
import chainrule_lessons as package
from chainrule_lessons import numeric

right = numeric.{name}
wrong = lambda f, x, **options: 1.001 * right(f, x, **options)
numeric.{name} = package.{name} = wrong
"""
NO_BIAS = """\
from chainrule_lessons import layers

right = layers.Linear.forward
layers.Linear.forward = lambda self, x: right(self, x) - self.bias.data
"""
FAULTS = [
    ("00_start_here", SCALED.format(name="derivative")),
    ("06_add_up_the_paths", SCALED.format(name="jacobian")),
    ("09_stack_the_blocks", NO_BIAS),
]


@pytest.mark.parametrize(("lesson", "fault"), FAULTS, ids=lambda value: value[:2])
def test_a_planted_fault_is_caught(lesson, fault, tmp_path):
    (tmp_path / STARTUP).write_text(fault)
    shutil.copy(NOTEBOOKS / f"{lesson}.ipynb", tmp_path)
    command = [sys.executable, "-m", "pytest", "-rf", "--tb=no", "--rootdir=."]
    command += ["--nbval", "--nbval-current-env", "--nbval-sanitize-with", SANITIZE]
    done = subprocess.run(
        [*command, f"{lesson}.ipynb"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    failed = re.findall(r"^FAILED .*::Cell \d+", done.stdout, re.MULTILINE)
    passed = re.search(r"(\d+) passed", done.stdout)
    # Some cells fail, and not all: the fault is seen, the notebook still runs.
    assert failed, done.stdout
    assert passed, done.stdout
