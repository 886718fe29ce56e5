"""The live figures of lesson 12: a sick network, and its two instruments.

Green is healthy, black is the patient: the loss curves on the left, and on the right
each slope that a step used, over the measured one. Every slider replays in the browser.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from chainrule_lessons.clinic import PATIENTS, STEPS, Look, Record, record
from chainrule_lessons.explorers.jacobian import Tile
from chainrule_lessons.live import LiveFigure
from chainrule_lessons.live.slider import Slider
from chainrule_lessons.plotting import (
    GREEN,
    GREY,
    INK,
    Picture,
    arrow,
    label,
    lessons_style,
    subplots,
)
from chainrule_lessons.validation import whole_number

__all__ = ["clinic", "examine", "race"]

LOOKS = (0, 1, 2, 5, 10, 20, 50, 100, 200)
RIGHT = 1e-5  # an error that measuring alone can make
SHAPES = ((4, 4), (2, 4))  # the weights of the two layers
TOPS = (0.0, 5.0)  # where their rows begin
KEPT = slice(None, None, 4)  # a point for each round through the sixteen samples
CHOICES = {"the curves": "", "the check of A": "A", "the check of B": "AB"}
CENTRED = {"ha": "center", "va": "center"}


class Curves:
    """The loss of a sick and of a healthy network, step by step."""

    def __init__(self, axes: Axes) -> None:
        axes.set(xlim=(-6, STEPS), ylim=(1e-5, 30), yscale="log")
        axes.set(xlabel="step", ylabel="loss")
        with lessons_style():
            (self.well,) = axes.plot([], [], color=GREEN, linewidth=4, animated=True)
            (self.sick,) = axes.plot([], [], color=INK, animated=True)
            (self.dot,) = axes.plot([], [], "o", color=INK, animated=True)
        place = {"transform": axes.transAxes, "ha": "right", "va": "top"}
        label(axes, 0.99, 0.99, "healthy", color=GREEN, **place)
        label(axes, 0.99, 0.91, "patient", **place)

    def show(self, sick: Record, well: Record, look: int) -> None:
        """Draw both curves, and a dot where the slopes are looked at."""
        steps = np.arange(STEPS + 1)[KEPT]
        self.well.set_data(steps, well.losses[KEPT])
        self.sick.set_data(steps, sick.losses[KEPT])
        self.dot.set_data([look], [sick.losses[look]])


class Slopes:
    """A cell for every weight and bias: the slope used over the slope measured."""

    def __init__(self, axes: Axes) -> None:
        axes.set(xlim=(-1.5, 5.5), ylim=(7.0, -1.3))
        axes.set_axis_off()
        label(axes, 1.5, -0.9, "weights", **CENTRED)
        label(axes, 4.8, -0.9, "bias", **CENTRED)
        arrow(axes, (-1.2, 6.6), (-1.2, -0.4), color=GREY)
        label(axes, -1.2, -0.9, "back", color=GREY, **CENTRED)
        self.tiles = []
        for number, (top, shape) in enumerate(zip(TOPS, SHAPES, strict=True), 1):
            middle = top + (shape[0] - 1) / 2
            label(axes, -0.95, middle, str(number), color=GREY, va="center")
            self.tiles.append(
                [
                    [self._tile(axes, j, i + top) for j in range(shape[1])]
                    for i in range(shape[0])
                ]
            )
            self.tiles.append([self._tile(axes, 4.8, i + top) for i in range(shape[0])])
        label(axes, 1.5, 4.25, "the bend between the layers", color=GREY, **CENTRED)

    @staticmethod
    def _tile(axes: Axes, x: float, y: float) -> Tile:
        tile = Tile(axes, (0.94, 0.9), INK, edgecolor="none")
        tile.move_to((x, y))
        return tile

    def show(self, looks: Sequence[Look] | None) -> None:
        """Write every ratio into its cell; blank cells where nobody could look."""
        for tiles, look in zip(self.tiles, looks or [None] * 4, strict=True):
            for index, tile in np.ndenumerate(np.array(tiles, dtype=object)):
                if look is None:
                    tile.show("", 0.0)
                else:
                    _mark(tile, look.ratio[index], look.error[index])


def _mark(tile: Tile, ratio: float, error: float) -> None:
    """Green and 1 where a slope is right; else the darker the further off it is."""
    if error < RIGHT:
        tile.show("1", 0.25, GREEN)
    else:
        depth = 0.5 + 0.14 * np.log10(np.clip(error, 1e-3, 1.0))
        tile.show(_short(ratio), depth)


def _short(ratio: float) -> str:
    """Write a ratio that is not 1 in five characters at most."""
    if not abs(ratio) < 999.5:
        return "huge"
    if abs(ratio) < 0.1:
        return f"{ratio:z.2f}"
    text = f"{ratio:.2g}" if abs(ratio) < 10 else f"{ratio:.0f}"
    return "≈1" if text == "1" else text


class Chart:
    """Both instruments side by side."""

    def __init__(self) -> None:
        self.figure, axes = subplots(1, 2, size=(8, 3.5), width_ratios=[1, 1.35])
        self.curves, self.slopes = Curves(axes[0]), Slopes(axes[1])

    def show(self, sick: Record, well: Record, look: int) -> str:
        """Set all marks; return the caption."""
        self.curves.show(sick, well, look)
        self.slopes.show(sick.looks.get(look))
        return f"{_fate(sick, well)} {_finding(sick.looks.get(look), look)}"


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


@cache
def _known(name: str, healthy: bool) -> Record:
    """Record a patient of the package, or the same one healed."""
    part = PATIENTS[name].healthy if healthy else None
    return record(name, part, looks=() if healthy else LOOKS)


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
    chart = Chart()
    titles = {f"{n} {patient.part.__name__}": n for n, patient in PATIENTS.items()}

    def update(patient: str, step: int) -> str:
        return chart.show(_known(patient, False), _known(patient, True), step)

    return LiveFigure(
        chart.figure,
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
    chart, sick = Chart(), record(name, part, looks=[step])
    caption = chart.show(sick, _known(name, True), step)
    _hold_still(chart.figure)
    return Picture(chart.figure, caption)


def _hold_still(figure: Figure) -> None:
    for axes in figure.axes:
        for artist in axes.get_children():
            artist.set_animated(False)


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
    figure, axes = subplots()
    axes.set(xlim=(0, STEPS), ylim=(1e-5, 3), yscale="log")
    axes.set(xlabel="step", ylabel="loss")
    a, b = (_racer(axes, name, name == "A") for name in "AB")
    ends = f"After {STEPS} steps the loss of A is {a.loss:.5f}, that of B {b.loss:.5f}."

    def update(show: str) -> str:
        found = ends
        for racer in (a, b):
            seen = racer.name in show
            racer.verdict.set_text(f"{racer.times:.2f} × measured" if seen else "")
            if seen:
                found += f" {racer.name} uses {racer.times:.2f} times the slopes."
        return found

    return LiveFigure(figure, update, predict=predict, show=Slider(options=CHOICES))


class _Racer(NamedTuple):
    """One of two networks: its last loss, and how much of each slope it uses."""

    name: str
    loss: float
    times: float
    verdict: Text


def _racer(axes: Axes, name: str, healthy: bool) -> _Racer:
    run = record("12.5", PATIENTS["12.5"].healthy if healthy else None)
    with lessons_style():
        steps = np.arange(STEPS + 1)[KEPT]
        axes.plot(
            steps, run.losses[KEPT], color=INK, linestyle="-" if healthy else "--"
        )
    x, align = 200, {"ha": "center", "va": "bottom"}
    y = 1.6 * run.losses[x]
    label(axes, x - 40, 1.6 * run.losses[x - 40], name, **align)
    verdict = label(axes, x + 40, y, "", animated=True, **align)
    times = np.median([np.median(look.ratio) for look in run.looks[0]])
    return _Racer(name, float(run.losses[-1]), float(times), verdict)
