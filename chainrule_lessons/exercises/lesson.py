"""Read an exercise from its lesson's Markdown file.

The file is named as the notebook, without the number, and has a section an exercise::

    # Measure a slope

    ## 01.1
    Answer: `Number(3 * 2**2, rtol=1e-4)`

    - `2**3` That is the value. The slope says how fast it changes.
    - `-12, 1 / 12` Two wrong answers, or more behind a star, may share their words.

    1. The first hint gives the idea,
    2. the second the way,
    3. the third the last step.

    The worked solution, with a block of Python code that sets `answer`.

A line that goes on is indented. The code in backticks knows NumPy, the kinds of answers,
and what a block of Python code says above it: under the title for all sections, at the
start of a section for this one. It is ours; nothing of the reader's is evaluated.

A section that starts with ``Draw: a in 2..9, b in [0.5, 2]`` draws numbers from a seed.
Its code names them, and its words write ``{a}``, in a formula ``{{a}}``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np

from chainrule_lessons.exercises import answers, behaviour, trainer
from chainrule_lessons.exercises.answers import Answer
from chainrule_lessons.markdown import Page, file_of
from chainrule_lessons.validation import describe

__all__ = ["Exercise", "Slip", "find", "read"]

KNOWN = {"np": np} | {
    kind: getattr(room, kind)
    for room in (answers, behaviour, trainer)
    for kind in room.__all__
}
ANSWER = "the answer, such as Answer: `Number(3)`"
HINTS = (
    "a wrong way, such as - `2` Add one., or the first hint, such as 1. Add.",
    "the second hint, such as 2. Add twice.",
    "the third hint, such as 3. Add 2 and 1.",
)


@dataclass(frozen=True)
class Slip:
    """A known wrong way: what it leads to, and what went wrong and where to look."""

    answer: Any
    words: str


@dataclass(frozen=True)
class Exercise:
    """An exercise; its texts are Markdown, and only the solution says what is right."""

    name: str
    answer: Answer
    slips: tuple[Slip, ...] = ()
    hints: tuple[str, ...] = ()
    solution: str = ""
    drawn: str = ""

    @cached_property
    def wrong(self) -> list[tuple[Any, str]]:
        """The readings of the wrong ways, with their words."""
        return [(self.answer.read(slip.answer), slip.words) for slip in self.slips]


def find(name: object, seed: object = None) -> Exercise:
    """Return an exercise, drawn from seed 0 unless told.

    A ValueError for an unknown name says what is near it; a seed is refused where
    nothing is drawn.
    """
    known = "0" if seed is None else str(seed)
    exercise = read(file_of("exercise", name), str(name), known)
    if seed is not None and not exercise.drawn:
        raise ValueError(f"Exercise {name} draws no numbers: leave out seed")
    return exercise


@cache
def read(path: Path, name: str, seed: str = "0") -> Exercise:
    """Read an exercise; a SyntaxError names the file, the line and what it expected."""
    page = Page(path, **KNOWN)
    page.take("# .+", "a title, such as # Measure a slope")
    page.run()
    page.turn_to(name)
    drawn = page.draw(f"{name} {seed}")
    page.run()
    answer = page.take("Answer: `([^`]+)`", ANSWER)
    kind = page.value(answer)
    if not isinstance(kind, Answer):
        raise page.refusal(f"{ANSWER}, got {describe(kind)}", answer.line)
    slips = []
    while way := page.take("- `([^`]+)` (.+)"):
        several = page.value(way._replace(text=f"({way.text},)"))
        slips += [Slip(wrong, way.words) for wrong in several]
    levels = (1, 2, 3) if name[-1].isdigit() else (1,)  # a small one has one hint
    hints = [page.take(rf"{n}\. (.+)", HINTS[n - 1]).text for n in levels]
    solution = page.prose()
    if not solution:
        raise page.refusal("the worked solution")
    solution = kind.worked(solution)
    return Exercise(name, kind, tuple(slips), tuple(hints), solution, drawn)
