"""Write rows, bytes, hash and seal of every table into `data/datapackage.json`, after an edit of a table or a schema.

The seal says that Frictionless passed the table: see `dl_limits.data.rules`.
"""

import csv
import hashlib
import json

from dl_limits import data
from dl_limits.data.rules import SEAL, referred, seal


def stamp(directory=data.DIRECTORY):
    """Bring what the schema says of the files up to date; nothing else changes.

    Raises
    ------
    DataError
        If a table is wrong. Rows, bytes and hashes are written all the same, and no seal.
    """
    path = directory / data.PACKAGE
    package = json.loads(path.read_text(encoding="utf-8"))
    contents = {}
    for resource in package["resources"]:
        raw = contents[resource["name"]] = (directory / resource["path"]).read_bytes()
        resource["rows"] = sum(1 for _ in csv.reader(raw.decode("utf-8").splitlines())) - 1
        resource["bytes"] = len(raw)
        resource["hash"] = f"sha256:{hashlib.sha256(raw).hexdigest()}"
        resource.pop(SEAL, None)
    _write(path, package)
    entries = {resource["name"]: resource for resource in package["resources"]}
    for name, resource in entries.items():
        data.load(name, directory)
        others = referred(resource)
        files = [contents[each] for each in (name, *others)]
        resource[SEAL] = seal(resource, [entries[other] for other in others], files)
    _write(path, package)


def _write(path, package):
    path.write_text(json.dumps(package, indent=2, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    stamp()
