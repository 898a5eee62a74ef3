"""Chapter 04: each number a second way, and the claim's rule."""

import numpy as np
import pandas as pd
import pytest
from scipy import optimize

from dl_limits import data
from dl_limits.laws import loss as laws_loss
from dl_limits.studies.scaling import claims, fit, published, returns
from dl_limits.verdicts import UNTESTABLE

N, D, FLOP = 175e9, 300e9, 3.14e23


@pytest.fixture(scope="module")
def p():
    return fit.surface().params


def test_gpt3_is_read_from_the_table():
    assert returns.gpt3_run() == (N, D, FLOP)


def test_printed_laws_at_gpt_3():
    row = returns.gpt_losses().set_index("model").loc["GPT-3"]
    assert row["by_size"] == pytest.approx((8.8e13 / (12 * 96 * 12288**2)) ** 0.076, rel=1e-12)
    assert row["by_text"] == pytest.approx((5.4e13 / 499e9) ** 0.095, rel=1e-12)
    assert row["gpt3_law"] == pytest.approx(2.57 * (FLOP / 8.64e19) ** -0.048, rel=1e-12)
    assert row["gpt3_law"] == pytest.approx(2.57 * 3640**-0.048, rel=1e-3)  # the printed compute


def test_a_tenfold_of_compute_multiplies_gpt_3s_loss_as_printed():
    value, low, high = returns.rounding("gpt3_c", lambda b: 10**-b)
    assert value == pytest.approx(0.895, abs=5e-4)
    assert (low, high) == (pytest.approx(10**-0.0485), pytest.approx(10**-0.0475))


def test_the_values_printed_in_2022_lie_outside_and_the_replication_inside():
    ends = fit.surface().conf_int()
    printed, replication = (published.published_surface(n) for n in ("hoffmann_printed", "replication"))
    outside = ends.index[(printed < ends["lower"]) | (printed > ends["upper"])]
    assert {"E", "beta"} <= set(outside)
    assert ((ends["lower"] < replication) & (replication < ends["upper"])).all()


def test_runs_for_the_printed_precision_is_about_what_the_replication_says():
    assert fit.runs_for_printed_precision() == pytest.approx(600_000, rel=0.1)


def test_residuals_are_what_the_surface_leaves(p):
    table = fit.residuals()
    fitted = laws_loss.loss(p, table["params"], table["tokens"])
    np.testing.assert_allclose(table["residual_pct"], 100 * (table["loss"] / fitted - 1), atol=1e-9)


def test_floors_cover_each_kind_and_only_ours_have_intervals_of_ours():
    table = fit.floors()
    assert set(table["kind"]) == {"ours", "published", "other formula"}
    ours = table[table["kind"] == "ours"]
    assert len(ours) == len(fit.SENSITIVITY)
    assert ((ours["low"] < ours["estimate"]) & (ours["estimate"] < ours["high"])).all()
    assert table.loc[table["kind"] == "other formula", "low"].isna().all()


# -- returns


def test_without_a_floor_the_return_is_the_same_everywhere(p):
    straight = p.to_dict() | {"E": 0.0}
    gains = [returns._tenfold_gain(straight, c) for c in (1e18, 1e22, 1e26)]
    expected = 100 * (1 - 10 ** -laws_loss.frontier_exponent(straight))
    assert gains == pytest.approx([expected] * 3)


def test_returns_are_those_of_a_numerical_frontier(p):
    def best(flop):
        loss = lambda log_n: laws_loss.loss(p, np.exp(log_n), flop / 6 / np.exp(log_n))  # noqa: E731
        return optimize.minimize_scalar(loss, bounds=(15, 35), method="bounded", options={"xatol": 1e-10}).fun

    row = returns.returns(np.array([1e22])).iloc[0]
    assert row["estimate"] == pytest.approx(100 * (1 - best(1e23) / best(1e22)), rel=1e-6)
    assert row["low"] < row["estimate"] < row["high"]


def test_elasticity_is_the_slope_of_the_reducible_loss(p):
    table = returns.elasticities().set_index("path")["estimate"]
    step = 1e-6
    reducible = lambda n, d: np.log(laws_loss.reducible(p, n, d))  # noqa: E731
    here, grown = reducible(N, D), np.exp(step)
    assert table["data only"] == pytest.approx((here - reducible(N, D * grown)) / step, rel=1e-4)
    assert table["size only"] == pytest.approx((here - reducible(N * grown, D)) / step, rel=1e-4)


def test_prices_buy_what_they_say(p):
    table = returns.prices().set_index(["law", "grows"])["estimate"]
    loss = laws_loss.loss(p, N, D)
    assert laws_loss.loss(p, N, D * table["surface, our fit", "compute, data only"]) == pytest.approx(0.99 * loss)
    assert laws_loss.loss(p, N * table["surface, our fit", "compute, size only"], D) == pytest.approx(0.99 * loss)
    both = np.sqrt(table["surface, our fit", "compute, both alike"])
    assert laws_loss.loss(p, N * both, D * both) == pytest.approx(0.99 * loss)
    assert table["GPT-3 paper", "compute"] ** -0.048 == pytest.approx(0.99)


# -- GPT-3's split


def test_the_split_is_the_numerical_optimum(p):
    flop = 6 * N * D
    table = returns.allocation().set_index("source")
    loss = lambda log_n: laws_loss.loss(p, np.exp(log_n), flop / 6 / np.exp(log_n))  # noqa: E731
    found = optimize.minimize_scalar(loss, bounds=(15, 35), method="bounded", options={"xatol": 1e-10})
    assert table.loc["surface, our fit", "params"] == pytest.approx(np.exp(found.x), rel=1e-4)
    assert table.loc["surface, our fit", "tokens"] == pytest.approx(flop / 6 / np.exp(found.x), rel=1e-4)
    excess, saved = returns.waste()
    assert excess.estimate == pytest.approx(100 * (loss(np.log(N)) / found.fun - 1), rel=1e-6)
    enough = flop * (1 - saved.estimate / 100)
    assert laws_loss.loss(p, *laws_loss.optimum(p, enough)) == pytest.approx(laws_loss.loss(p, N, D), rel=1e-9)


def test_parts_add_up(p):
    table = returns.parts()
    whole = table[["floor", "size", "text"]].sum(axis=1)
    np.testing.assert_allclose(whole, laws_loss.loss(p, table["params"], table["tokens"]))
    flops = 6 * table["params"] * table["tokens"]
    np.testing.assert_allclose(flops, 6 * N * D * np.array([1, 1, 10]))
    share = returns.floor_share()
    assert share.estimate == pytest.approx(100 * p["E"] / whole[0])
    assert share.low < share.estimate < share.high


# -- the test, the claim


def test_held_back_runs_were_not_fitted(monkeypatch):
    late = fit.held_back()
    assert (late["training_flop"] >= fit.CUT).all()
    table = data.load("chinchilla_runs")
    moved = table.assign(loss=table["loss"].where(table["training_flop"] < fit.CUT, 9.0))
    monkeypatch.setattr(returns.data, "load", lambda name: moved)
    fit.held_back.cache_clear()
    again = fit.held_back()
    fit.held_back.cache_clear()
    pd.testing.assert_series_equal(late["predicted"], again["predicted"])
    assert not again["covered"].any()


def test_evidence_of_2020_knows_no_later_run(monkeypatch):
    monkeypatch.setattr(fit, "surface", lambda **_: pytest.fail("the runs were published in 2022"))
    verdict = claims.pretraining_limits("2020")
    assert (verdict.verdict, verdict.estimate, verdict.low) == (UNTESTABLE, 1.7, 0.0)
    with pytest.raises(ValueError, match="evidence"):
        claims.pretraining_limits("2031")
