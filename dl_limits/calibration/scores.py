"""Designs of scores: accuracies near chance (chapter 08), forecasts of tasks and their medians (chapter 03).

Numbers of examples, sizes of models, tasks and families are the real ones.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache, partial

import numpy as np
from scipy import stats

from dl_limits.calibration.registry import ALPHA, Designs, tested
from dl_limits.inference import chance
from dl_limits.inference.chance_trend import ChanceTrend, FloorLogit
from dl_limits.inference.scoring import lines
from dl_limits.studies.gpt import shares as gpt_shares
from dl_limits.studies.nli import cells
from dl_limits.studies.tasks import backtest, gains, tenfold
from dl_limits.studies.tasks.scores import load_scores, natural_accuracy

DESIGNS = Designs()
_register = DESIGNS.register

GUESS = 1 / 3
EXCESS = 3.0  # points of true accuracy over guessing, about GPT-3's own
NOISIER = 3.0  # points
GAP = 6.0  # points between two models
NEW_FLOP = 2.5e24  # a model of 2022, eight times GPT-3's compute

# ---------------------------------------------------------------------- chapter 08: cells


def _printed(rng, n, share, noise_sd=0.0):
    """Return percentages of right answers with one digit after the point, each on its own `n` examples."""
    counts = chance.distribution(n, share, noise_sd).rvs(size=np.shape(n) or None, random_state=rng)
    return np.round(100 * counts / n, 1)


@cache
def _examples():
    """Return the examples of the nine cells of the largest model."""
    return cells.largest_cells().n


_EXCESS, _POOLED, _DIFFERENCE = "excess over guessing", "bound of three rounds", "difference of two models"


@_register(
    "anli-noise",
    "ANLI cells, prompt noise",
    {_EXCESS: "exact, noise", _POOLED: "exact, noise", _DIFFERENCE: "Newcombe, noise"},
    signed=(_EXCESS, _POOLED, _DIFFERENCE),
    chapters=("08",),
)
def _cells(rng):
    """Draw true accuracies that move with the prompt by 2 points, and scores on the real numbers of questions.

    The bound of three rounds together is the upper one, one-sided at 5 %; their prompt is one.
    """
    n = int(rng.choice(_examples()))
    test = chance.ChanceTest(_printed(rng, n, GUESS + EXCESS / 100, cells.NOISE), n)
    for method, arguments in {
        "exact, noise": (cells.NOISE, "exact"),
        "exact": (0.0, "exact"),
        "Wilson": (0.0, "wilson"),
    }.items():
        low, high = test.fit(arguments[0]).conf_int(ALPHA, arguments[1]).iloc[0]
        yield method, _EXCESS, low, high, EXCESS
    rounds = np.array([1000, 1000, 1200])
    share = float(chance.distribution(10**6, GUESS + EXCESS / 100, cells.NOISE).rvs(random_state=rng)) / 10**6
    test = chance.ChanceTest(_printed(rng, rounds, share), rounds)
    for method, noise in (("exact, noise", cells.NOISE), ("exact", 0.0)):
        yield method, _POOLED, -np.inf, test.fit(noise).pooled(np.zeros(3))["upper"].iloc[0], EXCESS
    shares = (GUESS + (EXCESS + GAP) / 100, GUESS + EXCESS / 100)
    pair = [(_printed(rng, n, share, cells.NOISE), n, 1) for share in shares]
    for method, noise in (("Newcombe, noise", cells.NOISE), ("Newcombe", 0.0)):
        yield method, _DIFFERENCE, *chance.difference(*pair, alpha=ALPHA, noise_sd=(noise, noise))[1:], GAP


@_register(
    "anli-noise-3",
    "ANLI cells, prompt noise of 3 points",
    {_EXCESS: "exact, noise"},
    signed=(_EXCESS,),
    chapters=("08",),
    deviations={_EXCESS: "too narrow: the prompt moves scores by more than the 2 points assumed"},
)
def _noisier_cells(rng):
    """Draw accuracies that move with the prompt by more than the 2 points that the interval assumes."""
    n = int(rng.choice(_examples()))
    test = chance.ChanceTest(_printed(rng, n, GUESS + EXCESS / 100, NOISIER), n)
    yield "exact, noise", _EXCESS, *test.fit(cells.NOISE).conf_int(ALPHA).iloc[0], EXCESS


@_register(
    "anli-null",
    "ANLI cells, null hypotheses",
    {"all nine guess": "exact, Holm", "all nine at the margin": "exact, Holm"},
    chapters=("08",),
)
def _families(rng):
    """Test nine cells that guess for being above chance, and nine that lie at the margin for being below it.

    Those at the margin move with the prompt by the 2 points that the test allows for.

    The cells are independent here; GPT-3's share their questions, which makes the correction safer.
    """
    n = _examples()
    fit = chance.ChanceTest(_printed(rng, n, np.full(len(n), GUESS)), n).fit()
    above = fit.p_above()
    scores = _printed(rng, n, np.full(len(n), GUESS + cells.MARGIN / 100), cells.NOISE)
    below = chance.ChanceTest(scores, n).fit(cells.NOISE).p_below(cells.MARGIN)
    for quantity, values in (("all nine guess", above), ("all nine at the margin", below)):
        yield "exact, Holm", quantity, *tested(fit.adjusted(values).min())
        yield "exact, false discoveries", quantity, *tested(fit.adjusted(values, "fdr_bh").min())
        yield "exact, uncorrected", quantity, *tested(values.min())


# ---------------------------------------------------------------------- chapter 08: trends


@cache
def _sizes():
    """Return compute and examples of GPT-3's eight sizes."""
    cell = cells.gpt3_cells(("anli_r3",)).query("regime == 'few-shot'")
    return cell["training_flop"].to_numpy(), int(cell["examples"].iloc[0])


def _trend(rng, truth, slope):
    """Yield slopes and forecasts of a new model; each model's accuracy moves by 2 points with its prompt."""
    flop, n = _sizes()
    share = truth(np.log10(np.append(flop, NEW_FLOP)))
    scores = np.array([_printed(rng, n, p, cells.NOISE) for p in share])
    trend = ChanceTrend(scores[:-1], n, flop)
    for form in ("line", "floor"):
        fit = trend.fit(form)
        if form in slope:
            answer = fit.slope(ALPHA)
            yield form, f"slope of the {form}", answer.low, answer.high, slope[form]
        yield form, "new model", *fit.predict_interval(NEW_FLOP, n, noise_sd=cells.NOISE), scores[-1]


_PROMPT = "too wide: prompt noise is in the residuals, and is added once more"
_SLOPES = ("slope of the line", "slope of the floor")
for _id, _title, _form, _truth, _slope in (
    ("anli-guessing", "guessing", "floor", lambda x: np.full(len(x), GUESS), {"line": 0.0}),
    ("anli-line", "a line", "line", lambda x: (36 + 1.5 * (x - 22)) / 100, {"line": 1.5}),
    ("anli-takeoff", "a take-off", "floor", lambda x: FloorLogit(GUESS).inverse(-2 + 1.2 * (x - 23.5)), {"floor": 1.2}),
):
    _register(
        _id,
        f"ANLI trend, {_title}",
        {"new model": _form} | {f"slope of the {form}": form for form in _slope},
        signed=("slope of the line",),
        chapters=("08", "10") if _id == "anli-line" else ("08",),  # chapter 10 forecasts by the line
        deviations={"new model": _PROMPT} if _id == "anli-line" else {},
    )(partial(_trend, truth=_truth, slope=_slope))


# ---------------------------------------------------------------------- chapter 03: tasks


@cache
def _tasks():
    """Return the series of GPT-3's tasks and the lines of their log gap."""
    scores = load_scores()
    scores = scores.where(scores.info["score_unit"] != "perplexity")
    return scores, lines(scores.log_compute, scores.log_gap)


@_register(
    "tasks-tenfold",
    "GPT-3 tasks, lines with shared errors",
    {"score at ten times": "gap, pooled, calibrated"},
    chapters=("03",),
)
def _tenfold(rng):
    """Forecast a ninth model from eight, lines of the log gap being true; one series of a data set is looked at.

    Errors have the covariance of the real residuals between series: what a model is good
    at, it is good at on many tasks. Methods are the book's: a line's own interval, and one as
    wide as the errors of the last step on other tasks.
    """
    scores, fit = _tasks()
    x = np.append(scores.log_compute, scores.log_compute[-1] + 1)
    errors = fit.resid @ rng.standard_normal((fit.resid.shape[1], len(x))) / np.sqrt(fit.resid.shape[1] - 2)
    gap = fit.intercept[:, None] + fit.slope[:, None] * x + errors
    points = np.array([scores.from_log_gap(column) for column in gap.T]).T
    drawn, i = replace(scores, points=points[:, :-1]), rng.integers(len(scores))
    row = backtest.next_tenfold(drawn).iloc[i]
    yield "gap, pooled, calibrated", "score at ten times", row["low"], row["high"], points[i, -1]
    for method in ("gap", "line in points"):
        row = gains.forecast(drawn, method, 1.0).iloc[i]
        yield method, "score at ten times", row["low"], row["high"], points[i, -1]


@cache
def _closed():
    """Return what ten times the data closes of each few-shot task, its family, and the size of past errors."""
    scores = load_scores()
    scores = scores.where(natural_accuracy(scores) & (scores.info["setting"] == "few").to_numpy())
    loss, step = tenfold.loss_axis(gpt_shares.published_laws()["replication 2024"])
    miss = step[0] * tenfold.step_errors(scores, loss[0])
    shares = tenfold.closed(scores, loss[:1], step[:1])[0]
    return shares, [tenfold.family(task) for task in scores.info["task"]], np.sqrt(np.mean(miss**2))


@_register(
    "tasks-median",
    "median over tasks at ten times",
    {"median of the gap closed": "families and past errors", "median of families": "order statistics"},
    signed=("median of the gap closed", "median of families"),
    chapters=("03",),
)
def _median(rng):
    """Draw families of tasks and three past errors; ask for the median over all tasks after one more such error.

    The loss law is taken as known (its own uncertainty is the design "loss surface, GPT-2
    to GPT-3"). Order statistics are the interval of chapter 03's natural experiment, here
    of one value a family.
    """
    shares, families, sd = _closed()
    names = sorted(set(families))
    members = {name: shares[np.array(families) == name] for name in names}
    drawn = [members[name] for name in rng.choice(names, len(names))]
    labels = np.repeat(np.arange(len(drawn)), [len(d) for d in drawn])
    past, coming = sd * rng.standard_normal(3), sd * rng.standard_normal()
    found = tenfold.median_interval(np.concatenate(drawn)[None], labels, past, seed=int(rng.integers(2**31)))
    truth = 1 - (1 - np.median(shares)) * np.exp(coming)
    yield "families and past errors", "median of the gap closed", *found[1:], truth
    values = rng.standard_normal(len(names))
    ends = stats.quantile_test(values, q=0, p=0.5).confidence_interval(1 - ALPHA)
    yield "order statistics", "median of families", ends.low, ends.high, 0.0
