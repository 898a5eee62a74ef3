# `make book` and `make test` are all a reader needs. The README has the plain commands.
PYTHON ?= python3
ifeq ($(OS),Windows_NT)
  PY := .venv/Scripts/python.exe
else
  PY := .venv/bin/python
endif
.PHONY: book test notebooks serve pdf screenshots reproducible bench calibrate stamp lint lock clean env

book: env
	@$(PY) tools/book.py

test: book
	$(PY) -m pytest

notebooks: env
	$(PY) tools/notebooks.py

serve: book
	$(PY) -m http.server --bind 127.0.0.1 --directory _build/html 8000

pdf: book  # needs a Chromium
	@$(PY) tools/pdf.py

screenshots: book  # every page at three widths, into _build/screenshots
	SCREENSHOTS=1 $(PY) -m pytest tests/site/test_screenshots.py

reproducible: env  # what is committed, twice, in clean clones
	@$(PY) tools/reproducible.py

bench: book
	$(PY) benchmarks/bench.py
	$(PY) benchmarks/surface.py
	$(PY) benchmarks/learning.py

calibrate: env
	$(PY) -m tools.calibrate

stamp: env
	$(PY) -m tools.stamp

lint: env
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

lock:  # needs uv; after editing requirements.in
	uv pip compile --universal --python-version 3.11 --no-header --no-emit-index-url --upgrade requirements.in -o requirements.txt

clean:
	rm -rf _build .venv .pytest_cache .ruff_cache .hypothesis

env:
	@$(PYTHON) tools/env.py
