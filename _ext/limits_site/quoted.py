"""Numbers of the prose are today's, say what they are, and lead to the line that explains them."""

from functools import cache
from pathlib import Path

from sphinx.errors import ExtensionError

from tools import prose


@cache
def numbers(root):
    """Return the numbers of all executed chapters."""
    return prose.computed(root)


def finish(soup, page):
    """Make each mark a link with its preview; the stored text may be older than the data."""
    for mark in soup.select("article [data-number]"):
        key = mark["data-number"]
        try:
            text, meaning, chapter = prose.looked_up(numbers(Path(page.app.srcdir)), key, page.name)
        except prose.NumberError as error:
            raise ExtensionError(str(error)) from None
        away = "" if page.name == f"chapters/{chapter}" else f"{page.up}chapters/{chapter}.html"
        mark.name, mark.string = "a", text
        mark.attrs = {"class": "computed", "href": f"{away}#number-{key}", "data-preview": meaning}


def setup(app):
    """Register with Sphinx."""
    app.connect("builder-inited", lambda app: numbers.cache_clear())
