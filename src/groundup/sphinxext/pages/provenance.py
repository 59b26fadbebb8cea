"""What the pages stand on: said at the top of a page, on the status page, and in ``status.json``."""

import json
import math
import os
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import SphinxError
from sphinx.util.docutils import SphinxDirective

from groundup.page import number
from groundup.sphinxext.execution import freshness
from groundup.sphinxext.pages import site

# What says most about a run, where it was measured.
HEADLINES = ("val_accuracy", "accuracy", "val_loss", "loss")


class NotOriginal(SphinxError):
    """A book that is to be published has pages that stand on stand-ins."""

    category = "Not to be published"


def traces(env: BuildEnvironment, docname: str, kind: str) -> list[dict]:
    """What the cells of a page left behind, of one kind."""
    return [t for t in env.metadata[docname].get("traces", []) if t["kind"] == kind]


def stand_ins(env: BuildEnvironment, docname: str) -> dict[str, list[str]]:
    """The data sets of a page that others stand in for, with the reasons."""
    return {
        trace["name"]: trace["notes"]
        for trace in traces(env, docname, "data")
        if trace["origin"] == "stand-in"
    }


def say_stand_in(app: Sphinx, doctree: nodes.document) -> None:
    """Say at the top of a page which of its data sets are stand-ins, and why."""
    found = stand_ins(app.env, app.env.docname)
    title = next(doctree.findall(nodes.title), None)
    if not found or title is None:
        return
    warning = nodes.admonition(classes=["warning", "stand-in"])
    warning += nodes.title("", "Made with stand-in data")
    for name, notes in found.items():
        warning += nodes.paragraph(
            "",
            f"In this build smaller data of the same form stand in for {name}. The numbers on this page "
            "come from the stand-in; the sentences were written for the original, and what they say of "
            "results needn't be true here. The original wasn't used because: "
            + "; ".join(notes)
            + ".",
        )
    title.parent.insert(title.parent.index(title) + 1, warning)


class status_table(nodes.General, nodes.Element):  # noqa: N801
    """Where a table of all chapters or runs goes, once all pages have been read."""


class StatusDirective(SphinxDirective):
    """``status`` shows for each executed page when and how long it ran, on which data, and the versions;
    ``runs`` shows every training run.
    """

    def run(self) -> list[nodes.Node]:
        """Leave the place to be filled."""
        self.env.metadata[self.env.docname]["shows_status"] = True
        return [status_table(of=self.name)]


def pages(env: BuildEnvironment) -> dict[str, dict]:
    """What is known of each executed page, by its name, in the order of the contents."""
    found = {}
    for docname in in_order(env, env.config.root_doc):
        execution = env.metadata[docname].get("last_execution")
        if execution is None or "executed" not in execution:
            continue
        found[docname] = {
            "title": env.titles[docname].astext(),
            "executed": execution["executed"],
            "seconds": round(execution["execution_seconds"], 1),
            "data": {t["name"]: t["origin"] for t in traces(env, docname, "data")},
            "runs": list({t["key"]: t for t in traces(env, docname, "run")}.values()),
            "numbers": {t["name"]: t["value"] for t in traces(env, docname, "number")},
            "exercises": env.metadata[docname].get("exercises", []),
            "questions": env.metadata[docname].get("questions", []),
            "claims": [
                {"text": t["text"], "state": t["state"]} for t in traces(env, docname, "claim")
            ],
        }
    return found


def in_order(env: BuildEnvironment, docname: str) -> list[str]:
    """A page and the pages below it, as readers find them in the table of contents."""
    below = env.toctree_includes.get(docname, [])
    return [docname, *(name for child in below for name in in_order(env, child))]


def fill_status(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put the tables where the directives stand."""
    for place in list(doctree.findall(status_table)):

        def link(page: str, facts: dict) -> nodes.reference:
            uri = app.builder.get_relative_uri(docname, page)
            return nodes.reference("", facts["title"], refuri=uri, internal=True)

        tables = (_chapters if place["of"] == "status" else _runs)(pages(app.env), link)
        place.replace_self([*tables, *_versions()])


def _chapters(found: dict[str, dict], link) -> list[nodes.Node]:
    heads = ["Chapter", "Executed (UTC)", "Execution took", "Training took", "Data"]
    rows = []
    for page, facts in found.items():
        origins = "; ".join(f"{name}: {origin}" for name, origin in facts["data"].items())
        training = sum(run["seconds"] for run in facts["runs"])
        rows.append([
            link(page, facts),
            facts["executed"].replace("T", " ").removesuffix("+00:00"),
            number(facts["seconds"], "seconds"),
            number(training, "seconds") if facts["runs"] else "–",
            origins or "–",
        ])  # fmt: skip
    return [table(heads, rows)]


def _runs(found: dict[str, dict], link) -> list[nodes.Node]:
    heads = ["Run", "Seed", "At its end", "Training took", "Key"]
    tables = []
    for page, facts in found.items():
        rows = [
            [
                run["name"],
                str(run["seed"]),
                _headline(run["last"]),
                number(run["seconds"], "seconds"),
                run["key"][:12],
            ]
            for run in facts["runs"]
        ]
        if rows:
            tables += [nodes.paragraph("", "", link(page, facts)), table(heads, rows)]
    return tables


def _headline(last: dict[str, float]) -> str:
    """The last value that says most about a run."""
    name = next((name for name in HEADLINES if name in last), None)
    if name is None:
        return "–"
    if not math.isfinite(last[name]):  # it diverged
        return f"{name} {last[name]}"
    kind = "scientific" if 0 < abs(last[name]) < 0.001 else "decimal"
    return f"{name} {number(last[name], kind)}"


def table(heads: list[str], rows: list[list]) -> nodes.Element:
    """A table of words and nodes."""
    table = nodes.table(classes=["table"])
    group = nodes.tgroup(cols=len(heads))
    cells = [[nodes.Text(c) if isinstance(c, str) else c for c in row] for row in [heads, *rows]]
    widths = (max(len(cell.astext()) for cell in column) for column in zip(*cells, strict=True))
    group += [nodes.colspec(colwidth=max(1, width)) for width in widths]
    head, *body = (_row(*row) for row in cells)
    group += [nodes.thead("", head), nodes.tbody("", *body)]
    table += group
    return nodes.container("", table, classes=["results"])


def _row(*cells: nodes.Node) -> nodes.row:
    return nodes.row("", *(nodes.entry("", nodes.paragraph("", "", cell)) for cell in cells))


def _versions() -> list[nodes.Node]:
    listed = ", ".join(f"{name} {version}" for name, version in freshness.listed_versions().items())
    return [nodes.paragraph("", f"All of them ran with: {listed}.")]


def show_anew(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """The pages that show the status, if it's another than what they show."""
    status = pages(env), freshness.listed_versions()
    if status == getattr(env, "groundup_status", None):
        return []
    env.groundup_status = status
    return [name for name in env.found_docs if env.metadata[name].get("shows_status")]


def record(app: Sphinx, exception: Exception | None) -> None:
    """Write ``status.json``; refuse stand-ins where the book is to be published.

    Raises:
        NotOriginal: ``GROUNDUP_PUBLISH`` is set and a page stands on a stand-in.
    """
    if exception is not None or not site.is_built(app):
        return
    found = pages(app.env)
    content = {"versions": freshness.listed_versions(), "pages": found}
    (Path(app.outdir) / "status.json").write_text(json.dumps(content, indent=1), encoding="utf-8")
    on_stand_ins = [name for name, facts in found.items() if "stand-in" in facts["data"].values()]
    if on_stand_ins and os.environ.get("GROUNDUP_PUBLISH"):
        raise NotOriginal(
            "a published book stands on original data; these pages stand on stand-ins: "
            + ", ".join(on_stand_ins)
        )


def setup(app: Sphinx) -> None:
    """Add the directive and connect to the build."""
    app.add_node(status_table)
    app.add_directive("status", StatusDirective)
    app.add_directive("runs", StatusDirective)
    app.connect("doctree-read", say_stand_in)
    app.connect("doctree-resolved", fill_status)
    app.connect("env-updated", show_anew)
    app.connect("build-finished", record, priority=2)
