"""A trained network as it travels to the browser: its blocks, and all their numbers."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import numpy as np

from chainrule_lessons.layers import (
    Linear,
    Module,
    ReLU,
    Scale,
    Sequential,
    Sigmoid,
    Tanh,
)
from chainrule_lessons.validation import describe, finite_array

__all__ = ["packed"]

KINDS = Linear, Scale, ReLU, Tanh, Sigmoid


def packed(
    net: Module, inputs: int, outputs: int, what: str
) -> tuple[list[Any], bytes]:
    """Say a network to network.js: its blocks with shapes, and all numbers in a row.

    >>> layers, numbers = packed(Linear(2, 1, weight=[1, 5], bias=-15), 2, 1, "net")
    >>> layers, np.frombuffer(numbers)
    ([['Linear', [(1, 2), (1,)]]], array([  1.,   5., -15.]))
    """
    blocks = list(_in_a_row(net, what))
    _check_sizes(copy.deepcopy(net), inputs, outputs, what)
    data = [[own.data for own in block.parameters()] for block in blocks]
    shapes = [[array.shape for array in arrays] for arrays in data]
    layers = [[type(b).__name__, s] for b, s in zip(blocks, shapes, strict=True)]
    numbers = [array.ravel() for arrays in data for array in arrays]
    return layers, np.concatenate([*numbers, []]).astype("<f8").tobytes()


def _in_a_row(net: Any, what: str) -> Iterator[Module]:
    """Give the blocks one after the other, or say which the browser cannot do."""
    if type(net) is Sequential:
        for module in net:
            yield from _in_a_row(module, what)
    elif type(net) in KINDS:
        yield net
    else:
        known = type(net).__module__.startswith("chainrule_lessons")
        own = ", a block of your own" if isinstance(net, Module) and not known else ""
        raise TypeError(
            f"{what} must be a Sequential of Linear, Scale, ReLU, Tanh and Sigmoid "
            f"that ends in scores, got {describe(net)}{own}"
        )


def _check_sizes(net: Module, inputs: int, outputs: int, what: str) -> None:
    try:
        reason = f"got {finite_array(net(np.zeros(inputs)), 'its scores').size}"
    except ValueError as error:
        reason = str(error)
    if reason != f"got {outputs}":
        raise ValueError(
            f"{what} must turn {inputs} inputs into {outputs} scores: {reason}"
        )
