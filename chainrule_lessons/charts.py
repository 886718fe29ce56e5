"""What the course draws on given axes: its colours and style, labels, arrows, charts.

Functions draw on a given Axes and return the artists. They know arrays, not layers.
Sizes, widths and colours come from ``lessons.mplstyle`` alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import cycle, pairwise
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from matplotlib.transforms import IdentityTransform
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "BLUE",
    "GREEN",
    "GREY",
    "INK",
    "ORANGE",
    "Arrow",
    "arrow",
    "confusion",
    "gallery",
    "label",
    "learning_curves",
    "lessons_style",
    "network_diagram",
    "set_slope_triangle",
    "slope_triangle",
    "tint",
    "training_loop",
]

SHEET = mpl.rc_params_from_file(
    Path(__file__).with_name("lessons.mplstyle"), use_default_template=False
)
INK, ORANGE, BLUE, GREEN, GREY = (entry["color"] for entry in SHEET["axes.prop_cycle"])

# How curves are told apart; orange and blue, which mean something, come last.
_LOOKS = [
    {"color": color, "linestyle": style}
    for color, style in zip(
        (INK, GREEN, GREY, BLUE, ORANGE), ("-", "--", "-", ":", "-."), strict=True
    )
]


@contextmanager
def lessons_style() -> Iterator[None]:
    """Draw in the course's style inside a ``with`` block, and nowhere else.

    Examples
    --------
    >>> with lessons_style():
    ...     line = Line2D([], [])
    """
    with mpl.rc_context(SHEET):
        yield


def label(
    axes: Axes, x: float, y: float, text: str, *, color: str = INK, **keywords: Any
) -> Text:
    """Write a label at a point, on a halo that keeps it readable above lines.

    Parameters
    ----------
    axes : Axes
        Where to write.
    x, y : float
        The point, in data coordinates.
    text : str
        The label; plain text, since a moving one is written by the browser.
    color : str, optional
        The colour of the text.
    **keywords
        Passed to ``Axes.text``: ``ha``, ``va``, ``animated``.

    Returns
    -------
    Text
    """
    halo = [withStroke(linewidth=3, foreground=axes.get_facecolor())]
    with lessons_style():
        return axes.text(x, y, text, color=color, path_effects=halo, **keywords)


def tint(color: str, share: float) -> tuple[float, float, float]:
    """Mix a colour with white, in sixteenths: few tints make few styles to record.

    Parameters
    ----------
    color : str
        Any colour of Matplotlib.
    share : float
        0 for white, 1 for the colour.

    Examples
    --------
    >>> tint("black", 0.25)
    (0.75, 0.75, 0.75)
    """
    share = round(16 * min(share, 1.0)) / 16
    return tuple(1 - share * (1 - channel) for channel in to_rgb(color))


class Arrow(Patch):
    """A straight arrow whose head keeps its size in pixels, four shafts wide."""

    def __init__(self, axes: Axes, color: str, width: float, **keywords: Any) -> None:
        super().__init__(facecolor=color, edgecolor="none", linewidth=0, **keywords)
        self._home, self._width = axes, width
        self._ends = np.zeros((2, 2))

    def set_ends(self, tail: ArrayLike, head: ArrayLike) -> None:
        """Move the arrow; both ends in data coordinates."""
        self._ends = np.array([tail, head], float)
        self.stale = True

    def get_path(self) -> mpl.path.Path:
        """Return the outline, in pixels; empty where it points nowhere."""
        tail, head = self._home.transData.transform(self._ends)
        length = np.hypot(*(head - tail))
        if not 0 < length < np.inf:
            return mpl.path.Path(np.empty((0, 2)))
        along = (head - tail) / length
        across = np.array([-along[1], along[0]])
        half = self._width * self._home.figure.dpi / 72 / 2
        neck = head - along * min(9 * half, length)
        side = [tail + half * across, neck + half * across, neck + 4 * half * across]
        other = [neck - 4 * half * across, neck - half * across, tail - half * across]
        return mpl.path.Path([*side, head, *other, side[0]], closed=True)

    def get_transform(self) -> IdentityTransform:
        """Return the identity: the outline is in pixels already."""
        return IdentityTransform()


def arrow(
    axes: Axes,
    tail: ArrayLike,
    head: ArrayLike,
    *,
    color: str = INK,
    width: float = 2.0,
    **keywords: Any,
) -> Arrow:
    """Draw an arrow from one point to another.

    Parameters
    ----------
    axes : Axes
        Where to draw.
    tail, head : array_like of shape (2,)
        Its two ends, in data coordinates.
    color : str, optional
        Its colour.
    width : float, optional
        Width of the shaft, in points.
    **keywords
        Passed to the patch: ``animated``, ``zorder``.

    Returns
    -------
    Arrow
        Moved by ``set_ends(tail, head)``.
    """
    drawn = Arrow(axes, color, width, **keywords)
    drawn.set_ends(tail, head)
    axes.add_patch(drawn)
    return drawn


def slope_triangle(
    axes: Axes, *, color: str = ORANGE, **keywords: Any
) -> tuple[Line2D, Text, Text]:
    """Make the triangle of a slope, to be placed by `set_slope_triangle`.

    Parameters
    ----------
    axes : Axes
        Where to draw.
    color : str, optional
        The colour of its legs.
    **keywords
        Passed to the artists: ``animated``.

    Returns
    -------
    legs : Line2D
    run, rise : Text
    """
    with lessons_style():
        (legs,) = axes.plot([], [], color=color, linewidth=1.5, **keywords)
    run, rise = (label(axes, 0, 0, "", color=color, **keywords) for _ in range(2))
    return legs, run, rise


def set_slope_triangle(
    triangle: tuple[Line2D, Text, Text], x: float, y: float, slope: float, run: float
) -> None:
    """Place a slope's triangle at the point (x, y) of a curve.

    Parameters
    ----------
    triangle : tuple
        What `slope_triangle` returned.
    x, y : float
        The point.
    slope : float
        Rise over run.
    run : float
        Length of the lower leg, in data coordinates; drawn to the left where the
        picture ends on the right.
    """
    legs, *names = triangle
    corners, *said = triangle_corners(legs.axes, x, y, slope, run)
    legs.set_data(*corners)
    for name, its in zip(names, said, strict=True):
        name.set(**its)


def triangle_corners(
    axes: Axes, x: float, y: float, slope: float, run: float
) -> tuple[list[list[float]], dict[str, Any], dict[str, Any]]:
    """Say where a slope's triangle lies, and where its two numbers, as text has it."""
    high = axes.get_xlim()[1]
    bottom, top = axes.get_ylim()
    if x + 1.8 * run > high:  # no room at the right: the same slope, leftwards
        run = -run
    rise = slope * run
    # A rise too small to see takes no number: it would stand on the curve.
    seen = abs(rise) > 0.04 * (top - bottom)
    up = rise >= 0
    gap = 0.015 * (top - bottom) * (-1 if up else 1)
    lower = {"x": x + run / 2, "y": y + gap, "text": f"{run:z.3g}" if seen else ""}
    lower |= {"ha": "center", "va": "top" if up else "bottom"}
    side = {"x": x + run, "y": y + rise / 2, "text": f" {rise:z.3g} " if seen else ""}
    side |= {"ha": "left" if run > 0 else "right", "va": "center"}
    return [[x, x + run, x + run], [y, y, y + rise]], lower, side


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
        look = {"facecolor": paper, "edgecolor": INK, "linewidth": width}
        axes.add_patch(Rectangle((x - 2.2, y - 1.1), 4.4, 2.2, **look))
        label(
            axes,
            x,
            y,
            words,
            ha="center",
            va="center",
        )
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
    for found, look in zip(points.values(), cycle(_LOOKS), strict=False):
        with lessons_style():
            lines += axes.plot(*found.T, **look)
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
        most = np.abs(images).max()
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
