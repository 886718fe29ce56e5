"""Bets are bets: what a reader is asked is not answered where it is asked.

The figures that ask by themselves are in test_every_figure.py.
"""

import inspect
import re
import textwrap
from pathlib import Path

import pytest
import rerun
from nbformat.v4 import new_code_cell, new_notebook
from reading import LESSONS, cells, texts

from chainrule_lessons import explorers, markdown
from chainrule_lessons.exercises import hint
from chainrule_lessons.markdown import bet, sections

BET = textwrap.dedent(re.search(r"::\n\n(.*?)\n\n(?=\S)", markdown.__doc__, re.S)[1])
GUIDE = (Path(__file__).parents[2] / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_a_bet_is_read_as_a_figure_takes_it(folder):
    (example,) = re.findall(r"```markdown\n(## parabola\n.*?)```", GUIDE, re.DOTALL)
    number = "## ten\nBet: How\n  many?\n\nAnswer: `2**10` Ten\n  factors."
    (folder / "a.md").write_text(f"{BET}\n{number}\n\n{example}", encoding="utf-8")
    question, choices = bet("secant")
    assert question.endswith("Distance divided by time ...")
    assert list(choices) == ["shrinks to 0", "settles on one number"]
    assert choices["settles on one number"] == "So it is: it settles on 2."
    assert bet("ten") == ("How many?", 1024, "Ten factors.")
    assert len(bet("parabola")[1]) == 2


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("Bet:", "Bets:", 2, "a bet, such as Bet: Up or down?"),
        ("- `shrinks", "-`shrinks", 4, "a choice, such as - `up` It rises."),
        ("- `settles.*", "", 5, "a choice, such as - `up` It rises."),
        ("settles on.*?`", "shrinks to 0`", 5, "another choice"),
        ("$", "\nSo it is.", 6, "the end of this section"),
        ("- `shrinks to 0", "Answer: `2**", 4, "code that runs, got SyntaxError"),
    ],
)
def test_a_bet_that_does_not_fit_names_its_line(folder, old, new, line, words):
    path = folder / "a.md"
    path.write_text(re.sub(old, new, BET, count=1), encoding="utf-8")
    with pytest.raises(SyntaxError, match=f"^expected {re.escape(words)}") as caught:
        bet("secant")
    assert (caught.value.filename, caught.value.lineno) == (str(path), line)


def test_a_bet_is_no_exercise_and_an_exercise_no_bet():
    for ask, kind, name in ((bet, "bet", "01.1"), (hint, "exercise", "secant")):
        with pytest.raises(ValueError, match=f"^There is no {kind} '{name}': try "):
            ask(name)
    with pytest.raises(ValueError, match=r"'gear': try .*\bgears\b"):
        bet("gear")


@pytest.mark.parametrize("lesson", explorers.LESSONS, ids=lambda room: room.__name__)
def test_a_lesson_asks_each_bet_of_its_file(lesson):
    source, (*_, name) = inspect.getsource(lesson), lesson.__name__.split(".")
    own = [bet for bet, path in sections("bet").items() if path.stem == name]
    assert sorted(re.findall(r"\bbet\(\"(\w+)\"\)", source)) == sorted(own)
    asked = "".join("".join(cell["source"]) for path in LESSONS for cell in cells(path))
    for kept in re.findall(r"^(\w+) = bet\(", source, re.MULTILINE):
        assert f"(predict=explorers.{name}.{kept})" in asked


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
