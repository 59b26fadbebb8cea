"""What the build has checked on a page: one line at its end, which opens."""

from docutils import nodes
from sphinx.application import Sphinx

from groundup.page import claims
from groundup.sphinxext.pages import folds, provenance


def fold(app: Sphinx, doctree: nodes.document) -> None:
    """Put a page's claims at its end, folded below a line that says how many were checked."""
    made = provenance.traces(app.env, app.env.docname, "claim")
    section = next(doctree.findall(nodes.section), None)
    if not made or section is None:
        return
    listed = nodes.bullet_list(classes=["claims"])
    for claim in made:
        holds = claim["state"] == claims.HOLDS
        mark = nodes.inline("", claims.MARKS[claim["state"]], classes=["claim-mark"])
        words = nodes.inline("", claim["text"] if holds else f"{claim['text']} ({claim['state']})")
        paragraph = nodes.paragraph("", "", mark, nodes.Text(" "), words)
        listed += nodes.list_item("", paragraph, classes=["claim"])
    checked = sum(claim["state"] != claims.NOT_CHECKED for claim in made)
    line = folds.summary("", says(checked, len(made) - checked))
    section += folds.fold("", line, listed, classes=["checked"])


def says(checked: int, unchecked: int) -> str:
    """How many statements were checked, and how many weren't."""
    need = f"need{'s' * (unchecked == 1)} the original data"
    if not checked:
        return f"{_statements(unchecked)} on this page {need}"
    were = "was" if checked == 1 else "were"
    line = f"{_statements(checked)} on this page {were} checked in this build"
    return f"{line}, {unchecked} {need}" if unchecked else line


def _statements(count: int) -> str:
    return f"{count} statement{'s' * (count != 1)}"


def setup(app: Sphinx) -> None:
    """Connect to the end of reading a page, when its traces are known."""
    app.connect("doctree-read", fold, priority=550)
