"""Tables as a spreadsheet program opens them: letters right, no cell run as a formula.

A CSV file cannot tell such a program that `=1+1` is text, and what tells it (an apostrophe before the cell) is
one more character for everyone else. So the files for programs stay as they are, `dl_limits.data` refuses
such cells in them, and only the files for spreadsheets carry the apostrophe, if ever a cell needs one.
"""

import csv
import io
import re
from pathlib import Path

MARK = "\ufeff"  # tells Excel that the letters are UTF-8; pandas reads past it
FORMULA = re.compile(r"\s*[=+@\t\r\n＝＋－＠-]")  # the wide signs count where Japanese is set
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?|[+-]inf", re.I | re.A)


def harmless(cell):
    """Return a cell that is no formula: numbers may begin with a sign, other cells may not."""
    return f"'{cell}" if FORMULA.match(cell) and not NUMBER.fullmatch(cell) else cell


def text(table):
    """Return a table, CSV in and out, for spreadsheets."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(
        [map(harmless, row) for row in csv.reader(io.StringIO(table, newline=""))]
    )
    return MARK + out.getvalue()


def publish(app):
    """Write each table of `data/` for spreadsheets."""
    target = Path(app.outdir) / "_downloads" / "for_spreadsheets"
    target.mkdir(parents=True, exist_ok=True)
    for path in Path(app.srcdir).glob("data/*.csv"):
        (target / path.name).write_text(text(path.read_text(encoding="utf-8")), encoding="utf-8", newline="")
