"""A loaded module held against its source: that it runs the code that stands there, and which of its
variables have other values than are to be read there.

Compared is what is loaded, never a file's time: a file can be replaced by an older one, and touching it
changes nothing. What a library makes at the import, such as a compiled pattern, isn't looked into.
"""

import ast
import builtins
import contextlib
import dataclasses
import functools
import importlib
import importlib.machinery
import inspect
import sys
import types
from collections.abc import Iterable, Iterator

import numpy as np

from groundup.runs import content, random_state, uses

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
# Decorators behind which the function itself can be seen.
TRANSPARENT = frozenset({
    "abstractmethod", "cache", "cached_property", "classmethod", "contextmanager", "deleter", "getter",
    "lru_cache", "property", "setter", "staticmethod",
})  # fmt: skip


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
        codes: the digest of each function that is compiled from it, by its qualified name.
        digest: that of the whole.
    """

    body: Body
    codes: dict[str, set[str]]
    digest: str


def variables(modules: Iterable[str]) -> dict[str, object]:
    """Those variables of loaded modules whose values can't be read in their source, or are others.

    Args:
        modules: their names; those of this package have none to tell.

    Returns:
        Each value by its dotted name, as ``content`` describes it.

    Raises:
        RuntimeError: a function, a method, a class or the module itself isn't what stands in the source.
    """
    return {n: value for held in by_module(modules).values() for n, value in held.items()}


def lasting(modules: Iterable[str]) -> dict[str, dict[str, object]]:
    """The same by module, but for what a module's own functions fill, such as a table of results."""
    with content.without_computed():
        found = by_module(modules)
    return {
        module: {
            name: value
            for name, value in held.items()
            if name.removeprefix(f"{module}.") not in _source(module).body.changes
            or not isinstance(value, tuple)
        }
        for module, held in found.items()
    }


def is_filled_once(module: str, variable: str) -> bool:
    """Whether a variable of a module begins as None, and functions of the module give it its value.

    Args:
        variable: its dotted name.
    """
    *classes, name = variable.removeprefix(f"{module}.").split(".")
    body = _source(module).body
    for outer in classes:
        if len(bodies := body.classes.get(outer, [])) != 1:
            return False
        body = bodies[0]
    return name in body.changes and body.values.get(name, content.UNKNOWN) is None


def by_module(modules: Iterable[str]) -> dict[str, dict[str, object]]:
    """The same, by the modules among these that are loaded; those that others import late are by now."""
    found = {}
    for name in modules:
        if not name.startswith("groundup."):  # as whatever uses it would
            with contextlib.suppress(Exception):
                importlib.import_module(name)
        module = sys.modules.get(name)
        if module is not None and uses.spec(name) is not None:
            others = {f"{name}.{n}": value for n, value in _differences(module, name)}
            apart = others if name.startswith(f"{__package__}.") else random_state.SEEDED
            found[name] = {n: value for n, value in others.items() if n not in apart}
    return found


def _differences(module: types.ModuleType, name: str) -> list[tuple[str, object]]:
    try:
        return [*_of_module(module, name)]
    except RuntimeError:  # it may have been loaded anew, from a file that has changed
        forget()
        return [*_of_module(module, name)]


def _of_module(module: types.ModuleType, name: str) -> Iterator[tuple[str, object]]:
    ran, source = _executed.get(str(uses.file(name))), _source(name)
    if ran is not None and _is_compiled_as_it_stands(name) and _digest(ran) != source.digest:
        raise _other(name, "something in it")
    yield from _of_body(vars(module), source.body, "", name)


def _hear(event: str, arguments: tuple) -> None:
    """An audit hook: keep the code of each module that is executed from now on."""
    if event == "exec" and getattr(code := arguments[0], "co_name", None) == "<module>":
        _executed[code.co_filename] = code


forgotten: list = []  # what else is to be called when modules may have changed
_executed: dict[str, types.CodeType] = {}
sys.addaudithook(_hear)


@functools.cache
def _digest(code: types.CodeType) -> str:
    return content.code_digest(code)


def forget() -> None:
    """Forget what was read of modules, which may have changed since."""
    uses.forget()
    _source.cache_clear()
    for function in forgotten:
        function()


def _of_body(live: dict, body: Body, place: str, module: str) -> Iterator[tuple[str, object]]:
    """What is other in a namespace than its body says, by dotted name."""
    for name, definitions in body.functions.items():
        if name in live:
            _expect_function(live[name], definitions, place + name, module)
            kept = {n: v for n, v in getattr(live[name], "__dict__", {}).items() if n[:2] != "__"}
            if kept and isinstance(live[name], types.FunctionType):
                yield place + name, content.described(kept)
    for name, bodies in body.classes.items():
        if name in live:
            yield from _of_class(live[name], bodies, place + name, module)
    for name, targets in body.imports.items():
        if name in live and name not in {*body.functions, *body.classes, *body.values}:
            yield from _of_import(live[name], targets, place + name, module)
    for name, said in body.values.items():
        if name in live and not (name.startswith("__") and name.endswith("__")):
            value = content.described(live[name])
            if value is content.UNKNOWN and said is not content.UNKNOWN:
                value = "unknown", str(type(live[name]))
            if value is not content.UNKNOWN and not _same(value, said):
                yield place + name, value
    if not body.open:
        known = {*body.functions, *body.classes, *body.values, *body.imports}
        for name in (n for n in live if n not in known and not _is_made(n, live, body)):
            yield from _of_stranger(live[name], place + name, module)


def _is_made(name: str, live: dict, body: Body) -> bool:
    """Whether a class has this attribute from a class above, which makes it for each."""
    return name in body.changes and not isinstance(live[name], content.PLAIN)


def _of_class(live, bodies: list[Body], place: str, module: str) -> Iterator[tuple[str, object]]:
    if (
        not isinstance(live, type)
        or f"{live.__module__}.{live.__qualname__}" != f"{module}.{place}"
    ):
        if any(body.decorated for body in bodies):
            return
        raise _other(module, place)
    if len(bodies) == 1:  # of several, nobody knows which it is
        bases = (c.__module__ for c in live.__mro__ if c is not live and _is_of_ours(c))
        inherited = frozenset().union(*(_source(base).body.changes for base in bases))
        body = dataclasses.replace(bodies[0], changes=bodies[0].changes | inherited)
        yield from _of_body(vars(live), body, f"{place}.", module)


def _of_import(live, targets: set[str], place: str, module: str) -> Iterator[tuple[str, object]]:
    meant = [thing for target in targets if (thing := _imported(target)) is not content.UNKNOWN]
    if not meant or any(thing is live for thing in meant):
        return
    if inspect.isroutine(live) or isinstance(live, type | types.ModuleType):
        raise _other(module, place)
    if (value := content.described(live)) is not content.UNKNOWN:
        yield place, value


def _imported(target: str):
    if target in sys.modules:
        return sys.modules[target]
    parent, _, name = target.rpartition(".")
    return getattr(sys.modules.get(parent), name, content.UNKNOWN)


def _of_stranger(live, place: str, module: str) -> Iterator[tuple[str, object]]:
    """What is in a namespace and not in its body: set from elsewhere, or made by a decorator."""
    name = place.rpartition(".")[2]
    if name.startswith("__") or isinstance(live, types.ModuleType):
        return
    if isinstance(live, types.FunctionType):
        file = live.__code__.co_filename
        if file.startswith("<") and not file.startswith("<frozen"):  # by dataclasses and the like
            return
        if not _is_library(live.__module__ or ""):
            raise _other(module, place)
    if (value := content.described(live)) is not content.UNKNOWN:
        yield place, value


def _is_library(module: str) -> bool:
    top = module.partition(".")[0]
    return uses.is_standard(top) or (bool(uses.places(top)) and not uses.is_ours(top))


def _expect_function(live, definitions: list, place: str, module: str) -> None:
    """Raise an error unless a function is one of those that are defined under its name."""
    if not _is_compiled_as_it_stands(module):
        return
    decorated = any(map(_is_made_by_another, definitions))
    inside = [inner for thing in _accessors(live) if (inner := _unwrapped(thing)) is not None]
    for function in inside:
        codes = _source(module).codes.get(function.__code__.co_qualname, ())
        if not codes and decorated:
            continue  # the decorator's own
        if content.code_digest(function.__code__) not in codes:
            raise _other(module, place)
        if len(definitions) == 1 and not _has_defaults(function, definitions[0]):
            raise _other(module, place)
    if not inside and not decorated:
        raise _other(module, place)


def _is_made_by_another(definition: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a decorator may have put something else in a function's place."""
    calls = (d.func if isinstance(d, ast.Call) else d for d in definition.decorator_list)
    names = {getattr(call, "attr", getattr(call, "id", "")) for call in calls}
    return not names <= TRANSPARENT


def _is_compiled_as_it_stands(module: str) -> bool:
    """Whether Python itself loaded a module: others may rewrite what they load, as pytest does."""
    return type(sys.modules[module].__spec__.loader) is importlib.machinery.SourceFileLoader


def _accessors(live) -> list:
    """The functions that a property has; of anything else the thing itself."""
    if isinstance(live, property):
        return [f for f in (live.fget, live.fset, live.fdel) if f is not None]
    return [live]


def _unwrapped(thing) -> types.FunctionType | None:
    """What is inside of decorators; None if that is no function."""
    while True:
        if isinstance(thing, functools.cached_property):
            thing = thing.func
        elif hasattr(thing, "__wrapped__"):
            thing = thing.__wrapped__
        else:
            return thing if isinstance(thing, types.FunctionType) else None


def _has_defaults(function: types.FunctionType, definition) -> bool:
    """Whether a function's defaults are those that its definition says, as far as it says them."""
    said = [_value(node) for node in definition.args.defaults]
    named = zip(definition.args.kwonlyargs, definition.args.kw_defaults, strict=True)
    said_by_name = {argument.arg: _value(node) for argument, node in named if node is not None}
    now = [*map(content.described, function.__defaults__ or ())]
    named = function.__kwdefaults__ or {}
    now_by_name = {name: content.described(value) for name, value in named.items()}
    return (
        len(now) == len(said)
        and now_by_name.keys() == said_by_name.keys()
        and all(a is content.UNKNOWN or _same(b, a) for a, b in zip(said, now, strict=True))
        and all(a is content.UNKNOWN or _same(now_by_name[n], a) for n, a in said_by_name.items())
    )


def _other(module: str, place: str) -> RuntimeError:
    return RuntimeError(
        f"{uses.file(module)} has changed since {module} was imported, or {place} was replaced: what "
        "would run isn't what the source says; start Python anew"
    )


def _is_of_ours(kind: type) -> bool:
    return uses.is_ours(kind.__module__)


def _same(one, other) -> bool:
    """Whether two plain values are equal, and of the same types all the way down."""
    if type(one) is not type(other):
        return False
    if type(one) in (list, tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    if type(one) is dict:
        return _same([*one.items()], [*other.items()])
    if isinstance(one, float):
        return one.hex() == other.hex()
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and one.tobytes() == other.tobytes()
    return one == other


@functools.cache
def _source(module: str) -> Source:
    whole = compile(uses.source(module), str(uses.file(module)), "exec", dont_inherit=True)
    codes, waiting = {}, [whole]
    while waiting:
        for constant in waiting.pop().co_consts:
            if isinstance(constant, types.CodeType):
                codes.setdefault(constant.co_qualname, set()).add(content.code_digest(constant))
                waiting.append(constant)
    tree = uses.tree(module)
    body = _body(tree, module, _changed_inside(tree))
    return Source(body, codes, content.code_digest(whole))


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
            for name, targets in uses.bindings(statement, module).items():
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
                    found[part.id] = _value(statement.value) if fresh else content.UNKNOWN
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


def _value(node: ast.expr):
    """The value of an expression of constants; content.UNKNOWN if it has other parts."""
    if all(isinstance(part, SIMPLE) for part in ast.walk(node)):
        try:
            value = eval(compile(ast.Expression(node), "<constant>", "eval"), {"__builtins__": {}})
        except (ArithmeticError, TypeError, ValueError):
            return content.UNKNOWN
        return content.described(value)
    return content.UNKNOWN


def _changed_inside(tree: ast.Module) -> frozenset[str]:
    """The names that functions declare as global, or change in place."""
    found = set()
    functions = (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))
    for node in (inner for function in functions for inner in ast.walk(function)):
        if isinstance(node, ast.Global):
            found |= set(node.names)
        elif isinstance(node, ast.Subscript | ast.Attribute) and isinstance(node.value, ast.Name):
            changes = isinstance(node.ctx, ast.Store | ast.Del)
            if changes or (isinstance(node, ast.Attribute) and node.attr in CHANGING):
                found.add(node.value.id)
            if changes and isinstance(node, ast.Attribute):
                found.add(node.attr)
    return frozenset(found - set(dir(builtins)))
