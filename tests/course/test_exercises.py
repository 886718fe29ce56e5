"""Every exercise of every lesson: blank, right, each wrong way, hostile answers.

The files are driven as they stand; a new one is tested without a change here.
"""

import contextlib
import json
import re
import textwrap
import types
import warnings
from decimal import Decimal
from fractions import Fraction
from functools import cache
from importlib import resources
from pathlib import Path
from string import ascii_lowercase

import numpy as np
import pytest

from chainrule_lessons.exercises import (
    behaviour,
    check,
    hint,
    lesson,
    solution,
    trainer,
)
from chainrule_lessons.exercises.answers import (
    Array,
    Band,
    Choice,
    Function,
    Number,
    Parts,
)
from chainrule_lessons.exercises.check import Verdict, judge
from chainrule_lessons.exercises.lesson import Exercise, Slip, find, read
from chainrule_lessons.layers import Linear, Module, Parameter, ReLU, Scale, Tanh
from chainrule_lessons.losses import CrossEntropyLoss, MSELoss
from chainrule_lessons.markdown import sections

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
NAMES, BETS = sections("exercise"), sections("bet")


@pytest.fixture(params=NAMES)
def exercise(request):
    return find(request.param)


def recurse(x):
    return recurse(x)


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
    "f exits": raiser(SystemExit()),
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
    "f scribbles on its input": lambda x, *_: np.multiply(x, 0, out=x),
}


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


def is_small(name):
    """Say whether an exercise belongs to a section: 05.b, and not 05.2."""
    return name[-1].isalpha()


def gives_away(exercise, text):
    text = text.replace(exercise.name, "")
    found = answers_in(exercise, text)
    return any(judge(exercise, answer).status == "correct" for answer in found)


def variants(exercise):
    """The exercise, and others with the numbers of other seeds."""
    return [find(exercise.name, n) for n in range(20)] if exercise.drawn else [exercise]


@cache
def asked(notebook):
    """Give the prose above each cell of a notebook that checks an answer, by name."""
    prose, found = "", {}
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            prose = source
        elif cell["cell_type"] == "code":
            found |= dict.fromkeys(re.findall(r'\bcheck\("([^"]+)", ', source), prose)
    return found


def question(exercise):
    lesson = exercise.name.split(".")[0]
    path = NOTEBOOKS[0].with_name(f"{lesson}_{NAMES[exercise.name].stem}.ipynb")
    return asked(path)[exercise.name]


# Every exercise


@pytest.mark.parametrize("answer", [..., None], ids=["dots", "None"])
def test_a_blank_answer_is_not_answered_yet(exercise, answer):
    words = "Put your answer in place of the dots and run this cell again."
    message = f"Exercise {exercise.name}{exercise.drawn}: not answered yet. {words}"
    assert check(exercise.name, answer) == Verdict("blank", message)


def test_the_right_answer_is_correct(exercise):
    message = f"Exercise {exercise.name}{exercise.drawn}: correct."
    assert check(exercise.name, exercise.answer.right) == Verdict("correct", message)


def is_solved(exercise):
    (code,) = re.findall(r"```python\n(.*?)```", exercise.solution, re.DOTALL)
    namespace = {}
    exec(code, namespace)  # noqa: S102 - our own code
    return judge(exercise, namespace["answer"]).status == "correct"


def test_the_worked_solution_runs_and_is_correct(exercise):
    assert all(map(is_solved, variants(exercise)))
    assert solution(exercise.name) == exercise.solution


def test_each_wrong_way_is_named_and_gives_nothing_away(exercise):
    for slip in exercise.slips:
        message = f"Exercise {exercise.name}{exercise.drawn}: not yet. {slip.words}"
        assert check(exercise.name, slip.answer) == Verdict("not yet", message)
        assert not gives_away(exercise, slip.words), slip.words


def test_wrong_ways_can_be_told_apart(exercise):
    for variant in variants(exercise):
        same = variant.answer.same
        readings = [variant.answer.truth, *(reading for reading, _ in variant.wrong)]
        for i, one in enumerate(readings):
            assert not any(same(one, other) for other in readings[:i])


def test_an_unknown_wrong_answer_gets_a_kind_word_and_no_answer(exercise):
    for answer in (0.123456, lambda *_: 0.123456, [0.123456, 7.0], "something else"):
        assert not gives_away(exercise, gets_a_kind_word(exercise, answer))
    gets_a_kind_word(exercise, HOSTILE["any attribute raises"])
    gets_a_kind_word(exercise, HOSTILE["f exits"])


def test_hints_lead_there_and_stop_short(exercise):
    levels = 1 if is_small(exercise.name) else 3
    assert len(exercise.hints) == levels
    for level in range(1, levels + 1):
        text = hint(exercise.name, level)
        assert text == f"Hint {level} of {levels}. {exercise.hints[level - 1]}"
        assert not gives_away(exercise, text)


def test_the_notebook_asks_it_and_does_not_answer(exercise):
    text, name = question(exercise), re.escape(exercise.name)
    assert re.search(rf"\*\*(An exercise|\w+ {name})\.\*\*", text), text
    if not isinstance(exercise.answer, Choice):
        assert not gives_away(exercise, text)


def test_an_exercise_is_whole_and_in_plain_words(exercise):
    texts = [exercise.solution, *exercise.hints, *(s.words for s in exercise.slips)]
    least = 2 if is_small(exercise.name) else 3
    assert len({slip.words for slip in exercise.slips}) >= least
    for text in texts:
        assert re.search(r"[.?!]$|```$", text), text
    for text in [*texts, question(exercise)]:
        assert not re.search(r"\b(simply|obviously|just)\b", text, re.IGNORECASE), text


@pytest.mark.parametrize("path", sorted(set(NAMES.values())), ids=lambda p: p.stem)
def test_a_file_counts_its_exercises_from_one_and_shares_none(path):
    heads = re.findall(r"^## (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    own = [name for name in heads if name not in BETS]
    first = own[0].split(".")[0]
    assert re.fullmatch(r"\d\d|[A-Z]", first)
    small = [name for name in own if is_small(name)]
    large = [name for name in own if not is_small(name)]
    assert small == [f"{first}.{letter}" for letter in ascii_lowercase[: len(small)]]
    assert large == [f"{first}.{n + 1}" for n in range(len(large))]
    assert {(NAMES | BETS)[name] for name in heads} == {path}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_names_exercises_that_are_there(path):
    text = path.read_text(encoding="utf-8")
    named = re.findall(r'\b(?:check|hint|solution)\(\\"([^"\\]+)\\"', text)
    assert set(named) <= set(NAMES)


def test_the_package_holds_the_file_of_every_lesson_that_asks():
    files = resources.files("chainrule_lessons.exercises").iterdir()
    found = {file.name for file in files if file.name.endswith(".md")}
    lessons = [path.stem.split("_", 1)[1] for path in NOTEBOOKS if asked(path)]
    assert found == {f"{lesson}.md" for lesson in lessons}


# Every kind of answer

SQUARE = Function(lambda x: x**2, at=(0.5, 1.0, 3.0))


def tried(make):
    yield "forward", make(3.0).forward(np.arange(3.0))


KINDS = [
    Number(0.25),
    Array([[1.0, 2.0]]),
    Band(0.1, edges=(0.0, 0.01, 0.5)),
    Choice("left"),
    Function(lambda x: x**2, at=(np.ones(2), np.arange(3.0))),
    Parts(lambda x: (x, [x, x]), at=(2.0, 3.0), names=("by_b", "by_W")),
    behaviour.Smoothness(lambda x: abs(x - 1), at=1.0),
    behaviour.Gate([1, 1, -1.5]),
    behaviour.Built(Scale, tried),
    behaviour.Learner(Tanh, name="tanh"),
    behaviour.Mended("12.2"),
    trainer.Trainer(lambda x, t, rng: lambda x: np.zeros(len(x), int)),
]


def exercise_on(answer, *slips):
    return Exercise("99.1", answer, slips)


def status(answer, given):
    return judge(exercise_on(answer), given).status


def message(answer, given):
    verdict = judge(exercise_on(answer), given)
    assert verdict.status == "not yet"
    return verdict.message.removeprefix("Exercise 99.1: not yet. ")


def gets_a_kind_word(exercise, answer):
    verdict, title = judge(exercise, answer), f"{exercise.name}{exercise.drawn}"
    assert verdict.status == "not yet"
    assert verdict.message.startswith(f"Exercise {title}: not yet. ")
    assert len(verdict.message) < 400
    assert re.search(r"[\w)'\]>}][.?]$", verdict.message)
    return verdict.message


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: type(kind).__name__)
def test_hostile_answers_get_a_kind_word(kind):
    failed = []
    for name, answer in HOSTILE.items():
        try:
            gets_a_kind_word(exercise_on(kind), answer)
        except AssertionError as error:
            failed.append((name, error))
    assert not failed


def test_every_kind_meets_hostile_answers():
    assert {type(kind).__name__ for kind in KINDS} | {"np"} == set(lesson.KNOWN)


def test_one_number_comes_in_many_forms():
    forms = [0.25, [0.25], 0.25 * (1 + 9e-7), Fraction(1, 4), Decimal("0.25")]
    forms += [np.float32(0.25), np.array(0.25), np.array([[0.25]])]
    assert [status(Number(0.25), form) for form in forms] == ["correct"] * len(forms)


QUARTER = type("Quarter", (), {"__float__": lambda self: 0.25})()  # as SymPy's are


def test_exact_numbers_may_stand_in_lists_and_arrays():
    exact = [Fraction(1, 4), Decimal("0.25"), QUARTER]
    kind = Array([[0.25, 0.25, 0.25]])
    assert status(kind, [exact]) == status(kind, (exact,)) == "correct"
    assert status(kind, np.array([exact])) == status(kind, [[0.25, *exact[:2]]])
    assert status(Function(lambda x: [x] * 3, at=(0.25,)), lambda x: exact) == "correct"
    assert status(Number(0.25), QUARTER) == "correct"
    symbol = hostile("__float__", TypeError("Cannot convert symbol to float"))
    for given in ([exact[0], "0.25"], [exact[0], None], [exact[0], 1j], [symbol, 1]):
        assert message(kind, given).startswith("Your answer must be numbers, got [")


@pytest.mark.parametrize("mask", [[[True, True]], [[False, True]]])
def test_a_masked_entry_is_no_answer(mask):
    masked, kind = np.ma.masked_array([[1.0, 2.0]], mask), Array([[1.0, 2.0]])
    refusal = "must have no masked entries: give each of them a number."
    for given in (masked, [masked[0]], masked.astype(object)):
        assert message(kind, given) == f"Your answer {refusal}"
    assert message(Number(1), masked[:, mask[0].index(True)]).endswith(refusal)
    assert message(SQUARE, lambda x: masked).endswith(f"function's value {refusal}")
    assert status(kind, np.ma.masked_array(kind.right)) == "correct"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("0.25", "Your answer must be numbers, got '0.25'."),
        (True, "Your answer must be numbers, got True."),
        (0.25j, "Your answer must be real numbers, got 0.25j."),
        (np.nan, "Your answer must be finite, got nan."),
        ([1, 2], "Your answer must be one number, got an array of shape (2,)."),
        (HOSTILE["a huge array"], "Your answer must be one number, got an array of"),
        (max, "Your answer must be numbers, got a function: call it at a place."),
        (0.2501, "You are within 1 %: keep more digits, or measure with a smaller"),
        (0.3, 'hint("99.1") gives a first push.'),
        (10**400, "Your answer could not be read: it raised OverflowError."),
    ],
    ids=lambda value: "array" if np.ndim(value) == 2 else repr(value),
)
def test_what_a_number_must_be(given, words):
    assert message(Number(0.25), given).startswith(words)


def test_an_array_has_its_shape():
    kind = Array([[1.0, 2.0], [3.0, 4.0]])
    assert status(kind, [[1, 2], [3, 4]]) == "correct"
    wrong = "Your answer has shape (4,), and this asks for shape (2, 2)."
    assert message(kind, [1, 2, 3, 4]) == wrong
    assert "must have rows of equal length" in message(kind, [[1, 2], [3]])
    slip = Slip([1, 2], "Turned.")
    assert judge(exercise_on(kind, slip), [1, 2]).message.endswith("not yet. Turned.")


def test_an_answer_half_filled_in_is_blank():
    array = np.array([1.0, ...], dtype=object)
    for given in ([..., 1.0], [[1.0, 2.0], [3.0, ...]], array):
        assert status(Array([1.0, 2.0]), given) == "blank"
        assert status(SQUARE, lambda x, given=given: given) == "blank"
    assert status(SQUARE, lambda x: ...) == "blank"


def test_a_choice_ignores_case_and_spaces():
    exercise = exercise_on(Choice("turn it left"), Slip("turn it right", "Uphill."))
    assert judge(exercise, "  Turn it\nLEFT ").status == "correct"
    assert judge(exercise, "Turn it right").message.endswith("Uphill.")
    assert message(Choice("left"), "up").startswith("Choose one of the answers that")
    assert message(Choice("left"), 3) == "Your answer must be text, got 3."


def test_a_band_is_as_wide_as_its_edges():
    kind = Band(0.1, edges=(0.0, 0.01, 0.5))
    said = [status(kind, given) for given in (0.01, 0.011, 0.5, 0.51)]
    assert said == ["not yet", "correct", "correct", "not yet"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (9.0, "Your answer must be a function, handed in without calling it, got 9.0."),
        (lambda x: None, "At 0.5 your function returned None; perhaps a `return` is"),
        (lambda x: 1 / (x - 1), "At 1.0 your function raised ZeroDivisionError: "),
        (raiser(MemoryError()), "At 0.5 your function raised MemoryError."),
        (raiser(SystemExit(3)), "At 0.5 your function raised SystemExit: 3."),
        (lambda x: x * (x == 1), "It is right at some places and wrong at others, at"),
        (lambda x: 1.001 * x**2, "You are within 1 %: keep more digits, or measure"),
        (lambda x: x**2 * (1 + (x < 1) / 1e3), "You are within 1 %: keep more digits"),
        (lambda x: 1.001 * x**2 + (x > 1), 'hint("99.1") gives a first push.'),
        (lambda x: [x], "Your function's value has shape (1,), and this asks for one"),
        (lambda x: "x", "At 0.5 your function's value must be numbers, got 'x'."),
    ],
    ids=[
        *("number", "no return", "raises", "no words", "exits", "one place"),
        *("near", "near and right", "near and far", "a list", "text"),
    ],
)
def test_what_a_function_must_do(given, words):
    assert message(SQUARE, given).startswith(words)


def test_a_function_that_is_near_is_not_asked_for_whole_numbers():
    kind = Function(lambda x: x**2, at=(10.0, 30.0))
    assert message(kind, lambda x: 1.001 * x**2).startswith("You are within 1 %: keep")


def test_a_function_takes_several_arguments_and_cannot_spoil_them():
    place = (np.array([1.0, 2.0]), 3.0)
    kind = Function(lambda w, x: w * x, at=(place,))
    assert status(kind, lambda w, x: np.multiply(w, x, out=w)) == "correct"
    assert place[0].tolist() == [1.0, 2.0]


def test_a_function_may_warn_and_may_use_one_array_again():
    out = np.zeros(1)

    def warn(x):
        warnings.warn("slow", stacklevel=1)
        return np.square([x], out=out)

    assert status(Function(lambda x: [x**2], at=(0.5, 2.0)), warn) == "correct"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (lambda x: (x, [x, 1]), "Right: by_b. Look again at by_W."),
        (lambda x: ([x], [x, x]), "Your by_b has shape (1,), and this asks for one n"),
        (lambda x: (1, [x, 1]), 'hint("99.1") gives a first push.'),
        (lambda x: x, "Your function must return 2 arrays, by_b, by_W, got 2.0."),
        (lambda x: (x, "x"), "Your by_W must be numbers, got 'x'."),
        (lambda x: None, "Your function returned None; perhaps a `return` is missing."),
        (5, "Your answer must be a function, handed in without calling it, got 5."),
    ],
)
def test_several_arrays_are_compared_one_by_one(given, words):
    kind = Parts(lambda x: (x, [x, x]), at=(2.0, 3.0), names=("by_b", "by_W"))
    assert message(kind, given).startswith(words)
    assert status(kind, lambda x: [x, (x, x)]) == "correct"
    assert status(kind, lambda x: (x, ...)) == status(kind, lambda x: ...) == "blank"


def test_ctrl_c_passes_through():
    with pytest.raises(KeyboardInterrupt):
        judge(exercise_on(SQUARE), raiser(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        judge(exercise_on(Number(1)), hostile("__array__", KeyboardInterrupt()))


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


# Lessons 01 and B, against arithmetic that does not round


def test_the_slopes_of_lesson_01_are_limits():
    tiny, cube, inverse = Fraction(1, 10**12), find("01.1").answer, find("01.2").answer
    slope = ((2 + tiny) ** 3 - (2 - tiny) ** 3) / (2 * tiny)
    assert cube.right == pytest.approx(float(slope), rel=1e-15)
    for x in map(Fraction, inverse.at):
        slope = (1 / (x + tiny) - 1 / (x - tiny)) / (2 * tiny)
        assert inverse.right(float(x)) == pytest.approx(float(slope), rel=1e-15)


@pytest.mark.parametrize("delta", [1e-4, 3e-4, 1e-3])
def test_a_step_that_is_called_right_is_better_than_its_slips(delta):
    x, one = np.linspace(1, 1.001, 500, dtype=np.float32), np.float32

    def error(step):
        slope = (np.exp(x + one(step)) - np.exp(x)) / one(step)
        return np.abs(slope - np.exp(x.astype(float))).max()

    assert check("B.1", delta).status == "correct"
    assert all(error(delta) < error(s.answer) for s in find("B.1").slips[1:])


@pytest.mark.parametrize(
    ("given", "words"),
    [
        *((order, "correct.") for order in ("F E B D", "f,e, B,d", [*"febd"])),
        *((order, "correct.") for order in (tuple("febd"), tuple("FEBD"))),
        (["f", ...], "not answered yet."),
        (("f", "e", "b", ...), "not answered yet."),
        ("febd", "not yet. Write a space between two letters."),
        ("FDBE", "not yet. Write a space between two letters."),
        ("f e b", "Your answer must name f, d, e and b, each of them once."),
        ("febb", "Your answer must name f, d, e and b, each of them once."),
        (["f", 3], "Your answer must name f, d, e and b, each of them once."),
    ],
    ids=str,
)
def test_an_order_may_be_written_in_any_way(given, words):
    assert words in check("06.5", given).message


def test_a_corner_at_one_may_take_any_form():
    corners = lambda x: max(x, 1), lambda x: np.cbrt(x - 1), lambda x: -abs(1 - x)
    others = abs, lambda x: 3, lambda x: x if x != 1 else 5
    assert {check("01.4", corner).status for corner in corners} == {"correct"}
    assert {check("01.4", other).status for other in others} == {"not yet"}
    assert check("01.4", lambda x: ...).status == "blank"


# What a reader types


def chain_by(slope):
    """Exercise 02.g, with this slope of a stage at its input."""

    def answer(stages, x):
        product = 1.0
        for stage in stages:
            product, x = product * slope(stage, x), stage(x)
        return product

    return answer


def train_on(draw):
    """Exercise 11.d, with the rows of an epoch as `draw` gives them."""

    def answer(x, t, rate, epochs, size, rng):
        W, b = np.zeros((1, 2)), np.zeros(1)
        for _ in range(epochs):
            x, t, order = draw(x, t, rng)
            for start in range(0, len(x), size):
                rows = order[start : start + size]
                g = 2 * (x[rows] @ W.T + b - t[rows])
                W, b = W - rate * g.T @ x[rows], b - rate * g.sum(axis=0)
        return W, b

    return answer


def mixed(x, t, rng):
    order = rng.permutation(len(x))
    return x[order], t[order], np.arange(len(x))


@pytest.mark.parametrize(
    ("name", "answer", "words"),
    [
        *(("00.c", given, "correct") for given in (-0.64, 64 * (0.99 - 1), 64 * -0.01)),
        ("00.c", -0.643, "That is how far the loss in the figure falls"),
        ("00.c", 57.360 - 58.003, "That is how far the loss in the figure falls"),
        ("00.c", 0.643, "which sign does the change have"),
        *(("01.5", given, "correct") for given in (2.717, 2.718, 2.71828, 2.719)),
        *(("01.5", given, "keep more digits") for given in (2.71, 2.713, 2.715, 2.72)),
        ("01.2", lambda x: -1 / x * x, "Python divides first: put brackets"),
        ("02.g", chain_by(lambda f, x: (f(x + 1e-6) - f(x)) / 1e-6), "correct"),
        ("02.g", chain_by(lambda f, x: (f(x + 1e-5) - f(x)) / 1e-5), "correct"),
        ("02.g", chain_by(lambda f, x: (f(x + 0.1) - f(x)) / 0.1), "first push"),
        ("10.h", lambda u, v: (u / v, 1 / v, -u / v * v), "Python divides first"),
        ("10.i", 30.96, "Layers come whole"),
        ("10.i", 30.957, "Layers come whole"),
        ("11.d", train_on(lambda x, t, r: (x, t, r.permutation(len(x)))), "correct"),
        ("11.d", train_on(lambda x, t, r: (x, t, r.permutation(6))), "correct"),
        (
            "11.d",
            train_on(lambda x, t, r: (x, t, r.choice(len(x), len(x), replace=False))),
            "Only the order is drawn in another way",
        ),
        ("11.d", train_on(mixed), "you shuffle again what is shuffled already"),
    ],
)
def test_an_answer_as_it_may_be_typed(name, answer, words):
    assert words in check(name, answer).message


@pytest.mark.parametrize("entries", [1, 2])
def test_a_function_with_a_corner_returns_one_number(entries):
    verdict, shape = check("01.4", lambda x: [abs(x - 1)] * entries), (entries,)
    words = f"Your function must return one number, got an array of shape {shape}."
    assert verdict == Verdict("not yet", f"Exercise 01.4: not yet. {words}")


# A lesson's file

SECTION = textwrap.dedent(re.search(r"::\n\n(.*?)\n\n(?=\S)", lesson.__doc__, re.S)[1])
DRAWN = """\
# Draw

## 99.1
Draw: a in 2..9, b in [0.5, 2], c in [a + 1]

```python
def power(x):
    return x**a
```

Answer: `Array([power(b), a, c])`

- `[b, a, c], [power(b), a,
  a]` Raise b to {a},
  and add one to {a}.

1. In $x^{{a}}$ put {b} for x.
2. Add 1.
3. Both.

```python
## This is code, not a section.
answer = [{b} ** {a}, {a}, {a} + 1]
```
"""


def test_the_example_in_the_docstring_is_an_exercise(folder):
    (folder / "a.md").write_text(SECTION, encoding="utf-8")
    assert check("01.1", 12).status == "correct"
    assert "That is the value. The slope says" in check("01.1", 8).message
    assert check("01.1", -12).message == check("01.1", 1 / 12).message
    assert hint("01.1", 3) == "Hint 3 of 3. the third the last step."
    assert solution("01.1").startswith("The worked solution, with ")


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("# M", "M", 1, "expected a title, such as # Measure a slope"),
        ("\n##", "```python\n1/0\n```\n##", 3, "code that runs, got ZeroDivisionError"),
        ("\n##", "```python\n##", 2, "expected ``` at the end of this block"),
        ("Answer:", "Answers:", 4, "expected the answer, such as Answer: `Number"),
        ("Number", "Numbr", 4, "code that runs, got NameError: name 'Numbr' is not"),
        ("Number", "print", 4, "expected code that runs, got TypeError"),
        ("`N.*?`", "`12`", 4, "such as Answer: `Number(3)`, got 12"),
        ("`2..3`", "2**3", 6, "expected a wrong way, such as - `2` Add one., or the"),
        ("`2..3`", "`2**`", 6, "expected code that runs, got SyntaxError"),
        ("Answer", "Draw: a of 2\n\nAnswer", 4, "expected numbers to draw, such as a"),
        ("2. the", "2 the", 10, "expected the second hint, such as 2. Add"),
        ("The worked.*", "", 13, "expected the worked solution"),
    ],
)
def test_a_file_that_does_not_fit_names_its_line(tmp_path, old, new, line, words):
    path = tmp_path / "a.md"
    path.write_text(re.sub(old, new, SECTION, count=1, flags=re.S))
    with pytest.raises(SyntaxError, match=re.escape(words)) as caught:
        read(path, "01.1")
    assert (caught.value.filename, caught.value.lineno) == (str(path), line)


def test_a_broken_file_breaks_no_other(folder):
    (folder / "a.md").write_bytes(b"## 98.1\n\xff")
    (folder / "b.md").write_text(SECTION, encoding="utf-8")
    assert check("01.1", 12).status == "correct"
    with pytest.raises(SyntaxError, match="expected a title"):
        check("98.1", 12)


def test_numbers_are_drawn_from_a_seed(folder):
    (folder / "a.md").write_text(DRAWN, encoding="utf-8")
    drawn = set()
    for seed in range(40):
        title = check("99.1", ..., seed=seed).message.split(":")[0]
        a, b, c = numbers_in(title.split(" with ")[1])[0]
        drawn.add((a, b))
        assert title == f"Exercise 99.1 with a = {a:g}, b = {b:g}, c = {c:g}"
        slip = f"{title}: not yet. Raise b to {a:g}, and add one to {a:g}."
        assert (
            check("99.1", [b**a, a, a + 1], seed=seed).message == f"{title}: correct."
        )
        assert check("99.1", [b, a, c], seed=seed).message == slip
        assert check("99.1", [b**a, a, a], seed=seed).message == slip
        assert hint("99.1", seed=seed).endswith(f"In $x^{{{a:g}}}$ put {b:g} for x.")
        assert is_solved(find("99.1", seed))
    assert len(drawn) > 10
    assert {a for a, _ in drawn} == set(range(2, 10))
    assert find("99.1", "Ada").drawn == " with a = 6, b = 2, c = 7"
    assert check("99.1", ...) == check("99.1", ..., seed=0)


@pytest.mark.parametrize("seed", [0, 7, "Ada"])
def test_a_seed_is_refused_where_no_numbers_are_drawn(seed):
    words = "Exercise 01.1 draws no numbers: leave out seed"
    assert check("01.1", 12, seed=seed) == Verdict("not yet", f"{words}.")
    for ask in (hint, solution):
        with pytest.raises(ValueError, match=f"^{words}$"):
            ask("01.1", seed=seed)


def test_an_unknown_exercise_names_the_nearest():
    verdict = check("01.9", 12)
    words = r"There is no exercise '01\.9': try 01\.\w, 01\.\w, 01\.\w"
    assert verdict.status == "not yet"
    assert re.fullmatch(rf"{words}\.", verdict.message)
    assert all(name in NAMES for name in re.findall(r"01\.[^9]", verdict.message))
    for ask in (hint, solution):
        with pytest.raises(ValueError, match=f"^{words}$"):
            ask("01.9")


@pytest.mark.parametrize(("name", "meant"), [("1.h", "01.h"), (6.5, "06.5")])
def test_a_zero_in_front_may_have_been_forgotten(name, meant):
    words = rf"There is no exercise {name!r}: try {meant}, 0\d\.\w, 0\d\.\w\."
    assert re.fullmatch(words, check(name, 3).message)


@pytest.mark.parametrize("name", [1.1, None, ..., ["01.1"], {}], ids=repr)
def test_a_name_that_is_no_text_is_unknown(name):
    assert check(name, 12).message.startswith("There is no exercise ")


def test_a_hint_has_three_levels():
    for level, words in ((0, "1 or more, got 0"), (4, "3 or less, got 4")):
        with pytest.raises(ValueError, match=f"^hint: level must be {words}$"):
            hint("00.1", level)
    for level in (1.0, "1"):
        with pytest.raises(
            TypeError, match=f"^hint: .* a whole number, got {level!r}$"
        ):
            hint("00.1", level)


def test_hints_and_solutions_show_as_text_and_as_markdown_which_is_folded():
    push, folded = hint("00.1"), solution("00.1")
    assert (repr(push), repr(folded)) == (str(push), str(folded))
    assert repr(Verdict("blank", "Exercise")) == "Exercise"
    assert push._repr_markdown_() == str(push)
    shown = folded._repr_markdown_()
    assert shown.startswith("<details><summary>Worked solution 00.1:")
    assert shown.endswith(f"</summary>\n\n{folded}\n\n</details>")


def test_nothing_is_remembered():
    before = [hint("01.1"), check("01.1", 12).message, solution("01.1")]
    check("01.1", 8)
    assert before == [hint("01.1"), check("01.1", 12).message, solution("01.1")]


# Answers that are code and have to behave


def block(base, **methods):
    return type("Answer", (base,), methods)


class HalfWritten(Module):
    """Forward is there; backward is still the dots."""

    def __init__(self, weight=1.0):
        self.weight = Parameter(weight, "weight")

    def forward(self, x):
        return self.weight.data * x**2

    def backward(self, grad_output):
        return ...


NO_RETURN = block(HalfWritten, backward=lambda self, g: None)
CRASHES = block(HalfWritten, backward=lambda self, g: g @ np.ones((2, 2)))
PASSES = block(HalfWritten, backward=lambda self, g: g)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (HalfWritten, "not answered yet"),
        (HalfWritten(2.0), "not yet. Your answer must be a class, handed in without "),
        (NO_RETURN, "Your class at backward returned None; perhaps a `return` is mis"),
        (CRASHES, "not yet. Your class at backward raised ValueError: matmul"),
        (PASSES, "not yet. Not right yet: backward, weight.grad, weight.grad after"),
    ],
)
def test_a_block_that_is_wrong_hears_why(given, words):
    assert words in check("09.2", given).message


LINEAR = """
class Linear:
    def __init__(self, W, b):
        self.W, self.b = np.array(W, float), np.array(b, float)
        self.by_W, self.by_b = 0, 0

    def forward(self, x):
        self.x = x
        return x @ self.W.T + self.b

    def backward(self, g):
        {}
        {}
        {}
"""
LINES = "self.by_W += g.T @ self.x", "self.by_b += g.sum(axis=0)", "return g @ self.W"


@pytest.mark.parametrize(
    ("number", "written", "words"),
    [
        (0, "self.by_W = g.T @ self.x", "should add to them"),
        (0, "self.by_W += self.x.T @ g", "Your slopes by W lie on their side"),
        (0, "self.by_W += g @ self.x", "samples have to meet samples"),
        (0, "self.by_W += g.T @ x", "Python knows no `x`"),
        (0, "by_W = g.T @ self.x", "by_W is still 0"),
        (1, "self.by_b += g.sum(axis=1)", "one bias for each output"),
        (1, "self.by_b += np.sum(g)", "everything became one number"),
        (1, "self.by_b += g", "the samples are not added up yet"),
        (2, "return g @ self.W.T", "a row for each sample"),
        (2, "g @ self.W", "a `return` is missing"),
        (2, "return g @ W", "Python knows no `W`"),
    ],
)
def test_a_slip_in_a_class_is_named_as_it_would_be_typed(number, written, words):
    lines, namespace = list(LINES), {"np": np}
    lines[number] = written
    exec(LINEAR.format(*lines), namespace)  # noqa: S102 - our own code
    message = check("09.c", namespace["Linear"]).message
    assert "not yet" in message
    assert re.search(words, message), message


SEQUENTIAL = """
class Sequential:
    def __init__(self, *blocks):
        self.blocks = blocks

    def forward(self, x):
        for block in self.blocks:
            x = block.forward(x)
        return x

    def backward(self, g):
        for block in reversed(self.blocks):
            g = {}(g)
        return g
"""


@pytest.mark.parametrize(
    ("called", "words"),
    [("block.backward", "correct"), ("backward", "Each block of the loop has its own")],
)
def test_the_way_back_asks_each_block(called, words):
    exec(SEQUENTIAL.format(called), namespace := {})  # noqa: S102 - our own code
    assert words in check("09.d", namespace["Sequential"]).message


@pytest.mark.parametrize("name", ["by_W", "by_b"])
def test_a_name_that_a_class_does_not_keep_is_told(name):
    namespace = {"np": np}
    source = LINEAR.format(*LINES).replace(f"self.{name}", f"self.{name.lower()}s")
    exec(source, namespace)  # noqa: S102 - our own code
    message = check("09.c", namespace["Linear"]).message
    words = f"Your class keeps no `{name}`: look at the name."
    assert message == f"Exercise 09.c: not yet. {words}"


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


@pytest.mark.parametrize(
    ("name", "cure"),
    [
        ("12.1", MSELoss),
        ("12.2", SlopeKept),
        ("12.2", Tanh),
        ("12.5", MSELoss),
        ("12.6", ReLU),
        ("12.7", Linear),
        ("12.9", CrossEntropyLoss),
        ("12.9", block(CrossEntropyLoss)),
        ("12.11", Derived),
        ("12.12", cleared_at_the_end),
    ],
)
def test_a_patient_may_be_mended_in_any_way(name, cure):
    assert check(name, cure).status == "correct"


OTHER_FORWARD = block(Tanh, forward=lambda self, x: Tanh.forward(self, 2 * x))
LEAKY = block(SlopeKept, backward=lambda self, g: g * (self.slope + 0.1))
STILLBORN = block(Tanh, __init__=lambda self: 1 / 0)
FORGETS = block(Linear, backward=lambda s, g: s.zero_grad() or Linear.backward(s, g))


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("12.2", OTHER_FORWARD, "Its outputs are others now. Forward was healthy:"),
        (
            "12.2",
            LEAKY,
            "those of layer 1 are still wrong, each by a factor of its own.",
        ),
        ("12.3", FORGETS, "The first step is right, but a later step or a second pass"),
        ("12.2", CRASHES, "Your part raised ValueError: matmul"),
        ("12.2", STILLBORN, "Your part raised ZeroDivisionError: "),
        ("12.5", Tanh(), "Patient5 must be a class, handed in"),
        ("12.2", Tanh(), "the class of a Module, handed in without calling it, got"),
        ("12.2", MSELoss, "write `class MSELoss(Module):` in its first line."),
        ("12.12", Tanh, "patient12 must be a function, handed in"),
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


def naive(self, x):
    self.x = x
    return np.log(1 + np.exp(x))


def careless(self, grad_output):
    return grad_output * np.exp(self.x) / (1 + np.exp(self.x))


def halved(after):
    by = iter([1] * after)  # passes that are right
    return block(Softplus, backward=lambda s, g: Softplus.backward(s, g) / next(by, 2))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (Softplus, "Exercise 12.13: correct."),
        (block(Softplus, backward=careless), "until x is huge: then it fails in back"),
        (block(Softplus, forward=naive), "until x is huge: then it fails in forward. "),
        (block(Softplus, forward=naive, backward=careless), "forward and in backward."),
        (halved(after=0), "Forward is right. What does gradcheck say of backward?"),
        (
            halved(after=2),
            "It is right in one pass, but gradcheck or the digits object",
        ),
        (Tanh, "not yet. Forward is not the softplus of x yet."),
        (Softplus(), "must be the class of a Module, handed in without"),
        (
            type("Softplus", (), dict(vars(Softplus))),
            "not yet. Your answer must be the class of a Module, and Softplus does not "
            "derive from Module: write `class Softplus(Module):` in its first line.",
        ),
        (NO_RETURN, "your block raised TypeError: "),
        (block(Softplus, backward=lambda self, g: ...), "not answered yet"),
    ],
)
def test_a_new_block_is_tried_from_all_sides(given, words):
    assert words in check("12.13", given).message


def test_the_example_for_contributors_is_an_exercise(tmp_path):
    text = (Path(__file__).parents[2] / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (section,) = re.findall(r"````markdown\n(.*?)````", text, re.DOTALL)
    (tmp_path / "a.md").write_text(f"# Title\n\n{section}", encoding="utf-8")
    example = read(tmp_path / "a.md", "02.6")
    assert is_solved(example)
    assert judge(example, example.answer.right).status == "correct"
    for slip in example.slips:
        assert judge(example, slip.answer).message.endswith(f"not yet. {slip.words}")
    for words in (*example.hints, *(slip.words for slip in example.slips)):
        assert not gives_away(example, words)


@pytest.mark.parametrize(
    ("right", "answer", "said"),
    [
        (16_205, 16_204, "this asks for whole numbers"),
        (730, 728.5, "this asks for whole numbers"),
        (12, 12.05, "keep more digits"),  # a slope that happens to be whole
        (0.3125, 0.3127, "keep more digits"),
    ],
)
def test_a_count_that_is_off_is_not_asked_for_more_digits(right, answer, said):
    kind = Number(right)
    assert said in kind.doubt(kind.read(answer))
