# The only thing needed is Python 3.11 to 3.13 and make; everything else is installed below .venv/.
#
#     make demo            see it work            make check    lint, types, layers
#     make test            the tests              make bench    the shop workload against its rivals
#     make help            all of them            make test PYTHON=python3.12 VENV=.venv-3.12    another Python

PYTHON ?= python3
VENV ?= .venv
JOBS ?= 2
SCALE ?= 0.2
bin := $(VENV)/bin
# The tests start hundreds of processes. With the environment's PYTHONDONTWRITEBYTECODE each would compile every module.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
FAST := $(addprefix tests/,columnar expressions planning point_process random schema kinds/generators kinds/modifiers \
	kinds/choosers \
	kinds/age_curves kinds/arrival_curves kinds/count_distributions kinds/lifetimes)
selection := not slow$(if $(INTEGRATION),, and not integration)
cov := $(if $(COVERAGE),-p pytest_cov.plugin --cov --cov-report=term-missing:skip-covered)
# Only the plugins that the tests use. An entry point makes pytest rewrite the asserts of the plugin's whole package.
pytest := $(bin)/python -m pytest --disable-plugin-autoload -p xdist.plugin -p _hypothesis_pytestplugin \
	-n $(JOBS) --dist worksteal

.PHONY: help demo test test-fast test-all test-versions check format bench docs clean

help:  ## show this
	@sed -n 's/^\([a-z-]*\):.*##  *\(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-22s %s\n", $$1, $$2 }'

# One stamp per set of packages: the second call finds it newer than what it was made from, and installs nothing.
$(VENV)/.%-ready: pyproject.toml constraints.txt .ci/install .ci/tools.txt
	@.ci/install "$(PYTHON)" "$(VENV)" "$*"
	@touch $@

demo: $(VENV)/.run-ready  ## make a shop of about a million rows in demo-output/
	$(bin)/datagen generate examples/shop.json --out demo-output --overwrite
	@echo
	@echo "Look around: demo-output/ holds one folder of Parquet files per table."
	@echo "  $(bin)/python -c \"import pandas; print(pandas.read_parquet('demo-output/orders').head())\""
	@echo "  $(bin)/datagen preview examples/shop.json --table customers"

test: $(VENV)/.dev-ready  ## run the tests (INTEGRATION=1: with servers and clusters, COVERAGE=1: with coverage)
	$(pytest) -m "$(selection)" $(cov)

test-fast: $(VENV)/.dev-ready  ## run the unit tests of documents, kinds, expressions and random numbers, in a minute
	$(pytest) -m "not slow" $(FAST)

test-all: $(VENV)/.dev-ready  ## run the tests, the slow ones too
	$(pytest) $(cov)

test-versions: $(VENV)/.dev-ready  ## run the golden tests with CPU features off and on other Pythons and numpys
	@.ci/versions "$(VENV)"

check: $(VENV)/.dev-ready  ## lint, format, types and layers; changes nothing
	$(bin)/ruff check .
	$(bin)/ruff format --check .
	$(bin)/mypy
	$(bin)/lint-imports

format: $(VENV)/.dev-ready  ## format, and fix what can be fixed
	$(bin)/ruff check --fix .
	$(bin)/ruff format .

bench: $(VENV)/.dev-ready  ## time the shop workload against its rivals (SCALE=1 is 11 million rows)
	$(bin)/python benchmarks/shop.py --scale $(SCALE)

docs: $(VENV)/.docs-ready  ## build the documentation into docs/_build/html
	$(bin)/python -m sphinx -W --keep-going -q -b html docs docs/_build/html
	@echo "docs/_build/html/index.html"

clean:  ## remove environments, caches and everything that was made
	rm -rf $(VENV) .venv-* demo-output output benchmarks/output docs/_build build dist htmlcov
	rm -rf .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
