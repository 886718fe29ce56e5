"""Slopes measured from the values of a function.

Three formulas and one idea carry these slopes. With a small step h, the slope of f
at x is about ::

    forward     (f(x + h) - f(x)) / h            error of order h
    central     (f(x + h) - f(x - h)) / (2 h)    error of order h**2
    complex     imag(f(x + i h)) / h             error of order h**2, no subtraction

The idea is Richardson's: shrink the step several times, watch how the error
shrinks with it, and take the rest away. ``"richardson"`` does that with central
differences. ``"auto"``, the default, takes the complex step where it can. Both are
believed only where the slopes close by on the left and on the right agree with them.
Where they don't, a whole ladder of steps, from coarse to as fine as the numbers
allow, looks at f from both sides and from each side alone.

Where f has no slope, these two methods raise `DerivativeError` instead of giving
a number: at a kink, a jump, a vertical tangent, the edge of the domain, a NaN.

A function is known here by its values alone, so some things can't be seen:

- a kink or a jump beside x but closer than the smallest step, one smaller than
  the rounding of f, and a change of slope below 1 part in 10,000;
- a wiggle that is finer than the steps and shallower than the rounding of f;
- a slope far below the rounding of f, as in ``1e10 + sin(x)`` where f takes real
  numbers only. That one is refused (kind ``"unclear"``); where f takes complex
  numbers, the complex step finds it. What f rounds away inside itself, as
  ``log(1 + exp(x))`` does at -30, no difference brings back.

From real numbers alone a slope is given once its estimated error is below 1e-7 of
its size, below 1e-10 of the steepest difference among the finest steps that tell it,
or, where f is nearly flat, below 1e-12 (over |x| where that is above 1). So
``log(1 + exp(x))`` at -30 has 3 digits, and tanh at 17 has 2. Most slopes come out
with 13 to 15 digits. Where f returns float32 these bounds grow with its rounding,
and 5 to 7 digits are left.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from chainrule_lessons.difference import EPS, PLAIN, glance, imaginary, large
from chainrule_lessons.fault import DerivativeError, refuse
from chainrule_lessons.ladder import Ladder, Verdict, climb, judge
from chainrule_lessons.probe import Probe, along, entry_name
from chainrule_lessons.validation import describe, finite_array, finite_number

__all__ = ["DerivativeError", "derivative", "gradient", "jacobian"]

Array = NDArray[np.floating]


def derivative(
    f: Callable[[Any], Any],
    x: ArrayLike,
    *,
    method: str = "auto",
    step: float | None = None,
) -> Any:
    """Measure the slope of `f` at `x`.

    Parameters
    ----------
    f : callable
        Takes a number and returns a number. For an array `x` it takes the whole
        array and works on each entry alone.
    x : float or array_like of any shape
        Where to measure. Integers become float64, and so does float32.
    method : {"auto", "richardson", "complex", "central", "forward"}, optional
        ``"auto"`` is a complex step confirmed by differences, and Richardson's
        extrapolation where f can't take complex numbers. The last three are the
        plain formulas: they give a number even where there is no slope.
    step : float, optional
        The step h of a plain formula; for the other two methods the largest step.

    Returns
    -------
    float or ndarray of the shape of `x`

    Raises
    ------
    DerivativeError
        Where f has no slope ("auto" and "richardson").
    TypeError
        Where `f` can't be called, or `x` or f(x) is no real number.
    ValueError
        For an unknown method, a bad step, or an f(x) of another shape than `x`.

    What `f` raises itself comes through, with a note that says at which x.

    References
    ----------
    W. Squire and G. Trapp, "Using complex variables to estimate derivatives of
    real functions", SIAM Review 40 (1998). L. F. Richardson, "The approximate
    arithmetical solution by finite differences", Phil. Trans. A 210 (1911).

    Examples
    --------
    >>> import numpy as np
    >>> derivative(lambda x: x**3, 2)
    12.0
    >>> derivative(np.sin, [0, np.pi])
    array([ 1., -1.])
    """
    return _entries(f, x, method, step)


def gradient(
    f: Callable[[Any], Any],
    x: ArrayLike,
    *,
    method: str = "auto",
    step: float | None = None,
) -> Array:
    """Measure the slopes of one number by each of its inputs.

    Parameters
    ----------
    f : callable
        Takes an array of the shape of `x` and returns one number.
    x : array_like of any shape
        Where to measure.
    method, step
        As in `derivative`.

    Returns
    -------
    ndarray of the shape of `x`
        Entry i is the slope by ``x[i]`` while the other entries stand still.

    Raises
    ------
    DerivativeError, TypeError, ValueError
        As in `derivative`; ValueError too where f returns more than one number.

    Examples
    --------
    >>> gradient(lambda x: x[0] * x[1] ** 2, [2, 3])
    array([ 9., 12.])
    """
    return _columns(f, x, "gradient", (), method, step)


def jacobian(
    f: Callable[[Any], Any],
    x: ArrayLike,
    *,
    method: str = "auto",
    step: float | None = None,
) -> Array:
    """Measure the slope of every output by every input.

    Parameters
    ----------
    f : callable
        Takes an array of the shape of `x` and returns an array of any shape.
    x : array_like of any shape
        Where to measure.
    method, step
        As in `derivative`.

    Returns
    -------
    ndarray of shape ``f(x).shape + x.shape``
        For vectors ``(m, n)``: rows are outputs, columns are inputs.

    Raises
    ------
    DerivativeError, TypeError, ValueError
        As in `derivative`.

    Examples
    --------
    >>> import numpy as np
    >>> jacobian(lambda x: np.array([x[0] * x[1], x[0] + x[1]]), [2, 3])
    array([[3., 2.],
           [1., 1.]])
    """
    return _columns(f, x, "jacobian", None, method, step)


_CAREFUL = ("auto", "richardson")
_METHODS = (*_CAREFUL, *PLAIN)


def _measure(f: Any, x: Any, method: str, step: float | None, eps: float) -> Any:
    if method in _CAREFUL:
        return glance(f, x, method, step, eps)
    formula, usual = PLAIN[method]
    return formula(f, x, usual(x) if step is None else step)


def _unasked(f: Any, x: Any, method: Any, step: Any) -> float | None:
    """Measure at one number without a check; None where anything is unusual."""
    try:
        slope = _measure(f, float(x), method, step, EPS)
    except Exception:
        return None
    usual = isinstance(slope, float) and (slope == slope or method in PLAIN)
    return float(slope) if usual else None


def _slopes(f: Probe, x: Any, method: str, step: float | None) -> Any:
    """Measure every output of f; climb a ladder for those that a glance leaves open."""
    if method in PLAIN:
        return _measure(f, x, method, step, EPS)
    y = np.asarray(f(x))
    slopes = np.array(_measure(f.near, x, method, step, f.eps))
    slopes = slopes if slopes.shape == y.shape else np.full(y.shape, np.nan)
    doubtful = np.flatnonzero(np.isnan(slopes))
    if doubtful.size:
        hints = imaginary(f, x) if method == "auto" and f.eps == EPS else None
        ladders = climb(f, x, y, step or large(x), doubtful)
        for i, ladder in zip(doubtful, ladders, strict=True):
            hint = None if hints is None else np.ravel(hints)[i]
            slopes.flat[i] = _settled(f, x, y, i, ladder, hint)
    return slopes[()]


def _settled(
    f: Probe, x: Any, y: Array, i: int, ladder: Ladder, hint: float | None
) -> float:
    """Give the slope of output i that its ladder shows, or refuse."""
    verdict = judge(ladder, f.eps)
    if hint is not None and _agrees(hint, verdict):
        return hint
    if verdict.smooth:
        return verdict.slope
    place = x.flat[i] if np.ndim(x) else x
    return refuse(f.sentence(x, i), place, y.flat[i], ladder, verdict)


def _agrees(hint: float, v: Verdict) -> bool:
    """Say whether the complex step lies within the error of the differences."""
    gap = abs(hint - v.slope)
    if v.smooth:
        return gap <= max(1e-7 * abs(v.slope), 3 * v.error)
    # Differences too coarse to decide, by rounding alone, leave the hint standing.
    drowned = v.error <= 1000 * v.floor and v.doubt <= 1e5 * v.floor
    legible = v.error + v.doubt <= 1e-2 * abs(hint)
    meet = gap <= 3 * v.error and abs(v.right - v.left) <= 3 * v.doubt
    return drowned and legible and meet


@np.errstate(all="ignore")
def _entries(
    f: Callable[[Any], Any], x: ArrayLike, method: str, step: float | None
) -> Any:
    """Differentiate f at every entry of x at once."""
    if step is None and type(x) in _ONE_NUMBER:
        slope = _unasked(f, x, method, step)
        if slope is not None:
            return slope
    point, step = _checked(f, x, "derivative", method, step)
    probe = Probe(f, "derivative", point.shape)
    if point.size > 1 and method in _CAREFUL:
        probe.require_elementwise(point)
    slopes = _slopes(probe, point, method, step)
    return slopes if point.ndim else float(slopes)


_ONE_NUMBER = (float, int, np.float64)


@np.errstate(all="ignore")
def _columns(
    f: Callable[[Any], Any],
    x: ArrayLike,
    caller: str,
    shape: tuple[int, ...] | None,
    method: str,
    step: float | None,
) -> Array:
    """Differentiate f along each entry of x; the entry's index comes last."""
    point, step = _checked(f, x, caller, method, step)
    columns = []
    for i, entry in enumerate(point.ravel()):
        moved = along(f, point, i)
        column = _unasked(moved, entry, method, step) if shape == () else None
        if column is None:
            probe = Probe(moved, caller, shape, entry_name("x", i, point.shape))
            column = _slopes(probe, entry, method, step)
            shape = probe.shape
        columns.append(column)
    table = np.reshape(columns, (point.size, -1)).T
    return table.reshape(shape + point.shape)


def _checked(
    f: Any, x: ArrayLike, caller: str, method: str, step: Any
) -> tuple[Any, float | None]:
    """Check all arguments; give x in float64, a NumPy number where it is one number."""
    if not callable(f):
        raise TypeError(f"{caller}: f must be a function, got {describe(f)}")
    if method not in _METHODS:
        known = ", ".join(map(repr, _METHODS))
        raise ValueError(
            f"{caller}: method must be one of {known}, got {describe(method)}"
        )
    if step is not None:
        step = finite_number(step, f"{caller}: step")
        if step <= 0:
            raise ValueError(f"{caller}: step must be above 0, got {step}")
    point = finite_array(x, f"{caller}: x")
    if not point.size:
        raise ValueError(
            f"{caller}: x must hold at least one number, got {describe(point)}"
        )
    return point.astype(float)[()], step
