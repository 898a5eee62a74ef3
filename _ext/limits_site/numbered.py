"""Chapters carry the number of their file in title, side bar and search, since the prose says ‘chapter 06’."""

import re

from docutils import nodes

FILE = re.compile(r"chapters/(\d\d|a\d)_")


def number(name):
    """Return the number of a page (``'06'``, ``'A1'``), or None."""
    found = FILE.match(name)
    return found and found[1].upper()


def bare(name, title):
    """Return a page's title without its number."""
    return title.removeprefix(f"{number(name)} · ")


def put_number(app, doctree):
    """Begin the title with the number; what shows titles elsewhere takes them from here."""
    title, found = next(doctree.findall(nodes.title), None), number(app.env.docname)
    if found and title is not None:
        title.insert(0, nodes.inline("", f"{found} · ", classes=["chapter-number"]))


def setup(app):
    """Register with Sphinx, before it collects the titles."""
    app.connect("doctree-read", put_number, priority=100)
