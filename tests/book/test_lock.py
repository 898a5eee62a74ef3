"""The locks: whole, exact, hashed, of one mind, and free of anything that only one machine knows."""

import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
LOCKS = {
    "requirements.txt": "requirements.in",
    "requirements-test.txt": "requirements-test.in",
    "requirements-next.txt": "requirements.in",
}


def text(name):
    return (ROOT / name).read_text("utf-8")


def requirements(name):
    """Return what a file asks for: a list of requirements by name, since a lock may differ between Pythons."""
    found = {}
    for line in text(name).splitlines():
        if line[:1].isalpha():
            requirement = Requirement(line.split("#")[0].removesuffix("\\"))
            found.setdefault(re.sub(r"[-_.]+", "-", requirement.name).lower(), []).append(requirement)
    return found


@pytest.mark.parametrize(("lock", "direct"), LOCKS.items())
def test_lock_has_every_direct_dependency_with_its_reason(lock, direct):
    assert requirements(direct).keys() <= requirements(lock).keys()
    assert all("#" in line for line in text(direct).splitlines() if line)


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_pins_exactly_with_hashes_and_names_no_place(lock):
    assert not re.search(r"://|file:|--(index|find|trusted)|(^|\s)/", text(lock))
    pins = "".join(line for line in text(lock).splitlines(keepends=True) if not line.strip().startswith("#"))
    hashed = r"[a-z0-9.-]+==[\w.]+( ; .+)?( \\\n    --hash=sha256:[0-9a-f]{64})+\n"
    assert re.fullmatch(f"({hashed})+", pins)


def test_tests_are_apart_from_the_book_and_agree_with_it():
    book, tests = requirements("requirements.txt"), requirements("requirements-test.txt")
    assert not requirements("requirements-test.in").keys() & book.keys()
    for name in tests.keys() & book.keys():
        assert {pin.specifier for pin in tests[name]} <= {pin.specifier for pin in book[name]}, name


def test_next_lock_differs_only_where_the_old_sphinx_holds_back():
    now, coming = requirements("requirements.txt"), requirements("requirements-next.txt")
    expected = requirements("requirements-next.in").keys() | {"alabaster", "roman-numerals"}
    assert {name for name in now.keys() | coming.keys() if now.get(name) != coming.get(name)} <= expected
    held = {name: pins[0].specifier for name, pins in requirements("requirements-next.in").items()}
    for name, specifier in held.items():
        assert all(specifier.contains(next(iter(pin.specifier)).version) for pin in coming[name]), name
