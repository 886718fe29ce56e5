"""Lesson 11: how fast a rate learns, and what training does to one weight's valley.

Both figures train the 4-3-2 network of the course on the sixteen settings of four
switches, all of them in every step. Every slider replays in the browser.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache, partial

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from chainrule_lessons import landscape
from chainrule_lessons.datasets import switches
from chainrule_lessons.explorers.descent import (
    ChosenWeights,
    Entry,
    course_network,
    descend,
    entries_by_name,
)
from chainrule_lessons.live import LiveFigure
from chainrule_lessons.live.slider import Slider
from chainrule_lessons.losses import MSELoss
from chainrule_lessons.plotting import BLUE, GREEN, GREY, INK, label, subplots

__all__ = ["learning_rate", "watch_weight"]

Array = NDArray[np.floating]
RATE = 0.02
LEARNED = 1.0  # a loss below this counts as learned
STEPS, MOMENT = 400, 4  # how long the film is, and how many steps apart its pictures
REACH, LIMIT = 2.0, 4.2  # how far the weight may be turned, and where its axis ends
PLACES = np.linspace(-LIMIT, LIMIT, 141)


def learning_rate(predict: tuple[str, Sequence[str]] | None = None) -> LiveFigure:
    """Show the loss step by step, for a learning rate of the reader's choice.

    Parameters
    ----------
    predict : tuple of (str, sequence of str), optional
        A question whose answer unlocks the slider.

    Returns
    -------
    LiveFigure
        Slider ``rate``. The grey curve is that of the rate 0.02.

    Examples
    --------
    >>> learning_rate()
    Rate 0.02: the loss goes from 32.325 to 0.042 in 600 steps, below 1 after 298.
    """
    third = np.log10(2) / 3  # of a doubling
    rate = Slider(0.0025, 0.08, step=third, value=RATE, scale="log", label="rate")
    steps = 600
    losses = dict(zip(rate.places, losses_by_rate(rate.places, steps), strict=True))
    figure, axes = subplots()
    axes.set(xlim=(0, 1.15 * steps), ylim=(-0.7, 34), xlabel="step", ylabel="loss")
    axes.plot(losses[RATE], color=GREY, linewidth=1)
    label(axes, 60, 9.8, f"grey: rate {RATE}", color=GREY)
    (curve,) = axes.plot([], [], color=INK, animated=True)
    (dot,) = axes.plot([], [], "o", color=GREEN, animated=True)
    when = label(axes, 0, 0, "", color=GREEN, va="center", animated=True)

    def update(rate: float) -> str:
        found = losses[rate] if rate in losses else losses_by_rate([rate], steps)[0]
        below = np.flatnonzero(found < LEARNED)[:1]
        curve.set_data(np.arange(steps + 1), found)
        dot.set_data(below, found[below])
        when.set_position((below[0] + 12, 2.2) if len(below) else (0, 0))
        when.set_text(f"below 1: {below[0]}" if len(below) else "")
        return _said(rate, found, below)

    return LiveFigure(figure, update, predict=predict, rate=rate)


def _said(rate: float, losses: Array, below: Sequence[int]) -> str:
    goes = f"from {losses[0]:.3f} to {losses[-1]:.3f} in {len(losses) - 1} steps"
    learned = (
        f"below {LEARNED:g} after {below[0]}"
        if len(below)
        else f"not below {LEARNED:g}"
    )
    return f"Rate {rate:.3g}: the loss goes {goes}, {learned}."


def losses_by_rate(rates: ArrayLike, steps: int) -> Array:
    """Train the 4-3-2 network at many rates side by side.

    Parameters
    ----------
    rates : array_like of shape (R,)
        The learning rates.
    steps : int
        How many steps to take.

    Returns
    -------
    ndarray of shape (R, steps + 1)
        The loss before each step, and after the last.

    Examples
    --------
    >>> losses_by_rate([0.02], 1).round(3).tolist()
    [[32.325, 22.392]]
    """
    x, target = switches()
    rates = np.reshape(rates, (-1, 1, 1))
    own = [np.atleast_2d(p.data) for p in course_network()[0].parameters()]
    W1, b1, W2, b2 = (np.repeat(data[None], len(rates), axis=0) for data in own)
    turned, losses = partial(np.swapaxes, axis1=1, axis2=2), []
    for _ in range(steps + 1):
        a1 = np.tanh(x @ turned(W1) + b1)
        a2 = np.tanh(a1 @ turned(W2) + b2)
        losses.append(np.sum((a2 - target) ** 2, axis=(1, 2)))
        d2 = 2 * (a2 - target) * (1 - a2**2)
        d1 = d2 @ W2 * (1 - a1**2)
        W1 -= rates * (turned(d1) @ x)
        b1 -= rates * d1.sum(axis=1, keepdims=True)
        W2 -= rates * (turned(d2) @ a1)
        b2 -= rates * d2.sum(axis=1, keepdims=True)
    return np.transpose(losses)


class Film:
    """The training of the 4-3-2 network, and any weight's curve at any step of it."""

    def __init__(self) -> None:
        net, data = course_network()[0], (MSELoss("sum"), *switches())
        self.entries = entries_by_name(net)
        self.order = list(self.entries.values())
        self.chosen = ChosenWeights(net, *data, *self.order)
        self.path = descend(self.chosen.gradient, self.chosen.start, RATE, STEPS)
        self.curve = lru_cache(None)(self._curve)

    def _curve(self, step: int, entry: Entry) -> Array:
        chosen = self.chosen
        chosen.gradient(self.path.places[step])  # which sets the weights
        data = chosen.net, chosen.loss, chosen.x, chosen.target
        return landscape.loss_curve(*data, *entry, PLACES)

    def turned(self, step: int, entry: Entry, by: float) -> tuple[float, float, float]:
        """Turn one weight: where it stands then, the loss, and its slope."""
        k, values = self.order.index(entry), self.path.places[step].copy()
        values[k] += by
        loss, slopes = self.chosen.gradient(values)
        return float(values[k]), loss, float(slopes[k])


class FilmMarks:
    """Where in training we are; the weight's curve then, its tangent and its way."""

    def __init__(self, left: Axes, right: Axes) -> None:
        (self.moment,) = left.plot([], [], "o", color=INK, animated=True)
        faint = {"color": GREY, "linewidth": 1, "animated": True}
        (self.first,) = right.plot([], [], **faint)
        (self.way,) = right.plot([], [], **faint | {"linewidth": 2.5})
        self.start = label(right, 0, 0, "", color=GREY, va="bottom", animated=True)
        (self.curve,) = right.plot([], [], color=INK, animated=True)
        (self.tangent,) = right.plot([], [], "--", color=BLUE, animated=True)
        (self.dot,) = right.plot([], [], "o", color=BLUE, animated=True)

    def show(self, film: Film, step: int, entry: Entry) -> None:
        """Draw a weight's curves, before training and now, and its way between them."""
        path, k = film.path, film.order.index(entry)
        first, curve = film.curve(0, entry), film.curve(step, entry)
        self.moment.set_data([step], [path.losses[step]])
        self.first.set_data(PLACES, first)
        self.curve.set_data(PLACES, curve)
        self.way.set_data(path.places[: step + 1, k], path.losses[: step + 1])
        self.start.set_position((PLACES[0], first[0] + 0.3))
        self.start.set_text(" step 0" if step else "")

    def turn(self, at: float, loss: float, slope: float) -> None:
        """Draw the dot and its tangent."""
        ends = at + np.array([-0.7, 0.7])
        self.tangent.set_data(ends, loss + slope * (ends - at))
        self.dot.set_data([at], [loss])


def watch_weight() -> LiveFigure:
    """Show one weight's loss curve at any moment of training.

    On the left stands the loss step by step, on the right the loss against the
    chosen weight, with the other 22 as they are at that moment. The thin
    curve is that of step 0, and the thick grey line is the way the weight has come.

    Returns
    -------
    LiveFigure
        Sliders ``step``, ``turn``, which is added to the weight, and ``entry``.

    Examples
    --------
    >>> watch_weight()
    Step 100: 0.weight[0, 0] = 0.05, loss 13.000, slope -0.026. Its curve is lowest \
at 0.06.
    """
    film = Film()
    names = {entry: name for name, entry in film.entries.items()}
    figure, (left, right) = subplots(1, 2, size=(8, 3.8), width_ratios=[1, 1.6])
    left.plot(film.path.losses, color=GREY)
    left.set(xlim=(-10, STEPS + 10), ylim=(-1.5, 46), xlabel="step", ylabel="loss")
    right.set(xlim=(-LIMIT, LIMIT), ylim=(-1.5, 46), xlabel="the chosen weight")
    marks = FilmMarks(left, right)

    def update(step: int, turn: float, entry: Entry) -> str:
        at, loss, slope = film.turned(step, entry, turn)
        marks.show(film, step, entry)
        marks.turn(at, loss, slope)
        lowest = PLACES[film.curve(step, entry).argmin()]
        return (
            f"Step {step}: {names[entry]} = {at:z.2f}, loss {loss:.3f}, "
            f"slope {slope:z.3f}. Its curve is lowest at {lowest:z.2f}."
        )

    return LiveFigure(
        figure,
        update,
        step=Slider(0, STEPS, step=MOMENT, value=100, label="step", play=True),
        turn=Slider(-REACH, REACH, step=0.05, value=0, label="turn it by"),
        entry=Slider(options=film.entries, label="which weight"),
    )
