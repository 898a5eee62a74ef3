"""Times that a reader or author feels, each beside work done in the same run: bare imports, kernels, libraries.

Seconds depend on the machine and on what else it does, so limits are on the ratio to that work. They
leave at least half as much again over the largest of several runs on a busy machine.
"""

import json
import subprocess
import sys
import time
from pathlib import Path

import nbformat.v4 as nbf
import numpy as np
import statsmodels.api as sm
from nbclient import NotebookClient
from nbformat import read
from scipy.optimize import curve_fit

from dl_limits.calibration import simulated_curves
from dl_limits.inference.breaks import BreakModel
from dl_limits.laws.extrapolation import extrapolate
from dl_limits.studies.progress import rates
from dl_limits.studies.tasks import backtest
from dl_limits.studies.tasks import gains as tasks_gains
from dl_limits.studies.tasks import scores as tasks_scores

ROOT = Path(__file__).resolve().parent.parent
BARE = "import pandas, matplotlib.pyplot, statsmodels.api"
CLOCK = f"""
import json, time
start = time.process_time()
{BARE}
bare = 1000 * (time.process_time() - start)
def clock(call, rounds=1):
    start = time.process_time()
    for _ in range(rounds):
        call()
    return 1000 * (time.process_time() - start) / rounds
"""
LOAD = f"""{CLOCK}
from dl_limits import data
first = clock(lambda: data.load("imagenet_models"))
later = clock(lambda: data.load("imagenet_models"), 200)
plain = clock(lambda: pandas.read_csv("data/imagenet_models.csv"), 200)
print(json.dumps([bare, first, later, plain]))
"""
LEDGER = f"""{CLOCK}
from dl_limits import claims
print(json.dumps([bare, clock(claims.evaluate)]))
"""
over = []


def line(what, value, unit, limit=None, reference=None, name="", least=False):
    """Print one measurement and its limit: on its ratio to the reference where there is one."""
    judged = value / reference if reference else value
    fine = limit is None or (judged >= limit if least else judged <= limit)
    over.extend([] if fine else [what])
    ratio = f"{judged:8.3g} x {name}" if reference else ""
    bound = "" if limit is None else f"{'at least' if least else 'limit'} {limit:g}{' x' if reference else ''}"
    print(f"{what:<48}{value:12.4g} {unit:<3}{ratio:<36}{bound:<16}", "" if fine else "OVER", flush=True)


def finish():
    """Exit with the names of all that was over its limit."""
    sys.exit(f"over the limit: {', '.join(over)}" if over else 0)


def seconds(call):
    """Return how long the call takes."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def processor(call):
    """Return how much processor time of this process the call takes: others on the machine hardly change it."""
    start = time.process_time()
    call()
    return time.process_time() - start


def execution(notebook):
    """Return how long a fresh kernel takes for the notebook."""
    client = NotebookClient(notebook, resources={"metadata": {"path": str(ROOT / "chapters")}})
    return seconds(client.execute)


def fastest(rounds, *calls):
    """Let calls take turns; return the least time of each, as they return or take it.

    A shared machine is slowed down for seconds at a time, never sped up.
    """
    return [min(times) for times in zip(*([call() for call in calls] for _ in range(rounds)), strict=True)]


def fresh(code, rounds=3):
    """Return the least of each time that some fresh processes print."""
    run = [sys.executable, "-c", code]
    runs = [subprocess.run(run, cwd=ROOT, check=True, capture_output=True, text=True) for _ in range(rounds)]
    return [min(times) for times in zip(*(json.loads(each.stdout) for each in runs), strict=True)]


def load():
    """Time `dl_limits.data.load` in a fresh process."""
    bare, first, later, plain = fresh(LOAD)
    line("load('imagenet_models'), first call", first, "ms", 0.5, bare, "bare imports")
    line("load('imagenet_models'), later", later, "ms", 0.6, plain, "pandas.read_csv")


def ledger():
    """Time all verdicts at both dates in a fresh process, beside the imports that every chapter needs."""
    bare, spent = fresh(LEDGER)
    line("claims.evaluate(), all claims, both dates", spent, "ms", 10, bare, "bare imports")


def extrapolation():
    """Time forecasts of learning curves, beside one curve fit by SciPy of each."""
    curves = [(x, y) for _, _, x, y, _, _ in simulated_curves.simulated(8, seed=1)]

    def floor(x, a, b, c):
        return a * x**-b + c

    def fit(x, y):
        return curve_fit(floor, x, y, [y[0], 0.5, y[-1] / 2], bounds=(0, np.inf))

    pairs = [
        fastest(3, lambda c=c: processor(lambda: extrapolate(*c)), lambda c=c: processor(lambda: fit(*c)))
        for c in curves
    ]
    spent, reference = 1000 * np.array(pairs).T
    name = "scipy curve_fit, median"
    line("extrapolate(x, y), median curve", np.median(spent), "ms", 6, np.median(reference), name)
    line("extrapolate(x, y), 95 % of curves below", np.quantile(spent, 0.95), "ms", 8, np.median(reference), name)


def tasks():
    """Time all fits of the 189 task series of GPT-3, and their back-test, beside 189 fits by statsmodels."""
    scores = tasks_scores.load_scores()
    percent = scores.where(scores.info["score_unit"] != "perplexity")
    x = sm.add_constant(scores.log_compute)
    reference, gains, report = fastest(
        3,
        lambda: processor(lambda: [sm.OLS(y, x).fit().bse for y in scores.log_gap]),
        lambda: processor(lambda: tasks_gains.gains(scores)),
        lambda: processor(lambda: backtest.report(percent)),
    )
    line("gains(189 series), three scales", gains, "s", 30, reference, "189 OLS")
    line("report(186 series), seven methods", report, "s", 40, reference, "189 OLS")


def breaks(replications=2000, sample=5):
    """Time the simulated break test of the ImageNet records, beside one statsmodels fit a date and series."""
    fit = BreakModel(rates.records("ImageNet top-1")).fit()
    years, values = fit.model.years, fit.model.endog

    def loop():
        for _ in range(sample):
            for date in fit.model.dates:
                sm.OLS(values, np.column_stack([np.ones(len(years)), years, fit.model.columns(date)])).fit()

    reference, test, dates = fastest(
        3,
        lambda: processor(loop) / sample,
        lambda: processor(lambda: fit.test(replications)),
        lambda: processor(lambda: fit.date_set(n_sim=400)),
    )
    name = "statsmodels in a loop"
    line(f"sup-F test, {replications} simulated series", test, "s", 0.01, reference * replications, name)
    n = len(fit.model.dates)  # each has 400 series of its own, searched at every date
    line(f"date set, 400 series at {n} dates", dates, "s", 0.008, reference * 400 * n, name)


def chapters():
    """Time each chapter against a kernel that only imports what every chapter needs.

    Chapter 06 fits lines only and has a limit; the others resample, simulate or train.
    """
    bare = nbf.new_notebook(cells=[nbf.new_code_cell(BARE)])
    for path in sorted(ROOT.glob("chapters/*.ipynb")):
        reference, spent = fastest(2, lambda: execution(bare), lambda path=path: execution(read(path, 4)))
        line(path.stem, spent, "s", 4 if path.stem.startswith("06") else None, reference, "bare kernel")


if __name__ == "__main__":
    load()
    ledger()
    extrapolation()
    tasks()
    breaks()
    chapters()
    finish()
