"""Every exercise of every lesson: blank, right, each wrong way, hostile answers.

The tables are driven as they stand; a new one is tested without a change here.
"""

import contextlib
import json
import re
import sys
import types
import warnings
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from chainrule_lessons.exercises import check, hint, solution
from chainrule_lessons.exercises.answers import Array, Band, Choice, Function, Number
from chainrule_lessons.exercises.check import EXERCISES, TABLES
from chainrule_lessons.exercises.exercise import Exercise, Slip
from chainrule_lessons.layers import Linear, Module, Parameter, ReLU, Tanh
from chainrule_lessons.losses import CrossEntropyLoss, MSELoss

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
ALL = [
    pytest.param(exercise, id=exercise.name) for table in TABLES for exercise in table
]
SLIPS = [
    pytest.param(exercise, slip, id=f"{exercise.name} slip {n}")
    for table in TABLES
    for exercise in table
    for n, slip in enumerate(exercise.slips, 1)
]


def recurse(x):
    return recurse(x)


def scribble(x):
    x *= 0
    return x


def interrupt(*_):
    raise KeyboardInterrupt


def raiser(error):
    def raise_it(*_, **__):
        raise error

    return raise_it


def hostile(method, error):
    return type("Hostile", (), {method: raiser(error)})()


class Unprintable(Exception):
    __str__ = raiser(RuntimeError())


LOOP = []
LOOP.append(LOOP)

HOSTILE = {
    "text": "two",
    "empty text": "",
    "bytes": b"2",
    "nan": np.nan,
    "inf": -np.inf,
    "complex": 1 + 2j,
    "a flag": True,
    "NumPy's flag": np.True_,
    "a huge whole number": 10**400,
    "a huge array": np.broadcast_to(0.25, (10**6, 10**6)),
    "wrong shape": np.zeros((3, 0, 7)),
    "empty": [],
    "ragged": [[1, 2], [3]],
    "text in a list": [1, "two"],
    "None in a list": [1, None],
    "holds itself": LOOP,
    "a date": np.datetime64("2020-01-01"),
    "a record": np.zeros(2, dtype=[("a", float)]),
    "a dict": {"answer": 1},
    "a set": {1, 2},
    "an iterator": iter("ab"),
    "a generator": (n for n in range(3)),
    "a class": dict,
    "a module": np,
    "an object": object(),
    "NotImplemented": NotImplemented,
    "== raises": hostile("__eq__", RuntimeError("no")),
    "array raises": hostile("__array__", ValueError("no")),
    "array exits": hostile("__array__", SystemExit(3)),
    "float raises": hostile("__float__", MemoryError()),
    "len raises": hostile("__len__", RuntimeError("no")),
    "repr raises": hostile("__repr__", RuntimeError("no")),
    "repr exits": hostile("__repr__", SystemExit()),
    "any attribute raises": hostile("__getattribute__", RuntimeError("no")),
    "f raises": raiser(ZeroDivisionError("no")),
    "f raises without words": raiser(Unprintable()),
    "f stops": raiser(StopIteration()),
    "f runs out of memory": raiser(MemoryError()),
    "f exits": lambda *_: sys.exit(),
    "f closes": raiser(GeneratorExit()),
    "f recurses for ever": recurse,
    "f of no argument": lambda: 1.0,
    "f of nine arguments": lambda a, b, c, d, e, f, g, h, i: 1.0,
    "f returns None": lambda *_: None,
    "f returns text": lambda *_: "two",
    "f returns nan": lambda *_: np.nan,
    "f returns a complex number": lambda *_: 1 + 2j,
    "f returns a function": lambda *_: max,
    "f returns a huge array": lambda *_: np.broadcast_to(0.25, (10**6, 10**6)),
    "f yields": lambda *_: (n for n in range(3)),
    "f warns": lambda *_: np.log(np.float64(-1)),
    "f scribbles on its input": scribble,
}


def drive(exercise, answer):
    return check(exercise.name, answer)


def numbers_in(text):
    """The numbers of a text, 1/3 among them, but not the 32 of float32."""
    plain = text.replace("−", "-")
    found = re.findall(r"(?<![\w.])-?\d+(?:\.\d+)?(?:e[-+]?\d+)?(?!\w)", plain)
    quotients = re.findall(r"(?<![\w.])(-?\d+)/(\d+)(?![\w.])", plain)
    return [float(n) for n in found], [int(n) / int(m) for n, m in quotients if int(m)]


def functions_in(text, like):
    """The code spans of a text that are an expression in the arguments of `like`."""
    names = ", ".join(like.__code__.co_varnames[: like.__code__.co_argcount])
    for span in re.findall(r"`([^`]+)`", text):
        for code in (span, f"lambda {names}: {span.removeprefix('return ')}"):
            with contextlib.suppress(Exception):  # not every span is code
                yield eval(code, {"np": np})


def answers_in(exercise, text):
    """Everything in a text that could be read as an answer to the exercise."""
    right = exercise.answer.right
    plain, quotients = numbers_in(text)
    yield from plain + quotients
    if isinstance(right, types.FunctionType):
        yield from functions_in(text, right)
    elif isinstance(right, str):
        words, n = re.findall(r"[\w'-]+", text), len(right.split())
        yield from (" ".join(words[i : i + n]) for i in range(len(words)))
    elif np.size(right) > 1:
        n, shape = np.size(right), np.shape(right)
        for i in range(len(plain) - n + 1):
            yield np.reshape(plain[i : i + n], shape)


def gives_away(exercise, text):
    text = text.replace(exercise.name, "")
    return any(
        exercise.judge(answer).status == "correct"
        for answer in answers_in(exercise, text)
    )


# Every entry of every table


@pytest.mark.parametrize("exercise", ALL)
@pytest.mark.parametrize("answer", [..., None], ids=["dots", "None"])
def test_a_blank_answer_is_not_answered_yet(exercise, answer):
    verdict = drive(exercise, answer)
    assert verdict.status == "blank"
    assert (
        repr(verdict)
        == verdict.message
        == (
            f"Exercise {exercise.name}: not answered yet. "
            "Put your answer in place of the dots and run this cell again."
        )
    )


@pytest.mark.parametrize("exercise", ALL)
def test_the_right_answer_is_correct(exercise):
    verdict = drive(exercise, exercise.answer.right)
    assert verdict.status == "correct"
    assert verdict.message == f"Exercise {exercise.name}: correct."


@pytest.mark.parametrize("exercise", ALL)
def test_the_worked_solution_runs_and_is_correct(exercise):
    (code,) = re.findall(r"```python\n(.*?)```", solution(exercise.name), re.DOTALL)
    namespace = {}
    exec(code, namespace)  # noqa: S102 - our own code
    assert drive(exercise, namespace["answer"]).status == "correct"


@pytest.mark.parametrize(("exercise", "slip"), SLIPS)
def test_each_wrong_way_is_named(exercise, slip):
    verdict = drive(exercise, slip.answer)
    assert verdict.status == "not yet"
    assert verdict.message == f"Exercise {exercise.name}: not yet. {slip.words}"


@pytest.mark.parametrize(("exercise", "slip"), SLIPS)
def test_no_wrong_way_gives_the_answer_away(exercise, slip):
    assert not gives_away(exercise, slip.words)


@pytest.mark.parametrize("exercise", ALL)
def test_wrong_ways_can_be_told_apart(exercise):
    kind = exercise.answer
    readings = [kind.read(kind.right)] + [kind.read(s.answer) for s in exercise.slips]
    for i, one in enumerate(readings):
        assert not any(kind.same(one, other) for other in readings[:i])


@pytest.mark.parametrize("exercise", ALL)
@pytest.mark.parametrize("which", HOSTILE)
def test_hostile_answers_get_a_kind_word(exercise, which):
    verdict = drive(exercise, HOSTILE[which])
    assert verdict.status == "not yet"
    assert verdict.message.startswith(f"Exercise {exercise.name}: not yet. ")
    assert len(verdict.message) < 400
    assert re.search(r"[\w)'\]>}][.?]$", verdict.message)


@pytest.mark.parametrize("exercise", ALL)
def test_an_unknown_wrong_answer_gets_no_answer(exercise):
    for answer in (0.123456, lambda *_: 0.123456, [0.123456, 7.0], "something else"):
        assert not gives_away(exercise, drive(exercise, answer).message)


@pytest.mark.parametrize("exercise", ALL)
def test_hints_lead_there_and_stop_short(exercise):
    assert len(exercise.hints) == 3
    for level in (1, 2, 3):
        text = hint(exercise.name, level)
        assert text == f"Hint {level} of 3. {exercise.hints[level - 1]}"
        assert not gives_away(exercise, text)


@pytest.mark.parametrize("exercise", ALL)
def test_the_question_does_not_answer_itself(exercise):
    if not isinstance(exercise.answer, Choice):
        assert not gives_away(exercise, exercise.question)


@pytest.mark.parametrize("exercise", ALL)
def test_an_exercise_is_whole_and_in_plain_words(exercise):
    assert len({slip.words for slip in exercise.slips}) >= 3
    texts = [exercise.question, exercise.solution, *exercise.hints]
    for text in [*texts, *(slip.words for slip in exercise.slips)]:
        assert re.search(r"[.?!]$|```$", text.strip()), text
        assert not re.search(r"\b(simply|obviously|just)\b", text, re.IGNORECASE), text


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table[0].name[:2])
def test_a_table_counts_its_exercises_from_one(table):
    lesson = table[0].name.split(".")[0]
    assert re.fullmatch(r"\d\d|[A-Z]", lesson)
    assert [e.name for e in table] == [f"{lesson}.{n + 1}" for n in range(len(table))]


def test_no_two_tables_share_a_lesson():
    assert len(EXERCISES) == sum(map(len, TABLES))
    assert all(one[0].name < other[0].name for one, other in pairwise(TABLES))


@pytest.mark.parametrize("exercise", ALL)
def test_the_notebook_asks_the_question_in_these_words(exercise):
    lesson = exercise.name.split(".")[0]
    notebook = next(NOTEBOOKS.glob(f"{lesson}_*.ipynb"), None)
    if notebook is None:
        pytest.skip(f"lesson {lesson} has no notebook yet")
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    text = {"markdown": "", "code": "", "raw": ""}
    for cell in cells:
        text[cell["cell_type"]] += " " + " ".join("".join(cell["source"]).split())
    assert " ".join(exercise.question.split()) in text["markdown"]
    assert f'check("{exercise.name}", ' in text["code"]


# The parts, with answers of their own


def exercise_on(answer, *slips):
    return Exercise("99.1", "?", answer, slips, ("one", "two", "three"), "")


def message(answer, given):
    verdict = exercise_on(answer).judge(given)
    assert verdict.status == "not yet"
    return verdict.message.removeprefix("Exercise 99.1: not yet. ")


@pytest.mark.parametrize(
    "given",
    [
        0.25,
        np.float32(0.25),
        np.array(0.25),
        [0.25],
        np.array([[0.25]]),
        Fraction(1, 4),
        Decimal("0.25"),
        0.25 * (1 + 9e-7),
    ],
    ids=repr,
)
def test_one_number_comes_in_many_forms(given):
    assert exercise_on(Number(0.25)).judge(given).status == "correct"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("0.25", "Your answer must be numbers, got '0.25'."),
        (True, "Your answer must be numbers, got True."),
        (0.25j, "Your answer must be real numbers, got 0.25j."),
        (np.nan, "Your answer must be finite, got nan."),
        ([1, 2], "Your answer must be one number, got an array of shape (2,)."),
        (
            np.broadcast_to(0.25, (10**6, 10**6)),
            "Your answer must be one number, got an array of shape (1000000, 1000000).",
        ),
        (max, "Your answer must be numbers, got a function: call it at a place."),
        (
            0.2501,
            "You are within 1 %: keep more digits, or measure with a smaller step.",
        ),
        (0.3, 'hint("99.1") gives a first push.'),
        (10**400, "Your answer could not be read: it raised OverflowError."),
    ],
    ids=lambda value: "array" if np.ndim(value) == 2 else repr(value),
)
def test_what_a_number_must_be(given, words):
    assert message(Number(0.25), given) == words


def test_an_array_has_its_shape():
    kind = Array([[1.0, 2.0], [3.0, 4.0]])
    assert exercise_on(kind).judge([[1, 2], [3, 4]]).status == "correct"
    assert message(kind, [1, 2, 3, 4]) == (
        "Your answer has shape (4,), and this asks for shape (2, 2)."
    )
    assert message(kind, [[1, 2], [3]]).startswith(
        "Your answer must have rows of equal"
    )


def test_a_wrong_way_may_have_another_shape():
    exercise = exercise_on(Array([[1.0, 2.0]]), Slip([[1.0], [2.0]], "Turned."))
    assert exercise.judge([[1], [2]]).message == "Exercise 99.1: not yet. Turned."


@pytest.mark.parametrize(
    "given",
    [[..., 1.0], [[1.0, 2.0], [3.0, ...]], np.array([1.0, ...], dtype=object)],
    ids=["list", "rows", "array"],
)
def test_an_array_half_filled_in_is_blank(given):
    assert exercise_on(Array([1.0, 2.0])).judge(given).status == "blank"


def test_a_choice_ignores_case_and_spaces():
    exercise = exercise_on(Choice("turn it left"), Slip("turn it right", "Uphill."))
    assert exercise.judge("  Turn it\nLEFT ").status == "correct"
    assert exercise.judge("Turn it right").message.endswith("Uphill.")
    assert message(Choice("left"), "up") == (
        "Choose one of the answers that the question offers."
    )
    assert message(Choice("left"), 3) == "Your answer must be text, got 3."


@pytest.mark.parametrize(
    ("given", "status"),
    [(0.01, "not yet"), (0.011, "correct"), (0.5, "correct"), (0.51, "not yet")],
)
def test_a_band_is_as_wide_as_its_edges(given, status):
    kind = Band(0.1, edges=(0.0, 0.01, 0.5))
    assert exercise_on(kind).judge(given).status == status


SQUARE = Function(lambda x: x**2, at=(0.5, 1.0, 3.0))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (9.0, "Your answer must be a function, handed in without calling it, got 9.0."),
        (
            lambda x: None,
            "At 0.5 your function returned None; perhaps a `return` is missing.",
        ),
        (lambda x: 1 / (x - 1), "At 1.0 your function raised ZeroDivisionError: "),
        (raiser(MemoryError()), "At 0.5 your function raised MemoryError."),
        (raiser(SystemExit(3)), "At 0.5 your function raised SystemExit: 3."),
        (
            lambda x: x if x == 1 else 0,
            "It is right at some places and wrong at others, at 0.5 for one.",
        ),
        (
            lambda x: "x",
            "At 0.5 your function's value must be numbers, got 'x'.",
        ),
    ],
    ids=[
        "number",
        "no return",
        "raises",
        "raises without words",
        "exits",
        "one place",
        "text",
    ],
)
def test_what_a_function_must_do(given, words):
    assert message(SQUARE, given).startswith(words)


def test_a_function_that_returns_dots_is_blank():
    assert exercise_on(SQUARE).judge(lambda x: ...).status == "blank"
    half = Function(lambda x: [x, x], at=(1.0, 2.0))
    assert exercise_on(half).judge(lambda x: [x, ...]).status == "blank"


def test_a_function_takes_several_arguments_and_cannot_spoil_them():
    place = (np.array([1.0, 2.0]), 3.0)
    exercise = exercise_on(Function(lambda w, x: w * x, at=(place,)))

    def spoil(w, x):
        w *= x
        return w

    assert exercise.judge(spoil).status == "correct"
    assert place[0].tolist() == [1.0, 2.0]


def test_a_function_may_warn_and_may_use_one_array_again():
    out = np.zeros(1)

    def warn(x):
        warnings.warn("slow", stacklevel=1)
        out[:] = x**2
        return out

    exercise = exercise_on(Function(lambda x: [x**2], at=(0.5, 2.0)))
    assert exercise.judge(warn).status == "correct"


def test_ctrl_c_passes_through():
    with pytest.raises(KeyboardInterrupt):
        exercise_on(SQUARE).judge(interrupt)
    with pytest.raises(KeyboardInterrupt):
        exercise_on(Number(1)).judge(hostile("__array__", KeyboardInterrupt()))


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (Number(0.5), "It is 0.5."),
        (Number(-12), "so −12 it is"),
        (Number(1 / 3), "that is 1/3 of it"),
        (Array([[1, 2], [3, 4]]), "the rows 0; 1, 2; 3, 4"),
        (Choice("the left one"), "It was the left one."),
        (SQUARE, "write `x * x`"),
        (SQUARE, "write `return x**2`"),
        (Band(0.1, edges=(0.01, 0.5)), "such as 2e-1"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_a_text_that_gives_the_answer_away_is_caught(answer, text):
    assert gives_away(exercise_on(answer), text)


# Lesson 01, against arithmetic that does not round


def test_the_slopes_of_lesson_01_are_limits():
    tiny = Fraction(1, 10**12)
    cube = ((2 + tiny) ** 3 - (2 - tiny) ** 3) / (2 * tiny)
    assert EXERCISES["01.1"].answer.right == pytest.approx(float(cube), rel=1e-15)
    for x in map(Fraction, EXERCISES["01.2"].answer.at):
        slope = (1 / (x + tiny) - 1 / (x - tiny)) / (2 * tiny)
        right = EXERCISES["01.2"].answer.right(float(x))
        assert right == pytest.approx(float(slope), rel=1e-15)


@pytest.mark.parametrize("delta", [1e-4, 3e-4, 1e-3])
def test_a_step_that_is_called_right_is_better_than_its_slips(delta):
    x, one = np.linspace(1, 1.001, 500, dtype=np.float32), np.float32

    def error(step):
        slope = (np.exp(x + one(step)) - np.exp(x)) / one(step)
        return np.abs(slope - np.exp(x.astype(float))).max()

    assert check("01.3", delta).status == "correct"
    assert all(error(delta) < error(s.answer) for s in EXERCISES["01.3"].slips[1:])


@pytest.mark.parametrize(
    ("function", "status"),
    [
        (lambda x: max(x, 1), "correct"),
        (lambda x: np.cbrt(x - 1), "correct"),
        (lambda x: 2 * x if x < 1 else 3 - x, "correct"),
        (abs, "not yet"),
        (lambda x: 3, "not yet"),
        (lambda x: x if x != 1 else 5, "not yet"),
        (lambda x: ..., "blank"),
    ],
    ids=["max", "cbrt", "roof", "corner at 0", "level", "hole", "dots"],
)
def test_a_corner_at_one_may_take_any_form(function, status):
    assert check("01.4", function).status == status


# Names and levels


def test_an_unknown_exercise_names_the_nearest():
    verdict = check("01.9", 12)
    words = r"There is no exercise '01\.9': try 01\.\d, 01\.\d, 01\.\d"
    assert verdict.status == "not yet"
    assert re.fullmatch(rf"{words}\.", verdict.message)
    assert all(name in EXERCISES for name in re.findall(r"01\.[^9]", verdict.message))
    for ask in (hint, solution):
        with pytest.raises(ValueError, match=f"^{words}$"):
            ask("01.9")


@pytest.mark.parametrize("name", [1.1, None, ..., ["01.1"], {}], ids=repr)
def test_a_name_that_is_no_text_is_unknown(name):
    assert check(name, 12).message.startswith("There is no exercise ")


@pytest.mark.parametrize(
    ("level", "error", "words"),
    [
        (0, ValueError, "hint: level must be 1 or more, got 0"),
        (4, ValueError, "hint: level must be 3 or less, got 4"),
        (1.0, TypeError, "hint: level must be a whole number, got 1.0"),
        ("1", TypeError, "hint: level must be a whole number, got '1'"),
    ],
)
def test_a_hint_has_three_levels(level, error, words):
    with pytest.raises(error, match=f"^{re.escape(words)}$"):
        hint("00.1", level)


def test_hints_and_solutions_show_as_text_and_as_markdown():
    for note in (hint("00.1"), solution("00.1")):
        assert repr(note) == str(note)
    assert hint("00.1")._repr_markdown_() == str(hint("00.1"))


def test_a_solution_starts_folded():
    folded = solution("00.1")
    shown = folded._repr_markdown_()
    assert shown.startswith("<details><summary>Worked solution 00.1:")
    assert shown.endswith("</details>")
    assert str(folded) in shown


def test_nothing_is_remembered():
    before = [hint("01.1"), check("01.1", 12).message, solution("01.1")]
    check("01.1", 8)
    assert before == [hint("01.1"), check("01.1", 12).message, solution("01.1")]


class HalfWritten(Module):
    """Forward is there; backward is still the dots."""

    def __init__(self, weight):
        self.weight = Parameter(weight, "weight")

    def forward(self, x):
        return self.weight.data * x**2

    def backward(self, grad_output):
        return ...


class NoReturn(HalfWritten):
    def backward(self, grad_output):
        self.weight.grad += 1


class Crashes(HalfWritten):
    def backward(self, grad_output):
        return grad_output @ np.ones((2, 2))


class Passes(HalfWritten):
    def backward(self, grad_output):
        return grad_output


def test_a_block_with_dots_is_not_answered_yet():
    assert check("09.4", HalfWritten).status == "blank"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (HalfWritten(2.0), "Your answer must be the class of a Module, handed in"),
        (NoReturn, "backward returned None; perhaps a `return` is missing"),
        (Crashes, "At an array of shape (3,) your block raised ValueError: matmul"),
        (Passes, "Ask gradcheck: it names the slope that is off."),
    ],
)
def test_a_block_that_is_wrong_hears_why(given, words):
    verdict = check("09.4", given)
    assert verdict.status == "not yet"
    assert words in verdict.message


# Lesson 12, where an answer is code that has to behave


class OtherGap:
    """Patient 12.1, mended in its first line instead."""

    def __call__(self, output, target):
        self.gap = output - target
        return np.mean(self.gap**2)

    def backward(self):
        return 2 * self.gap / self.gap.size


class Derived(Linear):
    """Patient 12.11, with a second name for the weights instead of a copy."""

    def __init__(self, inputs, outputs, rng):
        super().__init__(inputs, outputs, rng=rng)
        self.fast = self.weight.data

    def backward(self, grad_output):
        super().backward(grad_output)
        return grad_output @ self.fast


def cleared_at_the_end(net, loss, x, target, rate):
    loss(net(x), target)
    net.backward(loss.backward())
    for own in net.parameters():
        own.data -= rate * own.grad
        own.grad.fill(0)


class SlopeKept(Module):
    """Patient 12.2, another way."""

    def forward(self, x):
        self.slope = 1 / np.cosh(x) ** 2
        return np.tanh(x)

    def backward(self, grad_output):
        return grad_output * self.slope


class Renamed(CrossEntropyLoss):
    """Patient 12.9 under a name that says nothing of classes."""


@pytest.mark.parametrize(
    ("name", "cure"),
    [
        ("12.1", OtherGap),
        ("12.2", SlopeKept),
        ("12.2", Tanh),
        ("12.5", MSELoss),
        ("12.6", ReLU),
        ("12.7", Linear),
        ("12.9", CrossEntropyLoss),
        ("12.9", Renamed),
        ("12.11", Derived),
        ("12.12", cleared_at_the_end),
    ],
)
def test_a_patient_may_be_mended_in_any_way(name, cure):
    assert check(name, cure).status == "correct"


class OtherForward(Tanh):
    def forward(self, x):
        return super().forward(2 * x)


class Leaky(SlopeKept):
    def backward(self, grad_output):
        return grad_output * (self.slope + 0.1)


class Forgets(Linear):
    def backward(self, grad_output):
        self.zero_grad()
        return super().backward(grad_output)


class Crash(Tanh):
    def backward(self, grad_output):
        return grad_output @ np.ones((3, 3))


class StillBorn(Tanh):
    def __init__(self):
        self.rate = 1 / 0


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("12.2", OtherForward, "Its outputs are others now. Forward was healthy:"),
        (
            "12.2",
            Leaky,
            "wrong at the first step: the weights of layer 1 and the bias of layer 1.",
        ),
        ("12.3", Forgets, "The first step is right, but a later step or a second pass"),
        ("12.2", Crash, "Your part raised ValueError: matmul"),
        ("12.2", StillBorn, "Your part raised ZeroDivisionError: "),
        ("12.5", Tanh(), "MSELoss5 must be a class, handed in"),
        (
            "12.2",
            Tanh(),
            "Tanh2 must be the class of a Module, handed in without calling it, got",
        ),
        ("12.2", OtherGap, "Tanh2 must be the class of a Module, handed in"),
        ("12.12", Tanh, "step12 must be a function, handed in"),
    ],
)
def test_a_patient_that_is_still_ill_is_told_where(name, given, words):
    verdict = check(name, given)
    assert verdict.status == "not yet"
    assert words in verdict.message


class Softplus(Module):
    """Right, with the slope that overflows into a zero, which does no harm."""

    def forward(self, x):
        self.x = x
        return np.where(x > 0, x + np.log1p(np.exp(-np.abs(x))), np.log1p(np.exp(x)))

    def backward(self, grad_output):
        return grad_output / (1 + np.exp(-self.x))


class Careless(Softplus):
    def backward(self, grad_output):
        return grad_output * np.exp(self.x) / (1 + np.exp(self.x))


class Naive(Careless):
    def forward(self, x):
        self.x = x
        return np.log(1 + np.exp(x))


class HalfNaive(Softplus):
    def forward(self, x):
        self.x = x
        return np.log(1 + np.exp(x))


class Halved(Softplus):
    def backward(self, grad_output):
        return super().backward(grad_output) / 2


class Unfinished(Softplus):
    def backward(self, grad_output):
        return ...


@pytest.mark.parametrize(
    ("given", "status", "words"),
    [
        (Softplus, "correct", "Exercise 12.13: correct."),
        (Careless, "not yet", "until x is huge: then it fails in backward. Does"),
        (HalfNaive, "not yet", "until x is huge: then it fails in forward. Does"),
        (Naive, "not yet", "then it fails in forward and in backward. Does"),
        (Halved, "not yet", "Forward is right. What does gradcheck say of backward?"),
        (Tanh, "not yet", "Forward is not the softplus of x yet."),
        (Softplus(), "not yet", "must be the class of a Module, handed in without"),
        (NoReturn, "not yet", "your block raised TypeError: "),
        (Unfinished, "blank", "not answered yet"),
    ],
)
def test_a_new_block_is_tried_from_all_sides(given, status, words):
    verdict = check("12.13", given)
    assert verdict.status == status
    assert words in verdict.message
