"""Lesson 08: the whole pass through the 4-3-2 network, and one hidden bias of it.

The pass is written with NumPy alone, a stage a line. Orange slopes pass through;
blue, dashed ones stay with their weights and biases.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.patches import Circle, Rectangle
from numpy.typing import NDArray

from chainrule_lessons.datasets import course_network
from chainrule_lessons.live import LiveFigure, Pen, Slider
from chainrule_lessons.numeric import derivative
from chainrule_lessons.plotting import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    arrow,
    label,
    sheet,
    subplots,
)

__all__ = ["backward_stepper", "hidden_bias"]

Numbers = dict[str, NDArray[np.floating]]
CENTRED = {"ha": "center", "va": "center"}


# The pass


def course_data() -> Numbers:
    """Give W1 (3, 4), b1, W2 (2, 3), b2, the input x (4,) and the target t (2,)."""
    net, x, target = course_network()
    W1, b1, W2, b2 = (parameter.data for parameter in net.parameters())
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2, "x": x, "t": target}


def values_forward(n: Numbers) -> Numbers:
    """Give the value of every stage: z1, a1, z2, a2, and the loss L.

    >>> round(float(values_forward(course_data())["L"]), 6)
    1.64093
    """
    z1 = n["W1"] @ n["x"] + n["b1"]
    a1 = np.tanh(z1)
    z2 = n["W2"] @ a1 + n["b2"]
    a2 = np.tanh(z2)
    return {"z1": z1, "a1": a1, "z2": z2, "a2": a2, "L": np.sum((a2 - n["t"]) ** 2)}


def slopes_back(n: Numbers) -> Numbers:
    """Give the slope of the loss by every stage, weight and bias: by_a2, by_z2, ..."""
    by_a2 = 2 * (n["a2"] - n["t"])
    by_z2 = by_a2 * (1 - n["a2"] ** 2)
    by_W2 = np.outer(by_z2, n["a1"])
    by_a1 = n["W2"].T @ by_z2
    by_z1 = by_a1 * (1 - n["a1"] ** 2)
    by_W1 = np.outer(by_z1, n["x"])
    slopes = {"a2": by_a2, "z2": by_z2, "b2": by_z2, "W2": by_W2}
    slopes |= {"a1": by_a1, "z1": by_z1, "b1": by_z1, "W1": by_W1}
    return {f"by_{name}": slope for name, slope in slopes.items()}


def _whole_pass() -> Numbers:
    numbers = course_data()
    numbers |= values_forward(numbers)
    return numbers | slopes_back(numbers)


# The stepper

CELL = np.array([39.0, 23.0])  # CSS pixels
GAP = 14.0
TOP, MIDDLE, BELOW = 78.0, 202.0, 316.0
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
    framed, what it reads is shaded.

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
    numbers = _whole_pass()
    figure, axes = subplots(size=(8, 4))
    axes.set(xlim=(0, 800), ylim=(400, 0))
    axes.set_axis_off()
    blocks, pen = _lay_out(axes, numbers), Pen(axes)

    def update(step: int) -> str:
        found = " ".join([GIVEN, *(stage.finds for stage in STEPS[: step + 1])]).split()
        stage = STEPS[step]
        for block in blocks:
            finds = block.name in stage.finds.split()
            block.mark(pen, finds, reads=block.name in stage.reads.split())
            if block.name in found:
                block.write(pen)
        pen.words(400, MIDDLE, stage.formula, fontsize=13, **CENTRED)
        pen.words(400, MIDDLE + 27, stage.entry, "#555555", **CENTRED)
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


class _Block(NamedTuple):
    """A vector or matrix as cells that are empty until its stage is reached."""

    name: str
    middle: NDArray[np.floating]
    size: tuple[float, float]
    cells: list[tuple[float, float, str]]

    def mark(self, pen: Pen, finds: bool, reads: bool) -> None:
        """Frame and shade what the stage finds; shade lightly what it reads."""
        color = _ink(self.name)
        edge = {"edgecolor": to_rgba(color, finds), "linewidth": 2.5}
        shade = to_rgba(color, 0.22 if finds else 0.13 * reads)
        pen.box(*self.middle, self.size, shade, **edge)

    def write(self, pen: Pen) -> None:
        """Write the number of every cell."""
        color = _ink(self.name)
        for x, y, number in self.cells:
            pen.words(x, y, number, color, "center", "center", fontsize=9, halo=0)


def _ink(name: str) -> str:
    """Give the colour of a value, of what passes through, or of what stays."""
    if not name.startswith("by_"):
        return INK
    return BLUE if name[3] in "Wb" else ORANGE


def _lay_out(axes: Axes, numbers: Numbers) -> list[_Block]:
    """Set the values in a row, and under each the slopes by it."""
    blocks, left = [], 10.0
    label(axes, left, TOP - 56, "forward → values", va="center")
    label(axes, left, BELOW - 56, "backward ← slopes of L", color=ORANGE, va="center")
    for name in BLOCKS.split():
        for own, top in ((name, TOP), (f"by_{name}", BELOW)):
            if own in numbers:
                blocks.append(_drawn(axes, own, numbers[own], np.array([left, top])))
        columns = numbers[name].shape[1] if "W" in name else 1
        left += columns * CELL[0] + GAP
    return blocks


def _drawn(axes: Axes, name: str, numbers: Any, corner: Any) -> _Block:
    """Draw a block's empty cells, with its name and its shape above them."""
    table = np.reshape(numbers, (-1, np.shape(numbers)[-1] if "W" in name else 1))
    size, cells = CELL * table.shape[::-1], []
    edge = {"ec": GREY if _ink(name) == INK else _ink(name), "fc": "none", "lw": 0.8}
    for (row, column), number in np.ndenumerate(table):
        place = corner + CELL * (column, row)
        dash = "--" if _ink(name) == BLUE else "-"
        axes.add_patch(Rectangle(place, *CELL, ls=dash, **edge))
        cells.append((*(place + CELL / 2).tolist(), f"{number:z.2f}"))
    x, y = corner + size * (0.5, 0)
    label(axes, x, y - 30, name, color=_ink(name), fontsize=10, **CENTRED)
    shape = str(np.shape(numbers))
    label(axes, x, y - 13, shape, color=GREY, fontsize=9, **CENTRED)
    return _Block(name, corner + size / 2, tuple(size), cells)


# One hidden bias

BIAS, HIDDEN, LOSS = np.array([(1.5, 4.5), (5.0, 4.5), (14.8, 4.5)])
OUTPUTS = np.array([(10.6, 6.9), (10.6, 2.4)])
ARROWS = (BIAS, HIDDEN), *((HIDDEN, o) for o in OUTPUTS), *((o, LOSS) for o in OUTPUTS)
ROADS = 7.0, 2.1  # the heights of what is written on the two roads


def hidden_bias(*, predict: tuple[str, Sequence[str]] | None = None) -> LiveFigure:
    """Follow one hidden bias to the loss, and the blame back along both roads.

    The slopes appear one step at a time, the last stage's first.

    Parameters
    ----------
    predict : tuple of (str, sequence of str), optional
        A question whose answer unlocks the sliders.

    Returns
    -------
    LiveFigure
        With the sliders ``step``, from 0 to 5, and ``unit``, the hidden unit.

    Raises
    ------
    TypeError
        If `predict` is no question with choices.

    Examples
    --------
    >>> live = hidden_bias()
    >>> live.set(step=5)
    >>> live
    Unit 0, by its bias: × (1 − a1²) = × 0.8288 makes -0.4014; measured -0.4014.
    """
    numbers = _whole_pass()
    measured = [_measured(numbers, unit) for unit in range(3)]
    figure, axes = sheet()
    _draw_roads(axes, numbers)
    pen = Pen(axes)

    def update(step: int, unit: int) -> str:
        _write_values(pen, numbers, unit)
        for place, down, text, color in _slopes(numbers, step, unit):
            look = CENTRED | {"weight": "bold"}
            pen.words(place[0], place[1] - down, text, color, **look)
        end = f"; measured {measured[unit]:z.4f}." if step == 5 else "."
        return f"Unit {unit}, {_said(numbers, unit)[step]}{end}"

    return LiveFigure(
        figure,
        update,
        predict=predict,
        step=Slider(0, 5, value=0, label="step backward", play=True),
        unit=Slider(0, 2, value=0, label="hidden unit"),
    )


def _measured(numbers: Numbers, unit: int) -> float:
    """Measure the slope of the loss by a hidden bias."""

    def loss_at(bias: float) -> Any:
        biases = np.where(np.arange(3) == unit, bias, numbers["b1"])
        return values_forward(numbers | {"b1": biases})["L"]

    return float(derivative(loss_at, numbers["b1"][unit]))


def _said(numbers: Numbers, unit: int) -> tuple[str, ...]:
    """Say what each step finds."""
    n = numbers
    shares = n["W2"][:, unit] * n["by_z2"]
    bend = 1 - n["a1"][unit] ** 2
    return (
        f"forward: outputs {_pair(n['a2'])}, targets {_pair(n['t'])}, loss {n['L']:.4f}",
        f"by the outputs: 2 (a2 − t) = {_pair(n['by_a2'])}",
        f"by the pre-activations: × (1 − a2²) makes {_pair(n['by_z2'])}",
        f"along the roads: × weight makes {_pair(shares)}",
        f"by its activation: the roads add up to {n['by_a1'][unit]:z.4f}",
        f"by its bias: × (1 − a1²) = × {bend:.4f} makes {n['by_b1'][unit]:z.4f}",
    )


def _pair(numbers: NDArray[np.floating]) -> str:
    return " and ".join(f"{number:z.4f}" for number in numbers)


def _write_values(pen: Pen, n: Numbers, unit: int) -> None:
    """Write what changes with the unit: the names, the values and the two weights."""
    for (x, y), stage in ((BIAS, "b1"), (HIDDEN, "a1")):
        pen.words(x, y, f"{stage}[{unit}]", **CENTRED)
        pen.words(x, y + 1.15, f"{n[stage][unit]:z.3f}", **CENTRED)
    for k, y in enumerate(ROADS):
        pen.words(7.4, y, f"W2[{k}, {unit}] = {n['W2'][k, unit]:z.3f}", **CENTRED)


def _slopes(n: Numbers, step: int, unit: int) -> list[tuple[Any, float, str, str]]:
    """List what is known by this step: where, how far below, the slope, its colour."""
    roads = n["W2"][:, unit] * n["by_z2"]
    rows = [(1, o, 1.1, "by a2", n["by_a2"][k]) for k, o in enumerate(OUTPUTS)]
    rows += [(2, o, 1.65, "by z2", n["by_z2"][k]) for k, o in enumerate(OUTPUTS)]
    rows += [(3, (7.4, y), 0.6, "road", roads[k]) for k, y in enumerate(ROADS)]
    rows += [(4, HIDDEN, 1.1, "by a1", n["by_a1"][unit])]
    rows += [(5, HIDDEN, 1.65, "by z1", n["by_z1"][unit])]
    rows += [(5, BIAS, 1.1, "by b1", n["by_b1"][unit])]
    return [
        (place, down, f"{name} {slope:z.3f}", BLUE if place is BIAS else ORANGE)
        for seen, place, down, name, slope in rows
        if step >= seen
    ]


def _draw_roads(axes: Axes, n: Numbers) -> None:
    for tail, head in ARROWS:
        along = (head - tail) / np.hypot(*(head - tail))
        arrow(axes, tail + 0.9 * along, head - 0.9 * along, color=GREY, width=1.4)
    for place in (BIAS, HIDDEN, *OUTPUTS, LOSS):
        edge, dash = (BLUE, "--") if place is BIAS else (INK, "-")
        axes.add_patch(Circle(place, 0.75, facecolor="white", edgecolor=edge, ls=dash))
    for k, (x, y) in enumerate(OUTPUTS):
        label(axes, x, y, f"a2[{k}]", **CENTRED)
        label(axes, x, y + 1.15, f"{n['a2'][k]:z.3f}", **CENTRED)
        beside = y - 0.35 if y > LOSS[1] else y + 0.15
        label(axes, x + 1.9, beside, f"target {n['t'][k]:z.3f}", va="center")
    label(axes, *LOSS, "L", **CENTRED)
    label(axes, LOSS[0], LOSS[1] + 1.15, f"{n['L']:.3f}", **CENTRED)
