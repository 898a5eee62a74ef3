"""Chromium over the built book, as served and as opened from a folder."""

import functools
import os
import threading
import time
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tools.pdf import chromium

HTML = Path(__file__).parents[2] / "_build" / "html"
# Pages of figures are made alike: the one with the longest table stands for all. Bare ones have tests of their own.
ONE = "figures/06_specification_curve.html"
UNFOLD = "document.querySelectorAll('details').forEach(fold => { fold.open = true; })"
# A style sheet made by a script is no inline style: the page's own rules allow it.
SET = "rules => { const s = new CSSStyleSheet(); s.replaceSync(rules); document.adoptedStyleSheets = [s]; }"
collect_ignore = [] if os.environ.get("SCREENSHOTS") else ["test_screenshots.py"]  # `make screenshots`
# No background traffic of the browser's own: every request seen is the page's.
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
         "--disable-background-networking", "--disable-component-update"]  # fmt: skip


def pages():
    """Return the pages to visit. A published 404 page loads everything from its address: nothing to test there."""
    found = {p.relative_to(HTML).as_posix(): p for p in sorted(HTML.rglob("*.html"))}
    alike = {name for name in found if name.startswith("figures/")} - {"figures/index.html", ONE}
    return [name for name, p in found.items() if name not in alike and "<base " not in p.read_text("utf-8")]


PAGES = pages()


def until(page, condition, seconds=5):
    """Wait for a condition in JavaScript. Playwright's own waiting evaluates in the page, whose rules forbid it."""
    end = time.monotonic() + seconds
    while not page.evaluate(condition):
        assert time.monotonic() < end, f"never true: {condition}"
        page.wait_for_timeout(20)


@pytest.fixture(scope="session")
def browser():
    path = chromium()
    if not path:
        reason = "no Chromium found: install it, or set CHROMIUM to its path"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=path, args=FLAGS)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture(scope="session")
def served():
    handler = functools.partial(Quiet, directory=HTML)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def visit(browser, served):
    """Open a page; afterwards nothing may have failed, complained or called elsewhere."""
    contexts, faults = [], []

    def go(name, width=1280, scheme="light", base=served):
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce"
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: m.type in ("error", "warning") and faults.append(m.text))
        page.on("pageerror", lambda error: faults.append(str(error)))
        # aborted: the test left the page, or closed it, while the browser was still fetching its icon
        page.on("requestfailed", lambda r: r.failure == "net::ERR_ABORTED" or faults.append(f"{r.failure}: {r.url}"))
        page.on("response", lambda r: r.status >= 400 and faults.append(f"{r.status}: {r.url}"))
        page.on(
            "request",
            lambda r: r.url.startswith((base, "data:")) or faults.append(f"elsewhere: {r.url}"),
        )
        page.goto(f"{base}/{name}", wait_until="load")
        return page

    yield go
    for context in contexts:
        context.close()
    assert faults == []
