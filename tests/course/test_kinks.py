"""The kink of lesson 01, against the slopes of straight lines."""

import re
from itertools import product

import numpy as np
import pytest

from chainrule_lessons.explorers.kinks import kink, relu


@pytest.fixture(scope="module")
def live():
    return kink()


def blend(x, step, f):
    """What a step to both sides measures: each side by the way it takes there."""
    left, right = (-1, 1) if f is np.abs else (0, 1)
    share = min(1, max(0, (x + step) / (2 * step)))
    return left * (1 - share) + right * share


@pytest.mark.parametrize("f", [np.abs, relu])
@pytest.mark.parametrize(
    ("x", "step"), list(product((-1, -0.1, 0, 0.1, 1), (0.02, 0.4, 0.5)))
)
def test_the_measured_slope_is_a_blend_of_both_sides(live, f, x, step):
    live.set(x=x, step=step, f=f)
    told = re.fullmatch(
        r"From x = (\S+) a step of (\S+) (straddles|stays clear of) the kink: "
        r"measured (\S+), true slope (\S+)\.",
        live.caption,
    )
    assert float(told[1]) == x
    assert float(told[2]) == step
    assert (told[3] == "straddles") == (abs(x) < step)
    assert float(told[4]) == pytest.approx(blend(x, step, f), abs=6e-5)
    left = "-1" if f is np.abs else "0"
    assert told[5] == ("none" if x == 0 else "1" if x > 0 else left)


def test_a_step_that_ends_at_the_kink_stays_clear_of_it(live):
    live.set(x=0.4, step=0.4, f=np.abs)
    assert "stays clear of the kink: measured 1.0000, true slope 1." in live.caption
