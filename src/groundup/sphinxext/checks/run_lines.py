"""Which lines of a chapter's code are about its training runs, told from their syntax.

They call ``runs`` or ``page``, or only build what is handed to these: names, seeds, lists of partials.
"""

import ast
import builtins
import contextlib
import dataclasses
import re
from collections.abc import Collection, Iterator

MODULES = ("groundup.runs.", "groundup.page.")
# What puts values together, and computes nothing that a chapter is about.
PLAIN_MODULES = ("functools.partial", "itertools.")
PLAIN_METHODS = frozenset({*dir(list), *dir(dict), *dir(set), *dir(str)})
# The magics that run Python: what stands behind them counts.
RUNNING = "(?:time|timeit|prun|capture)"
CELL_MAGIC = re.compile(rf"\s*%%(?!{RUNNING}\b)")
LINE_MAGIC = re.compile(
    r"^\s*%%.*"
    rf"|(?P<before>^[ \t]*|(?<==)[ \t]*)%{RUNNING}\b(?:[ \t]+-\w+(?:[ \t]+\d+)?)*[ \t]*"
    r"|(?P<instead>^[ \t]*|(?<==)[ \t]*)[!%].*(?:(?<=\\)\n.*)*",
    re.MULTILINE,
)
ASSIGNMENTS = (ast.Assign, ast.AnnAssign, ast.AugAssign)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
CLAUSES = (ast.excepthandler, ast.match_case)


@dataclasses.dataclass(eq=False)
class Piece:
    """A statement, or the head of one that has others in it.

    Args:
        cell: which cell it stands in.
        lines: the numbers of its own lines.
        binds: the names that it gives a value, or adds to.
        reads: the names that it uses.
        calls: whether it calls ``runs`` or ``page``.
        builds: whether it only puts values together.
        body: the pieces in it.
    """

    cell: int
    lines: set[int]
    binds: set[str]
    reads: set[str]
    calls: bool
    builds: bool
    body: list["Piece"]


def about_runs(cells: list[str], shown: Collection[int]) -> list[set[int]]:
    """The numbers of the lines of each cell that are about runs, counted from 1.

    What is shown and told to the page in a cell that isn't shown is a result, and not about runs.

    Args:
        cells: the code of all cells of a chapter; what one builds another one may hand over.
        shown: which of them readers see.
    """
    trees = [_parsed(cell) for cell in cells]
    modules = {name: meaning for tree in trees for name, meaning in _imported(tree)}
    pieces = []
    for cell, tree in enumerate(trees):
        _tell_apart_local_names(tree, cell)
        pieces += [piece for node in tree.body for piece in _pieces(node, cell, modules)]
    found = [set() for _ in cells]
    for piece in _handed_over(pieces, shown):
        found[piece.cell] |= piece.lines
    return found


def _parsed(cell: str) -> ast.Module:
    """A cell's syntax with the cell's own lines; none where it isn't Python."""
    with contextlib.suppress(SyntaxError):
        return ast.parse(cell)
    with contextlib.suppress(SyntaxError):
        if not CELL_MAGIC.match(cell):
            return ast.parse(LINE_MAGIC.sub(_instead, cell))
    return ast.Module([], [])


def _instead(magic: re.Match) -> str:
    """What stands in Python for a magic: nothing before a statement, and a value for a command."""
    if magic["instead"] is None:
        return magic["before"] or ""
    ends = "\n" * magic[0].count("\n")
    return f"{magic['instead']}...{ends}"


def _imported(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """The names that a cell imports, and what they mean."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.partition(".")[0]
                yield alias.asname or first, alias.name if alias.asname else first
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def _tell_apart_local_names(tree: ast.Module, cell: int) -> None:
    """Rename what belongs to a function, so that nobody outside seems to use it."""
    for statement in ast.walk(tree):
        if isinstance(statement, FUNCTIONS):
            names = [node for node in ast.walk(statement) if isinstance(node, ast.Name)]
            own = {node.arg for node in ast.walk(statement.args) if isinstance(node, ast.arg)}
            own |= {name.id for name in names if isinstance(name.ctx, ast.Store)}
            for name in names:
                if name.id in own:
                    name.id = f"{name.id}.{statement.name}.{cell}.{statement.lineno}"


def _pieces(statement: ast.stmt, cell: int, modules: dict[str, str]) -> Iterator[Piece]:
    """A statement and all those in it."""
    first = min([statement.lineno, *(d.lineno for d in getattr(statement, "decorator_list", ()))])
    lines, body = set(range(first, statement.end_lineno + 1)), []
    for inner in _inner(statement):
        body += list(_pieces(inner, cell, modules))
        lines -= set(range(inner.lineno, inner.end_lineno + 1)) - {statement.lineno}
    own = list(_own(statement))
    bound = [_base(target) for target in _targets(statement)]
    calls = [node for node in own if isinstance(node, ast.Call)]
    handed = [
        part
        for call in calls
        for part in (call.func, *call.args, *(k.value for k in call.keywords))
    ]
    yield Piece(
        cell, lines, {name for name in bound if name},
        {node.id for node in own if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)},
        calls=any(_is_of(part, MODULES, modules) for part in handed),
        builds=bool(bound and all(bound) and not body) and all(_is_plain(c, modules) for c in calls),
        body=body,
    )  # fmt: skip
    yield from body


def _inner(node: ast.AST) -> Iterator[ast.stmt]:
    """The statements in a statement."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            yield child
        elif isinstance(child, CLAUSES):
            yield from _inner(child)


def _own(node: ast.AST) -> Iterator[ast.AST]:
    """What is in a statement without those in it."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, (ast.stmt, *CLAUSES)):
            yield child
            yield from _own(child)


def _targets(statement: ast.stmt) -> list[ast.expr]:
    """What a statement gives a value, or adds to."""
    match statement:
        case ast.Assign(targets=targets):
            found = targets
        case ast.AnnAssign(target=target) | ast.AugAssign(target=target) | ast.For(target=target):
            found = [target]
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=grown, attr=method))) if (
            method in PLAIN_METHODS
        ):
            found = [grown]
        case _:
            found = []
    return [
        part
        for target in found
        for part in (target.elts if isinstance(target, ast.Tuple | ast.List) else [target])
    ]


def _base(target: ast.expr) -> str | None:
    """The name that an assignment changes, as in ``name`` or ``name[key]``."""
    while isinstance(target, ast.Subscript | ast.Starred):
        target = target.value
    return target.id if isinstance(target, ast.Name) else None


def _is_of(node: ast.expr, meant: tuple[str, ...], modules: dict[str, str]) -> bool:
    """Whether an expression is the name of something in one of these."""
    attributes = []
    while isinstance(node, ast.Attribute):
        attributes.insert(0, node.attr)
        node = node.value
    if not isinstance(node, ast.Name) or node.id not in modules:
        return False
    return ".".join([modules[node.id], *attributes]).startswith(meant)


def _is_plain(call: ast.Call, modules: dict[str, str]) -> bool:
    """Whether a call only puts values together."""
    function = call.func
    if isinstance(function, ast.Name) and function.id not in modules:
        return hasattr(builtins, function.id)
    if _is_of(function, PLAIN_MODULES, modules):
        return True
    return isinstance(function, ast.Attribute) and function.attr in PLAIN_METHODS


def _handed_over(pieces: list[Piece], shown: Collection[int]) -> set[Piece]:
    """The pieces shown that call ``runs`` or ``page``, and those whose values nothing else uses."""
    found = {piece for piece in pieces if piece.calls or piece.builds or piece.body}
    while True:
        left = {piece for piece in found if piece.calls or _only_feeds(piece, pieces, found)}
        if left == found:
            break
        found = left
    # Values that are only handed round among themselves reach no run.
    found = {piece for piece in found if piece.cell in shown}
    reaching = {piece for piece in found if piece.calls}
    while True:
        names = {name for piece in reaching for name in piece.reads}
        more = {
            piece
            for piece in found - reaching
            if (set(piece.body) <= reaching if piece.body else piece.binds & names)
        }
        if not more:
            return reaching
        reaching |= more


def _only_feeds(piece: Piece, pieces: list[Piece], found: set[Piece]) -> bool:
    """Whether all that uses what a piece makes is among those found."""
    if piece.body:
        return set(piece.body) <= found
    readers = [other for other in pieces if other is not piece and other.reads & piece.binds]
    return bool(readers) and set(readers) <= found
