"""What a module is, and how modules are put together.

`Parameter` holds numbers and their slopes. A `Module` maps an input to an output and,
on the way back, slopes by its output to slopes by its input. `Sequential` puts
modules in a row and `Parallel` side by side; both are modules themselves.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from inspect import signature
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from chainrule_lessons.validation import (
    checked,
    describe,
    finite_array,
    is_floating,
    real_array,
    same_shape,
)

__all__ = ["Module", "Parallel", "Parameter", "Sequential"]

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

    _output_shape: tuple[int, ...] | None = None  # None until the first forward

    def __call__(self, x: ArrayLike) -> Array:
        """Return `forward(x)`, with `x` turned into an array first."""
        if not is_floating(x):
            x = real_array(x, f"{self!r}: input")
        return self.forward(x)

    def forward(self, x: ArrayLike) -> Array:
        """Return the output for the input `x`."""
        return self._forward(checked(x, self, "input"))

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
        return self._backward(checked(grad_output, self, "grad_output"), input_grad)

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
        names: dict[Parameter, str] = {}
        for name, part in self._parts():
            if isinstance(part, Parameter):
                names.setdefault(part, name)
        return [(name, parameter) for parameter, name in names.items()]

    def parameters(self) -> list[Parameter]:
        """Return every parameter, those of inner modules included."""
        return [parameter for _, parameter in self.named_parameters()]

    def zero_grad(self) -> None:
        """Fill the slopes of every parameter with zeros."""
        for parameter in self.parameters():
            parameter.grad.fill(0)

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    # The formulas of the package's own modules, for numbers that were looked at.

    def _forward(self, x: Array) -> Array:
        raise NotImplementedError(f"{type(self).__name__} has no forward(self, x) yet")

    def _backward(self, g: Array, input_grad: bool) -> Any:
        raise NotImplementedError(
            f"{type(self).__name__} has no backward(self, grad_output) yet"
        )

    # What a container calls: it has looked at the numbers, and goes to the formula.

    def _ahead(self, x: Any) -> Any:
        own = getattr(self.forward, "__func__", None) is Module.forward
        return self._forward(x) if own and is_floating(x) else self.forward(x)

    def _back(self, g: Any, input_grad: bool) -> Any:
        own = getattr(self.backward, "__func__", None) is Module.backward
        if own and is_floating(g):
            return self._backward(g, input_grad)
        # A block written by a learner may have no input_grad option.
        if not input_grad and "input_grad" in signature(self.backward).parameters:
            return self.backward(g, input_grad=False)
        slopes = self.backward(g)
        return slopes if input_grad else None

    def _require_output(self, g: Array) -> None:
        """Refuse slopes by an output that is not there, or not of their shape."""
        if self._output_shape is None:
            raise RuntimeError(
                f"{type(self).__name__}.backward called before forward: "
                "call forward(x) first"
            )
        if g.shape != self._output_shape:
            same_shape(g, self._output_shape, f"{self!r}: grad_output")

    def _members(self) -> Iterable[tuple[str, Any]]:
        return vars(self).items()

    def _parts(self, prefix: str = "") -> Iterator[tuple[str, Parameter | Module]]:
        """Yield all parameters and modules inside, with their dotted names."""
        for name, member in self._members():
            if isinstance(member, Parameter | Module):
                yield prefix + name, member
            if isinstance(member, Module):
                yield from member._parts(f"{prefix}{name}.")


class _Container(Module):
    """Modules in an order, found by number."""

    def __init__(self, *modules: Module) -> None:
        kind = type(self).__name__
        for i, module in enumerate(modules):
            if not isinstance(module, Module):
                raise TypeError(
                    f"{kind}: item {i} must be a module such as Tanh(), "
                    f"got {describe(module)}"
                )
        self._modules = modules
        places: dict[Any, str] = {}
        for place, part in self._parts():
            if isinstance(part, Module) and part in places:
                raise ValueError(
                    f"{kind}: {part!r} stands at {places[part]} and at {place}, but "
                    "remembers one input only; make a second one, and share its "
                    "Parameter if the weights are to be shared"
                )
            places[part] = place

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
    >>> from chainrule_lessons.layers import Linear, Scale, Sigmoid
    >>> chain = Sequential(Linear(2, 1, weight=[1, 5], bias=-15), Sigmoid(), Scale(20))
    >>> chain([2, 3]).round(4)
    array([17.6159])
    >>> [name for name, _ in chain.named_parameters()]
    ['0.weight', '0.bias', '2.weight']
    """

    def _forward(self, x: Array) -> Any:
        if not self._modules:
            self._output_shape = x.shape
            return x.copy()
        for module in self._modules:
            x = module._ahead(x)
        return x

    def _backward(self, g: Array, input_grad: bool) -> Any:
        if not self._modules:
            self._require_output(g)
            g = g.copy()
        for i in reversed(range(len(self._modules))):
            g = self._modules[i]._back(g, input_grad or i > 0)
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
    >>> from chainrule_lessons.layers import Scale
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

    def _forward(self, x: Array) -> Array:
        outputs = [np.asarray(module._ahead(x)) for module in self._modules]
        shapes = [y.shape for y in outputs]
        joined = self.combine == "concat"
        compared = [shape[:-1] if joined else shape for shape in shapes]
        if len(set(compared)) > 1 or (joined and () in shapes):
            rule = "agree in all axes but the last" if joined else "have one shape"
            raise ValueError(f"{self!r}: outputs of branches must {rule}, got {shapes}")
        y = np.concatenate(outputs, axis=-1) if joined else sum(outputs)
        self._output_shape = y.shape
        self._cuts = np.cumsum([shape[-1:] for shape in shapes])[:-1]
        return y

    def _backward(self, g: Array, input_grad: bool) -> Any:
        self._require_output(g)
        # Each branch has its own part of a joint output, and all of a sum.
        joined = self.combine == "concat"
        parts = np.split(g, self._cuts, axis=-1) if joined else [g] * len(self)
        slopes = [
            module._back(part, input_grad)
            for module, part in zip(self._modules, parts, strict=True)
        ]
        return sum(slopes) if input_grad else None

    def __repr__(self) -> str:
        inner = ", ".join(map(repr, self._modules))
        return f"Parallel({inner}, combine={self.combine!r})"
