# make run   set up what is missing, then start everything and print one URL
# make test  set up what is missing, then every check and test, browser included
# Settings: PARETOSCOPE_* environment variables, listed in README.md.

PYTHON ?= python3
BIN := .venv/bin
# A busy neighbour and spinning OpenMP threads make a job a hundred times slower; passive waiting costs nothing.
export OMP_WAIT_POLICY := passive
# Real images beside the checkout, where there are any, let the tests that need them run.
ifneq ($(wildcard ../shared/data),)
export PARETOSCOPE_DATA ?= $(abspath ../shared/data)
endif

.PHONY: install install-dev run test check lock

install:
	@$(PYTHON) scripts/install.py

install-dev:
	@$(PYTHON) scripts/install.py --dev
	@$(BIN)/python -m scripts.browser

run: install
	@$(BIN)/paretoscope serve

check: install-dev
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/python -m scripts.typecheck_page

test: check
	$(BIN)/pytest

lock: install-dev
	$(BIN)/python -m scripts.lock
