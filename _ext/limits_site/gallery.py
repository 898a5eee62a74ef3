"""Which figures the book has: what the pages that show them hold is kept until each gets its own page."""

import posixpath
import re
from dataclasses import dataclass, field
from urllib.parse import urldefrag

from bs4 import BeautifulSoup
from sphinx.errors import ExtensionError

FOLDER = "figures"
INDEX = f"{FOLDER}/index"
NAME = re.compile(r"\w[\w.-]*")  # of files and addresses
FIRST = re.compile(r"(.+?[^.])[.:](?= )")  # sentence of the words that stand for a picture


@dataclass(frozen=True)
class Figure:
    """One figure as its chapter holds it, before it is finished; links lead from the folder of figures.

    Attributes
    ----------
    name : str
        Of its files and of its page.
    page, page_title : str
        Of the first page that shows it.
    number : str
        In words (``'Figure 6.2'``); empty without a caption.
    alt : str
        What stands for the picture.
    image, note, caption, code : str
        HTML: the picture, the link that carries its data, caption and code; the last two may be empty.
    """

    name: str
    page: str
    page_title: str
    number: str
    alt: str
    image: str
    note: str
    caption: str
    code: str

    @property
    def title(self):
        """The first sentence of the words that stand for the picture."""
        found = FIRST.match(self.alt)
        return found[1] if found else self.alt.rstrip(".")

    @property
    def heading(self):
        """The title with the number."""
        return f"{self.number}: {self.title}" if self.number else self.title

    @property
    def anchor(self):
        """Where the book shows the figure, from its own page."""
        return f"../{self.page}.html" + (f"#figure-{self.name}" if self.caption else "")


@dataclass
class Kept:
    """The figures of one build, by name, in the order of the pages' names."""

    figures: dict = field(default_factory=dict)


def kept(app):
    """Return the figures that the pages written so far show, by name."""
    if not hasattr(app, "limits_figures"):
        app.limits_figures = Kept()
    return app.limits_figures.figures


def has(page):
    """Return whether a page is one that a figure has to itself."""
    return page.name.startswith(f"{FOLDER}/") and page.name != INDEX


def place(name):
    """Return the address of a figure's page within the site."""
    return f"{FOLDER}/{name}.html"


def moved(html, page):
    """Return a piece of a page with its links as they lead from the folder of figures."""
    piece = BeautifulSoup(str(html), "html.parser")
    for tag in piece.select("[href]"):
        path, anchor = urldefrag(tag["href"])
        if not re.match(r"[a-z]+:|/", path):
            target = posixpath.join(posixpath.dirname(page.name), path) if path else f"{page.name}.html"
            tag["href"] = posixpath.relpath(target, FOLDER) + (f"#{anchor}" if anchor else "")
    for tag in piece.select("[id]"):
        del tag["id"]
    return piece


def keep(page, name, image, note, cell, caption, number):
    """Keep a figure of a page, and return its number: on its own page that of the chapter.

    Parameters
    ----------
    page : Page
    name, number : str
        As in `Figure`.
    image, note, cell, caption : bs4.Tag
        Before anything was done to them; the last may be None.

    Returns
    -------
    str

    Raises
    ------
    sphinx.errors.ExtensionError
        When the name is no name of a file.
    """
    figures = kept(page.app)
    if has(page):
        return figures[name].number
    if not NAME.fullmatch(name):
        raise ExtensionError(f"{page.name}: {name!r} names a figure: use letters, digits, '_', '-' and '.'")
    picture = moved(image, page)
    picture.img["src"] = f"../_images/{posixpath.basename(image['src'])}"
    code = cell.select_one(".cell_input .highlight")
    words = "".join(map(str, moved(caption.em, page).em.contents)) if caption is not None else ""
    fields = (page.name, page.title, number, image["alt"], str(picture), str(note), words, str(code or ""))
    figures.setdefault(name, Figure(name, *fields))
    return number
