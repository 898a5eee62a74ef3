"""The runner of the learning-curve experiments: runs a second, and what it adds to bare scikit-learn."""

import sys
import tempfile
import time
import warnings
from pathlib import Path

from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from threadpoolctl import threadpool_limits

from dl_limits.experiments import training
from dl_limits.experiments.runs import Grid, grid_of, run

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


if __name__ == "__main__":
    overhead()
    workers()
    quick()
    sys.exit(f"over the limit: {', '.join(over)}" if over else 0)
