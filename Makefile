# İzin: every command a person needs. `make` alone lists them.
SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.izin-ready

# Where a machine forbids it, each of the many processes of `make test` would compile all it imports anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup demo run test suite hunt check fix bench clean lock

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## Make .venv with exactly the locked packages

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "İzin needs Python 3.11 or newer; try: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing the locked packages into .venv (about a minute) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: setup ## Show the main job on this machine: import, confirm, campaign, stop, proof
	@$(BIN)/izin demo

run: setup ## Start web and worker (and the practice Cloud API when no credentials are set)
	@$(BIN)/izin up

test: setup ## All checks and all tests, on SQLite and a real PostgreSQL
	@$(MAKE) --no-print-directory --jobs=2 check suite

suite: setup
	@$(BIN)/python -m pytest -n 3

hunt: setup ## The property tests with new examples each time
	@HYPOTHESIS_PROFILE=hunt $(BIN)/python -m pytest -n 2 -m hypothesis

check: setup ## ruff, mypy and the import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo 2>/dev/null || $(BIN)/lint-imports

fix: setup ## Let ruff mend what it can
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: setup ## The measurements, each beside its target
	@$(BIN)/python -m tests.bench

lock: setup ## Work out requirements.lock anew from pyproject.toml
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url \
		--no-emit-find-links --python-version 3.11 --extra dev pyproject.toml -o requirements.lock

clean: ## Remove what the commands above made (your data in var/ stays)
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist
