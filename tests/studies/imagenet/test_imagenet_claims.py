"""The verdict on 10⁵ times more compute, part by part."""

import numpy as np
import pandas as pd
import pytest

from dl_limits import data
from dl_limits.dates import CUTOFF, LATEST
from dl_limits.studies.imagenet import claims, fits, points, stress
from dl_limits.verdicts import FAILS, HOLDS, UNDECIDED, Region

INF = np.inf
REGION = Region(4, 6)


@pytest.mark.parametrize(
    ("reached", "tried", "word"),
    [
        (INF, 0.7, UNDECIDED),  # missed below the region: what the claim expects
        (INF, 5.9, UNDECIDED),
        (INF, 6.1, FAILS),  # missed where it should have been reached
        (4.0, 3.0, HOLDS),
        (6.0, 5.0, HOLDS),
        (1.0, 0.5, FAILS),  # far cheaper than claimed
        (6.5, 6.4, FAILS),
    ],
)
def test_attained(reached, tried, word):
    assert claims.attained(reached, tried, REGION).word == word


def test_attained_is_a_part_only_once_it_was_tried(monkeypatch):
    assert claims.ATTAINED not in claims.imagenet_compute("2026").components
    for place, largest in (((4.5, 4.0), 10.0), ((INF, 3.2), 2e3)):
        monkeypatch.setattr(points, "smallest_multiple_at_target", lambda until, place=place: place)
        monkeypatch.setattr(points, "largest_multiple", lambda until, largest=largest: largest)
        claims._parts.cache_clear()
        assert claims.ATTAINED in claims.imagenet_compute("2026").components
    claims._parts.cache_clear()


def networks(power, floor=0.0, n=160, noise=0.02, seed=0):
    """Networks on which 11.5 to 5 % takes `power` powers of ten above a floor; two a paper."""
    rng = np.random.default_rng(seed)
    compute = 10 ** rng.uniform(17, 22, n)
    slope = np.log((11.5 - floor) / (5 - floor)) / power if floor < 5 else 0.3
    above = (11.5 - floor) * np.exp(-slope * (np.log10(compute) - 20)) * np.exp(noise * rng.standard_normal(n))
    return pd.DataFrame(
        {"top1_error_pct": floor + above, "training_flop": compute, "paper": [f"p{i // 2}" for i in range(n)]}
    )


@pytest.mark.parametrize(("power", "word"), [(5.0, HOLDS), (9.0, FAILS), (2.0, FAILS)])
def test_a_clean_line_is_read_off(power, word):
    models = networks(power, seed=3)
    draws, floor = stress.multipliers(models, 200)
    assert not floor and np.median(draws) == pytest.approx(power, rel=0.03)
    assert claims._robust_part(models, REGION, n_boot=200).word == word


def test_a_floor_is_seldom_asked_for_where_there_is_none():
    asked = [stress.multipliers(networks(5.0, seed=seed), 2)[1] for seed in range(40)]
    assert sum(asked) <= 6  # 5 % of 40 are two


@pytest.mark.parametrize("floor", [3.0, 6.0])
def test_a_floor_is_found_where_there_is_one(floor):
    draws, asked = stress.multipliers(networks(5.0, floor), 200)
    assert asked
    if floor > 5:
        assert np.isinf(draws).mean() > 0.9  # never reached
    else:
        assert np.median(draws) == pytest.approx(5.0, abs=0.4)


def test_resampled_floors_are_those_of_the_profile():
    models = points.documented_models(CUTOFF)
    whole = stress._best_floors(models, np.ones((1, len(models))))
    profile = stress.assumed_floors(CUTOFF)
    best = profile.loc[profile["loglik_loss"].idxmin()]
    assert whole[0][0] == best["floor_pct"]
    assert whole[2][0] == pytest.approx(profile["loglik_loss"].iloc[0])
    assert len(stress.floor_draws(models, 50)) == 50


def test_the_first_part_is_the_refitted_number():
    found = claims.imagenet_compute("2020").parts[0].primary
    printed = fits.published_fit().multiplier(*points.levels()).log10()[0]
    assert found.low == found.estimate == found.high == pytest.approx(printed)


def test_evidence_of_2020_knows_nothing_later(monkeypatch):
    models = data.load("imagenet_models")
    early = models[models["published"] <= CUTOFF]
    claims._parts.cache_clear()
    expected = claims.imagenet_compute("2020").parts[1].primary
    load = data.load
    monkeypatch.setattr(data, "load", lambda name: early if name == "imagenet_models" else load(name))
    claims._parts.cache_clear()
    again = claims.imagenet_compute("2020").parts[1].primary
    claims._parts.cache_clear()
    assert again == expected


def test_the_networks_needed_are_counted_from_the_spread():
    wide, narrow = (claims._robust_part(networks(5.0, noise=n, seed=3), REGION, n_boot=200) for n in (0.6, 0.02))
    many, few = (int(part.needs.split()[1].replace(",", "")) for part in (wide, narrow))
    assert many > 160 == few
    assert "larger networks" in claims._robust_part(networks(5.0, 6.0), REGION, n_boot=200).needs


def test_the_table_of_tolerance_ends_with_the_verdict():
    for date in (CUTOFF, LATEST):
        table, primary = claims.judged_table(date), claims._parts(date)[1].primary
        assert table.index[-1] == claims.VERDICT and table.iloc[-1]["low"] == primary.low
        assert list(table.index[:-1]) == list(fits.reference_table(date).index)


@pytest.mark.parametrize("evidence", ["2031", "2019-12-31"])
def test_unknown_evidence_is_named(evidence):
    with pytest.raises(ValueError, match="evidence must be one of 2020, 2026"):
        claims.imagenet_compute(evidence)
