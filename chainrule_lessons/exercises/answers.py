"""Kinds of answers: how each is read, and when two of them are the same.

A kind reads an answer into something that can be compared: a number into an
array, a function into its values at several places, a choice into plain words.
Right answers, wrong ways and the reader's own are all read alike.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule_lessons.exercises.reading import (
    call,
    filled,
    given_back,
    numbers,
    one_number,
)
from chainrule_lessons.validation import describe, require_uncalled

__all__ = ["Array", "Band", "Choice", "Function", "Number", "Parts"]

WITHIN = "You are within 1 %: keep more digits, or measure with a smaller step."
COUNT = (
    "You are within 1 %, and this asks for whole numbers: what was left out, or added?"
)


@dataclass(frozen=True)
class Answer:
    """What is right, in the form of a reader's answer; a new kind has a `read`."""

    right: Any

    @cached_property
    def truth(self) -> Any:
        """The reading of the right answer."""
        return self.read(self.right)

    def read(self, answer: Any) -> Any:
        """Turn an answer into what `same` compares, or raise an error for the reader."""
        raise NotImplementedError

    def same(self, one: Any, other: Any) -> bool:
        """Compare two readings."""
        return one == other

    def doubt(self, reading: Any) -> str:
        """Say what can be said of an answer that is neither right nor a known slip."""
        return ""

    def worked(self, solution: str) -> str:
        """Complete the worked solution, where a kind can write the code itself."""
        return solution


class Choice(Answer):
    """Words among those that the question offers; case and spaces do not count.

    >>> Choice("left").read("  Left ")
    'left'
    """

    def read(self, answer: Any) -> str:
        """Read the words in lower case with single spaces."""
        if not isinstance(answer, str):
            raise TypeError(f"Your answer must be text, got {describe(answer)}")
        return " ".join(answer.casefold().split())

    def doubt(self, reading: str) -> str:
        """Point to the question's own words."""
        return "Choose one of the answers that the question offers."


@dataclass(frozen=True)
class Band(Answer):
    """A number of the right size: all numbers between two edges are the same answer.

    The edges rise, and each belongs to the band below it.

    >>> Band(0.1, edges=(0.0, 0.01, 0.5)).read(0.2)
    2
    """

    _: KW_ONLY
    edges: tuple[float, ...]

    def read(self, answer: Any) -> int:
        """Read the number of the band, counted from 0."""
        return int(np.searchsorted(self.edges, one_number(answer)))


@dataclass(frozen=True)
class Array(Answer):
    """Numbers in a given shape, compared as by `numpy.allclose`.

    >>> kind = Array([[1, 2]])
    >>> kind.doubt(kind.read([1, 2]))
    'Your answer has shape (2,), and this asks for shape (1, 2).'
    """

    _: KW_ONLY
    rtol: float = 1e-6
    atol: float = 1e-9

    def read(self, answer: Any) -> NDArray[Any]:
        """Read the numbers as they are shaped."""
        return numbers(filled(answer))

    def same(self, one: Any, other: Any) -> bool:
        """Compare shapes, then numbers."""
        return one.shape == other.shape and np.allclose(
            one, other, rtol=self.rtol, atol=self.atol
        )

    def doubt(self, reading: Any) -> str:
        """Name a wrong shape, or say that little is missing."""
        wrong = _off("answer", reading, self.truth)
        whole = np.array_equal(self.truth, np.rint(self.truth)) and reading.size
        counted = whole and np.all(abs(self.truth) >= 100)
        return COUNT if wrong == WITHIN and counted else wrong


def _off(name: str, one: NDArray[Any], right: NDArray[Any]) -> str:
    if wrong := _wrong_shape(name, one, right):
        return wrong
    return WITHIN if np.allclose(one, right, rtol=0.01, atol=0) else ""


def _wrong_shape(name: str, one: NDArray[Any], right: NDArray[Any]) -> str:
    if one.shape == right.shape:
        return ""
    wanted = f"shape {right.shape}" if right.shape else "one number"
    return f"Your {name} has shape {one.shape}, and this asks for {wanted}."


class Number(Array):
    """One number, as a Python or NumPy number, a fraction or an array of one entry.

    >>> kind = Number(0.25)
    >>> kind.same(kind.read([0.25]), kind.read(1 / 4))
    True
    """

    def read(self, answer: Any) -> NDArray[Any]:
        """Read the one number."""
        return one_number(filled(answer))


def _told(place: Any) -> str:
    """Say a place in words; a function among its parts by its name alone.

    >>> _told((np.square, 1.0)), _told(2.0)
    ('(square, 1.0)', '2.0')
    """
    if not isinstance(place, tuple):
        return describe(place)
    return f"({', '.join(getattr(p, '__name__', describe(p)) for p in place)})"


@dataclass(frozen=True)
class Function(Array):
    """A function, compared at several places: one place is not a test.

    A tuple among the places holds several arguments.

    >>> kind = Function(lambda x: 2 * x, at=(1.0, 2.0, 3.0))
    >>> kind.doubt(kind.read(lambda x: x**2))
    'It is right at some places and wrong at others, at 1.0 for one.'
    """

    noun = "function"
    at: tuple[Any, ...]

    def read(self, answer: Any) -> list[NDArray[Any]]:
        """Read the values at all places."""
        require_uncalled(answer, callable(answer), "Your answer must be a function")
        return [
            call(answer, *arguments, what=f"At {_told(place)} your {self.noun}")
            for place, arguments in zip(self.at, self.arguments, strict=True)
        ]

    @property
    def arguments(self) -> list[tuple[Any, ...]]:
        """The arguments at each place."""
        return [place if isinstance(place, tuple) else (place,) for place in self.at]

    def same(self, one: Any, other: Any) -> bool:
        """Compare the values at all places."""
        return all(map(super().same, one, other))

    def doubt(self, reading: Any) -> str:
        """Say what is off wherever it is wrong, or name one place of several."""
        agree = list(map(super().same, reading, self.truth))
        off = [
            _off(f"{self.noun}'s value", one, right)
            for one, right, fine in zip(reading, self.truth, agree, strict=True)
            if not fine
        ]
        if all(off):
            return off[0]
        if not any(agree):
            return ""
        place = _told(self.at[agree.index(False)])
        return f"It is right at some places and wrong at others, at {place} for one."


@dataclass(frozen=True)
class Parts(Function):
    """A function that returns several arrays, each with its name in the lesson.

    >>> kind = Parts(lambda x: (2 * x, x), at=(1.0, 3.0), names=("by_w", "by_b"))
    >>> kind.doubt(kind.read(lambda x: (2 * x, 5)))
    'Right: by_w. Look again at by_b.'
    """

    _: KW_ONLY
    names: tuple[str, ...]

    def read(self, answer: Any) -> list[NDArray[Any]]:
        """Read the arrays at the first place, then at the next."""
        require_uncalled(answer, callable(answer), "Your answer must be a function")
        return [
            numbers(part, f"Your {name}").copy()
            for arguments in self.arguments
            for name, part in zip(
                self.names, self._parts(answer, arguments), strict=True
            )
        ]

    def _parts(self, answer: Any, arguments: tuple[Any, ...]) -> Any:
        given = filled(given_back(answer, *arguments, what="Your function"))
        if isinstance(given, list | tuple) and len(given) == len(self.names):
            return given
        raise TypeError(
            f"Your function must return {len(self.names)} arrays, "
            f"{', '.join(self.names)}, got {describe(given)}"
        )

    def doubt(self, reading: Any) -> str:
        """Say which arrays have a wrong shape, or which are right and which are not."""
        right = dict.fromkeys(self.names, True)
        names = self.names * len(self.at)
        for name, one, other in zip(names, reading, self.truth, strict=True):
            if wrong := _wrong_shape(name, one, other):
                return wrong
            right[name] &= Array.same(self, one, other)
        fine = ", ".join(name for name in self.names if right[name])
        rest = ", ".join(name for name in self.names if not right[name])
        return f"Right: {fine}. Look again at {rest}." if fine else ""
