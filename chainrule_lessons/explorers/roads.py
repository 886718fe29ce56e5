"""The parts that a graph of roads is drawn from: links, nodes, slopes on links."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch
from matplotlib.text import Text
from numpy.typing import NDArray

from chainrule_lessons.plotting import GREY, INK, ORANGE, label

__all__ = ["CENTRE", "link", "nodes", "slope_label"]

Array = NDArray[np.floating]
Point = tuple[float, float]

CENTRE = {"ha": "center", "va": "center"}
HEAD = {"arrowstyle": "-|>", "mutation_scale": 14, "shrinkA": 0, "shrinkB": 0}


def link(axes: Axes, tail: Point, head: Point, bulge: float = 0.0) -> Array:
    """Draw a still link that bends upward by `bulge`; return 25 points along it."""
    s = np.linspace(0, 1, 25)
    curve = np.linspace(tail, head, 25)
    curve[:, 1] += 4 * bulge * s * (1 - s)
    axes.plot(*curve.T, color=GREY, lw=1.5, zorder=1)
    axes.add_patch(FancyArrowPatch(*curve[18:20], color=GREY, zorder=1, **HEAD))
    return curve


def slope_label(axes: Axes, curve: Array) -> Text:
    """Make the moving number on the middle of a link, in a gap of a lit road."""
    axes.plot(*curve[12], "o", color="white", ms=16, zorder=2.5, animated=True)
    return label(axes, *curve[12], "", color=ORANGE, animated=True, **CENTRE)


def nodes(axes: Axes, spots: dict[str, Point]) -> None:
    """Draw nodes with their names; they never move but lie above a lit road."""
    style = {"markersize": 24, "color": "white", "markeredgecolor": INK}
    moving = {"animated": True, "zorder": 3}
    axes.plot(*np.transpose([*spots.values()]), "o", mew=1.5, **style, **moving)
    for name, (x, y) in spots.items():
        axes.text(x, y, name, **CENTRE, **moving)
