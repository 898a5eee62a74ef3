"""How to split compute between size and data: three approaches on the same runs, side by side.

Hoffmann et al. (2022) read the best size at a given compute off their runs in three ways. All three say
N = g C**a: approach 1 from the best run of each budget, approach 2 from the lowest point of a parabola through the
runs of each budget, approach 3 from the fitted surface. Approach 2 is biased where budgets are few or their runs lie to
one side of the best size (Czech et al. 2026): disagreement is said, not averaged away.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from dl_limits.laws.checks import check_alpha, positive
from dl_limits.laws.surface import LossSurface
from dl_limits.laws.surface.rolling import log_compute

APPROACHES = ("1 best runs", "2 parabolas", "3 surface")
WITHIN = 0.125  # powers of ten of compute that runs of one budget may lie from its middle
_LEAST = 4  # runs of a budget: a parabola has three numbers


def isoflop(
    params: ArrayLike,
    tokens: ArrayLike,
    loss: ArrayLike,
    flops: ArrayLike,
    *,
    alpha: float = 0.05,
    draws: int = 1000,
    seed: int = 0,
) -> IsoFlop:
    """Return the best size at given compute by approaches 1, 2 and 3.

    Parameters
    ----------
    params, tokens, loss : array_like, shape (n,)
        Runs: N parameters, D training tokens, final loss.
    flops : float or array_like
        Training operations C = 6 N D at which the best split is wanted.
    alpha : float
        One minus the confidence level.
    draws, seed : int
        Resamples of the runs, stratified by budget for approaches 1 and 2.

    Returns
    -------
    IsoFlop

    Raises
    ------
    ValueError
        For values that are not positive and finite, unequal lengths, too few runs for the surface, and runs that do not
        form two budgets of at least four sizes each.
    """
    check_alpha(alpha)
    flops = positive(flops, "flops")
    surface = LossSurface(loss, params, tokens).fit()
    model = surface.model
    budgets = budgets_of(model.params, model.tokens)
    if len(budgets) < 2:
        raise ValueError(
            f"params and tokens form {len(budgets)} budget(s) of at least {_LEAST} sizes within {WITHIN:g} powers of "
            "ten of compute: approaches 1 and 2 need two"
        )
    surface.bootstrap(draws, seed=seed)
    split = surface.optimal_allocation(flops, alpha).query("quantity == 'params'")
    exponent = surface.derive(lambda p: p["beta"] / (p["alpha"] + p["beta"]), alpha)
    rows = [[APPROACHES[2], "exponent", np.nan, exponent.estimate, exponent.low, exponent.high]]
    rows += [[APPROACHES[2], "params", *row] for row in split[["flop", "estimate", "low", "high"]].to_numpy()]
    compute, size, log_loss = log_compute(model.params, model.tokens), np.log10(model.params), np.log(model.loss)
    rng = np.random.default_rng(seed)
    for name, read in zip(APPROACHES[:2], (_best_run, _parabola), strict=True):
        point = _line(budgets, compute, size, log_loss, read, flops)
        drawn = np.array(
            [
                _line([rng.choice(rows_, len(rows_)) for rows_ in budgets], compute, size, log_loss, read, flops)
                for _ in range(draws)
            ]
        )
        low, high = np.nanpercentile(drawn, [50 * alpha, 100 - 50 * alpha], axis=0)
        ends = np.column_stack([point, low, high])
        rows.append([name, "exponent", np.nan, *ends[0]])
        rows += [[name, "params", flop, *10 ** ends[i]] for i, flop in enumerate(flops, start=1)]
    columns = ["approach", "quantity", "flop", "estimate", "low", "high"]
    table = pd.DataFrame(rows, columns=columns).sort_values(["flop", "approach"], ignore_index=True)
    return IsoFlop(table, len(budgets))


class IsoFlop:
    """Best splits by three approaches.

    Attributes
    ----------
    table : DataFrame
        ``approach``, ``quantity`` ('exponent': a of N = g C**a; 'params': best N), ``flop``, ``estimate``, ``low``,
        ``high``.
    budgets : int
        Budgets that approaches 1 and 2 were read from.
    """

    def __init__(self, table, budgets):
        self.table, self.budgets = table, budgets

    @property
    def notes(self):
        """Plain sentences: which approaches contradict each other, and where."""
        found = []
        for (quantity, flop), rows in self.table.groupby(["quantity", "flop"], dropna=False):
            apart = rows["low"].max() > rows["high"].min()
            if apart:
                first, last = rows.sort_values("estimate").iloc[[0, -1]].itertuples()
                what = "the exponent" if quantity == "exponent" else f"the best size at {flop:.2g} FLOP"
                found.append(
                    f"The approaches disagree on {what}: {first.approach} {first.estimate:.3g}, {last.approach} "
                    f"{last.estimate:.3g}, and their intervals do not meet."
                )
        if found:
            found.append("Approach 2 is known to be biased (Czech et al. 2026); approach 3 uses every run.")
        return found


def budgets_of(params, tokens):
    """Return the rows of each budget: runs whose compute agrees, with at least four sizes.

    Parameters
    ----------
    params, tokens : ndarray, shape (n,)

    Returns
    -------
    list of ndarray of int
        From the smallest budget to the largest; a run belongs to one at most.
    """
    compute = log_compute(params, tokens)
    order = np.argsort(compute, kind="stable")
    found, start = [], 0
    for end in range(1, len(order) + 1):
        full = end == len(order)
        if full or compute[order[end]] - compute[order[start]] > 2 * WITHIN:
            rows = order[start:end]
            if len(np.unique(params[rows])) >= _LEAST:
                found.append(rows)
            start = end
    return found


def _best_run(size, log_loss):
    """Size of the run with the lowest loss (approach 1)."""
    return size[np.argmin(log_loss)]


def _parabola(size, log_loss):
    """Lowest point of a parabola of log loss on log size (approach 2); NaN where it opens downwards."""
    if len(np.unique(size)) < 3:
        return np.nan
    centre = size.mean()
    bend, slope, _ = np.polyfit(size - centre, log_loss, 2)
    return centre - slope / (2 * bend) if bend > 0 else np.nan


def _line(budgets, compute, size, log_loss, read, flops):
    """Exponent, then log10 of the best size at each of `flops`, from a line through the budgets' best sizes."""
    best = np.array([read(size[rows], log_loss[rows]) for rows in budgets])
    middle = np.array([compute[rows].mean() for rows in budgets])
    known = np.isfinite(best)
    if known.sum() < 2:
        return np.full(1 + len(flops), np.nan)
    slope, level = np.polyfit(middle[known], best[known], 1)
    return np.array([slope, *(level + slope * np.log10(flops))])
