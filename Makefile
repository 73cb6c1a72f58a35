# Everything a fresh machine needs is done by the targets themselves.
#   make run            start the editor on its welcome example (FILE=net.gradwire opens a file)
#   make test           run the tests
#   make window         run the tests that drive the real window, in an X server of their own
#   make lint           ruff and mypy

PYTHON ?= python3
FILE   ?= examples/welcome.gradwire
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: run test window lint check clean
.DELETE_ON_ERROR:

run: $(VENV)/.installed
	@tools/system-libraries qt
	@$(BIN)/gradwire "$(FILE)"

test: $(VENV)/.installed-dev
	@tools/system-libraries qt
	$(BIN)/python -m pytest

window: $(VENV)/.installed-dev
	@tools/system-libraries qt window
	$(BIN)/python -m pytest -m window tests/window

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

check: test lint window

$(VENV)/.installed: pyproject.toml constraints.txt
	@tools/virtual-environment "$(PYTHON)" $(VENV)
	@echo "Installing Gradwire into $(VENV) (once, a minute or two) …"
	@$(PIP) -e .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml constraints.txt
	@tools/virtual-environment "$(PYTHON)" $(VENV)
	@echo "Installing Gradwire and its test tools into $(VENV) (once, a few minutes) …"
	@$(PIP) -e ".[dev]"
	@touch $(VENV)/.installed $@

clean:
	rm -rf $(VENV) build dist out
