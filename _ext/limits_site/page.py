"""What the finishing of one page must know."""

import os
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml


@cache
def citation(path):
    """Return the contents of a CITATION.cff, read once a build."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Page:
    """A page that is being written.

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
        return citation(Path(self.app.srcdir) / "CITATION.cff")

    @property
    def repository(self):
        """Owner/name and branch or tag on GitHub from REPOSITORY_URL, or None."""
        found = re.fullmatch(
            r"https://github\.com/([\w.-]+/[\w.-]+?)(?:\.git)?(?:/tree/(.+?))?/?", os.environ.get("REPOSITORY_URL", "")
        )
        return found and (found[1], found[2] or "main")
