"""The loss along one weight of a network, or over two.

Everything before the weight's layer is computed once. So is what stands still
in that layer: a weight of a `Linear` changes one of its outputs and no other.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from itertools import takewhile
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
    Tanh,
)
from chainrule_lessons.validation import describe, real_array, require_finite

__all__ = ["locate", "loss_curve", "loss_surface"]

Array = NDArray[np.floating]
Index = int | tuple[int, ...]
Loss = Callable[[Array, Any], float]
_ELEMENTWISE = (ReLU, Scale, Sigmoid, Tanh)


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
    x, values = _inputs(x), _values(values, "values")
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
    x = _inputs(x)
    values1, values2 = _values(values1, "values1"), _values(values2, "values2")
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


def _inputs(x: ArrayLike) -> Array:
    array = real_array(x, "x")
    require_finite(array, "x")
    return array


def _values(values: ArrayLike, what: str) -> Array:
    array = real_array(values, what)
    if array.ndim != 1 or not array.size:
        raise ValueError(
            f"{what} must be a row of one or more numbers, got shape {array.shape}"
        )
    require_finite(array, what)
    return array


def locate(
    net: Module, parameter: Parameter | str, index: Index
) -> tuple[str, tuple[int, ...]]:
    """Return the dotted name of a parameter, and an index without negatives.

    Parameters, and errors, as in `loss_curve`.
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
    users = [i for i, stage in enumerate(stages) if _uses(stage, parameter)]
    x = _run(stages[: users[0]], x)
    stages = stages[users[0] :]
    if len(users) == 1 and type(stages[0]) is Linear:
        outputs = _linear_outputs(stages, x, parameter, place, values)
    else:
        outputs = _outputs(stages, x, parameter, place, values)
    return np.array([loss(y, target) for y in outputs], dtype=float)


def _flat(net: Module) -> Iterator[Module]:
    """Yield the modules that an input meets, those of inner Sequentials too."""
    if type(net) is not Sequential:
        yield net
        return
    for module in net:
        yield from _flat(module)


def _uses(stage: Module, parameter: Parameter) -> bool:
    return any(own is parameter for own in stage.parameters())


def _run(stages: list[Module], x: Array) -> Array:
    for stage in stages:
        x = stage(x)
    return x


def _outputs(
    stages: list[Module], x: Array, parameter: Parameter, place: Any, values: Array
) -> Iterator[Array]:
    for value in values:
        parameter.data[place] = value
        yield _run(stages, x)


def _linear_outputs(
    stages: list[Module], x: Array, parameter: Parameter, place: Any, values: Array
) -> Iterator[Array]:
    """Return the outputs while one weight or bias of the first stage changes.

    Only one unit moves: z = z₀ + v·h, with h the input of the weight, or 1 for a
    bias. Blocks that act on each entry alone keep the change to that unit, and a
    Linear after them adds it to what all other units give.
    """
    linear, unit = stages[0], place[0]
    h = x[..., place[1]].copy() if parameter is linear.weight else 1.0
    parameter.data[place] = 0
    still = linear(x)
    z = np.array(still[..., unit])
    between = list(takewhile(lambda s: type(s) in _ELEMENTWISE, stages[1:]))
    rest = stages[1 + len(between) :]
    units = (_run(between, z + value * h) for value in values)
    still = _run(between, still)
    still[..., unit] = 0
    if rest and type(rest[0]) is Linear:
        outputs = _added(rest[0](still), rest[0].weight.data[:, unit], units)
        rest = rest[1:]
    else:
        outputs = _replaced(still, unit, units)
    return (_run(rest, y) for y in outputs)


def _added(still: Array, weights: Array, units: Iterator[Array]) -> Iterator[Array]:
    for moving in units:
        yield still + np.multiply.outer(moving, weights)


def _replaced(still: Array, unit: int, units: Iterator[Array]) -> Iterator[Array]:
    for moving in units:
        y = still.copy()
        y[..., unit] = moving
        yield y
