"""Run the benchmarks one after another, and keep what they print.

    python tests/benchmarks/run.py                 all of them
    python tests/benchmarks/run.py training_step   one; the others' tables stay

Each runs in a process of its own. Its tables go to the screen and to `results.md`,
under the first line of its docstring, with the date and the kind of machine.
"""

from __future__ import annotations

import ast
import datetime
import os
import platform
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).parent
RESULTS = HERE / "results.md"
# In the order of results.md.
BENCHMARKS = [
    "slider_to_pixels",
    "remote",
    "training_step",
    "cheap_gradient",
    "differentiation",
    "loss_curve",
    "waiting",
    "classroom",
]
# Matrix products on several cores would be compared with layers on one.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def machine() -> str:
    """Say when this was measured, and on what."""
    return (
        f"*{datetime.date.today():%d %B %Y}, {os.cpu_count()} cores of "
        f"{_processor()}, {platform.system()}, Python {platform.python_version()}, "
        f"NumPy {version('numpy')}, Matplotlib {version('matplotlib')}.*"
    )


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.machine()
    names = re.findall(r"^model name\s*: (.+)$", text, flags=re.MULTILINE)
    return names[0] if names else platform.machine()


def section(name: str) -> str:
    """Run one benchmark, echo what it prints, and give its section of results.md."""
    script = HERE / f"{name}.py"
    title = ast.get_docstring(ast.parse(script.read_text(encoding="utf-8")))
    lines = [f"## {title.splitlines()[0].rstrip('.')}", "", machine(), ""]
    print(*lines, sep="\n", flush=True)
    process = subprocess.Popen(
        [sys.executable, script],
        env=os.environ | ONE_THREAD,
        stdout=subprocess.PIPE,
        text=True,
    )
    for line in process.stdout:
        print(line, end="", flush=True)
        lines.append(line.rstrip("\n"))
    if process.wait():
        raise SystemExit(f"{name} failed; {RESULTS.name} is left as it was")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def stored() -> dict[str, str]:
    """Give the sections that results.md holds now, by benchmark."""
    if not RESULTS.exists():
        return {}
    pieces = re.split(r"<!-- (\w+) -->\n", RESULTS.read_text(encoding="utf-8"))
    return {n: text.strip() for n, text in zip(pieces[1::2], pieces[2::2], strict=True)}


def main(names: list[str]) -> None:
    """Run the benchmarks that are named, all without a name."""
    for name in names:
        if name not in BENCHMARKS:
            raise SystemExit(
                f"no benchmark is called {name!r}; there are {', '.join(BENCHMARKS)}"
            )
    for name in names or BENCHMARKS:
        sections = stored() | {name: section(name)}  # kept, should the next one fail
        parts = [f"<!-- {n} -->\n{sections[n]}" for n in BENCHMARKS if n in sections]
        head = "# What the benchmarks print\n\nMade by `make bench`.\n"
        RESULTS.write_text("\n\n".join([head.strip(), *parts]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
