"""The specification curve on data with known truth."""

import numpy as np
import pytest
import statsmodels.api as sm

from dl_limits.inference import specification
from dl_limits.inference.specification import Specification, SpecificationCurve
from dl_limits.laws import linear, resampling
from dl_limits.laws.powerlaw import PowerLaw, ReciprocalLaw

METHODS = ("ols", "rlm", "quantreg", "reverse", "rma")
SLOPE = np.log10(2) / 3  # halving the error takes 10³ times more


def curve(slope=SLOPE, sd=0.05, n=40, seed=1, methods=METHODS):
    rng = np.random.default_rng(seed)
    x = 10 ** rng.uniform(0, 6, n)
    papers = np.arange(n) // 2
    y = 50 * x**-slope * np.exp(sd * rng.standard_normal(n))
    halves = {"all": slice(None), "first": slice(0, n // 2)}
    return SpecificationCurve(
        [
            Specification(
                {"data": name, "estimator": method},
                PowerLaw(y[rows], x[rows], groups=papers[rows]),
                y_from=10,
                y_to=5,
                largest=1e6,
                fit={"method": method},
            )
            for name, rows in halves.items()
            for method in methods
        ]
    )


def test_every_specification_finds_the_truth():
    table = curve(sd=0.01).estimates()
    assert len(table) == 2 * len(METHODS)
    assert table["estimate"].is_monotonic_increasing
    assert table["estimate"].to_numpy() == pytest.approx(3, abs=0.1)


def test_estimands_hang_together():
    made = curve()
    required, relative = made.estimates("required"), made.estimates("relative")
    assert (required["estimate"] - relative["estimate"]).to_numpy() == pytest.approx(6)
    row = required.query("data == 'all' and estimator == 'ols'").iloc[0]
    assert row["estimate"] == pytest.approx(made.results[0].required(5).log10()[0])


def test_a_law_that_rises_stays_in_the_curve():
    table = curve(slope=-0.3).estimates()
    assert len(table) == 2 * len(METHODS)
    assert np.isinf(table["estimate"]).all()


def test_where_and_without_keep_what_they_say():
    part = curve().where(data="first")
    assert len(part) == len(METHODS)
    assert set(part.estimates()["data"]) == {"first"}
    assert set(curve().without("estimator", ["ols", "rma"]).estimates()["estimator"]) == {"rlm", "quantreg", "reverse"}


def test_the_choice_that_moves_is_named():
    moves = curve(sd=0.2).leverage_of_choices()
    assert moves.index.tolist() == sorted(moves.index, key=lambda c: -moves[c])
    table = curve(sd=0.2).estimates().set_index(["data", "estimator"])["estimate"]
    by_hand = np.median([abs(table["all", m] - table["first", m]) for m in METHODS])
    assert moves["data"] == pytest.approx(by_hand)


def test_shares_add_up():
    table = curve().estimates()
    result = specification.shares(table, 2.9, 3.1)
    assert result.sum() == pytest.approx(1)
    assert specification.shares(table, -np.inf, np.inf)["inside"] == 1
    assert specification.shares(table, 50, 60)["excluding"] == 1


@pytest.mark.parametrize("method", ["ols", "rlm", "quantreg"])
def test_imposing_the_null_is_refitting_on_moved_data(method):
    """The shortcut equals tilting the data so that the answer is the null, then refitting."""
    made = curve(methods=(method, "rlm" if method != "rlm" else "ols"))
    null = 4.0
    joint = made.resample(null, n_boot=20, seed=3)
    law, fit = made.specifications[0].law, made.results[0]
    z, h, dz = np.log(law.endog), np.log(law.exog), np.log(5 / 10)
    moved = z + (dz / (null * np.log(10)) - fit.line.slope) * h
    labels = np.unique(np.concatenate([s.law.groups for s in made.specifications]))
    counts = resampling.resample(len(labels), 20, 3)[:, np.searchsorted(labels, law.groups)]
    slopes = linear.refit(moved, h, counts, method=method)[:, 1]
    expected = np.where(slopes < 0, dz / slopes / np.log(10), np.inf)
    np.testing.assert_allclose(joint.imposed[:, 0], expected, rtol=2e-3)


def test_estimators_without_a_common_null_are_refused():
    with pytest.raises(ValueError, match="no common null for reverse, rma"):
        curve().resample(4.0)


def test_the_joint_test_keeps_its_size():
    """Under a true null a 10 % test of the curve's median rejects in about 10 % of data sets."""
    p = [curve(sd=0.3, seed=s, methods=("ols",)).resample(3.0, n_boot=99, seed=s).p_median() for s in range(200)]
    assert np.mean(np.array(p) <= 0.1) == pytest.approx(0.1, abs=0.08)


def test_the_joint_test_has_power():
    joint = curve(methods=("ols", "rlm")).resample(5.0, n_boot=99, seed=1)
    assert joint.p_median() == pytest.approx(0.01)
    p, share = joint.p_outside(4, 6)
    assert share == 1 and p <= 0.02
    median, low, high = joint.median_interval()
    assert low <= median <= high and low < 3.2 and high > 2.8


def test_clustered_resampling_widens_with_dependence():
    """Rows that repeat each other carry no new information."""
    made = curve(methods=("ols", "rlm"))
    doubled = [
        Specification(
            s.choices,
            PowerLaw(np.tile(s.law.endog, 2), np.tile(s.law.exog, 2), groups=np.tile(s.law.groups, 2)),
            s.y_from,
            s.y_to,
            s.largest,
            s.fit,
        )
        for s in made.specifications
    ]
    one, two = (c.resample(3.0, 200, 2).observed.std(axis=0) for c in (made, SpecificationCurve(doubled)))
    np.testing.assert_allclose(one, two, rtol=0.02)


def test_covariance_choices_count_once_in_the_joint_test():
    law = curve().specifications[0].law
    trio = SpecificationCurve(
        [
            Specification({"estimator": m, "errors": c}, law, 10, 5, 1e6, {"method": m, "cov": c})
            for m, c in (("ols", "classical"), ("ols", "cluster"), ("rlm", "classical"))
        ]
    )
    table = trio.estimates()
    assert table["estimate"].nunique() == 2 and table["low"].nunique() == 3
    assert trio.resample(3.0, 30, 0).observed.shape == (30, 2)


def test_reciprocal_laws_fit_in():
    made = curve().specifications[0]
    law = ReciprocalLaw(made.law.endog, made.law.exog, groups=made.law.groups)
    pair = SpecificationCurve([Specification({"form": name}, law, 10, 5, 1e6) for name in "rs"])
    slope = sm.OLS(1 / law.endog, sm.add_constant(np.log10(law.exog))).fit().params[1]
    assert pair.estimates()["estimate"].iloc[0] == pytest.approx(0.1 / slope)


def test_bad_curves_are_named():
    with pytest.raises(ValueError, match="at least two"):
        SpecificationCurve(curve().specifications[:1])
    with pytest.raises(ValueError, match="estimand must be one of"):
        curve().estimates("ratio")
    with pytest.raises(ValueError, match="was chosen twice"):
        SpecificationCurve([*curve().specifications, curve().specifications[3]])
    with pytest.raises(ValueError, match="choice must be one of data, estimator"):
        curve().where(paper=1)
    law = PowerLaw([4.0, 3, 2, 1], [1, 2, 3, 4])
    with pytest.raises(ValueError, match="every law needs groups"):
        SpecificationCurve([Specification({"form": name}, law, 10, 5, 1e6) for name in "rs"]).resample(4.0)
