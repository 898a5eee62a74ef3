"""Pieces of forecasts and splits: formulas as printed, origins, widths, judgement by hand, budgets and parabolas."""

import re
from dataclasses import FrozenInstanceError

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from dl_limits.laws import compare, isoflop
from dl_limits.laws.surface import comparison, rivals, rolling
from dl_limits.laws.surface.isoflop import WITHIN, IsoFlop, _best_run, _line, _parabola, budgets_of

RNG = np.random.default_rng(31)


# ------------------------------------------------------------------ rivals: the formulas as they are written

N, D = 10 ** RNG.uniform(7, 10, 6), 10 ** RNG.uniform(9, 12, 6)
CENTRE = (np.log(N).mean(), np.log(D).mean())
WRITTEN = {
    "Chinchilla": (
        [0.2, -1.0, -1.5, 0.3, 0.4],
        lambda t, n, d: np.exp(t[0]) + np.exp(t[1]) / n ** t[3] + np.exp(t[2]) / d ** t[4],
    ),
    "Chinchilla, no floor": (
        [0.2, -1.0, 0.3, 0.4],
        lambda t, n, d: np.exp(t[0]) / n ** t[2] + np.exp(t[1]) / d ** t[3],
    ),
    "Chinchilla, bent": (
        [0.2, -1.0, -1.5, 0.3, 0.4, 0.7],
        lambda t, n, d: np.exp(t[0]) + (np.exp(t[1]) / n ** t[3] + np.exp(t[2]) / d ** t[4]) ** t[5],
    ),
    "Kaplan": ([0.5, -0.4, 0.08, 0.1], lambda t, n, d: (np.exp(t[0]) / n ** (t[2] / t[3]) + np.exp(t[1]) / d) ** t[3]),
    "Kaplan, with floor": (
        [0.5, -0.4, 0.08, 0.1, -0.3],
        lambda t, n, d: np.exp(t[4]) + (np.exp(t[0]) / n ** (t[2] / t[3]) + np.exp(t[1]) / d) ** t[3],
    ),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_each_form_is_its_formula(name):
    theta, written = WRITTEN[name]
    fit = rivals.FormFit(name, np.array(theta), 0.0, CENTRE, np.log(2.5))
    by_hand = 2.5 * written(theta, N / np.exp(CENTRE[0]), D / np.exp(CENTRE[1]))
    np.testing.assert_allclose(fit.predict(N, D), by_hand)
    far = fit.predict(np.full(1, 1e300), np.full(1, 1e300))[0]
    assert fit.floor == pytest.approx(far, rel=1e-6) if fit.floor else far < 1e-4


def test_forms_and_fits_cannot_be_changed():
    for fixed in (rivals.FORMULAS["Kaplan"], rivals.FormFit("Kaplan", np.ones(4), 0.0, CENTRE, 0.0)):
        with pytest.raises(FrozenInstanceError):
            fixed.name = "Newton"


def test_repeated_tokens_are_worth_what_muennighoff_says():
    """Equations 5 and 6: D' = U + U R* (1 - exp(-R / R*)), R = D / U - 1; so many repetitions are worth R* at most."""
    theta = [0.2, -1.0, -1.5, 0.3, 0.4, np.log(15)]
    fit = rivals.FormFit(rivals.REPEATED, np.array(theta), 0.0, CENTRE, 0.0)
    unique = D / np.array([1, 1.5, 4, 40, 1e3, 1e6])
    again = D / unique - 1
    worth = unique + unique * 15 * (1 - np.exp(-again / 15))
    np.testing.assert_allclose(
        fit.predict(N, D, unique), WRITTEN["Chinchilla"][1](theta, N / np.exp(CENTRE[0]), worth / np.exp(CENTRE[1]))
    )
    assert fit.floor == pytest.approx(np.exp(0.2))
    new = rivals.FormFit("Chinchilla", np.array(theta[:5]), 0.0, CENTRE, 0.0)
    np.testing.assert_allclose(fit.predict(N, D), new.predict(N, D))
    np.testing.assert_allclose(rivals.repetitions(np.array([8.0, 4, 4]), np.array([2.0, 4, 5])), [3, 0, 0])
    assert rivals.repetitions(np.ones((2, 3))).tolist() == [[0.0] * 3] * 2
    assert rolling.forms_for(None) == tuple(rivals.FORMULAS)
    assert rolling.forms_for(unique) == (*rivals.FORMULAS, rivals.REPEATED)


def runs(n=40, noise=0.01, seed=0):
    rng = np.random.default_rng(seed)
    params, tokens = 10 ** rng.uniform(7.5, 9.5, n), 10 ** rng.uniform(9, 11, n)
    return (1.8 + 400 / params**0.34 + 2000 / tokens**0.37) * np.exp(noise * rng.standard_normal(n)), params, tokens


@pytest.mark.parametrize("delta", [1e-3, 0.1])
def test_the_objective_is_the_published_sum_of_hubers_function(delta):
    """`least_squares` has twice Huber's function of r / delta, times delta squared and halved: the same sum."""
    loss, params, tokens = runs()
    for weights in (None, np.ones(40), np.full(40, 3.0)):
        fit = rivals.fit_form("Chinchilla", loss, params, tokens, delta, weights=weights)
        r = np.abs(np.log(loss) - np.log(fit.predict(params, tokens)))
        by_hand = np.where(r <= delta, r**2 / 2, delta * (r - delta / 2)).sum()
        assert fit.objective == pytest.approx(by_hand * (3 if weights is not None and weights[0] == 3 else 1), rel=1e-6)
    heavier = rivals.fit_form("Chinchilla", loss, params, tokens, delta)
    assert rivals.fit_form("Chinchilla", 2 * loss, params, tokens, delta).floor == pytest.approx(
        2 * heavier.floor, rel=1e-3
    )


# ------------------------------------------------------------------ origins


def places(compute, sizes=None):
    """Sizes and tokens of given log10 compute."""
    sizes = 10.0 ** (8 + np.arange(len(compute)) % 5) if sizes is None else sizes
    return sizes, 10 ** np.asarray(compute) / 6 / sizes


def test_compute_is_six_flop_a_parameter_and_token():
    assert rolling.log_compute(1e9, 1e10) == pytest.approx(np.log10(6e19))


def test_origins_lie_a_quarter_power_of_ten_apart_and_foretell_one_power():
    compute = np.concatenate([np.full(12, 17.0), 18 + np.arange(0, 3.01, 0.125)]) + 1e-7 * np.arange(37)
    params, tokens = places(compute)
    top = compute.max()
    found = list(rolling.budget_origins(params, tokens))
    assert [origin for origin, *_ in found] == list(range(1, 9))
    for origin, known, ahead in found:
        budget = top - origin * 0.25
        np.testing.assert_array_equal(known, compute <= budget + 1e-12)
        assert set(ahead) == {i for i, c in enumerate(compute) if budget < c <= budget + 1 + 1e-12}
    close = params[compute > 20.4], tokens[compute > 20.4]
    assert list(rolling.budget_origins(*close)) == []  # fewer than eight runs below
    for span, origins in ((0.45, 1), (0.55, 2)):  # whole steps within the runs
        assert len(list(rolling.budget_origins(*places(np.linspace(18, 18 + span, 120))))) == origins


def test_an_origin_needs_eight_runs_of_three_sizes_and_three_amounts():
    late = [20.0, 20.1]
    for early, least in ((8, 1), (7, 0)):
        compute = np.r_[np.linspace(18, 18.7, early), late]
        found = list(rolling.budget_origins(*places(compute)))
        assert (len(found) > 0) == bool(least)
    sizes = 10.0 ** (8 + np.arange(10) % 2)
    assert not list(rolling.budget_origins(*places(np.r_[np.linspace(18, 18.7, 8), late], sizes)))
    sizes = 10.0 ** (8 + np.arange(10) % 3)
    assert list(rolling.budget_origins(*places(np.r_[np.linspace(18, 18.7, 8), late], sizes)))
    tokens = 10.0 ** (9 + np.arange(10) % 2)
    assert not list(rolling.budget_origins(10 ** np.r_[np.linspace(7, 7.7, 8), 10, 10.2], tokens))


def test_forecasts_are_those_of_fits_to_the_known_runs():
    loss, params, tokens = runs(60)
    past = rolling.past_forecasts(loss, params, tokens, forms=("Chinchilla",))
    for origin, known, ahead in list(rolling.budget_origins(params, tokens))[:2]:
        part = past[past["origin"] == origin]
        assert part["row"].tolist() == ahead.tolist() and (part["runs"] == known.sum()).all()
        assert part["budget_flop"].iloc[0] == pytest.approx((6 * params * tokens)[known].max())
        fit = rivals.fit_form("Chinchilla", loss[known], params[known], tokens[known])
        np.testing.assert_allclose(np.exp(part["Chinchilla"]), fit.predict(params[ahead], tokens[ahead]), rtol=1e-3)
        far = rolling.distance(params[ahead], tokens[ahead], params[known], tokens[known])
        np.testing.assert_allclose(part["distance"], far)
    errors = rolling.misses(past, loss, "Chinchilla")
    np.testing.assert_allclose(errors, past["Chinchilla"] - np.log(loss[past["row"].astype(int)]))


def test_the_miss_is_that_of_the_middle_law():
    past = pd.DataFrame({name: [0.1 * k, 0.5 - 0.1 * k] for k, name in enumerate(rolling.FLOORED)} | {"row": [1, 0]})
    np.testing.assert_allclose(rolling.misses(past, np.exp([0.3, 0.2])), [0.1 - 0.2, 0.4 - 0.3])


def test_the_width_is_a_geometric_mean_of_origins_and_residuals():
    past = pd.DataFrame({"origin": [1, 1, 3], "distance": [0.0, 0.6, 1.2]})
    errors, residual = np.array([0.02, 0.04, 0.1]), 0.01
    told = rolling.miss_spread(
        past, errors, residual, np.array([0.0, 0.1, 0.25, 0.9]), reach=0.6, prior=2.0, fading=0.7
    )
    first, third = (0.02**2 + 0.04**2 / 2) / 2, 0.1**2 / 5
    size = (residual**4 * first * third**0.49) ** (1 / (2 + 1 + 0.49))
    share = np.array([0, 0.4, 1, 1])
    beyond = size * (1 + (np.array([0.0, 0.1, 0.25, 0.9]) / 0.6) ** 2)
    np.testing.assert_allclose(told**2, (1 - share) * residual**2 + share * beyond)
    lost = rolling.miss_spread(past, np.array([0.02, 0.04, np.inf]), residual, np.array([0.9]))
    np.testing.assert_allclose(lost, rolling.miss_spread(past[:2], errors[:2], residual, np.array([0.9])))


# ------------------------------------------------------------------ laws judged


@pytest.fixture(scope="module")
def judged():
    loss, params, tokens = runs(50, 0.01, 3)
    return compare(params, tokens, loss)


def test_the_table_is_the_score_of_past_intervals(judged):
    """Each origin's 95 % interval is made of the origins before it; the interval score as Gneiting and Raftery's."""
    for name, row in judged.table.set_index("law").iterrows():
        error, past = rolling.misses(judged.past, judged.loss, name), judged.past
        fit = judged.fits[name]
        free = 50 - len(fit.theta)
        residual = np.sqrt((np.log(judged.loss / fit.predict(judged.params, judged.tokens)) ** 2).sum() / free)
        assert row["fit_pct"] == pytest.approx(100 * residual)
        miss, hit, score, weight = [], [], [], []
        for origin, part in past.groupby("origin"):
            old = past["origin"] > origin
            width = rolling.miss_spread(past[old], error[old], residual, part["distance"].to_numpy(float))
            e = error[part.index]
            low, high = -stats.norm.isf(0.025) * width, stats.norm.isf(0.025) * width
            outside = np.maximum(low - e, 0) + np.maximum(e - high, 0)
            miss.append(np.abs(e).mean())
            hit.append(((low <= e) & (e <= high)).mean())
            score.append((high - low + 40 * outside).mean())
            weight.append(rolling.FADING ** (origin - 1))
        weight = np.array(weight) / np.sum(weight)
        assert row["forecasts"] == len(past) and row["floor"] == fit.floor
        assert row["miss_pct"] == pytest.approx(100 * np.exp(weight @ np.log(miss)))
        assert row["interval_score_pct"] == pytest.approx(100 * np.exp(weight @ np.log(score)))
        assert row["coverage_pct"] == pytest.approx(100 * weight @ hit)
    score = judged.table["interval_score_pct"]
    assert score.is_monotonic_increasing and judged.best == judged.table["law"].iloc[0]
    np.testing.assert_allclose(judged.table["weight"], score**-2 / (score**-2).sum())


def test_the_average_is_of_log_losses_and_as_wide_as_its_own_misses(judged):
    said, weight = judged.by_law([1e9, 1e11], 1e11), judged.table.set_index("law")["weight"]
    assert said.shape == (2, len(weight))
    mean = np.exp((np.log(said) * weight).sum(axis=1))
    np.testing.assert_allclose(judged.predict([1e9, 1e11], 1e11), mean)
    told = (judged.past[list(weight.index)] * weight).sum(axis=1) - np.log(judged.loss[judged.past["row"].astype(int)])
    residual = judged.table["fit_pct"].min() / 100
    ahead = rolling.distance(np.array([1e9, 1e11]), np.full(2, 1e11), judged.params, judged.tokens)
    half = stats.norm.isf(0.05) * rolling.miss_spread(judged.past, told.to_numpy(), residual, ahead)
    low, high = judged.predict_interval([1e9, 1e11], 1e11, level=0.9)
    np.testing.assert_allclose([low, high], [mean * np.exp(-half), mean * np.exp(half)])
    assert half[1] > half[0]


def test_laws_within_twice_the_best_score_are_asked(judged):
    table = judged.table
    other = object.__new__(comparison.LawComparison)
    other.__dict__.update(judged.__dict__)
    first, second, third = table["law"][:3]
    for scores, named in (([1, 2, 2.01], {first, second}), ([1, 1.5, 1.9], {first, second, third})):
        other.table = table.iloc[:3].assign(interval_score_pct=scores)
        said = judged.by_law(1e12, 1e13)[sorted(named)].iloc[0]
        text = other.disagreement(1e12, 1e13)
        assert f"by {100 * (said.max() / said.min() - 1):.1f} %: {said.idxmin()} says {said.min():.4g}" in text
        assert text.endswith(f"{said.idxmax()} {said.max():.4g}.")
    other.table = table.iloc[:3].assign(interval_score_pct=[1, 2.01, 3])
    assert other.disagreement(1e12, 1e13) == (
        f"Only {first} forecasts well here: no other law is within twice its interval score."
    )


def test_unique_tokens_may_equal_tokens_and_not_exceed_them():
    loss, params, tokens = runs(50, 0.01, 3)
    assert rivals.REPEATED in compare(params, tokens, loss, unique_tokens=tokens).fits
    more = tokens.copy()
    more[7] *= 1.001
    with pytest.raises(ValueError, match=re.escape(f"row 7 has {more[7]:g} of {tokens[7]:g}")):
        compare(params, tokens, loss, unique_tokens=more)


# ------------------------------------------------------------------ the best split


def budget(flop, best, sizes=5, spread=1.0):
    """Runs of one budget whose log loss is exactly a parabola round a best size (log10)."""
    size = best + np.linspace(-spread, spread, sizes)
    return size, np.full(sizes, np.log10(flop)), 0.5 + 0.03 * (size - best) ** 2


def test_a_budget_has_four_sizes_within_a_quarter_power_of_ten():
    wide = 2 * WITHIN
    groups = [
        ([18.0, 18.0, 18.0 + 0.999 * wide, 18.0 + 0.5 * wide], 4),  # one
        ([19.0, 19.0, 19.0, 19.0 + 1.001 * wide], 4),  # falls into two parts, of three and of one
        ([20.0, 20.0, 20.0, 20.0, 20.0], 3),  # five runs, three sizes
        ([21.0] * 6, 6),
    ]
    compute = np.concatenate([c for c, _ in groups])
    size = np.concatenate([8.0 + np.arange(len(c)) % kinds for c, kinds in groups])
    order = np.random.default_rng(2).permutation(len(compute))
    params, tokens = 10 ** size[order], 10 ** (compute - size)[order] / 6
    found = budgets_of(params, tokens)
    assert [sorted(order[rows]) for rows in found] == [[0, 1, 2, 3], list(range(13, 19))]


def test_a_parabola_gives_its_lowest_point_or_none():
    size, _, log_loss = budget(1e20, 9.3)
    assert _parabola(size, log_loss) == pytest.approx(9.3)
    assert _parabola(size[:3], log_loss[:3]) == pytest.approx(9.3)
    assert np.isnan(_parabola(size, -log_loss)) and np.isnan(_parabola(size[[0, 1, 1]], log_loss[[0, 1, 1]]))
    assert _best_run(size, log_loss) == pytest.approx(9.3)


def test_a_line_through_budgets_is_the_law_of_their_best_sizes():
    parts = [budget(flop, 9 + 0.46 * (np.log10(flop) - 20)) for flop in (1e18, 1e19, 1e21)]
    size, compute, log_loss = (np.concatenate(v) for v in zip(*parts, strict=True))
    rows = np.split(np.arange(15), 3)
    for read in (_best_run, _parabola):
        found = _line(rows, compute, size, log_loss, read, np.array([1e20, 1e24]))
        np.testing.assert_allclose(found, [0.46, 9, 9 + 0.46 * 4])
    log_loss[5:10] *= -1  # the second opens downwards: the other two say it
    np.testing.assert_allclose(_line(rows, compute, size, log_loss, _parabola, np.array([1e20])), [0.46, 9])
    log_loss[10:] *= -1
    assert np.isnan(_line(rows, compute, size, log_loss, _parabola, np.array([1e20]))).all()


def test_all_approaches_give_back_a_law_without_noise():
    """At the exponents of the law the surface is exact, and budgets with the best size among their runs say it too."""
    alpha = 0.35  # of both terms: the best size grows as the square root of compute
    flops = 10.0 ** np.arange(18, 22)
    best = (400 / 2000) ** (1 / (2 * alpha)) * np.sqrt(flops / 6)
    params = (best[:, None] * 10 ** np.linspace(-0.5, 0.5, 7)).ravel()
    tokens = np.repeat(flops, 7) / 6 / params
    loss = 1.8 + 400 / params**alpha + 2000 / tokens**alpha
    found = isoflop(params, tokens, loss, [1e21, 1e24], draws=40, alpha=0.1)
    assert found.budgets == 4
    table = found.table.set_index(["quantity", "approach"])
    assert table.loc["exponent", "estimate"].tolist() == pytest.approx([0.5] * 3, abs=1e-3)
    for flop in (1e21, 1e24):
        true = (400 / 2000) ** (1 / (2 * alpha)) * np.sqrt(flop / 6)
        said = table[table["flop"] == flop].loc["params"]
        assert said["estimate"].tolist() == pytest.approx([true] * 3, rel=0.02)
        assert (said["low"] <= said["estimate"] * (1 + 1e-6)).all() and (
            said["high"] >= said["estimate"] * (1 - 1e-6)
        ).all()


def test_intervals_that_do_not_meet_are_said_with_the_extremes():
    columns = ["approach", "quantity", "flop", "estimate", "low", "high"]
    apart = pd.DataFrame(
        [
            ["1 best runs", "exponent", np.nan, 0.5, 0.4, 0.6],
            ["2 parabolas", "exponent", np.nan, 0.7, 0.61, 0.8],
            ["1 best runs", "params", 1e21, 1e9, 9e8, 2e9],
            ["2 parabolas", "params", 1e21, 2e9, 2e9, 3e9],
        ],
        columns=columns,
    )
    notes = IsoFlop(apart, 2).notes
    assert len(notes) == 2 and "biased" in notes[1]  # ends that touch do meet
    assert notes[0].startswith("The approaches disagree on the exponent: 1 best runs 0.5, 2 parabolas 0.7")
    apart.loc[3, "low"] = 2.1e9
    assert any("the best size at 1e+21 FLOP" in note for note in IsoFlop(apart, 2).notes)
    assert IsoFlop(apart.iloc[:1], 2).notes == []
