"""Slopes of random networks against complex steps, backward and on the tape."""

from __future__ import annotations

import pytest
from networks import CASES, NESTED, NUMPY, PLAIN, TAPE, assert_equal_slopes

from chainrule_lessons.autodiff import Variable

every_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())


@every_case
def test_complex_steps_agree_with_the_blocks_and_with_the_tape(case):
    (value, slopes), expected = case.slopes(), case.expected()
    assert value == pytest.approx(case.value(case.arrays, NUMPY), rel=1e-12)
    assert_equal_slopes(slopes, expected)
    variables = {name: Variable(array) for name, array in case.arrays.items()}
    case.value(variables, TAPE).backward()
    on_tape = {name: variable.grad for name, variable in variables.items()}
    assert_equal_slopes(on_tape, expected)


@every_case
def test_parameters_learn_the_same_without_slopes_by_the_input(case):
    slopes, without = case.slopes()[1], case.slopes(input_grad=False)[1]
    assert without.pop("x") is None
    del slopes["x"]
    assert_equal_slopes(without, slopes)


def kinds(plan):
    """Yield the kinds of all blocks of a plan, and how they are used."""
    yield plan[0] + " without bias" * (plan[0] == "Linear" and plan[2] is None)
    for part in plan[1:]:
        if isinstance(part, tuple):
            yield f"{part[0]} in {plan[0]}"
            yield from kinds(part)


def test_every_block_is_drawn_and_nested():
    drawn = {kind for case in CASES.values() for kind in kinds(case.plan)}
    assert drawn >= {"Linear", "Linear without bias", "Scale", *PLAIN, "Softmax"}
    assert drawn >= {f"{kind} in Sequential" for kind in NESTED}
