"""Shares of the spread by choice: on known truths, and by a second way."""

from itertools import permutations, product

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from dl_limits.inference.variance import variance_shares


def by_all_orders(table, names):
    """Gains in R² of saturated least-squares fits to the ranks, averaged over every order of the choices."""
    ranked = table.assign(rank=table["estimate"].rank())
    gains = dict.fromkeys(names, 0.0)
    known = {(): 0.0}
    for order in permutations(names):
        for i, name in enumerate(order):
            before, after = (tuple(sorted(order[:n])) for n in (i, i + 1))
            if after not in known:
                cell = ranked[list(after)].astype(str).agg(" ".join, axis=1)
                known[after] = smf.ols("rank ~ C(cell)", ranked.assign(cell=cell)).fit().rsquared
            gains[name] += known[after] - known[before]
    orders = len(list(permutations(names)))
    return {name: gain / orders for name, gain in gains.items()}


def unbalanced():
    rng = np.random.default_rng(3)
    rows = [{"a": a, "b": b, "c": c} for a, b, c in product("pqr", "uv", "xy") if (a, c) != ("r", "y")]
    return pd.DataFrame(rows).assign(estimate=rng.normal(size=len(rows)))


def test_shares_equal_gains_in_r_squared_over_all_orders():
    table = unbalanced()
    table.loc[3, "estimate"] = np.inf
    shares = variance_shares(table, ["a", "b", "c"])
    assert shares.sum() == pytest.approx(1)
    second = by_all_orders(table, ["a", "b", "c"])
    assert shares.to_dict() == pytest.approx(second)


def test_what_two_do_together_is_halved_and_what_does_nothing_has_nothing():
    table = pd.DataFrame(product((0, 1), (0, 1), (0, 1)), columns=["a", "b", "idle"])
    table["estimate"] = (table["a"] ^ table["b"]).astype(float)
    shares = variance_shares(table, ["idle", "a", "b"])
    assert shares.to_dict() == pytest.approx({"a": 0.5, "b": 0.5, "idle": 0})


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda t: pd.concat([t, t[:1]]), "same choices twice"),
        (lambda t: t.assign(estimate=1.0), "all answers are the same"),
        (lambda t: t.assign(estimate=[np.nan, *t["estimate"][1:]]), "missing answer"),
    ],
)
def test_faults_are_named(change, fault):
    with pytest.raises(ValueError, match=fault):
        variance_shares(change(unbalanced()), ["a", "b", "c"])
