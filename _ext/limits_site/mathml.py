"""Formulas become MathML at build time, so that no page needs a math script."""

import re

from docutils import nodes
from docutils.utils.math import MathError, latex2mathml
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

LOGGER = logging.getLogger(__name__)
# The converter sets these wrongly without saying so: a subscript lands under the accent.
MISPLACED = re.compile(
    r"\\(under|over)brace|\\(hat|bar|tilde|vec|dot|ddot|widehat|overline)\s*(\{[^{}]*\}|\\?[A-Za-z]+)\s*\}?\s*_"
)


def mathml(translator, node, block):
    """Turn LaTeX into MathML."""
    if wrong := MISPLACED.search(node.astext()):
        LOGGER.warning("math would be misplaced after %s: write \\hat{b_1}", wrong[0], location=node)
    try:
        return latex2mathml.tex2mathml(node.astext(), as_block=block)
    except MathError as error:  # a warning, and so a failed build: never half a formula
        LOGGER.warning("math cannot be rendered: %s", error, location=node)
        return translator.encode(node.astext())


def visit_math(self, node):
    """Write inline math."""
    self.body.append(mathml(self, node, block=False))
    raise nodes.SkipNode


def visit_displaymath(self, node):
    """Write a display formula with its number and link."""
    self.body.append(self.starttag(node, "div", CLASS="math"))
    if node["number"]:
        self.body.append(f'<span class="eqno">({get_node_equation_number(self, node)})')
        self.add_permalink_ref(node, "Link to this equation")
        self.body.append("</span>")
    self.body.append(mathml(self, node, block=True) + "</div>\n")
    raise nodes.SkipNode


def setup(app):
    """Register with Sphinx."""
    app.add_html_math_renderer("mathml", (visit_math, None), (visit_displaymath, None))
