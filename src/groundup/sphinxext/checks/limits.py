"""Limits that keep chapters readable: the build fails beyond one, and shows how each keeps to them.

A chapter is a page with a chapter's number in its front matter. Those from before there were limits are
listed; drafts have none.
"""

import math
from collections.abc import Iterator

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from groundup.sphinxext.checks import lengths
from groundup.sphinxext.pages import numbering, provenance

logger = logging.getLogger(__name__)

LISTED = "remove the page from groundup_without_limits"
BEYOND = "✗"
# What is said of a count besides its limit.
MEANT = {
    "lines about runs": f" (one in {lengths.SHARE_OF_RUNS} of those shown, or {lengths.FEW_OF_RUNS}); "
    "they call runs or page, or only build what is handed to these:",
    "longest cell": " lines; it begins:",
    "parentheses": " around two words or more:",
}
# The limits that no chapter changes, but for one.
SHOWN = {"lines about runs": f"one in {lengths.SHARE_OF_RUNS}, or {lengths.FEW_OF_RUNS}"}


class limits_table(nodes.General, nodes.Element):  # noqa: N801
    """Where the table goes, once all pages have been read."""


class LimitsDirective(SphinxDirective):
    """``limits`` shows for each chapter what has a limit, and marks what is beyond it."""

    def run(self) -> list[nodes.Node]:
        """Leave the place to be filled."""
        self.env.metadata[self.env.docname]["shows_limits"] = True
        return [limits_table()]


def examine(app: Sphinx, doctree: nodes.document) -> None:
    """Keep a chapter's counts, and warn of what is wrong with them."""
    docname = app.env.docname
    counts = {}
    if numbering.chapter(app.env, docname) and not numbering.is_draft(docname):
        chapter = app.groundup_chapters.get(docname)
        cells = enumerate(chapter.notebook.cells if chapter else ())
        code = {at: cell.source for at, cell in cells if cell.cell_type == "code"}
        counts = app.env.metadata[docname]["lengths"] = lengths.count(doctree, code)
    for fault in faults(counts, docname in app.config.groundup_without_limits):
        logger.warning("%s", fault, location=docname)


def faults(counts: dict[str, lengths.Count], is_listed: bool) -> Iterator[str]:
    """What is wrong with a page.

    Args:
        counts: all that has a limit; nothing if it's no chapter.
        is_listed: whether it's an exception.
    """
    beyond = {what: count for what, count in counts.items() if not count.is_within}
    if is_listed and not counts:
        yield f"only chapters have limits: {LISTED}"
    elif is_listed and not beyond:
        yield f"it keeps to every limit now: {LISTED}"
    elif not is_listed:
        for what, count in beyond.items():
            if what != lengths.BARE:  # each of them is complained of where it is
                named = "".join(f"\n  {line}" for line in count.named)
                said = f"{what}: expected {expected(count)}, got {_exactly(count.value)}"
                yield f"{said}{MEANT.get(what, '')}{named}"


def expected(count: lengths.Count) -> str:
    """How many there should be."""
    least, most = _exactly(count.least), _exactly(count.most)
    if math.isinf(count.most):
        return f"at least {least}" if count.least else "any"
    return f"{least} to {most}" if count.least else f"at most {most}" if count.most else "none"


def _exactly(value: float) -> str:
    return f"{value:.6g}"


def fill(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put the table where the directive stands."""
    for place in list(doctree.findall(limits_table)):
        place.replace_self(_table(app, docname))


def _table(app: Sphinx, docname: str) -> nodes.Node:
    """A row for each chapter, below one that says the limits."""
    counted = _counted(app.env)
    if not counted:
        return nodes.paragraph("", "There are no chapters yet.")
    first, *_ = counted.values()
    rows = [["expected", *(SHOWN.get(what) or expected(count) for what, count in first.items())]]
    for name, counts in counted.items():
        title, uri = app.env.titles[name].astext(), app.builder.get_relative_uri(docname, name)
        link = nodes.reference("", title, refuri=uri, internal=True)
        rows.append([link, *map(_cell, counts.values())])
    return provenance.table(["chapter", *first], rows)


def _cell(count: lengths.Count) -> nodes.Node:
    """How many there are, with a mark where that is beyond the limit."""
    text = str(count.value) if isinstance(count.value, int) else f"{count.value:.1f}"
    return nodes.Text(text) if count.is_within else nodes.strong("", f"{text}\u202f{BEYOND}")


def _counted(env: BuildEnvironment) -> dict[str, dict[str, lengths.Count]]:
    """The counts of all chapters, in the order of the contents."""
    names = provenance.in_order(env, env.config.root_doc)
    return {
        name: env.metadata[name]["lengths"] for name in names if "lengths" in env.metadata[name]
    }


def show_anew(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """The pages that show the table, if it's another now."""
    now = _counted(env)
    before, env.groundup_lengths = getattr(env, "groundup_lengths", now), now
    if now == before:
        return []
    return [name for name in env.found_docs if env.metadata[name].get("shows_limits")]


def setup(app: Sphinx) -> None:
    """Add the list and the directive, and connect to the reading and writing of pages."""
    app.add_config_value("groundup_without_limits", [], "env")
    app.add_node(limits_table)
    app.add_directive("limits", LimitsDirective)
    app.connect("doctree-read", examine, priority=600)  # when all is folded that will be
    app.connect("doctree-resolved", fill)
    app.connect("env-updated", show_anew)
