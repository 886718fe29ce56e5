"""Training: forward, loss, backward, update, repeat.

`SGD` takes the steps, `fit` repeats them over mini-batches and returns a `History`,
and `accuracy` counts how often a network names the right class.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from chainrule_lessons.module import Module, Parameter, Sequential
from chainrule_lessons.progress import History, progress_bar
from chainrule_lessons.validation import (
    describe,
    finite_array,
    finite_number,
    generator,
    plainly_finite,
    whole_number,
)

__all__ = ["SGD", "History", "accuracy", "fit"]

Array = NDArray[np.floating]


class SGD:
    """Steps downhill: v ← momentum · v + grad, then data ← data − lr · v.

    Without momentum it is data ← data − lr · grad, and no v is kept. The name stands
    for stochastic gradient descent: the slopes of a mini-batch stand in for those of
    all samples.

    Parameters
    ----------
    parameters : iterable of Parameter
        What to change, for instance ``net.parameters()``. Variables will do too.
    lr : float
        The learning rate, above 0. The attribute may be changed between steps.
    momentum : float, optional
        The share of the last step's v that is kept, from 0 up to but not 1. It may
        be changed too.

    Raises
    ------
    TypeError, ValueError
        For no parameters, one parameter twice, and numbers out of range.

    Examples
    --------
    >>> from chainrule_lessons.layers import Parameter
    >>> weight = Parameter([3, 1])
    >>> weight.grad += [10, -10]
    >>> SGD([weight], lr=0.1).step()
    >>> weight.data
    array([2., 2.])
    """

    def __init__(
        self, parameters: Iterable[Parameter], lr: float, momentum: float = 0.0
    ) -> None:
        self.parameters = _parameters(parameters)
        self.lr, self.momentum = lr, momentum
        self._velocities = [np.zeros_like(p.data) for p in self.parameters]

    lr = property(attrgetter("_lr"), doc="The learning rate.")
    momentum = property(attrgetter("_momentum"), doc="The share of v that is kept.")

    @lr.setter
    def lr(self, value: float) -> None:
        number = finite_number(value, "SGD: lr")
        if number <= 0:
            raise ValueError(f"SGD: lr must be above 0, got {number}")
        self._lr = number

    @momentum.setter
    def momentum(self, value: float) -> None:
        number = finite_number(value, "SGD: momentum")
        if not 0 <= number < 1:
            raise ValueError(
                f"SGD: momentum must be 0 or more and below 1, got {number}"
            )
        self._momentum = number

    def zero_grad(self) -> None:
        """Fill the slopes of every parameter with zeros."""
        for parameter in self.parameters:
            parameter.grad.fill(0)

    def step(self) -> None:
        """Move every parameter one step downhill.

        Raises
        ------
        FloatingPointError
            Where a slope is NaN or infinite. No parameter is moved then.
        """
        slopes = [parameter.grad for parameter in self.parameters]
        if not math.isfinite(sum(np.vdot(g, g) for g in slopes)):  # at a glance
            self._require_finite()
        if self._momentum:
            for v, g in zip(self._velocities, slopes, strict=True):
                v *= self._momentum
                v += g
            slopes = self._velocities
        for parameter, v in zip(self.parameters, slopes, strict=True):
            parameter.data -= self._lr * v

    def _require_finite(self) -> None:
        for parameter in self.parameters:
            if not np.isfinite(parameter.grad).all():
                raise FloatingPointError(
                    f"SGD.step: slopes must be finite, got those of {parameter!r}: "
                    "try a smaller lr"
                )

    def forget(self) -> None:
        """Fill the momentum's v of every parameter with zeros."""
        for v in self._velocities:
            v.fill(0)

    def __repr__(self) -> str:
        return (
            f"SGD({len(self.parameters)} parameters, lr={self.lr}, "
            f"momentum={self.momentum})"
        )


def fit(
    net: Module,
    loss: Callable[[Array, Any], float],
    x: ArrayLike,
    target: ArrayLike,
    *,
    epochs: int,
    lr: float | None = None,
    momentum: float = 0.0,
    optimizer: SGD | None = None,
    batch_size: int = 32,
    rng: np.random.Generator | int | None = 0,
    progress: bool | None = None,
    validation: tuple[ArrayLike, ArrayLike] | None = None,
) -> History:
    """Train a network on mini-batches, in place.

    Should the loss, an output or a slope become NaN or infinite, training has
    diverged and stops: the weights go back to what they were after the last whole
    epoch, the last entry of `losses` is infinite, and `diverged` is True.

    Parameters
    ----------
    net : Module
        The network. Its weights change; its slopes are those of the last batch.
    loss : MSELoss, CrossEntropyLoss or the like
        ``loss(output, target)`` gives a number, then ``loss.backward()`` its slopes.
    x : array_like of shape (N, ...)
        The inputs, one sample a row.
    target : array_like of length N
        What the network should say: anything that `loss` takes.
    epochs : int
        How often to go through all samples.
    lr, momentum : float, optional
        As in `SGD`. Give `lr`, or an `optimizer` instead.
    optimizer : SGD, optional
        Takes the steps; remembers its momentum from call to call.
    batch_size : int, optional
        Samples in a mini-batch; the last of an epoch may be smaller. All samples
        make one batch if there are no more of them.
    rng : Generator, int or None, optional
        Shuffles the samples before each epoch. The default is the same each time.
    progress : bool, optional
        Whether to show a progress bar. Left out, it shows where somebody looks: see
        `progress_bar`.
    validation : (x, target), optional
        Held-out samples, looked at after each epoch and never learned from.

    Returns
    -------
    History

    Raises
    ------
    TypeError, ValueError
        For arguments that are out of range or do not fit the network, the loss or
        each other. All samples are tried once before the first step, so that the
        weights are as they were.

    Examples
    --------
    >>> from chainrule_lessons.layers import Linear
    >>> from chainrule_lessons.losses import MSELoss
    >>> net = Linear(1, 1, weight=0, bias=0)
    >>> x = np.array([[1.0], [2.0], [3.0]])
    >>> history = fit(net, MSELoss(), x, 2 * x, epochs=300, lr=0.1)
    >>> history.losses[-1] < 1e-6, net([5.0]).round(2)
    (True, array([10.]))
    """
    _require_network(net, loss)
    samples, held_out = _samples((x, target), "fit: "), None
    if validation is not None:
        held_out = _samples(validation, "fit: validation ")
    epochs = whole_number(epochs, "fit: epochs", least=1)
    batch_size = whole_number(batch_size, "fit: batch_size", least=1)
    optimizer = _optimizer(net, lr, momentum, optimizer)
    rng = generator(rng, "fit")
    for part in filter(None, (samples, held_out)):
        # Whatever does not fit is found out here.
        _require_one(loss(net(part[0]), part[1]))
    net = Sequential(net)  # which knows what to do for a block without input_grad
    history = History()
    with progress_bar(epochs, "epochs", progress) as advance, np.errstate(all="ignore"):
        for _ in range(epochs):
            before = [p.data.copy() for p in net.parameters()]
            try:
                batches = _batches(samples, batch_size, rng)
                mean_loss = _epoch(net, loss, batches, optimizer)
                if held_out:
                    _look(history, net, loss, *held_out)
            except FloatingPointError:
                _give_up(net, before, optimizer, history)
                break
            history.losses.append(mean_loss)
            advance(f"loss {mean_loss:.4g}")
    return history


def accuracy(net: Module, x: ArrayLike, target: ArrayLike) -> float:
    """Return the share of samples whose largest output is that of the right class.

    Parameters
    ----------
    net : Module
        A network with one output for each class, for instance logits.
    x : array_like of shape (N, ...)
        The inputs, one sample a row.
    target : array_like of shape (N,)
        The right classes, integers from 0.

    Returns
    -------
    float
        From 0 to 1.

    Raises
    ------
    TypeError, ValueError
        For arguments that do not fit each other, or targets that are no classes.

    Examples
    --------
    >>> from chainrule_lessons.layers import Sequential
    >>> accuracy(Sequential(), [[0.1, 0.9], [0.8, 0.2]], [1, 1])
    0.5
    """
    _require_module(net, "accuracy")
    x, target = _samples((x, target), "accuracy: ")
    output = finite_array(net(x), "accuracy: outputs")
    share = _share_right(output, target)
    if share is None:
        raise ValueError(
            "accuracy: needs integers of shape (N,) as target for outputs of shape "
            f"(N, C), got {target.dtype} of shape {target.shape} for {output.shape}"
        )
    if target.min() < 0 or target.max() >= output.shape[1]:
        raise ValueError(
            f"accuracy: classes must be 0 to {output.shape[1] - 1}, "
            f"got {target.min()} to {target.max()}"
        )
    return share


def _epoch(
    net: Module, loss: Any, batches: Iterable[tuple[Array, Any]], optimizer: SGD
) -> float:
    """Learn from each batch once; return the loss, weighted by samples for a mean."""
    total, seen = 0.0, 0
    is_mean = getattr(loss, "reduction", "mean") == "mean"
    for x, target in batches:
        value = _require_bounded(loss(_require_bounded(net(x)), target))
        net.zero_grad()
        net.backward(_require_bounded(loss.backward()), input_grad=False)
        optimizer.step()
        weight = len(x) if is_mean else 1
        total, seen = total + weight * value, seen + weight
    for parameter in net.parameters():
        _require_bounded(parameter.data)
    return total / seen if is_mean else total


def _look(history: History, net: Module, loss: Any, x: Array, target: Any) -> None:
    """Add the loss of held-out samples, and the accuracy if they have classes."""
    output = _require_bounded(net(x))
    history.validation_losses.append(_require_bounded(loss(output, target)))
    share = _share_right(output, target)
    history.accuracies += [] if share is None else [share]


def _share_right(output: Array, target: NDArray[Any]) -> float | None:
    """Return how many rows have their largest entry at the target; None for numbers."""
    if output.ndim != 2 or target.ndim != 1 or target.dtype.kind not in "iu":
        return None
    return float((output.argmax(axis=1) == target).mean())


def _give_up(
    net: Module, before: list[Array], optimizer: SGD, history: History
) -> None:
    """Put back the weights, forget the momentum, and say so."""
    for parameter, data in zip(net.parameters(), before, strict=True):
        parameter.data = data
    net.zero_grad()
    optimizer.forget()
    history.losses.append(math.inf)
    history.diverged = True


def _require_one(value: Any) -> None:
    """Refuse a loss that is no number, before the first step."""
    if np.shape(value) or not isinstance(value, float | int | np.number | np.ndarray):
        raise TypeError(
            f"fit: loss(output, target) must be one number, got {describe(value)}"
        )


def _require_bounded(value: Any) -> Any:
    if not plainly_finite(value) and not np.isfinite(value).all():
        raise FloatingPointError
    return value


def _batches(
    samples: tuple[Array, Any], size: int, rng: np.random.Generator
) -> Iterator[tuple[Array, Any]]:
    """Yield all samples once, shuffled, in batches."""
    x, target = samples
    if size >= len(x):
        yield samples
        return
    order = rng.permutation(len(x))
    for start in range(0, len(x), size):
        rows = order[start : start + size]
        yield x[rows], target[rows]


def _parameters(parameters: Any) -> list[Any]:
    remedy = "SGD: parameters must be a list such as net.parameters()"
    if not isinstance(parameters, Iterable):
        raise TypeError(f"{remedy}, got {describe(parameters)}")
    found = list(parameters)
    for parameter in found:
        if not hasattr(parameter, "data") or not hasattr(parameter, "grad"):
            raise TypeError(f"{remedy}, got {describe(parameter)} in it")
    if not found:
        raise ValueError(f"{remedy}, got an empty one")
    if len({id(parameter) for parameter in found}) < len(found):
        raise ValueError(f"{remedy}, got one parameter twice")
    return found


def _require_module(net: Any, who: str) -> None:
    if not isinstance(net, Module):
        raise TypeError(f"{who}: net must be a Module, got {describe(net)}")


def _require_network(net: Any, loss: Any) -> None:
    _require_module(net, "fit")
    if isinstance(loss, type) or not callable(loss) or not hasattr(loss, "backward"):
        raise TypeError(
            f"fit: loss must be one such as MSELoss(), got {describe(loss)}"
        )


def _samples(pair: Any, who: str) -> tuple[Array, NDArray[Any]]:
    """Return checked arrays of equal length; integers stay integers in the target."""
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        raise TypeError(f"{who}must be a pair (x, target), got {describe(pair)}")
    x, target = pair
    x = finite_array(x, f"{who}x")
    finite_array(target, f"{who}target")
    target = np.asarray(target)
    for array, name in ((x, "x"), (target, "target")):
        if not array.ndim or not len(array):
            raise ValueError(
                f"{who}{name} must hold one or more samples, one a row, "
                f"got shape {array.shape}"
            )
    if len(x) != len(target):
        raise ValueError(
            f"{who}x and target must have one length, got {len(x)} and {len(target)}"
        )
    return x, target


def _optimizer(net: Module, lr: Any, momentum: Any, optimizer: Any) -> SGD:
    """Return the optimizer that was given, or one with lr and momentum."""
    if (lr is None) == (optimizer is None):
        raise TypeError("fit: give either lr= or optimizer=, one of the two")
    if optimizer is None:
        return SGD(net.parameters(), lr, momentum)
    if not isinstance(optimizer, SGD):
        raise TypeError(f"fit: optimizer must be an SGD, got {describe(optimizer)}")
    if momentum:
        raise TypeError(
            "fit: momentum belongs to the optimizer, as in SGD(..., momentum)"
        )
    own = {id(parameter) for parameter in net.parameters()}
    if not any(id(parameter) in own for parameter in optimizer.parameters):
        raise ValueError("fit: the optimizer holds no parameter of the network")
    return optimizer
