"""What a page may run and load, as its own rules (Content-Security-Policy) say and the browser keeps."""

import base64
import hashlib
import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from _ext.limits_site import policy
from tests.site.conftest import until

HTML = Path(__file__).parents[2] / "_build" / "html"
SOURCES = {p.relative_to(HTML).as_posix(): p.read_text("utf-8") for p in sorted(HTML.rglob("*.html"))}
SOURCES = {name: text for name, text in SOURCES.items() if "/embed/" not in name}  # theirs are stricter: test_gallery
WATCH = """window.broken = [];
addEventListener("securitypolicyviolation", e => broken.push(`${e.violatedDirective} ${e.blockedURI}`));"""
ELSEWHERE = "http://127.0.0.1:9/"
ADD = "const add = (tag, values) => document.body.appendChild(Object.assign(document.createElement(tag), values));"
ATTEMPTS = {
    "script": "add('script', {textContent: 'window.ran = 1'})",
    "handler": "add('p', {innerHTML: '<img src=none.png onerror=\"window.ran = 1\">'})",
    "link": "add('a', {href: 'javascript:void(window.ran = 1)'}).click()",
    "eval": "setTimeout(() => { setTimeout('window.ran = 1'); new Function('window.ran = 1')(); })",
    "style": "add('p', {innerHTML: '<b id=styled style=\"color: rgb(1, 2, 3)\">x</b>'})",
    "other script": f"add('script', {{src: '{ELSEWHERE}'}})",
    "other image": f"add('img', {{src: '{ELSEWHERE}'}})",
    "fetch": f"fetch('{ELSEWHERE}').catch(() => 0)",
    "frame": "add('iframe', {src: 'index.html'})",
    "base": f"add('base', {{href: '{ELSEWHERE}'}})",
    "form": f"add('form', {{action: '{ELSEWHERE}'}}).submit()",
}


@pytest.mark.parametrize("name", SOURCES)
def test_rules_come_first_and_nothing_is_written_inline(name):
    soup = BeautifulSoup(SOURCES[name], "html.parser")
    first, second = soup.head.find_all(True)[:2]
    assert first.get("charset") and second["http-equiv"] == "Content-Security-Policy"
    rules = dict(rule.split(" ", 1) for rule in second["content"].split("; "))
    assert rules["default-src"] == "'none'" and rules["script-src"] == "'self'"
    assert not re.search(r"unsafe|https?:|\*", second["content"])
    assert [s for s in soup.select("script:not([src])") if not s.get("type", "").endswith("json")] == []
    assert [t for t in soup.find_all(True) if any(a.lower().startswith("on") or a == "style" for a in t.attrs)] == []
    assert not re.search(r"""(href|src|action)=["']?\s*(javascript|vbscript|data:text)""", SOURCES[name], re.I)


@pytest.fixture(params=["served", "folder"])
def base(request, served):
    return served if request.param == "served" else HTML.as_uri()


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_the_browser_keeps_the_rules_and_complains(browser, base, attempt):
    """Every other test that opens a page (`visit`) fails where the browser complains."""
    with browser.new_context() as context:
        context.add_init_script(WATCH)
        page, said = context.new_page(), []
        page.on("console", lambda message: message.type == "error" and said.append(message.text))
        page.goto(f"{base}/index.html", wait_until="load")
        # What is run from outside is free of the rules; what it leaves behind in the page is not.
        page.evaluate(f"() => {{ {ADD} {ATTEMPTS[attempt]}; }}")
        until(page, "broken.length > 0")
        assert page.evaluate("window.ran") is None
        assert any("Content Security Policy" in text for text in said)
        if attempt == "style":
            assert page.evaluate("getComputedStyle(styled).color") != "rgb(1, 2, 3)"


def test_the_page_for_wrong_addresses_may_say_where_the_site_begins():
    head = '<meta charset="utf-8"><base href="https://example.org/limits/"><style>b {}</style>'
    soup = BeautifulSoup(f"<html><head>{head}</head><body></body></html>", "html.parser")
    policy.finish(soup, None)
    content = soup.select_one("meta[http-equiv]")["content"]
    assert "base-uri 'self'" in content
    digest = base64.b64encode(hashlib.sha256(b"b {}").digest()).decode()
    assert f"style-src 'self' 'sha256-{digest}'" in content


def test_styles_of_drawings_become_attributes_which_no_rule_forbids():
    head = '<html><head><meta charset="utf-8"></head>'
    html = f'{head}<svg style="display: none;"><path style="opacity: 50%; fill:red"/></svg>'
    soup = BeautifulSoup(html, "html.parser")
    policy.finish(soup, None)
    assert str(soup.svg) == '<svg display="none"><path fill="red" opacity="50%"></path></svg>'
