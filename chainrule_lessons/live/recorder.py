"""What moves in a live figure: where each mark is, in pixels, and how it looks.

A figure's still part is rendered once. Its moving marks, those of its pens and the
artists made with ``animated=True``, are only *described* here: their corners in
pixels and their style. The front end draws them from that description, so the
vocabulary is small: lines, round markers, filled shapes, arrows and labels.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure, SubFigure
from matplotlib.lines import Line2D
from matplotlib.patches import Arc, Patch, Polygon
from matplotlib.path import Path
from matplotlib.text import Annotation, Text
from matplotlib.transforms import Bbox, IdentityTransform, Transform
from numpy.typing import NDArray

from chainrule_lessons.live.pen import Mark, Pen
from chainrule_lessons.marks import Arrow

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
    grabs: tuple[str, ...] = ()  # the sliders that a mark moves when it is dragged


class Look(NamedTuple):
    """A mark at one place: the numbers of its style and text, and its points."""

    style: int
    text: int
    x: Array
    y: Array
    transform: Transform


NONE = np.empty(0)
HIDDEN, NOTHING = (Look(style, -1, NONE, NONE, PIXELS) for style in (0, -1))


def moving_artists(figure: Figure) -> list[Artist]:
    """List a figure's pens and animated artists, in the order they are drawn.

    Those of axes inside axes and of subfigures too. An artist that is no line, round
    marker, shape or label is refused with a TypeError.
    """
    found = list(_animated(figure))
    for artist in found:
        _refuse_unknown(artist)
    return found


def _animated(home: Artist) -> Iterator[Artist]:
    """Yield the moving artists of a figure, then those of the axes in it."""
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
    elif not isinstance(artist, Pen):
        why = "only lines, round markers, filled shapes, arrows and labels move"
    if why:
        raise TypeError(
            f"LiveFigure: cannot animate this {name}: {why}. "
            "Leave animated=True off, and the kernel redraws it."
        )


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
        self.places: list[list[Look] | None] = []
        self.styles: list[dict[str, Any]] = []
        self.texts: dict[str, int] = {}
        self._numbers: dict[Style, int] = {}
        self._stamps: dict[Artist, tuple[int, Transform]] = {}

    def take(self) -> None:
        """Note the marks as they are now."""
        self.places.append(
            [look for artist in self.artists for look in self._looks(artist)]
        )

    def skip(self) -> None:
        """Note that nothing could be drawn at this place."""
        self.places.append(None)

    def track(self) -> dict[str, Any]:
        """Pack what was noted.

        Returns
        -------
        dict
            ``data`` (bytes), ``styles`` and ``texts`` (lists), ``marks`` (their
            number).
        """
        frames = len(self.places)
        # A place where nothing could be drawn is a head of -1, so one mark at least.
        most = max((1 if p is None else len(p) for p in self.places), default=0)
        looks = [look for n in range(most) for look in self._column(n)]
        points, owner = self._cut(*self._pixels(looks), looks)
        counts = np.bincount(owner, minlength=len(looks))
        self._require_few(counts, looks)
        points[~np.isfinite(points).all(axis=1)] = GAP / GRAIN
        packed = np.floor(points * GRAIN).astype(np.int16)
        heads = np.empty((len(looks), 3), np.int16)
        heads[:, 0], heads[:, 1] = [k.style for k in looks], [k.text for k in looks]
        heads[:, 2] = counts
        ends = np.append(0, np.cumsum(counts))[::frames] if most else [0]
        parts = (
            (
                heads[n * frames : (n + 1) * frames].ravel(),
                packed[ends[n] : ends[n + 1]].ravel(),
            )
            for n in range(most)
        )
        return {
            "data": b"".join(part.tobytes() for part in chain(*parts)),
            "styles": self.styles,
            "texts": list(self.texts),
            "marks": most,
        }

    def _looks(self, artist: Artist) -> list[Look]:
        """Describe a pen's marks, or the one mark that an artist is."""
        if isinstance(artist, Pen):
            return [self._look(mark) for mark in artist.in_order()]
        if not artist.get_visible():
            return [HIDDEN]
        return [self._look_at(artist)]

    def _look(self, mark: Mark) -> Look:
        stamp, x, y, text = mark
        found = self._stamps.get(stamp)
        if found is None:
            found = self._style(stamp), stamp.get_transform()
            self._stamps[stamp] = found
        style, way = found
        if isinstance(stamp, Arrow):
            x, y, way = _outline(mark.set_down())
        if text:
            return Look(style, self.texts.setdefault(text, len(self.texts)), x, y, way)
        return Look(style, -1, x, y, way)

    def _look_at(self, artist: Artist) -> Look:
        """Describe an artist that a lesson moves by itself."""
        style, text = self._style(artist), -1
        if isinstance(artist, Text):
            text = self.texts.setdefault(artist.get_text(), len(self.texts))
            corners = *artist.get_position(), artist.get_transform()
        elif isinstance(artist, Line2D):
            data = (np.ma.filled(c, np.nan) for c in artist.get_data(orig=True))
            x, y = np.broadcast_arrays(*data)  # axvline has one x for many y
            corners = x, y, artist.get_transform()
        else:
            corners = _outline(artist)
        x, y, way = corners
        x, y = artist.convert_xunits(x), artist.convert_yunits(y)
        return Look(
            style, text, np.array(x, float, ndmin=1), np.array(y, float, ndmin=1), way
        )

    def _style(self, artist: Artist) -> int:
        """Give a style a number, and say it in CSS when it is new."""
        style = _style_of(artist)
        number = self._numbers.setdefault(style, len(self.styles))
        if number == len(self.styles):
            self.styles.append(self._css(style))
        return number

    def _column(self, n: int) -> Iterator[Look]:
        """Yield mark n at every place: hidden where there are fewer marks."""
        for looks in self.places:
            if looks is None:
                yield NOTHING
            else:
                yield looks[n] if n < len(looks) else HIDDEN

    def _pixels(self, looks: list[Look]) -> tuple[Array, NDArray[Any]]:
        """Turn all points into CSS pixels, and say which look owns each."""
        x, y = (np.concatenate([NONE, *(k[axis] for k in looks)]) for axis in (2, 3))
        points = np.column_stack([x, y])
        owner = np.repeat(np.arange(len(looks)), [len(look.x) for look in looks])
        ways = {id(look.transform): look.transform for look in looks}
        whose = np.array([id(look.transform) for look in looks], np.intp)[owner]
        for number, way in ways.items():
            its = whose == number
            points[its] = way.transform(points[its])
        css = points / self.ratio
        css[:, 1] = self.size[1] - css[:, 1]
        return css, owner

    def _cut(
        self, points: Array, owner: NDArray[Any], looks: list[Look]
    ) -> tuple[Array, NDArray[Any]]:
        """Cut off what is far away; lines at the figure, as Matplotlib does for dashes.

        A line with markers is cut far away too: they would stand at the cuts.
        """
        plain = [s["kind"] == "line" and not s["size"] for s in self.styles]
        near = np.array([*plain, False])[[look.style for look in looks]][owner]
        low = np.where(near[:, None], np.full(2, -1 / self.ratio), -REACH)
        high = np.where(near[:, None], self.size + 1 / self.ratio, REACH)
        out = ((points < low) | (points > high)).any(axis=1)
        if not out.any():
            return points, owner
        kept = ~np.isin(owner, owner[out])  # a look that stays inside is left alone
        pieces, owners = [points[kept]], [owner[kept]]
        for number in np.unique(owner[out]):
            (its,) = np.nonzero(owner == number)
            kind, box = (
                self.styles[looks[number].style]["kind"],
                (low[its[0]], high[its[0]]),
            )
            pieces.append(_CUTS[kind](points[its], *box))
            owners.append(np.full(len(pieces[-1]), number))
        owner = np.concatenate(owners)
        order = np.argsort(owner, kind="stable")
        return np.concatenate(pieces)[order], owner[order]

    def _require_few(self, counts: NDArray[Any], looks: list[Look]) -> None:
        if counts.max(initial=0) > MOST_POINTS:
            kind = self.styles[looks[counts.argmax()].style]["kind"]
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


def cut_line(points: Array, low: Array, high: Array) -> Array:
    """Cut a broken line at the edges of a box."""
    # Matplotlib cuts a pixel outside of the box that it is given.
    path = Path(points).cleaned(remove_nans=True, clip=(*(low + 1), *(high - 1)))
    corners, begins = path.vertices[:-1], path.codes[:-1] == Path.MOVETO  # without STOP
    return np.insert(corners, np.flatnonzero(begins)[1:], np.nan, axis=0)


def cut_shape(points: Array, low: Array, high: Array) -> Array:
    """Cut a shape, NaN between its rings, at a box whose edges become its own."""
    box, pieces = Bbox([low, high]), [np.empty((0, 2))]
    gaps = np.flatnonzero(np.isnan(points).any(axis=1))
    for ring in np.split(points, gaps):
        ring = ring[np.isfinite(ring).all(axis=1)]
        inside = Path(ring).clip_to_bbox(box).vertices if len(ring) else ring
        pieces += [inside, np.full((1, 2), np.nan)]
    return np.concatenate(pieces)


_CUTS = {"line": cut_line, "shape": cut_shape, "text": np.clip}


def _style_of(artist: Artist) -> Style:
    describe = {Line2D: _line_style, Text: _text_style}
    kind = next((kind for kind in describe if isinstance(artist, kind)), None)
    style = describe.get(kind, _shape_style)(artist)
    grabs = (artist.get_gid() or "").removeprefix("grab ")
    return style._replace(grabs=tuple(grabs.split()))


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
        edge_width=3.0 if text.get_path_effects() else 0.0,  # the halo of a label
        align=(text.get_ha(), text.get_va()),
        weight=str(text.get_weight()),
        clip=_clip(text),
    )


def _dash(artist: Any) -> tuple[float, tuple[float, ...]]:
    offset, dashes = artist._dash_pattern  # no getter gives it in points
    return offset or 0.0, tuple(dashes or ())


def _clip(artist: Artist) -> tuple[float, float, float, float] | None:
    box = artist.get_clip_box() if artist.get_clip_on() else None
    return None if box is None else tuple(box.extents.tolist())
