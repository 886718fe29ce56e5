"""One training step beside the peers.

Forward, loss, backward and update on a full batch, one thread, as a multiple of the
bare matrix products in the same round.
"""

from __future__ import annotations

import numpy as np
from systems import SYSTEMS, Case, check
from timing import free_a_picture, interleaved, median_and_quartiles, print_table

# widths, batch, and the multiples to reach: needed, hoped for
CASES = [
    ((4, 3, 2), 32, 8, 5),
    ((64, 32, 10), 32, 5, 3.4),
    ((64, 32, 10), 128, 2.7, 2.0),
    ((64, 32, 10), 1797, 1.8, 1.5),
    ((784, 256, 128, 10), 128, 1.2, 1.12),
]


def main() -> None:
    """Print a table for each precision, a row for each network."""
    free_a_picture()
    for dtype in (np.float64, np.float32):
        print(f"In {dtype.__name__}; median and quartiles of 30 rounds.")
        heads = ["network / batch", "products", *SYSTEMS, "must", "goal"]
        print_table(heads, (row(dtype, *case) for case in CASES))


def row(dtype: type, widths: tuple[int, ...], batch: int, *goals: float) -> list[str]:
    """Time all systems on one network."""
    case = Case(widths, batch, dtype)
    calls = {name: calls.step for name, calls in check(case).items()}
    seconds = interleaved(calls)
    bare = seconds["matrix products"]
    ratios = [
        median_and_quartiles(seconds[name] / bare) if name in seconds else "–"
        for name in SYSTEMS
    ]
    products = f"{np.median(bare) * 1e6:.1f} µs"
    slack = 1 if dtype is np.float64 else 1.25  # float32 within a quarter
    limits = [f"{goal * slack:.3g}" for goal in goals]
    return [f"{case.name} / {batch}", products, *ratios, *limits]


if __name__ == "__main__":
    main()
