"""Figures of the chapter on learning curves."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from dl_limits.figures.marks import record_marks
from dl_limits.figures.style import BLUE, GREEN, GREY, ORANGE, finish, heading, new_axes, own_settings
from dl_limits.words import rounded, said

RUST = "#A84300"  # orange that can be read as text
_PURPLE = "#8B4A7E"
_METHODS = ("average of laws", "power law")  # the forecast, and the one beside it


def _sizes(ax, sizes, words="Training examples (log scale)"):
    """Logarithmic axis of sizes with plain numbers."""
    ax.set_xscale("log")
    ax.xaxis.set_major_locator(FixedLocator(list(sizes)))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: _short(round(v))))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set_xlabel(words)


def _per_cent(axis, ticks):
    axis.set_major_locator(FixedLocator(ticks))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g} %".replace("-", "−")))


@own_settings
def plot_learning_curve(ours, yours, fit):
    """Error of the digits against training examples: every run, the means, the straight line.

    Parameters
    ----------
    ours : DataFrame
        One row a size, one column a seed (`curves.by_seed` of the stored runs), per cent.
    yours : Series
        Means over seeds of the runs just made, by size.
    fit : PowerLawResults
        A power law of the means of `ours`.
    """
    fig, ax = new_axes(height=3.7)
    mean = ours.mean(axis=1)
    grid = np.geomspace(mean.index[0] * 0.85, mean.index[-1] * 1.18, 40)
    ax.plot(np.repeat(ours.index, ours.shape[1]), ours.to_numpy().ravel(), "o", color=BLUE, alpha=0.3, ms=3.5, mew=0)
    ax.plot(grid, fit.predict(grid), color=GREY, lw=1.2, ls=(0, (4, 2)))
    ax.plot(mean.index, mean, "o-", color=BLUE, ms=6)
    ax.plot(yours.index, yours, "D", color=ORANGE, ms=5.5, mec="white", mew=0.7)
    ax.set_yscale("log")
    _per_cent(ax.yaxis, [1, 2, 5, 10, 20, 40])
    ax.set_ylim(min(1.0, 0.8 * ours.to_numpy().min()), 60)
    ax.grid(axis="y")
    _sizes(ax, mean.index, "Training images (each step a doubling)")
    ax.set_ylabel("Test error (log scale)")
    ax.plot([], [], "o-", color=BLUE, label=f"mean of {ours.shape[1]} stored runs")
    ax.plot([], [], "D", color=ORANGE, mec="white", label="mean of the runs made just now")
    ax.plot([], [], color=GREY, lw=1.2, ls=(0, (4, 2)), label="power law: a straight line here")
    ax.legend(loc="lower left", frameon=False, fontsize=9, borderaxespad=0.2)
    fall = 100 * (1 - 2 ** -fit.params["exponent"])
    words = f"each doubling of the images:\n{fall:.0f} % off the error"
    ax.text(0.98, 0.95, words, transform=ax.transAxes, ha="right", va="top")
    alt = (
        f"Test error against training images, both axes logarithmic. It falls from {mean.iloc[0]:.1f} % with "
        f"{mean.index[0]} images to {mean.iloc[-1]:.1f} % with {mean.index[-1]:,}, nearly along a straight line: "
        f"each doubling takes about {fall:.0f} % off the error."
    )
    table = pd.DataFrame(
        {"size": mean.index, "mean_error_pct": mean.to_numpy(), "power_law_pct": fit.predict(mean.index)}
    )
    table["just_now_pct"] = yours.reindex(mean.index).to_numpy()
    record_marks(ax, mean.index, mean, table, "{size:,} images: {mean_error_pct:.1f} % error, mean of the stored runs")
    return finish(ax, alt, table)


@own_settings
def plot_starts(errors):
    """Return, task by task, the error from scratch, with a pretrained start, and with more examples.

    Parameters
    ----------
    errors : DataFrame, indexed by task
        Per cent, from `vtab.three_ways`: ``from scratch``, ``pretrained``, ``from scratch, all examples``.
    """
    rows = errors.sort_values("from scratch")
    fig, ax = new_axes(height=0.24 * len(rows) + 1.4)
    y = np.arange(len(rows))
    ax.hlines(y, rows.min(axis=1), rows.max(axis=1), color="#d5d5d5", lw=1.4)
    for name, colour, marker in zip(rows, (ORANGE, BLUE, GREY), "DoX", strict=True):
        ax.plot(rows[name], y, marker, color=colour, ms=6.5, mec="white", mew=0.6, label=name, ls="none")
        record_marks(ax, rows[name], y, rows.reset_index(), f"{{task}}, {name}: {{{name}:.1f}} % error")
    ax.set_yticks(y, rows.index)
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(-0.7, len(rows) - 0.3)
    ax.set_xlim(-2, 102)
    ax.grid(axis="x")
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:.0f} %"))
    ax.set_xlabel("Test error")
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), fontsize=9.2, handletextpad=0.1)
    better = [(rows[name] < rows["from scratch"]).sum() for name in rows.columns[1:]]
    heading(ax, f"A head start helped on {better[0]} of {len(rows)} tasks")
    alt = (
        f"Test error on {len(rows)} image tasks. Against a start from scratch on few examples, a pretrained start has "
        f"a lower error on {better[0]} of them, and more examples on {better[1]}."
    )
    return finish(ax, alt, rows.reset_index())


@own_settings
def plot_gains(tables, units):
    """What each doubling took off: in points ever less, as a share about the same.

    Parameters
    ----------
    tables : dict
        Name of the task and its `curves.data_gains`.
    units : dict
        Name of the task and what it is measured in.
    """
    fig, axes = new_axes(height=2.0 * len(tables) + 0.3, nrows=len(tables))
    for ax, (name, gains) in zip(axes, tables.items(), strict=True):
        places, top = np.arange(len(gains)), gains["high"].max()
        ax.bar(places, gains["estimate"], color=BLUE, width=0.62)
        ax.vlines(places, gains["low"], gains["high"], color="#222222", lw=1.1)
        for place, row in zip(places, gains.itertuples(), strict=True):
            ax.text(place, row.high + 0.03 * top, f"−{100 * row.share:.0f} %", ha="center", va="bottom", color=RUST)
        told = f"{name}, to {{to_size:,}} examples: {{estimate:.2f}} {units[name]} off[ ({{low:.2f}} to {{high:.2f}})]"
        record_marks(ax, places, gains["estimate"], gains, told, (gains["low"], gains["high"]), upright=True)
        ax.axhline(0, color="#444444", lw=0.8)
        ax.set_xticks(places, [f"to {_short(r.to_size)}" for r in gains.itertuples()])
        ax.tick_params(axis="x", length=0)
        ax.set_ylim(min(0, gains["low"].min()) - 0.02 * top, 1.25 * top)
        ax.set_ylabel(units[name])
        ax.set_title(name, fontsize=10)
    axes[-1].set_xlabel("Doubling of the examples, up to …")
    listed = [
        f"{name}: {said(g['estimate'].iloc[0], '.2g')} {units[name]} by the first, "
        f"{said(g['estimate'].iloc[-1], '.2g')} by the last, "
        f"shares of {said(100 * g['share'].min(), '.0f')} to {said(100 * g['share'].max(), '.0f')} %"
        for name, g in tables.items()
    ]
    alt = f"What each doubling of the examples took off. {'; '.join(listed)}."
    return finish(axes[0], alt, pd.concat(tables, names=["task"]).reset_index(level=0))


def _short(size):
    return f"{size // 1000:,}k" if size % 1000 == 0 else f"{size:,}"


@own_settings
def plot_advantage(tables, margin):
    """By how many points a start from scratch is worse than a pretrained one, at each size.

    Parameters
    ----------
    tables : dict
        Name of the task and its `curves.advantage`.
    margin : float
        The margin of the claim's rule, points.
    """
    fig, ax = new_axes(height=3.9)
    ax.axhspan(margin, 100, color="#e6f2ec", lw=0)
    ax.axhline(0, color="#444444", lw=0.9)
    looks = zip((BLUE, ORANGE, _PURPLE), ("o", "D", "s"), (0.93, 1.0, 1.07), strict=True)
    for (name, table), (colour, marker, shift) in zip(tables.items(), looks, strict=True):
        x = table["size"] * shift
        ax.vlines(x, table["low"], table["high"], color=colour, lw=1.3)
        ax.plot(x, table["estimate"], marker, ls="-", lw=1, color=colour, ms=5, mec="white", mew=0.6, label=name)
        told = f"{name}, {{size:,}} examples: {{estimate:+.1f}} points[ ({{low:+.1f}} to {{high:+.1f}})]"
        record_marks(ax, x, table["estimate"], table, told, (table["low"], table["high"]), upright=True)
    low = min(t["low"].min() for t in tables.values())
    high = max(t["high"].max() for t in tables.values())
    ax.set_ylim(low - 0.5, max(high, margin) + 1.2)
    _sizes(ax, [10, 100, 1000, 10_000], "Labelled images, or words of text (log scale)")
    ax.set_ylabel("Points of error\nfrom scratch is worse by")
    words = f"more than {margin:g} points: the claim"
    top = max(high, margin) + 1.0
    ax.text(0.99, top, words, transform=ax.get_yaxis_transform(), ha="right", va="top", color=GREEN, fontsize=9)
    ax.legend(loc="lower right", frameon=False, fontsize=9)
    listed = [
        f"{name} {said(t['estimate'].iloc[0], '+.1f')} points with {t['size'].iloc[0]} examples "
        f"and {said(t['estimate'].iloc[-1], '+.1f')} with {t['size'].iloc[-1]:,}"
        for name, t in tables.items()
    ]
    alt = f"Error from scratch minus error after pretraining, by task and size: {'; '.join(listed)}."
    table, ends = pd.concat(tables, names=["task"]).reset_index(level=0), ["estimate", "low", "high"]
    # The stored errors have eight decimals: a difference of equal ones is nothing, not 1e-9.
    table[ends] = table[ends].map(lambda v: rounded(v, 3))
    return finish(ax, alt.replace("-", "−"), table)


@own_settings
def plot_language(curves, entropy, fit):
    """Loss of next-word networks against words of text, above the floor that is known.

    Parameters
    ----------
    curves : DataFrame
        Mean loss, one row a number of words, one column a number of parameters.
    entropy : float
        The floor, nats a word.
    fit : PowerLawResults
        Straight line (no floor) of the widest network's loss.
    """
    fig, ax = new_axes(height=3.9)
    ax.axhspan(0, entropy, color="#e8e8e8", lw=0)
    ax.axhline(entropy, color="#222222", lw=1.4)
    first, last = curves.index[0], curves.index[-1]
    for (params, loss), colour, marker in zip(curves.items(), ("#56B4E9", GREEN, _PURPLE, BLUE), "s^Do", strict=True):
        ax.plot(loss.index, loss, marker, ls="-", color=colour, ms=5, mec="white", mew=0.6, label=f"{params:,}")
        told = f"{params:,} parameters, {{words:,}} words: loss {{loss:.3f}} nats a word"
        record_marks(ax, loss.index, loss, pd.DataFrame({"words": loss.index, "loss": loss.to_numpy()}), told)
    grid = np.geomspace(first, 2.3 * last, 30)
    ax.plot(grid, fit.predict(grid), color=ORANGE, lw=1.5, ls=(0, (4, 2)))
    bottom = float(fit.predict(grid[-1:])[0]) - 0.02
    middle = 0.55 * entropy + 0.45 * curves.to_numpy().max()
    words = "dashed: a straight line\non logarithmic axes"
    ax.text(grid[-1], middle, words, color=RUST, fontsize=9, ha="right", va="top")
    ax.text(
        first,
        entropy - 0.006,
        f"impossible: below {entropy:.2f} nats,\nthe entropy of the language",
        fontsize=9,
        va="top",
    )
    _sizes(ax, curves.index[::1], "Words of training text (log scale)")
    ax.set_xlim(first * 0.85, grid[-1])
    ax.set_ylim(bottom, curves.to_numpy().max() + 0.02)
    ax.set_ylabel("Loss, nats a word")
    ax.legend(title="Parameters", frameon=False, fontsize=9, title_fontsize=9, loc="upper right")
    wide = curves.iloc[:, -1]
    alt = (
        f"Loss against words of training text for networks of {curves.columns[0]:,} to {curves.columns[-1]:,} "
        f"parameters. The largest falls from {wide.iloc[0]:.2f} to {wide.iloc[-1]:.3f} nats and flattens above the "
        f"known floor of {entropy:.3f}; the straight line passes below the floor."
    )
    table = curves.rename(columns=lambda p: f"loss_nats_{p}_params").reset_index().assign(entropy_nats=entropy)
    return finish(ax, alt, table)


@own_settings
def plot_floors(floors):
    """Fitted floors of the language's loss, by how far the data reach, against the true one.

    Parameters
    ----------
    floors : DataFrame
        From `laws.curve_floors`.
    """
    fig, ax = new_axes(height=3.2)
    entropy = floors["entropy"].iloc[0]
    bottom = max(0.0, entropy - 0.6)
    ax.axhline(entropy, color="#222222", lw=1.3)
    x = floors["largest"].to_numpy(float)
    ax.vlines(x, floors["low"].clip(lower=bottom), floors["high"], color=BLUE, lw=2)
    ax.plot(x, floors["floor"].clip(lower=bottom), "o", color=BLUE, ms=6, mec="white")
    told = "texts of up to {largest:,} words: floor {floor:.2f} nats a word[ ({low:.2f} to {high:.2f})]"
    record_marks(ax, x, floors["floor"].clip(lower=bottom), floors, told, (floors["low"], floors["high"]), upright=True)
    cut = floors["low"] < bottom
    ax.plot(x[cut], np.full(cut.sum(), bottom), "v", color=BLUE, ms=6, clip_on=False)
    ax.text(x[-1] * 1.35, bottom + 0.1, f"black line: the true\nfloor, {entropy:.3f} nats", ha="right", fontsize=9)
    _sizes(ax, x, "Largest training text that the fit may see, words")
    ax.set_xlim(x[0] * 0.8, x[-1] * 1.4)
    ax.set_ylim(bottom, max(floors["high"].max(), entropy) + 0.05)
    ax.set_ylabel("Fitted floor, nats a word")
    ax.grid(axis="y")
    holds = int(((floors["low"] <= entropy) & (entropy <= floors["high"])).sum())
    last = floors.iloc[-1]
    alt = (
        f"Fitted floors with 95 % intervals from texts of up to {floors['largest'].iloc[0]:,} to {last.largest:,} "
        f"words. {holds} of {len(floors)} intervals hold the true floor of {entropy:.3f}; "
        f"the last runs from {last.low:.3f} to {last.high:.3f}."
    )
    return finish(ax, alt, floors)


@own_settings
def plot_forecast(judged, names):
    """How far the stored forecasts lay from what the full grid gave.

    Parameters
    ----------
    judged : DataFrame
        From `laws.judge`.
    names : dict
        Task and its name in words.
    """
    rows = judged[judged["method"] == _METHODS[0]].reset_index(drop=True)
    keys = ["task", "width", "size"]
    fig, ax = new_axes(height=0.42 * len(rows) + 1.0)
    ax.axvline(0, color="#222222", lw=1.2)
    for method, colour, marker, shift in zip(_METHODS, (BLUE, ORANGE), "oD", (0.1, -0.14), strict=True):
        some = rows[keys].merge(judged[judged["method"] == method], on=keys)
        y = np.arange(len(some))[::-1] + shift
        low, high = (100 * (some[end] / some["outcome"] - 1) for end in ("low", "high"))
        ax.hlines(y, low, high, color=colour, lw=2 if shift > 0 else 1.2)
        ax.plot(some["off_pct"], y, marker, color=colour, ms=5.5, mec="white", mew=0.6, label=method)
        told = "{name}, {size:,}, {method}: {off_pct:+.0f} % off what came"
        record_marks(ax, some["off_pct"], y, some.assign(name=some["task"].map(names)), told, (low, high))
    for place, row in enumerate(rows[::-1].itertuples()):
        ax.text(0.0, place + 0.22, f"{names[row.task]}, {row.size:,}", transform=ax.get_yaxis_transform(), fontsize=9,
                va="bottom", color="#333333")  # fmt: skip
    ax.set_xscale("symlog", linthresh=10)
    _per_cent(ax.xaxis, [-50, -10, 0, 10, 100, 1000])
    ax.set_yticks([])
    ax.set_ylim(-0.5, len(rows) - 0.2)
    ax.spines["left"].set_visible(False)
    ax.set_xlabel("Forecast above (+) or below (−) what came")
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, frameon=False, fontsize=9, borderaxespad=0)
    inside = judged.dropna(subset=["inside"]).groupby("method", observed=True)["inside"].agg(["sum", "size"])
    listed = " and ".join(f"{inside.loc[m, 'sum']} of {inside.loc[m, 'size']} of the {m}" for m in _METHODS)
    alt = f"Forecasts stored before the full grid, against its results. Intervals that hold the result: {listed}."
    return finish(ax, alt, judged)
