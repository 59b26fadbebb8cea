"""An exercise on a page is proved both ways: its stub fails its check, its solution passes it."""

from collections.abc import Iterator
from html import escape

from docutils import nodes
from docutils.parsers.rst import directives
from nbformat import NotebookNode
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from groundup import trace
from groundup.sphinxext.execution import executed
from groundup.sphinxext.pages import site

logger = logging.getLogger(__name__)

ROLES = ("stub", "solution")
NOT_YET, ASKED = "not yet", "put your answer in place of the ..."  # what a check says of a stub


class ExerciseDirective(SphinxDirective):
    """An exercise, numbered on its page; ``{ref}`` with the name of its check refers to it."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec = {"check": directives.unchanged}  # noqa: RUF012

    def run(self) -> list[nodes.Node]:
        """The exercise as an admonition."""
        check = self.options.get("check", "").strip()
        label = f"Exercise {self.env.new_serialno('exercise') + 1}"
        words, messages = self.state.inline_text(f"{label}: {self.arguments[0]}", self.lineno)
        title = nodes.title("", "", *words)
        exercise = nodes.admonition("", title, *messages, classes=["exercise"], check=check)
        self.set_source_info(exercise)
        if check:
            target = nodes.make_id(f"exercise-{check}")
            exercise["ids"].append(target)
            std = self.env.get_domain("std")
            std.labels[check] = self.env.docname, target, label
            std.anonlabels[check] = self.env.docname, target
        self.state.nested_parse(self.content, self.content_offset, exercise)
        return [exercise]


def examine(app: Sphinx, doctree: nodes.document) -> None:
    """Keep a page's exercises, each with its name, its check and whether it's proved.

    Warns of each that isn't proved both ways.
    """
    env = app.env
    cells = env.temp_data[executed.CELLS]
    exercises, current = [], None
    for node in doctree.findall(nodes.Element):
        if "exercise" in node["classes"]:
            current = Exercise(env.docname, node, known={e.check for e in exercises})
            exercises.append(current)
        for role in _roles(node):
            number = sum(c.cell_type == "code" for c in cells[: node["cell_index"] + 1])
            if current is None:
                _warn(env.docname, number, f"it's a {role}, and no {{exercise}} stands before it")
            else:
                current.examine(role, number, _answers(cells[node["cell_index"]]))
    for exercise in exercises:
        exercise.conclude()
    env.metadata[env.docname]["exercises"] = [
        {"name": e.node[0].astext(), "check": e.check, "proved": e.proved} for e in exercises
    ]


class Exercise:
    """An exercise of a page, and what has been found out about it.

    Args:
        docname: the page.
        node: where it stands.
        known: the checks of the exercises before it.
    """

    def __init__(self, docname: str, node: nodes.Element, known: set[str]):
        self.docname, self.node, self.check = docname, node, node.get("check", "")
        self.proved = True
        self.roles: list[str] = []
        if not self.check:
            self._warn(
                "it names no check: write it as {exercise}, with one of groundup.exercises, "
                ":check: module.function"
            )
        elif self.check in known:
            self._warn(f"{self.check} is another exercise's check already: write one of its own")

    def examine(self, role: str, number: int, answers: dict[str, dict]) -> None:
        """Look at a cell of its own.

        Args:
            role: the cell's tag, ``stub`` or ``solution``.
            number: the cell's number.
            answers: the last trace of each check that the cell called.
        """
        self.roles.append(role)
        if not self.check:
            return
        answer = answers.get(self.check)
        if answer is None:
            called = f" (it calls {', '.join(answers)})" if answers else ""
            said = f"this {role} doesn't call its exercise's check{called}: end it with {self.check}(…)"
        elif role == "stub" and answer["passed"]:
            said = f"this stub passes {self.check} already: leave ... in the place of the answer"
        elif role == "solution" and not answer["passed"]:
            said = f"this solution doesn't pass {self.check}, which says: {answer['hint']}"
        else:
            return
        self.proved = False
        _warn(self.docname, number, said)

    def conclude(self) -> None:
        """See whether it has one cell of each kind, in order."""
        if self.check and self.roles != list(ROLES):
            found = f"these tags: {', '.join(self.roles)}" if self.roles else "neither"
            self._warn(
                "below it were expected a cell with the tag stub and then one with the tag solution, "
                f"each ending with {self.check}(…), and there are {found}"
            )

    def _warn(self, message: str) -> None:
        self.proved = False
        logger.warning("%s: %s", self.node[0].astext(), message, location=self.node)


def _warn(docname: str, number: int, message: str) -> None:
    logger.warning("cell %d: %s", number, message, location=docname)


def _roles(node: nodes.Element) -> Iterator[str]:
    """The roles of a cell among its tags; none for what is no cell."""
    return (role for role in ROLES if f"tag_{role}" in node["classes"] and "cell_index" in node)


def _answers(cell: NotebookNode) -> dict[str, dict]:
    left = (output.get("data", {}).get(trace.MIME_TYPE, {}) for output in cell.outputs)
    return {facts["check"]: facts for facts in left if facts.get("kind") == "exercise"}


def fold(app: Sphinx, doctree: nodes.document) -> None:
    """Fold every solution, as the tag ``hide-cell`` does."""
    for cell in doctree.findall(nodes.container):
        if "solution" in _roles(cell):
            cell["hide_mode"] = "all"
            cell["prompt_show"], cell["prompt_hide"] = "Show the solution", "Hide the solution"


def lead_to_notebook(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Where a stub asks for an answer, say that it's given in the chapter's notebook."""
    if not site.is_built(app):
        return
    here = escape(site.path_to(app, docname, f"{site.NOTEBOOKS}/{docname}.ipynb"))
    link = f'in this chapter’s <a href="{here}" download>notebook</a>'
    asked = f"<span>{NOT_YET}: {link}, {ASKED}</span>"
    for cell in doctree.findall(nodes.container):
        for output in list(cell.findall(nodes.raw)) if "stub" in _roles(cell) else ():
            html = output.astext().replace(f"{NOT_YET}: {ASKED}", asked)
            output.replace_self(nodes.raw("", html, format=output["format"]))


def setup(app: Sphinx) -> None:
    """Add the directive and connect to the reading and writing of pages."""
    app.add_directive("exercise", ExerciseDirective)
    app.connect("doctree-read", examine, priority=401)  # after the traces
    app.connect("doctree-read", fold)
    app.connect("doctree-resolved", lead_to_notebook, priority=950)  # notebooks are without it
