"""Check an answer, give a hint, show a worked solution."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule_lessons.exercises.lesson import Exercise, find
from chainrule_lessons.exercises.reading import Unanswered
from chainrule_lessons.validation import whole_number

__all__ = ["Verdict", "check", "hint", "judge", "solution"]


@dataclass(frozen=True)
class Verdict:
    """What `check` says: a status, and a message, which is its repr.

    >>> Verdict("correct", "Exercise 01.1: correct.")
    Exercise 01.1: correct.
    """

    status: str
    message: str

    def __repr__(self) -> str:
        return self.message


class Note(str):
    """Markdown for the reader: rendered in a notebook, plain text elsewhere.

    With a title it starts folded, so that running all cells spoils nothing.
    """

    title = ""

    def __repr__(self) -> str:
        return str(self)

    def _repr_markdown_(self) -> str:
        if not self.title:
            return str(self)
        return f"<details><summary>{self.title}</summary>\n\n{self}\n\n</details>"


def check(name: str, answer: Any, *, seed: object = None) -> Verdict:
    """Say whether an answer is right, and if not, which slip it looks like.

    Parameters
    ----------
    name : str
        The exercise, for instance ``"01.2"``.
    answer : object
        Whatever the exercise asks for; dots or None where it is not answered yet.
    seed : int or str, optional
        For an exercise whose numbers are drawn, and only there: another seed, other
        numbers. Without it they are those of seed 0.

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
        exercise = find(name, seed)
    except ValueError as error:
        return Verdict("not yet", f"{error}.")
    return judge(exercise, answer)


def hint(name: str, level: int = 1, *, seed: object = None) -> Note:
    """Give a hint, of three.

    Parameters
    ----------
    name : str
        The exercise, for instance ``"01.2"``.
    level : int, optional
        1 for the idea, 2 for the way, 3 for the last step.
    seed : int or str, optional
        As in `check`.

    Returns
    -------
    str
        The hint, rendered as Markdown in a notebook.

    Raises
    ------
    TypeError
        For a level that is no whole number.
    ValueError
        For an exercise that is not there, a level that is not 1, 2 or 3, or a seed
        where no numbers are drawn.

    Examples
    --------
    >>> hint("00.1")
    Hint 1 of 3. A slope says how much you gain for *one* unit of what you spend.
    """
    hints = find(name, seed).hints
    if whole_number(level, "hint: level", least=1) > len(hints):
        raise ValueError(f"hint: level must be {len(hints)} or less, got {level}")
    return Note(f"Hint {level} of {len(hints)}. {hints[level - 1]}")


def solution(name: str, *, seed: object = None) -> Note:
    """Show the worked solution: the reasoning, and code that computes it.

    Parameters
    ----------
    name : str
        The exercise, for instance ``"01.2"``.
    seed : int or str, optional
        As in `check`.

    Returns
    -------
    str
        The solution, rendered as Markdown in a notebook, where it starts folded.

    Raises
    ------
    ValueError
        For an exercise that is not there, or a seed where no numbers are drawn.

    Examples
    --------
    >>> print(solution("00.1").splitlines()[0])
    90 metres up are shared among 600 metres forward, so divide:
    """
    note = Note(find(name, seed).solution)
    note.title = f"Worked solution {name}: open it after a try of your own"
    return note


def judge(exercise: Exercise, answer: Any) -> Verdict:
    """Compare an answer, which may be anything, with the right one and the wrong ways.

    >>> from chainrule_lessons.exercises.answers import Number
    >>> from chainrule_lessons.exercises.lesson import Slip
    >>> slip = Slip(6, "That adds; multiply instead.")
    >>> judge(Exercise("99.1", Number(9), (slip,)), 6)
    Exercise 99.1: not yet. That adds; multiply instead.
    """
    title = f"Exercise {exercise.name}{exercise.drawn}"
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            slip = _slip(exercise, answer)
    except KeyboardInterrupt:
        raise
    except Unanswered:
        words = "Put your answer in place of the dots and run this cell again."
        return Verdict("blank", f"{title}: not answered yet. {words}")
    except (TypeError, ValueError) as error:
        slip = f"{error}."
    except BaseException as error:  # noqa: BLE001 - whatever the answer does
        slip = f"Your answer could not be read: it raised {type(error).__name__}."
    if not slip:
        return Verdict("correct", f"{title}: correct.")
    return Verdict("not yet", f"{title}: not yet. {slip}")


def _slip(exercise: Exercise, answer: Any) -> str:
    """Say what is wrong with an answer; nothing if it is right."""
    kind = exercise.answer
    if answer is None or answer is ...:
        raise Unanswered
    reading = kind.read(answer)
    if kind.same(reading, kind.truth):
        return ""
    for wrong, words in exercise.wrong:
        if kind.same(reading, wrong):
            return words
    return kind.doubt(reading) or f'hint("{exercise.name}") gives a first push.'
