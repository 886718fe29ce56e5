"""Check an answer, give a hint, show a worked solution.

The tables of all lessons are listed here; a new lesson adds its own to `TABLES`.
"""

from __future__ import annotations

import difflib
import inspect
from typing import Any

from chainrule_lessons.exercises import (
    backward,
    blocks,
    chains,
    clinic,
    costs,
    descent,
    jacobians,
    neurons,
    partials,
    paths,
    slopes,
    start_here,
    tools,
    training,
)
from chainrule_lessons.exercises.exercise import Exercise, Verdict
from chainrule_lessons.validation import describe, whole_number

__all__ = ["check", "hint", "solution"]

TABLES = (
    start_here.EXERCISES,
    slopes.EXERCISES,
    chains.EXERCISES,
    partials.EXERCISES,
    paths.EXERCISES,
    jacobians.EXERCISES,
    neurons.EXERCISES,
    descent.EXERCISES,
    backward.EXERCISES,
    blocks.EXERCISES,
    costs.EXERCISES,
    training.EXERCISES,
    clinic.EXERCISES,
    tools.EXERCISES,
)
EXERCISES = {exercise.name: exercise for table in TABLES for exercise in table}


class Note(str):
    """Markdown for the reader: rendered in a notebook, plain text elsewhere."""

    def __repr__(self) -> str:
        return str(self)

    def _repr_markdown_(self) -> str:
        return str(self)


class FoldedNote(Note):
    """A note that a notebook shows folded, so that running all cells spoils nothing."""

    title: str

    def __new__(cls, title: str, text: str) -> FoldedNote:
        note = super().__new__(cls, text)
        note.title = title
        return note

    def _repr_markdown_(self) -> str:
        return f"<details><summary>{self.title}</summary>\n\n{self}\n\n</details>"


def check(name: str, answer: Any) -> Verdict:
    """Say whether an answer is right, and if not, which slip it looks like.

    Parameters
    ----------
    name : str
        The exercise, for instance ``"01.2"``.
    answer : object
        Whatever the exercise asks for; dots or None where it is not answered yet.

    Returns
    -------
    Verdict
        With `status` (``"blank"``, ``"correct"`` or ``"not yet"``) and `message`.
        Never the right answer, and never an error, whatever the answer is.

    Examples
    --------
    >>> check("00.1", ...)
    Exercise 00.1: not answered yet. Put your answer in place of the dots and run \
this cell again.
    >>> check("00.1", 0.15).status
    'correct'
    """
    try:
        exercise = _find(name)
    except ValueError as error:
        return Verdict("not yet", f"{error}.")
    return exercise.judge(answer)


def hint(name: str, level: int = 1) -> Note:
    """Give a hint, of three.

    Parameters
    ----------
    name : str
        The exercise, for instance ``"01.2"``.
    level : int, optional
        1 for the idea, 2 for the way, 3 for the last step.

    Returns
    -------
    str
        The hint, rendered as Markdown in a notebook.

    Raises
    ------
    TypeError
        For a level that is no whole number.
    ValueError
        For an exercise that is not there, or a level that is not 1, 2 or 3.

    Examples
    --------
    >>> hint("00.1")
    Hint 1 of 3. A slope says how much you gain for *one* unit of what you spend.
    """
    hints = _find(name).hints
    if whole_number(level, "hint: level", least=1) > len(hints):
        raise ValueError(f"hint: level must be {len(hints)} or less, got {level}")
    return Note(f"Hint {level} of {len(hints)}. {inspect.cleandoc(hints[level - 1])}")


def solution(name: str) -> FoldedNote:
    """Show the worked solution: the reasoning, and code that computes it.

    Parameters
    ----------
    name : str
        The exercise, for instance ``"01.2"``.

    Returns
    -------
    str
        The solution, rendered as Markdown in a notebook, where it starts folded.

    Raises
    ------
    ValueError
        For an exercise that is not there.

    Examples
    --------
    >>> print(solution("00.1").splitlines()[0])
    90 metres up are shared among 600 metres forward, so divide:
    """
    exercise = _find(name)
    title = f"Worked solution {exercise.name}: open it after a try of your own"
    return FoldedNote(title, inspect.cleandoc(exercise.solution))


def _find(name: str) -> Exercise:
    if isinstance(name, str) and name in EXERCISES:
        return EXERCISES[name]
    lesson = str(name).split(".")[0]
    known = [n for n in EXERCISES if n.split(".")[0] == lesson] or list(EXERCISES)
    near = sorted(difflib.get_close_matches(describe(name), known, cutoff=0.0))
    raise ValueError(f"There is no exercise {describe(name)}: try {', '.join(near)}")
