"""What chapter 04 asks of the loss laws: their floor, their returns, and where GPT-3 stood on them.

The surface ``L(N, D) = E + A / N**alpha + B / D**beta`` is fitted by `dl_limits.laws.surface`
to the runs behind Hoffmann et al. (2022); printed laws come from `dl_limits.laws.loss`.
Units: N parameters, D tokens, compute FLOP, loss nats per token. Intervals of the
surface are percentiles of a bootstrap that draws whole model sizes, since residuals of
one size are alike.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from dl_limits import data
from dl_limits.laws import loss
from dl_limits.studies.scaling import published
from dl_limits.studies.scaling.fit import surface

_PATHS = {"data": "data only", "params": "size only", "both": "both alike", "optimal": "best split"}


def gpt3_run():
    """Return parameters, training tokens and compute (FLOP) of GPT-3 175B."""
    row = data.load("gpt_models").set_index("model_id").loc["gpt_3_175b"]
    return float(row["params"]), float(row["training_tokens"]), float(row["training_flop"])


# ------------------------------------------------------------------ printed laws


def gpt_losses():
    """Return what the printed laws of 2020 predict for the largest model of each GPT generation.

    Returns
    -------
    DataFrame
        ``model``, ``params``, ``flop``, and losses (nats per token) by size alone
        (Kaplan et al., 1.1), by text alone (1.2; distinct tokens), by compute-efficient
        training (1.3) and by the compute law of the GPT-3 paper. All refer to web text
        like WebText2: no GPT was scored on it as such.
    """
    models = data.load("gpt_models").set_index("model_id").loc[["gpt_1", "gpt_2_1542m", "gpt_3_175b"]]
    size = loss.non_embedding_params(models["layers"], models["width"]).astype(float)
    pf_days = models["training_flop"] / loss.FLOP_PER_PF_DAY
    law = {name: published.published_law(f"kaplan_{name}") for name in ("n", "d", "cmin")}
    return pd.DataFrame(
        {
            "model": models["family"].astype(str),
            "params": models["params"].astype(float),
            "flop": models["training_flop"].astype(float),
            "by_size": loss.power_law(size, **law["n"]),
            "by_text": loss.power_law(models["dataset_tokens"].astype(float), **law["d"]),
            "by_compute": loss.power_law(pf_days, **law["cmin"]),
            "gpt3_law": published.gpt3_law(pf_days),
        }
    ).reset_index(drop=True)


def rounding(name, power):
    """Return what the last printed digit of a law's exponent leaves open, as (value, low, high).

    Parameters
    ----------
    name : str
        A law of ``loss_laws`` with an exponent, printed with three decimals.
    power : callable
        From exponent to the number asked for.
    """
    exponent = published.published_law(name)["exponent"]
    ends = sorted(float(power(exponent + k)) for k in (-0.0005, 0.0005))
    return float(power(exponent)), *ends


# ------------------------------------------------------------------ returns


def compute_optimal(flop):
    """Return the loss of the best split at each compute, and the floor.

    Parameters
    ----------
    flop : ndarray, shape (m,)
        Training compute.

    Returns
    -------
    DataFrame
        ``flop``, ``loss``, ``floor``, ``floor_low``, ``floor_high``, nats per token.
    """
    p, floor = surface().params, surface().conf_int().loc["E"]
    best = loss.loss(p, *loss.optimum(p, flop))
    ends = {"floor": p["E"], "floor_low": floor["lower"], "floor_high": floor["upper"]}
    return pd.DataFrame({"flop": flop, "loss": best} | ends)


def returns(flop):
    """Return by how many percent the next tenfold of compute lowers the whole loss, best split each time.

    Parameters
    ----------
    flop : ndarray, shape (m,)
        Where one stands.

    Returns
    -------
    DataFrame
        ``flop``, ``estimate``, ``low``, ``high`` for our surface; ``hoffmann`` for the
        printed one; ``power_law`` for GPT-3's law, the same everywhere.
    """
    each = [surface().derive(lambda p, c=c: _tenfold_gain(p, c)) for c in flop]
    table = pd.DataFrame(
        {"flop": flop} | {name: [getattr(e, name) for e in each] for name in ("estimate", "low", "high")}
    )
    table["hoffmann"] = _tenfold_gain(published.published_surface("hoffmann_printed"), flop)
    table["power_law"] = 100 * (1 - 10 ** -published.published_law("gpt3_c")["exponent"])
    return table


def _tenfold_gain(p, flop):
    before, after = (loss.loss(p, *loss.optimum(p, c)) for c in (flop, 10 * flop))
    return 100 * (1 - after / before)


def elasticities():
    """Return by how many percent the reducible loss falls per percent of compute, at GPT-3's place.

    Returns
    -------
    DataFrame
        ``path`` (see `_PATHS`), ``estimate``, ``low``, ``high``.
    """
    return _by_path(loss.elasticity)


def prices():
    """Return how many times more it takes to lower the whole loss by one percent, at GPT-3's place.

    Returns
    -------
    DataFrame
        ``law``, ``grows`` (what is multiplied), ``estimate``, ``low``, ``high``. For our
        surface a 95 % interval; for printed power laws what rounding of the exponent
        leaves open; none for the printed surface.
    """
    rows = []
    one = {"kaplan_n": "size, text unlimited", "kaplan_d": "text, size unlimited", "kaplan_cmin": "compute"}
    for name, grows in one.items():
        rows.append(["Kaplan et al. 2020", grows, *rounding(name, loss.power_law_price)])
    rows.append(["GPT-3 paper", "compute", *rounding("gpt3_c", loss.power_law_price)])
    ours = _by_path(loss.next_percent)
    rows += [["surface, our fit", f"compute, {r.path}", r.estimate, r.low, r.high] for r in ours.itertuples()]
    printed = loss.next_percent(published.published_surface("hoffmann_printed"), *gpt3_run()[:2])
    rows += [["surface, as printed", f"compute, {_PATHS[k]}", float(printed[k]), np.nan, np.nan] for k in _PATHS]
    return pd.DataFrame(rows, columns=["law", "grows", "estimate", "low", "high"])


def _by_path(function):
    """Evaluate a function of (p, N, D) with one answer a path at GPT-3's place, with intervals."""
    rows = []
    for path, label in _PATHS.items():
        each = surface().derive(lambda p, path=path: function(p, *gpt3_run()[:2])[path])
        rows.append([label, each.estimate, each.low, each.high])
    return pd.DataFrame(rows, columns=["path", "estimate", "low", "high"])


def parts():
    """Return what the loss at three places is made of: GPT-3 as built, the best split, and ten times its compute.

    Returns
    -------
    DataFrame
        ``place``, ``params``, ``tokens``, and ``floor``, ``size``, ``text`` in nats per token.
    """
    p, (n, d, _) = surface().params, gpt3_run()
    flop = 6 * n * d
    places = {"GPT-3 as built": (n, d)}
    places |= {"its compute, best split": loss.optimum(p, flop), "10 × compute, best split": None}
    places["10 × compute, best split"] = loss.optimum(p, 10 * flop)
    rows = [[name, *place, p["E"], *loss.terms(p, *place)] for name, place in places.items()]
    return pd.DataFrame(rows, columns=["place", "params", "tokens", "floor", "size", "text"])


def floor_share():
    """Return the share (percent) of the loss at GPT-3's place that no scale removes, an `Estimate`."""
    n, d, _ = gpt3_run()
    return surface().derive(lambda p: 100 * p["E"] / loss.loss(p, n, d))


# ------------------------------------------------------------------ was GPT-3 well divided?


def allocation():
    """Return how the compute of GPT-3 should have been divided, by each source.

    Returns
    -------
    DataFrame
        ``source``, ``params`` and ``tokens`` with ``*_low``, ``*_high`` (95 %; NaN where
        none is printed). Kaplan et al. count parameters without embeddings.
    """
    n, d, _ = gpt3_run()
    flop = 6 * n * d
    split = surface().optimal_allocation(flop).set_index("quantity")
    kaplan, pf_days = published.published_law("kaplan_optimum"), flop / loss.FLOP_PER_PF_DAY
    printed = loss.optimum(published.published_surface("hoffmann_printed"), flop)
    none = [np.nan, np.nan]
    rows = [
        ["GPT-3 as built", n, *none, d, *none],
        [
            "Kaplan et al. 2020",
            kaplan["n_e"] * pf_days ** kaplan["p_n"],
            *none,
            kaplan["d_e"] * pf_days ** kaplan["p_d"],
            *none,
        ],
        ["surface, as printed", printed[0], *none, printed[1], *none],
        ["surface, our fit", *split.loc["params", ["estimate", "low", "high"]],
         *split.loc["tokens", ["estimate", "low", "high"]]],
    ]  # fmt: skip
    columns = ["source", "params", "params_low", "params_high", "tokens", "tokens_low", "tokens_high"]
    return pd.DataFrame(rows, columns=columns)


def waste():
    """Return what GPT-3's split cost, as two `Estimate`.

    Returns
    -------
    excess_pct, saved_pct : Estimate
        By how many percent the loss exceeds that of the best split, and what percentage of
        the compute would have given the same loss, well divided.
    """
    n, d, _ = gpt3_run()
    flop = 6 * n * d

    def excess(p):
        return 100 * (loss.loss(p, n, d) / loss.loss(p, *loss.optimum(p, flop)) - 1)

    def saved(p):
        return 100 * (1 - loss.cheapest(p, loss.loss(p, n, d)) / flop)

    return surface().derive(excess), surface().derive(saved)
