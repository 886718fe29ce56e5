"""The loss along one weight of a network, or over two, and the way down.

Everything before the weight's layer is computed once. So is what stands still
in that layer: a weight of a `Linear` changes one of its outputs and no other.
Blocks that treat each row alone see the rows of many values as one batch.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from functools import partial
from itertools import accumulate, takewhile
from math import ceil, prod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from chainrule_lessons.layers import (
    Linear,
    Module,
    Parameter,
    ReLU,
    Scale,
    Sequential,
    Sigmoid,
    Softmax,
    Tanh,
)
from chainrule_lessons.losses import CrossEntropyLoss, MSELoss
from chainrule_lessons.validation import describe, finite_array

__all__ = ["locate", "loss_curve", "loss_surface"]

Array = NDArray[np.floating]
Index = int | tuple[int, ...]
Entry = tuple[str, Index]
Loss = Callable[[Array, Any], float]
_ELEMENTWISE = (ReLU, Scale, Sigmoid, Tanh)
_MOST = 2**17  # numbers in a stack: more would not fit in a processor's cache


def loss_curve(
    net: Module,
    loss: Loss,
    x: ArrayLike,
    target: ArrayLike,
    parameter: Parameter | str,
    index: Index,
    values: ArrayLike,
) -> Array:
    """Return the loss of a network for many values of one of its weights.

    Parameters
    ----------
    net : Module
        The network. It stays as it is: the work happens on a copy.
    loss : callable
        ``loss(output, target)`` gives one number, for instance an `MSELoss`.
    x, target : array_like
        The input of the network and what it should answer.
    parameter : Parameter or str
        A parameter of `net`, or its dotted name such as ``"0.weight"``.
    index : int or tuple of int
        The entry of the parameter: ``(row, column)``; an int for one dimension;
        ``()`` for the one number of a `Scale`.
    values : array_like of shape (n,)
        The values of that entry.

    Returns
    -------
    ndarray of shape (n,)

    Raises
    ------
    IndexError
        For an index that picks no single entry.
    TypeError, ValueError
        For a network, a parameter or values that are none.

    Examples
    --------
    >>> from chainrule_lessons.layers import Linear
    >>> from chainrule_lessons.losses import MSELoss
    >>> net = Linear(1, 1, weight=3, bias=0)
    >>> loss_curve(net, MSELoss(), [2], 4, "weight", (0, 0), [1, 2, 3])
    array([4., 0., 4.])
    """
    x, values = finite_array(x, "x"), _values(values, "values")
    _require_loss(loss)
    name, place = locate(net, parameter, index)
    net, loss = copy.deepcopy((net, loss))
    return _curve(net, loss, x, target, name, place, values)


def loss_surface(
    net: Module,
    loss: Loss,
    x: ArrayLike,
    target: ArrayLike,
    first: tuple[Parameter | str, Index],
    second: tuple[Parameter | str, Index],
    values1: ArrayLike,
    values2: ArrayLike,
) -> Array:
    """Return the loss of a network for all pairs of values of two of its weights.

    Parameters
    ----------
    net, loss, x, target
        As in `loss_curve`.
    first, second : tuple
        A parameter and the index of an entry, each as in `loss_curve`.
    values1 : array_like of shape (m,)
        The values of the first entry.
    values2 : array_like of shape (n,)
        The values of the second entry.

    Returns
    -------
    ndarray of shape (m, n)

    Raises
    ------
    IndexError, TypeError, ValueError
        As in `loss_curve`, and for one entry given twice.

    Examples
    --------
    >>> from chainrule_lessons.layers import Linear
    >>> from chainrule_lessons.losses import MSELoss
    >>> net = Linear(1, 1, weight=3, bias=0)
    >>> weight, bias = ("weight", (0, 0)), ("bias", 0)
    >>> loss_surface(net, MSELoss(), [2], 4, weight, bias, [1, 2], [0, 1, 2])
    array([[4., 1., 0.],
           [0., 1., 4.]])
    """
    x = finite_array(x, "x")
    values1, values2 = _values(values1, "values1"), _values(values2, "values2")
    _require_loss(loss)
    first, second = _pair(first, "first"), _pair(second, "second")
    (name, place), (name2, place2) = locate(net, *first), locate(net, *second)
    if (name, place) == (name2, place2):
        raise ValueError(f"loss_surface: {name} at {place} is given twice")
    net, loss = copy.deepcopy((net, loss))
    entries = dict(net.named_parameters())[name].data
    rows = []
    for value in values1:
        entries[place] = value
        rows.append(_curve(net, loss, x, target, name2, place2, values2))
    return np.array(rows)


def _values(values: ArrayLike, what: str) -> Array:
    array = finite_array(values, what)
    if array.ndim != 1 or not array.size:
        raise ValueError(
            f"{what} must be a row of one or more numbers, got shape {array.shape}"
        )
    return array


def _require_loss(loss: Any) -> None:
    if isinstance(loss, type) or not callable(loss):
        raise TypeError(f"loss must be one such as MSELoss(), got {describe(loss)}")


def _pair(entry: Any, what: str) -> Any:
    if not isinstance(entry, tuple | list) or len(entry) != 2:
        raise TypeError(
            f"{what} must be a parameter and an index, such as ('0.weight', (0, 0)), "
            f"got {describe(entry)}"
        )
    return entry


def locate(
    net: Module, parameter: Parameter | str, index: Index
) -> tuple[str, tuple[int, ...]]:
    """Return the dotted name of a parameter, and an index without negatives.

    >>> locate(Sequential(Linear(3, 2)), "0.weight", (1, -1))
    ('0.weight', (1, 2))
    """
    if not isinstance(net, Module):
        raise TypeError(f"net must be a Module, got {describe(net)}")
    if not isinstance(parameter, Parameter | str):
        raise TypeError(
            f"parameter must be a Parameter or its name, got {describe(parameter)}"
        )
    for name, own in net.named_parameters():
        if parameter is own or parameter == name:
            return name, _place(own.data.shape, index, name)
    names = ", ".join(name for name, _ in net.named_parameters()) or "none"
    raise ValueError(
        f"parameter must be one of the network's ({names}), got {describe(parameter)}"
    )


def _place(shape: tuple[int, ...], index: Index, name: str) -> tuple[int, ...]:
    numbers = np.arange(np.prod(shape, dtype=int)).reshape(shape)
    try:
        number = numbers[index]
    except (IndexError, TypeError):
        number = None
    if np.ndim(number) or number is None:
        raise IndexError(
            f"{name}: index must pick one entry of shape {shape}, got {describe(index)}"
        )
    return tuple(int(i) for i in np.unravel_index(number, shape))


def _curve(
    net: Module,
    loss: Loss,
    x: ArrayLike,
    target: ArrayLike,
    name: str,
    place: tuple[int, ...],
    values: Array,
) -> Array:
    """Like `loss_curve`, with checked arguments and a network of our own."""
    parameter = dict(net.named_parameters())[name]
    stages = list(_flat(net))
    first, *more = [i for i, s in enumerate(stages) if parameter in s.parameters()]
    x, stages = _run(stages[:first], x), stages[first:]
    if not more and type(stages[0]) is Linear:
        outputs, rest = _moving_unit(stages, x, parameter, place)
    elif not more and type(stages[0]) is Scale:
        outputs, rest = partial(_scaled, x), stages[1:]
    else:
        outputs, rest = partial(_one_by_one, stages, x, parameter, place), []
    losses = [
        _losses(loss, rest, outputs(some), target)
        for some in _chunks(values, _largest(rest, outputs(values[:1])[0]))
    ]
    return np.concatenate(losses).astype(float)


def _largest(stages: list[Module], x: Array) -> int:
    """Return how many numbers the largest output of stages holds."""
    return max(y.size for y in accumulate(stages, lambda y, f: f(y), initial=x))


def _chunks(values: Array, size: int) -> list[Array]:
    """Cut values into rows whose stacks of outputs of that size stay small."""
    count = ceil(len(values) * size / _MOST)
    return np.array_split(values, min(max(count, 1), len(values)))


def _losses(loss: Loss, stages: list[Module], stack: Array, target: Any) -> Array:
    """Return the loss of what stages make of each entry of a stack."""
    if all(map(_is_rowwise, stages)):
        rows = stack.reshape(prod(stack.shape[:-1]), stack.shape[-1])
        for stage in stages:
            rows = _added_up(stage, rows) if type(stage) is Linear else stage(rows)
        stack = rows.reshape(*stack.shape[:-1], rows.shape[-1])
    else:
        stack = np.stack([_run(stages, x) for x in stack])
    if type(loss) in (CrossEntropyLoss, MSELoss):
        return loss.each(stack, target)
    return np.array([loss(y, target) for y in stack])


def _is_rowwise(stage: Module) -> bool:
    if type(stage) is Softmax:
        return stage.axis == -1
    return type(stage) in (*_ELEMENTWISE, Linear)


def _flat(net: Module) -> Iterator[Module]:
    """Yield the modules that an input meets, those of inner Sequentials too."""
    if type(net) is not Sequential:
        yield net
        return
    for module in net:
        yield from _flat(module)


def _run(stages: list[Module], x: Array) -> Array:
    for stage in stages:
        x = stage(x)
    return x


def _one_by_one(
    stages: list[Module], x: Array, parameter: Parameter, place: Any, values: Array
) -> Array:
    """Return the outputs for values of any entry, one run for each."""
    outputs = []
    for value in values:
        parameter.data[place] = value
        outputs.append(_run(stages, x))
    return np.stack(outputs)


def _scaled(x: Array, values: Array) -> Array:
    """Return the outputs of a Scale for many weights."""
    return np.multiply.outer(values.astype(x.dtype), x)


def _moving_unit(
    stages: list[Module], x: Array, parameter: Parameter, place: Any
) -> tuple[Callable[[Array], Array], list[Module]]:
    """Return outputs by values of an entry of the first stage, and what comes after.

    Only one unit moves: z = z₀ + v·h, with h the input of the weight, or 1 for a
    bias. Blocks that act on each entry alone keep the change to that unit, and a
    Linear after them adds it to what all other units give.
    """
    linear, unit = stages[0], place[0]
    parameter.data[place] = 0
    still = linear(x)
    z = np.array(still[..., unit])
    h = x[..., place[1]].copy() if parameter is linear.weight else np.ones_like(z)
    between = list(takewhile(lambda s: type(s) in _ELEMENTWISE, stages[1:]))
    rest = stages[1 + len(between) :]
    still = _run(between, still)

    def moving(values: Array) -> Array:
        return _run(between, z + np.multiply.outer(values, h))

    if rest and type(rest[0]) is Linear:
        still[..., unit] = 0
        weights = rest[0].weight.data[:, unit]
        return partial(_added, rest[0](still).T.copy(), weights, moving), rest[1:]
    return partial(_replaced, still.T.copy(), unit, moving), rest


# Features first: NumPy works through a few long rows faster than many short ones.


def _added_up(linear: Linear, rows: Array) -> Array:
    """Return what a Linear makes of rows that lie in memory features first."""
    y = (linear.weight.data @ rows.T).T
    if linear.bias is not None:
        y += linear.bias.data
    return y


def _added(
    still: Array, weights: Array, moving: Callable[[Array], Array], values: Array
) -> Array:
    stack = np.multiply.outer(weights, moving(values))
    stack += still[:, None]
    return np.moveaxis(stack, 0, -1)


def _replaced(
    still: Array, unit: int, moving: Callable[[Array], Array], values: Array
) -> Array:
    stack = np.repeat(still[:, None], len(values), axis=1)
    stack[unit] = moving(values)
    return np.moveaxis(stack, 0, -1)
