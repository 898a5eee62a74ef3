"""The lock: whole, exact, and free of anything that only one machine knows."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
NAME = re.compile(r"^([A-Za-z][\w.-]*)", re.M)


def names(text):
    return {re.sub(r"[-_.]+", "-", name).lower() for name in NAME.findall(text)}


def test_lock_has_every_direct_dependency_with_its_reason():
    direct = (ROOT / "requirements.in").read_text("utf-8")
    assert names(direct) <= names((ROOT / "requirements.txt").read_text("utf-8"))
    assert all("#" in line for line in direct.splitlines() if line)


def test_lock_pins_exactly_and_names_no_place():
    for line in (ROOT / "requirements.txt").read_text("utf-8").splitlines():
        assert line.strip().startswith("#") or re.match(r"[a-z0-9.-]+==[\w.]+( ; .+)?$", line), line
        assert not re.search(r"://|file:|--", line), line
