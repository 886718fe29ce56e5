"""The checks of arguments, where no caller shows them."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule_lessons.validation import describe, require_subclass, whole_number


def test_one_number_is_described_by_itself():
    assert describe(np.array(3.5)) == "array(3.5)"


@pytest.mark.parametrize("value", [0, 2**31 - 1])
def test_the_least_and_the_most_of_whole_numbers(value):
    assert whole_number(value, "n") == value


@pytest.mark.parametrize("value", [True, np.True_, 2.0, "2", None])
def test_what_is_no_whole_number(value):
    with pytest.raises(TypeError, match="^n must be a whole number, got "):
        whole_number(value, "n")


@pytest.mark.parametrize(("value", "words"), [(-1, "0 or more"), (2**31, "or less")])
def test_whole_numbers_out_of_range(value, words):
    with pytest.raises(ValueError, match=f"^n must be .*{words}"):
        whole_number(value, "n")


def test_a_class_that_derives_is_let_through():
    require_subclass(bool, int, "f must be a kind of int")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (True, ", handed in without calling it, got True"),
        (str, ", and str does not derive from int: write `class str.int.:` in its"),
    ],
)
def test_what_does_not_derive(value, words):
    with pytest.raises(TypeError, match=f"^f must be a kind of int{words}"):
        require_subclass(value, int, "f must be a kind of int")
