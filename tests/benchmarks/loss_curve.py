"""The loss curve of one weight, in forward passes.

The curve has 201 points on a network for the digits, and its time is given as a
fraction of 201 plain forward passes with the loss.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from timing import free_a_picture, interleaved, median_and_quartiles, print_table

from chainrule_lessons import (
    CrossEntropyLoss,
    Linear,
    ReLU,
    Sequential,
    loss_curve,
)
from chainrule_lessons.datasets import Samples, load_digits

VALUES = np.linspace(-2, 2, 201)
WEIGHTS = [("0.weight", (3, 20)), ("0.bias", 3), ("2.weight", (5, 3)), ("2.bias", 5),
           ("4.weight", (7, 5)), ("4.bias", 7)]  # fmt: skip
SIZES = (32, 128, 1442)


def network() -> Sequential:
    """Return the network of lesson 11: two hidden layers with ReLU."""
    bends = ReLU(), ReLU()
    layers = Linear(64, 64, rng=0), Linear(64, 32, rng=1), Linear(32, 10, rng=2)
    return Sequential(layers[0], bends[0], layers[1], bends[1], layers[2])


def main() -> None:
    """Print a row for each weight."""
    free_a_picture()
    train, _ = load_digits()
    net, loss = network(), CrossEntropyLoss()
    print("Median and quartiles of 20 rounds. Goal: 0.35 at most, whatever the layer.")
    heads = ["weight", *(f"{n} digits" for n in SIZES)]
    batches = [Samples(train.x[:n], train.target[:n]) for n in SIZES]
    print_table(heads, (row(net, loss, batches, *weight) for weight in WEIGHTS))


def row(
    net: Sequential, loss: CrossEntropyLoss, batches: list, name: str, index
) -> list:
    """Time the curve of one weight on batches of several sizes."""
    return [f"{name} {index}", *(ratio(net, loss, b, name, index) for b in batches)]


def ratio(net, loss, batch: Samples, name: str, index) -> str:
    """Check the curve against plain passes, then time both."""
    x, target = batch
    curve = partial(loss_curve, net, loss, x, target, name, index, VALUES)
    np.testing.assert_allclose(
        curve(), plain(net, loss, batch, name, index), rtol=1e-10
    )
    seconds = interleaved(
        {"curve": curve, "pass": lambda: loss(net(x), target)}, rounds=20
    )
    return median_and_quartiles(seconds["curve"] / (len(VALUES) * seconds["pass"]))


def plain(net, loss, batch: Samples, name: str, index) -> list[float]:
    """Set the weight to each value and go forward; put it back in the end."""
    entries = dict(net.named_parameters())[name].data
    before, losses = entries[index], []
    for value in VALUES:
        entries[index] = value
        losses.append(loss(net(batch.x), batch.target))
    entries[index] = before
    return losses


if __name__ == "__main__":
    main()
