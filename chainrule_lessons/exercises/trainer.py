"""The last exercise of lesson 11: a function that trains a network of the reader's.

Whatever it does inside, it is judged by what its `predict` says of held-out points.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule_lessons.exercises.answers import Answer
from chainrule_lessons.exercises.reading import call, filled, given_back
from chainrule_lessons.validation import describe, require_uncalled

__all__ = ["Trainer"]

Numbers = NDArray[np.floating]
ENOUGH = 0.9  # of the held-out points


class Trainer(Answer):
    """A function of (x, t, rng) that trains a network and returns its `predict`.

    It is read as one word: what `predict` makes of points that it has never seen.
    Three spiral arms are drawn for it, once within 1 of the middle, and once in
    another unit and around another middle. Whoever scales x trains twice on the very
    same numbers, so what differs comes of the unit and not of rounding.

    >>> Trainer(lambda x, t, rng: lambda x: np.zeros(len(x), int)).truth
    'one class'
    """

    def read(self, answer: Any) -> str:
        """Train on both sets; the first word that is not "learned" counts."""
        require_uncalled(answer, callable(answer), "Your answer must be a function")
        word = _word(answer, unit=1.0, middle=0.0)
        if word != "learned":
            return word
        word = _word(answer, unit=512.0, middle=3000.0)
        return word if word in ("learned", "own rows") else "unit"

    def doubt(self, reading: str) -> str:
        """Say how many it reads; the other words are known slips."""
        return (
            f"Of points that it has never seen it gets {reading} right. It does learn, "
            "so look for what holds it back: the epochs, the rate, the number of hidden "
            "neurons, a bias that waits, or a division by N."
        )


def _word(answer: Any, unit: float, middle: float) -> str:
    """Train on arms in a unit of their own, and say in a word what came of it."""
    rng = np.random.default_rng(11)
    x, t = _arms(128, rng)
    x, others = middle + unit * x, np.arange(len(x)) % 3 == 2
    own = ~others
    predict = _predict_of(answer, x[own], t[own])
    said = _said_by(predict, x[others])
    if said.shape == (others.sum(), 3):
        return "scores"
    if said.shape != (others.sum(),):
        raise ValueError(
            "Your predict must return one class for each row: for x of shape "
            f"{x[others].shape} it returned an array of shape {said.shape}"
        )
    single = [_said_by(predict, row[None]) for row in x[others][::6]]
    if not np.array_equal(np.ravel(single), said[::6]):
        return "rows apart"
    return _judged(said, t[others], _said_by(predict, x[own]), t[own])


def _judged(
    said: Numbers, t: NDArray[Any], said_own: Numbers, t_own: NDArray[Any]
) -> str:
    """Say in a word how the held-out points went, and the rows to train on."""
    right = np.mean(said == t)
    if right >= ENOUGH:
        return "learned"
    if len(set(said.tolist())) == 1:
        return "one class"
    if max(np.mean((said + k) % 3 == t) for k in (1, 2)) >= ENOUGH:
        return "shifted"
    if np.mean(said_own == t_own) >= right + 0.3:
        return "own rows"
    return "guessing" if right < 0.45 else f"{right:.0%}"


def _arms(n: int, rng: np.random.Generator) -> tuple[Numbers, NDArray[np.integer]]:
    """Draw n points on each of three spiral arms, and say which arm it is.

    They stand on a grid, and a unit and a row count that are powers of two keep all
    that scaling does to them exact.
    """
    t = np.repeat([0, 1, 2], n)
    radius = rng.uniform(0.15, 1.0, 3 * n)
    angle = 6 * radius + t * 2 * np.pi / 3 + rng.normal(0, 0.08, 3 * n)
    x = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return np.round(x * 2**20) / 2**20, t


def _predict_of(answer: Any, x: Numbers, t: NDArray[Any]) -> Any:
    """Let a reader's function train, on copies; it has to return a function."""
    data = x, t, np.random.default_rng(0)
    (predict,) = given_back(lambda *data: [answer(*data)], *data, what="Your function")
    if filled(predict) is None:
        raise TypeError(
            "Your function returned None; it must return predict, perhaps a "
            "`return predict` is missing"
        )
    if not callable(predict):
        raise TypeError(
            "Your function must return another function, predict, "
            f"got {describe(predict)}"
        )
    return predict


def _said_by(predict: Any, x: Numbers) -> NDArray[Any]:
    return call(predict, x, what="Your predict")
