"""Three formulas for the slope of f at x, from a small step h.

The differences divide by the distance between the two places as the computer has
them, which takes the rounding of x + h out of the answer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["EPS", "FORMULAS", "TINY", "central", "complex_step", "forward", "size"]

Function = Callable[[Any], Any]
EPS = float(np.finfo(float).eps)


def forward(f: Function, x: Any, h: Any) -> Any:
    """Give (f(x + h) - f(x)) / h, the rise over the run; the error is of order h.

    >>> forward(lambda x: x**2, 3, 0.5)
    6.5
    """
    return (f(x + h) - f(x)) / ((x + h) - x)


def central(f: Function, x: Any, h: Any) -> Any:
    """Give (f(x + h) - f(x - h)) / (2 h); the error is of order h**2.

    >>> central(lambda x: x**3, 3, 0.5)
    27.25
    """
    return (f(x + h) - f(x - h)) / ((x + h) - (x - h))


def complex_step(f: Function, x: Any, h: Any) -> Any:
    """Give imag(f(x + i h)) / h; the error is of order h**2, and nothing is subtracted.

    >>> complex_step(lambda x: x**3, 3, 0.5)
    26.75
    """
    return f(x + h * 1j).imag / h


def size(x: Any) -> Any:
    """Give the size that steps around x are taken in proportion to: |x|, but 1 at least.

    >>> size(-3.0), size(0.2)
    (3.0, 1.0)
    """
    return np.maximum(abs(x), 1.0) if type(x) is np.ndarray else max(abs(x), 1.0)


# Each formula and its usual step. Those of the differences balance rounding against
# the error of the formula; the complex step is so small that even its square is 0.
TINY = 2.0**-664
FORMULAS = {
    "forward": (forward, lambda x: EPS ** (1 / 2) * size(x)),
    "central": (central, lambda x: EPS ** (1 / 3) * size(x)),
    "complex": (complex_step, lambda x: TINY),
}
