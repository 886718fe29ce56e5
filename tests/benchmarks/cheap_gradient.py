"""The cheap gradient: what all slopes cost, in forward passes.

The time of the loss and its slopes by all parameters, over the time of the loss alone.
It should not grow with the number of parameters. Numeric slopes for contrast: a forward
pass or two for each parameter.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from systems import SYSTEMS, Case, check, loss_of
from timing import free_a_picture, interleaved, median_and_quartiles, print_table

from chainrule_lessons import gradient

CASES = [
    ((4, 3, 2), 32),
    ((64, 32, 10), 32),
    ((64, 32, 10), 128),
    ((64, 32, 10), 1797),
    ((64, 128, 128, 10), 128),
    ((784, 256, 128, 10), 128),
    ((784, 1024, 512, 10), 128),
]
SKIPPED = ("scikit-learn",)  # it has no way to ask for the loss or the slopes alone
NUMERIC_UP_TO = 3000  # parameters; more would take minutes


def main() -> None:
    """Print a row for each network, smallest first."""
    free_a_picture()
    names = [name for name in SYSTEMS if name not in SKIPPED]
    print("Median and quartiles of 20 rounds, float64. Goal: 2.6 at most.")
    heads = ["network / batch", "parameters", *names]
    heads += ["ours, by the input too", "numeric"]
    print_table(heads, (row(names, *case) for case in CASES))


def row(names: list[str], widths: tuple[int, ...], batch: int) -> list[str]:
    """Time loss and slopes of all systems on one network."""
    case = Case(widths, batch)
    found = check(case)
    calls = {(name, "loss"): found[name].forward for name in names}
    calls |= {(name, "slopes"): found[name].gradient for name in names}
    by_input_too = partial(found["chainrule_lessons"].gradient, input_grad=True)
    calls["ours", "input"] = by_input_too
    count = sum(p.size for p in case.parameters())
    if count <= NUMERIC_UP_TO:
        calls["ours", "numeric"] = numeric(case)
    seconds = interleaved(calls, rounds=20)

    def ratio(key: tuple[str, str], name: str) -> str:
        if key not in seconds:
            return "–"
        return median_and_quartiles(seconds[key] / seconds[name, "loss"])

    ratios = [ratio((name, "slopes"), name) for name in names]
    by_input_too = ratio(("ours", "input"), "chainrule_lessons")
    measured = ratio(("ours", "numeric"), "NumPy written out")
    return [f"{case.name} / {batch}", f"{count:,}", *ratios, by_input_too, measured]


def numeric(case: Case) -> Callable[[], np.ndarray]:
    """Give the call that measures every slope: two losses for each parameter."""
    parameters = case.parameters()
    cuts = np.cumsum([p.size for p in parameters])[:-1]
    loss = loss_of(np, case)

    def at(flat: np.ndarray) -> float:
        parts = zip(np.split(flat, cuts), parameters, strict=True)
        return loss([part.reshape(p.shape) for part, p in parts], case.x)

    flat = np.concatenate([p.ravel() for p in parameters])
    return partial(gradient, at, flat, method="central")


if __name__ == "__main__":
    main()
