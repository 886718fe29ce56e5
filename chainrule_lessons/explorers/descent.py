"""Lesson 7: how the loss responds to a weight, and the way down.

Every slider of every figure here replays in the browser.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from chainrule_lessons import landscape
from chainrule_lessons.layers import Linear, Module, Scale, Sequential, Sigmoid, Tanh
from chainrule_lessons.live import LiveFigure, Slider
from chainrule_lessons.losses import MSELoss
from chainrule_lessons.numeric import derivative
from chainrule_lessons.plotting import (
    BLUE,
    GREEN,
    GREY,
    INK,
    arrow,
    label,
    network_diagram,
    set_slope_triangle,
    slope_triangle,
    subplots,
)

__all__ = ["any_weight", "loss_curve", "loss_landscape", "two_links", "valleys"]

Array = NDArray[np.floating]
Entry = tuple[str, int | tuple[int, ...]]
Gradient = Callable[[Array], tuple[float, Array]]
FAR = 1e6  # a descent that leaves this range has diverged
MOST_STEPS = 20


class Path(NamedTuple):
    """The places of a descent, with the loss and its slopes at each."""

    places: Array
    losses: Array
    slopes: Array


def descend(gradient: Gradient, start: ArrayLike, rate: float, steps: int) -> Path:
    """Take steps of `rate` times the slope downhill; stop where they diverge."""
    place, stops = np.array(start, float), []
    for _ in range(steps + 1):
        loss, slope = gradient(place)
        stops.append((place, loss, slope))
        place = place - rate * slope
        if not np.abs(place).max() < FAR:
            break
    places, losses, slopes = zip(*stops, strict=True)
    return Path(np.array(places), np.array(losses), np.array(slopes))


class ChosenWeights:
    """The loss of a copy of a network as a function of a few of its weights."""

    def __init__(
        self, net: Module, loss: Any, x: ArrayLike, target: ArrayLike, *entries: Entry
    ) -> None:
        found = [landscape.locate(net, *entry) for entry in entries]
        self.net = copy.deepcopy(net)
        self.loss, self.x, self.target, self.entries = loss, x, target, found
        own = dict(self.net.named_parameters())
        self.places = [(own[name], index) for name, index in found]
        self.start = np.array([own[name].data[index] for name, index in found])

    def gradient(self, values: Array) -> tuple[float, Array]:
        """Return the loss and its slope by each chosen weight, from backprop."""
        for (parameter, index), value in zip(self.places, values, strict=True):
            parameter.data[index] = value
        self.net.zero_grad()
        loss = self.loss(self.net(self.x), self.target)
        self.net.backward(self.loss.backward(), input_grad=False)
        return loss, np.array([own.grad[index] for own, index in self.places])

    def curve(self, values: Array, *others: float) -> Array:
        """Return the loss at many values of the first weight, the others given."""
        for (parameter, index), value in zip(self.places[1:], others, strict=True):
            parameter.data[index] = value
        data = self.net, self.loss, self.x, self.target
        return landscape.loss_curve(*data, *self.entries[0], values)


class CurveMarks:
    """The moving marks on a loss curve: where we are, how steep, where next."""

    def __init__(self, axes: Axes) -> None:
        self.axes = axes
        (self.curve,) = axes.plot([], [], color=INK, animated=True)
        trace = {"color": GREY, "markersize": 6, "linewidth": 1}
        (self.trace,) = axes.plot([], [], "o-", animated=True, **trace)
        (self.tangent,) = axes.plot([], [], "--", color=BLUE, animated=True)
        self.triangle = slope_triangle(axes, color=BLUE, animated=True)
        self.step = arrow(axes, (0, 0), (0, 0), color=GREEN, animated=True)
        (self.dot,) = axes.plot([], [], "o", color=BLUE, animated=True)

    def show(self, path: Path, rate: float) -> str:
        """Set the marks to a descent along the curve; return the caption."""
        places, slopes = path.places[:, 0], path.slopes[:, 0]
        at, loss, slope = float(places[-1]), float(path.losses[-1]), float(slopes[-1])
        low, high = self.axes.get_xlim()
        floor, width = self.axes.get_ylim()[0], high - low
        self.trace.set_data(places, path.losses)
        self.dot.set_data([at], [loss])
        ends = at + np.array([-0.13, 0.13]) * width
        self.tangent.set_data(ends, loss + slope * (ends - at))
        set_slope_triangle(self.triangle, at, loss, slope, 0.12 * width)
        following = at - rate * slope
        self.step.set_ends((at, 0.5 * floor), (following, 0.5 * floor))
        return (
            f"{_after(path)} {loss:.3f} at weight {at:z.2f}, slope {slope:z.3f}. "
            f"The next step leads to {following:z.2f}."
        )


def worked_chain() -> Sequential:
    """Build the chain that the course works through: Linear, Sigmoid, Scale."""
    return Sequential(Linear(2, 1, weight=[1, 5], bias=[-15]), Sigmoid(), Scale(20))


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
    (low, high), ends = (_around(value, reach) for value in chosen.start.tolist())
    places = np.linspace(low, high, 161)
    curve = lru_cache(None)(lambda value: chosen.curve(places, value))
    top = max(curve(value).max() for value in np.linspace(*ends, 9).tolist())
    figure, axes = subplots()
    axes.set(xlim=(low, high), ylim=(-0.12 * top, 1.08 * top), ylabel="loss")
    axes.set_xlabel(f"weight: {_entry_text(weight)}")
    marks = CurveMarks(axes)

    def update(weight: float, other: float, rate: float, steps: int) -> str:
        def gradient(place: Array) -> tuple[float, Array]:
            value, slopes = chosen.gradient(np.append(place, other))
            return value, slopes[:1]

        marks.curve.set_data(places, curve(other))
        return marks.show(descend(gradient, [weight], rate, steps), rate)

    return LiveFigure(
        figure,
        update,
        predict=predict,
        weight=Slider(
            low, high, step=reach / 50, value=float(chosen.start[0]), label="weight"
        ),
        other=Slider(
            *ends, step=reach / 25, value=float(chosen.start[1]), label="another weight"
        ),
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
    marks = CurveMarks(axes)
    places = np.linspace(-4, 4, 241)
    marks.curve.set_data(places, 1 + 0.1 * places**2 + np.sin(3 * places))

    def gradient(w: Array) -> tuple[float, Array]:
        return float(1 + 0.1 * w[0] ** 2 + np.sin(3 * w[0])), 0.2 * w + 3 * np.cos(
            3 * w
        )

    def update(start: float, rate: float, steps: int) -> str:
        return marks.show(descend(gradient, [start], rate, steps), rate)

    start = Slider(-3.8, 3.8, step=0.1, value=2, label="start")
    sliders = {"start": start} | _descent_sliders(0.05)
    return LiveFigure(figure, update, predict=predict, **sliders)


class PathMarks:
    """The moving marks over two weights: the way so far, and the next step."""

    def __init__(self, axes: Axes) -> None:
        way = {"color": BLUE, "markersize": 5, "linewidth": 1.5}
        (self.trace,) = axes.plot([], [], "o-", animated=True, **way)
        self.step = arrow(axes, (0, 0), (0, 0), color=GREEN, animated=True)
        (self.dot,) = axes.plot([], [], "o", color=BLUE, animated=True)

    def show(self, path: Path, rate: float, names: Sequence[str]) -> str:
        """Set the marks to a descent over the plane; return the caption."""
        at, slopes = path.places[-1], path.slopes[-1]
        self.trace.set_data(*path.places.T)
        self.dot.set_data(at[:1], at[1:])
        self.step.set_ends(at, at - rate * slopes)
        return (
            f"{_after(path)} {path.losses[-1]:.4f} at {names[0]} {at[0]:z.2f}, "
            f"{names[1]} {at[1]:z.2f}. Slopes {slopes[0]:z.3f} and {slopes[1]:z.3f}."
        )


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
    chosen = ChosenWeights(net, MSELoss(), x, target, *entries)
    figure, axes = subplots(size=(6.4, 4.4))
    _draw_map(axes, chosen, box)
    axes.set(xlabel=names[0], ylabel=names[1])
    if line is not None:
        x_line, y_line, says = line
        axes.plot(x_line, y_line, color=GREEN)
        label(axes, x_line[0], y_line[0], f" {says}", color=GREEN, va="top")
    marks = PathMarks(axes)

    def update(first: float, second: float, rate: float, steps: int) -> str:
        path = descend(chosen.gradient, [first, second], rate, steps)
        return marks.show(path, rate, names)

    first, second = chosen.start.tolist()
    return LiveFigure(
        figure,
        update,
        first=Slider(*box[:2], step=0.05, value=first, label=f"start: {names[0]}"),
        second=Slider(*box[2:], step=0.05, value=second, label=f"start: {names[1]}"),
        **_descent_sliders(rate),
    )


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
    loss = loss or MSELoss("sum")
    entries = entries_by_name(net)
    chosen = ChosenWeights(net, loss, x, target, *entries.values())
    order = list(entries.values())
    places = np.linspace(-reach, reach, 121)
    curves = {e: landscape.loss_curve(net, loss, x, target, *e, places) for e in order}
    figure, (left, axes) = subplots(1, 2, size=(8, 3.6), width_ratios=[1, 2])
    nodes = network_diagram(left, _widths(net))
    (lit,) = left.plot([], [], "o-", color=BLUE, animated=True)
    top = max(curve.max() for curve in curves.values())
    axes.set(xlim=(-reach, reach), ylim=(0, 1.08 * top), xlabel="weight", ylabel="loss")
    (curve,) = axes.plot([], [], color=INK, animated=True)
    (tangent,) = axes.plot([], [], "--", color=BLUE, animated=True)
    (own,) = axes.plot([], [], "o", mfc="white", mec=GREY, mew=1.5, animated=True)
    (dot,) = axes.plot([], [], "o", color=BLUE, animated=True)

    def gradient(entry: Entry, weight: float) -> tuple[float, float]:
        values = chosen.start.copy()
        values[order.index(entry)] = weight
        value, slopes = chosen.gradient(values)
        return value, float(slopes[order.index(entry)])

    def update(entry: Entry, weight: float) -> str:
        value, slope = gradient(entry, weight)
        measured = derivative(lambda w: gradient(entry, w)[0], weight, method="central")
        curve.set_data(places, curves[entry])
        start = chosen.start[order.index(entry)]
        own.set_data([start], [gradient(entry, start)[0]])
        dot.set_data([weight], [value])
        tangent.set_data(
            [weight - 0.8, weight + 0.8], [value - 0.8 * slope, value + 0.8 * slope]
        )
        lit.set_data(*_lit(nodes, net, entry).T)
        return (
            f"Loss {value:.3f} at {weight:z.2f} for {_entry_text(entry)}. "
            f"Slope {slope:z.4f}, measured {measured:z.4f}."
        )

    return LiveFigure(
        figure,
        update,
        entry=Slider(options=entries, label="which weight"),
        weight=Slider(-reach, reach, step=reach / 60, value=0, label="weight"),
    )


def course_network() -> tuple[Sequential, Array, Array]:
    """Build the 4-3-2 network of the course, with its input and target."""
    rng = np.random.default_rng(432)
    net = Sequential(Linear(4, 3, rng=rng), Tanh(), Linear(3, 2, rng=rng), Tanh())
    return net, rng.normal(size=4), rng.uniform(-1, 1, size=2)


def _around(value: float, reach: float) -> tuple[float, float]:
    return value - reach, value + reach


def _after(path: Path) -> str:
    taken = len(path.places) - 1
    return f"After {taken} step{'s' * (taken > 1)}: loss" if taken else "Loss"


def _descent_sliders(rate: float) -> dict[str, Slider]:
    return {
        "rate": Slider(
            rate / 100,
            rate * 100,
            step=0.05,
            value=rate,
            scale="log",
            label="learning rate",
        ),
        "steps": Slider(0, MOST_STEPS, step=1, value=0, label="steps taken", play=True),
    }


def _draw_map(
    axes: Axes, chosen: ChosenWeights, box: tuple[float, float, float, float]
) -> None:
    """Draw lines of equal loss, close together where the loss is low."""
    first, second = np.linspace(*box[:2], 121), np.linspace(*box[2:], 121)
    surface = landscape.loss_surface(
        chosen.net, chosen.loss, chosen.x, chosen.target, *chosen.entries, first, second
    )
    levels = np.max(surface) * np.linspace(0.03, 1, 12) ** 2
    lines = axes.contour(
        first, second, surface.T, levels=levels, colors=GREY, linewidths=0.9, alpha=0.7
    )
    axes.clabel(lines, lines.levels[1::2], fmt="%.2g", fontsize=9)
    axes.set(xlim=box[:2], ylim=box[2:])


def _lit(nodes: list[Array], net: Module, entry: Entry) -> Array:
    """Say where a weight's line, or a bias's unit, lies in the drawing."""
    prefix = [
        name.rpartition(".")[0]
        for name, own in net.named_parameters()
        if own.data.ndim == 2
    ]
    layer = prefix.index(entry[0].rpartition(".")[0])
    row, *column = np.atleast_1d(entry[1])
    sources = [nodes[layer][i] for i in column]
    return np.array([*sources, nodes[layer + 1][row]])


def _widths(net: Module) -> list[int]:
    shapes = [own.data.shape for own in net.parameters() if own.data.ndim == 2]
    return [shapes[0][1], *(rows for rows, _ in shapes)]


def entries_by_name(net: Module) -> dict[str, Entry]:
    """List every weight and bias of a network under a readable name."""
    return {
        _entry_text((name, index)): (name, index)
        for name, parameter in net.named_parameters()
        for index in np.ndindex(parameter.data.shape)
    }


def _entry_text(entry: Entry) -> str:
    name, index = entry
    places = ", ".join(str(i) for i in np.atleast_1d(index))
    return f"{name}[{places}]"
