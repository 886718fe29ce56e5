"""Read a live figure as its readers do: numbers in a caption, marks in the picture.

And the notebooks, cell by cell.
"""

from __future__ import annotations

import json
import re
from functools import cache
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from ipywidgets import Widget
from matplotlib.lines import Line2D
from matplotlib.text import Text

# Not the 2 of x² or 2√c, nor the 1 of W₁ or w1: those belong to a name.
NUMBER = r"(?<![\w.])-?\d+(?:\.\d+)?(?:e[-+]?\d+)?(?![\w√])"


LESSONS = sorted((Path(__file__).parents[2] / "notebooks").glob("[0-9AB]*.ipynb"))


@cache
def cells(path):
    """Return the cells of a notebook, as JSON has them."""
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def texts(cell):
    """Return what the outputs of a code cell show as plain text."""
    data = (output.get("data", {}) for output in cell["outputs"])
    return ["".join(shown.get("text/plain", "")) for shown in data]


def numbers(text):
    """Return the numbers of a text, without the commas between thousands."""
    text = re.sub(r"(?<=\d),(?=\d{3})", "", text)
    return [float(number) for number in re.findall(NUMBER, text)]


def decimals(text):
    """Return the numbers of a text that have a point."""
    return [float(number) for number in re.findall(r"-?\d+\.\d+", text)]


@cache
def _made(make):
    return make()


def made(make, **values):
    """Return the figure that `make` gives, made once a file, with sliders at `values`.

    Those that are not named are where they start.
    """
    live = _made(make)
    start = {name: slider.value for name, slider in live.sliders.items()}
    live.set(**start | values)
    return live


def fixture_of(make):
    """Return a fixture: the figure that `make` gives, made once a file."""
    return pytest.fixture(scope="module")(lambda: _made(make))


def close_all():
    """Close every figure there is: each holds its pixels until then."""
    _made.cache_clear()
    Widget.close_all()


def ends_and_middle(live):
    """Yield every slider at both ends and in the middle, in all combinations."""
    places = [slider.places for slider in live.sliders.values()]
    chosen = [{every[0], every[len(every) // 2], every[-1]} for every in places]
    for values in product(*chosen):
        yield dict(zip(live.sliders, values, strict=True))


def of_kind(live, kind):
    """Return the marks that a class of artists draws."""
    return [mark for mark in live.marks if isinstance(mark.stamp, kind)]


def handles(live):
    """Return what can be grabbed: the sliders that each handle moves, and where it is."""
    gids = ((mark.stamp.get_gid() or "", mark) for mark in live.marks)
    grips = ((gid.removeprefix("grab "), m) for gid, m in gids if gid[:5] == "grab ")
    return [(sliders, (mark.x[0], mark.y[0])) for sliders, mark in grips]


def labels(live):
    """Return the words that move."""
    return [mark.text for mark in of_kind(live, Text)]


def lines(live, color, style=None):
    """Return the corners of the moving lines and dots of a colour, or of one style."""
    return [
        np.column_stack([mark.x, mark.y])
        for mark in of_kind(live, Line2D)
        if mark.stamp.get_color() == color
        and style in (None, mark.stamp.get_linestyle())
    ]


def line(live, color, style="-"):
    """Return the corners of the one moving line of a colour and a style."""
    (found,) = lines(live, color, style)
    return found
