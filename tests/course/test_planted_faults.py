"""A fault in the package turns lessons red: their numbers come from it."""

import re

import nbformat
import pytest
import strict
from rerun import NOTEBOOKS

pytestmark = pytest.mark.slow
FIGURE = re.compile(r"explorers\.\w+\(.*\)")  # cells that show one and say no more

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
    notebook = nbformat.read(NOTEBOOKS / f"{lesson}.ipynb", as_version=4)
    notebook.cells = [c for c in notebook.cells if not FIGURE.fullmatch(c.source)]
    nbformat.write(notebook, tmp_path / "lesson.ipynb")
    told = strict.run(tmp_path / "lesson.ipynb")
    # Some cells fail, and not all: the fault is seen, the notebook still runs.
    assert re.search(r"^FAILED .*::Cell \d+", told, re.MULTILINE), told
    assert re.search(r"(\d+) passed", told), told
