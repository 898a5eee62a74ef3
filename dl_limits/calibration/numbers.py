"""The numbers that the appendix on methods quotes: what each is and where it comes from."""

from __future__ import annotations

from dl_limits.calibration import report
from dl_limits.words import Number

_STORED = "interval_coverage"
_MARK = "$10 billion"


def numbers():
    """Return every number of the appendix by name: a dict of `dl_limits.words.Number`."""
    return _laws() | _surface() | _counts() | _others() | _forecasts() | _outcomes()


def _laws():
    """Return the coverage of intervals of one-variable laws."""
    coverage, best = report.stored_coverage(), report.recommended()
    exponents = 100 * best.loc[best["quantity"] == "exponent", "coverage"]
    every = 100 * coverage.set_index(["design", "method"])["coverage"]
    lines = every.xs("line", level="method")[["floor-inside", "floor-beyond", "tails-floor"]]
    what, exponent = "per cent of intervals that hold the truth:", "quantity exponent"

    def held(design, method):
        return Number(every[design, method], 0, f"{what} {method}", f"{_STORED}, design {design}, {exponent}")

    return {
        "sets": Number(coverage["repetitions"].max(), 0, "data sets simulated for each design", _STORED),
        "designs": Number(coverage["design"].nunique(), 0, "designs with an exponent", _STORED),
        "low": Number(exponents.min(), 1, f"{what} lowest recommended method", f"{_STORED}, {exponent}"),
        "high": Number(exponents.max(), 1, f"{what} highest recommended method", f"{_STORED}, {exponent}"),
        "worst": Number(every.min(), 0, f"{what} lowest of all methods", f"{_STORED}, {exponent}"),
        "line_floor": Number(
            lines.max(), 0, f"{what} highest of a straight line where a floor is", f"{_STORED}, {exponent}"
        ),
        "classical": held("documented-90", "line, classical"),
        "jackknife": held("documented-90", "line, jackknife"),
        "records": held("points-records", "line, jackknife"),
        "likelihood": held("points-records", "records"),
    }


def _surface():
    """Return the coverage of the loss surface's intervals."""
    table = report.surface_coverage()
    alike = 100 * table[table["design"] == "surface-sizes"].set_index("method")[["E", "alpha", "beta", "a"]]
    sizes, runs = alike.loc["percentile, sizes"], alike.loc["percentile"]
    what, source = "per cent of intervals that hold a parameter,", f"{_STORED}, design surface-sizes"
    new_run = "per cent of intervals that hold a new run, the surface being right"
    return {
        "used_low": Number(sizes.min(), 0, f"{what} whole sizes drawn: lowest", source),
        "used_high": Number(sizes.max(), 0, f"{what} whole sizes drawn: highest", source),
        "plain_low": Number(runs.min(), 0, f"{what} single runs drawn: lowest", source),
        "new_run": Number(100 * table["new run"].max(), 0, new_run, f"{_STORED}, design surface-runs"),
    }


def _counts():
    """Return how many of the other chapters' intervals keep their promise."""
    used = report.other_chapters().query("recommended")
    held, explained = used["coverage"].round(6), used["note"] != ""  # 0.93 is inside, whatever its last bit
    kept = held.between(*report.ACCEPTED)
    what, source = "intervals and tests that the chapters use", f"{_STORED}, recommended rows with chapters"
    return {
        "others": Number(len(used), 0, what, source),
        "kept": Number(kept.sum(), 0, f"{what}: 93 to 97 % hold the truth", source),
        "edge": Number((~kept & ~explained).sum(), 0, f"{what}: outside by less than three errors", source),
        "narrow": Number((explained & (held < 0.95)).sum(), 0, f"{what}: clearly below", source),
        "wide": Number((explained & (held > 0.95)).sum(), 0, f"{what}: clearly above", source),
    }


def _others():
    """Return the coverage of single intervals of the other chapters, and of what others use in their place."""
    table = report.other_chapters()
    every = 100 * table.set_index(["design", "quantity", "method"])["coverage"]
    used = 100 * table.query("recommended").set_index(["design", "quantity"])["coverage"]
    rows = {
        "run": ("cost-growth", f"years to {_MARK}, a run"),
        "trend": ("cost-growth", f"years to {_MARK}, trend"),
        "cost": ("cost-growth", "growth of cost"),
        "cost_plain": ("cost-growth", "growth of cost", "least squares, t"),
        "hac": ("compute-growth", "growth of the ten largest"),
        "hac_plain": ("compute-growth", "growth of the ten largest", "least squares, t"),
        "bend": ("compute-growth", "no break", "frontier, HAC and t"),
        "three": ("sources", "mean gain, 3 sources"),
        "three_drawn": ("sources", "mean gain, 3 sources", "sources resampled"),
        "five": ("sources", "mean gain, 5 sources"),
        "all_sources": ("sources", "share inside, all sources"),
        "noisier": ("anli-noise-3", "excess over guessing"),
        "plain_noise": ("anli-noise", "excess over guessing", "exact"),
        "each": ("anli-null", "all nine guess", "exact, uncorrected"),
        "off": ("anli-takeoff", "new model", "line"),
        "off_curve": ("anli-takeoff", "new model", "floor"),
        "record": ("progress-steady", "record in three years"),
        "printed": ("progress-steady", "no break", "sup-F, printed table"),
        "null": ("specifications", "null of the curve"),
        "seeds": ("learning-splits", "slope per doubling", "seeds as independent"),
    }
    values = {}
    for name, (design, quantity, *method) in rows.items():
        value = every[design, quantity, method[0]] if method else used[design, quantity]
        how = f" by {method[0]}" if method else ""
        what = f"per cent of data sets in which the truth is kept: {quantity}{how}"
        values[name] = Number(value, 0, what, f"{_STORED}, design {design}")
    return values


def _forecasts():
    """Return how well learning curves are carried on."""
    table, source = report.overall(report.forecast_scores()), "forecast_scores, average over kinds of curves"
    ours, line = table.loc["extrapolator"], table.loc["least-squares line"]
    score = line["interval_score"] / ours["interval_score"]
    return {
        "error": Number(100 * ours["rmse_log"], 1, "typical error of the weighted average, per cent", source),
        "line_error": Number(100 * line["rmse_log"], 1, "typical error of a straight line, per cent", source),
        "held": Number(100 * ours["coverage"], 0, "per cent of new points inside its 95 % interval", source),
        "line_held": Number(100 * line["coverage"], 0, "per cent of new points inside the line's interval", source),
        "score": Number(score, 1, "interval score of the line over that of the weighted average", source),
    }


def _outcomes():
    """Return how often intervals held what was held back, or came later."""
    table = report.extrapolation_errors()
    by_method = 100 * table.set_index(["chapter", "method"])["inside"]
    by_name = 100 * table[table["chapter"] == "10"].set_index("forecast")["inside"]
    what, source = "per cent of outcomes inside the 95 % interval:", "calibration.report.extrapolation_errors"
    return {
        "gap": Number(by_method["03", "gap"], 0, f"{what} lines in log gap, GPT-3's largest model", source),
        "calibrated": Number(
            by_method["03", "gap, pooled, calibrated"], 0, f"{what} as wide as earlier errors, GPT-3", source
        ),
        "surface": Number(by_method["04", "loss surface"], 0, f"{what} loss surface, runs held back", source),
        "runs": Number(by_name["Largest training run"], 0, f"{what} line through the largest runs", source),
        "speech": Number(by_name["Speech records"], 0, f"{what} line through speech records", source),
    }
