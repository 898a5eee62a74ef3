"""Each figure gets its size, number and permanent address, its caption, its drawing for a phone, table and files.

The page that a figure has to itself passes here like any other: it holds what the chapter held (`gallery`).
"""

import base64
import csv
import gzip
import hashlib
import io
import re
from pathlib import Path

import resvg_py
from sphinx.util import logging

from . import gallery, kept, light, marks, numbered, spreadsheets, units

LOGGER = logging.getLogger(__name__)
FILES = "_downloads/figures"
CSV_LINK = "a[download][href^='data:text/csv;base64,']"


def svg_size(path):
    """Read width and height, in CSS pixels, from the head of an SVG file."""
    head = path.read_text(encoding="utf-8")[:2000]
    found = [re.search(rf'<svg[^>]*? {side}="([\d.]+)pt"', head) for side in ("width", "height")]
    return [round(float(m[1]) * 4 / 3) for m in found] if all(found) else None


def png(path, cache):
    """Return an SVG file drawn at twice its size; a drawing is made once, its name is its content's hash."""

    def draw():
        text = path.read_text(encoding="utf-8")  # letters are paths: no font of this machine can enter
        return bytes(resvg_py.svg_to_bytes(svg_string=text, zoom=2, dpi=96, skip_system_fonts=True))

    return kept.content(cache / f"{path.stem}.png", draw)


def table(soup, text, caption, measured):
    """Return the CSV as an HTML table, and its number of rows; `measured` holds the units of its columns."""
    head, *rows = csv.reader(io.StringIO(text))
    box = soup.new_tag("table", attrs={"class": "dl-table"})
    for tag, words in (("caption", caption), ("thead", None), ("tbody", None)):
        part = soup.new_tag(tag)
        part.string = words or ""
        box.append(part)
    for place, cells, kind in [(box.thead, head, "th"), *((box.tbody, row, "td") for row in rows)]:
        line = soup.new_tag("tr")
        for cell in cells:
            item = soup.new_tag(kind, attrs={"scope": "col"} if kind == "th" else {})
            item.string = cell.replace("_", " ") if kind == "th" else cell
            if kind == "th" and cell in measured:
                unit = soup.new_tag("span", attrs={"class": "unit"})
                unit.string = f"({measured[cell]})"
                item.extend([" ", unit])
            line.append(item)
        place.append(line)
    return box, len(rows)


def caption(cell):
    """Return the emphasised paragraph that follows a figure's cell, or None."""
    after = cell.find_next_sibling()
    while after and "cell" in after.get("class", []) and not after.select_one(".cell_output"):
        after = after.find_next_sibling()  # a cell that shows nothing
    words = [c for c in after.contents if str(c).strip()] if after and after.name == "p" else []
    return after if len(words) == 1 and words[0].name == "em" else None


def write_files(page, name, text, image):
    """Write what a reader can take away of a figure: its table, and its drawing twice."""
    app = page.app
    svg = Path(app.outdir).parent / "jupyter_execute" / Path(image["src"]).name
    target = Path(app.outdir) / FILES
    target.mkdir(parents=True, exist_ok=True)
    files = {
        "csv": spreadsheets.text(text).encode(),
        "svg": light.slim(svg.read_text(encoding="utf-8")).encode(),
        "png": png(svg, Path(app.srcdir) / "_build" / ".kept" / "png"),
    }
    for kind, content in files.items():
        path = target / f"{name}.{kind}"
        if path.is_file() and path.read_bytes() != content:
            LOGGER.warning("two figures are called %s: the second would replace the first", name, location=page.name)
        path.write_bytes(content)


def tools(soup, page, note, image):
    """Replace a figure's link by its table and its files."""
    app, link = page.app, note.select_one(CSV_LINK)
    name, text = link["download"].removesuffix(".csv"), base64.b64decode(link["href"].split(",")[1]).decode()
    if not gallery.has(page):
        write_files(page, name, text, image)
    box, count = table(soup, text, f"Data of the figure {name}", units.of(text, Path(app.srcdir)))
    fold = soup.new_tag("details", attrs={"class": "figure-data"} | ({"open": ""} if gallery.has(page) else {}))
    fold.append(soup.new_tag("summary"))
    fold.summary.string = f"Table behind this figure ({count} row{'s' * (count != 1)})"
    wrapper = soup.new_tag("div", attrs={"class": "table-wrapper"})
    wrapper.append(box)
    fold.append(wrapper)
    downloads = soup.new_tag("p", attrs={"class": "figure-files"})
    downloads.append("Download: ")
    for kind, words in (("csv", "data (CSV)"), ("svg", "figure (SVG)"), ("png", "figure (PNG)")):
        away = soup.new_tag(
            "a", href=f"{page.up}{FILES}/{name}.{kind}", download=f"{name}.{kind}", attrs={"class": "figure-file"}
        )
        away.string = words
        downloads.extend([away, " · " if kind != "png" else ""])
    if not gallery.has(page):
        own = soup.new_tag("a", href=f"{page.up}{gallery.place(name)}")
        own.string = "this figure’s own page"
        downloads.extend([" · To cite or embed: ", own])
    note.replace_with(fold)
    fold.insert_after(downloads)


def unpack(image, page, images):
    """Put a drawing that lies in the page itself (glued from another one) into a file: it packs better there."""
    kind, _, data = image.get("src", "").partition(",")
    if kind == "data:image/svg+xml;base64":
        content = base64.b64decode(data)
        name = f"{hashlib.sha256(content).hexdigest()}.svg"
        for folder in (images, Path(page.app.outdir) / "_images"):
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        image["src"] = f"{page.up}_images/{name}"


def on_phones(soup, page, note, image):
    """Let narrow windows show the drawing made for them: it travels in the page, packed."""
    name = f"{note.select_one(CSV_LINK)['download'].removesuffix('.csv')}-narrow.svg"
    path = Path(page.app.outdir) / "_images" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.decompress(base64.b64decode(note["data-narrow"])))
    width, height = svg_size(path)
    source = soup.new_tag(
        "source", media="(max-width: 40rem)", srcset=f"{page.up}_images/{name}", width=width, height=height
    )
    image.wrap(soup.new_tag("picture")).insert(0, source)


def number(page, place):
    """Return the number of a figure that is in some place on its page, in words."""
    chapter = (numbered.number(page.name) or "").lstrip("0")
    return f"Figure {chapter}{'.' * bool(chapter)}{place}"


def put_number(soup, figure, name, words):
    """Number a figure and give it an address that stays: that of its files."""
    figure["id"] = f"figure-{name}"
    link = soup.new_tag("a", href=f"#{figure['id']}", attrs={"class": "figure-number"})
    link.string = words
    figure.figcaption.insert(0, link)
    link.insert_after(" ")


def finish(soup, page):
    """Put caption, table and files to every figure of a page."""
    place = 0
    images = Path(page.app.outdir).parent / "jupyter_execute"
    for image in soup.select("article img"):
        unpack(image, page, images)
        file = images / Path(image.get("src", "")).name
        if file.suffix == ".svg" and file.is_file() and (size := svg_size(file)):
            image["width"], image["height"] = map(str, size)  # no jump while loading
        if image.find_previous(lambda tag: tag.name == "h2" and tag.find_parent("article")):
            image["loading"] = "lazy"  # below the first screen
        image["decoding"] = "async"
    for note in soup.select("p.figure-data"):
        # Glued from another page, a figure has an output but no cell.
        image, cell = note.find_previous("img"), note.find_parent(class_="cell") or note.find_parent(class_="output")
        if image is None or cell is None or note.select_one(CSV_LINK) is None:
            continue
        name = note.select_one(CSV_LINK)["download"].removesuffix(".csv")
        words = caption(cell) if note is cell.select("p.figure-data")[-1] else None
        place += words is not None
        numbered_as = gallery.keep(page, name, image, note, cell, words, number(page, place) if words else "")
        if note.get("data-narrow"):
            on_phones(soup, page, note, image)
        figure = (image.find_parent("picture") or image).wrap(soup.new_tag("figure"))
        if words is not None:
            words.em.unwrap()
            words.name = "figcaption"
            figure.append(words.extract())
            put_number(soup, figure, name, numbered_as)
        marks.finish(page, figure, note)
        tools(soup, page, note, image)
