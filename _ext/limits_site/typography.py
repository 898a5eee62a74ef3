"""Small type: apostrophes and minus signs as printers set them, and nothing torn apart at the end of a line."""

import re

from bs4 import NavigableString

AS_TYPED = ["pre", "code", "script", "style", "math", "textarea"]
TEXT_ONLY = ["option", "title"]  # can hold no further tag
MARKS = {
    r"(?<!\w)'(?=\w)": "‘",
    r"(?<=\w)'": "’",
    r"(?:^|(?<=[\s(]))-(?=\d)": "−",  # a glued number below zero
    r"(?:^|(?<=\d)) %(?!\w)": "\u202f%",  # the sign after a number, which may be a tag of its own
}
NAME = re.compile(r"(GPT-\d)")


def texts(soup, pattern, but=()):
    """Return the pieces of running text in which a pattern occurs."""
    found = soup.find_all(string=re.compile(pattern))
    return [t for t in found if type(t) is NavigableString and not t.find_parent([*AS_TYPED, *but])]


def printed(words):
    """Return text with apostrophes and single quotes as printers set them, and % tied to its number."""
    for pattern, mark in MARKS.items():
        words = re.sub(pattern, mark, words)
    return words


def mend(soup):
    """Set all running text of a page so. A second pass changes nothing."""
    for text in texts(soup, "|".join(MARKS)):
        text.replace_with(printed(str(text)))


def tie_names(soup):
    """Keep GPT-3 on one line, by style: another hyphen would hide the name from a search on the page."""
    for text in texts(soup.article or soup, NAME.pattern, TEXT_ONLY):
        if "tied" in text.parent.get("class", []):
            continue
        for place, part in enumerate(NAME.split(str(text))):  # every second one is a name
            if place % 2:
                name = soup.new_tag("span", attrs={"class": "tied"})
                name.string = part
                text.insert_before(name)
            else:
                text.insert_before(NavigableString(part))
        text.extract()
