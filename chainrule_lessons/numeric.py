"""Slopes measured from the values of a function.

Three formulas and one idea carry this file. With a small step h, the slope of f
at x is about ::

    forward     (f(x + h) - f(x)) / h            error of order h
    central     (f(x + h) - f(x - h)) / (2 h)    error of order h**2
    complex     imag(f(x + i h)) / h             error of order h**2, no subtraction

The idea is Richardson's: halve the step several times, watch how the error
shrinks, and take the rest of it away. ``"richardson"`` does that, from both
sides and from each side alone. ``"auto"``, the default, takes the complex step
and believes it only where differences on the left and on the right agree with it.

Where f has no slope, these two methods raise `DerivativeError` instead of giving
a number: at a kink, a jump, a vertical tangent, the edge of the domain, a NaN.

A function is known here by its values alone, so some things can't be seen:

- a kink or a jump closer to x than the smallest step, or smaller than the
  rounding of f, and a change of slope below 1 part in 100,000;
- a slope far below the rounding of f, as in ``1e10 + sin(x)`` where f takes real
  numbers only. That one is refused (kind ``"unclear"``). Where f takes complex
  numbers the complex step finds it.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.exceptions import ComplexWarning
from numpy.typing import ArrayLike, NDArray

from chainrule_lessons.validation import (
    describe,
    finite_number,
    real_array,
    require_finite,
    same_shape,
)

__all__ = ["DerivativeError", "derivative", "gradient", "jacobian"]

Array = NDArray[np.floating]

_EPS = np.finfo(float).eps
_PHRASES = {
    "kink": "a kink",
    "jump": "a jump",
    "vertical tangent": "a vertical tangent",
    "domain edge": "the edge of its domain",
    "nan": "no value (NaN)",
    "infinite": "an infinite value",
    "unclear": "no slope that its values settle",
}


class DerivativeError(ValueError):
    """The function has no slope here, or its values do not show one.

    Attributes
    ----------
    kind : str
        ``"kink"``, ``"jump"``, ``"vertical tangent"``, ``"domain edge"``,
        ``"nan"``, ``"infinite"`` or ``"unclear"``.
    x : float
        The place.
    left, right : float
        The slope on each side; infinite where f jumps or rises without bound,
        NaN where there is none.

    Examples
    --------
    >>> try:
    ...     derivative(abs, 0)
    ... except DerivativeError as error:
    ...     print(error.kind, error.left, error.right)
    kink -1.0 1.0
    """

    def __init__(
        self,
        message: str,
        kind: str = "unclear",
        x: float = np.nan,
        left: float = np.nan,
        right: float = np.nan,
    ) -> None:
        super().__init__(message)
        self.kind, self.x, self.left, self.right = kind, x, left, right


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
    point = _point(x, "derivative")
    function = _Function(f, "derivative", point.shape)
    slope = _slope(function, point, method, step)
    if point.size > 1 and method in _CAREFUL:
        function.require_elementwise(point)
    return slope if point.ndim else float(slope)


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
    return _columns(f, _point(x, "gradient"), "gradient", (), method, step)


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
    return _columns(f, _point(x, "jacobian"), "jacobian", None, method, step)


# The plain formulas. Each divides by the distance between the two places as the
# computer has them, which takes the rounding of x + h out of the answer.


def _forward(f: _Function, x: Array, h: Array) -> Array:
    return (f(x + h) - f(x)) / ((x + h) - x)


def _central(f: _Function, x: Array, h: Array) -> Array:
    return (f(x + h) - f(x - h)) / ((x + h) - (x - h))


def _complex(f: _Function, x: Array, h: Array) -> Array:
    return f.on_complex(x + 1j * h).imag / h


def _large(x: Array) -> Array:
    return np.maximum(abs(x), 1.0) if x.ndim else max(abs(x), 1.0)


def _small(x: Array) -> Array:
    """Take |x| up to 1, and 1 at zero: a step that stays on one side of zero."""
    if x.ndim:
        return np.where(x == 0, 1.0, np.minimum(abs(x), 1.0))
    return min(abs(x), 1.0) or 1.0


_PLAIN = {
    "forward": (_forward, lambda x: _EPS ** (1 / 2) * _large(x)),
    "central": (_central, lambda x: _EPS ** (1 / 3) * _large(x)),
    "complex": (_complex, lambda x: 1e-20 * _small(x)),
}
_CAREFUL = ("auto", "richardson")


@np.errstate(all="ignore")
def _slope(f: _Function, x: Array, method: str, step: float | None) -> Array:
    if step is not None:
        step = _positive(step, f"{f.caller}: step")
    if method in _CAREFUL:
        return _careful(f, x, method, step)
    if method not in _PLAIN:
        known = ", ".join(map(repr, (*_CAREFUL, *_PLAIN)))
        raise ValueError(
            f"{f.caller}: method must be one of {known}, got {describe(method)}"
        )
    formula, usual = _PLAIN[method]
    return formula(f, x, usual(x) if step is None else step)


def _careful(f: _Function, x: Array, method: str, step: float | None) -> Array:
    y = f(x)
    slope = _try_complex(f, x) if method == "auto" else None
    if slope is not None and _all(_confirmed(f, x, y, slope, step or _large(x))):
        return slope
    return _settle(f, x, y, slope, step)


def _try_complex(f: _Function, x: Array) -> Array | None:
    """Take the complex step, or None where f refuses or drops the imaginary part."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", ComplexWarning)
            return _complex(f, x, 1e-20 * _small(x))
    except Exception:  # f(x) went well, so what f raises now is about i
        return None


def _confirmed(f: _Function, x: Array, y: Array, slope: Array, scale: Array) -> Array:
    """Say where both one-sided differences and their mean agree with `slope`."""
    h = 1e-7 * scale
    right = (f.probe(x + h, y) - y) / ((x + h) - x)
    left = (y - f.probe(x - h, y)) / (x - (x - h))
    size = abs(slope)
    same = abs(right - left) <= 1e-5 * size
    return same & (abs((right + left) / 2 - slope) <= 1e-7 * size)


def _all(flags: Any) -> bool:
    return flags.all() if getattr(flags, "ndim", 0) else bool(flags)


# Richardson's extrapolation. The steps halve; an error of order h**p shrinks by
# 2**p from one step to the next, so two neighbours tell how much to take away.
# The table is linear in its first column: it is worked out once, on the identity.

_RUNGS = 7
# No simple fraction, so that a wave is not met at its zeros at every step.
_HALVES = 0.5 ** np.arange(_RUNGS) / np.pi**2


class _Table(NamedTuple):
    """Weights of each extrapolated value, and of its distance to its two parents."""

    value: Array
    shift: Array
    drift: Array


def _table(order: int) -> _Table:
    """Extrapolate errors that go as ``h**order, h**(2 order), h**(3 order), ...``."""
    column, entries = np.eye(_RUNGS), []
    for k in range(1, _RUNGS):
        coarse, fine = column[:-1], column[1:]
        column = fine + (fine - coarse) / (2 ** (order * k) - 1)
        entries.append((column, column - fine, column - coarse))
    return _Table(*map(np.vstack, zip(*entries, strict=True)))


_ONE_SIDED, _CENTRAL = _table(1), _table(2)


def _extrapolate(table: _Table, quotients: Array, noise: Array) -> tuple[Array, Array]:
    """Return the best value of each column of `quotients`, and a bound on its error."""
    values = table.value @ quotients
    errors = np.maximum(abs(table.shift @ quotients), abs(table.drift @ quotients))
    errors += abs(table.value) @ noise
    errors[np.isnan(errors)] = np.inf
    best = errors.argmin(0), np.arange(values.shape[1])
    return values[best], errors[best]


class _Evidence(NamedTuple):
    """What one ladder of steps says of each entry; every field has shape (n,)."""

    slope: Array
    error: Array
    left: Array
    right: Array
    doubt: Array  # error of left plus error of right
    floor: Array  # rounding of f over the largest step
    smooth: Array

    def merged(self, other: _Evidence) -> _Evidence:
        """Take each entry from the ladder that knows more of it."""
        better = np.where(
            self.smooth == other.smooth,
            np.where(self.smooth, other.error < self.error, other.doubt < self.doubt),
            other.smooth,
        )
        return _Evidence(*(np.where(better, *pair) for pair in zip(other, self)))


class _Ladder(NamedTuple):
    """Rises of f on each side at steps that halve; every field has shape (7, n)."""

    ahead: Array
    behind: Array
    rise: Array
    fall: Array
    noise: Array


def _ladder(f: _Function, x: Array, y: Array, top: Array) -> _Ladder:
    steps = np.multiply.outer(_HALVES, top)
    above, below = x + steps, x - steps
    up = np.array([f.probe(place, y) for place in above])
    down = np.array([f.probe(place, y) for place in below])
    size = np.maximum(abs(up).max(0), abs(down).max(0))
    parts = above - x, x - below, up - y, y - down, f.eps * size + 0 * up
    return _Ladder(*(part.reshape(_RUNGS, -1) for part in parts))


def _weigh(ladder: _Ladder) -> _Evidence:
    ahead, behind, rise, fall, noise = ladder
    noise = noise / ahead
    slope, error = _extrapolate(_CENTRAL, (rise + fall) / (ahead + behind), noise)
    right, right_error = _extrapolate(_ONE_SIDED, rise / ahead, noise)
    left, left_error = _extrapolate(_ONE_SIDED, fall / behind, noise)
    doubt = left_error + right_error
    # Where only the second slope jumps, the two sides are better than the middle.
    sided = doubt < error
    slope = np.where(sided, (left + right) / 2, slope)
    error = np.where(sided, doubt, error)
    size = np.maximum(abs(left), abs(right))
    span = np.maximum(abs(rise / ahead), abs(fall / behind)).max(0)
    smooth = (
        (abs(right - left) <= np.maximum(1e-5 * size, 3 * doubt))
        & (doubt <= np.maximum(1e-5 * size, 1e-8 * span))
        & (error <= np.maximum(1e-7 * abs(slope), 1e-10 * span))
    )
    return _Evidence(slope, error, left, right, doubt, noise[0], smooth)


def _tops(x: Array, step: float | None) -> Iterator[Array]:
    """Yield the scale of each ladder: the size of x, then ever smaller."""
    if step is None:
        yield _large(x)
    small = _small(x) if step is None else step / _HALVES[0] + 0 * x
    for k in range(5):
        yield small * 0.5 ** (_RUNGS * k)


def _settle(
    f: _Function, x: Array, y: Array, hint: Array | None, step: float | None
) -> Array:
    """Climb down ladders until each entry has settled; refuse where one has not."""
    evidence, ladders = None, []
    for top in _tops(x, step):
        ladders.append(_ladder(f, x, y, top))
        found = _weigh(ladders[-1])
        evidence = found if evidence is None else evidence.merged(found)
        goal = np.inf if hint is not None else 1e-12 * abs(evidence.slope)
        done = evidence.error <= np.maximum(goal, 100 * evidence.floor)
        if (evidence.smooth & done).all():
            break
    slope, good = evidence.slope, evidence.smooth
    if hint is not None:
        near = abs(np.ravel(hint) - slope)
        slope = np.where(near <= np.maximum(1e-7 * abs(slope), 3 * evidence.error), np.ravel(hint), slope)
        drowned = (
            (near <= 3 * evidence.error)
            & (abs(evidence.right - evidence.left) <= 3 * evidence.doubt)
            & (evidence.error + evidence.doubt <= 1e-2 * abs(slope))
            & (evidence.error <= 1000 * evidence.floor)
        )
        good = good | drowned
    if not good.all():
        raise _refusal(f, x, y, evidence, ladders, int(np.argmin(good)))
    return slope.reshape(np.shape(y))[()]


# Saying what is wrong.


def _side(rises: Array, steps: Array, noise: Array, slope: float) -> tuple[str, float]:
    """Name the fault on one side, from the finest rises that rounding leaves intact."""
    if np.isnan(rises[-1]):
        return "edge", np.nan
    sure = np.flatnonzero(abs(rises) > 100 * noise)
    if sure.size <= _RUNGS or not sure[-1] >= _RUNGS:
        return "", slope
    last, first = sure[-1], sure[-1] - _RUNGS + 1
    power = np.log2(rises[first] / rises[last]) / np.log2(steps[first] / steps[last])
    if not power < 0.98:
        return "", slope
    return ("jump" if power < 0.02 else "steep"), np.copysign(np.inf, rises[last])


def _refusal(f, x, y, evidence, ladders, i) -> DerivativeError:
    ahead, behind, rise, fall, noise = (
        np.concatenate([part[:, min(i, part.shape[1] - 1)] for part in parts])
        for parts in zip(*ladders)
    )
    left_fault, left = _side(fall, behind, noise, float(evidence.left[i]))
    right_fault, right = _side(rise, ahead, noise, float(evidence.right[i]))
    kind = _kind(np.ravel(y)[i], {left_fault, right_fault}, evidence, i)
    place, where = f.place(x, i, np.shape(y))
    return DerivativeError(
        f"{f.caller}: f has {_PHRASES[kind]} at {where}: "
        f"slope {left:.6g} on the left, {right:.6g} on the right",
        kind, place, left, right,
    )


def _kind(value: float, faults: set[str], evidence: _Evidence, i: int) -> str:
    if np.isnan(value) or faults == {"edge"}:
        return "nan"
    if "edge" in faults:
        return "domain edge"
    if np.isinf(value):
        return "infinite"
    if "jump" in faults:
        return "jump"
    if "steep" in faults:
        return "vertical tangent"
    gap = abs(evidence.right[i] - evidence.left[i])
    return "kink" if gap > 3 * evidence.doubt[i] else "unclear"


class _Function:
    """The caller's f, with a fresh copy of x at each call and its answer checked."""

    def __init__(self, f, caller, shape=None, index=None) -> None:
        if not callable(f):
            raise TypeError(f"{caller}: f must be a function, got {describe(f)}")
        self.f, self.caller, self.shape, self.index = f, caller, shape, index
        self.eps = _EPS

    def _call(self, x):
        try:
            return self.f(+x)
        except Exception as error:
            error.add_note(f"raised by f at x = {x}")
            raise

    def __call__(self, x):
        value = self._call(x)
        if isinstance(value, float) and not self.shape:
            return np.float64(value)
        value = real_array(value, f"{self.caller}: f(x)")
        if self.shape is None:
            self.shape = value.shape
        if value.shape != self.shape:
            same_shape(value, self.shape, f"{self.caller}: f(x)")
        self.eps = max(self.eps, float(np.finfo(value.dtype).eps))
        return value.astype(float)[()]

    def probe(self, x, y):
        """f(x), or NaN in the shape of `y` where f has a domain and x is outside."""
        try:
            return self(x)
        except (ValueError, ArithmeticError):
            return y * np.nan

    def on_complex(self, x):
        value = np.asarray(self._call(x))
        if value.dtype.kind != "c":
            value = real_array(value, f"{self.caller}: f(x)")
        if value.shape != (self.shape if self.shape is not None else value.shape):
            same_shape(value, self.shape, f"{self.caller}: f(x)")
        return value

    def place(self, x, i, shape):
        if self.index is not None:
            return float(x), f"x[{self.index}] = {x}"
        if x.ndim == 0:
            return float(x), f"x = {x}"
        idx = ", ".join(map(str, np.unravel_index(i, shape)))
        return float(x.flat[i]), f"x[{idx}] = {x.flat[i]}"

    def require_elementwise(self, x):
        y = self(x)
        for half in (np.arange(x.size) < x.size // 2, np.arange(x.size) >= x.size // 2):
            moved = half.reshape(x.shape)
            z = self.probe(np.where(moved, x * (1 + 1e-4) + 1e-4, x), y)
            if not np.array_equal(z[~moved], y[~moved], equal_nan=True):
                raise ValueError("derivative: f must work on each entry of x alone")


def _point(x, caller):
    x = real_array(x, f"{caller}: x")
    if x.size == 0:
        raise ValueError(f"{caller}: x must hold at least one number, got {describe(x)}")
    require_finite(x, f"{caller}: x")
    return x.astype(float)[()]


def _positive(value, what):
    number = finite_number(value, what)
    if number <= 0:
        raise ValueError(f"{what} must be above 0, got {number}")
    return number


def _columns(f, x, caller, shape, method, step):
    columns = []
    for i in range(x.size):
        def along(t, i=i):
            z = x.astype(np.result_type(t, float)) if x.ndim else t
            if x.ndim:
                z.flat[i] = t
            return f(z)
        fun = _Function(f, caller)
        fun.f = along
        fun.shape = shape
        if x.ndim:
            fun.index = ", ".join(map(str, np.unravel_index(i, x.shape)))
        columns.append(_slope(fun, x.flat[i], method, step))
    return np.stack(columns, -1).reshape(np.shape(columns[0]) + x.shape)
