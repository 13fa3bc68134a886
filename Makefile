# Two commands do all set-up on a machine with Python 3.11 and make: `make run` and `make test`.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
WORKERS ?= 2
export OMP_NUM_THREADS ?= 1

.PHONY: run test board planted check install clean

run: $(VENV)/installed          ## install and run the main job
	$(BIN)/python -m benchmark run scenario=multi_aspect

test: $(VENV)/installed-test    ## install and run every check
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright --project pyproject.toml --pythonpath $(BIN)/python --warnings
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

# of `make board`; SECRET=env:NAME or SECRET=FILE makes the private part too, FREEZE=... more words for `freeze`
BUNDLE ?= official
BOARD ?= docs/board
WORK ?= explained
SECRET ?=
FREEZE ?=

board: $(VENV)/installed        ## freeze the official bundle, enter every explainer of the suite, run each again, write the pages
	$(BIN)/python -m benchmark freeze bundle=$(BUNDLE) output=$(BOARD)/bundle $(if $(SECRET),secret=$(SECRET)) $(FREEZE)
	$(BIN)/python -m leaderboard enter-shipped board=$(BOARD) work=$(WORK) $(if $(SECRET),private_bundle=$(BOARD)/bundle-private)
	$(BIN)/python -m leaderboard audit-shipped board=$(BOARD) output=$(WORK)/audited
	$(BIN)/python -m leaderboard build board=$(BOARD)

planted: $(VENV)/installed-test   ## plant known bugs in a copy and see that their tests turn red
	$(BIN)/python tests/planted/plant.py

install: $(VENV)/installed

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --disable-pip-version-check --editable ".[benchmark]"
	touch $@

$(VENV)/installed-test: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --disable-pip-version-check --editable ".[test]"
	touch $@ $(VENV)/installed

clean:                          ## remove the environment
	rm -rf $(VENV)
