# Commands of the project; `make` alone prints them. Nothing here needs more than Debian, Python 3.11 with venv, and make.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup run check law test test-fast soak mutants bench locks clean

PYTHON ?= $(shell command -v python3.11 || command -v python3)
PORT ?= 8000
WORKERS ?= 2
T ?= tests
BIN := .venv/bin
STAMP := .venv/.set-up
PYTEST := $(BIN)/python -m pytest
PARALLEL := -n $(WORKERS) --dist loadgroup

# One line before each phase, so that nobody waits in front of a silent screen.
say = @printf '== %s\n'

export PORT
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore
unexport PYTHONPATH

help: ## Print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## Make .venv with everything locked; does nothing if the locks have not changed

$(STAMP): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed; set PYTHON=…")'
	$(say) 'setup: an environment in .venv (5 s)'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(say) 'setup: the locked packages, about eighty (1 min; longer where they are still to be downloaded)'
	@$(BIN)/python -m pip install --progress-bar off --require-hashes --requirement requirements/dev.txt \
		| sed -u -n -e 's/ (from .*//' -e 's/;.*//' -e 's/^Collecting /   /p' -e 's/^\(Installing\) .*/   \1 them all/p'
	$(say) 'setup: adjudicate itself (5 s)'
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

run: setup ## Serve a demo office on 127.0.0.1:8000 (PORT and ADJUDICATE_DATABASE_URL are honoured)
	@$(BIN)/adjudicate demo serve

check: setup ## Formatting, lint, types, import directions, and the definitions themselves
	$(say) 'check: formatting, lint, types, import directions (20 s; less when nothing changed)'
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy src
	$(BIN)/lint-imports
	$(say) 'check: the definitions and their reviews (20 s)'
	$(BIN)/adjudicate check workflows
	$(BIN)/adjudicate render --check

law: setup ## For a lawyer: check the definitions, run the worked examples, write REVIEW.md, show what changed
	@$(BIN)/python -m tests.workflows.law

test: check ## Everything, on both databases (T=path for a part)
	$(say) 'test: $(T), in $(WORKERS) processes (everything takes about 5 min on two idle cores)'
	$(PYTEST) $(PARALLEL) $(T)

test-fast: setup ## The pure tests only, without a database
	$(PYTEST) tests/unit -m 'not slow and not soak'

soak: setup ## The random histories, the schema tests and the kills at full length (an hour or so)
	ADJUDICATE_SOAK=1 $(PYTEST) $(PARALLEL) -o faulthandler_timeout=3600 -m soak -raP tests

mutants: setup ## Break the shipped definitions in every way we know and count what is noticed (within an hour)
	$(BIN)/python -m tests.mutants

bench: setup ## Measure recording an event against bare drivers, and how check grows
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.checking

locks: ## Resolve the locks anew (needs uv on the PATH)
	uv pip compile pyproject.toml --extra build --universal --python-version 3.11 --generate-hashes \
		--no-header --no-emit-index-url --no-emit-find-links --upgrade --output-file requirements/runtime.txt
	uv pip compile pyproject.toml --extra build --extra telemetry --extra dev --constraint requirements/runtime.txt --universal --python-version 3.11 \
		--generate-hashes --no-header --no-emit-index-url --no-emit-find-links --upgrade --output-file requirements/dev.txt

clean: ## Remove .venv and caches, never a database
	rm -rf .venv build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis src/adjudicate.egg-info
