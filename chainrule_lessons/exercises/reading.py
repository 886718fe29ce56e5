"""Read what a reader hands in: numbers, and what a function returns.

Nothing is trusted here: an answer may be anything, and a function may do anything.
"""

from __future__ import annotations

import contextlib
import copy
import inspect
import textwrap
from collections.abc import Callable
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule_lessons.validation import (
    describe,
    finite_number,
    real_array,
    require_finite,
)

__all__ = ["Unanswered", "call", "filled", "given_back", "numbers", "one_number"]

# Not `float` itself, which reads text too.
FLOATS = np.vectorize(lambda number: number.__float__(), otypes=[float])


class Unanswered(Exception):
    """The answer, or a part of it, is still the dots to fill in."""


def filled(value: Any) -> Any:
    """Return `value`; raise Unanswered if a part of it is still the dots.

    >>> filled([[1, 2], [0, 1]])
    [[1, 2], [0, 1]]
    """
    objects = isinstance(value, np.ndarray) and value.dtype == object
    entries = value.tolist() if objects else value
    if entries is ...:
        raise Unanswered
    for entry in entries if isinstance(entries, list | tuple) else ():
        filled(entry)
    return value


def numbers(value: Any, what: str = "Your answer") -> NDArray[np.floating]:
    """Read finite real numbers of any shape; raise TypeError or ValueError for others.

    >>> numbers([1, 2])
    array([1., 2.])
    """
    array = _real(value, what)
    require_finite(array, what)
    return array


def one_number(value: Any, what: str = "Your answer") -> NDArray[np.floating]:
    """Read one finite real number, be it in an array of one entry.

    >>> one_number([2])
    array(2.)
    """
    return np.asarray(finite_number(_real(value, what), what))


def call(function: Callable[..., Any], *arguments: Any, what: str) -> Any:
    """Call a reader's function on copies and read the numbers that it returns.

    `what` begins the sentence of a TypeError or ValueError: that it raised, forgot to
    return, or returned something else.

    >>> call(lambda x: None, 2.0, what="At 2.0 your function")
    Traceback (most recent call last):
        ...
    TypeError: At 2.0 your function returned None; perhaps a `return` is missing
    """
    value = given_back(function, *arguments, what=what)
    return numbers(filled(value), f"{what}'s value").copy()


def given_back(function: Callable[..., Any], *arguments: Any, what: str) -> Any:
    """Call a reader's function on copies; give what it returns, but for None."""
    arguments = copy.deepcopy(arguments)
    try:
        value = function(*arguments)
    except (KeyboardInterrupt, Unanswered):
        raise
    except BaseException as error:  # noqa: BLE001 - it is the reader's, sys.exit too
        told = textwrap.shorten(f"{type(error).__name__}: {error}", 120).rstrip(": ")
        raise ValueError(f"{what} raised {told}") from None
    if value is None:
        raise TypeError(f"{what} returned None; perhaps a `return` is missing")
    return value


def _real(value: Any, what: str) -> NDArray[np.floating]:
    """Read real numbers, exact ones (Fraction, Decimal, SymPy's) in lists as well."""
    if inspect.isroutine(value):
        raise TypeError(f"{what} must be numbers, got a function: call it at a place")
    if isinstance(value, bool) or str(getattr(value, "dtype", "")) == "bool":
        raise TypeError(f"{what} must be numbers, got {describe(value)}")
    if _masked(value):
        words = "must have no masked entries: give each of them a number"
        raise ValueError(f"{what} {words}")
    if isinstance(value, Real):
        value = float(value)
    try:
        return real_array(value, what)
    except TypeError:
        with contextlib.suppress(AttributeError, TypeError, ValueError, OverflowError):
            return FLOATS(np.asarray(value, dtype=object))
        raise


def _masked(value: Any) -> bool:
    """Say whether an array, or one in a list, has masked entries."""
    if isinstance(value, list | tuple):
        return any(map(_masked, value))
    return np.ma.is_masked(value)
