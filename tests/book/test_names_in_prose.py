"""What README, pages and chapters say of the package can be typed as it stands there."""

import importlib
import re
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
TEXTS = {p.name: p.read_text("utf-8") for p in (*ROOT.glob("*.md"), *ROOT.glob("chapters/*.md"))}
TEXTS.pop("CHANGELOG.md")  # history names what was
for path in ROOT.glob("chapters/*.ipynb"):
    TEXTS[path.name] = "\n".join(c.source for c in nbformat.read(path, 4).cells if c.cell_type == "markdown")


def named(text):
    """Yield the dotted names of a text, those of its imports included."""
    for module, names in re.findall(r"from (dl_limits[\w.]*) import ([\w, ]+)", text):
        yield from (f"{module}.{name.strip()}" for name in names.split(","))
    yield from re.findall(r"(?:`|python -m )(dl_limits(?:\.\w+)+)", text)


def exists(name):
    place, _, last = name.rpartition(".")
    try:
        return hasattr(importlib.import_module(place), last) or bool(importlib.import_module(name))
    except ImportError:
        return False


@pytest.mark.parametrize("page", TEXTS)
def test_names_exist(page):
    assert [name for name in named(TEXTS[page]) if not exists(name)] == []


def test_names_are_found_and_a_wrong_one_is_noticed():
    assert sum(len(list(named(text))) for text in TEXTS.values()) > 10
    assert list(named("`dl_limits.laws.extrapolate(x, y)`, python -m dl_limits.nothing")) == [
        "dl_limits.laws.extrapolate",
        "dl_limits.nothing",
    ]
    assert exists("dl_limits.laws.extrapolate") and not exists("dl_limits.nothing") and not exists("dl_limits.scaling")
