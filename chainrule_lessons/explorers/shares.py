"""Lesson 4: the total derivative, a share for each road.

The slider replays in the browser.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from chainrule_lessons.explorers.roads import CENTRE, link, nodes, slope_label
from chainrule_lessons.live import LiveFigure, Slider
from chainrule_lessons.plotting import GREY, INK, ORANGE, label, subplots
from chainrule_lessons.validation import finite_number

__all__ = ["total_derivative"]


def total_derivative(
    t: float = 1.0, *, predict: tuple[str, Sequence[str]] | None = None
) -> LiveFigure:
    """Show df/dt of f = x y + z**2 with x = cos t, y = sin t, z = t / 2, by pieces.

    Parameters
    ----------
    t : float, optional
        The time to start from, 0 to 4.
    predict : tuple of (str, sequence of str), optional
        A question that unlocks the slider.

    Returns
    -------
    LiveFigure
        Slider ``t``. A row for each road: its two slopes, and their product as a
        bar that starts where the bar above it ended.

    Raises
    ------
    TypeError, ValueError
        For a time that its slider cannot show.

    Examples
    --------
    >>> total_derivative()
    At t = 1.00 the shares -0.7081 (by x), 0.2919 (by y), 0.5000 (by z) add up to \
df/dt = 0.0839.
    """
    t = finite_number(t, "total_derivative: t")
    figure, (left, right) = subplots(1, 2, size=(7.6, 3.6), width_ratios=(6, 5))
    numbers, bars = _three_roads(left), Waterfall(right)

    def update(t: float) -> str:
        inner = -np.sin(t), np.cos(t), 0.5  # of x, y, z by t
        outer = np.sin(t), np.cos(t), t  # of f by x, y, z: these are y, x, 2 z
        shares = [a * b for a, b in zip(inner, outer, strict=True)]
        for text, slope in zip(numbers, (*inner, *outer), strict=True):
            text.set_text(f"{slope:z.2f}")
        bars.show(shares)
        named = (f"{s:z.4f} (by {n})" for s, n in zip(shares, "xyz", strict=True))
        total = f"df/dt = {sum(shares):z.4f}"
        return f"At t = {t:.2f} the shares {', '.join(named)} add up to {total}."

    start = Slider(0.0, 4.0, step=0.05, value=t, label="time t")
    return LiveFigure(figure, update, predict=predict, t=start)


def _three_roads(axes: Axes) -> list[Text]:
    """Draw the roads t to x, y, z to f; return the labels of their six links."""
    axes.set(xlim=(-0.2, 2.2), ylim=(-0.6, 3.7))
    axes.axis("off")
    spots = {"t": (0, 2), "x": (1, 3), "y": (1, 2), "z": (1, 1), "f": (2, 2)}
    inner = [link(axes, spots["t"], spots[name]) for name in "xyz"]
    outer = [link(axes, spots[name], spots["f"]) for name in "xyz"]
    nodes(axes, spots)
    label(axes, 0.45, 0.2, "dx/dt, dy/dt, dz/dt", color=GREY, **CENTRE)
    label(axes, 1.55, 0.2, "∂f/∂x, ∂f/∂y, ∂f/∂z", color=GREY, **CENTRE)
    return [slope_label(axes, curve) for curve in (*inner, *outer)]


class Waterfall:
    """Bars in rows 3, 2, 1, each starting where the last one ended; row 0 their sum."""

    def __init__(self, axes: Axes) -> None:
        axes.set(xlim=(-1.3, 3.2), ylim=(-0.6, 3.7), xlabel="share of df/dt")
        axes.set_yticks([3, 2, 1, 0], ["by x", "by y", "by z", "df/dt"])
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.axvline(0, color=GREY, lw=1, zorder=1)
        colors = (ORANGE, ORANGE, ORANGE, INK)
        self.bars = [
            axes.add_patch(Rectangle((0, 0), 0, 0.5, color=color, animated=True))
            for color in colors
        ]
        self.numbers = [
            label(axes, 0, 0, "", color=color, va="center", animated=True)
            for color in colors
        ]
        (self.steps,) = axes.plot([], [], color=GREY, lw=1, animated=True)

    def show(self, shares: Sequence[float]) -> None:
        """Move the bars, the numbers at their ends and the thin steps between."""
        ends = np.cumsum(shares)
        starts = np.array([0, *ends[:-1], 0])
        ends = np.array([*ends, ends[-1]])
        for row, (start, end) in enumerate(zip(starts, ends, strict=True)):
            self.bars[row].set_xy((start, 2.75 - row))
            self.bars[row].set_width(end - start)
            self.numbers[row].set_position((max(start, end, 0) + 0.08, 3 - row))
            self.numbers[row].set_text(f"{end - start:z.2f}")
        x = np.repeat(ends[:3], 3)
        y = np.ravel([(3.25 - n, 1.75 - n, np.nan) for n in range(3)])
        self.steps.set_data(x, y)
