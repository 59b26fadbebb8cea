"""Sentences that hold for the original data only: a page that stands on a stand-in marks them."""

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective, SphinxRole

from groundup.sphinxext.pages import provenance

MARK = "[original data only]"


class OriginalsRole(SphinxRole):
    """``{originals}`a sentence``` holds for the original data only; inline markup is allowed in it."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """The sentence, to be marked where the page stands on something else."""
        sentence = nodes.inline(classes=["originals"])
        parts, messages = self.inliner.parse(self.text, self.lineno, self.inliner, sentence)
        sentence += parts
        return [sentence], messages


class OriginalsDirective(SphinxDirective):
    """``originals`` holds paragraphs of the same kind."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """The paragraphs."""
        self.assert_has_content()
        block = nodes.container(classes=["originals"])
        self.set_source_info(block)
        self.state.nested_parse(self.content, self.content_offset, block)
        return [block]


def mark(app: Sphinx, doctree: nodes.document) -> None:
    """Mark what doesn't speak of the data that a page stands on."""
    if not provenance.stand_ins(app.env, app.env.docname):
        return
    for about in list(doctree.findall(nodes.Element)):
        if "originals" in about.get("classes", ()):
            label = nodes.inline("", MARK, classes=["originals-mark"])
            if isinstance(about[-1], nodes.paragraph):
                about = about[-1]
            in_line = isinstance(about, nodes.TextElement)
            about += [nodes.Text(" "), label] if in_line else nodes.paragraph("", "", label)


def setup(app: Sphinx) -> None:
    """Add the role and the directive, and connect to the end of reading a page."""
    app.add_role("originals", OriginalsRole())
    app.add_directive("originals", OriginalsDirective)
    app.connect("doctree-read", mark)
