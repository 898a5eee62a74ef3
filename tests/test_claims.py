"""The ledger's rules, on both sides of every threshold."""

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from dl_limits import claims
from dl_limits.claims import FAILS, HOLDS, PARTLY, UNDECIDED

REGION = (4.0, 6.0)


@pytest.mark.parametrize(
    ("interval", "word"),
    [
        ((4.0, 6.0), HOLDS),
        ((4.5, 5.0), HOLDS),
        ((3.99, 5.0), UNDECIDED),
        ((5.0, 6.01), UNDECIDED),
        ((5.0, np.inf), UNDECIDED),
        ((-np.inf, np.inf), UNDECIDED),
        ((1.0, 4.0), UNDECIDED),
        ((1.0, 3.99), FAILS),
        ((6.01, np.inf), FAILS),
    ],
)
def test_the_rule(interval, word):
    assert claims.decide(*interval, REGION) == word


@pytest.mark.parametrize("interval", [(5, 4), (np.nan, 5), (4, np.nan)])
def test_an_interval_without_order_is_refused(interval):
    with pytest.raises(ValueError, match="interval"):
        claims.decide(*interval, REGION)


@pytest.mark.parametrize(
    ("components", "word"),
    [
        ([HOLDS, HOLDS], HOLDS),
        ([FAILS, FAILS], FAILS),
        ([HOLDS, FAILS], PARTLY),
        ([HOLDS, FAILS, UNDECIDED], PARTLY),
        ([HOLDS, UNDECIDED], UNDECIDED),
        ([FAILS, UNDECIDED], UNDECIDED),
    ],
)
def test_components_combine(components, word):
    assert claims.combine(dict(enumerate(components))) == word


def table(low, high):
    return pd.DataFrame({"estimate": [(low + min(high, 9)) / 2], "low": [low], "high": [high]})


@pytest.mark.parametrize(
    ("low", "high", "largest", "best", "verdict"),
    [
        (4.5, 5.5, 1, 11.5, UNDECIDED),  # robust, but nobody has tried
        (4.5, 5.5, 2e3, 4.9, HOLDS),
        (4.5, 5.5, 2e3, 5.1, PARTLY),
        (6.5, 7.5, 2e3, 5.1, FAILS),
        (2.0, 18.0, 2e3, 4.9, UNDECIDED),
    ],
)
def test_the_imagenet_verdict_follows_its_rule(monkeypatch, low, high, largest, best, verdict):
    monkeypatch.setattr(claims.imagenet, "reference_table", lambda until: table(low, high))
    monkeypatch.setattr(claims.imagenet, "largest_multiple", lambda until: largest)
    monkeypatch.setattr(claims.imagenet, "documented_models", lambda until: pd.DataFrame({"top1_error_pct": [best]}))
    assert claims.imagenet_compute("2026").verdict == verdict


def test_the_interval_is_the_union_of_the_references():
    verdict = claims.imagenet_compute("2020")
    references = claims.imagenet.reference_table(claims.DATES["2020"])
    assert verdict.low == pytest.approx(references["low"].min(), abs=1e-4)
    assert verdict.high == pytest.approx(references["high"].max(), abs=1e-4)
    assert verdict.estimate == pytest.approx(references.loc["published points", "estimate"], abs=1e-4)


def test_evidence_of_2020_knows_nothing_later(monkeypatch):
    models = claims.imagenet.data.load("imagenet_models")
    early = models[models["published"] <= claims.DATES["2020"]]
    expected = claims.imagenet_compute("2020")
    load = claims.imagenet.data.load
    monkeypatch.setattr(claims.imagenet.data, "load", lambda name: early if name == "imagenet_models" else load(name))
    assert claims.imagenet_compute("2020") == expected


def test_unknown_evidence_is_named():
    with pytest.raises(ValueError, match="evidence must be one of 2020, 2026"):
        claims.imagenet_compute("2031")


def test_width_zero_and_width_infinite():
    shares = claims.verdict_by_width(table(4.5, 8.0), [0.0, 1.0, 3.0])
    assert shares["undecided"].tolist() == [1, 1, 0]
    assert shares["holds"].tolist() == [0, 0, 1]
    assert np.allclose(shares[[HOLDS, UNDECIDED, FAILS]].sum(axis=1), 1)


def test_command_line_prints_json():
    run = subprocess.run(
        [sys.executable, "-W", "error", "-m", "dl_limits", "claims", "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    ledger = json.loads(run.stdout)
    assert ledger["version"]
    for entry in ledger["claims"]:
        assert {"id", "verdict", "estimate", "low", "high", "unit", "chapter"} <= set(entry)
        assert entry["verdict"] in (HOLDS, FAILS, UNDECIDED, PARTLY)
    assert "NaN" not in run.stdout and "Infinity" not in run.stdout


def test_command_line_prints_a_table(capsys):
    from dl_limits.__main__ import main

    main(["claims"])
    assert "imagenet-compute" in capsys.readouterr().out
