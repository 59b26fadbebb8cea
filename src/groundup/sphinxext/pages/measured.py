"""Figures from checks that take too long for a build, shown only while they are about today's code."""

import json
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from groundup.runs import code


class MeasuredDirective(SphinxDirective):
    """``measured`` shows the table that lies beside a record, ``<name>.json`` and ``<name>.md``.

    The record's ``about`` has the files that were measured, each with the digest of its syntax.
    """

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """The table; where the code is another now, a line that says so."""
        _, name = self.env.relfn2path(self.arguments[0])
        record, table = Path(f"{name}.json"), Path(f"{name}.md")
        there = record.exists() and table.exists()
        about = json.loads(record.read_text(encoding="utf-8"))["about"] if there else {}
        root = Path(self.env.srcdir)
        # A page that depends on what isn't there is read again in each build: so with what was moved.
        measured = filter(Path.exists, (root / file for file in about))
        for path in (record, table, *measured):
            self.env.note_dependency(str(path))
        if not there:
            return [nodes.paragraph("", "Not measured yet.")]
        if any(_digest(root / file) != digest for file, digest in about.items()):
            return [nodes.paragraph("", "Not measured for this version.")]
        return self.parse_text_to_nodes(table.read_text(encoding="utf-8"))


def _digest(path: Path) -> str | None:
    return code.syntax_digest(path) if path.exists() else None


def setup(app: Sphinx) -> None:
    """Add the directive."""
    app.add_directive("measured", MeasuredDirective)
