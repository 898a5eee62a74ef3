"""Aids for readers: reading time, one click for all code, previews of terms and sources, how to cite."""

import copy
import re
import textwrap
from urllib.parse import quote

from bs4 import NavigableString

from . import numbered, sharing

WORDS_A_MINUTE = 220
GLOSSARY = "Words used on this page"
# Where a term is not marked: it is a link already, no prose, or defined right there.
UNMARKED = [
    "a",
    "code",
    "pre",
    "button",
    "summary",
    "table",
    "figcaption",
    "blockquote",
    "math",
    "script",
    "h1",
    "h2",
    "h3",
]


def words(article):
    """Count the words of prose."""
    prose = copy.copy(article)
    for other in prose.select("details, .output, pre, table, script, .page-tools, math"):
        other.decompose()
    return len(prose.get_text(" ").split())


def bibtex(page):
    """Return the entry under which a page is cited."""
    source, key, number = page.citation, page.name.split("/")[-1].split("_")[0], numbered.number(page.name)
    fields = {
        "author": " and ".join(f"{{{a['name']}}}" for a in source["authors"]),
        "title": f"{{{page.title}}}",
        "booktitle": f"{{{source['title']}}}",
        "chapter": number and number.lstrip("0"),
        "year": str(source["date-released"])[:4],
        "version": source["version"],
        "url": sharing.address(page) if page.app.config.html_baseurl else None,
    }
    lines = [f"  {key} = {{{value}}}," for key, value in fields.items() if value]
    return "\n".join([f"@incollection{{limits_{key},", *lines, "}"])


def launches(page):
    """Return (name, address) of the places that run the notebook, if the repository is known."""
    if not (page.repository and page.is_notebook):
        return []
    repository, ref, file = page.repository[0], page.repository[1], quote(f"{page.name}.ipynb")
    return [
        ("Binder", f"https://mybinder.org/v2/gh/{repository}/{quote(ref, safe='')}?urlpath=lab/tree/{file}"),
        ("Colab", f"https://colab.research.google.com/github/{repository}/blob/{quote(ref)}/{file}"),
    ]


def add_tools(soup, page):
    """Put a line under the title: minutes, notebook, launch, citation; `book.js` adds a button for all code."""
    bar = soup.new_tag("div", attrs={"class": "page-tools"})

    def add(parent, tag, text, **attributes):
        item = soup.new_tag(tag, attrs=attributes)
        item.string = text
        parent.append(item)

    if page.is_chapter:
        add(bar, "span", f"{max(1, round(words(soup.article) / WORDS_A_MINUTE))} min read")
        if page.is_notebook:
            add(bar, "a", "Notebook", href=f"{page.up}notebooks/{quote(page.name)}.ipynb", download="")
        for name, address in launches(page):
            add(bar, "a", name, href=address)
    cite = soup.new_tag("details", attrs={"class": "cite"})
    add(cite, "summary", "Cite this page")
    add(cite, "pre", bibtex(page))
    if launches(page):
        clone = f"!git clone https://github.com/{page.repository[0]} limits && pip install -q -e ./limits"
        add(cite, "p", "On Colab, run this first:")
        add(cite, "pre", f"{clone}\n%cd limits/chapters")
    bar.append(cite)
    soup.article.h1.insert_after(bar)


def explain_verdict(soup):
    """Lead from the verdict to the cell that computed its number."""
    first, box = soup.select_one("article a.computed"), soup.select_one("article .verdict")
    if first and box:
        link = soup.new_tag("a", href=first["href"], attrs={"class": "how"})
        link.string = "How was this number computed?"
        paragraph = soup.new_tag("p", attrs={"class": "components"})
        paragraph.append(link)
        box.append(paragraph)


def glossary(soup):
    """Return the terms of the page's box of words with their meaning, and give the box an anchor."""
    for box in soup.select("article .admonition"):
        title = box.select_one(".admonition-title")
        if title and title.get_text(strip=True) == GLOSSARY:
            box["id"] = "words-used"
            return {term.get_text(strip=True).lower(): meaning(term) for term in box.select("strong")}
    return {}


def meaning(term):
    """Return the sentence that holds a term, and those up to the sentence of the next one."""
    item, text, places = term.find_parent(["li", "p"]), "", {}
    for piece in item.find_all(string=True):
        if bold := piece.find_parent("strong"):
            places.setdefault(id(bold), len(text))
        text += re.sub(r"\s+", " ", piece)
    starts = [0, *(end.end() for end in re.finditer(r"[.;?!]”?\s+", text))]
    sentence = {bold: max(start for start in starts if start <= place) for bold, place in places.items()}
    here = sentence[id(term)]
    return text[here : min((start for start in sentence.values() if start > here), default=None)].strip(" ;")


def mark_terms(soup):
    """Make the first use of each term in each section a link to the box, with its meaning as preview."""
    terms = {term: text for term, text in glossary(soup).items() if len(term) > 2}
    if not terms:
        return
    names = sorted(map(re.escape, terms), key=len, reverse=True)
    pattern = re.compile(rf"(?<![\w-])({'|'.join(names)})(?![\w-])", re.I)
    for section in soup.select("article > section > section"):
        seen = set()
        for text in list(section.find_all(string=pattern)):
            if text.find_parent(UNMARKED) or text.find_parent(class_=["admonition", "output", "page-tools"]):
                continue
            parts = pattern.split(str(text))  # between the terms, and every second one a term
            made = []
            for part in parts:
                key = part.lower()
                if key in terms and key not in seen:
                    seen.add(key)
                    link = soup.new_tag("a", href="#words-used", attrs={"class": "term", "data-preview": terms[key]})
                    link.string = part
                    made.append(link)
                else:
                    made.append(NavigableString(part))
            text.replace_with(*made)


def preview_sources(soup):
    """Let citations and footnotes show what they lead to."""
    for link in soup.select("article a.reference.internal[title]"):
        link["data-preview"] = link["title"]
        del link["title"]
    for link in soup.select("article a.footnote-reference[href^='#']"):
        if note := soup.find(id=link["href"][1:]):
            link["data-preview"] = textwrap.shorten(note.get_text(" ", strip=True), 300, placeholder=" …")


def finish(soup, page):
    """Add the aids to a page."""
    if not soup.article or not soup.article.h1:
        return
    preview_sources(soup)
    if page.is_chapter:
        explain_verdict(soup)
        mark_terms(soup)
    if page.is_chapter or page.name == page.app.config.root_doc:
        add_tools(soup, page)
