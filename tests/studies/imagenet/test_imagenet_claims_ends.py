"""Every end and number of the verdict on 10⁵ times more compute, by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from dl_limits import data
from dl_limits.dates import CUTOFF, LATEST
from dl_limits.studies.imagenet import claims, fits, points, specifications, stress
from dl_limits.verdicts import HOLDS, PARTLY, Analysis, Part, Region
from dl_limits.words import about

INF = np.inf
REGION = Region(4, 6)


def test_truths_and_noise_are_the_stored_ones(powers_are_stored):
    powers_are_stored(claims.POWER)
    assert claims.POWER["imagenet-compute"].right == {"inside": HOLDS, "outside": PARTLY}


@pytest.mark.parametrize("value", [0.5, 1.0, 3.0])
def test_the_threshold_offered(value):
    threshold = claims.THRESHOLDS["imagenet-compute"]
    parts = [Part("a", REGION), Part("b", Region(4, 6))]
    assert threshold.own(parts) == 1.0 and threshold.grid == tuple(k / 20 for k in range(1, 101))
    assert threshold.region(parts[1], value, 1.0) == Region(5 - value, 5 + value)
    assert (threshold.form(1), threshold.form(1.5)) == ("1 power of ten", "1.5 powers of ten")


@pytest.fixture
def told(monkeypatch):
    """The verdict with parts made by hand."""
    day = pd.Timestamp("2020-02-03")
    models = pd.DataFrame({"published": [day - pd.Timedelta(days=60), day]})
    monkeypatch.setattr(points, "documented_models", lambda until: models)
    monkeypatch.setattr(claims, "recorded_by", lambda models, until: models)

    def judge(high):
        exact = Analysis("refitted", 4.56, 4.56, 4.56)
        parts = [Part("first", REGION, exact), Part("second", REGION, Analysis("d", 4.5, 2.71, high), needs="more")]
        monkeypatch.setattr(claims, "_parts", lambda until: parts)
        return claims.imagenet_compute("2020")

    return judge


@pytest.mark.parametrize(
    ("high", "words", "why"),
    [(7.24, "10^7.2", "they are few"), (INF, "no limit", "their errors fit a floor above 5 % as well")],
)
def test_the_verdict_is_told_with_its_numbers(told, high, words, why):
    found = told(high)
    assert found.reason == (
        f"The paper’s 13 points give 10^4.6; all documented networks leave 10^2.7 to {words}: {why}."
    )
    assert found.brief == f"All documented networks leave anything from 10^2.7 times to {words}."
    assert (found.estimate, found.evidence_to) == (4.56, "2020-02")


def test_compute_is_on_record_from_the_day_of_its_source():
    names = data.source_dates()
    early = next(name for name, date in names.items() if date <= CUTOFF)
    late = next(name for name, date in names.items() if date > CUTOFF)
    models = pd.DataFrame({"source": [early, late, early], "compute_source": [np.nan, early, late]})
    assert list(claims.recorded_by(models, CUTOFF).index) == [0, 1]
    assert claims.recorded_by(models, LATEST) is models
    on = names[early]
    assert list(claims.recorded_by(models.iloc[:1], on).index) == [0]
    assert not len(claims.recorded_by(models.iloc[:1], on - pd.Timedelta(days=1)))


def test_later_records_are_another_analysis(monkeypatch):
    models = pd.DataFrame({"a": range(7)})
    asked = []
    monkeypatch.setattr(
        stress, "multipliers", lambda table, n: asked.append((len(table), n)) or (np.arange(9.0), False)
    )
    assert claims._with_later_records(models, models.copy()) == () and not asked
    (found,) = claims._with_later_records(models, models.iloc[:4])
    assert found == Analysis.of_draws("with the compute of 3 networks recorded later", np.arange(9.0))
    assert asked == [(7, 4000)]


def test_specifications_are_other_analyses(monkeypatch):
    table = pd.DataFrame({"estimate": [3.0, 9.0, 0.0], "low": [1.0, 2.0, 1.0], "high": [4.0, 5.0, 2.0]})
    asked = []

    class Curve:
        def where(self, measure):
            asked.append(measure)
            return self

        def estimates(self):
            return table

    monkeypatch.setattr(specifications, "specifications", Curve)
    claims._specified.cache_clear()
    found = claims._specified()
    claims._specified.cache_clear()
    assert asked == ["top-1"] and found == (
        Analysis("specification 1", 3, 1, 4),
        Analysis("specification 2", 5, 2, 5),
        Analysis("specification 3", 1, 1, 2),
    )


@pytest.mark.parametrize(
    ("floor", "name"), [(True, "with a floor, as the likelihood asks"), (False, "without a floor")]
)
def test_the_second_part_is_of_resampled_papers(monkeypatch, floor, name):
    draws, asked = np.linspace(3, 8, 41), []
    monkeypatch.setattr(stress, "multipliers", lambda models, n: asked.append(n) or (draws, floor))
    other = Analysis("o", 5, 5, 5)
    part = claims._robust_part("models" * 2, REGION, (other,))
    assert part.primary == Analysis.of_draws(name, draws) and part.others == (other,) and asked == [4000]
    assert part.name == "all documented networks" and part.region == REGION


@pytest.mark.parametrize("spread", [0.1, 0.5, 2.0])
def test_so_many_networks_put_the_interval_inside_with_80_per_cent(spread):
    draws = 5 + spread * stats.norm.ppf((np.arange(2000) + 0.5) / 2000)
    said = claims._networks_needed(Analysis.of_draws("a", draws), 50, REGION)
    # the standard error at which the interval about the middle lies within one power of ten four times in five
    z = stats.norm.ppf(0.975) + stats.norm.ppf(0.8)
    assert said == f"about {about(50 * max(1.0, (z * spread) ** 2))} documented networks (today 50)"
    wide = claims._networks_needed(Analysis.of_draws("a", draws), 50, Region(3, 7))
    assert wide == f"about {about(50 * max(1.0, (z * spread / 2) ** 2))} documented networks (today 50)"


def test_no_number_of_networks_closes_an_open_end():
    draws = np.where(np.arange(100) < 74, np.arange(100) / 10, INF)
    said = claims._networks_needed(Analysis.of_draws("a", draws), 50, REGION)
    assert said == "larger networks: with a floor, no number of networks like today’s 50 sets an upper end"
    closed = np.where(np.arange(100) < 75, np.arange(100) / 10, INF)
    assert claims._networks_needed(Analysis.of_draws("a", closed), 50, REGION).startswith("about")


@pytest.mark.parametrize(
    ("reached", "largest", "tried"), [(INF, 999.9, False), (INF, 1000.0, True), (4.5, 1.0, True), (INF, 1.0, False)]
)
def test_a_decisive_run_is_a_thousand_times_the_largest(monkeypatch, reached, largest, tried):
    monkeypatch.setattr(points, "smallest_multiple_at_target", lambda until: (reached, 3.5))
    monkeypatch.setattr(points, "largest_multiple", lambda until: largest)
    monkeypatch.setattr(claims, "_robust_part", lambda models, region, others: Part("robust", region))
    monkeypatch.setattr(claims, "_with_later_records", lambda models, known: ())
    claims._parts.cache_clear()
    found = claims._parts(CUTOFF)
    claims._parts.cache_clear()
    assert [part.name for part in found[:2]] == ["the number follows from its 13 points", "robust"]
    assert found[0].region == found[1].region == Region(*points.claimed_region()) and len(found) == 2 + tried
    if tried:
        assert found[2] == claims.attained(reached, 3.5, found[0].region)


def test_attained_has_its_ends_and_says_what_decides():
    found, missed = claims.attained(4.5, 3.0, REGION), claims.attained(INF, 3.0, REGION)
    assert found.primary == Analysis("first run at the target", 4.5, 4.5, 4.5)
    assert missed.primary == Analysis("not reached so far", INF, 3.0, INF)
    said = "5 % reached, or a run of more than 10^6 times the compute that misses it"
    assert found.needs == missed.needs == said and found.name == missed.name == "attained"


def test_the_last_row_of_the_table_is_the_verdict(monkeypatch):
    table = pd.DataFrame({"estimate": [1.0], "low": [0.5], "high": [2.0]}, ["other"])
    monkeypatch.setattr(fits, "reference_table", lambda until: table)
    second = Part("b", REGION, Analysis("p", 5.0, 3.0, 9.0))
    monkeypatch.setattr(claims, "_parts", lambda until: [Part("a", REGION, Analysis("q", 1, 1, 1)), second])
    found = claims.judged_table(LATEST)
    assert list(found.index) == ["other", claims.VERDICT] and found.iloc[1].tolist() == [5.0, 3.0, 9.0]


@pytest.mark.parametrize("truth", [5.0, 6.0, 9.0])
def test_networks_are_drawn_about_a_line_of_the_true_multiplier(monkeypatch, exact, truth):
    drawn = []

    def keep(models, region, n_boot):
        drawn.append((models, region, n_boot))
        return Part("all documented networks", region, Analysis("a", truth, truth, truth))

    monkeypatch.setattr(claims, "_robust_part", keep)
    assert claims._word_at(truth, "2026", exact()) == (HOLDS if truth < 7 else PARTLY)
    models, region, n_boot = drawn[0]
    real = claims.recorded_by(points.documented_models(LATEST), LATEST)
    assert region == Region(*points.claimed_region()) and n_boot == 200 and len(models) == len(real)
    h, z = np.log10(real["training_flop"].to_numpy()), np.log(real["top1_error_pct"].to_numpy())
    resid = z - np.log(fits.documented_fit(LATEST).predict(real["training_flop"]))
    resid = np.asarray(resid)
    papers = real["paper"].astype("category").cat.codes.to_numpy()
    shared = (resid[papers % len(resid)] + resid) / np.sqrt(2)  # residual k for paper k and for network k
    line = np.log(models["top1_error_pct"].to_numpy()) - shared
    start, target = points.levels()
    assert line == pytest.approx(z.mean() - np.log(start / target) / truth * (h - h.mean()))
