"""A small notebook that does everything a lesson does; and the end of all figures."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from reading import close_all

from chainrule_lessons import markdown

# A picture whose pixels differ on every run: only its caption may be compared.
PICTURE = """\
class Picture:
    caption = "Loss 0.25 at w = 0.5 & falling"

    def _repr_mimebundle_(self, **_):
        png = base64.b64encode(os.urandom(300)).decode()
        text = html.escape(self.caption)
        image = f'<img alt="{text}" src="data:image/png;base64,{png}">'
        page = f"<figure>{image}<figcaption>{text}</figcaption></figure>"
        return {"text/plain": self.caption, "text/html": page}


Picture()"""


@pytest.fixture(autouse=True, scope="module")
def figures_of_one_file():
    yield
    close_all()


@pytest.fixture
def notebook():
    """Give a notebook that keeps to every rule, but for its outputs."""
    cells = [
        new_markdown_cell(
            "# Measure one loss\n\nBack to [this page](01_small.ipynb#x)."
        ),
        new_markdown_cell("5 minutes. Ask: which way is down?"),
        new_code_cell("import base64, html, os"),
        new_code_cell('print(f"loss {0.5**2:.4f}")'),
        new_code_cell(PICTURE),
    ]
    kinds = ["slide", "notes", "skip", "fragment", "-"]
    for index, (cell, kind) in enumerate(zip(cells, kinds, strict=True)):
        cell.metadata["slideshow"] = {"slide_type": kind}
        cell.id = f"cell-{index}"
    return new_notebook(cells=cells)


@pytest.fixture
def stored(notebook, tmp_path):
    """Write the notebook to a file of its own and give the path."""
    path = tmp_path / "01_small.ipynb"
    nbformat.write(notebook, path)
    return path


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Give an empty folder in place of the lessons' Markdown files."""
    monkeypatch.setattr(markdown, "FOLDER", tmp_path)
    markdown.sections.cache_clear()
    yield tmp_path
    markdown.sections.cache_clear()
