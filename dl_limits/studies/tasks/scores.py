"""The scores of the GPT-3 paper as series over eight sizes: one row a task, metric and setting.

All eight models saw the same 300 billion tokens. So a series says what more
*parameters* (and the compute they need) do at fixed data, and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from dl_limits import data

SETTINGS = ("zero", "one", "few")
PANELS = {
    "cloze_completion": "language and knowledge",
    "closed_book_qa": "language and knowledge",
    "common_sense": "language and knowledge",
    "winograd_style": "language and knowledge",
    "sat": "language and knowledge",
    "reading_comprehension": "reading",
    "superglue": "SuperGLUE and inference",
    "nli": "SuperGLUE and inference",
    "translation": "translation",
    "arithmetic": "synthetic",
    "word_scrambling": "synthetic",
}
PARTS = {  # SuperGLUE averages two metrics of a task first
    "BoolQ": ["accuracy"],
    "CB": ["accuracy", "f1"],
    "Copa": ["accuracy"],
    "RTE": ["accuracy"],
    "WiC": ["accuracy"],
    "WSC": ["accuracy"],
    "MultiRC": ["accuracy", "f1_answers"],
    "ReCoRD": ["accuracy", "f1"],
}


@dataclass(frozen=True)
class TaskScores:
    """Scores of many series on the same models.

    Attributes
    ----------
    info : DataFrame
        One row a series: ``task``, ``metric``, ``setting``, ``task_group``, ``panel``,
        ``synthetic``, ``score_unit``, ``chance_pct``, ``human_pct``, ``items``, ``k_shot``,
        ``state_of_the_art``, ``artefact`` (reason, or empty).
    points : ndarray, shape (m, s)
        Scores, as printed.
    log_compute : ndarray, shape (s,)
        log10 of training FLOP, rising.
    params : ndarray, shape (s,)
        Parameters of the models.
    """

    info: pd.DataFrame
    points: np.ndarray
    log_compute: np.ndarray
    params: np.ndarray

    def __len__(self):
        """Return the number of series."""
        return len(self.info)

    def where(self, mask):
        """Return the series of a mask over `info`."""
        mask = np.asarray(mask, bool)
        return replace(self, info=self.info[mask].reset_index(drop=True), points=self.points[mask])

    def first(self, k):
        """Return the same series on the k smallest models."""
        return replace(self, points=self.points[:, :k], log_compute=self.log_compute[:k], params=self.params[:k])

    @property
    def log_gap(self):
        """Natural logarithm of what is left to a perfect score, shape (m, s).

        100 less the score; for perplexity, the score less 1. A gap below half an item
        counts as half an item, because its logarithm must exist: one printed cell is 100.0.
        """
        worse = (self.info["score_unit"] == "perplexity").to_numpy()[:, None]
        gap = np.where(worse, self.points - 1, 100 - self.points)
        items = self.info["items"].astype(float).fillna(np.inf).to_numpy()[:, None]
        return np.log(np.maximum(gap, np.where(np.isfinite(items), 50 / items, 0)))

    def from_log_gap(self, log_gap):
        """Return scores for logarithms of the gap, shape (m,); nothing scores below 0."""
        worse = (self.info["score_unit"] == "perplexity").to_numpy()
        with np.errstate(over="ignore"):
            return np.where(worse, 1 + np.exp(log_gap), np.maximum(100 - np.exp(log_gap), 0))

    def log_odds(self, scores):
        """Return log odds of scores in percent (or BLEU), shape (m,) or (m, s).

        Scores within half an item of 0 or 100 (half a printed digit, where the number
        of items is not known) count as that far away.
        """
        margin = 50 / self.info["items"].astype(float).fillna(1000).to_numpy()
        margin = margin if np.ndim(scores) == 1 else margin[:, None]
        share = np.clip(scores, margin, 100 - margin) / 100
        return np.log(share / (1 - share))

    @property
    def item_noise(self):
        """Standard error of the last score from the draw of test items, in points; NaN without their number."""
        share = self.points[:, -1] / 100
        with np.errstate(invalid="ignore"):
            return 100 * np.sqrt(share * (1 - share) / self.info["items"].astype(float).to_numpy())


def load_scores():
    """Return all 189 series of Table H.1, hidden test sets left out.

    Returns
    -------
    TaskScores
    """
    models = data.load("gpt_models").query("family == 'GPT-3'").sort_values("params")
    tasks = data.load("gpt3_tasks")
    tasks = tasks[tasks["split"] != "test_server"]
    keys = ["task", "metric", "split"]
    scores = data.load("gpt3_scores").merge(tasks[keys], on=keys)
    wide = scores.pivot_table(index=[*keys, "setting"], columns="model_id", values="score", observed=True)[
        list(models["model_id"])
    ]
    if wide.isna().any(axis=None):
        raise ValueError(f"gpt3_scores: a size is missing for {wide.index[wide.isna().any(axis=1)][0]}")
    order = pd.MultiIndex.from_frame(tasks[keys].merge(pd.DataFrame({"setting": SETTINGS}), how="cross"))
    wide = wide.reindex(order)
    info = wide.index.to_frame(index=False).merge(tasks, on=keys)
    info["panel"] = info["task_group"].astype(str).map(PANELS)
    info.loc[info["score_unit"] == "perplexity", "panel"] = "perplexity"
    info["synthetic"] = info["synthetic"].astype(bool)
    info["artefact"] = np.where(
        (info["task"] == "WiC") & (info["setting"] == "zero"), "0.0 at every size: the answers had another form", ""
    )
    return TaskScores(
        info,
        wide.to_numpy(float),
        np.log10(models["training_flop"].to_numpy(float)),
        models["params"].to_numpy(float),
    )


def natural_accuracy(scores):
    """Return the mask of the claim's estimand: accuracy, not synthetic, no artefact of format."""
    info = scores.info
    return ((info["metric"] == "accuracy") & ~info["synthetic"] & (info["artefact"] == "")).to_numpy()


# ------------------------------------------------------------------ does the table agree with itself?


def superglue_check():
    """Return the SuperGLUE averages recomputed from their eight tasks.

    Returns
    -------
    DataFrame
        ``setting``, ``model_id``, ``printed``, ``recomputed``: 24 rows.
    """
    scores = data.load("gpt3_scores")
    scores = scores[scores["split"] == "dev"]
    parts = pd.concat([scores[(scores["task"] == t) & scores["metric"].isin(m)] for t, m in PARTS.items()])
    keys = ["setting", "model_id"]
    by_task = parts.groupby([*keys, "task"], observed=True)["score"].mean()
    again = by_task.groupby(keys, observed=True).mean().rename("recomputed")
    printed = scores[scores["task"] == "SuperGLUE"].set_index(keys)["score"].rename("printed")
    return pd.concat([printed, again], axis=1).reset_index()


def body_check():
    """Return the 175B cells and states of the art that Table H.1 and the body print differently.

    Half a unit of the last printed digit is no difference.

    Returns
    -------
    DataFrame
        ``task``, ``metric``, ``setting``, ``body``, ``table_h1``, ``locator``; and in its
        ``attrs`` the number of cells compared (``compared``).
    """
    body = data.load("gpt3_body_scores")
    keys = ["task", "metric", "split"]
    cells = data.load("gpt3_scores").query("model_id == 'gpt_3_175b'")[[*keys, "setting", "score"]]
    best = data.load("gpt3_tasks")[[*keys, "state_of_the_art"]].dropna()
    best = best.rename(columns={"state_of_the_art": "score"}).assign(setting="state_of_the_art")
    both = body.astype({"setting": str}).merge(
        pd.concat([cells.astype({"setting": str}), best]), on=[*keys, "setting"], how="left", suffixes=("_body", "_h1")
    )
    if both["score_h1"].isna().any():
        raise ValueError(
            f"gpt3_body_scores: no such cell in Table H.1: {both[both['score_h1'].isna()].iloc[0].to_dict()}"
        )
    differs = both[(both["score_body"] - both["score_h1"]).abs() > 0.0501]
    out = differs.rename(columns={"score_body": "body", "score_h1": "table_h1"})
    out = out[["task", "metric", "setting", "body", "table_h1", "locator"]].reset_index(drop=True)
    out.attrs["compared"] = len(both)
    return out


def prompt_noise():
    """Return how far another prompt alone moves a score, in points.

    Returns
    -------
    dict
        ``second_draw``: standard deviation over draws of the examples in GPT-3's prompt,
        pooled over the pairs that differ (equal ones may never have been run again);
        ``pairs`` of them, ``of`` all; ``wording``: median standard deviation over
        wordings of a zero-shot prompt, other models of its size.
    """
    table = data.load("score_noise")
    pairs = table[table["variation"] == "second_draw"]
    spread = (pairs["highest"] - pairs["lowest"]).to_numpy()
    differ = spread[spread > 0] / np.sqrt(2)
    wording = table.loc[table["variation"] == "prompt_wording", "sd_points"].median()
    pooled = float(np.sqrt((differ**2).mean()))
    return {"second_draw": pooled, "pairs": len(differ), "of": len(pairs), "wording": float(wording)}


# ------------------------------------------------------------------ the state of the art


def printed_records():
    """Return, for every task and metric with a printed state of the art, whether GPT-3 175B beat it.

    Returns
    -------
    DataFrame
        ``task``, ``metric``, ``bleu`` (bool), ``printed``, ``best`` (best setting and split),
        ``beats`` (either split), ``beats_test`` (the hidden test set where there is one) and
        ``beats_body`` (against the value that the body of the paper prints).
    """
    keys = ["task", "metric", "split"]
    tasks = data.load("gpt3_tasks").dropna(subset=["state_of_the_art"])
    cells = data.load("gpt3_scores").query("model_id == 'gpt_3_175b'").merge(tasks, on=keys)
    body = data.load("gpt3_body_scores").query("setting == 'state_of_the_art'").set_index(["task", "metric"])["score"]
    rows = []
    for (task, metric), part in cells.groupby(["task", "metric"], observed=True, sort=False):
        sign = 1 if part["higher_is_better"].iloc[0] else -1
        printed = part["state_of_the_art"].iloc[0]
        best = sign * (sign * part["score"]).max()
        hidden = part[part["split"] == "test_server"]
        tested = sign * (sign * hidden["score"]).max() if len(hidden) else best
        other = body.get((task, metric), printed)
        beats = [sign * score > sign * level for score, level in ((best, printed), (tested, printed), (best, other))]
        rows.append([task, metric, part["score_unit"].iloc[0] == "bleu", printed, best, *beats])
    columns = ["task", "metric", "bleu", "printed", "best", "beats", "beats_test", "beats_body"]
    return pd.DataFrame(rows, columns=columns)


def record_shares():
    """Return the share of task-metrics above the printed state of the art, by way of counting.

    Returns
    -------
    DataFrame
        ``counting``, ``above``, ``of``, ``share``. First row: all but BLEU, which is scored in
        ways that do not compare, and the SuperGLUE average, which repeats its parts.
    """
    table = printed_records()
    plain = table[~table["bleu"] & (table["metric"] != "average")]
    ways = {
        "all but BLEU": (plain, "beats"),
        "hidden test sets where there are any": (plain, "beats_test"),
        "state of the art as in the body": (plain, "beats_body"),
        "accuracy alone": (plain[plain["metric"] == "accuracy"], "beats"),
        "BLEU alone": (table[table["bleu"]], "beats"),
    }
    rows = [[name, part[c].sum(), len(part), part[c].mean()] for name, (part, c) in ways.items()]
    return pd.DataFrame(rows, columns=["counting", "above", "of", "share"])
