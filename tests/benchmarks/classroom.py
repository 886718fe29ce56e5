"""A class on one machine: how many kernels keep up with as many moving sliders.

Each learner has a kernel with lesson 5's first figure in it, and a script that says
to it what the browser would: new values while a slider is dragged, the newest only
and one at a time, and on touching the next slider the request for its track. The
round trip is what a learner could notice: from the last value of one slider to the
fresh track of the next. A drag itself replays in the learner's own browser and waits
for no kernel. JupyterLab's server, which hands messages on, is not part of it; the
script, which reads them all, stands in for it on the same cores.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from pathlib import Path
from subprocess import DEVNULL
from typing import Any, NamedTuple

import numpy as np
from jupyter_client.manager import AsyncKernelManager
from timing import median_and_quartiles, print_table

SOURCE = """
import json
from chainrule_lessons import explorers

live = explorers.loss_curve()
places = {name: slider.places for name, slider in live.sliders.items()}
print(json.dumps([live.model_id, places]))
"""
FRAME = 1 / 60  # seconds
PACE = 0.05  # between the values of a drag, as in page.js
DRAG = 1.5  # seconds
SECONDS = 12  # of each measurement
GOAL = 50  # ms
# Seconds between two drags of a learner, and how many learn at once.
CLASSES = {
    "drag without a rest": (0.3, [1, 2, 4, 6, 8, 12, 16]),
    "drag, then look for 5 s": (5.0, [8, 16, 24, 32, 48]),
}


class Trip(NamedTuple):
    """Milliseconds that a learner's kernel took."""

    value: float
    track: float


class Learner:
    """A kernel with a live figure, and the messages of the browser that shows it."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.manager = AsyncKernelManager()
        self.waiting: dict[str, asyncio.Future[float]] = {}

    async def start(self) -> None:
        """Start the kernel and show the figure."""
        await self.manager.start_kernel(stderr=DEVNULL)
        self.client = self.manager.client()
        self.client.start_channels()
        await self.client.wait_for_ready(timeout=120)
        printed: list[str] = []

        def note(message: dict[str, Any]) -> None:
            printed.append(message["content"].get("text", ""))

        await self.client.execute_interactive(SOURCE, output_hook=note, timeout=120)
        self.model, self.places = json.loads("".join(printed))
        self.values = {name: places[0] for name, places in self.places.items()}
        self.reader = asyncio.create_task(self.read())

    async def read(self) -> None:
        """Note when a message is done with, and when a track arrives."""
        while True:
            message = await self.client.get_iopub_msg()
            content, arrived = message["content"], time.perf_counter()
            if content.get("execution_state") == "idle":
                self.came(message["parent_header"]["msg_id"], arrived)
            for trait, sent in content.get("data", {}).get("state", {}).items():
                if trait.startswith("_track_") and self.is_fresh(trait, sent):
                    self.came(trait, arrived)

    def is_fresh(self, trait: str, track: dict[str, Any]) -> bool:
        """Whether a track was recorded for where the other sliders are now."""
        own = trait.removeprefix("_track_")
        return track["values"] | {own: 0} == self.values | {own: 0}

    def came(self, name: str, when: float) -> None:
        """Keep the promise of this arrival, if one was made."""
        if name in self.waiting:
            self.waiting.pop(name).set_result(when)

    def send(self, data: dict[str, Any]) -> str:
        """Send a message of the widget's, as ipywidgets does; give its number."""
        content = {"comm_id": self.model, "data": data}
        message = self.client.session.msg("comm_msg", content)
        self.client.shell_channel.send(message)
        return message["header"]["msg_id"]

    def arrival(self, name: str) -> asyncio.Future[float]:
        """Promise the time at which a message is done with, or a track is here."""
        return self.waiting.setdefault(name, asyncio.get_running_loop().create_future())

    async def move(self, name: str, place: int) -> float:
        """Send a value, and wait until the kernel is done with it; milliseconds."""
        self.values[name] = self.places[name][place]
        start = time.perf_counter()
        state = {"values": self.values}
        sent = self.send({"method": "update", "state": state, "buffer_paths": []})
        return 1000 * (await self.arrival(sent) - start)

    def record(self, *names: str) -> None:
        """Ask for the tracks of some sliders."""
        self.send({"method": "custom", "content": {"record": names}})

    async def drag(self, name: str) -> Trip:
        """Drag a slider, then touch another: the last value, and the fresh track."""
        places = len(self.places[name])
        first = self.places[name].index(self.values[name])
        end, took = time.perf_counter() + DRAG, []
        while (left := end - time.perf_counter()) > 0:
            # The slider moves on by a place a frame; the newest counts.
            took.append(await self.move(name, (first + round(left / FRAME)) % places))
            await asyncio.sleep(max(0, PACE - took[-1] / 1000))
        self.following = str(self.rng.choice([n for n in self.places if n != name]))
        begin = time.perf_counter()
        last = asyncio.create_task(self.move(name, (first + 1) % places))
        await asyncio.sleep(0)  # so that the value goes first
        track = self.arrival(f"_track_{self.following}")
        self.record(self.following)
        arrived = await track
        await last
        self.record(*self.places)  # at rest, the browser asks for all the others
        return Trip(float(np.median(took)), 1000 * (arrived - begin))

    async def learn(self, rest: float) -> list[Trip]:
        """Drag one slider after the other."""
        end, trips = time.perf_counter() + SECONDS, []
        self.following = "weight"
        await asyncio.sleep(self.rng.uniform(0, DRAG + rest))
        while not trips or time.perf_counter() < end:
            trips.append(await self.drag(self.following))
            await asyncio.sleep(rest * self.rng.uniform(0.7, 1.3))
        return trips

    async def stop(self) -> None:
        """End the kernel."""
        self.reader.cancel()
        self.client.stop_channels()
        await self.manager.shutdown_kernel(now=True)

    def memory(self) -> tuple[float, float]:
        """Give the kernel's share of memory (PSS) and all it can see (RSS), in MB."""
        rollup = Path(f"/proc/{self.manager.provisioner.pid}/smaps_rollup").read_text()
        lines = (line.split() for line in rollup.splitlines()[1:])
        sizes = {entry[0]: int(entry[1]) / 1024 for entry in lines}
        return sizes["Pss:"], sizes["Rss:"]


async def measure(learners: list[Learner], rest: float) -> list[Trip]:
    """Let them learn at the same time, and gather their round trips."""
    trips = await asyncio.gather(*(learner.learn(rest) for learner in learners))
    return [trip for its in trips for trip in its]


async def classes(learners: list[Learner]) -> None:
    """Let more and more learn at once, and print how they fare."""
    rows, most = [], {}
    for manner, (rest, sizes) in CLASSES.items():
        for size in sizes:
            trips = await measure(learners[:size], rest)
            tracks = [trip.track for trip in trips]
            rows.append(
                [
                    f"{size} {manner}",
                    median_and_quartiles([trip.value for trip in trips], ".0f"),
                    median_and_quartiles(tracks, ".0f"),
                    f"{np.percentile(tracks, 95):.0f}",
                    len(trips),
                ]
            )
            if np.median(tracks) > 2 * GOAL:
                break
            if np.median(tracks) <= GOAL:
                most[manner] = size
    heads = ["learners", "ms, value answered", "ms, fresh track", "p95", "round trips"]
    print_table(heads, rows)
    for manner in CLASSES:
        held = most.get(manner, "fewer than the fewest")
        print(f"Within {GOAL} ms at the median, of those who {manner}: {held}.")


async def main() -> None:
    """Start all kernels, four at a time, measure, and end them."""
    most = max(max(sizes) for _, sizes in CLASSES.values())
    learners = [Learner(seed) for seed in range(most)]
    started = []
    try:
        for at in range(0, len(learners), 4):
            some = learners[at : at + 4]
            started += some
            await asyncio.gather(*(learner.start() for learner in some))
        print(
            f"Goal: a median of at most {GOAL} ms from a slider's last value to the "
            f"next slider's fresh track. {os.cpu_count()} cores."
        )
        await classes(learners)
        pss, rss = np.median([learner.memory() for learner in learners], axis=0)
        print(
            f"Memory of a kernel with the figure: {pss:.0f} MB of its own share (PSS), "
            f"{rss:.0f} MB with what kernels share (RSS): 24 GiB hold "
            f"{24 * 1024 / pss:.0f}."
        )
    finally:
        await asyncio.gather(*(learner.stop() for learner in started))


if __name__ == "__main__":
    asyncio.run(main())
