"""Equations and what holds them, on the page: a mark beside each number, and a list of them all."""

import hashlib
import json
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from groundup.runs import code, versions
from groundup.sphinxext.checks import equation_tests
from groundup.sphinxext.pages.ledger import Ledger, Place, note_cells, note_formulas

logger = logging.getLogger(__name__)


class equation_list(nodes.General, nodes.Element):  # noqa: N801
    """Where all labelled equations go, once all pages have been read."""


class EquationsDirective(SphinxDirective):
    """``equations`` shows each labelled equation with its chapter, code, tests and their result."""

    def run(self) -> list[nodes.Node]:
        """Leave the place to be filled."""
        self.env.metadata[self.env.docname]["lists_equations"] = True
        return [equation_list()]


def examine(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Test the equations, and warn of each that isn't held; nothing to do where nothing has changed.

    Returns:
        The pages that list the equations, if anything about them may be another.
    """
    kinds = ("formulas", "equations", "cells")
    pages = sorted(env.found_docs)
    state = [(name, kind, env.metadata[name].get(kind)) for name in pages for kind in kinds]
    around = _around(app, state)
    if around == getattr(env, "groundup_equations", {}).get("around"):
        return []
    ledger = _ledger(app)
    faults = list(ledger.faults())
    for message, place in faults:
        logger.warning("%s", message, location=place)
    kept = Path(app.doctreedir, "equations.json")
    tests = _tests(app)
    results = equation_tests.results(ledger, state, tests, kept)
    for label, places in ledger.tests.items():
        for place in places:
            result = results[equation_tests.identity(place, tests.parent)]
            if label in ledger.equations and result != "passed":
                equation = ledger.equations[label]
                logger.warning(
                    "equation %r isn't held: %s (%s:%d): %s",
                    label, place.name, place.file, place.line, result,
                    location=(equation["page"], equation["line"]),
                )  # fmt: skip
    fine = not faults and all(result == "passed" for result in results.values())
    # A build that is stopped may leave the environment behind: then this is looked at again.
    env.groundup_equations = {"around": around if fine else None, "results": results}
    return [name for name in env.found_docs if env.metadata[name].get("lists_equations")]


def _around(app: Sphinx, state: list) -> str:
    """The digest of all that decides what is found here, quick to find."""
    state = [
        state,
        equation_tests.files_digest(_tests(app)),
        code.files_digest("groundup"),
        versions.listing(),
        app.config.groundup_definitions,
    ]
    return hashlib.sha256(json.dumps(state).encode()).hexdigest()


def _ledger(app: Sphinx) -> Ledger:
    """The ledger, made once in a build."""
    if not hasattr(app, "groundup_ledger"):
        app.groundup_ledger = Ledger(app.env, _tests(app), app.config.groundup_definitions)
    return app.groundup_ledger


def mark(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Give each labelled equation of a page the address of its place in the list."""
    env = app.env
    lists = [name for name in sorted(env.found_docs) if env.metadata[name].get("lists_equations")]
    for block in doctree.findall(nodes.math_block):
        if lists and block.get("label"):
            block["held"] = (
                f"{app.builder.get_relative_uri(docname, lists[0])}#{_id(block['label'])}"
            )


def _id(label: str) -> str:
    return f"held-{nodes.make_id(label)}"


def fill(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put the list where the directive stands."""
    for place in list(doctree.findall(equation_list)):
        place.replace_self(_list(app, docname))


def _list(app: Sphinx, docname: str) -> list[nodes.Node]:
    ledger, results = _ledger(app), app.env.groundup_equations["results"]
    found, page = [], None
    for label, equation in ledger.equations.items():
        address = app.builder.get_relative_uri(docname, equation["page"])
        if equation["page"] != page:
            page = equation["page"]
            found.append(nodes.rubric("", app.env.titles[page].astext()))
        entry = nodes.container("", ids=[_id(label)], classes=["held"])
        latex = equation["latex"]
        entry += nodes.math_block(latex, latex, label=None, number=None, nowrap=False)
        where = nodes.reference(
            "", f"({equation['number']})", refuri=f"{address}#equation-{nodes.make_id(label)}",
            internal=True,
        )  # fmt: skip
        entry += nodes.paragraph("", "Equation ", where, nodes.Text(", "), nodes.literal("", label))
        if label in ledger.definitions:
            entry += nodes.paragraph("", f"Nothing to compute: {ledger.definitions[label]}")
        for place in ledger.code.get(label, []):
            entry += _folded(f"Computed by {_code(place)}", place, _reference(app, docname, place))
        for place in ledger.tests.get(label, []):
            result = results[equation_tests.identity(place, _tests(app).parent)]
            entry += _folded(f"Held by {_code(place)}: {escape(result)}", place)
        found.append(entry)
    return found


def _reference(app: Sphinx, docname: str, place: Place) -> str:
    """A link to the place in the reference, by the name that its package gives it; none for a cell."""
    package, _, name = place.name.partition(".")
    room, *rest = name.split(".")
    objects = app.env.get_domain("py").objects
    for parts in (rest, rest[1:], rest[1:-1]):
        if known := objects.get(".".join([package, room, *parts])):
            address = app.builder.get_relative_uri(docname, known.docname)
            return f'<p><a href="{address}#{known.node_id}">In the reference</a></p>'
    return ""


def _code(place: Place) -> str:
    return f"<code>{escape(place.name)}</code>"


def _folded(summary: str, place: Place, below: str = "") -> list[nodes.Node]:
    """A summary with the source of a place folded below it, and what else is there, as HTML."""
    return [
        nodes.raw("", f"<details><summary>{summary}</summary>", format="html"),
        # In one colour: a page with all of them would be made of coloured words.
        nodes.literal_block(place.source, place.source, language="text"),
        nodes.raw("", f"{below}</details>", format="html"),
    ]


def _tests(app: Sphinx) -> Path:
    """The folder of tests."""
    return Path(app.srcdir, app.config.groundup_tests)


def setup(app: Sphinx) -> None:
    """Add the directive and connect to the reading of pages and its end."""
    app.add_config_value("groundup_tests", "tests", "env")
    app.add_config_value("groundup_definitions", {}, "env")
    app.add_node(equation_list)
    app.add_directive("equations", EquationsDirective)
    app.connect("doctree-read", note_formulas)
    app.connect("doctree-read", note_cells)
    app.connect("env-updated", examine)
    app.connect("doctree-resolved", mark)
    app.connect("doctree-resolved", fill)
