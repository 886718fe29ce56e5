"""The repository around the package: layout, import direction, links, set-up."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "chainrule_lessons"
NOTEBOOKS = ROOT / "notebooks"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
ADDRESS = PROJECT["urls"]["Repository"]
README = (ROOT / "README.md").read_text()
ENVIRONMENT = (ROOT / "environment.yml").read_text()
COURSE = [
    "00_start_here",
    "01_measure_a_slope",
    "02_chain_two_functions",
    "03_build_a_neuron",
    "04_hold_the_rest_constant",
    "05_roll_downhill",
    "06_add_up_the_paths",
    "07_fill_a_jacobian",
    "08_go_backward_by_hand",
    "09_stack_the_blocks",
    "10_count_the_cost",
    "11_train_a_network",
    "12_find_the_bug",
    "A_refresh_the_tools",
    "B_measure_on_a_computer",
    "T_teach_the_course",
]

# Where the figures of README.md stand in results.md: benchmark, row, column.
PICTURE, RATE = "ms from key to picture", "pictures a second, dragging"
STEP = "64-32-10 / 128"
KINKS = "answered with a number"
FIGURES = [
    *(
        ("slider_to_pixels", way, head)
        for way in ("live figure", "interact, inline", "bqplot")
        for head in (PICTURE, RATE)
    ),
    ("training_step", STEP, "chainrule_lessons"),
    ("training_step", STEP, "PyTorch eager"),
    ("training_step", STEP, "JAX jit"),
    ("training_step", STEP, "NumPy written out"),
    ("cheap_gradient", STEP, "chainrule_lessons"),
    ("cheap_gradient", STEP, "PyTorch eager"),
    ("cheap_gradient", STEP, "numeric"),
    ("differentiation", "auto", "median"),
    ("differentiation", "numdifftools", "median"),
    ("differentiation", "scipy.differentiate", "median"),
    ("differentiation", "numdifftools", KINKS),
    ("differentiation", "scipy.differentiate", KINKS),
]

# The house, lowest room first: a room may import from rooms below it and from itself.
# What two rooms beside one another share moves one storey down.
STOREYS = {
    "mathematics": [
        "validation",
        "numeric",
        "module losses autodiff progress",
        "layers",
        "optim gradcheck landscape datasets",
        "descent",
        "clinic",
    ],
    "stage": ["marks", "charts", "plotting", "live"],
    "lessons": ["markdown", "explorers exercises saving"],
}
LEVELS = [level.split() for rooms in STOREYS.values() for level in rooms]
BELOW = {
    room: {own for lower in LEVELS[:height] for own in lower}
    for height, level in enumerate(LEVELS)
    for room in level
}
CORE = ["numeric", "layers", "losses", "optim", "autodiff", "gradcheck", "landscape"]
# And from elsewhere, beside NumPy and the standard library.
DRAWS = ["matplotlib", "PIL"]
OUTSIDE = {
    "progress": ["tqdm"],
    "plotting": DRAWS,
    "charts": DRAWS,
    "marks": DRAWS,
    "live": [*DRAWS, "anywidget", "traitlets"],
    "explorers": DRAWS,
    "exercises": ["IPython"],  # comes with anywidget
}
MODULES = sorted(
    path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py"
)


def text_files():
    folders = ["chainrule_lessons", "tests", "notebooks", "binder", ".ci"]
    files = [path for folder in folders for path in (ROOT / folder).rglob("*")]
    files += ROOT.iterdir()
    skipped = {"__pycache__", ".ipynb_checkpoints", ".git"}
    for path in sorted(files):
        if path.is_file() and not skipped & set(path.parts):
            try:
                yield path, path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue


def imported(path):
    """Give the full name of every module that a file imports."""
    package = path.relative_to(ROOT).parent.parts
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) + 1 - node.level] if node.level else ()
            name = ".".join([*base, *filter(None, [node.module])])
            inside = (PACKAGE.parent / name.replace(".", "/")).is_dir()
            yield from (f"{name}.{n.name}" for n in node.names) if inside else [name]


def module_name(path):
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


def noun(path):
    return module_name(path).split(".")[0]


def make(folder, *arguments):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}
    return subprocess.run(
        ["make", *arguments],
        cwd=folder,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )


# Layout


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        "LICENSE",
        "Makefile",
        "environment.yml",
        "binder",
        "notebooks",
        "tests",
    ],
)
def test_top_level_has(name):
    assert (ROOT / name).exists()


def test_notebooks_have_the_names_of_the_course():
    assert {path.stem for path in NOTEBOOKS.glob("*.ipynb")} <= set(COURSE)


def test_licence_is_the_declared_one():
    assert PROJECT["license"] == "MIT"
    assert (ROOT / "LICENSE").read_text().startswith("MIT License\n")


# Imports


def test_every_room_stands_in_a_storey():
    assert {noun(path) for path in MODULES} == set(BELOW)


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_no_arrow_runs_up(path):
    names = [name.split(".") for name in imported(path)]
    inside = {parts[1] for parts in names if parts[0] == PACKAGE.name}
    assert inside <= BELOW[noun(path)] | {noun(path)}


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_imports_from_outside_are_few(path):
    allowed = {PACKAGE.name, "numpy", *OUTSIDE.get(noun(path), [])}
    names = {name.split(".")[0] for name in imported(path)}
    assert names - sys.stdlib_module_names <= allowed


def test_lessons_import_nothing_of_one_another():
    for path in (PACKAGE / "explorers").glob("*.py"):
        if path.stem != "__init__":
            names = {name for name in imported(path) if ".explorers." in name}
            assert not names, path.name


def test_core_loads_nothing_but_numpy():
    code = (
        "import sys, numpy; before = set(sys.modules); import chainrule_lessons;"
        "print(*{name.split('.')[0] for name in set(sys.modules) - before})"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split()) - sys.stdlib_module_names
    assert loaded <= {"numpy", "chainrule_lessons"}


@pytest.mark.parametrize("name", CORE)
def test_top_of_the_package_offers_the_core(name):
    package = import_module("chainrule_lessons")
    module = import_module(f"chainrule_lessons.{name}")
    offered = set(module.__all__) & set(package.__all__)
    assert offered, f"chainrule_lessons/__init__.py offers nothing of {name}"
    for public in offered:
        assert getattr(package, public) is getattr(module, public)


def test_names_at_the_top_stand_in_order():
    package = import_module("chainrule_lessons")
    assert sorted(set(package.__all__)) == package.__all__


# README and links


def test_binder_links_lead_to_the_repository():
    links = [
        link
        for _, text in text_files()
        for link in re.findall(r"https://mybinder\.org/v2/gh/[^\s)\"]+", text)
    ]
    prefix = ADDRESS.replace("https://github.com/", "https://mybinder.org/v2/gh/")
    assert links
    for link in links:
        assert link.startswith(f"{prefix}/")
        notebook = re.search(r"\?urlpath=lab/tree/notebooks/(\w+)\.ipynb$", link)
        assert notebook
        assert notebook[1] in COURSE


def test_readme_names_one_address():
    assert set(re.findall(r"https://github\.com/[^\s)]+", README)) == {ADDRESS}
    folder = ADDRESS.rpartition("/")[2]
    assert f"git clone {ADDRESS}\ncd {folder}\nmake lab\n" in README


def test_readme_links_resolve():
    for target in re.findall(r"\]\(([^)\s]+)\)|(?:src|href)=\"([^\"]+)\"", README):
        file = "".join(target).split("#")[0]
        if ":" not in file:
            assert (ROOT / file).exists(), f"README.md links to {file}"


@pytest.mark.parametrize("lesson", COURSE)
def test_map_links_the_lessons_that_exist(lesson):
    number = lesson.split("_")[0]
    (row,) = re.findall(rf"^\| {number} \|.*", README, flags=re.MULTILINE)
    exists = (NOTEBOOKS / f"{lesson}.ipynb").exists()
    state = "link to it" if exists else "say (to come)"
    assert (f"](notebooks/{lesson}.ipynb)" in row) is exists, f"the map must {state}"
    assert ("(to come)" in row) is not exists, f"the map must {state}"


def test_map_needs_only_earlier_lessons_and_gives_minutes():
    rows = re.findall(r"^\| (\w\w?) \|.*\| (\d+) \| ?(.*) \|$", README, re.MULTILINE)
    assert [row[0] for row in rows] == [name.split("_")[0] for name in COURSE]
    for number, _, needs in rows:
        assert all(need < number for need in filter(None, needs.split(", ")))


def test_readme_example_prints_what_it_says(capsys):
    (code,) = re.findall(r"^```python\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    exec(compile(code, "README.md", "exec"), {})
    assert capsys.readouterr().out.splitlines() == re.findall(r"# (.*)", code)


def test_the_figure_for_contributors_is_a_live_figure():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"^```python\n(import numpy.*?)^```", text, re.DOTALL | re.M)
    names = {}
    exec(compile(code, "CONTRIBUTING.md", "exec"), names)
    live = names["parabola"]()
    live.set(x=-1.25)
    assert live.caption == "At x = -1.25 the slope is -2.50."
    assert "kernel" not in live.track("x")


def test_no_file_names_a_registry_or_a_private_folder():
    private = r"(?:index-url|find-links|/(?:root|work|Users)/\w|/home/(?!jovyan)\w)"
    registry = r"https?://[^\s\"]*(?:pypi|/simple\b|artifactory|nexus|anaconda)"
    for path, text in text_files():
        if path != Path(__file__):
            assert not re.search(f"{private}|{registry}", text), path


# Binder and conda


def test_binder_has_the_same_environment():
    copy = ROOT / "binder" / "environment.yml"
    assert copy.read_bytes() == (ROOT / "environment.yml").read_bytes()


def test_environment_has_every_dependency_within_its_bounds():
    pins = dict(re.findall(r"^  - ([\w-]+)=([\d.]+)$", ENVIRONMENT, re.MULTILINE))
    assert pins.pop("python") == "3.12"
    lab = PROJECT["optional-dependencies"]["lab"]
    needed = {
        {"matplotlib": "matplotlib-base"}.get(need.name, need.name): need.specifier
        for need in map(Requirement, [*PROJECT["dependencies"], *lab])
    }
    assert set(pins) == set(needed)
    for name, bounds in needed.items():
        assert bounds.contains(f"{pins[name]}.999"), name  # a pin is any patch of it


def test_environment_leaves_the_package_to_postbuild():
    assert "-e ." not in ENVIRONMENT
    script = ROOT / "binder" / "postBuild"
    assert os.access(script, os.X_OK)
    assert "\npython -m pip install --no-deps .\n" in script.read_text()


# Commands


def test_every_benchmark_has_its_section():
    scripts = {
        path.stem
        for path in (ROOT / "tests/benchmarks").glob("*.py")
        if "__main__" in path.read_text(encoding="utf-8")
    }
    run = (ROOT / "tests/benchmarks/run.py").read_text(encoding="utf-8")
    listed = re.search(r"^BENCHMARKS = \[(.*?)\]", run, re.MULTILINE | re.DOTALL)[1]
    assert scripts - {"run"} == set(re.findall(r"\w+", listed))


def test_figures_of_the_readme_come_from_the_benchmarks():
    section = re.search(r"^## How fast$(.*?)^## ", README, re.MULTILINE | re.DOTALL)[1]
    cells = [line.split("|")[2:] for line in section.splitlines() if "|" in line]
    figures = re.findall(r"\d+\.\d+|\b\d{4}\b", str(cells))
    assert figures == [measured(*place) for place in FIGURES]


def measured(benchmark, row, head):
    """Read a figure from results.md, without its quartiles."""
    text = (ROOT / "tests/benchmarks/results.md").read_text(encoding="utf-8")
    lines = text.split(f"<!-- {benchmark} -->")[1].split("<!--")[0].splitlines()
    start = next(n for n, line in enumerate(lines) if f"| {head} |" in line)
    column = [cell.strip() for cell in lines[start].split("|")].index(head)
    found = next(line for line in lines[start:] if line.startswith(f"| {row} |"))
    return found.split("|")[column].split()[0]


def test_gate_runs_the_command_of_the_readme():
    gate = ROOT / ".ci" / "run"
    assert os.access(gate, os.X_OK)
    assert gate.read_text().splitlines()[-1] == "exec make test"
    assert "```sh\nmake test\n```" in README


def test_make_alone_lists_every_command():
    done = make(ROOT)
    (phony,) = re.findall(
        r"^\.PHONY: (.*)", (ROOT / "Makefile").read_text(), re.MULTILINE
    )
    assert re.findall(r"^make ([\w-]+)", done.stdout, re.MULTILINE) == phony.split()


def test_notebooks_are_compared_strictly():
    command = make(ROOT, "--dry-run", "test").stdout
    assert "--nbval " in command
    assert "--nbval-sanitize-with tests/support/sanitize.cfg" in command
    assert "lax" not in command


OLD = "#!/bin/sh\nexit 1\n"
NO_VENV = '#!/bin/sh\ncase "$2" in *ensurepip*) exit 1;; esac\n'


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        (None, "The course needs Python 3.11 or newer, and './python' is not one"),
        (OLD, "The course needs Python 3.11 or newer, and './python' is not one"),
        (NO_VENV, "'./python' cannot make virtual environments"),
    ],
    ids=["missing", "old", "without venv"],
)
def test_unusable_python_gets_one_clear_sentence(script, sentence, tmp_path):
    folder = tmp_path / "a folder"
    shutil.copytree(ROOT / "binder", folder / "binder")
    shutil.copy(ROOT / "Makefile", folder)
    shutil.copy(ROOT / "pyproject.toml", folder)
    if script:
        (folder / "python").write_text(script)
        (folder / "python").chmod(0o755)
    done = make(folder, "lab", "PYTHON=./python")
    first, *rest = done.stderr.splitlines()
    assert done.returncode
    assert first.startswith(sentence)
    assert len(rest) == 1  # make's own line
    assert not (folder / ".venv").exists()
