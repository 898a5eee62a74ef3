"""What the site needs beyond configuration.

One room a purpose: `mathml` (formulas without scripts), `quoted` (numbers of the prose), `numbered` (chapter numbers
in titles), `figures` (table and downloads of each figure), `marks` (what one points at in it), `spreadsheets` (tables
for such programs), `folding` (sections for specialists), `reading` (aids for readers), `scripted` (what only scripts
can do), `sharing` (what search engines and other programs find), `accessible` (what axe-core faults in theme and
notebook outputs), `typography` (apostrophes, line ends), `light` (fewer bytes), `paper` (the book as one page),
`policy` (what a page may run and load), `kept` (what one build leaves for the next).
"""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import yaml
from bs4 import BeautifulSoup
from sphinx.errors import ExtensionError

from . import (
    accessible,
    figures,
    folding,
    light,
    mathml,
    numbered,
    paper,
    policy,
    quoted,
    reading,
    scripted,
    sharing,
    typography,
)


@dataclass(frozen=True)
class Page:
    """What the finishing of one page must know.

    Attributes
    ----------
    app : sphinx.application.Sphinx
    name, title : str
        Of the page; the name is its path without suffix, the title comes without its number.
    """

    app: object
    name: str
    title: str

    @property
    def is_chapter(self):
        """Whether it is one of the book's chapters or appendices."""
        return self.name.startswith("chapters/")

    @property
    def is_notebook(self):
        """Whether it is stored as a notebook."""
        return (Path(self.app.srcdir) / f"{self.name}.ipynb").is_file()

    @property
    def up(self):
        """The way from this page to the root of the site."""
        return "../" * self.name.count("/")

    @property
    def citation(self):
        """The contents of CITATION.cff."""
        return yaml.safe_load((Path(self.app.srcdir) / "CITATION.cff").read_text(encoding="utf-8"))

    @property
    def repository(self):
        """Owner/name and branch or tag on GitHub from REPOSITORY_URL, or None."""
        found = re.fullmatch(
            r"https://github\.com/([\w.-]+/[\w.-]+?)(?:\.git)?(?:/tree/(.+?))?/?", os.environ.get("REPOSITORY_URL", "")
        )
        return found and (found[1], found[2] or "main")


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
    quoted.finish(soup, page)
    typography.mend(soup)
    if page.app.builder.name == "singlehtml":  # to be printed
        paper.finish(soup, page)
    else:
        folding.finish(soup)
        reading.finish(soup, page)
        sharing.finish(soup, page)
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
    for room in (mathml, quoted, numbered, scripted, sharing):
        room.setup(app)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": False}
