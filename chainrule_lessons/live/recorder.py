"""What moves in a live figure: where each mark is, in pixels, and how it looks.

A figure's still part is rendered once. Its moving marks, the artists made with
``animated=True``, are only *described* here: their corners in pixels and their
style. The front end draws them from that description, so the vocabulary is
small: lines, round markers, filled shapes, arrows and labels.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure, SubFigure
from matplotlib.lines import Line2D
from matplotlib.patches import Arc, Patch, Polygon, Rectangle
from matplotlib.path import Path
from matplotlib.text import Annotation, Text
from matplotlib.transforms import Bbox, IdentityTransform, Transform
from numpy.typing import ArrayLike, NDArray

__all__ = ["Recorder", "moving_artists"]

GRAIN = 16  # a coordinate counts sixteenths of a CSS pixel, in 16 bits
GAP = -32768  # stands for a missing point, where a line is broken
REACH = 2000.0  # CSS pixels; what reaches further is cut off
PIXELS = IdentityTransform()
MOST_POINTS = 32767  # of a mark at one position: what 16 bits can count
EMPTY = ("None", "none", "", " ", None)
ROUND = {"o": 1.0, ".": 0.5}  # the diameter of a marker, as a part of its size

Array = NDArray[np.floating]
Colour = tuple[float, float, float, float]


class Style(NamedTuple):
    """How a mark looks; lengths in points, as Matplotlib has them."""

    kind: str
    stroke: Colour
    width: float = 0.0
    dash: tuple[float, tuple[float, ...]] = (0.0, ())
    cap: str = "butt"
    join: str = "round"
    fill: Colour = (0.0, 0.0, 0.0, 0.0)
    size: float = 0.0
    edge: Colour = (0.0, 0.0, 0.0, 0.0)
    edge_width: float = 0.0
    align: tuple[str, str] = ("left", "baseline")
    weight: str = "normal"
    clip: tuple[float, float, float, float] | None = None


class Look(NamedTuple):
    """A mark at one position: the numbers of its style and text, and its points."""

    style: int
    text: int
    x: ArrayLike
    y: ArrayLike
    transform: Transform


HIDDEN, NOTHING = (Look(style, -1, (), (), PIXELS) for style in (0, -1))

# What a mark's style hangs on. Asked at every position, so as little as will do.
LINE = (
    Line2D.get_color,
    Line2D.get_alpha,
    Line2D.get_linestyle,
    Line2D.get_linewidth,
    Line2D.get_marker,
    Line2D.get_markersize,
    Line2D.get_markerfacecolor,
    Line2D.get_markeredgecolor,
)
TEXT = (Text.get_color, Text.get_alpha, Text.get_fontsize, Text.get_ha, Text.get_va)
SHAPE = (
    Patch.get_facecolor,
    Patch.get_edgecolor,
    Patch.get_linewidth,
    Patch.get_linestyle,
)


def moving_artists(figure: Figure) -> list[Artist]:
    """List the moving marks of a figure, lowest first.

    Parameters
    ----------
    figure : Figure
        A Matplotlib figure.

    Returns
    -------
    list of Artist
        The artists made with ``animated=True``, in the order they are drawn; those
        of axes inside axes and of subfigures too.

    Raises
    ------
    TypeError
        For an animated artist that is no line, round marker, shape or label.

    Examples
    --------
    >>> figure = Figure()
    >>> dot, = figure.add_subplot().plot(0, 1, "o", animated=True)
    >>> moving_artists(figure) == [dot]
    True
    """
    found = list(_animated(figure))
    for artist in found:
        _refuse_unknown(artist)
    return found


def _animated(home: Artist) -> Iterator[Artist]:
    """Yield the animated artists of a figure, then those of the axes in it."""
    inside = sorted(home.get_children(), key=lambda artist: artist.get_zorder())
    yield from (artist for artist in inside if artist.get_animated())
    for artist in inside:
        if isinstance(artist, Axes | SubFigure):
            yield from _animated(artist)


def _refuse_unknown(artist: Artist) -> None:
    name, why = type(artist).__name__, ""
    if isinstance(artist, Line2D):
        if artist.get_marker() not in (*ROUND, *EMPTY):
            why = "its markers must be round ('o')"
        elif artist.get_drawstyle() != "default":
            why = "its drawstyle must be 'default'"
    elif isinstance(artist, Patch):
        if artist.get_hatch():
            why = "a moving shape takes no hatch"
        elif isinstance(artist, Arc):
            why = "draw an open arc as a line"
    elif isinstance(artist, Annotation) and artist.arrow_patch is not None:
        why = "draw its arrow with plotting.arrow"
    elif isinstance(artist, Text):
        if artist.get_rotation():
            why = "a moving label is not rotated"
    else:
        why = "only lines, round markers, filled shapes, arrows and labels move"
    if why:
        raise TypeError(
            f"LiveFigure: cannot animate this {name}: {why}. "
            "Leave animated=True off, and the kernel redraws it."
        )


class Recorder:
    """Writes down marks, position by position, in the form the browser reads.

    Parameters
    ----------
    figure : Figure
        The figure, drawn once, so that its transforms are settled.
    artists : sequence of Artist
        Its moving marks.
    ratio : float
        Device pixels to a CSS pixel, as the figure's ``dpi`` already has it.

    Notes
    -----
    The numbers are 16-bit integers, mark after mark. A mark has a head of three
    numbers for each position (the places of its style and its text in two lists,
    and how many points it has), then all its points, in sixteenths of a CSS pixel
    from the top left. Style -1: nothing could be drawn at this position.
    """

    def __init__(self, figure: Figure, artists: Sequence[Artist], ratio: float) -> None:
        self.artists, self.ratio = artists, ratio
        self.unit = figure.dpi / 72 / ratio
        self.size = np.array(figure.bbox.size) / ratio
        self.looks: list[list[Look]] = [[] for _ in artists]
        self.styles: list[dict[str, Any]] = []
        self.texts: list[str] = []
        self._numbers: dict[Any, int] = {}

    def take(self) -> None:
        """Note the marks as they are now."""
        for artist, looks in zip(self.artists, self.looks, strict=True):
            if not artist.get_visible():
                looks.append(HIDDEN)
            elif isinstance(artist, Line2D):
                style = self._style(artist, LINE, _line_style)
                data = (np.ma.filled(c, np.nan) for c in artist.get_data(orig=True))
                x, y = np.broadcast_arrays(*data)  # axvline has one x for many y
                looks.append(Look(style, -1, x, y, artist.get_transform()))
            elif isinstance(artist, Text):
                looks.append(self._label(artist, looks))
            else:
                style = self._style(artist, SHAPE, _shape_style)
                looks.append(Look(style, -1, *_outline(artist)))

    def skip(self) -> None:
        """Note that nothing could be drawn at this position."""
        for looks in self.looks:
            looks.append(NOTHING)

    def _label(self, label: Text, looks: list[Look]) -> Look:
        """Note a label; one that nobody touched since stays as it was."""
        if looks and looks[-1].text >= 0 and not label.stale:
            return looks[-1]
        label.stale = False
        style, text = self._style(label, TEXT, _text_style), label.get_text()
        x, y = label.get_position()
        return Look(style, self._text(text), [x], [y], label.get_transform())

    def track(self) -> dict[str, Any]:
        """Pack what was noted.

        Returns
        -------
        dict
            ``data`` (bytes), ``styles`` and ``texts`` (lists), ``marks`` (their
            number).
        """
        parts = [np.empty(0, np.int16)]
        for artist, looks in zip(self.artists, self.looks, strict=True):
            points, owner = self._cut(artist, *self._pixels(artist, looks))
            counts = np.bincount(owner, minlength=len(looks))
            if counts.max(initial=0) > MOST_POINTS:
                raise ValueError(
                    f"LiveFigure: a moving {type(artist).__name__} has {counts.max()} "
                    f"points and may have {MOST_POINTS} at most"
                )
            heads = [(k.style, k.text, n) for k, n in zip(looks, counts, strict=True)]
            points[~np.isfinite(points).all(axis=1)] = GAP / GRAIN
            parts.append(np.array(heads, np.int16).ravel())
            parts.append(np.rint(points * GRAIN).astype(np.int16).ravel())
        return {
            "data": np.concatenate(parts).tobytes(),
            "styles": self.styles,
            "texts": self.texts,
            "marks": len(self.artists),
        }

    def _style(self, artist: Artist, getters: Any, describe: Any) -> int:
        """Give a mark's style a number, and describe it in CSS when it is new."""
        key = (id(artist), *(get(artist) for get in getters))
        try:
            number = self._numbers.get(key)
        except TypeError:  # a colour given as a list
            key = (id(artist), repr(key))
            number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self.styles)
            self.styles.append(self._css(describe(artist)))
        return number

    def _text(self, text: str) -> int:
        number = self._numbers.setdefault(text, len(self.texts))
        if number == len(self.texts):
            self.texts.append(text)
        return number

    def _pixels(self, artist: Artist, looks: list[Look]) -> tuple[Array, NDArray[Any]]:
        """Turn all points of a mark into CSS pixels, and say which look owns each."""
        points = _joined(artist, looks)
        owner = np.repeat(np.arange(len(looks)), [len(look.x) for look in looks])
        # Mostly one transform serves all looks, and then in one go.
        for way in {id(look.transform): look.transform for look in looks}.values():
            its = np.array([look.transform is way for look in looks])[owner]
            points[its] = way.transform(points[its])
        css = points / self.ratio
        css[:, 1] = self.size[1] - css[:, 1]
        return css, owner

    def _cut(
        self, artist: Artist, points: Array, owner: NDArray[Any]
    ) -> tuple[Array, NDArray[Any]]:
        """Cut off what is far away; lines at the figure, as Matplotlib does for dashes.

        A line with markers is cut far away too: they would stand at the cuts.
        """
        low, high = np.full(2, -REACH), np.full(2, REACH)
        if isinstance(artist, Line2D) and artist.get_marker() in EMPTY:
            low, high = np.full(2, -1 / self.ratio), self.size + 1 / self.ratio
        out = ((points < low) | (points > high)).any(axis=1)
        if not out.any():
            return points, owner
        if isinstance(artist, Text):
            return np.clip(points, low, high), owner
        cut = np.isin(owner, owner[out])  # a look that stays inside is left alone
        cutter = cut_lines if isinstance(artist, Line2D) else cut_shapes
        pieces, theirs = cutter(points[cut], owner[cut], low, high)
        owner = np.concatenate([owner[~cut], theirs])
        order = np.argsort(owner, kind="stable")
        return np.concatenate([points[~cut], pieces])[order], owner[order]

    def _css(self, style: Style) -> dict[str, Any]:
        """Say a style in CSS pixels, from the top left, and CSS colours."""
        offset, dashes = style.dash
        said = style._asdict() | {
            "dash": [length * self.unit for length in dashes or ()],
            "offset": (offset or 0) * self.unit,
            "cap": "square" if style.cap == "projecting" else style.cap,
        }
        for length in ("width", "size", "edge_width"):
            said[length] *= self.unit
        for colour in ("stroke", "fill", "edge"):
            *rgb, alpha = said[colour]
            channels = ", ".join(f"{255 * channel:.0f}" for channel in rgb)
            said[colour] = f"rgba({channels}, {alpha:.4g})"
        if style.clip is not None:
            x0, y0, x1, y1 = (end / self.ratio for end in style.clip)
            said["clip"] = [x0, self.size[1] - y1, x1, self.size[1] - y0]
        return said


def _joined(artist: Artist, looks: list[Look]) -> Array:
    """Put the points of all looks one below the other, units resolved."""
    columns = []
    for axis, convert in ((2, artist.convert_xunits), (3, artist.convert_yunits)):
        parts = [look[axis] for look in looks if len(look.x)]
        columns.append(np.asarray(convert(np.concatenate([[], *parts])), float))
    return np.column_stack(columns)


def _outline(shape: Patch) -> tuple[Array, Array, Transform]:
    """Give the corners of a shape; several rings are set apart by NaN."""
    if isinstance(shape, Polygon):
        return *shape.get_xy().T, shape.get_transform()
    if isinstance(shape, Rectangle) and not shape.get_angle():
        # Far faster than through its transform, which is another one each time.
        (x, y), wide, high = shape.get_xy(), shape.get_width(), shape.get_height()
        corners = [x, x + wide, x + wide, x], [y, y, y + high, y + high]
        return *corners, Artist.get_transform(shape)
    rings = shape.get_transform().transform_path(shape.get_path()).to_polygons()
    broken = [part for ring in rings for part in (ring, np.full((1, 2), np.nan))]
    return *np.concatenate([np.empty((0, 2)), *broken]).T, PIXELS


def cut_lines(
    points: Array, owner: NDArray[Any], low: Array, high: Array
) -> tuple[Array, NDArray[Any]]:
    """Cut broken lines at the edges of a box, all their pieces at once.

    Parameters
    ----------
    points : ndarray of shape (n, 2)
        The corners of all lines, NaN where one is broken.
    owner : ndarray of shape (n,)
        The line that each corner belongs to.
    low, high : ndarray of shape (2,)
        Two opposite corners of the box.

    Returns
    -------
    points : ndarray of shape (m, 2)
    owner : ndarray of shape (m,)

    Notes
    -----
    A piece from a to b is a + t (b - a), t from 0 to 1. Each edge of the box
    keeps the t on its inner side; what is left is the piece inside (Liang and
    Barsky, 1984).
    """
    a, along = points[:-1], np.diff(points, axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ends = np.stack([(low - a) / along, (high - a) / along])
        level = (along == 0) & (low <= a) & (a <= high)
        enter = np.where(level, 0, ends.min(axis=0)).max(axis=1).clip(0)
        leave = np.where(level, 1, ends.max(axis=0)).min(axis=1).clip(max=1)
        inside = (enter <= leave) & (np.diff(owner) == 0)
        first, last = a + enter[:, None] * along, a + leave[:, None] * along
    # A piece goes on from the one before unless either was cut between them.
    goes_on = np.append(False, (inside & (leave == 1))[:-1]) & inside & (enter == 0)
    goes_on &= np.append(False, np.diff(owner[:-1]) == 0)
    pieces = np.stack([np.full_like(first, np.nan), first, last], axis=1)
    keep = np.column_stack([inside & ~goes_on, inside & ~goes_on, inside])
    return pieces[keep], np.repeat(owner[:-1], 3).reshape(-1, 3)[keep]


def cut_shapes(
    points: Array, owner: NDArray[Any], low: Array, high: Array
) -> tuple[Array, NDArray[Any]]:
    """Cut shapes at the edges of a box, which become edges of the shapes.

    Parameters
    ----------
    points : ndarray of shape (n, 2)
        The corners of all shapes, NaN between two rings of one.
    owner : ndarray of shape (n,)
        The shape that each corner belongs to.
    low, high : ndarray of shape (2,)
        Two opposite corners of the box.

    Returns
    -------
    points : ndarray of shape (m, 2)
    owner : ndarray of shape (m,)
    """
    box, pieces, theirs = Bbox([low, high]), [np.empty((0, 2))], []
    rings = np.cumsum(np.isnan(points).any(axis=1)) + owner * len(points)
    for number in np.unique(rings):
        its = rings == number
        ring = points[its & np.isfinite(points).all(axis=1)]
        inside = Path(ring).clip_to_bbox(box).vertices if len(ring) else ring
        pieces += [inside, np.full((1, 2), np.nan)]
        theirs += [owner[its][0]] * (len(inside) + 1)
    return np.concatenate(pieces), np.array(theirs, int)


def _line_style(line: Line2D) -> Style:
    alpha, dashed = line.get_alpha(), line.is_dashed()
    return Style(
        "line",
        to_rgba(line.get_color(), alpha),
        0.0 if line.get_linestyle() in EMPTY else line.get_linewidth(),
        line._dash_pattern,  # no getter gives it in points
        line.get_dash_capstyle() if dashed else line.get_solid_capstyle(),
        line.get_dash_joinstyle() if dashed else line.get_solid_joinstyle(),
        to_rgba(line.get_markerfacecolor(), alpha),
        ROUND.get(line.get_marker(), 0.0) * line.get_markersize(),
        to_rgba(line.get_markeredgecolor(), alpha),
        line.get_markeredgewidth(),
        clip=_clip(line),
    )


def _shape_style(shape: Patch) -> Style:
    return Style(
        "shape",
        to_rgba(shape.get_edgecolor()),
        shape.get_linewidth(),
        shape._dash_pattern,  # no getter gives it in points
        shape.get_capstyle(),
        shape.get_joinstyle(),
        to_rgba(shape.get_facecolor()),
        clip=_clip(shape),
    )


def _text_style(text: Text) -> Style:
    return Style(
        "text",
        to_rgba(text.get_color(), text.get_alpha()),
        size=text.get_fontsize(),
        edge=to_rgba(text.axes.get_facecolor() if text.axes else "white"),
        edge_width=3.0 if text.get_path_effects() else 0.0,  # the halo of a label
        align=(text.get_ha(), text.get_va()),
        weight=str(text.get_weight()),
        clip=_clip(text),
    )


def _clip(artist: Artist) -> tuple[float, float, float, float] | None:
    box = artist.get_clip_box() if artist.get_clip_on() else None
    return None if box is None else tuple(box.extents.tolist())
