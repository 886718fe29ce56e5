"""Change a module in one place at a time, and name the changes no test notices.

``mutants.py losses numeric live/slider`` runs the narrowest tests of each module, and
its doctests, against each change. What survives is a test to write, a line to delete,
or a change that changes nothing.
"""

from __future__ import annotations

import ast
import gc
import inspect
import os
import pickle
import signal
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any

import hypothesis.extra.numpy  # noqa: F401 - what tests need is loaded once for all
import matplotlib.figure  # noqa: F401
import pytest
from hypothesis import Phase, settings

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "chainrule_lessons"
ALL = """
numeric losses layers module optim autodiff gradcheck landscape descent validation
datasets progress clinic marks live
"""
# Where the tests of a module do not bear its name, or others see more of it.
TESTS = {
    "bet": "live",
    "descent": "optim landscape",
    "figure": "live recorder slider",
    "marks": "plotting pen live",
    "module": "layers optim",
    "network": "pad",
    "neurons": "build_a_neuron go_backward_by_hand",
    "pad": "pad",
    "patients": "clinic find_the_bug",
    "pen": "pen recorder plotting",
    "progress": "progress optim",
    "validation": "validation losses optim datasets",
    "walk": "roll_downhill",
    "ward": "clinic find_the_bug",
}
ALWAYS = "hostile", "properties"
# Assertions stay plain: pytest would read the file itself, and not the change.
OPTIONS = ["-x", "-pno:cacheprovider", "-pno:xdist", "--assert=plain"]
OPTIONS += ["-p_hypothesis_pytestplugin", "--hypothesis-profile=mutants"]
PAIRS = "Add Sub,Mult Div,BitAnd BitOr,And Or,Lt LtE,Gt GtE,Eq NotEq,Is IsNot,In NotIn"
SWAPS = {"Pow": "Mult", "FloorDiv": "Mult", "Mod": "FloorDiv"}
for one, other in map(str.split, PAIRS.split(",")):
    SWAPS |= {one: other, other: one}
# Types, messages and decorators say nothing of what is computed.
UNREAD = {"annotation", "returns", "decorator_list"}
UNTOUCHED = ast.Raise | ast.JoinedStr


def others(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what could stand in the place of a node by a slip."""
    match node:
        case ast.Constant(value=bool(truth)):
            yield ast.Constant(not truth)
        case ast.Constant(value=int(number)):
            yield ast.Constant(number + 1)
        case ast.Constant(value=float(number)) if number:
            yield ast.Constant(number * (1.2 if 0.01 < number < 1e3 else 1e3))
        case ast.BinOp(left, ast.BitAnd() | ast.BitOr(), right):
            yield from (left, right)
        case ast.BoolOp(values=values):
            yield from values
        case ast.UnaryOp(ast.Not() | ast.USub() | ast.Invert(), operand):
            yield operand
        case ast.Expr(ast.Call()) | ast.AugAssign():
            yield ast.Pass()
        case ast.operator() | ast.cmpop() | ast.boolop() if (
            type(node).__name__ in SWAPS
        ):
            yield getattr(ast, SWAPS[type(node).__name__])()


# As the file is compiled, and not with what this one imports from __future__.
compiled = partial(compile, mode="exec", dont_inherit=True)


def mutants(node: ast.AST, tree: ast.AST) -> Iterator[tuple[str, CodeType]]:
    """Yield each change below a node, in words and as code of the whole tree."""
    for field, value in ast.iter_fields(node):
        children = value if isinstance(value, list) else [value]
        for i, child in enumerate(children if field not in UNREAD else ()):
            if not isinstance(child, ast.AST) or isinstance(child, UNTOUCHED):
                continue
            sign = not hasattr(child, "lineno")
            before = ast.unparse(node if sign else child)
            for other in others(child):
                changed = [*children[:i], other, *children[i + 1 :]]
                setattr(node, field, changed if children is value else other)
                after = ast.unparse(node if sign else other)
                words = f"{(node if sign else child).lineno}: {before}  ->  {after}"
                yield words, compiled(ast.fix_missing_locations(tree), "mutant")
                setattr(node, field, value)
            yield from mutants(child, tree)


def forked(work: Callable[[], Any], seconds: int) -> Any:
    """Return what some work gives in a fork of this process; None if it dies there."""
    receive, send = os.pipe()
    if child := os.fork():
        os.close(send)
        with os.fdopen(receive, "rb") as answer:
            told = answer.read()
        os.waitpid(child, 0)
        error, found = pickle.loads(told) if told else ("", None)
        if error:
            print(error, flush=True)
            pytest.exit(error, 1)
        return found
    signal.alarm(seconds)  # an endless loop is noticed too
    for stream in (1, 2):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
    try:
        told = "", work()
    except Exception as error:  # noqa: BLE001 - of this script, not of a test
        told = repr(error), None
    with os.fdopen(send, "wb") as answer:
        pickle.dump(told, answer)
    os._exit(0)


class Watch:
    """A plugin that runs the tests it is given against each change of a file.

    They are collected once. A change is tried in a fork of this process, in which the
    functions of the file get other code, by the tests that ran its line before.

    Parameters
    ----------
    path : Path
        The file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        self.text = path.read_text(encoding="utf-8")
        self.code = compiled(self.text, str(path))
        self.ran: dict[pytest.Item, set[int]] = {}
        self.failed = False

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Print what survives, and how many did not."""
        session.config.pluginmanager.unregister(name="terminalreporter")
        start = time.monotonic()
        ran = forked(lambda: [self.lines_of(item) for item in session.items], 600)
        self.ran = dict(zip(session.items, ran, strict=True))
        limit = int(5 * (time.monotonic() - start)) + 10
        tree, alive = ast.parse(self.text), []
        for words, code in mutants(tree, tree):
            line = int(words.partition(":")[0])
            alive.append(forked(partial(self.survives, line, code), limit))
            if alive[-1]:
                print(f"  survives  {self.path.relative_to(ROOT)}:{words}", flush=True)
        print(f"{self.module}: {alive.count(True)} of {len(alive)} survive", flush=True)
        return True

    def passes(self, item: pytest.Item) -> bool:
        """Run one test, with a set-up and a teardown of its own."""
        item.ihook.pytest_runtest_protocol(item=item, nextitem=None)
        return not self.failed

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a failure: pytest tells of each part of a test."""
        self.failed |= report.failed

    def lines_of(self, item: pytest.Item) -> set[int]:
        """Run a test, which has to pass, and say which lines of the file it runs."""
        lines = set()

        def inside(frame: FrameType, *_: object) -> Any:
            lines.add(frame.f_lineno)
            return inside

        def begun(frame: FrameType, *_: object) -> Any:
            return inside if frame.f_code.co_filename == str(self.path) else None

        sys.settrace(begun)
        try:
            if not self.passes(item):
                raise AssertionError(f"{item.nodeid} must pass first")
        finally:
            sys.settrace(None)
        return lines

    def survives(self, line: int, code: CodeType) -> bool:
        """Give the functions their code in a changed file, and run the tests."""
        tests = [item for item, lines in self.ran.items() if line in lines] or self.ran
        before, after = list(codes_in(self.code)), list(codes_in(code))
        new = dict(zip(before, after, strict=False))
        # Two that look alike, and one that asks for other names, are not told apart.
        fits = [new.get(old) for old in before] == after
        fits = fits and all(old.co_freevars == new[old].co_freevars for old in before)
        changed = [f for f in self.functions() if new.get(f.__code__) != f.__code__]
        if not changed or not fits:
            return self.survives_anew(code, {str(item.path) for item in tests})
        for function in changed:
            function.__code__ = new[function.__code__]
        return all(map(self.passes, tests))

    def functions(self) -> list[FunctionType]:
        """List what the file has defined, wherever it is now."""
        path, found = str(self.path), filter(inspect.isfunction, gc.get_objects())
        return [f for f in found if f.__code__.co_filename == path]

    def survives_anew(self, code: CodeType, files: set[str]) -> bool:
        """Import everything again, where a change is outside of functions."""
        for name, module in list(sys.modules.items()):
            file = Path(getattr(module, "__file__", None) or "/")
            if {PACKAGE, ROOT / "tests"} & {*file.parents}:
                del sys.modules[name]
        right, mutant = SourceFileLoader.get_code, {self.module: code}
        SourceFileLoader.get_code = lambda self, n: mutant.get(n) or right(self, n)
        return pytest.main([*OPTIONS, *files]) == 0


def codes_in(code: CodeType) -> Iterator[CodeType]:
    """Yield the code of every function below."""
    for inner in filter(inspect.iscode, code.co_consts):
        yield inner
        yield from codes_in(inner)


def attack(path: Path) -> None:
    """Collect the tests of a file in a fork, and run them against its changes."""
    name = path.relative_to(PACKAGE).with_suffix("")
    nouns = [*TESTS.get(name.name, " ".join(name.parts)).split(), *ALWAYS]
    rooms = "core", "live", "course"
    found = [f"tests/{room}/test_{n}.py" for room in rooms for n in nouns]
    tests = [*filter(os.path.exists, found), str(path.relative_to(ROOT))]
    if not (child := os.fork()):
        os._exit(pytest.main([*OPTIONS, "-q", *tests], [Watch(path)]))
    if os.waitpid(child, 0)[1]:
        sys.exit(f"{name}: not tried")


if __name__ == "__main__":
    quick = {"phases": [Phase.explicit, Phase.generate]}  # without shrinking
    settings.register_profile("mutants", deadline=None, derandomize=True, **quick)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # the one needed is named
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    for room in sys.argv[1:] or ALL.split():
        files = sorted((PACKAGE / room).glob("[!_]*.py"))
        for path in files or [PACKAGE / f"{room}.py"]:
            attack(path)
