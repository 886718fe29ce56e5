"""Page 00: an 8 that a network reads as a 3, and the smallest network that errs.

`misread_eight` turns one number of the reader of digits, `turn_them_all` all of them,
and `tiny_network` writes every number of a small network into its circles and wires.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from chainrule_lessons.datasets import load_digits
from chainrule_lessons.layers import Linear, ReLU, Sequential, Softmax
from chainrule_lessons.live import Bet, LiveFigure, Pen, Slider
from chainrule_lessons.losses import CrossEntropyLoss
from chainrule_lessons.markdown import bet
from chainrule_lessons.marks import BLUE, CENTRED, GREEN, GREY, INK
from chainrule_lessons.optim import fit
from chainrule_lessons.plotting import framed, label, subplots

__all__ = ["misread_eight", "tiny_network", "turn_them_all"]

Array = NDArray[np.floating]
EIGHT = 229  # among the held-out digits
EPOCHS = 10  # enough to read 94 % of them, and this one not


@lru_cache(1)
def reader_of_digits() -> tuple[Sequential, Array, Array]:
    """Train a network to read digits; give it with its numbers and their slopes.

    The numbers are all weights and biases in one row, and each slope is that of the
    loss of the one misread 8.
    """
    train, test = load_digits()
    rng = np.random.default_rng(1)
    net = Sequential(
        *(Linear(64, 64, rng=rng), ReLU()),
        *(Linear(64, 32, rng=rng), ReLU()),
        Linear(32, 10, rng=rng),
    )
    loss = CrossEntropyLoss()
    fit(net, loss, *train, epochs=EPOCHS, lr=0.1, progress=False)
    loss(net(test.x[EIGHT]), 8)
    net.zero_grad()
    net.backward(loss.backward())
    numbers = np.concatenate([own.data.ravel() for own in net.parameters()])
    slopes = np.concatenate([own.grad.ravel() for own in net.parameters()])
    return net, numbers, slopes


def outputs(numbers: Array, x: Array) -> Array:
    """Return what the reader says to x with these numbers: a share for each digit."""
    net, before, _ = reader_of_digits()
    try:
        _write(net, numbers)
        return Softmax()(net(x))
    finally:
        _write(net, before)


def _write(net: Sequential, numbers: Array) -> None:
    start = 0
    for own in net.parameters():
        own.data[...] = numbers[start : start + own.data.size].reshape(own.data.shape)
        start += own.data.size


# The 8 and its ten outputs


def misread_eight() -> LiveFigure:
    """Show a handwritten 8, what a trained network says to it, and turn one number.

    Sliders ``turn``, which is added to the number, and ``number``, one of three
    among its 6,570.

    >>> misread_eight()
    Number 6,518 turned by 0.00: the network says 3, with 57 % for 3 and 39 % for 8.
    """
    figure, (left, right) = subplots(1, 2, size=(6.4, 3.2), width_ratios=(1, 1.9))
    x = load_digits()[1].x[EIGHT]
    left.imshow(x.reshape(8, 8), cmap="gray_r", vmin=0, vmax=1)
    left.set_axis_off()
    pen = _pen_for_bars(right)
    _, numbers, _ = reader_of_digits()

    def update(turn: float, number: int) -> str:
        turned = numbers.copy()
        turned[number - 1] += turn
        said, shares = _draw_bars(pen, outputs(turned, x))
        return f"Number {number:,} turned by {turn:z.2f}: the network {said}, {shares}."

    turn = Slider(-0.5, 0.5, step=0.01, value=0, label="turn it by")
    choices = {f"number {n:,}": n for n in (6518, 2173, 1)}
    number = Slider(options=choices, label="which")
    return LiveFigure(figure, update, turn=turn, number=number)


def _pen_for_bars(axes: Axes) -> Pen:
    axes.set(xlim=(-0.6, 9.6), ylim=(0, 1.12), xticks=range(10), xlabel="output for")
    axes.set(yticks=[0, 0.5, 1], yticklabels=["0 %", "50 %", "100 %"])
    return Pen(axes)


def _draw_bars(pen: Pen, shares: Array) -> tuple[str, str]:
    """Draw ten shares, that of the 8 in green and the largest one named; say both."""
    digits, first = np.arange(10), int(shares.argmax())
    pen.bars(digits, shares, GREY, 20)
    pen.bars(digits[8:9], shares[8:9], GREEN, 20)
    for digit in {3, 8, first}:
        color = GREEN if digit == 8 else INK
        pen.words(digit, shares[digit] + 0.02, _percent(shares[digit]), color, "center")
    parts = [f"{_percent(shares[digit])} for {digit}" for digit in (3, 8)]
    return f"says {first}", f"with {parts[0]} and {parts[1]}"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


# All numbers at once

HOW_DEAR = bet("how_dear")


def turn_them_all(predict: Bet | None = bet("turn_them_all")) -> LiveFigure:
    """Turn every number against its slope, for the sake of one misread 8.

    Parameters
    ----------
    predict : tuple, optional
        As in `LiveFigure`; None: no bet.

    Returns
    -------
    LiveFigure
        With a slider ``step``: each number changes by minus the step times its slope.
        The trace beside the bars is drawn as far as the step has come.

    Examples
    --------
    >>> turn_them_all()
    Step 0.000: the network says 3, with 57 % for 3 and 39 % for 8. Of 354 others it \
reads 334 right.
    """
    figure, (left, right) = subplots(1, 2, size=(6.4, 3.2), width_ratios=(1.5, 1))
    pen, trace = _pen_for_bars(left), Pen(right)
    test = load_digits()[1]
    others = np.arange(len(test.x)) != EIGHT
    _, numbers, slopes = reader_of_digits()
    slider = Slider(0.0, 0.1, step=0.002, value=0.0, label="step")
    right.set(xlim=(-0.005, 0.105), xlabel="step", xticks=[0, 0.05, 0.1])
    right.set(ylim=(0, 372), ylabel="others read right")

    @lru_cache(None)
    def after(step: float) -> tuple[Array, int]:
        shares = outputs(numbers - step * slopes, test.x)
        hits = shares.argmax(axis=1) == test.target
        return shares[EIGHT], int(np.sum(hits & others))

    right_for = [after(place)[1] for place in slider.places]

    def update(step: float) -> str:
        shares, hits = after(step)
        said, parts = _draw_bars(pen, shares)
        reached = [place for place in slider.places if place <= step]
        trace.line(reached, right_for[: len(reached)])
        trace.dot(step, hits, grab="step")
        return (
            f"Step {step:.3f}: the network {said}, {parts}. "
            f"Of 354 others it reads {hits} right."
        )

    return LiveFigure(figure, update, predict=predict, step=slider)


# A network with every number written on it

INPUTS = (2.0, (1.1, 4.2)), (3.0, (1.1, 1.4))
PLACES = (5.6, 2.8), (9.2, 2.8), (13.0, 2.8)


def chain(weight: Any) -> tuple[Any, Any, Any, Any]:
    """Return sum, squeezed sum, answer and loss of the tiny network.

    >>> [float(number.round(2)) for number in chain(np.float64(1.0))]
    [2.0, 0.88, 17.62, 58.0]
    """
    total = weight * 2 + 5 * 3 - 15
    squeezed = 1 / (1 + np.exp(-total))
    answer = 20 * squeezed
    return total, squeezed, answer, (answer - 10) ** 2


def tiny_network(predict: Bet | None = bet("tiny_network")) -> LiveFigure:
    """Draw a network as circles and wires, and the loss as far as it has been seen.

    Parameters
    ----------
    predict : tuple, optional
        As in `LiveFigure`; None: no bet.

    Returns
    -------
    LiveFigure
        With a slider ``weight``; its dot can be dragged.

    Examples
    --------
    >>> tiny_network()
    Weight 1.00: sum 2.00, squeezed 0.881, answer 17.62 in place of 10. Loss 58.00.
    """
    figure, (top, bottom) = subplots(2, 1, size=(6.4, 5.2), height_ratios=(1, 1.15))
    _draw_circles(top)
    bottom.set(xlim=(-2.1, 4.1), ylim=(-8, 108), xlabel="weight", ylabel="loss")
    network, graph = Pen(top), Pen(bottom)

    def update(weight: float) -> str:
        total, squeezed, answer, loss = chain(weight)
        factor = f"({weight:z.2f})" if weight < 0 else f"{weight:z.2f}"
        network.words(3.3, 3.95, f"· {factor}", BLUE, "center")
        written = f"{total:z.2f}", f"{squeezed:.3f}", f"{answer:.2f}"
        for place, text in zip(PLACES, written, strict=True):
            network.words(*place, text, **CENTRED)
        low, high = sorted((1.0, weight))
        seen = np.linspace(low, high, 121)
        graph.line(seen, chain(seen)[-1])
        graph.dot(weight, loss, BLUE, grab="weight")
        return (
            f"Weight {weight:z.2f}: sum {total:z.2f}, squeezed {squeezed:.3f}, answer "
            f"{answer:.2f} in place of 10. Loss {loss:.2f}."
        )

    weight = Slider(-2.0, 4.0, step=0.05, value=1.0, label="weight")
    return LiveFigure(figure, update, predict=predict, weight=weight)


def _draw_circles(axes: Axes) -> None:
    """Draw what stands still: the circles, the wires, and the other numbers."""
    axes.set(xlim=(0, 16), ylim=(0, 5.6), aspect="equal")
    axes.set_axis_off()
    wires = [(spot, PLACES[0]) for _, spot in INPUTS]
    wires += [(PLACES[0], PLACES[1]), (PLACES[1], PLACES[2]), ((5.6, 0.7), PLACES[0])]
    for tail, head in wires:
        axes.plot(*zip(tail, head, strict=True), color=GREY, zorder=1)
    for number, spot in INPUTS:
        framed(axes, *spot, 1.4, f"{number:g}")
    for place in PLACES:
        framed(axes, *place, 2.0)
    label(axes, 3.1, 1.35, "· 5", color=BLUE, ha="center")
    label(axes, 5.6, 0.25, "− 15", color=BLUE, **CENTRED)
    label(axes, 11.1, 3.05, "· 20", color=BLUE, ha="center")
    for x, name in zip((5.6, 9.2, 13.0), ("add", "squeeze", "answer"), strict=True):
        label(axes, x, 4.15, name, color=GREY, ha="center")
    label(axes, 13.0, 1.2, "should be 10", color=GREEN, **CENTRED)
