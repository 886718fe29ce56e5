"""The stored digits are scikit-learn's, and travel in the wheel that hatchling builds."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

ROOT = Path(__file__).resolve().parents[3]
STORED = "chainrule_lessons/digits.npz"


def test_stored_digits_are_those_of_scikit_learn():
    theirs = load_digits()
    with np.load(ROOT / STORED) as ours:
        np.testing.assert_array_equal(ours["pixels"], theirs.images)
        np.testing.assert_array_equal(ours["classes"], theirs.target)


def test_digits_travel_in_the_wheel(tmp_path):
    shutil.copytree(ROOT / "chainrule_lessons", tmp_path / "chainrule_lessons")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path)
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", "out"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    (wheel,) = (tmp_path / "out").glob("*.whl")
    assert STORED in zipfile.ZipFile(wheel).namelist()
