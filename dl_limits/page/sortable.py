"""A table that a reader can sort: plain HTML, and a script of a few lines that asks no server for anything."""

from __future__ import annotations

import html

import pandas as pd
from IPython.display import HTML, display

from dl_limits.words import said

# Each header holds a button; a click sorts by the cells, numbers as numbers; a second one turns the order round.
_SCRIPT = """<script>
document.querySelectorAll("table.dl-sortable:not([data-ready])").forEach(t => {
  t.dataset.ready = 1;
  t.querySelectorAll("thead button").forEach((b, i) => b.addEventListener("click", () => {
    const up = b.parentNode.getAttribute("aria-sort") !== "ascending";
    t.querySelectorAll("th").forEach(h => h.removeAttribute("aria-sort"));
    b.parentNode.setAttribute("aria-sort", up ? "ascending" : "descending");
    const key = r => r.cells[i].textContent.replace("−", "-").replace("–", "-1e9");
    const rank = (a, c) => isNaN(a) || isNaN(c) ? a.localeCompare(c) : a - c;
    [...t.tBodies[0].rows].sort((a, c) => (up ? 1 : -1) * rank(key(a), key(c))).forEach(r => t.tBodies[0].append(r));
  }));
});
</script>"""


def sortable(frame, caption, formats, names):
    """Put a table on the page whose columns sort at a click on their head.

    Without scripts it is an ordinary table. Words come first; from the third column on
    the style sheet sets cells as numbers.

    Parameters
    ----------
    frame : DataFrame
        Shown without its index.
    caption : str
        What the table says.
    formats : dict of str
        Format specification of each numeric column.
    names : dict of str
        Header of each column.
    """
    head = "".join(f'<th scope="col"><button type="button">{html.escape(names[c])}</button></th>' for c in frame)
    rows = "\n".join(
        "<tr>" + "".join(_cell(v, formats.get(c)) for c, v in zip(frame, row, strict=True)) + "</tr>"
        for row in frame.itertuples(index=False)
    )
    display(
        HTML(
            f'<div class="dl-scroll" tabindex="0" role="region" aria-label="{html.escape(caption)}">'
            f'<table class="dl-table dl-sortable"><caption>{html.escape(caption)}</caption>\n'
            f"<thead><tr>{head}</tr></thead>\n<tbody>{rows}</tbody></table></div>\n{_SCRIPT}"
        )
    )


def _cell(value, form):
    if form is None:
        return f"<td>{html.escape(str(value))}</td>"
    if pd.isna(value):
        return "<td>–</td>"
    return f"<td>{said(value, form).replace('-', '−')}</td>"
