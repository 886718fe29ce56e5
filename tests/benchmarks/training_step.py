"""Time one full-batch training step as a multiple of its bare matrix products.

Run with one thread, or the multiples mean little:

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python tests/benchmarks/training_step.py
"""

from __future__ import annotations

import time
import timeit
from collections.abc import Callable
from functools import partial
from itertools import pairwise

import numpy as np

from chainrule_lessons.layers import Linear, Module, Parameter, ReLU, Sequential, Tanh
from chainrule_lessons.losses import CrossEntropyLoss, MSELoss

# widths, batch, and the multiples to reach: needed, hoped for
CASES = [
    ((4, 3, 2), 32, 8, 5),
    ((64, 32, 10), 32, 5, 3.4),
    ((64, 32, 10), 128, 2.7, 2.0),
    ((64, 32, 10), 1797, 1.8, 1.5),
    ((784, 256, 128, 10), 128, 1.2, 1.12),
]


def network(widths: tuple[int, ...]) -> tuple[Module, Callable[..., float]]:
    """Return tanh layers with squares for two outputs, else ReLU with classes."""
    linears = [Linear(*pair, rng=0) for pair in pairwise(widths)]
    if widths[-1] == 2:
        return Sequential(*(m for a in linears for m in (a, Tanh()))), MSELoss("sum")
    hidden = [m for a in linears[:-1] for m in (a, ReLU())]
    return Sequential(*hidden, linears[-1]), CrossEntropyLoss()


def step(
    net: Module,
    parameters: list[Parameter],
    loss: Callable[..., float],
    x: np.ndarray,
    target: np.ndarray,
) -> None:
    """Forward, loss, backward, update: what one turn of training does."""
    loss(net(x), target)
    net.backward(loss.backward(), input_grad=False)
    for parameter in parameters:
        parameter.data -= 1e-6 * parameter.grad
        parameter.grad.fill(0)


def products(net: Module, x: np.ndarray) -> Callable[[], None]:
    """Return the matrix products of a step alone, without the unused one."""
    weights = [layer.weight.data for layer in net if isinstance(layer, Linear)]
    inputs, outputs = [x], []
    for w in weights:
        outputs.append(inputs[-1] @ w.T)
        inputs.append(outputs[-1])

    def run() -> None:
        for a, w in zip(inputs, weights, strict=False):
            a @ w.T
        for i in reversed(range(len(weights))):
            outputs[i].T @ inputs[i]
            if i:
                outputs[i] @ weights[i]

    return run


def seconds(*calls: Callable[[], object]) -> list[float]:
    """Return the best time of each call, measured in turns on a noisy machine."""
    numbers = [max(1, int(0.02 / timeit.timeit(call, number=3) * 3)) for call in calls]
    times = [
        [
            timeit.timeit(c, timer=time.process_time, number=n) / n
            for c, n in zip(calls, numbers, strict=True)
        ]
        for _ in range(30)
    ]
    return np.min(times, axis=0).tolist()


def main() -> None:
    """Print a row for each network."""
    rng = np.random.default_rng(0)
    print(f"{'network':>16} {'batch':>6} {'products':>12} {'step':>6} {'must':>5} goal")
    for widths, batch, must, goal in CASES:
        net, loss = network(widths)
        x = rng.normal(size=(batch, widths[0]))
        target = rng.integers(10, size=batch)
        if widths[-1] == 2:
            target = rng.normal(size=(batch, 2))
        bare, whole = seconds(
            products(net, x), partial(step, net, net.parameters(), loss, x, target)
        )
        name = "-".join(map(str, widths))
        print(f"{name:>16} {batch:>6} {bare * 1e6:>9.1f} µs {whole / bare:>6.2f} "
              f"{must:>5} {goal}")  # fmt: skip


if __name__ == "__main__":
    main()
