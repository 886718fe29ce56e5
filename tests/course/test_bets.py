"""Bets are bets: what a reader is asked is not answered where it is asked.

The figures that ask by themselves are in test_every_figure.py.
"""

import re

import nbformat
import pytest
import rerun
from nbformat.v4 import new_code_cell
from reading import LESSONS, cells, texts


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_what_is_stored_under_a_bet_is_its_start_alone(path):
    for cell in cells(path):
        asks = re.search(r"\bpredict=(?!None)", "".join(cell["source"]))
        if asks and cell["cell_type"] == "code":
            for text in texts(cell):
                assert len(text.strip().splitlines()) == 1, text


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_what_is_bet_on_is_folded_by_its_cell(path):
    """JupyterLab unfolds an output that is only stored as hidden when it runs."""
    for cell in cells(path):
        assert not cell["metadata"].get("jupyter", {}).get("outputs_hidden")
        title = re.match(r"%%fold (.*)", "".join(cell["source"]))
        if title and cell["cell_type"] == "code":
            assert not re.search(r"(?<![A-Za-z])\d", title[1])
            (output,) = cell["outputs"]
            assert "".join(output["data"]["text/html"]).startswith("<details>")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "text", "html"),
    [
        ("x = 2\nprint(x < 3)", "True", "<pre>True</pre>"),
        (
            "print('one')\n'two'",
            "one\n'two'",
            "<pre>one</pre><pre>&#x27;two&#x27;</pre>",
        ),
        ("from IPython.display import HTML\nHTML('<b>5</b>')", "<", "<b>5</b>"),
    ],
)
def test_a_fold_keeps_what_its_cell_shows(stored, code, text, html):
    notebook = nbformat.read(stored, as_version=4)
    magic = "from chainrule_lessons.exercises import check"
    folded = f"%%fold Look & see\n{code}"
    notebook.cells = [
        new_code_cell(source, id=f"cell-{n}")
        for n, source in enumerate((magic, folded))
    ]
    nbformat.write(notebook, stored)
    rerun.rerun(stored)
    (output,) = nbformat.read(stored, as_version=4).cells[1].outputs
    assert output.data["text/plain"].startswith(text)
    summary = "<summary>Look &amp; see: click to open</summary>"
    assert output.data["text/html"] == f"<details>{summary}{html}</details>"


@pytest.mark.slow
def test_a_fold_hides_no_error(stored):
    notebook = nbformat.read(stored, as_version=4)
    source = "from chainrule_lessons.exercises import check\n"
    notebook.cells = [
        new_code_cell(source, id="cell-0"),
        new_code_cell("%%fold Look\n1 / 0", id="cell-1"),
    ]
    nbformat.write(notebook, stored)
    with pytest.raises(rerun.RerunError, match="because the cell failed"):
        rerun.rerun(stored)
