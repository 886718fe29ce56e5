"""How the slope through a deep network fades or explodes (lesson 10).

Its slider replays in the browser.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from chainrule_lessons.layers import ReLU, Sigmoid, Tanh
from chainrule_lessons.live import LiveFigure
from chainrule_lessons.live.slider import Slider
from chainrule_lessons.plotting import GREEN, GREY, INK, label, subplots

__all__ = ["fade"]

Array = NDArray[np.floating]

LAYERS, WIDTH = 20, 32
LOW, HIGH = 1e-20, 1e10
BENDS = {"sigmoid": Sigmoid(), "tanh": Tanh(), "ReLU": ReLU()}
LOOKS = {"sigmoid": (INK, ":"), "tanh": (GREEN, "-"), "ReLU": (INK, "--")}


def fade() -> LiveFigure:
    """Follow the size of the slope from the input to each layer of a deep network.

    Drawn is the norm of the Jacobian of layer k's output by the network's input, a
    product of k Jacobians, for three activations. All layers are 32 units wide,
    without biases. Their weights are the same random numbers each time, times
    scale / √32.

    Returns
    -------
    LiveFigure
        Sliders ``scale`` and ``layers``.

    Examples
    --------
    >>> fade()
    Scale 1.00, after 20 layers: sigmoid 8.6e-13, tanh 0.84, ReLU 0.0033.
    """
    figure, axes = subplots(size=(6.8, 3.8))
    axes.set(yscale="log", xlim=(0.5, LAYERS + 3.5), ylim=(LOW, HIGH))
    axes.set(xlabel="layers passed", ylabel="norm of the product")
    axes.set_xticks([1, 5, 10, 15, 20])
    axes.plot([0.5, LAYERS], [1, 1], color=GREY, lw=0.8)
    marks = [BendMarks(axes, name, *look) for name, look in LOOKS.items()]
    norms = lru_cache(None)(product_norms)

    def update(scale: float, layers: int) -> str:
        curves = [norms(scale, name) for name in LOOKS]
        ends = spread(np.log10([curve[-1] for curve in curves]))
        for mark, curve, end in zip(marks, curves, ends, strict=True):
            mark.show(curve, layers, 10**end)
        said = ", ".join(
            f"{name} {curve[layers - 1]:.2g}"
            for name, curve in zip(LOOKS, curves, strict=True)
        )
        return f"Scale {scale:.2f}, after {layers} layer{'s' * (layers > 1)}: {said}."

    return LiveFigure(
        figure,
        update,
        scale=Slider(0.5, 3, step=0.05, value=1, label="weight scale"),
        layers=Slider(1, LAYERS, value=LAYERS, label="layers passed"),
    )


class BendMarks:
    """The curve of one activation, a dot on it, and its name at the end."""

    def __init__(self, axes: Axes, name: str, color: str, dashes: str) -> None:
        (self.curve,) = axes.plot([], [], dashes, color=color, animated=True)
        (self.dot,) = axes.plot([], [], "o", color=color, animated=True)
        style = {"color": color, "va": "center", "animated": True}
        self.name = label(axes, LAYERS + 0.4, 1, name, **style)

    def show(self, norms: Array, layers: int, end: float) -> None:
        """Draw the norms, mark one of them, and write the name at height `end`."""
        self.curve.set_data(np.arange(1, LAYERS + 1), norms)
        self.dot.set_data([layers], [norms[layers - 1]])
        self.name.set_y(end)


def product_norms(scale: float, activation: str) -> Array:
    """Return the norm of the product of the first 1, 2, ... 20 layers' Jacobians.

    Parameters
    ----------
    scale : float
        Of the weights, in units of 1/√32.
    activation : str
        ``"sigmoid"``, ``"tanh"`` or ``"ReLU"``.

    Returns
    -------
    ndarray of shape (20,)
        Each the largest factor by which a small step of the input is stretched.

    Examples
    --------
    >>> product_norms(1.0, "tanh")[[0, 19]].round(2)
    array([1.39, 0.84])
    """
    weights, a = random_layers()
    product, products = np.eye(WIDTH), []
    for W in weights:
        a, slope = BENDS[activation].value_and_slope(scale * (W @ a))
        product = slope[:, None] * (scale * W) @ product
        products.append(product)
    return np.linalg.norm(products, 2, axis=(1, 2))


def random_layers() -> tuple[list[Array], Array]:
    """Return the weights of all layers for scale 1, and the input."""
    rng = np.random.default_rng(10)
    shape = (WIDTH, WIDTH)
    weights = [rng.normal(size=shape) / np.sqrt(WIDTH) for _ in range(LAYERS)]
    return weights, rng.normal(size=WIDTH)


def spread(heights: Array, gap: float = 1.9) -> Array:
    """Move heights apart until no two are closer than `gap`, keeping their order.

    Examples
    --------
    >>> spread(np.array([0.0, 9.0, 0.5]), gap=1.0)
    array([-0.25,  9.  ,  0.75])
    """
    order = np.argsort(heights)
    apart = np.array(heights, float)
    for _ in range(10):  # each halves what is missing, or better
        for low, high in pairwise(order):
            missing = max(gap - (apart[high] - apart[low]), 0)
            apart[[low, high]] += -missing / 2, missing / 2
    return apart
