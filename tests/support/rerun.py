"""Run notebooks again, top to bottom, and store what they print.

The notebooks are the source of truth: this fills in their outputs and brings the
rest of the file into one form, so that a second run changes nothing.

    python tests/support/rerun.py            every notebook of the course
    python tests/support/rerun.py 01 07      those whose names begin so
    python tests/support/rerun.py a/b.ipynb  this file
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import (
    CellExecutionError,
    CellTimeoutError,
    DeadKernelError,
)

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
SECONDS_A_CELL = 120
METADATA = {
    "kernelspec": {
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "name": "python3",
    },
    # What JupyterLab writes when it opens a notebook, but the version: see `saving`.
    "language_info": {
        "codemirror_mode": {"name": "ipython", "version": 3},
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "nbconvert_exporter": "python",
        "pygments_lexer": "ipython3",
    },
}
FOLDED = "jp-MarkdownHeadingCollapsed"
KEPT_CELL_METADATA = {"slideshow", "tags", "jupyter", "editable", "deletable", FOLDED}
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


class RerunError(Exception):
    """A notebook that cannot be found, read, or run to its end."""


def find(names: Iterable[str]) -> list[Path]:
    """Give the notebooks that `names` mean: paths, or beginnings of a lesson's name."""
    names = list(names)
    if not names:
        return sorted(NOTEBOOKS.glob("*.ipynb"))
    return [path for name in names for path in _matches(name)]


def _matches(name: str) -> list[Path]:
    if Path(name).is_file():
        return [Path(name)]
    stem = name.removesuffix(".ipynb")
    found = sorted(NOTEBOOKS.glob(f"{stem}*.ipynb"))
    if not found:
        raise RerunError(f"no notebook is called {name!r}, and none begins so")
    return found


def load(text: str) -> nbformat.NotebookNode:
    """Read a notebook and give every cell an id of its own, the same each time."""
    notebook = json.loads(text)
    notebook.update(nbformat=4, nbformat_minor=5)
    seen: set[str] = set()
    for index, cell in enumerate(notebook["cells"]):
        if cell.get("id") in {None, *seen}:
            digest = hashlib.sha256(f"{index} {cell['source']}".encode())
            cell["id"] = digest.hexdigest()[:8]
        seen.add(cell["id"])
    return nbformat.reads(json.dumps(notebook), as_version=4)


def run(notebook: nbformat.NotebookNode, path: Path) -> None:
    """Execute every cell in a fresh kernel that starts in the notebook's folder."""
    client = NotebookClient(
        notebook,
        timeout=SECONDS_A_CELL,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
        store_widget_state=False,
        record_timing=False,
    )
    with client.setup_kernel(stderr=subprocess.DEVNULL):
        for index, cell in enumerate(notebook.cells):
            try:
                client.execute_cell(cell, index)
            except CellExecutionError as error:
                reason = f"{error.ename}: {error.evalue}"
                raise RerunError(f"{path}, cell {index + 1}: {reason}") from None
            except (CellTimeoutError, DeadKernelError) as error:
                reason = str(error).splitlines()[0]
                raise RerunError(f"{path}, cell {index + 1}: {reason}") from None


def normalise(notebook: nbformat.NotebookNode) -> None:
    """Drop what differs from run to run and what no reader sees."""
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict(
            {k: v for k, v in cell.metadata.items() if k in KEPT_CELL_METADATA}
        )
        if "outputs_hidden" in cell.metadata.get("jupyter", {}):  # Lab writes both
            cell.metadata["collapsed"] = cell.metadata["jupyter"]["outputs_hidden"]
        if cell.cell_type == "code":
            cell.outputs = list(_outputs(cell.outputs))


def _outputs(outputs: Iterable[Any]) -> Iterator[Any]:
    for output in _merged(outputs):
        if _is_progress_bar(output):
            continue
        if output.output_type == "error":  # the frames hold paths of this machine
            output.traceback = [f"{output.ename}: {output.evalue}"]
        if "data" in output:
            output.data.pop(WIDGET_VIEW, None)
        yield output


def _merged(outputs: Iterable[Any]) -> list[Any]:
    # One print may come in several pieces, cut elsewhere on each run.
    merged: list[Any] = []
    for output in outputs:
        if merged and _stream(output) and _stream(merged[-1]) == _stream(output):
            merged[-1].text += output.text
        else:
            merged.append(output)
    return merged


def _stream(output: Any) -> str | None:
    return output.name if output.output_type == "stream" else None


def _is_progress_bar(output: Any) -> bool:
    # Any other text on stderr stays, for the tests to complain about.
    return _stream(output) == "stderr" and "\r" in output.text


def rerun(path: Path) -> bool:
    """Run one notebook; write it if it changed, and say whether it did.

    A notebook that fails is left as it was.
    """
    before = path.read_text(encoding="utf-8")
    try:
        notebook = load(before)
    except (ValueError, KeyError, TypeError) as error:
        raise RerunError(f"{path} is no notebook: {error}") from None
    run(notebook, path)
    normalise(notebook)
    nbformat.validate(notebook)
    after = nbformat.writes(notebook).rstrip("\n") + "\n"
    if after != before:
        path.write_text(after, encoding="utf-8")
    return after != before


def main(names: list[str]) -> int:
    """Run the notebooks that `names` mean; give 1 if any of them failed."""
    failed = False
    try:
        paths = find(names)
    except RerunError as error:
        print(error, file=sys.stderr)
        return 1
    for path in paths:
        try:
            print(f"{path.name}: {'stored' if rerun(path) else 'unchanged'}")
        except RerunError as error:
            failed = True
            print(f"{error}\n{path.name} is left as it was.", file=sys.stderr)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
