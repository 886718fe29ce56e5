"""The digit to touch: a pad of 8 × 8 pixels that a trained network reads at once.

The network's numbers travel to the browser once. From then on the browser computes
what the network says, and the slope of the loss by every pixel, by itself.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import anywidget
import numpy as np
import traitlets
from numpy.typing import ArrayLike, NDArray

from chainrule_lessons.layers import Module, Softmax
from chainrule_lessons.live.network import packed
from chainrule_lessons.live.page import joined
from chainrule_lessons.losses import CrossEntropyLoss
from chainrule_lessons.plotting import GREY, INK, Picture, enlarged, label, subplots
from chainrule_lessons.validation import finite_array, finite_number, whole_number

__all__ = ["DigitPad"]

Array = NDArray[np.float64]
SIDE, DIGITS = 8, 10
PIXELS = (SIDE, SIDE), (SIDE * SIDE,)


class DigitPad(anywidget.AnyWidget):
    """A digit to draw on, ten probabilities, and the slope of the loss by each pixel.

    Made by `chainrule_lessons.explorers.digit_pad`, which says what the arguments are.

    Attributes
    ----------
    image : ndarray of shape (8, 8)
        The ink of each pixel, from 0 to 1. Setting it draws it in the browser too.
    wanted : int
        The digit whose loss is shown.
    rate : float
        A step changes every pixel by minus the rate times its slope.
    caption : str
        What the network reads, and after a step what became of the loss.
    """

    _esm = joined("page.js", "network.js", "pad.js")
    _css = joined("live.css", "pad.css")
    image = traitlets.Any().tag(
        sync=True,
        echo_update=False,  # it would take back what was drawn meanwhile
        to_json=lambda image, _: image.ravel().tolist(),
        from_json=lambda pixels, _: pixels,
    )
    wanted = traitlets.Any().tag(sync=True, echo_update=False)
    rate = traitlets.Any().tag(sync=True, echo_update=False)
    _walk = traitlets.List().tag(sync=True, echo_update=False)  # step, losses around it
    _choices = traitlets.List().tag(sync=True)
    _layers = traitlets.List().tag(sync=True)
    _numbers = traitlets.Bytes().tag(sync=True)
    _scale = traitlets.Float().tag(sync=True)

    def __init__(
        self,
        net: Module,
        images: ArrayLike,
        labels: Sequence[int] | None,
        *,
        wanted: int,
        rate: float,
    ) -> None:
        layers, numbers = packed(net, SIDE * SIDE, DIGITS, "digit_pad: net")
        images = _checked_images(images, "digit_pad: images")
        names = _names(labels, len(images))
        wanted = _checked_digit(wanted, "digit_pad: wanted")
        rate = _checked_rate(rate, "digit_pad: rate")
        self._net = copy.deepcopy(net)  # later training does not reach the browser
        super().__init__(
            image=images[0],
            wanted=wanted,
            rate=rate,
            _choices=list(zip(names, images.reshape(-1, 64).tolist(), strict=True)),
            _layers=layers,
            _numbers=numbers,
            _scale=enlarged(),
        )

    @traitlets.validate("image", "wanted", "rate")
    def _validate(self, proposal: Any) -> Any:
        name = proposal["trait"].name
        try:
            return CHECKS[name](proposal["value"], f"DigitPad.{name}")
        except (TypeError, ValueError) as error:
            raise traitlets.TraitError(str(error)) from None

    # What the network says

    @property
    def probabilities(self) -> Array:
        """The softmax of the ten scores, of shape (10,)."""
        return Softmax()(self._net(self.image.ravel()))

    @property
    def loss(self) -> float:
        """The cross-entropy loss, −log of the wanted digit's probability."""
        return CrossEntropyLoss()(self._net(self.image.ravel()), self.wanted)

    @property
    def slopes(self) -> Array:
        """The slope of the loss with respect to every pixel, of shape (8, 8)."""
        loss = CrossEntropyLoss()
        loss(self._net(self.image.ravel()), self.wanted)
        return self._net.backward(loss.backward()).reshape(SIDE, SIDE)

    def step(self) -> None:
        """Move every pixel by −rate · slope, and keep it from 0 to 1."""
        before, number = self.loss, self._walked()
        with self.hold_sync():
            self.image = np.clip(self.image - self.rate * self.slopes, 0, 1)
            self._walk = [number + 1, before, self.loss]

    def _walked(self) -> int:
        """Say how many steps led here: none once a pixel or the wanted digit changed."""
        still = self._walk and abs(self._walk[-1] - self.loss) < 1e-9
        return self._walk[0] if still else 0

    @property
    def caption(self) -> str:
        """What the network reads, in a sentence."""
        p = self.probabilities
        first, second = (int(digit) for digit in np.argsort(-p, kind="stable")[:2])
        steps = ""
        if number := self._walked():
            before, after = self._walk[1:]
            steps = f"Step {number}: loss {before:.2f} before, {after:.2f} after. "
        return (
            f"{steps}The network reads {_a(first)}: probability {p[first]:.2f}; "
            f"next {second}: {p[second]:.2f}."
        )

    def __repr__(self) -> str:
        return self.caption

    # The static twin

    def _picture(self) -> Picture:
        figure, (left, right) = subplots(1, 2, size=(6.4, 3.2), width_ratios=(1, 1.5))
        left.imshow(self.image, cmap="gray_r", vmin=0, vmax=1)
        left.set(xticks=[], yticks=[])
        left.spines[:].set_visible(True)
        p = self.probabilities
        colors = [INK if digit == p.argmax() else GREY for digit in range(DIGITS)]
        right.barh(range(DIGITS), p, color=colors, height=0.7)
        for digit, share in enumerate(p):
            weight = "bold" if digit == p.argmax() else "normal"
            said = f"{share:.2f}"
            label(right, share + 0.02, digit, said, va="center", fontweight=weight)
        right.set(xlim=(0, 1.2), ylim=(DIGITS - 0.4, -0.6), yticks=range(DIGITS))
        right.set(xticks=[0, 0.5, 1], xlabel="probability", ylabel="digit")
        return Picture(figure, self.caption)

    def png(self) -> bytes:
        """Return image and bars as a PNG file."""
        return self._picture().png()

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """Offer the live view, and its static twin for where there is no kernel."""
        view = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        twin = self._picture()._repr_mimebundle_()
        return {"application/vnd.jupyter.widget-view+json": view} | twin


def _checked_images(images: ArrayLike, what: str) -> Array:
    """Return one image or many as a read-only array of shape (N, 8, 8)."""
    array = np.array(finite_array(images, what), dtype=float)
    if array.shape in PIXELS:
        array = array[None]
    if array.shape[1:] not in PIXELS or not len(array):
        raise ValueError(f"{what} must have 8 × 8 or 64 pixels, got {array.shape}")
    low, high = array.min(), array.max()
    if low < 0 or high > 1:
        raise ValueError(f"{what} must lie from 0 to 1, got {low:g} to {high:g}")
    array.flags.writeable = False  # a change inside would go unnoticed
    return array.reshape(-1, SIDE, SIDE)


def _checked_image(image: ArrayLike, what: str) -> Array:
    images = _checked_images(image, what)
    if len(images) != 1:
        raise ValueError(f"{what} must be one image, got {len(images)}")
    return images[0]


def _checked_digit(digit: Any, what: str) -> int:
    if (digit := whole_number(digit, what)) >= DIGITS:
        raise ValueError(f"{what} must be a digit from 0 to 9, got {digit}")
    return digit


def _checked_rate(rate: Any, what: str) -> float:
    if (rate := finite_number(rate, what)) <= 0:
        raise ValueError(f"{what} must be above 0, got {rate:g}")
    return rate


CHECKS = {"image": _checked_image, "wanted": _checked_digit, "rate": _checked_rate}


def _names(labels: Sequence[int] | None, count: int) -> list[str]:
    """Say each image in the list that the reader chooses from."""
    if labels is None:
        return [f"image {i + 1}" for i in range(count)]
    digits = [_checked_digit(d, "digit_pad: labels") for d in np.ravel(labels)]
    if len(digits) != count:
        raise ValueError(
            f"digit_pad: labels must be {count}, one an image, got {len(digits)}"
        )
    return [f"{i + 1}: {_a(digit)}" for i, digit in enumerate(digits)]


def _a(digit: int) -> str:
    return f"{'an' if digit == 8 else 'a'} {digit}"
