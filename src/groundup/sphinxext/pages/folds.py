"""What a first reading can skip is folded: a derivation, an answer, what the build has checked.

A fold opens by a click, for a link to something in it, and on paper.
"""

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.writers.html5 import HTML5Translator

CODE, OUTPUT = "cell_code_source", "cell_code_output"
# What each of MyST-NB's ways to fold a cell folds.
HIDDEN_BY = {
    "all": (CODE, OUTPUT),
    "input": (CODE,),
    "output": (OUTPUT,),
    "input+output": (CODE, OUTPUT),
}


class fold(nodes.container):  # noqa: N801
    """Something folded below its summary, which comes first in it."""


class summary(nodes.paragraph):  # noqa: N801
    """The line that stays."""


def unfolded(doctree: nodes.document) -> nodes.document:
    """A copy of a page with what a first reader sees of it: nothing that is folded, code neither."""
    page = doctree.deepcopy()
    folded = [*page.findall(fold)]
    for cell in page.findall(nodes.container):
        kinds = HIDDEN_BY.get(cell.get("hide_mode"), ())
        folded += [part for part in cell.children if part.get("nb_element") in kinds]
    for part in folded:
        part.parent.remove(part)
    return page


class DerivationDirective(SphinxDirective):
    """``derivation`` folds a proof or an aside below its title; its equations can be linked to."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True

    def run(self) -> list[nodes.Node]:
        """The title, and the rest folded below it."""
        self.assert_has_content()
        words, messages = self.state.inline_text(self.arguments[0], self.lineno)
        derivation = fold("", summary("", "", *words), *messages, classes=["derivation"])
        self.set_source_info(derivation)
        self.state.nested_parse(self.content, self.content_offset, derivation)
        return [derivation]


def _visit_fold(writer: HTML5Translator, node: fold) -> None:
    writer.body.append(writer.starttag(node, "details"))


def _depart_fold(writer: HTML5Translator, node: fold) -> None:
    writer.body.append("</details>\n")


def _visit_summary(writer: HTML5Translator, node: summary) -> None:
    writer.body.append("<summary>")


def _depart_summary(writer: HTML5Translator, node: summary) -> None:
    writer.body.append("</summary>\n")


def setup(app: Sphinx) -> None:
    """Add the parts of a fold and the directive."""
    app.add_node(fold, html=(_visit_fold, _depart_fold))
    app.add_node(summary, html=(_visit_summary, _depart_summary))
    app.add_directive("derivation", DerivationDirective)
