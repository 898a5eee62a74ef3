"""A page for each figure, and all of them as a gallery."""

import io
from html import escape
from pathlib import Path

from docutils import nodes
from PIL import Image
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

from . import citing, embedding, figures, gallery, kept
from .page import Page

SMALL = "_images/small"
WIDTH, COLOURS = 320, 32  # of a small picture; drawings have few colours


class Gallery(SphinxDirective):
    """``{gallery}``: where the gallery of all figures comes to stand."""

    def run(self):
        """Return an empty box: the pages that show the figures are not written yet."""
        return [nodes.raw("", '<div class="gallery"></div>', format="html")]


def small(app, name):
    """Write the small picture of a figure, and return its address in the site with its size."""
    drawing = Path(app.outdir) / figures.FILES / f"{name}.png"
    content = drawing.read_bytes()

    def make():
        with Image.open(io.BytesIO(content)) as picture:
            flat = Image.new("RGB", picture.size, "white")
            flat.paste(picture, mask=picture.getchannel("A") if picture.mode == "RGBA" else None)
        out, height = io.BytesIO(), round(WIDTH * flat.height / flat.width)
        flat.resize((WIDTH, height), Image.Resampling.LANCZOS).quantize(COLOURS).save(out, "PNG", optimize=True)
        return out.getvalue()

    digest = kept.digest(content)
    made = kept.content(Path(app.srcdir) / "_build" / ".kept" / "small" / f"{digest}.png", make)
    target = Path(app.outdir) / SMALL / f"{name}.png"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(made)
    with Image.open(io.BytesIO(made)) as picture:
        return f"{SMALL}/{name}.png", *picture.size


def fill(soup, page):
    """Put all figures into the gallery, page by page in the order of the table of contents."""
    box = soup.select_one("div.gallery")
    if box is None:
        return
    found = gallery.kept(page.app)
    printed = page.app.builder.name == "singlehtml"
    for name, title in pages(page.app):
        own = [figure for figure in found.values() if figure.page == name]
        if not own:
            continue
        heading, shelf = soup.new_tag("h2"), soup.new_tag("ul")
        heading.string = title
        for figure in own:
            item, link = soup.new_tag("li"), soup.new_tag("a", href=f"{figure.name}.html")
            if printed:
                link["href"] = f"#figure-{figure.name}"
            else:
                source, width, height = small(page.app, figure.name)
                size = {"width": str(width), "height": str(height), "loading": "lazy", "decoding": "async"}
                link.append(soup.new_tag("img", src=page.up + source, alt="", attrs=size))  # its name follows
            words = soup.new_tag("span")
            words.string = figure.heading
            link.append(words)
            item.append(link)
            shelf.append(item)
        box.extend([heading, shelf])
    page.app.limits_figures_listed = set(found)


def pages(app):
    """Yield name and title of each page, in the order of the table of contents."""
    root = app.config.root_doc
    todo, seen = [root], set()
    while todo:
        name = todo.pop(0)
        if name not in seen:
            seen.add(name)
            yield name, app.env.titles[name].astext()
            todo = [*app.env.toctree_includes.get(name, []), *todo]


def body(page, figure, embed):
    """Return what stands on the page of a figure; `figures.finish` makes of it what it makes of a chapter's."""
    app = page.app
    caption = f"<p><em>{figure.caption}</em></p>" if figure.caption else ""
    listed = ' All others: <a href="index.html">the gallery</a>.' if gallery.INDEX in app.env.found_docs else ""
    book, bare = page.citation, f"embed/{figure.name}.html"
    known = citing.address(page, "")
    advice = (
        "Put this into another page. Or keep the bare version beside that page, where it works without a network"
        if known
        else "Keep the bare version beside another page and put this into that page. It works without a network"
    )
    code = (
        f"<h2>The code that draws it</h2>\n<p>The last steps: what comes before them stands in the notebook of "
        f'<a href="{figure.anchor}">its chapter</a>.</p>\n'
        f'<div class="highlight-ipython3 notranslate">{figure.code}</div>'
        if figure.code
        else ""
    )
    return (
        f'<section id="own-figure"><h1>{escape(figure.heading)}</h1>\n'
        f'<div class="cell"><div class="cell_output">{figure.image}'
        f'<div class="output text_html">{figure.note}</div></div></div>{caption}\n'
        f'<p class="figure-source">Source: {escape(book["title"])}, version {escape(str(book["version"]))}, in '
        f'<a href="{figure.anchor}">{escape(figure.page_title)}</a>. CC BY 4.0. A column without a unit is a name, a '
        f"pure number, or measured as the axis says.{listed}</p>\n"
        f'<h2>Cite this figure</h2>\n<div class="cite-here"></div>\n'
        f'<h2>Show it elsewhere</h2>\n<p>{advice}: <a href="{bare}" download>{figure.name}.html</a>.</p>\n'
        f'<div class="highlight-text notranslate"><div class="highlight"><pre>{escape(embed)}</pre></div></div>\n'
        f"{code}</section>"
    )


def collect(app):
    """Yield the page of each figure.

    Raises
    ------
    sphinx.errors.ExtensionError
        When a figure came too late for the gallery.
    """
    if app.builder.name != "html":
        return
    found = gallery.kept(app)
    listed = getattr(app, "limits_figures_listed", None)
    if listed is not None and (late := found.keys() - listed):
        raise ExtensionError(f"the gallery was written before the pages that show {', '.join(sorted(late))}")
    order = [figure for name, _ in pages(app) for figure in found.values() if figure.page == name]
    for place, figure in enumerate(order):
        page = Page(app, f"{gallery.FOLDER}/{figure.name}", figure.heading)
        context = {
            "title": escape(figure.heading),
            "body": body(page, figure, embedding.write(page, figure)),
            "prev": neighbour(order[place - 1]) if place else None,
            "next": neighbour(order[place + 1]) if place + 1 < len(order) else None,
        }
        yield page.name, context, "page.html"


def neighbour(figure):
    """Return a figure as the page before or after another."""
    return {"link": f"{figure.name}.html", "title": escape(figure.heading)}


def finish(soup, page):
    """Say on a figure's page how to cite it; fill the gallery."""
    fill(soup, page)
    if gallery.has(page) and (box := soup.select_one(".cite-here")):
        figure = gallery.kept(page.app)[page.name.partition("/")[2]]
        number = f" ({figure.number[0].lower()}{figure.number[1:]})" if figure.number else ""
        citing.add(soup, box, page, f"figure_{figure.name}", f"{figure.title}{number}", gallery.place(figure.name))
        box.unwrap()


def setup(app):
    """Register with Sphinx."""
    app.add_directive("gallery", Gallery)
    app.connect("html-collect-pages", collect)
