"""Print the book into `_build`, with bookmarks, by a headless Chromium; its first page also as a sheet to hand out."""

import os
import re
import shutil
import sys
import time
from pathlib import Path

import yaml
from playwright.sync_api import sync_playwright

from tools.book import sphinx

ROOT = Path(__file__).resolve().parent.parent
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
NODE = rb"\(node\d{8}\)"
FOOTER = '<div style="width:100%;font:8px sans-serif;text-align:center"><span class="pageNumber"></span></div>'


def chromium():
    """Return the path of a Chromium, or None."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


def single_page(root):
    """Build the book as one page, with the chapters' outputs of `make book`."""
    shutil.rmtree(root / "_build" / "singlehtml", ignore_errors=True)
    if not sphinx(root, "--builder", "singlehtml"):
        sys.exit("The book was not built as one page: see the first message above.")
    return root / "_build" / "singlehtml" / "index.html"


def print_page(page_file, pdf, scale=0.8, pages=""):
    """Print a page, or some sheets of it (``'1'``)."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        # Waiting evaluates a condition in the page, which the page's own rules forbid.
        page = browser.new_page(bypass_csp=True, color_scheme="light", viewport={"width": 900, "height": 1200})
        page.goto(page_file.as_uri(), wait_until="load")
        page.wait_for_function("[...document.images].every(image => image.complete)")
        margin = {"top": "18mm", "bottom": "18mm", "left": "16mm", "right": "16mm"}
        page.pdf(path=pdf, format="A4", scale=scale, margin=margin, outline=True, tagged=True, print_background=True,
                 page_ranges=pages, display_header_footer=True, header_template="<span></span>",
                 footer_template=FOOTER)  # fmt: skip
        browser.close()


def normalise(pdf, seconds):
    """Make equal books equal files, byte for byte, and refuse a file that tells of this machine's folders.

    Chromium writes the time of printing, and names parts after a counter that depends on timing:
    both are replaced by as many bytes.
    """
    date = time.strftime("D:%Y%m%d%H%M%S+00'00'", time.gmtime(seconds)).encode()
    content = pdf.read_bytes()
    fixed = re.sub(rb"D:\d{14}\+00'00'", date, content)
    names = sorted(set(re.findall(NODE, fixed)))
    places = {name: b"(node%08d)" % place for place, name in enumerate(names)}  # the order stays
    fixed = re.sub(NODE, lambda found: places[found[0]], fixed)
    if fixed.count(date) < 2 or len(fixed) != len(content):
        sys.exit("The dates were not found where this Chromium used to put them: the PDF would differ every time.")
    if b"file://" in fixed:
        sys.exit("A link of the PDF leads into this machine's folders: see _ext/limits_site/paper.py.")
    pdf.write_bytes(fixed)


def build(root=ROOT):
    """Build the PDF and the sheet; return their paths."""
    if not chromium():
        sys.exit("A Chromium is needed to print the book: install one, or set CHROMIUM to its path.")
    released = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))["date-released"]
    midnight = int(time.mktime(released.timetuple())) - time.timezone
    seconds, page = int(os.environ.get("SOURCE_DATE_EPOCH", midnight)), single_page(root)
    book, sheet = (root / "_build" / f"limits-of-deep-learning{name}.pdf" for name in ("", "-summary"))
    print_page(page, book)
    print_page(page, sheet, scale=0.55, pages="1")
    for pdf in (book, sheet):
        normalise(pdf, seconds)
    return book, sheet


if __name__ == "__main__":
    print(*build(Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else ROOT), sep="\n")
