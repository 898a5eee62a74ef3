"""What a reader points at in a figure: words and places of its marks, in a small script that is read when needed.

A page opened from a folder may not fetch; it may load a script that calls a function.
"""

import base64
import functools
import gzip
import json
import re
from pathlib import Path

from pybtex.database import parse_file

FILES = "_downloads/figures"


@functools.cache
def titles(path):
    """Return the title of each source of the bibliography."""
    entries = parse_file(path).entries
    return {key: re.sub(r"[{}]", "", entry.fields.get("title", key)) for key, entry in entries.items()}


def finish(page, figure, note):
    """Write the marks of a figure into a file and name it on the figure; what is printed has none."""
    if page.app.builder.name != "html" or not note.get("data-marks"):
        return
    name = note.a["download"].removesuffix(".csv")
    places = json.loads(gzip.decompress(base64.b64decode(note["data-places"])))
    known = titles(Path(page.app.srcdir) / "references.bib")
    texts = [
        re.sub(r", source ([\w-]+)$", lambda m: f" · {known.get(m[1], m[1])}", text)
        for text in json.loads(note["data-marks"])
    ]
    content = json.dumps([name, {"texts": texts, **places}], ensure_ascii=False)
    path = Path(page.app.outdir) / FILES / f"{name}.marks.js"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"figureMarks({content[1:-1]});\n", encoding="utf-8")
    figure["data-marks"] = name
    figure["data-marks-file"] = f"{page.up}{FILES}/{path.name}"
