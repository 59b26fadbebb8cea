"""Which modules of ours a piece of code uses, and which libraries.

A name that a package re-exports counts as the module that defines it; a package counts whole only where
it is used as a whole.
"""

import ast
import functools
from collections.abc import Iterable

from groundup.runs import source_files, syntax
from groundup.runs.syntax import WHOLE

# What these import, they use only for what is handed to them, and whoever hands it uses it too.
ADAPTERS = frozenset(
    f"groundup.runs.{name}" for name in ("keras_adapter", "keras_settings", "nn_adapter")
)


def modules(dotted: Iterable[str]) -> frozenset[str]:
    """The modules of ours that define these names, and those whose import has effects on the way."""
    found = set()
    for name in dotted:
        if source_files.is_ours(name):
            module = _definer(name.removesuffix(WHOLE))
            found |= _effects(module)
            if module != name or not source_files.is_package(module):
                found.add(module)  # else a package whose attributes are counted one by one
    return frozenset(found)


@functools.cache
def names(module: str) -> frozenset[str]:
    """The dotted names that a module takes from elsewhere."""
    return syntax.references(source_files.tree(module), module)


@functools.cache
def imports(module: str) -> frozenset[str]:
    """The modules of ours that a module uses, without those that they use."""
    if module in ADAPTERS:
        return frozenset()
    found = modules(names(module))
    if syntax.imports_by_computed_name(source_files.nodes(module)):
        package = module if source_files.is_package(module) else module.rpartition(".")[0]
        found |= source_files.submodules(package or module)
    return found - {module}


def exports(dotted: Iterable[str]) -> dict[str, str]:
    """What the names of ours among these stand for, where a package takes them from elsewhere."""
    plain = (name.removesuffix(WHOLE) for name in dotted if source_files.is_ours(name))
    return {name: target for name in plain if (target := _resolved(name)) != name}


def closure(roots: Iterable[str]) -> set[str]:
    """These modules and the modules of ours that they use, directly or not."""
    found: set[str] = set()
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += imports(name)
    return found


def libraries(dotted: Iterable[str]) -> set[str]:
    """The top-level packages of these names that are neither ours nor Python's."""
    return {
        name.partition(".")[0] for name in dotted if not source_files.is_ours(name)
    } - source_files.STANDARD


def forget() -> None:
    """Forget what was read of modules, which may have changed since."""
    source_files.forget()
    for remembered in (imports, names, _resolved, _effects, _executed, _has_effects, _taken_by):
        remembered.cache_clear()


def _definer(name: str) -> str:
    """The module that defines a dotted name; a package, if it defines the name itself."""
    module, *parts = _resolved(name).split(".")
    for part in parts:
        if source_files.spec(f"{module}.{part}") is None:
            break
        module = f"{module}.{part}"
    return module


@functools.cache
def _resolved(name: str) -> str:
    """A dotted name as the module calls it that defines it, or the package that does."""
    module, *parts = name.split(".")
    for place, part in enumerate(parts):
        if not source_files.is_package(module):
            break
        inside = f"{module}.{part}"
        target, rest = _taken_by(module).get(part), parts[place + 1 :]
        is_module = bool(rest) and (target or "").startswith(
            f"{inside}."
        )  # named like what's in it
        if target not in (None, inside) and not is_module:
            return _resolved(".".join([target, *rest]))
        if source_files.spec(inside) is None:
            break
        module = inside
    return name


@functools.cache
def _taken_by(package: str) -> dict[str, str | None]:
    """Where a package has its names from, as each one's last binding says; None if it makes it itself."""
    found: dict[str, str | None] = {}
    for node in source_files.tree(package).body:
        if isinstance(node, ast.ImportFrom):
            module = syntax.absolute(node, package)
            found |= {alias.asname or alias.name: f"{module}.{alias.name}" for alias in node.names}
        else:
            found |= dict.fromkeys(_named(node))
    return found


def _named(node: ast.stmt) -> set[str]:
    """The names that a statement makes."""
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return {node.name}
    return {
        part.id
        for part in ast.walk(node)
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
    }


@functools.cache
def _effects(module: str) -> frozenset[str]:
    """The modules that run when a module's packages are imported, and then do more than define things."""
    top = module.partition(".")[0]
    executed, package = (
        set(),
        module if source_files.is_package(module) else module.rpartition(".")[0],
    )
    while package:
        executed |= _executed(package, top)
        package = package.rpartition(".")[0]
    return frozenset(filter(_has_effects, executed))


@functools.cache
def _has_effects(module: str) -> bool:
    """Whether a module's statements do more than define, import and name things."""
    bound = syntax.bindings(source_files.nodes(module), module)
    ours = {name for name, targets in bound.items() if any(map(source_files.is_ours, targets))}
    return any(_does_something(node, ours) for node in source_files.tree(module).body)


@functools.cache
def _executed(package: str, top: str) -> frozenset[str]:
    """The modules of the same top-level package that importing a package executes."""
    found, waiting = set(), [package]
    while waiting:
        name = waiting.pop()
        if name in found or name.partition(".")[0] != top or source_files.spec(name) is None:
            continue
        found.add(name)
        for node in source_files.tree(name).body:
            if isinstance(node, ast.Import):
                waiting += [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                base = syntax.absolute(node, name)
                waiting += [base, *(f"{base}.{alias.name}" for alias in node.names)]
    return frozenset(found)


def _does_something(node: ast.stmt, ours: set[str]) -> bool:
    """Whether a statement does more; to call something of ours counts, for it may be a registration."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        return False
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return any(name in ours for d in node.decorator_list for name, *_ in syntax.chains(d))
    if isinstance(node, ast.Expr):
        return not isinstance(node.value, ast.Constant)
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if any(isinstance(t, ast.Attribute | ast.Subscript) for t in targets):
            return True
        calls = (part.func for part in ast.walk(node) if isinstance(part, ast.Call))
        return any(name in ours for call in calls for name, *_ in syntax.chains(call))
    return True
