"""Neurons as they are drawn: circles and wires with numbers, and a shade over a plane."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule_lessons.live.pen import Pen
from chainrule_lessons.marks import GREEN, GREY, INK

__all__ = ["answers", "bracketed", "circles", "column", "layer", "said", "shade"]

Array = NDArray[np.floating]
TINTS = np.array([0.1, 0.5, 0.9])  # outputs at which the shade deepens
SHIFTS = np.log(TINTS / (1 - TINTS))  # the pre-activations that give them


def said(number: float) -> str:
    """Write a number as on paper, with a true minus."""
    return f"{number:zg}".replace("-", "−")


def bracketed(number: float) -> str:
    """Write a number as on paper where it is a factor.

    >>> bracketed(-2.0)
    '(−2)'
    """
    return said(number) if number >= 0 else f"({said(number)})"


# Circles and wires, for layers of one neuron or two

UP, DOWN, MIDDLE = 6.4, 2.2, 4.3  # heights on the sheet
HEIGHTS = {1: (MIDDLE,), 2: (UP, DOWN)}


def column(pen: Pen, x: float, texts: Iterable[str], names: Sequence[str]) -> None:
    """Draw the circles of a layer with what stands in them, each with its name."""
    for y, text, name in zip(HEIGHTS[len(names)], texts, names, strict=True):
        pen.circle(x, y, 40, text, fontsize=13)
        pen.words(x, y + 1.0, name, GREY, "center")


def layer(
    pen: Pen,
    left: float,
    right: float,
    weight: Array,
    bias: Array,
    lit: int | None = None,
) -> None:
    """Draw the wires into a layer, each with its weight on it, and the biases.

    A weight stands nearer to its tail, where wires lie apart. One neuron may be lit;
    the others are grey then.
    """
    tails, heads = (HEIGHTS[n] for n in weight.shape[::-1])
    for j, head in enumerate(heads):
        color, width = (INK, 2) if lit in (None, j) else (GREY, 1)
        for tail, w in zip(tails, weight[j], strict=True):
            pen.line((left, right), (tail, head), "-", color, width)
            x, y = 0.7 * np.array((left, tail)) + 0.3 * np.array((right, head))
            pen.words(x, y, said(w), color, "center", "center", halo=9)
        pen.words(right, head - 1.35, f"bias {said(bias[j])}", color, "center")


# A plane of two inputs


def circles(
    pen: Pen, places: Any, fill: str, size: float = 8, grab: str | None = None
) -> None:
    """Draw places as circles of a filling of their own."""
    look = {"markersize": size, "markerfacecolor": fill, "markeredgewidth": 1.5}
    pen.dot(*np.transpose(places), grab=grab, **look)


def answers(pen: Pen, places: Array, target: Array) -> None:
    """Draw places as circles: filled where the target is 1, hollow where 0."""
    circles(pen, places[target == 0], "white")
    circles(pen, places[target == 1], GREEN)


def shade(pen: Pen, low: Array, high: Array, w: Array, b: float) -> None:
    """Draw a neuron over a box: steps of shade, its line, and its weights."""
    planes = half_planes(low, high, w, b - SHIFTS)
    for corners in planes:
        pen.shape(corners, GREEN, alpha=0.15)
    edge = planes[1, :2]
    foot = edge.mean(axis=0)
    head = foot + 0.05 * np.hypot(*(high - low)) * w
    if w.any():
        pen.line(*edge.T)
        pen.dot(*foot, INK, grab="bias")
    if ((low < head) & (head < high)).all():
        pen.arrow(foot, head)


def half_planes(low: Array, high: Array, w: Array, biases: Array) -> Array:
    """Return four corners of where w·p + b > 0, for each b of `biases`.

    The first two lie on the line, far apart; all of the box from `low` to `high`
    that is on the positive side lies inside. Without weights that is all or none.
    """
    centre, reach = (low + high) / 2, np.hypot(*(high - low)) / 2
    length = np.hypot(*w)
    across = w / length if length else np.array([1.0, 0.0])
    distances = (w @ centre + biases) / (length or 1e-9)
    feet = centre - np.clip(distances, -reach, reach)[:, None] * across
    along, depth = 2 * reach * across[::-1] * (-1, 1), 3 * reach * across
    return feet[:, None] + [-along, along, along + depth, depth - along]
