"""The caller's function, asked with care: fresh input, checked answers, named places."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule_lessons.numeric.formulas import EPS, Function
from chainrule_lessons.validation import real_array

__all__ = ["Probe", "along", "entry_name"]

_REMEDIES = {
    "derivative": "; use gradient or jacobian where f mixes the entries of x",
    "gradient": "; use jacobian for more than one output",
    "jacobian": "",
}


class Probe:
    """A function that checks each answer of the function inside it.

    Every answer must have the given shape; None takes that of the first. `caller` and
    `place` are what errors call the asker and the input. `eps` is the rounding of f in
    relation to its size, which float32 answers raise.

    >>> f = Probe(lambda x: 1 / x, "derivative", ())
    >>> float(f(4.0))
    0.25
    """

    def __init__(
        self, f: Function, caller: str, shape: tuple[int, ...] | None, place: str = "x"
    ) -> None:
        self.f, self.caller, self.shape, self.place = f, caller, shape, place
        self.eps = EPS

    def __call__(self, x: Any) -> Any:
        """Give f at a copy of `x`: complex numbers are welcome where `x` is complex."""
        try:
            value = self.f(+x)
        except Exception as error:
            error.add_note(f"raised by f at {self.place} = {x}")
            raise
        if type(value) is np.float64 and self.shape == ():
            return value
        array = np.asarray(value) if np.iscomplexobj(x) else None
        if array is None or array.dtype.kind != "c":
            array = real_array(value, f"{self.caller}: f(x)")
            self.eps = max(self.eps, float(np.finfo(array.dtype).eps))
            array = array.astype(float)
        if self.shape is None:
            self.shape = array.shape
        if array.shape != self.shape:
            raise ValueError(
                f"{self.caller}: f(x) must have shape {self.shape}, "
                f"got {array.shape}{_REMEDIES[self.caller]}"
            )
        return array[()]

    def near(self, x: Any) -> Any:
        """Give f close to the place asked for: NaN where it has no value there."""
        try:
            return self(x)
        except (ValueError, ArithmeticError):
            return np.full(self.shape, np.nan)[()]

    def sentence(self, x: Any, i: int, fault: str) -> str:
        """Say that output `i` has a fault, up to the words "at x"."""
        if np.ndim(x):
            return f"{self.caller}: f {fault} at {entry_name('x', i, x.shape)}"
        what = entry_name("f(x)", i, self.shape) if self.shape else "f"
        return f"{self.caller}: {what} {fault} at {self.place}"

    def require_elementwise(self, x: NDArray[np.floating]) -> None:
        """Move each half of x in turn: the other half of f(x) must stand still."""
        y = self(x)
        first = np.arange(x.size).reshape(x.shape) < x.size // 2
        for moved in (first, ~first):
            value = self.near(np.where(moved, x + 1e-3 * np.maximum(abs(x), 1), x))
            still = (value == y) | np.isnan(value)
            if not still[~moved].all():
                i = int((still | moved).argmin())
                raise ValueError(
                    f"{self.caller}: f must work on each entry of x alone, but "
                    f"{entry_name('f(x)', i, x.shape)} changes with other entries"
                    f"{_REMEDIES[self.caller]}"
                )


def along(f: Function, x: NDArray[np.floating] | float, i: int) -> Function:
    """Hold every entry of `x` constant except entry `i`, counted as in ``x.flat``.

    >>> product = along(np.prod, np.array([2.0, 3.0]), 1)
    >>> float(product(5.0))
    10.0
    """

    def moved(t: Any) -> Any:
        place = np.array(x, dtype=complex if isinstance(t, complex) else float)
        place.flat[i] = t
        return f(place[()])

    return moved


def entry_name(name: str, i: int, shape: tuple[int, ...]) -> str:
    """Name entry `i` of an array; a plain number has the array's name alone.

    >>> entry_name("x", 4, (2, 3))
    'x[1, 1]'
    """
    index = ", ".join(str(k) for k in np.unravel_index(i, shape)) if shape else ""
    return f"{name}[{index}]" if index else name
