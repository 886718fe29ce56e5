"""Compare the slopes that a backward pass claims with measured ones.

`gradcheck` returns True or raises `GradcheckError`, whose message is a table of
what differs and, where it knows the slip, its name.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from chainrule_lessons.layers import Module
from chainrule_lessons.numeric import DerivativeError, gradient
from chainrule_lessons.validation import (
    describe,
    finite_number,
    real_array,
    require_finite,
    same_shape,
)

__all__ = ["GradcheckError", "gradcheck"]

Array = NDArray[np.floating]
_ROWS_SHOWN = 8


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
    x = _finite_array(x, "gradcheck: x")
    limits = [_tolerance(rtol, "rtol"), _tolerance(atol, "atol")]
    if isinstance(f, Module):
        if grad is not None:
            raise TypeError("gradcheck: grad= belongs to a function, not to a module")
        name, slopes = repr(f), _module_slopes(copy.deepcopy(f), x)
    else:
        name, slopes = "the function", _function_slopes(f, x, grad)
    _compare(name, slopes, *limits, rows=len(x) if x.ndim > 1 else 1)
    return True


def _finite_array(value: ArrayLike, what: str) -> Array:
    array = real_array(value, what)
    require_finite(array, what)
    return array.astype(float)


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
    claimed = _finite_array(grad, "gradcheck: grad")
    same_shape(claimed, x.shape, "gradcheck: grad")
    return {"x": (claimed, _measured(f, x, "x"))}


def _module_slopes(twin: Module, x: Array) -> dict[str, tuple[Array, Array]]:
    """Return (backward, numeric) slopes by name; `twin` is ours to change."""
    for parameter in twin.parameters():  # float32 is too coarse to measure in
        parameter.__init__(parameter.data.astype(float), parameter.name)
    y = np.array(twin.forward(x.copy()))
    # Random weights, so that errors in two outputs can't cancel; none near zero.
    rng = np.random.default_rng(0)
    weights = rng.uniform(0.5, 1.5, y.shape) * rng.choice([-1.0, 1.0], y.shape)

    def total(inputs: Array) -> float:
        return float(np.vdot(weights, twin.forward(inputs)))

    def total_with(parameter: Any) -> Callable[[Array], float]:
        def with_values(values: Array) -> float:
            parameter.data = values
            return total(x.copy())

        return with_values

    claimed = _claimed(twin, x, y, weights)
    slopes = {"input": (claimed.pop("input"), _measured(total, x, "input"))}
    for name, parameter in twin.named_parameters():
        before = parameter.data.copy()
        measured = _measured(total_with(parameter), before, name)
        parameter.data = before
        slopes[name] = claimed[name], measured
    return slopes


def _claimed(twin: Module, x: Array, y: Array, weights: Array) -> dict[str, Array]:
    twin.zero_grad()
    if not np.array_equal(y, twin.forward(x.copy())):
        raise GradcheckError(
            f"gradcheck: {twin!r} gave two outputs for one input; "
            "fix its random numbers or its state first"
        )
    by_input = twin.backward(weights.copy())
    if by_input is None:
        raise GradcheckError(
            f"gradcheck: backward of {twin!r} returned None; "
            "it must return the slopes by its input"
        )
    by_input = real_array(by_input, f"gradcheck: what backward of {twin!r} returned")
    if by_input.shape != x.shape:
        raise GradcheckError(
            f"gradcheck: backward of {twin!r} must return slopes of the input's "
            f"shape {x.shape}, got {by_input.shape}"
        )
    claimed = {name: p.grad.copy() for name, p in twin.named_parameters()}
    _require_sums(twin, x, weights, claimed)
    return {"input": by_input.copy(), **claimed}


def _require_sums(
    twin: Module, x: Array, weights: Array, once: dict[str, Array]
) -> None:
    """Refuse a backward pass whose second run does not add to the first."""
    twin.forward(x.copy())
    twin.backward(weights.copy())
    for name, parameter in twin.named_parameters():
        if once[name].any() and np.array_equal(parameter.grad, once[name]):
            raise GradcheckError(
                f"gradcheck: backward of {twin!r} overwrites {name}.grad; "
                "it must add to it (+= and not =)"
            )


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


def _compare(
    name: str,
    slopes: dict[str, tuple[Array, Array]],
    rtol: float,
    atol: float,
    rows: int,
) -> None:
    table, slips = [], []
    for part, (backward, numeric) in slopes.items():
        error = np.abs(backward - numeric)
        # Written so that a NaN counts as wrong.
        wrong = np.argwhere(~(error <= atol + rtol * np.abs(numeric)))
        if len(wrong):
            slips.append(f"{part}: {_slip(backward, numeric, rows)}")
        for index in map(tuple, wrong.tolist()):
            table.append((part, index, backward[index], numeric[index]))
    if table:
        count = sum(backward.size for backward, _ in slopes.values())
        raise GradcheckError(
            f"gradcheck: {len(table)} of {count} slopes of {name} are wrong\n"
            + "\n".join([*_lines(table), *slips])
        )


def _lines(table: list[tuple[str, tuple[int, ...], float, float]]) -> list[str]:
    lines = [
        f"{'slope by':<12} {'index':<10} {'backward':>13} {'numeric':>13} {'error':>9}"
    ]
    for part, index, backward, numeric in table[:_ROWS_SHOWN]:
        error = abs(backward - numeric) / max(abs(backward), abs(numeric))
        lines.append(
            f"{part:<12} {index!s:<10} {backward:>13.6g} {numeric:>13.6g} {error:>9.1e}"
        )
    if len(table) > _ROWS_SHOWN:
        lines.append(f"... and {len(table) - _ROWS_SHOWN} more")
    return lines


def _slip(backward: Array, numeric: Array, rows: int) -> str:
    """Name the slip that turns the measured slopes into these."""
    if not np.isfinite(backward).all():
        return "not finite"
    noise = 1e-7 * np.abs([backward, numeric]).max()

    def same(a: Any, b: Any) -> bool:
        return np.allclose(a, b, rtol=1e-4, atol=noise)

    if same(backward, numeric):
        return "close, but not within the tolerances"
    if not backward.any():
        return "zero everywhere; was it ever computed and added?"
    if same(numeric, 0):
        return "should be zero everywhere"
    if same(backward, -numeric):
        return "the sign is wrong"
    ratio = float(np.vdot(numeric, backward) / np.vdot(numeric, numeric))
    if same(backward, ratio * numeric) and (numeric.size > 1 or _plain(ratio)):
        by_rows = rows > 1 and (same(ratio, rows) or same(ratio, 1 / rows))
        reason = ", the number of rows: mean against sum?" if by_rows else ""
        return f"off by a factor {ratio:.4g}{reason}"
    if numeric.ndim == 2 and same(backward, numeric.T.reshape(numeric.shape)):
        return "transposed"
    if same(backward, numeric.sum()):
        return "summed over every axis"
    if same(backward.sum(), numeric.sum()):
        return "the total is right, its parts are not: summed over the wrong axis?"
    return "no common slip; check the formula one entry at a time"


def _plain(ratio: float) -> bool:
    """Whether a ratio is a whole number or one over it, so no accident."""
    larger = max(abs(ratio), 1 / abs(ratio)) if ratio else 0.5
    return abs(larger - round(larger)) < 1e-4
