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
RANGE = ".crl-live input[type=range]"
GOALS = [  # what, how written, which field, where the worst is, the goal
    ("ms from move to picture, dragging", ".1f", "wait", np.argmax, 16.7),
    ("pictures a second, dragging", ".1f", "rate", np.argmin, 50),
    ("ms to the first picture after another slider moved", ".0f", "first", np.argmax, 100),
    ("ms to record 101 places, beside `update`", ".1f", "track", np.argmax, 25),
]
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


# Every slider of every ready-made figure


class Moved(NamedTuple):
    """What was measured at one slider, in milliseconds and pictures a second."""

    name: str
    places: int
    wait: float
    rate: float
    first: float
    track: float


def live_figures() -> dict[str, LiveFigure]:
    """Make each ready-made live figure here too, to know its sliders."""
    made = {name: getattr(explorers, name)() for name in explorers.__all__}
    return {name: live for name, live in made.items() if isinstance(live, LiveFigure)}


def every_slider(lab: Bench) -> None:
    """Print the second table, and name what misses a goal."""
    rng = np.random.default_rng(0)
    page = lab.open("import chainrule_lessons.explorers as explorers")
    lives, moved = live_figures(), []
    for name, live in lives.items():
        page.evaluate(RUN, [1, f"explorers.{name}()"])
        page.wait_for_selector(".crl-live canvas[data-values]")
        if live._question:
            page.locator(".crl-live fieldset button").first.click()
        for number in range(len(live._sliders)):
            moved.append(one_slider(lab, page, name, live, number, rng))
    page.close()
    summarise(lives, moved)


def one_slider(
    lab: Bench,
    page: Any,
    figure: str,
    live: LiveFigure,
    number: int,
    rng: np.random.Generator,
) -> Moved:
    """Drag one slider, then touch it again and again after another has moved."""
    name, slider = list(live._sliders.items())[number]
    reads = readers(live, number)
    page.locator(RANGE).nth(number).focus()
    page.wait_for_timeout(300)
    watch(page, *reads)
    start, places = page.evaluate(reads[0]), len(slider.places)
    drag(page, lab.port, RANGE, start, places, number=number, seconds=1.5)
    dragged = take_log(page)
    first = first_moves(page, live, number, rng)
    page.get_by_role("button", name="Reset").click()
    page.wait_for_timeout(400)
    wait, rate = np.median(dragged.ages()), dragged.pictures_a_second()
    return Moved(f"{figure}.{name}", places, wait, rate, first, track_time(live, name))


def readers(live: LiveFigure, number: int) -> tuple[str, str]:
    """Give two functions for the page: the slider's place, and the picture's."""
    control = live._controls[number]
    asked = f"() => Number(document.querySelectorAll({RANGE!r})[{number}].value)"
    seen = f"""() => {{
        const values = document.querySelector(".crl-live canvas").dataset.values;
        const place = JSON.parse(values)[{control["name"]!r}];
        return {json.dumps(control["places"])}.indexOf(place);
    }}"""
    return asked, seen


def first_moves(
    page: Any, live: LiveFigure, number: int, rng: np.random.Generator
) -> float:
    """Move another slider, and at once this one: the median wait for its picture."""
    if len(live._sliders) == 1:
        return np.nan
    waits = []
    for _ in range(3):
        step(page, live, (number + 1) % len(live._sliders))
        watch(page, *readers(live, number))
        step(page, live, number)
        waits += take_log(page).waits()[:1]
        page.wait_for_timeout(rng.uniform(400, 450))  # the other tracks follow
    return np.median(waits)


def step(page: Any, live: LiveFigure, number: int) -> None:
    """Press the key that moves a slider by a place, inwards at its end."""
    slider = page.locator(RANGE).nth(number)
    slider.focus()
    last = slider.input_value() == slider.get_attribute("max")
    page.keyboard.press("ArrowLeft" if last else "ArrowRight")


def track_time(live: LiveFigure, name: str) -> float:
    """Milliseconds to record 101 places of a slider, `update` itself left out."""
    places, values = live._sliders[name].places, live.values

    def update() -> None:
        for place in places:
            live._update(**values | {name: place})

    calls = {"record": lambda: live._record(name, values), "update": update}
    took = interleaved(calls, rounds=5, least=0.01)
    return 1000 * float(np.median(took["record"] - took["update"])) * 101 / len(places)


def summarise(lives: dict[str, LiveFigure], moved: list[Moved]) -> None:
    """Print the goals, and how the median and the worst slider stand to them."""
    print(f"{len(moved)} sliders of {len(lives)} figures, each dragged for 1.5 s:")
    table = []
    for what, form, field, worst, goal in GOALS:
        figures = np.array([getattr(m, field) for m in moved])
        figures, names = figures[~np.isnan(figures)], np.array(moved, object)[:, 0]
        names = names[~np.isnan([getattr(m, field) for m in moved])]
        missed = figures > goal if worst is np.argmax else figures < goal
        here = worst(figures)
        table.append(
            [
                what,
                f"{'≤' if worst is np.argmax else '≥'} {goal}",
                format(np.median(figures), form),
                f"{figures[here]:{form}} ({names[here]})",
                f"{missed.sum()} of {len(figures)}",
            ]
        )
        for number in np.flatnonzero(missed):
            print(f"- {names[number]}: {what} {figures[number]:{form}}")
    print_table(["", "goal", "median slider", "worst", "beyond the goal"], table)
    kernel = [
        f"{figure}.{name}"
        for figure, live in lives.items()
        for name in live._sliders
        if "kernel" in getattr(live, f"_track_{name}")
    ]
    print(f"Sliders that the kernel draws: {', '.join(kernel) or 'none'}.")


def main() -> None:
    """Print both tables."""
    with bench() as lab:
        compare(lab)
        every_slider(lab)


if __name__ == "__main__":
    main()
