"""Richardson's idea: shrink the step again and again, and watch what happens.

A `Ladder` holds how far a function rises on each side of a place, for steps from
coarse to as fine as the numbers allow. An error of order h**p shrinks by r**p when
the step shrinks by r, so two neighbours tell how much to take away. `judge` does
that with every eight neighbouring steps, for both sides together and for each side
alone. Then it decides by two rules: the finest steps that rounding leaves legible
say whether there is a slope, and the surest ones how large it is.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from chainrule_lessons.probe import Probe

__all__ = ["RUNGS", "Ladder", "Verdict", "climb", "judge", "weights"]

Array = NDArray[np.floating]
RUNGS = 8
# No halves: steps that halve would meet the zeros of a wave each time, and values
# rounded to a coarse grid would line up into a slope that looks exact.
_RATIO = 1.6
_FINEST = 10  # so many of the steps show how coarsely f is rounded, nothing else


def weights(order: int, rungs: int = RUNGS, ratio: float = _RATIO) -> Array:
    """Give the weights that remove errors of order ``h**order, h**(2 order), ...``.

    The table of all such corrections is linear in the slopes that it starts from, so
    its weights come from running it once on the identity.

    Parameters
    ----------
    order : int
        1 for a slope from one side, 2 for a central one.
    rungs : int, optional
        The number of steps.
    ratio : float, optional
        Of each step to the next.

    Returns
    -------
    ndarray of shape ``(3, rungs * (rungs - 1) / 2, rungs)``
        The extrapolated values, and how far each lies from the finer and from the
        coarser of the two values that it was made of.

    Examples
    --------
    >>> weights(1, rungs=2, ratio=2)[0]  # two steps, one correction
    array([[-1.,  2.]])
    """
    column, entries = np.eye(rungs), []
    for k in range(1, rungs):
        fine, coarse = column[1:], column[:-1]
        column = fine + (fine - coarse) / (ratio ** (order * k) - 1)
        entries.append((column, column - fine, column - coarse))
    return np.array([np.vstack(table) for table in zip(*entries, strict=True)])


_ONE_SIDED, _CENTRAL = weights(1), weights(2)


class Ladder(NamedTuple):
    """How a function rises on each side, from the coarsest step to the finest."""

    ahead: Array
    behind: Array
    rise: Array
    fall: Array
    noise: Array  # the rounding of f
    grain: Array  # the rounding inside f as it shows, (behind, ahead)


def climb(f: Probe, x: Any, y: Array, top: Any, entries: Array) -> list[Ladder]:
    """Look at `f` on both sides of `x`, from the step `top` down to rounding.

    Parameters
    ----------
    f : Probe
        The function.
    x, y : float or ndarray
        The place, and f there.
    top : float or ndarray of the shape of `x`
        The largest step.
    entries : array of int
        The outputs to look at, counted as in ``y.flat``.

    Returns
    -------
    list of Ladder
        One for each of the entries. All are climbed in the same calls of `f`.

    Examples
    --------
    >>> f = Probe(abs, "derivative", ())
    >>> ladder = climb(f, np.float64(0), np.float64(0), 1.0, [0])[0]
    >>> ladder.rise[:3].round(2), ladder.fall[:3].round(2)
    (array([1.  , 0.62, 0.39]), array([-1.  , -0.62, -0.39]))
    """
    finest = np.where(abs(x) > 1e-300, 4e-16 * abs(x), 4e-16)
    count = np.log(top / finest).max() / math.log(_RATIO)
    shrink = _RATIO ** -np.arange(max(RUNGS + _FINEST, math.ceil(count)))
    steps = np.multiply.outer(shrink, top)
    above, below = x + steps, x - steps
    up = np.array([f.near(place) for place in above])
    down = np.array([f.near(place) for place in below])
    noise = f.eps * np.fmax(np.fmax(abs(up), abs(down)), abs(y))
    parts = [above - x, x - below, up - y, y - down, noise]
    wide = [np.broadcast_to(p.reshape(len(p), -1), (len(p), y.size)) for p in parts]
    return [_ladder(*(part[:, i] for part in wide)) for i in entries]


def _ladder(
    ahead: Array, behind: Array, rise: Array, fall: Array, noise: Array
) -> Ladder:
    """Measure the grain, and leave out the steps that show nothing else."""
    moved = (ahead > 0) & (behind > 0)
    parts = [part[moved] for part in (ahead, behind, rise, fall, noise)]
    ahead, behind, rise, fall, _ = parts
    grain = np.array([_grain(behind, fall), _grain(ahead, rise)])
    return Ladder(*(part[:-_FINEST] for part in parts), grain)


def _grain(steps: Array, rises: Array) -> float:
    """Say how far f strays from a straight line at the finest steps."""
    line = rises[:-1] * steps[1:] / steps[:-1]
    grain = np.fmax.reduce(abs(rises[1:] - line)[-_FINEST:])
    # The last that moves before f stands still is rounding too, if it is no jump.
    moves = abs(rises[np.flatnonzero(rises)])
    if moves.size and rises[-1] == 0 and moves[-1] < 1e-3 * np.nanmax(moves):
        grain = max(grain, moves[-1])
    return grain


class Verdict(NamedTuple):
    """What a ladder says of the slope."""

    smooth: bool
    slope: float
    error: float  # a bound on that of the slope
    left: float
    right: float
    doubt: float  # the error of left plus that of right
    floor: float  # the rounding of f over the coarsest step of those


def judge(ladder: Ladder, eps: float) -> Verdict:
    """Extrapolate a ladder, and say whether its slopes meet.

    Parameters
    ----------
    ladder : Ladder
        From `climb`.
    eps : float
        The rounding of f in relation to its size.

    Returns
    -------
    Verdict

    Examples
    --------
    >>> f = Probe(abs, "derivative", ())
    >>> ladder = climb(f, np.float64(0), np.float64(0), 1.0, [0])[0]
    >>> verdict = judge(ladder, f.eps)
    >>> verdict.smooth, round(verdict.left), round(verdict.right)
    (False, -1, 1)
    """
    w = _look(ladder)
    # What counts as sure: so much of the slope, or of f over the largest step.
    tight, flat = max(1e-7, 100 * eps), 5000 * eps / max(ladder.ahead[0], 1.0)
    wide = 100 * tight * np.fmax(abs(w.left), abs(w.right))
    doubt, gap = w.left_error + w.right_error, abs(w.right - w.left)
    split = gap > np.maximum(wide, 10 * doubt)
    met = gap <= np.maximum(wide, 3 * doubt)
    met &= doubt <= np.maximum(wide, 1e-8 * w.span) + 10 * flat
    seen = np.flatnonzero(split | met)[-RUNGS:]
    if not seen.size:
        sides = w.left_error.argmin(), w.right_error.argmin()
        return _verdict(w, doubt.argmin(), False, *sides)
    if split[seen].mean() > 0.5:
        return _verdict(w, np.where(split, doubt, np.inf).argmin(), False)
    last = np.flatnonzero(met)[-1]
    near = abs(w.slope - w.slope[last]) <= 3 * (w.error + doubt[last]) + wide[last]
    near[last + 1 :] = False
    i = np.where(near, w.error, np.inf).argmin()
    bound = max(tight * abs(w.slope[i]), 1e-10 * w.span[i]) + flat
    return _verdict(w, i, bool(w.error[i] <= bound))


class _Windows(NamedTuple):
    """What every eight neighbouring steps say, from the coarsest to the finest."""

    slope: Array
    error: Array
    left: Array
    left_error: Array
    right: Array
    right_error: Array
    span: Array  # the steepest difference at the finest of the steps
    floor: Array


def _look(ladder: Ladder) -> _Windows:
    ahead, behind, rise, fall, noise, grain = ladder
    moves = bool(rise.any() or fall.any())  # what never moves is flat, not rounded
    below, above = (np.fmax(noise, g) / ahead * moves for g in grain)
    left, left_error = _extrapolate(_ONE_SIDED, fall / behind, below)
    right, right_error = _extrapolate(_ONE_SIDED, rise / ahead, above)
    both, noises = (rise + fall) / (ahead + behind), np.fmax(below, above)
    slope, error = _extrapolate(_CENTRAL, both, noises)
    # Where the second slope jumps, the sides are smoother than the middle.
    doubt = left_error + right_error
    slope = np.where(doubt < error, (left + right) / 2, slope)
    error = np.where(doubt < error, doubt, error)
    span = np.fmax(abs(rise / ahead), abs(fall / behind))[RUNGS - 1 :]
    sides = left, left_error, right, right_error
    return _Windows(slope, error, *sides, span, (noise / ahead)[: span.size])


def _verdict(
    w: _Windows, i: int, smooth: bool, left: int | None = None, right: int | None = None
) -> Verdict:
    """Quote window `i`, and for the sides others where they are named."""
    left, right = i if left is None else left, i if right is None else right
    doubt = w.left_error[left] + w.right_error[right]
    found = w.slope[i], w.error[i], w.left[left], w.right[right], doubt, w.floor[i]
    return Verdict(smooth, *map(float, found))


def _extrapolate(table: Array, slopes: Array, noise: Array) -> tuple[Array, Array]:
    """Give the best value of every eight neighbours, and a bound on its error."""
    values, to_fine, to_coarse = table @ sliding_window_view(slopes, RUNGS).T
    errors = np.maximum(abs(to_fine), abs(to_coarse))
    errors += abs(table[0]) @ sliding_window_view(noise, RUNGS).T
    errors[np.isnan(errors)] = np.inf
    best = errors.argmin(0), np.arange(values.shape[1])
    return values[best], errors[best]
