"""Lesson 10: what one gradient costs, three ways, and how it fades with depth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from chainrule_lessons.charts import GREEN, GREY, INK, label, lessons_style
from chainrule_lessons.layers import ReLU, Sigmoid, Tanh
from chainrule_lessons.live import LiveFigure, Pen, Slider
from chainrule_lessons.plotting import Picture, subplots

__all__ = ["fade", "gap", "growth", "three_costs"]

Array = NDArray[np.floating]


# The cost of one gradient

A_BILLION, A_SECOND = 1_000_000_000, 1e12  # weights; multiplications
HOUR, YEAR = 3600.0, 31_557_600.0
UNITS = {"ns": 1e-9, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "minutes": 60.0}
UNITS |= {"hours": HOUR, "days": 24 * HOUR, "years": YEAR}
TICKS = {"1 ns": 1e-9, "1 µs": 1e-6, "1 ms": 1e-3, "1 s": 1.0}
TICKS |= {"1 hour": HOUR, "1 year": YEAR, "1,000 years": 1000 * YEAR}
WIDTHS = [10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000]
DEPTHS = [1, 2, 5, 10, 20, 50, 100]
WAYS = {  # what is multiplied, how often, and its colour
    "one forward pass": ("n", GREY),
    "backward": ("3 · n", INK),
    "differences": ("2n · n", GREEN),
    "forward mode": ("n · 3n", GREEN),
}
LINES = ((GREEN, "-s"), (GREEN, "--^"), (INK, "-o"))  # with markers as second cue
RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def three_costs(predict: tuple[str, Sequence[str]] | None = None) -> LiveFigure:
    """Count the multiplications of one gradient, by three ways, as bars of time.

    The network has layers of one width and no biases, so it has n = depth · width²
    weights, and a forward pass takes n multiplications for a sample. Differences
    take two passes a weight. Forward mode takes a pass with three products in each
    layer for every weight, and backward one such pass for all of them. The time is
    that of a machine with 10¹² multiplications a second.

    Parameters
    ----------
    predict : tuple of (str, sequence of str), optional
        A question whose answer unlocks the sliders.

    Returns
    -------
    LiveFigure
        Sliders ``width`` and ``depth``.

    Examples
    --------
    >>> three_costs()
    n = 10,000,000 weights: differences 2 × 10¹⁴ multiplications (3.33 minutes), \
forward mode 3 × 10¹⁴ (5 minutes), backward 3 × 10⁷ (30 µs).
    """
    figure, axes = subplots(size=(7.2, 3.8))
    _set_time_axis(axes)
    pen, low = Pen(axes), axes.get_xlim()[0]

    def update(width: int, depth: int) -> str:
        n = depth * width**2
        counts = costs(n)
        rows = zip(WAYS.items(), counts, (3, 2, 1, 0), strict=True)
        for (way, (product, color)), count, y in rows:
            bar = {"color": color, "width": 13, "solid_capstyle": "butt"}
            pen.line([low, count / A_SECOND], [y, y], **bar)
            said = f"{way}: {product} = {power(count)}, {words(count)}"
            pen.words(1.3 * low, y + 0.27, said)
        _, backward, differences, forward_mode = counts
        return (
            f"n = {n:,} weights: differences {_said(differences, ' multiplications')}, "
            f"forward mode {_said(forward_mode)}, backward {_said(backward)}."
        )

    return LiveFigure(
        figure,
        update,
        predict=predict,
        width=Slider(options=WIDTHS, value=1000, label="width"),
        depth=Slider(options=DEPTHS, value=10, label="layers"),
    )


def costs(n: int) -> tuple[int, int, int, int]:
    """Count the multiplications for a network of n weights, in the order of `WAYS`.

    Examples
    --------
    >>> costs(100)
    (100, 300, 20000, 30000)
    """
    return n, 3 * n, 2 * n * n, 3 * n * n


def _set_time_axis(axes: Axes) -> None:
    axes.set(xscale="log", xlim=(1e-11, 1e13), ylim=(-0.45, 3.75), yticks=[])
    axes.set_xticks(list(TICKS.values()), list(TICKS))
    axes.minorticks_off()
    axes.grid(axis="x")
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("time at 10¹² multiplications a second")


def _said(count: int, what: str = "") -> str:
    return f"{power(count)}{what} ({words(count)})"


@lessons_style()
def gap() -> Picture:
    """Draw the time for all slopes against the weights, by measuring and backward.

    Returns
    -------
    Picture
        Both axes count in factors of ten; a billion weights are marked.

    Examples
    --------
    >>> gap()
    A billion weights: by measuring 23.1 days, backward 3 ms.
    """
    figure, axes = subplots()
    n, low, high = np.array([1e2, 1e12]), *costs(A_BILLION)[1:3]
    axes.set(xscale="log", yscale="log", xlim=n, xlabel="weights")
    axes.set_ylabel("time for all slopes")
    axes.set_yticks(list(TICKS.values()), list(TICKS))
    axes.minorticks_off()
    axes.plot(n, 2 * n**2 / A_SECOND, color=GREEN)
    axes.plot(n, 3 * n / A_SECOND, "--", color=INK)
    ends = np.array([low, high]) / A_SECOND
    axes.plot([A_BILLION] * 2, ends, "o:", color=GREY, linewidth=1.2)
    label(axes, 4e8, 1e7, "by measuring", color=GREEN, ha="right")
    label(axes, 3e9, 2e-4, "backward", color=INK)
    said = f"by measuring {words(high)}, backward {words(low)}"
    return Picture(figure, f"A billion weights: {said}.")


@lessons_style()
def growth(n: ArrayLike, seconds: Mapping[str, ArrayLike]) -> Picture:
    """Draw times against a number of weights, and fit the power that they grow with.

    Parameters
    ----------
    n : array_like of shape (k,)
        Numbers of weights, rising.
    seconds : mapping of str to array_like of shape (k,)
        Up to three names, with a time for each number of weights.

    Returns
    -------
    Picture
        On axes that count in factors of ten, where a power is a straight line and
        its exponent the slope.

    Examples
    --------
    >>> n = np.array([10, 100, 1000])
    >>> growth(n, {"pairs": 1e-9 * n**2, "one by one": 2e-6 * n})
    From 10 to 1,000 weights, slopes: pairs 2.00, one by one 1.00.
    """
    n, said = np.asarray(n, float), []
    figure, axes = subplots()
    axes.set(xscale="log", yscale="log", xlim=(0.8 * n[0], 12 * n[-1]))
    axes.set(xlabel="weights", ylabel="seconds for all slopes")
    for (name, times), (color, look) in zip(seconds.items(), LINES, strict=False):
        axes.plot(n, times, look, color=color, markersize=6, linewidth=1.5)
        said.append(f"{name} {fitted_power(n, times):.2f}")
    decades = np.diff(np.log10(axes.get_ylim()))[0]
    ends = spread(np.log10([line.get_ydata()[-1] for line in axes.lines]), decades / 14)
    for line, end, text in zip(axes.lines, ends, said, strict=True):
        color = line.get_color()
        label(axes, 1.15 * n[-1], 10**end, text, color=color, va="center")
    sizes = f"From {n[0]:,.0f} to {n[-1]:,.0f} weights"
    return Picture(figure, f"{sizes}, slopes: {', '.join(said)}.")


def fitted_power(n: ArrayLike, values: ArrayLike) -> float:
    """Return the slope of the best straight line through log values against log n.

    Examples
    --------
    >>> round(fitted_power([1, 10, 100], [5, 500, 50_000]), 6)
    2.0
    """
    return float(np.polyfit(np.log(n), np.log(values), 1)[0])


def power(count: int) -> str:
    """Write a small count in full, a large one with three digits and a power of ten.

    Examples
    --------
    >>> power(20_000), power(2 * 10**14), power(10**12)
    ('20,000', '2 × 10¹⁴', '10¹²')
    """
    if count < 1_000_000:
        return f"{count:,}"
    digits, exponent = f"{count:.2e}".split("e")
    raised = f"10{str(int(exponent)).translate(RAISED)}"
    return raised if float(digits) == 1 else f"{float(digits):g} × {raised}"


def words(count: int) -> str:
    """Say how long so many multiplications take, in the largest unit that fits.

    Examples
    --------
    >>> words(2 * 10**14), words(2 * 10**24)
    ('3.33 minutes', '63,376 years')
    """
    seconds = count / A_SECOND
    fits = [unit for unit, size in UNITS.items() if seconds >= size]
    unit = fits[-1] if fits else "ns"
    number = seconds / UNITS[unit]
    return f"{number:,.0f} {unit}" if number >= 100 else f"{number:.3g} {unit}"


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
            pen.dot(layers, curve[layers - 1], color)
            pen.words(LAYERS + 0.4, end, name, color, va="center")
            said.append(f"{name} {curve[layers - 1]:.2g}")
        passed = f"{layers} layer{'s' * (layers > 1)}"
        return f"Scale {scale:.2f}, after {passed}: {', '.join(said)}."

    return LiveFigure(
        figure,
        update,
        scale=Slider(0.5, 3, step=0.05, value=1, label="weight scale"),
        layers=Slider(1, LAYERS, value=LAYERS, label="layers passed"),
    )


def product_norms(scale: float, activation: str) -> Array:
    """Return the norm of the product of the first 1, 2, ... 20 layers' Jacobians.

    Each is the largest factor by which a small step of the input is stretched. The
    scale of the weights is in units of 1/√32.

    Examples
    --------
    >>> product_norms(1.0, "tanh")[[0, 19]].round(2)
    array([1.39, 0.84])
    """
    weights, a = random_layers()
    product, products = np.eye(WIDTH), []
    for W in weights:
        a, slope = BENDS[activation].value_and_slope(scale * (W @ a))
        product = slope[:, None] * (scale * W) @ product
        products.append(product)
    return np.linalg.norm(products, 2, axis=(1, 2))


def random_layers() -> tuple[list[Array], Array]:
    """Return the weights of all layers for scale 1, and the input."""
    rng = np.random.default_rng(10)
    shape = (WIDTH, WIDTH)
    weights = [rng.normal(size=shape) / np.sqrt(WIDTH) for _ in range(LAYERS)]
    return weights, rng.normal(size=WIDTH)


def spread(heights: Array, gap: float = 1.9) -> Array:
    """Move heights apart until no two are closer than `gap`, keeping their order.

    Examples
    --------
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
