"""Run notebooks number by number, as `make test` does, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "pytest", "-rf", "--tb=no", "--rootdir=."]
COMMAND += ["-p", "nbval.plugin", "--nbval", "--nbval-current-env"]
COMMAND += ["--nbval-sanitize-with", str(Path(__file__).with_name("sanitize.cfg"))]


def run(path: Path) -> str:
    """Compare a notebook with what it prints now; give what pytest says.

    Python finds modules beside the notebook first. No plugin is loaded but nbval: one
    that shuffles tests would shuffle cells.
    """
    found = os.pathsep.join([str(path.parent), str(ROOT)])
    alone = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": found}
    done = subprocess.run(
        [*COMMAND, path.name],
        cwd=path.parent,
        env=os.environ | alone,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout
