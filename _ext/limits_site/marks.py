"""What a reader points at in a figure: words and places of its marks, in a small script that is read when needed.

A page opened from a folder may not fetch; it may load a script that calls a function.
"""

import base64
import gzip
import json
from pathlib import Path

FILES = "_downloads/figures"


def finish(page, figure, note):
    """Write the marks of a figure into a file and name it on the figure; what is printed has none."""
    if page.app.builder.name != "html" or not note.get("data-marks"):
        return
    name = note.a["download"].removesuffix(".csv")
    places = json.loads(gzip.decompress(base64.b64decode(note["data-places"])))
    content = json.dumps([name, {"texts": json.loads(note["data-marks"]), **places}], ensure_ascii=False)
    path = Path(page.app.outdir) / FILES / f"{name}.marks.js"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"figureMarks({content[1:-1]});\n", encoding="utf-8")
    figure["data-marks"] = name
    figure["data-marks-file"] = f"{page.up}{FILES}/{path.name}"
