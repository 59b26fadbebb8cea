"""How many things the build has checked, told where the text says so."""

from collections.abc import Callable

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxRole

from groundup.page import number
from groundup.sphinxext.pages import ledger, provenance


class count(nodes.General, nodes.Inline, nodes.Element):  # noqa: N801
    """Where a count goes, once all pages have been read."""


class CountRole(SphinxRole):
    """``counted`` tells how many ``chapters``, ``equations``, … the book has that were checked."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Leave the place to be filled."""
        if self.text not in KINDS:
            message = f"unknown count {self.text!r}; expected one of: {', '.join(KINDS)}"
            return [], [self.inliner.reporter.error(message, line=self.lineno)]
        self.env.metadata[self.env.docname]["shows_status"] = True
        return [count(of=self.text)], []


def _in_all(kind: str) -> Callable[[BuildEnvironment], int]:
    return lambda env: sum(len(facts[kind]) for facts in provenance.pages(env).values())


KINDS = {
    "chapters": lambda env: len(provenance.pages(env)),
    "claims": _in_all("claims"),
    "equations": lambda env: len(ledger.labelled(env)),
    "exercises": _in_all("exercises"),
    "numbers": _in_all("numbers"),
    "runs": _in_all("runs"),
}


def fill(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put the counts where the roles stand."""
    for place in list(doctree.findall(count)):
        place.replace_self(nodes.Text(number(KINDS[place["of"]](app.env), "count")))


def setup(app: Sphinx) -> None:
    """Add the role and connect to the writing of pages."""
    app.add_node(count)
    app.add_role("counted", CountRole())
    app.connect("doctree-resolved", fill)
