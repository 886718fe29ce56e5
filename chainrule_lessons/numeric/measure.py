"""Derivative, gradient and Jacobian: try a few calls of f, confirm, else a ladder."""

from __future__ import annotations

import math
import warnings
from operator import mul
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from chainrule_lessons.numeric.formulas import EPS, FORMULAS, TINY, Function, size
from chainrule_lessons.numeric.ladder import ladder_slopes, richardson_weights
from chainrule_lessons.numeric.probe import Probe, along, entry_name
from chainrule_lessons.validation import describe, finite_array, finite_number

__all__ = ["derivative", "gradient", "jacobian"]

Array = NDArray[np.floating]
_CAREFUL = ("auto", "richardson")
_METHODS = (*_CAREFUL, *FORMULAS)


def derivative(
    f: Function, x: ArrayLike, *, method: str = "auto", step: float | None = None
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
    return _at_each_entry(f, x, method, step)


def gradient(
    f: Function, x: ArrayLike, *, method: str = "auto", step: float | None = None
) -> Array:
    """Measure the slopes of one number by each of its inputs.

    Parameters
    ----------
    f : callable
        Takes an array of the shape of `x` and returns one number.
    x, method, step
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
    return _along_each_entry(f, x, "gradient", method, step)


def jacobian(
    f: Function, x: ArrayLike, *, method: str = "auto", step: float | None = None
) -> Array:
    """Measure the slope of every output by every input.

    Parameters
    ----------
    f : callable
        Takes an array of the shape of `x` and returns an array of any shape.
    x, method, step
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
    return _along_each_entry(f, x, "jacobian", method, step)


@np.errstate(all="ignore")
def _at_each_entry(f: Function, x: ArrayLike, method: str, step: float | None) -> Any:
    """Differentiate f at every entry of x at once."""
    if step is None and type(x) in (float, int, np.float64):
        slope = _unchecked(f, x, method, step)
        if slope is not None:
            return slope
    point, step = _checked(f, x, "derivative", method, step)
    probe = Probe(f, "derivative", point.shape)
    if point.size > 1 and method in _CAREFUL:
        probe.require_elementwise(point)
    slopes = _output_slopes(probe, point, method, step)
    return slopes if point.ndim else float(slopes)


@np.errstate(all="ignore")
def _along_each_entry(
    f: Function, x: ArrayLike, caller: str, method: str, step: float | None
) -> Array:
    """Differentiate f along each entry of x; the entry's index comes last."""
    point, step = _checked(f, x, caller, method, step)
    columns, shape = [], () if caller == "gradient" else None
    for i, entry in enumerate(point.ravel()):
        moved = along(f, point, i)
        column = _unchecked(moved, entry, method, step) if shape == () else None
        if column is None:
            probe = Probe(moved, caller, shape, entry_name("x", i, point.shape))
            column = _output_slopes(probe, entry, method, step)
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
    if not isinstance(method, str) or method not in _METHODS:
        expected = f"one of {', '.join(map(repr, _METHODS))}"
        raise ValueError(f"{caller}: method must be {expected}, got {describe(method)}")
    if step is not None:
        step = finite_number(step, f"{caller}: step")
        if step <= 0:
            raise ValueError(f"{caller}: step must be above 0, got {step}")
    point = finite_array(x, f"{caller}: x")
    if not point.size:
        got = describe(point)
        raise ValueError(f"{caller}: x must hold at least one number, got {got}")
    if step and method in _CAREFUL and step < 1e-11 * abs(point).max():
        raise ValueError(f"{caller}: step must be at least 1e-11 |x|, got {step}")
    return point.astype(float)[()], step


def _unchecked(f: Function, x: Any, method: Any, step: Any) -> float | None:
    """Measure at one number without a check; None where anything is unusual."""
    try:
        slope = _quick_slopes(f, float(x), method, step, EPS)
    except Exception:
        return None
    return float(slope) if isinstance(slope, float) and slope == slope else None


def _output_slopes(f: Probe, x: Any, method: str, step: float | None) -> Any:
    """Measure every output of f, by a ladder where a few calls leave a doubt."""
    if method in FORMULAS:
        return _quick_slopes(f, x, method, step, EPS)
    y = np.asarray(f(x))
    slopes = np.array(_quick_slopes(f.near, x, method, step, f.eps))
    slopes = slopes if slopes.shape == y.shape else np.full(y.shape, np.nan)
    doubtful = np.flatnonzero(np.isnan(slopes))
    if doubtful.size:
        hints = _complex_step(f, x) if method == "auto" else None
        slopes.flat[doubtful] = ladder_slopes(f, x, y, step, doubtful, hints)
    return slopes[()]


# A few calls of f, enough for most functions. All of this works on numbers and on
# arrays entry by entry. With Python's own numbers it is several times faster than
# with NumPy's, so those are kept as they come.


def _quick_slopes(
    f: Function, x: Any, method: str, step: float | None, eps: float
) -> Any:
    """Measure with few calls of f; NaN where a careful method has its doubts."""
    if method not in _CAREFUL:
        formula, usual_step = FORMULAS[method]
        return formula(f, x, step or usual_step(x))
    y, scale, slope, by_complex = f(x), size(x), math.nan, None
    if isinstance(y, float):
        y = float(y)
    elif type(y) is not np.ndarray:
        return slope  # whatever it is, it needs the checks of a probe
    if method == "auto":
        by_complex = _complex_step(f, x)
        if by_complex is not None:
            slope = _confirmed(f, x, y, by_complex, step or scale)
            if _all(slope == slope):
                return slope
    moves = by_complex is not None
    other = _richardson(f, x, y, step or 0.12 * scale, eps, moves)
    other = _confirmed(f, x, y, other, step or scale)
    return other if type(y) is float else np.where(np.isnan(slope), other, slope)


def _complex_step(f: Function, x: Any) -> Any:
    """Take the complex step; None where f takes no complex numbers, or drops i.

    The step is too small for the halves of a complex64.
    """
    # Where f drops the imaginary part, NumPy warns of one that the caller never gave.
    # Filters belong to the caller, and changing them takes longer than the slope; this
    # is what becomes of a warning that no filter names.
    warnings.defaultaction = "ignore"
    try:
        value = f(x + TINY * 1j)
    except Exception:  # f(x) went well, so what f raises now is about i
        return None
    finally:
        warnings.defaultaction = "default"
    taken = isinstance(value, complex) or np.asarray(value).dtype == complex
    return value.imag / TINY if taken else None


def _confirmed(f: Function, x: Any, y: Any, slope: Any, scale: Any) -> Any:
    """Give `slope` where those on the left and on the right agree with it, else NaN."""
    number = float if type(y) is float else np.asarray
    h = 4e-6 * scale
    rise, fall, run = number(f(x + h) - y), number(y - f(x - h)), number(h * slope)
    tight = 1e-7 * abs(run)
    agreed = abs(rise + fall - 2 * run) <= 2 * tight
    kinkless = abs(rise - fall) <= 1000 * tight
    if not _all(kinkless):
        # A curve bends by h**2, a kink by h: a second step tells which it is.
        bend = 16 * (f(x + h / 4) + f(x - h / 4) - 2 * y) - (rise - fall)
        kinkless = abs(number(bend)) <= 3000 * tight
    good = agreed & kinkless
    if number is float:
        return float(slope) if good else math.nan
    return np.where(good, slope, math.nan)


# Richardson's extrapolation of five central differences, whose weights never change:
# the last correction, and how far it lies from the one before.
_WINDOW, _RATIO = 5, 1.9
_VALUE, _MOVED = (w[-1].tolist() for w in richardson_weights(2, _WINDOW, _RATIO)[:2])
_STEPS = (_RATIO ** -np.arange(_WINDOW + 6.0)).tolist()


def _richardson(f: Function, x: Any, y: Any, top: Any, eps: float, moves: Any) -> Any:
    """Extrapolate five neighbouring steps, finer and finer until they are sure."""
    number = float if type(y) is float else np.asarray
    noise, slopes, found = eps * abs(y), [], math.nan
    for shrink in _STEPS:
        h = shrink * top
        up, down = x + h, x - h
        slopes.append(number(f(up) - f(down)) / (up - down))
        if len(slopes) < _WINDOW:
            continue
        moves = moves | (slopes[0] != 0)
        slope = sum(map(mul, _VALUE, slopes))
        moved = abs(sum(map(mul, _MOVED, slopes))) + noise / h * moves
        # 0 is sure where f never moved, or its rounding over the five hides no slope.
        sure = (moved <= 1e-12 * (abs(slope) + 13 * (slope == 0))) & (moved < math.inf)
        if number is not float:
            found = np.where(sure & np.isnan(found), slope, found)
            sure = ~np.isnan(found)
        if _all(sure):
            return slope if number is float else found
        del slopes[0]
    return found


def _all(true: Any) -> bool:
    return true if type(true) is bool else bool(true.all())
