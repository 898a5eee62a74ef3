"""The numbers that the page on the wall quotes: what each is and where it comes from."""

from __future__ import annotations

import numpy as np

from dl_limits.studies.wall import horizons, pause
from dl_limits.words import Number

_RUNS, _HORIZONS = "notable_models", "time_horizons"


def numbers():
    """Return every number of the page by name: a dict of `dl_limits.words.Number`."""
    return _paused() | _billed() | _bought() | _moved() | _able()


def _paused():
    """Return the wait for a record, and what was to be expected."""
    wait, drawn = pause.waits(), pause.expected_runs().iloc[-1]
    draws, power = (
        "studies.wall.pause.expected_runs",
        "power of ten of the largest run by July 2026, drawn from runs to 2024",
    )
    return {
        "months": Number(wait["months"], 0, "months without a larger documented run, to July 2026", _RUNS),
        "longest": Number(wait["longest"], 0, "longest earlier wait for a record since 2012, months", _RUNS),
        "quiet": Number(100 * wait["share"], 0, "per cent of months since 2012 followed by as long a wait", _RUNS),
        "largest": Number(np.log10(wait["flop"]), 1, "power of ten of the largest documented run", _RUNS),
        "drawn": Number(np.log10(drawn["median"]), 1, f"{power}: median", draws),
        "drawn_low": Number(np.log10(drawn["low"]), 1, f"{power}: 5 % end", draws),
        "drawn_high": Number(np.log10(drawn["high"]), 1, f"{power}: 95 % end", draws),
        "rank": Number(100 * drawn["below"], 0, "per cent of draws with no larger run than came by July 2026", draws),
    }


def _billed():
    """Return the dearest run beside what was to be expected, and the largest energies."""
    costs, expected = pause.bills()
    drawn, energy = expected.iloc[-1], pause.energy_accounts().set_index("model")["value"] / 1e3
    source, rated, counted = "studies.wall.pause.bills", "chip hours times rated power, GWh", "training_energy, row"
    dearest = "million dollars for the dearest run by July 2025, drawn from runs to 2024"
    return {
        "dearest": Number(costs["value"].max() / 1e6, 0, "dearest run, million dollars", "training_costs"),
        "cost_drawn": Number(drawn["median"] / 1e6, 0, f"{dearest}: median", source),
        "cost_low": Number(drawn["low"] / 1e6, 0, f"{dearest}: 5 % end", source),
        "cost_high": Number(drawn["high"] / 1e6, -2, f"{dearest}: 95 % end", source),
        "energy_grok_3": Number(energy["Grok 3"], 0, f"Grok 3: {rated}", f"{counted} grok_3_database_hardware"),
        "energy_grok_4": Number(energy["Grok 4"], 0, f"Grok 4: {rated}", f"{counted} grok_4_quoted"),
    }


def _bought():
    """Return what a tenfold takes off the loss by the surface of chapter 04."""
    then, now = pause.buys().to_dict("records")
    takes, source = "per cent that ten times the compute takes off the loss, best split", "studies.wall.pause.buys"
    return {
        "then": Number(then["estimate"], 1, f"{takes}, at GPT-3's compute", source),
        "now": Number(now["estimate"], 1, f"{takes}, at the largest run's compute", source),
        "now_low": Number(now["low"], 1, f"{takes}, at the largest run's compute: lower 95 % end", source),
        "now_high": Number(now["high"], 1, f"{takes}, at the largest run's compute: upper 95 % end", source),
        "straight": Number(now["power_law"], 1, f"{takes}, by the GPT-3 paper's law without a floor", source),
        "beyond": Number(now["beyond"], 1, "powers of ten of the largest run over the largest that was fitted", source),
    }


def _moved():
    """Return where compute went beside the final run, and what models of like compute can do."""
    shares, two = 100 * horizons.final_run_shares()["final_run_share"], horizons.two_models()
    known = horizons.documented().set_index("when")
    share = "per cent of a laboratory's research compute in final runs"
    return {
        "share_low": Number(shares.min(), 0, f"{share}, smallest of three", "final_run_shares"),
        "share_high": Number(shares.max(), 0, f"{share}, largest of three", "final_run_shares"),
        "gpt_5_compute": Number(two["compute"], 1, "training compute of GPT-5 over that of GPT-4", _RUNS),
        "gpt_5_horizon": Number(two["horizon"], 0, "time horizon of GPT-5 over that of GPT-4", _HORIZONS),
        "before": Number(known.loc["before", "models"], 0, "models with a time horizon before August 2025", _HORIZONS),
        "before_known": Number(known.loc["before", "known"], 0, "of these, models with known compute", _HORIZONS),
        "since": Number(known.loc["since", "models"], 0, "models with a time horizon since August 2025", _HORIZONS),
        "since_known": Number(known.loc["since", "known"], 0, "of these, models with known compute", _HORIZONS),
    }


def _able():
    """Return how fast the time horizon grows."""
    whole, late = horizons.doubling().to_dict("records")
    last, source = horizons.time_horizons().iloc[-1], "studies.wall.horizons.doubling"
    doubles = "months in which the time horizon doubles"
    return {
        "double": Number(whole["months"], 1, f"{doubles}, whole record", source),
        "double_low": Number(whole["low"], 1, f"{doubles}, whole record: lower 95 % end", source),
        "double_high": Number(whole["high"], 1, f"{doubles}, whole record: upper 95 % end", source),
        "double_late": Number(late["months"], 1, f"{doubles}, since 2023", source),
        "double_late_low": Number(late["low"], 1, f"{doubles}, since 2023: lower 95 % end", source),
        "double_late_high": Number(late["high"], 1, f"{doubles}, since 2023: upper 95 % end", source),
        "hours": Number(last["horizon_min"] / 60, 0, "hours, longest time horizon at one half", _HORIZONS),
        "hours_low": Number(last["low"] / 60, 0, "the same: lower 95 % end, hours", _HORIZONS),
        "hours_high": Number(last["high"] / 60, 0, "the same: upper 95 % end, hours", _HORIZONS),
        "hours_80": Number(last["horizon_80_min"] / 60, 0, "hours, the same model's horizon at 80 %", _HORIZONS),
    }
