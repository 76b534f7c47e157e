# The commands of a contributor. After `make setup` each other one is what you can also type yourself.
export PATH := $(CURDIR)/.venv/bin:$(PATH)

.PHONY: setup test slow lint docs bench

setup:
	python3 -m venv .venv
	.venv/bin/pip install -q -e '.[test,docs]'
	.venv/bin/pre-commit install

test:
	pytest -m 'not slow'

slow:
	pytest -m slow

lint:
	ruff check .
	ruff format --check .
	lint-imports
	mypy

docs:
	mkdocs build --strict

bench:
	python experiments/bench.py
