"""A cell with a number in it, for the figures that still carry their marks."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Polygon
from numpy.typing import ArrayLike

from chainrule_lessons.plotting import label, tint


class Tile:
    """A cell with a number in it, free to move and to change its shade."""

    def __init__(
        self, axes: Axes, size: tuple[float, float], color: str, **keywords: Any
    ) -> None:
        corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
        self.corners, self.color = corners * size / 2, color
        self.patch = Polygon(self.corners, animated=True, **keywords)
        axes.add_patch(self.patch)
        self.text = label(
            axes, 0, 0, "", fontsize=12, ha="center", va="center", animated=True
        )
        self.text.set_path_effects([])  # a halo would eat into the shade

    def move_to(self, place: ArrayLike) -> None:
        """Put the middle of the cell at a place."""
        self.patch.set_xy(self.corners + place)
        self.text.set_position(place)

    def show(self, text: str, shade: float, color: str | None = None) -> None:
        """Write a text in the cell; a shade from 0, white, to 1 fills it."""
        self.patch.set_facecolor(tint(color or self.color, shade))
        self.text.set_text(text)
