"""Checks on what the caller hands in, and the wording of every error.

An error names the object, what was expected, what came, and what to do. The checks
run before anything is changed, so a refused call leaves no trace. The argument
`what` is how an error calls the value, for instance ``"Linear(3, 2): input"``.
"""

from __future__ import annotations

import math
import reprlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "checked",
    "describe",
    "finite_array",
    "finite_number",
    "first_bad",
    "generator",
    "is_floating",
    "plainly_finite",
    "real_array",
    "require_finite",
    "require_subclass",
    "require_uncalled",
    "same_shape",
    "whole_number",
]

_SHORT = reprlib.Repr()
_SHORT.maxother = _SHORT.maxstring = 60
_MOST = 2**31 - 1  # of anything that is counted here
_FLOATING = frozenset((np.float16, np.float32, np.float64, np.longdouble))


def describe(value: object) -> str:
    """Say in a few words what `value` is, for the "got ..." part of an error.

    >>> describe("two"), describe(None), describe(np.zeros((3, 2)))
    ("'two'", 'None', 'an array of shape (3, 2)')
    """
    if isinstance(value, np.ndarray) and value.ndim:
        return f"an array of shape {value.shape}"
    return _SHORT.repr(value)


def require_uncalled(value: object, fits: bool, what: str) -> None:
    """Refuse what is no function or class, perhaps because it was called already.

    >>> require_uncalled(4.0, callable(4.0), "f must be a function")
    Traceback (most recent call last):
        ...
    TypeError: f must be a function, handed in without calling it, got 4.0
    """
    if not fits:
        raise TypeError(f"{what}, handed in without calling it, got {describe(value)}")


def require_subclass(value: object, base: type, what: str) -> None:
    """Refuse what is no class, or a class that does not derive from `base`.

    >>> require_subclass(int, str, "f must be a kind of str")
    Traceback (most recent call last):
        ...
    TypeError: f must be a kind of str, and int does not derive from str: write \
`class int(str):` in its first line
    """
    require_uncalled(value, isinstance(value, type), what)
    if not issubclass(value, base):
        lack = f"{value.__name__} does not derive from {base.__name__}"
        line = f"class {value.__name__}({base.__name__}):"
        raise TypeError(f"{what}, and {lack}: write `{line}` in its first line")


def real_array(value: ArrayLike, what: str) -> NDArray[np.floating]:
    """Turn `value` into an array of real floating-point numbers, if it is not one.

    Integers and booleans become float64; float32 and other floating types stay.

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
    if isinstance(value, np.ma.MaskedArray):
        _require_unmasked(value, what)
    if array.dtype.kind == "f":
        return array
    if array.dtype.kind in "iub":
        return array.astype(float)
    kind = "real numbers" if array.dtype.kind == "c" else "numbers"
    raise TypeError(f"{what} must be {kind}, got {describe(value)}")


def _require_unmasked(value: np.ma.MaskedArray, what: str) -> None:
    hidden = int(np.ma.count_masked(value))
    if hidden:
        raise ValueError(
            f"{what} must hold no masked entries, got {hidden} of {value.size}: "
            "fill them or leave them out"
        )


def first_bad(array: ArrayLike) -> tuple[int, ...] | None:
    """Return the index of the first NaN or infinity; None where all is finite.

    >>> first_bad([1.0, np.nan, np.inf])
    (1,)
    """
    bad = ~np.isfinite(array)
    return tuple(int(i) for i in np.argwhere(bad)[0]) if bad.any() else None


def require_finite(array: NDArray[Any], what: str) -> None:
    """Refuse an array that holds NaN or infinity.

    >>> require_finite(np.array([1.0, np.nan]), "x")
    Traceback (most recent call last):
        ...
    ValueError: x must hold finite numbers, got nan at index (1,)
    """
    index = first_bad(array)
    if index is not None:
        place = f" at index {index}" if index else ""
        raise ValueError(f"{what} must hold finite numbers, got {array[index]}{place}")


def finite_array(value: ArrayLike, what: str) -> NDArray[np.floating]:
    """Turn `value` into an array of finite real numbers, as `real_array` does."""
    array = real_array(value, what)
    require_finite(array, what)
    return array


def is_floating(value: object) -> bool:
    """Say whether `value` is a plain array of real floating-point numbers."""
    return type(value) is np.ndarray and value.dtype.type in _FLOATING


def plainly_finite(value: object) -> bool:
    """Say whether a glance is enough to accept `value` as an array of numbers.

    False calls for a closer look by `finite_array`, which accepts more: lists,
    integers, and numbers whose squares overflow.

    >>> plainly_finite(np.ones(2)), plainly_finite(np.array([1, np.nan]))
    (True, False)
    """
    if not is_floating(value):
        return False
    # No look for NaN is cheaper than the dot product of an array with itself.
    entries = value.ravel("K")
    return math.isfinite(np.vdot(entries, entries))


def checked(value: ArrayLike, owner: object, role: str) -> NDArray[np.floating]:
    """Return `value` as `finite_array` does, at a glance where that is enough.

    >>> checked([1, None], "MSELoss", "input")
    Traceback (most recent call last):
        ...
    TypeError: MSELoss: input must be numbers, got [1, None]
    """
    if plainly_finite(value):
        return value
    return finite_array(value, f"{owner}: {role}")


def finite_number(value: Any, what: str) -> float:
    """Turn a number, or an array of one entry, into a finite Python float.

    >>> finite_number(np.array([3]), "step")
    3.0
    """
    array = real_array(value, what)
    if array.size != 1:
        raise ValueError(f"{what} must be one number, got {describe(array)}")
    number = float(array.reshape(())[()])
    if not math.isfinite(number):
        raise ValueError(f"{what} must be finite, got {number}")
    return number


def whole_number(value: Any, what: str, *, least: float = 0) -> int:
    """Turn `value` into a Python int that is at least `least`.

    A float is refused even where it is whole, so that a slip such as
    ``len(x) / 2`` is noticed.

    >>> whole_number(np.int64(3), "in_features", least=1)
    3
    """
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise TypeError(f"{what} must be a whole number, got {describe(value)}")
    if value < least:
        raise ValueError(f"{what} must be {least} or more, got {value}")
    if value > _MOST:
        raise ValueError(f"{what} must be {_MOST} or less, got {describe(value)}")
    return int(value)


def same_shape(array: NDArray[Any], shape: Sequence[int], what: str) -> None:
    """Refuse an array whose shape is not `shape`.

    >>> same_shape(np.zeros(3), (2,), "target")
    Traceback (most recent call last):
        ...
    ValueError: target must have shape (2,), got (3,)
    """
    if array.shape != tuple(shape):
        raise ValueError(f"{what} must have shape {tuple(shape)}, got {array.shape}")


def generator(rng: Any, owner: str) -> np.random.Generator:
    """Return `rng`, or a new generator from a seed or from nothing."""
    # What NumPy's own seeding meets unchecked can end Python, as a matrix does.
    seed = isinstance(rng, int | np.integer) and not isinstance(rng, bool) and rng >= 0
    random = np.random  # loaded by NumPy when it is first asked for
    kinds = random.Generator, random.BitGenerator, random.SeedSequence
    if not (rng is None or seed or isinstance(rng, kinds)):
        raise TypeError(
            f"{owner}: rng must be a Generator, a seed or None, got {describe(rng)}"
        )
    return random.default_rng(rng)
