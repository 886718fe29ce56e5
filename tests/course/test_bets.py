"""Bets are bets: what a reader is asked is not answered where it is asked."""

import json
import re
from functools import cache
from inspect import signature
from pathlib import Path

import pytest

from chainrule_lessons import explorers
from chainrule_lessons.live import LiveFigure

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("[0-9AB]*.ipynb"))
FOLD = re.compile(r"<details>.*?</details>", re.DOTALL)


def asking(cell):
    """Say whether a cell shows a figure that asks before its sliders unlock."""
    source = "".join(cell["source"])
    if cell["cell_type"] != "code":
        return False
    if re.search(r"\bpredict=(?!None)", source):
        return True
    called = re.fullmatch(r"explorers\.(\w+)\(\)", source.strip())
    return bool(called) and called[1] in asking_by_themselves()


@cache
def asking_by_themselves():
    """Return the questions of the figures that have one, by name."""
    questions = {}
    for name in explorers.__all__:
        maker = getattr(explorers, name)
        if any(p.default is p.empty for p in signature(maker).parameters.values()):
            continue  # it needs arguments
        live = maker()
        if isinstance(live, LiveFigure):
            questions[name] = live.question
            live.close()
    return {name: question for name, question in questions.items() if question}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_what_is_stored_under_a_bet_is_its_start_alone(path):
    for cell in filter(asking, json.loads(path.read_text("utf-8"))["cells"]):
        for output in cell["outputs"]:
            text = "".join(output.get("data", {}).get("text/plain", ""))
            assert len(text.strip().splitlines()) == 1, text


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_page_holds_what_a_choice_is_told(path):
    cells = json.loads(path.read_text("utf-8"))["cells"]
    page = "\n".join(FOLD.sub("", "".join(cell["source"])) for cell in cells)
    for name, question in asking_by_themselves().items():
        told = [*question.get("sentences", ()), question.get("sentence", "")]
        for sentence in filter(None, told):
            assert sentence not in page, (name, sentence)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_folded_output_begins_with_words(path):
    """JupyterLab shows its first line beside the three dots."""
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        if not cell["metadata"].get("jupyter", {}).get("outputs_hidden"):
            continue
        printed = ("".join(o["text"]) for o in cell["outputs"] if "text" in o)
        for text in printed:
            assert not re.search(r"(?<![A-Za-z])\d", text.strip().splitlines()[0]), text
