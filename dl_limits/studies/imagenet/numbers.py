"""The numbers that chapter 06 quotes: what each is and where it comes from."""

from __future__ import annotations

from dl_limits import data
from dl_limits.dates import LATEST
from dl_limits.studies.imagenet import backtest, fits, specifications, stress
from dl_limits.studies.imagenet import points as imagenet_points
from dl_limits.words import Number

_POINTS = "imagenet_regression_2020, all rows"
_PRINTED = "projections_2020"
_MODELS = "imagenet_models, documented networks to July 2020"
_LATER = "imagenet_models, documented networks after July 2020"
_LIMITS = "imagenet_limits"


def numbers():
    """Return every number of chapter 06 by name: a dict of `dl_limits.words.Number`."""
    return _published() | _printed() | _repaired() | _documented() | _many() | _floors() | _tested()


def _published():
    """Return the regression of 2020 and what follows from it."""
    fit, points, (start, target) = fits.published_fit(), imagenet_points.regression_points(), imagenet_points.levels()
    value, low, high = fit.multiplier(start, target).log10()
    reached, reached_low, reached_high = fit.required(target).log10()
    other, turned = fits.published_fit("exponential"), fits.published_fit(method="reverse")
    exponential = other.multiplier(start, target).log10()[0]
    trend, lowest = fits.time_trend(points, "peak_burden_flop"), points["top1_error_pct"].min()
    further = fit.multiplier(lowest, target).log10()[0]
    gain = trend["r_squared_with_year"] - trend["r_squared"]
    power = "the multiplier: power of ten of (11.5 / 5) to the power 1/slope"
    return {
        "points": Number(fit.nobs, 0, "networks in the regression", _POINTS),
        "slope": Number(fit.params["exponent"], 4, "least squares of log error on log burden: the slope", _POINTS),
        "slope_se": Number(fit.bse["exponent"], 4, "standard error of the slope", _POINTS),
        "r_squared": Number(fit.rsquared, 2, "share of the spread of log error that the line explains", _POINTS),
        "multiplier": Number(value, 2, power, _POINTS),
        "multiplier_low": Number(low, 1, "the multiplier at the upper end of the slope's 95 % interval", _POINTS),
        "multiplier_high": Number(high, 0, "the multiplier at the lower end of the slope's 95 % interval", _POINTS),
        "start": Number(start, 1, "lowest error published by July 2020, per cent", "imagenet_models"),
        "required": Number(reached, 1, "power of ten of the FLOP at which the line is at 5 %", _POINTS),
        "required_low": Number(reached_low, 1, "lower end of Fieller's 95 % interval for these FLOP", _POINTS),
        "required_high": Number(reached_high, 0, "upper end of Fieller's 95 % interval for these FLOP", _POINTS),
        "lowest": Number(lowest, 1, "lowest error of the paper's networks, per cent", _POINTS),
        "from_lowest": Number(further, 2, "the multiplier from that error to 5 %", _POINTS),
        "exponential": Number(exponential, 1, "the multiplier if log burden is linear in 1/error", _POINTS),
        "form_gap": Number(exponential - value, 1, "difference of the two forms' powers of ten", _POINTS),
        "turned": Number(turned.multiplier(start, target).log10()[0], 1, "the multiplier, burden on error", _POINTS),
        "gain": Number(gain, 2, "R² with the year less R² without", _POINTS),
        "years": Number(trend["years_per_tenfold"], 1, "slope of tenfold computing over slope of a year", _POINTS),
    }


def _printed():
    """Return what the paper printed, in 2020 and 2022."""
    value = data.load("projections_2020").set_index("projection_id")["value"]
    rows = {
        "printed_r2": ("2020_r_squared", 2, "R² as printed in 2020"),
        "printed_gain": ("2020_r_squared_gain_time", 2, "gain in R² from the year, as printed in 2020"),
        "printed_years": ("2020_years_per_tenfold", 0, "years worth a tenfold of computing, as printed in 2020"),
        "revised_compute": ("2022_compute_5pct", 0, "power of ten of the FLOP for 5 %, as printed in 2022"),
    }
    return {n: Number(value[row], digits, what, f"{_PRINTED}, row {row}") for n, (row, digits, what) in rows.items()}


def _repaired():
    """Return what corrections and omissions of single points do."""
    table = fits.repair_table().set_index("change")
    estimate = {kind: rows["estimate"] for kind, rows in table.groupby("kind")}
    mended, source = table.loc["all faults mended"], "imagenet_repairs_2020 on imagenet_regression_2020"
    searched = table.loc["the same, MnasNet kept", "estimate"]
    return {
        "repair_high": Number(estimate["corrected"].max(), 1, "largest multiplier after one correction", source),
        "left_low": Number(estimate["left out"].min(), 1, "smallest multiplier with one network left out", source),
        "mended": Number(mended["n"], 0, "networks left when all faults are mended", source),
        "together": Number(mended["estimate"], 1, "the multiplier with all faults mended", source),
        "together_search": Number(searched, 1, "all faults mended, MnasNet's search kept and multiplied by 64", source),
    }


def _documented():
    """Return the regressions on the networks whose training compute is documented."""
    start, target = imagenet_points.levels()
    fit, pairs = fits.documented_fit(), stress.compute_disagreement()
    direct, reverse = (f.multiplier(start, target).log10() for f in (fit, fits.documented_fit(method="reverse")))
    now, fixed = (fits.documented_fit(LATEST, fixed_recipe=f).multiplier(start, target).log10()[0] for f in (0, 1))
    years = imagenet_points.documented_models(LATEST)["published"].dt.year
    ends, whole = "end of the 95 % interval, papers left out one by one", "imagenet_models, documented networks"
    both = "imagenet_models, runs with both figures"
    return {
        "documented": Number(fit.nobs, 0, "networks with documented training compute", _MODELS),
        "documented_papers": Number(fit.line.df + 1, 0, "papers that the documented networks come from", _MODELS),
        "forward": Number(direct[0], 1, "the multiplier, log error on log compute", _MODELS),
        "forward_low": Number(direct[1], 1, f"error on compute: lower {ends}", _MODELS),
        "forward_high": Number(direct[2], 1, f"error on compute: upper {ends}", _MODELS),
        "reverse": Number(reverse[0], 1, "the multiplier, log compute on log error", _MODELS),
        "reverse_low": Number(reverse[1], 1, f"compute on error: lower {ends}", _MODELS),
        "reverse_high": Number(reverse[2], 1, f"compute on error: upper {ends}", _MODELS),
        "tenfold": Number(
            100 * (1 - 10 ** -fit.params["exponent"]), 0, "per cent that a tenfold takes off the error", _MODELS
        ),
        "pairs": Number(len(pairs), 0, "runs with a figure from hardware time and a count of operations", both),
        "gap": Number(pairs["ratio"].max(), 0, "largest ratio of the two figures", both),
        "gap_low": Number(pairs["ratio"].min(), 1, "smallest ratio of the two figures", both),
        "path_2026": Number(now, 1, "the multiplier, date left out", whole),
        "fixed_2026": Number(fixed, 1, "the multiplier, date in the regression", whole),
        "documented_2026": Number(len(years), 0, "networks with documented training compute", whole),
        "documented_late": Number((years > 2022).sum(), 0, "documented networks published after 2022", whole),
        "newest": Number(years.max(), None, "year of the newest documented network", whole),
        "largest_multiple": Number(
            imagenet_points.largest_multiple(), 1, "largest documented burden over that of the paper's largest", whole
        ),
    }


def _many():
    """Return what all specifications say, together and choice by choice."""
    curve, source = specifications.specifications(), "studies.imagenet.specifications"
    claimed, region, values = imagenet_points.claimed_power(), imagenet_points.claimed_region(), {}
    for prefix, date, digits in (("", "left out", 2), ("fixed_", "in", 3)):
        joint = specifications.primary(curve, date).resample(claimed, n_boot=200, seed=6)
        (value, low, high), (share_p, outside) = joint.median_interval(), joint.p_outside(*region)
        fitted, chance = f"top-1 power laws by direct estimators, date {date}", "if the truth is 5: chance of"
        values |= {
            f"{prefix}median": Number(value, 1, f"median multiplier: {fitted}", source),
            f"{prefix}median_low": Number(low, 1, "lower 95 % end of the median, papers resampled", source),
            f"{prefix}median_high": Number(high, 1, "upper 95 % end of the median, papers resampled", source),
            f"{prefix}p_median": Number(joint.p_median(), digits, f"{chance} a median as far away", source),
            f"{prefix}outside": Number(100 * outside, 0, "per cent of the estimates outside 4 to 6", source),
        }
        if date == "left out":
            values["path_specs"] = Number(len(joint.centre), 0, f"fits: {fitted}", source)
            values["p_share"] = Number(share_p, 2, f"{chance} as many estimates outside", source)
    moves = specifications.direct(curve).leverage_of_choices()
    relative = specifications.direct(curve.where(form="power law"), date=None).estimates("relative")
    medians = relative.drop_duplicates(["date", "data", "estimator"]).groupby("date")["estimate"].median()
    what, times = "median range when only this choice changes:", "median multiple of the data set's largest run, date"
    return values | {
        "form": Number(moves["form"], 1, f"{what} form of the law", source),
        "data": Number(moves["data"], 1, f"{what} data set", source),
        "estimator": Number(moves["estimator"], 1, f"{what} estimator", source),
        "relative_path": Number(medians["left out"], 1, f"{times} left out", source),
        "relative_fixed": Number(medians["in"], 1, f"{times} in", source),
    }


def _floors():
    """Return what the data and others say of a floor of the error."""
    profile, draws = stress.assumed_floors(), stress.floor_draws()
    allowed = profile.loc[profile["likely"], "floor_pct"]
    low, high = draws.quantile([0.025, 0.975])
    share = 100 * (draws >= imagenet_points.levels()[1]).mean()
    limits = data.load("imagenet_limits").set_index("limit_id")["value"]
    known = {
        "labels": ("label_errors_table", 1, "per cent of validation labels that are wrong"),
        "zhai": ("floor_fine_tuned", 0, "floor fitted to vision transformers, per cent"),
        "human": ("human_annotator_1", 1, "top-5 error of a human annotator, per cent"),
        "best": ("best_reported", 1, "lowest error under a stated protocol, per cent"),
        "claimed": ("best_claimed", 1, "lowest error claimed, per cent"),
    }
    values = {n: Number(limits[row], digits, what, f"{_LIMITS}, row {row}") for n, (row, digits, what) in known.items()}
    soup = data.load("imagenet_models").set_index("model_id").loc["model_soup_basic_l", "top1_error_pct"]
    return values | {
        "floor_low": Number(allowed.min(), 1, "smallest floor inside the 95 % likelihood interval, per cent", _MODELS),
        "floor_high": Number(allowed.max(), 1, "largest floor inside the 95 % likelihood interval, per cent", _MODELS),
        "floor_boot_low": Number(low, 1, "2.5 % quantile of the floor over resampled papers", _MODELS),
        "floor_boot_high": Number(high, 1, "97.5 % quantile of the floor over resampled papers", _MODELS),
        "floor_share": Number(share, 0, "per cent of the resamples with a floor at 5 % or above", _MODELS),
        "soup": Number(soup, 2, "its error, per cent", "imagenet_models, row model_soup_basic_l"),
    }


def _tested():
    """Return how networks published later fell beside the bands fitted before."""
    score = backtest.backtest_scores(backtest.backtest())
    first = backtest.backtest_scores(backtest.backtest("peak_burden_flop"))
    values = {
        "models": Number(score["models"], 0, "networks published later", _LATER),
        "below": Number(score["below"], 0, "networks below the 95 % band", _LATER),
        "above": Number(score["above"], 0, "networks above the 95 % band", _LATER),
    }
    for prefix, s, line in (("", score, "documented networks' line"), ("first_", first, "paper's line")):
        bias, band = f"error below the {line}, per cent, each paper once", "of the 95 % band at the largest later run"
        values |= {
            f"{prefix}bias": Number(100 - 100 * s["bias"], 0, bias, _LATER),
            f"{prefix}bias_low": Number(100 - 100 * s["bias_high"], 0, f"lower 95 % end: {bias}", _LATER),
            f"{prefix}bias_high": Number(100 - 100 * s["bias_low"], 0, f"upper 95 % end: {bias}", _LATER),
            f"{prefix}papers": Number(s["papers"], 0, "papers published later", _LATER),
            f"{prefix}coverage": Number(100 * s["coverage"], 0, f"per cent of papers inside, {line}", _LATER),
            f"{prefix}band_low": Number(s["band_low_pct"], 0, f"lower end {band}, {line}", _LATER),
            f"{prefix}band_high": Number(s["band_high_pct"], 0, f"upper end {band}, {line}", _LATER),
        }
    return values
