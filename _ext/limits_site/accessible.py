"""What axe-core faults in the theme and in notebook outputs, mended."""


def finish(soup):
    """Mend a page; a second pass changes nothing."""
    for selector, name in [(".sidebar-drawer", "Site"), (".toc-drawer", "On this page")]:
        for aside in soup.select(selector):
            if aside.find():
                aside["aria-label"] = name
            else:  # an empty landmark only adds noise
                aside.name = "div"
    for caption in soup.select(".caption[role=heading]"):
        caption["aria-level"] = "2"
    for summary in soup.select("summary[aria-label]"):
        del summary["aria-label"]  # it hides the visible words
    for pre in soup.select("pre"):
        pre["tabindex"] = "0"  # scrolls sideways, so the keyboard must reach it
    for th in soup.select("th"):
        if not th.get_text(strip=True):
            th.name = "td"
            th.attrs.pop("scope", None)
        elif th.find_parent("thead"):
            th["scope"] = "col"
    for table in soup.select(".output table"):  # notebook tables: Sphinx did not wrap these
        table.attrs.pop("border", None)
        if not {"table-wrapper", "dl-scroll"} & set(table.parent.get("class", [])):
            table.wrap(soup.new_tag("div", attrs={"class": "table-wrapper"}))
    for table in soup.select("article table"):
        if table.caption is None:  # a written table: the words above it are its name
            table.insert(0, soup.new_tag("caption", attrs={"class": "only-heard"}))
            above = table.find_previous(["h1", "h2", "h3", "h4"])
            table.caption.string = f"Table: {above.get_text(' ', strip=True).rstrip('# ¶')}" if above else "Table"
    for box in soup.select("div.table-wrapper, div.math-wrapper"):
        box["tabindex"] = "0"
        box["role"] = "group"
        box["aria-label"] = "table" if box.find("table") else "formula"
    for entry in soup.select("[role=doc-biblioentry]"):
        entry["role"] = "listitem"  # ARIA 1.2 deprecates the first inside a list
    if soup.select_one("#search-results") and not soup.h1:
        heading = soup.new_tag("h1")
        heading.string = "Search"
        soup.article.insert(0, heading)
