"""The drawings between which a reader chooses (`dl_limits.page.states`) become files; the page keeps their names."""

import base64
import gzip
import json
from pathlib import Path


def finish(soup, page):
    """Put each packed drawing into a file beside the page's own; they are loaded only when they are chosen."""
    folder = Path(page.app.outdir) / "_images"
    for place in soup.select(".dl-states"):
        states = json.loads(place["data-states"])
        for state in states:
            for kind, suffix in (("wide", ""), ("narrow", "-narrow")):
                if packed := state.pop(kind, None):
                    folder.mkdir(parents=True, exist_ok=True)
                    (folder / f"{state['name']}{suffix}.svg").write_bytes(gzip.decompress(base64.b64decode(packed)))
        place["data-states"] = json.dumps(states, ensure_ascii=False, separators=(",", ":"))
