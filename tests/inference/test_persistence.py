"""A line with persistent errors: known truth, another library, and its limits."""

import numpy as np
import pytest
import statsmodels.api as sm

from dl_limits.inference import persistence
from dl_limits.inference.persistence import GRID, persistent_line

X = np.sort(np.random.default_rng(5).uniform(2015, 2025, 40))


def correlated(share, half_life, rng, x=X):
    correlation = share * 0.5 ** (np.abs(x[:, None] - x) / half_life) + (1 - share) * np.eye(len(x))
    return np.linalg.cholesky(correlation + 1e-9 * np.eye(len(x))) @ rng.standard_normal(len(x))


def test_without_persistence_it_is_least_squares():
    rng = np.random.default_rng(0)
    y = 1.1 * (X - 2020) + rng.standard_normal(len(X))
    ours, plain = persistent_line(y, X).fits[0], sm.OLS(y, sm.add_constant(X - X.mean())).fit()
    assert ours.params == pytest.approx(plain.params) and ours.bse == pytest.approx(plain.bse)


@pytest.mark.parametrize(("share", "half_life"), [(0.0, 1.0), (0.25, 1.0), (0.5, 1.0), (0.5, 3.0)])
def test_intervals_hold_where_errors_persist(share, half_life):
    rng, held = np.random.default_rng(1), 0
    for _ in range(120):
        line = persistent_line(0.7 * (X - 2020) + correlated(share, half_life, rng), X)
        low, high = line.conf_int(n=800)
        held += low <= 0.7 <= high
    assert held >= 120 * 0.88  # nominal 95; three half-lives lie outside the grid


def test_the_weights_find_persistence():
    rng, shares = np.random.default_rng(2), {0.0: [], 0.8: []}
    of_grid = np.array(GRID)[:, 0]
    for share, found in shares.items():
        for _ in range(40):
            found.append(persistent_line(correlated(share, 1.0, rng), X).weights @ of_grid)
    assert np.mean(shares[0.8]) > np.mean(shares[0.0]) + 0.2


def test_paths_begin_where_the_last_errors_are_and_spread():
    x = np.arange(2015, 2025, 0.25)
    y = np.where(x > 2023, 1.0, 0.0) + 0.05 * np.random.default_rng(3).standard_normal(len(x))
    line = persistent_line(y, x)
    times = np.tile([x[-1] + 0.01, x[-1] + 0.5, x[-1] + 6.0], (4000, 1))
    drawn = line.paths(times, np.random.default_rng(4))
    trend = np.mean([w * fit.params[0] for w, fit in zip(line.weights, line.fits, strict=True)]) * len(line.fits)
    level = trend + line.slope * (times[0] - x.mean())
    assert np.median(drawn[:, 0]) - level[0] > 0.1  # the last values lay above the line, and that persists
    assert drawn[:, 2].std() > drawn[:, 0].std()


def test_paths_have_the_variance_of_the_model():
    rng = np.random.default_rng(6)
    line = persistent_line(correlated(0.5, 1.0, rng), X)
    far = np.tile([X[-1] + 40.0], (6000, 1))
    which, scale, level, slope = line.draws(6000, np.random.default_rng(7))
    drawn = line.paths(far, np.random.default_rng(8))[:, 0]
    total = scale + np.var(level + slope * (far[0, 0] - X.mean()))
    assert drawn.var() == pytest.approx(total.mean(), rel=0.15)
    assert set(np.unique(which)) <= set(range(len(GRID)))


@pytest.mark.parametrize(
    ("y", "x", "message"),
    [
        ([1, 2, 3, 4], [1, 2, 3, 4], "at least five values"),
        ([1, 2, 3, 4, 5], [1, 2, 3, 4], "x has 4 rows, y has 5"),
        ([1, 2, 3, 4, np.nan], [1, 2, 3, 4, 5], "finite"),
        ([1, 2, 3, 4, 5], [1, 2, 3, 5, 4], "dates must not fall"),
    ],
)
def test_bad_input_is_refused(y, x, message):
    with pytest.raises(ValueError, match=message):
        persistent_line(y, x)


def test_the_grid_starts_without_persistence():
    assert GRID[0] == (0.0, 1.0) and all(0 < share < 1 for share, _ in persistence.GRID[1:])


def test_the_mean_path_is_the_best_linear_prediction():
    """Of each point of the grid (Goldberger 1962), weighed; the last date lies long after the one before it."""
    x = np.append(np.arange(2010, 2020, 0.5), 2026.0)
    y = 0.3 * (x - 2018) + 0.2 * np.sin(3 * x) + np.where(x > 2020, 2.0, 0.0)
    line, ahead = persistent_line(y, x), np.array([2026.2, 2027.0])
    expected = np.zeros(2)
    for (share, half_life), weight, fit in zip(GRID, line.weights, line.fits, strict=True):
        covariance = share * 0.5 ** (np.abs(x[:, None] - x) / half_life) + (1 - share) * np.eye(len(x))
        shared = share * 0.5 ** ((ahead[:, None] - x) / half_life)
        trend = fit.params[0] + fit.params[1] * (ahead - x.mean())
        rest = y - fit.params[0] - fit.params[1] * (x - x.mean())
        expected += weight * (trend + shared @ np.linalg.solve(covariance, rest))
    drawn = line.paths(np.tile(ahead, (20_000, 1)), np.random.default_rng(8))
    assert np.abs(drawn.mean(axis=0) - expected).max() < 4 * drawn.std(axis=0).max() / np.sqrt(20_000)
    straight = line.slope * (ahead - x.mean()) + sum(
        w * f.params[0] for w, f in zip(line.weights, line.fits, strict=True)
    )
    assert (expected - straight)[0] > 8 * drawn.std(axis=0).max() / np.sqrt(20_000)  # what persists is seen
