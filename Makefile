# equigait: `make` alone prints this help.
.DEFAULT_GOAL := help
SHELL := /bin/sh

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
EQUIGAIT := $(BIN)/equigait-cli

# What the user's own targets work on. Without arguments: the demo.
DATA   ?= runs/demo/data
RUN    ?= runs/demo/run
CONFIG ?= middle
SET    ?=
CACHE  ?= $(DATA)/cache
OUT    ?= $(RUN)/predictions

# Small matrices run best with one thread; the demo and the tests use processes for the rest.
export OMP_NUM_THREADS ?= 1
# Set-up compiles nothing ahead; without its compiled files kept, every process would compile all that it imports.
unexport PYTHONDONTWRITEBYTECODE

ready := $(VENV)/.ready
tools := $(VENV)/.tools
house := build/house/equigait/__init__.py
# In the order of the folders: by number of tests, the few slow ones would come last, and one process would wait.
suite := $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder
demo_yard := runs/demo/data/.simulated
demo_steps := setup simulate extract-teacher pretrain probe evaluate report
sets = $(foreach s,$(1),--set '$(s)')
overrides := $(call sets,$(SET))
probed := $(call sets,$(filter probe.%,$(SET)))
evaluated := $(call sets,$(filter evaluate.%,$(SET)))

.PHONY: help setup demo test gpu check lint types coverage bench study licences audit clean \
        simulate inspect sync extract-teacher pretrain probe evaluate report predict

help:  ## print this help
	@echo "equigait: a wearable-only gait model that learns from film. Two commands to begin with:"
	@echo
	@echo "  make demo      set all up and run the main job end to end on simulated recordings"
	@echo "  make test      set all up and run the tests"
	@echo
	@echo "All targets:"
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F'\t' '{printf "  %-16s %s\n", $$1, $$2}'
	@echo
	@echo "Your own recordings:  make extract-teacher pretrain probe DATA=my/rides RUN=runs/mine CONFIG=default"
	@echo "Settings changed:     make pretrain SET='train.steps=2000 seed=1' (a value with spaces: equigait-cli --set)"

setup: $(ready)  ## make the virtual environment in .venv and install equigait in it

# A torch that pip's own find-links offers (a CPU build, say) wins; elsewhere that line does nothing.
$(ready): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	-@$(BIN)/python -m pip install --quiet --no-compile --no-index --no-deps torch 2>/dev/null
	$(BIN)/python -m pip install --quiet --no-compile --editable .
	@touch $@

# What tests and checks need beside it, every extra included; the demo does without.
$(tools): $(ready)
	$(BIN)/python -m pip install --quiet --no-compile --editable '.[dev]'
	@touch $@

demo:  ## simulate a yard, run both phases on it, score horses never seen (minutes, CPU); then seconds per step
	@rows=; for step in $(demo_steps); do begun=$$(date +%s); \
	$(MAKE) --no-print-directory $$step || exit 1; \
	rows="$$rows $$step $$(($$(date +%s) - begun))"; done; \
	echo; printf '%-16s %5s s\n' $$rows

simulate: $(demo_yard)  ## simulate the demo's recordings, unless they are there

# The demo's recordings are simulated when they are asked for and not there yet.
$(demo_yard): | $(ready)
	$(EQUIGAIT) simulate $(@D) --difficulty middle --horses 32 --seconds 60 --seed 7 --set fps=15
	@touch $@

needed_data := $(if $(filter runs/demo/data,$(DATA)),$(demo_yard))

inspect: $(ready) $(needed_data)  ## check the recordings of DATA
	$(EQUIGAIT) inspect '$(DATA)'

sync: $(ready) $(needed_data)  ## find the clocks between films and sensors of DATA
	$(EQUIGAIT) sync '$(DATA)'

extract-teacher: $(ready) $(needed_data)  ## phase one: run the teacher once over every film of DATA
	$(EQUIGAIT) extract-teacher '$(DATA)' --cache '$(CACHE)' --config '$(CONFIG)' $(overrides)

pretrain: $(ready)  ## phase two: train the wearable student against the cache
	$(EQUIGAIT) pretrain --cache '$(CACHE)' --run '$(RUN)' --config '$(CONFIG)' $(overrides)

probe: $(ready)  ## fit the linear probe on the frozen student
	$(EQUIGAIT) probe --cache '$(CACHE)' --run '$(RUN)' $(probed)

evaluate: $(ready)  ## score horses never seen, beside baselines and chance
	$(EQUIGAIT) evaluate --cache '$(CACHE)' --run '$(RUN)' $(evaluated)

report: $(ready)  ## write RUN/report.html
	$(EQUIGAIT) report --run '$(RUN)'

predict: $(ready) $(needed_data)  ## predict the gaits of DATA from its sensors alone
	$(EQUIGAIT) predict '$(DATA)' --run '$(RUN)' --out '$(OUT)'

test: $(tools)  ## run the tests
	$(suite)

coverage: $(tools)  ## run the tests and count the lines that they run
	$(suite) --cov --cov-report=term:skip-covered --cov-fail-under=92

gpu: $(tools)  ## on a machine with a GPU: its tests and benches, into runs/bench/gpu-suite.json and a table
	$(BIN)/python -m tests.bench.gpu_suite

check: lint types coverage  ## lint, types and tests with coverage

lint: $(tools)  ## ruff: rules and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

# The checkout may have any name; type checkers want to see it under the package's own.
$(house):
	@mkdir -p $(@D) && for part in __init__.py py.typed data cache pipeline cli; do ln -sfn ../../../$$part $(@D)/$$part; done

types: $(tools) $(house)  ## mypy, strict, on the package, its benches and its study
	$(BIN)/mypy -p equigait -p bench -p study

bench: $(tools)  ## measure speeds as ratios, into runs/bench
	$(BIN)/python -m tests.bench

study: $(tools)  ## find the study's missing figures (an hour; goes on where it was killed), then write its table
	$(BIN)/python -m tests.study
	$(BIN)/python -m tests.study table

licences: $(ready)  ## list every installed dependency with its version and licence
	$(EQUIGAIT) doctor --licences

# The auditor stands in an environment of its own: what it needs is not what is audited. A build's own suffix (`+cpu`) is
# unknown to the index. Strict: what could not be looked up counts as a fault.
audit: $(tools)  ## look up known faults of every installed dependency (asks the package index)
	$(PYTHON) -m venv build/audit
	build/audit/bin/python -m pip install --quiet pip-audit
	$(BIN)/python -m pip list --format=freeze --exclude-editable | sed 's/+.*//' > build/audit/installed.txt
	build/audit/bin/pip-audit --strict --no-deps --disable-pip --requirement build/audit/installed.txt

clean:  ## remove environment, build and the demo's run; all other runs stay
	rm -rf $(VENV) build runs/demo *.egg-info .coverage* .mypy_cache .pytest_cache .ruff_cache .hypothesis
