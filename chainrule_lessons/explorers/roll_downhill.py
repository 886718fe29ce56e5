"""Lesson 05: how the loss responds to a weight, and the way down."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache, partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from chainrule_lessons.datasets import course_network, worked_chain
from chainrule_lessons.descent import ChosenWeights, Path, descend
from chainrule_lessons.landscape import Entry, loss_surface
from chainrule_lessons.layers import Linear, Module, Scale, Sequential, Tanh
from chainrule_lessons.live import LiveFigure, Pen, Slider
from chainrule_lessons.losses import MSELoss
from chainrule_lessons.numeric import derivative
from chainrule_lessons.plotting import (
    BLUE,
    GREEN,
    GREY,
    label,
    network_diagram,
    subplots,
)

__all__ = ["any_weight", "loss_curve", "loss_landscape", "two_links", "valleys"]

Array = NDArray[np.floating]


# What every descent here shows


def _descent_sliders(rate: float) -> dict[str, Slider]:
    ends = rate / 100, rate * 100
    look = {"scale": "log", "label": "learning rate"}
    return {
        "rate": Slider(*ends, step=0.05, value=rate, **look),
        "steps": Slider(0, 20, step=1, value=0, label="steps taken", play=True),
    }


def _after(path: Path) -> str:
    taken = len(path.places) - 1
    return f"After {taken} step{'s' * (taken > 1)}: loss" if taken else "Loss"


# Over one weight


def _draw_descent(pen: Pen, path: Path, rate: float) -> str:
    """Draw where a descent along a curve is, how steep, where next; say it."""
    at, loss, slope = (float(row[-1]) for row in path)
    following = at - rate * slope
    width, low = pen.axes.viewLim.width, 0.5 * pen.axes.viewLim.y0
    pen.line(path.places, path.losses, "o-", GREY, 1, markersize=6)
    pen.tangent(at, loss, slope, 0.13 * width, "--", BLUE)
    pen.triangle(at, loss, slope, 0.12 * width, BLUE)
    pen.arrow((at, low), (following, low), GREEN)
    pen.dot(at, loss, BLUE)
    return (
        f"{_after(path)} {loss:.3f} at weight {at:z.2f}, slope {slope:z.3f}. "
        f"The next step leads to {following:z.2f}."
    )


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
    predict: tuple[str, Sequence[str]] | None = None,
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
    predict : tuple of (str, sequence of str), optional
        A question whose answer unlocks the sliders.

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
    axes.set(xlim=(low, high), ylim=(-0.12 * top, 1.08 * top))
    axes.set(xlabel=f"weight: {chosen.names[0]}", ylabel="loss")
    pen = Pen(axes)

    def update(weight: float, other: float, rate: float, steps: int) -> str:
        pen.line(places, curve(other))
        slope_at = partial(chosen.slope, (first, other), 0)
        return _draw_descent(pen, descend(slope_at, weight, rate, steps), rate)

    return LiveFigure(
        figure,
        update,
        predict=predict,
        weight=Slider(low, high, step=reach / 50, value=first, label="weight"),
        other=Slider(*ends, step=reach / 25, value=second, label="another weight"),
        **_descent_sliders(rate),
    )


def valleys(predict: tuple[str, Sequence[str]] | None = None) -> LiveFigure:
    """Show descent on a curve with four valleys: the start decides the end.

    Parameters
    ----------
    predict : tuple of (str, sequence of str), optional
        A question whose answer unlocks the sliders.

    Returns
    -------
    LiveFigure
        Sliders ``start``, ``rate`` and ``steps``.

    Examples
    --------
    >>> valleys()
    Loss 1.121 at weight 2.00, slope 3.281. The next step leads to 1.84.
    """
    figure, axes = subplots()
    axes.set(xlim=(-4, 4), ylim=(-0.4, 4.2), xlabel="weight", ylabel="loss")
    pen, places = Pen(axes), np.linspace(-4, 4, 241)

    def loss(w: Any) -> Any:
        return 1 + 0.1 * w**2 + np.sin(3 * w)

    def slope(w: Any) -> Any:
        return 0.2 * w + 3 * np.cos(3 * w)

    curve = loss(places)

    def update(start: float, rate: float, steps: int) -> str:
        pen.line(places, curve)
        path = descend(lambda w: (loss(w), slope(w)), start, rate, steps)
        return _draw_descent(pen, path, rate)

    start = Slider(-3.8, 3.8, step=0.1, value=2, label="start")
    sliders = {"start": start} | _descent_sliders(0.05)
    return LiveFigure(figure, update, predict=predict, **sliders)


# Over two weights


def loss_landscape(
    net: Module | None = None,
    x: ArrayLike = ((-2.0,), (-1.0,), (0.0,), (1.0,), (2.0,)),
    target: ArrayLike | None = None,
    entries: tuple[Entry, Entry] = (("0.weight", (0, 0)), ("0.bias", 0)),
    *,
    names: tuple[str, str] = ("weight", "bias"),
    box: tuple[float, float, float, float] = (-1.0, 4.0, -3.0, 2.0),
    rate: float = 0.5,
    line: tuple[ArrayLike, ArrayLike, str] | None = None,
) -> LiveFigure:
    """Show the loss over two weights as a map, and a descent across it.

    Parameters
    ----------
    net : Module, optional
        The network; it stays as it is. Left out: one neuron, tanh of w x + b, that
        starts at w = 0, b = 1.
    x, target : array_like, optional
        The data. Left out: five places and the answers of w = 1.5, b = -0.5.
    entries : pair of (str, index), optional
        The two weights: a parameter's dotted name and an entry of it.
    names : pair of str, optional
        What to call them.
    box : tuple of float, optional
        The ends of the map: first weight from, to, second weight from, to.
    rate : float, optional
        The learning rate to start from.
    line : tuple of (x, y, str), optional
        A line to draw on the map, and what it says at its first point.

    Returns
    -------
    LiveFigure
        Sliders ``first``, ``second``, ``rate`` and ``steps``.

    Examples
    --------
    >>> loss_landscape()
    Loss 1.5245 at weight 0.00, bias 1.00. Slopes -0.957 and 0.753.
    """
    net = net or Sequential(Linear(1, 1, weight=[0], bias=[1]), Tanh())
    target = np.tanh(1.5 * np.array(x) - 0.5) if target is None else target
    data = net, MSELoss(), x, target
    chosen = ChosenWeights(*data, *entries)
    figure, axes = subplots(size=(6.4, 4.4))
    grid = np.linspace(*box[:2], 121), np.linspace(*box[2:], 121)
    _draw_map(axes, *grid, loss_surface(*data, *entries, *grid))
    axes.set(xlabel=names[0], ylabel=names[1])
    if line is not None:
        x_line, y_line, says = line
        axes.plot(x_line, y_line, color=GREEN)
        label(axes, x_line[0], y_line[0], f" {says}", color=GREEN, va="top")
    pen = Pen(axes)

    def update(first: float, second: float, rate: float, steps: int) -> str:
        path = descend(chosen.gradient, [first, second], rate, steps)
        at, slopes = path.places[-1], path.slopes[-1]
        pen.line(*path.places.T, "o-", BLUE, 1.5, markersize=5)
        pen.arrow(at, at - rate * slopes, GREEN)
        pen.dot(*at, BLUE)
        return (
            f"{_after(path)} {path.losses[-1]:.4f} at {names[0]} {at[0]:z.2f}, "
            f"{names[1]} {at[1]:z.2f}. Slopes {slopes[0]:z.3f} and {slopes[1]:z.3f}."
        )

    first, second = chosen.start.tolist()
    return LiveFigure(
        figure,
        update,
        first=Slider(*box[:2], step=0.05, value=first, label=f"start: {names[0]}"),
        second=Slider(*box[2:], step=0.05, value=second, label=f"start: {names[1]}"),
        **_descent_sliders(rate),
    )


def _draw_map(axes: Axes, first: Array, second: Array, losses: Array) -> None:
    """Draw lines of equal loss, close together where the loss is low."""
    levels = np.max(losses) * np.linspace(0.03, 1, 12) ** 2
    look = {"colors": GREY, "linewidths": 0.9, "alpha": 0.7}
    lines = axes.contour(first, second, losses.T, levels=levels, **look)
    axes.clabel(lines, lines.levels[1::2], fmt="%.2g", fontsize=9)
    axes.set(xlim=first[[0, -1]], ylim=second[[0, -1]])


def two_links() -> LiveFigure:
    """Show two weights in a row, y = w2 w1 x, learning to double their input.

    Returns
    -------
    LiveFigure
        The `loss_landscape` of w1 = 3 and w2 = 1, for the input 1 and target 2.

    Examples
    --------
    >>> two_links()
    Loss 1.0000 at w1 3.00, w2 1.00. Slopes 2.000 and 6.000.
    """
    w1 = np.linspace(0.7, 4, 80)
    return loss_landscape(
        Sequential(Scale(3), Scale(1)),
        x=1.0,
        target=2.0,
        entries=(("0.weight", ()), ("1.weight", ())),
        names=("w1", "w2"),
        box=(-1.0, 4.0, -1.0, 3.0),
        rate=0.01,
        line=(w1, 2 / w1, "w1 w2 = 2: loss 0"),
    )


# Every weight of a network


def any_weight(
    net: Module | None = None,
    loss: Any = None,
    x: ArrayLike | None = None,
    target: ArrayLike | None = None,
    *,
    reach: float = 3.0,
) -> LiveFigure:
    """Show the loss curve of any weight or bias of a network of Linear layers.

    Parameters
    ----------
    net : Module, optional
        The network; it stays as it is. Left out: the 4-3-2 network of the course.
    loss : callable, optional
        ``loss(output, target)``; a summed `MSELoss` if left out.
    x, target : array_like, optional
        The input of the network and what it should answer.
    reach : float, optional
        The weight's slider goes from minus to plus this.

    Returns
    -------
    LiveFigure
        Sliders ``entry`` (layer, row and column) and ``weight``.

    Examples
    --------
    >>> any_weight()
    Loss 1.643 at 0.00 for 0.weight[0, 0]. Slope -0.0149, measured -0.0149.
    """
    if net is None:
        net, x, target = course_network()
    chosen = ChosenWeights(net, loss or MSELoss("sum"), x, target)
    start, places = chosen.start, np.linspace(-reach, reach, 121)
    curves = [chosen.curve(start, k, places) for k in range(start.size)]
    height, _ = chosen.gradient(start)
    figure, (left, right) = subplots(1, 2, size=(8, 3.6), width_ratios=[1, 2])
    nodes = network_diagram(left, _widths(net))
    right.set(xlim=(-reach, reach), ylim=(0, 1.08 * np.max(curves)))
    right.set(xlabel="weight", ylabel="loss")
    diagram, pen = Pen(left), Pen(right)
    hollow = {"markerfacecolor": "white", "markeredgewidth": 1.5}

    def update(entry: Entry, weight: float) -> str:
        k = chosen.entries.index(entry)
        along = partial(chosen.slope, start, k)
        loss, slope = along(weight)
        measured = derivative(lambda w: along(w)[0], weight, method="central")
        diagram.line(*_lit(nodes, net, entry).T, "o-", BLUE)
        pen.line(places, curves[k])
        pen.tangent(weight, loss, slope, 0.8, "--", BLUE)
        pen.dot(start[k], height, GREY, **hollow)
        pen.dot(weight, loss, BLUE)
        return (
            f"Loss {loss:.3f} at {weight:z.2f} for {chosen.names[k]}. "
            f"Slope {slope:z.4f}, measured {measured:z.4f}."
        )

    entries = dict(zip(chosen.names, chosen.entries, strict=True))
    return LiveFigure(
        figure,
        update,
        entry=Slider(options=entries, label="which weight"),
        weight=Slider(-reach, reach, step=reach / 60, value=0, label="weight"),
    )


def _lit(nodes: list[Array], net: Module, entry: Entry) -> Array:
    """Say where a weight's line, or a bias's unit, lies in the drawing."""
    named = [name for name, own in net.named_parameters() if own.data.ndim == 2]
    layers = [name.rpartition(".")[0] for name in named]
    layer = layers.index(entry[0].rpartition(".")[0])
    row, *column = entry[1]
    return np.array([*nodes[layer][column], nodes[layer + 1][row]])


def _widths(net: Module) -> list[int]:
    shapes = [own.data.shape for own in net.parameters() if own.data.ndim == 2]
    return [shapes[0][1], *(rows for rows, _ in shapes)]
