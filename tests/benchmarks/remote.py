"""The first picture after another slider has moved, over a slow line.

A learner on a public host drags one slider, goes to the next, and drags that. What the
other slider's move made stale has to come from the kernel, at the line's pace. Each gap
is the time from the end of one drag to the first move of the next; a hand needs 400 to
1000 ms to go from one slider to another.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import numpy as np
from desk import Desk, at_desk, run
from every_slider import RANGE, answer, readers
from hand import ENDS, take_log, watch
from timing import print_table

from chainrule_lessons import explorers
from chainrule_lessons.live import LiveFigure

DELAY = 0.075  # seconds, each way
RATE = 20e6 / 8  # bytes a second, each way
GAPS = 0, 150, 400, 1000  # milliseconds
PAUSE = 800  # milliseconds, in which all tracks follow
FIGURES = [
    "bold_steps",
    "decision_line",
    "dot_product",
    "downhill",
    "fit_line",
    "gears",
    "jacobian_table",
    "loss_curve",
    "neuron",
    "secant",
    "slices",
    "two_jobs",
]


class Line:
    """A slow line to a port: what goes in comes out late, and at a limited rate."""

    def __init__(self, port: int) -> None:
        self.to, self.loop = port, asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        opened = asyncio.start_server(self.connect, "127.0.0.1", 0)
        server = asyncio.run_coroutine_threadsafe(opened, self.loop).result()
        self.port = server.sockets[0].getsockname()[1]
        self.free = {"there": 0.0, "back": 0.0}  # when the line has sent all it got

    async def connect(self, reader: Any, writer: Any) -> None:
        """Join a connection with one to the port."""
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.to)
        there = self.carry("there", reader, far_writer)
        await asyncio.gather(there, self.carry("back", far_reader, writer))

    async def carry(self, way: str, reader: Any, writer: Any) -> None:
        """Send on, piece by piece, when each has come through."""
        pieces: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        late = asyncio.create_task(self.deliver(pieces.get, writer))
        piece = b"-"
        while piece:
            try:
                piece = await reader.read(16384)
            except ConnectionError:
                piece = b""
            now = self.loop.time()
            self.free[way] = max(now, self.free[way]) + len(piece) / RATE
            pieces.put_nowait((self.free[way] + DELAY, piece))
        await late

    async def deliver(self, get: Callable[[], Awaitable[Any]], writer: Any) -> None:
        """Write each piece when it is due; an empty one ends the connection."""
        piece = b"-"
        while piece:
            due, piece = await get()
            await asyncio.sleep(due - self.loop.time())
            writer.write(piece)
        writer.close()


def way(page: Any, live: LiveFigure, number: int) -> list[float]:
    """Say where a drag begins and ends that moves a slider inwards by some places."""
    count = len(list(live.sliders.values())[number].places)
    left, right, level = page.evaluate(ENDS, [RANGE, number])
    start = page.evaluate(readers(live, number)[0])
    end = start + max(1, count // 8) * (1 if start < count / 2 else -1)
    across = np.linspace(left, right, count)
    return [across[start], across[end], level]


def glide(page: Any, live: LiveFigure, number: int) -> None:
    """Drag a slider inwards by some places."""
    start, end, level = way(page, live, number)
    page.mouse.move(start, level)
    page.mouse.down()
    page.mouse.move(end, level, steps=10)
    page.mouse.up()


def first_picture(page: Any, live: LiveFigure, number: int, gap: int) -> float:
    """Drag another slider, then this one: milliseconds to this one's first picture."""
    watch(page, *readers(live, number))
    glide(page, live, (number + 1) % len(live.sliders))
    page.wait_for_timeout(gap)
    glide(page, live, number)
    log = take_log(page)
    page.wait_for_timeout(PAUSE)
    return log.seen[0][1] - log.asked[0][1]


def measure(desk: Desk) -> dict[int, list[float]]:
    """Try each gap at two sliders of every figure."""
    page = desk.open("import chainrule_lessons.explorers as explorers")
    waits: dict[int, list[float]] = {gap: [] for gap in GAPS}
    for name in FIGURES:
        live = getattr(explorers, name)()
        run(page, f"explorers.{name}()")
        page.wait_for_selector(".crl-live canvas[data-values]")
        if live.question:
            answer(page)
        page.wait_for_timeout(PAUSE)
        for gap in GAPS:
            waits[gap] += [first_picture(page, live, n, gap) for n in (0, 1)]
    return waits


def main() -> None:
    """Print a table with a row for each gap."""
    with at_desk() as desk:
        desk.server.port = Line(desk.server.port).port
        waits = measure(desk)
    print(
        f"A line of {2000 * DELAY:.0f} ms there and back and {8e-6 * RATE:.0f} Mbit/s; "
        f"two sliders of each of {len(FIGURES)} figures. Goal: a median of at most "
        "100 ms. Where nothing was sent beforehand, no picture can come sooner than "
        "the line's there and back."
    )
    heads = ["gap, ms", "ms to the first picture", "p90", "worst"]
    spread = {gap: np.percentile(its, [50, 90, 100]) for gap, its in waits.items()}
    rows = [[gap, *(f"{part:.0f}" for part in its)] for gap, its in spread.items()]
    print_table(heads, rows)


if __name__ == "__main__":
    main()
