"""The ladder of steps: what f does on both sides of a place, down to rounding.

A `Ladder` holds how far f rises on each side, for steps from coarse to as fine as
the numbers allow. `_extrapolate` applies Richardson's idea to every eight
neighbouring steps, for both sides together and for each side alone. Then two rules
decide: the finest steps that rounding leaves legible say whether there is a slope,
and the surest ones how large it is. Where there is none, `_classify` says what is
there instead, and `DerivativeError` carries it to the caller.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from chainrule_lessons.numeric.probe import Probe

__all__ = ["DerivativeError", "ladder_slopes", "richardson_weights"]

Array = NDArray[np.floating]
_PHRASES = {
    "kink": "has a kink",
    "jump": "jumps",
    "vertical tangent": "has a vertical tangent",
    "domain edge": "reaches the edge of its domain",
    "nan": "is NaN",
    "infinite": "is infinite",
    "unclear": "has values that settle on no slope",
}
_WINDOW = 8
# No halves: steps that halve would meet the zeros of a wave each time, and values
# rounded to a coarse grid would line up into a slope that looks exact.
_RATIO = 1.6
_FINEST = 10  # so many of the steps show how coarsely f is rounded, nothing else


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
    >>> from chainrule_lessons.numeric import derivative
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


def ladder_slopes(
    f: Probe, x: Any, y: Array, top: Any, entries: Array, by_complex: Any
) -> list[float]:
    """Give the slopes of some outputs of f, or raise what is there instead.

    The entries are counted as in ``y.flat``; `y` is f at `x`, `top` the largest step,
    and `by_complex` what the complex step says of every output, or None.

    >>> f = Probe(lambda x: 3 * x, "derivative", ())
    >>> np.round(ladder_slopes(f, 0.0, f(0.0), 1.0, [0], None), 9)
    array([3.])
    """
    ladders = _sample(f, x, y, top, entries)
    return [
        _slope(f, x, y, i, ladder, None if by_complex is None else by_complex.flat[i])
        for i, ladder in zip(entries, ladders, strict=True)
    ]


def _slope(
    f: Probe, x: Any, y: Array, i: int, ladder: Ladder, by_complex: float | None
) -> float:
    """Give the slope of output i that its ladder shows, or raise."""
    meet, found = _extrapolate(ladder, f.eps)
    if by_complex is not None and _agrees(by_complex, meet, found):
        return by_complex
    if meet:
        return found.slope
    kind, left, right = _classify(y.flat[i], ladder, found)
    if kind == "flat":
        return 0.0
    place = float(x.flat[i] if np.ndim(x) else x)
    message = (
        f"{f.sentence(x, i, _PHRASES[kind])} = {place}: "
        f"slope {_text(left)} on the left, {_text(right)} on the right"
    )
    raise DerivativeError(message, kind, place, left, right)


def _text(slope: float) -> str:
    return "none" if np.isnan(slope) else f"{slope:.6g}"


def _agrees(by_complex: float, meet: bool, found: Slopes) -> bool:
    """Say whether the complex step lies within the error of the differences."""
    gap = abs(by_complex - found.slope)
    if meet:
        return gap <= max(1e-7 * abs(found.slope), 3 * found.error)
    # Differences too coarse to decide, by rounding alone, leave the complex step.
    drowned = found.error <= 1000 * found.floor and found.doubt <= 1e5 * found.floor
    legible = found.error + found.doubt <= 1e-2 * abs(by_complex)
    near = gap <= 3 * found.error and found.gap <= 3 * found.doubt
    return drowned and legible and near


# The steps


class Ladder(NamedTuple):
    """What f does at each step, coarse to fine; rows are the left and the right side."""

    steps: Array
    rises: Array  # from left to right: f(x) - f(x - h), and f(x + h) - f(x)
    noise: Array  # the rounding of f at each step
    grain: Array  # the rounding inside f as it shows on each side


def _sample(f: Probe, x: Any, y: Array, top: Any, entries: Array) -> list[Ladder]:
    """Sample f down to rounding; the ladders of all entries share the calls of f."""
    finest = np.where(abs(x) > 1e-300, 4e-16 * abs(x), 4e-16)
    count = np.log(top / finest).max() / math.log(_RATIO)
    shrink = _RATIO ** -np.arange(max(_WINDOW + _FINEST, math.ceil(count)))
    steps = np.multiply.outer(shrink, top)
    above, below = x + steps, x - steps
    up, down = (np.array([f.near(p) for p in places]) for places in (above, below))
    noise = f.eps * np.fmax(np.fmax(abs(up), abs(down)), abs(y))
    rows = [x - below, above - x, y - down, up - y, noise]
    shape = len(steps), y.size
    wide = [np.broadcast_to(row.reshape(len(steps), -1), shape) for row in rows]
    return [_ladder(np.array([row[:, i] for row in wide])) for i in entries]


def _ladder(rows: Array) -> Ladder:
    """Measure the grain, and leave out the steps that show nothing else."""
    rows = rows[:, (rows[:2] > 0).all(0)]
    steps, rises, noise = rows[:2], rows[2:4], rows[4]
    grain = np.array([_grain(*side) for side in zip(steps, rises, strict=True)])
    return Ladder(steps[:, :-_FINEST], rises[:, :-_FINEST], noise[:-_FINEST], grain)


def _grain(steps: Array, rises: Array) -> float:
    """Say how far f strays from a straight line at the finest steps."""
    line = rises[:-1] * steps[1:] / steps[:-1]
    grain = np.fmax.reduce(abs(rises[1:] - line)[-_FINEST:])
    # The last that moves before f stands still is rounding too, if it is no jump.
    moves = abs(rises[np.flatnonzero(rises)])
    if moves.size and rises[-1] == 0 and moves[-1] < 1e-3 * np.nanmax(moves):
        grain = max(grain, moves[-1])
    return grain


# Richardson's extrapolation


def richardson_weights(
    order: int, steps: int = _WINDOW, ratio: float = _RATIO
) -> Array:
    """Give the weights that remove errors of order ``h**order, h**(2 order), ...``.

    An error of order h**p shrinks by r**p when the step shrinks by r, so two
    neighbours tell how much to take away. The table of all such corrections is linear
    in the slopes that it starts from (order 1 from one side, 2 if central), so its
    weights come from running it once on the identity. They give the extrapolated
    values, and how far each lies from the finer and from the coarser of the two that
    it was made of.

    >>> richardson_weights(1, steps=2, ratio=2)[0]  # two steps, one correction
    array([[-1.,  2.]])
    """
    column, entries = np.eye(steps), []
    for k in range(1, steps):
        fine, coarse = column[1:], column[:-1]
        column = fine + (fine - coarse) / (ratio ** (order * k) - 1)
        entries.append((column, column - fine, column - coarse))
    return np.array([np.vstack(table) for table in zip(*entries, strict=True)])


class Slopes(NamedTuple):
    """The slope and those of the two sides: of every eight neighbours, or the surest."""

    slope: Any
    error: Any  # a bound on that of the slope
    sides: Any  # the slopes on the left and on the right
    side_errors: Any
    span: Any  # the steepest difference at the finest of the steps
    floor: Any  # the rounding of f over the coarsest of them

    @property
    def gap(self) -> Any:
        """How far the sides lie apart."""
        return abs(self.sides[1] - self.sides[0])

    @property
    def doubt(self) -> Any:
        """How far their errors alone could take them apart."""
        return self.side_errors[0] + self.side_errors[1]

    def at(self, i: Any) -> Slopes:
        """Give what the eight neighbours from step i on say."""
        return Slopes(*(part.T[i] for part in self))


def _extrapolate(ladder: Ladder, eps: float) -> tuple[bool, Slopes]:
    """Say whether the slopes of a ladder meet, and give the surest of them."""
    w = _windows(ladder)
    # What counts as sure: so much of the slope, or of f over the largest step.
    tight, flat = max(1e-7, 100 * eps), 5000 * eps / max(ladder.steps[1, 0], 1.0)
    wide = 100 * tight * np.fmax.reduce(abs(w.sides))
    split = w.gap > np.maximum(wide, 10 * w.doubt)
    met = w.gap <= np.maximum(wide, 3 * w.doubt)
    met &= w.doubt <= np.maximum(wide, 1e-8 * w.span) + 10 * flat
    seen = np.flatnonzero(split | met)[-_WINDOW:]
    if not seen.size:
        surest = [0, 1], w.side_errors.argmin(1)
        sides, errors = w.sides[surest], w.side_errors[surest]
        best = w.at(w.doubt.argmin())
        return False, best._replace(sides=sides, side_errors=errors)
    if split[seen].mean() > 0.5:
        return False, w.at(np.where(split, w.doubt, np.inf).argmin())
    last = np.flatnonzero(met)[-1]
    near = abs(w.slope - w.slope[last]) <= 3 * (w.error + w.doubt[last]) + wide[last]
    near[last + 1 :] = False
    best = w.at(np.where(near, w.error, np.inf).argmin())
    bound = max(tight * abs(best.slope), 1e-10 * best.span) + flat
    return bool(best.error <= bound), best


def _windows(ladder: Ladder) -> Slopes:
    """Extrapolate every eight neighbouring steps, from the coarsest to the finest."""
    steps, rises, noise, grain = ladder
    moves = bool(rises.any())  # what never moves is flat, not rounded
    noises = np.fmax(noise, grain[:, None]) / steps[1] * moves
    slopes, errors = _surest(
        np.vstack([rises / steps, rises.sum(0) / steps.sum(0)]),
        np.vstack([noises, np.fmax.reduce(noises)]),
    )
    sides, side_errors = slopes[:2], errors[:2]
    # Where the second slope jumps, the sides are smoother than the middle.
    doubt = side_errors.sum(0)
    slope = np.where(doubt < errors[2], sides.sum(0) / 2, slopes[2])
    error = np.where(doubt < errors[2], doubt, errors[2])
    span = np.fmax.reduce(abs(rises / steps))[_WINDOW - 1 :]
    floor = (noise / steps[1])[: span.size]
    return Slopes(slope, error, sides, side_errors, span, floor)


# Two of these tables are for the sides, the last for central differences.
_TABLES = np.stack([richardson_weights(order) for order in (1, 1, 2)], axis=1)


def _surest(slopes: Array, noise: Array) -> tuple[Array, Array]:
    """Give the surest value of every eight neighbours, and a bound on its error."""
    eights, noises = sliding_window_view([slopes, noise], _WINDOW, 2).swapaxes(2, 3)
    values, to_fine, to_coarse = _TABLES @ eights
    errors = np.maximum(abs(to_fine), abs(to_coarse)) + abs(_TABLES[0]) @ noises
    errors[np.isnan(errors)] = np.inf
    best = errors.argmin(1)[:, None]
    return tuple(np.take_along_axis(a, best, 1)[:, 0] for a in (values, errors))


# What is there instead of a slope


def _classify(y: float, ladder: Ladder, slopes: Slopes) -> tuple[str, float, float]:
    """Name the fault, and the slopes on the left and on the right.

    ``"flat"`` is none: f rises slower than any line, as ``|x|**1.5`` does at 0.
    """
    sides = zip(ladder.rises, ladder.steps, slopes.sides, strict=True)
    found = [_one_side(rises, steps, ladder.noise, s) for rises, steps, s in sides]
    (left_fault, left), (right_fault, right) = found
    faults = {left_fault, right_fault}
    if faults in ({"flat"}, {"flat", ""}) and left == right:
        return "flat", 0.0, 0.0
    kind = _kind(y, faults, slopes.gap > 3 * slopes.doubt)
    return kind, float(left), float(right)


def _one_side(
    rises: Array, steps: Array, noise: Array, slope: float
) -> tuple[str, float]:
    """Name the fault of one side, and its slope, from how f rises near x.

    A rise goes as a power of the step: 1 for a slope, 0 for a jump, between them
    for a vertical tangent. Above 1, as in ``|x|**1.5``, the slope is 0.
    """
    if np.isnan(rises[-1]):
        return "domain edge", np.nan
    sure = np.flatnonzero((abs(rises) > 1e4 * noise) & np.isfinite(rises))
    if np.isinf(rises[-1]) or sure.size < _WINDOW:
        return "", rises[-1] if np.isinf(rises[-1]) else slope
    last, first = sure[-1], sure[-_WINDOW]
    if np.ptp(np.sign(rises[first : last + 1])) > 0:
        return "unclear", slope
    powers = np.log(rises[[first, last - 1]] / rises[last])
    powers /= np.log(steps[[first, last - 1]] / steps[last])
    if min(powers) > 1.02 and np.ptp(powers) < 1e-3:
        return "flat", 0.0
    if powers[0] >= 0.98 or np.ptp(powers) > 0.1:
        return "", slope
    fault = "jump" if powers[0] < 0.02 else "vertical tangent"
    return fault, np.copysign(np.inf, rises[last])


def _kind(y: float, faults: set[str], kinked: bool) -> str:
    if np.isnan(y) or faults == {"domain edge"}:
        return "nan"
    if np.isinf(y) and "domain edge" not in faults:
        return "infinite"
    for fault in ("domain edge", "unclear", "jump", "vertical tangent"):
        if fault in faults:
            return fault
    return "kink" if kinked else "unclear"
