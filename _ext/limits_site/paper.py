"""The book as one page, to be printed: its links lead within it or to a public address, never to this machine."""

import re
from urllib.parse import urldefrag


def finish(soup, page):
    """Make a page ready to print."""
    for image in soup.select("img[loading]"):
        del image["loading"]  # nobody scrolls on paper
    for link in soup.select("a.computed"):
        link.unwrap()
    for fold in soup.select(".dl-numbers"):  # how each number is computed is on the site
        fold.decompose()
    for entry in soup.select("div.citation[id]"):
        entry["id"] = f"source-{entry['id']}"  # each chapter counts its own from 1
    ids = {tag["id"] for tag in soup.select("[id]")}
    for link in soup.select("a[href]:not([href='#'])"):
        if target := address(link["href"], ids, page.app.config.html_baseurl):
            link["href"] = target
        else:
            link.unwrap()


def address(href, ids, base):
    """Return where a link of the printed book leads, or None where the book alone cannot say."""
    if re.match(r"[a-z]+:", href):
        return href
    file, anchor = urldefrag(href)
    if not file or file.endswith(".html"):
        document = re.sub(r"^(\.\./)*|\.html$", "", file)
        found = (f"source-{anchor}" if file else "", anchor, f"document-{document}", f"document-chapters/{document}")
        return next((f"#{name}" for name in found if name in ids), None)
    return base + re.sub(r"^(\.\./)*", "", href) if base else None
