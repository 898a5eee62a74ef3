"""The commands that everybody types, each as a ratio to bare kernels measured in the same run.

A copy of the project is built from nothing, built again, built after one corrected value, and tested.
What is installed stays installed. A busy machine slows reference and command alike.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat.v4 as nbf

from benchmarks.bench import finish, line, seconds
from tools import execution

ROOT = Path(__file__).resolve().parent.parent
BARE = "import pandas, matplotlib.pyplot, statsmodels.api"
TABLE = "data/imagenet_regression_2020.csv"


def bare_kernels(count=6):
    """Return the seconds of a kernel that only imports what every chapter needs, side by side as in a build."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for number in range(count):
            notebook = nbf.new_notebook(cells=[nbf.new_code_cell(BARE)])
            path = root / "chapters" / f"{number}.ipynb"
            path.parent.mkdir(exist_ok=True)
            path.write_text(nbf.writes(notebook))
        (root / "tools").symlink_to(ROOT / "tools")
        return seconds(lambda: execution.run(root)) / count


def correct_one_value(root):
    """Change the last digit of one number of a table, as a correction would, and describe the table anew."""
    path = root / TABLE
    text = path.read_text(encoding="utf-8")
    number = re.search(r"\d\.\d+[1-8](?=,)", text)
    corrected = number[0][:-1] + str(int(number[0][-1]) + 1)
    path.write_text(text[: number.start()] + corrected + text[number.end() :], encoding="utf-8", newline="\n")
    subprocess.run([sys.executable, "-m", "tools.stamp"], cwd=root, check=True)


def python(*arguments):
    """Return the seconds of a Python process."""
    run = [sys.executable, *arguments]
    return seconds(lambda: subprocess.run(run, cwd=ROOT, check=True, stdout=subprocess.DEVNULL))


def command_line():
    """Print how long ``dl-limits`` takes for files of the book, beside a process that only imports what it uses."""
    bare = min(python("-c", "import pandas, scipy.stats, statsmodels.api") for _ in range(3))
    only = ["--where", "grid=full", "--where", "task=language", "--where", "width=16"]
    files = {  # each with its limit: half as much again, at least, over the largest of several runs on a busy machine
        ("curve", 3): ["data/learning_curve_runs.csv", *only, "--x", "size", "--y", "test_loss_nats"],
        ("surface", 4): ["data/chinchilla_runs.csv", "--where", "in_replication=true", "--budget", "1e22"],
        ("chance", 2): ["data/anli_later.csv", "--where", "benchmark=anli_r3", "--chance", "1/3"],
    }
    for (name, limit), arguments in files.items():
        taken = min(python("-m", "dl_limits", name, *arguments) for _ in range(3))
        line(f"dl-limits {name}", taken, "s", limit, bare, "bare process")


def main():
    """Measure and print."""
    command_line()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "book"
        shutil.copytree(ROOT, root, ignore=shutil.ignore_patterns(".venv*", "_build", ".git"))
        kernel, again = bare_kernels(), []

        def build():
            command = [sys.executable, "-m", "tools.book"]
            said = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout
            again[:] = re.findall(r"^(\w+): [\d.]+ s$", said, re.M)

        line("make book, first (without installation)", seconds(build), "s", None, kernel, "bare kernel")
        line("make book, nothing changed", seconds(build), "s", None, kernel, "bare kernel")
        tests = [sys.executable, "-m", "pytest", "-q", "-n", "auto", "--dist", "worksteal"]
        line("make test after it", seconds(lambda: subprocess.run(tests, cwd=root)), "s", None, kernel, "bare kernel")
        correct_one_value(root)
        line("make book, one table changed", seconds(build), "s", None, kernel, "bare kernel")
        print(f"  executed again: {', '.join(again)}")
    finish()


if __name__ == "__main__":
    main()
