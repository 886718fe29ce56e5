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

from chainrule_lessons.numeric.formulas import size
from chainrule_lessons.numeric.probe import Probe

__all__ = ["DerivativeError", "ladder_slopes", "richardson_weights"]

Array = NDArray[np.floating]
# The kinds of fault. Where the sides differ, the first that is found names it.
_PHRASES = {
    "domain edge": "reaches the edge of its domain",
    "unclear": "shows no sure slope",
    "jump": "jumps",
    "vertical tangent": "has a vertical tangent",
    "kink": "has a kink",
    "nan": "is NaN",
    "infinite": "is infinite",
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
    f: Probe, x: Any, y: Array, step: float | None, entries: Array, by_complex: Any
) -> list[float]:
    """Give the slopes of some outputs of f, or raise what is there instead.

    The entries are counted as in ``y.flat``; `y` is f at `x`, `step` the largest step,
    and `by_complex` what the complex step says of each output, or None.
    """
    hints = np.broadcast_to(np.nan if by_complex is None else by_complex, y.shape).flat
    ladders = _sample(f, x, y, step or size(x), size(x), entries)
    pairs = zip(entries, ladders, strict=True)
    return [_slope(f, x, y, step, i, ladder, hints[i]) for i, ladder in pairs]


def _slope(
    f: Probe, x: Any, y: Array, step: float | None, i: int, ladder: Ladder, hint: float
) -> float:
    """Give the slope of output i that its ladder shows, or raise."""
    place = float(x.flat[i] if np.ndim(x) else x)
    verdict, found, beside = _verdict(ladder, f.eps)
    if beside and abs(place) > 1e-300:
        # What is at fault may lie between x and 0: look again, from |x| down.
        near = np.where(x == 0, 1.0, abs(x))
        (ladder,) = _sample(f, x, y, np.fmin(step or np.inf, near), near, [i])
        verdict, found, _ = _verdict(ladder, f.eps)
    if _agrees(hint, verdict, found):
        return hint
    if verdict == "smooth" and found.slope:
        return found.slope
    kind, left, right = _classify(y.flat[i], ladder, found)
    if verdict == "smooth" or kind == "flat":
        # 0, unless the complex step sees a slope that rounding would hide.
        if not 1e-12 < abs(hint) <= 10 * ladder.noise[0] / ladder.steps[1, 0]:
            return 0.0
        kind = "unclear"
    sides = f"slope {left:.6g} on the left, {right:.6g} on the right"
    where = f"{f.sentence(x, i, _PHRASES[kind])} = {place}"
    message = f"{where}: {sides.replace('nan', 'none')}"
    raise DerivativeError(message, kind, place, left, right)


def _agrees(hint: float, verdict: str, found: Slopes) -> bool:
    """Say whether the complex step lies within the error of the differences."""
    gap = abs(hint - found.slope)
    if verdict == "smooth":
        return gap <= max(1e-7 * abs(found.slope), 3 * found.error)
    # Differences that rounding makes too coarse to decide leave the complex step.
    legible = found.error + found.doubt <= 1e-2 * abs(hint)
    return verdict == "rounded" and legible and gap <= 3 * found.error


class Ladder(NamedTuple):
    """What f does at each step, coarse to fine; rows are the left and the right side."""

    steps: Array
    rises: Array  # from left to right: f(x) - f(x - h), and f(x + h) - f(x)
    noise: Array  # the rounding of f at each step
    grain: Array  # the rounding inside f as it shows on each side


def _sample(
    f: Probe, x: Any, y: Array, top: Any, scale: Any, entries: Array
) -> list[Ladder]:
    """Sample f from the step `top` down to the rounding of numbers of size `scale`."""
    count = np.max(np.log(top) - np.log(4e-16 * scale)) / math.log(_RATIO)
    shrink = _RATIO ** -np.arange(max(_WINDOW + _FINEST, math.ceil(count)))
    steps = np.multiply.outer(shrink, np.broadcast_to(top, np.shape(x)))
    above, below = x + steps, x - steps
    up, down = (np.array([f.near(p) for p in places]) for places in (above, below))
    noise = f.eps * np.fmax(np.fmax(abs(up), abs(down)), abs(y))
    rows = [x - below, above - x, y - down, up - y, noise]
    shape = len(steps), y.size
    wide = [np.broadcast_to(row.reshape(len(steps), -1), shape) for row in rows]
    return [_ladder(np.array([row[:, i] for row in wide]), f.eps) for i in entries]


def _ladder(rows: Array, eps: float) -> Ladder:
    """Measure the grain, and leave out the steps that show nothing else."""
    rows = rows[:, (rows[:2] > 0).all(0)]
    steps, rises, noise = rows[:2], rows[2:4], rows[4]
    # How far f strays from straight lines at the finest steps.
    run, rise = np.diff(steps[:, -_FINEST - 1 :]), np.diff(rises[:, -_FINEST - 1 :])
    stray = abs(rise[:, 1:] - rise[:, :-1] * run[:, 1:] / run[:, :-1])
    # The last move before f stands still is rounding too, if it is no jump.
    last = [0, 1], rises.shape[1] - 1 - (rises[:, ::-1] != 0).argmax(1)
    move = abs(rises[last]) * (rises[:, -1] == 0)
    small = move < np.fmax(1e-2 * np.fmax.reduce(abs(rises), 1), 1e3 * noise[-1])
    grain = np.fmax(np.fmax.reduce(stray, 1) / 4, move * small)
    return Ladder(steps[:, :-_FINEST], rises[:, :-_FINEST], noise[:-_FINEST], grain)


def richardson_weights(order: int, n: int = _WINDOW, ratio: float = _RATIO) -> Array:
    """Give the weights that take errors of ``h**order, h**(2 order), ...`` from n slopes.

    An error of order h**p shrinks by r**p when the step shrinks by r, so two slopes
    tell how much to take away. The table of all such corrections is linear in the
    slopes (from one side: order 1, central: 2); its weights come from running it once
    on the identity. They give the values, and how far each lies from the finer and
    from the coarser of the two that it was made of.

    >>> richardson_weights(1, 2, ratio=2)[0]  # two steps, one correction
    array([[-1.,  2.]])
    """
    column, entries = np.eye(n), []
    for k in range(1, n):
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
    rounding: Any  # so much of these errors, together, is rounding
    span: Any  # the steepest difference at the finest of the steps

    @property
    def gap(self) -> Any:
        """How far the sides lie apart."""
        return abs(self.sides[1] - self.sides[0])

    @property
    def doubt(self) -> Any:
        """How far their errors alone could take them apart."""
        return self.side_errors[0] + self.side_errors[1]

    def best(self, among: Array) -> Slopes:
        """Give the surest slope and the surest sides among some of the windows."""
        among = among if among.any() else ~among
        i = np.where(among, self.doubt, np.inf).argmin()
        j = [0, 1], np.where(among, self.side_errors, np.inf).argmin(1)
        sides = self.sides[j], self.side_errors[j]
        return Slopes(self.slope[i], self.error[i], *sides, 0.0, 0.0)


def _verdict(ladder: Ladder, eps: float) -> tuple[str, Slopes, bool]:
    """Give a verdict on a ladder, its surest slopes, and whether to look closer.

    "rounded" is between "smooth" and "fault": the rounding of f alone leaves it open.
    """
    w, noise = _extrapolate(ladder), ladder.noise[-1]
    h = ladder.steps[1, : w.error.size]
    # What counts as sure: so much of the slope, or of f over the largest step.
    tight, flat = max(1e-7, 100 * eps), 5000 * eps / max(h[0], 1.0)
    wide = 100 * tight * np.fmax.reduce(abs(w.sides))
    # Seen from further off, f may be calm; where it is not and moves, look closer.
    calm = (h > 1e-5 * h[0]) & (w.doubt + w.gap <= 0.03 * w.span)
    beside = not calm.any() and not (abs(ladder.rises[:, -1]) <= 100 * noise).all()
    # Once the errors are small, they stay so until rounding explains them.
    trouble = (w.doubt > np.maximum(30 * w.rounding, wide)) | np.isinf(w.doubt)
    fine = np.arange(h.size) > np.flatnonzero(trouble).max(initial=-1)
    split = fine & (w.gap > np.maximum(wide, 10 * w.doubt))
    met = fine & (w.gap <= np.maximum(wide, 3 * w.doubt))
    met &= w.doubt <= np.maximum(wide, 1e-8 * w.span) + 10 * flat
    seen = np.flatnonzero(split | met)[-1:]
    if split[seen].any():
        return "fault", w.best(split), beside
    verdict = "rounded" if fine.any() and ladder.grain.max() <= 10 * noise else "fault"
    if not met.any():
        return verdict, w.best(fine), beside
    best = w.best(met)
    near = abs(w.slope - best.slope) <= 3 * (w.error + best.error)
    i = np.where(near, w.error, np.inf).argmin()
    best = best._replace(slope=w.slope[i], error=w.error[i])
    sure = best.error <= max(tight * abs(best.slope), 1e-10 * w.span[i]) + flat
    # Steps below 1e-7 alone show it, and further off f is calm and says otherwise.
    hidden = (calm & (abs(w.slope - best.slope) > 0.03 * w.span)).any()
    if sure and not (hidden and h[fine.argmax()] < 1e-7):
        return "smooth", best, False
    return verdict, best, beside


def _extrapolate(ladder: Ladder) -> Slopes:
    """Extrapolate every eight neighbouring steps, from the coarsest to the finest."""
    steps, rises, noise, grain = ladder
    noises = np.fmax(noise, grain[:, None]) / steps[1]
    # What stands still over a step has no slope above its rounding over that step,
    # and none at all if no rounding holds it.
    moves = np.flatnonzero(rises.any(0)).max(initial=-1) + 1
    noises[:, moves:] = noises[:, moves : moves + 1] * grain.any()
    slopes, errors, rounding = _surest(
        np.vstack([rises / steps, rises.sum(0) / steps.sum(0)]),
        np.vstack([noises, np.fmax.reduce(noises)]),
    )
    sides, side_errors = slopes[:2], errors[:2]
    # Where the second slope jumps, the sides are smoother than the middle.
    doubt = side_errors.sum(0)
    slope = np.where(doubt < errors[2], sides.sum(0) / 2, slopes[2])
    error = np.minimum(doubt, errors[2])
    span = np.fmax.reduce(abs(rises / steps))[_WINDOW - 1 :]
    return Slopes(slope, error, sides, side_errors, rounding[:2].sum(0), span)


# Two of these tables are for the sides, the last for central differences.
_TABLES = np.stack([richardson_weights(order) for order in (1, 1, 2)], axis=1)


def _surest(slopes: Array, noise: Array) -> tuple[Array, Array, Array]:
    """Give the surest value of every eight neighbours, a bound on its error, rounding."""
    eights, noises = sliding_window_view([slopes, noise], _WINDOW, 2).swapaxes(2, 3)
    values, to_fine, to_coarse = _TABLES @ eights
    rounding = abs(_TABLES[0]) @ noises
    errors = np.maximum(abs(to_fine), abs(to_coarse)) + rounding
    errors[np.isnan(errors)] = np.inf
    best = errors.argmin(1)[:, None]
    found = (np.take_along_axis(a, best, 1) for a in (values, errors, rounding))
    return tuple(a[:, 0] for a in found)


def _classify(y: float, ladder: Ladder, slopes: Slopes) -> tuple[str, float, float]:
    """Name the fault, and the slopes on the left and on the right.

    ``"flat"`` is none: f rises slower than any line, as ``|x|**1.5`` does at 0.
    """
    steps, rises, noise, _ = ladder
    even = not rises.sum(0).any()
    (left_fault, left), (right_fault, right) = (
        _one_side(rises[k], steps[k], noise, slopes.sides[k], even) for k in (0, 1)
    )
    faults = {left_fault, right_fault}
    kind = "kink" if slopes.gap > 3 * slopes.doubt else "unclear"
    if np.isinf(y) and len(faults) == 1:
        kind = "infinite"
    elif faults == {"domain edge"}:
        kind = "nan"
    elif faults in ({"flat"}, {"flat", ""}) and left == right:
        kind = "flat"
    else:
        kind = next((known for known in _PHRASES if known in faults), kind)
    return kind, float(left), float(right)


def _one_side(
    rises: Array, steps: Array, noise: Array, slope: float, even: bool
) -> tuple[str, float]:
    """Name the fault of one side, and its slope, from how f rises near x.

    A rise goes as a power of the step: 1 for a slope, 0 for a jump, between them
    for a vertical tangent. Above 1, as in ``|x|**1.5``, the slope is 0.
    """
    if np.isnan(rises[-1]):
        return "domain edge", np.nan
    sure = np.flatnonzero(abs(rises) > 1e4 * noise)
    if np.isinf(rises[-1]) or sure.size < _WINDOW:
        return "", rises[-1] if np.isinf(rises[-1]) else slope
    last, first = sure[-1], sure[-_WINDOW]
    if np.ptp(np.sign(rises[first : last + 1])) > 0:
        return "unclear", slope
    powers = np.log(rises[[first, last - 1]] / rises[last])
    powers /= np.log(steps[[first, last - 1]] / steps[last])
    seen = even or last == rises.size - 1
    if seen and min(powers) > 1.02 and np.ptp(powers) < 1e-3:
        return "flat", 0.0
    if powers[0] >= 0.98 or np.ptp(powers) > 0.1:
        return "", slope
    fault = "jump" if powers[0] < 0.02 else "vertical tangent"
    return fault, np.copysign(np.inf, rises[last])
