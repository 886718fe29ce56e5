"""What moves in a live figure: where each mark is, in pixels, and how it looks.

A figure's still part is rendered once. Its moving marks, those of its pens and the
artists made with ``animated=True``, are only *described* here: their corners in
pixels and their style. The front end draws them from that description, so the
vocabulary is small: lines, round markers, filled shapes, arrows and labels.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, pairwise, zip_longest
from typing import Any, NamedTuple

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure, SubFigure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Polygon
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import Bbox, Transform
from numpy.typing import NDArray

from chainrule_lessons.live.pen import Mark, Pen
from chainrule_lessons.marks import EMPTY, PIXELS, ROUND, Arrow, require_plain

__all__ = ["MOST_PIXELS", "Recorder", "moving_artists"]

GRAIN = 16  # a coordinate counts sixteenths of a CSS pixel, in 16 bits
GAP = -32768  # stands for a missing point, where a line is broken
MOST_PIXELS = 2000.0  # of CSS, which 16 bits of such grains can count
FAR = MOST_PIXELS * np.array([[-1, -1], [1, 1]])  # cut off beyond
MOST_POINTS = 32767  # of a mark at one position: what 16 bits can count

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
    grabs: tuple[str, ...] = ()  # the sliders that a mark moves when it is dragged


class Look(NamedTuple):
    """What the marks of one stamp share: the number of their style, their transform."""

    style: int
    transform: Transform = PIXELS


NONE = np.empty(0)
HIDDEN, NOTHING = (Mark(style, NONE, NONE) for style in (0, -1))


def moving_artists(figure: Figure) -> list[Artist]:
    """List a figure's pens and animated artists, in the order they are drawn.

    Those of axes inside axes and of subfigures too. An artist that is no line, round
    marker, shape or label is refused with a TypeError.
    """
    found = list(_animated(figure))
    for artist in found:
        if not isinstance(artist, Pen):
            require_plain(artist)
    return found


def _animated(home: Artist) -> Iterator[Artist]:
    """Yield the moving artists of a figure, then those of the axes in it."""
    inside = sorted(home.get_children(), key=lambda artist: artist.get_zorder())
    yield from (artist for artist in inside if artist.get_animated())
    for artist in inside:
        if isinstance(artist, Axes | SubFigure):
            yield from _animated(artist)


class Recorder:
    """Writes down marks, place by place, in the form the browser reads.

    Parameters
    ----------
    figure : Figure
        The figure, drawn once, so that its transforms are settled.
    artists : sequence of Artist
        Its moving artists, pens among them.
    ratio : float
        Device pixels to a CSS pixel, as the figure's ``dpi`` already has it.

    Notes
    -----
    The numbers are 16-bit integers, mark after mark. A mark has a head of three
    numbers for each place (the positions of its style and its text in two lists,
    and how many points it has), then all its points, in sixteenths of a CSS pixel
    from the top left. A point stands for the middle of its sixteenth, so that no
    marker changes sides where the pixels of a screen meet (1, 2 or 4 to a CSS pixel).
    Style -1: nothing could be drawn at this place.
    """

    def __init__(self, figure: Figure, artists: Sequence[Artist], ratio: float) -> None:
        self.artists, self.ratio = artists, ratio
        self.unit = figure.dpi / 72 / ratio
        self.size = np.array(figure.bbox.size) / ratio
        self.places: list[list[Mark]] = []
        self.styles: list[dict[str, Any]] = []
        self.texts: dict[str, int] = {}
        self._numbers: dict[Style, int] = {}
        self._looks: dict[Artist | int, Look] = {n: Look(n) for n in (0, -1)}

    def take(self) -> None:
        """Note the marks as they are now."""
        marks = [mark for artist in self.artists for mark in self._marks(artist)]
        for stamp, _, _, text in marks:
            if stamp not in self._looks:
                self._looks[stamp] = self._look(stamp)
            if text:
                self.texts.setdefault(text, len(self.texts))
        self.places.append(marks)

    def skip(self) -> None:
        """Note that nothing could be drawn at this place."""
        self.places.append([NOTHING])

    def track(self) -> dict[str, Any]:
        """Pack what was noted.

        Returns
        -------
        dict
            ``data`` (bytes), ``styles`` and ``texts`` (lists), ``marks`` (their
            number).
        """
        columns = list(zip_longest(*self.places, fillvalue=HIDDEN))
        marks = list(chain(*columns))
        numbers = {stamp: number for number, stamp in enumerate(self._looks)}
        whose = np.array([numbers[mark.stamp] for mark in marks], int)
        styles = np.array([look.style for look in self._looks.values()])[whose]
        texts = [self.texts.get(mark.text, -1) for mark in marks]
        points, counts = self._cut(*self._pixels(marks, whose), styles)
        self._require_few(counts, styles)
        points[:, ~np.isfinite(points).all(axis=0)] = GAP / GRAIN
        packed = np.floor(points.T * GRAIN).astype(np.int16)
        heads = np.column_stack([styles, texts, counts]).astype(np.int16)
        places, most = len(self.places), len(columns)
        ends = np.cumsum(counts)[places - 1 : -1 : places]
        parts = zip(np.split(heads, most or 1), np.split(packed, ends), strict=True)
        return {
            "data": b"".join(part.tobytes() for part in chain(*parts)),
            "styles": self.styles,
            "texts": list(self.texts),
            "marks": most,
        }

    def _marks(self, artist: Artist) -> list[Mark]:
        """Give a pen's marks, or the one mark that an artist is."""
        if isinstance(artist, Pen):
            return artist.in_order() if artist.get_visible() else []
        empty = isinstance(artist, Text) and not artist.get_text()
        shown = artist.get_visible() and not empty
        return [self._mark(artist) if shown else HIDDEN]

    def _mark(self, artist: Artist) -> Mark:
        """Describe an artist that a lesson moves by itself, as it is now."""
        style, text, way = self._style(artist), "", artist.get_transform()
        if isinstance(artist, Text):
            text, (x, y) = artist.get_text(), artist.get_position()
        elif isinstance(artist, Line2D):
            data = (np.ma.filled(c, np.nan) for c in artist.get_data(orig=True))
            x, y = np.broadcast_arrays(*data)  # axvline has one x for many y
        else:
            x, y, way = _outline(artist)
        x, y = artist.convert_xunits(x), artist.convert_yunits(y)
        points = np.column_stack([np.array(c, float, ndmin=1) for c in (x, y)])
        return Mark(style, *way.transform(points).T, text)

    def _look(self, stamp: Artist | int) -> Look:
        """Describe a stamp; the outline of an arrow will be in pixels."""
        if isinstance(stamp, int):
            return Look(stamp)
        return Look(self._style(stamp), stamp.get_transform())

    def _style(self, artist: Artist) -> int:
        """Give a style a number, and say it in CSS when it is new."""
        style = _style_of(artist)
        number = self._numbers.setdefault(style, len(self.styles))
        if number == len(self.styles):
            self.styles.append(self._css(style))
        return number

    def _pixels(
        self, marks: list[Mark], whose: NDArray[Any]
    ) -> tuple[Array, NDArray[np.intp]]:
        """Turn all points into CSS pixels, x above y, and count those of each mark."""
        x, y = ([mark[axis] for mark in marks] for axis in (1, 2))
        for number, stamp in enumerate(self._looks):
            if isinstance(stamp, Arrow):
                _outline_all(stamp, np.flatnonzero(whose == number), x, y)
        counts = np.array([len(row) for row in x], np.intp)
        points = np.stack([np.concatenate([NONE, *rows]) for rows in (x, y)])
        ways = [look.transform for look in self._looks.values()]
        for way in {id(way): way for way in ways}.values():
            its = np.repeat(np.array([way is other for other in ways])[whose], counts)
            points[:, its] = way.transform(points[:, its].T).T
        points /= self.ratio
        points[1] = self.size[1] - points[1]
        return points, counts

    def _cut(
        self, points: Array, counts: NDArray[np.intp], styles: NDArray[Any]
    ) -> tuple[Array, NDArray[np.intp]]:
        """Cut off what is far away; lines at the figure, as Matplotlib does for dashes.

        A line with markers is cut far away too: they would stand at the cuts.
        """
        counts = counts.copy()
        boxes = np.array([*map(self._box, self.styles), FAR])  # last: for no style
        low, high = np.moveaxis(boxes, 0, -1)[..., np.repeat(styles, counts)]
        outside = ((points < low) | (points > high)).any(axis=0)
        far = np.unique(np.repeat(np.arange(len(counts)), counts)[outside])
        ends, cut = np.cumsum(counts), {}
        for style in np.unique(styles[far]):
            its = far[styles[far] == style].tolist()
            whole = [points[:, ends[n] - counts[n] : ends[n]].T for n in its]
            parts = _cut_all(self.styles[style]["kind"], whole, *boxes[style])
            cut |= zip(its, parts, strict=True)
        kept, at = [], 0
        for n, part in sorted(cut.items()):
            kept += [points[:, at : ends[n] - counts[n]], part.T]
            at, counts[n] = ends[n], len(part)
        return np.concatenate([*kept, points[:, at:]], axis=1), counts

    def _box(self, style: dict[str, Any]) -> Array:
        if style["kind"] != "line" or style["size"]:
            return FAR
        return np.array([[-1, -1], self.ratio * self.size + 1]) / self.ratio

    def _require_few(self, counts: NDArray[np.intp], styles: NDArray[Any]) -> None:
        if counts.max(initial=0) > MOST_POINTS:
            kind = self.styles[styles[counts.argmax()]]["kind"]
            raise ValueError(
                f"LiveFigure: a moving {kind} has {counts.max()} "
                f"points and may have {MOST_POINTS} at most"
            )

    def _css(self, style: Style) -> dict[str, Any]:
        """Say a style in CSS pixels, from the top left, and CSS colours."""
        offset, dashes = style.dash
        said = style._asdict() | {
            "dash": [length * self.unit for length in dashes],
            "offset": offset * self.unit,
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


def _outline(shape: Patch) -> tuple[Array, Array, Transform]:
    """Give the corners of a shape; several rings are set apart by NaN."""
    if isinstance(shape, Polygon):
        return *shape.get_xy().T, shape.get_transform()
    rings = shape.get_transform().transform_path(shape.get_path()).to_polygons()
    broken = [part for ring in rings for part in (ring, np.full((1, 2), np.nan))]
    return *np.concatenate([np.empty((0, 2)), *broken]).T, PIXELS


def _outline_all(
    arrow: Arrow, its: NDArray[np.intp], x: list[Array], y: list[Array]
) -> None:
    """Put the outlines of an arrow, in pixels, in place of its ends."""
    ends = np.array([(x[n], y[n]) for n in its])
    gap = np.full((1, 2), np.nan)
    for n, ring in zip(its, arrow.outlines(*ends.transpose(2, 0, 1)), strict=True):
        x[n], y[n] = (np.concatenate([ring, gap]) if len(ring) else ring).T


def cut_lines(lines: list[Array], low: Array, high: Array) -> list[Array]:
    """Cut broken lines at the edges of a box, all of them at once."""
    # A point alone in the box stays as it is, and tells where the next line begins.
    gap, alone = np.full((1, 2), np.nan), (low + np.pi * high) / (1 + np.pi)
    between = [gap, alone[None], gap]
    joined = np.concatenate([*between, *chain(*((line, *between) for line in lines))])
    # Matplotlib cuts a pixel outside of the box that it is given.
    path = Path(joined).cleaned(remove_nans=True, clip=(*(low + 1), *(high - 1)))
    corners, begins = path.vertices[:-1], path.codes[:-1] == Path.MOVETO  # without STOP
    points = np.insert(corners, np.flatnonzero(begins), np.nan, axis=0)
    marks = np.flatnonzero((points == alone).all(axis=1))
    return [points[i + 2 : j - 1] for i, j in pairwise(marks)]


def cut_shape(points: Array, low: Array, high: Array) -> Array:
    """Cut a shape, NaN between its rings, at a box whose edges become its own."""
    box, pieces = Bbox([low, high]), [np.empty((0, 2))]
    gaps = np.flatnonzero(np.isnan(points).any(axis=1))
    for ring in np.split(points, gaps):
        ring = ring[np.isfinite(ring).all(axis=1)]
        inside = Path(ring).clip_to_bbox(box).vertices if len(ring) else ring
        pieces += [inside, np.full((1, 2), np.nan)]
    return np.concatenate(pieces)


def _cut_all(kind: str, marks: list[Array], low: Array, high: Array) -> list[Array]:
    if kind == "line":
        return cut_lines(marks, low, high)
    cut = cut_shape if kind == "shape" else np.clip
    return [cut(points, low, high) for points in marks]


def _style_of(artist: Artist) -> Style:
    describe = {Line2D: _line_style, Text: _text_style}
    kind = next((kind for kind in describe if isinstance(artist, kind)), None)
    style = describe.get(kind, _shape_style)(artist)
    what, _, names = (artist.get_gid() or "").partition(" ")
    return style._replace(grabs=tuple(names.split()) if what == "grab" else ())


def _line_style(line: Line2D) -> Style:
    alpha, dashed = line.get_alpha(), line.is_dashed()
    return Style(
        "line",
        to_rgba(line.get_color(), alpha),
        0.0 if line.get_linestyle() in EMPTY else line.get_linewidth(),
        _dash(line),
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
        _dash(shape),
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
        edge_width=_halo(text),
        align=(text.get_ha(), text.get_va()),
        weight=str(text.get_weight()),
        clip=_clip(text),
    )


def _halo(text: Text) -> float:
    """Give the width of a label's halo; no getter gives it."""
    kept = (getattr(effect, "_gc", {}) for effect in text.get_path_effects() or ())
    return max((gc.get("linewidth", 0.0) for gc in kept), default=0.0)


def _dash(artist: Any) -> tuple[float, tuple[float, ...]]:
    offset, dashes = artist._dash_pattern  # no getter gives it in points
    return offset, tuple(dashes or ())


def _clip(artist: Artist) -> tuple[float, float, float, float] | None:
    box = artist.get_clip_box() if artist.get_clip_on() else None
    return None if box is None else tuple(box.extents.tolist())
