"""Equations are numbered by chapter: (8.4) is the fourth of chapter 8, wherever it's named, in code too.

A chapter's number stands in its front matter, ``chapter: 8``.
"""

import re

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

logger = logging.getLogger(__name__)

EQUATION = re.compile(r":eq:`([^`]+)`")
NUMBER = re.compile(r"\(([\d.]+)\)")
BETWEEN = re.compile(r"\s*(?:,|;|–|,?\s+(?:and|or|to))\s*")


def chapter(env: BuildEnvironment, docname: str) -> str:
    """The number of a page that is a chapter; nothing for others."""
    return env.metadata[docname].get("chapter", "")


def is_draft(docname: str) -> bool:
    """Whether a page is being written yet: it lies in a folder ``drafts``."""
    return "drafts" in docname.split("/")[:-1]


def number(app: Sphinx, doctree: nodes.document) -> None:
    """Put the chapter's number before those of its equations."""
    of_chapter = chapter(app.env, app.env.docname)
    if not of_chapter:
        return
    if not re.fullmatch(r"[1-9]\d*", of_chapter):
        logger.warning(
            "expected a number, chapter: 8, in the front matter, got %r", of_chapter,
            location=app.env.docname,
        )  # fmt: skip
    equations = app.env.get_domain("math").equations
    for block in doctree.findall(nodes.math_block):
        if block.get("label"):
            block["number"] = f"{of_chapter}.{block['number']}"
            equations[block["label"]] = (app.env.docname, block["number"])


def forget(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Of all pages that are about to be read, forget the equations first: one may have moved from a page
    that is read later to one that is read before it.
    """
    for docname in docnames:
        env.get_domain("math").clear_doc(docname)


def compare(app: Sphinx, env: BuildEnvironment) -> None:
    """Warn of two chapters with one number."""
    known: dict[str, str] = {}
    for docname in sorted(env.found_docs):
        of_chapter = chapter(env, docname)
        if of_chapter in known:
            logger.warning(
                "%s is chapter %s already", known[of_chapter], of_chapter, location=docname
            )
        elif of_chapter:
            known[of_chapter] = docname


def bare(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Leave to the text the parentheses that it sets around the numbers of equations itself."""
    for line in doctree.findall(nodes.TextElement):
        parts = line.children
        numbers = [at for at, part in enumerate(parts) if _is_to_equation(part)]
        while numbers:
            run = [numbers.pop(0)]
            while numbers and numbers[0] == run[-1] + 2 and _goes_on(parts[run[-1] + 1]):
                run.append(numbers.pop(0))
            before = parts[run[0] - 1].astext() if run[0] else ""
            after = parts[run[-1] + 1].astext() if run[-1] + 1 < len(parts) else ""
            if before.endswith("(") or after.startswith(")"):
                for at in run:
                    text = nodes.Text(NUMBER.fullmatch(parts[at].astext())[1])
                    parts[at].children = []
                    parts[at] += text


def in_code(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Show the numbers of the equations that code names by their labels."""
    equations = app.env.get_domain("math").equations

    def numbered(found: re.Match) -> str:
        return f"({equations[found[1]][1]})" if found[1] in equations else found[0]

    for block in doctree.findall(nodes.literal_block):
        if EQUATION.search(block.astext()):
            block.rawsource = text = EQUATION.sub(numbered, block.astext())
            block.children = []
            block += nodes.Text(text)


def _is_to_equation(node: nodes.Node) -> bool:
    """Whether this is a link to an equation, by its number."""
    if not isinstance(node, nodes.reference):
        return False
    to = node.get("refuri", f"#{node.get('refid')}")
    return "#equation-" in to and bool(NUMBER.fullmatch(node.astext()))


def _goes_on(node: nodes.Node) -> bool:
    """Whether this stands between two numbers of one list."""
    return isinstance(node, nodes.Text) and bool(BETWEEN.fullmatch(node.astext()))


def setup(app: Sphinx) -> None:
    """Connect to the reading of pages, when their front matter is known, and to their writing."""
    app.connect("env-before-read-docs", forget)
    app.connect("doctree-read", number)
    app.connect("env-check-consistency", compare)
    app.connect("doctree-resolved", bare)
    app.connect(
        "doctree-resolved", in_code, priority=920
    )  # notebooks keep the labels, for the build
