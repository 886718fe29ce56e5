"""Lesson 8: one hidden bias, its roads to the loss, and the blame that comes back.

Both sliders replay in the browser.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Circle
from matplotlib.text import Text
from numpy.typing import NDArray

from chainrule_lessons.explorers.chain import MOVING, sheet
from chainrule_lessons.explorers.course import (
    Numbers,
    course_data,
    slopes_back,
    values_forward,
)
from chainrule_lessons.live import LiveFigure
from chainrule_lessons.live.slider import Slider
from chainrule_lessons.numeric import derivative
from chainrule_lessons.plotting import BLUE, GREY, INK, ORANGE, arrow, label

__all__ = ["hidden_bias"]

CENTRED = {"ha": "center", "va": "center"}
BIAS, HIDDEN, LOSS = np.array([(1.5, 4.5), (5.0, 4.5), (14.8, 4.5)])
OUTPUTS = np.array([(10.6, 6.9), (10.6, 2.4)])
ARROWS = (BIAS, HIDDEN), *((HIDDEN, o) for o in OUTPUTS), *((o, LOSS) for o in OUTPUTS)


def hidden_bias(*, predict: tuple[str, Sequence[str]] | None = None) -> LiveFigure:
    """Follow one hidden bias to the loss, and the blame back along both roads.

    The slopes appear one step at a time, the last stage's first. Orange slopes pass
    through; the blue one stays at the bias.

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
    numbers = course_data()
    numbers |= values_forward(numbers)
    numbers |= slopes_back(numbers)
    measured = [_measured(numbers, unit) for unit in range(3)]
    figure, axes = sheet()
    _draw_roads(axes, numbers)
    show = _marks(axes, numbers)

    def update(step: int, unit: int) -> str:
        show(step, unit)
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


def _marks(axes: Axes, n: Numbers) -> Callable[[int, int], None]:
    """Make what changes with the unit and the step."""
    names = [label(axes, *place, "", **MOVING) for place in (BIAS, HIDDEN)]
    values = [_beside(axes, place, 1.15, INK) for place in (BIAS, HIDDEN)]
    weights = [label(axes, 7.4, y, "", **MOVING) for y in (7.0, 2.1)]
    roads = [_beside(axes, (7.4, y), -0.6, ORANGE) for y in (7.0, 2.1)]
    by_a2, by_z2 = (
        [_beside(axes, o, -d, ORANGE) for o in OUTPUTS] for d in (1.1, 1.65)
    )
    by_a1, by_z1 = (_beside(axes, HIDDEN, -d, ORANGE) for d in (1.1, 1.65))
    by_b1 = _beside(axes, BIAS, -1.1, BLUE)

    def show(step: int, unit: int) -> None:
        for name, value, stage in zip(names, values, ("b1", "a1"), strict=True):
            name.set_text(f"{stage}[{unit}]")
            value.set_text(f"{n[stage][unit]:z.3f}")
        for k, weight in enumerate(n["W2"][:, unit]):
            weights[k].set_text(f"W2[{k}, {unit}] = {weight:z.3f}")
            _fill(by_a2[k], "by a2", n["by_a2"][k], step >= 1)
            _fill(by_z2[k], "by z2", n["by_z2"][k], step >= 2)
            _fill(roads[k], "road", weight * n["by_z2"][k], step >= 3)
        _fill(by_a1, "by a1", n["by_a1"][unit], step >= 4)
        _fill(by_z1, "by z1", n["by_z1"][unit], step >= 5)
        _fill(by_b1, "by b1", n["by_b1"][unit], step >= 5)

    return show


def _beside(axes: Axes, place: Any, above: float, color: str) -> Text:
    weight = "normal" if color == INK else "bold"
    return label(
        axes, place[0], place[1] + above, "", color=color, weight=weight, **MOVING
    )


def _fill(text: Text, name: str, slope: float, seen: bool) -> None:
    text.set_text(f"{name} {slope:z.3f}" if seen else "")


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
