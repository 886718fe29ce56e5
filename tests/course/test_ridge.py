"""The ridge of lesson 06, against the ridge itself and straight lines."""

import numpy as np
import pytest
from reading import line

from chainrule_lessons.explorers.ridge import ridge

HEIGHTS = [1, 2, 4, 3, 5, 8, 6, 3, 1]


@pytest.fixture(scope="module")
def live():
    return ridge()


def follow(neurons):
    """Walk along the ridge for some steps, then straight on."""
    y, rise = [HEIGHTS[0]], 0
    for x in range(8):
        rise = HEIGHTS[x + 1] - HEIGHTS[x] if x < neurons else rise
        y.append(y[-1] + rise)
    return y


@pytest.mark.parametrize("neurons", range(9))
def test_each_neuron_bends_the_line_once(live, neurons):
    live.set(neurons=neurons, activation="ReLU")
    expected = [[x, y] for x, y in enumerate(follow(neurons))]
    assert line(live, "#222222", "-").tolist() == expected
    before = [[x, y] for x, y in enumerate(follow(max(neurons - 1, 0)))]
    assert line(live, "#8a8a8a", "--").tolist() == before
    gap = max(abs(y - h) for y, h in zip(follow(neurons), HEIGHTS, strict=True))
    assert live.caption.endswith(f"Largest gap {gap:.1f}.")


def test_the_caption_names_the_bend(live):
    live.set(neurons=6, activation="ReLU")
    expected = "6 neurons. The newest bends the line at 5: slope 3 becomes -2."
    assert live.caption.startswith(expected)
    assert line(live, "#009e73", "None").tolist() == [[5, 8]]
    live.set(neurons=1)
    expected = "1 neuron. The newest bends the line at 0: slope 0 becomes 1."
    assert live.caption.startswith(expected)
    live.set(neurons=0)
    assert live.caption == "0 neurons. Slope 0 everywhere. Largest gap 7.0."
    assert line(live, "#009e73", "None").tolist() == []


@pytest.mark.parametrize("neurons", range(9))
def test_without_activation_the_line_is_straight(live, neurons):
    live.set(neurons=neurons, activation="none")
    heights = line(live, "#222222")[:, 1]
    assert np.diff(heights, 2).tolist() == [0] * 7
    assert f"slope {heights[1] - heights[0]:.0f} everywhere".lower() in (
        live.caption.lower()
    )
