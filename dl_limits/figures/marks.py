"""What a reader who points at a mark of a figure is told, and where on the picture the mark lies.

A ``plot_*`` function records its marks where it draws them (`record_marks`); a page takes their words from the
same table (`mark_texts`) and their places from the finished layout (`mark_places`).
"""

from __future__ import annotations

import re
import string

import numpy as np
import pandas as pd

from dl_limits.words import number, power_cell, said

_ROOM = 0.02  # of an axis, outside which a mark is not drawn
_LARGE = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))
_PART = re.compile(r"\[([^\]]*)\]")


class _Words(string.Formatter):
    """Formats as `said` does, and in the forms that `record_marks` names."""

    def format_field(self, value, form):
        if isinstance(value, pd.Timestamp):
            return f"{value:%Y-%m}"
        if isinstance(value, str | bool | np.bool_):
            return str(value)
        if not np.isfinite(value):
            return number(float(value))
        if form in ("power", "ten"):
            return power_cell(float(value) if form == "ten" else np.log10(float(value)))
        if form in ("plain", "per_cent"):
            return number(float(value)) if form == "plain" else f"{number(100 * float(value))} %"
        if form == "large":
            size, name = next((s for s in _LARGE if value >= 0.995 * s[0]), (1, ""))
            return f"{number(value / size)} {name}".strip()
        return said(value, ".0%" if form == "%" else form).replace("%", " %").replace("-", "−")


def record_marks(ax, x, y, rows, words, ends=None, upright=False):
    """Record what the marks of a figure are: one mark a row of a table.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        On which they are drawn.
    x, y : array_like, shape (rows,)
        Their places, in the units of the axes; what is not finite or lies outside the axes is not drawn
        and therefore no mark.
    rows : DataFrame
        What they show. Date (``published``) and ``source`` are told where it has them.
    words : str
        Name and values with units, columns in braces: ``'{model}: {error_pct:.1f} % error'``. Forms are those
        of `dl_limits.words.said`, and ``%`` for a share as a whole per cent (``per_cent``: two digits at
        least), ``plain`` as `dl_limits.words.number` (``large``: in millions and so on), ``power`` for a power
        of ten, ``ten`` where the value is its exponent. A part in square brackets is left out where one of its
        values is missing.
    ends : tuple of array_like, optional
        Lower and upper ends of an interval through each mark.
    upright : bool
        Whether the intervals run along y.

    Raises
    ------
    KeyError
        Where `rows` has no such column.
    ValueError
        Where places and rows differ in number.
    """
    x, y = np.broadcast_arrays(np.asarray(x, float), np.asarray(y, float))
    if len(x) != len(rows):
        raise ValueError(f"{len(x)} places for {len(rows)} rows of {words!r}: record one mark for each row")
    low, high = (np.asarray(end, float) for end in ((y if upright else x,) * 2 if ends is None else ends))
    low, high = np.fmin(low, y if upright else x), np.fmax(high, y if upright else x)
    corners = [np.column_stack([x, end] if upright else [end, y]) for end in (low, high)]
    places = np.stack([np.column_stack([x, y]), *corners], axis=1)
    tail = "".join(
        f"[, {text}]" for c, text in (("published", "{published}"), ("source", "source {source}")) if c in rows
    )
    recorded = ax.figure.__dict__.setdefault("marks", [])
    for place, row in zip(places, rows.to_dict("records"), strict=True):
        recorded.append((ax, place, _said(words + tail, row)))


def _said(words, row):
    def part(found):
        names = [name for _, name, *_ in string.Formatter().parse(found[1]) if name]
        return "" if any(pd.isna(row[name]) for name in names) else found[1]

    return _Words().vformat(_PART.sub(part, words), (), row)


def _shown(figure):
    """Return axes, place in shares of the axes (point and both ends) and words of each mark inside its axes."""
    found = []
    for ax, place, words in getattr(figure, "marks", []):
        share = (ax.transData + ax.transAxes.inverted()).transform(place)
        if np.isfinite(share[0]).all() and (share[0] >= -_ROOM).all() and (share[0] <= 1 + _ROOM).all():
            share = np.where(np.isfinite(share), share, np.where(share > 0, 1.0, 0.0))
            found.append((ax, np.clip(share, -_ROOM, 1 + _ROOM), words))
    return found


def mark_texts(figure):
    """Return the words of a figure's marks.

    Returns
    -------
    list of str
    """
    return [words for *_, words in _shown(figure)]


def mark_places(figure):
    """Return where the marks of a figure lie, as arranged now.

    Returns
    -------
    list of list of float
        For each of `mark_texts`: x and y of the point, and where it has an interval of its two ends, in
        ten-thousandths of the picture's width and height, from the upper left.
    """
    places = []
    for ax, share, _ in _shown(figure):
        across = (ax.transAxes + figure.transFigure.inverted()).transform(share)
        whole = np.round(1e4 * np.column_stack([across[:, 0], 1 - across[:, 1]])).astype(int)
        places.append((whole[:1] if (whole == whole[0]).all() else whole).ravel().tolist())
    return places
