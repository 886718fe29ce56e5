"""Read what a reader hands in: numbers, and what a function returns.

Nothing is trusted here: an answer may be anything, and a function may do anything.
"""

from __future__ import annotations

import copy
import inspect
import textwrap
from collections.abc import Callable
from decimal import Decimal
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

__all__ = ["call", "dotted", "numbers", "one_number", "plain"]


def dotted(value: object) -> bool:
    """Say whether `value`, or a part of it, is still the dots to fill in.

    Examples
    --------
    >>> dotted([[1, ...], [0, 1]]), dotted([1, 2])
    (True, False)
    """
    if isinstance(value, np.ndarray) and value.dtype == object:
        value = value.tolist()
    if isinstance(value, list | tuple):
        return any(map(dotted, value))
    return value is ...


def plain(value: Any, what: str) -> Any:
    """Turn exact numbers (Fraction, Decimal) into floats; refuse what only looks so.

    Raises
    ------
    TypeError
        For a function, and for True and False.

    Examples
    --------
    >>> from decimal import Decimal
    >>> plain(Decimal("0.5"), "Your answer")
    0.5
    """
    if inspect.isroutine(value):
        raise TypeError(f"{what} must be numbers, got a function: call it at a place")
    if isinstance(value, bool) or str(getattr(value, "dtype", "")) == "bool":
        raise TypeError(f"{what} must be numbers, got {describe(value)}")
    return float(value) if isinstance(value, Real | Decimal) else value


def numbers(value: Any, what: str) -> NDArray[np.floating]:
    """Read finite real numbers of any shape.

    Raises
    ------
    TypeError
        For what is no real number.
    ValueError
        For NaN, infinity and rows of unequal length.

    Examples
    --------
    >>> numbers([1, 2], "Your answer")
    array([1., 2.])
    """
    array = real_array(plain(value, what), what)
    require_finite(array, what)
    return array


def one_number(value: Any) -> NDArray[np.floating]:
    """Read one finite real number, be it in an array of one entry.

    Raises
    ------
    TypeError, ValueError
        As `numbers` does, and for more than one number or none.

    Examples
    --------
    >>> one_number([2])
    array(2.)
    """
    what = "Your answer"
    return np.asarray(finite_number(plain(value, what), what))


def call(function: Callable[..., Any], place: Any) -> Any:
    """Call a reader's function on a copy of `place` and read what it returns.

    Raises
    ------
    TypeError, ValueError
        Where it raised, forgot to return, or returned something else than finite
        real numbers.

    Examples
    --------
    >>> call(lambda x: None, 2.0)
    Traceback (most recent call last):
        ...
    TypeError: At 2.0 your function returned None; perhaps a `return` is missing
    """
    arguments = copy.deepcopy(place if isinstance(place, tuple) else (place,))
    at = f"At {describe(place)} your function"
    try:
        value = function(*arguments)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - it is the reader's, sys.exit too
        told = textwrap.shorten(f"{type(error).__name__}: {error}", 120).rstrip(": ")
        raise ValueError(f"{at} raised {told}") from None
    if value is None:
        raise TypeError(f"{at} returned None; perhaps a `return` is missing")
    return ... if dotted(value) else numbers(value, f"{at}'s value").copy()
