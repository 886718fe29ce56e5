"""The checks of arguments, where no caller shows them."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule_lessons.validation import describe, whole_number


def test_one_number_is_described_by_itself():
    assert describe(np.array(3.5)) == "array(3.5)"


def test_zero_is_a_whole_number():
    assert whole_number(0, "n") == 0


@pytest.mark.parametrize("value", [True, np.True_, 2.0, "2", None])
def test_what_is_no_whole_number(value):
    with pytest.raises(TypeError, match="^n must be a whole number, got "):
        whole_number(value, "n")


@pytest.mark.parametrize(("value", "words"), [(-1, "0 or more"), (10**12, "or less")])
def test_whole_numbers_out_of_range(value, words):
    with pytest.raises(ValueError, match=f"^n must be .*{words}"):
        whole_number(value, "n")
