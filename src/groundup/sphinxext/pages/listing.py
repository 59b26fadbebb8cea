"""Listings are the source: a directive that shows a definition of ours as it stands in ``src/``.

Nothing is imported for it. The page follows the file that it shows, and isn't executed again for that.
"""

import ast
import dataclasses
import difflib
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from groundup.runs import uses
from groundup.sphinxext.pages.links import links

logger = logging.getLogger(__name__)

PACKAGE = "groundup"
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
EQUATION = re.compile(r":eq:`([^`]+)`")


class Unknown(LookupError):
    """No function, method or class has that name; says what there is instead."""


@dataclasses.dataclass(frozen=True)
class Definition:
    """A function, a method or a class in its source.

    Args:
        module: the module that defines it.
        name: its name in there, as in ``Dense.forward``.
        lines: the module's lines.
        node: its syntax.
    """

    module: str
    name: str
    lines: list[str]
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef

    @property
    def path(self) -> Path:
        """The module's file."""
        return uses.file(self.module)

    @property
    def has_docstring(self) -> bool:
        """Whether it says itself what it does."""
        return ast.get_docstring(self.node) is not None

    @property
    def equations(self) -> list[str]:
        """The labels of the equations that its docstring names."""
        return EQUATION.findall(ast.get_docstring(self.node) or "")

    @property
    def file(self) -> str:
        """Where it is in the repository, as in ``src/groundup/nn/layers.py``."""
        return f"src/{self.path.relative_to(uses.file(PACKAGE).parents[1]).as_posix()}"

    def text(self, docstring: bool = False) -> str:
        """Its source without indentation.

        Args:
            docstring: whether docstrings stay.
        """
        lines = dict(enumerate(self.lines, start=1))
        for node in ast.walk(self.node):
            if isinstance(node, DEFINITIONS) and ast.get_docstring(node) and not docstring:
                _leave_out(node.body, lines)
        first = min([self.node.lineno, *(d.lineno for d in self.node.decorator_list)])
        shown = [lines[n] for n in range(first, self.node.end_lineno + 1) if n in lines]
        return textwrap.dedent("\n".join(shown))


def _leave_out(body: list[ast.stmt], lines: dict[int, str]) -> None:
    """Take the docstring that a body starts with out of the lines, and the blank line after it."""
    docstring, *rest = body
    if not rest:  # a body can't be empty
        lines[docstring.lineno] = f"{' ' * docstring.col_offset}..."
    for number in range(docstring.lineno + (not rest), docstring.end_lineno + 1):
        del lines[number]
    if rest and not lines[docstring.end_lineno + 1].strip():
        del lines[docstring.end_lineno + 1]


def find(name: str) -> Definition:
    """A definition of ours by its dotted name, which may be one that a package re-exports.

    Raises:
        Unknown: there is none; says which names are close.
    """
    module, *parts = uses.exports([name]).get(name, name).split(".")
    while parts and module.startswith(PACKAGE) and uses.spec(f"{module}.{parts[0]}"):
        module = f"{module}.{parts.pop(0)}"
    if module.partition(".")[0] == PACKAGE and parts:
        text = uses.file(module).read_text(encoding="utf-8")
        for qualified, node in definitions(ast.parse(text)):
            if qualified == ".".join(parts):
                return Definition(module, qualified, text.split("\n"), node)
    close = _close(name, parts)
    instead = f"did you mean {' or '.join(close)}?" if close else "there is nothing like it"
    raise Unknown(
        f"no function, method or class of {PACKAGE} is called {name} where it is defined; {instead}"
    )


def definitions(tree: ast.AST, before: str = "") -> Iterator[tuple[str, ast.AST]]:
    """Every function, class and method of a module with its name, as in ``Dense.forward``."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, DEFINITIONS):
            yield before + node.name, node
            if isinstance(node, ast.ClassDef):
                yield from definitions(node, f"{before}{node.name}.")


def _close(name: str, parts: list[str]) -> list[str]:
    """Names that exist: those that end alike, then those that are spelled alike."""
    known = [
        f"{module}.{qualified}"
        for module in sorted(uses.submodules(PACKAGE))
        for qualified, _ in definitions(uses.tree(module))
    ]
    last = name.rpartition(".")[2]
    alike = [other for other in known if len(parts) > 1 and other.endswith(f".{last}")]
    wanted = difflib.get_close_matches(name, alike, 1, 0.5)
    resolved = uses.exports([name]).get(name, name)
    return list(dict.fromkeys(wanted + difflib.get_close_matches(resolved, known, 2, 0.7)))[:3]


class ListingDirective(SphinxDirective):
    """``{listing} groundup.nn.Dense.forward`` shows that method as it stands in its file.

    Its docstring is left out, unless the option ``docstring`` is given. A caption leads to its place in
    the reference and to the equations that its docstring names, and says which file it's from.
    """

    required_arguments = 1
    option_spec = {"docstring": directives.flag}  # noqa: RUF012

    def run(self) -> list[nodes.Node]:
        """The listing; for a name that doesn't exist, nothing but a complaint."""
        name = self.arguments[0]
        try:
            found = find(name)
        except Unknown as error:
            logger.error("%s", error, location=(self.env.docname, self.lineno))
            return []
        self.env.note_dependency(str(found.path))
        text = found.text("docstring" in self.options)
        code = nodes.literal_block(text, text, language="python")
        self.set_source_info(code)
        # The theme's form of a caption above code, but without a number.
        head = nodes.container("", self._caption(name, found), classes=["code-block-caption"])
        classes = ["literal-block-wrapper", "listing"]
        return [nodes.container("", head, code, classes=classes, shows=name)]

    def _caption(self, name: str, found: Definition) -> nodes.paragraph:
        is_method = "." in found.name
        # What has no docstring isn't in the reference, but its class is.
        target = name.rpartition(".")[0] if is_method and not found.has_docstring else name
        link = addnodes.pending_xref(
            refdomain="py", reftype="obj", reftarget=target, refdoc=self.env.docname, refwarn=False
        )
        link += nodes.literal("", found.name)
        caption = nodes.paragraph("", "", link, nodes.Text(" in "), nodes.literal("", found.file))
        if found.equations:
            several = "s" * (len(found.equations) > 1)
            caption += [nodes.Text(f", equation{several} "), links(labels=found.equations)]
        self.set_source_info(caption)
        return caption


def setup(app: Sphinx) -> None:
    """Add the directive."""
    app.add_directive("listing", ListingDirective)
