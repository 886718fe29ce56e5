"""Slopes measured from the values of a function.

Three formulas and one idea carry this file. With a small step h, the slope of f
at x is about ::

    forward     (f(x + h) - f(x)) / h            error of order h
    central     (f(x + h) - f(x - h)) / (2 h)    error of order h**2
    complex     imag(f(x + i h)) / h             error of order h**2, no subtraction

The idea is Richardson's: shrink the step several times, watch how the error
shrinks with it, and take the rest away. ``"richardson"`` does that with six
central differences. ``"auto"``, the default, takes the complex step where it can.
Both are believed only where the slopes close by on the left and on the right agree
with them. Where they don't, finer and finer ladders of steps look at f from both
sides and from each side alone.

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
its size, below 1e-10 of the steepest difference near x, or below 1e-12 where f is
nearly flat: ``log(1 + exp(x))`` at -30 has 5 digits, and tanh at 17 has 1. Most
slopes come out with 13 to 15 digits. Where f returns float32 these bounds grow with
its rounding, and 5 to 7 digits are left.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from operator import mul
from typing import Any

import numpy as np
from numpy.exceptions import ComplexWarning
from numpy.typing import ArrayLike, NDArray

from chainrule_lessons.fault import DerivativeError, refuse
from chainrule_lessons.ladder import RATIO, climb, judge, weights
from chainrule_lessons.probe import Probe, along, entry_name
from chainrule_lessons.validation import (
    describe,
    finite_number,
    real_array,
    require_finite,
)

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

    Notes
    -----
    What f raises comes through, with a note that says at which x.

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


# The plain formulas. Each divides by the distance between the two places as the
# computer has them, which takes the rounding of x + h out of the answer.


def _forward(f: Callable[[Any], Any], x: Any, h: Any) -> Any:
    return (f(x + h) - f(x)) / ((x + h) - x)


def _central(f: Callable[[Any], Any], x: Any, h: Any) -> Any:
    return (f(x + h) - f(x - h)) / ((x + h) - (x - h))


def _complex(f: Callable[[Any], Any], x: Any, h: Any) -> Any:
    return f(x + 1j * h).imag / h


def _large(x: Any) -> Any:
    """Return |x|, or 1 where that is larger."""
    return np.maximum(abs(x), 1.0) if np.ndim(x) else max(abs(x), 1.0)


# The usual steps balance rounding against the error of the formula. The complex
# step subtracts nothing: it is so small that even its square is 0.
_EPS = float(np.finfo(float).eps)
_TINY = 2.0**-664
_PLAIN = {
    "forward": (_forward, lambda x: _EPS ** (1 / 2) * _large(x)),
    "central": (_central, lambda x: _EPS ** (1 / 3) * _large(x)),
    "complex": (_complex, lambda x: _TINY),
}
_METHODS = ("auto", "richardson", *_PLAIN)

# The careful methods. Both first glance at f with few calls, which is enough for
# most functions; only where that leaves a doubt do they climb a whole ladder.

_STEPS = (RATIO ** -np.arange(14.0)).tolist()
_WINDOW = 6
_VALUE = weights(2, _WINDOW)[0, -1].tolist()
_MOVED = weights(2, _WINDOW)[1, -1].tolist()
_NUMBERS = (float, np.float64)
_PLAIN_TYPES = (*_NUMBERS, np.ndarray)


def _glance(
    f: Callable[[Any], Any], x: Any, method: str, step: float | None, eps: float
) -> Any:
    """Measure with few calls; None where they leave a doubt."""
    y, scale = f(x), _large(x)
    if type(y) not in _PLAIN_TYPES: return None
    if method == "auto" and eps == _EPS:
        hint = _imaginary(f, x)
        if hint is not None and _confirmed(f, x, y, hint, step or scale, eps):
            return hint
    slope = _extrapolated(f, x, y, step or scale / math.e, eps)
    if slope is not None and _confirmed(f, x, y, slope, step or scale, eps):
        return slope
    return None


def _imaginary(f: Callable[[Any], Any], x: Any) -> Any:
    """Take the complex step, or None where f refuses or drops the imaginary part."""
    filters = warnings.filters
    # What catch_warnings does, at an eighth of its time: this runs at every slope.
    warnings.filters = [("error", None, ComplexWarning, None, 0), *filters]
    try:
        return f(_complex_place(x)).imag / _TINY
    except Exception:  # f(x) went well, so what f raises now is about i
        return None
    finally:
        warnings.filters = filters


def _complex_place(x: Any) -> Any:
    return complex(x, _TINY) if type(x) is float else x + 1j * _TINY


def _confirmed(
    f: Callable[[Any], Any], x: Any, y: Any, slope: Any, scale: Any, eps: float
) -> bool:
    """Say whether the slopes on the left and on the right agree with `slope`."""
    h = 4e-6 * scale
    rise, fall, run = f(x + h) - y, y - f(x - h), h * slope
    tight = 1e-7 * abs(run)
    # A slope drowned in the rounding of f would agree with anything.
    return _all(
        (eps * abs(y) <= tight)
        & (abs(rise - fall) <= 1000 * tight)
        & (abs(rise + fall - 2 * run) <= 2 * tight)
    )


def _extrapolated(f: Callable[[Any], Any], x: Any, y: Any, top: Any, eps: float) -> Any:
    """Extrapolate six central differences, finer and finer until they are sure."""
    slopes = []
    for step in _STEPS:
        h = step * top
        up, down = x + h, x - h
        slopes.append((f(up) - f(down)) / (up - down))
        if len(slopes) >= _WINDOW:
            window = slopes[-_WINDOW:]
            slope, moved = sum(map(mul, _VALUE, window)), sum(map(mul, _MOVED, window))
            if _all(abs(moved) + eps * abs(y) / h <= 1e-12 * abs(slope)) and _all(abs(slope) < math.inf):
                return slope
    return None


def _all(true: Any) -> bool:
    return true if type(true) is bool else bool(true.all())


def _careful(f: Probe, x: Any, method: str, step: float | None) -> Any:
    """Measure every output of f; those that a glance leaves in doubt one by one."""
    try:
        slope = _glance(f, x, method, step, f.eps)
    except Exception:
        slope = None
    if slope is not None:
        return slope
    y = np.asarray(f(x))
    if not y.ndim:
        return _settled(f, x, method, step)
    slopes = [_number(f.entry(x, i), np.ravel(x)[i] if np.ndim(x) else x, method, step) for i in range(y.size)]
    return np.reshape(slopes, y.shape)


def _number(f: Probe, x: float, method: str, step: float | None) -> float:
    try:
        slope = _glance(f, x, method, step, f.eps)
    except Exception:
        slope = None
    return _settled(f, x, method, step) if slope is None else slope


def _settled(f: Probe, x: float, method: str, step: float | None) -> float:
    """Climb a ladder of steps until it says what the slope is, or that there is none."""
    y = f(x)
    ladder = climb(f, x, y, step or _large(x) / math.e)
    verdict = judge(ladder, f.eps)
    hint = _imaginary(f, x) if method == "auto" and f.eps == _EPS else None
    if hint is not None and _agrees(hint, verdict):
        return hint
    return verdict.slope if verdict.smooth else refuse(f, float(x), y, ladder, verdict)


def _agrees(hint: float, v: Any) -> bool:
    """Say whether the complex step lies within the error of the differences."""
    gap = abs(hint - v.slope)
    if v.smooth:
        return gap <= max(1e-7 * abs(v.slope), 3 * v.error)
    # Differences too coarse to decide, by rounding alone, leave the hint standing.
    drowned = v.error <= 1000 * v.floor and v.doubt <= 1e5 * v.floor
    drowned = drowned and v.error + v.doubt <= 1e-2 * abs(hint)
    return drowned and gap <= 3 * v.error and abs(v.right - v.left) <= 3 * v.doubt


# From the caller's arguments to the formulas.


def _checked(f: Any, x: ArrayLike, caller: str, method: str, step: Any) -> tuple[Any, Any]:
    """Check all arguments; return x in float64 and the step."""
    if not callable(f):
        raise TypeError(f"{caller}: f must be a function, got {describe(f)}")
    if method not in _METHODS:
        known = ", ".join(map(repr, _METHODS))
        raise ValueError(f"{caller}: method must be one of {known}, got {describe(method)}")
    if step is not None:
        step = finite_number(step, f"{caller}: step")
        if step <= 0:
            raise ValueError(f"{caller}: step must be above 0, got {step}")
    point = real_array(x, f"{caller}: x")
    if not point.size:
        raise ValueError(
            f"{caller}: x must hold at least one number, got {describe(point)}"
        )
    require_finite(point, f"{caller}: x")
    return point.astype(float)[()], step


def _slope(f: Probe, x: Any, method: str, step: float | None) -> Any:
    if method not in _PLAIN:
        return _careful(f, x, method, step)
    formula, usual = _PLAIN[method]
    return formula(f, x, usual(x) if step is None else step)


@np.errstate(all="ignore")
def _entries(
    f: Callable[[Any], Any], x: ArrayLike, method: str, step: float | None
) -> Any:
    """Differentiate f at every entry of x at once."""
    if type(x) is float and method in ("auto", "richardson") and step is None and math.isfinite(x):
        try:
            slope = _glance(f, x, method, step, _EPS)
        except Exception:
            slope = None
        if type(slope) in _NUMBERS:
            return float(slope)
    point, step = _checked(f, x, "derivative", method, step)
    probe = Probe(f, "derivative", point.shape)
    if point.size > 1 and method not in _PLAIN:
        probe.require_elementwise(point)
    slope = _slope(probe, point, method, step)
    return slope if point.ndim else float(slope)


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
    for i, entry in enumerate(point.flat):
        place = entry_name("x", i, point.shape)
        probe = Probe(along(f, point, i), caller, shape, place)
        columns.append(_slope(probe, entry, method, step))
        shape = probe.shape
    table = np.reshape(columns, (point.size, -1)).T
    return table.reshape(shape + point.shape)
