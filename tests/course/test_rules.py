"""Every rule catches the notebook that breaks it: no rule passes everything."""

from pathlib import Path

import pytest
import rules
from nbformat.v4 import new_output


@pytest.fixture
def good(notebook, tmp_path):
    """Give the notebook with outputs as a run would store them."""
    for count, cell in enumerate(rules.code_cells(notebook), 1):
        cell.execution_count = count
    picture = {"text/plain": CAPTIONS, "text/html": HTML}
    notebook.cells[3].outputs = [new_output("stream", text="loss 0.2500\n")]
    notebook.cells[4].outputs = [new_output("display_data", picture)]
    (tmp_path / "01_small.ipynb").touch()
    return notebook


CAPTIONS = "Loss 0.25 & w\nLoss 0.5"
HTML = (
    '<img alt="Loss 0.25 &amp; w" src="data:image/png;base64,"><p>Loss 0.25 &amp; w</p>'
    '<img alt="Loss 0.5" src="data:image/png;base64,"><p>Loss 0.5</p>'
)


def strip(notebook):
    for cell in rules.code_cells(notebook):
        cell.execution_count = None
        cell.outputs = []


def skip_a_count(notebook):
    notebook.cells[4].execution_count = 7


def forget_outputs(notebook):
    for cell in rules.code_cells(notebook):
        cell.outputs = []


def keep_state(notebook):
    notebook.metadata["widgets"] = {}


def keep_version(notebook):
    notebook.metadata["language_info"] = {"name": "python", "version": "3.11.7"}


def keep_times(notebook):
    notebook.cells[3].metadata["execution"] = {"iopub.status.idle": "2026"}


def keep_view(notebook):
    notebook.cells[4].outputs[0].data[rules.WIDGET_VIEW] = {"model_id": "1"}


def warn(notebook):
    notebook.cells[3].outputs = [new_output("stream", name="stderr", text="careful")]


def lose_title(notebook):
    notebook.cells[0].source = "## Only a section\n\n```\n# a comment\n```"


def add_title(notebook):
    notebook.cells[1].source = "# Another"


def grow(notebook):
    notebook.cells[3].source = "\n".join(["x = 1"] * 16)


def empty(notebook):
    notebook.cells[3].source = ""


def read_long(notebook):
    notebook.cells[3].source = "\n\n".join(["x = 1"] * 13)


def read_magic(notebook):
    notebook.cells[3].source = "eval('1')"


def lose_number(notebook):
    notebook.cells[4].outputs[0].data["text/plain"] = "<Figure>"


def hide_caption(notebook):
    data = notebook.cells[4].outputs[0].data
    data["text/html"] = data["text/html"].replace("<p>Loss 0.5</p>", "")


def store_twice(notebook):
    notebook.cells[4].outputs[0].data["image/png"] = ""


def lose_slide_type(notebook):
    del notebook.cells[2].metadata["slideshow"]


def tell_the_class(notebook):
    notebook.cells[1].source = "**For the instructor.** Most say three."


def link_nowhere(notebook):
    notebook.cells[0].source += " [next](02_nothing.ipynb)"


def import_late(notebook):
    notebook.cells[3].source = "%matplotlib inline\nif True:\n    import math"


BREACHES = {
    strip: "executed_in_order",
    skip_a_count: "executed_in_order",
    forget_outputs: "shows_something",
    keep_state: "no_leftovers",
    keep_version: "no_leftovers",
    keep_times: "no_leftovers",
    keep_view: "no_leftovers",
    warn: "no_stderr",
    lose_title: "one_title",
    add_title: "one_title",
    grow: "short_cells",
    empty: "short_cells",
    read_long: "readable_code",
    read_magic: "readable_code",
    lose_number: "captioned_pictures",
    hide_caption: "captioned_pictures",
    store_twice: "captioned_pictures",
    lose_slide_type: "slides",
    tell_the_class: "nothing_for_instructors",
    link_nowhere: "links_resolve",
    import_late: "imports_once",
}


def broken_rules(notebook, path):
    return {rule.__name__ for rule in rules.RULES if list(rule(notebook, path))}


def test_good_notebook_breaks_none(good, tmp_path):
    assert broken_rules(good, tmp_path / "01_small.ipynb") == set()


@pytest.mark.parametrize("breach", BREACHES, ids=lambda breach: breach.__name__)
def test_breach_is_caught(breach, good, tmp_path):
    breach(good)
    assert BREACHES[breach] in broken_rules(good, tmp_path / "01_small.ipynb")


def test_every_rule_has_a_breach():
    assert set(BREACHES.values()) == {rule.__name__ for rule in rules.RULES}


def test_the_page_for_teachers_may_speak_to_them(good):
    tell_the_class(good)
    assert not list(rules.nothing_for_instructors(good, Path("T_teach.ipynb")))
