"""A page that pastes another page's results follows them."""

from docutils import nodes
from myst_nb.ext.glue.utils import PendingGlueReference
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment


def note(app: Sphinx, doctree: nodes.document) -> None:
    """Keep whose results a page pastes."""
    others = {node.refdoc for node in doctree.findall(PendingGlueReference)}
    app.env.metadata[app.env.docname]["pastes"] = sorted(others)


def note_read(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Keep which pages are read in this build."""
    app.groundup_read = set(docnames)


def follow(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """The pages that paste from one that was read in this build, to be written again."""
    return [
        docname
        for docname in env.found_docs
        if app.groundup_read.intersection(env.metadata[docname].get("pastes", []))
    ]


def setup(app: Sphinx) -> None:
    """Connect to the reading of pages and its end."""
    app.connect("env-before-read-docs", note_read)
    app.connect("doctree-read", note)
    app.connect("env-updated", follow)
