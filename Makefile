# Everything runs in .venv, which the first target makes; PYTHON names the Python that makes it.
PYTHON ?= python3
BIN := .venv/bin
TESTS = PYTHONDONTWRITEBYTECODE= POLARS_MAX_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
COMPILE := $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes \
	--no-header --no-emit-index-url --quiet pyproject.toml requirements/build.in

.DEFAULT_GOAL := help
.PHONY: help demo test check validate bench docs format requirements clean

help: ## print the targets
	@sed -n 's/^\([a-z]*\):[^#]*## /  make \1\t/p' Makefile | expand -t 22

demo: .venv/run.stamp ## rehearse, analyse and report the trial that ships with the program, and fill a site with it
	$(BIN)/equipoise demo

test: .venv/dev.stamp ## run every test
	$(TESTS)

check: .venv/dev.stamp ## what CI runs: format, lint, types, floors, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(TESTS)

validate: .venv/dev.stamp ## numbers of others (published, R, golden), long runs, coverage
	$(BIN)/pytest -rA --no-header $(wildcard tests/reference tests/golden tests/conformance tests/long)
	rm -f .coverage .coverage.*
	$(BIN)/coverage run -m pytest -n 2
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

bench: .venv/dev.stamp ## time the program side by side with its peers, where they are installed
	set -e; for file in benchmarks/*.py; do $(BIN)/python "$$file"; done

docs: .venv/dev.stamp ## write the manual of commands and methods, and the digits of the estimators
	$(BIN)/python -m equipoise.cli.help_page > docs/reference/cli.md
	$(BIN)/python -m equipoise.cli.methods_page > docs/reference/plan-methods.md
	PYTHONPATH=tests $(BIN)/python -m reference.estimators.page

format: .venv/dev.stamp ## put imports and layout in order
	$(BIN)/ruff check --select I --fix .
	$(BIN)/ruff format .

requirements: .venv/dev.stamp ## compile requirements/*.txt again (add UPGRADE=--upgrade for newer)
	$(PIP) install uv
	$(COMPILE) $(UPGRADE) -o requirements/run.txt
	$(COMPILE) $(UPGRADE) --extra dev -c requirements/run.txt -o requirements/dev.txt

clean: ## remove the environment, caches and outputs
	rm -rf .venv build demo .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache
	rm -rf .hypothesis .import_linter_cache src/*.egg-info
	find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/run.stamp: requirements/run.txt pyproject.toml
	$(make_venv)
	@echo "Installing what the program needs into .venv (once) ..."
	@$(PIP) install --require-hashes -r requirements/run.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

.venv/dev.stamp: requirements/dev.txt pyproject.toml
	$(make_venv)
	@echo "Installing what the program and its tests need into .venv (once) ..."
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch .venv/run.stamp $@

define make_venv
@command -v $(PYTHON) > /dev/null || { echo "There is no $(PYTHON) here. Equipoise needs Python 3.11 \
or newer with venv and pip; name one: make PYTHON=/path/to/python3 ..."; exit 1; }
@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Equipoise needs Python 3.11 \
or newer; this is " + sys.version.split()[0] + ". Name another: make PYTHON=python3.12 ...")'
@$(BIN)/python -m pip --version > /dev/null 2>&1 || $(PYTHON) -m venv .venv
endef
