"""The order of multiplication, against multiplications counted one by one."""

import re
from functools import cache
from itertools import product

import numpy as np
import pytest

from chainrule_lessons.explorers import multiplication_order

START = {"outputs": 1, "inputs": 100, "first": 50, "second": 50}
made = cache(multiplication_order)  # a figure takes a while; tests set it anew


def count(left, right):
    """Multiply two shapes by loops; give the product's shape and the count."""
    (rows, inner), (also_inner, columns) = left, right
    assert inner == also_inner
    done = sum(1 for _ in product(range(rows), range(columns), range(inner)))
    return (rows, columns), done


def counts(outputs, second, first, inputs):
    j3, j2, j1 = (outputs, second), (second, first), (first, inputs)
    middle, one = count(j3, j2)
    backward = one + count(middle, j1)[1]
    middle, one = count(j2, j1)
    return backward, one + count(j3, middle)[1]


def said(live):
    text = live.caption.replace(",", "")
    return tuple(
        int(n) for n in re.findall(r"Backward (\d+) \w+ forward (\d+)", text)[0]
    )


@pytest.mark.parametrize("inputs", [1, 20, 60])
@pytest.mark.parametrize("outputs", [1, 15, 60])
def test_both_orders_are_counted(inputs, outputs):
    live = made()
    live.set(**START)
    live.set(inputs=inputs, outputs=outputs, first=12, second=35)
    assert said(live) == counts(outputs, 35, 12, inputs)


@pytest.mark.parametrize("name", ["inputs", "outputs", "first", "second"])
def test_from_end_to_end_of_every_slider(name):
    live = made()
    live.set(**START)
    for width in (1, 50, 100):
        live.set(**{name: width})
        v = live.values
        right = counts(v["outputs"], v["second"], v["first"], v["inputs"])
        assert said(live) == right


def test_it_says_who_wins_and_by_how_much():
    live = made()
    live.set(**START)
    assert live.caption.endswith("backward wins, 34.00 to 1.")
    live.set(inputs=2, outputs=100)
    assert live.caption == (
        "Backward 260,000 multiplications, forward 15,000: forward wins, 17.33 to 1."
    )
    live.set(inputs=100)
    assert live.caption.endswith(": a tie.")


def test_the_bars_are_as_long_as_the_counts():
    live = made()
    live.set(**START)
    live.set(inputs=30, outputs=90)
    shapes = [a.get_xy() for a in live._artists if hasattr(a, "get_xy")]
    bars = [xy for xy in shapes if np.ptp(xy[:, 1]) == pytest.approx(0.55)]
    backward, forward = said(live)
    widths = [np.ptp(xy[:, 0]) for xy in bars]
    assert widths[0] / widths[1] == pytest.approx(backward / forward)
