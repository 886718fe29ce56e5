"""Places where a function has no slope, and how to tell them apart."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from chainrule_lessons.ladder import RUNGS, Ladder, Verdict

__all__ = ["DerivativeError", "refuse"]

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


def refuse(where: str, x: float, y: float, ladder: Ladder, verdict: Verdict) -> float:
    """Raise what is wrong at `x`, unless f is flatter there than any slope.

    Parameters
    ----------
    where : str
        The words of the error around its kind, as ``"derivative: f {} at x"``.
    x, y : float
        The place, and f there.
    ladder, verdict : Ladder, Verdict
        What was seen around it.

    Returns
    -------
    float
        0, where f rises slower than any line, as ``|x|**1.5`` does at 0.

    Raises
    ------
    DerivativeError
        Everywhere else.
    """
    ahead, behind, rise, fall, noise, _ = ladder
    left_fault, left = _side(fall, behind, noise, verdict.left)
    right_fault, right = _side(rise, ahead, noise, verdict.right)
    faults = {left_fault, right_fault}
    if faults in ({"flat"}, {"flat", ""}) and left == right:
        return 0.0
    kind = _kind(y, faults, abs(verdict.right - verdict.left) > 3 * verdict.doubt)
    message = (
        f"{where.format(_PHRASES[kind])} = {x}: "
        f"slope {_text(left)} on the left, {_text(right)} on the right"
    )
    raise DerivativeError(message, kind, float(x), float(left), float(right))


def _side(rises: Array, steps: Array, noise: Array, slope: float) -> tuple[str, float]:
    """Name the fault of one side, and its slope, from how f rises near x.

    A rise goes as a power of the step: 1 for a slope, 0 for a jump, between them
    for a vertical tangent. Above 1, as in ``|x|**1.5``, the slope is 0.
    """
    if np.isnan(rises[-1]):
        return "domain edge", np.nan
    sure = np.flatnonzero((abs(rises) > 1e4 * noise) & np.isfinite(rises))
    if np.isinf(rises[-1]) or sure.size < RUNGS:
        return "", rises[-1] if np.isinf(rises[-1]) else slope
    last, first = sure[-1], sure[-RUNGS]
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


def _kind(value: float, faults: set[str], kinked: bool) -> str:
    if np.isnan(value) or faults == {"domain edge"}:
        return "nan"
    if np.isinf(value) and "domain edge" not in faults:
        return "infinite"
    for fault in ("domain edge", "unclear", "jump", "vertical tangent"):
        if fault in faults:
            return fault
    return "kink" if kinked else "unclear"


def _text(slope: float) -> str:
    return "none" if np.isnan(slope) else f"{slope:.6g}"
