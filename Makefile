# Needs Python 3.11, 3.12 or 3.13 and make; everything else is installed into .venv from requirements.lock.
PYTHON ?= python3

VENV := .venv
BIN := $(VENV)/bin
LOCKED := $(VENV)/.locked
STAMP := $(VENV)/.installed
OUT ?= out
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input

.DEFAULT_GOAL := help
.PHONY: help venv demo lint test test-all bench docs lock clean

help:
	@echo "make demo      simulate the bundled connectomes; figures and a netCDF file go to $(OUT)/"
	@echo "make test      lint, types, and every test that is not slow"
	@echo "make test-all  the same with the slow tests"
	@echo "make bench     speed, compared with other simulators on this machine"
	@echo "make docs      the manual, in docs/_build/html"
	@echo "make lint      ruff and basedpyright alone"
	@echo "make lock      renew requirements.lock (needs uv)"
	@echo "make clean     remove everything that these commands made"
	@echo "PYTHON=python3.12 make ... chooses the interpreter; it is $(PYTHON) now"

venv: $(STAMP)

# A new lock means a new environment; a new pyproject.toml only another link to this folder.
$(LOCKED): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
		|| { echo "brainmass needs Python 3.11, 3.12 or 3.13: choose one with PYTHON=python3.12 make ..." >&2; exit 1; }
	rm -rf $(VENV)
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet --require-hashes --requirement requirements.lock
	@touch $@

$(STAMP): $(LOCKED) pyproject.toml
	$(PIP) install --quiet --no-build-isolation --no-deps --editable .
	@touch $@

demo: $(STAMP)
	$(BIN)/brainmass demo --out $(OUT)

lint: $(STAMP)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/basedpyright --pythonpath $(BIN)/python

test: lint
	$(BIN)/pytest -n 2

test-all: lint
	$(BIN)/pytest -n 2 -m ""

bench: $(STAMP)
	$(BIN)/python -m benchmarks.run

docs: $(STAMP)
	$(BIN)/sphinx-build -W --keep-going -b html docs docs/_build/html

# One lock for all supported Pythons and platforms: markers choose the versions, hashes pin the files.
lock:
	echo "hatchling>=1.25" | uv pip compile pyproject.toml - --extra test --extra docs \
		--universal --python-version 3.11 --generate-hashes --upgrade \
		--no-emit-index-url --no-header --no-annotate --quiet --output-file requirements.lock

clean:
	rm -rf $(VENV) out build dist docs/_build docs/tutorials docs/reference/models benchmarks/.envs .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
