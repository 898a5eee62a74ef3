"""Numbers of the prose: each stands in a mark that names its key, as the executed chapters have computed it.

A chapter shows its numbers once (`dl_limits.page.numbers`); any page may quote them:
``<span data-number="06-multiplier">4.93</span>``. The text between the tags is written by
`tools.notebooks`, so that it can be read without a build, and again into every page that is built.
"""

import re

import nbformat

from tools import execution
from tools.files import write

MARK = re.compile(r'(<span data-number="([^"]*)">)[^<]*(</span>)')


class NumberError(Exception):
    """A number cannot be quoted: nobody computes it, or two do; says where."""


def computed(root):
    """Return the numbers of all executed chapters.

    Parameters
    ----------
    root : Path
        Of the project.

    Returns
    -------
    dict of str to (str, str, str)
        Key; number as text, what it is, name of the chapter that computes it.

    Raises
    ------
    NumberError
        Where two chapters use one key.
    """
    numbers = {}
    for path in execution.chapters(root):
        for cell in nbformat.read(execution.executed(root, path), 4).cells:
            for output in cell.get("outputs", []):
                for key, (text, meaning) in output.get("metadata", {}).get("numbers", {}).items():
                    if key in numbers:
                        raise NumberError(f"{path.name} and {numbers[key][2]} both compute the number {key}")
                    numbers[key] = (text, meaning, path.stem)
    return numbers


def looked_up(numbers, key, name):
    """Return what `computed` has of a key.

    Raises
    ------
    NumberError
        For a key that no chapter computes; says which page asks for it.
    """
    if key not in numbers:
        raise NumberError(f"{name}: no chapter computes the number {key!r}")
    return numbers[key]


def filled(text, numbers, name):
    """Return Markdown with today's number in every mark; raises as `looked_up`."""
    return MARK.sub(lambda mark: f"{mark[1]}{looked_up(numbers, mark[2], name)[0]}{mark[3]}", text)


def pages(root):
    """Return the paths of the pages that are Markdown."""
    return [root / "index.md", *sorted(root.glob("chapters/*.md"))]


def fill_pages(root, numbers):
    """Write today's numbers into the Markdown pages; return those that changed."""
    changed = []
    for path in pages(root):
        old = path.read_text(encoding="utf-8")
        if (new := filled(old, numbers, path.name)) != old:
            write(path, new.encode())
            changed.append(path)
    return changed
