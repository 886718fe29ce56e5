"""Blocks of a network, each with its forward map and its local derivative.

A block knows two things: the slope of its output by its input, which it passes
through, and the slope of its output by its own parameters, which it keeps.
`Parameter` holds numbers and their slopes, `Module` is what every block is,
`Linear`, `Scale`, `Sigmoid`, `Tanh`, `ReLU` and `Softmax` are blocks, and
`Sequential` and `Parallel` put blocks together.

The layout is fixed: a batch has shape (N, features), one sample (features,).
"""

from __future__ import annotations

import copy
import functools
import math
from collections.abc import Callable, Iterable, Iterator
from inspect import signature
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from chainrule_lessons.validation import (
    describe,
    finite_array,
    finite_number,
    is_floating,
    plainly_finite,
    real_array,
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


class Parameter:
    """Numbers that training may change, with the slopes of the loss by them.

    Parameters
    ----------
    data : array_like
        The numbers, of any shape. They are copied; integers become float64.
    name : str, optional
        What errors call the parameter.

    Attributes
    ----------
    data : ndarray
        The numbers. A new value must have the same shape and is copied in.
    grad : ndarray
        The slopes, of the shape of `data`. Zeros from the start (PyTorch has
        None there); each backward pass adds to them in place.

    Examples
    --------
    >>> weight = Parameter([1, 5], name="weight")
    >>> weight.data, weight.grad
    (array([1., 5.]), array([0., 0.]))
    """

    def __init__(self, data: ArrayLike, name: str = "parameter") -> None:
        self.name = name
        self._data = np.array(finite_array(data, name))
        self._grad = np.zeros_like(self._data)

    # Getters without a Python call, for they are called often.
    data = property(attrgetter("_data"), doc="The numbers themselves.")
    grad = property(attrgetter("_grad"), doc="The slopes of the loss by the numbers.")

    @data.setter
    def data(self, value: ArrayLike) -> None:
        if value is not self._data:  # what `parameter.data -= step` hands back
            self._fill(self._data, value, f"{self.name}.data")

    @grad.setter
    def grad(self, value: ArrayLike) -> None:
        if value is not self._grad:
            self._fill(self._grad, value, f"{self.name}.grad")

    @staticmethod
    def _fill(own: Array, value: ArrayLike, what: str) -> None:
        array = finite_array(value, what)
        same_shape(array, own.shape, what)
        own[...] = array

    def __repr__(self) -> str:
        return f"Parameter({self.name!r}, shape={self._data.shape})"


# A container looks at what comes in, and calls its blocks without their guards.
_UNGUARDED: dict[Callable, Callable] = {}


def _guarded_forward(method: Callable) -> Callable:
    """Let `method` see finite numbers only."""

    @functools.wraps(method)
    def forward(self: Module, x: ArrayLike) -> Array:
        if not plainly_finite(x):
            x = finite_array(x, f"{self!r}: input")
        return method(self, x)

    _UNGUARDED[forward] = method
    return forward


def _guarded_backward(method: Callable) -> Callable:
    """Let `method` see finite numbers only."""

    @functools.wraps(method)
    def backward(
        self: Module, grad_output: ArrayLike, *, input_grad: bool = True
    ) -> Any:
        if not plainly_finite(grad_output):
            grad_output = finite_array(grad_output, f"{self!r}: grad_output")
        return method(self, grad_output, input_grad=input_grad)

    _UNGUARDED[backward] = method
    return backward


def _step(module: Module, x: Any) -> Any:
    """Go forward through a module inside a container."""
    unguarded = _UNGUARDED.get(getattr(module.forward, "__func__", None))
    if unguarded and is_floating(x):
        return unguarded(module, x)
    return module.forward(x)


def _step_back(module: Module, g: Any, input_grad: bool) -> Any:
    """Go backward through a module inside a container."""
    unguarded = _UNGUARDED.get(getattr(module.backward, "__func__", None))
    if unguarded and is_floating(g):
        return unguarded(module, g, input_grad=input_grad)
    # A block written by a learner may have no input_grad option.
    if not input_grad and "input_grad" in signature(module.backward).parameters:
        return module.backward(g, input_grad=False)
    slopes = module.backward(g)
    return slopes if input_grad else None


class Module:
    """What every block is: a map with a forward and a backward direction.

    To write a block of your own, define `forward(self, x)`, which keeps what
    `backward(self, grad_output)` will need. Parameters and modules that are
    assigned as attributes are found by `parameters()`.

    A block may keep the very array it is given: leave an input as it is until
    `backward` is done.

    Examples
    --------
    >>> import numpy as np
    >>> class Square(Module):
    ...     def forward(self, x):
    ...         self.x = x
    ...         return x**2
    ...
    ...     def backward(self, grad_output):
    ...         return grad_output * 2 * self.x
    >>> Square().jacobian([1, 3])
    array([[2., 0.],
           [0., 6.]])
    """

    _kept: Any = None  # what forward leaves for backward

    def __call__(self, x: ArrayLike) -> Array:
        """Return `forward(x)`, with `x` turned into an array first."""
        if not is_floating(x):
            x = real_array(x, f"{self!r}: input")
        return self.forward(x)

    def forward(self, x: ArrayLike) -> Array:
        """Return the output for the input `x`."""
        raise NotImplementedError(f"{type(self).__name__} has no forward(self, x) yet")

    def backward(self, grad_output: ArrayLike, *, input_grad: bool = True) -> Any:
        """Turn slopes by the output into slopes by the input and the parameters.

        Parameters
        ----------
        grad_output : array_like
            Slopes of the loss by the output of the last `forward`, of its shape.
        input_grad : bool, optional
            With False, the slopes by the input are not computed.

        Returns
        -------
        ndarray or None
            Slopes by the input, of its shape; None with ``input_grad=False``.
            Slopes by the parameters are added to their `grad`: calling this
            twice adds the same again.

        Raises
        ------
        RuntimeError
            Before `forward` was called.
        TypeError, ValueError
            For a `grad_output` that holds no numbers, not the output's shape,
            NaN or infinity.
        """
        raise NotImplementedError(
            f"{type(self).__name__} has no backward(self, grad_output) yet"
        )

    def jacobian(self, x: ArrayLike) -> Array:
        """Return the slope of every output by every input, from `backward`.

        Parameters
        ----------
        x : array_like
            The input.

        Returns
        -------
        ndarray
            Of shape ``y.shape + x.shape``: one backward pass for each output.
            The module keeps its slopes and what it remembers of its last input.
        """
        twin, x = copy.deepcopy(self), real_array(x, f"{self!r}: input")
        y = np.asarray(twin.forward(x))
        units = np.eye(y.size, dtype=y.dtype).reshape(y.shape * 2)
        rows = [twin.backward(units[index]) for index in np.ndindex(y.shape)]
        return np.reshape(rows, y.shape + x.shape)

    def named_parameters(self) -> list[tuple[str, Parameter]]:
        """Return (dotted name, parameter) pairs, a shared parameter once."""
        found: dict[int, tuple[str, Parameter]] = {}
        for name, value in self._descendants():
            if isinstance(value, Parameter):
                found.setdefault(id(value), (name, value))
        return list(found.values())

    def parameters(self) -> list[Parameter]:
        """Return every parameter, those of inner modules included."""
        return [parameter for _, parameter in self.named_parameters()]

    def zero_grad(self) -> None:
        """Fill the slopes of every parameter with zeros."""
        for parameter in self.parameters():
            parameter.grad.fill(0)

    def _members(self) -> Iterable[tuple[str, Any]]:
        return vars(self).items()

    def _descendants(self, prefix: str = "") -> Iterator[tuple[str, Any]]:
        for name, value in self._members():
            if isinstance(value, Parameter | Module):
                yield prefix + name, value
            if isinstance(value, Module):
                yield from value._descendants(f"{prefix}{name}.")

    def _recall(self) -> Any:
        if self._kept is None:
            name = type(self).__name__
            raise RuntimeError(
                f"{name}.backward called before forward: call forward(x) first"
            )
        return self._kept

    def _fitting(self, grad_output: Array, shape: tuple[int, ...]) -> Array:
        if grad_output.shape != shape:
            same_shape(grad_output, shape, f"{self!r}: grad_output")
        return grad_output

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class Linear(Module):
    """A weighted sum for each output: y = x Wᵀ + b.

    Parameters
    ----------
    in_features, out_features : int
        Numbers of inputs and outputs, at least 1.
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
        rng, bound = _generator(rng), 1 / math.sqrt(in_features)
        if weight is None:
            weight = rng.uniform(-bound, bound, (out_features, in_features))
        if bias is True:
            bias = rng.uniform(-bound, bound, out_features)
        shape = (self.out_features, self.in_features)
        self.weight = self._parameter("weight", weight, shape, dtype)
        self.bias = None
        if bias is not False:
            self.bias = self._parameter("bias", bias, shape[:1], dtype)

    def _parameter(
        self, name: str, value: ArrayLike, shape: tuple[int, ...], dtype: DTypeLike
    ) -> Parameter:
        what = f"Linear({self.in_features}, {self.out_features}): {name}"
        return Parameter(_reshaped(value, shape, what).astype(_float_type(dtype)), name)

    @_guarded_forward
    def forward(self, x: ArrayLike) -> Array:
        """Return x Wᵀ + b, of shape (N, out_features) or (out_features,)."""
        if x.ndim not in (1, 2) or x.shape[-1] != self.in_features:
            shape = f"({'N, ' * (x.ndim != 1)}{self.in_features}{',' * (x.ndim == 1)})"
            raise ValueError(f"{self!r}: input must have shape {shape}, got {x.shape}")
        self._kept = x
        y = x.dot(self.weight.data.T)
        if self.bias is not None:
            y += self.bias.data
        return y

    @_guarded_backward
    def backward(self, grad_output: ArrayLike, *, input_grad: bool = True) -> Any:
        """Add gᵀ x to the weight's slopes and Σg to the bias's; return g W."""
        x = self._recall()
        g = self._fitting(grad_output, (*x.shape[:-1], self.out_features))
        rows, x = (g, x) if x.ndim == 2 else (g[None], x[None])
        self.weight.grad += rows.T.dot(x)
        if self.bias is not None:
            self.bias.grad += _ones(len(rows), rows.dtype).dot(rows)  # its input is 1
        return g.dot(self.weight.data) if input_grad else None

    def __repr__(self) -> str:
        options = "" if self.bias is not None else ", bias=False"
        return f"Linear({self.in_features}, {self.out_features}{options})"


class Scale(Module):
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

    @_guarded_forward
    def forward(self, x: ArrayLike) -> Array:
        """Return w x, of the shape of `x`, which may be any."""
        self._kept = x
        return float(self.weight.data) * x

    @_guarded_backward
    def backward(self, grad_output: ArrayLike, *, input_grad: bool = True) -> Any:
        """Add Σ g x to the weight's slope; return w g."""
        x = self._recall()
        g = self._fitting(grad_output, x.shape)
        self.weight.grad += np.vdot(g, x)
        return float(self.weight.data) * g if input_grad else None

    def __repr__(self) -> str:
        return f"Scale({float(self.weight.data)})"


class _Elementwise(Module):
    """A function of each entry alone: its Jacobian is diagonal."""

    def value_and_slope(self, x: Array) -> tuple[Array, Array]:
        raise NotImplementedError

    @_guarded_forward
    def forward(self, x: ArrayLike) -> Array:
        """Return the function of each entry of `x`, which may have any shape."""
        y, self._kept = self.value_and_slope(x)
        return y

    @_guarded_backward
    def backward(self, grad_output: ArrayLike, *, input_grad: bool = True) -> Any:
        """Return g times the slope at the input, entry by entry."""
        slope = self._recall()
        g = self._fitting(grad_output, slope.shape)
        return g * slope if input_grad else None


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


class Softmax(Module):
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
        sign = -1 if isinstance(axis, int | np.integer) and axis < 0 else 1
        self.axis = sign * whole_number(sign * axis, "Softmax: axis")

    @_guarded_forward
    def forward(self, x: ArrayLike) -> Array:
        """Return p, of the shape of `x`."""
        if not (-x.ndim <= self.axis < x.ndim and x.shape[self.axis]):
            raise ValueError(
                f"{self!r}: input must have entries along axis {self.axis}, "
                f"got shape {x.shape}"
            )
        # Subtracting the largest changes no share and keeps exp from overflowing.
        e = np.exp(x - x.max(axis=self.axis, keepdims=True))
        p = e / e.sum(axis=self.axis, keepdims=True)
        self._kept = p.copy()
        return p

    @_guarded_backward
    def backward(self, grad_output: ArrayLike, *, input_grad: bool = True) -> Any:
        """Return p (g − Σ g p)."""
        p = self._recall()
        g = self._fitting(grad_output, p.shape)
        return p * (g - (g * p).sum(self.axis, keepdims=True)) if input_grad else None

    def __repr__(self) -> str:
        return f"Softmax(axis={self.axis})"


class _Container(Module):
    """Modules in an order, found by number."""

    def __init__(self, *modules: Module) -> None:
        self._modules = modules
        seen: dict[int, str] = {}
        for place, module in self._descendants_of(modules):
            if id(module) in seen:
                raise ValueError(
                    f"{type(self).__name__}: {module!r} stands at {seen[id(module)]} "
                    f"and at {place}, but remembers one input only; make a second "
                    "one, and share its Parameter if the weights are to be shared"
                )
            seen[id(module)] = place

    def _descendants_of(self, modules: tuple[Module, ...]) -> Iterator[tuple[str, Any]]:
        for i, module in enumerate(modules):
            if not isinstance(module, Module):
                raise TypeError(
                    f"{type(self).__name__}: item {i} must be a module such as "
                    f"Tanh(), got {describe(module)}"
                )
        pairs = self._descendants()
        return ((name, value) for name, value in pairs if isinstance(value, Module))

    def _members(self) -> Iterable[tuple[str, Any]]:
        numbered = [(str(i), module) for i, module in enumerate(self._modules)]
        return [*numbered, *vars(self).items()]

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[Module]:
        return iter(self._modules)

    def __getitem__(self, index: Any) -> Any:
        try:
            return self._modules[index]
        except IndexError:
            raise IndexError(
                f"{self!r} has {len(self)} modules, got index {index}"
            ) from None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self._modules))})"


class Sequential(_Container):
    """Modules one after the other: the chain rule as a loop.

    A container looks for NaN in what it is given, not in what its blocks hand on;
    the loss looks at what comes out.

    Parameters
    ----------
    *modules : Module
        In the order in which an input meets them. None at all is the identity,
        which makes a skip connection in a `Parallel`.

    Raises
    ------
    ValueError
        For a module that stands in two places: it remembers one input only. Two
        modules may share a Parameter (``b.weight = a.weight``); their slopes
        add up.

    Examples
    --------
    >>> chain = Sequential(Linear(2, 1, weight=[1, 5], bias=-15), Sigmoid(), Scale(20))
    >>> chain([2, 3]).round(4)
    array([17.6159])
    >>> [name for name, _ in chain.named_parameters()]
    ['0.weight', '0.bias', '2.weight']
    """

    @_guarded_forward
    def forward(self, x: ArrayLike) -> Array:
        """Return the output of the last module."""
        if not self._modules:
            x = self._kept = x.copy()
        for module in self._modules:
            x = _step(module, x)
        return x

    @_guarded_backward
    def backward(self, grad_output: ArrayLike, *, input_grad: bool = True) -> Any:
        """Call backward from the last module to the first."""
        g = grad_output
        if not self._modules:
            g = self._fitting(g, self._recall().shape).copy()
        for i in reversed(range(len(self._modules))):
            g = _step_back(self._modules[i], g, input_grad or i > 0)
        return g if input_grad else None

    def __getitem__(self, index: int | slice) -> Module:
        found = super().__getitem__(index)
        return Sequential(*found) if isinstance(index, slice) else found


class Parallel(_Container):
    """Modules side by side on the same input, their outputs put together.

    Parameters
    ----------
    *modules : Module
        One or more branches.
    combine : {"concat", "add"}, optional
        Join the outputs along the last axis, or add them up.

    Examples
    --------
    >>> Parallel(Sequential(), Scale(10))([1, 2])
    array([ 1.,  2., 10., 20.])
    >>> Parallel(Sequential(), Scale(10), combine="add")([1, 2])
    array([11., 22.])
    """

    def __init__(self, *modules: Module, combine: str = "concat") -> None:
        if not isinstance(combine, str) or combine not in ("concat", "add"):
            raise ValueError(
                f"Parallel: combine must be 'concat' or 'add', got {describe(combine)}"
            )
        if not modules:
            raise ValueError("Parallel: needs at least one module, got none")
        super().__init__(*modules)
        self.combine = combine

    @_guarded_forward
    def forward(self, x: ArrayLike) -> Array:
        """Return the outputs of all branches, joined or added."""
        outputs = [np.asarray(_step(module, x)) for module in self._modules]
        shapes = [y.shape for y in outputs]
        joined = self.combine == "concat"
        compared = [shape[:-1] if joined else shape for shape in shapes]
        if len(set(compared)) > 1 or (joined and () in shapes):
            rule = "agree in all axes but the last" if joined else "have one shape"
            raise ValueError(f"{self!r}: outputs of branches must {rule}, got {shapes}")
        y = np.concatenate(outputs, axis=-1) if joined else sum(outputs)
        self._kept = y.shape, np.cumsum([shape[-1:] for shape in shapes])[:-1]
        return y

    @_guarded_backward
    def backward(self, grad_output: ArrayLike, *, input_grad: bool = True) -> Any:
        """Hand each branch its part of g (or all of it); add up what comes back."""
        shape, cuts = self._recall()
        g = self._fitting(grad_output, shape)
        joined = self.combine == "concat"
        parts = np.split(g, cuts, axis=-1) if joined else [g] * len(self)
        slopes = [
            _step_back(module, part, input_grad)
            for module, part in zip(self._modules, parts, strict=True)
        ]
        return sum(slopes) if input_grad else None

    def __repr__(self) -> str:
        inner = ", ".join(map(repr, self._modules))
        return f"Parallel({inner}, combine={self.combine!r})"


@functools.lru_cache(maxsize=8)
def _ones(n: int, dtype: np.dtype) -> Array:
    """Return ones, to add up rows: np.sum is slow for many short ones."""
    return np.ones(n, dtype)


def _generator(rng: Any) -> np.random.Generator:
    try:
        return np.random.default_rng(rng)
    except (TypeError, ValueError):
        raise TypeError(
            f"Linear: rng must be a Generator, a seed or None, got {describe(rng)}"
        ) from None


def _float_type(dtype: Any) -> np.dtype:
    message = f"Linear: dtype must be a floating type, got {describe(dtype)}"
    try:
        found = np.dtype(dtype)
    except TypeError:
        raise TypeError(message) from None
    if dtype is None or found.kind != "f":
        raise TypeError(message)
    return found


def _reshaped(value: ArrayLike, shape: tuple[int, ...], what: str) -> Array:
    """Return `value` in `shape`, which may differ in axes of length 1 only."""
    array = finite_array(value, what)
    if [n for n in array.shape if n != 1] != [n for n in shape if n != 1]:
        same_shape(array, shape, what)
    return array.reshape(shape)
