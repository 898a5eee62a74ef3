"""Every extrapolation that the data of July 2020 allowed, enumerated by one rule, against what came.

The rule. *Target*: a quantity that the article or its sources extrapolate. *Forecast*: the
law of the chapter on that target, fitted to what was published by 31 July 2020. *Outcome*:
in each year after the cut-off, the first result that was measured alike, that lies beyond
every point the law was fitted to, and whose compute is documented and not imputed from
scores (of several in one month, the largest run); for records, the record that stood when
the year ended. Nothing is chosen by how it came out.

All forecasts are made inside `dl_limits.data.known_by`, so that no table can show them
anything later. Pseudo-out-of-sample: whoever chose targets and laws knew the outcomes, and
many figures for compute were written down later (`inputs`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import pandas as pd
from scipy import stats

from dl_limits import data, dates
from dl_limits.dates import CUTOFF, LATEST, year_of
from dl_limits.inference.scoring import Belief, line, rivals
from dl_limits.studies.cost import trends
from dl_limits.studies.gpt import compute as gpt_compute
from dl_limits.studies.imagenet import fits as imagenet_fits
from dl_limits.studies.imagenet import points
from dl_limits.studies.nli import later as nli_later
from dl_limits.studies.nli.cells import NOISE
from dl_limits.studies.progress import rates
from dl_limits.studies.scaling import published as scaling_published
from dl_limits.studies.scaling import returns
from dl_limits.studies.tasks import scores as tasks_scores
from dl_limits.studies.tasks.backtest import BEST, calibrated, run_backtest
from dl_limits.studies.tasks.gains import forecast

KEPT_UP = {"records": rates.DATA_END, "compute": pd.Timestamp("2026-07-31"), "cost": pd.Timestamp("2025-04-30")}
PROTOCOLS = {"zero": "gpt3_zero_shot", "one": "palm_one_shot"}  # scored as the GPT-3 paper scored
DECADES = (20.0, 21.0, 22.0)  # log10 of FLOP: a tenfold, a hundredfold, a thousandfold of 10^19
COMPUTE_LAWS = ("gpt3_c", "kaplan_c", "kaplan_cmin")
GROUPS = {
    "ImageNet error, by compute": "vision",
    "ImageNet records": "vision",
    "Speech records": "speech",
    "Language-model loss": "language",
    "GPT-3 tasks, zero-shot": "language",
    "GPT-3 tasks, one-shot": "language",
    "Adversarial NLI": "language",
    "Largest training run": "resources",
    "Cost of the dearest run": "resources",
}
FAMILY_OF = {  # one source under one name, whichever table it stands in
    "GPT-3 175B (davinci)": "GPT-3",
    "Megatron-Turing NLG 530B": "MT-NLG",
    "GPT-4 (Mar 2023)": "GPT-4",
    "Minerva (540B)": "PaLM",  # PaLM trained further
}


def first_each_year(table, by=()):
    """Return the first row of each year after the cut-off; of one month, that with most compute.

    Parameters
    ----------
    table : DataFrame
        ``published`` (later than the cut-off) and ``training_flop``.
    by : sequence of str
        Columns within which to choose.
    """
    table = table.assign(year=year_of(table["published"]))
    table = table.sort_values(["published", "training_flop"], ascending=[True, False], kind="stable")
    return table.drop_duplicates([*by, "year"])


@dataclass(frozen=True)
class Forecast:
    """A forecast and what came.

    Attributes
    ----------
    group, target : str
        What is forecast; the group is one of `GROUPS`.
    source, outcome : str
        Paper or family of models of what came, and its name.
    published : Timestamp
        Of the outcome.
    better : {1, -1}
        Whether larger or smaller outcomes are better.
    y : float
        The outcome, on the scale of the belief.
    belief : dl_limits.inference.scoring.Belief
        The forecast.
    rivals : dict
        Forecasts without a law, where there is a history to make them of.
    tenfolds, years : float
        How far ahead: of compute, or of time.
    predicted, got : float
        Forecast and outcome in per cent, for scores.
    """

    group: str
    target: str
    source: str
    outcome: str
    published: pd.Timestamp
    better: int
    y: float
    belief: Belief
    rivals: dict = field(default_factory=dict)
    tenfolds: float = np.nan
    years: float = np.nan
    predicted: float = np.nan
    got: float = np.nan


# ------------------------------------------------------------------ vision


def every_one(table, by=()):
    """Return all rows: the rule loosened, for `sensitivity`."""
    return table


def imagenet_by_compute(choose=first_each_year):
    """Forecast the top-1 error of larger runs from the documented models, and from the 13 published points.

    Parameters
    ----------
    choose : callable
        Which of the eligible outcomes count.
    """
    rows = []
    with data.known_by(CUTOFF):
        history = rates.records("ImageNet top-1", CUTOFF).points
        fits = {
            "documented models": (imagenet_fits.documented_fit(), points.documented_models(), "training_flop"),
            "13 published points": (imagenet_fits.published_fit(), points.regression_points(), "peak_burden_flop"),
        }
    for name, (fit, known, compute) in fits.items():
        later = points.documented_models(LATEST, after=CUTOFF, compute=compute)
        later = choose(later[later[compute] > known[compute].max()])
        for row, date in zip(later.itertuples(), dates.decimal_year(later["published"]), strict=True):
            h = np.log(getattr(row, compute))
            spread = np.sqrt(fit.line.mean_variance(h) + fit.line.scale)
            belief = Belief(float(fit.line.intercept + fit.line.slope * h), float(spread), fit.line.df)
            rows.append(
                Forecast(
                    group="ImageNet error, by compute",
                    target=f"from {name}",
                    source=str(row.paper),
                    outcome=row.model,
                    published=row.published,
                    better=-1,
                    y=np.log(row.top1_error_pct),
                    belief=belief,
                    rivals=rivals(history, date) if date > history[0][-1] else {},
                    tenfolds=np.log10(getattr(row, compute) / known[compute].max()),
                )
            )
    return rows


def record_series(group, names):
    """Forecast records a whole number of years after the cut-off by a line through the records before it."""
    rows, start = [], CUTOFF.year + CUTOFF.month / 12
    for name in names:
        with data.known_by(CUTOFF):
            history = rates.records(name, CUTOFF).points
        later, everyone = rates.records(name), rates.systems(name)
        for ahead in range(1, KEPT_UP["records"].year - CUTOFF.year + 1):
            level = later.level(start + ahead)
            holder = everyone[np.isclose(everyone["error_pct"], level)].iloc[0]
            rows.append(
                Forecast(
                    group=group,
                    target=name,
                    source=holder["group"],
                    outcome=holder["system"],
                    published=holder["published"],
                    better=-1,
                    y=np.log(level),
                    belief=line(*history, start + ahead),
                    rivals=rivals(history, start + ahead),
                    years=ahead,
                )
            )
    return rows


# ------------------------------------------------------------------ language


def losses():
    """Forecast the fall of the loss at 10, 100 and 1000 times the compute from the laws printed by July 2020.

    The mean of the printed exponents of loss in compute, and their spread as the interval;
    against the best split of size and text on the 240 runs of 2022. Ratios alone: the text
    and the tokens are others.
    """
    with data.known_by(CUTOFF):
        exponents = np.array([scaling_published.published_law(name)["exponent"] for name in COMPUTE_LAWS])
    found = np.log(returns.compute_optimal(10 ** np.array([DECADES[0] - 1, *DECADES]))["loss"].to_numpy())
    rows = []
    for decade, loss in zip(DECADES, found[1:], strict=True):
        step = np.log(10) * (decade - DECADES[0] + 1)
        scale = exponents.std(ddof=1) * np.sqrt(1 + 1 / len(exponents)) * step
        belief = Belief(-exponents.mean() * step, float(scale), len(exponents) - 1)
        target = f"{10 ** (decade - DECADES[0] + 1):,.0f} times the compute"
        published = pd.Timestamp("2022-03-01")
        rows.append(
            Forecast(
                group="Language-model loss",
                target=target,
                source="hoffmann_2022",
                outcome="the 240 runs of Chinchilla",
                published=published,
                better=-1,
                y=loss - found[0],
                belief=belief,
            )
        )
    return rows


def gpt3_tasks(choose=first_each_year):
    """Forecast larger models' scores on GPT-3's tasks by chapter 03's method and calibrated intervals.

    Parameters
    ----------
    choose : callable
        Which of the eligible outcomes count.
    """
    with data.known_by(CUTOFF):
        scores = tasks_scores.load_scores()
        scores = scores.where(scores.info["score_unit"] != "perplexity")
        width = calibrated(run_backtest(scores), scores)["width"].to_numpy()
    top, rows = 10 ** scores.log_compute[-1], []
    later = later_scores()
    later = later[later["training_flop"] > top]
    place = pd.MultiIndex.from_frame(scores.info[["task", "metric", "setting"]])
    for setting, protocol in PROTOCOLS.items():
        chosen = choose(later[later["protocol"] == protocol], ["task"])
        for row in chosen.itertuples():
            i = place.get_loc((row.task, "accuracy", setting))
            tenfolds = np.log10(row.training_flop) - scores.log_compute[-1]
            one = scores.where(np.arange(len(scores)) == i)
            predicted = forecast(scores, BEST, tenfolds)["predicted"].to_numpy()[[i]]
            belief = Belief(float(one.log_odds(predicted)[0]), float(width[i] / stats.norm.isf(0.025)), np.inf)
            history = scores.log_compute, one.log_odds(one.points)[0]
            rows.append(
                Forecast(
                    group=f"GPT-3 tasks, {setting}-shot",
                    target=row.task,
                    source=row.family,
                    outcome=row.model,
                    published=row.published,
                    better=1,
                    y=float(one.log_odds(np.array([row.score_pct]))[0]),
                    belief=belief,
                    rivals=rivals(history, float(np.log10(row.training_flop))),
                    tenfolds=tenfolds,
                    predicted=float(predicted[0]),
                    got=row.score_pct,
                )
            )
    return rows


def later_scores():
    """Return the table ``language_benchmarks`` (models after GPT-3; nothing imputed, nothing tuned to instructions)."""
    return data.load("language_benchmarks")


def adversarial(choose=first_each_year):
    """Forecast later models on adversarial NLI by the lines of chapter 08 through GPT-3's eight sizes.

    Parameters
    ----------
    choose : callable
        Which of the eligible outcomes count.
    """
    fits, rows = nli_later.cell_trends(), []
    for row in choose(nli_later.comparable(), ["cell"]).itertuples():
        fit = fits[row.cell][0]
        low, high = fit.predict_interval(row.training_flop, int(row.examples), noise_sd=NOISE)
        centre = float(fit.predict(row.training_flop)[0])
        belief = Belief(centre, (high - centre) / stats.t.isf(0.025, fit.df), fit.df)
        history, x_new = (fit.model.x, fit.model.accuracy_pct), float(np.log10(row.training_flop))
        rows.append(
            Forecast(
                group="Adversarial NLI",
                target=row.cell,
                source=row.family,
                outcome=row.model,
                published=row.published,
                better=1,
                y=row.accuracy_pct,
                belief=belief,
                rivals=rivals(history, x_new),
                tenfolds=x_new - fit.model.x[-1],
                predicted=centre,
                got=row.accuracy_pct,
            )
        )
    return rows


# ------------------------------------------------------------------ resources


def resources(self_play=True):
    """Forecast the largest run and the dearest run by lines through the records before the cut-off.

    Bills are hardware wear and energy.

    Parameters
    ----------
    self_play : bool
        Whether games of self-play count as training, as they did in 2020.
    """
    rows, start = [], CUTOFF.year + CUTOFF.month / 12
    with data.known_by(CUTOFF):
        known = {"compute": gpt_compute.notable_models(CUTOFF, self_play=self_play), "cost": trends.costs()}
    every = {"compute": gpt_compute.notable_models(self_play=self_play), "cost": trends.costs()}
    names = {"compute": ("Largest training run", "training_flop"), "cost": ("Cost of the dearest run", "cost_usd")}
    for kind, (group, column) in names.items():
        records = gpt_compute.frontier(known[kind], 1, column)
        history = records["year"].to_numpy(), np.log10(records[column].to_numpy(float))
        end = KEPT_UP[kind]
        for ahead in range(1, end.year - CUTOFF.year + (end.month >= CUTOFF.month)):
            table = every[kind]
            table = table[table["published"] <= CUTOFF + pd.DateOffset(years=ahead)]
            top = table.loc[table[column].idxmax()]
            rows.append(
                Forecast(
                    group=group,
                    target=group,
                    source=FAMILY_OF.get(top["model"], top["model"]),
                    outcome=top["model"],
                    published=top["published"],
                    better=1,
                    y=np.log10(top[column]),
                    belief=line(*history, start + ahead),
                    rivals=rivals(history, start + ahead),
                    years=ahead,
                )
            )
    return rows


def tabulated(forecasts):
    """Return forecasts as a table, a column for each attribute."""
    return pd.DataFrame([vars(each) for each in forecasts])  # pandas itself would take beliefs apart


@lru_cache
def _forecasts():
    rows = imagenet_by_compute() + record_series("ImageNet records", rates.VISION)
    rows += record_series("Speech records", rates.SPEECH) + losses() + gpt3_tasks() + adversarial() + resources()
    table = tabulated(rows)
    order = table["group"].map(list(GROUPS).index)
    return table.assign(order=order).sort_values("order", kind="stable").drop(columns="order").reset_index(drop=True)


def forecasts():
    """Return all forecasts with their outcomes, in the form that `dl_limits.inference.scoring.assess` takes.

    Returns
    -------
    DataFrame
        ``group`` (of `GROUPS`), ``target``, ``source`` (of the outcome: paper or family of models),
        ``outcome``, ``published``, ``better``, ``y``, ``belief``, ``rivals``; ``tenfolds`` beyond the largest run or
        ``years`` ahead; ``predicted`` and ``got`` in per cent for scores.
    """
    return _forecasts().copy()
