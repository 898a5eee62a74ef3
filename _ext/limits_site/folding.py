"""Sections that few readers need are folded: the heading stays, with its anchor, and opens what is below it."""

BEGINNINGS = ("For the statistician", "Solutions")


def finish(soup):
    """Fold a page's sections for specialists, and its solutions; a second pass changes nothing.

    `book.js` opens a fold when an address names something inside, and all of them for the printer.
    """
    for section in soup.select("article section"):
        heading = section.find(["h2", "h3", "h4"], recursive=False)
        if heading is None or not heading.get_text(" ", strip=True).startswith(BEGINNINGS):
            continue
        fold = soup.new_tag("details", attrs={"class": "fold"})
        fold.extend(list(heading.next_siblings))
        section.append(fold)
        fold.insert(0, heading.wrap(soup.new_tag("summary")))
