"""Equations and what holds them, on the page: a mark beside each number, and a list of them all."""

import hashlib
import json
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from groundup.runs import code, versions
from groundup.sphinxext import equation_tests
from groundup.sphinxext.ledger import Ledger, Place, note_cells, note_formulas

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
    formulas = [
        f for name in sorted(env.found_docs) for f in env.metadata[name].get("formulas", [])
    ]
    around = _around(app, formulas)
    if around == getattr(env, "groundup_equations", {}).get("around"):
        return []
    ledger = _ledger(app)
    for message, place in ledger.faults():
        logger.warning("%s", message, location=place)
    kept = Path(app.doctreedir, "equations.json")
    tests = Path(app.srcdir, app.config.groundup_tests)
    results = equation_tests.results(ledger, formulas, tests, kept)
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
    env.groundup_equations = {"around": around, "results": results}
    return [name for name in env.found_docs if env.metadata[name].get("lists_equations")]


def _around(app: Sphinx, formulas: list[str]) -> str:
    """The digest of all that decides what is found here, quick to find."""
    env = app.env
    state = [
        formulas,
        [
            env.metadata[name].get(kind)
            for name in sorted(env.found_docs)
            for kind in ("equations", "cells")
        ],
        equation_tests.files_digest(Path(app.srcdir, app.config.groundup_tests)),
        code.files_digest("groundup"),
        versions.listing(),
        app.config.groundup_definitions,
    ]
    return hashlib.sha256(json.dumps(state).encode()).hexdigest()


def _ledger(app: Sphinx) -> Ledger:
    """The ledger, made once in a build."""
    if not hasattr(app, "groundup_ledger"):
        tests = Path(app.srcdir, app.config.groundup_tests)
        app.groundup_ledger = Ledger(app.env, tests, app.config.groundup_definitions)
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
        entry += nodes.paragraph("", "Equation ", where, nodes.Text(f", {label}"))
        if label in ledger.definitions:
            entry += nodes.paragraph("", f"Nothing to compute: {ledger.definitions[label]}")
        for computing in ledger.code.get(label, []):
            entry += _folded("Computed by", computing, "")
            entry += _reference(app, docname, computing)
        for test in ledger.tests.get(label, []):
            entry += _folded(
                "Held by", test, f": {results[equation_tests.identity(test, Path(app.srcdir))]}"
            )
        found.append(entry)
    return found


def _reference(app: Sphinx, docname: str, place: Place) -> list[nodes.Node]:
    """A link to the place in the reference; none for a cell."""
    known = app.env.get_domain("py").objects.get(place.name)
    if known is None:
        return []
    uri = f"{app.builder.get_relative_uri(docname, known.docname)}#{known.node_id}"
    return [
        nodes.paragraph("", "", nodes.reference("", "in the reference", refuri=uri, internal=True))
    ]


def _folded(says: str, place: Place, ends: str) -> list[nodes.Node]:
    """A place in the code, with its source folded below."""
    summary = f"<details><summary>{says} <code>{place.name}</code>{ends}</summary>"
    return [
        nodes.raw("", summary, format="html"),
        nodes.literal_block(place.source, place.source, language="python"),
        nodes.raw("", "</details>", format="html"),
    ]


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
