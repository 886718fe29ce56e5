"""Compare the slopes that a backward pass claims with measured ones.

`gradcheck` returns True or raises `GradcheckError`, whose message is a table of
what differs and, where it knows the slip, its name.
"""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from chainrule_lessons.layers import Module, Parameter, Softmax
from chainrule_lessons.numeric import DerivativeError, gradient, jacobian
from chainrule_lessons.validation import (
    describe,
    finite_array,
    finite_number,
    real_array,
    same_shape,
)

__all__ = ["GradcheckError", "compare", "gradcheck"]

Array = NDArray[np.floating]
# What some slips would lead to, by their names, for the part and its measured slopes.
Suspects = Callable[[str, Array], dict[str, Array]]
_SHOWN = 8
_HEADING = "slope by     index           backward       numeric     error"
_UNKNOWN = "no common slip; check the formula one entry at a time"


class GradcheckError(AssertionError):
    """A backward pass and the measured slopes differ, or can't be compared."""


def gradcheck(
    f: Module | Callable[[Any], float],
    x: ArrayLike,
    *,
    grad: ArrayLike | None = None,
    rtol: float = 1e-6,
    atol: float = 1e-9,
) -> bool:
    """Check a module's backward pass, or a claimed gradient, against differences.

    A module is checked at every entry of every parameter and of its input. Its
    outputs are weighted with fixed random numbers and added up, which gives the one
    number to differentiate. All this happens on a copy: weights, slopes and what
    the module remembers stay as they are.

    Parameters
    ----------
    f : Module or callable
        A module; or a function of an array of the shape of `x` whose value is one
        number.
    x : array_like
        Where to check, for a module its input.
    grad : array_like, optional
        For a function: the gradient to check, of the shape of `x`.
    rtol, atol : float, optional
        A slope b passes against a measured n if abs(b − n) ≤ atol + rtol·abs(n).

    Returns
    -------
    bool
        True. A failure raises.

    Raises
    ------
    GradcheckError
        With a table of the slopes that differ; or where there is no slope to
        compare with, such as at the kink of a ReLU.
    TypeError, ValueError
        For an `x` or `grad` that holds no numbers, NaN or infinity, or a `grad` of
        another shape.

    Examples
    --------
    >>> from chainrule_lessons.layers import Linear, Sequential, Tanh
    >>> gradcheck(Sequential(Linear(3, 2, rng=0), Tanh()), [1, 2, 3])
    True
    >>> gradcheck(lambda x: x**3, 2.0, grad=12)
    True
    """
    x = finite_array(x, "gradcheck: x").astype(float)
    limits = [_tolerance(rtol, "rtol"), _tolerance(atol, "atol")]
    counts = {"rows": len(x) if x.ndim > 1 else 1}
    if isinstance(f, Module):
        if grad is not None:
            raise TypeError("gradcheck: grad= belongs to a function, not to a module")
        twin = _Twin(f, x)
        _compare(repr(f), twin.slopes(), *limits, counts, twin.suspects)
    else:
        counts = {"entries": x.size} | counts  # what the mean of a loss divides by
        slopes, suspects = _function_slopes(f, x, grad), partial(_loss_suspects, x)
        _compare("the function", slopes, *limits, counts, suspects)
    return True


def _tolerance(value: float, what: str) -> float:
    number = finite_number(value, f"gradcheck: {what}")
    if number < 0:
        raise ValueError(f"gradcheck: {what} must not be negative, got {number}")
    return number


def _function_slopes(
    f: Callable[[Any], float], x: Array, grad: ArrayLike | None
) -> dict[str, tuple[Array, Array]]:
    if not callable(f) or isinstance(f, type):
        raise TypeError(
            f"gradcheck: expected a module such as Tanh() or a function, got {describe(f)}"
        )
    if grad is None:
        raise TypeError("gradcheck: a function needs grad=, the gradient to check")
    claimed = finite_array(grad, "gradcheck: grad").astype(float)
    same_shape(claimed, x.shape, "gradcheck: grad")
    return {"x": (claimed, _measured(f, x, "x"))}


def _measured(f: Callable[[Any], float], x: Array, name: str) -> Array:
    if not x.size:
        return np.zeros_like(x)
    try:
        return np.asarray(gradient(f, x))
    except DerivativeError as error:
        raise GradcheckError(
            f"gradcheck: no slope by {name} to compare with; move off this point: "
            f"{error}"
        ) from error


class _Twin:
    """A copy of a module, ours to change, with one number to be differentiated.

    The number is the sum of the outputs, weighted with fixed random numbers, none of
    them near zero, so that no error cancels.
    """

    def __init__(self, module: Module, x: Array) -> None:
        self.module, self.x = copy.deepcopy(module), x
        names = [name for name, _ in self.module.named_parameters()]
        self.input = "the input" if "input" in names else "input"
        for parameter in self.module.parameters():  # float32 is too coarse to measure
            parameter.__init__(parameter.data.astype(float), parameter.name)
        self.y = real_array(
            self.module.forward(x.copy()), f"gradcheck: output of {module!r}"
        ).copy()
        rng, shape = np.random.default_rng(0), self.y.shape
        self.weights = rng.uniform(0.5, 1.5, shape) * rng.choice([-1.0, 1.0], shape)

    def total(self, x: Array) -> float:
        return float(np.vdot(self.weights, self.module.forward(x.copy())))

    def total_with(self, parameter: Parameter, values: Array) -> float:
        parameter.data = values
        return self.total(self.x)

    def slopes(self) -> dict[str, tuple[Array, Array]]:
        """Return (backward, numeric) slopes by name."""
        claimed = self.claimed()
        measured = {self.input: _measured(self.total, self.x, self.input)}
        for name, parameter in self.module.named_parameters():
            before = parameter.data.copy()
            measured[name] = _measured(
                partial(self.total_with, parameter), before, name
            )
            parameter.data = before
        return {name: (claimed[name], measured[name]) for name in claimed}

    def claimed(self) -> dict[str, Array]:
        """Return what backward says, after looking at how it says it."""
        module = self.module
        if not np.array_equal(self.y, module.forward(self.x.copy())):
            raise GradcheckError(
                f"gradcheck: {module!r} gave two outputs for one input; "
                "fix its random numbers or its state first"
            )
        claimed = {self.input: self.by_input(module.backward(self.weights.copy()))}
        claimed |= {name: p.grad.copy() for name, p in module.named_parameters()}
        module.forward(self.x.copy())
        module.backward(self.weights.copy())
        for name, parameter in module.named_parameters():
            if claimed[name].any() and np.array_equal(parameter.grad, claimed[name]):
                raise GradcheckError(
                    f"gradcheck: backward of {module!r} overwrites {name}.grad; "
                    "it must add to it (+= and not =)"
                )
        return claimed

    def by_input(self, slopes: Any) -> Array:
        """Return slopes of the shape of the input, or say what they are instead."""
        what = f"backward of {self.module!r}"
        if slopes is None:
            raise GradcheckError(
                f"gradcheck: {what} returned None; "
                "it must return the slopes by its input"
            )
        slopes = real_array(slopes, f"gradcheck: what {what} returned")
        if slopes.shape != self.x.shape:
            raise GradcheckError(
                f"gradcheck: {what} must return slopes of the input's "
                f"shape {self.x.shape}, got {slopes.shape}"
            )
        return slopes.copy()

    def suspects(self, part: str, numeric: Array) -> dict[str, Array]:
        """Return what some slips would lead to. Asked only where slopes are wrong."""
        weights, found = self.weights, {}
        if part == self.input and self.x.shape == self.y.shape:
            with contextlib.suppress(DerivativeError, ValueError):
                found["the slope is taken at the output, not at the input"] = gradient(
                    self.total, self.y
                )
            with contextlib.suppress(DerivativeError, ValueError):
                found["the Jacobian is not transposed"] = jacobian(self.along, 0.0)
        # The slopes of a bias are the rows of grad_output, added up.
        if weights.shape == (numeric.size,) * 2:
            by_column, by_row = weights.sum(axis=0), weights.sum(axis=1)
            if np.allclose(numeric, by_column, rtol=1e-6):
                found["summed over the wrong axis"] = by_row.reshape(numeric.shape)
        return found

    def along(self, step: float) -> Array:
        return np.array(self.module.forward(self.x + step * self.weights))


def _loss_suspects(x: Array, part: str, numeric: Array) -> dict[str, Array]:
    """Return the slopes of a loss by logits, sent through softmax once too often."""
    if not x.ndim:
        return {}
    softmax = Softmax()
    softmax(x)
    again = softmax.backward(numeric)
    return {"sent through the slope of softmax a second time": again}


def _compare(
    name: str,
    slopes: dict[str, tuple[Array, Array]],
    rtol: float,
    atol: float,
    counts: dict[str, int],
    suspects: Suspects,
) -> None:
    table, slips = [], []
    for part, (backward, numeric) in slopes.items():
        # Written so that a NaN counts as wrong.
        right = np.abs(backward - numeric) <= atol + rtol * np.abs(numeric)
        wrong = [tuple(index) for index in np.argwhere(~right).tolist()]
        table += [_line(part, i, backward[i], numeric[i]) for i in wrong]
        if wrong:
            known = suspects(part, numeric)
            slips.append(f"{part}: {_slip(backward, numeric, counts, known)}")
    if table:
        count = sum(backward.size for backward, _ in slopes.values())
        head = f"gradcheck: {len(table)} of {count} slopes of {name} are wrong"
        raise GradcheckError("\n".join([head, _HEADING, *_shortened(table), *slips]))


def _shortened(table: list[str]) -> list[str]:
    more = [f"... and {len(table) - _SHOWN} more"] * (len(table) > _SHOWN)
    return [*table[:_SHOWN], *more]


def _line(part: str, index: tuple[int, ...], backward: float, numeric: float) -> str:
    error = abs(backward - numeric)
    if error < np.inf:
        error /= max(abs(backward), abs(numeric))
    place = str(index)
    return f"{part:<12} {place:<10} {backward:>13.6g} {numeric:>13.6g} {error:>9.1e}"


def _slip(
    backward: Array, numeric: Array, counts: dict[str, int], known: dict[str, Array]
) -> str:
    """Name the slip that turns the measured slopes into these."""
    if not np.isfinite(backward).all():
        return "not finite"
    noise = 1e-7 * np.abs([backward, numeric]).max()
    same = partial(np.allclose, rtol=1e-4, atol=noise)
    ratio = float(np.vdot(numeric, backward) / (np.vdot(numeric, numeric) or 1))
    constant = same(backward, ratio * numeric)
    factor = _factor(ratio, numeric.size, counts) if constant else ""
    turned = numeric.T.reshape(numeric.shape)
    alive = np.abs(numeric) > noise
    slips = [
        (same(backward, numeric), "close, but not within the tolerances"),
        (not backward.any(), "zero everywhere; was it ever computed and added?"),
        (same(numeric, 0), "should be zero everywhere"),
        (same(backward, -numeric), "the sign is wrong"),
        (factor, factor),
        (same(backward, turned), "transposed"),
        *((same(backward, slopes), name) for name, slopes in known.items()),
        (
            same(backward[alive], numeric[alive]),
            "right, except where it should be 0: is a mask missing?",
        ),
        (same(backward, numeric.sum()), "summed over every axis"),
        (
            same(backward.sum(), numeric.sum()),
            "the total is right, its parts are not: summed over the wrong axis?",
        ),
    ]
    return next((name for found, name in slips if found), _UNKNOWN)


def _factor(ratio: float, size: int, counts: dict[str, int]) -> str:
    """Name a ratio that all slopes share, if it can't be one slope's chance."""
    for what, count in counts.items():
        if _close_to(ratio, (count, 1 / count)):
            return (
                f"off by a factor {ratio:.4g}, the number of {what}: mean against sum?"
            )
    if size > 1 or _close_to(ratio, (2, 0.5)):
        return f"off by a factor {ratio:.4g}"
    return ""


def _close_to(ratio: float, known: tuple[float, ...]) -> bool:
    return bool(np.isclose(ratio, known, rtol=1e-4).any())


def compare(
    name: str,
    by_rule: ArrayLike,
    measured: ArrayLike,
    *,
    rtol: float = 1e-6,
    atol: float = 1e-9,
) -> None:
    """Print what a rule says beside what was measured, and whether they agree.

    Parameters
    ----------
    name : str
        What is compared.
    by_rule, measured : array_like
        A number each, or arrays of one shape.
    rtol, atol : float, optional
        They agree where abs(by_rule − measured) ≤ atol + rtol·abs(measured).

    Raises
    ------
    TypeError, ValueError
        For what holds no finite numbers or none at all, and for two shapes.

    Examples
    --------
    >>> compare("product rule", 1 * 14 + 5 * 6, 44.0)
    product rule   by rule 44.000000   measured 44.000000   they agree
    >>> compare("by the bias", [1, 2], [1, 3])
    by the bias
      by rule   1.000000  2.000000
      measured  1.000000  3.000000
      they differ by up to 1
    """
    told = finite_array(by_rule, f"compare {name!r}: by_rule")
    seen = finite_array(measured, f"compare {name!r}: measured")
    same_shape(seen, told.shape, f"compare {name!r}: measured")
    if not told.size:
        raise ValueError(f"compare {name!r}: by_rule must hold a number, got none")
    gap = abs(told - seen).max()
    agree = np.allclose(told, seen, rtol=rtol, atol=atol)
    verdict = "they agree" if agree else f"they differ by up to {gap:.3g}"
    if told.ndim == 0:
        print(f"{name}   by rule {_six(told)}   measured {_six(seen)}   {verdict}")
        return
    print(name)
    wide = max(len(_six(number)) for number in (*told.flat, *seen.flat))
    for label, table in (("by rule ", told), ("measured", seen)):
        for row in table.reshape(-1, table.shape[-1]):
            print(f"  {label}  {'  '.join(_six(n).rjust(wide) for n in row)}")
            label = " " * len(label)
    print(f"  {verdict}")


def _six(number: Any) -> str:
    """Write six decimals, or six digits where these show too little or too much."""
    fits = number == 0 or 1e-3 <= abs(number) < 1e6
    return f"{number:z.6f}" if fits else f"{number:.6g}"
