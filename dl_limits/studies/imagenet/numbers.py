"""The numbers that chapter 06 quotes: what each is and where it comes from."""

from __future__ import annotations

from dl_limits import data
from dl_limits.dates import CUTOFF, LATEST
from dl_limits.studies.imagenet import backtest, claims, fits, specifications, stress
from dl_limits.studies.imagenet import points as imagenet_points
from dl_limits.verdicts import FAILS, HOLDS
from dl_limits.words import Number

_POINTS = "imagenet_regression_2020, all rows"
_PRINTED = "projections_2020"
_MODELS = "imagenet_models, documented networks to July 2020"
_LATER = "imagenet_models, documented networks before and after July 2020"
_FIRST_LATER = f"{_POINTS}; imagenet_models, documented peak burden after July 2020"
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
    power = "powers of ten of computing from the best error of July 2020 to 5 %"
    flop, slope = "power of ten of the FLOP at which the line reaches 5 %", "slope of log error on log burden"
    return {
        "points": Number(fit.nobs, 0, "networks in the regression of 2020", _POINTS),
        "slope": Number(fit.params["exponent"], 4, f"{slope}, least squares, sign turned", _POINTS),
        "slope_se": Number(fit.bse["exponent"], 4, f"standard error of the {slope}", _POINTS),
        "r_squared": Number(fit.rsquared, 2, "share of the variance of log error that log burden explains", _POINTS),
        "multiplier": Number(value, 2, f"{power}: ratio of errors to the power 1/slope", _POINTS),
        "multiplier_low": Number(low, 1, f"{power}, at the slope's upper 95 % end", _POINTS),
        "multiplier_low_times": Number(10**low, -2, f"ten to the {power}, at the slope's upper 95 % end", _POINTS),
        "multiplier_high": Number(high, 0, f"{power}, at the slope's lower 95 % end", _POINTS),
        "start": Number(start, 1, "lowest error published by July 2020, per cent", "imagenet_models"),
        "required": Number(reached, 1, flop, _POINTS),
        "required_low": Number(reached_low, 1, f"{flop}: lower 95 % end (Fieller)", _POINTS),
        "required_high": Number(reached_high, 0, f"{flop}: upper 95 % end (Fieller)", _POINTS),
        "lowest": Number(lowest, 1, "lowest error of the paper's 13 networks, per cent", _POINTS),
        "from_lowest": Number(further, 2, "powers of ten of computing from the lowest of the 13 to 5 %", _POINTS),
        "exponential": Number(exponential, 1, f"{power}, log burden linear in 1/error", _POINTS),
        "form_gap": Number(exponential - value, 1, f"{power}, exponential form less power law", _POINTS),
        "turned": Number(turned.multiplier(start, target).log10()[0], 1, f"{power}, log burden on log error", _POINTS),
        "gain": Number(gain, 2, "R² of log error on log burden and date, less R² without date", _POINTS),
        "years": Number(trend["years_per_tenfold"], 1, "years that lower the error as a tenfold burden does", _POINTS),
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
    power = "powers of ten of computing from the best error of July 2020 to 5 %"
    return {
        "repair_high": Number(estimate["corrected"].max(), 1, f"{power}: largest after one correction", source),
        "left_low": Number(estimate["left out"].min(), 1, f"{power}: smallest with one network left out", source),
        "mended": Number(mended["n"], 0, "networks left when all faults are mended", source),
        "together": Number(mended["estimate"], 1, f"{power}, all faults mended", source),
        "together_search": Number(searched, 1, f"{power}, faults mended, MnasNet's search kept, times 64", source),
    }


def _documented():
    """Return the regressions on the networks whose training compute is documented."""
    start, target = imagenet_points.levels()
    fit, pairs = fits.documented_fit(), stress.compute_disagreement()
    direct, reverse = (f.multiplier(start, target).log10() for f in (fit, fits.documented_fit(method="reverse")))
    latest, held = (fits.documented_fit(LATEST, fixed_recipe=fixed) for fixed in (False, True))
    now, fixed = (f.multiplier(start, target).log10()[0] for f in (latest, held))
    years = imagenet_points.documented_models(LATEST)["published"].dt.year
    ends, whole = "95 % end, papers left out in turn", "imagenet_models, documented networks to 2026"
    both, power = f"{_MODELS}, both figures", "powers of ten of computing from the best error of July 2020 to 5 %"
    most = "largest documented peak burden, frozen features included, over the paper's largest"
    ratio = "ratio of compute from hardware time to counted operations, one run"
    return {
        "documented": Number(fit.nobs, 0, "networks with documented training compute", _MODELS),
        "documented_papers": Number(fit.line.df + 1, 0, "papers that the documented networks come from", _MODELS),
        "forward": Number(direct[0], 1, f"{power}, log error on log compute", _MODELS),
        "forward_low": Number(
            direct[1], 1, f"error on compute, best of July 2020 to 5 %, power of ten: lower {ends}", _MODELS
        ),
        "forward_high": Number(
            direct[2], 1, f"error on compute, best of July 2020 to 5 %, power of ten: upper {ends}", _MODELS
        ),
        "reverse": Number(reverse[0], 1, f"{power}, log compute on log error", _MODELS),
        "reverse_low": Number(
            reverse[1], 1, f"compute on error, best of July 2020 to 5 %, power of ten: lower {ends}", _MODELS
        ),
        "reverse_high": Number(
            reverse[2], 1, f"compute on error, best of July 2020 to 5 %, power of ten: upper {ends}", _MODELS
        ),
        "tenfold_2026": Number(
            100 - 100 * 10 ** -latest.params["exponent"],
            0,
            "per cent less error for a tenfold of training compute",
            whole,
        ),
        "tenfold": Number(
            100 * (1 - 10 ** -fit.params["exponent"]), 0, "per cent off the error for ten times the compute", _MODELS
        ),
        "tenfold_later": Number(
            100 * (1 - 10 ** -fits.later_fit().params["exponent"]),
            0,
            "per cent off the error for ten times the compute, networks published after July 2020",
            _LATER,
        ),
        "pairs": Number(len(pairs), 0, "runs with a figure from hardware time and a count of operations", both),
        "gap": Number(pairs["ratio"].max(), 0, f"largest {ratio}", both),
        "gap_low": Number(pairs["ratio"].min(), 1, f"smallest {ratio}", both),
        "path_2026": Number(now, 1, f"{power}, date left out", whole),
        "fixed_2026": Number(fixed, 1, f"{power}, date in the regression", whole),
        "documented_2026": Number(len(years), 0, "networks with documented training compute", whole),
        "documented_late": Number((years > 2022).sum(), 0, "documented networks published after 2022", whole),
        "newest": Number(years.max(), None, "year of the newest documented network", whole),
        "largest_multiple": Number(imagenet_points.largest_multiple(), 1, most, f"imagenet_models; {_POINTS}"),
    }


def _many():
    """Return what all specifications say, together and choice by choice."""
    curve, source = specifications.specifications(), "studies.imagenet.specifications"
    claimed, region, values = imagenet_points.claimed_power(), imagenet_points.claimed_region(), {}
    for prefix, date, digits in (("", "left out", 2), ("fixed_", "in", 3)):
        joint = specifications.primary(curve, date).resample(claimed, n_boot=200, seed=6)
        (value, low, high), (share_p, outside) = joint.median_interval(), joint.p_outside(*region)
        fitted, chance = f"top-1 power laws, direct estimators, date {date}", "if the truth is 10⁵, chance of"
        values |= {
            f"{prefix}median": Number(value, 1, f"median power of ten, best of July 2020 to 5 %: {fitted}", source),
            f"{prefix}median_low": Number(low, 1, f"median, lower 95 % end, papers resampled: {fitted}", source),
            f"{prefix}median_high": Number(high, 1, f"median, upper 95 % end, papers resampled: {fitted}", source),
            f"{prefix}p_median": Number(joint.p_median(), digits, f"{chance} a median as far away: {fitted}", source),
            f"{prefix}outside": Number(100 * outside, 0, f"per cent of estimates outside 10⁴ to 10⁶: {fitted}", source),
        }
        if date == "left out":
            values["path_specs"] = Number(len(joint.centre), 0, f"different fits: {fitted}", source)
            values["p_share"] = Number(share_p, 2, f"{chance} as many estimates outside 10⁴ to 10⁶: {fitted}", source)
    moves = specifications.direct(curve).leverage_of_choices()
    relative = specifications.direct(curve.where(form="power law"), date=None).estimates("relative")
    medians = relative.drop_duplicates(["date", "data", "estimator"]).groupby("date")["estimate"].median()
    what = "median range, powers of ten, date left out, when only this changes:"
    values |= _spread(curve, source)
    times = "median power of ten of computing for 5 % over the data set's largest run, date"
    return values | {
        "form": Number(moves["form"], 1, f"{what} form of the law", source),
        "data": Number(moves["data"], 1, f"{what} data set", source),
        "estimator": Number(moves["estimator"], 1, f"{what} estimator", source),
        "relative_path": Number(medians["left out"], 1, f"{times} left out", source),
        "relative_fixed": Number(medians["in"], 1, f"{times} in", source),
    }


def _spread(curve, source):
    """Return how far all answers lie apart, what the claim's rule says of them, and which choice accounts for what."""
    table = curve.estimates()
    says, rules_out = (
        specifications.rule_words(table),
        "per cent of the answers of the whole curve whose interval the claim",
    )
    values = {
        "answers": Number(len(table), 0, "answers of the whole specification curve", source),
        "fewest": Number(10 ** table["estimate"].min(), 0, "smallest answer of the whole curve, times more", source),
        "never": Number((table["estimate"] == float("inf")).sum(), 0, "answers in which 5 % is never reached", source),
        "ruled_out": Number(
            100 * (says == FAILS).mean(), 0, f"{rules_out}'s rule takes for too low or too high", source
        ),
        "borne_out": Number(100 * (says == HOLDS).mean(), 0, f"{rules_out} holds in: within 10⁴ to 10⁶", source),
    }
    top1 = table[table["measure"] == "top-1"]
    parts = {
        "": (table, "all answers"),
        "path_": (top1[top1["date"] == "left out"], "top-1 answers, date left out"),
        "fixed_": (top1[top1["date"] == "in"], "top-1 answers, date in"),
    }
    for prefix, (part, which) in parts.items():
        shares = specifications.choice_shares(part)
        for name in ("form", "data"):
            what = f"per cent of the spread (variance of ranks) of {which} that {name} accounts for, Shapley effect"
            values[f"{prefix}spread_{name}"] = Number(100 * shares[name], 0, what, source)
    return values


def _floors():
    """Return what the data and others say of a floor of the error."""
    profile, draws = stress.assumed_floors(), stress.floor_draws()
    allowed = profile.loc[profile["likely"], "floor_pct"]
    low, high = draws.quantile([0.025, 0.975])
    share = 100 * (draws >= imagenet_points.levels()[1]).mean()
    limits = data.load("imagenet_limits").set_index("limit_id")["value"]
    known = {
        "labels": ("label_errors_table", 1, "per cent of validation labels that are wrong"),
        "zhai": ("floor_fine_tuned", 0, "floor of the error fitted to vision transformers, per cent"),
        "human": ("human_annotator_1", 1, "top-5 error of a human annotator, per cent"),
        "best": ("best_reported", 1, "lowest error reported under a stated protocol, per cent"),
        "claimed": ("best_claimed", 1, "lowest error claimed, per cent"),
    }
    values = {n: Number(limits[row], digits, what, f"{_LIMITS}, row {row}") for n, (row, digits, what) in known.items()}
    soup = data.load("imagenet_models").set_index("model_id").loc["model_soup_basic_l", "top1_error_pct"]
    return values | {
        **_floors_late(),
        "floor_low": Number(allowed.min(), 1, "smallest floor inside the 95 % likelihood interval, per cent", _MODELS),
        "floor_high": Number(allowed.max(), 1, "largest floor inside the 95 % likelihood interval, per cent", _MODELS),
        "floor_boot_low": Number(low, 1, "2.5 % quantile of the best floor, papers resampled, per cent", _MODELS),
        "floor_boot_high": Number(high, 1, "97.5 % quantile of the best floor, papers resampled, per cent", _MODELS),
        "floor_share": Number(share, 0, "per cent of resamples whose best floor is 5 % or above", _MODELS),
        "soup": Number(soup, 2, "error of one soup of BASIC-L, per cent", "imagenet_models, row model_soup_basic_l"),
    }


def _floors_late():
    """Return what the networks to 2026 say of a floor, and the interval that the verdict rests on."""
    late, models = stress.assumed_floors(LATEST), imagenet_points.documented_models(LATEST)
    allowed = late.loc[late["likely"], "floor_pct"]
    share = 100 * (stress.floor_draws(models) >= 5).mean()
    ends = {date: claims.judged_table(date).loc[claims.VERDICT] for date in (CUTOFF, LATEST)}
    least = "lower 95 % end of the multiplier from 11.5 to 5 %, papers resampled, best floor, powers of ten"
    to = "networks to 2026"
    return {
        "floor_late_low": Number(
            allowed.min(), 1, f"smallest floor inside the 95 % likelihood interval, {to}", _MODELS
        ),
        "floor_late_high": Number(
            allowed.max(), 1, f"largest floor inside the 95 % likelihood interval, {to}", _MODELS
        ),
        "floor_late_share": Number(share, 0, f"per cent of resamples whose best floor is 5 % or above, {to}", _MODELS),
        "verdict_low": Number(ends[CUTOFF]["low"], 1, f"{least}, networks to July 2020", _MODELS),
        "verdict_low_2026": Number(ends[LATEST]["low"], 1, f"{least}, {to}", _MODELS),
    }


def _tested():
    """Return how networks published later fell beside the bands fitted before."""
    score = backtest.backtest_scores(backtest.backtest())
    first = backtest.backtest_scores(backtest.backtest("peak_burden_flop"))
    values = {
        "models": Number(score["models"], 0, "documented networks published after July 2020", _LATER),
        "below": Number(score["below"], 0, "later networks with errors below the earlier ones' 95 % band", _LATER),
        "above": Number(score["above"], 0, "later networks with errors above the earlier ones' 95 % band", _LATER),
    }
    cases = ("", score, "documented networks", _LATER), ("first_", first, "paper's networks", _FIRST_LATER)
    for prefix, s, earlier, source in cases:
        bias = f"later errors below the line of the {earlier}, per cent, mean over papers"
        band = f"end of the 95 % band of the {earlier}, at the largest later run, per cent"
        inside = f"later networks inside the 95 % band of the {earlier}, per cent, mean over papers"
        values |= {
            f"{prefix}bias": Number(100 - 100 * s["bias"], 0, bias, source),
            f"{prefix}bias_low": Number(100 - 100 * s["bias_high"], 0, f"lower 95 % end: {bias}", source),
            f"{prefix}bias_high": Number(100 - 100 * s["bias_low"], 0, f"upper 95 % end: {bias}", source),
            f"{prefix}papers": Number(s["papers"], 0, "papers of the later networks", source),
            f"{prefix}coverage": Number(100 * s["coverage"], 0, inside, source),
            f"{prefix}band_low": Number(s["band_low_pct"], 0, f"lower {band}", source),
            f"{prefix}band_high": Number(s["band_high_pct"], 0, f"upper {band}", source),
        }
    return values
