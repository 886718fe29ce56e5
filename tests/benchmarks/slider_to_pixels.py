"""How soon a moved slider is seen, and how many pictures a second a drag shows.

Five ways to the same moving picture, in one JupyterLab and one Chromium, in turns;
then every slider of every ready-made figure. A key is pressed now and then, and the
pointer drags as a mouse does, 125 moves a second whether or not the page keeps up.
What is on screen is read off the picture itself, so an old one never counts, and a
time ends when the frame with the new picture is ready for the screen.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import numpy as np
from desk import Desk, at_desk, run
from every_slider import every_slider
from hand import MOVES_A_SECOND, Log, a_second, drag, press, take_log, watch
from peers import LOW, NUMBERS, PEERS, PLACES, STEP
from timing import median_and_quartiles, print_table

ROUNDS = 3


class Turn(NamedTuple):
    """What one system showed in one turn: keys pressed, then a drag."""

    pressed: Log
    dragged: Log


def compare(desk: Desk) -> None:
    """Let the systems take turns, and print how they stand."""
    rng = np.random.default_rng(0)
    pages = {name: desk.open(NUMBERS + peer.source) for name, peer in PEERS.items()}
    turns: dict[str, list[Turn]] = {name: [] for name in PEERS}
    for _ in range(ROUNDS):
        for name in rng.permutation(list(PEERS)):
            turns[name].append(turn(desk, pages[name], name, rng))
    for page in pages.values():
        page.close()
    desk.server.stop_kernels()
    summarise(turns)


def turn(desk: Desk, page: Any, name: str, rng: np.random.Generator) -> Turn:
    """Press keys, see that the numbers are right, and drag for three seconds."""
    peer = PEERS[name]
    page.bring_to_front()
    watch(page, peer.asked, peer.seen)
    page.locator(peer.handle).first.focus()
    press(page, 2 * (["ArrowRight"] * 5 + ["ArrowLeft"] * 5), rng)
    pressed = take_log(page)
    check_numbers(page, name, pressed.asked[-1][0])
    watch(page, peer.asked, peer.seen)
    drag(page, desk.port, peer.handle, page.evaluate(peer.asked), PLACES)
    return Turn(pressed, take_log(page))


def check_numbers(page: Any, name: str, place: int) -> None:
    """Compare what the marks hold in the kernel with the curve and its tangent."""
    held = json.loads(run(page, "print([float(y) for y in shown()])"))
    high = np.tanh(LOW + place * STEP)  # the loss is (10 tanh w)²
    height, slope = 100 * high**2, 200 * high * (1 - high**2)
    wanted = [height, height - slope, height + slope]
    np.testing.assert_allclose(held, wanted, rtol=1e-9, atol=1e-9, err_msg=name)


def summarise(turns: dict[str, list[Turn]]) -> None:
    """Print the table of the five ways."""
    print(
        f"{ROUNDS} turns of 20 keys and a drag of 3 s each. A drag sends "
        f"{MOVES_A_SECOND} moves a second; the browser joins those within a display "
        "frame, so 60 pictures a second are the most it can show. Goals for the live "
        "figure: a median of at most 16.7 ms, and at least 50 pictures a second."
    )
    heads = [
        "",
        "ms from key to picture",
        "p95",
        "times the live figure's",
        "keys seen",
        "pictures a second, dragging",
        "frames a second",
        "moves a second, as the page saw them",
        "ms from last move to last picture",
    ]
    first = np.median(key_waits(next(iter(turns.values()))))
    print_table(heads, [row(name, its, first) for name, its in turns.items()])


def key_waits(turns: list[Turn]) -> list[float]:
    """Milliseconds from each key to its picture, over all turns."""
    return [wait for turn in turns for wait in turn.pressed.waits()]


def row(name: str, turns: list[Turn], first: float) -> list[str]:
    """Write one system's figures; `first` is the live figure's median."""
    waits = key_waits(turns)
    drags = [turn.dragged for turn in turns]
    return [
        name,
        median_and_quartiles(waits, ".1f"),
        f"{np.percentile(waits, 95):.1f}",
        f"{np.median(waits) / first:.1f}",
        f"{len(waits)} of {sum(len(turn.pressed.asked) for turn in turns)}",
        median_and_quartiles([drag.pictures_a_second() for drag in drags], ".1f"),
        f"{np.median([a_second(drag.frames) for drag in drags]):.1f}",
        f"{np.median([drag.moves_a_second() for drag in drags]):.0f}",
        f"{np.median([drag.staleness() for drag in drags]):.0f}",
    ]


def main() -> None:
    """Print both tables."""
    with at_desk() as desk:
        compare(desk)
        every_slider(desk)


if __name__ == "__main__":
    main()
