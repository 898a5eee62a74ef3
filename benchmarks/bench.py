"""Times that a reader or author feels, each beside a reference measured in the same run.

Seconds depend on the machine; the ratios and limits are what to compare.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat.v4 as nbf
import numpy as np
import statsmodels.api as sm
from nbclient import NotebookClient
from nbformat import read
from scipy.optimize import curve_fit

from dl_limits import forecasts, progress, task_backtest, task_scaling, task_scores
from dl_limits.breaks import BreakModel
from dl_limits.extrapolation import extrapolate

ROOT = Path(__file__).resolve().parent.parent
BARE = "import pandas, matplotlib.pyplot, statsmodels.api"
LOAD = """
import json, statistics, time
import pandas
from dl_limits import data
def clock(call):
    start = time.perf_counter(); call(); return 1000 * (time.perf_counter() - start)
first = clock(lambda: data.load("imagenet_models"))
later = statistics.median(clock(lambda: data.load("imagenet_models")) for _ in range(20))
plain = statistics.median(clock(lambda: pandas.read_csv("data/imagenet_models.csv")) for _ in range(20))
print(json.dumps([first, later, plain]))
"""
TRAINS = {"05_learning_curves": 60}  # seconds: this chapter trains networks while it is built
LEDGER = f"""
import json, time
start = time.perf_counter()
{BARE}
bare = time.perf_counter() - start
from dl_limits import claims
start = time.perf_counter()
claims.evaluate()
print(json.dumps([time.perf_counter() - start, bare]))
"""
over = []


def line(what, value, unit, limit=None, reference=None, name="", least=False):
    """Print one measurement, its limit and its ratio to the reference."""
    fine = limit is None or (value >= limit if least else value <= limit)
    over.extend([] if fine else [what])
    ratio = f"{value / reference:8.2f} x {name}" if reference else ""
    bound = "" if limit is None else f"{'at least' if least else 'limit'} {limit:g}"
    print(f"{what:<48}{value:12.4g} {unit:<3}", f"{bound:<16}", ratio, "" if fine else "OVER", flush=True)


def finish():
    """Exit with the names of all that was over its limit."""
    sys.exit(f"over the limit: {', '.join(over)}" if over else 0)


def seconds(call):
    """Return how long the call takes."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def execution(notebook):
    """Return how long a fresh kernel takes for the notebook."""
    client = NotebookClient(notebook, resources={"metadata": {"path": str(ROOT / "chapters")}})
    return seconds(client.execute)


def book():
    """First build, and a build with nothing changed, of a copy without any cache."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "book"
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".venv", "_build", ".git"))

        def build():
            subprocess.run([sys.executable, "tools/book.py"], cwd=copy, check=True, capture_output=True)

        line("make book, first (without installation)", seconds(build), "s", 240)
        line("make book, nothing changed", seconds(build), "s", 5)


def load():
    """Time `dl_limits.data.load` in a fresh process."""
    run = subprocess.run([sys.executable, "-c", LOAD], cwd=ROOT, check=True, capture_output=True, text=True)
    first, later, plain = json.loads(run.stdout)
    line("load('imagenet_models'), first call", first, "ms", 400, plain, "pandas.read_csv")
    line("load('imagenet_models'), later", later, "ms", 50, plain, "pandas.read_csv")


def ledger():
    """Time all verdicts at both dates in a fresh process, beside the imports that every chapter needs."""
    program = [sys.executable, "-c", LEDGER]
    spent, bare = json.loads(subprocess.run(program, cwd=ROOT, check=True, capture_output=True, text=True).stdout)
    line("claims.evaluate(), all claims, both dates", spent, "s", 5, bare, "bare imports")


def extrapolation():
    """Time a forecast of a learning curve, beside one curve fit by SciPy."""
    curves = [(x, y) for _, _, x, y, _, _ in forecasts.simulated(8, seed=1)]
    extrapolate(*curves[0])
    times = sorted(1000 * seconds(lambda c=c: extrapolate(*c)) for c in curves)

    def floor(x, a, b, c):
        return a * x**-b + c

    start = [(x, y, [y[0], 0.5, y[-1] / 2]) for x, y in curves]
    fits = [1000 * seconds(lambda c=c: curve_fit(floor, c[0], c[1], c[2], bounds=(0, np.inf))) for c in start]
    reference = float(np.median(fits))
    line("extrapolate(x, y), median curve", times[len(times) // 2], "ms", 50, reference, "scipy curve_fit")
    line(
        "extrapolate(x, y), 95 % of curves below", times[int(0.95 * len(times))], "ms", 50, reference, "scipy curve_fit"
    )


def tasks():
    """Time all fits of the 189 task series of GPT-3, and their back-test, beside 189 fits by statsmodels."""
    scores = task_scores.load()
    percent = scores.where(scores.info["score_unit"] != "perplexity")
    x = sm.add_constant(scores.log_compute)
    reference = seconds(lambda: [sm.OLS(y, x).fit().bse for y in scores.log_gap])
    line("gains(189 series), three scales", seconds(lambda: task_scaling.gains(scores)), "s", 3, reference, "189 OLS")
    line(
        "report(186 series), seven methods",
        seconds(lambda: task_backtest.report(percent)),
        "s",
        3,
        reference,
        "189 OLS",
    )


def breaks(replications=2000, sample=5):
    """Time the simulated break test of the ImageNet records, beside one statsmodels fit a date and series."""
    fit = BreakModel(progress.records("ImageNet top-1")).fit()
    fit.test(100)
    spent = min(seconds(lambda: fit.test(replications)) for _ in range(3))
    years, values = fit.model.years, fit.model.endog

    def loop():
        for _ in range(sample):
            for date in fit.model.dates:
                sm.OLS(values, np.column_stack([np.ones(len(years)), years, fit.model.columns(date)])).fit()

    reference = seconds(loop) * replications / sample
    line(f"sup-F test, {replications} simulated series", spent, "s", 5, reference, "statsmodels in a loop")
    dates = seconds(lambda: fit.date_set(n_sim=400))
    line(f"date set, 400 series at {len(fit.model.dates)} dates", dates, "s", 5)


def chapters():
    """Time each chapter against a kernel that only imports what every chapter needs.

    The two take turns and the fastest of each counts: a shared machine is slowed
    down for seconds at a time, never sped up. Chapter 06 fits lines only and may take
    twice the bare kernel; the others resample, simulate or train and may take 20 s.
    """
    bare = nbf.new_notebook(cells=[nbf.new_code_cell(BARE)])
    for path in sorted(ROOT.glob("chapters/*.ipynb")):
        quick = path.stem.startswith("06")
        pairs = [(execution(bare), execution(read(path, 4))) for _ in range(4 if quick else 2)]
        reference, spent = (min(times) for times in zip(*pairs, strict=True))
        limit = 2 * reference if quick else TRAINS.get(path.stem, 20)
        line(path.stem, spent, "s", limit, reference, "bare kernel")


if __name__ == "__main__":
    load()
    ledger()
    extrapolation()
    tasks()
    breaks()
    chapters()
    book()
    finish()
