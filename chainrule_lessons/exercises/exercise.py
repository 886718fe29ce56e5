"""An exercise, the slips it knows, and the verdict on an answer."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule_lessons.exercises.answers import Answer

__all__ = ["Exercise", "Slip", "Verdict"]


@dataclass(frozen=True)
class Verdict:
    """What `check` says; its repr is the message.

    Parameters
    ----------
    status : str
        ``"blank"``, ``"correct"`` or ``"not yet"``.
    message : str
        One or two sentences for the reader.

    Examples
    --------
    >>> Verdict("correct", "Exercise 01.1: correct.")
    Exercise 01.1: correct.
    """

    status: str
    message: str

    def __repr__(self) -> str:
        return self.message


@dataclass(frozen=True)
class Slip:
    """A known wrong way.

    Parameters
    ----------
    answer : object
        What the wrong way leads to, of the same form as a right answer.
    words : str
        What went wrong and where to look, without the right answer, in plain text.
    """

    answer: Any
    words: str


@dataclass(frozen=True)
class Exercise:
    """One entry in the table of a lesson; its texts are Markdown.

    Parameters
    ----------
    name : str
        Lesson and number, for instance ``"01.2"``.
    question : str
        The question, word for word as the notebook asks it.
    answer : Answer
        What is right, and how it is compared: a `Number`, an `Array`, a `Function`...
    slips : tuple of Slip
        Three or more known wrong ways, no two with the same answer.
    hints : tuple of str
        Three: the idea, the way, the last step. None gives the answer.
    solution : str
        The worked solution; its Python block runs by itself and sets ``answer``.

    Examples
    --------
    >>> from chainrule_lessons.exercises.answers import Number
    >>> slip = Slip(6, "That adds; multiply instead.")
    >>> exercise = Exercise("99.1", "What is 3 · 3?", Number(9), (slip,), (), "")
    >>> exercise.judge(6)
    Exercise 99.1: not yet. That adds; multiply instead.
    """

    name: str
    question: str
    answer: Answer
    slips: tuple[Slip, ...]
    hints: tuple[str, ...]
    solution: str

    def judge(self, answer: Any) -> Verdict:
        """Compare an answer with the right one and with the known wrong ways.

        Parameters
        ----------
        answer : object
            Anything at all; None and dots are answers not given yet.

        Returns
        -------
        Verdict
            Whatever the answer is or does; only KeyboardInterrupt passes through.
        """
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                return self._compare(answer)
        except KeyboardInterrupt:
            raise
        except (TypeError, ValueError) as error:
            return self._not_yet(f"{error}.")
        except BaseException as error:  # noqa: BLE001 - whatever the answer does
            kind = type(error).__name__
            return self._not_yet(f"Your answer could not be read: it raised {kind}.")

    def _compare(self, answer: Any) -> Verdict:
        kind = self.answer
        reading = ... if answer is None or answer is ... else kind.read(answer)
        if reading is ...:
            return self._blank()
        if kind.same(reading, kind.read(kind.right)):
            return Verdict("correct", f"Exercise {self.name}: correct.")
        for slip in self.slips:
            if kind.same(reading, kind.read(slip.answer)):
                return self._not_yet(slip.words)
        return self._not_yet(kind.doubt(reading) or self._push())

    def _blank(self) -> Verdict:
        remedy = "Put your answer in place of the dots and run this cell again."
        return Verdict("blank", f"Exercise {self.name}: not answered yet. {remedy}")

    def _not_yet(self, words: str) -> Verdict:
        return Verdict("not yet", f"Exercise {self.name}: not yet. {words}")

    def _push(self) -> str:
        return f'hint("{self.name}") gives a first push.'
