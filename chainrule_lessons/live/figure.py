"""The live figure: sliders that move a picture at the speed of the screen.

Record, then replay. While the reader drags one slider, all others stand still.
So for each slider the figure is asked beforehand how its marks lie at every
place of that slider, and the browser replays this *track*: no message has to
travel to the kernel and back. The kernel is told the new value afterwards, and
asked to record the tracks of the other sliders anew: when a drag ends, when keys
rest, when a slider is pointed at. Values travel one message at a time, which a
question may overtake: so the question carries the values it is about. Where the
slider changes more than the moving marks, no track is kept, and the kernel draws
the picture at each place instead.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any
from weakref import WeakKeyDictionary

import anywidget
import numpy as np
import traitlets
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from chainrule_lessons.live.bet import Bet, checked_question
from chainrule_lessons.live.page import joined, squeezed
from chainrule_lessons.live.pen import Mark, Pen
from chainrule_lessons.live.recorder import MOST_PIXELS, Recorder, moving_artists
from chainrule_lessons.live.slider import Slider, check_grabs, check_update
from chainrule_lessons.marks import DRAWING
from chainrule_lessons.plotting import enlarged, lessons_style, picture_bundle, png_of
from chainrule_lessons.validation import describe

__all__ = ["LiveFigure", "Slider"]

Values = dict[str, Any]
# A figure's own dots to an inch, which are CSS pixels; once it is live, its `dpi` are
# the screen's, and a second live figure must not take them for its own.
_DPI: WeakKeyDictionary[Figure, float] = WeakKeyDictionary()


class LiveFigure(anywidget.AnyWidget):
    """A Matplotlib figure whose marks follow sliders.

    Parameters
    ----------
    figure : Figure
        Drawn once; what its pens draw moves, and so do artists with ``animated=True``.
    update : callable
        ``update(**values)`` draws the marks for the sliders' values with the pens
        and returns the caption, a str. It must depend on its values alone: it is
        called at every place of a slider, in any order.
    predict : tuple, optional
        A bet: a question and its choices. The sliders unlock once a choice is made.
        A dict gives each choice its sentence, said once the reader has moved a
        slider: whether it was right, and what a wrong one rests on. A number and a
        sentence in place of the choices make a bet on a number.
    **sliders
        One for each argument of `update`: a `Slider`, ``(min, max)``,
        ``(min, max, step)``, a list or dict of choices, a bool, or an ipywidgets
        slider as a description.

    Attributes
    ----------
    values : dict
        The sliders' values; can be observed and linked as any trait.
    caption : str
        What the picture shows now.
    prediction : str
        The choice made, or an empty text.
    figure : Figure
        What is drawn on.
    sliders : dict of str to Slider
        The sliders by name.

    Raises
    ------
    TypeError
        If `figure` is no Matplotlib figure, `update` no function of the sliders,
        its caption no text, or a moving artist none that can be replayed.
    ValueError
        If there is no slider, a slider's description is wrong, a mark grabs what is no
        slider, or the figure has more than 2,000 pixels (inches times dpi) a side.

    Examples
    --------
    >>> from chainrule_lessons.live import Pen
    >>> from chainrule_lessons.plotting import subplots
    >>> figure, axes = subplots()
    >>> curve = axes.plot([-2, 0, 2], [4, 0, 4])
    >>> pen = Pen(axes)
    >>> def update(x):
    ...     pen.dot(x, x**2)
    ...     return f"Height {x**2:.2f} at x = {x:.2f}."
    >>> live = LiveFigure(figure, update, x=(-2.0, 2.0, 0.5))
    >>> live.set(x=1.5)
    >>> live
    Height 2.25 at x = 1.50.
    """

    _esm, _css = joined("page.js", "live.js"), joined("live.css")
    values = traitlets.Dict().tag(
        sync=True,
        echo_update=False,  # it would set a slider back that has moved on meanwhile
        to_json=lambda values, live: live._wire(values),
        from_json=lambda wire, live: live._unwire(wire),
    )
    prediction = traitlets.Unicode().tag(sync=True)
    caption = traitlets.Unicode()
    _controls = traitlets.List().tag(sync=True)
    _question = traitlets.Dict().tag(sync=True)
    _size = traitlets.List().tag(sync=True)
    _scale = traitlets.Float().tag(sync=True)
    _still = traitlets.Dict({"id": 0}).tag(sync=True)
    _frame = traitlets.Dict().tag(sync=True, to_json=squeezed)
    _ratio = 2.0  # device pixels to a CSS pixel; the first browser that shows one says

    def __init__(
        self,
        figure: Figure,
        update: Callable[..., str],
        *,
        predict: Bet | None = None,
        **sliders: Any,
    ) -> None:
        _check_figure(figure)
        if not sliders:
            raise ValueError("LiveFigure: give at least one slider, such as x=(-2, 2)")
        self.sliders = {name: Slider.of(given, name) for name, given in sliders.items()}
        start = {name: slider.value for name, slider in self.sliders.items()}
        check_update(update, start)
        self.figure, self._update = figure, update
        self._pens = figure.findobj(Pen)
        self._dpi = _DPI.setdefault(figure, figure.dpi)
        # A trait a slider, so that a new track travels alone.
        tag = {"sync": True, "to_json": squeezed}
        self.add_traits(**{f"_track_{n}": traitlets.Dict().tag(**tag) for n in start})
        with DRAWING:
            self._set_up(start)
        super().__init__(
            values=start,
            _controls=[s.control(name) for name, s in self.sliders.items()],
            _size=[round(side / self._ratio) for side in figure.bbox.size],
            _scale=enlarged(),
            _question=checked_question(predict),
        )
        self.on_msg(self._answer)

    def _set_up(self, start: Values) -> None:
        """Draw the figure once; from then on nothing moves but the marks."""
        FigureCanvasAgg(self.figure)
        for pen in self._pens:
            pen.set_animated(True)
        self._ratio = LiveFigure._ratio
        self.figure.dpi = self._dpi * self._ratio
        try:
            self._call(start)
        except Exception as error:
            error.add_note(f"LiveFigure: update was called at {self._place(start)}.")
            raise
        self._good = start, [pen.marks for pen in self._pens]
        self._artists = moving_artists(self.figure)
        for artist in self._artists:
            artist.set_snap(False)  # a mark glides, it does not hop between pixels
        self._show(start)
        self.figure.set_layout_engine("none")
        for name in self.sliders:
            self._record(name, start)
        check_grabs([self._frame, *map(self.track, self.sliders)], self.sliders)

    # What Python users call

    def set(self, **values: Any) -> None:
        """Move sliders, as the reader would.

        Parameters
        ----------
        **values
            New values by slider name; sliders that are not named stay.

        Raises
        ------
        TypeError, ValueError
            For a value that its slider cannot show, or a name that is no slider.
        """
        with DRAWING:
            self.values = self._checked(values)

    @property
    def marks(self) -> list[Mark]:
        """What the pens have drawn for the values as they are, lowest first."""
        return [mark for pen in self._pens for mark in pen.in_order()]

    @property
    def question(self) -> Values:
        """What the reader is asked: a text with choices, or with a number; or nothing."""
        return dict(self._question)

    def track(self, name: str) -> Values:
        """Return what the browser replays while the slider `name` moves."""
        return getattr(self, f"_track_{name}")

    def png(self) -> bytes:
        """Return the picture as a PNG file, at the resolution it was last shown in."""
        with self._alone():
            return png_of(self._painted(self.values)[0])

    def __repr__(self) -> str:
        return self.caption

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """Offer the live view, and its static twin for where there is no kernel."""
        name, slider = next(iter(self.sliders.items()))
        low, middle, high = slider.places[0], self.values[name], slider.places[-1]
        if not self._question and slider.index(middle) in (0, len(slider.places) - 1):
            middle = slider.places[len(slider.places) // 2]
        # While something is bet on, the stored picture must not give it away.
        places = [middle] if self._question else [low, middle, high]
        parts = []
        with self._alone():
            for place in places:
                rgba, caption = self._painted(self.values | {name: place})
                parts.append((rgba, f"{slider.said(place)}: {caption}"))
            self._tried(self.values)
        shrink = int(self._ratio)
        twin = picture_bundle(parts, *self._size, shrink=shrink)
        view = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        return {"application/vnd.jupyter.widget-view+json": view} | twin

    # Values, and how they travel

    def _checked(self, values: Values) -> Values:
        if odd := [name for name in values if name not in self.sliders]:
            names = ", ".join(self.sliders)
            raise ValueError(f"LiveFigure: {odd[0]!r} is no slider; there are {names}")
        return self.values | {
            name: self.sliders[name].checked(value, f"LiveFigure: {name}")
            for name, value in values.items()
        }

    @traitlets.validate("values")
    def _validate_values(self, proposal: Any) -> Values:
        try:
            return self._checked(proposal["value"])
        except (TypeError, ValueError) as error:
            raise traitlets.TraitError(str(error)) from None

    def _wire(self, values: Values) -> Values:
        """Say values in JSON: numbers as they are, a choice by its position."""
        return {name: self.sliders[name].to_wire(v) for name, v in values.items()}

    def _unwire(self, wire: Values) -> Values:
        return {name: self.sliders[name].from_wire(v) for name, v in wire.items()}

    def _place(self, values: Values) -> str:
        return ", ".join(s.said(values[name]) for name, s in self.sliders.items())

    # Pictures

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Let one thread draw, in this one's resolution: figures may be shared."""
        with DRAWING:
            self.figure.dpi = self._dpi * self._ratio
            yield

    def _call(self, values: Values) -> str:
        for pen in self._pens:
            pen.lift()
        caption = self._update(**values)
        if not isinstance(caption, str) or not caption.strip():
            raise TypeError(
                "LiveFigure: update must return the caption, a text with the picture's "
                f"numbers, got {describe(caption)}"
            )
        return caption

    def _tried(self, values: Values) -> tuple[str, bool]:
        """Draw the marks; where that fails, put back the last good ones and say why."""
        try:
            return self._call(values), True
        except Exception as error:  # noqa: BLE001 - whatever a lesson raises
            good, kept = self._good
            with contextlib.suppress(Exception):  # it may fail where it worked before
                self._call(good)  # for artists that a lesson moves by itself
            for pen, marks in zip(self._pens, kept, strict=True):
                pen.marks = marks
            what = f"{type(error).__name__}: {error}"
            return f"No picture at {self._place(values)}. {what}", False

    def _arrive(self, values: Values) -> bool:
        """Set the marks and the caption to where the sliders are now."""
        self.caption, good = self._tried(values)
        if good:
            self._good = values, [pen.marks for pen in self._pens]
        return good

    def _draw_still(self) -> None:
        with lessons_style():
            self.figure.canvas.draw()
        self._background = self.figure.canvas.copy_from_bbox(self.figure.bbox)

    def _send_still(self, number: int) -> None:
        self._draw_still()
        rgba = np.asarray(self.figure.canvas.buffer_rgba())
        self._still = {"id": number, "png": png_of(rgba)}

    def _painted(self, values: Values) -> tuple[NDArray[np.uint8], str]:
        """Let Matplotlib draw the whole picture, still part and marks."""
        caption, _ = self._tried(values)
        if self.figure.stale:
            self._draw_still()
        self.figure.canvas.restore_region(self._background)
        for artist in self._artists:
            self.figure.draw_artist(artist)
        return np.array(self.figure.canvas.buffer_rgba()), caption

    # Tracks

    def _show(self, values: Values) -> None:
        """Send the picture for these values, for which there is no track."""
        recorder = Recorder(self.figure, self._artists, self._ratio)
        good = self._arrive(values)
        if good and (self.figure.stale or not self._still["id"]):
            self._send_still(self._still["id"] + 1)
        recorder.take() if good else recorder.skip()
        self._frame = self._packed(recorder, [self.caption], values)

    def _record(self, name: str, values: Values) -> None:
        """Send the track of one slider, all others at `values`."""
        recorder, captions = Recorder(self.figure, self._artists, self._ratio), []
        self.figure.stale = False
        for place in self.sliders[name].places:
            caption, good = self._tried(values | {name: place})
            if self.figure.stale:  # the still part moved: the kernel has to draw
                track = {"kernel": True}
                break
            recorder.take() if good else recorder.skip()
            captions.append(caption)
        else:
            track = self._packed(recorder, captions, values)
        setattr(self, f"_track_{name}", track)
        self._tried(self.values or values)  # there are none yet in the making

    def _packed(self, recorder: Recorder, said: list[str], values: Values) -> Values:
        stamp = {"still": self._still["id"], "values": self._wire(values)}
        return recorder.track() | stamp | {"captions": said}

    def _replays(self, name: str, values: Values) -> bool:
        """Whether the browser holds a track of this slider for these values."""
        track, wire = self.track(name), self._wire(values)
        return (
            track.get("still") == self._still["id"]
            and self.sliders[name].index(values[name]) >= 0
            and track["values"] | {name: wire[name]} == wire
        )

    def _held(self, values: Values) -> bool:
        """Whether the browser can show these values without the kernel."""
        return any(self._replays(name, values) for name in self.sliders)

    # What the browser asks for

    @traitlets.observe("values")
    def _follow(self, _: Any) -> None:
        with self._alone(), self.hold_sync():
            values = self.values  # another thread may have moved on meanwhile
            if self._held(values):
                self._arrive(values)
            else:
                self._show(values)

    def _answer(self, _: Any, message: Values, buffers: Any) -> None:
        with self._alone():
            self._sharpen(message.get("ratio"))
            asked, values = message.get("record", ()), self._meant(message)
            for name in self.sliders if values else ():
                if name in asked and not self._replays(name, values):
                    self._record(name, values)

    def _sharpen(self, ratio: Any) -> None:
        """Draw for a screen with more pixels; for one with fewer the browser shrinks."""
        if not isinstance(ratio, int | float) or not 0 < ratio < np.inf:
            return
        LiveFigure._ratio = max(1, ratio)
        if ratio > self._ratio:
            self._ratio = ratio
            self.figure.dpi = self._dpi * self._ratio
            self._send_still(self._still["id"])
            for name in self.sliders:  # dashes start at the edge of a pixel
                self._record(name, self.values)

    def _meant(self, message: Values) -> Values | None:
        """Give the values a question is about: those that it overtook on the way.

        None where the kernel has to draw first: the question comes again afterwards.
        """
        try:
            values = self._checked(self._unwire(message.get("values", {})))
        except (AttributeError, LookupError, TypeError, ValueError):
            return self.values
        here = self._wire(values) == self._wire(self.values)
        return values if here or self._held(values) else None


def _check_figure(figure: Any) -> None:
    if not isinstance(figure, Figure):
        raise TypeError(
            f"LiveFigure: figure must be a Matplotlib figure, got {describe(figure)}"
        )
    wide, high = figure.get_size_inches() * _DPI.get(figure, figure.dpi)
    if max(wide, high) > MOST_PIXELS:
        raise ValueError(
            f"LiveFigure: figure must have at most {MOST_PIXELS:.0f} pixels a side, "
            f"got {wide:.0f} × {high:.0f}: give it a smaller figsize or dpi"
        )
