"""What works only with scripts is made by scripts: without them nothing stands on a page that does nothing."""


def finish(soup):
    """Take what scripts must bring to life out of a page; a second pass changes nothing."""
    for table in soup.select("table.dl-sortable"):  # in JupyterLab it brings its script, here `tables.js` does it
        for script in table.find_parent(class_="output").select("script"):
            script.decompose()
        for button in table.select("thead button"):
            button.unwrap()
    explorer = soup.select_one("#explorer")
    if explorer and not explorer.template:
        forms = soup.new_tag("template")
        for form in explorer.select("form"):
            forms.append(form.extract())
        note = soup.new_tag("p")
        note.string = "The explorer needs scripts; the numbers of the book itself do not."
        explorer.insert(0, note)
        explorer.insert(1, forms)


def add_scripts(app, pagename, templatename, context, doctree):
    """Load what only some pages need: the explorer with its library, tables, the mended search."""
    body, names = context.get("body") or "", []
    if 'id="explorer"' in body:
        names += ["vendor/d3.min.js", "vendor/plot.min.js", "explorer.js"]
    if app.builder.name == "html" and ("dl-sortable" in body or "dl-viewer" in body):
        names += ["vendor/d3-dsv.min.js"] * ("dl-viewer" in body) + ["tables.js"]
    if "data-threshold" in body:
        names.append("thresholds.js")
    if app.builder.name == "html" and 'id="specifications"' in body:
        names.append("specifications.js")
    if "dl-years" in body or "dl-states" in body:
        names.append("timeline.js")
    if app.builder.name == "html" and "data-marks=" in body:
        names.append("marks.js")
    if pagename == "search":
        names.append("search.js")
    for name in names:
        app.add_js_file(name, loading_method="defer")


def setup(app):
    """Register with Sphinx."""
    app.add_js_file("book.js", loading_method="defer")
    app.connect("html-page-context", add_scripts)
