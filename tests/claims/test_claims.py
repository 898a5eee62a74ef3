"""The ledger's rules, on both sides of every threshold."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dl_limits import data
from dl_limits.dates import DATES
from dl_limits.studies.imagenet import claims, fits, points
from dl_limits.verdicts import FAILS, HOLDS, PARTLY, UNDECIDED, UNTESTABLE

ROOT = Path(__file__).parents[2]
REGION = (4.0, 6.0)


def table(low, high):
    return pd.DataFrame({"estimate": [(low + min(high, 9)) / 2], "low": [low], "high": [high]}, ["a fit"])


@pytest.mark.parametrize(
    ("reached", "tried", "word"),
    [
        (np.inf, 0.7, UNDECIDED),  # nobody has tried: what the claim expects
        (np.inf, 5.9, UNDECIDED),
        (np.inf, 6.1, FAILS),  # missed where it should have been reached
        (4.0, 3.0, HOLDS),
        (6.0, 5.0, HOLDS),
        (1.0, 0.5, FAILS),  # far cheaper than claimed
        (6.5, 6.4, FAILS),
    ],
)
def test_attained(reached, tried, word):
    assert claims.attained(reached, tried, REGION) == word


@pytest.mark.parametrize(
    ("interval", "largest", "place", "verdict"),
    [
        ((4.5, 5.5), 1, (np.inf, 0), UNDECIDED),
        ((6.5, 7.5), 1, (np.inf, 0), UNDECIDED),  # no run of 10³ times: undecided by rule
        ((6.5, 7.5), 2e3, (np.inf, 3.3), PARTLY),
        ((4.5, 5.5), 2e5, (5.2, 5.0), HOLDS),
        ((4.5, 5.5), 2e6, (np.inf, 6.3), PARTLY),
        ((2.0, 18.0), 2e5, (5.2, 5.0), UNDECIDED),
        ((2.0, 3.0), 20, (1.0, 0.9), PARTLY),
    ],
)
def test_the_imagenet_verdict_follows_its_rule(monkeypatch, interval, largest, place, verdict):
    monkeypatch.setattr(fits, "reference_table", lambda until: table(*interval))
    monkeypatch.setattr(points, "largest_multiple", lambda until: largest)
    monkeypatch.setattr(points, "smallest_multiple_at_target", lambda until: place)
    assert claims.imagenet_compute("2026").verdict == verdict


def test_the_interval_is_the_union_of_the_references():
    verdict = claims.imagenet_compute("2020")
    references = fits.reference_table(DATES["2020"])
    assert verdict.low == pytest.approx(references["low"].min(), abs=1e-4)
    assert verdict.high == pytest.approx(references["high"].max(), abs=1e-4)
    assert verdict.estimate == pytest.approx(references.loc["published points", "estimate"], abs=1e-4)


def test_evidence_of_2020_knows_nothing_later(monkeypatch):
    models = data.load("imagenet_models")
    early = models[models["published"] <= DATES["2020"]]
    expected = claims.imagenet_compute("2020")
    load = data.load
    monkeypatch.setattr(data, "load", lambda name: early if name == "imagenet_models" else load(name))
    assert claims.imagenet_compute("2020") == expected


def test_unknown_evidence_is_named():
    with pytest.raises(ValueError, match="evidence must be one of 2020, 2026"):
        claims.imagenet_compute("2031")


def test_command_line_prints_json_whatever_the_console():
    run = subprocess.run(
        [sys.executable, "-W", "error", "-m", "dl_limits", "claims", "--json"],
        capture_output=True,
        check=True,
        cwd=ROOT,
        env=os.environ | {"PYTHONIOENCODING": "cp1252"},
    )
    text = run.stdout.decode("utf-8")
    ledger = json.loads(text)
    assert ledger["version"]
    for entry in ledger["claims"]:
        assert {"id", "verdict", "estimate", "low", "high", "unit", "chapter"} <= set(entry)
        assert entry["verdict"] in (HOLDS, FAILS, UNDECIDED, PARTLY, UNTESTABLE)
    assert "NaN" not in text and "Infinity" not in text
    assert "\N{MINUS SIGN}" in text  # which the console's own code does not have
