"""Running a notebook again gives one form, leaves nothing behind, and says what failed."""

import json

import nbformat
import pytest
import rerun
from nbformat.v4 import new_code_cell, new_notebook
from rules import RULES

pytestmark = pytest.mark.slow


def add(path, source):
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(new_code_cell(source, id="added"))
    nbformat.write(notebook, path)


def test_result_keeps_to_every_rule(stored):
    assert rerun.rerun(stored)
    notebook = nbformat.read(stored, as_version=4)
    for rule in RULES:
        assert list(rule(notebook, stored)) == []
    assert stored.read_text().endswith("\n}\n")


def test_second_run_changes_nothing(stored):
    notebook = nbformat.read(stored, as_version=4)
    del notebook.cells[-1]  # the picture with new pixels every time
    nbformat.write(notebook, stored)
    rerun.rerun(stored)
    first = stored.read_bytes()
    assert not rerun.rerun(stored)
    assert stored.read_bytes() == first


SOURCES = {
    "bar": "import tqdm, ipywidgets\nlist(tqdm.tqdm([1, 2]))\nipywidgets.IntSlider()",
    "stderr": "import sys\nprint('careful', file=sys.stderr)",
    "pieces": "import time\nprint(1, flush=True)\ntime.sleep(0.3)\nprint(2)",
    "error": "import json\njson.loads('')",
}


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """Run all of SOURCES in one kernel and read what is stored."""
    path = tmp_path_factory.mktemp("ran") / "01_ran.ipynb"
    cells = [new_code_cell(source, id=name) for name, source in SOURCES.items()]
    times = {"shell.execute_reply": "2026"}
    cells[0].metadata = {"execution": times, "tags": ["kept"]}
    cells[-1].metadata = {"tags": ["raises-exception"]}
    nbformat.write(new_notebook(cells=cells), path)
    rerun.rerun(path)
    return nbformat.read(path, as_version=4)


@pytest.fixture
def cell(ran):
    return {cell.id: cell for cell in ran.cells}


def test_leaves_nothing_behind(ran, cell):
    assert cell["bar"].metadata == {"tags": ["kept"]}
    (output,) = cell["bar"].outputs
    assert output.data == {"text/plain": "IntSlider(value=0)"}
    assert "widgets" not in ran.metadata


def test_keeps_other_text_on_stderr(cell):
    assert cell["stderr"].outputs[0].text == "careful\n"


def test_joins_what_one_cell_prints(cell):
    (output,) = cell["pieces"].outputs
    assert output.text == "1\n2\n"


def test_expected_error_keeps_no_path(cell):
    (output,) = cell["error"].outputs
    (line,) = output.traceback
    assert line == "JSONDecodeError: Expecting value: line 1 column 1 (char 0)"


def test_failing_notebook_is_named_and_left_alone(stored, capsys):
    add(stored, "1 / 0")
    before = stored.read_bytes()
    assert rerun.main([str(stored)]) == 1
    assert stored.read_bytes() == before
    assert capsys.readouterr().err == (
        f"{stored}, cell 6: ZeroDivisionError: division by zero\n"
        "01_small.ipynb is left as it was.\n"
    )


def test_cell_that_never_ends_is_named(stored, monkeypatch):
    monkeypatch.setattr(rerun, "SECONDS_A_CELL", 1)
    add(stored, "import time\ntime.sleep(60)")
    with pytest.raises(rerun.RerunError, match=r"cell 6: .* timed out"):
        rerun.rerun(stored)


def test_broken_file_is_named(tmp_path):
    path = tmp_path / "broken.ipynb"
    path.write_text("{")
    with pytest.raises(rerun.RerunError, match=r"broken\.ipynb is no notebook"):
        rerun.rerun(path)


def test_unknown_name(capsys):
    assert rerun.main(["99_nothing"]) == 1
    message = "no notebook is called '99_nothing', and none begins so\n"
    assert capsys.readouterr().err == message


def test_names_are_beginnings(tmp_path, monkeypatch):
    monkeypatch.setattr(rerun, "NOTEBOOKS", tmp_path)
    for name in ["01_a.ipynb", "02_b.ipynb"]:
        (tmp_path / name).touch()
    assert [path.name for path in rerun.find([])] == ["01_a.ipynb", "02_b.ipynb"]
    assert [path.name for path in rerun.find(["02"])] == ["02_b.ipynb"]
    assert [path.name for path in rerun.find(["01_a.ipynb"])] == ["01_a.ipynb"]


def test_ids_are_kept_and_made_unique(notebook):
    cells = json.loads(nbformat.writes(notebook))
    for cell, ident in zip(cells["cells"], ["kept", "twice", "twice"], strict=False):
        cell["id"] = ident
    del cells["cells"][3]["id"]
    text = json.dumps(cells)
    ids = [cell.id for cell in rerun.load(text).cells]
    assert ids[:2] == ["kept", "twice"]
    assert len(set(ids)) == len(ids)
    assert ids == [cell.id for cell in rerun.load(text).cells]
