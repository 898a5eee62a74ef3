"""Shapes of progress: each foretells what follows its own truth exactly; scores by hand; errors of neighbours alike."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from dl_limits.inference.breaks import BreakModel
from dl_limits.inference.record_process import Records
from dl_limits.inference.trend_shapes import FIRST_ORIGIN, NO_CHANGE, SHAPES, line_on_date, next_records, scores

YEARS = 2010 + np.arange(13) * 0.5
AHEAD = 2017.5
TRUTHS = {
    "straight line": lambda t: 3 - 0.3 * (t - 2010),
    "one break": lambda t: 3 - 0.4 * (t - 2010) + 0.3 * np.maximum(t - 2013.25, 0),
    "two breaks": lambda t: 3 - 0.4 * (t - 2010) + 0.5 * np.maximum(t - 2012.25, 0) - 0.45 * np.maximum(t - 2014.25, 0),
    "levelling off at a floor": lambda t: np.log(2 + 20 * np.exp(-0.7 * (t - 2010))),
}


@pytest.mark.parametrize("name", TRUTHS)
def test_a_shape_carries_its_own_truth_on(name):
    assert SHAPES[name](YEARS, TRUTHS[name](YEARS), AHEAD) == pytest.approx(TRUTHS[name](AHEAD), abs=1e-6)


def test_no_change_is_the_last_record_and_freer_shapes_hold_the_stiffer_ones():
    values = TRUTHS["straight line"](YEARS)
    assert SHAPES[NO_CHANGE](YEARS, values, AHEAD) == values[-1]
    for name in ("one break", "two breaks", "levelling off at a floor"):
        assert SHAPES[name](YEARS, values, AHEAD) == pytest.approx(TRUTHS["straight line"](AHEAD), abs=1e-6)
    bent = TRUTHS["one break"](YEARS)
    assert SHAPES["two breaks"](YEARS, bent, AHEAD) == pytest.approx(TRUTHS["one break"](AHEAD), abs=1e-6)


def test_the_line_is_least_squares():
    values = TRUTHS["straight line"](YEARS) + 0.1 * np.random.default_rng(1).standard_normal(13)
    slope, level = np.polyfit(YEARS - AHEAD, values, 1)
    assert SHAPES["straight line"](YEARS, values, AHEAD) == pytest.approx(level)
    date = BreakModel(values, YEARS).fit().date
    design = np.column_stack([np.ones(13), YEARS - AHEAD, np.maximum(YEARS - date, 0)])
    level, _, hinge = np.linalg.lstsq(design, values, rcond=None)[0]
    assert SHAPES["one break"](YEARS, values, AHEAD) == pytest.approx(level + hinge * (AHEAD - date))


def test_two_breaks_are_the_best_pair_of_dates_with_points_between():
    values = TRUTHS["two breaks"](YEARS) + 0.1 * np.random.default_rng(2).standard_normal(13)
    best, said = np.inf, None
    dates = BreakModel(values, YEARS).dates
    for i, a in enumerate(dates):
        for b in dates[i + 1 :]:
            if not ((a <= YEARS) & (b > YEARS)).any():
                continue
            design = np.column_stack([np.ones(13), YEARS - AHEAD, np.maximum(YEARS - a, 0), np.maximum(YEARS - b, 0)])
            found = np.linalg.lstsq(design, values, rcond=None)[0]
            loss = ((values - design @ found) ** 2).sum()
            if loss < best:
                best, said = loss, found @ [1, 0, AHEAD - a, AHEAD - b]
    assert SHAPES["two breaks"](YEARS, values, AHEAD) == pytest.approx(said)


@pytest.mark.parametrize("points", [6, 7])
def test_six_points_have_one_break_at_most(points):
    values = np.array([3.0, 2.9, 2.2, 1.4, 1.3, 1.25, 0.6])[:points]
    one, two = (SHAPES[name](YEARS[:points], values, AHEAD) for name in ("one break", "two breaks"))
    assert (one == two) == (points == 6)


def test_every_record_is_foretold_from_those_before_it():
    best = TRUTHS["one break"](YEARS) + 0.02 * np.random.default_rng(3).standard_normal(13)
    months = np.round(np.arange(2010, 2016.01, 1 / 12), 9)
    at = np.searchsorted(months, YEARS - 1e-6)
    record = np.isin(np.arange(len(months)), at)
    running = best[np.searchsorted(at, np.arange(len(months)), "right") - 1]
    table = next_records(Records(months, running, record))
    np.testing.assert_allclose(table["year"], YEARS[FIRST_ORIGIN:])
    np.testing.assert_allclose(table["actual"], best[FIRST_ORIGIN:])
    for k, row in table.iterrows():
        n = FIRST_ORIGIN + k
        for name, shape in SHAPES.items():
            assert row[name] == pytest.approx(shape(months[at][:n], best[:n], months[at][n]))
    seven = Records(YEARS[:FIRST_ORIGIN], best[:FIRST_ORIGIN], np.ones(FIRST_ORIGIN, bool))
    with pytest.raises(ValueError, match="7 records; forecasts need more than 7"):
        next_records(seven)
    eight = Records(YEARS[:8], best[:8], np.ones(8, bool))
    assert len(next_records(eight)) == 1


def test_scores_are_mean_sizes_and_their_share_of_those_of_no_change():
    table = pd.DataFrame(
        {"actual": [1.0, 0.5]} | {name: [1.0 + 0.1 * k, 0.5 - 0.3 * k] for k, name in enumerate(SHAPES, 1)}
    )
    found = scores(table).set_index("shape")
    for k, name in enumerate(SHAPES, 1):
        assert found.loc[name, "error_pct"] == pytest.approx(100 * (np.exp(0.2 * k) - 1))
        assert found.loc[name, "skill"] == pytest.approx(1 - k)
    assert found.loc[NO_CHANGE, "skill"] == 0


@pytest.mark.parametrize(("n", "lags"), [(20, 2), (99, 3), (100, 4), (250, 4), (273, 5)])
def test_errors_allow_for_neighbours_alike_by_the_rule_of_thumb(n, lags):
    rng = np.random.default_rng(4)
    t = np.arange(n, dtype=float)
    y = 0.01 * t + np.convolve(rng.standard_normal(n + 3), np.ones(4), "valid")
    fit = line_on_date(y, t, t**2)
    design = np.column_stack([np.ones(n), t, t**2])
    beta = np.linalg.lstsq(design, y, rcond=None)[0]
    np.testing.assert_allclose(fit.params, beta, rtol=1e-6)
    scores = design * (y - design @ beta)[:, None]
    meat = scores.T @ scores
    for lag in range(1, lags + 1):
        shifted = scores[lag:].T @ scores[:-lag]
        meat += (1 - lag / (lags + 1)) * (shifted + shifted.T)
    bread = np.linalg.inv(design.T @ design)
    np.testing.assert_allclose(fit.cov_params(), n / (n - 3) * bread @ meat @ bread, rtol=1e-6)
    low, high = fit.conf_int(0.1)[1]
    half = stats.t.isf(0.05, n - 3) * fit.bse[1]
    assert (low, high) == pytest.approx((beta[1] - half, beta[1] + half))
