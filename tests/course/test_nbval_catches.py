"""A strict nbval run compares every number, those in captions included.

Pixels are not compared, and a stripped notebook passes: see test_rules.py for that.
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import rerun

SANITIZE = Path(__file__).parents[1] / "support" / "sanitize.cfg"
CHANGES = {
    "printed": ("loss 0.2500", "loss 0.2501"),
    "caption": ('"Loss 0.25 at', '"Loss 0.26 at'),
    "alt": ('alt=\\"Loss 0.25 at', 'alt=\\"Loss 0.26 at'),
    "figcaption": ("<figcaption>Loss 0.25 at", "<figcaption>Loss 0.26 at"),
}


@pytest.fixture
def strict_run(stored):
    """Run nbval on the notebook and on a copy for each change; give what failed."""
    rerun.rerun(stored)
    text = stored.read_text(encoding="utf-8")
    for name, (old, new) in CHANGES.items():
        head, found, tail = text.rpartition(old)
        assert found, f"{old} is not in the notebook"
        stored.with_name(f"{name}.ipynb").write_text(
            head + new + tail, encoding="utf-8"
        )
    command = [sys.executable, "-m", "pytest", "-rf", "--tb=no", "--rootdir=."]
    command += ["--nbval", "--nbval-current-env", "--nbval-sanitize-with", SANITIZE]
    done = subprocess.run(
        [*command, "."], cwd=stored.parent, capture_output=True, text=True, check=False
    )
    return done.stdout


def test_one_changed_number_fails(strict_run):
    failed = re.findall(r"^FAILED (\w+)\.ipynb::Cell (\d)", strict_run, re.MULTILINE)
    expected = {"printed": "1", "caption": "2", "alt": "2", "figcaption": "2"}
    assert dict(failed) == expected, strict_run
    assert f"{len(failed)} failed, 11 passed" in strict_run
