"""The numbers that chapter 04 quotes: what each is and where it comes from."""

from __future__ import annotations

import numpy as np

from dl_limits.laws import loss
from dl_limits.laws.robust import intraclass_correlation
from dl_limits.studies.scaling import fit, published, returns
from dl_limits.words import Number

_RUNS = "chinchilla_runs, rows in_replication"
_AT_GPT3 = f"{_RUNS}; gpt_models, row gpt_3_175b"
_LAW = "loss_laws, law gpt3_c"
_SPLIT = f"{_RUNS}, split at 10²¹ FLOP"


def numbers():
    """Return every number of chapter 04 by name: a dict of `dl_limits.words.Number`."""
    return _surface() | _printed() | _residuals() | _choices() | _diminishing() | _divided() | _tested()


def _surface():
    """Return the fitted surface: its floor, and what lies above it."""
    results, share = fit.surface(), returns.floor_share()
    floor, (low, high) = results.params["E"], results.conf_int().loc["E"]
    taken = 100 * (1 - 10 ** -loss.frontier_exponent(results.params))
    what = "floor E of the fitted surface, nats per token"
    part = "floor in per cent of the surface's loss at GPT-3's place"
    return {
        "runs": Number(results.nobs, 0, "training runs that the surface is fitted to", _RUNS),
        "floor": Number(floor, 2, what, _RUNS),
        "floor_short": Number(floor, 1, what, _RUNS),
        "floor_low": Number(low, 2, f"lower 95 % end, sizes resampled: {what}", _RUNS),
        "floor_high": Number(high, 2, f"upper 95 % end, sizes resampled: {what}", _RUNS),
        "taken": Number(taken, 0, "per cent of the loss above the floor that ×10 computing takes, best split", _RUNS),
        "share": Number(share.estimate, 0, part, _AT_GPT3),
        "share_low": Number(share.low, 0, f"lower 95 % end: {part}", _AT_GPT3),
        "share_high": Number(share.high, 0, f"upper 95 % end: {part}", _AT_GPT3),
    }


def _printed():
    """Return what printed laws say, and what was printed of the surface."""
    step, low, high = returns.rounding("gpt3_c", lambda exponent: 10**-exponent)
    end, end_loss = published.conjectured_end()
    conjecture, surface = published.published_law("kaplan_conjecture"), published.published_surface("hoffmann_printed")
    factor = "what ten times the computing multiplies the loss by, GPT-3's law"
    crossing = "where Kaplan's laws contradict each other"
    power = f"power of ten of the petaFLOP/s-days {crossing}"
    laws, guess = "loss_laws, laws kaplan_cmin, kaplan_d, kaplan_data_growth", "loss_laws, law kaplan_conjecture"
    ratio = "number of our runs times the squared ratio of 80 % interval widths, size exponent, ours over Hoffmann's"
    widths = f"{_RUNS}; loss_surfaces, row hoffmann_approach_3_size_exponent"
    return {
        "step": Number(step, 3, f"10 to minus the printed exponent: {factor}", _LAW),
        "step_low": Number(low, 3, f"{factor}, the exponent 0.0005 larger than printed", _LAW),
        "step_high": Number(high, 3, f"{factor}, the exponent 0.0005 smaller than printed", _LAW),
        "end": Number(np.log10(end), 0, power, laws),
        "end_loss": Number(end_loss, 1, f"loss {crossing}, nats per token", laws),
        "printed_end": Number(np.log10(conjecture["pf_days"]), 0, f"{power}, as Kaplan et al. print it", guess),
        "printed_loss": Number(conjecture["loss"], 1, f"loss {crossing}, nats per token, as printed", guess),
        "printed_floor": Number(surface["E"], 2, "printed E, nats per token", "loss_surfaces, row hoffmann_printed_e"),
        "needed": Number(fit.runs_for_printed_precision(), -4, ratio, widths),
    }


def _residuals():
    """Return what the surface leaves."""
    table = fit.residuals()
    alike = 100 * intraclass_correlation(table["residual_pct"], table["size"])
    return {
        "typical": Number(table["residual_pct"].abs().median(), 1, "median distance from the surface, per cent", _RUNS),
        "alike": Number(alike, 0, "intraclass correlation of residuals within one size of model, per cent", _RUNS),
        "sizes": Number(table["size"].nunique(), 0, "different sizes of model among the runs", _RUNS),
    }


def _choices():
    """Return how the floor hangs on choices and formulas."""
    floors, forms = fit.floors().set_index("fit")["estimate"], fit.formulas().set_index("form")
    bent, kaplan = forms.loc["Chinchilla, bent"], forms.loc["Kaplan, with floor"]
    straight = forms[forms["floor"] == 0]
    low, high = np.quantile(fit.floors_over_formulas(), [0.025, 0.975])
    over = "95 % end of the floor over the formulas that foretell as well as the usual one, nats per token"
    formula = "floor of Kaplan's formula with a floor added, nats per token"
    worse, fitter = "Huber objective over the surface's", "per cent by which one more exponent lowers Huber's objective"
    least = "mean shortfall of forecasts of the larger runs, per cent: smallest, formulas without a floor"
    return {
        "every": Number(floors["all 245 runs"], 2, "floor of all 245 runs' surface, nats per token", "chinchilla_runs"),
        "squares": Number(floors["least squares"], 2, "floor of the surface by least squares, nats per token", _RUNS),
        "formulas_low": Number(low, 1, f"lower {over}", _RUNS),
        "formulas_high": Number(high, 1, f"upper {over}", _RUNS),
        "bent": Number(bent["floor"], 2, "floor of the formula with one more exponent, nats per token", _RUNS),
        "bent_misfit": Number(100 - 100 * bent["misfit"], 0, fitter, _RUNS),
        "kaplan": Number(kaplan["floor"], 2, formula, _RUNS),
        "kaplan_short": Number(kaplan["floor"], 1, formula, _RUNS),
        "kaplan_misfit": Number(kaplan["misfit"], 1, f"{worse}: Kaplan's formula with a floor", _RUNS),
        "straight_misfit": Number(straight["misfit"].min(), 1, f"{worse}: smallest, formulas without a floor", _RUNS),
        "straight_bias": Number(-straight["forecast_bias_pct"].max(), 0, least, _SPLIT),
    }


def _diminishing():
    """Return what a tenfold, and a per cent, of computing takes off."""
    here = returns.returns(np.array([returns.gpt3_run()[2]])).iloc[0]
    paths = returns.elasticities().set_index("path")
    best, text, size = (paths.loc[name] for name in ("best split", "data only", "size only"))
    gain = "per cent off the loss for ten times GPT-3's computing, fitted surface, best split"
    reducible = "per cent off the reducible loss for one per cent more computing"
    split = f"{reducible}, best split"
    return {
        "law": Number(here["power_law"], 1, "per cent off the loss for ten times the computing, GPT-3's law", _LAW),
        "gain": Number(here["estimate"], 1, gain, _AT_GPT3),
        "gain_low": Number(here["low"], 1, f"lower 95 % end: {gain}", _AT_GPT3),
        "gain_high": Number(here["high"], 1, f"upper 95 % end: {gain}", _AT_GPT3),
        "elastic": Number(best["estimate"], 2, f"{split}: αβ/(α + β)", _RUNS),
        "elastic_low": Number(best["low"], 2, f"lower 95 % end: {split}", _RUNS),
        "elastic_high": Number(best["high"], 2, f"upper 95 % end: {split}", _RUNS),
        "e_data": Number(text["estimate"], 2, f"{reducible}, all into text, at GPT-3's place", _AT_GPT3),
        "e_size": Number(size["estimate"], 2, f"{reducible}, all into size, at GPT-3's place", _AT_GPT3),
    }


def _divided():
    """Return what GPT-3's split cost."""
    excess, saved = returns.waste()
    more = "per cent by which the surface's loss at GPT-3's split exceeds the best split's"
    less = "per cent of GPT-3's computing that the best split saves at equal loss"
    return {
        "excess": Number(excess.estimate, 1, more, _AT_GPT3),
        "excess_low": Number(excess.low, 1, f"lower 95 % end: {more}", _AT_GPT3),
        "excess_high": Number(excess.high, 1, f"upper 95 % end: {more}", _AT_GPT3),
        "saved": Number(saved.estimate, 0, less, _AT_GPT3),
        "saved_low": Number(saved.low, 0, f"lower 95 % end: {less}", _AT_GPT3),
        "saved_high": Number(saved.high, 0, f"upper 95 % end: {less}", _AT_GPT3),
    }


def _tested():
    """Return how the larger runs fell beside forecasts from the smaller."""
    late = fit.held_back()
    share, place = 100 * late["covered"].mean(), "power of ten of the FLOP from which runs are held back for the test"
    return {
        "cut": Number(np.log10(fit.CUT), 0, place, "studies.scaling.fit.CUT"),
        "held": Number(len(late), 0, "runs of 10²¹ FLOP or more, held back", _SPLIT),
        "covered": Number(share, 0, "per cent of the runs held back inside 95 % intervals from smaller runs", _SPLIT),
    }
