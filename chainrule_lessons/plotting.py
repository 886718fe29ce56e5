"""Pictures: a figure in the course's style, and the caption that says what it shows.

What is drawn on the axes of a figure stands in `chainrule_lessons.marks` and
`chainrule_lessons.charts`, and is offered here too.
"""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

from chainrule_lessons import charts, marks
from chainrule_lessons.charts import *
from chainrule_lessons.marks import *
from chainrule_lessons.marks import lessons_style
from chainrule_lessons.validation import describe

__all__ = [
    *marks.__all__,
    *charts.__all__,
    "Picture",
    "enlarged",
    "lecture_mode",
    "sheet",
    "subplots",
]

_PIXELS_AN_INCH = 100.0
# Widths of stored pictures, in CSS pixels: what a page has room for, and as much as
# letters of 11 points need to be read in a picture of 800 pixels.
_LARGE, _SMALL = 650, 480
_enlarged = 1.0


def lecture_mode(on: bool = True) -> None:
    """Enlarge text, lines and marks of every picture made from here on.

    For a projector. The picture keeps its size on the page, and everything drawn
    in it grows by two fifths.

    Parameters
    ----------
    on : bool, optional
        False goes back to the size for reading alone.

    Examples
    --------
    >>> lecture_mode()
    >>> figure, axes = subplots()
    >>> figure.dpi
    140.0
    >>> lecture_mode(False)
    """
    global _enlarged
    _enlarged = 1.4 if on else 1.0


class LessonsAxes(Axes):
    """Axes whose artists are in the course's style, whenever they are added.

    Matplotlib asks for the style anew at each call, long after the axes were made.
    """

    plot = lessons_style()(Axes.plot)
    axhline = lessons_style()(Axes.axhline)
    axvline = lessons_style()(Axes.axvline)
    scatter = lessons_style()(Axes.scatter)
    text = lessons_style()(Axes.text)
    annotate = lessons_style()(Axes.annotate)
    legend = lessons_style()(Axes.legend)


def enlarged() -> float:
    """Say how much larger than on a screen figures are drawn now.

    >>> enlarged()
    1.0
    """
    return _enlarged


def subplots(
    rows: int = 1,
    columns: int = 1,
    *,
    size: tuple[float, float] = (6.4, 3.6),
    **keywords: Any,
) -> tuple[Figure, Any]:
    """Make a figure with axes in the course's style, as ``pyplot.subplots`` does.

    Parameters
    ----------
    rows, columns : int, optional
        How many axes below and beside one another.
    size : tuple of float, optional
        Width and height in hundreds of CSS pixels.
    **keywords
        Passed to ``Figure.subplots``.

    Returns
    -------
    figure : Figure
    axes : LessonsAxes or ndarray of LessonsAxes
        Of another kind if ``subplot_kw`` asks for a projection.

    Examples
    --------
    >>> figure, axes = subplots()
    >>> line, = axes.plot([0, 1], [0, 3])
    """
    with lessons_style():
        # Fewer inches of more pixels: the same room, and all that is drawn larger.
        inches = (size[0] / _enlarged, size[1] / _enlarged)
        dpi = _PIXELS_AN_INCH * _enlarged
        figure = Figure(figsize=inches, dpi=dpi, layout="constrained")
        FigureCanvasAgg(figure)
        kind = keywords.pop("subplot_kw", {})
        if not {"projection", "polar"} & set(kind):
            kind = {"axes_class": LessonsAxes} | kind
        axes = figure.subplots(rows, columns, subplot_kw=kind, **keywords)
        return figure, axes


def sheet() -> tuple[Figure, Axes]:
    """Make a sheet to draw on, 16 by 9 units of 40 CSS pixels, without axes.

    Returns
    -------
    figure : Figure
    axes : LessonsAxes
    """
    figure, axes = subplots()
    axes.set(xlim=(0, 16), ylim=(0, 9), aspect="equal")
    axes.set_axis_off()
    return figure, axes


class Picture:
    """A figure and the caption that says what it shows, with its numbers.

    In JupyterLab the picture carries the caption as its alternative text and
    shows it underneath; in print, in a terminal and in tests the caption stands
    alone.

    Parameters
    ----------
    figure : Figure
        A finished Matplotlib figure.
    caption : str
        One or two plain sentences with the numbers of the picture.

    Raises
    ------
    TypeError
        If `figure` is no Matplotlib figure, or `caption` no text.
    ValueError
        If `caption` is empty.

    Examples
    --------
    >>> figure, axes = subplots()
    >>> line, = axes.plot([0, 1], [0, 3])
    >>> Picture(figure, "A line of slope 3.")
    A line of slope 3.
    """

    def __init__(self, figure: Figure, caption: str) -> None:
        if not isinstance(figure, Figure):
            raise TypeError(
                f"Picture: figure must be a Matplotlib figure, got {describe(figure)}"
            )
        if not isinstance(caption, str):
            raise TypeError(f"Picture: caption must be text, got {describe(caption)}")
        if not caption.strip():
            raise ValueError(
                "Picture: caption must say what the picture shows, "
                f"got {describe(caption)}"
            )
        self.figure, self.caption = figure, caption

    def png(self, ratio: float = 2.0) -> bytes:
        """Draw the picture.

        Parameters
        ----------
        ratio : float, optional
            Image pixels to a CSS pixel.

        Returns
        -------
        bytes
            A PNG file.
        """
        return png_of(rgba_of(self.figure, ratio))

    def __repr__(self) -> str:
        return self.caption

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        width, height = (round(side) for side in self.figure.bbox.size)
        return picture_bundle([(rgba_of(self.figure, 2), self.caption)], width, height)


def rgba_of(figure: Figure, ratio: float) -> NDArray[np.uint8]:
    """Draw a figure at `ratio` image pixels to a CSS pixel."""
    dpi, canvas = figure.dpi, FigureCanvasAgg(figure)
    try:
        figure.dpi = dpi * ratio
        with lessons_style():
            canvas.draw()
        return np.asarray(canvas.buffer_rgba()).copy()
    finally:
        figure.dpi = dpi


def png_of(rgba: NDArray[np.uint8]) -> bytes:
    """Write an image as a PNG file, fast rather than small."""
    file = io.BytesIO()
    Image.fromarray(rgba).convert("RGB").save(file, "png", compress_level=1)
    return file.getvalue()


def picture_bundle(
    parts: Sequence[tuple[NDArray[np.uint8], str]],
    width: int,
    height: int,
    *,
    shrink: int = 1,
) -> dict[str, str]:
    """Say pictures with captions in the forms that notebooks show.

    Without ``image/png``: whoever can show it prefers ``text/html``, which alone has
    caption and alternative text, so that every picture would be stored twice.

    Parameters
    ----------
    parts : sequence of (ndarray of shape (rows, columns, 4), str)
        Images of one size, and their captions.
    width, height : int
        The size of one, in CSS pixels.
    shrink : int, optional
        How many image pixels in a row are stored as one.

    Returns
    -------
    dict
        ``text/plain`` (the captions) and ``text/html`` (each picture with its
        alternative text and caption: the middle one first and large, then the others).
    """
    middle = len(parts) // 2
    order = [middle, *(i for i in range(len(parts)) if i != middle)]
    figures = []
    for i in order:
        rgba, caption = parts[i]
        scale = min(1, (_LARGE if i == middle else _SMALL) / width)
        size = round(width * scale), round(height * scale)
        figures.append(_figure_html(_stored(rgba, shrink), caption, *size))
    captions = "\n".join(caption for _, caption in parts)
    return {"text/plain": captions, "text/html": "".join(figures)}


def _stored(rgba: NDArray[np.uint8], shrink: int) -> str:
    # Opaque throughout: to shrink first and drop the fourth number then is faster.
    image = Image.frombuffer("RGBX", rgba.shape[1::-1], rgba, "raw", "RGBX", 0, 1)
    return _base64_png(_few_colours(image.reduce(shrink).convert("RGB")))


def _few_colours(image: Image.Image) -> Image.Image:
    """Keep 128 colours: line art needs no more, and the file is a third as large."""
    few = image.quantize(128, Image.Quantize.FASTOCTREE)
    palette = np.array(few.getpalette()).reshape(-1, 3)
    palette[(palette > 249).all(axis=1)] = 255  # paper stays white
    few.putpalette(palette.ravel().tolist())
    return few


def _base64_png(image: Image.Image) -> str:
    file = io.BytesIO()
    image.save(file, "png", compress_level=8)  # 9: 1 % less in twice the time
    return base64.b64encode(file.getvalue()).decode()


def _figure_html(image: str, caption: str, width: int, height: int) -> str:
    """Say a picture with its caption: beside it where there is room, or below.

    GitHub drops every style and keeps what is an attribute.
    """
    said, source = html.escape(caption), f"data:image/png;base64,{image}"
    return (
        '<figure style="display:flex;flex-wrap:wrap;align-items:flex-start;'
        f'gap:0.3em 1em;max-width:{_LARGE}px;margin:0 0 1em">'
        f'<img alt="{said}" width="{width}" height="{height}" src="{source}" '
        'style="max-width:100%;height:auto;background:#fff">'
        f'<figcaption style="flex:1 1 8em">{said}</figcaption></figure>'
    )
