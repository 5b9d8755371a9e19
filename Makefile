# Thin on purpose: each target names one script or one command, and CI runs the same ones.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help build run test check demo bench sheets tasks lighthouse faults security attack deploy format lock release catalogue clean

PYTHON := .venv/bin/python
export UV_PYTHON_DOWNLOADS := never

help: ## print this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## install what is missing and start the office on http://127.0.0.1:8000 (YIXIAN_PORT changes the port)
	@python3 .ci/setup run
	@exec $(PYTHON) -m app serve

build: ## install what is missing, build styles, scripts and catalogues
	@python3 .ci/setup run

test: ## install what is missing, then every test on SQLite and on PostgreSQL
	@.ci/machine
	@python3 .ci/setup dev
	@$(PYTHON) .ci/test

check: ## format, lint, types, import contracts, templates, scripts
	@python3 .ci/setup dev
	@.ci/check

demo: ## fill the office with a believable season (about 500 clues)
	@python3 .ci/setup run
	@exec $(PYTHON) -m app demo

bench: ## what things cost: CPU-ms, floors and ratios
	@python3 .ci/setup dev
	@$(PYTHON) -m tests.bench

sheets: ## photograph every page as phone, senior, dark, desktop, print, 200 % text, 400 % zoom, English: contact sheets in sheets/
	@.ci/machine
	@python3 .ci/setup dev
	@$(PYTHON) -m tests.looks

tasks: ## five tasks of each kind of user, walked in a browser: steps and seconds
	@.ci/machine
	@python3 .ci/setup dev
	@$(PYTHON) -m tests.looks.tasks

lighthouse: ## Lighthouse, installed on demand into .lighthouse, over the pages a citizen meets first: median of five
	@.ci/machine
	@python3 .ci/setup dev
	@test -d .lighthouse/node_modules/lighthouse || npm install --prefix .lighthouse --no-save --no-fund --no-audit --loglevel=error lighthouse@12.8.2
	@$(PYTHON) -m tests.looks.lighthouse

faults: ## every proof of docs/durability.md in full (some hours): kill, power cut, hostile and narrow line, browser, siege, start
	@.ci/machine
	@python3 .ci/setup dev
	@$(PYTHON) -m tests.faults kill
	@YIXIAN_TEST_DATABASE=postgresql $(PYTHON) -m tests.faults kill
	@$(PYTHON) -m tests.faults power-cut
	@YIXIAN_TEST_DATABASE=postgresql $(PYTHON) -m tests.faults power-cut
	@$(PYTHON) -m tests.faults browser-cut
	@$(PYTHON) -m tests.faults history
	@YIXIAN_TEST_DATABASE=postgresql $(PYTHON) -m tests.faults history
	@$(PYTHON) -m tests.faults siege
	@$(PYTHON) -m tests.faults line
	@$(PYTHON) -m tests.faults ready
	@$(PYTHON) -m tests.faults hosts
	@$(PYTHON) -m tests.faults failover
	@$(PYTHON) -m tests.faults upgrade

security: ## attack the house: matrix, hostile text, canary, two worlds, statistics; each judge proven on a planted fault
	@python3 .ci/setup dev
	@.ci/security

attack: ## sqlmap and wapiti, installed on demand into .attack, each proven on planted holes, then at a house of their own
	@.ci/machine
	@python3 .ci/setup dev
	@test -x .attack/bin/wapiti || { python3 -m venv .attack && .attack/bin/python -m pip install --quiet sqlmap==1.10.10 wapiti3==3.2.3; }
	@$(PYTHON) -m tests.security attack

deploy: ## the examples of docs/deploy before and around a real server: proxies, units, image (needs root and Debian's packages)
	@python3 .ci/setup dev
	@$(PYTHON) -m tests.deploy all

format: ## bring the Python code into the one format, and mend what lint can mend itself
	@python3 .ci/setup dev
	@.venv/bin/ruff check --fix-only --quiet .
	@.venv/bin/ruff format .

lock: ## recompile the locks under .locks/ from pyproject.toml
	@python3 .ci/setup lock

release: ## a signed archive for hosts without any registry, rehearsed (KEY=file; .ci/release --make-key FILE makes one)
	@python3 .ci/setup dev
	@$(PYTHON) .ci/release --key "$(KEY)" --rehearse

catalogue: ## collect texts from code and templates into the English catalogue
	@python3 .ci/setup dev
	@python3 .ci/setup catalogue

clean: ## remove what set-up made (never ./data)
	@rm -rf .venv .attack .lighthouse .open311 .stamps .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache static/node_modules static/dist
