"""Checks on what the caller hands in, and the wording of every error.

An error names the object, what was expected, what came, and what to do. The
checks here run before anything is changed, so a refused call leaves no trace.
"""

from __future__ import annotations

import math
import reprlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "describe",
    "finite_array",
    "finite_number",
    "is_floating",
    "plainly_finite",
    "real_array",
    "require_finite",
    "same_shape",
    "whole_number",
]

_SHORT = reprlib.Repr()
_SHORT.maxother = _SHORT.maxstring = 60
_FLOATING = frozenset((np.float16, np.float32, np.float64, np.longdouble))


def describe(value: object) -> str:
    """Say in a few words what `value` is, for the "got ..." part of an error.

    Parameters
    ----------
    value : object
        Anything, arrays of any shape included.

    Returns
    -------
    str
        The value itself where it is short, its type and shape where it is not.

    Examples
    --------
    >>> describe("two"), describe(None), describe(np.zeros((3, 2)))
    ("'two'", 'None', 'an array of shape (3, 2)')
    """
    if isinstance(value, np.ndarray) and value.ndim:
        return f"an array of shape {value.shape}"
    return _SHORT.repr(value)


def real_array(value: ArrayLike, what: str) -> NDArray[np.floating]:
    """Turn `value` into an array of real floating-point numbers.

    Parameters
    ----------
    value : array_like
        Numbers of any shape. Integers and booleans become float64; float32 and
        other floating types stay as they are.
    what : str
        How an error calls the value, for instance ``"Linear(3, 2): input"``.

    Returns
    -------
    ndarray
        `value` itself where it already is such an array, otherwise a new one.

    Raises
    ------
    TypeError
        For text, None, complex numbers, or anything else that is no real number.
    ValueError
        For nested sequences of unequal length.

    Examples
    --------
    >>> real_array([1, 2], "x")
    array([1., 2.])
    """
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError(
            f"{what} must have rows of equal length, got {describe(value)}"
        ) from None
    except (TypeError, AttributeError, OverflowError, RuntimeError):
        raise TypeError(f"{what} must be numbers, got {describe(value)}") from None
    if array.dtype.kind == "f":
        return array
    if array.dtype.kind in "iub":
        return array.astype(float)
    if array.dtype.kind == "c":
        raise TypeError(f"{what} must be real numbers, got {describe(value)}")
    raise TypeError(f"{what} must be numbers, got {describe(value)}")


def require_finite(array: NDArray[Any], what: str) -> None:
    """Refuse an array that holds NaN or infinity.

    Parameters
    ----------
    array : ndarray
        Numbers of any shape.
    what : str
        How the error calls the array.

    Raises
    ------
    ValueError
        With the first offending entry and its index.

    Examples
    --------
    >>> require_finite(np.array([1.0, np.nan]), "x")
    Traceback (most recent call last):
        ...
    ValueError: x must hold finite numbers, got nan at index (1,)
    """
    bad = ~np.isfinite(array)
    if bad.any():
        index = tuple(int(i) for i in np.argwhere(bad)[0])
        place = f" at index {index}" if index else ""
        raise ValueError(f"{what} must hold finite numbers, got {array[index]}{place}")


def finite_array(value: ArrayLike, what: str) -> NDArray[np.floating]:
    """Turn `value` into an array of finite real numbers.

    Parameters
    ----------
    value : array_like
        Numbers of any shape.
    what : str
        How an error calls the value.

    Returns
    -------
    ndarray
        As `real_array` gives it.

    Raises
    ------
    TypeError, ValueError
        As `real_array` and `require_finite` do.

    Examples
    --------
    >>> finite_array([1, 2], "x")
    array([1., 2.])
    """
    array = real_array(value, what)
    require_finite(array, what)
    return array


def is_floating(value: object) -> bool:
    """Say whether `value` is a plain array of real floating-point numbers.

    Parameters
    ----------
    value : object
        Anything.

    Returns
    -------
    bool

    Examples
    --------
    >>> is_floating(np.zeros(2)), is_floating([0.0, 0.0])
    (True, False)
    """
    return type(value) is np.ndarray and value.dtype.type in _FLOATING


def plainly_finite(value: object) -> bool:
    """Say whether a glance is enough to accept `value` as an array of numbers.

    False calls for a closer look by `finite_array`, which accepts more: lists,
    integers, and numbers whose squares overflow.

    Parameters
    ----------
    value : object
        Anything.

    Returns
    -------
    bool
        True for a floating-point array without NaN and infinity.

    Examples
    --------
    >>> plainly_finite(np.ones(2)), plainly_finite(np.array([1, np.nan]))
    (True, False)
    """
    if not is_floating(value):
        return False
    # No look for NaN is cheaper than the dot product of an array with itself.
    entries = value.ravel("K")
    return math.isfinite(np.vdot(entries, entries))


def finite_number(value: Any, what: str) -> float:
    """Turn `value` into one finite Python float.

    Parameters
    ----------
    value : float or array_like of one entry
        The number.
    what : str
        How an error calls the number.

    Returns
    -------
    float

    Raises
    ------
    TypeError
        For what is no real number.
    ValueError
        For more than one number, none, NaN or infinity.

    Examples
    --------
    >>> finite_number(np.array([3]), "step")
    3.0
    """
    array = real_array(value, what)
    if array.size != 1:
        raise ValueError(f"{what} must be one number, got {describe(array)}")
    number = float(array.reshape(())[()])
    if not np.isfinite(number):
        raise ValueError(f"{what} must be finite, got {number}")
    return number


def whole_number(value: Any, what: str, *, least: int = 0) -> int:
    """Turn `value` into a Python int that is at least `least`.

    Parameters
    ----------
    value : int
        A whole number; a float is refused even where it is whole, so that a
        slip such as ``len(x) / 2`` is noticed.
    what : str
        How an error calls the number.
    least : int, optional
        The smallest value that is accepted.

    Returns
    -------
    int

    Raises
    ------
    TypeError
        For what is no whole number, booleans included.
    ValueError
        For a number below `least`.

    Examples
    --------
    >>> whole_number(np.int64(3), "in_features", least=1)
    3
    """
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | np.integer):
        raise TypeError(f"{what} must be a whole number, got {describe(value)}")
    if value < least:
        raise ValueError(f"{what} must be {least} or more, got {value}")
    return int(value)


def same_shape(array: NDArray[Any], shape: Sequence[int], what: str) -> None:
    """Refuse an array whose shape is not `shape`.

    Parameters
    ----------
    array : ndarray
        The array to look at.
    shape : sequence of int
        The shape it must have.
    what : str
        How the error calls the array.

    Raises
    ------
    ValueError
        With both shapes.

    Examples
    --------
    >>> same_shape(np.zeros(3), (2,), "target")
    Traceback (most recent call last):
        ...
    ValueError: target must have shape (2,), got (3,)
    """
    if array.shape != tuple(shape):
        raise ValueError(f"{what} must have shape {tuple(shape)}, got {array.shape}")
