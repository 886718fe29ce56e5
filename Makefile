# The course's commands. `make` alone lists them. Paths are relative throughout,
# so that a checkout in a folder with spaces in its name works too.

PYTHON ?= python3
LAB_ARGS ?=
NAMES ?=

PY := .venv/bin/python
OLDEST := build/oldest/bin/python
# JupyterLab refuses to start for root, whom containers run as, unless told.
AS_ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)
# A file stays with one worker: its cells share a kernel, its figures are made once.
WORKERS := -p xdist -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder
NBVAL := -p nbval --nbval --nbval-current-env --nbval-cell-timeout 120 \
	--nbval-sanitize-with tests/support/sanitize.cfg
# Plugins are named: pytest compiles the whole package of each that it finds itself.
export PYTEST_DISABLE_PLUGIN_AUTOLOAD := 1

.PHONY: help lab test quick test-oldest lint notebooks bench peers mutants
.DELETE_ON_ERROR:

help: ## list these commands
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' Makefile | while IFS='	' read -r name text; \
		do printf 'make %-12s %s\n' "$$name" "$$text"; done

lab: .venv/ready-lab ## open the course in JupyterLab
	$(PY) -m jupyterlab --LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb \
		$(AS_ROOT) $(LAB_ARGS)

# What takes longest comes first, so that the workers finish together.
test: lint ## run every check: style, unit tests, doctests, notebooks, browser
	$(PY) -m pytest $(WORKERS) $(NBVAL) notebooks tests chainrule_lessons

quick: .venv/ready-test ## run what needs no browser and no notebook
	$(PY) -m pytest $(WORKERS) --ignore tests/browser -m "not slow" \
		tests chainrule_lessons

test-oldest: build/oldest/ready ## run the tests on a built wheel and the oldest versions allowed
	$(OLDEST) -m pip wheel --quiet --no-deps --wheel-dir build/oldest/wheel .
	$(OLDEST) -m pip install --quiet --no-deps --force-reinstall build/oldest/wheel/*.whl
	build/oldest/bin/pytest $(WORKERS) tests
	build/oldest/bin/pytest $(WORKERS) --import-mode=prepend --pyargs chainrule_lessons

lint: .venv/ready-test ## check style and formatting
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

notebooks: .venv/ready-test ## run notebooks again and store their outputs (NAMES="01 07")
	$(PY) tests/support/rerun.py $(NAMES)

bench: .venv/ready-bench ## measure accuracy and speed beside the peers (NAMES=loss_curve)
	$(PY) tests/benchmarks/run.py $(NAMES)

peers: .venv/ready-bench ## see that the package agrees with PyTorch and scikit-learn
	$(PY) -m pytest tests/benchmarks/agreement

mutants: .venv/ready-test ## change the code place by place, and see what no test notices (NAMES=losses)
	$(PY) tests/support/mutants.py $(NAMES)

# One stamp for each extra of pyproject.toml: installed once, and again on a change.
.venv/ready-%: pyproject.toml $(wildcard binder/*.json) $(PY)
	$(PY) -m pip install --quiet --disable-pip-version-check --editable ".[$*]"
	@mkdir -p .venv/etc/jupyter/labconfig .venv/etc/jupyter/jupyter_server_config.d
	@cp binder/default_setting_overrides.json .venv/etc/jupyter/labconfig/
	@cp binder/jupyter_server_config.json \
		.venv/etc/jupyter/jupyter_server_config.d/chainrule_lessons.json
	@touch $@

# Not editable: here the package is the wheel, and not the folder beside it.
build/oldest/ready: pyproject.toml tests/support/oldest.py $(PY)
	$(PY) -m venv --clear build/oldest
	$(OLDEST) tests/support/oldest.py lab test > build/oldest/constraints.txt
	$(OLDEST) -m pip install --quiet --constraint build/oldest/constraints.txt ".[test]"
	@touch $@

$(PY):
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "The course needs Python 3.11 or newer, and '$(PYTHON)' is not one:" \
		"install it, or name it as in 'make PYTHON=/path/to/python3.12 lab'." >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "'$(PYTHON)' cannot make virtual environments:" \
		"add its venv package (on Debian and Ubuntu: apt install python3-venv)." >&2; exit 1; }
	"$(PYTHON)" -m venv --clear .venv
