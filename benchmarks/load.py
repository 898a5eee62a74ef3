"""Large inputs: time and memory of each entry at 10⁵ and 10⁶ points, each in a process that may not take over 4 GiB.

Times are beside one least-squares fit by statsmodels of the same points in the same process; a
MemoryError ends the benchmark. Last, 100,000 resamples of a small surface by one and by two workers.
``python benchmarks/load.py quick`` leaves out the slowest rows.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from bench import finish, line

ROOT = Path(__file__).resolve().parent.parent
LIMIT = 4 * 2**30
SETUP = f"""
import json, resource, time
resource.setrlimit(resource.RLIMIT_AS, ({LIMIT}, {LIMIT}))
import numpy as np, statsmodels.api as sm
from dl_limits.laws import LossSurface, PowerLaw, extrapolate
rng = np.random.default_rng(0)
x = 10 ** rng.uniform(18, 23, n)
y = 600 * x**-0.08 * np.exp(0.1 * rng.standard_normal(n))
size, text = 10 ** rng.uniform(7.5, 10.5, n), 10 ** rng.uniform(9, 11.5, n)
loss = (1.8 + 400 / size**0.34 + 2000 / text**0.37) * np.exp(0.01 * rng.standard_normal(n))
def clock(call):
    start = time.process_time()
    call()
    return time.process_time() - start
ols = clock(lambda: sm.OLS(np.log(y), sm.add_constant(np.log(x))).fit().bse)
spent = clock(lambda: eval(what))
print(json.dumps([spent, ols, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3]))
"""
CALLS = {
    "PowerLaw fit": "PowerLaw(y, x).fit()",
    "PowerLaw fit, HC3": "PowerLaw(y, x).fit(cov='HC3').bse",
    "PowerLaw fit, groups of three": "PowerLaw(y, x, groups=np.arange(n) // 3).fit(cov='jackknife').bse",
    "PowerLaw bootstrap, 200": "PowerLaw(y, x).fit().bootstrap(200)",
    "influence()": "PowerLaw(y, x).fit().influence()",
    "extrapolate": "extrapolate(x, y).predict([1e24])",
    "LossSurface fit": "LossSurface(loss, size, text).fit()",
}
SLOW = {"PowerLaw bootstrap, 2,000": "PowerLaw(y, x).fit().bootstrap(2000)"}
BCA = """(lambda fit: (fit.bootstrap(200), fit.derive(lambda p: p["alpha"], method="bca")))(
    LossSurface(loss, size, text).fit())"""
WORKERS = """
import json, time, joblib
import numpy as np
from dl_limits.laws import LossSurface
n, d = (grid.ravel() for grid in np.meshgrid(np.geomspace(1e8, 1e10, 5), np.geomspace(1e9, 1e11, 5)))
noise = np.exp(0.01 * np.random.default_rng(0).standard_normal(25))
fit = LossSurface((1.8 + 400 / n**0.34 + 2000 / d**0.37) * noise, n, d).fit()
spent, draws = [], []
joblib.Parallel(n_jobs=2)(joblib.delayed(abs)(k) for k in range(4))  # the workers are there before the clock runs
for jobs in (1, 2):
    start = time.perf_counter()
    draws.append(fit.bootstrap(100_000, n_jobs=jobs))
    spent.append(time.perf_counter() - start)
print(json.dumps([*spent, bool(draws[0].equals(draws[1]))]))
"""


def process(code):
    """Return what a fresh process prints as JSON; one thread of linear algebra each."""
    threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=os.environ | threads, capture_output=True, text=True
    )
    if run.returncode:
        sys.exit(f"{run.stderr.strip().splitlines()[-1]}\nin a process limited to {LIMIT / 2**30:g} GiB")
    return json.loads(run.stdout.splitlines()[-1])


def points(calls, n):
    """Print time and memory of each call at n points."""
    for name, call in calls.items():
        spent, ols, memory = process(f"n = {n}\nwhat = {call!r}{SETUP}")
        line(f"{name}, {n:.0e} points", spent, "s", None, ols, "OLS of statsmodels")
        line("  peak memory", memory, "MB", 4300)


def workers():
    """Print how much faster two workers are than one, and that they draw the same."""
    one, two, same = process(WORKERS)
    line("100,000 resamples of 25 runs, one process", one, "s")
    line("  times faster with two workers", one / two, "x", 1.6, least=True)
    line("  the same draws", same, "", 1, least=True)


if __name__ == "__main__":
    start, quick = time.perf_counter(), sys.argv[1:] == ["quick"]
    workers()
    points({"LossSurface, 200 resamples and a BCa interval": BCA}, 10_000)
    for n in (100_000, 1_000_000):
        points(CALLS | ({} if quick else SLOW), n)
    print(f"{time.perf_counter() - start:.0f} s")
    finish()
