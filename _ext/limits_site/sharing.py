"""What search engines, social sites and other programs find: descriptions, cards, site map, data."""

import json
import shutil
import textwrap
from html import escape
from pathlib import Path

from . import kept, light, spreadsheets

CARD_SIZE = (1200, 630)
NO_PAGES = {"search", "genindex", "404"}
TITLE = {"color": "white", "size": 40, "weight": "bold", "va": "top", "linespacing": 1.25}
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
    quote, badges = article.blockquote, article.select(".verdict .badge")
    if quote and badges:
        claim = textwrap.shorten(quote.get_text(" ", strip=True).strip("“”\"' "), 120, placeholder=" …")
        return f"“{claim}” The audit's verdict on the evidence to 2026: {badges[-1].get_text(strip=True)}."
    texts = (p.get_text(" ", strip=True) for p in article.select("p"))
    first = next((text for text in texts if len(text) > 40), article.get_text(" ", strip=True))
    return textwrap.shorten(first, 200, placeholder=" …")


def card(title, verdict, path):
    """Draw the picture that social sites show beside a link."""
    import matplotlib.pyplot as plt

    colours = {"holds": "#0b5d3b", "does not hold": "#9c2f10", "holds in part": "#7a5a00"}
    figure = plt.figure(figsize=(CARD_SIZE[0] / 100, CARD_SIZE[1] / 100), dpi=100, facecolor="#12436d")
    figure.text(0.06, 0.86, "The Limits of Deep Learning, a reproducible audit", color="#cfe3f1", size=22)
    figure.text(0.06, 0.76, textwrap.fill(title, 32), parse_math=False, **TITLE)
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
        article |= {"url": address(page), "image": f"{base}_images/cards/{page.name}.png"}
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
    meta(soup, property="og:title", content=page.title or config.html_title)
    meta(soup, property="og:description", content=about)
    meta(soup, property="og:type", content="article" if page.is_chapter else "website")
    meta(soup, property="og:site_name", content=config.html_title)
    if page.name == "404" and base:  # served for any address: its links must not depend on the depth
        soup.head.insert(0, soup.new_tag("base", href=base))
    if page.name not in NO_PAGES:
        page.app.env.limits_pages = [*getattr(page.app.env, "limits_pages", []), address(page)]
        for entry in structured(page, about):
            script = soup.new_tag("script", type="application/ld+json")
            script.string = json.dumps(entry, ensure_ascii=False).replace("<", "\\u003c")
            soup.head.append(script)
        if base:
            target = Path(page.app.outdir) / "_images" / "cards" / f"{page.name}.png"
            target.parent.mkdir(parents=True, exist_ok=True)
            badge = soup.select(".verdict .badge")
            card(page.title, badge[-1].get_text(strip=True) if badge else "", target)
            meta(soup, property="og:url", content=address(page))
            meta(soup, property="og:image", content=f"{base}_images/cards/{page.name}.png")
            meta(soup, property="og:image:alt", content=f"{page.title}: title and verdict in words")
            meta(soup, name="twitter:card", content="summary_large_image")
    if foot := soup.select_one(".left-details"):
        foot.append(machine_readable(soup, page))


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
    if page.repository:  # the release holds the PDF that `make pdf` prints
        name = "limits-of-deep-learning.pdf"
        link = soup.new_tag("a", href=f"https://github.com/{page.repository[0]}/releases/latest/download/{name}")
        link.string = "The book as PDF"
        line.extend([". ", link])
    return line


def publish(app, error):
    """Write what belongs to the site as a whole."""
    if error or app.builder.name != "html":
        return
    light.lighten(app)
    source, out = Path(app.srcdir), Path(app.outdir)
    for notebook in sorted(source.glob("chapters/*.ipynb")):
        target = out / "notebooks" / notebook.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(notebook, target)
    if (source / "data" / "datapackage.json").is_file():
        shutil.copytree(source / "data", out / "data", dirs_exist_ok=True)
        spreadsheets.publish(app)
    if (source / "data" / "claims.csv").is_file():
        (out / "claims.json").write_bytes(kept.claims(app, "json"))
        (out / "claims.schema.json").write_bytes(kept.claims(app, "schema"))
    base, robots = app.config.html_baseurl, "User-agent: *\nAllow: /\n"
    if base:
        pages = "".join(f"<url><loc>{escape(place)}</loc></url>\n" for place in sorted(set(app.env.limits_pages)))
        space = "http://www.sitemaps.org/schemas/sitemap/0.9"
        head = '<?xml version="1.0" encoding="utf-8"?>\n'
        (out / "sitemap.xml").write_text(f'{head}<urlset xmlns="{space}">\n{pages}</urlset>\n', encoding="utf-8")
        robots += f"Sitemap: {base}sitemap.xml\n"
    (out / "robots.txt").write_text(robots, encoding="utf-8")


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
    app.connect("html-collect-pages", not_found)
    app.connect("build-finished", publish)
