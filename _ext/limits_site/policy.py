"""What a page may load and run: its own files, nothing written into it, nothing from elsewhere.

The rules stand in the page itself (Content-Security-Policy), since a page opened from a folder has no
server to send them. What theme and notebooks write inline is moved into files or attributes first.
"""

import base64
import hashlib
import re

RULES = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",  # and the theme's one inline style, by its hash
    "img-src": "'self' data:",  # the theme's icons are data
    "font-src": "'self'",
    "connect-src": "'self'",  # browsers' own tools read robots.txt in the page's name
    "form-action": "'self'",
    "base-uri": "'none'",
}
LEADS = ("http", "https", "mailto")  # and places within the site


def finish(soup, page):
    """Move what the theme writes inline, take out links to anything but places, write down the rules."""
    for link in soup.select("a[href]"):
        if not leads(link["href"]):
            del link["href"]  # its words stay
    if early := soup.select_one("body > script:not([src])"):  # the theme's: light or dark, before anything is painted
        early.string = ""
        early["src"] = f"{page.up}_static/theme.js"
    for shape in soup.select("svg[style], svg [style]"):
        for name, value in re.findall(r"([\w-]+)\s*:\s*([^;]+)", shape.attrs.pop("style")):
            shape[name] = value.strip()
    rules = dict(RULES)
    if soup.head.base:  # the page for wrong addresses of a published site
        rules["base-uri"] = "'self'"
    if soup.head.style:
        digest = base64.b64encode(hashlib.sha256(soup.head.style.string.encode()).digest()).decode()
        rules["style-src"] += f" 'sha256-{digest}'"
    meta = soup.new_tag("meta", content="; ".join(f"{name} {value}" for name, value in rules.items()))
    meta["http-equiv"] = "Content-Security-Policy"
    soup.select_one("meta[charset]").insert_after(meta)


def leads(href):
    """Return whether a link may stay: to a page, a file or a web address, never to code or data."""
    # Browsers ignore blanks and control characters before and in the name of a scheme.
    scheme = re.match(r"([^/?#]*?):", re.sub(r"[\x00-\x20]", "", href))
    return scheme is None or scheme[1].lower() in LEADS
