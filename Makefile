# make demo | test | bench | lint | setup: each works from a fresh clone with Python 3.11-3.13, node/npm and make.
PYTHON ?= $(shell for p in python3.12 python3.13 python3.11 python3; do $$p -c 'import sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && echo $$p && break; done)
PY := .venv/bin/python

.PHONY: setup setup-test demo test bench lint

setup: .python
	@$(PYTHON) tools/setup.py

setup-test: .python
	@$(PYTHON) tools/setup.py --test

demo: setup
	@LAUFSTEG_DEMO=1 exec $(PY) -m app

test: setup-test lint
	@$(PY) -m pytest

bench: setup-test
	@$(PY) -m bench

lint: setup-test
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@node_modules/.bin/tsc --noEmit

.PHONY: .python
.python:
	@test -n "$(PYTHON)" || { echo "laufsteg: install Python 3.11, 3.12 or 3.13, or name one: make PYTHON=/path/to/python3.12 ..." >&2; exit 1; }
