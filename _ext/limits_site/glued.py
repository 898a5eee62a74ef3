"""Each glued number is a link to the code cell that computed it."""

import json
import posixpath
from functools import cache
from pathlib import Path

from docutils import nodes
from myst_nb.ext.glue.roles import PasteTextRole


@cache
def glueing_cells(path):
    """Return, for each glue key of a stored notebook, which cell (counted from 0) glues it."""
    if path.suffix != ".ipynb" or not path.is_file():
        return {}
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return {
        output["metadata"]["scrapbook"]["name"]: index
        for index, cell in enumerate(cells)
        for output in cell.get("outputs", [])
        if "scrapbook" in output.get("metadata", {})
    }


class LinkedNumber(PasteTextRole):
    """The role ``glue:text``, its number wrapped in a link where the stored notebook knows the cell."""

    def run(self):
        """Return the number's nodes and messages."""
        result, messages = super().run()
        name, env = self.text.rsplit(":", 1)[0], self.document.settings.env
        document, key = name.split("::", 1) if "::" in name else ("", name)
        source = env.relfn2path(document, env.docname)[1] if document else env.doc2path(env.docname)
        cell = glueing_cells(Path(source)).get(key)
        if cell is None or not result:
            return result, messages
        away = posixpath.splitext(document)[0] + ".html" if document else ""
        link = nodes.reference("", "", *result, refuri=f"{away}#cell-{cell}", internal=True, classes=["computed"])
        return [link], messages


def name_cells(app, doctree):
    """Give the code of each cell an anchor; it lies inside the fold, so that a jump unfolds it."""
    for cell in doctree.findall(nodes.container):
        if cell.get("nb_element") == "cell_code":
            for part in cell.findall(nodes.container):
                if part.get("nb_element") == "cell_code_source":
                    part["ids"].append(f"cell-{cell['cell_index']}")


def setup(app):
    """Register with Sphinx."""
    app.add_role_to_domain("glue", "text", LinkedNumber(), override=True)
    app.connect("doctree-read", name_cells)
    app.connect("builder-inited", lambda app: glueing_cells.cache_clear())
