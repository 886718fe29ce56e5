"""Bets are bets: what a reader is asked is not answered where it is asked.

The figures that ask by themselves are in test_every_figure.py.
"""

import re

import pytest
import rerun
from nbformat.v4 import new_code_cell, new_notebook
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


FOLDED = {
    "x = 2\nprint(x < 3)": ("True", "<pre>True</pre>"),
    "print('one')\n'two'": (
        "one\n'two'",
        "<pre>one</pre><pre>&#x27;two&#x27;</pre>",
    ),
    "from IPython.display import HTML\nHTML('<b>5</b>')": ("<", "<b>5</b>"),
}


@pytest.mark.slow
def test_a_fold_keeps_what_its_cell_shows_and_hides_no_error(tmp_path):
    sources = ["from chainrule_lessons.exercises import check"]
    sources += [f"%%fold Look & see\n{code}" for code in [*FOLDED, "1 / 0"]]
    notebook = new_notebook(cells=[new_code_cell(source) for source in sources])
    with pytest.raises(rerun.RerunError, match="cell 5: .* because the cell failed"):
        rerun.run(notebook, tmp_path / "folds.ipynb")
    for cell, (text, html) in zip(notebook.cells[1:-1], FOLDED.values(), strict=True):
        (output,) = cell.outputs
        assert output.data["text/plain"].startswith(text)
        summary = "<summary>Look &amp; see: click to open</summary>"
        assert output.data["text/html"] == f"<details>{summary}{html}</details>"
