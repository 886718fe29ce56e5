"""Lesson 11: how fast a rate learns, and what training does to one weight's valley.

Both figures train the 4-3-2 network of the course on the sixteen settings of four
switches, all of them in every step.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache, partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from chainrule_lessons.datasets import course_network, switches
from chainrule_lessons.descent import ChosenWeights, descend
from chainrule_lessons.landscape import Entry
from chainrule_lessons.layers import Linear, Sequential
from chainrule_lessons.live import DigitPad, LiveFigure, Pen, Slider
from chainrule_lessons.losses import MSELoss
from chainrule_lessons.markdown import bet
from chainrule_lessons.marks import BLUE, GREEN, GREY
from chainrule_lessons.plotting import Picture, gallery, subplots
from chainrule_lessons.validation import describe

__all__ = ["digit_pad", "first_weights", "learning_rate", "watch_weight"]

Array = NDArray[np.floating]
RATE = 0.02
LEARNED = 1.0  # a loss below this counts as learned
STEPS = 400  # of the training whose curves are shown
PLACES = np.linspace(-4.2, 4.2, 141)  # where these curves are drawn


def learning_rate() -> LiveFigure:
    """Show the loss step by step, for a learning rate of the reader's choice.

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
    pen = Pen(axes)

    def update(rate: float) -> str:
        found = losses[rate] if rate in losses else losses_by_rate([rate], steps)[0]
        pen.line(np.arange(steps + 1), found)
        below = np.flatnonzero(found < LEARNED)[:1]  # one, or none
        for step in below:
            pen.dot(step, found[step], GREEN)
            ha, gap = ("left", 12) if step < 550 else ("right", -12)  # where it fits
            pen.words(step + gap, 2.2, f"below 1: {step}", GREEN, ha, "center")
        if rate != RATE:
            pen.words(400, 9.8, f"grey: rate {RATE}", GREY)
        return _said(rate, found, below)

    return LiveFigure(figure, update, predict=bet("learning_rate"), rate=rate)


def _said(rate: float, losses: Array, below: Sequence[int]) -> str:
    goes = f"from {losses[0]:.3f} to {losses[-1]:.3f} in {len(losses) - 1} steps"
    low = f"below {LEARNED:g}"
    learned = f"{low} after {below[0]}" if len(below) else f"not {low}"
    return f"Rate {rate:.3g}: the loss goes {goes}, {learned}."


def losses_by_rate(rates: ArrayLike, steps: int) -> Array:
    """Train the 4-3-2 network at R rates side by side.

    Return the loss before each step and after the last, of shape (R, steps + 1).

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
    Step 0: 0.weight[0, 0] = 0.16, loss 32.325, slope 0.182. Its curve is lowest at 0.00.
    """
    chosen = ChosenWeights(course_network()[0], MSELoss("sum"), *switches())
    weights, losses, _ = descend(chosen.gradient, chosen.start, RATE, STEPS)
    curve = lru_cache(None)(lambda step, k: chosen.curve(weights[step], k, PLACES))
    figure, (left, right) = subplots(1, 2, size=(8, 3.8), width_ratios=[1, 1.6])
    left.plot(losses, color=GREY)
    left.set(xlim=(-10, STEPS + 10), ylim=(-1.5, 48), xlabel="step", ylabel="loss")
    right.set(xlim=PLACES[[0, -1]], ylim=(-1.5, 48), xlabel="the chosen weight")
    moment, pen = Pen(left), Pen(right)

    def update(step: int, turn: float, entry: Entry) -> str:
        k, so_far = chosen.entries.index(entry), slice(step + 1)
        first, now = curve(0, k), curve(step, k)
        at = float(weights[step, k] + turn)
        loss, slope = chosen.slope(weights[step], k, at)
        moment.dot(step, losses[step])
        pen.line(PLACES, first, "-", GREY, 1)
        pen.line(weights[so_far, k], losses[so_far], "-", GREY, 2.5)
        if step:
            pen.words(PLACES[0], first[0] + 0.3, " step 0", GREY, va="bottom")
        pen.line(PLACES, now)
        pen.tangent(at, loss, slope, 0.7, "--", BLUE)
        pen.dot(at, loss, BLUE)
        return (
            f"Step {step}: {chosen.names[k]} = {at:z.2f}, loss {loss:.3f}, slope "
            f"{slope:z.3f}. Its curve is lowest at {PLACES[now.argmin()]:z.2f}."
        )

    entries = dict(zip(chosen.names, chosen.entries, strict=True))
    return LiveFigure(
        figure,
        update,
        predict=bet("watch_weight"),
        step=Slider(0, STEPS, step=4, value=0, label="step", play=True),
        turn=Slider(-2, 2, step=0.05, value=0, label="turn it by"),
        entry=Slider(options=entries, label="which weight"),
    )


# The network that reads digits


def digit_pad(
    net: Sequential,
    images: ArrayLike,
    labels: Sequence[int] | None = None,
    *,
    wanted: int = 3,
    rate: float = 0.003,
) -> DigitPad:
    """Let the reader draw a digit and see what a trained network makes of it.

    Beside the pad stand the ten probabilities. *Slopes* shows, in each pixel, the
    slope of the loss −log p of a wanted digit; *Step* moves every pixel against its
    slope, which turns an 8 into a 3. All of it works without a kernel.

    Parameters
    ----------
    net : Sequential
        Of `Linear`, `Scale`, `ReLU`, `Tanh` and `Sigmoid`, from 64 pixels to 10
        scores. It is copied: training it further does not change the pad.
    images : array_like of shape (N, 64) or (N, 8, 8)
        Images to choose from, from 0 (paper) to 1 (ink). The first one is shown.
    labels : sequence of int, optional
        What each image is: its true digit.
    wanted : int, optional
        The digit whose loss is shown first.
    rate : float, optional
        A step changes every pixel by minus the rate times its slope.

    Returns
    -------
    DigitPad
        With `image`, which can be set, `probabilities`, `loss`, `slopes`, `step()`
        and `caption`.

    Raises
    ------
    TypeError
        For a network with other blocks, and what holds no numbers.
    ValueError
        For a network of other sizes, images of another shape or outside 0 to 1,
        labels that are no digits or not one for each image, and a rate not above 0.

    Examples
    --------
    >>> from chainrule_lessons.datasets import load_digits
    >>> x, target = load_digits()[1]
    >>> blank = Linear(64, 10, weight=np.zeros((10, 64)), bias=np.arange(10))
    >>> digit_pad(Sequential(blank), x[:2], target[:2])
    The network reads a 9: probability 0.63; next 8: 0.23.
    """
    return DigitPad(net, images, labels, wanted=wanted, rate=rate)


def first_weights(net: Sequential, units: ArrayLike | None = None) -> Picture:
    """Draw the first layer's weights as pictures of 8 × 8 pixels, one for each unit.

    Orange weights are positive, blue ones negative, and white is 0.

    Parameters
    ----------
    net : Sequential
        Its first block is a `Linear` of 64 inputs.
    units : array_like of int, optional
        Which units to show, from 0; the first 32 if left out.

    Returns
    -------
    Picture

    Raises
    ------
    ValueError
        For a network that begins otherwise.

    Examples
    --------
    >>> weight = np.linspace(-1, 1, 128)
    >>> first_weights(Sequential(Linear(64, 2, weight=weight.reshape(2, 64))))
    First weights of 2 units, from -1.00 to 1.00: blue below 0, orange above.
    """
    layer = net[0] if isinstance(net, Sequential) and len(net) else None
    if not isinstance(layer, Linear) or layer.in_features != 64:
        raise ValueError(
            "first_weights: net must be a Sequential that begins with a Linear of "
            f"64 inputs, got {describe(net)}"
        )
    units = np.arange(layer.out_features)[:32] if units is None else np.ravel(units)
    weights = layer.weight.data[units].reshape(-1, 8, 8)
    rows = -(-len(units) // 8)
    figure, axes = subplots(size=(6.4, 0.4 + rows))
    words = [str(unit) for unit in units]
    gallery(axes, weights, words, columns=8, signed=True)
    count = f"{len(units)} unit{'s' * (len(units) > 1)}"
    ends = f"from {weights.min():z.2f} to {weights.max():z.2f}"
    said = f"First weights of {count}, {ends}: blue below 0, orange above."
    return Picture(figure, said)
