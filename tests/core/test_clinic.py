"""The twelve patients: sick as shown, healthy once mended, and seen to be so.

The oracle is the package's own blocks where it has them, tested elsewhere, and
otherwise the complex step.
"""

import difflib
import inspect
import json
from pathlib import Path

import numpy as np
import pytest

from chainrule_lessons.clinic import PATIENTS, RATE, Body, Look, patients, record
from chainrule_lessons.gradcheck import GradcheckError, gradcheck
from chainrule_lessons.layers import Linear, Module, ReLU, Sequential, Tanh
from chainrule_lessons.losses import CrossEntropyLoss, MSELoss

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "12_find_the_bug.ipynb"
ALL = pytest.mark.parametrize("name", PATIENTS)
BLOCKS = [n for n, p in PATIENTS.items() if p.place in ("first", "bend", "second")]
LOSSES = [n for n, p in PATIENTS.items() if p.place == "loss"]
EVERYTHING, LAYER_1, NOTHING = (16, 4, 8, 2), (16, 4, 0, 0), (0, 0, 0, 0)
# How many slopes of each parameter are wrong at step 0 and at step 5.
WRONG = {
    "12.1": (EVERYTHING, EVERYTHING),
    "12.2": (LAYER_1, LAYER_1),
    "12.3": ((0, 4, 0, 0), (0, 4, 0, 0)),
    "12.4": (LAYER_1, LAYER_1),
    "12.5": (EVERYTHING, EVERYTHING),
    "12.6": (LAYER_1, (12, 3, 0, 0)),  # one unit is on for all four samples then
    "12.7": ((12, 0, 0, 0), (12, 0, 0, 0)),
    "12.8": (LAYER_1, LAYER_1),
    "12.9": (EVERYTHING, EVERYTHING),
    "12.10": ((16, 0, 0, 0), (16, 0, 0, 0)),
    "12.11": (NOTHING, LAYER_1),
    "12.12": (NOTHING, EVERYTHING),
}
NAMED = {
    "12.1": "x: the sign is wrong",
    "12.2": "input: the slope is taken at the output, not at the input",
    "12.3": "bias: summed over the wrong axis",
    "12.4": "input: off by a factor 0.5",
    "12.5": "x: off by a factor 8, the number of entries: mean against sum?",
    "12.6": "input: right, except where it should be 0: is a mask missing?",
    "12.7": "weight: transposed",
    "12.8": "input: no common slip; check the formula one entry at a time",
    "12.9": "x: sent through the slope of softmax a second time",
    "12.10": "overwrites weight.grad; it must add to it (+= and not =)",
}


class Square(Module):
    """z² and e^(−z²), their slopes from one complex step."""

    function = staticmethod(np.square)

    def forward(self, x):
        self.slope = self.function(x + 1e-30j).imag / 1e-30
        return self.function(x)

    def backward(self, grad_output):
        return grad_output * self.slope


class Bump(Square):
    function = staticmethod(lambda z: np.exp(-z * z))


OWN = {
    **dict.fromkeys(("12.1", "12.5"), MSELoss),
    **dict.fromkeys(("12.3", "12.7", "12.10", "12.11"), Linear),
    "12.2": Tanh,
    "12.4": Square,
    "12.6": ReLU,
    "12.8": Bump,
    "12.9": CrossEntropyLoss,
    "12.12": Body().step,
}


def made(name, part):
    if PATIENTS[name].place == "bend":
        return part()
    return part(4, 4, rng=np.random.default_rng(2))


def inputs():
    return np.random.default_rng(0).normal(size=(4, 4))


def check_loss(part):
    z = np.random.default_rng(1).normal(size=(4, 2))
    classes = part.__name__ == "Patient9"
    target = np.array([0, 1, 1, 0]) if classes else np.ones((4, 2))
    loss = part()
    loss(z, target)
    return gradcheck(lambda z: part()(z, target), z, grad=loss.backward())


# What the notebook shows


@pytest.fixture(scope="module")
def cells():
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    return ["".join(c["source"]) for c in cells if c["cell_type"] == "code"]


@ALL
def test_the_notebook_shows_the_patient_of_the_package(name, cells):
    part = PATIENTS[name].part
    (cell,) = [cell for cell in cells if f'check("{name}", {part.__name__})' in cell]
    assert cell.split("\n\n\n")[0] == inspect.getsource(part).strip()
    assert f'explorers.examine("{name}", {part.__name__}' in cell
    at = cells.index(cell)
    assert cells[at - 1] == f'explorers.admit("{name}")'  # the chart stands above


def test_the_patients_are_all_there_and_in_their_order():
    shown = [
        obj for obj in vars(patients).values() if inspect.getmodule(obj) == patients
    ]
    assert [p.part for p in PATIENTS.values()] == shown
    assert list(PATIENTS) == [f"12.{n}" for n in range(1, 13)]


@ALL
def test_one_line_is_wrong(name):
    patient = PATIENTS[name]
    sick, mended = (patient.source(line) for line in (patient.line, patient.cure))
    assert sick == inspect.getsource(patient.part)
    changes = list(difflib.ndiff(sick.splitlines(), mended.splitlines()))
    gone = [change[2:].strip() for change in changes if change[0] == "-"]
    come = [change[2:].strip() for change in changes if change[0] == "+"]
    assert gone == ([] if name == "12.12" else [patient.line])  # there one is missing
    assert len(come) == 1


# Sick and mended, for gradcheck


@pytest.mark.parametrize("name", BLOCKS)
def test_a_mended_block_passes_gradcheck(name):
    assert gradcheck(made(name, PATIENTS[name].healthy), inputs())


@pytest.mark.parametrize("name", LOSSES)
def test_a_mended_loss_passes_gradcheck(name):
    assert check_loss(PATIENTS[name].healthy)


@pytest.mark.parametrize("name", NAMED)
def test_gradcheck_says_what_it_knows_of_a_sick_one(name):
    part = PATIENTS[name].part
    ask = check_loss if name in LOSSES else lambda p: gradcheck(made(name, p), inputs())
    with pytest.raises(GradcheckError) as caught:
        ask(part)
    assert str(caught.value).splitlines()[-1].endswith(NAMED[name])


def test_a_stale_copy_passes_gradcheck_until_the_weights_have_moved():
    block = made("12.11", patients.Patient11)
    assert gradcheck(block, inputs())
    block.weight.data *= 1.5
    with pytest.raises(GradcheckError, match=r"input: off by a factor 0\.6667"):
        gradcheck(block, inputs())
    mended = made("12.11", PATIENTS["12.11"].healthy)
    mended.weight.data *= 1.5
    assert gradcheck(mended, inputs())


def test_a_step_that_keeps_old_slopes_uses_their_sum():
    body = Body(step=patients.patient12)
    before = body.data()
    body.back(0)  # what the first step leaves behind, found by the package's blocks
    first = [own.grad.copy() for own in body.net.parameters()]
    body.net.zero_grad()
    body.train(0)
    for old, new, slope in zip(before, body.data(), first, strict=True):
        np.testing.assert_allclose((old - new) / RATE, slope, rtol=1e-9, atol=1e-12)
    fresh = body.measured(0)
    before = body.data()
    body.train(0)
    for old, new, left, now in zip(before, body.data(), first, fresh, strict=True):
        np.testing.assert_allclose((old - new) / RATE, left + now, rtol=1e-5, atol=1e-8)


# Sick and mended, in training


@ALL
def test_a_mended_patient_learns_as_the_packages_own_block(name):
    patient = PATIENTS[name]
    healthy = record(name, patient.healthy, looks=()).losses
    own = record(name, OWN[name], looks=()).losses
    np.testing.assert_allclose(own, healthy, rtol=1e-8)
    assert healthy[-1] < healthy[0] / 3
    assert not np.allclose(record(name, looks=()).losses, healthy, rtol=1e-3)


@ALL
def test_the_chart_shows_which_slopes_are_wrong(name):
    looks = record(name, looks=(0, 5), steps=6).looks
    for step, expected in zip((0, 5), WRONG[name], strict=True):
        errors = [look.error for look in looks[step]]
        assert tuple(int((e > 1e-3).sum()) for e in errors) == expected
        assert all(e[e <= 1e-3].max(initial=0) < 1e-6 for e in errors)


@ALL
def test_a_mended_patient_has_a_clean_chart(name):
    looks = record(name, PATIENTS[name].healthy, looks=(0, 5, 50), steps=51).looks
    worst = max(look.error.max() for step in looks.values() for look in step)
    assert worst < 1e-6


def test_some_sick_ones_learn_and_one_wins():
    last = {n: record(n, looks=()).losses[-1] for n in PATIENTS}
    well = record("12.5", MSELoss, looks=()).losses[-1]
    assert last["12.5"] < well / 100
    assert max(last[n] for n in ("12.2", "12.3", "12.4", "12.11")) < 0.03
    assert np.isnan([last["12.1"], last["12.8"]]).all()


def test_measured_slopes_are_those_of_the_packages_backward():
    body = Body()
    for k in range(3):
        body.net.zero_grad()
        body.back(k)
        for own, measured in zip(body.net.parameters(), body.measured(k), strict=True):
            np.testing.assert_allclose(measured, own.grad, rtol=1e-6, atol=1e-9)


def test_measuring_changes_nothing():
    body = Body()
    body.back(0)
    before = body.data() + [own.grad.copy() for own in body.net.parameters()]
    body.measured(1)
    after = body.data() + [own.grad for own in body.net.parameters()]
    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(one, other)


def test_four_steps_see_every_sample_once():
    body = Body()
    rows = np.concatenate([body.batch(k)[0] for k in range(4)])
    assert sorted(map(tuple, rows)) == sorted(map(tuple, body.x))
    np.testing.assert_array_equal(body.batch(4)[0], body.batch(0)[0])


def test_a_look_at_slopes():
    look = Look(np.array([2.0, -1.0, 0.0, 1.0]), np.array([1.0, 1.0, 0.0, 0.0]))
    np.testing.assert_array_equal(look.ratio, [2, -1, 1, np.inf])
    np.testing.assert_array_equal(look.error, [0.5, 2, 0, 1])


def test_a_lost_patient_is_recorded_until_it_is_lost():
    run = record("12.1", looks=(0, 200))
    assert run.lasted == 32
    assert np.isfinite(run.losses[:33]).all()
    assert np.isnan(run.losses[33:]).all()
    assert list(run.looks) == [0]


@pytest.mark.parametrize("name", ["12.0", "12.13", "", None, 12.1, []])
def test_an_unknown_patient(name):
    with pytest.raises(ValueError, match="no patient .*: try 12.1 to 12.12"):
        record(name)


def test_a_network_of_the_packages_blocks_is_the_body():
    net = Body().net
    assert isinstance(net, Sequential)
    assert repr(net) == "Sequential(Linear(4, 4), Tanh(), Linear(4, 2))"


def test_a_record_is_of_a_part_that_fits():
    with pytest.raises(TypeError, match="Patient2 must be the class of a Module"):
        record("12.2", Tanh())
