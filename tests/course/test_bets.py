"""Bets are bets: what a reader is asked is not answered where it is asked.

The figures that ask by themselves are in test_every_figure.py.
"""

import re

import pytest
from reading import LESSONS, cells, texts


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_what_is_stored_under_a_bet_is_its_start_alone(path):
    for cell in cells(path):
        asks = re.search(r"\bpredict=(?!None)", "".join(cell["source"]))
        if asks and cell["cell_type"] == "code":
            for text in texts(cell):
                assert len(text.strip().splitlines()) == 1, text


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_folded_output_begins_with_words(path):
    """JupyterLab shows its first line beside the three dots."""
    for cell in cells(path):
        if not cell["metadata"].get("jupyter", {}).get("outputs_hidden"):
            continue
        printed = ("".join(o["text"]) for o in cell["outputs"] if "text" in o)
        for text in printed:
            assert not re.search(r"(?<![A-Za-z])\d", text.strip().splitlines()[0]), text
