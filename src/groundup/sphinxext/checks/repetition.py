"""Code is written once: what a chapter defines anew, though ``src/`` has it, is said aloud."""

import ast
import contextlib
import copy
import hashlib
import re
import textwrap
from collections.abc import Iterator

from docutils import nodes
from IPython.core.inputtransformer2 import TransformerManager
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from groundup.runs import code, source_files
from groundup.sphinxext.pages.listing import DEFINITIONS, PACKAGE, definitions

logger = logging.getLogger(__name__)

NOT_FOR_CHAPTERS = ("groundup.exercises", "groundup.sphinxext")

# Smaller ones can be alike by chance: this many nodes of syntax are about two short lines.
SMALLEST = 15
TYPED = frozenset({"py", "python", "python3"})
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


class _Bare(ast.NodeTransformer):
    """Leaves of a definition what it does: no docstrings, no annotations, and names that it gives itself
    replaced by numbers.
    """

    def __init__(self, definition: ast.AST):
        self.numbers: dict[str, str] = {}
        for function in ast.walk(definition):
            for node in ast.walk(function) if isinstance(function, FUNCTIONS) else ():
                if isinstance(node, ast.arg):
                    self._give(node.arg)
                elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                    self._give(node.id)
                elif isinstance(node, DEFINITIONS) and node is not function:
                    self._give(node.name)
        self._give(definition.name)

    def _give(self, name: str) -> None:
        self.numbers.setdefault(name, f"_{len(self.numbers)}")

    def visit_Name(self, node):
        node.id = self.numbers.get(node.id, node.id)
        return node

    def visit_arg(self, node):
        node.arg, node.annotation = self.numbers.get(node.arg, node.arg), None
        return node

    def visit_AnnAssign(self, node):
        self.generic_visit(node)
        return node.value and ast.Assign([node.target], node.value)

    def visit_FunctionDef(self, node):
        node.returns = None
        return self.visit_ClassDef(node)

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    def visit_ClassDef(self, node):
        if ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Expr(ast.Constant(...))]
        node.name = self.numbers.get(node.name, node.name)
        return self.generic_visit(node)


def form(definition: ast.AST) -> str | None:
    """A digest that two definitions share that do the same in the same way; None for a small one."""
    definition = copy.deepcopy(definition)
    bare = _Bare(definition).visit(definition)
    inside = (node for part in bare.body for node in ast.walk(part))
    if sum(not isinstance(node, ast.expr_context) for node in inside) < SMALLEST:
        return None
    return hashlib.sha256(ast.dump(bare).encode()).hexdigest()


def ours(env: BuildEnvironment) -> dict[str, str]:
    """The dotted name of every definition in ``src/`` by its form, kept as long as that is as it is.

    Not of the exercises' checks: a solution may well be what its check knows.
    """
    digest = code.files_digest(PACKAGE)
    if getattr(env, "groundup_ours", (None,))[0] != digest:
        found = {
            shape: f"{module}.{name}"
            for module in sorted(source_files.submodules(PACKAGE))
            if not module.startswith(NOT_FOR_CHAPTERS)
            for name, definition in definitions(source_files.tree(module))
            if (shape := form(definition))
        }
        env.groundup_ours = digest, found
    return env.groundup_ours[1]


def repeated(source: str, known: dict[str, str]) -> Iterator[tuple[str, str]]:
    """The definitions in a piece of code that are known by their form: their names here, and there."""
    with contextlib.suppress(SyntaxError):
        tree = ast.parse(TransformerManager().transform_cell(textwrap.dedent(source)))
        for node in ast.walk(tree):
            if isinstance(node, DEFINITIONS) and (shape := form(node)) in known:
                yield node.name, known[shape]


def examine(app: Sphinx, doctree: nodes.document) -> None:
    """Warn of every definition on a page, in a cell or typed, that repeats one of ours."""
    docname = app.env.docname
    chapter = app.groundup_chapters.get(docname)
    sources = [cell.source for cell in chapter.cells] if chapter else []
    sources += [
        block.astext()
        for block in doctree.findall(nodes.literal_block)
        if block.get("language") in TYPED
    ]
    app.env.metadata[docname]["defines"] = any(map(_has_definition, sources))
    if not app.env.metadata[docname]["defines"]:
        return  # to know all of ours takes seconds
    known = ours(app.env)
    for number, cell in enumerate(chapter.cells if chapter else (), start=1):
        _warn(cell.source, f"cell {number}: ", docname, known)
    for block in doctree.findall(nodes.literal_block):
        shown = "listing" in block.parent.get("classes", ())
        if block.get("language") in TYPED and not shown:
            _warn(block.astext(), "", block, known)


def outdated(app: Sphinx, env: BuildEnvironment, added, changed, removed) -> list[str]:
    """The pages with definitions, if ``src/`` has changed since they were compared with it."""
    before = getattr(env, "groundup_compared", None)
    env.groundup_compared = code.files_digest(PACKAGE)
    if before in (None, env.groundup_compared):
        return []
    return [name for name in env.found_docs if env.metadata[name].get("defines")]


def _warn(source: str, where: str, location, known: dict[str, str]) -> None:
    for name, there in repeated(source, known):
        logger.warning(
            "%s%s repeats %s: import it, or show it with {listing} %s",
            where, name, there, there, location=location,
        )  # fmt: skip


def _has_definition(source: str) -> bool:
    return re.search(r"^\s*(async\s+def|def|class)\s", source, flags=re.MULTILINE) is not None


def setup(app: Sphinx) -> None:
    """Connect to the finding of outdated pages and the end of reading one."""
    app.connect("env-get-outdated", outdated)
    app.connect("doctree-read", examine)
