# Everything is installed into .venv; stamp files there say what is. `make` alone lists the targets.
PYTHON ?= python3
MEDALLION_HOME ?= .medallion
KILLS ?= 200
PORT ?= 8501
TESTS ?= tests
SPARK_TESTS ?= tests/products
SIDE_BY_SIDE = $(if $(filter tests,$(TESTS)),--numprocesses 2 --dist loadfile --no-loadscope-reorder --durations 30 --durations-min 10)
VENV := .venv
BIN := $(VENV)/bin
SPARK_REPORT := $(VENV)/spark-tests.log
# Card data is for no home folder, so the samples lie beside it; what lies in it says that it holds the samples' marts.
SAMPLES := $(MEDALLION_HOME)-input
PLANTED := $(MEDALLION_HOME)/customer_360_planted.json
# The development packages include those of a run: an environment that has them is not cut back.
RUN_READY := $(VENV)/$(if $(wildcard $(VENV)/.dev),.dev,.run)
DEV_READY := $(VENV)/.dev
# The dashboards' packages are among those of development; else they come beside what is there.
DASHBOARD_READY := $(VENV)/$(if $(wildcard $(VENV)/.dev),.dev,.dashboard)
EXTRAS := --extra embedded --extra spark --extra postgres --extra build
COMPILE := $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header $(if $(UPGRADE),--upgrade)
# As they are in dev.lock, for Amazon Linux.
FOR_AWS := $(BIN)/uv pip compile --quiet --generate-hashes --no-annotate --no-header --only-binary :all: --python-version 3.13 \
  --python-platform x86_64-manylinux_2_28 --constraints requirements/dev.lock
# Lambda has boto3, and the layer is close to its limit. Glue has it too, but pip resolves there with the wheels of the zip
# alone: what is in it has to fit together, whichever boto3 Glue has.
IN_LAMBDA := --no-emit-package boto3 --no-emit-package botocore

# Where the environment says so, Python would compile all it loads in every process anew: 1.5 s of each run.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup run dashboard test test-s3a test-browser pictures kill bench package synth diagrams costs lint format lock clean
.DELETE_ON_ERROR:

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(RUN_READY) ## Install medallion with both engines into .venv

run: export MEDALLION_HOME := $(MEDALLION_HOME)
run: $(RUN_READY) ## Run all products on generated samples; the restaurant on own files with INPUT=DIR
ifdef INPUT
	@if [ -e "$(PLANTED)" ] && [ ! "$(INPUT)" -ef "$(SAMPLES)/restaurant" ]; then \
	  [ ! -e "$(MEDALLION_HOME)-sample" ] || { echo "error: $(MEDALLION_HOME) holds the sample's marts and $(MEDALLION_HOME)-sample exists; remove one of them" >&2; exit 1; }; \
	  mv "$(MEDALLION_HOME)" "$(MEDALLION_HOME)-sample"; \
	  echo "the sample and its marts are kept in $(MEDALLION_HOME)-sample: your files do not mix with them"; fi
	$(BIN)/medallion run restaurant --input "$(INPUT)"
else
	@if [ -e "$(MEDALLION_HOME)/warehouse.duckdb" ] && [ ! -e "$(PLANTED)" ]; then \
	  echo "error: $(MEDALLION_HOME) holds the marts of your own files, the samples would mix with them; make run INPUT=DIR, or make run MEDALLION_HOME=.medallion-sample" >&2; exit 1; fi
	@[ -e "$(SAMPLES)/restaurant/planted.json" ] || $(BIN)/medallion generate restaurant --orders 20000 --seed 1 --dirty 0.02 --output "$(SAMPLES)/restaurant"
	@[ -e "$(SAMPLES)/card_payments/planted.json" ] || $(BIN)/medallion generate card_payments --dirty 0.1 --output "$(SAMPLES)/card_payments"
	@[ -e "$(PLANTED)" ] || $(BIN)/medallion generate customer_360 --dirty 0.1
	$(BIN)/medallion run all --input "$(SAMPLES)"
endif
	$(BIN)/medallion show customer_lifetime_value --limit 5
	@echo "more: $(BIN)/medallion status restaurant, $(BIN)/medallion query \"FROM restaurant.sales_trends\", $(BIN)/medallion --help"

dashboard: $(RUN_READY) $(DASHBOARD_READY) ## Open the dashboards on what ran here; without any run, on the samples
	@[ -e "$(MEDALLION_HOME)/warehouse.duckdb" ] || $(MAKE) --no-print-directory run
	$(BIN)/medallion dashboard --home "$(MEDALLION_HOME)" --port $(PORT)

# Whole files of tests go to processes side by side, as sessions and servers are shared within one; in their order, as
# those that take long come first. Spark's report comes after the other.
test: $(DEV_READY) ## Run the tests, those of the tables on both engines
	@MEDALLION_TEST_ENGINE=spark $(BIN)/pytest $(SPARK_TESTS) > $(SPARK_REPORT) 2>&1 & spark=$$!; \
	  trap 'kill $$spark 2>/dev/null' INT TERM; \
	  MEDALLION_TEST_ENGINE=embedded $(BIN)/pytest $(TESTS) $(SIDE_BY_SIDE); embedded=$$?; \
	  echo "on Spark:"; wait $$spark; on_spark=$$?; cat $(SPARK_REPORT); \
	  [ $$embedded -eq 0 ] && [ $$on_spark -eq 0 ]

test-s3a: $(DEV_READY) ## Run the Glue scripts on Spark with its S3 connector (from the Maven registry, with the system's Java)
	MEDALLION_TEST_S3A=1 $(BIN)/pytest tests/s3a

test-browser: $(DEV_READY) ## Open the dashboards' pages in the system's Chromium; pictures of all: build/screenshots
	MEDALLION_TEST_BROWSER=1 $(BIN)/pytest tests/browser

kill: $(DEV_READY) ## Kill runs at KILLS=200 places and moments, and check that each recovers
	$(BIN)/python tests/pipeline/kill_campaign.py --kills $(KILLS)

bench: $(DEV_READY) ## Measure times and memory (BENCH="--only …" for some of them)
	$(BIN)/python benchmarks/run.py $(BENCH)

package: build/aws/.fetched ## Fetch the packages that Lambda functions and Glue jobs need on AWS

build/aws/.fetched: requirements/lambda.lock requirements/glue.lock infra/packages.py | $(DEV_READY)
	$(BIN)/python -m infra.packages build/aws
	@touch $@

synth: $(DEV_READY) build/aws/.fetched ## Write the CloudFormation templates into cdk.out (CONTEXT="environment=prod …")
	$(BIN)/python -m infra.app $(CONTEXT)

diagrams: $(DEV_READY) ## Draw docs/*.yaml as SVG and for draw.io
	$(BIN)/python -m docs.diagrams $(wildcard docs/*.yaml)

pictures: $(DEV_READY) ## Take the README's pictures of the dashboards, with the system's Chromium
	$(BIN)/python tests/browser/pictures.py docs/images

costs: $(DEV_READY) ## Write what a month on AWS costs into docs/solution_design.md
	$(BIN)/python -m infra.costs docs/solution_design.md

lint: $(DEV_READY) ## Check style, formatting and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(DEV_READY) ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(VENV)/.bootstrap ## Pin the dependencies of pyproject.toml anew (UPGRADE=1: to their newest versions)
	$(COMPILE) pyproject.toml $(EXTRAS) --output-file requirements/run.lock
	$(COMPILE) pyproject.toml $(EXTRAS) --extra aws --extra infra --extra dashboard --extra dev --output-file requirements/dev.lock
	$(COMPILE) pyproject.toml --extra dashboard --extra aws --extra build --output-file requirements/dashboard.lock
	$(FOR_AWS) $(IN_LAMBDA) requirements/lambda.in --output-file requirements/lambda.lock
	$(FOR_AWS) requirements/glue.in --output-file requirements/glue.lock
	echo uv | $(COMPILE) - --output-file requirements/bootstrap.lock

clean: ## Remove .venv and what tools and benchmarks left; results in .medallion stay
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .bench build cdk.out dist src/*.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.bootstrap: requirements/bootstrap.lock
	@command -v "$(PYTHON)" >/dev/null || { echo "error: $(PYTHON) is not there; install Python 3.11 or newer, or name one: make PYTHON=/path/to/python" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "error: $$("$(PYTHON)" --version) is too old; install Python 3.11 or newer, or name one: make PYTHON=/path/to/python" >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { echo "error: $(PYTHON) lacks the module venv; install it, on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@[ -x $(BIN)/pip ] || "$(PYTHON)" -m venv $(VENV)
	@echo "installing the installer (uv) into $(VENV)"
	@$(BIN)/pip install --quiet --require-hashes -r requirements/bootstrap.lock
	@touch $@

$(VENV)/.dashboard: requirements/dashboard.lock $(VENV)/.bootstrap
	@echo "installing $< into $(VENV)"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r $< \
	  || { echo "uv could not install it; trying pip"; $(BIN)/pip install --quiet --require-hashes -r $<; }
	@touch $@

# uv is fast; where only pip is configured for the network here, pip does it.
$(VENV)/.run $(VENV)/.dev: $(VENV)/.%: requirements/%.lock pyproject.toml $(VENV)/.bootstrap
	@echo "installing requirements/$*.lock into $(VENV)"
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes $< requirements/bootstrap.lock \
	  || { echo "uv could not install it; trying pip"; $(BIN)/pip install --quiet --require-hashes -r $<; }
	@$(BIN)/uv pip install --quiet --offline --python $(BIN)/python --no-deps --no-build-isolation -e . \
	  || $(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@
