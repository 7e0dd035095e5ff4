# make demo | test | bench | lint | setup: each works from a fresh clone with Python 3.11-3.13, node/npm and make.
PYTHON ?= $(shell for p in python3.12 python3.13 python3.11 python3; do $$p -c 'import sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && echo $$p && break; done)
PY := .venv/bin/python
# A version that was asked for by name replaces an environment of another one.
SETUP := $(PYTHON) tools/setup.py $(if $(filter command environment,$(word 1,$(origin PYTHON))),--exact)

.PHONY: setup setup-test setup-bench demo test test-code test-pages bench lint

setup: .python
	@$(SETUP)

setup-test: .python
	@$(SETUP) --test

demo: setup
	@LAUFSTEG_DEMO=1 exec $(PY) -m app

test: setup-test
	@$(MAKE) --no-print-directory -j2 lint test-code
	@$(MAKE) --no-print-directory test-pages

test-code: setup-test # two at a time: they wait as much as they work
	@$(PY) -m pytest --ignore=tests/browser -n 2 --dist loadfile

test-pages: setup-test # runs of their own: Playwright keeps an event loop, which other tests bring themselves
	@$(PY) -m pytest tests/browser -m "not alone" -n 2 --dist loadfile
	@$(PY) -m pytest tests/browser -m alone

setup-bench: .python
	@$(SETUP) --bench

bench: setup-bench
	@$(PY) -m bench

lint: setup-test
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@node_modules/.bin/tsc --noEmit

.PHONY: .python
.python:
	@test -n "$(PYTHON)" || { echo "laufsteg: install Python 3.11, 3.12 or 3.13, or name one: make PYTHON=/path/to/python3.12 ..." >&2; exit 1; }
