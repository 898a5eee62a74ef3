"""Forecasts of new runs, scored on any folder of CSV files: python benchmarks/away.py [--learn] [--by COLUMN …] FOLDER.

Each file is one set of runs, or several where columns named by --by tell them apart; columns of parameters, tokens and
loss are found by their usual names. The runs of the next half of a power of ten of compute are forecast from those
below a budget, at four budgets, see `dl_limits.calibration.away`. With --learn the constants of
`dl_limits.laws.surface.rolling` are scored over a grid instead, files counting alike.
"""

import argparse
import sys
from pathlib import Path

import pandas as pd

from dl_limits.calibration import away

NAMES = {
    "params": ("params", "parameters", "n_params", "n"),
    "tokens": ("tokens", "training_tokens", "n_tokens", "d"),
    "loss": ("loss", "final_loss", "val_loss", "c4_loss"),
}


def sets_of(path, by):
    """Yield the sets of a file: name, then loss, params and tokens as arrays."""
    table = pd.read_csv(path)
    found = {}
    for name, usual in NAMES.items():
        found[name] = next((column for column in usual if column in table), None)
        if found[name] is None:
            sys.exit(f"{path}: no column of {name}; expected one of {', '.join(usual)}")
    split = [column for column in by if column in table]
    groups = table.groupby(split) if split else [("", table)]
    for key, rows in groups:
        name = "-".join([path.stem, *map(str, key if isinstance(key, tuple) else [key])]).rstrip("-")
        yield name, [rows[found[column]].to_numpy(float) for column in ("loss", "params", "tokens")]


def main():
    """Print the scores."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--by", nargs="*", default=[], help="columns that tell sets of one file apart")
    parser.add_argument("--learn", action="store_true", help="score the constants over a grid")
    options = parser.parse_args()
    files = sorted(options.folder.glob("*.csv"))
    if not files:
        sys.exit(f"{options.folder}: no CSV file")
    if options.learn:
        sets = {path.stem: [runs for _, runs in sets_of(path, options.by)] for path in files}
        print(away.learn(sets).head(12).round(3).to_string(index=False))
        for name, scored in away.held_out(sets).groupby("set_id"):
            print(f"\n{name}\n{away.summarised(scored).round(2).to_string(index=False)}")
        return
    parts = []
    for path in files:
        for name, runs in sets_of(path, options.by):
            parts.append(away.score_runs(*runs).assign(set=name))
            print(f"\n{name}: {len(runs[0])} runs\n{away.summarised(parts[-1]).round(2).to_string(index=False)}")
    print(f"\nall\n{away.summarised(pd.concat(parts)).round(2).to_string(index=False)}")


if __name__ == "__main__":
    main()
