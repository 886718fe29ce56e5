"""Gradient descent as it is drawn: along a curve, and over a map of two weights."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from chainrule_lessons.descent import Path
from chainrule_lessons.live.pen import Pen
from chainrule_lessons.live.slider import Slider
from chainrule_lessons.marks import BLUE, GREEN, GREY

__all__ = [
    "RING",
    "along_curve",
    "draw_map",
    "over_map",
    "rate_and_steps",
    "steps_taken",
]

Array = NDArray[np.floating]
RING = {"markerfacecolor": "white", "markeredgewidth": 1.5}  # of where a walk starts


def steps_taken(most: int) -> Slider:
    """Make the slider of how many steps are taken, from none on."""
    return Slider(0, most, step=1, value=0, label="steps taken", play=True)


def rate_and_steps(rate: float) -> dict[str, Slider]:
    """Make the sliders of a descent: its rate, on a logarithmic scale, and its steps."""
    ends = rate / 100, rate * 100
    look = {"scale": "log", "label": "learning rate"}
    return {
        "rate": Slider(*ends, step=0.05, value=rate, **look),
        "steps": steps_taken(20),
    }


def along_curve(pen: Pen, path: Path, rate: float, grab: str) -> str:
    """Draw where a descent along a curve is, how steep, where next; say it."""
    at, loss, slope = (float(row[-1]) for row in path)
    following = at - rate * slope
    width, low = pen.axes.viewLim.width, 0.5 * pen.axes.viewLim.y0
    run = 1.0 if 5 < width < 10 else 0.12 * width  # the rise is then the slope itself
    pen.line(path.places, path.losses, "o-", GREY, 1, markersize=6)
    pen.tangent(at, loss, slope, 1.1 * run, "--", BLUE)
    pen.triangle(at, loss, slope, run, BLUE)
    pen.arrow((at, low), (following, low), GREEN)
    pen.dot(path.places[0], path.losses[0], GREY, grab=grab, **RING)
    pen.dot(at, loss, BLUE)
    return (
        f"{_after(path)} {loss:.3f} at weight {at:z.2f}, slope {slope:z.3f}. "
        f"The next step leads to {following:z.2f}."
    )


def over_map(pen: Pen, path: Path, rate: float, names: Sequence[str]) -> str:
    """Draw where a descent over two weights has come, and where next; say it.

    At the start no arrow says where next, since it would tell what is bet on.
    """
    at, slopes = path.places[-1], path.slopes[-1]
    pen.line(*path.places.T, "o-", BLUE, 1.5, markersize=4)
    if len(path.places) > 1:
        pen.arrow(at, at - rate * slopes, GREEN)
    pen.dot(*path.places[0], GREY, grab="first second", **RING)
    pen.dot(*at, BLUE)
    if path.losses[-1] > 1e6:
        return f"{_after(path)} over a million, far off the map."
    return (
        f"{_after(path)} {path.losses[-1]:.3f} at {names[0]} {at[0]:z.2f}, {names[1]} "
        f"{at[1]:z.2f}. Slopes {slopes[0]:z.3f} and {slopes[1]:z.3f}."
    )


def _after(path: Path) -> str:
    taken = len(path.places) - 1
    return f"After {taken} step{'s' * (taken > 1)}: loss" if taken else "Loss"


def draw_map(axes: Axes, first: Array, second: Array, loss: Array) -> None:
    """Draw lines of equal loss, close together where the loss is low."""
    levels = np.max(loss) * np.linspace(0.03, 1, 12) ** 2
    look = {"colors": GREY, "linewidths": 0.9, "alpha": 0.7}
    lines = axes.contour(first, second, loss, levels=levels, **look)
    axes.clabel(lines, lines.levels[2::2], fmt="%.3g", fontsize=9)
    axes.set(xlim=first[[0, -1]], ylim=second[[0, -1]], aspect="equal")
