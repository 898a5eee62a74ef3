"""Aids for readers: reading time, one click for all code, previews of terms and sources, how to cite."""

import copy
import re
import textwrap
from functools import cache
from urllib.parse import quote

from docutils import nodes

from . import numbered, sharing

WORDS_A_MINUTE = 220


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
        if soup.article.select_one("details.hide"):
            add(bar, "span", "", **{"class": "all-code-place"})
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


def show_verdicts(soup, page):
    """Repeat under the article's words the verdicts on them: the boxes with their reasons stand further down."""
    claim = soup.article.blockquote
    boxes = [box for box in soup.select("article .verdict[id]") if not box.find_previous("h2")]
    if not boxes or claim is None:
        return
    for box in reversed(boxes):
        line = soup.new_tag("p", attrs={"class": "answered"})
        line.append(f"{box.select_one('.claim').get_text()}: ")
        link = soup.new_tag("a", href=f"#{box['id']}")
        badge = box.select_one(".badge")
        link.append(copy.copy(badge))
        line.append(link)
        how_sure = re.match(r"\s*\([^)]*\)", str(badge.next_sibling or ""))  # leaning, robust or fragile
        for part in re.split(r"\b(robust|fragile)\b", how_sure[0]) if how_sure else ():
            if part in ("robust", "fragile"):
                term = soup.new_tag("a", href=f"{page.up}glossary.html#term-{part}", attrs={"class": "term"})
                term["data-preview"], term.string = meanings(page.app)[f"term-{part}"], part
                line.append(term)
            else:
                line.append(part)
        claim.insert_after(line)


def explain_verdict(soup):
    """Lead from the verdict to the cell that computed its number."""
    first, box = soup.select_one("article a.computed"), soup.select_one("article .verdict")
    if first and box:
        link = soup.new_tag("a", href=first["href"], attrs={"class": "how"})
        link.string = "How was this number computed?"
        paragraph = soup.new_tag("p", attrs={"class": "components"})
        paragraph.append(link)
        box.append(paragraph)


@cache
def meanings(app):
    """Return the meaning of each term, by its anchor on the glossary page."""
    items = (
        app.env.get_doctree("glossary").findall(nodes.definition_list_item) if "glossary" in app.env.found_docs else ()
    )
    found = {}
    for item in items:
        text = item.next_node(nodes.definition).astext().replace("\n", " ")
        found |= {key: text for term in item.findall(nodes.term) for key in term["ids"]}
    return found


def preview_terms(soup, page):
    """Let a term show its meaning."""
    for words in soup.select("article a.reference.internal > .std-term"):
        link = words.parent
        link["class"], link["data-preview"] = ["term"], meanings(page.app)[link["href"].split("#")[1]]
        link.attrs.pop("title", None)
        words.unwrap()


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
    preview_terms(soup, page)
    preview_sources(soup)
    if page.is_chapter:
        show_verdicts(soup, page)
        explain_verdict(soup)
    if page.is_chapter or page.name == page.app.config.root_doc:
        add_tools(soup, page)
