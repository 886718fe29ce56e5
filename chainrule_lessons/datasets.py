"""What the course learns from, and the two networks that it works through.

`load_digits` reads real images that come with the package; nothing is downloaded.
`spirals`, `switches` and both networks are made on the spot, the same each time.
"""

from __future__ import annotations

from itertools import product
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from chainrule_lessons.layers import Linear, Scale, Sequential, Sigmoid, Tanh
from chainrule_lessons.validation import finite_number, generator, whole_number

__all__ = [
    "Samples",
    "course_network",
    "load_digits",
    "spirals",
    "switches",
    "worked_chain",
]

Array = NDArray[np.float64]


class Samples(NamedTuple):
    """Inputs and what a network should say to them.

    Attributes
    ----------
    x : ndarray of shape (N, features)
        One sample a row.
    target : ndarray
        Classes of shape (N,), integers from 0; or numbers of shape (N, outputs).
    """

    x: Array
    target: NDArray[Any]


def load_digits() -> tuple[Samples, Samples]:
    """Return 1,797 handwritten digits, split into images to train on and to test on.

    Forty-three people filled in forms; each digit was scanned at 32 × 32 and the
    dark pixels of each 4 × 4 block counted, which leaves 8 × 8 numbers from 0 to 16.
    Here they are divided by 16. These are the digits of 13 of the writers, the test
    part of the original collection.

    The split is fixed and keeps the shares of the classes: in the order of the
    file, every fifth image of each digit is held out.

    Returns
    -------
    train, test : Samples
        1,442 and 355 images. `x` has shape (N, 64), row by row from the top left,
        with numbers from 0 (paper) to 1 (ink); ``x[0].reshape(8, 8)`` is a picture.
        `target` has shape (N,), the digits as integers.

    References
    ----------
    E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine
    Learning Repository, 1998, https://doi.org/10.24432/C50P49. Licence: Creative
    Commons Attribution 4.0 International (CC BY 4.0). Changes: the test part only,
    stored as NumPy arrays.

    Examples
    --------
    >>> train, test = load_digits()
    >>> train.x.shape, test.target[:5]
    ((1442, 64), array([5, 0, 9, 8, 7]))
    """
    from importlib import resources  # here, so that importing the package stays quick

    with (
        resources.files("chainrule_lessons").joinpath("digits.npz").open("rb") as file,
        np.load(file, allow_pickle=False) as stored,
    ):
        pixels, classes = stored["pixels"], stored["classes"].astype(int)
    x = pixels.reshape(-1, 64) / 16
    held_out = _count_in_class(classes) % 5 == 0
    return (
        Samples(x[~held_out], classes[~held_out]),
        Samples(x[held_out], classes[held_out]),
    )


def _count_in_class(classes: NDArray[np.integer]) -> NDArray[np.integer]:
    """Return 1, 2, 3, ... for the samples of each class, in the order they come."""
    counts = np.cumsum(np.equal.outer(classes, np.arange(classes.max() + 1)), axis=0)
    return counts[np.arange(len(classes)), classes]


def spirals(
    n: int = 100,
    *,
    turns: float = 1.0,
    noise: float = 0.02,
    rng: np.random.Generator | int | None = 0,
) -> Samples:
    """Return two spiral arms wound into each other: two classes that no line parts.

    A point of the first arm at radius r has the angle 2π · `turns` · r; the second
    arm is the first one turned by half a circle.

    Parameters
    ----------
    n : int, optional
        Number of points on each arm.
    turns : float, optional
        How often an arm goes round.
    noise : float, optional
        Standard deviation of what is added to each coordinate.
    rng : Generator, int or None, optional
        Where the noise comes from. The default gives the same points each time.

    Returns
    -------
    Samples
        `x` of shape (2n, 2), within about 1 of the middle; `target` of shape (2n,),
        0 for the first arm, which comes first, and 1 for the second.

    Raises
    ------
    TypeError, ValueError
        For `n` below 1, negative `noise`, and what holds no numbers.

    Examples
    --------
    >>> spirals(2, noise=0).x.round(3).tolist()
    [[-0.5, 0.0], [1.0, -0.0], [0.5, -0.0], [-1.0, 0.0]]
    """
    n = whole_number(n, "spirals: n", least=1)
    turns = finite_number(turns, "spirals: turns")
    noise = finite_number(noise, "spirals: noise")
    if noise < 0:
        raise ValueError(f"spirals: noise must not be negative, got {noise}")
    radius = np.arange(1, n + 1) / n
    angle = 2 * np.pi * turns * radius
    arm = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    x = np.concatenate([arm, -arm])
    x += noise * generator(rng, "spirals").standard_normal(x.shape)
    return Samples(x, np.repeat([0, 1], n))


def switches() -> Samples:
    """Return the 16 settings of four switches and two questions about them.

    On is 1 and off is −1. Is exactly one of the first two switches on? Are both of
    the last two on? The answers are 0.9 for yes and −0.9 for no, which a network
    that ends in tanh can reach.

    Returns
    -------
    Samples
        `x` of shape (16, 4), `target` of shape (16, 2): a task for the 4-3-2 network.

    Examples
    --------
    >>> x, target = switches()
    >>> x[7], target[7]
    (array([-1.,  1.,  1.,  1.]), array([0.9, 0.9]))
    """
    x = np.array(list(product([-1.0, 1.0], repeat=4)))
    one_of_two = x[:, 0] != x[:, 1]
    both = (x[:, 2] > 0) & (x[:, 3] > 0)
    return Samples(x, np.where(np.stack([one_of_two, both], axis=1), 0.9, -0.9))


def worked_chain() -> Sequential:
    """Return the chain that the course works through: a sum, a sigmoid, a scale.

    Examples
    --------
    >>> worked_chain(), worked_chain()([2, 3]).round(6)
    (Sequential(Linear(2, 1), Sigmoid(), Scale(20.0)), array([17.615942]))
    """
    return Sequential(Linear(2, 1, weight=[1, 5], bias=-15), Sigmoid(), Scale(20))


def course_network() -> tuple[Sequential, Array, Array]:
    """Return the course's 4-3-2 network, with one input and its target.

    Examples
    --------
    >>> net, x, target = course_network()
    >>> net, net(x).round(3)
    (Sequential(Linear(4, 3), Tanh(), Linear(3, 2), Tanh()), array([0.455, 0.287]))
    """
    rng = np.random.default_rng(432)
    net = Sequential(Linear(4, 3, rng=rng), Tanh(), Linear(3, 2, rng=rng), Tanh())
    return net, rng.normal(size=4), rng.uniform(-1, 1, size=2)
