"""The figures of lesson 12, against what training and measuring say."""

import json
import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from matplotlib.patches import Polygon
from reading import labels, line, of_kind

from chainrule_lessons.charts import GREEN, INK
from chainrule_lessons.clinic import PATIENTS, STEPS, record
from chainrule_lessons.exercises import check
from chainrule_lessons.explorers import admit, examine, race
from chainrule_lessons.explorers.find_the_bug import LOOKS, TOP, short
from chainrule_lessons.layers import Tanh
from chainrule_lessons.live import Pen
from chainrule_lessons.losses import MSELoss

made = cache(admit)
recorded = cache(lambda name: record(name, looks=LOOKS))


def at(name, step):
    live = made(name)
    live.set(step=step)
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
    live, run = at(name, 20), recorded(name)
    healthy = record(name, PATIENTS[name].healthy, looks=())
    steps, losses = line(live, GREEN).T
    np.testing.assert_array_equal(losses, healthy.losses[steps.astype(int)])
    steps, losses = line(live, INK).T
    known = steps <= run.lasted
    np.testing.assert_array_equal(losses[known], run.losses[steps[known].astype(int)])
    if run.lasted == STEPS:
        assert known.all()
        assert line(live, INK, "None")[0] == pytest.approx([20, run.losses[20]])


@pytest.mark.parametrize("name", ["12.1", "12.8"])
def test_a_curve_that_leaves_all_bounds_leaves_the_picture(name):
    steps, losses = line(at(name, 0), INK).T
    assert steps[-1] == recorded(name).lasted + 1
    assert losses[-1] > TOP > losses[0]


CAUSES = {
    "in the loss": ("12.1", "12.5", "12.9"),
    "in what is passed on": ("12.2", "12.4", "12.6", "12.8"),
    "where one slope is kept": ("12.3", "12.7", "12.10"),
    "in what remembers": ("12.11", "12.12"),
}


@pytest.mark.parametrize(("cause", "names"), CAUSES.items())
def test_a_patient_asks_where_its_fault_sits(cause, names):
    for name in names:
        question = made(name).question
        told = dict(zip(question["choices"], question["sentences"], strict=True))
        right = [choice for choice in told if told[choice].startswith("Right.")]
        assert right == [cause]
        assert len(told) == 5


def test_a_cause_is_what_the_chart_shows():
    """What the sentences say of the chart, found in the records themselves."""
    for cause, names in CAUSES.items():
        for name in names:
            early, late = (
                [bool((look.error > 1e-5).any()) for look in recorded(name).looks[k]]
                for k in (0, 5)
            )
            if cause == "in what remembers":
                assert not any(early)
                assert any(late)
            else:
                assert early == late
                assert (sum(early), early[:2] == early[2:]) == {
                    "in the loss": (4, True),
                    "in what is passed on": (2, False),
                    "where one slope is kept": (1, False),
                }[cause]


NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "12_find_the_bug.ipynb"


def test_the_page_stores_the_start_of_each_patient_alone():
    cells = json.loads(NOTEBOOK.read_text("utf-8"))["cells"]
    shown = {}
    for cell in cells:
        found = re.fullmatch(r'explorers\.admit\("(.+)"\)', "".join(cell["source"]))
        if found:
            (output,) = cell["outputs"]
            shown[found[1]] = "".join(output["data"]["text/plain"])
    assert set(shown) == set(PATIENTS)
    assert all(said.startswith("check at step = 0: ") for said in shown.values())
    assert not any("\n" in said.strip() for said in shown.values())
    page = "\n".join("".join(cell["source"]) for cell in cells)
    for name in PATIENTS:
        assert not any(told in page for told in made(name).question["sentences"])


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


def one_number(net, loss, x, t, rate):
    """Clear the slopes with a number, a first idea of many for patient 12.12."""
    PATIENTS["12.12"].part(net, loss, x, t, rate)
    for own in net.parameters():
        own.grad = 0


def test_examine_says_what_a_part_raises():
    said = examine("12.12", one_number).caption
    assert said.startswith("Nothing to measure: your part raised ValueError: weight.")


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
        (("12.2", Tanh()), TypeError, r"Patient2 must be the class .*, got Tanh\(\)"),
        (("12.5", MSELoss()), TypeError, "Patient5 must be a class, handed in without"),
        (("12.2", np.tanh), TypeError, "the class of a Module, handed in without"),
        (("12.12", Tanh), TypeError, "patient12 must be a function, handed in"),
        (("12.12", 3), TypeError, "patient12 must be a function, handed in"),
    ],
)
def test_bad_calls_of_examine(arguments, error, words):
    with pytest.raises(error, match=words):
        examine(*arguments)


@pytest.mark.parametrize(
    ("name", "line", "words"),
    [
        ("12.5", "return self.gap", "both layers are still 4 times the measured ones"),
        (
            "12.4",
            "return g * 4 * self.x",
            "those of layer 1 are still 2 times the meas",
        ),
        (
            "12.2",
            "return g * (1 - np.tanh(self.a))",
            "1 are still wrong, each by a fac",
        ),
        (
            "12.7",
            "self.weight.grad += g @ self.x.T",
            "by the weights of layer 1 are st",
        ),
        ("12.7", "self.weight.grad = g.T @ self.x", "Right in one pass. But it overwr"),
        ("12.10", "self.weight.grad = g.T @ self.x", "added to or overwritten?"),
    ],
)
def test_a_half_mended_patient_hears_what_is_left(name, line, words):
    assert words in check(name, PATIENTS[name].with_line(line)).message


def test_a_grad_that_is_one_number_is_told_of_its_table():
    assert "A grad is a whole table of slopes" in check("12.12", one_number).message


def test_the_race_tells_who_is_sick():
    live = race()
    told = dict(zip(live.question["choices"], live.question["sentences"], strict=True))
    assert told["B"].startswith("Right")
    assert told["A"].startswith("No")
    assert "uses" not in live.caption
    live.set(show="AB")
    sick = record("12.5").losses[-1]
    assert f"that of B {sick:.5f}." in live.caption
    assert live.caption.endswith(
        "A uses 1.00 times the slopes. B uses 8.00 times the slopes."
    )
