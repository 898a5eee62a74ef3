"""Units of the columns behind the figures: from the data package where it has the column, else from the name."""

import csv
import io
import json
import re
from functools import cache

# A column whose name ends so is measured so, in `data/` as in the tables behind figures.
ENDINGS = {
    "pct": "%",
    "flop": "FLOP",
    "params": "parameters",
    "tokens": "tokens",
    "usd": "US dollars",
    "nats": "nats",
    "min": "minutes",
    "year": "year",
    "published": "year and month",
    "co2_t": "tonnes of CO₂",
}
RATIO = "times_"  # so many times more of something
EXPONENT = "log10_"  # a power of ten, as its logarithm
OF_A_MODEL = re.compile(r"_\d+_params$")  # the rest of the name says what is measured
NONE = {"", "1"}  # a text; a pure number


@cache
def declared(root):
    """Return the unit of each column for which all tables of the data package that have it name one and the same.

    Only of names of several words: ``size`` is one thing in a table and another behind a figure.
    """
    package = root / "data" / "datapackage.json"
    resources = json.loads(package.read_text(encoding="utf-8"))["resources"] if package.is_file() else []
    found = {}
    for resource in resources:
        for field in resource["schema"]["fields"]:
            found.setdefault(field["name"], set()).add(field.get("unit", ""))
    return {
        name: next(iter(units)) for name, units in found.items() if "_" in name and len(units) == 1 and not units & NONE
    }


def of(text, root):
    """Return the units of a table's columns, as far as they are known.

    Parameters
    ----------
    text : str
        The table as CSV.
    root : pathlib.Path
        Of the project.

    Returns
    -------
    dict of str to str
        Column and unit.
    """
    found = {}
    for name in next(csv.reader(io.StringIO(text))):
        measure = OF_A_MODEL.sub("", name.removeprefix(EXPONENT))
        ending = next((unit for end, unit in ENDINGS.items() if f"_{measure}".endswith(f"_{end}")), None)
        unit = ending if ending and not name.startswith(RATIO) else declared(root).get(name)
        if unit:
            found[name] = f"log₁₀ of {unit}" if name.startswith(EXPONENT) else unit
    return found
