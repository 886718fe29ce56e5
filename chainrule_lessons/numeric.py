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
)

__all__ = ["DerivativeError", "derivative", "gradient", "jacobian"]

Array = NDArray[np.floating]

_EPS = float(np.finfo(float).eps)
_PHRASES = {
    "kink": "has a kink",
    "jump": "jumps",
    "vertical tangent": "has a vertical tangent",
    "domain edge": "reaches the edge of its domain",
    "nan": "is NaN",
    "infinite": "is infinite",
    "unclear": "has values that settle on no slope",
}
_REMEDIES = {
    "derivative": "; use gradient or jacobian where f mixes the entries of x",
    "gradient": "; use jacobian for more than one output",
    "jacobian": "",
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


def _forward(f: _Function, x: Array, h: Array) -> Array:
    return (f(x + h) - f(x)) / ((x + h) - x)


def _central(f: _Function, x: Array, h: Array) -> Array:
    return (f(x + h) - f(x - h)) / ((x + h) - (x - h))


def _complex(f: _Function, x: Array, h: Array) -> Array:
    return f(x + np.complex128(h * 1j), complex).imag / h


def _large(x: Array) -> Array:
    """Return |x|, or 1 where that is larger."""
    return np.maximum(abs(x), 1.0) if x.ndim else max(abs(float(x)), 1.0)


# The usual steps balance rounding against the error of the formula. The complex
# step subtracts nothing: it is so small that even its square is 0.
_TINY = 2.0**-664
_TINY_I = np.complex128(_TINY * 1j)  # NumPy adds its own numbers ten times faster
_PLAIN = {
    "forward": (_forward, lambda x: _EPS ** (1 / 2) * _large(x)),
    "central": (_central, lambda x: _EPS ** (1 / 3) * _large(x)),
    "complex": (_complex, lambda x: _TINY),
}
_METHODS = ("auto", "richardson", *_PLAIN)


def _slope(f: _Function, x: Array, method: str, step: float | None) -> Array:
    if method not in _METHODS:
        known = ", ".join(map(repr, _METHODS))
        raise ValueError(
            f"{f.caller}: method must be one of {known}, got {describe(method)}"
        )
    if step is not None:
        step = finite_number(step, f"{f.caller}: step")
        if step <= 0:
            raise ValueError(f"{f.caller}: step must be above 0, got {step}")
    if method not in _PLAIN:
        return _careful(f, x, method, step)
    formula, usual = _PLAIN[method]
    return formula(f, x, usual(x) if step is None else step)


def _careful(f: _Function, x: Array, method: str, step: float | None) -> Array:
    """Believe the complex step where differences agree; else ask Richardson."""
    y = f(x)
    if x.size > 1:
        f.require_elementwise(x, y)
    top = step or _large(x)
    hint = _try_complex(f, x) if method == "auto" and f.eps == _EPS else None
    if hint is not None and _confirmed(f, x, y, hint, top):
        return hint
    slope = _quick(f, x, y, top)
    if slope is not None and _confirmed(f, x, y, slope, top):
        return slope
    return _settle(f, x, np.asarray(y), hint, step)


def _try_complex(f: _Function, x: Array) -> Array | None:
    """Take the complex step, or None where f refuses or drops the imaginary part."""
    filters = warnings.filters
    # What catch_warnings does, at an eighth of its time: this runs at every slope.
    warnings.filters = [("error", None, ComplexWarning, None, 0), *filters]
    try:
        return f(x + _TINY_I, complex).imag / _TINY
    except Exception:  # f(x) went well, so what f raises now is about i
        return None
    finally:
        warnings.filters = filters


def _confirmed(
    f: _Function, x: Array, y: Array, slope: Array, scale: float | Array
) -> bool:
    """Say whether the slopes on the left and on the right agree with `slope`."""
    h = 4e-6 * scale
    rise, fall = f.probe(x + h) - y, y - f.probe(x - h)
    run = h * slope
    tight = 1e-7 * abs(run)
    kinkless = abs(rise - fall) <= 1000 * tight
    agreed = abs(rise + fall - 2 * run) <= 2 * tight
    # A slope drowned in the rounding of f would agree with anything.
    agreed = kinkless & agreed & (f.eps * abs(y) <= tight)
    return bool(agreed.all() if f.shape else agreed)


# Richardson's extrapolation. The steps shrink by one ratio r, so an error of order
# h**p shrinks by r**p from one step to the next: two neighbours tell how much to
# take away. The table of all such corrections is linear in the differences that it
# starts from, so its weights are worked out once, on the identity.

_RUNGS = 7
# Steps by no simple fraction: the zeros of a wave are not met each time, and values
# rounded to a coarse grid don't line up into a slope that looks exact.
_RATIO = 1.9
_STEPS = _RATIO ** -np.arange(_RUNGS) / np.e


def _table(order: int) -> Array:
    """Weights that remove errors of order ``h**order, h**(2 order), ...``.

    Three tables of shape (21, 7): the extrapolated values, and how far each lies
    from the finer and from the coarser of the two values it was made of.
    """
    column, entries = np.eye(_RUNGS), []
    for k in range(1, _RUNGS):
        fine, coarse = column[1:], column[:-1]
        column = fine + (fine - coarse) / (_RATIO ** (order * k) - 1)
        entries.append((column, column - fine, column - coarse))
    return np.array([np.vstack(table) for table in zip(*entries, strict=True)])


_ONE_SIDED, _CENTRAL = _table(1), _table(2)
# The entry of six steps: the value, and how far it moved from that of five.
_QUICK = np.vstack([_STEPS, _CENTRAL[:2, -2]]).T[1:].tolist()


def _quick(f: _Function, x: Array, y: Array, top: float | Array) -> Array | None:
    """Extrapolate six central differences; None where they are not sure."""
    slope = moved = 0.0
    for step, weight, change in _QUICK:
        h = step * top
        slant = (f.probe(x + h) - f.probe(x - h)) / ((x + h) - (x - h))
        slope, moved = slope + weight * slant, moved + change * slant
    sure = abs(moved) + f.eps * abs(y) / h <= 1e-12 * abs(slope)
    return slope if (sure.all() if f.shape else sure) else None


def _extrapolate(table: Array, slopes: Array, noise: Array) -> tuple[Array, Array]:
    """Return the best value of each column of `slopes`, and a bound on its error."""
    values, to_fine, to_coarse = table @ slopes
    errors = np.maximum(abs(to_fine), abs(to_coarse)) + abs(table[0]) @ noise
    errors[np.isnan(errors)] = np.inf
    best = errors.argmin(0), np.arange(values.shape[1])
    return values[best], errors[best]


class _Ladder(NamedTuple):
    """How f rises on each side at seven steps; fields have shape (7, n) or (7, 1)."""

    ahead: Array
    behind: Array
    rise: Array
    fall: Array
    noise: Array  # the rounding of f


def _climb(f: _Function, x: Array, y: Array, top: float | Array) -> _Ladder:
    steps = np.multiply.outer(_STEPS, top)
    above, below = x + steps, x - steps
    up = np.array([f.probe(place) for place in above])
    down = np.array([f.probe(place) for place in below])
    noise = f.eps * np.fmax(np.fmax(abs(up), abs(down)), abs(y))
    parts = above - x, x - below, up - y, y - down, noise
    return _Ladder(*(part.reshape(_RUNGS, -1) for part in parts))


class _Evidence(NamedTuple):
    """What the ladders say of each entry; every field has shape (n,)."""

    slope: Array
    error: Array
    left: Array
    right: Array
    doubt: Array  # the error of left plus that of right
    floor: Array  # the rounding of f over the largest step
    span: Array  # the steepest difference seen so far
    smooth: Array
    split: Array  # the sides differ beyond doubt

    def merge(self, other: _Evidence, bent: Array) -> _Evidence:
        """Take each entry from whichever knows more of it; `other` is the finer."""
        # Steps so fine that f stands still would look surest of all.
        within = abs(other.slope - self.slope) <= 3 * self.error
        finer = (other.error < self.error) & within
        closer = np.where(self.smooth, finer, other.doubt <= self.doubt)
        better = np.where(self.smooth == other.smooth, closer, other.smooth)
        better |= bent & other.split
        pairs = zip(other, self, strict=True)
        return _Evidence(*(np.where(better, new, old) for new, old in pairs))


def _weigh(ladder: _Ladder, eps: float, span: Array | float) -> _Evidence:
    """Extrapolate one ladder from both sides and from each side alone."""
    ahead, behind, rise, fall, noise = ladder
    sides = np.hstack([fall / behind, rise / ahead])
    span = np.fmax(span, np.fmax.reduce(abs(sides)).reshape(2, -1).max(0))
    floor = noise[-1] / ahead[0]
    noise = noise / ahead * (span > 0)  # f that never moved is flat, not noisy
    slope, error = _extrapolate(_CENTRAL, (rise + fall) / (ahead + behind), noise)
    ends, errors = _extrapolate(_ONE_SIDED, sides, np.hstack([noise, noise]))
    (left, right), doubt = ends.reshape(2, -1), errors.reshape(2, -1).sum(0)
    # Where the second slope jumps, the sides are smoother than the middle.
    sided = doubt < error
    slope = np.where(sided, (left + right) / 2, slope)
    error = np.where(sided, doubt, error)
    # What counts as sure: so much of the slope, or rounding where f is flat.
    tight, flat = max(1e-7, 100 * eps), 5000 * eps
    wide = 100 * tight * np.maximum(abs(left), abs(right))
    gap, most = abs(right - left), np.maximum(wide, 3 * doubt)
    smooth = (
        (gap <= most)
        & (doubt <= np.maximum(wide, 1e-8 * span) + 10 * flat)
        & (error <= np.maximum(tight * abs(slope), 1e-10 * span) + flat)
    )
    split = gap > most
    return _Evidence(slope, error, left, right, doubt, floor, span, smooth, split)


def _tops(x: Array, step: float | None) -> Iterator[float | Array]:
    """Yield the scale of each ladder: the size of x, then smaller and smaller."""
    small = np.minimum(abs(x), 1) + (x == 0)
    if step is None:
        yield _large(x)
    else:
        small = step / _STEPS[0] + 0 * x
    for k in range(5):
        yield small * _RATIO ** (-_RUNGS * k)


def _settle(
    f: _Function, x: Array, y: Array, hint: Array | None, step: float | None
) -> Array:
    """Climb finer and finer ladders until each entry is sure; refuse the others."""
    ladders, e, bent = [], None, _bent(f, x, y, step)
    for top in _tops(x, step):
        ladders.append(_climb(f, x, y, top))
        found = _weigh(ladders[-1], f.eps, 0.0 if e is None else e.span)
        e = found if e is None else e.merge(found, bent)
        # Finer steps help until rounding is all that is left.
        close = e.error <= np.maximum(1e-11 * abs(e.slope), 500 * e.floor)
        if (e.smooth & ~bent & (close | (hint is not None))).all():
            break
    slope, good = (e.slope, e.smooth) if hint is None else _prefer(np.ravel(hint), e)
    for i in np.flatnonzero(~good):
        slope[i] = _last_look(f, x, y, e, ladders, i)
    return slope.reshape(f.shape)[()]


def _bent(f: _Function, x: Array, y: Array, step: float | None) -> Array:
    """Say where a kink shows close to x, which a coarse ladder may step over.

    A curve parts from its tangent by h**2, a kink by h: two steps tell which.
    """
    h = 4e-6 * (step or _large(x))
    up, down = f.probe(x + h), f.probe(x - h)
    far, near = up + down - 2 * y, f.probe(x + h / 4) + f.probe(x - h / 4) - 2 * y
    kink, blur = abs(16 * near - far) / 3, 100 * f.eps * np.maximum(abs(y), 1)
    return ~np.ravel(kink <= 1e-4 * abs(up - down) + blur)


def _prefer(hint: Array, e: _Evidence) -> tuple[Array, Array]:
    """Take the complex step where it lies within the error of the differences."""
    gap = abs(hint - e.slope)
    slope = np.where(gap <= np.maximum(1e-7 * abs(e.slope), 3 * e.error), hint, e.slope)
    # Differences too coarse to decide, by rounding alone, leave the hint standing.
    drowned = (e.error <= 1000 * e.floor) & (e.doubt <= 1e5 * e.floor)
    drowned &= e.error + e.doubt <= 1e-2 * abs(hint)
    agree = (gap <= 3 * e.error) & (abs(e.right - e.left) <= 3 * e.doubt)
    return slope, e.smooth | (drowned & agree)


# Where there is no slope: say which kind of place it is.


def _side(rises: Array, steps: Array, noise: Array, slope: float) -> tuple[str, float]:
    """Name the fault of one side, and its slope, from how f rises near x.

    A rise goes as a power of the step: 1 for a slope, 0 for a jump, between them
    for a vertical tangent. Above 1, as in ``|x|**1.5``, the slope is 0.
    """
    if np.isnan(rises[-1]):
        return "domain edge", np.nan
    sure = np.flatnonzero((abs(rises) > 100 * noise) & np.isfinite(rises))
    if np.isinf(rises[-1]) or sure.size < _RUNGS:
        return "", rises[-1] if np.isinf(rises[-1]) else slope
    last, first = sure[-1], sure[-_RUNGS]
    if np.ptp(np.sign(rises[first : last + 1])) > 0:
        return "unclear", slope
    powers = np.log(rises[[first, last - 1]] / rises[last])
    powers /= np.log(steps[[first, last - 1]] / steps[last])
    if min(powers) > 1.02 and np.ptp(powers) < 1e-3:
        return "flat", 0.0
    if not powers[0] < 0.98:
        return "", slope
    fault = "jump" if powers[0] < 0.02 else "vertical tangent"
    return fault, np.copysign(np.inf, rises[last])


def _kind(value: float, faults: set[str], gap: float, doubt: float) -> str:
    if np.isnan(value) or faults == {"domain edge"}:
        return "nan"
    if np.isinf(value) and "domain edge" not in faults:
        return "infinite"
    for fault in ("domain edge", "unclear", "jump", "vertical tangent"):
        if fault in faults:
            return fault
    return "kink" if gap > 3 * doubt else "unclear"


def _last_look(
    f: _Function, x: Array, y: Array, e: _Evidence, ladders: list[_Ladder], i: int
) -> float:
    """Raise what is wrong at entry i, unless f is flatter there than any slope."""
    ahead, behind, rise, fall, noise = np.hstack(
        [np.array(np.broadcast_arrays(*ladder))[:, :, i] for ladder in ladders]
    )
    left_fault, left = _side(fall, behind, noise, e.left[i])
    right_fault, right = _side(rise, ahead, noise, e.right[i])
    if {left_fault, right_fault} in ({"flat"}, {"flat", ""}) and left == right:
        return 0.0
    gap = abs(e.right[i] - e.left[i])
    kind = _kind(y.flat[i], {left_fault, right_fault}, gap, e.doubt[i])
    place = x.flat[i] if x.ndim else x
    what = _entry("f(x)", i, y.shape) if y.ndim > x.ndim else "f"
    message = (
        f"{f.caller}: {what} {_PHRASES[kind]} at "
        f"{_entry('x', *f.entry) if x.ndim == 0 else _entry('x', i, x.shape)}"
        f" = {place}: "
        f"slope {_text(left)} on the left, {_text(right)} on the right"
    )
    raise DerivativeError(message, kind, float(place), float(left), float(right))


def _text(slope: float) -> str:
    return "none" if np.isnan(slope) else f"{slope:.6g}"


def _entry(name: str, i: int, shape: tuple[int, ...]) -> str:
    """Name entry i of an array: ``x[0, 2]``, or ``x`` for a plain number."""
    index = ", ".join(str(k) for k in np.unravel_index(i, shape)) if shape else ""
    return f"{name}[{index}]" if index else name


class _Function:
    """The caller's f: a fresh copy of x at each call, and each answer checked."""

    def __init__(
        self,
        f: Callable[[Any], Any],
        caller: str,
        shape: tuple[int, ...] | None,
        entry: tuple[int, tuple[int, ...]] = (0, ()),
    ) -> None:
        self.f, self.caller, self.shape, self.entry = f, caller, shape, entry
        self.eps = _EPS

    def __call__(self, x: Array, kind: type = float) -> Array:
        """Call f on real numbers, or on those of the other `kind`, complex."""
        try:
            value = self.f(+x)
        except Exception as error:
            error.add_note(f"raised by f at {_entry('x', *self.entry)} = {x}")
            raise
        if isinstance(value, kind) and self.shape == ():
            return kind(value)  # Python's own numbers are the faster ones here
        value = np.asarray(value) if kind is complex else value
        if kind is float or value.dtype.kind != "c":
            value = real_array(value, f"{self.caller}: f(x)")
        self._require_shape(value.shape)
        if kind is float:
            self.eps = max(self.eps, float(np.finfo(value.dtype).eps))
            value = value.astype(float)
        return value[()]

    def _require_shape(self, shape: tuple[int, ...]) -> None:
        if self.shape is None:
            self.shape = shape
        if shape != self.shape:
            raise ValueError(
                f"{self.caller}: f(x) must have shape {self.shape}, "
                f"got {shape}{_REMEDIES[self.caller]}"
            )

    def probe(self, x: Array) -> Array:
        """Call f near the place asked for: NaN where it has no value there."""
        try:
            return self(x)
        except (ValueError, ArithmeticError):
            return np.full(self.shape, np.nan)[()]

    def require_elementwise(self, x: Array, y: Array) -> None:
        """Move each half of x in turn: the other half of f(x) must stand still."""
        first = np.arange(x.size).reshape(x.shape) < x.size // 2
        for moved in (first, ~first):
            value = self.probe(np.where(moved, x + 1e-3 * _large(x), x))
            still = (value == y) | np.isnan(value) | np.isnan(y)
            if not still[~moved].all():
                i = int((still | moved).argmin())
                raise ValueError(
                    f"{self.caller}: f must work on each entry of x alone, but "
                    f"{_entry('f(x)', i, x.shape)} changes with other entries"
                    f"{_REMEDIES[self.caller]}"
                )


def _point(f: Callable[[Any], Any], x: ArrayLike, caller: str) -> Array:
    """Check f and x; return x in float64, a NumPy number where it is one number."""
    if not callable(f):
        raise TypeError(f"{caller}: f must be a function, got {describe(f)}")
    if isinstance(x, float) and math.isfinite(x):
        return np.float64(x)
    point = real_array(x, f"{caller}: x")
    if not point.size:
        raise ValueError(
            f"{caller}: x must hold at least one number, got {describe(point)}"
        )
    require_finite(point, f"{caller}: x")
    return point.astype(float)[()]


@np.errstate(all="ignore")
def _entries(
    f: Callable[[Any], Any], x: ArrayLike, method: str, step: float | None
) -> Any:
    """Differentiate f at every entry of x at once."""
    point = _point(f, x, "derivative")
    slope = _slope(_Function(f, "derivative", point.shape), point, method, step)
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
    point = _point(f, x, caller)
    columns = []
    for i, entry in enumerate(point.flat):
        along = _Function(_freeze(f, point, i), caller, shape, (i, point.shape))
        columns.append(_slope(along, entry, method, step))
    table = np.reshape(columns, (point.size, -1)).T
    return table.reshape(along.shape + point.shape)


def _freeze(f: Callable[[Any], Any], x: Array, i: int) -> Callable[[Any], Any]:
    """Hold every entry of x constant except entry i."""

    def along(t: Any) -> Any:
        moved = np.array(x, dtype=t.dtype)
        moved.flat[i] = t
        return f(moved[()])

    return along
