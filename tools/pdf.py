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
MARGIN = (16, 18)  # mm, beside and above
SCALES = [percent / 100 for percent in range(90, 48, -2)]  # of a sheet's letters, 16 pixels on a screen
SHEET = """
.toctree-wrapper, #four-ways-in, .headerlink, footer { display: none !important; }
.page, .main, .content, .article-container, article {
  display: block; margin: 0 !important; max-width: none !important; padding: 0 !important; width: auto !important;
}
h1, h2, article .output .group th, article .output tr > :first-child { padding-left: 0 !important; }
.scoreboard td:last-child { white-space: nowrap; }
h1 { font-size: 1.7rem !important; margin: 0 0 .5rem !important; }
h2 { font-size: 1.2rem !important; margin: .7rem 0 .3rem !important; }
p { margin: .3rem 0 !important; }
article .output :is(td, th) { padding: .12rem .5rem !important; }
.scoreboard .group th { font-size: 1rem !important; padding-top: .4rem !important; }
.scoreboard summary { display: block; line-height: 1.35 !important; min-height: 0 !important; }
.scoreboard a, .table-wrapper a { min-height: 0 !important; text-align: start !important; }
article .cell_output img { display: block; margin: 0 auto; max-height: 23rem; width: auto !important; }
figcaption { max-width: none !important; }
"""


def chromium():
    """Return the path of a Chromium, or None."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


def single_page(root):
    """Build the book as one page, with the chapters' outputs of `make book`."""
    shutil.rmtree(root / "_build" / "singlehtml", ignore_errors=True)
    if not sphinx(root, "--builder", "singlehtml"):
        sys.exit("The book was not built as one page: see the first message above.")
    return root / "_build" / "singlehtml" / "index.html"


def print_page(page_file, pdf, sheet=False):
    """Print a page; as a sheet only what stands before its first chapter, as large as one side of paper holds.

    Raises
    ------
    SystemExit
        If that would be too small to read.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        # Waiting evaluates a condition in the page, which the page's own rules forbid.
        page = browser.new_page(bypass_csp=True, color_scheme="light", viewport={"width": 900, "height": 1200})
        page.goto(page_file.as_uri(), wait_until="load")
        page.wait_for_function("[...document.images].every(image => image.complete)")
        scale = 0.8
        if sheet:
            page.emulate_media(media="print", color_scheme="light")
            page.add_style_tag(content=SHEET)
            scale = next((scale for scale in SCALES if fits(page, scale)), None)
            if scale is None:
                sys.exit(f"The first page does not fit one sheet at {SCALES[-1]:.0%} of its size: shorten index.md.")
        beside, above = (f"{margin}mm" for margin in MARGIN)
        margin = {"top": above, "bottom": above, "left": beside, "right": beside}
        page.pdf(path=pdf, format="A4", scale=scale, margin=margin, outline=True, tagged=True, print_background=True,
                 page_ranges="1" if sheet else "", display_header_footer=True, header_template="<span></span>",
                 footer_template="<span></span>" if sheet else FOOTER)  # fmt: skip
        browser.close()


def fits(page, scale):
    """Whether what a page shows is no longer than one sheet when it is printed at a scale."""
    width, height = ((side - 2 * margin) / 25.4 * 96 / scale for side, margin in zip((210, 297), MARGIN, strict=True))
    page.set_viewport_size({"width": int(width), "height": 1200})
    return page.evaluate("document.querySelector('article').scrollHeight") <= height - 8  # rounding


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
    print_page(page, sheet, sheet=True)
    for pdf in (book, sheet):
        normalise(pdf, seconds)
    return book, sheet


if __name__ == "__main__":
    print(*build(Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else ROOT), sep="\n")
