"""The notebooks as committed keep to every rule."""

from functools import cache
from pathlib import Path

import nbformat
import pytest
from rerun import NOTEBOOKS, find
from rules import RULES

read = cache(nbformat.read)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("path", find([]), ids=lambda path: path.name)
def test_notebook_keeps_to(rule, path):
    assert list(rule(read(path, as_version=4), path)) == []


@pytest.mark.parametrize("path", find([]), ids=lambda path: path.name)
def test_notebook_is_valid_and_in_its_one_form(path):
    text = path.read_text(encoding="utf-8")
    notebook = nbformat.reads(text, as_version=4)
    nbformat.validate(notebook)
    assert text == nbformat.writes(notebook).rstrip("\n") + "\n", (
        f"run `make notebooks NAMES={path.stem}`"
    )


def test_the_course_is_where_the_tests_look():
    assert Path(__file__).resolve().parents[2] / "notebooks" == NOTEBOOKS
