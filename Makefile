# Every target does its own set-up from a bare checkout; nothing outside the checkout is changed.
.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:

PYTHON ?= python3
MIGRATION ?= personnel
export PIP_CACHE_DIR ?= $(CURDIR)/.cache/pip
export npm_config_cache ?= $(CURDIR)/.cache/npm
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PATH := $(CURDIR)/.venv/bin:$(PATH)

READY := .venv/.ready
PINS := requirements.txt functions/requirements.txt package-lock.json pyproject.toml

.PHONY: help setup check test dynamodb-local e2e-dynamodb-local demo prove pins docs clean

help: ## show this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "make %-18s %s\n", $$1, $$2}'

setup: $(READY) ## make .venv with the `cutover` command, and install the CDK CLI

$(READY): $(PINS)
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "cutover needs Python 3.11 or later: make PYTHON=python3.12 …")'
	test -x .venv/bin/python || $(PYTHON) -m venv .venv
	.venv/bin/pip install --quiet --requirement requirements.txt
	.venv/bin/pip install --quiet --no-deps --no-build-isolation --editable .
	.venv/bin/npm ci --no-audit --no-fund --loglevel=error
	touch $@

check: $(READY) ## lint, types, import contracts
	ruff check .
	ruff format --check .
	mypy
	lint-imports

test: check ## all tests, in RAM and on the local cloud, on DynamoDB Local where Java and Maven are
	if type -P java mvn > /dev/null; then python -m local.dynamodb_local.fetch; fi
	pytest --numprocesses 2 --dist loadscope --no-loadscope-reorder

dynamodb-local: $(READY) ## fetch AWS's DynamoDB Local for `cutover local up --dynamodb local`
	python -m local.dynamodb_local.fetch

e2e-dynamodb-local: dynamodb-local ## the end-to-end tests, with DynamoDB Local behind the local cloud
	E2E_DYNAMODB=local pytest --numprocesses 2 --dist loadscope --no-loadscope-reorder tests/e2e

demo: $(READY) ## move a live table to v2 and back under traffic (MIGRATION=personnel)
	python -m demo $(MIGRATION)

prove: $(READY) ## the engine under a million interleavings, without each rule, and crashing at every step
	python -m prove --everything --interleavings 1000000 --minutes 40 --jobs 2

docs: $(READY) ## check that every command, phase and feature is documented
	pytest tests/docs

pins: $(READY) ## resolve requirements.in into the pinned files
	pip install --quiet pip-tools==7.6.2
	pip-compile --quiet --strip-extras --no-header --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --generate-hashes functions/requirements.in
	pip-compile --quiet --strip-extras --no-header --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --allow-unsafe requirements.in

clean: ## remove what the targets made
	rm -rf .venv .cache .cutover .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build cdk.out node_modules *.egg-info
