"""Blocks of a network, each with its forward map and its local derivative.

A block is three formulas. `_output` is its map, and keeps what the way back needs.
Given g, the slopes of the loss by that output, `_stays` adds the slopes by the block's
own parameters to what is there, and `_passes` returns the slopes by its input.

The layout is fixed: a batch has shape (N, features), one sample (features,).
"""

from __future__ import annotations

import contextlib
import functools
import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from chainrule_lessons.module import Module, Parallel, Parameter, Sequential
from chainrule_lessons.validation import (
    describe,
    finite_array,
    finite_number,
    generator,
    same_shape,
    whole_number,
)

__all__ = [
    "Linear",
    "Module",
    "Parallel",
    "Parameter",
    "ReLU",
    "Scale",
    "Sequential",
    "Sigmoid",
    "Softmax",
    "Tanh",
]

Array = NDArray[np.floating]


class _Block(Module):
    """A module of three formulas, each for numbers that were looked at."""

    def _output(self, x: Array) -> Array:
        raise NotImplementedError

    def _stays(self, g: Array) -> None:
        """Add nothing, for there are no parameters."""

    def _passes(self, g: Array) -> Array:
        raise NotImplementedError

    def _forward(self, x: Array) -> Array:
        y = self._output(x)
        self._output_shape = y.shape
        return y

    def _backward(self, g: Array, input_grad: bool) -> Any:
        self._require_output(g)
        self._stays(g)
        return self._passes(g) if input_grad else None


class Linear(_Block):
    """A weighted sum for each output: y = x Wᵀ + b.

    Parameters
    ----------
    in_features, out_features : int
        Number of inputs and of outputs.
    bias : bool or array_like, optional
        Whether there is a bias b, or its values.
    weight : array_like, optional
        The values of W. Axes of length 1 may be missing or added, so that
        ``[1, 5]`` does for shape (1, 2); nothing else is reshaped.
    rng : Generator or int, optional
        Where values that are not given come from: uniform between
        -1/√in_features and 1/√in_features, as in PyTorch.
    dtype : dtype, optional
        The floating type of the parameters.

    Attributes
    ----------
    weight : Parameter
        Of shape (out_features, in_features).
    bias : Parameter or None
        Of shape (out_features,).

    Examples
    --------
    >>> neuron = Linear(2, 1, weight=[1, 5], bias=-15)
    >>> neuron([2, 3])
    array([2.])
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool | ArrayLike = True,
        *,
        weight: ArrayLike | None = None,
        rng: np.random.Generator | int | None = None,
        dtype: DTypeLike = float,
    ) -> None:
        self.in_features = whole_number(in_features, "Linear: in_features", least=1)
        self.out_features = whole_number(out_features, "Linear: out_features", least=1)
        rng, bound = generator(rng, "Linear"), 1 / math.sqrt(in_features)
        if weight is None:
            weight = rng.uniform(-bound, bound, (out_features, in_features))
        if bias is True:
            bias = rng.uniform(-bound, bound, out_features)
        shape, dtype = (self.out_features, self.in_features), _float_type(dtype)
        self.weight = self._parameter("weight", weight, shape, dtype)
        self.bias = None
        if bias is not False:
            self.bias = self._parameter("bias", bias, shape[:1], dtype)

    def _parameter(
        self, name: str, value: ArrayLike, shape: tuple[int, ...], dtype: np.dtype
    ) -> Parameter:
        """Return values in `shape`, which may differ in axes of length 1 only."""
        what = f"Linear({self.in_features}, {self.out_features}): {name}"
        array = finite_array(value, what)
        if [n for n in array.shape if n != 1] != [n for n in shape if n != 1]:
            same_shape(array, shape, what)
        return Parameter(array.reshape(shape).astype(dtype), name)

    def _output(self, x: Array) -> Array:
        """Return x Wᵀ + b, of shape (N, out_features) or (out_features,)."""
        if x.ndim not in (1, 2) or x.shape[-1] != self.in_features:
            shape = f"({'N, ' * (x.ndim != 1)}{self.in_features}{',' * (x.ndim == 1)})"
            raise ValueError(f"{self!r}: input must have shape {shape}, got {x.shape}")
        self._x = x
        y = x.dot(self.weight.data.T)
        if self.bias is not None:
            y += self.bias.data
        return y

    def _stays(self, g: Array) -> None:
        """Add gᵀ x to the slopes by the weight, and Σ g to those by the bias."""
        x = self._x
        if x.ndim == 1:  # a batch of one
            g, x = g[None], x[None]
        self.weight.grad += g.T.dot(x)
        if self.bias is not None:
            self.bias.grad += _ones(len(g), g.dtype).dot(g)  # its input is 1

    def _passes(self, g: Array) -> Array:
        """Return g W."""
        return g.dot(self.weight.data)

    def __repr__(self) -> str:
        options = "" if self.bias is not None else ", bias=False"
        return f"Linear({self.in_features}, {self.out_features}{options})"


class Scale(_Block):
    """One number times the input: y = w x (Torch called it Mul).

    Parameters
    ----------
    weight : float
        The number.

    Examples
    --------
    >>> Scale(20)([1, 2])
    array([20., 40.])
    """

    def __init__(self, weight: float) -> None:
        self.weight = Parameter(finite_number(weight, "Scale: weight"), "weight")

    def _output(self, x: Array) -> Array:
        """Return w x, of the shape of `x`, which may be any."""
        self._x = x
        return float(self.weight.data) * x

    def _stays(self, g: Array) -> None:
        """Add Σ g x to the slope by the weight."""
        self.weight.grad += np.vdot(g, self._x)

    def _passes(self, g: Array) -> Array:
        """Return w g."""
        return float(self.weight.data) * g

    def __repr__(self) -> str:
        return f"Scale({float(self.weight.data)})"


class _Elementwise(_Block):
    """A function of each entry alone: its Jacobian is diagonal."""

    def value_and_slope(self, x: Array) -> tuple[Array, Array]:
        raise NotImplementedError

    def _output(self, x: Array) -> Array:
        """Return the function of each entry of `x`, which may have any shape."""
        y, self._slope = self.value_and_slope(x)
        return y

    def _passes(self, g: Array) -> Array:
        """Return g times the slope at the input, entry by entry."""
        return g * self._slope


class Sigmoid(_Elementwise):
    """The logistic sigmoid of each entry: σ(x) = 1/(1 + e⁻ˣ), slope σ(1 − σ).

    Examples
    --------
    >>> Sigmoid()([-800, 0])
    array([0. , 0.5])
    """

    def value_and_slope(self, x: Array) -> tuple[Array, Array]:
        """Return σ(x) and e⁻ˣ/(1 + e⁻ˣ)², which is σ(1 − σ)."""
        small = np.exp(-np.abs(x))  # e⁻ˣ or eˣ, the one that can't overflow
        return np.exp(np.minimum(x, 0)) / (1 + small), small / (1 + small) ** 2


class Tanh(_Elementwise):
    """The hyperbolic tangent of each entry, slope 1 − tanh².

    Examples
    --------
    >>> Tanh()([0, 800])
    array([0., 1.])
    """

    def value_and_slope(self, x: Array) -> tuple[Array, Array]:
        """Return tanh(x) and 1 − tanh²(x)."""
        y = np.tanh(x)
        return y, 1.0 - y * y


class ReLU(_Elementwise):
    """Each entry where it is positive, 0 elsewhere; slope 1 or 0.

    At 0, where there is a kink, the slope that `backward` uses is 0.

    Examples
    --------
    >>> ReLU()([-2, 3])
    array([0., 3.])
    """

    def value_and_slope(self, x: Array) -> tuple[Array, Array]:
        """Return max(x, 0) and whether x > 0."""
        return x.clip(0.0, math.inf), x > 0.0  # np.maximum takes three times as long


class Softmax(_Block):
    """Positive shares that sum to one: pᵢ = exp(xᵢ) / Σⱼ exp(xⱼ).

    Every output depends on every input: the Jacobian is diag(p) − p pᵀ.

    Parameters
    ----------
    axis : int, optional
        The axis along which the shares sum to one.

    Examples
    --------
    >>> Softmax()([1000, 1000])
    array([0.5, 0.5])
    """

    def __init__(self, axis: int = -1) -> None:
        self.axis = whole_number(axis, "Softmax: axis", least=-math.inf)

    def _output(self, x: Array) -> Array:
        """Return p, of the shape of `x`."""
        if not (-x.ndim <= self.axis < x.ndim and x.shape[self.axis]):
            raise ValueError(
                f"{self!r}: input must have entries along axis {self.axis}, "
                f"got shape {x.shape}"
            )
        # Subtracting the largest changes no share and keeps exp from overflowing.
        e = np.exp(x - x.max(axis=self.axis, keepdims=True))
        self._p = e / e.sum(axis=self.axis, keepdims=True)
        return self._p.copy()

    def _passes(self, g: Array) -> Array:
        """Return p (g − Σ g p)."""
        p = self._p
        return p * (g - (g * p).sum(self.axis, keepdims=True))

    def __repr__(self) -> str:
        return f"Softmax(axis={self.axis})"


@functools.lru_cache(maxsize=8)
def _ones(n: int, dtype: np.dtype) -> Array:
    """Return ones, to add up rows: np.sum is slow for many short ones."""
    return np.ones(n, dtype)


def _float_type(dtype: DTypeLike) -> np.dtype:
    with contextlib.suppress(TypeError):
        if dtype is not None and np.dtype(dtype).kind == "f":
            return np.dtype(dtype)
    raise TypeError(f"Linear: dtype must be a floating type, got {describe(dtype)}")
