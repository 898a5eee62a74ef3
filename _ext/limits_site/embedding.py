"""A figure alone, in one file, to be shown within another page: nothing is loaded, so a copy works anywhere."""

import base64
import hashlib
from html import escape
from pathlib import Path

from . import citing, figures, gallery, light

FOLDER = f"{gallery.FOLDER}/embed"
WORDS = 110  # pixels that title and source take below each other
STYLE = """
body { background: #fff; color: #1a1a1a; font: 15px/1.4 system-ui, sans-serif; margin: 0; }
figure { margin: 0; } img { display: block; height: auto; margin: .25rem 0; max-width: 100%; }
figcaption { font-weight: 600; } p { color: #555; font-size: 13px; margin: 0; }
a { color: #0b5394; display: inline-block; min-height: 28px; line-height: 28px; }
""".strip()
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'sha256-{digest}'">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">
<title>{title}</title><style>{style}</style></head>
<body><main><figure><figcaption>{title}</figcaption><picture>{narrow}<img {wide} alt="{alt}"></picture></figure>
<p>{source}</p></main></body></html>
"""


def drawn(path, name, more=""):
    """Return the attributes that hold a drawing and its size; `name` is that of the address."""
    width, height = figures.svg_size(path)
    packed = base64.b64encode(path.read_bytes()).decode()
    return f'{more}width="{width}" height="{height}" {name}="data:image/svg+xml;base64,{packed}"', height


def write(page, figure):
    """Write the file of a figure, and return the code that shows it within another page.

    Parameters
    ----------
    page : Page
        That of the figure.
    figure : gallery.Figure

    Returns
    -------
    str
        HTML.
    """
    out, name = Path(page.app.outdir), f"{figure.name}.html"
    wide, height = drawn(out / figures.FILES / f"{figure.name}.svg", "src")
    narrow, small = out / "_images" / f"{figure.name}-narrow.svg", ""
    if narrow.is_file():
        narrow.write_text(light.slim(narrow.read_text(encoding="utf-8")), encoding="utf-8")
        small, taller = drawn(narrow, "srcset", 'media="(max-width: 30rem)" ')
        height = max(height, taller)
    book = page.citation
    source = escape(f"{figure.number or 'A figure'} of {book['title']}, version {book['version']}. CC BY 4.0.")
    if url := citing.address(page, gallery.place(figure.name)):
        link = f'<a href="{escape(url)}" target="_blank" rel="noopener">Data and how it was drawn</a>'
        source = f"{source} {link}"
    text = PAGE.format(
        digest=base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode(),
        style=STYLE,
        title=escape(figure.title),
        alt=escape(figure.alt),
        narrow=small and f"<source {small}>",
        wide=wide,
        source=source,
    )
    target = out / FOLDER / name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8", newline="\n")
    shown = escape(citing.address(page, f"{FOLDER}/{name}") or name)
    return (
        f'<iframe src="{shown}" title="{escape(figure.title)}" width="100%" height="{height + WORDS}" '
        f'loading="lazy" style="border: 0; max-width: 660px"></iframe>'
    )
