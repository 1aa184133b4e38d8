PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test lint bench faults scoreboard train train-semantic weigh-semantic bootstrap

help:
	@echo "make run        the demo on http://127.0.0.1:8080 (installs itself first)"
	@echo "make test       all tests; says first what it installs for them"
	@echo "make lint       ruff and mypy"
	@echo "make bench      what a message costs, and what the desk waits for with 100,000 reports"
	@echo "make faults     kill -9 200 times under load, on SQLite and on PostgreSQL (some minutes)"
	@echo "make scoreboard what is seen by us and by other tools, side by side"
	@echo "make train      the second reader anew, from corpus/"
	@echo "make train-semantic the third reader anew, from corpus/ (half an hour; its weights go into semantic/)"
	@echo "make weigh-semantic the same without the learning: after a change of rules or of the second reader (two minutes)"
	@echo "make bootstrap  what the tests need, without running them"

run: $(VENV)/.installed
	@$(BIN)/python run.py

test: bootstrap
	@$(BIN)/python -m pytest

lint: $(VENV)/.installed-test
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

bench: $(VENV)/.installed-test
	@$(BIN)/python -m tools.bench
	@$(BIN)/python -m tools.bench_store

faults: $(VENV)/.installed-test
	@PORCHLIGHT_FAULT_ROUNDS=200 $(BIN)/python -m pytest -q -s tests/faults

scoreboard: $(VENV)/.installed-test .venv-peers/.installed
	@$(BIN)/python -m tools.scoreboard --peers .venv-peers/bin/python

train: .venv-train/.installed
	@.venv-train/bin/python -m tools.train

train-semantic: .venv-train-semantic/.installed
	@HF_HUB_OFFLINE=1 .venv-train-semantic/bin/python -m tools.train_semantic

weigh-semantic: .venv-train-semantic/.installed
	@HF_HUB_OFFLINE=1 .venv-train-semantic/bin/python -m tools.train_semantic --weigh

bootstrap:
	@PYTHON=$(PYTHON) tools/bootstrap
	@$(MAKE) --no-print-directory $(VENV)/.installed-test

# The stamps are older than pyproject.toml when it has changed: then pip looks again.
# pip is the last thing a new environment gets, so an environment without it is begun anew.
$(BIN)/pip:
	@PYTHON=$(PYTHON) tools/bootstrap python
	@echo "Making $(VENV) ..."
	@$(PYTHON) -m venv --clear $(VENV)

$(VENV)/.installed: pyproject.toml | $(BIN)/pip
	@echo "Installing Porchlight into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.installed-test: pyproject.toml | $(BIN)/pip
	@echo "Installing Porchlight and what its tests use into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[postgres,test]'
	@touch $@ $(VENV)/.installed

.venv-peers/.installed: tools/peers.txt
	@echo "Installing the other tools into .venv-peers ..."
	@$(PYTHON) -m venv --clear .venv-peers
	@.venv-peers/bin/python -m pip install --quiet --disable-pip-version-check --requirement tools/peers.txt
	@touch $@

.venv-train-semantic/.installed: tools/train-semantic.txt pyproject.toml
	@echo "Installing what training the third reader needs into .venv-train-semantic ..."
	@$(PYTHON) -m venv --clear .venv-train-semantic
	@.venv-train-semantic/bin/python -m pip install --quiet --disable-pip-version-check --requirement tools/train-semantic.txt --editable .
	@touch $@

.venv-train/.installed: tools/train.txt pyproject.toml
	@echo "Installing what training needs into .venv-train ..."
	@$(PYTHON) -m venv --clear .venv-train
	@.venv-train/bin/python -m pip install --quiet --disable-pip-version-check --requirement tools/train.txt --editable .
	@touch $@
