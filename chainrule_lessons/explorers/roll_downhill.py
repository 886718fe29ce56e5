"""Lesson 05: how the loss responds to a weight, and the way down."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from chainrule_lessons.datasets import course_network, worked_chain
from chainrule_lessons.descent import ChosenWeights, descend
from chainrule_lessons.landscape import Entry
from chainrule_lessons.layers import Module
from chainrule_lessons.live import Bet, LiveFigure, Pen, Slider, walk
from chainrule_lessons.losses import MSELoss
from chainrule_lessons.markdown import bet
from chainrule_lessons.marks import BLUE, GREEN, GREY
from chainrule_lessons.numeric import derivative
from chainrule_lessons.plotting import label, network_diagram, subplots

__all__ = [
    "any_weight",
    "bold_steps",
    "courier",
    "fit_line",
    "loss_curve",
    "two_links",
    "valleys",
]

Array = NDArray[np.floating]

# A courier's rides, and a machine that is to know how long they take

KM, MINUTES = np.array([1.0, 2.0, 3.0, 4.0]), np.array([4.0, 6.0, 7.0, 11.0])


def _draw_rides(axes: Axes, km: Array, minutes: Array) -> None:
    axes.set(xlim=(0, km[-1] + 0.6), ylim=(-1, minutes[-1] + 4))
    axes.set(xlabel="kilometres", ylabel="minutes")


def _draw_answers(pen: Pen, km: Array, minutes: Array, w: float, b: float) -> None:
    """Draw the line of answers, and from each ride how far they are off."""
    ends = np.array([0, km[-1] + 0.6])
    pen.line(ends, w * ends + b, "-", BLUE)
    tails, heads = np.column_stack([km, minutes]), np.column_stack([km, w * km + b])
    pen.segments(tails, heads, ":", GREY)
    pen.dot(km, minutes)


def courier() -> LiveFigure:
    """Show what one weight answers for two rides, and the loss as far as it has come.

    The machine says ``weight * kilometres``; the rides took 4 and 6 minutes.

    Slider ``weight``, and a bet on the shape of the loss.

    >>> courier()
    Weight 0.00: the machine says 0.00 and 0.00 minutes. Squares of the differences: 16.00 + 36.00 make the loss 52.00.
    """
    km, minutes = KM[:2], MINUTES[:2]
    figure, (left, right) = subplots(1, 2, size=(8, 3.6))
    _draw_rides(left, km, minutes)
    left.set(ylim=(-1, 16))  # room for the answers of the largest weight
    right.set(xlim=(-0.3, 6.3), ylim=(-3, 57), xlabel="weight", ylabel="loss")
    rides, pen = Pen(left), Pen(right)

    def update(weight: float) -> str:
        _draw_answers(rides, km, minutes, weight, 0)
        trail = np.linspace(0, weight, 81)
        squares = (np.outer(trail, km) - minutes) ** 2
        pen.line(trail, squares.sum(axis=1))
        one, two = squares[-1]
        pen.dot(weight, one + two, BLUE, grab="weight")
        return (
            f"Weight {weight:.2f}: the machine says {weight:.2f} and {2 * weight:.2f} "
            f"minutes. Squares of the differences: {one:.2f} + {two:.2f} make the "
            f"loss {one + two:.2f}."
        )

    weight = Slider(0, 6, step=0.05, value=0, label="weight")
    return LiveFigure(figure, update, predict=bet("courier"), weight=weight)


# Over one weight

FAR_OUT = bet("far_out")


def loss_curve(
    net: Module | None = None,
    loss: Any = None,
    x: ArrayLike = (2.0, 3.0),
    target: ArrayLike = 10.0,
    weight: Entry = ("0.weight", (0, 0)),
    other: Entry = ("0.weight", (0, 1)),
    *,
    reach: float = 3.0,
    rate: float = 0.003,
    predict: Bet | None = None,
) -> LiveFigure:
    """Show the loss against one weight, and gradient descent along it.

    Parameters
    ----------
    net : Module, optional
        The network; it is copied and stays as it is. Left out: the worked chain,
        ``Linear`` with weight (1, 5) and bias -15, ``Sigmoid``, ``Scale`` by 20.
    loss : callable, optional
        ``loss(output, target)``; a summed `MSELoss` if left out.
    x, target : array_like, optional
        The input of the network and what it should answer.
    weight, other : tuple of (str, index), optional
        A parameter's dotted name and an entry of it, ``(row, column)``: the weight
        along the axis, and the one that moves the whole curve.
    reach : float, optional
        How far the sliders of both weights go to each side of where they are.
    rate : float, optional
        The learning rate to start from.
    predict : tuple, optional
        As in `LiveFigure`; None: no bet.

    Returns
    -------
    LiveFigure
        Sliders ``weight``, ``other``, ``rate`` and ``steps``.

    Raises
    ------
    IndexError, TypeError, ValueError
        For a weight that the network does not have, and for data it cannot take.

    Examples
    --------
    >>> loss_curve()
    Loss 58.003 at weight 1.00, slope 63.970. The next step leads to 0.81.
    """
    data = net or worked_chain(), loss or MSELoss("sum"), x, target
    chosen = ChosenWeights(*data, weight, other)
    first, second = chosen.start.tolist()
    low, high = first - reach, first + reach
    ends = second - reach, second + reach
    places = np.linspace(low, high, 161)
    curve = lru_cache(None)(lambda other: chosen.curve((first, other), 0, places))
    top = max(curve(value).max() for value in np.linspace(*ends, 9).tolist())
    figure, axes = subplots()
    axes.set(xlim=(low - reach / 50, high + reach / 50), ylim=(-0.12 * top, 1.08 * top))
    axes.set(xlabel=f"weight {chosen.names[0] if net else 'w'}", ylabel="loss")
    pen = Pen(axes)

    def update(weight: float, other: float, rate: float, steps: int) -> str:
        pen.line(places, curve(other))
        slope_at = partial(chosen.slope, (first, other), 0)
        path = descend(slope_at, weight, rate, steps)
        return walk.along_curve(pen, path, rate, "weight")

    return LiveFigure(
        figure,
        update,
        predict=predict,
        weight=Slider(low, high, step=reach / 50, value=first, label="weight"),
        other=Slider(*ends, step=reach / 25, value=second, label="another weight"),
        **walk.rate_and_steps(rate),
    )


def valleys(predict: Bet | None = None) -> LiveFigure:
    """Show descent on a curve with several valleys: the start decides the end.

    The curve is 1 + w²/10 + sin 3w; four of its valleys are in the picture.

    Parameters
    ----------
    predict : tuple, optional
        As in `LiveFigure`; None: no bet.

    Returns
    -------
    LiveFigure
        Sliders ``start``, ``rate`` and ``steps``.

    Examples
    --------
    >>> valleys()
    Loss 1.121 at weight 2.00, slope 3.281. The next step leads to 1.84.
    """
    return _over_one_weight(
        lambda w: (1 + 0.1 * w**2 + np.sin(3 * w), 0.2 * w + 3 * np.cos(3 * w)),
        ((-4, 4), (-0.4, 4.2)),
        predict=predict,
        start=Slider(-3.8, 3.8, step=0.1, value=2, label="start"),
        **walk.rate_and_steps(0.05),
    )


def bold_steps() -> LiveFigure:
    """Show what the learning rate does on the loss of the courier's two rides.

    Sliders ``start``, ``rate`` and ``steps``, and a bet on a larger rate.

    >>> bold_steps()
    Loss 25.000 at weight 1.00, slope -22.000. The next step leads to 2.10.
    """
    return _over_one_weight(
        lambda w: ((w - 4) ** 2 + (2 * w - 6) ** 2, 2 * (w - 4) + 4 * (2 * w - 6)),
        ((-1, 7.4), (-7, 62)),
        predict=bet("bold_steps"),
        start=Slider(0, 6.4, step=0.1, value=1, label="start"),
        rate=Slider(0.01, 0.25, step=0.01, value=0.05, label="learning rate"),
        steps=walk.steps_taken(20),
    )


def _over_one_weight(
    gradient: Callable[[Any], tuple[Any, Any]],
    view: tuple[tuple[float, float], tuple[float, float]],
    **sliders: Any,
) -> LiveFigure:
    figure, axes = subplots()
    axes.set(xlim=view[0], ylim=view[1], xlabel="weight w", ylabel="loss")
    pen, places = Pen(axes), np.linspace(*view[0], 241)
    curve, _ = gradient(places)

    def update(start: float, rate: float, steps: int) -> str:
        pen.line(places, curve)
        path = descend(gradient, start, rate, steps)
        return walk.along_curve(pen, path, rate, "start")

    return LiveFigure(figure, update, **sliders)


# Over two weights


def _over_two_weights(
    axes: Axes,
    gradient: Callable[[Array], tuple[float, Array]],
    names: Sequence[str],
    beside: Callable[[float, float], None] = lambda first, second: None,
    **sliders: Any,
) -> LiveFigure:
    """Let a descent walk over a map; `beside` draws what its weights mean."""
    pen = Pen(axes)

    def update(first: float, second: float, rate: float, steps: int) -> str:
        path = descend(gradient, [first, second], rate, steps)
        beside(*path.places[-1])
        return walk.over_map(pen, path, rate, names)

    return LiveFigure(axes.figure, update, **sliders)


def fit_line() -> LiveFigure:
    """Fit a line to four rides by descent, beside the map of its two weights.

    Sliders ``first`` (w), ``second`` (b), ``rate`` and ``steps``, and a bet.

    >>> fit_line()
    Loss 222.000 at w 0.00, b 0.00. Slopes -162.000 and -56.000.
    """
    figure, (left, right) = subplots(1, 2, size=(8, 3.8))
    _draw_rides(left, KM, MINUTES)
    places = np.linspace(-1, 5, 121)
    off = np.add.outer(places, np.outer(places, KM)) - MINUTES  # by b, w and ride
    walk.draw_map(right, places, places, (off**2).sum(axis=2))
    right.plot(2.2, 1.5, "+", color=GREEN, markersize=12)
    right.set(xlabel="w, minutes a kilometre", ylabel="b, minutes")
    rides = Pen(left)

    def gradient(place: Array) -> tuple[float, Array]:
        off = place[0] * KM + place[1] - MINUTES
        return off @ off, np.array([2 * off @ KM, 2 * off.sum()])

    return _over_two_weights(
        right,
        gradient,
        "wb",
        lambda w, b: _draw_answers(rides, KM, MINUTES, w, b),
        predict=bet("fit_line"),
        first=Slider(-1, 5, step=0.1, value=0, label="start: w"),
        second=Slider(-1, 5, step=0.1, value=0, label="start: b"),
        rate=Slider(0.002, 0.03, step=0.002, value=0.02, label="learning rate"),
        steps=walk.steps_taken(100),
    )


def two_links() -> LiveFigure:
    """Show two weights in a row, y = w2 w1 x, learning to double their input.

    Sliders ``first`` (w1), ``second`` (w2), ``rate`` and ``steps``.

    >>> two_links()
    Loss 1.000 at w1 3.00, w2 1.00. Slopes 2.000 and 6.000.
    """
    _, axes = subplots(size=(6.4, 4.8))
    first, second = np.linspace(-4, 4, 161), np.linspace(-3, 3, 121)
    walk.draw_map(axes, first, second, (np.outer(second, first) - 2) ** 2)
    axes.set(xlabel="w1", ylabel="w2")
    for way in (1, -1):
        side = way * np.linspace(0.6, 4, 80)
        axes.plot(side, 2 / side, color=GREEN)
        label(axes, 2.2 * way, 1.25 * way + 0.1, "loss 0", color=GREEN, ha="center")

    def gradient(place: Array) -> tuple[float, Array]:
        off = place[0] * place[1] - 2
        return off**2, 2 * off * place[::-1]

    return _over_two_weights(
        axes,
        gradient,
        ("w1", "w2"),
        first=Slider(-4, 4, step=0.1, value=3, label="start: w1"),
        second=Slider(-3, 3, step=0.1, value=1, label="start: w2"),
        rate=Slider(0.005, 0.1, step=0.005, value=0.01, label="learning rate"),
        steps=walk.steps_taken(40),
    )


# Every weight of a network


def any_weight() -> LiveFigure:
    """Show the loss curve of any weight or bias of the course's 4-3-2 network.

    Sliders ``entry`` (layer, row and column) and ``weight``.

    >>> any_weight()
    Loss 1.643 at 0.00 for 0.weight[0, 0]. Slope -0.0149, measured -0.0149.
    """
    net, x, target = course_network()
    chosen = ChosenWeights(net, MSELoss("sum"), x, target)
    start, places = chosen.start, np.linspace(-3, 3, 121)
    curves = [chosen.curve(start, k, places) for k in range(start.size)]
    height, _ = chosen.gradient(start)
    figure, (left, right) = subplots(1, 2, size=(8, 3.6), width_ratios=[1, 2])
    nodes = network_diagram(left, [4, 3, 2])
    right.set(xlim=(-3, 3), ylim=(0, 1.08 * np.max(curves)))
    right.set(xlabel="weight", ylabel="loss")
    diagram, pen = Pen(left), Pen(right)

    def update(entry: Entry, weight: float) -> str:
        k = chosen.entries.index(entry)
        along = partial(chosen.slope, start, k)
        loss, slope = along(weight)
        measured = derivative(lambda w: along(w)[0], weight, method="central")
        layer, (row, *column) = int(entry[0][0]) // 2, entry[1]
        ends = [*nodes[layer][column], nodes[layer + 1][row]]  # a bias has one alone
        diagram.line(*np.transpose(ends), "o-", BLUE)
        pen.line(places, curves[k])
        pen.tangent(weight, loss, slope, 0.8, "--", BLUE)
        pen.dot(start[k], height, GREY, **walk.RING)
        pen.dot(weight, loss, BLUE, grab="weight")
        return (
            f"Loss {loss:.3f} at {weight:z.2f} for {chosen.names[k]}. "
            f"Slope {slope:z.4f}, measured {measured:z.4f}."
        )

    entries = dict(zip(chosen.names, chosen.entries, strict=True))
    entry = Slider(options=entries, label="which weight")
    weight = Slider(-3, 3, step=0.05, value=0, label="weight")
    return LiveFigure(figure, update, entry=entry, weight=weight)
