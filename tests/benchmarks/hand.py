"""A hand on a slider in a browser, and a log of what it asked for and what it saw."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from itertools import cycle, islice
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from websocket import create_connection

MOVES_A_SECOND = 125  # what a mouse sends
FEW = 10  # places, which two moves within a display frame would skip
MOUSE = "Input.dispatchMouseEvent"

# Logs each new place of the slider with the time of the key or move that asked for
# it, and each new picture with the time at which its frame was ready for the screen.
WATCH = """([asked, seen]) => {
    const log = (window.log = { asked: [], seen: [], frames: [] });
    [asked, seen] = [eval(asked), eval(seen)];
    let [at, shown, stamp] = [asked(), seen(), 0];
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => log.seen.push([data, performance.now()]);
    const frame = (start) => {
        if (window.log !== log) return;
        log.frames.push(start);
        const place = seen();
        if (place !== shown && place !== null) port2.postMessage((shown = place));
        requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    const time = (event) => (stamp = event.timeStamp);
    const note = () => {
        if (window.log === log && asked() !== at) log.asked.push([(at = asked()), stamp]);
    };
    const moves = ["pointermove", "pointerup", "keydown"];
    for (const name of moves) addEventListener(name, time, true);
    for (const name of [...moves, "input"]) addEventListener(name, note);
}"""
SHOWN = """() => log.asked.length > 0 && log.seen.length > 0
    && log.asked.at(-1)[0] === log.seen.at(-1)[0]"""
TAKE = """() => {
    const taken = window.log;
    window.log = null;
    return taken;
}"""
# Where the pointer has to be for the first and the last place, and how high.
ENDS = """([handle, number]) => {
    const element = document.querySelectorAll(handle)[number];
    element.scrollIntoView({ block: "nearest" });
    const own = element.matches("input");
    const box = (own ? element : element.closest(".noUi-base")).getBoundingClientRect();
    const half = own ? 8 : 0; // of the thumb, which stays inside
    return [box.left + half, box.right - half, box.top + box.height / 2];
}"""


class Log(NamedTuple):
    """What one slider was asked for and what was seen: (place, milliseconds) each."""

    asked: list[tuple[int, float]]
    seen: list[tuple[int, float]]
    frames: list[float]

    def waits(self) -> list[float]:
        """Milliseconds from each move to its own picture, before the next move."""
        ends = [when for _, when in self.asked[1:]] + [np.inf]
        waits = []
        for (place, when), end in zip(self.asked, ends, strict=True):
            waits += [
                seen - when for p, seen in self.seen if p == place and when < seen < end
            ][:1]
        return waits

    def ages(self) -> list[float]:
        """Milliseconds from a move to its picture, for each picture of a drag."""
        ages = []
        for place, seen in self.seen:
            moves = [when for p, when in self.asked if p == place and when < seen]
            ages += [seen - moves[-1]] if moves else []
        return ages

    def staleness(self) -> float:
        """Milliseconds from the last move to the picture of where it ended."""
        return self.seen[-1][1] - self.asked[-1][1]

    def pictures_a_second(self) -> float:
        """Say how many new pictures a second were seen."""
        return a_second([when for _, when in self.seen])

    def moves_a_second(self) -> float:
        """Say how many new places a second the page was asked for."""
        return a_second([when for _, when in self.asked])


def a_second(times: list[float]) -> float:
    """Give the rate of what happened at these milliseconds."""
    return 1000 * (len(times) - 1) / (times[-1] - times[0])


def watch(page: Any, asked: str, seen: str) -> None:
    """Begin a log: two functions for the page tell the slider's place, the picture's."""
    page.evaluate(WATCH, [asked, seen])


def take_log(page: Any) -> Log:
    """End the log, once the picture of the last move is there."""
    page.wait_for_function(SHOWN, polling=50, timeout=20_000)
    return Log(**page.evaluate(TAKE))


def press(page: Any, keys: Iterable[str], rng: np.random.Generator) -> None:
    """Press keys at odd moments, so that they fall anywhere within a frame."""
    for key in keys:
        page.keyboard.press(key)
        page.wait_for_timeout(rng.uniform(250, 300))


def drag(
    page: Any,
    port: int,
    handle: str,
    start: int,
    places: int,
    *,
    number: int = 0,
    seconds: float = 3,
) -> None:
    """Drag a slider to and fro, from one end to the other."""
    left, right, level = page.evaluate(ENDS, [handle, number])
    across = np.linspace(left, right, places)
    page.mouse.move(across[start], level)
    page.mouse.down()
    moves = round(seconds * MOVES_A_SECOND)
    send_moves(page, port, across[to_and_fro(start, places, moves)], level)
    page.mouse.up()


def to_and_fro(start: int, places: int, moves: int) -> NDArray[np.int_]:
    """List places: a new one each move, or each second move where there are few."""
    there_and_back = [*range(places), *range(places - 2, 0, -1)]
    on = islice(cycle(there_and_back), start + 1, start + 1 + moves)
    return np.repeat(list(on), 2 if places < FEW else 1)[:moves]


def send_moves(page: Any, port: int, across: Iterable[float], level: float) -> None:
    """Send moves at a mouse's pace, and wait for none to be answered, as it does."""
    session = page.context.new_cdp_session(page)
    target = session.send("Target.getTargetInfo")["targetInfo"]["targetId"]
    address = f"ws://127.0.0.1:{port}/devtools/page/{target}"
    line = create_connection(address, suppress_origin=True)
    start = time.perf_counter()
    for number, x in enumerate(across):
        time.sleep(max(0, start + number / MOVES_A_SECOND - time.perf_counter()))
        point = {"type": "mouseMoved", "x": x, "y": level, "button": "left"}
        params = point | {"buttons": 1}
        line.send(json.dumps({"id": number, "method": MOUSE, "params": params}))
    line.close()
