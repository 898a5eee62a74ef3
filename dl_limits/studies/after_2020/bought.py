"""What more compute bought after GPT-3: slopes within families, and the gap that larger models closed.

Only rows of one protocol are ever compared. Within a family all sizes share recipe and,
with one exception, the amount of text, so that a tenfold of parameters is a tenfold of
compute; between families everything differs.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from dl_limits import data
from dl_limits.inference.scoring import lines
from dl_limits.studies.after_2020.hindcasts import PROTOCOLS, later_scores
from dl_limits.studies.tasks import scores as tasks_scores

LEAST_SIZES = 3
_KEYS = ["family", "protocol", "shots", "task", "variant"]


def _gpt3():
    """Return the series of GPT-3 by task and setting (accuracy alone)."""
    scores = tasks_scores.load_scores()
    return scores.where(scores.info["metric"] == "accuracy")


def _setting(shots):
    return {0: "zero", 1: "one"}.get(int(shots), "few")


def family_slopes():
    """Return the share of the remaining gap that a tenfold closed, for each family, task and protocol.

    Returns
    -------
    DataFrame
        ``family``, ``protocol``, ``shots``, ``task``, ``variant``, ``sizes``, ``x`` ('compute' where it is documented
        for every size, else 'parameters'), ``low_x``, ``high_x`` (log10), ``closed`` and ``gpt3`` (the same of the
        eight GPT-3 on that task, by its own protocol). Families of at least three sizes.
    """
    own = _gpt3()
    own_slope = lines(own.log_compute, own.log_gap).slope
    place = pd.MultiIndex.from_frame(own.info[["task", "setting"]])
    rows = []
    table = later_scores()
    for keys, part in table.fillna({"variant": ""}).groupby(_KEYS, sort=False):
        if len(part) < LEAST_SIZES:
            continue
        kind = "compute" if part["training_flop"].notna().all() else "parameters"
        x = np.log10(part["training_flop" if kind == "compute" else "params"].astype(float).to_numpy())
        slope = lines(x, np.log(100 - part["score_pct"].to_numpy())[None])
        gpt3 = own_slope[place.get_loc((keys[3], _setting(keys[2])))]
        rows.append([*keys, len(part), kind, x.min(), x.max(), -np.expm1(slope.slope[0]), -np.expm1(gpt3)])
    return pd.DataFrame(rows, columns=[*_KEYS, "sizes", "x", "low_x", "high_x", "closed", "gpt3"])


def family_table():
    """Return the median over tasks of `family_slopes`, beside GPT-3's on the same tasks.

    Returns
    -------
    DataFrame
        ``family``, ``protocol``, ``sizes``, ``x``, ``tasks``, ``closed``, ``low``, ``high`` (smallest and
        largest task) and ``gpt3``. Of several numbers of shots in one protocol, each task counts once for each.
    """
    groups = family_slopes().groupby(["family", "protocol"], sort=False)
    table = groups.agg(
        sizes=("sizes", "max"),
        x=("x", "first"),
        tasks=("task", "nunique"),
        closed=("closed", "median"),
        low=("closed", "min"),
        high=("closed", "max"),
        gpt3=("gpt3", "median"),
    )
    return table.reset_index().sort_values("closed", ignore_index=True)


def bought():
    """Return the share of GPT-3's remaining gap that each later, larger run closed, by task.

    Returns
    -------
    DataFrame
        ``model``, ``family``, ``setting``, ``task``, ``times_compute``, ``times_tokens``, ``gpt3_pct``, ``score_pct``,
        ``closed`` (negative: below GPT-3). Runs with at least GPT-3's compute, scored as it was.
    """
    own = _gpt3()
    top = pd.Series(own.points[:, -1], pd.MultiIndex.from_frame(own.info[["task", "setting"]]))
    tokens = float(data.load("gpt_models").set_index("model_id").loc["gpt_3_175b", "training_tokens"])
    parts = []
    for setting, protocol in PROTOCOLS.items():
        part = later_scores()
        part = part[(part["protocol"] == protocol) & (part["training_flop"] > 10 ** own.log_compute[-1])]
        gpt3 = np.array([top[task, setting] for task in part["task"]])
        part = part.assign(setting=setting, gpt3_pct=gpt3, closed=(part["score_pct"] - gpt3) / (100 - gpt3))
        part["times_compute"] = part["training_flop"] / 10 ** own.log_compute[-1]
        part["times_tokens"] = part["training_tokens"].astype(float) / tokens
        parts.append(part)
    columns = ["model", "family", "setting", "task", "times_compute", "times_tokens", "gpt3_pct", "score_pct", "closed"]
    return pd.concat(parts, ignore_index=True)[columns]


def bought_table():
    """Return the median of `bought` for each model and setting, with the exact interval of a median over tasks.

    Returns
    -------
    DataFrame
        ``model``, ``setting``, ``times_compute``, ``times_tokens``, ``tasks``, ``estimate``, ``low``, ``high`` (order
        statistics; ±inf where too few tasks set no end). It covers the choice of tasks, nothing else.
    """
    rows = []
    for keys, part in bought().groupby(["model", "setting", "times_compute", "times_tokens"], sort=False):
        ends = stats.quantile_test(part["closed"].to_numpy(), q=0, p=0.5).confidence_interval(0.95)
        low, high = (np.nan_to_num(e, nan=k * np.inf) for e, k in ((ends.low, -1), (ends.high, 1)))
        rows.append([*keys, len(part), part["closed"].median(), float(low), float(high)])
    columns = ["model", "setting", "times_compute", "times_tokens", "tasks", "estimate", "low", "high"]
    return pd.DataFrame(rows, columns=columns).sort_values("times_compute", ignore_index=True)
