"""What a network is blamed for: one number for an output and its target.

`MSELoss` for numbers and `CrossEntropyLoss` for classes. Call one on an output and
its target, then `backward()` for the slopes of the loss by that output.
"""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from chainrule_lessons.validation import (
    checked,
    describe,
    plainly_finite,
    real_array,
    same_shape,
)

__all__ = ["CrossEntropyLoss", "MSELoss"]

Array = NDArray[np.floating]


class _Loss:
    """A sum over entries or samples, or its mean."""

    _kept: Any = None  # what the call leaves for backward

    def __init__(self, reduction: str = "mean") -> None:
        if not isinstance(reduction, str) or reduction not in ("mean", "sum"):
            raise ValueError(
                f"{type(self).__name__}: reduction must be 'mean' or 'sum', "
                f"got {describe(reduction)}"
            )
        self.reduction = reduction

    def backward(self) -> Array:
        """Return the slopes of the last loss by its input, of the input's shape.

        Raises
        ------
        RuntimeError
            Before the loss was called.
        """
        if self._kept is None:
            raise RuntimeError(
                f"{type(self).__name__}.backward called before forward: "
                "call loss(input, target) first"
            )
        return self._slopes(*self._kept)

    def each(self, inputs: Array, target: ArrayLike) -> Array:
        """Return the loss of each of V inputs, of shape (V, ...), by one target.

        It is what V calls return, and refuses what they do; `backward` stays with
        the last call.
        """
        twin = copy.copy(self)
        return np.array([twin(x, target) for x in inputs], dtype=float)

    def _divisor(self, count: int, what: str) -> int:
        if self.reduction == "sum":
            return 1
        if count == 0:
            raise ValueError(f"{self!r}: a mean needs at least one {what}, got none")
        return count

    def _accept(self, value: ArrayLike, role: str) -> Array:
        return checked(value, type(self).__name__, role)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(reduction={self.reduction!r})"


class MSELoss(_Loss):
    """The mean (or sum) of squared differences: Σ (input − target)² / n.

    Parameters
    ----------
    reduction : {"mean", "sum"}, optional
        Divide by the number n of all entries, or not.

    Examples
    --------
    >>> loss = MSELoss()
    >>> loss([3, 1], [1, 1])
    2.0
    >>> loss.backward()
    array([2., 0.])
    """

    def __call__(self, input: ArrayLike, target: ArrayLike) -> float:
        """Return the loss.

        Parameters
        ----------
        input : array_like
            What the network said, of any shape.
        target : array_like
            What it should have said, of exactly the same shape. A plain number
            will do where `input` has one entry.

        Returns
        -------
        float

        Raises
        ------
        TypeError, ValueError
            For what holds no numbers, NaN or infinity, for two shapes, and for
            the mean of nothing.
        """
        x = self._accept(input, "input")
        y, n = self._checked(target, x)
        difference = x - y
        self._kept = difference, n
        return float(np.vdot(difference, difference) / n)

    def _slopes(self, difference: Array, n: int) -> Array:
        return 2 / n * difference

    def each(self, inputs: Array, target: ArrayLike) -> Array:
        """Return the loss of each of many inputs by one target."""
        if not plainly_finite(inputs):
            return super().each(inputs, target)
        y, n = self._checked(target, inputs[0])
        differences = (inputs - y).reshape(len(inputs), -1)
        return np.einsum("vi,vi->v", differences, differences) / n

    def _checked(self, target: ArrayLike, x: Array) -> tuple[Array, int]:
        """Return a target that fits x, and what to divide by."""
        y = self._accept(target, "target")
        if not (y.ndim == 0 and x.size == 1):
            same_shape(y, x.shape, "MSELoss: target")
        return y, self._divisor(x.size, "entry")


class CrossEntropyLoss(_Loss):
    """Minus the log of the share that softmax gives to the right class.

    For logits z and the target's shares t, the loss of a sample is
    −Σ tᵢ log pᵢ with p = softmax(z), and its slope by z is p − t. It is stable
    for logits of any size: two that lie further apart than the largest number of
    their type count as that far apart.

    Parameters
    ----------
    reduction : {"mean", "sum"}, optional
        Divide by the number of samples, or not.

    Examples
    --------
    >>> loss = CrossEntropyLoss()
    >>> round(loss([[0, 0], [1000, 0]], [1, 0]), 6)
    0.346574
    >>> loss.backward()
    array([[ 0.25, -0.25],
           [ 0.  ,  0.  ]])
    """

    def __call__(self, input: ArrayLike, target: ArrayLike) -> float:
        """Return the loss.

        Parameters
        ----------
        input : array_like
            Logits, of shape (N, C), or (C,) for one sample.
        target : array_like
            Class indices from 0 to C − 1, of shape (N,), or one integer for one
            sample; or rows of probabilities, of the shape of `input`.

        Returns
        -------
        float

        Raises
        ------
        TypeError, ValueError
            For what holds no numbers, NaN or infinity; for wrong shapes; for
            indices that are no integers or out of range; for rows that are
            negative somewhere or do not sum to one; for the mean of nothing.
        """
        z = input if plainly_finite(input) else self._from_peak(input)
        t, n = self._checked(target, z)
        # Classes first: NumPy sums a few long rows faster than many short ones.
        z = z.T.copy()
        z -= z.max(axis=0)
        e = np.exp(z)
        total = e.sum(axis=0)
        self._kept = e, total, t, n
        return float((np.log(total).sum() - np.vdot(t, z)) / n)

    def _from_peak(self, input: ArrayLike) -> Array:
        """Return logits of any size less their sample's largest, all of them finite."""
        z = self._accept(input, "input")
        with np.errstate(over="ignore"):
            z = z - z.max(axis=-1, keepdims=True, initial=np.finfo(z.dtype).min)
        return np.nan_to_num(z)

    def _slopes(self, e: Array, total: Array, t: Array, n: int) -> Array:
        return ((e / total - t) / n).T  # p − t, for the mean or the sum

    def each(self, inputs: Array, target: ArrayLike) -> Array:
        """Return the loss of each of many inputs by one target."""
        if not plainly_finite(inputs):
            return super().each(inputs, target)
        t, n = self._checked(target, inputs[0])
        z = np.ascontiguousarray(np.moveaxis(inputs, -1, 0))
        z = (z - z.max(axis=0)).reshape(len(t), len(inputs), -1)
        right = z @ t.reshape(len(t), -1, 1)
        logs = np.log(np.exp(z, out=z).sum(axis=0))
        return (logs.sum(axis=1) - right.sum(axis=(0, 2))) / n

    def _checked(self, target: ArrayLike, z: Array) -> tuple[Array, int]:
        """Return the shares of a target that fits z, and what to divide by."""
        if z.ndim not in (1, 2) or not z.shape[-1]:
            raise ValueError(
                "CrossEntropyLoss: input must have shape (N, C), or (C,) for one "
                f"sample, got {z.shape}"
            )
        t = self._shares(target, z.shape).astype(z.dtype)
        return t, self._divisor(z.size // z.shape[-1], "sample")

    def _shares(self, target: ArrayLike, shape: tuple[int, ...]) -> NDArray[Any]:
        """Return the share of each class in each sample, classes first."""
        if type(target) is not np.ndarray:
            real_array(target, "CrossEntropyLoss: target")
        shares = np.asarray(target)
        if shares.shape == shape:
            return _require_probabilities(self._accept(shares, "target")).T.copy()
        if shares.shape != shape[:-1]:
            raise ValueError(
                f"CrossEntropyLoss: target must be class indices of shape {shape[:-1]} "
                f"or probabilities of shape {shape}, got shape {shares.shape}"
            )
        return _one_hot(shares, shape[-1])


def _one_hot(index: NDArray[np.integer], classes: int) -> NDArray[np.bool_]:
    """Return a column for each index, with a one in its place."""
    if index.dtype.kind not in "iu":
        raise TypeError(
            "CrossEntropyLoss: class indices must be integers, "
            f"got {describe(index)} of type {index.dtype}"
        )
    shares = np.equal.outer(np.arange(classes), index)
    if np.count_nonzero(shares) < index.size:
        outside = index[~shares.any(axis=0)][0]
        raise ValueError(
            f"CrossEntropyLoss: class indices must be 0 to {classes - 1}, got {outside}"
        )
    return shares


def _require_probabilities(rows: Array) -> Array:
    sums = rows.sum(axis=-1)
    if (rows < 0).any():
        raise ValueError(
            f"CrossEntropyLoss: probabilities must not be negative, got {rows.min()}"
        )
    if not np.allclose(sums, 1, rtol=0, atol=1e-6):
        worst = sums.flat[np.abs(sums - 1).argmax()]
        raise ValueError(
            f"CrossEntropyLoss: each row of probabilities must sum to 1, got {worst}"
        )
    return rows
