"""How soon a moved slider is seen, and how many pictures a second a drag shows.

Five ways to the same moving picture, in one JupyterLab and one Chromium, in turns;
then every slider of every ready-made figure. A key is pressed now and then, and the
pointer drags as a mouse does, 125 moves a second whether or not the page keeps up.
What is on screen is read off the picture itself, so an old one never counts, and a
time ends when the frame with the new picture is ready for the screen.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
import numpy as np
from hand import MOVES_A_SECOND, Log, a_second, drag, press, take_log, watch
from nbformat.v4 import new_code_cell, new_notebook
from peers import LOW, NUMBERS, PEERS, PLACES, STEP
from playwright.sync_api import sync_playwright
from timing import interleaved, median_and_quartiles, print_table

from chainrule_lessons import explorers
from chainrule_lessons.live import LiveFigure

sys.path.insert(0, str(Path(__file__).parents[1] / "browser"))
from conftest import find_chromium, launch
from lab import LabServer, free_port, run_all, wait_for_kernel

ROUNDS = 3
GOAL_WAIT, GOAL_RATE, GOAL_FIRST, GOAL_TRACK = 16.7, 50, 100, 25
KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
RUN = """async ([number, source]) => {
    const notebook = jupyterapp.shell.currentWidget.content;
    notebook.activeCellIndex = number;
    notebook.activeCell.model.sharedModel.setSource(source);
    await jupyterapp.commands.execute("notebook:run-cell");
    return notebook.activeCell.model.sharedModel.toJSON().outputs;
}"""


class Bench(NamedTuple):
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
        page = self.browser.new_page(viewport={"width": 1280, "height": 1400})
        page.goto(self.server.address(file.name))
        wait_for_kernel(page)
        run_all(page)
        return page


@contextmanager
def bench() -> Iterator[Bench]:
    """Start JupyterLab and the browser, and end both."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server, port = LabServer(Path(folder)), free_port()
        option = f"--remote-debugging-port={port}"
        try:
            server.start()
            browser = launch(playwright, find_chromium(playwright), option)
            yield Bench(server, browser, port)
            browser.close()
        finally:
            server.stop()


# Five ways, side by side


class Turn(NamedTuple):
    """What one system showed in one turn: keys pressed, then a drag."""

    pressed: Log
    dragged: Log


def turn(lab: Bench, page: Any, name: str, rng: np.random.Generator) -> Turn:
    """Press keys, see that the numbers are right, and drag."""
    peer = PEERS[name]
    page.bring_to_front()
    watch(page, peer.asked, peer.seen)
    page.locator(peer.handle).first.focus()
    press(page, 2 * (["ArrowRight"] * 5 + ["ArrowLeft"] * 5), rng)
    pressed = take_log(page)
    check_numbers(page, name, pressed.asked[-1][0])
    watch(page, peer.asked, peer.seen)
    drag(page, lab.port, peer.handle, page.evaluate(peer.asked), PLACES)
    return Turn(pressed, take_log(page))


def check_numbers(page: Any, name: str, place: int) -> None:
    """Compare what the marks hold in the kernel with the curve and its tangent."""
    outputs = page.evaluate(RUN, [1, "print([float(y) for y in shown()])"])
    held = json.loads(outputs[0]["text"])
    weight = LOW + place * STEP
    answer = 1 / (1 + np.exp(-2 * weight))
    height, slope = (20 * answer - 10) ** 2, 40 * (20 * answer - 10) * 2 * answer
    slope *= 1 - answer
    wanted = [height, height - slope, height + slope]
    np.testing.assert_allclose(held, wanted, rtol=1e-9, err_msg=name)


def compare(lab: Bench) -> None:
    """Print the first table."""
    rng = np.random.default_rng(0)
    pages = {name: lab.open(NUMBERS + peer.source) for name, peer in PEERS.items()}
    turns: dict[str, list[Turn]] = {name: [] for name in PEERS}
    for _ in range(ROUNDS):
        for name in rng.permutation(list(PEERS)):
            turns[name].append(turn(lab, pages[name], name, rng))
    for page in pages.values():
        page.close()
    lab.server.stop_kernels()
    print_table(
        [
            "",
            "ms from key to picture",
            "p95",
            "moves seen",
            "pictures a second, dragging",
            "frames a second",
            "ms to the last picture",
        ],
        [row(name, its) for name, its in turns.items()],
    )


def row(name: str, turns: list[Turn]) -> list[str]:
    """Write one system's figures."""
    waits = [wait for turn in turns for wait in turn.pressed.waits()]
    moves = sum(len(turn.pressed.asked) for turn in turns)
    rates = [turn.dragged.pictures_a_second() for turn in turns]
    frames = [a_second(turn.dragged.frames) for turn in turns]
    stale = [turn.dragged.staleness() for turn in turns]
    return [
        name,
        median_and_quartiles(waits, ".1f"),
        f"{np.percentile(waits, 95):.1f}",
        f"{len(waits)} of {moves}",
        median_and_quartiles(rates, ".1f"),
        f"{np.median(frames):.1f}",
        f"{np.median(stale):.0f}",
    ]


def main() -> None:
    """Print both tables."""
    with bench() as lab:
        compare(lab)


if __name__ == "__main__":
    main()
