"""Learning curves: the runner's speed, or the forecasts of any folder of curves.

Without arguments: runs a second of the experiments, and what the runner adds to bare scikit-learn.
With a folder: ``python benchmarks/learning.py FOLDER`` reads each CSV file of it (columns x and y, one
curve a file), holds the larger half of the points back, and prints how well `extrapolate` foretold them.
"""

import argparse
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from threadpoolctl import threadpool_limits

from dl_limits.experiments import training
from dl_limits.experiments.runs import Grid, grid_of, run
from dl_limits.laws import extrapolate

GRID = Grid.of("timed", ["digits"], [64], [88, 176, 352], 8)
over = []


def bare():
    """Train and test the same networks with nothing but scikit-learn."""
    pixels, labels = training.images()
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        for cell in GRID.cells:
            order, test, _ = training.split(cell.task, cell.seed)
            rows, passes = order[: cell.size], -(-training.UPDATES // -(-cell.size // training.BATCH))
            model = MLPClassifier((cell.width,), batch_size=training.BATCH, max_iter=passes, n_iter_no_change=passes)
            model.fit(pixels[rows], labels[rows]).predict_proba(pixels[test])


def written(n_jobs):
    """Run the grid with a results file, as the command line does."""
    with tempfile.TemporaryDirectory() as folder:
        run(GRID, Path(folder) / "runs.csv", n_jobs=n_jobs)


def seconds(call):
    """Return how long the call takes, in processor time of this process and in real time."""
    start, busy = time.perf_counter(), time.process_time()
    call()
    return time.perf_counter() - start, time.process_time() - busy


def overhead(rounds=5):
    """Compare the runner with bare scikit-learn in turns; the least processor time of each counts."""
    pairs = [(seconds(bare)[1], seconds(lambda: written(1))[1]) for _ in range(rounds)]
    reference, spent = (min(times) for times in zip(*pairs, strict=True))
    share = 100 * (spent / reference - 1)
    over.extend(["overhead"] if share > 5 else [])
    print(
        f"{len(GRID.cells)} runs: bare scikit-learn {reference:.2f} s, runner {spent:.2f} s: {share:+.1f} %, limit 5 %"
    )


def workers():
    """Print runs a second of one and two workers, started beforehand."""
    written(2)
    one, two = (len(GRID.cells) / min(seconds(lambda j=jobs: written(j))[0] for _ in range(3)) for jobs in (1, 2))
    print(f"one worker {one:.2f} runs/s, two workers {two:.2f} runs/s: {two / one:.2f} x")


def quick():
    """Time the grid that the chapter runs, as processor time beside that of the bare networks above."""
    reference, spent = (seconds(call)[1] for call in (bare, lambda: run("quick")))
    runs = len(grid_of("quick").cells)
    print(f"quick grid, {runs} runs: {spent:.1f} s of processor time, {spent / reference:.1f} x the bare networks")


def read(path):
    """Return the curve in a file, sorted by x; exits with one line that says what is wrong."""
    try:
        curve = pd.read_csv(path)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as problem:
        sys.exit(f"{path}: no readable CSV file ({problem})")
    if not {"x", "y"} <= set(curve):
        sys.exit(f"{path}: needs columns x and y, has {', '.join(map(str, curve))}")
    return curve[["x", "y"]].sort_values(["x", "y"])


def scored(path, known, level):
    """Score the forecast of one curve's later part; all in log y, so that units do not matter."""
    curve = read(path)
    seen = int(known * len(curve))
    x, y = curve["x"].to_numpy(), curve["y"].to_numpy()
    try:
        start = time.process_time()
        forecast = extrapolate(x[:seen], y[:seen])
        middle, ends = forecast.predict(x[seen:]), forecast.predict_interval(x[seen:], level)
        spent = time.process_time() - start
        if not (np.isfinite(y[seen:]) & (y[seen:] > 0)).all():
            raise ValueError("y that is held back must be positive and finite")
    except ValueError as problem:
        sys.exit(f"{path}: {problem}")
    with np.errstate(divide="ignore"):
        true, middle, (low, high) = np.log(y[seen:]), np.log(middle), np.log(ends)
    missed = np.maximum(low - true, 0) + np.maximum(true - high, 0)
    return {
        "curve": path.stem,
        "known": seen,
        "held_back": len(curve) - seen,
        "coverage": np.mean(missed == 0),
        "error": np.sqrt(np.mean((middle - true) ** 2)),
        "interval_score": np.mean(high - low + 2 / (1 - level) * missed),
        "widening": forecast.widening,
        "ms": 1e3 * spent,
    }


def score_folder(folder, known, level):
    """Print coverage, error and interval score of each curve in a folder, and of all."""
    paths = sorted(folder.glob("*.csv"))
    if not paths:
        sys.exit(f"{folder}: no CSV files")
    table = pd.DataFrame([scored(path, known, level) for path in paths])
    print(table.to_string(index=False, float_format="{:.4f}".format))
    error = np.exp(np.log(np.maximum(table["error"], np.finfo(float).tiny)).mean())
    print(
        f"\n{len(table)} curves: coverage {table['coverage'].mean():.1%} of nominal {level:.0%}, geometric mean error "
        f"{error:.4f}, median interval score {table['interval_score'].median():.4f} (all of log y), "
        f"{table['ms'].median():.0f} ms a curve (median)"
    )


def arguments():
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, help="CSV files with columns x and y, one curve a file")
    parser.add_argument("--known", type=float, default=0.5, help="share of the points that is not held back")
    parser.add_argument("--level", type=float, default=0.95, help="level of the intervals")
    given = parser.parse_args()
    if not 0 < given.known < 1:
        parser.error(f"--known must lie between 0 and 1, not {given.known}")
    if not 0 < given.level < 1:
        parser.error(f"--level must lie between 0 and 1, not {given.level}")
    return given


if __name__ == "__main__":
    given = arguments()
    if given.folder:
        score_folder(given.folder, given.known, given.level)
        sys.exit()
    overhead()
    workers()
    quick()
    sys.exit(f"over the limit: {', '.join(over)}" if over else 0)
