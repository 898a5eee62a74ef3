"""`make mutants`: how many small faults, put in at random, the tests of their folder notice.

Cosmic Ray lists every place where an operator, a comparison, a number or a word of logic can be exchanged;
a seeded sample of them is tried, one at a time, in copies of the project. A mutant is killed when a test
that imports its module fails, or no longer ends. Survivors are printed with their line. What only draws is
left out: figures are judged by their own tests and by eye.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue

from cosmic_ray.ast import ast_nodes, get_ast_from_path
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator

ROOT = Path(__file__).resolve().parent.parent
MODULES = {  # of dl_limits, by the name of what is judged together
    "laws": "laws/**/*.py",
    "inference": "inference/**/*.py",
    "verdicts": "verdicts/**/*.py",
    "claims": "claims/**/*.py",
    "studies": "studies/*/claims*.py",
}
WANTED = 0.9  # share of each that must be killed
NEEDED = ["dl_limits", "tests", "data", "references.bib", "pyproject.toml", "chapters", "tools"]
SWAPS = [("Add", "Sub"), ("Mul", "Div"), ("Pow", "Mul")]
COMPARED = [("Lt", "LtE"), ("Gt", "GtE"), ("Lt", "Gt"), ("LtE", "GtE"), ("Eq", "NotEq")]
OPERATORS = [
    *(f"core/ReplaceBinaryOperator_{a}_{b}" for pair in SWAPS for a, b in (pair, pair[::-1])),
    *(f"core/ReplaceComparisonOperator_{a}_{b}" for pair in COMPARED for a, b in (pair, pair[::-1])),
    "core/ReplaceUnaryOperator_Delete_USub",
    "core/AddNot",
    "core/ReplaceAndWithOr",
    "core/ReplaceOrWithAnd",
    "core/ReplaceTrueWithFalse",
    "core/ReplaceFalseWithTrue",
    "core/NumberReplacer",
]


def lines_drawn(module):
    """Return the lines of the functions of a module that draw: those called plot_… and those that are given an Axes."""
    found = set()
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef):
            given = [each.arg for each in node.args.args]
            if node.name.startswith("plot_") or "ax" in given:
                found |= {*range(node.lineno, node.end_lineno + 1)}
    return found


def places(modules):
    """Yield every mutant outside drawings as module, operator, occurrence and line."""
    for module in modules:
        tree, drawn = get_ast_from_path(module), lines_drawn(module)
        for name in OPERATORS:
            operator, occurrence = get_operator(name)(), 0
            for node in ast_nodes(tree):
                for start, _ in operator.mutation_positions(node):
                    if start[0] not in drawn:
                        yield module, name, occurrence, start[0]
                    occurrence += 1


def imported(file):
    """Return every part of every name that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names]
            found.update(*(name.split(".") for name in [getattr(node, "module", None) or "", *names]))
    return found


def tests_of(module):
    """Return the test files of the module's folder that import it, the smallest first; all of the folder's without."""
    folder = ROOT / "tests" / module.parent.relative_to(ROOT / "dl_limits")
    room = folder if folder.is_dir() else folder.parent  # tests of laws.surface lie with those of laws
    files = sorted(room.rglob("test_*.py"))
    name = module.parent.name if module.stem == "__init__" else module.stem
    naming = [f for f in files if name in imported(f)]
    return sorted(naming or files, key=lambda f: f.stat().st_size)


def run_tests(copy, python, tests, seconds):
    """Run test files in a copy of the project; return pytest's exit code."""
    command = [python, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist"]
    command += [str(f.relative_to(ROOT)) for f in tests]
    return subprocess.run(command, cwd=copy, capture_output=True, timeout=seconds, check=False).returncode


def killed(copy, python, mutant, seconds):
    """Try one mutant in a copy of the project; return whether its tests fail or do not end."""
    module, name, occurrence, _ = mutant
    place = copy / module.relative_to(ROOT)
    source = place.read_text("utf-8")
    place.write_text(mutate_code(source, get_operator(name)(), occurrence), "utf-8")
    try:
        code = run_tests(copy, python, tests_of(module), seconds)
    except subprocess.TimeoutExpired:
        return True
    finally:
        place.write_text(source, "utf-8")
    if code not in (0, 1, 2):  # 2: the module cannot even be imported
        sys.exit(f"pytest gave {code} for {module.relative_to(ROOT)}")
    return code != 0


def main():
    """Draw, try, count; exit with a sentence where too few were killed."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("python", help="that runs the tests: the project's own")
    ask.add_argument("--folders", nargs="+", default=[*MODULES], choices=[*MODULES], help="of dl_limits")
    ask.add_argument("--count", type=int, default=100)
    ask.add_argument("--seed", type=int, default=0)
    ask.add_argument("--jobs", type=int, default=max(1, (os.cpu_count() or 2) // 2))
    ask.add_argument("--seconds", type=float, default=900.0, help="after which a test counts as failed")
    given = ask.parse_args()
    python = str(Path(given.python).absolute())  # not resolved: the link is what makes it the environment's
    modules = sorted(p for folder in given.folders for p in (ROOT / "dl_limits").glob(MODULES[folder]))
    every = list(places(modules))
    sample = random.Random(given.seed).sample(every, min(given.count, len(every)))
    print(f"{len(sample)} of {len(every)} mutants of {', '.join(given.folders)}, seed {given.seed}", flush=True)
    with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor(given.jobs) as pool:
        copies = Queue()
        for k in range(given.jobs):
            copy = Path(scratch) / str(k)
            copy.mkdir()
            for name in NEEDED:
                source = ROOT / name
                (shutil.copytree if source.is_dir() else shutil.copy2)(source, copy / name)
            copies.put(copy)

        sound = sorted({test for mutant in sample for test in tests_of(mutant[0])})
        if run_tests(Path(scratch) / "0", python, sound, None):
            sys.exit("the tests fail as they are: mend them first")

        def attempt(mutant):
            copy = copies.get()
            try:
                return killed(copy, python, mutant, given.seconds)
            finally:
                copies.put(copy)

        total, dead = Counter(), Counter()
        for mutant, fell in zip(sample, pool.map(attempt, sample), strict=True):
            module, name, _, line = mutant
            folder = module.relative_to(ROOT / "dl_limits").parts[0]
            total[folder] += 1
            dead[folder] += fell
            if not fell:
                print(f"survived: {module.relative_to(ROOT)}:{line} {name.removeprefix('core/')}", flush=True)
        if run_tests(Path(scratch) / "0", python, sound, None):
            sys.exit("the tests fail now without a mutant: the surroundings have changed, the count is void")
    for folder, n in total.items():
        print(f"{folder:<12}{dead[folder]:>4} of {n:>4} killed, {dead[folder] / n:.0%}")
    poor = [folder for folder, n in total.items() if dead[folder] < WANTED * n]
    sys.exit(f"under what is wanted: {', '.join(poor)}" if poor else 0)


if __name__ == "__main__":
    main()
