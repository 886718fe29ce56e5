"""What every committed notebook keeps to, one function a rule.

Each takes a notebook and its path and yields a sentence for every breach.
"""

from __future__ import annotations

import ast
import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from IPython.core.inputtransformer2 import TransformerManager

LONGEST_CELL = 15
LONGEST_READ = 12  # lines of code in a cell that is not folded
UNTAUGHT = re.compile(r"\b(?:eval|exec|vars|getattr|setattr|inspect|ast)\b|\[\*|:[<>^]")
SLIDE_TYPES = {"slide", "subslide", "fragment", "notes", "skip", "-"}
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"

Problems = Iterator[str]


def code_cells(notebook: Any) -> list[Any]:
    """Give the cells that a kernel runs."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def prose(notebook: Any) -> str:
    """Give all text, without the code blocks inside it."""
    text = "\n\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    return re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)


def outputs(notebook: Any) -> Iterator[tuple[int, Any]]:
    """Give each stored output with the number of its code cell, from 1."""
    for number, cell in enumerate(code_cells(notebook), 1):
        for output in cell.outputs:
            yield number, output


def executed_in_order(notebook: Any, path: Path) -> Problems:
    counts = [cell.execution_count for cell in code_cells(notebook)]
    if counts != list(range(1, len(counts) + 1)):
        yield f"its cells must be executed 1 to {len(counts)}, found {counts}"


def shows_something(notebook: Any, path: Path) -> Problems:
    if code_cells(notebook) and not list(outputs(notebook)):
        yield "it has code and no stored output"


def no_leftovers(notebook: Any, path: Path) -> Problems:
    if "widgets" in notebook.metadata:
        yield "it holds widget state"
    if "version" in notebook.metadata.get("language_info", {}):
        yield "it holds the Python version of whoever ran it"
    for number, cell in enumerate(notebook.cells, 1):
        if "execution" in cell.metadata:
            yield f"cell {number} holds execution times"
    for number, output in outputs(notebook):
        if WIDGET_VIEW in output.get("data", {}):
            yield f"code cell {number} holds a widget view without its state"


def no_stderr(notebook: Any, path: Path) -> Problems:
    for number, output in outputs(notebook):
        if output.get("name") == "stderr":
            yield f"code cell {number} wrote to stderr: {output.text[:80]!r}"


def one_title(notebook: Any, path: Path) -> Problems:
    titles = re.findall(r"^# .+", prose(notebook), flags=re.MULTILINE)
    if len(titles) != 1:
        yield f"it must have exactly one title, found {titles}"


def short_cells(notebook: Any, path: Path) -> Problems:
    for number, cell in enumerate(code_cells(notebook), 1):
        lines = len(cell.source.splitlines())
        if not 1 <= lines <= LONGEST_CELL:
            yield f"code cell {number} has {lines} lines, not 1 to {LONGEST_CELL}"


def readable_code(notebook: Any, path: Path) -> Problems:
    """What a learner is to read is short, and A teaches all that it needs."""
    for number, cell in enumerate(code_cells(notebook)[1:], 2):
        if cell.metadata.get("jupyter", {}).get("source_hidden"):
            continue
        lines = [line for line in cell.source.splitlines() if line.strip()]
        if len(lines) > LONGEST_READ:
            yield f"code cell {number} has {len(lines)} lines to read: fold or cut it"
        if found := UNTAUGHT.search(cell.source):
            yield f"code cell {number} uses {found[0]!r}, which no lesson teaches"


def captioned_pictures(notebook: Any, path: Path) -> Problems:
    for number, output in outputs(notebook):
        data = output.get("data", {})
        markup = data.get("text/html", "")
        if "image/png" in data:
            yield f"code cell {number} stores a picture as image/png, without a caption"
        if "data:image/png" not in markup:
            continue
        shown = html.unescape(markup)
        for caption in data.get("text/plain", "").splitlines() or [""]:
            if not re.search(r"\d", caption):
                yield f"code cell {number}: no number in the caption {caption!r}"
            elif f">{caption}<" not in shown:
                yield f"code cell {number}: the page does not show {caption!r}"


def slides(notebook: Any, path: Path) -> Problems:
    for number, cell in enumerate(notebook.cells, 1):
        kind = cell.metadata.get("slideshow", {}).get("slide_type")
        if kind not in SLIDE_TYPES:
            yield f"cell {number} has slide type {kind!r}"


def nothing_for_instructors(notebook: Any, path: Path) -> Problems:
    """What to ask a class gives away what a learner is asked."""
    for number, cell in enumerate(notebook.cells, 1):
        if not path.name.startswith("T_") and "or the instructor" in cell.source:
            yield f"cell {number} is a note for instructors: it belongs to T"


def links_resolve(notebook: Any, path: Path) -> Problems:
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(notebook)):
        file = target.split("#")[0]
        if file and ":" not in file and not (path.parent / file).exists():
            yield f"it links to {target}, which does not exist"


def imports_once(notebook: Any, path: Path) -> Problems:
    plain = TransformerManager().transform_cell
    importing = [
        number
        for number, cell in enumerate(code_cells(notebook), 1)
        if any(
            isinstance(node, ast.Import | ast.ImportFrom)
            for node in ast.walk(ast.parse(plain(cell.source)))
        )
    ]
    if len(importing) > 1:
        yield f"only the setup cell may import, and code cells {importing} do"


RULES = [
    executed_in_order,
    shows_something,
    no_leftovers,
    no_stderr,
    one_title,
    short_cells,
    readable_code,
    captioned_pictures,
    slides,
    nothing_for_instructors,
    links_resolve,
    imports_once,
]
