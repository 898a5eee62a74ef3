"""The same page in fewer bytes."""

import re
from pathlib import Path

BESIDE_LETTER = re.compile(r"\s+(?=[A-Za-z])|(?<=[A-Za-z])\s+")
# Kinds of code that both highlighting styles show in the colour of plain text: names, brackets, blanks.
PLAIN_CODE = {"n", "p", "w", "nn"}


def plain_code(soup):
    """Take the tags off code that looks the same without."""
    for span in soup.select(".highlight pre span"):
        if set(span.get("class", [])) <= PLAIN_CODE and not span.get("id"):
            span.unwrap()


def slim(svg):
    """Return the same drawing without comments, metadata, unused names or needless blanks."""
    svg = re.sub(r"<\?xml[^>]*\?>|<!DOCTYPE[^>]*>|<!--.*?-->|<metadata>.*?</metadata>", "", svg, flags=re.S)
    used = dict.fromkeys(re.findall(r'(?:href="|url\()#([\w.-]+)', svg))
    short = {name: f"_{number:x}" for number, name in enumerate(used)}
    svg = re.sub(r' id="([\w.-]+)"', lambda m: f' id="{short[m[1]]}"' if m[1] in short else "", svg)
    svg = re.sub(r'(href="|url\()#([\w.-]+)', lambda m: f"{m[1]}#{short[m[2]]}", svg)
    svg = re.sub(r' d="([^"]*)"', lambda m: f' d="{BESIDE_LETTER.sub("", m[1]).strip()}"', svg)
    svg = re.sub(r' style="[^"]*"', lambda m: re.sub(r"(?<=[:;])\s+", "", m[0]), svg)
    return re.sub(r">\s+<", "><", svg).strip() + "\n"


def lighten(app):
    """Slim all drawings; drop from the notebook style sheet the colours of terminal output, half of it."""
    for path in (Path(app.outdir) / "_static").glob("mystnb*.css"):
        rules = re.sub(r"[^{}]*-Color[^{}]*\{[^{}]*\}", "", path.read_text(encoding="utf-8"))
        path.write_text(rules, encoding="utf-8")
    for image in (Path(app.outdir) / "_images").glob("*.svg"):
        image.write_text(slim(image.read_text(encoding="utf-8")), encoding="utf-8")
