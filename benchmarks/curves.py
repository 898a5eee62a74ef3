"""Learning curves from elsewhere: how well `extrapolate` foretells them, and where its constants come from.

``python -m benchmarks.curves FOLDER`` reads each CSV file of a folder (columns x and y, one curve a file), holds the
larger half of the points back, and prints how well they were foretold. In place of the folder, one table of many
curves can be named: columns ``curve`` (data set/learner), ``examples``, ``error`` and ``split`` (``train`` is known,
``test`` is held back), as the sample-size curves of LCDB 1.1 (Yan, Mohr and Viering 2025) are easily written.

``python -m benchmarks.curves --learn TABLE`` learns the constants of `dl_limits.laws.extrapolation` on the curves of
a table: from each as it is, and from it thinned to 5 to 14 known points. How wide intervals have to be is what would
have been enough for data sets that were left out while everything else was learnt.
"""

import argparse
import itertools
import sys
import time
import zlib
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import optimize, stats

from dl_limits.calibration import simulated_curves
from dl_limits.laws import curve_laws, extrapolate, extrapolation

LEVEL = 0.95
SEED = 2026  # of the thinning
SHORT = 5, 14  # known points of a thinned curve
FOLDS = 5  # of whole data sets
FORECAST = {  # constants of the point forecast, and what is tried for each while the others stay
    (extrapolation, "RECENCY"): [0.3, 0.6, 1.0],
    (extrapolation, "MERIT"): [1.0, 2.0, 4.0],
    (curve_laws, "DAMPING"): [0.5, 1.0, 2.0],
}
INTERVAL = {"BELIEF": [2.0, 4.0, 8.0, 16.0], "SPREAD": [0.0, 0.05, 0.1, 0.2, 0.5], "OWN": [0.0, 0.5, 1.0]}
NAMES = "TURN", "PAST", *INTERVAL, "TAILS"

# ------------------------------------------------------------------ curves


def of_folder(folder, known):
    """Return the curves of a folder, as `of_table`."""
    paths = sorted(folder.glob("*.csv"))
    if not paths:
        sys.exit(f"{folder}: no CSV files")
    curves = []
    for path in paths:
        table = _read(path, ["x", "y"]).sort_values(["x", "y"])
        x, y = table["x"].to_numpy(), table["y"].to_numpy()
        seen = int(known * len(x))
        curves.append((folder.name, path.stem, path.stem, x[:seen], y[:seen], x[seen:], y[seen:]))
    return curves


def of_table(path):
    """Return (collection, data set, curve, x, y, x_new, y_new) of each curve in a table."""
    curves = []
    for name, curve in _read(path, ["curve", "examples", "error", "split"]).groupby("curve"):
        source = name.split("/")[0]
        parts = [curve[curve["split"] == part] for part in ("train", "test")]
        if len(parts[0]) + len(parts[1]) < len(curve):
            sys.exit(f"{path}: curve {name} has a split that is neither train nor test")
        values = [part[column].to_numpy(float) for part in parts for column in ("examples", "error")]
        curves.append((path.stem, source, name, *values))
    return curves


def own():
    """Return the training runs of this book, as `of_table`."""
    return [("this book's runs", kind, f"{kind} {i}", *c) for kind, i, *c in simulated_curves.runs_at_one_size()]


def _read(path, columns):
    try:
        table = pd.read_csv(path)
    except (OSError, pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as problem:
        sys.exit(f"{path}: no readable CSV file ({problem})")
    if missing := [column for column in columns if column not in table]:
        sys.exit(f"{path}: needs columns {', '.join(columns)}; without {', '.join(missing)}")
    return table[columns]


def thinned(curves):
    """Return the curves with 5 to 14 of their known points, evenly chosen, the first and the last among them."""
    rng = np.random.default_rng(SEED)
    short = []
    for collection, source, name, x, y, *new in curves:
        keep = np.unique(np.round(np.linspace(0, len(x) - 1, rng.integers(SHORT[0], SHORT[1] + 1))).astype(int))
        short.append((f"{collection}, thinned", source, f"{name}, thinned", x[keep], y[keep], *new))
    return short


def foretell(curve):
    """Return the forecast of a curve, and the log of what came divided by what it said."""
    _, _, name, x, y, x_new, y_new = curve
    try:
        forecast = extrapolate(x, y)
        if not len(y_new) or not (np.isfinite(y_new) & (y_new > 0)).all():
            raise ValueError("y that is held back must be positive and finite, one point at least")
        return forecast, np.log(y_new) - np.log(forecast.predict(x_new))
    except ValueError as problem:
        sys.exit(f"{name}: {problem}")


# ------------------------------------------------------------------ scores


def scored(curve):
    """Score the forecast of one curve's later part; all in log y, so that units do not matter."""
    collection, _, name, x, _, x_new, y_new = curve
    start = time.process_time()
    forecast, missed = foretell(curve)
    ends = forecast.predict_interval(x_new, LEVEL)
    spent = time.process_time() - start
    with np.errstate(divide="ignore"):
        low, high = np.log(ends) - np.log(y_new) + missed
    over = np.maximum(low - missed, 0) + np.maximum(missed - high, 0)
    return {
        "collection": collection,
        "curve": name,
        "known": len(x),
        "held_back": len(y_new),
        "coverage": np.mean(over == 0),
        "error": np.sqrt(np.mean(missed**2)),
        "score": np.mean(high - low + 2 / (1 - LEVEL) * over),
        "ms": 1e3 * spent,
    }


def summary(table):
    """Return a line for each collection: coverage, geometric mean error, interval score, time."""
    parts = table.groupby("collection", sort=False)
    return pd.DataFrame(
        {
            "curves": parts.size(),
            "coverage": parts["coverage"].mean(),
            "error": parts["error"].agg(_geometric),
            "score_median": parts["score"].median(),
            "score_geometric": parts["score"].agg(_geometric),
            "score_mean": parts["score"].mean(),
            "ms_median": parts["ms"].median(),
        }
    )


def _geometric(values):
    return np.exp(np.log(np.maximum(values, np.finfo(float).tiny)).mean())


# ------------------------------------------------------------------ learning


def parts_of(curves):
    """Return a row for each point held back: what was missed, and what the interval is made of."""
    rows, told = [], []
    counted = {"noise": 1, "spread": extrapolation.SPREAD, "turn": 1, "past": 1}
    for number, curve in enumerate(curves):
        forecast, missed = foretell(curve)
        parts = forecast.parts(curve[5])
        origins = np.log(forecast.origins)
        told.append(origins.mean())
        rows.append(
            parts.assign(
                curve=number,
                source=curve[1],
                missed=np.abs(missed),
                scale=np.sqrt(parts.mul(counted).sum(axis=1)),
                share=1 / len(missed),
                turn=parts["turn"] / forecast.turn**2,
                past=parts["past"] / forecast.past**2,
                origins=len(origins),
                own=np.log(forecast.noise),
                told_turn=origins["turn"].sum(),
                told_past=origins["error"].sum(),
                flat=forecast.moved < extrapolation.FLAT,
            )
        )
    return pd.concat(rows, ignore_index=True), pd.DataFrame(told)


def believed(told, points, own):
    """Return TURN and PAST: geometric means over curves, the latter of error over noise to the power of OWN."""
    noise = points.groupby("curve")["own"].first()
    return np.exp(told["turn"].mean()), np.exp((told["error"] - own * noise).mean())


def unit(points, turn, past, belief, spread, own):
    """Return the root of the interval's variance at each point."""
    weight = belief + points["origins"]
    turn = np.exp(2 * (belief * np.log(turn) + points["told_turn"]) / weight)
    past = np.exp(2 * (belief * (np.log(past) + own * points["own"]) + points["told_past"]) / weight)
    return np.sqrt(points["noise"] + spread * points["spread"] + turn * points["turn"] + past * points["past"])


def multiple(points, scale, level):
    """Return how many times the scale holds what came at this share of a curve's points, curves alike."""
    ratio = (points["missed"] / scale).sort_values()
    share = points.loc[ratio.index, "share"].cumsum()
    return ratio.iloc[min(np.searchsorted(share, level * share.iloc[-1]), len(ratio) - 1)]


def by_curve(points, half):
    """Return each curve's coverage and interval score at half widths of log y."""
    over = np.maximum(points["missed"] - half, 0)
    table = pd.DataFrame({"coverage": over == 0, "score": 2 * half + 2 / (1 - LEVEL) * over})
    return table.mul(points["share"], axis=0).groupby(points["curve"]).sum()


def logs(points):
    """Return the logs of each curve's interval score and of its root mean square error, both as the code forecasts."""
    score = by_curve(points, stats.t.isf((1 - LEVEL) / 2, extrapolation.TAILS) * points["scale"])["score"]
    squares = (points["missed"] ** 2 * points["share"]).groupby(points["curve"]).sum()
    return pd.DataFrame({"interval score": np.log(score), "error": np.log(np.maximum(squares, 1e-300)) / 2})


def fit(points, told):
    """Return the best constants.

    Best is the geometric mean over curves of the interval score, at widths that all have the nominal coverage: no
    few curves decide.
    """
    tried = []
    for belief, spread, own in itertools.product(*INTERVAL.values()):
        constants = *believed(told, points, own), belief, spread, own
        scale = unit(points, *constants)
        table = by_curve(points, multiple(points, scale, LEVEL) * scale)
        tried.append((np.log(table["score"]).mean(), constants))
    return min(tried)[1]


def folds(points):
    """Yield the rows outside and inside each fold of whole data sets."""
    fold = points["source"].map({s: i % FOLDS for i, s in enumerate(sorted(points["source"].unique(), key=_hashed))})
    for i in range(FOLDS):
        yield points[fold != i], points[fold == i]


def learnt(points, told):
    """Return the best constants, and how many scales wide holds the level for data sets left out of learning them."""
    scale = pd.Series(np.nan, points.index)
    for seen, rest in folds(points):
        scale[rest.index] = unit(rest, *fit(seen, told.loc[seen["curve"].unique()]))
    return fit(points, told), multiple(points, scale, LEVEL)


def left_out(points, told):
    """Return the half width at each point, everything learnt without its fold: constants, and how many scales wide.

    The width is chosen within the other folds too (nested cross-validation): chosen on all, it would hold the level
    on all by construction.
    """
    half = pd.Series(np.nan, points.index)
    for i, (seen, rest) in enumerate(folds(points), start=1):
        constants, width = learnt(seen, told.loc[seen["curve"].unique()])
        half[rest.index] = width * unit(rest, *constants)
        print(f"without fold {i}:", _named(NAMES, [*constants, tails(width)]), flush=True)
    return half


def standard_error(values, points):
    """Return the standard error of a mean over curves; the curves of one data set may go together."""
    source = points.groupby("curve")["source"].first()
    sums = (values - values.mean()).groupby(source).sum()
    return np.sqrt((sums**2).sum()) / len(values)


def tails(width):
    """Return the degrees of freedom of Student's t whose quantile at the level is this wide."""
    return optimize.brentq(lambda df: stats.t.isf((1 - LEVEL) / 2, df) - width, 1, 200)


def learn(curves):
    """Print what each constant should be, and whether the code says so."""
    curves = [*curves, *thinned(curves)]
    points, told = parts_of(curves)
    ours = logs(points)
    print("geometric means:", _named(ours, np.exp(ours.mean())))
    print("by how much other forecasts are better; the interval score decides, by more than two standard errors:")
    for (module, name), values in FORECAST.items():
        used = getattr(module, name)
        for value in values:
            if value != used:
                setattr(module, name, value)
                gain = ours - logs(parts_of(curves)[0])
                by = (f"{each} {gain[each].mean():+.2%} ± {standard_error(gain[each], points):.2%}" for each in gain)
                print(f"{name} {value:g} for {used:g}: {', '.join(by)}", flush=True)
        setattr(module, name, used)
    held = by_curve(points, left_out(points, told))
    constants, width = learnt(points, told)
    print("all folds:", _named(NAMES, [*constants, tails(width)]))
    print("the code: ", _named(NAMES, [getattr(extrapolation, name) for name in NAMES]))
    print("data sets left out (table `curves_away`):")
    collections = pd.Series([curve[0] for curve in curves], name="collection")
    for name, part in held.assign(error=np.exp(ours["error"])).groupby(collections, sort=False):
        doubt = standard_error(part["coverage"], points[points["curve"].isin(part.index)])
        print(
            f"{name}: {len(part)} curves, coverage {part['coverage'].mean():.1%}, standard error {doubt:.1%}, error "
            f"{_geometric(part['error']):.4f}, interval score {_geometric(part['score']):.4f}, median "
            f"{part['score'].median():.4f}, mean {part['score'].mean():.4f}"
        )
    scale = unit(points, *constants)
    for level in (0.5, 0.8, 0.9, 0.95, 0.99):
        share = by_curve(points, stats.t.isf((1 - level) / 2, tails(width)) * scale)["coverage"].mean()
        print(f"  at level {level:.0%} the intervals of all folds hold {share:.1%}")
    flat = points.groupby("curve")["flat"].first()
    share = held["coverage"][flat].mean()
    print(f"FLAT_HOLDS {share:.2f}, the code has {extrapolation.FLAT_HOLDS:g}; {flat.sum()} curves are flat")


def _named(names, values):
    return ", ".join(f"{name} {value:.3g}" for name, value in zip(names, values, strict=True))


def _hashed(source):
    return zlib.crc32(source.encode())


def arguments():
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("curves", type=Path, help="a folder of CSV files, or one table of many curves")
    parser.add_argument("--known", type=float, default=0.5, help="share of a file's points that is not held back")
    parser.add_argument("--learn", action="store_true", help="learn the constants on a table")
    given = parser.parse_args()
    if not 0 < given.known < 1:
        parser.error(f"--known must lie between 0 and 1, not {given.known}")
    if given.learn and given.curves.is_dir():
        parser.error("--learn needs one table of many curves, not a folder")
    return given


def main():
    """Do what the command line says."""
    given = arguments()
    if given.learn:
        learn(of_table(given.curves))
        return
    if given.curves.is_dir():
        table = pd.DataFrame([scored(curve) for curve in of_folder(given.curves, given.known)])
        print(table.drop(columns="collection").to_string(index=False, float_format="{:.4f}".format), end="\n\n")
    else:
        curves = of_table(given.curves)
        table = pd.DataFrame([scored(curve) for curve in [*curves, *thinned(curves), *own()]])
    print(f"intervals of nominal {LEVEL:.0%}; error and interval score of log y")
    print(summary(table).to_string(float_format="{:.4f}".format))


if __name__ == "__main__":
    main()
