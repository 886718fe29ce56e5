"""Print the oldest versions that pyproject.toml allows, as constraints for pip."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from pip._vendor.packaging.requirements import Requirement

# Matplotlib 3.10.0 calls what pyparsing 3.3 warns of, and warnings are errors here.
BESIDE = ["pyparsing<3.3"]
PROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"


def constraints(extras: list[str]) -> Iterator[str]:
    """Turn each lower bound into the version it names."""
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    needs = project["dependencies"]
    for extra in extras:
        needs = needs + project["optional-dependencies"][extra]
    for need in map(Requirement, needs):
        for bound in need.specifier:
            if bound.operator == ">=":
                yield f"{need.name}=={bound.version}"


if __name__ == "__main__":
    print(*constraints(sys.argv[1:]), *BESIDE, sep="\n")
