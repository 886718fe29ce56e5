"""A JupyterLab and a browser to measure in, and notebooks that open there."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
from lab import (
    LabServer,
    find_chromium,
    free_port,
    launch,
    run_all,
    wait_for_kernel,
)

KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
RUN = """async ([number, source]) => {
    const notebook = jupyterapp.shell.currentWidget.content;
    notebook.activeCellIndex = number;
    notebook.activeCell.model.sharedModel.setSource(source);
    await jupyterapp.commands.execute("notebook:run-cell");
    return notebook.activeCell.model.sharedModel.toJSON().outputs;
}"""


class Desk(NamedTuple):
    """A JupyterLab, a browser, and the port through which the browser is driven."""

    server: LabServer
    browser: Any
    port: int

    def open(self, source: str) -> Any:
        """Open a notebook that runs `source`, and has an empty cell below it."""
        file = self.server.files / f"{abs(hash(source))}.ipynb"
        cells = [new_code_cell(source), new_code_cell("")]
        cells[0].metadata["jupyter"] = {"source_hidden": True}
        nbformat.write(new_notebook(cells=cells, metadata=KERNEL), file)
        page = self.visit(file)
        run_all(page)
        return page

    def visit(self, file: Path) -> Any:
        """Open a notebook of the server's folder, and wait for its kernel."""
        page = self.browser.new_page(viewport={"width": 1280, "height": 1400})
        page.goto(self.server.address(file.name))
        wait_for_kernel(page)
        return page


@contextmanager
def at_desk() -> Iterator[Desk]:
    """Start JupyterLab and the browser, and end both."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server, port = LabServer(Path(folder)), free_port()
        option = f"--remote-debugging-port={port}"
        try:
            server.start()
            browser = launch(playwright, find_chromium(playwright), option)
            yield Desk(server, browser, port)
            browser.close()
        finally:
            server.stop()


def run(page: Any, source: str) -> str:
    """Run `source` in the second cell, and give what it printed."""
    outputs = page.evaluate(RUN, [1, source])
    return "".join(output.get("text", "") for output in outputs)
