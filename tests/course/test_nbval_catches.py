"""A strict nbval run compares every number, those in captions included.

Pixels are not compared, and a stripped notebook passes: see test_rules.py for that.
"""

import re

import nbformat
import pytest
import rerun
import strict
from nbformat.v4 import new_code_cell
from rules import code_cells

pytestmark = pytest.mark.slow

# In which code cell which output is changed, and how.
CHANGES = [
    (1, "text", "loss 0.2500", "loss 0.2501"),
    (2, "text/plain", "Loss 0.25 at", "Loss 0.26 at"),
    (3, "text/html", 'alt="Loss 0.25 at', 'alt="Loss 0.26 at'),
    (4, "text/html", "<figcaption>Loss 0.25 at", "<figcaption>Loss 0.26 at"),
]


def test_one_changed_number_fails(notebook, stored):
    picture = notebook.cells[-1].source
    notebook.cells += [new_code_cell(picture, id=f"again-{n}") for n in range(3)]
    nbformat.write(notebook, stored)
    rerun.rerun(stored)
    notebook = nbformat.read(stored, as_version=4)
    for number, key, old, new in CHANGES:
        (output,) = code_cells(notebook)[number].outputs
        said = output if key == "text" else output.data
        assert said[key].count(old) == 1
        said[key] = said[key].replace(old, new)
    nbformat.write(notebook, stored)
    told = strict.run(stored)
    failed = re.findall(r"^FAILED .*::Cell (\d)", told, re.MULTILINE)
    assert failed == ["1", "2", "3", "4"], told
    assert "4 failed, 2 passed" in told
