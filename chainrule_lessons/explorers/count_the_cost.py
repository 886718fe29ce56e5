"""Lesson 10: what one gradient costs, the tape as a ledger, and slopes that fade.

`three_costs` counts multiplications, `tape_ledger` writes a tape and reads it backward,
`fade` follows the slope through a deep network.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from chainrule_lessons.layers import ReLU, Sigmoid, Tanh
from chainrule_lessons.live import Bet, LiveFigure, Pen, Slider
from chainrule_lessons.markdown import bet
from chainrule_lessons.marks import GREEN, GREY, INK, ORANGE
from chainrule_lessons.plotting import label, sheet, subplots

__all__ = ["fade", "tape_ledger", "three_costs"]

Array = NDArray[np.floating]


# The cost of one gradient

A_SECOND = 1e12  # multiplications
HOUR, YEAR = 3600.0, 31_557_600.0
UNITS = {"ns": 1e-9, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "minutes": 60.0}
UNITS |= {"hours": HOUR, "days": 24 * HOUR, "years": YEAR}
TICKS = {"1 ns": 1e-9, "1 µs": 1e-6, "1 ms": 1e-3, "1 s": 1.0}
TICKS |= {"1 hour": HOUR, "1 year": YEAR, "1,000 years": 1000 * YEAR}
WIDTHS = [10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000]
DEPTHS = [1, 2, 5, 10, 20, 50, 100]
START = 10 * 1000**2  # weights
WAYS = {"one forward pass": GREY, "walking back": INK, "measuring": GREEN}
CENTURIES = bet("centuries")


def three_costs(*, predict: Bet | None = bet("three_costs")) -> LiveFigure:
    """Say what one gradient takes, measured and by walking back, as the network grows.

    The network has layers of one width and no biases, so it has n = depth · width²
    weights, and a forward pass takes n multiplications for a sample. Measuring takes
    two passes a weight; walking back takes three products in each layer, for all of
    them. The time is that of a machine with 10¹² multiplications a second.

    Parameters
    ----------
    predict : tuple, optional
        As in `LiveFigure`; None: no bet.

    Returns
    -------
    LiveFigure
        Sliders ``width`` and ``depth``. Hollow dots stay at the start.

    Examples
    --------
    >>> three_costs()
    10,000,000 weights: one forward pass 10 µs, walking back 30 µs, measuring 3.33 minutes.
    """
    figure, axes = subplots(size=(6.4, 3.2))
    _set_time_axis(axes)
    pen = Pen(axes)

    def update(width: int, depth: int) -> str:
        said, n = [], depth * width**2
        rows = zip(WAYS.items(), costs(n), costs(START), (2, 1, 0), strict=True)
        for (way, color), count, before, y in rows:
            ends = [before / A_SECOND, count / A_SECOND]
            pen.line(ends, [y, y], "-", color, 1.5)
            pen.dot(ends[0], y, color, markerfacecolor="white", markersize=8)
            grab = None if y else "width"  # one dot: it is sought by its slider
            pen.dot(ends[1], y, color, markersize=10, grab=grab)
            times = f", × {count / before:,.12g}" if count > before else ""
            pen.words(1.5e-11, y + 0.27, f"{way}: {words(count)}{times}", color)
            said.append(f"{way} {words(count)}")
        return f"{n:,} weights: {', '.join(said)}."

    width = Slider(options=WIDTHS, value=1000, label="width")
    depth = Slider(options=DEPTHS, value=10, label="layers")
    return LiveFigure(figure, update, predict=predict, width=width, depth=depth)


def costs(n: int) -> tuple[int, int, int]:
    """Count the multiplications for a network of n weights, in the order of `WAYS`.

    >>> costs(100)
    (100, 300, 20000)
    """
    return n, 3 * n, 2 * n * n


def _set_time_axis(axes: Axes) -> None:
    axes.set(xscale="log", xlim=(1e-11, 1e13), ylim=(-0.35, 2.65), yticks=[])
    axes.set_xticks(list(TICKS.values()), list(TICKS))
    axes.minorticks_off()
    axes.grid(axis="x")
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("from mark to mark: a thousand times as long, or more")


def words(count: int) -> str:
    """Say how long so many multiplications take, in the largest unit that fits.

    >>> words(2 * 10**14), words(2 * 10**24)
    ('3.33 minutes', '63,376 years')
    """
    seconds = count / A_SECOND
    fits = [unit for unit, size in UNITS.items() if seconds >= size]
    unit = fits[-1] if fits else "ns"
    number = seconds / UNITS[unit]
    return f"{number:,.0f} {unit}" if number >= 100 else f"{number:.3g} {unit}"


# The tape as a ledger


class Line(NamedTuple):
    """A line of the ledger: what it says, its value, and its inputs with slopes."""

    said: str
    value: int
    inputs: dict[str, int]


TAPE = {  # f = x y (x y + x) at x = 3, y = 2; a and x are used twice
    "x": Line("x", 3, {}),
    "y": Line("y", 2, {}),
    "a": Line("a = x · y", 6, {"x": 2, "y": 3}),
    "b": Line("b = a + x", 9, {"a": 1, "x": 1}),
    "f": Line("f = a · b", 54, {"a": 9, "b": 6}),
}
HEIGHTS = dict(zip(TAPE, (6.8, 5.4, 4.0, 2.6, 1.2), strict=True))
BACK = "fba"  # the lines that hand on, in their order
FOUR, LAST = 4, 7  # the step that puts a 1 at f, and the last one


def tape_ledger(*, predict: Bet | None = bet("tape_ledger")) -> LiveFigure:
    """Write a tape line by line, then climb it backward and hand on the slopes.

    Parameters
    ----------
    predict : tuple, optional
        As in `LiveFigure`; None: no bet.

    Returns
    -------
    LiveFigure
        With the slider ``step``: 3 lines are written, f gets its 1, and 3 lines
        hand on.

    Notes
    -----
    f = x y (x y + x), so the slope by x is 2 x (y² + y), and by y it is x² (2 y + 1).

    Examples
    --------
    >>> live = tape_ledger(predict=None)
    >>> live.set(step=7)
    >>> live
    Line a holds 9 + 6 = 15 and hands on: 15 · 2 = 30 to x, 15 · 3 = 45 to y.
    """
    figure, axes = sheet()
    for x, name in ((0.9, "line"), (4.6, "value"), (6.6, "slopes it notes")):
        label(axes, x, 8.1, name, color=GREY)
    label(axes, 11.6, 8.1, "slope of f by it", color=GREY)
    axes.plot([0.9, 15.9], [7.75, 7.75], color=GREY, lw=1)
    pen = Pen(axes)

    def update(step: int) -> str:
        written, handing = list(TAPE)[: 2 + step], BACK[: max(step - FOUR, 0)]
        shares = shares_after(handing) if step >= FOUR else {}
        at = handing[-1] if handing else written[-1]
        for name in written:
            _write_line(pen, name, handing, at)
            pen.words(11.6, HEIGHTS[name], _sum(shares.get(name, [])), va="center")
        for n, giver in enumerate(TAPE[at].inputs if handing else ()):
            lane = 15.3 + 0.5 * n
            pen.arrow((lane, HEIGHTS[at]), (lane, HEIGHTS[giver]), ORANGE)
        side = 0.4 if step < FOUR else 11.1  # down the page, then up beside the slopes
        pen.dot(side, HEIGHTS[at], GREEN, markersize=9, grab="step")
        return _told(step, at, shares)

    step = Slider(0, LAST, value=0, label="step", play=True)
    return LiveFigure(figure, update, predict=predict, step=step)


def shares_after(handing: str) -> dict[str, list[int]]:
    """Give the shares that have arrived at each line once some have handed on.

    >>> shares_after("fb")
    {'x': [6], 'y': [], 'a': [9, 6], 'b': [6], 'f': [1]}
    """
    shares: dict[str, list[int]] = {name: [] for name in TAPE} | {"f": [1]}
    for name in handing:
        for giver, slope in TAPE[name].inputs.items():
            shares[giver].append(sum(shares[name]) * slope)
    return shares


def _write_line(pen: Pen, name: str, handing: str, at: str) -> None:
    """Write what a line says and notes: grey while its slopes wait, then orange."""
    line, y = TAPE[name], HEIGHTS[name]
    noted = ",  ".join(f"{slope} by {by}" for by, slope in line.inputs.items())
    gone = name in handing
    weight = "bold" if name == at and gone else "normal"
    pen.words(0.9, y, line.said, va="center")
    pen.words(4.6, y, str(line.value), va="center")
    pen.words(6.6, y, noted, ORANGE if gone else GREY, va="center", weight=weight)


def _sum(shares: list[int]) -> str:
    """Write a sum of shares.

    >>> _sum([9, 6]), _sum([1]), _sum([])
    ('9 + 6 = 15', '1', '')
    """
    total = f" = {sum(shares)}" if len(shares) > 1 else ""
    return " + ".join(map(str, shares)) + total


def _told(step: int, at: str, shares: dict[str, list[int]]) -> str:
    line = TAPE[at]
    if step == 0:
        return "Two numbers are given: x = 3 and y = 2."
    if step < FOUR:
        noted = " and ".join(f"{slope} by {by}" for by, slope in line.inputs.items())
        return f"Written: {line.said} = {line.value}, with the slopes {noted}."
    if step == FOUR:
        return "f answers to itself with slope 1. Now the cursor climbs."
    held = sum(shares[at])
    given = (f"{held} · {s} = {held * s} to {by}" for by, s in line.inputs.items())
    return f"Line {at} holds {_sum(shares[at])} and hands on: {', '.join(given)}."


# The slope through many layers

LAYERS, WIDTH = 20, 32
LOW, HIGH = 1e-20, 1e10
BENDS = {"sigmoid": Sigmoid(), "tanh": Tanh(), "ReLU": ReLU()}
LOOKS = {"sigmoid": (":", INK), "tanh": ("-", GREEN), "ReLU": ("--", INK)}


def fade() -> LiveFigure:
    """Follow the size of the slope from the input to each layer of a deep network.

    Drawn is the norm of the Jacobian of layer k's output by the network's input, a
    product of k Jacobians, for three activations. All layers are 32 units wide,
    without biases. Their weights are the same random numbers each time, times
    scale / √32.

    Returns
    -------
    LiveFigure
        Sliders ``scale`` and ``layers``.

    Examples
    --------
    >>> fade()
    Scale 1.00, after 20 layers: sigmoid 8.6e-13, tanh 0.84, ReLU 0.0033.
    """
    figure, axes = subplots(size=(6.8, 3.8))
    axes.set(yscale="log", xlim=(0.5, LAYERS + 3.5), ylim=(LOW, HIGH))
    axes.set(xlabel="layers passed", ylabel="norm of the product")
    axes.set_xticks([1, 5, 10, 15, 20])
    axes.plot([0.5, LAYERS], [1, 1], color=GREY, lw=0.8)
    pen, depths = Pen(axes), np.arange(1, LAYERS + 1)
    norms = lru_cache(None)(product_norms)

    def update(scale: float, layers: int) -> str:
        curves = [norms(scale, name) for name in LOOKS]
        ends = 10 ** spread(np.log10([curve[-1] for curve in curves]))
        said = []
        for (name, look), curve, end in zip(LOOKS.items(), curves, ends, strict=True):
            dashes, color = look
            pen.line(depths, curve, dashes, color)
            grab = "layers" if name == "tanh" else None
            pen.dot(layers, curve[layers - 1], color, grab=grab)
            pen.words(LAYERS + 0.4, end, name, color, va="center")
            said.append(f"{name} {curve[layers - 1]:.2g}")
        passed = f"{layers} layer{'s' * (layers > 1)}"
        return f"Scale {scale:.2f}, after {passed}: {', '.join(said)}."

    scale = Slider(0.5, 3, step=0.05, value=1, label="weight scale")
    layers = Slider(1, LAYERS, value=LAYERS, label="layers passed")
    return LiveFigure(figure, update, scale=scale, layers=layers)


def product_norms(scale: float, activation: str) -> Array:
    """Return the norm of the product of the first 1, 2, ... 20 layers' Jacobians.

    Each is the largest factor by which a small step of the input is stretched. The
    scale of the weights is in units of 1/√32.

    >>> product_norms(1.0, "tanh")[[0, 19]].round(2)
    array([1.39, 0.84])
    """
    rng = np.random.default_rng(10)
    weights = rng.normal(size=(LAYERS, WIDTH, WIDTH)) / np.sqrt(WIDTH)
    a = rng.normal(size=WIDTH)  # the input
    product, products = np.eye(WIDTH), []
    for W in weights:
        a, slope = BENDS[activation].value_and_slope(scale * (W @ a))
        product = slope[:, None] * (scale * W) @ product
        products.append(product)
    return np.linalg.norm(products, 2, axis=(1, 2))


def spread(heights: Array, gap: float = 1.9) -> Array:
    """Move heights apart until no two are closer than `gap`, keeping their order.

    >>> spread(np.array([0.0, 9.0, 0.5]), gap=1.0)
    array([-0.25,  9.  ,  0.75])
    """
    order = np.argsort(heights)
    apart = np.array(heights, float)
    for _ in range(10):  # each halves what is missing, or better
        for low, high in pairwise(order):
            missing = max(gap - (apart[high] - apart[low]), 0)
            apart[[low, high]] += -missing / 2, missing / 2
    return apart
