"""Make forecasts (`new`: a further version, appended to the table) and score what is resolved (`score`)."""

import argparse
import csv
import io
import sys

import pandas as pd

from dl_limits import data
from dl_limits.studies.forecasts import ledger
from dl_limits.words import print_utf8
from tools.files import write
from tools.stamp import stamp

NAME = "open_forecasts"


def stored(directory=data.DIRECTORY):
    """Return the file as it is written: a DataFrame of text."""
    return pd.read_csv(directory / f"{NAME}.csv", dtype=str, keep_default_na=False)


def new(directory=data.DIRECTORY):
    """Append today's forecasts as the next version; return it and its digest."""
    old = stored(directory)
    version = 1 + max(map(int, old["version"]), default=0)
    rows = ledger.rows(version)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([list(old.columns), *old.to_numpy().tolist(), *rows.to_numpy().tolist()])
    write(directory / f"{NAME}.csv", text.getvalue().encode())
    stamp(directory)
    return version, ledger.digest(rows)


def main(arguments=None):
    """Run one of the two commands."""
    parser = argparse.ArgumentParser(prog="python -m tools.forecast", description=__doc__)
    parser.add_argument("command", choices=["new", "score"])
    if parser.parse_args(arguments).command == "new":
        version, digest = new()
        print(f'Version {version}. Write its digest into ledger.DIGESTS: {version}: "{digest}"')
        return
    scored, everything = ledger.resolved_scores(), len(data.load(NAME))
    print(f"{len(scored)} of {everything} forecasts are resolved.")
    if len(scored):
        print(scored.to_string(index=False, float_format="{:.3g}".format))
        print("\nMeans; lower scores are better, standing: that nothing changes\n")
        print(ledger.score_summary(scored).to_string(index=False, float_format="{:.3g}".format))


if __name__ == "__main__":
    print_utf8()
    sys.exit(main())
