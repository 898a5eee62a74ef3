"""The one style of all figures, and what every figure carries: its sentence, its axes in words, its table, its marks.

Imports `dl_limits.words` only. The ``plot_*`` functions stand in the ``figures`` of each study.
"""

from dl_limits.figures.marks import mark_places, mark_texts
from dl_limits.figures.style import STYLE, alt_text, axes_text, table_behind

__all__ = ["STYLE", "alt_text", "axes_text", "mark_places", "mark_texts", "table_behind"]
