"""Rival forms: known truth comes back, and no start finds anything better."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import least_squares

from dl_limits import data
from dl_limits.laws.surface import rivals as surface_rivals

RUNS = data.load("chinchilla_runs")
KEPT = RUNS[RUNS["in_replication"]]


def columns(runs):
    return runs["loss"], runs["params"], runs["tokens"]


@pytest.mark.parametrize("runs", [KEPT, RUNS], ids=["240", "245"])
@pytest.mark.parametrize("name", surface_rivals.FORMULAS)
def test_no_other_start_ends_lower(name, runs):
    fit, form = surface_rivals.fit_form(name, *columns(runs)), surface_rivals.FORMULAS[name]
    n, d = np.log(runs["params"]) - fit.centre[0], np.log(runs["tokens"]) - fit.centre[1]
    y, rng = np.log(runs["loss"]) - fit.unit, np.random.default_rng(0)
    ends = []
    for _ in range(5):
        start = np.array(form.starts[0]) + rng.normal(0, 0.3, len(form.starts[0]))
        start[-2:] = np.abs(start[-2:])
        found = least_squares(
            lambda t: np.nan_to_num(form.log_loss(t, n, d) - y, nan=9, posinf=9, neginf=-9),
            start,
            loss="huber",
            f_scale=1e-3,
            x_scale="jac",
        )
        ends.append(found.cost)
    assert fit.objective <= min(ends) * (1 + 1e-6)


def test_the_published_optimum():
    fit = surface_rivals.fit_form("Chinchilla", *columns(KEPT))
    assert fit.objective == pytest.approx(0.00101827403, rel=1e-7)  # that of the replication's 4,500 starts
    assert fit.floor == pytest.approx(1.8172, abs=1e-4)


@pytest.mark.parametrize("name", surface_rivals.FORMULAS)
def test_known_truth_comes_back(name):
    truth = surface_rivals.fit_form(name, *columns(KEPT))
    clean = truth.predict(KEPT["params"], KEPT["tokens"])
    again = surface_rivals.fit_form(name, clean, KEPT["params"], KEPT["tokens"])
    assert again.objective < 1e-9
    assert again.floor == pytest.approx(truth.floor, abs=2e-3)
    assert again.predict(1e12, 1e13) == pytest.approx(truth.predict(1e12, 1e13), rel=2e-3)


def test_kaplans_form_is_equation_1_5():
    fit = surface_rivals.fit_form("Kaplan", *columns(KEPT))
    b, ratio = fit.theta[3], fit.theta[2] / fit.theta[3]
    scale_n = np.exp(fit.theta[0] / ratio + fit.centre[0] + fit.unit / fit.theta[2])
    scale_d = np.exp(fit.theta[1] + fit.centre[1] + fit.unit / b)
    by_hand = ((scale_n / 1e9) ** ratio + scale_d / 1e10) ** b
    assert fit.predict(1e9, 1e10) == pytest.approx(by_hand)


def test_units_do_not_matter():
    loss, params, tokens = columns(KEPT)
    for name in surface_rivals.FORMULAS:
        plain = surface_rivals.fit_form(name, loss, params, tokens)
        other = surface_rivals.fit_form(name, 1.7 * loss, params / 1e9, tokens / 1e12)
        assert other.floor == pytest.approx(1.7 * plain.floor, rel=1e-4)
        assert other.objective == pytest.approx(plain.objective, rel=1e-6)


def test_the_forecast_sees_only_the_smaller_runs():
    cut = 1e21
    table = surface_rivals.beyond(KEPT, cut)
    tampered = KEPT.assign(loss=np.where(KEPT["training_flop"] >= cut, 9.0, KEPT["loss"]))
    assert list(table["form"]) == list(surface_rivals.FORMULAS) and table["misfit"].iloc[0] == 1
    small = KEPT[KEPT["training_flop"] < cut]
    assert len(small) < len(KEPT)
    for row, other in zip(table.itertuples(), surface_rivals.beyond(tampered, cut).itertuples(), strict=True):
        late = KEPT[KEPT["training_flop"] >= cut]
        bias = 100 * (np.log(9.0) - np.log(late["loss"])).mean()
        assert row.forecast_bias_pct - other.forecast_bias_pct == pytest.approx(bias)


def test_a_run_at_the_cut_itself_is_held_back():
    cut = float(np.sort(KEPT["training_flop"])[len(KEPT) // 2])
    at, under, over = (
        surface_rivals.beyond(KEPT, c)["forecast_rms_pct"].to_numpy() for c in (cut, cut * (1 - 1e-9), cut * (1 + 1e-9))
    )
    assert (at == under).all() and not (at == over).any()


@pytest.mark.parametrize("cut", [0.0, 1e30])
def test_a_cut_that_holds_back_nothing_or_everything_is_refused(cut):
    with pytest.raises(ValueError, match=r"cut .* holds back"):
        surface_rivals.beyond(KEPT, cut)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": "Newton"}, "name must be one of Chinchilla"),
        ({"loss": [2.0, -1.0]}, "loss must be positive and finite; position 1"),
        ({"tokens": [1e9, np.nan]}, "tokens must be positive and finite; position 1"),
        ({"params": [1e9]}, "params has 1 rows, loss has 2"),
    ],
)
def test_bad_input_is_named(change, message):
    good = {"name": "Chinchilla", "loss": [2.0, 3.0], "params": [1e9, 2e9], "tokens": [1e10, 2e10]}
    with pytest.raises(ValueError, match=message):
        surface_rivals.fit_form(**(good | change))


def test_order_does_not_matter():
    shuffled = KEPT.sample(frac=1, random_state=1)
    a, b = surface_rivals.beyond(KEPT, 1e21), surface_rivals.beyond(shuffled, 1e21)
    pd.testing.assert_frame_equal(a, b, rtol=1e-3, atol=1e-4)
