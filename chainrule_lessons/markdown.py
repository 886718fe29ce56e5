"""Read a lesson's Markdown file, section by section.

How an exercise stands there is said in `exercises/lesson.py`. What a figure asks before
its sliders unlock stands there as well, under the name of the figure::

    ## secant
    Bet: The time between two photographs shrinks. Distance divided by time ...

    - `shrinks to 0` It does not: the distance shrinks, and the time shrinks with it.
    - `settles on one number` So it is: it settles on 2.

A bet on a number has ``Answer: `2**10` Ten factors of two.`` in place of its choices.
A line that goes on is indented.
"""

from __future__ import annotations

import difflib
import random
import re
import traceback
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from chainrule_lessons.validation import describe

__all__ = ["Item", "Page", "bet", "file_of", "sections"]

FOLDER = Path(__file__).parent / "exercises"
HEADINGS = {"exercise": r"\w+\.\w+", "bet": r"\w+"}  # 01.2 and secant
CHOICE = "a choice, such as - `up` It rises."


@cache
def lines_of(path: Path) -> list[str]:
    """Return the lines of a file, which is read once."""
    return path.read_text("utf-8", "replace").splitlines()


@cache
def sections(kind: str) -> dict[str, Path]:
    """Say in which file each exercise or bet stands, by a look at the headings alone."""
    return {
        line[3:]: path
        for path in sorted(FOLDER.glob("*.md"))
        for line in lines_of(path)
        if line.startswith("## ") and re.fullmatch(HEADINGS[kind], line[3:])
    }


def file_of(kind: str, name: object) -> Path:
    """Return the file of a section; for an unknown name an error says what is near."""
    known = sections(kind)
    if isinstance(name, str) and name in known:
        return known[name]
    lesson, meant = str(name).split(".")[0], f"0{name}"  # 1.1 for 01.1
    lessons = lesson, f"0{lesson}"
    near = [n for n in known if n.split(".")[0] in lessons] or list(known)
    near = difflib.get_close_matches(describe(name), near, cutoff=0.0)
    near.sort(key=lambda n: (n != meant, n))
    raise ValueError(f"There is no {kind} {describe(name)}: try {', '.join(near)}")


class Item(NamedTuple):
    """Code or words of a file, and the line where they begin."""

    line: int
    text: str = ""
    words: str = ""


class Page:
    """The lines of a file, taken one after another, and what their code knows."""

    def __init__(self, path: Path, **known: Any) -> None:
        self.path, self.known = path, known
        self.lines, self.here = lines_of(path), 0

    def turn_to(self, name: str) -> None:
        """Go to the first line below a heading."""
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

    def choices(self) -> dict[str, str]:
        """Take a list of two choices or more, each with its sentence."""
        told: dict[str, str] = {}
        while choice := self.take("- `([^`]+)` (.+)", CHOICE if len(told) < 2 else ""):
            if choice.text in told:
                raise self.refusal("another choice", choice.line)
            told[choice.text] = choice.words
        return told

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


def bet(name: str) -> tuple[Any, ...]:
    """Read what a figure asks, as the `predict` of `LiveFigure` takes it.

    An unknown name raises a ValueError; a section that does not fit raises a
    SyntaxError with its file and line.

    >>> bet("gears")[1]["120 degrees"]
    'Right: g doubles 20 to 40, and h triples the 40.'
    """
    page = Page(file_of("bet", name))
    page.turn_to(name)
    question = page.take("Bet: (.+)", "a bet, such as Bet: Up or down?").text
    if number := page.take("Answer: `([^`]+)` (.+)"):
        told = (page.value(number), number.words)
    else:
        told = (page.choices(),)
    page.take("(?:## .+)?", "the end of this section")
    return question, *told
