"""A slider: the places a value may take, how each is written, and where it starts."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Iterable
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np

from chainrule_lessons.validation import describe, finite_number

__all__ = ["Slider", "check_grabs", "check_update"]

MOST_PLACES = 5000


class Slider:
    """The description of one slider of a live figure.

    Parameters
    ----------
    min, max : float, optional
        The two ends, `min` below `max`.
    step : float, optional
        The distance between two places. A hundredth of the range if left out,
        or 1 where both ends are whole numbers. On a logarithmic slider the
        step counts decades: 0.1 makes ten places from 1 to 10.
    value : optional
        The place to start from; the place nearest to the middle if left out.
    label : str, optional
        What stands beside the slider; its name in the call if left out.
    scale : {"linear", "log"}, optional
        A logarithmic slider has places of equal ratio, and ends above zero.
    options : sequence or dict, optional
        Choices of any kind in place of numbers. The keys of a dict are what the
        reader sees, its values are what `update` is called with.
    play : bool, optional
        Whether buttons beside the slider step and play it.

    Attributes
    ----------
    places : list
        Every value the slider can take, lowest first.
    texts : list of str
        How each place is written and spoken.
    value : object
        The start.

    Raises
    ------
    TypeError
        For ends, steps or values that are no numbers.
    ValueError
        For `min` not below `max`, a step that is not above zero, a start that is
        out of range, more than 5,000 places, or no choices.

    Examples
    --------
    >>> Slider(-2, 2, step=0.5, value=0.5).places
    [-2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0]
    >>> Slider(0.001, 10, step=1, scale="log", value=0.1).texts
    ['0.001', '0.01', '0.1', '1', '10']
    >>> Slider(options={"sine": np.sin, "cosine": np.cos}).texts
    ['sine', 'cosine']
    """

    def __init__(
        self,
        min: float | None = None,
        max: float | None = None,
        *,
        step: float | None = None,
        value: Any = None,
        label: str = "",
        scale: str = "linear",
        options: Iterable[Any] | None = None,
        play: bool = False,
    ) -> None:
        self.label, self.play = label, play
        self.numeric = options is None
        if scale not in ("linear", "log"):
            raise ValueError(f"Slider: scale must be 'linear' or 'log', got {scale!r}")
        if not self.numeric:
            if (min, max, step) != (None, None, None):
                raise ValueError("Slider: give either min and max, or options")
            self.places, self.texts = _choices(options)
        elif scale == "log":
            self.places, self.texts = _log_places(*_ends(min, max, step))
        else:
            self.places, self.texts = _linear_places(*_ends(min, max, step))
        if self.numeric:
            self._index = {place: i for i, place in enumerate(self.places)}
        self.value = self._start(value)

    def _start(self, value: Any) -> Any:
        if value is None:
            return self.places[(len(self.places) - 1) // 2 if self.numeric else 0]
        return self.checked(value, "Slider: value")

    def checked(self, value: Any, what: str) -> Any:
        """Return `value` as the slider has it; `what` is how an error calls it.

        One of the choices, or any number between the two ends, on a place or between
        two of them; a whole one where the places are whole numbers.
        """
        if not self.numeric:
            if (index := self.index(value)) >= 0:
                return self.places[index]
            raise ValueError(
                f"{what} must be one of {', '.join(self.texts)}, got {describe(value)}"
            )
        number = finite_number(value, what)
        low, high = self.places[0], self.places[-1]
        if not low <= number <= high:
            raise ValueError(f"{what} must lie from {low} to {high}, got {number}")
        if not isinstance(low, int):
            return number
        if number != int(number):
            raise ValueError(f"{what} must be a whole number, got {number}")
        return int(number)

    def text(self, value: Any) -> str:
        """Write a checked value as the slider does, or as a number between places."""
        index = self.index(value)
        return self.texts[index] if index >= 0 else f"{value:.6g}"

    def said(self, value: Any) -> str:
        """Write a checked value with the slider's label."""
        return f"{self.label} = {self.text(value)}"

    def index(self, value: Any) -> int:
        """Return the position of `value` among the places, or -1."""
        if self.numeric:
            return self._index.get(value, -1)
        same = [i for i, place in enumerate(self.places) if place is value]
        same += [i for i, place in enumerate(self.places) if _equal(place, value)]
        return same[0] if same else -1

    def to_wire(self, value: Any) -> Any:
        """Say a value in JSON: a number as it is, a choice by its position."""
        return value if self.numeric else self.index(value)

    def from_wire(self, value: Any) -> Any:
        """Return the value that `to_wire` said."""
        if self.numeric:
            return value
        if value not in range(len(self.places)):  # -1 would be the last choice
            raise IndexError(f"Slider: no choice has the position {value!r}")
        return self.places[value]

    def control(self, name: str) -> dict[str, Any]:
        """Describe the slider `name` to the front end."""
        places = self.places if self.numeric else list(range(len(self.places)))
        said = {"name": name, "label": self.label, "numeric": self.numeric}
        said |= {"places": places, "texts": self.texts, "play": self.play}
        return said | {"start": self.to_wire(self.value)}

    @classmethod
    def of(cls, given: Any, name: str) -> Slider:
        """Make the slider `name` from what users of ``interact`` write.

        A Slider, ``(min, max)`` or ``(min, max, step)``, a list or dict of choices, a
        bool for no and yes, or an ipywidgets slider, whose description is used.
        """
        try:
            slider = _made_from(given)
        except (TypeError, ValueError) as error:
            raise type(error)(f"slider {name!r}: {error}") from None
        slider.label = slider.label or name
        return slider


def _made_from(given: Any) -> Slider:
    if isinstance(given, Slider):
        return copy.copy(given)
    if isinstance(given, bool):
        return Slider(options={"no": False, "yes": True}, value=given)
    if isinstance(given, tuple) and len(given) in (2, 3):
        return Slider(*given[:2], step=given[2] if len(given) == 3 else None)
    if isinstance(given, list | dict):
        return Slider(options=given)
    if all(hasattr(given, part) for part in ("min", "step", "value")):
        return _from_widget(given)
    if hasattr(given, "options"):
        choices = dict(given._options_full)
        return Slider(options=choices, value=given.value, label=given.description)
    raise TypeError(
        "must be a Slider, (min, max), (min, max, step), a list of choices, a bool "
        f"or an ipywidgets slider, got {describe(given)}"
    )


def _from_widget(widget: Any) -> Slider:
    said = {"value": widget.value, "label": widget.description}
    if hasattr(widget, "base"):
        low, high = float(widget.base) ** widget.min, float(widget.base) ** widget.max
        step = float(widget.step * np.log10(widget.base))
        return Slider(low, high, step=step, scale="log", **said)
    return Slider(widget.min, widget.max, step=widget.step, **said)


def _number(value: Any, what: str) -> float:
    """Check a number, keeping a whole one whole."""
    number = finite_number(value, f"Slider: {what}")
    return value if isinstance(value, int | np.integer) else number


def _ends(low: Any, high: Any, step: Any) -> tuple[float, float, float | None]:
    low, high = _number(low, "min"), _number(high, "max")
    if not low < high:
        raise ValueError(f"Slider: min must be below max, got {low} and {high}")
    if step is not None and (step := _number(step, "step")) <= 0:
        raise ValueError(f"Slider: step must be above 0, got {step}")
    return low, high, step


def _counted(steps: float, step: float) -> int:
    """Say how many places so many steps make."""
    if steps < 1:
        raise ValueError(f"Slider: step must fit between min and max, got {step}")
    if steps >= MOST_PLACES:
        raise ValueError(
            f"Slider: at most {MOST_PLACES} places, got {np.floor(steps) + 1:.6g}: "
            "take a larger step"
        )
    return int(steps) + 1


def _linear_places(low: Any, high: Any, step: Any) -> tuple[list[Any], list[str]]:
    whole = all(isinstance(end, int | np.integer) for end in (low, high))
    if step is None and whole:
        step = 1
    # Decimal arithmetic on the written digits: 3 steps of 0.1 make 0.3.
    first, last = Decimal(repr(float(low))), Decimal(repr(float(high)))
    by = (last - first) / 100 if step is None else Decimal(repr(float(step)))
    count = _counted(float((last - first) / by + Decimal("1e-9")), step)
    exact = [first + i * by for i in range(count)]
    if whole and isinstance(step, int | np.integer):
        return [int(place) for place in exact], [str(int(place)) for place in exact]
    written = max(-int(d.normalize().as_tuple().exponent) for d in (first, by))
    digits = max(0, min(written, max(6, 3 - by.adjusted())))
    places = [float(place) for place in exact]
    return places, [f"{place:z.{digits}f}" for place in places]


def _log_places(low: float, high: float, step: Any) -> tuple[list[float], list[str]]:
    if low <= 0:
        raise ValueError(f"Slider: min must be above 0 on a log scale, got {low}")
    decades = np.log10(high) - np.log10(low)
    step = decades / 100 if step is None else step
    count = _counted(float(decades) / float(step) + 1e-9, step)
    # Twelve digits are beyond what anybody reads, and take out 0.010000000000000002.
    places = [float(f"{low * 10 ** (i * step):.12g}") for i in range(count)]
    for digits in range(3, 13):  # as few as make the texts differ
        texts = [f"{place:.{digits}g}" for place in places]
        if len(set(texts)) == count:
            break
    return places, texts


def _choices(options: Any) -> tuple[list[Any], list[str]]:
    if isinstance(options, str) or not isinstance(options, Iterable):
        raise TypeError(f"Slider: options must be a list or a dict, got {options!r}")
    pairs = options.items() if isinstance(options, dict) else ((o, o) for o in options)
    texts, places = [], []
    for text, place in pairs:
        texts.append(str(text))
        places.append(place)
    if not places:
        raise ValueError("Slider: options must hold at least one choice, got none")
    return places, texts


def _equal(one: Any, other: Any) -> bool:
    """Compare two choices, which may be or hold arrays, without an error."""
    if _kind(one) is not _kind(other):
        return False
    if isinstance(one, np.ndarray):
        return np.array_equal(one, other)
    try:
        return bool(one == other)
    except ValueError:  # they hold arrays
        return np.array_equal(one, other)


def _kind(value: Any) -> type:
    """Say what a choice is compared as: numbers by value, and a bool is no number."""
    if isinstance(value, bool | np.bool_):
        return bool
    return Real if isinstance(value, Real) else type(value)


# What a figure has to do with its sliders


def check_update(update: Any, start: dict[str, Any]) -> None:
    """Refuse what cannot be called with the values of the sliders."""
    if not callable(update):
        raise TypeError(
            f"LiveFigure: update must be a function, got {describe(update)}"
        )
    try:
        inspect.signature(update).bind(**start)
    except TypeError as error:
        raise TypeError(
            f"LiveFigure: update must take the sliders {', '.join(start)}: {error}"
        ) from None


def check_grabs(tracks: list[dict[str, Any]], sliders: dict[str, Slider]) -> None:
    """Refuse a mark that a reader could not drag: the slider is not there."""
    styles = [style for track in tracks for style in track.get("styles", ())]
    for name in (name for style in styles for name in style["grabs"]):
        if name not in sliders:
            raise ValueError(
                f"LiveFigure: a mark grabs {name!r}, which is no slider; "
                f"there are {', '.join(sliders)}"
            )
