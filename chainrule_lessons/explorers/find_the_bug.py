"""Lesson 12: a sick network, and its two instruments.

Green is healthy, black is the patient: the loss curves on the left, and on the right
each slope that a step used, over the measured one.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from chainrule_lessons.clinic import PATIENTS, STEPS, Look, Record, record
from chainrule_lessons.live import LiveFigure, Pen, Slider
from chainrule_lessons.plotting import (
    GREEN,
    GREY,
    INK,
    Picture,
    arrow,
    label,
    subplots,
    tint,
)
from chainrule_lessons.validation import whole_number

__all__ = ["clinic", "examine", "race"]

LOOKS = (0, 1, 2, 5, 10, 20, 50, 100, 200)
RIGHT = 1e-5  # an error that measuring alone can make
KEPT = slice(None, None, 4)  # a point for each round through the sixteen samples
SHOWN = np.arange(STEPS + 1)[KEPT]
BIAS = 4.8  # its column, right of the weights
CHOICES = {"the curves": "", "the check of A": "A", "the check of B": "AB"}
CENTRED = {"ha": "center", "va": "center"}


def clinic(name: str = "12.2") -> LiveFigure:
    """Walk through the clinic: choose a patient, and a step at which to check it.

    Parameters
    ----------
    name : str, optional
        The patient to begin with.

    Returns
    -------
    LiveFigure
        With the sliders ``patient`` and ``step``.

    Examples
    --------
    >>> clinic()
    Loss 0.01596 after 300 steps, healthy 0.00398. At step 0, 20 of 30 slopes are wrong.
    """
    figure, *pens = _instruments()
    titles = {f"{n} {patient.part.__name__}": n for n, patient in PATIENTS.items()}

    def update(patient: str, step: int) -> str:
        return _show(*pens, _known(patient, False), _known(patient, True), step)

    return LiveFigure(
        figure,
        update,
        patient=Slider(options=titles, value=name, label="patient"),
        step=Slider(options=LOOKS, label="check at step"),
    )


def examine(name: str, part: Any, step: int = 0) -> Picture:
    """Put a part into a patient's place, train, and show what both instruments say.

    Parameters
    ----------
    name : str
        The patient, for instance ``"12.2"``.
    part : type or callable
        Your version of the block, the loss or the training step.
    step : int, optional
        The step at which to look at the slopes.

    Returns
    -------
    Picture

    Raises
    ------
    TypeError, ValueError
        For a patient that is not there, and a step that is none of the training's.

    Examples
    --------
    >>> from chainrule_lessons import Tanh
    >>> examine("12.2", Tanh)
    Loss 0.00398 after 300 steps, healthy 0.00398. At step 0, 0 of 30 slopes are wrong.
    """
    step = whole_number(step, "examine: step")
    if step > STEPS:
        raise ValueError(f"examine: step must be {STEPS} or less, got {step}")
    sick = record(name, part, looks=[step])
    figure, *pens = _instruments()
    return Picture(figure, _show(*pens, sick, _known(name, True), step))


@cache
def _known(name: str, healthy: bool) -> Record:
    """Record a patient of the package, or the same one healed."""
    part = PATIENTS[name].healthy if healthy else None
    return record(name, part, looks=() if healthy else LOOKS)


# The two instruments


def _instruments() -> tuple[Figure, Pen, Pen]:
    """Draw what stands still: the axes of the curves, and the headings of the cells."""
    figure, (left, right) = subplots(1, 2, size=(8, 3.5), width_ratios=[1, 1.35])
    left.set(xlim=(-6, STEPS), ylim=(1e-5, 30), yscale="log")
    left.set(xlabel="step", ylabel="loss")
    corner = {"transform": left.transAxes, "ha": "right", "va": "top"}
    label(left, 0.99, 0.99, "healthy", color=GREEN, **corner)
    label(left, 0.99, 0.91, "patient", **corner)
    right.set(xlim=(-1.5, 5.5), ylim=(7.0, -1.3))
    right.set_axis_off()
    label(right, 1.5, -0.9, "weights", **CENTRED)
    label(right, BIAS, -0.9, "bias", **CENTRED)
    label(right, 1.5, 4.25, "the bend between the layers", color=GREY, **CENTRED)
    for layer, middle in (("1", 1.5), ("2", 5.5)):
        label(right, -0.95, middle, layer, color=GREY, va="center")
    arrow(right, (-1.2, 6.6), (-1.2, -0.4), color=GREY)
    label(right, -1.2, -0.9, "back", color=GREY, **CENTRED)
    return figure, Pen(left), Pen(right)


def _show(left: Pen, right: Pen, sick: Record, well: Record, step: int) -> str:
    """Draw both curves, and the slopes at a step; return the caption."""
    left.line(SHOWN, well.losses[KEPT], color=GREEN, width=4)
    left.line(SHOWN, sick.losses[KEPT])
    left.dot(step, sick.losses[step])
    looks = sick.looks.get(step)
    if looks is not None:
        _fill(right, looks)
    return f"{_fate(sick, well)} {_finding(looks, step)}"


def _cells() -> list[tuple[float, float]]:
    """Say where the slopes stand, in the order of the parameters."""
    places: list[tuple[float, float]] = []
    for columns, rows in ((4, range(4)), (4, range(5, 7))):
        places += [(column, row) for row in rows for column in range(columns)]
        places += [(BIAS, row) for row in rows]
    return places


CELLS = _cells()


def _fill(pen: Pen, looks: Sequence[Look]) -> None:
    """Fill a cell for every weight and bias: the slope used over the one measured."""
    ratios = np.concatenate([look.ratio.ravel() for look in looks])
    errors = np.concatenate([look.error.ravel() for look in looks])
    darkness = 0.5 + 0.14 * np.log10(errors.clip(1e-3, 1.0))
    for place, ratio, right, dark in zip(
        CELLS, ratios, errors < RIGHT, darkness, strict=True
    ):
        color = tint(GREEN, 0.25) if right else tint(INK, dark)
        pen.box(*place, (0.94, 0.9), color, "1" if right else short(ratio))


def short(ratio: float) -> str:
    """Write a ratio that is not 1 in five characters at most.

    >>> short(0.5), short(1.004), short(-345.6), short(1e4)
    ('0.5', '≈1', '-346', 'huge')
    """
    if not abs(ratio) < 999.5:
        return "huge"
    if abs(ratio) < 0.1:
        return f"{ratio:z.2f}"
    text = f"{ratio:.2g}" if abs(ratio) < 10 else f"{ratio:.0f}"
    return "≈1" if text == "1" else text


def _fate(sick: Record, well: Record) -> str:
    healthy = f"healthy {well.losses[-1]:.5f}."
    if sick.lasted < STEPS:
        return f"The loss leaves all bounds after {sick.lasted} steps, {healthy}"
    return f"Loss {sick.losses[-1]:.5f} after {STEPS} steps, {healthy}"


def _finding(looks: Sequence[Look] | None, step: int) -> str:
    if looks is None:
        return f"At step {step} nothing is left to check."
    wrong = sum(int((look.error >= RIGHT).sum()) for look in looks)
    every = sum(look.error.size for look in looks)
    return f"At step {step}, {wrong} of {every} slopes are wrong."


# The race


def race(predict: tuple[str, Sequence[str]] | None = None) -> LiveFigure:
    """Let two networks learn, one healthy and one not, and tell which is which.

    Parameters
    ----------
    predict : tuple of (str, sequence of str), optional
        A question whose answer unlocks the slider.

    Returns
    -------
    LiveFigure
        With the slider ``show``: the curves alone, or a check as well.

    Examples
    --------
    >>> race()
    After 300 steps the loss of A is 0.00398, that of B 0.00003.
    """
    runs = {"A": record("12.5", PATIENTS["12.5"].healthy), "B": record("12.5")}
    times = {name: _used_over_measured(run) for name, run in runs.items()}
    a, b = (run.losses[-1] for run in runs.values())
    figure, axes = subplots()
    _draw_race(axes, runs)
    pen = Pen(axes)

    def update(show: str) -> str:
        found = f"After {STEPS} steps the loss of A is {a:.5f}, that of B {b:.5f}."
        for name in show:
            y = 1.6 * runs[name].losses[200]
            pen.words(240, y, f"{times[name]:.2f} × measured", ha="center", va="bottom")
            found += f" {name} uses {times[name]:.2f} times the slopes."
        return found

    return LiveFigure(figure, update, predict=predict, show=Slider(options=CHOICES))


def _used_over_measured(run: Record) -> float:
    return float(np.median([np.median(look.ratio) for look in run.looks[0]]))


def _draw_race(axes: Axes, runs: dict[str, Record]) -> None:
    axes.set(xlim=(0, STEPS), ylim=(1e-5, 3), yscale="log")
    axes.set(xlabel="step", ylabel="loss")
    for (name, run), style in zip(runs.items(), ("-", "--"), strict=True):
        axes.plot(SHOWN, run.losses[KEPT], style, color=INK)
        label(axes, 160, 1.6 * run.losses[160], name, ha="center", va="bottom")
