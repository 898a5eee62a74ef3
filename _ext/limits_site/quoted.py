"""Numbers of the prose are today's, say what they are, lead to the line that explains them, and that to its table."""

import re
from functools import cache
from pathlib import Path

from sphinx.errors import ExtensionError

from tools import prose

DICTIONARY = "chapters/a2_data"  # the page with a section for each table


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
    link_tables(soup, page)


def link_tables(soup, page):
    """Lead from the list of a page's numbers to the tables that they come from."""
    if DICTIONARY not in page.app.env.found_docs:
        return
    folder = Path(page.app.srcdir) / "data"
    for cell in soup.select(".dl-numbers td:last-child"):
        name, rest = re.match(r"(\w*)(.*)", cell.get_text(), re.DOTALL).groups()
        if name and (folder / f"{name}.csv").is_file():
            link = soup.new_tag("a", href=f"{page.up}{DICTIONARY}.html#{name}")
            link.string = name
            cell.clear()
            cell.extend([link, rest])


def setup(app):
    """Register with Sphinx."""
    app.connect("builder-inited", lambda app: numbers.cache_clear())
