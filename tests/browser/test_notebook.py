"""A live figure in Notebook 7, which has shortcuts and pages of its own."""

import nbformat
import pytest
from lab import RUN_ALL
from nbformat.v4 import new_code_cell, new_notebook

FIGURE = """
from chainrule_lessons.live import LiveFigure, Pen, Slider
from chainrule_lessons.plotting import subplots

figure, axes = subplots()
pen = Pen(axes)


def update(k):
    pen.dot(k, 0)
    return f"At {k}."


LiveFigure(figure, update, k=Slider(0, 9, value=5))
"""
# Its indicator says "idle" before there is a kernel, and what is run then is lost.
READY = """() => {
    const kernel = window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel;
    return kernel?.connectionStatus === "connected" && kernel.status === "idle";
}"""
SELECTED = "document.querySelector('.jp-mod-selected').matches('.jp-Cell:first-child')"


@pytest.fixture
def page(browser, server):
    """Open a notebook of two cells, whose first has shown a live figure."""
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    cells = [new_code_cell(FIGURE), new_code_cell("1 + 1")]
    nbformat.write(
        new_notebook(cells=cells, metadata=metadata), server.files / "seven.ipynb"
    )
    page = browser.new_page()
    page.goto(server.address("seven.ipynb", app="notebooks"))
    page.wait_for_function(READY)
    assert page.evaluate(RUN_ALL, 60)
    page.wait_for_selector(".crl-live canvas[data-values]")
    yield page
    page.close()
    server.stop_kernels()


def test_arrows_move_the_slider_and_not_the_selection(page):
    page.locator(".jp-Notebook").press("ArrowUp")
    slider = page.locator(".crl-live input[type=range]")
    slider.focus()
    for key, shown in [("ArrowDown", 4), ("j", 4), ("ArrowRight", 5), ("End", 9)]:
        page.keyboard.press(key)
        page.wait_for_selector(f".crl-live canvas[data-values='{{\"k\":{shown}}}']")
        assert page.evaluate(SELECTED)
    assert slider.evaluate("slider => slider === document.activeElement")
    # Where the figure does not hold the focus, the same key selects the next cell.
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowDown")
    assert not page.evaluate(SELECTED)
