# The only entry point: everything a person or CI does is a target here.
VENV := .venv
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
PYTHON ?= python3
READY := $(VENV)/.ready

.DEFAULT_GOAL := run
.PHONY: run record test test-slow faults lint format ui services services-stop bench doctor lock sbom audit clean

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "reprodx needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)
	pip install --quiet --requirement requirements.lock
	pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

run: $(READY)  ## real patients -> cleaned, split, trained, evaluated, tracked
	@dvc repro
	@python -m reprodx.last_result

RESULT := dvc.lock params.yaml results/metrics.json results/environment.json results/test_openings.csv README.md

record: $(READY)  ## run the default experiment by the code as it is, and commit its result
	@dvc repro
	@python -m reprodx.record
	git add $(RESULT)
	git diff --quiet --cached -- $(RESULT) || git commit --quiet --message "Record the default experiment" -- $(RESULT)

# Two workers with two threads each would wait for each other on two cores: gradient boosting takes five times as long.
test test-slow faults: export OMP_NUM_THREADS := 1
PYTEST := pytest -n 2 --dist loadfile

test: $(READY)  ## every test but those marked browser, simulation, pipeline and emulated
	$(PYTEST) -m "not browser and not simulation and not pipeline and not emulated"

test-slow: $(READY)  ## tests in a real browser, statistical simulations, pipelines through DVC, and processors emulated by qemu
	$(PYTEST) -m "browser or simulation or pipeline or emulated"

KILLS ?= 300

faults: $(READY)  ## every write cut, random kills, full disks; goes on where it was ended: make faults KILLS=1000
	python -m tests.faults --kills $(KILLS)

lint: $(READY)  ## style, types, docstrings, import layers
	ruff check
	ruff format --check
	mypy
	pydoclint --config pyproject.toml src services
	lint-imports

format: $(READY)
	ruff check --fix
	ruff format

ui: $(READY)  ## MLflow's pages on http://127.0.0.1:5000
	DO_NOT_TRACK=true mlflow ui --host 127.0.0.1

services: $(READY)  ## MLflow on PostgreSQL, and S3 for its files and DVC's, on this machine; SERVICES='--mlflow-port 5000'
	@python -m services start $(SERVICES)

services-stop: $(READY)
	@python -m services stop $(SERVICES)

bench: $(READY)  ## speed as ratios, measured side by side
	python -m benchmarks

doctor: $(READY)
	reprodx doctor

lock:  ## pin what a fresh installation of the ranges gives
	$(PYTHON) -m venv $(VENV)-lock
	$(VENV)-lock/bin/pip install --quiet 'torch==2.13.0' '.[dev]'
	$(VENV)-lock/bin/pip freeze --all --exclude reprodx --exclude pip | sed 's/+cpu$$//' > requirements.lock
	rm -r $(VENV)-lock

# Tools with an environment of their own: none of what they need is needed to run anything.
AUDIT := $(VENV)-audit
$(AUDIT)/.ready: Makefile
	$(PYTHON) -m venv $(AUDIT)
	$(AUDIT)/bin/pip install --quiet cyclonedx-bom==7.5.0 pip-audit==2.10.1
	@touch $@

sbom: $(AUDIT)/.ready  ## sbom.json: what is installed, as CycloneDX
	@$(AUDIT)/bin/cyclonedx-py requirements requirements.lock --pyproject pyproject.toml --output-reproducible \
		--output-format JSON --output-file sbom.json 2> /dev/null
	@echo "sbom.json lists what requirements.lock pins"

audit: $(AUDIT)/.ready  ## known vulnerabilities of what the lock pins; fails too where nobody can be asked
	@sh .ci/audit $(AUDIT)/bin/pip-audit requirements.lock

clean:  ## everything that can be made again: not tracked runs, what of them waits for the store, their patients' key, .services
	[ ! -d .cache ] || find .cache -mindepth 1 -maxdepth 1 ! -name patient_key ! -name tracking -exec rm -rf {} +
	[ ! -d .cache/tracking ] || find .cache/tracking -mindepth 1 -maxdepth 1 ! -name spool -exec rm -rf {} +
	rm -rf outputs conf.stamp data/prepared models dvc_plots .mypy_cache .ruff_cache .pytest_cache .hypothesis
