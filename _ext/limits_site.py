"""What the site needs beyond configuration: cache key, math without scripts, accessible HTML."""

import hashlib
import os
import re
import sys
from pathlib import Path

from bs4 import BeautifulSoup
from docutils import nodes
from docutils.utils.math import MathError, latex2mathml
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

LOGGER = logging.getLogger(__name__)
# All that a chapter's outputs depend on beside its own cells.
EXECUTION_INPUTS = ["dl_limits", "data", "references.bib", "requirements.txt"]
# The converter sets these wrongly without saying so: a subscript lands under the accent.
MISPLACED = re.compile(
    r"\\(under|over)brace|\\(hat|bar|tilde|vec|dot|ddot|widehat|overline)\s*(\{[^{}]*\}|\\?[A-Za-z]+)\s*\}?\s*_"
)


def execution_key(root):
    """Hash names and contents, not times: a reverted change must find its old cache again."""
    digest = hashlib.sha256(sys.version[:4].encode())
    for name in EXECUTION_INPUTS:
        files = [root / name] if (root / name).is_file() else sorted((root / name).rglob("*"))
        for path in files:
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(path.relative_to(root).as_posix().encode() + b"\0")
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def configure(app, config):
    """Give every state of package, data and lock its own execution cache; know the address if there is one."""
    config.html_baseurl = os.environ.get("BOOK_URL", "")
    cache = Path(app.srcdir) / "_build" / ".execution" / execution_key(Path(app.srcdir))
    cache.mkdir(parents=True, exist_ok=True)
    config.nb_execution_cache_path = str(cache)


def set_dark_style(app):
    """Set here because furo defines this option only when the theme loads."""
    app.config.pygments_dark_style = "a11y-high-contrast-dark"


def mathml(translator, node, block):
    """Turn LaTeX into MathML at build time, so that no page needs a math script."""
    if wrong := MISPLACED.search(node.astext()):
        LOGGER.warning("math would be misplaced after %s: write \\hat{b_1}", wrong[0], location=node)
    try:
        return latex2mathml.tex2mathml(node.astext(), as_block=block)
    except MathError as error:  # a warning, and so a failed build: never half a formula
        LOGGER.warning("math cannot be rendered: %s", error, location=node)
        return translator.encode(node.astext())


def visit_math(self, node):
    """Write inline math."""
    self.body.append(mathml(self, node, block=False))
    raise nodes.SkipNode


def visit_displaymath(self, node):
    """Write a display formula with its number and link."""
    self.body.append(self.starttag(node, "div", CLASS="math"))
    if node["number"]:
        self.body.append(f'<span class="eqno">({get_node_equation_number(self, node)})')
        self.add_permalink_ref(node, "Link to this equation")
        self.body.append("</span>")
    self.body.append(mathml(self, node, block=True) + "</div>\n")
    raise nodes.SkipNode


def svg_size(path):
    """Read width and height, in CSS pixels, from the head of an SVG file."""
    head = path.read_text(encoding="utf-8")[:2000]
    found = [re.search(rf'<svg[^>]*? {side}="([\d.]+)pt"', head) for side in ("width", "height")]
    return [round(float(m[1]) * 4 / 3) for m in found] if all(found) else None


def polish(html, image_folder):
    """Mend what axe-core faults in the theme and in notebook outputs."""
    soup = BeautifulSoup(html, "html.parser")
    for selector, name in [(".sidebar-drawer", "Site"), (".toc-drawer", "On this page")]:
        for aside in soup.select(selector):
            if aside.find():
                aside["aria-label"] = name
            else:  # an empty landmark only adds noise
                aside.name = "div"
    for caption in soup.select(".caption[role=heading]"):
        caption["aria-level"] = "2"
    for summary in soup.select("summary[aria-label]"):
        del summary["aria-label"]  # it hides the visible words
    for pre in soup.select("pre"):
        pre["tabindex"] = "0"  # scrolls sideways, so the keyboard must reach it
    for th in soup.select("th"):
        if not th.get_text(strip=True):
            th.name = "td"
            th.attrs.pop("scope", None)
    for table in soup.select(".output table"):  # notebook tables: Sphinx did not wrap these
        table.attrs.pop("border", None)
        if "table-wrapper" not in table.parent.get("class", []):
            table.wrap(soup.new_tag("div", attrs={"class": "table-wrapper"}))
    for box in soup.select("div.table-wrapper, div.math-wrapper"):
        box["tabindex"] = "0"
        box["role"] = "group"
        box["aria-label"] = "table" if box.find("table") else "formula"
    for entry in soup.select("[role=doc-biblioentry]"):
        entry["role"] = "listitem"  # ARIA 1.2 deprecates the first inside a list
    if soup.select_one("#search-results") and not soup.h1:
        heading = soup.new_tag("h1")
        heading.string = "Search"
        soup.article.insert(0, heading)
    for number, image in enumerate(soup.select("article img")):
        file = image_folder / Path(image.get("src", "")).name
        if file.suffix == ".svg" and file.is_file() and (size := svg_size(file)):
            image["width"], image["height"] = map(str, size)  # no jump while loading
        if number:
            image["loading"] = "lazy"
    return str(soup)


def polish_pages(app):
    """Hook into rendering itself: each page passes exactly once, before it is written."""
    render = getattr(app.builder, "templates", None) and app.builder.templates.render
    if not render:
        return
    images = Path(app.outdir).parent / "jupyter_execute"

    def render_polished(template, context):
        html = render(template, context)
        return polish(html, images) if template.endswith(".html") else html

    app.builder.templates.render = render_polished


def setup(app):
    """Register with Sphinx."""
    app.add_config_value("comments_config", {}, "")  # Jupyter Book sets it for what we left out
    app.connect("config-inited", configure)
    app.connect("builder-inited", set_dark_style, priority=1)
    app.connect("builder-inited", polish_pages)
    app.add_html_math_renderer("mathml", (visit_math, None), (visit_displaymath, None))
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
