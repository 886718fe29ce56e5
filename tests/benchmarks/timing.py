"""Time calls in turns, and print tables: what the benchmarks share."""

from __future__ import annotations

import time
import timeit
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Seconds = NDArray[np.float64]
Name = TypeVar("Name")


def free_a_picture() -> None:
    """Take and give back as much memory as a picture, as any notebook has done before.

    From then on the C library keeps memory of that size at hand; before, it fetches it
    anew from the system for each array of a few hundred kilobytes.
    """
    np.ones(2**20)


def interleaved(
    calls: Mapping[Name, Callable[[], Any]], *, rounds: int = 30, least: float = 0.02
) -> dict[Name, Seconds]:
    """Give the seconds of one call of each, once a round, in a fresh order each round.

    Whatever slows the machine down for a while slows all of them, so compare round by
    round. A round repeats a call for `least` seconds. What counts is processor time,
    which leaves out the time that other programs take.
    """
    rng = np.random.default_rng(0)
    names = list(calls)
    counts = {name: _count(call, least) for name, call in calls.items()}
    seconds = {name: np.empty(rounds) for name in calls}
    for turn in range(rounds):
        for i in rng.permutation(len(names)):
            name = names[i]
            number = counts[name]
            timer = timeit.Timer(calls[name], timer=time.process_time)
            seconds[name][turn] = timer.timeit(number) / number
    return seconds


def _count(call: Callable[[], Any], least: float) -> int:
    """Say how many calls fill `least` seconds; the first calls warm up."""
    call()
    number, took = 1, timeit.timeit(call, number=1)
    while took < least:
        number *= 2
        took = timeit.timeit(call, number=number)
    return max(1, round(number * least / took))


def median_and_quartiles(values: Iterable[float], form: str = ".2f") -> str:
    """Write a median with its quartiles: ``1.25 (1.20–1.31)``."""
    low, middle, high = np.percentile(list(values), [25, 50, 75])
    return f"{middle:{form}} ({low:{form}}–{high:{form}})"


def print_table(heads: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
    """Print a Markdown table; the first column holds names, the others figures."""
    heads = list(heads)
    print("\n| " + " | ".join(heads) + " |")
    print("|---|" + "--:|" * (len(heads) - 1))
    for row in rows:
        print("| " + " | ".join(str(entry) for entry in row) + " |", flush=True)
    print(flush=True)
