"""Make the runs of a grid, or print what could make numbers differ between machines."""

from __future__ import annotations

import argparse
import sys

from dl_limits.experiments.runs import GRIDS, environment, run
from dl_limits.words import print_utf8


def main(arguments=None):
    """Run a grid with a progress bar, or print the environment."""
    parser = argparse.ArgumentParser(prog="python -m dl_limits.experiments", description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    make = commands.add_parser("run", help="make the runs of a grid; go on where an earlier call stopped")
    make.add_argument("--grid", default="quick", help=f"one of {', '.join(GRIDS)}")
    make.add_argument("--out", help="results file (default: learning_curves_<grid>.csv)")
    make.add_argument("--jobs", type=int, default=-1, help="workers; default: all cores")
    commands.add_parser("environment", help="print versions and processor")
    options = parser.parse_args(arguments)
    out = "" if options.command == "environment" else options.out or f"learning_curves_{options.grid}.csv"
    try:
        if not out:
            print(environment().rename_axis("item").to_csv(header=["value"], lineterminator="\n"), end="")
            return 0
        table = run(options.grid, out, n_jobs=options.jobs, progress=True)
    except UnicodeEncodeError:  # threadpoolctl cannot name the libraries that it looks for
        reason = "this Python is bound to ASCII and lies in a folder whose name has other letters"
        parser.exit(2, f"{parser.prog}: {reason}: set PYTHONUTF8=1\n")
    except ValueError as error:
        parser.exit(2, f"{parser.prog}: {error}\n")
    print(f"{len(table)} runs in {out}")
    return 0


if __name__ == "__main__":
    print_utf8()
    sys.exit(main())
