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

import difflib
import random
import re
import traceback
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from chainrule_lessons.exercises import answers, behaviour, trainer
from chainrule_lessons.exercises.answers import Answer
from chainrule_lessons.validation import describe

__all__ = ["Exercise", "Slip", "find", "names", "read"]

FOLDER = Path(__file__).parent
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


@cache
def names() -> dict[str, Path]:
    """Say in which file each exercise stands, by a look at the headings alone."""
    return {
        name: path
        for path in sorted(FOLDER.glob("*.md"))
        for name in re.findall(
            r"^## (\S+)$", path.read_text("utf-8", "replace"), re.MULTILINE
        )
    }


def find(name: object, seed: object = 0) -> Exercise:
    """Return an exercise; a ValueError for an unknown name says what is near it."""
    if isinstance(name, str) and name in names():
        return read(names()[name], name, str(seed))
    lesson = str(name).split(".")[0]
    known = [n for n in names() if n.split(".")[0] == lesson] or list(names())
    near = sorted(difflib.get_close_matches(describe(name), known, cutoff=0.0))
    raise ValueError(f"There is no exercise {describe(name)}: try {', '.join(near)}")


@cache
def read(path: Path, name: str, seed: str = "0") -> Exercise:
    """Read an exercise; a SyntaxError names the file, the line and what it expected."""
    page = Page(path, name)
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


class Item(NamedTuple):
    """Code or words of a file, and the line where they begin."""

    line: int
    text: str = ""
    words: str = ""


class Page:
    """The lines of a section, taken one after another, and what its code knows."""

    def __init__(self, path: Path, name: str) -> None:
        self.path = path
        self.lines = path.read_text("utf-8", "replace").splitlines()
        self.here = 0
        self.known = dict(KNOWN)
        self.take("# .+", "a title, such as # Measure a slope")
        self.run()
        self.here = self.lines.index(f"## {name}") + 1

    def take(self, pattern: str, expected: str = "") -> Item | None:
        """Take the next line, with indented ones that go on, if it is as expected."""
        while self.here < len(self.lines) and not self.lines[self.here].strip():
            self.here += 1
        end = self.here + 1
        while end < len(self.lines) and self.lines[end].startswith("  "):
            end += 1
        text = " ".join(line.strip() for line in self.lines[self.here : end])
        found = re.fullmatch(pattern, text)
        if found:
            self.here, line = end, self.here + 1
            return Item(line, *found.groups())
        if expected:
            raise self.refusal(expected)
        return None

    def prose(self) -> str:
        """Take everything up to the next section."""
        start, fenced = self.here, False
        for line in self.lines[start:]:
            if line.startswith("## ") and not fenced:
                break
            fenced ^= line.startswith("```")
            self.here += 1
        return "\n".join(self.lines[start : self.here]).strip()

    def run(self) -> None:
        """Take a block of Python code, if one is next, and run it."""
        if not self.take("```python"):
            return
        start = self.here
        if "```" not in self.lines[start:]:
            raise self.refusal("``` at the end of this block", start)
        self.here = self.lines.index("```", start) + 1
        block = "\n".join(self.lines[start : self.here - 1])
        self.value(Item(start + 1, block), "exec")

    def draw(self, seed: str) -> str:
        """Draw the numbers that the section asks for, if any, and write them in."""
        item, chance = self.take("Draw: (.+)"), random.Random(seed)
        drawn = []
        for part in re.split(r", (?=\w+ in )", item.text) if item else ():
            name, _, among = part.partition(" in ")
            if not among:
                raise self.refusal("numbers to draw, such as a in 2..9", item.line)
            among = re.sub(r"^(-?\d+)\.\.(-?\d+)$", r"range(\1, \2 + 1)", among)
            value = chance.choice(self.value(item._replace(text=among)))
            self.known[name] = value
            self.lines = [
                line.replace(f"{{{name}}}", f"{value}") for line in self.lines
            ]
            drawn.append(f"{name} = {value}")
        return f" with {', '.join(drawn)}" if drawn else ""

    def value(self, item: Item, mode: str = "eval") -> Any:
        """Evaluate code of ours; an error in it has its place in the file."""
        file = str(self.path)
        try:
            code = compile("\n" * (item.line - 1) + item.text, file, mode)
            return eval(code, self.known)
        except Exception as error:
            frames = traceback.extract_tb(error.__traceback__)
            lines = [frame.lineno for frame in frames if frame.filename == file]
            line = lines[-1] if lines else getattr(error, "lineno", item.line)
            told = f"{type(error).__name__}: {error}"
            raise self.refusal(f"code that runs, got {told}", line) from error

    def refusal(self, expected: str, line: int = 0) -> SyntaxError:
        """Make the error that names the file, the line and what was expected there."""
        line = line or self.here + 1
        text = "\n".join(self.lines[line - 1 : line])
        return SyntaxError(f"expected {expected}", (str(self.path), line, None, text))
