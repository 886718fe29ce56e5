"""Lesson 12: a sick network, and its two instruments.

Green is healthy, black is the patient: the loss curves on the left, and on the right
each slope that a step used, over the measured one. `admit` shows a patient as it came
in and asks where the fault sits, `examine` what the reader has made of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from chainrule_lessons.clinic import PATIENTS, STEPS, Look, Record, record
from chainrule_lessons.live import Bet, LiveFigure, Pen, Slider
from chainrule_lessons.markdown import bet
from chainrule_lessons.marks import GREEN, GREY, INK
from chainrule_lessons.plotting import Picture, arrow, label, subplots, tint
from chainrule_lessons.validation import whole_number

__all__ = ["admit", "examine", "race"]

LOOKS = (0, 1, 2, 5, 10, 20, 50, 100, 200)
RIGHT = 1e-5  # an error that measuring alone can make
KEPT = np.arange(0, STEPS + 1, 4)  # once for each round through the sixteen samples
TOP = 30.0  # of the axes of the loss
BIAS = 4.8  # its column, right of the weights

# What a reader says of a fault in each place.
SITE = {"loss": "in the loss", "bend": "in what is passed on"}
SITE |= {"first": "where one slope is kept"}
SITE |= dict.fromkeys(("second", "step"), "in what remembers")


def admit(name: str = "12.2") -> LiveFigure:
    """Show a patient as it came in, and ask where the fault sits.

    Parameters
    ----------
    name : str, optional
        The patient, for instance ``"12.3"``.

    Returns
    -------
    LiveFigure
        With the slider ``step``, at which the slopes are checked; the dot on the
        curve can be dragged.

    Examples
    --------
    >>> admit("12.2")
    Loss 0.01596 after 300 steps, healthy 0.00398. At step 0, 20 of 30 slopes are wrong.
    """
    sick, well = _known(name, False), _known(name, True)
    question, signs = bet("admit")
    truth = SITE[PATIENTS[name].place]
    told = {
        choice: f"{'Right.' if choice == truth else 'Look again.'} {sign}"
        for choice, sign in signs.items()
    }
    figure, *pens = _instruments()

    def update(step: int) -> str:
        return _show(*pens, sick, well, step)

    slider = Slider(options=LOOKS, label="check at step")
    return LiveFigure(figure, update, predict=(question, told), step=slider)


def examine(name: str, part: Any, step: int = 0) -> Picture:
    """Put a part into a patient's place, train, and show what both instruments say.

    Parameters
    ----------
    name : str
        The patient, for instance ``"12.2"``.
    part : type or callable
        Your version of the block, the loss or the step; the caption says if it raises.
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
    well = _known(name, True)
    PATIENTS[name].require(part)
    figure, *pens = _instruments()
    try:
        said = _show(*pens, record(name, part, looks=[step]), well, step)
    except Exception as error:  # noqa: BLE001 - it is the reader's
        said = f"Nothing to measure: your part raised {type(error).__name__}: {error}."
    return Picture(figure, said)


@cache
def _known(name: str, healthy: bool) -> Record:
    """Record a patient of the package, or the same one healed."""
    if not healthy:
        return record(name, looks=LOOKS)
    part = PATIENTS[name].healthy if name in PATIENTS else None
    return record(name, part, looks=())


# The two instruments

ROWS, COLUMNS = ((0.0, 1.0, 2.0, 3.0), (5.2, 6.2)), (range(4), [BIAS])  # two layers
# Where the slopes stand, in the order of the parameters.
CELLS = [(x, y) for rows in ROWS for xs in COLUMNS for y in rows for x in xs]


def _instruments() -> tuple[Figure, Pen, Pen]:
    """Draw what stands still: the axes of the curves, and the names of the cells."""
    figure, (left, right) = subplots(1, 2, size=(6.5, 3.0))
    # Places by hand: to work out the margins takes as long as to draw the rest.
    figure.set_layout_engine("none")
    left.set_position([0.165, 0.17, 0.265, 0.815])
    right.set_position([0.455, 0.17, 0.54, 0.815])
    left.set_xticks((0, 100, 200, 300))
    _loss_axis(left, TOP)
    left.set(xlim=(-6, STEPS), xlabel="step")
    corner = {"transform": left.transAxes, "ha": "right", "va": "top"}
    label(left, 0.99, 0.99, "healthy", color=GREEN, **corner)
    label(left, 0.99, 0.9, "patient", **corner)
    right.set(xlim=(-4.6, 5.4), ylim=(7.9, -1.6))
    right.set_axis_off()
    small = {"color": GREY, "fontsize": 10, "va": "center"}
    for y, source in ((-0.95, "from input"), (4.3, "from unit")):
        label(right, -0.65, y, source, ha="right", **small)
        label(right, BIAS, y, "bias", ha="center", **small)
        for column in range(4):
            label(right, column, y, f"{column + 1}", ha="center", **small)
    names = [f"unit {n}" for n in range(1, 5)] + ["out 1", "out 2"]
    for y, name in zip((*ROWS[0], *ROWS[1]), names, strict=True):
        label(right, -0.65, y, name, ha="right", **small)
    for name, y in (("layer 1", 1.5), ("bend", 3.5), ("layer 2", 5.7), ("loss", 7.4)):
        label(right, -2.6, y, name, ha="right", va="center")
    arrow(right, (-4.4, 7.4), (-4.4, -1.0), color=GREY)
    label(right, -4.2, 2.5, "back", **small)
    return figure, Pen(left), Pen(right)


def _loss_axis(axes: Axes, top: float) -> None:
    """Let each mark of the loss stand for a tenth of the one above, in plain digits."""
    axes.set(yscale="log", ylabel="loss")
    axes.minorticks_off()
    marks = ("0.00001", "0.0001", "0.001", "0.01", "0.1", "1", "10")
    axes.set_yticks([float(mark) for mark in marks], labels=marks)
    axes.set_ylim(1e-5, top)


def _show(left: Pen, right: Pen, sick: Record, well: Record, step: int) -> str:
    """Draw both curves, and the slopes at a step; return the caption."""
    left.line(KEPT, well.losses[KEPT], color=GREEN, width=4)
    left.line(*_curve(sick))
    left.dot(step, np.fmin(sick.losses[step], TOP), grab="step")
    if looks := sick.looks.get(step):
        _fill(right, looks)
    return f"{_fate(sick, well)} {_finding(looks, step)}"


def _curve(run: Record) -> tuple[Any, Any]:
    """Give the points of a curve; one that leaves all bounds leaves the picture."""
    if run.lasted == STEPS:
        return KEPT, run.losses[KEPT]
    steps = np.arange(run.lasted + 2)
    return steps, np.append(run.losses[: run.lasted + 1], 1e6)


def _fill(pen: Pen, looks: Sequence[Look]) -> None:
    """Fill a cell for every weight and bias: the slope used over the one measured."""
    ratios = np.concatenate([look.ratio.ravel() for look in looks])
    errors = np.concatenate([look.error.ravel() for look in looks])
    # The cells do not grow on a projector, so neither may what stands in them.
    letters = 9.5 * pen.axes.figure.get_figwidth() / 6.5
    darkness = 0.5 + 0.14 * np.log10(errors.clip(1e-3, 1.0))
    cells = zip(CELLS, ratios, errors < RIGHT, darkness, strict=True)
    for place, ratio, right, dark in cells:
        color = tint(GREEN, 0.25) if right else tint(INK, dark)
        text = "1" if right else short(ratio)
        pen.box(*place, (0.94, 0.9), color, text, fontsize=letters)


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

CHOICES = {"the curves": "", "the check of A": "A", "the check of B": "AB"}


def race(predict: Bet | None = bet("race")) -> LiveFigure:
    """Let two networks learn, one healthy and one not, and tell which is which.

    Parameters
    ----------
    predict : tuple, optional
        As in `LiveFigure`; None: no bet.

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
    ratios = {n: [look.ratio for look in run.looks[0]] for n, run in runs.items()}
    a, b = (run.losses[-1] for run in runs.values())
    figure, axes = subplots(size=(6.4, 2.8))
    _loss_axis(axes, 3.0)
    axes.set(xlim=(0, STEPS), xlabel="step")
    for (name, run), style in zip(runs.items(), ("-", "--"), strict=True):
        axes.plot(KEPT, run.losses[KEPT], style, color=INK)
        label(axes, 160, 1.6 * run.losses[160], name, ha="center", va="bottom")
    pen = Pen(axes)

    def update(show: str) -> str:
        found = f"After {STEPS} steps the loss of A is {a:.5f}, that of B {b:.5f}."
        for name in show:
            times = np.median(np.concatenate(ratios[name], axis=None))
            y = 1.6 * runs[name].losses[200]
            pen.words(240, y, f"{times:.2f} × measured", ha="center", va="bottom")
            found += f" {name} uses {times:.2f} times the slopes."
        return found

    return LiveFigure(figure, update, predict=predict, show=Slider(options=CHOICES))
