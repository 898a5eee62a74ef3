"""GPT-3 on adversarial NLI: the 72 cells of its paper against chance, and what scale did.

The claim: "little better than chance" on ANLI. Data come from `dl_limits.data`, tests from
`dl_limits.inference.chance`; this module says what is put into them. ANLI has three rounds of balanced
three-way questions, so chance is one third. What came later is in `dl_limits.studies.nli.later`.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
from scipy import stats

from dl_limits import data
from dl_limits.dates import CUTOFF, LATEST
from dl_limits.inference.chance import ChanceTest, detectable, power
from dl_limits.inference.chance_trend import ChanceTrend

ROUNDS = {"anli_r1": "round 1", "anli_r2": "round 2", "anli_r3": "round 3"}
PROMPT_SETTINGS = ("zero-shot", "one-shot", "few-shot")
NEIGHBOURS = {"rte": "RTE", "cb": "CB"}
LARGEST_MODEL = "GPT-3 175B"
# Five points are the smallest whole margin that 1,000 examples can confirm nine times out of ten.
MARGIN = 5.0
# GPT-3's own scores move this much with other worked examples (`measured_noise`).
NOISE = 2.0
_NOISES = (0.0, NOISE)  # without and with noise of the prompt
TABLE_H1 = "Table H.1"


def results(until=None):
    """Return `nli_results`, up to a date of publication.

    Parameters
    ----------
    until : Timestamp, optional
        Rows whose month could not be confirmed are left out when the date is that of
        July 2020 or earlier.
    """
    table = data.load("nli_results")
    if until is None:
        return table
    late = until > CUTOFF
    return table[(table["published"] <= until) | (table["published"].isna() & late)]


def chance_of(benchmark):
    """Return the share of right answers of a guesser."""
    sets = data.load("nli_test_sets")
    return 1 / int(sets.loc[sets["benchmark"] == benchmark, "classes"].astype(int).iloc[0])


def gpt3_cells(benchmarks=tuple(ROUNDS), split="test"):
    """Return GPT-3's scores of Table H.1, smallest model first.

    Returns
    -------
    DataFrame
        Columns of `nli_results`, and ``cell`` ("round 3, few-shot").
    """
    table = results(CUTOFF)
    keep = table["family"].eq("GPT-3") & table["locator"].eq(TABLE_H1) & table["protocol"].eq("one prompt")
    table = table[keep & table["benchmark"].isin(benchmarks) & table["split"].eq(split)].copy()
    names = table["benchmark"].astype(str).map(ROUNDS | NEIGHBOURS)
    table["cell"] = names + ", " + table["regime"].astype(str)
    order = table["regime"].astype(str).map(PROMPT_SETTINGS.index)
    return table.assign(order=order).sort_values(["benchmark", "order", "params"]).drop(columns="order")


def chance_test(table, labels="cell"):
    """Return the `ChanceTest` of rows of `nli_results` on ANLI, labelled by one of their columns."""
    return ChanceTest(
        table["accuracy_pct"],
        table["examples"].astype(int),
        decimals=table["decimals"].astype(int),
        labels=table[labels],
    )


def largest_cells():
    """Return the `ChanceTest` of the primary family: the nine cells of GPT-3 175B."""
    table = gpt3_cells()
    return chance_test(table[table["model"] == LARGEST_MODEL])


def all_cells():
    """Return the 72 cells with their distance from chance in standard errors.

    Returns
    -------
    DataFrame
        ``cell``, ``model``, ``training_flop``, ``accuracy_pct``, ``z``, and ``above`` (Holm over the
        nine cells of 175B, one-sided 5 %; False elsewhere: the smaller cells are not in the family).
    """
    table = gpt3_cells()
    tests = chance_test(table, "result_id").fit()
    passed = above_chance() <= 0.05
    largest = table["model"] == LARGEST_MODEL
    table["z"] = tests.z.to_numpy()
    table["above"] = largest & table["cell"].map(passed)
    return table[["cell", "model", "training_flop", "accuracy_pct", "z", "above"]].reset_index(drop=True)


def smaller_cells():
    """Return the dispersion (`ChanceResults.dispersion`) of the 63 cells of the smaller models."""
    table = gpt3_cells()
    return chance_test(table[table["model"] != LARGEST_MODEL], "result_id").fit().dispersion()


def bounds(noises=(0.0, 1.0, 2.0, 3.0, 4.0)):
    """Return each cell's interval of the excess as prompt noise grows.

    Returns
    -------
    DataFrame
        ``cell``, ``noise_sd``, ``excess``, ``lower``, ``upper`` (points; each end one-sided at 5 %).
    """
    test, frames = largest_cells(), []
    for noise in noises:
        fit = test.fit(noise)
        frame = fit.conf_int().assign(excess=fit.excess, noise_sd=noise)
        frames.append(frame.rename_axis("cell").reset_index())
    return pd.concat(frames, ignore_index=True)[["cell", "noise_sd", "excess", "lower", "upper"]]


def above_chance(noise=0.0):
    """Return the nine cells' p-values of "no better than chance", corrected by Holm's method."""
    fit = largest_cells().fit(noise)
    return fit.adjusted(fit.p_above())


def pooled_rounds(noise=NOISE):
    """Return GPT-3 175B in each setting, its three rounds taken together (`ChanceResults.pooled`)."""
    test = largest_cells()
    return test.fit(noise).pooled(test.labels.str.split(", ").str[1])


def margin_curve():
    """How many of the nine cells are shown to lie below a margin, and with what power.

    Returns
    -------
    DataFrame
        ``margin``; ``cells_0`` and ``cells_2`` (without and with prompt noise); ``power_0``, ``power_2``:
        probability that one cell of 1,000 examples exactly at chance is shown to lie below the
        margin; ``both_sides``: within it on both sides, without noise.
    """
    fits = {noise: largest_cells().fit(noise) for noise in _NOISES}
    rows = []
    for margin in (3, 4, 5, 6, 8):
        row = {"margin": margin, "both_sides": power(1000, margin, sides=2)}
        row |= {f"cells_{noise:g}": int((fit.p_below(margin) < 0.05).sum()) for noise, fit in fits.items()}
        row |= {f"power_{noise:g}": power(1000, margin, noise_sd=noise) for noise in _NOISES}
        rows.append(row)
    return pd.DataFrame(rows)


def below_margin(noise=0.0):
    """Return the nine cells' p-values of "the margin above chance or more", corrected by Holm's method."""
    fit = largest_cells().fit(noise)
    return fit.adjusted(fit.p_below(MARGIN))


def detectable_table():
    """Return the smallest excess over chance that each test set finds with 80 % power, in points."""
    sizes = {"round 1 or 2": 1000, "round 3": 1200, "all rounds": 3200}
    rows = {
        name: [n, *(detectable(n, noise_sd=s) for s in _NOISES), detectable(n, alpha=0.05 / 9)]
        for name, n in sizes.items()
    }
    columns = ["examples", "no_noise", "with_noise", "nine_tests"]
    return pd.DataFrame(rows, columns).T.rename_axis("test").reset_index()


def measured_noise():
    """How far scores were seen to move with the prompt.

    Returns
    -------
    DataFrame
        ``noise``, ``model``, ``task``, ``runs``, ``sd`` (percentage points; of two scores, their
        distance over √2).
    """
    table = data.load("nli_prompt_noise")
    table["sd"] = table["sd_points"].fillna((table["highest_pct"] - table["lowest_pct"]) / np.sqrt(2))
    again = reevaluation()
    own = {"noise": "other wording", "model": LARGEST_MODEL, "task": "ANLI round 3", "runs": len(again)}
    own = pd.DataFrame([own | {"sd": again["accuracy_pct"].std()}])
    table = table.assign(model=table["model"].astype(str).str.replace("GPT-3-175B", LARGEST_MODEL))
    table["task"] = table["task"].astype(str).map({"boolq": "BoolQ", "wic": "WiC", "wsc": "WSC"} | NEIGHBOURS)
    return pd.concat([own, table])[["noise", "model", "task", "runs", "sd"]].reset_index(drop=True)


def own_noise(until=LATEST):
    """Return how far the prompt alone moves GPT-3's own scores: estimated from what was public, not assumed.

    Pooled over everything that varied a prompt of GPT-3 175B itself: two draws of worked examples on five tasks (2020)
    and six wordings on ANLI round 3 (2022). Other models of its size are moved further; the chapter sweeps that.

    Parameters
    ----------
    until : Timestamp

    Returns
    -------
    sd : float
        Percentage points, pooled by degrees of freedom.
    most : float
        Upper end of the one-sided 90 % interval of the true one (chi-square): the verdict allows for this much.
    """
    table = measured_noise()
    table = table[table["model"] == LARGEST_MODEL]
    if until < reevaluation()["published"].max():
        table = table[table["noise"] == "other worked examples"]
    freedom = (table["runs"] - 1).to_numpy(float)
    squares = float((freedom * table["sd"] ** 2).sum())
    return float(np.sqrt(squares / freedom.sum())), float(np.sqrt(squares / stats.chi2.ppf(0.1, freedom.sum())))


def draws_noise():
    """Return the pooled standard deviation over draws of worked examples, GPT-3 few-shot, in points."""
    table = measured_noise()
    return float(np.sqrt((table.loc[table["noise"] == "other worked examples", "sd"] ** 2).mean()))


def reevaluation():
    """Return the scores of GPT-3 175B on round 3 that others measured in 2022, one a wording."""
    table = results()
    return table[table["source"].eq("bigscience_evaluation") & table["model"].eq(LARGEST_MODEL)]


def _series():
    """Yield label, rows and chance level of each series of one family, benchmark and setting."""
    anli, near = gpt3_cells(), gpt3_cells(tuple(NEIGHBOURS), "dev")
    for table in (anli, near):
        for cell, rows in table.groupby("cell", sort=False):
            yield "GPT-3", cell, rows
    bloom = results()
    bloom = bloom[bloom["family"].eq("BLOOM") & bloom["protocol"].eq("median over prompt wordings")]
    for benchmark, rows in bloom.groupby("benchmark", observed=True):
        if benchmark in ROUNDS:
            yield "BLOOM", f"{ROUNDS[benchmark]}, zero-shot", rows.sort_values("params")


@cache
def accuracy_slopes():
    """Return the points gained per tenfold of compute, by family, benchmark and setting.

    Returns
    -------
    DataFrame
        ``family``, ``cell``, ``models``, ``times`` (largest over smallest compute), ``slope``, ``low``,
        ``high`` (straight line, 95 % t-interval), ``rise``: twice the log-likelihood gained by the
        curve that leaves chance, over the over-dispersion (`chance_trend.ChanceCurveResults`), and
        ``curve_high``, the upper end of its slope (infinite: a jump at the largest model is allowed).
    """
    rows = []
    for family, cell, table in _series():
        benchmark = str(table["benchmark"].iloc[0])
        trend = trend_of(table, chance_of(benchmark))
        line, curve = trend.fit("line").slope(), trend.fit("floor")
        times = table["training_flop"].max() / table["training_flop"].min()
        shape = {"slope": line.estimate, "low": line.low, "high": line.high}
        shape |= {"rise": curve.rise, "curve_high": curve.slope().high}
        rows.append({"family": family, "cell": cell, "models": len(table), "times": times} | shape)
    return pd.DataFrame(rows)


def trend_of(table, chance=1 / 3):
    """Return the `ChanceTrend` of rows of `nli_results`."""
    n, digits = table["examples"].astype(int), table["decimals"].astype(int)
    return ChanceTrend(table["accuracy_pct"], n, table["training_flop"], chance, decimals=digits)


def neighbour_table():
    """Return what GPT-3, small fine-tuned models, later models and people score on RTE and CB.

    Returns
    -------
    DataFrame
        ``who``, ``rte``, ``cb`` in per cent, test sets where both are on the test server.
    """
    table = results()
    table = table[table["benchmark"].isin(NEIGHBOURS) & table["split"].eq("test")]
    rows = table.pivot_table("accuracy_pct", ["model", "regime"], "benchmark", observed=True)
    rows = rows.sort_values("rte").reset_index()
    rows["who"] = rows["model"] + ", " + rows["regime"].astype(str)
    sets = data.load("nli_test_sets").query("split == 'test'").set_index("benchmark")
    chance = {"who": "guessing", **{b: 100 / int(sets.loc[b, "classes"]) for b in NEIGHBOURS}}
    people = {"who": "people, as printed", **{b: sets.loc[b, "human_pct"] for b in NEIGHBOURS}}
    return pd.concat([pd.DataFrame([chance]), rows[["who", *NEIGHBOURS]], pd.DataFrame([people])], ignore_index=True)
