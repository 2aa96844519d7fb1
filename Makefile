# The two commands of a newcomer are `make demo` and `make test`; each sets up what it needs in .venv.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DEFAULT_GOAL := help

# Not in a recipe: it would run line by line in an older make, and end with an error that says nothing.
ifeq ($(filter oneshell,$(.FEATURES)),)
$(error This Makefile needs GNU make 3.82 or newer; on macOS: brew install make, then gmake instead of make)
endif

## PYTHON=python3: makes .venv; Python 3.11, 3.12 or 3.13
PYTHON ?= python3
## CORES=all: how many cores a study uses
CORES ?= all
## TORCH_INDEX=: for setup, an index of PyTorch's wheels for the CPU or another CUDA; remembered in .venv
TORCH_INDEX ?= $(shell cat .venv/torch-index 2>/dev/null)
## PORTRAITS=: for photographs and ablation, a folder of portraits to edit
PORTRAITS ?=
## LABELLED=: for photographs, a folder of labelled faces in any layout that docs/data.md lists
LABELLED ?=

# `--logger synface`, which lies beside the library, tells a run in lines for people.
SNAKEMAKE := PYTHONPATH='$(CURDIR)/workflow/scripts' .venv/bin/snakemake --cores $(CORES) --logger synface
LOCKS := requirements.lock requirements-cuda.lock
STAMP := .venv/installed-$(shell { cat $(LOCKS); echo '$(TORCH_INDEX)'; } | cksum | cut -d' ' -f1)
CUDA_PACKAGES := ^(nvidia-|cuda-|triton)

.PHONY: help
help: ## show these commands and variables
	@sed -nE 's/^([a-z-]+):.*## (.*)/make \1\t\2/p' Makefile | expand -t 20
	printf '\nVariables (make setup PYTHON=python3.12), with their defaults:\n'
	sed -nE 's/^## ([A-Z_]+=[^ :]*): (.*)/\1\t\2/p' Makefile | expand -t 20

# No prerequisites: the name tells the content of the lock files, and a checkout may give them any time.
$(STAMP):
	@command -v '$(PYTHON)' >/dev/null || { echo "There is no program $(PYTHON). Run: make setup PYTHON=python3.11 (or 3.12, 3.13)"; exit 1; }
	'$(PYTHON)' -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
		|| { echo "synface runs on Python 3.11, 3.12 and 3.13; $(PYTHON) is $$('$(PYTHON)' --version 2>&1). Run: make setup PYTHON=python3.11"; exit 1; }
	index='$(TORCH_INDEX)'
	before=$$(cat .venv/torch-index 2>/dev/null || true)
	if [ -z "$$index" ] && [ "$$(uname -s)" = Linux ] && [ ! -e /proc/driver/nvidia/version ] && ! command -v nvidia-smi >/dev/null; then
		echo "No NVIDIA driver was found: PyTorch's CUDA build is installed all the same. For the smaller CPU build: make setup TORCH_INDEX=<address of PyTorch's index of CPU wheels, see its installation page>"
	fi
	echo "Setting up .venv (once; some minutes, mostly for PyTorch) ..."
	# Another build of the same version would count as installed: start from an empty .venv.
	clear=
	if [ "$$index" != "$$before" ]; then
		[ ! -L .venv ] || { echo ".venv is a link, and another TORCH_INDEX would empty the folder behind it: remove the link first."; exit 1; }
		clear=--clear
	fi
	# venv refuses a link, which several checkouts may share.
	'$(PYTHON)' -m venv $$clear "$$([ -L .venv ] && cd -P .venv && pwd || echo .venv)"
	install() { .venv/bin/python -m pip install --quiet --disable-pip-version-check "$$@"; }
	if [ -z "$$index" ]; then
		install --requirement requirements.lock --constraint requirements-cuda.lock
	else
		echo "$$index" > .venv/torch-index
		install --no-deps --index-url "$$index" $$(grep -E '^torch(vision)?==' requirements.lock) \
			|| { rm .venv/torch-index; echo "PyTorch could not be installed from TORCH_INDEX=$$index. Without TORCH_INDEX the usual build is."; exit 1; }
		install --requirement requirements.lock
	fi
	rm -f .venv/installed-*
	touch $@

.PHONY: setup
setup: $(STAMP) ## set up .venv with the locked versions

.PHONY: demo
demo: setup ## a whole study on drawn faces: minutes on two cores, no downloads
	@$(SNAKEMAKE) --directory examples/drawn-faces
	echo
	echo "Look at:"
	echo "  examples/drawn-faces/results/report/index.html      the whole study on one page"
	echo "  examples/drawn-faces/results/figures/               contact sheets, gamut, confusion matrices"
	echo "  examples/drawn-faces/results/tables/accuracy.csv    every model on every test set"

.PHONY: photographs
photographs: setup ## the same on your folders: make photographs PORTRAITS=dir LABELLED=dir
	@[ -d "$(PORTRAITS)" ] && [ -d "$(LABELLED)" ] || { echo "Usage: make photographs PORTRAITS=folder-of-portraits LABELLED=folder-of-labelled-faces"; exit 1; }
	mkdir -p examples/photographs/resources
	# A link made anew is a changed input: everything would run again.
	link() { [ "$$(readlink "$$2")" = "$$1" ] || ln -sfn "$$1" "$$2"; }
	link "$$(realpath "$(PORTRAITS)")" examples/photographs/resources/portraits
	link "$$(realpath "$(LABELLED)")" examples/photographs/resources/labelled
	$(SNAKEMAKE) --directory examples/photographs
	echo
	echo "What was made of the two folders:"
	sed -nE 's/.* INFO (.*(portraits, |imported from|portraits dealt).*)/  \1/p' examples/photographs/logs/{sources/portraits,dataset/Labelled,deal/varied}.log
	echo "Look at examples/photographs/results/report/index.html"

.PHONY: ablation
ablation: setup ## every color transfer with every blending, on drawn faces and PORTRAITS: minutes
	@.venv/bin/python benchmarks/adaptation.py $(if $(PORTRAITS),--portraits "$(PORTRAITS)")

## STUDY=.: for verify and fetch, the folder of a study
STUDY ?= .

.PHONY: verify
verify: setup ## whether all results are still as they were made, byte for byte
	@PYTHONPATH=workflow/scripts .venv/bin/python -m synface.dataset.verifying "$(STUDY)"

.PHONY: fetch
fetch: setup ## download the weights whose addresses a study's configuration gives
	@$(SNAKEMAKE) --directory "$(STUDY)" --quiet rules fetch_weights

## MODEL=: for predict, a file of POSTER's weights, or the folder of a model in a study's results
MODEL ?=
## FOLDER=: for predict, a folder of photographs
FOLDER ?=
## CROP=: for predict, mtcnn, aligned or as-is, where the model's study does not tell
CROP ?=

.PHONY: predict
predict: setup ## a model on your photographs: make predict MODEL=file FOLDER=dir
	@[ -n "$(MODEL)" ] && [ -n "$(FOLDER)" ] || { echo "Usage: make predict MODEL=weights-or-model-folder FOLDER=folder-of-photographs"; exit 1; }
	PYTHONPATH=workflow/scripts .venv/bin/python -m synface.predicting "$(MODEL)" "$(FOLDER)" $(if $(CROP),--crop "$(CROP)")

.PHONY: test
test: setup lint ## lint and all tests
	# Two processes of one thread each beat one of two on small networks; a file's tests stay together, with what they share.
	@OMP_NUM_THREADS=1 .venv/bin/python -m pytest --numprocesses 2 --dist loadfile tests/unit
	.venv/bin/python -m pytest tests/workflow

.PHONY: test-slurm
test-slurm: setup ## the workflow on a SLURM that is started for it: root on Debian 12, minutes on two cores
	@tests/slurm/single_node.sh possible
	.venv/bin/python -m pytest tests/slurm

.PHONY: test-browser
test-browser: setup ## the report page and the atlas in the machine's chromium: a minute
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check --requirement requirements-browser.lock
	.venv/bin/python -m pytest tests/browser

## ROUNDS=50: for chaos
ROUNDS ?= 50

.PHONY: chaos
chaos: setup ## a small study, disturbed at random, must end as if nothing had been: 20 minutes on two cores
	@PYTHONPATH=workflow/scripts:tests/workflow .venv/bin/python tests/workflow/chaos.py --rounds '$(ROUNDS)'

.PHONY: lint
lint: setup ## ruff, snakefmt and snakemake --lint
	@.venv/bin/ruff check
	.venv/bin/ruff format --check --quiet
	.venv/bin/snakefmt --check Snakefile workflow
	.venv/bin/snakemake --lint

.PHONY: format
format: setup ## let ruff and snakefmt write the code as they want it
	@.venv/bin/ruff check --fix
	.venv/bin/ruff format
	.venv/bin/snakefmt Snakefile workflow

.PHONY: schema
schema: setup ## write config.schema.yaml and the table of keys from the description in synface/settings
	@PYTHONPATH=workflow/scripts .venv/bin/python -m synface.study.description

## DEVICE=cpu: for bench, cpu or cuda
DEVICE ?= cpu

.PHONY: bench
bench: setup ## speed beside the usual or published way, as ratios within one run: minutes
	@.venv/bin/python benchmarks/speed.py --device $(DEVICE)

.PHONY: report
report: setup ## Snakemake's own report of the demo, with captions and provenance
	@$(SNAKEMAKE) --directory examples/drawn-faces --report results/report/snakemake.html
	echo "examples/drawn-faces/results/report/snakemake.html"

.PHONY: lock
lock: setup ## write both lock files from what is installed in .venv
	@frozen=$$(.venv/bin/python -m pip freeze --disable-pip-version-check --exclude synface)
	[ -z '$(TORCH_INDEX)' ] && grep -qE '$(CUDA_PACKAGES)' <<< "$$frozen" \
		|| { echo "make lock needs PyTorch's CUDA build, whose packages it locks too: make lock TORCH_INDEX= on Linux."; exit 1; }
	{ grep '^#' requirements.lock; grep -vE '$(CUDA_PACKAGES)' <<< "$$frozen"; } > .venv/requirements.lock
	{ grep '^#' requirements-cuda.lock; grep -E '$(CUDA_PACKAGES)' <<< "$$frozen"; } > .venv/requirements-cuda.lock
	mv .venv/requirements.lock .venv/requirements-cuda.lock .
