"""What a module defines, read in its source: functions, classes, and variables with their values."""

import ast
import builtins
import dataclasses
import functools
import types
from collections.abc import Iterable, Iterator

from groundup.runs import content, source_files, syntax

# What may stand in an expression whose value is known without its surroundings.
SIMPLE = (
    ast.Constant, ast.Tuple, ast.List, ast.Dict, ast.Set, ast.UnaryOp, ast.BinOp, ast.Load,
    ast.unaryop, ast.operator,
)  # fmt: skip
CHANGING = frozenset(
    {
        "add",
        "append",
        "clear",
        "extend",
        "insert",
        "pop",
        "popitem",
        "remove",
        "setdefault",
        "update",
    }
)


@dataclasses.dataclass(frozen=True)
class Body:
    """What the body of a module or a class says.

    Args:
        functions: the definitions of each name that is a function or a method.
        classes: the bodies of each name that is a class.
        values: what each variable is at its last assignment, as ``content`` describes it; UNKNOWN where
            that has to be computed.
        imports: the dotted names that each name may stand for.
        changes: the variables that functions inside change.
        open: whether there are names that can't be read in it.
        decorated: whether it's that of a class that a decorator may have replaced.
    """

    functions: dict[str, list[ast.FunctionDef | ast.AsyncFunctionDef]]
    classes: dict[str, list["Body"]]
    values: dict[str, object]
    imports: dict[str, set[str]]
    changes: frozenset[str]
    open: bool
    decorated: bool = False


@dataclasses.dataclass(frozen=True)
class Source:
    """What the source of a module says.

    Args:
        body: its statements.
        codes: what each function in it is compiled to, by its qualified name.
        code: what the whole is.
    """

    body: Body
    codes: dict[str, list[types.CodeType]]
    code: types.CodeType


@functools.cache
def of_module(module: str) -> Source:
    """What the source of a module says."""
    whole = compile(
        source_files.source(module), str(source_files.file(module)), "exec", dont_inherit=True
    )
    codes, waiting = {}, [whole]
    while waiting:
        for constant in waiting.pop().co_consts:
            if isinstance(constant, types.CodeType):
                codes.setdefault(constant.co_qualname, []).append(constant)
                waiting.append(constant)
    tree = source_files.tree(module)
    body = _body(tree, module, _changed_inside(source_files.nodes(module)))
    return Source(body, codes, whole)


def _body(node: ast.Module | ast.ClassDef, module: str, changes: frozenset[str]) -> Body:
    functions, classes, values, imports = {}, {}, {}, {}
    stars = False
    for statement in _statements(node.body):
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            functions.setdefault(statement.name, []).append(statement)
        elif isinstance(statement, ast.ClassDef):
            classes.setdefault(statement.name, []).append(_body(statement, module, changes))
        elif isinstance(statement, ast.Import | ast.ImportFrom):
            stars |= any(alias.name == "*" for alias in statement.names)
            for name, targets in syntax.bindings([statement], module).items():
                imports.setdefault(name, set()).update(targets)
        else:
            values |= _assigned(statement, values)
    decorated = isinstance(node, ast.ClassDef) and bool(node.decorator_list)
    return Body(functions, classes, values, imports, changes, stars, decorated)


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a body, those inside of ``if``, ``try``, ``with`` and loops among them."""
    for statement in body:
        yield statement
        if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for field in ("body", "orelse", "finalbody", "handlers", "cases"):
                for inner in getattr(statement, field, []):
                    yield from _statements([inner] if isinstance(inner, ast.stmt) else inner.body)


def _assigned(statement: ast.stmt, before: dict[str, object]) -> dict[str, object]:
    """The names that a statement gives a value, and the value where it can be read."""
    if isinstance(statement, ast.Assign | ast.AnnAssign):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        if statement.value is None:
            return {}
        found = {}
        for target in targets:
            for part in ast.walk(target):
                if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                    fresh = part is target and part.id not in before
                    found[part.id] = value(statement.value) if fresh else content.UNKNOWN
                elif isinstance(part, ast.Name):  # table[1] = 2
                    found[part.id] = content.UNKNOWN
        return found
    if isinstance(statement, ast.AugAssign):
        return {
            part.id: content.UNKNOWN
            for part in ast.walk(statement.target)
            if isinstance(part, ast.Name)
        }
    heads = (
        field
        for field in ast.iter_child_nodes(statement)
        if not isinstance(field, ast.stmt | ast.ExceptHandler | ast.match_case)
    )
    return {
        part.id: content.UNKNOWN
        for head in heads
        for part in ast.walk(head)
        if isinstance(part, ast.Name) and (isinstance(part.ctx, ast.Store) or part.id in before)
    }


def value(node: ast.expr):
    """The value of an expression of constants; content.UNKNOWN if it has other parts."""
    if all(isinstance(part, SIMPLE) for part in ast.walk(node)):
        try:
            value = eval(compile(ast.Expression(node), "<constant>", "eval"), {"__builtins__": {}})
        except (ArithmeticError, TypeError, ValueError):
            return content.UNKNOWN
        return content.described(value)
    return content.UNKNOWN


def _changed_inside(nodes: Iterable[ast.AST]) -> frozenset[str]:
    """The names that functions among these declare as global, or change in place."""
    found, inside = set(), {}
    for function in nodes:  # those outside of others come first
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) and function not in inside:
            inside |= dict.fromkeys(ast.walk(function))
    for node in inside:
        if isinstance(node, ast.Global):
            found |= set(node.names)
        elif isinstance(node, ast.Subscript | ast.Attribute) and isinstance(node.value, ast.Name):
            changes = isinstance(node.ctx, ast.Store | ast.Del)
            if changes or (isinstance(node, ast.Attribute) and node.attr in CHANGING):
                found.add(node.value.id)
            if changes and isinstance(node, ast.Attribute):
                found.add(node.attr)
    return frozenset(found - set(dir(builtins)))


def forget() -> None:
    """Forget what was read of modules, which may have changed since."""
    of_module.cache_clear()
