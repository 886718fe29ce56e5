"""The pen: an update says what the picture looks like, call by call, as on white paper.

Each call of a verb leaves a `Mark`: which artist draws it, where its points are, what
it says. A live figure lifts its pens before an update, so nothing has to be hidden or
moved, and a set of marks that several figures share is a function that takes a pen.
Recording reads the marks as they are; only where Matplotlib draws the picture are
they set down, one after the other, with one artist for each look.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.cbook import normalize_kwargs
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon
from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from numpy.typing import ArrayLike, NDArray

from chainrule_lessons.marks import (
    INK,
    SHEET,
    Arrow,
    require_plain,
    triangle_corners,
)
from chainrule_lessons.validation import real_array

__all__ = ["Mark", "Pen"]

Array = NDArray[np.floating]
# As in the style file; a style entered anew for each stamp costs a hundred times more.
_MARKER = {name: SHEET[f"lines.{name}"] for name in ("markersize", "markeredgewidth")}
MOST_STAMPS = 500  # artists that a pen keeps; a colour that glides makes many


class Mark(NamedTuple):
    """One call of a pen, or what a recorder has noted of an artist.

    Parameters
    ----------
    stamp : Artist or int
        How it looks: a pen's line, shape, arrow or text that draws all such marks; in
        a recorder also the number of a style, or -1 where nothing could be drawn.
    x, y : ndarray
        Its points, in the coordinates of the stamp's transform; in pixels for a number.
    text : str
        What it says.
    """

    stamp: Artist | int
    x: Array
    y: Array
    text: str = ""

    def set_down(self) -> Artist:
        """Move the stamp to where this mark is, ready to be drawn."""
        stamp, points = self.stamp, np.column_stack([self.x, self.y])
        if isinstance(stamp, Line2D):
            stamp.set_data(self.x, self.y)
        elif isinstance(stamp, Text):
            stamp.set_position(points[0])
            stamp.set_text(self.text)
        elif isinstance(stamp, Arrow):
            stamp.set_ends(*points)
        else:
            stamp.set_xy(points)
        return stamp


class Pen(Artist):
    """Draws the moving marks of a live figure, anew at each update.

    Marks of one kind lie in the order of the calls; shapes and arrows lie below
    lines, lines below words, as Matplotlib has it. Colours and widths are as in
    Matplotlib; ``**look`` takes any other property of the artist: ``alpha``,
    ``zorder``, ``markersize``. On a figure without sliders the marks stand still; in
    a live one, what a browser does not draw is refused (square markers, hatches).

    Parameters
    ----------
    axes : Axes
        Where to draw, in data coordinates.

    Attributes
    ----------
    marks : list of Mark
        What was drawn since the pen was lifted.

    Examples
    --------
    >>> from chainrule_lessons.live import LiveFigure
    >>> from chainrule_lessons.plotting import subplots
    >>> figure, axes = subplots()
    >>> pen = Pen(axes)
    >>> def update(x):
    ...     pen.line([0, x], [0, x**2])
    ...     pen.dot(x, x**2)
    ...     return f"Height {x**2:.2f} at x = {x:.2f}."
    >>> LiveFigure(figure, update, x=(0.0, 2.0))
    Height 1.00 at x = 1.00.
    """

    def __init__(self, axes: Axes) -> None:
        super().__init__()
        self.marks: list[Mark] = []
        self._stamps: dict[Any, Artist] = {}
        self.set(zorder=3, clip_on=False)  # each mark is clipped by itself
        axes.add_artist(self)

    # Verbs

    def line(
        self,
        x: ArrayLike,
        y: ArrayLike,
        style: str = "-",
        color: str = INK,
        width: float = 2.0,
        **look: Any,
    ) -> None:
        """Draw a line through points, broken where one is NaN.

        Parameters
        ----------
        x, y : array_like of shape (n,)
            The points; a plain number serves all of them.
        style : str, optional
            As in ``Axes.plot``, without a colour: ``"-"``, ``"--"``, ``":"``, with
            round markers ``"o-"``, or ``"o"`` for these alone.
        color : str, optional
            The colour of line and markers.
        width : float, optional
            The line's width in points.
        **look
            Other properties of a Line2D.

        Raises
        ------
        TypeError, ValueError
            For what is no number, and for numbers of x and y that do not fit.
        """
        stamp = self._stamp(_line, style, color, width, **look)
        self.marks.append(Mark(stamp, *_paired(x, y)))

    def dot(
        self,
        x: ArrayLike,
        y: ArrayLike,
        color: str = INK,
        *,
        grab: str | None = None,
        **look: Any,
    ) -> None:
        """Draw a round dot, or several.

        Parameters
        ----------
        x, y : float or array_like of shape (n,)
            The point, or the points.
        color : str, optional
            The colour.
        grab : str, optional
            The slider that follows when a reader drags the dot; two, with a space
            between them, where it moves over a plane.
        **look
            Other properties of a Line2D.
        """
        if grab is not None:
            look["gid"] = f"grab {grab}"
        self.line(x, y, "o", color, **look)

    def tangent(
        self, x: float, y: float, slope: float, run: float, *line: Any, **look: Any
    ) -> None:
        """Draw a straight line through a point, `run` to each side; then as `line`."""
        rise = slope * run
        self.line((x - run, x + run), (y - rise, y + rise), *line, **look)

    def triangle(
        self, x: float, y: float, slope: float, run: float, color: str
    ) -> None:
        """Draw the triangle of a slope: run below, rise at its end, a number on each.

        It lies to the left where the picture ends on the right.
        """
        legs, *names = triangle_corners(self.axes, x, y, slope, run)
        self.line(*legs, "-", color, 1.5)
        for name in names:
            self.words(**name, color=color)

    def segments(
        self, tails: ArrayLike, heads: ArrayLike, *line: Any, **look: Any
    ) -> None:
        """Draw many straight pieces as one line; both of shape (n, 2). Then as `line`."""
        tails, heads = np.asarray(tails, float), np.asarray(heads, float)
        gaps = np.full_like(tails, np.nan)
        points = np.stack([tails, heads, gaps], axis=1).reshape(-1, 2)
        self.line(*points.T, *line, **look)

    def bars(
        self, x: ArrayLike, tops: ArrayLike, color: str, width: float, low: float = 0.0
    ) -> None:
        """Draw upright bars from `low` to their tops; their width is in points."""
        x, tops = _paired(x, tops)
        ends = (np.column_stack([x, y]) for y in (np.full_like(tops, low), tops))
        self.segments(*ends, "-", color, width, solid_capstyle="butt")

    def shape(self, corners: ArrayLike, color: Any, **look: Any) -> None:
        """Fill a shape, given by its corners of shape (n, 2)."""
        corners = np.array(corners, float)
        stamp = self._stamp(_shape, color, **look)
        self.marks.append(Mark(stamp, corners[:, 0], corners[:, 1]))

    def box(
        self,
        x: float,
        y: float,
        size: tuple[float, float],
        color: Any,
        text: str = "",
        ink: str = INK,
        fontsize: float = 12,
        **look: Any,
    ) -> None:
        """Fill a box around its middle, with words in it."""
        wide, high = size[0] / 2, size[1] / 2
        across = np.array((x - wide, x + wide, x + wide, x - wide))
        up = np.array((y - high, y - high, y + high, y + high))
        self.marks.append(Mark(self._stamp(_shape, color, **look), across, up))
        self.words(x, y, text, ink, "center", "center", fontsize=fontsize, halo=0)

    def circle(
        self,
        x: float,
        y: float,
        size: float,
        text: str = "",
        *,
        lift: float = 0.0,
        **look: Any,
    ) -> None:
        """Draw a white circle, `size` points across, with words in it or lifted."""
        outline = {"markerfacecolor": "white", "markeredgewidth": 1.5}
        self.dot(x, y, markersize=size, **outline)
        self.words(x, y + lift, text, INK, "center", "center", halo=0, **look)

    def arrow(
        self,
        tail: ArrayLike,
        head: ArrayLike,
        color: str = INK,
        width: float = 2.0,
        **look: Any,
    ) -> None:
        """Draw an arrow from one point to another; none where they are the same."""
        points = np.array([tail, head], float)
        stamp = self._stamp(Arrow, self.axes, color, width, **look)
        self.marks.append(Mark(stamp, points[:, 0], points[:, 1]))

    def words(
        self,
        x: float,
        y: float,
        text: str,
        color: str = INK,
        ha: str = "left",
        va: str = "baseline",
        **look: Any,
    ) -> None:
        """Write words at a point, on a halo that keeps them readable above lines.

        Parameters
        ----------
        x, y : float
            The point.
        text : str
            Plain text, since the browser writes it. Nothing is written for "".
        color : str, optional
            The colour of the letters.
        ha, va : str, optional
            Which part of the text stands at the point, as in ``Axes.text``.
        **look
            Other properties of a Text; ``halo`` is the width of the halo in points,
            3 unless said otherwise.
        """
        if not text:
            return
        stamp = self._stamp(_words, self.axes, color, ha, va, **look)
        self.marks.append(
            Mark(stamp, np.array((x,), float), np.array((y,), float), text)
        )

    def above(
        self,
        x: float,
        text: str,
        color: str = INK,
        ha: str = "left",
        height: float = 1.03,
    ) -> None:
        """Write words above the axes, where no curve runs; `x` from 0 to 1 across."""
        self.words(x, height, text, color, ha, "bottom", transform=self.axes.transAxes)

    # What a live figure and Matplotlib ask for

    def lift(self) -> None:
        """Begin anew on white paper."""
        self.marks = []

    def in_order(self) -> list[Mark]:
        """Return the marks as they lie upon each other, lowest first."""
        return sorted(self.marks, key=lambda mark: mark.stamp.zorder)

    def draw(self, renderer: Any) -> None:
        """Set down every mark: Matplotlib calls this."""
        if self.get_visible():
            for mark in self.in_order():
                mark.set_down().draw(renderer)

    def get_tightbbox(self, renderer: Any = None) -> Bbox:
        """Return the room for words, so that the layout leaves it to them."""
        written = (m.set_down() for m in self.marks if not m.stamp.get_clip_on())
        boxes = [stamp.get_window_extent(renderer) for stamp in written]
        return Bbox.union(boxes) if boxes else Bbox.null()

    def _stamp(self, make: Callable[..., Artist], *args: Any, **look: Any) -> Artist:
        """Give the artist for a look, which is made when the look is new."""
        way = look.get("transform")  # which cannot be hashed
        key = (make, args, *(look | {"transform": id(way)} if way else look).items())
        try:
            found = self._stamps.get(key)
        except TypeError:  # a colour given as a list
            key = repr(key)
            found = self._stamps.get(key)
        if found is None:
            if len(self._stamps) >= MOST_STAMPS:
                self._stamps.clear()
            found = self._stamps[key] = self._made(make, *args, **look)
        return found

    def _made(self, make: Callable[..., Artist], *args: Any, **look: Any) -> Artist:
        stamp = make(*args, **look)
        stamp.set_animated(True)  # it stays out of the still part
        if self.get_animated():
            require_plain(stamp)
            stamp.set_snap(False)  # a mark glides, it does not hop between pixels
        stamp.set_figure(self.get_figure())
        stamp.axes = self.axes
        if not stamp.is_transform_set():
            stamp.set_transform(self.axes.transData)
        if not isinstance(stamp, Text):
            stamp.set_clip_path(self.axes.patch)
        return stamp


def _paired(x: ArrayLike, y: ArrayLike) -> tuple[Array, Array]:
    """Return copies of x and y as rows of one length; what is masked is missing."""
    x, y = _row(x, "x"), _row(y, "y")
    if x.size != y.size and 1 not in (x.size, y.size):
        raise ValueError(
            f"Pen: x and y must be equally many, got {x.size} and {y.size}"
        )
    if x.size != y.size:  # a plain number serves all
        x, y = np.full(max(x.size, y.size), x), np.full(max(x.size, y.size), y)
    return x, y


def _row(values: ArrayLike, name: str) -> Array:
    if isinstance(values, np.ma.MaskedArray):
        values = values.astype(float).filled(np.nan)
    return np.array(real_array(values, f"Pen: {name}"), float).ravel()


def _line(style: str, color: str, width: float, **look: Any) -> Line2D:
    marker = "o" if "o" in style else "None"
    line = {"color": color, "linewidth": width, "marker": marker}
    line |= {"linestyle": style.replace("o", "")} | _MARKER
    return Line2D([], [], **line | normalize_kwargs(look, Line2D))


def _shape(color: Any, **look: Any) -> Polygon:
    shape = {"facecolor": color, "edgecolor": "none"}
    return Polygon(np.zeros((1, 2)), **shape | normalize_kwargs(look, Polygon))


def _words(
    axes: Axes, color: str, ha: str, va: str, halo: float = 3, **look: Any
) -> Text:
    behind = [withStroke(linewidth=halo, foreground=axes.get_facecolor())]
    words = {"color": color, "path_effects": behind if halo else None}
    words |= {"ha": ha, "va": va, "fontsize": SHEET["font.size"], "clip_on": False}
    return Text(**words | normalize_kwargs(look, Text))
