"""Sliders: every place against exact fractions, every abbreviation, every error."""

from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace

import ipywidgets
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule_lessons.live.slider import Slider

CHOICES = "Slider: options must be a list or a dict, got "
KINDS = (
    "must be a Slider, (min, max), (min, max, step), a list of choices, a bool or an "
    "ipywidgets slider, got "
)


def message(call, *args, **keywords):
    """Return the type and the exact words of the error that a call raises."""
    with pytest.raises((TypeError, ValueError)) as error:
        call(*args, **keywords)
    return error.type, str(error.value)


# Places


@pytest.mark.parametrize(
    ("low", "high", "step"),
    [
        ("-2", "2", "0.1"),
        ("-2.5", "2.5", "0.05"),
        ("0", "1", "0.3"),
        ("0.1", "0.7", "0.1"),
        ("-1e-6", "1e-6", "1e-7"),
        ("1e6", "1000001", "0.125"),
    ],
)
def test_places_are_the_nearest_doubles(low, high, step):
    first, last, by = Fraction(low), Fraction(high), Fraction(step)
    exact = [first + i * by for i in range((last - first) // by + 1)]
    slider = Slider(float(low), float(high), step=float(step))
    assert slider.places == [float(place) for place in exact]
    assert [Fraction(text) for text in slider.texts] == exact


decimals = st.decimals(-1000, 1000, places=3)


@given(decimals, st.decimals("0.001", 1000, places=3))
def test_a_hundred_steps_end_at_max(low, width):
    high = low + width
    slider = Slider(float(low), float(high))
    exact = [Fraction(low) + i * Fraction(width) / 100 for i in range(101)]
    assert slider.places == [float(place) for place in exact]
    assert (slider.places[0], slider.places[-1]) == (float(low), float(high))


@given(decimals, st.integers(1, 300), st.decimals("0.001", 9, places=3))
def test_texts_say_the_places(low, count, step):
    slider = Slider(float(low), float(low + count * step), step=float(step))
    assert [Decimal(text) for text in slider.texts] == [
        low + i * step for i in range(count + 1)
    ]


@pytest.mark.parametrize("ends", [(0, 4), (np.int64(0), np.int32(4))])
def test_whole_ends_make_whole_places(ends):
    slider = Slider(*ends)
    assert slider.places == [0, 1, 2, 3, 4]
    assert {type(place) for place in slider.places} == {int}
    assert slider.texts == ["0", "1", "2", "3", "4"]


def test_kinds_of_numbers_make_kinds_of_places():
    assert Slider(0.5, 3.5, step=1).places == [0.5, 1.5, 2.5, 3.5]
    assert str(Slider(0, 4, step=np.int64(2)).places) == "[0, 2, 4]"
    assert Slider(0.0, 20.0, step=10.0).texts == ["0", "10", "20"]
    assert Slider(0, 0.001, step=0.000123456789).texts[1] == "0.0001235"


def test_whole_ends_with_a_broken_step_make_floats():
    assert Slider(0, 1, step=0.25).texts == ["0.00", "0.25", "0.50", "0.75", "1.00"]


def test_zero_carries_no_sign():
    assert Slider(-1.0, 1, step=0.5).texts[2] == "0.0"
    assert Slider(-0.3, 0.3, step=0.1).texts[3] == "0.0"


def test_places_of_a_step_with_many_digits():
    slider = Slider(0.0, np.pi)
    assert slider.places[-1] == np.pi
    assert slider.texts[:2] == ["0.000000", "0.031416"]


def test_log_places_have_equal_ratio():
    slider = Slider(0.001, 10, step=0.5, scale="log")
    assert slider.places == pytest.approx(
        [0.001, 1e-3 * 10**0.5, 0.01, 1e-2 * 10**0.5, 0.1, 0.1 * 10**0.5, 1, 10**0.5]
        + [10],
        rel=1e-11,
    )
    assert slider.places[::2] == [0.001, 0.01, 0.1, 1.0, 10.0]
    assert slider.texts[:3] == ["0.001", "0.00316", "0.01"]


def test_log_slider_takes_a_hundred_steps():
    places = Slider(1e-16, 1.0, scale="log").places
    assert (len(places), places[0], places[-1]) == (101, 1e-16, 1.0)


def test_no_log_place_lies_beyond_the_end():
    assert len(Slider(1, 10, step=0.3333334, scale="log").places) == 3


@pytest.mark.parametrize(
    ("low", "high", "some"),
    [
        (0.9, 1.1, {0: "0.9", 1: "0.9018", 100: "1.1"}),  # 0.9 · (11/9)^0.01 = 0.9018…
        (100, 200, {0: "100", 1: "100.7", 100: "200"}),  # 100 · 2^0.01 = 100.69…
        (1, 1 + 1e-6, {0: "1", 1: "1.00000001", 100: "1.000001"}),
        (0.01, 1.2, {0: "0.01", 1: "0.0105", 100: "1.2"}),  # three digits suffice
    ],
)
def test_log_texts_differ_where_the_places_do(low, high, some):
    slider = Slider(low, high, scale="log")
    assert len(set(slider.texts)) == 101
    assert {i: slider.texts[i] for i in some} == some


def test_places_nearer_than_twelve_digits_share_a_text():
    assert set(Slider(1, 1 + 1e-13, scale="log").texts) == {"1"}


def test_choices_keep_their_objects():
    slider = Slider(options={"sine": np.sin, "cosine": np.cos})
    assert slider.places == [np.sin, np.cos]
    assert slider.texts == ["sine", "cosine"]
    assert slider.value is np.sin
    assert slider.index(np.cos) == 1
    assert slider.index(np.tan) == -1
    assert slider.text(np.cos) == "cosine"


def test_choices_may_be_arrays():
    slider = Slider(options={"row": np.array([1, 2]), "other": np.array([3, 4, 5])})
    assert slider.index(np.array([3, 4, 5])) == 1
    assert slider.index(np.array([1, 2, 3])) == -1


def test_an_array_equals_no_array_that_it_broadcasts_to():
    assert Slider(options=[np.array([1, 1])]).index(np.array([1])) == -1


def test_choices_may_hold_arrays():
    x = np.arange(3.0)
    slider = Slider(options={"up": (x, x), "down": (x, -x), "long": (x, np.ones(4))})
    assert [slider.index(place) for place in slider.places] == [0, 1, 2]
    assert slider.index((x.copy(), -x)) == 1
    assert slider.index((x, x + 1)) == -1


def test_choices_from_any_iterable():
    assert Slider(options=(c for c in "ab")).texts == ["a", "b"]
    assert Slider(options=np.array([0.5, 2.0])).places == [0.5, 2.0]


def test_true_is_no_one():
    slider = Slider(options=[1, True])
    assert slider.index(True) == 1
    assert slider.index(np.True_) == 1
    assert Slider(options=[False, True]).index(1.0) == -1


@pytest.mark.parametrize("two", [2, 2.0, np.int64(2), np.float32(2), Fraction(2)])
def test_equal_numbers_are_one_choice(two):
    slider = Slider(options=[1, 2, 3])
    chosen = slider.checked(two, "x")
    assert (chosen, type(chosen)) == (2, int)
    assert [slider.index(value) for value in (2.5, "2", True)] == [-1, -1, -1]
    assert Slider(options=[np.float64(0.5), two]).index(0.5) == 0


# Starts and other values


@pytest.mark.parametrize(
    ("slider", "start"),
    [
        (Slider(-2, 2, step=0.5), 0.0),
        (Slider(0, 3), 1),
        (Slider(-2, 2, step=0.5, value=1.3), 1.3),
        (Slider(options=["a", "b", "c"]), "a"),
        (Slider(options=["a", "b", "c"], value="c"), "c"),
        (Slider(0.01, 100, step=1, scale="log"), 1.0),
    ],
)
def test_start(slider, start):
    assert slider.value == start
    assert type(slider.value) is type(start)


def test_a_value_between_two_places_is_kept():
    slider = Slider(-2, 2, step=0.5)
    assert slider.checked(0.3, "x") == 0.3
    assert slider.index(0.3) == -1
    assert slider.text(0.3) == "0.3"
    assert slider.text(1 / 3) == "0.333333"


def test_a_whole_value_stays_whole():
    value = Slider(0, 9).checked(np.float64(4.0), "n")
    assert (value, type(value)) == (4, int)


@pytest.mark.parametrize(
    ("slider", "value", "kind", "words"),
    [
        (
            Slider(-2, 2, step=0.5),
            3,
            ValueError,
            "x must lie from -2.0 to 2.0, got 3.0",
        ),
        (Slider(0, 9), -1, ValueError, "x must lie from 0 to 9, got -1.0"),
        (Slider(0, 9), 2.5, ValueError, "x must be a whole number, got 2.5"),
        (Slider(0, 9), "2", TypeError, "x must be numbers, got '2'"),
        (Slider(0, 9), None, TypeError, "x must be numbers, got None"),
        (Slider(0, 9), np.nan, ValueError, "x must be finite, got nan"),
        (
            Slider(0, 9),
            [1, 2],
            ValueError,
            "x must be one number, got an array of shape (2,)",
        ),
        (
            Slider(options=["a", "b"]),
            "c",
            ValueError,
            "x must be one of a, b, got 'c'",
        ),
        (
            Slider(options={"a": 1}),
            "a",
            ValueError,
            "x must be one of a, got 'a'",
        ),
    ],
)
def test_values_that_are_refused(slider, value, kind, words):
    assert message(slider.checked, value, "x") == (kind, words)


# Errors of the description


@pytest.mark.parametrize(
    ("given", "kind", "words"),
    [
        ({}, TypeError, "Slider: min must be numbers, got None"),
        ({"min": 0}, TypeError, "Slider: max must be numbers, got None"),
        (
            {"min": "a", "max": 1},
            TypeError,
            "Slider: min must be numbers, got 'a'",
        ),
        (
            {"min": 0, "max": 1j},
            TypeError,
            "Slider: max must be real numbers, got 1j",
        ),
        (
            {"min": [0, 1], "max": 2},
            ValueError,
            "Slider: min must be one number, got an array of shape (2,)",
        ),
        (
            {"min": np.nan, "max": 1},
            ValueError,
            "Slider: min must be finite, got nan",
        ),
        (
            {"min": 0, "max": np.inf},
            ValueError,
            "Slider: max must be finite, got inf",
        ),
        (
            {"min": 2, "max": 1},
            ValueError,
            "Slider: min must be below max, got 2 and 1",
        ),
        (
            {"min": 1.5, "max": 1.5},
            ValueError,
            "Slider: min must be below max, got 1.5 and 1.5",
        ),
        (
            {"min": 0, "max": 1, "step": 0},
            ValueError,
            "Slider: step must be above 0, got 0",
        ),
        (
            {"min": 0, "max": 1, "step": -0.1},
            ValueError,
            "Slider: step must be above 0, got -0.1",
        ),
        (
            {"min": 0, "max": 1, "step": np.nan},
            ValueError,
            "Slider: step must be finite, got nan",
        ),
        (
            {"min": 0, "max": 1, "step": "fine"},
            TypeError,
            "Slider: step must be numbers, got 'fine'",
        ),
        (
            {"min": 0, "max": 1, "step": 2},
            ValueError,
            "Slider: step must fit between min and max, got 2",
        ),
        (
            {"min": 1, "max": 2, "step": 1, "scale": "log"},
            ValueError,
            "Slider: step must fit between min and max, got 1",
        ),
        (
            {"min": 0, "max": 5000},
            ValueError,
            "Slider: at most 5000 places, got 5001: take a larger step",
        ),
        (
            {"min": 0, "max": 1e300, "step": 1},
            ValueError,
            "Slider: at most 5000 places, got 1e+300: take a larger step",
        ),
        (
            {"min": 1, "max": 10, "step": 1e-320, "scale": "log"},
            ValueError,
            "Slider: at most 5000 places, got inf: take a larger step",
        ),
        (
            {"min": 0, "max": 1, "scale": "log"},
            ValueError,
            "Slider: min must be above 0 on a log scale, got 0",
        ),
        (
            {"min": 0, "max": 1, "scale": "cubic"},
            ValueError,
            "Slider: scale must be 'linear' or 'log', got 'cubic'",
        ),
        (
            {"min": -2, "max": 2, "step": 0.5, "value": 3},
            ValueError,
            "Slider: value must lie from -2.0 to 2.0, got 3.0",
        ),
        (
            {"options": []},
            ValueError,
            "Slider: options must hold at least one choice, got none",
        ),
        ({"options": "abc"}, TypeError, CHOICES + "'abc'"),
        ({"options": 5}, TypeError, CHOICES + "5"),
        (
            {"options": [1, 2], "min": 0},
            ValueError,
            "Slider: give either min and max, or options",
        ),
        (
            {"options": ["a", "b"], "value": "c"},
            ValueError,
            "Slider: value must be one of a, b, got 'c'",
        ),
    ],
)
def test_descriptions_that_are_refused(given, kind, words):
    assert message(Slider, **given) == (kind, words)


def test_the_most_places_and_the_fewest():
    assert len(Slider(0, 4999).places) == 5000
    with pytest.raises(ValueError, match="at most 5000 places, got 5001"):
        Slider(0, 5000)
    assert Slider(0, 3, step=3).places == [0, 3]


@pytest.mark.parametrize("position", [-1, 2, 0.5, "a"])
def test_a_choice_that_is_none(position):
    slider = Slider(options=["a", "b"])
    assert [slider.from_wire(slider.to_wire(place)) for place in "ab"] == ["a", "b"]
    with pytest.raises(IndexError) as error:
        slider.from_wire(position)
    assert str(error.value) == f"Slider: no choice has the position {position!r}"


def test_what_the_front_end_is_told():
    numeric = {"name": "n", "label": "count", "numeric": True, "play": False}
    numeric |= {"places": [0, 1, 2], "texts": ["0", "1", "2"], "start": 1}
    assert Slider(0, 2, value=1, label="count").control("n") == numeric
    choice = {"name": "n", "label": "", "numeric": False, "play": True}
    choice |= {"places": [0, 1], "texts": ["a", "b"], "start": 1}
    assert Slider(options=["a", "b"], value="b", play=True).control("n") == choice


def test_ends_may_be_arrays_of_one_entry():
    assert Slider(np.array([1.0]), np.array(2), step=[0.5]).places == [1.0, 1.5, 2.0]


# What interact users write


@pytest.mark.parametrize(
    ("given", "places", "start"),
    [
        ((-1.0, 1.0), [round(-1 + i / 50, 2) for i in range(101)], 0.0),
        ((0, 3), [0, 1, 2, 3], 1),
        ((0, 1, 0.5), [0.0, 0.5, 1.0], 0.5),
        (["a", "b"], ["a", "b"], "a"),
        ({"one": 1, "two": 2}, [1, 2], 1),
        (True, [False, True], True),
        (False, [False, True], False),
        (
            ipywidgets.FloatSlider(0.5, min=-1, max=1, step=0.5),
            [-1.0, -0.5, 0.0, 0.5, 1.0],
            0.5,
        ),
        (ipywidgets.IntSlider(3, min=1, max=5, step=2), [1, 3, 5], 3),
        (
            ipywidgets.FloatLogSlider(8, base=2, min=-1, max=3, step=1),
            [0.5, 1.0, 2.0, 4.0, 8.0],
            8.0,
        ),
        (
            ipywidgets.SelectionSlider(options=["x", "y", "z"], value="y"),
            ["x", "y", "z"],
            "y",
        ),
        (
            ipywidgets.Dropdown(options=[("one", 1), ("two", 2)], value=2),
            [1, 2],
            2,
        ),
    ],
)
def test_abbreviations(given, places, start):
    slider = Slider.of(given, "speed")
    assert slider.places == places
    assert slider.value == start
    assert type(slider.value) is type(start)
    assert slider.label == "speed"


def test_bool_reads_no_and_yes():
    assert Slider.of(True, "shown").texts == ["no", "yes"]


@pytest.mark.parametrize(
    "widget",
    [
        ipywidgets.FloatSlider(description="pace"),
        ipywidgets.FloatLogSlider(description="pace"),
        ipywidgets.SelectionSlider(options=[1, 2], description="pace"),
    ],
)
def test_the_description_of_a_widget_is_the_label(widget):
    assert Slider.of(widget, "speed").label == "pace"


def test_a_slider_keeps_its_own_label_and_stays_as_it_is():
    own, bare = Slider(0, 1, label="pace"), Slider(0, 1)
    assert Slider.of(own, "speed").label == "pace"
    assert [Slider.of(bare, name).label for name in ("a", "b")] == ["a", "b"]
    assert bare.label == ""


NO_VALUE = SimpleNamespace(min=0, max=1, step=1)
NO_MIN, NO_STEP = ipywidgets.FloatText(1.0), ipywidgets.FloatProgress(1.0)


@pytest.mark.parametrize(
    ("given", "kind", "words"),
    [
        (3, TypeError, KINDS + "3"),
        (None, TypeError, KINDS + "None"),
        ("abc", TypeError, KINDS + "'abc'"),
        ((1,), TypeError, KINDS + "(1,)"),
        ((1, 2, 3, 4), TypeError, KINDS + "(1, 2, 3, 4)"),
        ((2, 1), ValueError, "Slider: min must be below max, got 2 and 1"),
        (("a", 1), TypeError, "Slider: min must be numbers, got 'a'"),
        ([], ValueError, "Slider: options must hold at least one choice, got none"),
        (NO_MIN, TypeError, KINDS + repr(NO_MIN)),
        (NO_STEP, TypeError, KINDS + repr(NO_STEP)),
        (NO_VALUE, TypeError, KINDS + repr(NO_VALUE)),
        (
            ipywidgets.FloatRangeSlider(),
            ValueError,
            "Slider: value must be one number, got an array of shape (2,)",
        ),
    ],
)
def test_abbreviations_that_are_refused(given, kind, words):
    assert message(Slider.of, given, "speed") == (kind, f"slider 'speed': {words}")
