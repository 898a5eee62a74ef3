"""Figures of the appendix on methods: measured coverage, measured forecast errors."""

from __future__ import annotations

import numpy as np
from matplotlib.ticker import FixedLocator, FuncFormatter

from dl_limits.figures.marks import record_marks
from dl_limits.figures.style import BLUE, GREEN, GREY, ORANGE, finish, heading, new_axes, own_settings
from dl_limits.words import said

LEFT = 73.0  # per cent; what covers less is drawn at the edge, with its number
_NOMINAL = 95.0  # per cent, what is promised
_BEST = "extrapolator"  # the method to bring out


@own_settings
def plot_interval_coverage(table, accepted):
    """One row a design: how often each method's nominal 95 % interval holds the truth.

    Parameters
    ----------
    table : DataFrame
        ``title`` of the design, ``method``, ``recommended``, ``coverage`` (a share), one quantity.
    accepted : tuple of float
        The shares between which the promise counts as kept.
    """
    designs = list(dict.fromkeys(table["title"]))
    ax = _coverage_rows(table, "title", designs, accepted, "recommended here")
    best = 100 * table.loc[table["recommended"], "coverage"]
    alt = (
        f"Coverage of nominal {_NOMINAL:g} % intervals of the exponent in {len(designs)} simulated designs. "
        f"The recommended methods hold the truth in {best.min():.1f} to {best.max():.1f} % of repetitions, "
        f"others in as few as {100 * table['coverage'].min():.0f} %."
    )
    return finish(ax, alt, table)


@own_settings
def plot_other_coverage(table, accepted):
    """One row a chapter: coverage of its intervals and tests, and of others that could be used there.

    Parameters
    ----------
    table : DataFrame
        ``chapter``, ``design``, ``quantity``, ``method``, ``recommended``, ``coverage`` (a share).
    accepted
        As in `plot_interval_coverage`.
    """
    words = {c: f"chapter{'s' if ' ' in c else ''} {c}" for c in sorted(set(table["chapter"]))}
    named = table.assign(chapter=table["chapter"].map(words))
    ax = _coverage_rows(named, "chapter", list(words.values()), accepted, "used in the book")
    used = table.loc[table["recommended"], "coverage"].round(6)  # an edge is inside, whatever its last bit
    kept, (low, high) = used.between(*accepted).sum(), accepted
    lowest = table.loc[used.idxmin()]
    alt = (
        f"Coverage of {len(used)} nominal {_NOMINAL:g} % intervals and tests that the other chapters use: "
        f"{kept} hold the truth in {100 * low:g} to {100 * high:g} % of repetitions, "
        f"{(used < low).sum()} in fewer, {(used > high).sum()} in more. "
        f"The lowest is {lowest['quantity']} with {100 * used.min():.0f} %."
    )
    return finish(ax, alt, table)


def _coverage_rows(table, by, rows, accepted, label):
    """Draw one line a value of `by`: the methods used filled, the others open."""
    rows = rows[::-1]
    fig, ax = new_axes(height=0.43 * len(rows) + 1.0)
    ax.axvspan(*(100 * share for share in accepted), color="#e6f2ec", lw=0)
    ax.axvline(_NOMINAL, color=GREEN, lw=1)
    for row in table.sort_values("recommended").itertuples():
        y, x = rows.index(getattr(row, by)), 100 * row.coverage
        colour, marker = (BLUE, "o") if row.recommended else (ORANGE, "D")
        face = colour if row.recommended else "white"
        ax.plot(max(x, LEFT), y, marker, color=colour, mfc=face, ms=6 if row.recommended else 4.5)
    x, y = (100 * table["coverage"]).clip(lower=LEFT), [rows.index(name) for name in table[by]]
    told = f"{{{by}}}, {'{quantity}, ' * ('quantity' in table)}{{method}}: {{coverage:.1%}} hold the truth"
    record_marks(ax, x, y, table, told)
    low = table[100 * table["coverage"] < LEFT]
    for name, part in low.groupby(by, sort=False):
        values = " and ".join(said(float(v), ".0f") for v in sorted(100 * part["coverage"]))
        ground = {"fc": "white", "ec": "none", "pad": 0.8}
        place = LEFT + 0.9, rows.index(name)
        ax.text(*place, f"{values} %", color="#333333", va="center", fontsize=8.5, bbox=ground)
    _names(ax, rows, above=0.26)
    ax.set_xlim(LEFT - 0.8, 100.8)
    ax.xaxis.set_major_locator(FixedLocator([75, 80, 85, 90, 95, 100]))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g} %"))
    ax.set_xlabel("Intervals that hold the truth")
    ax.plot([], [], "o", color=BLUE, label=label)
    ax.plot([], [], "D", color=ORANGE, mfc="white", label="others in use")
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, frameon=False, fontsize=9, borderaxespad=0)
    return ax


@own_settings
def plot_forecast_errors(table):
    """Typical forecast error of each method, by kind of the curves.

    Parameters
    ----------
    table : DataFrame
        ``kind``, ``method``, ``rmse_log``: root mean square error of log y, a
        geometric mean over curves.
    """
    kinds = list(dict.fromkeys(table["kind"]))[::-1]
    fig, ax = new_axes(height=0.36 * len(kinds) + 1.0)
    for row in table.itertuples():
        y, x = kinds.index(row.kind), 100 * row.rmse_log
        if row.method == _BEST:
            ax.plot(x, y, "o", color=BLUE, ms=7, zorder=3)
        elif row.method == "least-squares line":
            ax.plot(x, y, "D", color=ORANGE, mfc="white", ms=5)
        else:
            ax.plot(x, y, "|", color=GREY, ms=8)
    y = [kinds.index(kind) for kind in table["kind"]]
    record_marks(ax, 100 * table["rmse_log"], y, table, "{kind}, {method}: typical error {rmse_log:.1%}")
    ax.set_xscale("log")
    ax.xaxis.set_major_locator(FixedLocator([0.5, 1, 2, 5, 10, 20]))
    ax.xaxis.set_minor_locator(FixedLocator([]))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g} %"))
    _names(ax, kinds)
    ax.set_xlabel("Typical error of the forecast")
    for marker, colour, label in (
        ("o", BLUE, "average of laws"),
        ("|", GREY, "single laws"),
        ("D", ORANGE, "straight line"),
    ):
        ax.plot([], [], marker, color=colour, mfc="white" if marker == "D" else colour, ls="", label=label)
    ax.legend(
        loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, frameon=False, fontsize=9, borderaxespad=0,
        handletextpad=0.2, columnspacing=0.9,
    )  # fmt: skip
    wide = table.pivot_table(index="kind", columns="method", values="rmse_log", sort=False)
    wins = int((wide[_BEST] <= wide.drop(columns=_BEST).min(axis=1)).sum())
    typical = 100 * np.exp(np.log(wide).mean())
    alt = (
        f"Forecast error beyond the data for {len(kinds)} kinds of curves. The weighted average of laws errs by "
        f"{typical[_BEST]:.1f} % on average over kinds, a straight line on logarithmic axes by "
        f"{typical['least-squares line']:.1f} %; on {wins} kinds no single law is better than the average."
    )
    return finish(ax, alt, table)


@own_settings
def plot_ladder(small, told):
    """Loss on training compute: small runs, and two large ones beside what was foretold of them.

    Parameters
    ----------
    small : DataFrame
        ``params``, ``tokens``, ``loss`` of the runs that forecast.
    told : DataFrame
        From `away.ladder`.
    """
    _, ax = new_axes(height=3.4)
    compute = 6 * small["params"].astype(float) * small["tokens"].astype(float)
    ahead = 6 * told["params"].astype(float) * told["tokens"].astype(float)
    ax.plot(compute, small["loss"], "o", color=GREY, label="small runs")
    ends = np.abs(told[["low", "high"]].to_numpy().T - told["predicted"].to_numpy())
    ax.errorbar(ahead / 1.12, told["predicted"], ends, fmt="s", color=BLUE, capsize=4, label="foretold, 95 % interval")
    ax.plot(ahead * 1.12, told["loss"], "D", color=ORANGE, label="what came")
    words = "{run}: foretold {predicted:.2f} ({low:.2f} to {high:.2f}) nats per token"
    record_marks(ax, ahead / 1.12, told["predicted"], told, words, (told["low"], told["high"]), upright=True)
    record_marks(ax, ahead * 1.12, told["loss"], told, "{run}: came {loss:.2f} nats per token")
    words = "small run, {params:large} parameters, {tokens:large} tokens: loss {loss:.2f} nats per token"
    record_marks(ax, compute, small["loss"], small, words)
    ax.set(xscale="log", xlabel="training compute, FLOP", ylabel="loss, nats per token")
    heading(ax, "Two large runs, foretold from 25 small")
    ax.legend()
    lines = [
        f"{row.run}: foretold {row.predicted:.2f} ({row.low:.2f} to {row.high:.2f}), came {row.loss:.2f}"
        for row in told.itertuples()
    ]
    alt = f"Loss of {len(small)} small runs, and of two large ones foretold from them. " + "; ".join(lines) + "."
    return finish(ax, alt, told)


def _names(ax, names, above=0.17):
    """Write the name of each row above it, inside the axes: phones have no room at the side."""
    for y, name in enumerate(names):
        ax.axhline(y, color="#dddddd", lw=0.6, zorder=0)
        ax.text(0.0, y + above, name, transform=ax.get_yaxis_transform(), fontsize=8.5, color="#333333", va="bottom")
    ax.set_yticks([])
    ax.set_ylim(-0.5, len(names) - 0.37 + above)
    ax.spines["left"].set_visible(False)
