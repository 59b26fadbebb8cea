"""A page that pastes another page's results follows them, and what a page glues is pasted."""

import re

from docutils import nodes
from myst_nb.ext.glue.utils import PendingGlueReference
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from groundup.sphinxext.pages import numbering, provenance

logger = logging.getLogger(__name__)

# A role or a directive that pastes, also from another page (page.md::name) and in a format (name:s).
PASTES = re.compile(r"\{glue(?::\w+)?\}\s*`*(?:[^`\n]*::)?(?P<name>[^`\n:]+)")


def note(app: Sphinx, doctree: nodes.document) -> None:
    """Keep whose results a page pastes."""
    others = {node.refdoc for node in doctree.findall(PendingGlueReference)}
    app.env.metadata[app.env.docname]["pastes"] = sorted(others)


def note_names(app: Sphinx, docname: str, source: list[str]) -> None:
    """Keep the names of what a page pastes."""
    names = {found["name"].strip() for found in PASTES.finditer(source[0])}
    app.env.metadata[docname]["pasted_names"] = sorted(names)


def require(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Warn of every number that a page glues and no page pastes: it has been typed, or is left over."""
    pasted = {
        name for page in env.found_docs for name in env.metadata[page].get("pasted_names", ())
    }
    for docname in sorted(env.found_docs - {*app.config.groundup_without_limits}):
        if numbering.is_draft(docname):
            continue
        glued = {made["name"] for made in provenance.traces(env, docname, "number")}
        for name in sorted(glued - pasted):
            logger.warning(
                "the number %r is glued and never pasted: paste it, {glue:text}`%s`, or don't glue it",
                name, name, location=docname,
            )  # fmt: skip
    return []


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
    app.connect("source-read", note_names)
    app.connect("doctree-read", note)
    app.connect("env-updated", require)
    app.connect("env-updated", follow)
