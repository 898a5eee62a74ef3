"""What search engines, social sites and other programs find: descriptions, cards, site map, data."""

import json
import os
import shutil
import textwrap
from html import escape
from pathlib import Path
from urllib.parse import quote

import nbformat
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from . import archive, figures, gallery, kept, spreadsheets

CARD_SIZE = (1200, 630)
NO_PAGES = {"search", "genindex", "404"}
TITLE = {"color": "white", "size": 40, "weight": "bold", "va": "top", "linespacing": 1.25}
WHOLE = "The source of this book (zip)"
LICENCE = "https://creativecommons.org/licenses/by/4.0/"


def address(page):
    """Return the page's address; relative to the site's root where no base address is given."""
    name = "" if page.name == page.app.config.root_doc else f"{page.name}.html"
    return page.app.config.html_baseurl + name


def description(soup):
    """Return two sentences for result lists: claim and verdict where there are any, else the first paragraph."""
    article = soup.article
    if article is None:
        return ""
    if own := article.select_one("#own-figure img"):
        return textwrap.shorten(own["alt"], 200, placeholder=" …")
    quote, badges = article.blockquote, article.select(".verdict .badge")
    if quote and badges:
        claim = textwrap.shorten(quote.get_text(" ", strip=True).strip("“”\"' "), 120, placeholder=" …")
        return f"“{claim}” The audit's verdict on the evidence to 2026: {badges[0].get_text(strip=True)}."
    texts = (p.get_text(" ", strip=True) for p in article.select("p"))
    first = next((text for text in texts if len(text) > 40), article.get_text(" ", strip=True))
    return textwrap.shorten(first, 200, placeholder=" …")


def card(title, verdict, drawing, path):
    """Draw the picture that social sites show beside a link: title, verdict and first figure of the page."""
    import matplotlib.pyplot as plt

    colours = {"holds": "#0b5d3b", "does not hold": "#9c2f10", "holds in part": "#7a5a00"}
    figure = plt.figure(figsize=(CARD_SIZE[0] / 100, CARD_SIZE[1] / 100), dpi=100, facecolor="#12436d")
    figure.text(0.06, 0.86, "The Limits of Deep Learning, a reproducible audit", color="#cfe3f1", size=22)
    figure.text(0.06, 0.76, textwrap.fill(title, 20 if drawing else 32), parse_math=False, **TITLE)
    if drawing:
        axes = figure.add_axes((0.5, 0.08, 0.46, 0.72))
        axes.imshow(plt.imread(drawing))
        axes.axis("off")
    if verdict:
        box = {"facecolor": colours.get(verdict, "#4a5160"), "edgecolor": "white", "pad": 10}
        figure.text(0.07, 0.12, f"Verdict: {verdict}", color="white", size=28, bbox=box)
    figure.savefig(path, metadata={"Software": None})
    plt.close(figure)


def meta(soup, **attributes):
    """Add a tag to the head."""
    soup.head.append(soup.new_tag("meta", attrs={k.rstrip("_"): v for k, v in attributes.items()}))


def structured(page, about):
    """Return the page as schema.org article, and the site's root also as data set."""
    source, base = page.citation, page.app.config.html_baseurl
    authors = [{"@type": "Organization", "name": a["name"]} for a in source["authors"]]
    common = {
        "@context": "https://schema.org",
        "author": authors,
        "license": LICENCE,
        "datePublished": str(source["date-released"]),
        "inLanguage": "en",
    }
    article = common | {
        "@type": "ScholarlyArticle",
        "headline": textwrap.shorten(page.title, 110, placeholder=" …"),
        "name": page.title,
        "abstract": about,
        "isPartOf": {"@type": "Book", "name": source["title"]},
        "version": str(source["version"]),
    }
    if base:
        article |= {"url": address(page), "image": picture(page)}
    package = Path(page.app.srcdir) / "data" / "datapackage.json"
    if page.name != page.app.config.root_doc or not package.is_file():
        return [article]
    described = json.loads(package.read_text(encoding="utf-8"))
    files = [
        {
            "@type": "DataDownload",
            "name": r["name"],
            "encodingFormat": "text/csv",
            "contentUrl": f"{base}data/{r['path']}",
        }
        for r in described["resources"]
    ]
    dataset = common | {
        "@type": "Dataset",
        "name": described.get("title", source["title"]),
        "description": f"{source['abstract'].strip()} {described.get('description', '')}".strip(),
        "creator": authors,
        "keywords": source["keywords"],
        "isAccessibleForFree": True,
        "version": str(source["version"]),
        "distribution": files,
    }
    return [article, dataset | ({"url": base} if base else {})]


def finish(soup, page):
    """Describe a page in its head and name the machine-readable results at its foot."""
    about, base, config = description(soup), page.app.config.html_baseurl, page.app.config
    meta(soup, name="description", content=about or config.html_title)
    if page.name in NO_PAGES:
        meta(soup, name="robots", content="noindex")
    for tag in soup.select("meta[property='og:description']"):
        tag["content"] = about  # the library reads the source, where the numbers of the prose are not yet
    for tag in soup.select("meta[property='og:url']") if not base else ():
        tag.decompose()
    if page.name == "404" and base:  # served for any address: its links must not depend on the depth
        soup.head.insert(0, soup.new_tag("base", href=base))
    if page.name not in NO_PAGES:
        page.app.env.limits_pages = [*getattr(page.app.env, "limits_pages", []), address(page)]
        for entry in structured(page, about):
            script = soup.new_tag("script", type="application/ld+json")
            script.string = json.dumps(entry, ensure_ascii=False).replace("<", "\\u003c")
            soup.head.append(script)
        if base:
            if not gallery.has(page):  # a figure is its own picture
                draw_card(soup, page)
            meta(soup, name="twitter:card", content="summary_large_image")
        if gallery.has(page):
            tag_figure(soup, page, about)
    if foot := soup.select_one(".left-details"):
        foot.append(machine_readable(soup, page))


def draw_card(soup, page):
    """Write the picture that shows a page elsewhere."""
    target = Path(page.app.outdir) / "_images" / "cards" / f"{page.name}.png"
    target.parent.mkdir(parents=True, exist_ok=True)
    badge, file = soup.select_one(".verdict .badge"), soup.select_one("article a.figure-file[download$='.png']")
    drawing = Path(page.app.outdir) / figures.FILES / file["download"] if file else None
    card(page.title, badge.get_text(strip=True) if badge else "", drawing, target)


def picture(page):
    """Return the public address of the picture that shows a page elsewhere."""
    base = page.app.config.html_baseurl
    if gallery.has(page):
        return f"{base}{figures.FILES}/{page.name.partition('/')[2]}.png"
    return f"{base}_images/cards/{page.name}.png"


def tag_figure(soup, page, about):
    """Write for the page of a figure the tags that a library writes for pages with a source."""
    tags = {"title": page.title, "type": "article", "description": about, "site_name": page.app.config.ogp_site_name}
    if page.app.config.html_baseurl:
        tags |= {"url": address(page), "image": picture(page), "image:alt": soup.select_one("#own-figure img")["alt"]}
    for name, content in tags.items():
        meta(soup, property=f"og:{name}", content=content)


def machine_readable(soup, page):
    """Return the line that leads programs to results and data."""
    line = soup.new_tag("div")
    links = [
        ("claims.csv", "claims.json", "Verdicts (JSON)"),
        ("datapackage.json", "data/datapackage.json", "data package"),
    ]
    links = [found for found in links if (Path(page.app.srcdir) / "data" / found[0]).is_file()]
    line.append("For programs: " if links else "")
    for place, (_, target, words) in enumerate(links):
        link = soup.new_tag("a", href=page.up + target)
        link.string = words
        line.extend([", " if place else "", link])
    address, words = source_code()
    links = [(page.up + archive.FILE, WHOLE)]
    if "://" in address:
        links.insert(0, (address, words))
    if page.repository:  # the release holds the PDF that `make pdf` prints
        release = f"https://github.com/{page.repository[0]}/releases/latest/download/limits-of-deep-learning.pdf"
        links.append((release, "The book as PDF"))
    for target, words in links:
        link = soup.new_tag("a", href=target)
        link.string = words
        line.extend([". ", link])
    return line


def source_code():
    """Return address and name of the book's source: the repository if it is known, else a file of the site."""
    repository = quote(os.environ.get("REPOSITORY_URL", ""), safe="/:@?#&%+~")
    return (repository, "The repository") if repository else (archive.FILE, WHOLE)


class SourceCode(SphinxDirective):
    """``{source-code}``: where the book's own source is, for a page at the root of the site."""

    def run(self):
        """Return a paragraph."""
        address, words = source_code()
        where = "Open an issue, or send the change" if "://" in address else "Everything that the book is made of"
        return [nodes.raw("", f'<p>{where}: <a href="{escape(address)}">{words}</a>.</p>', format="html")]


def alone(notebook):
    """Return a notebook as text, whose first code says what is missing where the book is not around it."""
    found = nbformat.read(notebook, 4)
    address, where = source_code()[0], "in the folder of the book"
    place = address if "://" in address else "the foot of any page of the site"
    advice = f"This notebook needs the book around it: get the source from {place}, then run `make lab` {where}."
    lines = ["try:", "    import dl_limits", "except ImportError:", f"    raise ImportError({advice!r}) from None"]
    first = next(number for number, cell in enumerate(found.cells) if cell.cell_type == "code")
    found.cells.insert(first, nbformat.v4.new_code_cell("\n".join(lines), id="needs-the-book"))
    return nbformat.writes(found) + "\n"


def publish(app, error):
    """Write what belongs to the site as a whole."""
    if error or app.builder.name != "html":
        return
    source, out = Path(app.srcdir), Path(app.outdir)
    for notebook in sorted(source.glob("chapters/*.ipynb")):
        target = out / "notebooks" / notebook.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(alone(notebook), encoding="utf-8")
    if (source / "data" / "datapackage.json").is_file():
        shutil.copytree(source / "data", out / "data", dirs_exist_ok=True)
        spreadsheets.publish(app)
    if (source / "data" / "claims.csv").is_file():
        (out / "claims.json").write_bytes(kept.claims(app, "json"))
        (out / "claims.schema.json").write_bytes(kept.claims(app, "schema"))
    archive.pack(source, out / archive.FILE)
    base, robots = app.config.html_baseurl, "User-agent: *\nAllow: /\n"
    if base:
        pages = "".join(f"<url><loc>{escape(place)}</loc></url>\n" for place in sorted(set(app.env.limits_pages)))
        space = "http://www.sitemaps.org/schemas/sitemap/0.9"
        head = '<?xml version="1.0" encoding="utf-8"?>\n'
        (out / "sitemap.xml").write_text(f'{head}<urlset xmlns="{space}">\n{pages}</urlset>\n', encoding="utf-8")
        robots += f"Sitemap: {base}sitemap.xml\n"
    (out / "robots.txt").write_text(robots, encoding="utf-8")


def name_card(app, pagename, templatename, context, doctree):
    """Say which picture shows a page, before the library writes the tags."""
    base, title = app.config.html_baseurl, context.get("title")
    if base and context.get("meta") is not None:
        context["meta"] |= {
            "og:image": f"{base}_images/cards/{pagename}.png",
            "og:image:alt": f"{title}: its title, verdict and first figure",
        }


def not_found(app):
    """Yield the page that a server shows for a wrong address."""
    body = (
        '<section id="not-found"><h1>Page not found</h1><p>Nothing is at this address. '
        f'<a href="{app.config.root_doc}.html">Go to the first page</a>, or '
        '<a href="search.html">search the book</a>.</p></section>'
    )
    yield "404", {"title": "Page not found", "body": body}, "page.html"


def setup(app):
    """Register with Sphinx."""
    app.add_directive("source-code", SourceCode)
    app.connect("html-collect-pages", not_found)
    app.connect("html-page-context", name_card, priority=100)
    app.connect("build-finished", publish)
