"""What the site needs beyond configuration.

One room a purpose: `mathml` (formulas without scripts), `quoted` (numbers of the prose), `numbered` (chapter
numbers in titles), `figures` (table and downloads of each figure, with `units`), `marks` (what one points at in
it), `states` (drawings to choose from), `gallery` and `figure_pages` (a page for each figure, and all on one),
`embedding` (a figure within another site), `citing` (a figure or table as a source), `archive` (the whole book as
one file), `spreadsheets` (tables for such programs), `folding` (sections for specialists), `reading` (aids for
readers), `scripted` (what only scripts can do), `sharing` (what search engines and other programs find), `feed`
(changes, for who comes back), `report` (where faults go), `accessible` (what axe-core faults in theme and notebook
outputs), `typography` (apostrophes, line ends), `light` (fewer bytes), `paper` (the book as one page), `policy`
(what a page may run and load), `kept` (what one build leaves for the next).
"""

import os
import re
import subprocess
import sys
from pathlib import Path

from bs4 import BeautifulSoup
from sphinx.errors import ExtensionError

from . import (
    accessible,
    citing,
    feed,
    figure_pages,
    figures,
    folding,
    light,
    mathml,
    numbered,
    paper,
    policy,
    quoted,
    reading,
    report,
    scripted,
    sharing,
    states,
    typography,
)
from .page import Page


def configure(app, config):
    """Know the address of the site, if there is one."""
    address = os.environ.get("BOOK_URL", "")
    config.html_baseurl = config.ogp_site_url = f"{address.rstrip('/')}/" if address else ""


def name_pages(app, config):
    """Take the pages of the table of contents and no others: the library that should stumbles over a folder `[b]`."""
    config.include_patterns = [f"{re.sub(r'[.](md|ipynb)$', '', name)}.*" for name in config.external_site_map]


def execute(app):
    """Bring the chapters' outputs up to date; Sphinx executes nothing itself."""
    if subprocess.run([sys.executable, "-m", "tools.execution"], cwd=app.srcdir).returncode:
        raise ExtensionError("the chapters were not executed: see above")


def take_outputs(app, name, source):
    """Read a chapter with the outputs of its last execution."""
    executed = Path(app.srcdir) / "_build" / "executed" / f"{Path(name).name}.ipynb"
    if Path(app.env.doc2path(name)).suffix == ".ipynb":
        source[0] = executed.read_text(encoding="utf-8")


def set_dark_style(app):
    """Set here because furo defines this option only when the theme loads."""
    app.config.pygments_dark_style = "a11y-high-contrast-dark"


def finish(html, page):
    """Return a rendered page with all that is added and mended."""
    soup = BeautifulSoup(html, "html.parser")
    figures.finish(soup, page)
    states.finish(soup, page)
    figure_pages.finish(soup, page)
    quoted.finish(soup, page)
    typography.mend(soup)
    if page.app.builder.name == "singlehtml":  # to be printed
        paper.finish(soup, page)
    else:
        folding.finish(soup)
        reading.finish(soup, page)
        citing.tables(soup, page)
        sharing.finish(soup, page)
        feed.finish(soup, page)
        report.finish(soup, page)
    accessible.finish(soup)
    typography.tie_names(soup)
    light.plain_code(soup)
    policy.finish(soup, page)
    scripted.finish(soup)  # last: what it puts aside is out of the others' sight
    return str(soup)


def finish_pages(app):
    """Hook into rendering itself: each page passes exactly once, before it is written."""
    if app.builder.name not in ("html", "singlehtml"):
        return
    render = app.builder.templates.render

    def render_finished(template, context):
        html = render(template, context)
        name, title = context.get("pagename", ""), BeautifulSoup(context.get("title") or "", "html.parser").text
        page = Page(app, name, numbered.bare(name, title))
        return finish(html, page) if template.endswith(".html") else html

    app.builder.templates.render = render_finished


def setup(app):
    """Register with Sphinx."""
    app.add_config_value("comments_config", {}, "")  # Jupyter Book sets it for what we left out
    app.connect("config-inited", configure)
    app.connect("config-inited", name_pages, priority=900)  # after the table of contents was read
    app.connect("builder-inited", execute, priority=1)
    app.connect("source-read", take_outputs)
    app.connect("builder-inited", set_dark_style, priority=1)
    app.connect("builder-inited", finish_pages)
    for room in (mathml, quoted, numbered, scripted, sharing, figure_pages, feed, report, light):
        room.setup(app)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": False}
