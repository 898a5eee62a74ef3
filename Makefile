# `make book` and `make test` are all a reader needs. The README has the plain commands.
PYTHON ?= python3
ifeq ($(OS),Windows_NT)
  PY := .venv/Scripts/python.exe
else
  PY := .venv/bin/python
endif
# Of another Python: with the first, ours would not even start.
unexport PYTHONHOME PYTHONPATH PYTHONSTARTUP PYTHONUSERBASE PYTHONSAFEPATH
PYTEST := $(PY) -m pytest -n auto
# The notebooks, with the book's own Python and in its own folder.
LAB := -m jupyterlab --ServerApp.root_dir=. --LabApp.default_url=/lab/tree/chapters/01_the_argument.ipynb
.PHONY: book lab test test-builder test-quick test-nbval test-again elsewhere next notebooks serve pdf screenshots reproducible bench mutants calibrate stamp score \
  lint lock clean env env-test

book: env
	@$(PY) -m tools.book

test: book env-test
	$(PYTEST) --dist loadscope

test-quick: book env-test  # without a browser, and without small books built in odd places
	$(PYTEST) --dist loadscope --ignore tests/site --ignore tests/book

test-builder: book env-test  # the builder itself: small books in odd places, hostile text, what a change executes again
	$(PYTEST) -m "builder and not again"

test-nbval: book env-test  # nbval itself executes every chapter again
	$(PY) -m pytest -n auto --dist loadfile --nbval chapters

test-again: book env-test  # every chapter with nothing there but what it is known to depend on
	$(PYTEST) -m again

elsewhere: book env-test  # the chapters under other processors' linear algebra
	$(PY) -m tools.elsewhere

next: book  # the book with the newest Sphinx, page by page
	$(PY) -m tools.next

notebooks: env
	$(PY) -m tools.notebooks

serve: book
	$(PY) -m http.server --bind 127.0.0.1 --directory _build/html 8000

lab: env
	$(PY) $(LAB)

pdf: book env-test  # needs a Chromium
	@$(PY) -m tools.pdf

screenshots: book env-test  # every page at three widths, into _build/screenshots
	SCREENSHOTS=1 $(PY) -m pytest tests/site/test_screenshots.py

reproducible: env-test  # what is committed, twice, in clean clones
	@$(PY) -m tools.reproducible

bench: book env-test
	$(PY) benchmarks/bench.py
	$(PY) benchmarks/surface.py
	$(PY) benchmarks/learning.py
	$(PY) benchmarks/load.py
	$(PY) -m benchmarks.commands

mutants: env-test  # small faults at random: how many the tests notice; hours
	$(PYTHON) -m venv .venv-mutants
	$(subst .venv,.venv-mutants,$(PY)) -m pip install -q -r requirements-mutants.in
	$(subst .venv,.venv-mutants,$(PY)) tools/mutants.py $(PY)

calibrate: env
	$(PY) -m tools.calibrate

stamp: env
	$(PY) -m tools.stamp

score: env  # the open forecasts that are resolved by now, against what came
	@$(PY) -m tools.forecast score

lint: env-test
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

lock: env-test  # after editing requirements*.in
	$(PY) -m tools.lock_requirements

clean:
	rm -rf _build .venv .venv-next .venv-mutants .pytest_cache .ruff_cache .hypothesis

env:
	@$(PYTHON) -I tools/env.py

env-test:
	@$(PYTHON) -I tools/env.py --tests
