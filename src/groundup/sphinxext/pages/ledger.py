"""The ledger: each labelled equation with the code that computes it and the tests that hold it.

Code of the package or of a chapter's cell names an equation's label in a docstring or a comment
(``:eq:`softmax```), a test in its marker (``@pytest.mark.equation("softmax")``).
"""

import ast
import dataclasses
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from groundup.runs import source_files
from groundup.sphinxext.pages import listing, numbering, provenance

MARKER = "equation"


@dataclasses.dataclass(frozen=True)
class Place:
    """A function, class, or cell that computes an equation, or a test that holds one.

    Args:
        name: as readers call it: ``groundup.nn.layers.dense.Dense.forward``.
        file: where it is.
        line: its first line there.
        source: its text.
    """

    name: str
    file: Path
    line: int
    source: str


def note_formulas(app: Sphinx, doctree: nodes.document) -> None:
    """Keep a page's displayed formulas, and of those with a label where they stand."""
    docname = app.env.docname
    blocks = list(doctree.findall(nodes.math_block))
    facts = app.env.metadata[docname]
    facts["formulas"] = [block.astext() for block in blocks]
    facts["equations"] = {
        block["label"]: {"latex": block.astext(), "number": block["number"], "line": block.line}
        for block in blocks
        if block.get("label")
    }


def labelled(env: BuildEnvironment) -> dict[str, dict]:
    """Every labelled equation of the book in the order of the contents, with its page as ``page``."""
    order = provenance.in_order(env, env.config.root_doc)
    return {
        label: {**equation, "page": docname}
        for docname in dict.fromkeys([*order, *sorted(env.found_docs)])  # some stand in no contents
        for label, equation in env.metadata[docname].get("equations", {}).items()
    }


def code_of_package() -> dict[str, list[Place]]:
    """What computes each equation, from the docstrings of the package."""
    found = defaultdict(list)
    for module in sorted(source_files.submodules(listing.PACKAGE)):
        path = source_files.file(module)
        for definition in _definitions(module, path):
            for label in definition.equations:
                name = f"{module}.{definition.name}"
                found[label].append(Place(name, path, definition.node.lineno, definition.text()))
    return found


def _definitions(module: str, path: Path) -> Iterable[listing.Definition]:
    """Every function, method and class of a file."""
    text = path.read_text(encoding="utf-8")
    for name, node in listing.definitions(ast.parse(text)):
        yield listing.Definition(module, name, text.split("\n"), node)


def code_of_cells(env: BuildEnvironment) -> dict[str, list[Place]]:
    """What computes each equation, from the cells of the chapters."""
    found = defaultdict(list)
    for docname in sorted(env.found_docs):
        for number, cell in enumerate(env.metadata[docname].get("cells", []), start=1):
            for label in numbering.EQUATION.findall(cell):
                name = f"cell {number} of {env.titles[docname].astext()}"
                found[label].append(Place(name, Path(env.doc2path(docname)), number, cell))
    return found


def note_cells(app: Sphinx, doctree: nodes.document) -> None:
    """Keep those of a page's cells that name an equation."""
    chapter = app.groundup_chapters.get(app.env.docname)
    cells = [] if chapter is None else [cell.source for cell in chapter.cells]
    app.env.metadata[app.env.docname]["cells"] = [
        cell if numbering.EQUATION.search(cell) else "" for cell in cells
    ]


def tests_of_equations(folder: Path) -> dict[str, list[Place]]:
    """The tests that hold each equation, from their markers."""
    found = defaultdict(list)
    for path in sorted(folder.rglob("test_*.py")):
        for test in _definitions(path.stem, path):
            for label in _marked(test.node):
                found[label].append(Place(test.name, path, test.node.lineno, test.text()))
    return found


def _marked(node: ast.AST) -> list[str]:
    """The labels that a test's marker names, as strings; what stands there else isn't seen."""
    markers = [
        decorator
        for decorator in node.decorator_list
        if isinstance(node, ast.FunctionDef)
        and isinstance(decorator, ast.Call)
        and ast.unparse(decorator.func) == f"pytest.mark.{MARKER}"
    ]
    return [
        label.value
        for marker in markers
        for label in marker.args
        if isinstance(label, ast.Constant)
    ]


class Ledger:
    """All of it, put together.

    Args:
        env: what Sphinx knows when all pages have been read.
        tests: the folder of tests.
        definitions: for the equations that define and leave nothing to compute, the reason.
    """

    def __init__(self, env: BuildEnvironment, tests: Path, definitions: dict[str, str]):
        self.equations, self.definitions = labelled(env), definitions
        package, cells = code_of_package(), code_of_cells(env)
        self.code = {label: package[label] + cells[label] for label in self.equations}
        self.tests = tests_of_equations(tests)

    def faults(self) -> Iterable[tuple[str, tuple[str, int] | str]]:
        """What is missing or leads nowhere, each with the place to look at.

        A name in a docstring that leads nowhere, Sphinx finds itself where it shows the docstring.
        """
        for label, equation in self.equations.items():
            place = (equation["page"], equation["line"])
            if label in self.definitions:
                if self.code.get(label) or self.tests.get(label):
                    yield (
                        f"equation {label!r} has code or a test: expected no reason in "
                        "groundup_definitions why it has none",
                        place,
                    )
                continue
            if not self.code.get(label):
                yield (
                    f"no code computes equation {label!r}: name it as :eq:`{label}` in the docstring of "
                    "the function that does, or in the cell; leave an intermediate step without a label; "
                    "for a definition that leaves nothing to compute, give the reason in "
                    "groundup_definitions",
                    place,
                )
            if not self.tests.get(label):
                yield (
                    f"no test holds equation {label!r}: mark the one that does with "
                    f'@pytest.mark.{MARKER}("{label}"), the label in quotes, at a function',
                    place,
                )
        for label, found in self.tests.items():
            if label not in self.equations:
                for place in found:
                    yield (
                        f"{place.name} names equation {label!r}, which no page has",
                        f"{place.file}:{place.line}",
                    )
        for label in self.definitions:
            if label not in self.equations:
                yield (
                    f"groundup_definitions names equation {label!r}, which no page has",
                    "_config.yml",
                )
