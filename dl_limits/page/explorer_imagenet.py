"""The explorer's answers on ImageNet: every line that its choices allow, and what each says of the claim."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import constants

from dl_limits import data
from dl_limits.dates import CUTOFF, LATEST
from dl_limits.page.lookup import looked_up
from dl_limits.studies.imagenet import fits as imagenet_fits
from dl_limits.studies.imagenet import points as imagenet_points
from dl_limits.studies.imagenet import stress
from dl_limits.verdicts import FAILS, HOLDS, VOCABULARY, Analysis, Region
from dl_limits.words import power_cell, rounded

# What the choices are called, short enough for a phone, and what each means.
SAMPLES = {
    "published": (
        "the paper’s 13 networks, as published",
        "the points that the claimed number came from; computing is what the hardware could have done",
    ),
    "mended": ("the paper’s networks, faults mended", "the same source, with chapter 06’s corrections"),
    "documented_2020": (
        "all documented to July 2020",
        "every network whose training operations are documented, as known when the claim was made",
    ),
    "documented_2026": ("all documented to 2026", "the same, with the networks that came later"),
}
FORMS = {
    "power": ("power law, no floor", "each tenfold of computing cuts the error by the same share"),
    "exponential": (
        "exponential in 1/error",
        "each tenfold adds the same amount to one divided by the error: low errors come ever dearer",
    ),
    "floor": (
        "power law with a floor",
        "the same share of what lies above a lowest error, which is estimated and may be none",
    ),
}
DIRECTIONS = {
    "ols": ("predict error from computing", "assumes that the computing is known exactly"),
    "reverse": ("predict computing from error", "assumes that the errors are known exactly: a steeper line"),
    "rma": ("between the two (symmetric)", "treats both alike; gives no range for the computing itself"),
}
RECIPES = {
    "path": ("improving, as the field’s did", "computing stands for all that improved along with it"),
    "fixed": (
        "held fixed at July 2020",
        "the year enters the fit: what computing alone buys, so networks of other years lie off the line",
    ),
}
FLOOR_LAWS = 4000  # resamples behind the range of a law with a floor: those of the book's verdict
TARGETS = np.arange(2, 23) / 2  # 1 to 11 %, by halves
EXPONENTS = np.arange(16, 47)  # where the fitted line is drawn, powers of ten
BACKGROUND = 2.725  # kelvin: the coldest place to get rid of heat (Fixsen 2009)
SUN = 1.3271244e20 / constants.G  # kg: nominal solar mass parameter of the IAU (2015, resolution B3)
YEARS_OF_OUTPUT = 1000


def most_operations():
    """Return a bound on all computing to come, as a power of ten.

    The Sun's whole mass turned into energy, spent at k T ln 2 for each operation: what forgetting one bit takes at
    least (Landauer 1961), at the temperature of the cosmic background. Real operations take far more, so the bound is
    generous. Machines that forget nothing, and other stars, are not thought of.
    """
    return float(np.log10(SUN * constants.c**2 / (constants.k * BACKGROUND * np.log(2))))


def most_dollars():
    """Return what the United States produce in `YEARS_OF_OUTPUT` years like 2024, as a power of ten of dollars."""
    output = data.load("economy").set_index("economy_id").loc["us_gdp_2024", "value_usd"]
    return float(np.log10(YEARS_OF_OUTPUT * output))


def sample(name):
    """Return the points of one of `SAMPLES` and the column of their compute."""
    if name in ("published", "mended"):
        return imagenet_points.regression_points("together" if name == "mended" else ()), "peak_burden_flop"
    return imagenet_points.documented_models(CUTOFF if name == "documented_2020" else LATEST), "training_flop"


def fit_choice(name, form, direction, recipe):
    """Return the law without a floor that one combination of choices gives.

    Parameters
    ----------
    name, form, direction, recipe : str
        Keys of `SAMPLES`, `FORMS` (not 'floor'), `DIRECTIONS` and `RECIPES`.

    Returns
    -------
    dl_limits.laws.powerlaw_results.PowerLawResults
        Documented models with errors by leaving out papers, as in chapter 06.
    """
    points, compute = sample(name)
    controls = points["years"] if recipe == "fixed" else None
    law = imagenet_fits.ERROR_LAWS["power law" if form == "power" else "exponential"](
        points["top1_error_pct"], points[compute], groups=points["paper"], controls=controls
    )
    robust = compute == "training_flop" and direction != "rma"
    return law.fit(direction, cov="jackknife" if robust else "classical")


def answers(result):
    """Return multiplier and required compute with their 95 % intervals, a row for each of `TARGETS` (log10).

    The compute needed by the symmetric line has no closed interval: it is left out (NaN).
    """
    model, line = result.model, result.line
    above, rows = float(model.axis(imagenet_points.levels()[0])), []
    for target in TARGETS:
        z = float(model.axis(target))
        # logarithms all along: as a number, a multiplier above 10^308 would be without limit
        times = (z - above) / line.slope if line.slope < 0 else np.inf
        ends = (np.nan, np.nan) if result.method == "rma" else line.reach_interval(z)
        rows.append([times, *line.log_ratio_interval(z - above), line.reach(z), *ends])
    return np.array(rows) / np.log(10)


def floor_answers(name):
    """Return the answers of laws with a floor, as `answers` does, and the best law of the data.

    The range is the central 95 % of `FLOOR_LAWS` laws, papers resampled whole. For all documented networks it is that
    of the book's verdict (`dl_limits.studies.imagenet.claims`), wherever the likelihood asks for the floor.
    """
    points, compute = sample(name)
    models = points.assign(training_flop=points[compute])
    best, drawn = stress.floor_laws(models), stress.floor_laws(models, FLOOR_LAWS)
    start = imagenet_points.levels()[0]
    rows = []
    for target in TARGETS:
        rows.append([])
        for centre, draws in zip(*(_floor_reach(laws, start, target) for laws in (best, drawn)), strict=True):
            found = Analysis.of_draws("with a floor", draws)
            rows[-1] += [centre[0], found.low, found.high]
    return np.array(rows), best.iloc[0]


def _floor_reach(laws, start, target):
    """Return multiplier and required compute (log10) of laws with a floor; infinite where one never gets there."""
    with np.errstate(divide="ignore", invalid="ignore"):
        times = np.log((start - laws["floor"]) / (target - laws["floor"])) / -laws["slope"]
        reach = (np.log(target - laws["floor"]) - laws["intercept"]) / laws["slope"]
    there = (laws["slope"] < 0) & (laws["floor"] < target)
    return [np.where(there, values, np.inf) / np.log(10) for values in (times, reach)]


def multiplier_consequence(low, high):
    """Return what the book's rule says of "5 % takes 10⁵ times more" for a range of powers of ten: word and reason."""
    region = Region(*imagenet_points.claimed_region())
    word = region.word(low, high)
    ends = [power_cell(end, 0) for end in (region.low, region.high)]
    inside = f"{ends[0]} to {ends[1]} times"
    if word == HOLDS:
        return word, f"the whole range lies within {inside}, which the rule takes for 10⁵"
    if word == FAILS and low > region.high:
        return word, f"the whole range lies above {ends[1]} times: more would be needed than was claimed"
    if word == FAILS:
        return word, f"the whole range lies below {ends[0]} times: less would be enough than was claimed"
    more = [side for side, is_so in (("less", low < region.low), ("more", high > region.high)) if is_so]
    held = "all" if len(more) == 2 else "part"
    return word, f"the range holds {held} of {inside}, which the rule takes for 10⁵, but also {' and '.join(more)}"


def extrapolations():
    """Return all choices of the ImageNet extrapolation."""
    fits, ranges = {}, {}
    claimed = list(TARGETS).index(imagenet_points.levels()[1])
    for name in SAMPLES:
        for key, rows, curve, extra in _laws(name):
            low, high = ranges[key] = rows[claimed, 1:3]
            word, reason = multiplier_consequence(low, high)
            fits[key] = {
                "answers": looked_up(rows, 4),
                "curve": looked_up(np.where(curve < 200, curve, np.nan), 3),
                "word": word,
                "reason": reason,
                **extra,
            }
    found = pd.Series({key: fit["word"] for key, fit in fits.items()}).value_counts()
    return {
        "start": rounded(imagenet_points.levels()[0], 2),
        "targets": TARGETS.tolist(),
        "exponents": EXPONENTS.tolist(),
        "points": {name: _named(*sample(name)) for name in SAMPLES},
        "fits": fits,
        "words": {word: int(found[word]) for word in VOCABULARY if word in found},
    }


def _laws(name):
    """Yield key, answers, curve and what else is to be said of every line through one of `SAMPLES`."""
    for form in FORMS:
        if form == "floor":
            rows, best = floor_answers(name)
            curve = best["floor"] + np.exp(best["intercept"] + best["slope"] * EXPONENTS * np.log(10))
            yield f"{name}/floor/ols/path", rows, curve, {"floor": looked_up(best["floor"], 1)}
            continue
        for direction in DIRECTIONS:
            for recipe in RECIPES:
                result = fit_choice(name, form, direction, recipe)
                rows = answers(result)
                falls = bool(np.isfinite(rows[0, 0]))
                curve = result.predict(10.0**EXPONENTS) if falls else np.full(len(EXPONENTS), np.nan)
                yield f"{name}/{form}/{direction}/{recipe}", rows, curve, {}


def _named(points, compute):
    """Return points as rows: name, power of ten of the operations, error in percent, year of publication."""
    x, y = looked_up(np.log10(points[compute]), 3), looked_up(points["top1_error_pct"], 3)
    rows = zip(points["model"], x, y, points["published"].dt.year, strict=True)
    return sorted(([str(m), a, b, int(year)] for m, a, b, year in rows), key=lambda row: row[1:])


def network_views(answered):
    """Return named views of `extrapolations`: what each is called, and its choices.

    Two are found among all lines: that which asks for least at the claimed 5 %, and that which asks for most without
    being without limit.
    """
    claimed = answered["targets"].index(imagenet_points.levels()[1])
    needed = {key: float(fit["answers"][claimed][0]) for key, fit in answered["fits"].items()}
    finite = {key: value for key, value in needed.items() if np.isfinite(value)}
    views = {
        "The paper’s 13 points": "published/power/ols/path",
        "What July 2020 could know": "documented_2020/power/ols/path",
        "All documented networks": "documented_2026/power/ols/path",
        "With a floor": "documented_2026/floor/ols/path",
        "The least of all lines": min(finite, key=finite.get),
        "The most of all lines": max(finite, key=finite.get),
    }
    names = ("data", "form", "direction", "recipe")
    target = f"{imagenet_points.levels()[1]:g}"
    return {label: {**dict(zip(names, key.split("/"), strict=True)), "target": target} for label, key in views.items()}
