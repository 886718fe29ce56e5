"""Slopes from a few values: the plain formulas, and a glance that knows its doubts.

Everything here works on numbers and on arrays entry by entry. With Python's own
numbers it is several times faster than with NumPy's, so those are kept as they come.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from operator import mul
from typing import Any

import numpy as np
from numpy.exceptions import ComplexWarning

from chainrule_lessons.ladder import weights

__all__ = ["EPS", "PLAIN", "glance", "imaginary", "large"]

Function = Callable[[Any], Any]
EPS = float(np.finfo(float).eps)


def large(x: Any) -> Any:
    """Give the scale of the steps around `x`.

    Parameters
    ----------
    x : float or ndarray
        The place.

    Returns
    -------
    float or ndarray
        ``|x|``, or 1 where that is larger.

    Examples
    --------
    >>> large(-3.0), large(0.2)
    (3.0, 1.0)
    """
    return np.maximum(abs(x), 1.0) if type(x) is np.ndarray else max(abs(x), 1.0)


# The plain formulas. Two divide by the distance between the two places as the
# computer has them, which takes the rounding of x + h out of the answer.


def _forward(f: Function, x: Any, h: Any) -> Any:
    return (f(x + h) - f(x)) / ((x + h) - x)


def _central(f: Function, x: Any, h: Any) -> Any:
    return (f(x + h) - f(x - h)) / ((x + h) - (x - h))


def _complex(f: Function, x: Any, h: Any) -> Any:
    return f(x + h * 1j).imag / h


# The usual steps balance rounding against the error of the formula. The complex
# step subtracts nothing: it is so small that even its square is 0.
_TINY = 2.0**-664
PLAIN = {
    "forward": (_forward, lambda x: EPS ** (1 / 2) * large(x)),
    "central": (_central, lambda x: EPS ** (1 / 3) * large(x)),
    "complex": (_complex, lambda x: _TINY),
}


def glance(f: Function, x: Any, method: str, step: float | None, eps: float) -> Any:
    """Measure a slope with few calls of `f`, which is enough for most functions.

    Parameters
    ----------
    f : callable
        The function.
    x : float or ndarray
        The place.
    method : {"auto", "richardson"}
        Whether to try the complex step first.
    step : float or None
        The largest step.
    eps : float
        The rounding of f in relation to its size.

    Returns
    -------
    float or ndarray of the shape of ``f(x)``
        The slopes; NaN where these calls leave a doubt.

    Examples
    --------
    >>> glance(np.exp, 0.0, "auto", None, EPS)
    1.0
    >>> glance(np.abs, np.array([-1.0, 0.0]), "auto", None, EPS)
    array([-1., nan])
    """
    y, scale, slope = f(x), large(x), math.nan
    if isinstance(y, float):
        y = float(y)
    elif type(y) is not np.ndarray:
        return slope  # whatever it is, it needs the checks of a probe
    if method == "auto" and eps == EPS:
        hint = imaginary(f, x)
        if hint is not None:
            slope = _confirmed(f, x, y, hint, step or scale, eps)
            if _all(slope == slope):
                return slope
    other = _extrapolated(f, x, y, step or 0.12 * scale, eps)
    other = _confirmed(f, x, y, other, step or scale, eps)
    return other if type(y) is float else np.where(np.isnan(slope), other, slope)


_DROPPED = ("error", None, ComplexWarning, None, 0)


def imaginary(f: Function, x: Any) -> Any:
    """Take the complex step of the smallest kind.

    Parameters
    ----------
    f : callable
        The function.
    x : float or ndarray
        The place.

    Returns
    -------
    float or ndarray or None
        What it says the slope is; None where f refuses complex numbers or drops
        their imaginary part.

    Examples
    --------
    >>> imaginary(lambda x: x**3, 2.0)
    12.0
    >>> imaginary(math.sin, 2.0) is None
    True
    """
    # What catch_warnings does, at a tenth of its time: this runs at every slope.
    warnings.filters.insert(0, _DROPPED)
    try:
        return _complex(f, x, _TINY)
    except Exception:  # f(x) went well, so what f raises now is about i
        return None
    finally:
        warnings.filters.remove(_DROPPED)


def _confirmed(f: Function, x: Any, y: Any, slope: Any, scale: Any, eps: float) -> Any:
    """Give `slope` where those on the left and on the right agree with it, else NaN."""
    number = float if type(y) is float else np.asarray
    h = 4e-6 * scale
    rise, fall, run = number(f(x + h) - y), number(y - f(x - h)), number(h * slope)
    tight = 1e-7 * abs(run)
    # A slope drowned in the rounding of f would agree with anything.
    legible = (eps * abs(y) <= tight) | (abs(rise) + abs(fall) == 0)
    agreed = legible & (abs(rise + fall - 2 * run) <= 2 * tight)
    kinkless = abs(rise - fall) <= 1000 * tight
    if not _all(kinkless | (agreed == 0)):
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
_VALUE, _MOVED = (table[-1].tolist() for table in weights(2, _WINDOW, _RATIO)[:2])
_STEPS = (_RATIO ** -np.arange(_WINDOW + 6.0)).tolist()


def _extrapolated(f: Function, x: Any, y: Any, top: Any, eps: float) -> Any:
    """Extrapolate five neighbouring steps, finer and finer until they are sure."""
    number = float if type(y) is float else np.asarray
    noise, slopes, found = eps * abs(y), [], math.nan
    for shrink in _STEPS:
        h = shrink * top
        up, down = x + h, x - h
        slopes.append(number(f(up) - f(down)) / (up - down))
        if len(slopes) < _WINDOW:
            continue
        slope = sum(map(mul, _VALUE, slopes))
        moved = abs(sum(map(mul, _MOVED, slopes))) + noise / h * (slope != 0)
        sure = (moved <= 1e-12 * abs(slope)) & (moved < math.inf)
        if number is not float:
            found = np.where(sure & np.isnan(found), slope, found)
            sure = ~np.isnan(found)
        if _all(sure):
            return slope if number is float else found
        del slopes[0]
    return found


def _all(true: Any) -> bool:
    return true if type(true) is bool else bool(true.all())
