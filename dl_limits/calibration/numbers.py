"""The numbers that the appendix on methods quotes: what each is and where it comes from."""

from __future__ import annotations

from dl_limits.calibration import away, report
from dl_limits.laws.extrapolation import FLAT_HOLDS
from dl_limits.words import Number

_STORED = "interval_coverage"
_MARK = "$10 billion"
_TEN, _EXCESS, _SEEDS = "growth of the ten largest", "excess over guessing", "seeds as independent"


def numbers():
    """Return every number of the appendix by name: a dict of `dl_limits.words.Number`."""
    return _laws() | _surface() | _counts() | _others() | _forecasts() | _away() | _curves() | _outcomes()


def _laws():
    """Return the coverage of intervals of one-variable laws."""
    coverage, best = report.stored_coverage(), report.recommended()
    exponents = 100 * best.loc[best["quantity"] == "exponent", "coverage"]
    every = 100 * coverage.set_index(["design", "method"])["coverage"]
    lines = every.xs("line", level="method")[["floor-inside", "floor-beyond", "tails-floor"]]
    what, exponent = "per cent of intervals that hold the true exponent:", f"{_STORED}, quantity exponent"

    def held(design, method, words):
        return Number(every[design, method], 0, f"{what} {words}", f"{exponent}, design {design}, method {method}")

    return {
        "sets": Number(coverage["repetitions"].max(), 0, "data sets simulated for each design", exponent),
        "designs": Number(coverage["design"].nunique(), 0, "simulated designs with a true exponent", exponent),
        "low": Number(exponents.min(), 1, f"{what} lowest of the recommended methods", exponent),
        "high": Number(exponents.max(), 1, f"{what} highest of the recommended methods", exponent),
        "worst": Number(every.min(), 0, f"{what} lowest of all methods", exponent),
        "line_floor": Number(lines.max(), 0, f"{what} straight line, highest of three designs with a floor", exponent),
        "classical": held("documented-90", "line, classical", "line, nine tenths shared in papers, classical errors"),
        "jackknife": held("documented-90", "line, jackknife", "line, nine tenths shared in papers, each left out"),
        "records": held("points-records", "line, jackknife", "line through records, years left out in turn"),
        "likelihood": held("points-records", "records", "likelihood of records, results alike within years"),
    }


def _surface():
    """Return the coverage of the loss surface's intervals."""
    table = report.surface_coverage()
    alike = 100 * table[table["design"] == "surface-sizes"].set_index("method")[["E", "alpha", "beta", "a"]]
    sizes, runs = alike.loc["percentile, sizes"], alike.loc["percentile"]
    what = "per cent of percentile intervals that hold a number of the loss surface,"
    source = f"{_STORED}, design surface-sizes, quantities E, alpha, beta and a"
    return {
        "used_low": Number(sizes.min(), 0, f"{what} whole sizes drawn: lowest of four", source),
        "used_high": Number(sizes.max(), 0, f"{what} whole sizes drawn: highest of four", source),
        "plain_low": Number(runs.min(), 0, f"{what} single runs drawn: lowest of four", source),
    }


def _counts():
    """Return how many of the other chapters' intervals keep their promise."""
    used = report.other_chapters().query("recommended")
    held, explained = used["coverage"].round(6), used["note"] != ""  # 0.93 is inside, whatever its last bit
    kept = held.between(*report.ACCEPTED)
    what, source = "intervals and tests of the chapters", f"{_STORED}, recommended rows with chapters"
    return {
        "others": Number(len(used), 0, what, source),
        "kept": Number(kept.sum(), 0, f"{what}, right in 93 to 97 % of simulations", source),
        "edge": Number((~kept & ~explained).sum(), 0, f"{what}, outside 93 to 97 % by under three errors", source),
        "narrow": Number((explained & (held < 0.95)).sum(), 0, f"{what}, clearly below 93 %", source),
        "wide": Number((explained & (held > 0.95)).sum(), 0, f"{what}, clearly above 97 %", source),
    }


def _others():
    """Return the coverage of single intervals of the other chapters, and of what others use in their place."""
    table = report.other_chapters()
    rows = {
        "run": ("cost-growth", f"years to {_MARK}, a run", f"years until a run costs {_MARK}"),
        "trend": ("cost-growth", f"years to {_MARK}, trend", f"years until the trend of cost reaches {_MARK}"),
        "cost": ("cost-growth", "growth of cost", "growth of the ten largest runs' cost, HAC"),
        "persist": ("cost-growth-half", "growth of cost", "growth of cost, half of the scatter persisting", "HAC, t"),
        "persist_kept": ("cost-growth-half", "growth of cost", "the same, errors allowed to persist"),
        "cost_plain": ("cost-growth", "growth of cost", "growth of cost, ordinary errors", "least squares, t"),
        "hac": ("compute-growth", _TEN, "growth of the ten largest runs' compute, HAC"),
        "hac_plain": ("compute-growth", _TEN, "growth of compute, ordinary errors", "least squares, t"),
        "bend": ("compute-growth", "no break", "no bend of the ten largest runs", "frontier, HAC and t"),
        "three": ("sources", "mean gain, 3 sources", "mean log score gained, 3 sources, t"),
        "three_drawn": ("sources", "mean gain, 3 sources", "mean log score gained, 3 resampled", "sources resampled"),
        "five": ("sources", "mean gain, 5 sources", "mean log score gained, 5 sources, t"),
        "all_sources": ("sources", "share inside, all sources", "share of forecasts inside, sources resampled"),
        "noisier": ("anli-noise-3", _EXCESS, "score less chance, noise of three points, two allowed for"),
        "plain_noise": ("anli-noise", _EXCESS, "score less chance, noise of two points, none allowed for", "exact"),
        "each": ("anli-null", "all nine guess", "nine guessers, uncorrected", "exact, uncorrected"),
        "off": ("anli-takeoff", "new model", "new model's score after a take-off, straight line", "line"),
        "off_curve": ("anli-takeoff", "new model", "new model's score after a take-off, curve from chance", "floor"),
        "record": ("progress-steady", "record in three years", "record in three years, line through records"),
        "printed": ("progress-steady", "no break", "no break in records, printed limit", "sup-F, printed table"),
        "null": ("specifications", "null of the curve", "specification curve at the claimed multiplier"),
        "seeds": ("learning-splits", "slope per doubling", "learning curve's slope, splits as independent", _SEEDS),
    }
    values = {}
    for name, (design, quantity, words, *method) in rows.items():
        asked = table["method"] == method[0] if method else table["recommended"]
        row = table[asked & (table["design"] == design) & (table["quantity"] == quantity)].iloc[0]
        what = "tests that keep the true null" if row["kind"] == "test" else "intervals that hold the truth"
        source = f"{_STORED}, row {row['simulation_id']}"
        values[name] = Number(100 * row["coverage"], 0, f"per cent of simulated {what}: {words}", source)
    return values


def _forecasts():
    """Return how well learning curves are carried on."""
    table, source = report.overall(report.forecast_scores()), "forecast_scores, average over kinds of curves"
    ours, line = table.loc["extrapolator"], table.loc["least-squares line"]
    average, straight = "the weighted average of laws", "a least-squares line of logarithms"
    new = "per cent of points beyond the data inside the 95 % interval of"
    score = line["interval_score"] / ours["interval_score"]
    return {
        "error": Number(100 * ours["rmse_log"], 1, f"typical error of {average}, per cent", source),
        "line_error": Number(100 * line["rmse_log"], 1, f"typical error of {straight}, per cent", source),
        "held": Number(100 * ours["coverage"], 0, f"{new} {average}", source),
        "line_held": Number(100 * line["coverage"], 0, f"{new} {straight}", source),
        "score": Number(score, 1, f"interval score of {straight} over that of {average}", source),
    }


def _away():
    """Return how forecasts of new runs did on public sets, and OLMo's large runs."""
    stored = away.stored_forecasts()
    kept = stored[stored["method"] == away.HELD_OUT]
    share = (kept["coverage_pct"] * kept["forecasts"]).sum() / kept["forecasts"].sum()
    told, source = away.ladder(), f"forecasts_away, method {away.HELD_OUT}"
    runs, ladder = "calibration.away.ladder", told.set_index("run")["error_pct"].abs()
    published = -told["published_error_pct"].dropna().iloc[0]
    return {
        "away_sets": Number(len(kept), 0, "public sets of runs forecast", source),
        "away_runs": Number(kept["forecasts"].sum(), 0, "larger runs forecast from smaller ones, all sets", source),
        "away_held": Number(share, 0, "per cent of those runs inside 95 % intervals", source),
        "away_lowest": Number(kept["coverage_pct"].min(), 0, "per cent inside, lowest of the sets", source),
        "away_error": Number(
            (kept["mean_error_pct"] * kept["forecasts"]).sum() / kept["forecasts"].sum(),
            1, "mean absolute error of those forecasts, per cent of loss", source,
        ),
        "ladder_7b": Number(ladder["7B-4T"], 1, "error of the forecast of the 7B run, per cent", runs),
        "ladder_13b": Number(ladder["13B-5T"], 1, "error of the forecast of the 13B run, per cent", runs),
        "ladder_published": Number(published, 1, "published error for the 13B run, per cent", "olmo_ladder_runs, 13B"),
    }  # fmt: skip


def _curves():
    """Return how public learning curves were carried on by constants learnt on other data sets."""
    stored, source = away.stored_curves().set_index("collection"), "curves_away"
    whole, thinned = stored.loc["whole curves"], stored.loc["5 to 14 points of each"]
    inside = "per cent inside 95 % intervals, data sets left out"
    return {
        "curves": Number(whole["curves"], 0, "public learning curves carried on", source),
        "curve_sets": Number(whole["data_sets"], 0, "data sets of those curves", source),
        "curves_held": Number(whole["coverage_pct"], 0, inside, source),
        "curves_thinned": Number(thinned["coverage_pct"], 0, f"{inside}, few points of each curve", source),
        "curves_error": Number(whole["error_pct"], 0, "typical error of those forecasts, per cent", source),
        "curves_flat": Number(100 * FLAT_HOLDS, 0, f"{inside}, curves that had hardly moved", "laws.extrapolation"),
    }


def _outcomes():
    """Return how often intervals held what was held back, or came later."""
    table = report.extrapolation_errors()
    by_method = 100 * table.set_index(["chapter", "method"])["inside"]
    wide, each = by_method["03", "gap, pooled, calibrated"], "mean over sources"
    by_name = 100 * table[table["chapter"] == "10"].set_index("forecast")["inside"]
    what, source = "per cent of outcomes inside the 95 % interval:", "calibration.report.extrapolation_errors"
    return {
        "gap": Number(by_method["03", "gap"], 0, f"{what} lines in log gap, GPT-3's largest model", source),
        "calibrated": Number(wide, 0, f"{what} as wide as errors on other tasks, GPT-3's largest model", source),
        "surface": Number(by_method["04", "loss surface"], 0, f"{what} loss surface, largest runs held back", source),
        "runs": Number(by_name["Largest training run"], 0, f"{what} line through largest runs, {each}", source),
        "speech": Number(by_name["Speech records"], 0, f"{what} line through speech records, {each}", source),
    }
