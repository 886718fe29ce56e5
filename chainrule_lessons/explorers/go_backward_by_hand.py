"""Lesson 08: a greenhouse of two inputs, two neurons and one output, and its slopes.

All four figures draw the same circles and wires. Orange slopes pass through; blue ones
in a dashed frame stay with their weights and biases.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from chainrule_lessons.live import Bet, LiveFigure, Pen, Slider
from chainrule_lessons.live.neurons import bracketed
from chainrule_lessons.markdown import bet
from chainrule_lessons.marks import BLUE, CENTRED, GREEN, GREY, INK, ORANGE
from chainrule_lessons.plotting import Picture, sheet, tint

__all__ = ["backward_stepper", "greenhouse", "hidden_bias", "nine_slopes"]

Numbers = dict[str, float]

# The network: fan and heater look at degrees above 20 and wind, and bend with ReLU
# squared; the last neuron says how warm it gets inside, in degrees above 20.

W1, B1 = ((2.0, -1.0), (-0.5, 2.0)), (-1.0, -2.0)
W2, B2 = (-0.5, 2.0), 6.0
MORNINGS = {"morning 1": (3.0, 2.0, 1.0), "morning 2": (2.0, 1.0, 6.0)}  # and target


def values_forward(x: Sequence[float], target: float, fan_bias: float = -1) -> Numbers:
    """Give every number of the network by its name on the page.

    >>> found = values_forward((3, 2), 1)
    >>> found["a1[0]"], found["a1[1]"], found["y"], found["L"]
    (9.0, 0.25, 2.0, 1.0)
    """
    n = {f"x[{i}]": float(value) for i, value in enumerate(x)}
    n |= {f"W1[{j}, {i}]": W1[j][i] for j in (0, 1) for i in (0, 1)}
    n |= {"b1[0]": float(fan_bias), "b1[1]": B1[1], "b2[0]": B2, "t": float(target)}
    for j in (0, 1):
        z = sum(n[f"W1[{j}, {i}]"] * n[f"x[{i}]"] for i in (0, 1)) + n[f"b1[{j}]"]
        n |= {f"z1[{j}]": z, f"a1[{j}]": max(z, 0.0) ** 2, f"W2[0, {j}]": W2[j]}
        n[f"slope of bend[{j}]"] = 2 * max(z, 0.0)
    n["y"] = n["W2[0, 0]"] * n["a1[0]"] + n["W2[0, 1]"] * n["a1[1]"] + B2
    n["y − t"] = n["y"] - n["t"]
    return n | {"L": n["y − t"] ** 2, "2": 2.0, "1": 1.0}


class Stage(NamedTuple):
    """A slope is the product of two numbers: which slope, which two, and why."""

    finds: str
    first: str
    second: str
    why: str


STAGES = (
    Stage("y", "2", "y − t", "the slope of a square"),
    Stage("b2[0]", "by y", "1", "a bias is added as it is"),
    Stage("W2[0, 0]", "by y", "a1[0]", "a weight is multiplied by its input"),
    Stage("W2[0, 1]", "by y", "a1[1]", "a weight is multiplied by its input"),
    Stage("a1[0]", "by y", "W2[0, 0]", "back through the weight"),
    Stage("z1[0]", "by a1[0]", "slope of bend[0]", "back through the bend, 2 · z"),
    Stage("b1[0]", "by z1[0]", "1", "a bias is added as it is"),
    Stage("W1[0, 0]", "by z1[0]", "x[0]", "a weight is multiplied by its input"),
    Stage("W1[0, 1]", "by z1[0]", "x[1]", "a weight is multiplied by its input"),
    Stage("a1[1]", "by y", "W2[0, 1]", "back through the weight"),
    Stage("z1[1]", "by a1[1]", "slope of bend[1]", "back through the bend, 2 · z"),
    Stage("b1[1]", "by z1[1]", "1", "a bias is added as it is"),
    Stage("W1[1, 0]", "by z1[1]", "x[0]", "a weight is multiplied by its input"),
    Stage("W1[1, 1]", "by z1[1]", "x[1]", "a weight is multiplied by its input"),
)


def with_slopes(n: Numbers) -> Numbers:
    """Add the slope of the loss by everything, a product a stage, the last one first.

    >>> with_slopes(values_forward((3, 2), 1))["by W2[0, 0]"]
    18.0
    """
    for stage in STAGES:
        n = n | {f"by {stage.finds}": n[stage.first] * n[stage.second]}
    return n


# Circles and wires

UP, DOWN, MIDDLE = 6.7, 2.1, 4.4  # heights on the sheet
INPUTS, HIDDEN, BENT = (((x, UP), (x, DOWN)) for x in (1.0, 5.6, 8.4))
ANSWER, LOSS = (12.0, MIDDLE), (15.0, MIDDLE)
WIRES = (
    *((tail, head) for head in HIDDEN for tail in INPUTS),
    *zip(HIDDEN, BENT, strict=True),
    *((tail, ANSWER) for tail in BENT),
    (ANSWER, LOSS),
)
IN_CIRCLES = "x[0]", "x[1]", "z1[0]", "z1[1]", "a1[0]", "a1[1]", "y", "L"
CIRCLES = dict(zip(IN_CIRCLES, (*INPUTS, *HIDDEN, *BENT, ANSWER, LOSS), strict=True))
NAMES = "degrees", "wind", "fan, z", "heater, z", "a", "a", "inside, y", "loss"
ON_WIRES = {  # where the weights and biases stand, and below them the slopes by them
    "W1[0, 0]": (3.5, UP),
    "W1[0, 1]": (2.3, 3.4),
    "W1[1, 0]": (2.3, 5.4),
    "W1[1, 1]": (3.5, DOWN),
    "b1[0]": (5.6, UP - 1.2),
    "b1[1]": (5.6, DOWN + 1.85),
    "W2[0, 0]": (10.0, 5.66),
    "W2[0, 1]": (10.0, 3.14),
    "b2[0]": (12.0, MIDDLE - 1.2),
}
BELOW, LIFT = 0.6, 0.3


def _said(number: float, digits: int = 6) -> str:
    """Write a number as on paper, with a minus and without needless zeros."""
    return f"{round(number, 4) + 0.0:.{digits}g}".replace("-", "−")


def _draw_network(pen: Pen, n: Numbers, lift: float = 0.0) -> None:
    """Draw circles and wires with their values, lifted where slopes stand below."""
    for tail, head in WIRES:
        pen.line(*np.transpose([tail, head]), "-", GREY, 1.2)
    for (name, (x, y)), said in zip(CIRCLES.items(), NAMES, strict=True):
        above = -1.15 if y == DOWN else 1.15
        pen.words(x, y + above, said, "#555555", **CENTRED)
        pen.circle(x, y, 46, _said(n[name], 4), lift=lift)
    for name, (x, y) in ON_WIRES.items():
        text = f"bias {_said(n[name])}" if name[0] == "b" else _said(n[name])
        pen.words(x, y, text, INK, halo=5, **CENTRED)
    pen.words(15.0, MIDDLE - 1.2, f"target {_said(n['t'])}", "#555555", **CENTRED)


def _draw_slope(pen: Pen, name: str, text: str) -> None:
    """Write a slope of the loss: blue and framed where it stays, orange elsewhere."""
    if name in CIRCLES:
        x, y = CIRCLES[name]
        pen.words(x, y - 0.35, text, ORANGE, weight="bold", halo=0, **CENTRED)
    else:
        x, y = ON_WIRES[name]
        # Letters have a size in points, and on a projector the sheet has fewer of them.
        wide = (2.3 + 1.34 * len(text)) / pen.axes.figure.get_figwidth()
        edge = {"edgecolor": BLUE, "ls": "--"}
        pen.box(x, y - BELOW, (wide, 0.5), "white", text, BLUE, fontsize=11, **edge)


def greenhouse() -> Picture:
    """Draw the network with its numbers, its inputs, and no slope yet.

    Examples
    --------
    >>> greenhouse()
    Inputs 3 and 2. It says 2 where 1 was right, so the loss is 1.
    """
    figure, axes = sheet()
    _draw_network(Pen(axes), values_forward((3, 2), 1))
    said = "Inputs 3 and 2. It says 2 where 1 was right, so the loss is 1."
    return Picture(figure, said)


# One hidden bias

LOW, HIGH = -1.5, -0.7  # of the bias; the answer sinks, and stays above its target
TRACK = 3.6, 7.6


def hidden_bias(*, predict: Bet | None = bet("hidden_bias")) -> LiveFigure:
    """Turn the fan's bias and watch the numbers to the right of it.

    Parameters
    ----------
    predict : tuple, optional
        As in `LiveFigure`; None: no bet.

    Returns
    -------
    LiveFigure
        With the slider ``bias``.

    Examples
    --------
    >>> hidden_bias()
    Bias −1: fan z = 3, a = 9. The answer is 2, the loss 1.
    """
    figure, axes = sheet()
    pen = Pen(axes)

    def update(bias: float) -> str:
        n = values_forward((3, 2), 1, bias)
        _draw_network(pen, n)
        _draw_track(pen, (bias - LOW) / (HIGH - LOW), "bias", "the fan's bias")
        z, a, y, loss = (_said(n[name]) for name in ("z1[0]", "a1[0]", "y", "L"))
        bias = _said(bias)
        return f"Bias {bias}: fan z = {z}, a = {a}. The answer is {y}, the loss {loss}."

    bias = Slider(LOW, HIGH, step=0.05, value=-1, label="the fan's bias")
    return LiveFigure(figure, update, predict=predict, bias=bias)


def _draw_track(pen: Pen, part: float, slider: str, name: str) -> None:
    """Draw a slider's way above the network, and a dot to drag along it."""
    (low, high), y = TRACK, 8.5
    pen.line(TRACK, y, "-", GREY, 3)
    pen.words(high + 0.5, y, name, GREEN, va="center")
    pen.dot(low + part * (high - low), y, GREEN, grab=slider, markersize=11)


# The stepper


def backward_stepper(*, predict: Bet | None = bet("backward_stepper")) -> LiveFigure:
    """Walk from the loss back to the inputs, a slope at a time: first asked, then told.

    Parameters
    ----------
    predict : tuple, optional
        As in `LiveFigure`; None: no bet.

    Returns
    -------
    LiveFigure
        With the sliders ``step``, odd where it asks and even where it has told, and
        ``morning``.

    Examples
    --------
    >>> live = backward_stepper()
    >>> live.set(step=5)
    >>> live
    Step 5 of 28, slope by W2[0, 0]: a weight is multiplied by its input, 2 · 9 = ?
    """
    figure, axes = sheet()
    pen = Pen(axes)
    found = {
        name: with_slopes(values_forward((degrees, wind), target))
        for name, (degrees, wind, target) in MORNINGS.items()
    }

    def update(step: int, morning: str) -> str:
        n = found[morning]
        if step:
            _mark_read(pen, STAGES[(step - 1) // 2])
        _draw_network(pen, n, LIFT)
        for stage in STAGES[: step // 2]:
            _draw_slope(pen, stage.finds, _said(n[f"by {stage.finds}"]))
        if step % 2:
            _draw_slope(pen, STAGES[step // 2].finds, "?")
        said = _told(n, step)
        return f"Step {step} of {2 * len(STAGES)}, {said}"

    step = Slider(0, 2 * len(STAGES), value=0, label="step", play=True)
    morning = Slider(options=list(MORNINGS), label="inputs of")
    return LiveFigure(figure, update, predict=predict, step=step, morning=morning)


def _mark_read(pen: Pen, stage: Stage) -> None:
    """Shade where the two numbers stand that are multiplied."""
    for name in stage[1:3]:
        # The slope of the bend is made of z, and the error of y.
        name = name.removeprefix("by ").replace("slope of bend", "z1").split(" −")[0]
        place, size = CIRCLES.get(name) or ON_WIRES.get(name), (1.2, 0.6)
        if place:
            pen.box(*place, (1.9, 1.9) if name in CIRCLES else size, tint(GREEN, 0.3))


def _told(n: Numbers, step: int) -> str:
    """Say the product of a step, with or without its result."""
    if not step:
        return f"forward: the answer {_said(n['y'])}, the loss {_said(n['L'])}."
    stage = STAGES[(step - 1) // 2]
    first, second = (bracketed(round(n[name], 4)) for name in stage[1:3])
    end = "?" if step % 2 else f"{_said(n[f'by {stage.finds}'])}."
    return f"slope by {stage.finds}: {stage.why}, {first} · {second} = {end}"


# All nine at once


def nine_slopes() -> LiveFigure:
    """Move inputs and target, and see all nine slopes follow.

    Returns
    -------
    LiveFigure
        With the sliders ``degrees``, ``wind`` and ``target``.

    Examples
    --------
    >>> nine_slopes()
    The answer is 2, the target 1. Not 0: 9 of nine slopes, the largest in size 18.
    """
    figure, axes = sheet()
    pen = Pen(axes)
    own = [stage.finds for stage in STAGES if stage.finds[0] in "Wb"]

    def update(degrees: float, wind: float, target: float) -> str:
        n = with_slopes(values_forward((degrees, wind), target))
        _draw_network(pen, n, LIFT)
        for stage in STAGES:
            _draw_slope(pen, stage.finds, _said(n[f"by {stage.finds}"], 4))
        _draw_track(pen, (target + 8) / 22, "target", "the target")
        slopes = [n[f"by {name}"] for name in own]
        largest = max(slopes, key=abs)
        return (
            f"The answer is {_said(n['y'])}, the target {_said(target)}. "
            f"Not 0: {np.count_nonzero(slopes)} of nine slopes, "
            f"the largest in size {_said(largest)}."
        )

    degrees = Slider(-2, 4, step=1, value=3, label="degrees above 20")
    wind = Slider(0, 3, step=0.5, value=2, label="wind in m/s")
    target = Slider(-8, 14, step=0.5, value=1, label="target")
    return LiveFigure(figure, update, degrees=degrees, wind=wind, target=target)
