"""Change a module in one place at a time, and name the changes no test notices.

``mutants.py losses numeric live/slider`` runs the narrowest tests of each module, and
its doctests, against each change. What survives is a test to write, a line to delete,
or a change that changes nothing.
"""

from __future__ import annotations

import ast
import os
import signal
import sys
import time
from collections.abc import Iterator
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType

import hypothesis.extra.numpy  # noqa: F401 - what tests need is loaded once for all
import matplotlib.figure  # noqa: F401
import pytest
from hypothesis import Phase, settings

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "chainrule_lessons"
ALL = "numeric losses layers module optim autodiff gradcheck landscape descent live"
# Where no test bears the module's name.
TESTS = {"module": "layers optim", "descent": "optim landscape", "bet": "live"}
OPTIONS = ["-x", "-pno:cacheprovider", "-pno:xdist", "--hypothesis-profile=mutants"]
OPTIONS += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # it is loaded already
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
        case ast.Constant(value=float(number)):
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
                yield words, compile(ast.fix_missing_locations(tree), "mutant", "exec")
                setattr(node, field, value)
            yield from mutants(child, tree)


def passes(module: str, code: CodeType | None, tests: list[str], limit: int) -> bool:
    """Run the tests in a fork of this process, in which a module has other code."""
    if child := os.fork():
        return os.waitpid(child, 0)[1] == 0
    signal.alarm(limit)  # an endless loop is noticed too
    for stream in (1, 2):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
    if code:
        right, mutant = SourceFileLoader.get_code, {module: code}
        SourceFileLoader.get_code = lambda self, n: mutant.get(n) or right(self, n)
    status = 1
    try:
        status = int(pytest.main([*OPTIONS, *tests]))
    finally:
        os._exit(status)


def attack(path: Path) -> None:
    """Print what survives in a file, and how many did not."""
    name = path.relative_to(PACKAGE).with_suffix("")
    nouns = [*TESTS.get(name.name, name.name).split(), *name.parts[:-1]]
    found = [f"tests/{room}/test_{n}.py" for room in ("core", "live") for n in nouns]
    tests = [*filter(os.path.exists, found), str(path.relative_to(ROOT))]
    module, start = ".".join((PACKAGE.name, *name.parts)), time.monotonic()
    if not passes(module, None, tests, 600):
        sys.exit(f"{name}: tests must pass first: {' '.join(tests)}")
    limit = int(5 * (time.monotonic() - start)) + 10
    tree, alive = ast.parse(path.read_text(encoding="utf-8")), []
    for words, code in mutants(tree, tree):
        alive.append(passes(module, code, tests, limit))
        if alive[-1]:
            print(f"  survives  {path.relative_to(ROOT)}:{words}", flush=True)
    print(f"{name}: {alive.count(False)} of {len(alive)} killed", flush=True)


if __name__ == "__main__":
    quick = {"phases": [Phase.explicit, Phase.generate]}  # without shrinking
    settings.register_profile("mutants", deadline=None, derandomize=True, **quick)
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    for room in sys.argv[1:] or ALL.split():
        files = sorted((PACKAGE / room).glob("[!_]*.py"))
        for path in files or [PACKAGE / f"{room}.py"]:
            attack(path)
