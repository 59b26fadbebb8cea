"""What the pages stand on: said at the top of a page, on the status page, and in ``status.json``."""

import datetime
import json
import os
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import SphinxError
from sphinx.util.docutils import SphinxDirective

from groundup.page import number
from groundup.sphinxext import freshness


class NotOriginal(SphinxError):
    """A book that is to be published has pages that stand on stand-ins."""

    category = "Not to be published"


def traces(env: BuildEnvironment, docname: str, kind: str) -> list[dict]:
    """What the cells of a page left behind, of one kind."""
    return [t for t in env.metadata[docname].get("traces", []) if t["kind"] == kind]


def say_stand_in(app: Sphinx, doctree: nodes.document) -> None:
    """Say at the top of a page which of its data sets are stand-ins, and why."""
    stand_ins = {
        trace["name"]: trace["notes"]
        for trace in traces(app.env, app.env.docname, "data")
        if trace["origin"] == "stand-in"
    }
    title = next(doctree.findall(nodes.title), None)
    if not stand_ins or title is None:
        return
    warning = nodes.admonition(classes=["warning", "stand-in"])
    warning += nodes.title("", "Made with stand-in data")
    for name, notes in stand_ins.items():
        warning += nodes.paragraph(
            "",
            f"In this build smaller data of the same form stand in for {name}. What the text says "
            "about results describes these, not the original. The original wasn't used because: "
            + "; ".join(notes)
            + ".",
        )
    title.parent.insert(title.parent.index(title) + 1, warning)


class status_table(nodes.General, nodes.Element):  # noqa: N801
    """Where the table of all chapters goes, once they have all been read."""


class StatusDirective(SphinxDirective):
    """Shows for each executed page when and how long it ran, on which data, and the versions."""

    def run(self) -> list[nodes.Node]:
        """Leave the place to be filled."""
        self.env.metadata[self.env.docname]["shows_status"] = True
        return [status_table()]


def pages(env: BuildEnvironment) -> dict[str, dict]:
    """What is known of each executed page, by its name, in the order of the contents."""
    found = {}
    for docname in _in_order(env, env.config.root_doc):
        execution = getattr(env, "nb_metadata", {}).get(docname, {}).get("exec_data")
        if execution is None:
            continue
        executed = datetime.datetime.fromtimestamp(execution["mtime"], datetime.UTC)
        found[docname] = {
            "title": env.titles[docname].astext(),
            "executed": executed.isoformat(timespec="seconds"),
            "seconds": round(execution["runtime"] or 0, 1),
            "data": {t["name"]: t["origin"] for t in traces(env, docname, "data")},
            "runs": traces(env, docname, "run"),
            "numbers": {t["name"]: t["value"] for t in traces(env, docname, "number")},
        }
    return found


def _in_order(env: BuildEnvironment, docname: str) -> list[str]:
    """A page and the pages below it, as readers find them in the table of contents."""
    below = env.toctree_includes.get(docname, [])
    return [docname, *(name for child in below for name in _in_order(env, child))]


def fill_status(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put the table where the directive stands."""
    for place in list(doctree.findall(status_table)):
        place.replace_self([_table(app, docname), *_versions()])


def _table(app: Sphinx, fromdocname: str) -> nodes.Element:
    heads = ["Chapter", "Executed (UTC)", "Execution took", "Training took", "Data"]
    table = nodes.table(classes=["table"])
    group = nodes.tgroup(cols=len(heads))
    group += [nodes.colspec(colwidth=1) for _ in heads]
    group += nodes.thead("", _row(*(nodes.Text(head) for head in heads)))
    body = nodes.tbody()
    for docname, facts in pages(app.env).items():
        uri = app.builder.get_relative_uri(fromdocname, docname)
        origins = "; ".join(f"{name}: {origin}" for name, origin in facts["data"].items())
        training = sum(run["seconds"] for run in facts["runs"])
        body += _row(
            nodes.reference("", facts["title"], refuri=uri, internal=True),
            nodes.Text(facts["executed"].replace("T", " ").removesuffix("+00:00")),
            nodes.Text(number(facts["seconds"], "seconds")),
            nodes.Text(number(training, "seconds") if facts["runs"] else "–"),
            nodes.Text(origins or "–"),
        )
    group += body
    table += group
    return nodes.container("", table, classes=["results"])


def _row(*cells: nodes.Node) -> nodes.row:
    return nodes.row("", *(nodes.entry("", nodes.paragraph("", "", cell)) for cell in cells))


def _versions() -> list[nodes.Node]:
    listed = ", ".join(f"{name} {version}" for name, version in freshness.versions().items())
    return [nodes.paragraph("", f"All of them ran with: {listed}.")]


def show_anew(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """The pages that show the status, which are written in every build."""
    return [name for name in env.found_docs if env.metadata[name].get("shows_status")]


def record(app: Sphinx, exception: Exception | None) -> None:
    """Write ``status.json``; refuse stand-ins where the book is to be published.

    Raises:
        NotOriginal: ``GROUNDUP_PUBLISH`` is set and a page stands on a stand-in.
    """
    if exception is not None or app.builder.format != "html":
        return
    found = pages(app.env)
    content = {"versions": freshness.versions(), "pages": found}
    (Path(app.outdir) / "status.json").write_text(json.dumps(content, indent=1), encoding="utf-8")
    stand_ins = [name for name, facts in found.items() if "stand-in" in facts["data"].values()]
    if stand_ins and os.environ.get("GROUNDUP_PUBLISH"):
        raise NotOriginal(
            "a published book stands on original data; these pages stand on stand-ins: "
            + ", ".join(stand_ins)
        )


def setup(app: Sphinx) -> None:
    """Add the directive and connect to the build."""
    app.add_node(status_table)
    app.add_directive("status", StatusDirective)
    app.connect("doctree-read", say_stand_in)
    app.connect("doctree-resolved", fill_status)
    app.connect("env-updated", show_anew)
    app.connect("build-finished", record, priority=2)
