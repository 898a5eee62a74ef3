"""The growth of training compute over time: notable models, the frontier, breaks, doubling times.

The table ``notable_models`` holds the upper end of each year, not a random sample: a
trend through all of it is a trend of large models, and its residuals are not those of
the field. A *frontier* model was among the k largest so far when it was published.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
import statsmodels.api as sm

from dl_limits import data
from dl_limits.dates import LATEST, decimal_year
from dl_limits.inference.trend_shapes import line_on_date

SELF_PLAY = ("alphago_zero", "alphago_master", "alphazero")
TOP = 10  # the running top ten, as in Sevilla and Roldán (2024)
BREAKS = {"large-scale models (2015)": 2015.75, "frontier slows (2018)": 2018.0}
GPT = {"GPT-1": "gpt_1", "GPT-2": "gpt_2_1_5b", "GPT-3": "gpt_3_175b_davinci"}


def notable_models(until=LATEST, after=None, *, self_play=False, domain=None):
    """Return notable models in order of publication.

    Parameters
    ----------
    until, after : Timestamp
        Published up to, and later than, these dates.
    self_play : bool
        Whether AlphaGo Zero, AlphaGo Master and AlphaZero carry the compute of the table
        of 2024, which counts their games of self-play; the revision of 2025 left them out.
    domain : str, optional
        One field only, such as ``'language'``.

    Returns
    -------
    DataFrame, indexed by model_id
        With ``year`` (decimal). Rows marked doubtful are left out.
    """
    table = data.load("notable_models").set_index("model_id")
    keep = ~table["doubtful"].astype(bool) & (table["published"] <= until)
    if after is not None:
        keep &= table["published"] > after
    if domain is not None:
        keep &= table["domain"] == domain
    table = table[keep].copy()
    if self_play:
        old = table.index.isin(SELF_PLAY)
        table.loc[old, "training_flop"] = table.loc[old, "training_flop_2024"]
    table["year"] = decimal_year(table["published"])
    return table.sort_values(["published", "training_flop"])


def frontier(table, k=TOP, compute="training_flop"):
    """Return the models that were among the k largest so far when they were published.

    Parameters
    ----------
    table : DataFrame
        ``published`` and the column `compute`.
    k : int
        1 for records, 10 for the running top ten. Models of one month are compared
        with each other: those that were published together compete.
    compute : str
        Column to rank by.

    Returns
    -------
    DataFrame
        The rows kept, in order of publication.

    Raises
    ------
    ValueError
        For k below one.
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, not {k!r}")
    table = table.sort_values(["published", compute])
    flop, months = table[compute].to_numpy(), table["published"].to_numpy()
    rank = [(flop[months <= month] > value).sum() for value, month in zip(flop, months, strict=True)]
    return table[np.array(rank) < k]


@dataclass(frozen=True)
class Trend:
    """A line of log10 compute on date.

    Attributes
    ----------
    results : statsmodels results
        With HAC standard errors (Newey and West 1987) and t quantiles.
    """

    results: object

    def growth(self, alpha=0.05):
        """Return growth per year as a factor: estimate, low, high."""
        ends = self.results.conf_int(alpha)
        return tuple(float(10**v) for v in (self.results.params[1], *ends[1]))

    def doubling_months(self):
        """Return the doubling time in months: estimate, low, high (95 %); ``inf`` where growth may be none."""
        slopes = np.array([self.results.params[1], *self.results.conf_int()[1][::-1]])
        with np.errstate(divide="ignore"):
            months = np.where(slopes > 0, 12 * np.log10(2) / slopes, np.inf)
        return tuple(float(m) for m in months)

    def predict(self, year):
        """Return log10 of compute on the line at decimal years."""
        return self.results.predict(sm.add_constant(np.asarray(year, float) - 2020, has_constant="add"))

    @property
    def residual_sd(self):
        """Scatter about the line in powers of ten."""
        return float(np.sqrt(self.results.scale))


def fit(table, compute="training_flop"):
    """Return the `Trend` of a table with ``year`` and `compute`."""
    return Trend(line_on_date(np.log10(table[compute].to_numpy(float)), table["year"].to_numpy() - 2020))


def break_test(table, year, k=None, draws=200, seed=0):
    """Test whether growth changed at a given date.

    The line may bend there but not jump. A frontier is a running maximum, whose
    scatter and slope are no ordinary regression's: with `k` the null distribution of
    the t statistic is simulated, by drawing the residuals of all models about one
    straight line and taking the frontier of each draw.

    Parameters
    ----------
    table : DataFrame
        All models, with ``year``, ``published`` and ``training_flop``.
    year : float
        Published date of the break.
    k : int, optional
        Test the frontier of the table instead of the table.
    draws, seed : int
        Of the simulated null.

    Returns
    -------
    dict
        ``before``, ``after`` (growth per year), ``ratio_low``, ``ratio_high`` (95 % interval
        of after over before), ``t``, ``p`` (by t quantiles) and ``p_simulated`` (NaN without k).
    """
    chosen = table if k is None else frontier(table, k)
    observed = _bend(chosen, year)
    slope, change = observed.params[1:]
    low, high = observed.conf_int()[2]
    return {
        "before": 10**slope,
        "after": 10 ** (slope + change),
        "ratio_low": 10**low,
        "ratio_high": 10**high,
        "t": float(observed.tvalues[2]),
        "p": float(observed.pvalues[2]),
        "p_simulated": np.nan if k is None else _simulated_p(table, year, k, observed.tvalues[2], draws, seed),
    }


def _bend(table, year):
    t = table["year"].to_numpy()
    return line_on_date(np.log10(table["training_flop"].to_numpy(float)), t - 2020, np.maximum(t - year, 0))


def _simulated_p(table, year, k, statistic, draws, seed):
    line = fit(table)
    centre = line.predict(table["year"])
    resid = np.log10(table["training_flop"].to_numpy(float)) - centre
    rng, null = np.random.default_rng(seed), np.empty(draws)
    for i in range(draws):
        fake = table.assign(training_flop=10 ** (centre + rng.choice(resid, len(resid))))
        null[i] = _bend(frontier(fake, k), year).tvalues[2]
    return float((1 + np.sum(np.abs(null) >= abs(statistic))) / (1 + draws))


def trends():
    """Return our trends, with and without self-play, over the spans that were published.

    Returns
    -------
    DataFrame
        ``models``, ``self_play``, ``start``, ``end``, ``n``, ``growth``, ``low``, ``high`` (per
        year) and ``doubling``, ``doubling_low``, ``doubling_high`` (months).
    """
    rows = []
    for start, end in (("2010", "2026-11"), ("2012", "2018-05"), ("2010", "2020-05"), ("2018", "2026-11")):
        for self_play in (False, True):
            everyone = notable_models(pd.Timestamp(end), self_play=self_play)
            kinds = {"all": everyone, "running top ten": frontier(everyone, TOP), "records": frontier(everyone, 1)}
            for kind, table in kinds.items():
                part = table[table["published"] >= pd.Timestamp(start)]
                line = fit(part)
                rows.append([kind, self_play, start, end, len(part), *line.growth(), *line.doubling_months()])
    columns = ["models", "self_play", "start", "end", "n", "growth", "low", "high"]
    return pd.DataFrame(rows, columns=[*columns, "doubling", "doubling_low", "doubling_high"])


def placed():
    """Return where the models of `GPT` lie against the line of all and of the frontier, in powers of ten.

    Returns
    -------
    DataFrame
        ``model``, ``training_flop``, ``above_all``, ``above_frontier`` and the same over the
        scatter of the line (``z_all``, ``z_frontier``).
    """
    table = notable_models()
    lines = {"all": fit(table), "frontier": fit(frontier(table))}
    rows = []
    for name, model_id in GPT.items():
        row = table.loc[model_id]
        row_out = {"model": name, "training_flop": row["training_flop"]}
        for kind, line in lines.items():
            gap = np.log10(row["training_flop"]) - line.predict([row["year"]])[0]
            row_out |= {f"above_{kind}": gap, f"z_{kind}": gap / line.residual_sd}
        rows.append(row_out)
    return pd.DataFrame(rows)


@cache
def break_table():
    """Return `break_test` at the published dates, for the running top ten with and without self-play.

    Kept: do not change it in place.
    """
    rows = []
    for name, year in BREAKS.items():
        for self_play in (False, True):
            found = break_test(notable_models(self_play=self_play), year, k=TOP)
            rows.append({"break": name, "self_play": "counted" if self_play else "left out"} | found)
    return pd.DataFrame(rows)


def doubling_table():
    """Return our doubling times beside the published ones, in months, for one figure.

    Returns
    -------
    DataFrame
        ``label``, ``ours`` (bool), ``doubling``, ``doubling_low``, ``doubling_high`` (NaN where none
        was published).
    """
    ours, rows = trends().set_index(["models", "self_play", "start", "end"]), []
    for label, key in (
        ("records 2012–18, self-play in", ("records", True, "2012", "2018-05")),
        ("records 2012–18, as revised", ("records", False, "2012", "2018-05")),
        ("ten largest 2010–26", ("running top ten", False, "2010", "2026-11")),
        ("ten largest 2018–26", ("running top ten", False, "2018", "2026-11")),
        ("all listed 2010–26", ("all", False, "2010", "2026-11")),
    ):
        rows.append([label, True, *ours.loc[key, ["doubling", "doubling_low", "doubling_high"]]])
    published = data.load("compute_trends").set_index("trend_id")
    for key, label in (
        ("amodei_largest", "Amodei 2018: largest"),
        ("sevilla_2022_all", "Sevilla 2022: notable"),
        ("sevilla_2022_large", "Sevilla 2022: large-scale"),
        ("epoch_frontier", "Sevilla 2024: ten largest"),
        ("epoch_frontier_after_2018", "the same, from 2018"),
        ("epoch_notable", "Sevilla 2024: notable"),
    ):
        growth = published.loc[key, ["growth_per_year", "high", "low"]].astype(float)
        rows.append([label, False, *(12 * np.log(2) / np.log(growth))])
    return pd.DataFrame(rows, columns=["label", "ours", "doubling", "doubling_low", "doubling_high"])
