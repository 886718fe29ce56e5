"""A chain as it is drawn: dials that turn one another, and a graph with its slopes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Circle

from chainrule_lessons.live.pen import Pen
from chainrule_lessons.marks import GREY, INK, ORANGE, arrow, framed, label

__all__ = ["draw_dials", "draw_graph", "turn"]

Spot = tuple[float, float]
HEIGHT = 4.6  # of dials on their sheet


def draw_dials(
    axes: Axes, dials: Mapping[float, str], between: Iterable[float]
) -> None:
    """Draw still dials, each above its x, and arrows between them."""
    for x, name in dials.items():
        axes.add_patch(Circle((x, HEIGHT), 1.9, fill=False, edgecolor=GREY, lw=1.5))
        axes.plot([x, x], [6.5, 6.8], color=GREY)
        label(axes, x, 7.5, name, ha="center", fontsize=14)
    for x in between:
        arrow(axes, (x - 0.5, HEIGHT), (x + 0.5, HEIGHT), color=ORANGE)


def turn(pen: Pen, x: float, degrees: float, grab: str | None) -> None:
    """Turn a dial's needle, which started upright, and shade its way."""
    angles = np.radians(np.linspace(0, degrees, 61))
    centre = np.array([x, HEIGHT])
    rim = centre + 1.75 * np.column_stack([np.sin(angles), np.cos(angles)])
    pen.shape(np.vstack([centre, rim]), ORANGE, alpha=0.3)
    pen.line(*np.transpose([centre, rim[-1]]), "-", INK, 3.5)
    if grab:
        pen.dot(*rim[-1], ORANGE, grab=grab)


def draw_graph(
    axes: Axes,
    spots: Mapping[str, Spot],
    edges: Mapping[str, str],
    ways: Mapping[str, float],
) -> None:
    """Draw nodes of one letter, and an arrow with its local slope for each edge.

    A slope stands in the middle of its arrow, or where `ways` says, from 0 to 1.
    """
    for edge, slope in edges.items():
        ends = np.array([spots[name] for name in edge])
        run, rise = ends[1] - ends[0]
        short = 0.6 * np.array([run, rise]) / np.hypot(run, rise)
        arrow(axes, ends[0] + short, ends[1] - short, color=GREY, width=1.2)
        x, y = ends[0] + ways.get(edge, 0.5) * (ends[1] - ends[0])
        above = y if rise else y + 0.35
        label(axes, x, above, slope, color=ORANGE, ha="center", va="center")
    for name, spot in spots.items():
        framed(axes, *spot, 1.0, name, fontsize=14)
