"""Charts on given axes: a network, the loop of training, learning curves, digits.

Functions draw on a given Axes and return the artists. They know arrays, not layers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle, pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from numpy.typing import ArrayLike, NDArray

from chainrule_lessons.marks import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    arrow,
    framed,
    label,
    lessons_style,
    tint,
)

__all__ = [
    "confusion",
    "gallery",
    "learning_curves",
    "network_diagram",
    "training_loop",
]

# How curves are told apart; orange and blue, which mean something, come last.
_LOOKS = (INK, "-"), (GREEN, "--"), (GREY, "-"), (BLUE, ":"), (ORANGE, "-.")


def network_diagram(axes: Axes, widths: Sequence[int]) -> list[NDArray[np.floating]]:
    """Draw a network as columns of units, joined by a line for each weight.

    Parameters
    ----------
    axes : Axes
        Where to draw; its frame is taken away.
    widths : sequence of int
        How many units each layer has, the input first.

    Returns
    -------
    list of ndarray of shape (width, 2)
        Where the units stand, layer by layer, so that one can be marked.
    """
    axes.set_axis_off()
    tall = max(widths)
    nodes = []
    for layer, width in enumerate(widths):
        heights = (width - 1) / 2 - np.arange(width)
        nodes.append(np.column_stack([np.full(width, float(layer)), heights]))
    for sources, sinks in pairwise(nodes):
        ends = [(source, sink) for source in sources for sink in sinks]
        axes.add_collection(LineCollection(ends, colors=GREY, linewidths=0.8))
    places = np.concatenate(nodes)
    axes.scatter(*places.T, s=90, color="white", edgecolor=INK, zorder=2)
    axes.set(xlim=(-0.4, len(widths) - 0.6), ylim=(-tall / 2 - 0.2, tall / 2 + 0.2))
    return nodes


_LOOP = {
    "data": (2.4, 6.5, "1  data\ninputs and targets"),
    "network": (8.0, 6.5, "2  network\ngives its answers"),
    "loss": (13.6, 6.5, "3  loss\nhow far off?"),
    "slopes": (13.6, 2.2, "4  slopes\none for each weight"),
    "step": (8.0, 2.2, "5  step\nturn each weight"),
}
_ROUND = [(4.6, 6.5, 1, 0), (10.2, 6.5, 1, 0), (13.6, 5.4, 0, -2)]
_ROUND += [(11.4, 2.2, -1, 0), (8.0, 3.4, 0, 2)]  # arrows: where from, how far


def training_loop(axes: Axes, lit: str = "") -> str:
    """Draw how a network learns, as a loop of five parts, with one part lit.

    Parameters
    ----------
    axes : Axes
        A `sheet`.
    lit : {"", "data", "network", "loss", "slopes", "step"}, optional
        The part to light.

    Returns
    -------
    str
        The caption.

    Raises
    ------
    ValueError
        If there is no such part.

    Examples
    --------
    >>> from chainrule_lessons.plotting import sheet
    >>> figure, axes = sheet()
    >>> training_loop(axes, "step")
    'Training in 5 parts, of which 2 to 5 go round and round. Lit: part 5, the step.'
    """
    if lit and lit not in _LOOP:
        names = ", ".join(_LOOP)
        raise ValueError(f"training_loop: lit must be one of {names}, got {lit!r}")
    for name, (x, y, words) in _LOOP.items():
        paper, width = (tint(GREEN, 0.25), 3.5) if name == lit else ("white", 1.0)
        framed(axes, x, y, (4.4, 2.2), words, paper=paper, width=width)
    for x, y, right, up in _ROUND:
        arrow(axes, (x, y), (x + right, y + up), color=GREY)
    label(axes, 7.7, 4.4, "again", color=GREY, ha="right", va="center")
    said = "Training in 5 parts, of which 2 to 5 go round and round."
    return said + (f" Lit: part {[*_LOOP].index(lit) + 1}, the {lit}." if lit else "")


def learning_curves(axes: Axes, curves: Mapping[str, ArrayLike]) -> list[Line2D]:
    """Draw losses epoch by epoch on a logarithmic axis, each named at its end.

    Parameters
    ----------
    axes : Axes
        Where to draw.
    curves : mapping of str to array_like of shape (epochs,)
        Losses above 0, by name. What is infinite or NaN is left out, as after a
        training that diverged. Looks repeat after five.

    Returns
    -------
    list of Line2D

    Examples
    --------
    >>> from chainrule_lessons.plotting import subplots
    >>> figure, axes = subplots()
    >>> line, = learning_curves(axes, {"training": [2.3, 0.5, 0.1]})
    >>> line.get_xdata().tolist()
    [1.0, 2.0, 3.0]
    """
    points = {name: _finite(values) for name, values in curves.items()}
    points = {name: found for name, found in points.items() if len(found)}
    longest = max((int(found[-1, 0]) for found in points.values()), default=1)
    axes.set(xlabel="epoch", ylabel="loss", yscale="log", xlim=(0, 1.4 * longest))
    axes.set_xticks([tick for tick in axes.get_xticks() if tick <= longest])
    axes.yaxis.set_major_formatter("{x:g}")
    lines = []
    for found, (color, style) in zip(points.values(), cycle(_LOOKS), strict=False):
        with lessons_style():
            lines += axes.plot(*found.T, style, color=color)
    _name_at_the_end(axes, lines, list(points))
    return lines


def _finite(losses: ArrayLike) -> NDArray[np.floating]:
    """Return rows of epoch and loss, for the losses that are finite."""
    losses = np.asarray(losses, float)
    rows = np.column_stack([np.arange(1, len(losses) + 1), losses])
    return rows[np.isfinite(losses)]


def _name_at_the_end(axes: Axes, lines: Sequence[Line2D], names: Sequence[str]) -> None:
    """Write names beside the ends of lines, spread where they would overlap."""
    ends = np.log([line.get_ydata()[-1] for line in lines])
    low, high = np.log(axes.get_ylim())
    height = -np.inf
    for i in np.argsort(ends):
        height = max(ends[i], height + 0.075 * (high - low))
        x = lines[i].get_xdata()[-1] + 0.02 * axes.get_xlim()[1]
        color = lines[i].get_color()
        label(axes, x, np.exp(height), names[i], color=color, va="center")


def confusion(axes: Axes, counts: ArrayLike) -> AxesImage:
    """Draw how often each class was taken for each: mistakes dark, zeros left out.

    Parameters
    ----------
    axes : Axes
        Where to draw.
    counts : array_like of shape (C, C)
        Row: what it is. Column: what it was taken for. Whole numbers.

    Returns
    -------
    AxesImage

    Examples
    --------
    >>> from chainrule_lessons.plotting import subplots
    >>> figure, axes = subplots(size=(4, 4))
    >>> image = confusion(axes, [[9, 1], [0, 8]])
    >>> [text.get_text() for text in axes.texts]
    ['9', '1', '8']
    """
    counts = np.asarray(counts)
    right = np.eye(len(counts), dtype=bool)
    shades = np.where(right, 0.12, np.where(counts > 0, 1.0, 0.0))
    image = axes.imshow(shades, cmap=LinearSegmentedColormap.from_list("", ["w", INK]))
    axes.set(xlabel="taken for", ylabel="is", xticks=range(len(counts)))
    axes.set(yticks=range(len(counts)))
    edges = np.arange(len(counts) - 1) + 0.5  # a white line between two cells
    axes.set_xticks(edges, minor=True)
    axes.set_yticks(edges, minor=True)
    axes.grid(which="minor", color="white", linewidth=1.5)
    axes.tick_params(which="both", length=0)
    for row, column in np.argwhere(counts):
        color = INK if row == column else "white"
        said = str(counts[row, column])
        with lessons_style():
            axes.text(column, row, said, color=color, ha="center", va="center")
    return image


def gallery(
    axes: Axes,
    images: ArrayLike,
    words: Sequence[str],
    *,
    columns: int = 10,
    signed: bool = False,
) -> list[AxesImage]:
    """Draw small grey images in rows, ink dark on paper, with words below each.

    Parameters
    ----------
    axes : Axes
        Where to draw; its frame is taken away.
    images : array_like of shape (N, rows, columns)
        Numbers from 0 (paper) to 1 (ink).
    words : sequence of str
        What stands below each image.
    columns : int, optional
        How many images stand in a row.
    signed : bool, optional
        Whether the numbers have signs: blue below 0, white at 0, orange above, on
        one scale for all.

    Returns
    -------
    list of AxesImage

    Examples
    --------
    >>> from chainrule_lessons.plotting import subplots
    >>> figure, axes = subplots()
    >>> drawn = gallery(axes, [[[0, 1], [1, 0]]], ["a cross"])
    >>> drawn[0].get_extent()
    [0.0, 1.0, 1.0, 0.0]
    """
    look = {"cmap": "gray_r", "vmin": 0, "vmax": 1}
    if signed:
        most = np.abs(images).max() or 1
        colors = LinearSegmentedColormap.from_list("", [BLUE, "w", ORANGE])
        look = {"cmap": colors, "vmin": -most, "vmax": most}
    drawn = []
    for n, (image, said) in enumerate(zip(images, words, strict=True)):
        x, y = 1.15 * (n % columns), 1.5 * (n // columns)
        extent = (x, x + 1, y + 1, y)
        drawn.append(axes.imshow(image, extent=extent, **look))
        label(axes, x + 0.5, y + 1.05, said, ha="center", va="top")
    rows, width = -(-len(drawn) // columns), min(columns, len(drawn))
    axes.set(xlim=(-0.1, 1.15 * width - 0.05), ylim=(1.5 * rows, -0.1))
    axes.set_axis_off()
    return drawn
