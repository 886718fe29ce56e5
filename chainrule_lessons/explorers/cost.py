"""What one gradient costs, three ways (lesson 10).

`three_costs` has sliders, and each replays in the browser; `gap` and `growth` are
still pictures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from chainrule_lessons.explorers.depth import spread
from chainrule_lessons.live import LiveFigure
from chainrule_lessons.live.slider import Slider
from chainrule_lessons.plotting import (
    GREEN,
    GREY,
    INK,
    Picture,
    label,
    lessons_style,
    subplots,
)

__all__ = ["gap", "growth", "three_costs"]

A_SECOND = 1e12  # multiplications
WIDTHS = [10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000]
DEPTHS = [1, 2, 5, 10, 20, 50, 100]
WAYS = {  # what is multiplied, how often, and its colour
    "one forward pass": ("n", GREY),
    "backward": ("3 · n", INK),
    "differences": ("2n · n", GREEN),
    "forward mode": ("n · 3n", GREEN),
}
UNITS = {
    "ns": 1e-9,
    "µs": 1e-6,
    "ms": 1e-3,
    "s": 1.0,
    "minutes": 60.0,
    "hours": 3600.0,
    "days": 86_400.0,
    "years": 31_557_600.0,
}
TICKS = {
    "1 ns": 1e-9,
    "1 µs": 1e-6,
    "1 ms": 1e-3,
    "1 s": 1.0,
    "1 hour": UNITS["hours"],
    "1 year": UNITS["years"],
    "1,000 years": 1000 * UNITS["years"],
}
A_BILLION = 1_000_000_000
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
    marks = CostMarks(axes)

    def update(width: int, depth: int) -> str:
        n = depth * width**2
        counts = costs(n)
        marks.show(counts)
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


class CostMarks:
    """A bar of time for each way, on a logarithmic axis, with its count above it."""

    def __init__(self, axes: Axes) -> None:
        axes.set(xscale="log", xlim=(1e-11, 1e13), ylim=(-0.45, 3.75), yticks=[])
        axes.set_xticks(list(TICKS.values()), list(TICKS))
        axes.minorticks_off()
        axes.grid(axis="x")
        axes.spines["left"].set_visible(False)
        axes.set_xlabel("time at 10¹² multiplications a second")
        thick = {"lw": 13, "solid_capstyle": "butt", "animated": True}
        self.low = axes.get_xlim()[0]
        self.bars, self.labels = [], []
        for row, (_, color) in enumerate(WAYS.values()):
            self.bars += axes.plot([], [], color=color, **thick)
            self.labels.append(
                label(axes, 1.3 * self.low, 3.27 - row, "", animated=True)
            )

    def show(self, counts: Sequence[int]) -> None:
        """Draw the bars and write the counts."""
        rows = zip(self.bars, self.labels, WAYS.items(), counts, strict=True)
        for row, (bar, text, (way, (product, _)), count) in enumerate(rows):
            bar.set_data([self.low, count / A_SECOND], [3 - row, 3 - row])
            text.set_text(f"{way}: {product} = {power(count)}, {words(count)}")


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
