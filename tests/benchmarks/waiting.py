"""What a learner waits for: the import, the first picture, and the whole course.

Every import and every kernel is a fresh process, and what is compared takes turns.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from desk import Desk, at_desk
from jupyter_client.manager import start_new_kernel
from lab import RUN_ALL
from timing import median_and_quartiles, print_table

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
LESSON_7 = ROOT / "notebooks" / "05_roll_downhill.ipynb"
TURNS = 16  # of the imports
VISITS = 3  # of lesson 5
COURSES = 2  # runs of all notebooks
TIMED = "import time; start = time.process_time(); import {}; print(time.process_time() - start)"
# Notes when the first picture stands on the page, and runs the notebook.
FIRST_PICTURE = f"""async () => {{
    const start = performance.now();
    const seen = new Promise(answer => {{
        const look = () => document.querySelector(".crl-live canvas[data-values]")
            ? answer(performance.now() - start) : requestAnimationFrame(look);
        look();
    }});
    await ({RUN_ALL})(60);
    return seen;
}}"""


def seconds_to_import(module: str) -> float:
    """Import a module in a fresh process; processor seconds."""
    return float(subprocess.check_output([sys.executable, "-c", TIMED.format(module)]))


def compare_imports() -> tuple[list[str], list[str]]:
    """Measure the package beside NumPy, which it cannot do without."""
    modules = "numpy", "chainrule_lessons"
    turns = [[seconds_to_import(m) for m in modules] for _ in range(TURNS)]
    took = np.array(turns)[1:]  # the first turn compiles
    numpy, package = 1000 * took.T
    ratio = np.median(package) / np.median(numpy)
    return (
        ["`import numpy`, ms", median_and_quartiles(numpy, ".0f"), "", ""],
        [
            "`import chainrule_lessons`, ms",
            median_and_quartiles(package, ".0f"),
            f"{ratio:.2f}",
            "≤ 1.2",
        ],
    )


def first_picture(desk: Desk) -> list[float]:
    """Open lesson 5 and run it: seconds from a ready kernel to the first picture."""
    file = Path(shutil.copy(LESSON_7, desk.server.files))
    took = []
    for _ in range(VISITS):
        page = desk.visit(file)
        took.append(page.evaluate(FIRST_PICTURE) / 1000)
        page.close()
        desk.server.stop_kernels()
    return took


def bare_kernels() -> float:
    """Start and stop a kernel for each notebook, with Matplotlib in it; seconds."""
    start = time.perf_counter()
    for _ in NOTEBOOKS:
        manager, client = start_new_kernel(stderr=subprocess.DEVNULL)
        client.execute_interactive("import matplotlib.pyplot", timeout=60)
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    return time.perf_counter() - start


def course() -> float:
    """Run all notebooks under nbval, every output compared; seconds."""
    cell = ["--nbval-current-env", "--nbval-cell-timeout", "120"]
    clean = ["--nbval-sanitize-with", "tests/support/sanitize.cfg"]
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--nbval", *cell, *clean, *NOTEBOOKS],
        cwd=ROOT,
        stdout=sys.stderr,
        check=True,
    )
    return time.perf_counter() - start


def main() -> None:
    """Print one table."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # compiled once, as for a reader
    rows: list[list[Any]] = [*compare_imports()]
    with at_desk() as desk:
        seconds = median_and_quartiles(first_picture(desk), ".1f")
        rows.append(["first picture of lesson 5, s", seconds, "", ""])
    bare, nbval = np.array([(bare_kernels(), course()) for _ in range(COURSES)]).T
    count = f"{len(NOTEBOOKS)} notebooks"
    ratio = f"{np.median(nbval / bare):.2f}"
    rows += [
        [f"kernels for {count} with Matplotlib, s", f"{np.median(bare):.1f}", "", ""],
        [f"{count} under nbval, s", f"{np.median(nbval):.1f}", ratio, "≤ 1.5"],
    ]
    print_table(["", "median", "times the line above", "goal"], rows)


if __name__ == "__main__":
    main()
