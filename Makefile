# The two commands of a newcomer are `make demo` and `make test`; each sets up what it needs in .venv.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DEFAULT_GOAL := help

PYTHON ?= python3
CORES ?= all
SNAKEMAKE := .venv/bin/snakemake --cores $(CORES)
STAMP := .venv/installed-$(shell cksum requirements.lock | cut -d' ' -f1)

.PHONY: help
help: ## show these commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/make \1\t\2/' | expand -t 20

$(STAMP): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "synface needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version). Run: make PYTHON=python3.11 ..."; exit 1; }
	echo "Setting up .venv (once; some minutes, mostly for PyTorch) ..."
	$(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --requirement requirements.lock
	rm -f .venv/installed-*
	touch $@

.PHONY: setup
setup: $(STAMP) ## set up .venv with the locked versions

.PHONY: demo
demo: setup ## a whole study on drawn faces: minutes on two cores, no downloads
	@$(SNAKEMAKE) --directory examples/drawn-faces --quiet rules
	echo
	echo "Done. Look at:"
	echo "  examples/drawn-faces/results/report/index.html      the whole study on one page"
	echo "  examples/drawn-faces/results/figures/               contact sheets, gamut, confusion matrices"
	echo "  examples/drawn-faces/results/tables/accuracy.csv    every model on every test set"

.PHONY: photographs
photographs: setup ## the same on your folders: make photographs PORTRAITS=dir LABELLED=dir
	@[ -d "$(PORTRAITS)" ] && [ -d "$(LABELLED)" ] || { echo "Usage: make photographs PORTRAITS=folder-of-portraits LABELLED=folder-in-RAF-DB's-layout"; exit 1; }
	mkdir -p examples/photographs/resources
	# A link made anew is a changed input: everything would run again.
	link() { [ "$$(readlink "$$2")" = "$$1" ] || ln -sfn "$$1" "$$2"; }
	link "$$(realpath "$(PORTRAITS)")" examples/photographs/resources/portraits
	link "$$(realpath "$(LABELLED)")" examples/photographs/resources/labelled
	$(SNAKEMAKE) --directory examples/photographs --quiet rules
	echo
	echo "Done. Look at examples/photographs/results/report/index.html"

.PHONY: test
test: setup lint ## lint and all tests
	@.venv/bin/python -m pytest

.PHONY: test-slurm
test-slurm: setup ## the workflow on a SLURM that is started for it: root on Debian 12, minutes on two cores
	@tests/slurm/single_node.sh possible
	.venv/bin/python -m pytest tests/slurm

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

.PHONY: bench
bench: setup ## every measurement in benchmarks/, one after the other
	@for script in benchmarks/*.py; do echo "== $$script"; .venv/bin/python "$$script"; done

.PHONY: report
report: setup ## Snakemake's own report of the demo, with captions and provenance
	@$(SNAKEMAKE) --directory examples/drawn-faces --report results/report/snakemake.html
	echo "examples/drawn-faces/results/report/snakemake.html"

.PHONY: lock
lock: setup ## write requirements.lock from what is installed in .venv
	@{ sed -n '/^#/p' requirements.lock
	   .venv/bin/python -m pip freeze --disable-pip-version-check \
		| sed -E '/^(nvidia-|cuda-|triton)/ s/$$/; sys_platform == "linux" and platform_machine == "x86_64"/'
	} > .venv/requirements.lock
	mv .venv/requirements.lock requirements.lock
