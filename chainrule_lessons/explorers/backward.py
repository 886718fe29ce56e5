"""Lesson 8: the whole pass through the 4-3-2 network, a stage at a time.

The slider replays in the browser.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.patches import Polygon, Rectangle

from chainrule_lessons.explorers.course import (
    Numbers,
    course_data,
    slopes_back,
    values_forward,
)
from chainrule_lessons.live import LiveFigure
from chainrule_lessons.live.slider import Slider
from chainrule_lessons.plotting import BLUE, GREY, INK, ORANGE, label, subplots

__all__ = ["backward_stepper"]

CELL = np.array([39.0, 23.0])  # CSS pixels
GAP = 14.0
TOP, MIDDLE, BELOW = 78.0, 202.0, 316.0
CENTRED = {"ha": "center", "va": "center"}
MOVING = CENTRED | {"animated": True}
BOX = np.array([(0, 0), (1, 0), (1, 1), (0, 1)])
BLOCKS = "x W1 b1 z1 a1 W2 b2 z2 a2 t L"  # left to right; slopes stand below
GIVEN = "x W1 b1 W2 b2 t"


class Step(NamedTuple):
    """One stage: what it finds, what it reads, its formula, and one entry of it."""

    finds: str
    reads: str
    formula: str
    entry: str


STEPS = (
    Step(
        "",
        GIVEN,
        "given: 4 inputs, 18 weights, 5 biases, 2 targets",
        "press Step, and every empty cell gets its number",
    ),
    Step(
        "z1",
        "W1 x b1",
        "z1 = W1 x + b1      (3, 4) (4,) + (3,) → (3,)",
        "z1[j] = Σᵢ W1[j, i] x[i] + b1[j]",
    ),
    Step("a1", "z1", "a1 = tanh z1      (3,) → (3,)", "a1[j] = tanh z1[j]"),
    Step(
        "z2",
        "W2 a1 b2",
        "z2 = W2 a1 + b2      (2, 3) (3,) + (2,) → (2,)",
        "z2[k] = Σⱼ W2[k, j] a1[j] + b2[k]",
    ),
    Step("a2", "z2", "a2 = tanh z2      (2,) → (2,)", "a2[k] = tanh z2[k]"),
    Step(
        "L",
        "a2 t",
        "L = sum of (a2 − t)²      (2,) → one number",
        "L = Σₖ (a2[k] − t[k])²",
    ),
    Step(
        "by_a2",
        "a2 t",
        "by_a2 = 2 (a2 − t)      (2,)",
        "by_a2[k] = 2 (a2[k] − t[k])",
    ),
    Step(
        "by_z2 by_b2",
        "by_a2 a2",
        "by_z2 = by_b2 = by_a2 · (1 − a2²)      (2,) · (2,) → (2,)",
        "by_z2[k] = by_a2[k] (1 − a2[k]²)",
    ),
    Step(
        "by_W2",
        "by_z2 a1",
        "by_W2 = column by_z2 × row a1      (2, 1) (1, 3) → (2, 3)",
        "by_W2[k, j] = by_z2[k] a1[j]",
    ),
    Step(
        "by_a1",
        "W2 by_z2",
        "by_a1 = W2ᵀ by_z2      (3, 2) (2,) → (3,)",
        "by_a1[j] = Σₖ W2[k, j] by_z2[k]",
    ),
    Step(
        "by_z1 by_b1",
        "by_a1 a1",
        "by_z1 = by_b1 = by_a1 · (1 − a1²)      (3,) · (3,) → (3,)",
        "by_z1[j] = by_a1[j] (1 − a1[j]²)",
    ),
    Step(
        "by_W1",
        "by_z1 x",
        "by_W1 = column by_z1 × row x      (3, 1) (1, 4) → (3, 4)",
        "by_W1[j, i] = by_z1[j] x[i]",
    ),
)


def backward_stepper() -> LiveFigure:
    """Step forward and backward through the 4-3-2 network, all numbers in sight.

    Values stand above, the slopes of the loss below them. What a stage finds is
    framed, what it reads is shaded. Orange, solid slopes pass through; blue, dashed
    ones stay with their weights and biases.

    Returns
    -------
    LiveFigure
        With the slider ``step``: 0 for what is given, 1 to 5 forward, 6 to 11 back.

    Examples
    --------
    >>> live = backward_stepper()
    >>> live.set(step=7)
    >>> live
    Step 7 of 11, backward: by_z2 = by_b2 = by_a2 · (1 − a2²) = (1.5504, 1.5185).
    """
    numbers = course_data()
    numbers |= values_forward(numbers)
    numbers |= slopes_back(numbers)
    figure, axes = subplots(size=(8, 4))
    axes.set(xlim=(0, 800), ylim=(400, 0))
    axes.set_axis_off()
    blocks = _lay_out(axes, numbers)
    formula = label(axes, 400, MIDDLE, "", fontsize=13, animated=True, **CENTRED)
    entry = label(axes, 400, MIDDLE + 27, "", color="#555555", animated=True, **CENTRED)

    def update(step: int) -> str:
        found = " ".join([GIVEN, *(stage.finds for stage in STEPS[: step + 1])]).split()
        stage = STEPS[step]
        for name, block in blocks.items():
            block.show(name in found)
            block.mark(name in stage.finds.split(), name in stage.reads.split())
        formula.set_text(stage.formula)
        entry.set_text(stage.entry)
        return _caption(step, numbers)

    return LiveFigure(
        figure, update, step=Slider(0, 11, value=0, label="step", play=True)
    )


def _caption(step: int, numbers: Numbers) -> str:
    stage = STEPS[step]
    if not step:
        return f"Step 0 of 11, {stage.formula}."
    way = "forward" if step < 6 else "backward"
    told = _told(numbers[stage.finds.split()[0]])
    return f"Step {step} of 11, {way}: {stage.formula.split('   ')[0]} = {told}."


def _told(found: Any) -> str:
    """Write a few numbers in full, and a matrix by its rows or its range."""
    if np.size(found) > 6:
        return f"{np.size(found)} numbers from {found.min():z.4f} to {found.max():z.4f}"
    if np.ndim(found) == 2:
        return ", ".join(map(_told, found))
    if np.ndim(found) == 1:
        return f"({', '.join(f'{number:z.4f}' for number in found)})"
    return f"{found:.4f}"


class _Block:
    """A vector or matrix as cells that are empty until its stage is reached."""

    def __init__(self, axes: Axes, name: str, numbers: Any, corner: Any) -> None:
        self.color, edge, dash = _look(name)
        table = np.reshape(numbers, (-1, np.shape(numbers)[-1] if "W" in name else 1))
        size = CELL * table.shape[::-1]
        self.patch = Polygon(corner + size * BOX, ec="none", animated=True)
        axes.add_patch(self.patch)
        self.cells = []
        for (row, column), number in np.ndenumerate(table):
            place = corner + CELL * (column, row)
            axes.add_patch(Rectangle(place, *CELL, fc="none", ec=edge, ls=dash, lw=0.8))
            text = label(axes, *(place + CELL / 2), "", fontsize=9, **MOVING)
            text.set(color=self.color, path_effects=[])
            self.cells.append((text, f"{number:z.2f}"))
        _head(axes, name, np.shape(numbers), corner + size * (0.5, 0), self.color)

    def show(self, found: bool) -> None:
        for text, number in self.cells:
            text.set_text(number if found else "")

    def mark(self, finds: bool, reads: bool) -> None:
        """Frame and shade what the stage finds; shade lightly what it reads."""
        self.patch.set_facecolor(to_rgba(self.color, 0.22 if finds else 0.13 * reads))
        self.patch.set(edgecolor=to_rgba(self.color, finds), linewidth=2.5)


def _lay_out(axes: Axes, numbers: Numbers) -> dict[str, _Block]:
    """Set the values in a row, and under each the slopes by it."""
    blocks, left = {}, 10.0
    label(axes, left, TOP - 56, "forward → values", va="center")
    label(axes, left, BELOW - 56, "backward ← slopes of L", color=ORANGE, va="center")
    for name in BLOCKS.split():
        blocks[name] = _Block(axes, name, numbers[name], np.array([left, TOP]))
        if f"by_{name}" in numbers:
            corner = np.array([left, BELOW])
            blocks[f"by_{name}"] = _Block(
                axes, f"by_{name}", numbers[f"by_{name}"], corner
            )
        columns = numbers[name].shape[1] if "W" in name else 1
        left += columns * CELL[0] + GAP
    return blocks


def _look(name: str) -> tuple[str, str, str]:
    """Give ink, line and dashes of a block: a value, what passes through or stays."""
    if not name.startswith("by_"):
        return INK, GREY, "-"
    return (BLUE, BLUE, "--") if name[3] in "Wb" else (ORANGE, ORANGE, "-")


def _head(axes: Axes, name: str, shape: Any, place: Any, color: str) -> None:
    """Write the name and the shape of a block above it."""
    x, y = place
    label(axes, x, y - 30, name, color=color, fontsize=10, **CENTRED)
    said = (
        "()"
        if not shape
        else f"({', '.join(map(str, shape))}{',' * (len(shape) == 1)})"
    )
    label(axes, x, y - 13, said, color=GREY, fontsize=9, **CENTRED)
