"""What the course draws with: its colours and style, labels, arrows, slope triangles.

Functions draw on a given Axes and return the artists. Sizes, widths and colours come
from ``lessons.mplstyle`` alone.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.lines import Line2D
from matplotlib.patches import Arc, Circle, Patch, Rectangle
from matplotlib.patheffects import withStroke
from matplotlib.text import Annotation, Text
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
    "framed",
    "label",
    "lessons_style",
    "require_plain",
    "tint",
]

SHEET = mpl.rc_params_from_file(
    Path(__file__).with_name("lessons.mplstyle"), use_default_template=False
)
PIXELS = IdentityTransform()
INK, ORANGE, BLUE, GREEN, GREY = (entry["color"] for entry in SHEET["axes.prop_cycle"])
CENTRED = {"ha": "center", "va": "center"}  # text in the middle of its point
ROUND = {"o": 1.0, ".": 0.5}  # the diameter of a marker, as a part of its size
EMPTY = ("None", "none", "", " ", None)  # no marker, or no line
# Held by whoever draws: a style is Matplotlib's for all threads, and messages of a
# browser come on a thread of their own.
DRAWING = threading.RLock()


@contextmanager
def lessons_style() -> Iterator[None]:
    """Draw in the course's style inside a ``with`` block, and nowhere else.

    Examples
    --------
    >>> with lessons_style():
    ...     circle = Circle((0, 0), 1)
    """
    with DRAWING, mpl.rc_context(SHEET):
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


def require_plain(artist: Artist) -> None:
    """Refuse what a browser does not draw, where an artist is to move, by a TypeError.

    A moving artist is a line with round markers or none, a filled shape or a label.
    """
    name, why = type(artist).__name__, ""
    if isinstance(artist, Line2D):
        if artist.get_marker() not in (*ROUND, *EMPTY):
            why = "its markers must be round ('o')"
        elif artist.get_markevery() is not None:
            why = "its markers stand at every point"
        elif artist.get_drawstyle() != "default":
            why = "its drawstyle must be 'default'"
    elif isinstance(artist, Patch):
        if artist.get_hatch():
            why = "a moving shape takes no hatch"
        elif isinstance(artist, Arc):
            why = "draw an open arc as a line"
    elif isinstance(artist, Annotation):  # where it stands is settled as it is drawn
        why = "write it with plotting.label, and draw its arrow with plotting.arrow"
    elif isinstance(artist, Text):
        if artist.get_rotation():
            why = "a moving label is not rotated"
        elif artist.get_style() != "normal":
            why = "a moving label is upright"
        elif artist.get_bbox_patch():
            why = "a moving label has no box: draw a shape below it"
    else:
        why = "only lines, round markers, filled shapes, arrows and labels move"
    if why:
        raise TypeError(
            f"LiveFigure: cannot move this {name}: {why}. Draw it without a pen and "
            "without animated=True, and the kernel redraws it."
        )


def framed(
    axes: Axes,
    x: float,
    y: float,
    size: float | tuple[float, float],
    text: str = "",
    *,
    paper: Any = "white",
    width: float = 1.0,
    **keywords: Any,
) -> Text:
    """Write a label in the middle of a box, or of a circle `size` across.

    The label is that of `label`, on `paper` in an outline `width` points wide.

    >>> from chainrule_lessons.plotting import sheet
    >>> framed(sheet()[1], 8, 4, (2, 1), "Linear").get_text()
    'Linear'
    """
    if isinstance(size, tuple):
        shape = Rectangle((x - size[0] / 2, y - size[1] / 2), *size)
    else:
        shape = Circle((x, y), size / 2)
    shape.set(facecolor=paper, edgecolor=INK, linewidth=width)
    axes.add_patch(shape)
    return label(axes, x, y, text, **CENTRED, **keywords)


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
        (outline,) = self.outlines(*self._ends[:, None])
        return mpl.path.Path(outline, closed=len(outline) > 0)

    def outlines(self, tails: ArrayLike, heads: ArrayLike) -> list[NDArray[Any]]:
        """Return the outlines of many such arrows, whose ends have shape (n, 2)."""
        tails, heads = map(self._home.transData.transform, (tails, heads))
        half = self._width * self._home.figure.dpi / 72 / 2
        with np.errstate(divide="ignore", invalid="ignore"):
            length = np.hypot(*(heads - tails).T)[:, None]
            along = (heads - tails) / length
            neck = heads - along * np.minimum(9 * half, length)
            across = half * np.stack([-along[:, 1], along[:, 0]], axis=1)
        side = [tails + across, neck + across, neck + 4 * across]
        other = [neck - 4 * across, neck - across, tails - across]
        rings = np.stack([*side, heads, *other, side[0]], axis=1)
        drawn = (length > 0) & (length < np.inf)
        none = np.empty((0, 2))
        pairs = zip(rings, drawn[:, 0], strict=True)
        return [ring if seen else none for ring, seen in pairs]

    def get_transform(self) -> IdentityTransform:
        """Return the identity: the outline is in pixels already."""
        return PIXELS


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
    edge = 0.05 * (top - bottom)  # its number stays inside where the rise leaves
    middle = min(max(y + rise / 2, bottom + edge), top - edge)
    side = {"x": x + run, "y": middle, "text": f" {rise:z.3g} " if seen else ""}
    side |= {"ha": "left" if run > 0 else "right", "va": "center"}
    return [[x, x + run, x + run], [y, y, y + rise]], lower, side
