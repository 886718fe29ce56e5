"""The numbers of the course's 4-3-2 network: data, values forward, slopes backward.

The pass is written with NumPy alone, a stage a line.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from chainrule_lessons.explorers.descent import course_network

__all__ = ["Numbers", "course_data", "slopes_back", "values_forward"]

Numbers = dict[str, NDArray[np.floating]]


def course_data() -> Numbers:
    """Give the weights, biases, input and target of the 4-3-2 network.

    Returns
    -------
    dict of str to ndarray
        ``W1`` (3, 4), ``b1`` (3,), ``W2`` (2, 3), ``b2`` (2,), ``x`` (4,), ``t`` (2,).

    Examples
    --------
    >>> course_data()["x"].round(4).tolist()
    [0.037, -1.0151, -0.7072, 0.0356]
    """
    net, x, target = course_network()
    W1, b1, W2, b2 = (parameter.data for parameter in net.parameters())
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2, "x": x, "t": target}


def values_forward(data: Numbers) -> Numbers:
    """Give the value of every stage.

    Parameters
    ----------
    data : dict of str to ndarray
        As `course_data` gives it.

    Returns
    -------
    dict of str to ndarray
        ``z1``, ``a1`` (3,), ``z2``, ``a2`` (2,), and the loss ``L`` ().

    Examples
    --------
    >>> round(float(values_forward(course_data())["L"]), 6)
    1.64093
    """
    z1 = data["W1"] @ data["x"] + data["b1"]
    a1 = np.tanh(z1)
    z2 = data["W2"] @ a1 + data["b2"]
    a2 = np.tanh(z2)
    return {"z1": z1, "a1": a1, "z2": z2, "a2": a2, "L": np.sum((a2 - data["t"]) ** 2)}


def slopes_back(numbers: Numbers) -> Numbers:
    """Give the slope of the loss by every stage, weight and bias.

    Parameters
    ----------
    numbers : dict of str to ndarray
        What `course_data` and `values_forward` give, in one.

    Returns
    -------
    dict of str to ndarray
        ``by_a2``, ``by_z2``, ..., ``by_W1``, each of the shape of what it is by.

    Examples
    --------
    >>> data = course_data()
    >>> slopes_back(data | values_forward(data))["by_b2"].round(4).tolist()
    [1.5504, 1.5185]
    """
    a1, a2 = numbers["a1"], numbers["a2"]
    by_a2 = 2 * (a2 - numbers["t"])
    by_z2 = by_a2 * (1 - a2**2)
    by_a1 = numbers["W2"].T @ by_z2
    by_z1 = by_a1 * (1 - a1**2)
    by_W2, by_W1 = np.outer(by_z2, a1), np.outer(by_z1, numbers["x"])
    slopes = {"a2": by_a2, "z2": by_z2, "b2": by_z2, "W2": by_W2}
    slopes |= {"a1": by_a1, "z1": by_z1, "b1": by_z1, "W1": by_W1}
    return {f"by_{name}": slope for name, slope in slopes.items()}
