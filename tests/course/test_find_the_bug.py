"""The figures of lesson 12, against what training and measuring say."""

import re
from functools import cache

import numpy as np
import pytest
from matplotlib.patches import Polygon
from reading import labels, line, of_kind

from chainrule_lessons.charts import GREEN, INK
from chainrule_lessons.clinic import PATIENTS, STEPS, record
from chainrule_lessons.explorers import clinic, examine, race
from chainrule_lessons.explorers.find_the_bug import LOOKS, short
from chainrule_lessons.layers import Tanh
from chainrule_lessons.live import Pen

made = cache(clinic)
recorded = cache(lambda name: record(name, looks=LOOKS))


def at(name, step):
    live = made()
    live.set(patient=name, step=step)
    return live


@pytest.mark.parametrize("step", LOOKS)
@pytest.mark.parametrize("name", PATIENTS)
def test_the_caption_counts_what_is_wrong(name, step):
    run, said = recorded(name), at(name, step).caption
    if step in run.looks:
        wrong = sum(int((look.error > 1e-5).sum()) for look in run.looks[step])
        assert said.endswith(f" At step {step}, {wrong} of 30 slopes are wrong.")
    else:
        assert said.endswith(f" At step {step} nothing is left to check.")
        assert labels(at(name, step)) == []
    if run.lasted == STEPS:
        assert float(re.match(r"Loss (\S+) ", said)[1]) == pytest.approx(
            run.losses[-1], abs=6e-6
        )
    else:
        assert said.startswith(f"The loss leaves all bounds after {run.lasted} steps,")


@pytest.mark.parametrize("name", PATIENTS)
def test_the_curves_are_the_losses(name):
    live = at(name, 20)
    healthy = record(name, PATIENTS[name].healthy, looks=())
    for color, run in ((INK, recorded(name)), (GREEN, healthy)):
        steps, losses = line(live, color).T
        np.testing.assert_array_equal(losses, run.losses[steps.astype(int)])
    assert line(live, INK, "None")[0] == pytest.approx(
        [20, recorded(name).losses[20]], nan_ok=True
    )


def test_every_cell_holds_its_ratio():
    found = labels(at("12.5", 0))
    assert found == ["8"] * 30
    assert labels(at("12.1", 0)) == ["-1"] * 30
    assert labels(at("12.4", 0)) == ["0.5"] * 20 + ["1"] * 10
    look = recorded("12.7").looks[0][0]
    for text, ratio in zip(labels(at("12.7", 0)), look.ratio.ravel(), strict=False):
        assert text == "≈1" or float(text) == pytest.approx(ratio, rel=0.06, abs=0.006)


def test_green_means_right():
    live = at("12.3", 0)
    faces = [mark.stamp.get_facecolor() for mark in of_kind(live, Polygon)]
    right = [face[1] > face[0] + 0.1 for face in faces]
    assert right == [text == "1" for text in labels(live)]


@pytest.mark.parametrize(
    ("ratio", "text"),
    [
        (1.004, "≈1"),
        (-1.0, "-1"),
        (0.5, "0.5"),
        (0.034, "0.03"),
        (-0.001, "0.00"),
        (12.4, "12"),
        (-345.6, "-346"),
        (1e4, "huge"),
        (np.inf, "huge"),
        (np.nan, "huge"),
    ],
)
def test_a_ratio_fits_into_its_cell(ratio, text):
    assert short(ratio) == text
    assert len(text) <= 5


def test_examine_looks_at_the_readers_own_part():
    said = examine("12.2", Tanh).caption
    assert said.endswith("At step 0, 0 of 30 slopes are wrong.")
    assert re.match(r"Loss (\S+) after 300 steps, healthy \1\.", said)
    assert "20 of 30" in examine("12.2", PATIENTS["12.2"].part, 3).caption


def test_examine_draws_every_mark():
    healed, sick = examine("12.2", Tanh), examine("12.2", PATIENTS["12.2"].part)
    assert not any(pen.get_animated() for pen in healed.figure.findobj(Pen))
    assert healed.png(ratio=1) != sick.png(ratio=1)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (("12.2", Tanh, 301), ValueError, "examine: step must be 300 or less, got 301"),
        (("12.2", Tanh, -1), ValueError, "examine: step must be 0 or more, got -1"),
        (("12.2", Tanh, 1.5), TypeError, "step must be a whole number, got 1.5"),
        (("12.99", Tanh), ValueError, "no patient '12.99'"),
        (("12.2", Tanh()), TypeError, r"Tanh2 must be the class .*, got Tanh\(\)"),
        (("12.2", np.tanh), TypeError, "the class of a Module, handed in without"),
        (("12.12", Tanh), TypeError, "step12 must be a function, handed in"),
    ],
)
def test_bad_calls_of_examine(arguments, error, words):
    with pytest.raises(error, match=words):
        examine(*arguments)


def test_the_race_tells_who_is_sick():
    live = race()
    assert "uses" not in live.caption
    live.set(show="AB")
    sick = record("12.5").losses[-1]
    assert f"that of B {sick:.5f}." in live.caption
    assert live.caption.endswith(
        "A uses 1.00 times the slopes. B uses 8.00 times the slopes."
    )
