"""How to cite the book's parts, a chapter, a figure or a table: in words and as BibTeX."""

import json
import re
from pathlib import Path

SPECIAL = re.compile(r"[&%$#_{}^~\\]")  # what LaTeX takes for a command
NAMED = {"^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "\\": r"\textbackslash{}"}
UNKNOWN = "This copy of the book was built without its public address: add the one under which you read it."


def escape(text):
    """Return a text as LaTeX sets it."""
    return SPECIAL.sub(lambda found: NAMED.get(found[0], rf"\{found[0]}"), text)


def entry(kind, key, fields):
    """Return a BibTeX entry of those fields that are known; the values are LaTeX already."""
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@{kind}{{limits_{key},", *lines, "}"])


def address(page, place):
    """Return the public address of a place of the site (``'figures/06_floor.html'``), or None where none is known."""
    base = page.app.config.html_baseurl
    return f"{base}{place}" if base else None


def cited(page, key, title, place):
    """Return how to cite a part of the book: as a sentence, and as BibTeX.

    Parameters
    ----------
    page : Page
    key : str
        Distinguishes the part from the others.
    title, place : str
        Of the part; the place is a file of the site, with an anchor or without.

    Returns
    -------
    tuple of str
    """
    source, url = page.citation, address(page, place)
    authors, released = [a["name"] for a in source["authors"]], source["date-released"]
    sentence = (
        f"{', '.join(authors)} ({released.year}). {title}. In: {source['title']}, version {source['version']}, "
        f"{released}. {url or f'File {place} of the book'}. CC BY 4.0."
    )
    fields = {
        "author": " and ".join(f"{{{escape(name)}}}" for name in authors),
        "title": f"{{{escape(title)}}}",
        "howpublished": f"In: {escape(source['title'])}",
        "year": released.year,
        "date": released.isoformat(),
        "version": source["version"],
        "note": None if url else f"File {escape(place)} of the book",
        "url": url,
    }
    return sentence, entry("misc", key, fields)


def add(soup, parent, page, key, title, place):
    """Put both ways to cite a part at the end of an element."""
    sentence, bibtex = cited(page, key, title, place)
    words = soup.new_tag("p")
    words.string = sentence if address(page, place) else f"{sentence} {UNKNOWN}"
    parent.extend([words, box(soup, bibtex)])


def box(soup, text):
    """Return a box of text that one click copies."""
    outer, inner, pre = (
        soup.new_tag("div", attrs={"class": "highlight-text notranslate"}),
        soup.new_tag("div", attrs={"class": "highlight"}),
        soup.new_tag("pre"),
    )
    pre.string = text
    inner.append(pre)
    outer.append(inner)
    return outer


def tables(soup, page):
    """Say beside each table of the data dictionary how to cite it: its section's address stays."""
    shown = soup.select(".dl-viewer[data-table]")
    if not shown:
        return
    described = json.loads((Path(page.app.srcdir) / "data" / "datapackage.json").read_text(encoding="utf-8"))
    titles = {resource["name"]: resource["title"] for resource in described["resources"]}
    for viewer in shown:
        name = viewer["data-table"]
        fold = soup.new_tag("details", attrs={"class": "cite"})
        fold.append(soup.new_tag("summary"))
        fold.summary.string = "Cite this table"
        add(soup, fold, page, f"table_{name}", f"{titles[name]} [table {name}]", f"{page.name}.html#{name}")
        viewer.insert_before(fold)
