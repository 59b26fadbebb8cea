"""Which modules of ours a piece of code uses, and which libraries, told from its syntax.

A name that a package re-exports counts as the module that defines it; a package counts whole only where
it is used as a whole. A string that names a module of ours, and no package, counts as an import of it.
"""

import ast
import functools
import importlib.machinery
import importlib.util
import os
import pkgutil
import re
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path

STANDARD = sys.stdlib_module_names
PYTHON = tuple(sysconfig.get_path(name) + os.sep for name in ("stdlib", "platstdlib"))
WHOLE = ".*"
IMPORTERS = frozenset({"__import__", "import_module"})
# What these import, they use only for what is handed to them, and whoever hands it uses it too.
ADAPTERS = frozenset(
    f"groundup.runs.{name}" for name in ("keras_adapter", "keras_settings", "nn_adapter")
)


def references(tree: ast.AST, module: str = "__main__") -> frozenset[str]:
    """The dotted names that code takes from elsewhere, such as ``groundup.nn.Sequential``.

    Args:
        tree: the code.
        module: the module it is, for relative imports.

    Returns:
        Names; a package that is used as a whole has ``.*`` at its end.

    Raises:
        ImportError: a relative import leads nowhere.
    """
    found: set[str] = set()
    nodes = [*ast.walk(tree)]
    bound, inner = _bindings(nodes, module), set()
    for node in nodes:
        if isinstance(node, ast.Import):
            if _imports_inside(node):
                inner.add(node.names[0].name.partition(".")[0])
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            stars = (alias for alias in node.names if alias.name == "*")
            found |= {_absolute(node, module) + WHOLE for _ in stars}
        elif isinstance(node, ast.Constant) and _is_module_of_ours(node.value):
            found.add(node.value)
        elif isinstance(node, ast.Call) and _called(node) in IMPORTERS:
            names = [a.value for a in node.args[:1] if isinstance(a, ast.Constant)]
            found |= {str(name) + WHOLE for name in names}
    accessed = set()
    for name, *attributes in _chains(tree):
        for dotted in bound.get(name, ()):
            accessed.add(dotted)
            whole = not attributes and _is_package(dotted)
            found.add(dotted + WHOLE if whole else ".".join([dotted, *attributes]))
    for dotted in set().union(*bound.values()) - accessed - inner:  # others may take it from here
        found.add(dotted + WHOLE if _is_package(dotted) and is_ours(dotted) else dotted)
    return frozenset(found)


def _imports_inside(node: ast.AST) -> bool:
    return isinstance(node, ast.Import) and "." in node.names[0].name and not node.names[0].asname


def bindings(tree: ast.AST, module: str) -> dict[str, set[str]]:
    """What each name may stand for that code imports, anywhere in it."""
    return _bindings(ast.walk(tree), module)


def _bindings(nodes: Iterable[ast.AST], module: str) -> dict[str, set[str]]:
    bound: dict[str, set[str]] = {}
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.partition(".")[0]
                name, dotted = (alias.asname, alias.name) if alias.asname else (first, first)
                bound.setdefault(name, set()).add(dotted)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, module)
            for alias in node.names:
                if alias.name != "*":
                    name = alias.asname or alias.name
                    bound.setdefault(name, set()).add(f"{base}.{alias.name}")
    return bound


def _chains(tree: ast.AST) -> Iterable[list[str]]:
    """The names that code looks up, each with the attributes taken of it: ``nn.Dense.forward``."""
    waiting = [tree]
    while waiting:
        node, attributes = waiting.pop(), []
        while isinstance(node, ast.Attribute):
            attributes.insert(0, node.attr)
            node = node.value
        if isinstance(node, ast.Name):
            yield [node.id, *attributes]
        else:
            waiting += ast.iter_child_nodes(node)


def modules(dotted: Iterable[str]) -> frozenset[str]:
    """The modules of ours that define these names, and those whose import has effects on the way."""
    found = set()
    for name in dotted:
        if is_ours(name):
            module = _definer(name.removesuffix(WHOLE))
            found |= _effects(module)
            if module != name or not _is_package(module):
                found.add(module)  # else a package whose attributes are counted one by one
    return frozenset(found)


@functools.cache
def names(module: str) -> frozenset[str]:
    """The dotted names that a module takes from elsewhere."""
    return references(tree(module), module)


@functools.cache
def imports(module: str) -> frozenset[str]:
    """The modules of ours that a module uses, without those that they use."""
    if module in ADAPTERS:
        return frozenset()
    found = modules(names(module))
    if imports_by_computed_name(tree(module)):
        package = module if _is_package(module) else module.rpartition(".")[0]
        found |= submodules(package or module)
    return found - {module}


def exports(dotted: Iterable[str]) -> dict[str, str]:
    """What the names of ours among these stand for, where a package takes them from elsewhere."""
    plain = (name.removesuffix(WHOLE) for name in dotted if is_ours(name))
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
    return {name.partition(".")[0] for name in dotted if not is_ours(name)} - STANDARD


def submodules(package: str) -> set[str]:
    """A package and every module in it, at any depth. Nothing is imported."""
    places = spec(package).submodule_search_locations if _is_package(package) else []
    inside = [f"{package}.{found.name}" for found in pkgutil.iter_modules(places)]
    return {package}.union(*map(submodules, inside))


@functools.cache
def tree(module: str) -> ast.Module:
    """The syntax of a module, to be read only; a package without a file of its own has none.

    Raises:
        TypeError: it has no source in Python.
    """
    if _is_package(module) and spec(module).origin is None:
        return ast.Module([], [])
    return ast.parse(source(module), filename=str(file(module)))


@functools.cache
def source(module: str) -> bytes:
    """The source of a module, read once, so that all that is told of it is told of the same.

    Raises:
        TypeError: it has none in Python.
    """
    return file(module).read_bytes()


def file(module: str) -> Path:
    """The source of a module.

    Raises:
        TypeError: it has none in Python.
    """
    found = spec(module)
    if found is None or found.origin is None or not found.origin.endswith(".py"):
        raise TypeError(f"the source of {module} can't be read, so its runs can't be remembered")
    return Path(found.origin)


def files(top: str) -> list[Path]:
    """Every source in Python of a top-level module or package. None of them is read."""
    folders = spec(top).submodule_search_locations if _is_package(top) else None
    if folders is not None:
        return [path for folder in folders for path in Path(folder).rglob("*.py")]
    return [Path(place) for place in places(top) if place.endswith(".py")]


def places(top: str) -> list[str]:
    """Where a top-level module or package is; nowhere, if there is none."""
    found = spec(top)
    if found is None:
        return []
    return [found.origin or "", *(found.submodule_search_locations or [])]


@functools.cache
def spec(module: str):
    """Where a module is; None if there is none of that name. Nothing is imported."""
    parent, _, name = module.rpartition(".")
    if not parent:
        try:
            return importlib.util.find_spec(module)
        except (ImportError, ValueError):
            return None
    if not _is_package(parent):
        return None
    folders = list(spec(parent).submodule_search_locations)
    try:
        return importlib.machinery.PathFinder.find_spec(module, folders)
    except KeyError:  # a package without a file of its own, whose parent isn't imported
        found = importlib.machinery.ModuleSpec(module, None, is_package=True)
        inside = (os.path.join(folder, name) for folder in folders)
        found.submodule_search_locations = [folder for folder in inside if os.path.isdir(folder)]
        return found


def forget() -> None:
    """Forget what was read of modules, which may have changed since."""
    for remembered in (
        imports,
        names,
        source,
        spec,
        tree,
        _resolved,
        _effects,
        _executed,
        _has_effects,
        _is_library,
        is_standard,
        _taken_by,
    ):
        remembered.cache_clear()


def is_ours(name: str) -> bool:
    """Whether a dotted name is of this package, or of another that is no library."""
    package = name.partition(".")[0]
    return package == __package__.partition(".")[0] or not _is_library(package)


@functools.cache
def is_standard(package: str) -> bool:
    """Whether a top-level package is Python's own; a file of ours may have the name of one."""
    if package not in STANDARD:
        return False
    found = spec(package)
    origin = found.origin if found is not None and found.origin else "built-in"
    return origin in ("built-in", "frozen") or origin.startswith(PYTHON)


@functools.cache
def _is_library(package: str) -> bool:
    """Whether it's Python's, installed as a library, or unknown."""
    found = [] if is_standard(package) else [place for place in places(package) if place]
    # A folder without a file of its own is one with those of its name that libraries left.
    return all("site-packages" in place or "dist-packages" in place for place in found)


def _is_module_of_ours(name: object) -> bool:
    if not isinstance(name, str) or not re.fullmatch(r"[a-z]\w*(\.\w+)+", name):
        return False
    return is_ours(name) and spec(name) is not None and not _is_package(name)


def _is_package(module: str) -> bool:
    found = spec(module)
    return found is not None and found.submodule_search_locations is not None


def _definer(name: str) -> str:
    """The module that defines a dotted name; a package, if it defines the name itself."""
    module, *parts = _resolved(name).split(".")
    for part in parts:
        if spec(f"{module}.{part}") is None:
            break
        module = f"{module}.{part}"
    return module


@functools.cache
def _resolved(name: str) -> str:
    """A dotted name as the module calls it that defines it, or the package that does."""
    module, *parts = name.split(".")
    for place, part in enumerate(parts):
        if not _is_package(module):
            break
        inside = f"{module}.{part}"
        target, rest = _taken_by(module).get(part), parts[place + 1 :]
        is_module = bool(rest) and (target or "").startswith(
            f"{inside}."
        )  # named like what's in it
        if target not in (None, inside) and not is_module:
            return _resolved(".".join([target, *rest]))
        if spec(inside) is None:
            break
        module = inside
    return name


@functools.cache
def _taken_by(package: str) -> dict[str, str | None]:
    """Where a package has its names from, as each one's last binding says; None if it makes it itself."""
    found: dict[str, str | None] = {}
    for node in tree(package).body:
        if isinstance(node, ast.ImportFrom):
            module = _absolute(node, package)
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
    executed, package = set(), module if _is_package(module) else module.rpartition(".")[0]
    while package:
        executed |= _executed(package, top)
        package = package.rpartition(".")[0]
    return frozenset(filter(_has_effects, executed))


@functools.cache
def _has_effects(module: str) -> bool:
    """Whether a module's statements do more than define, import and name things."""
    parsed = tree(module)
    bound = bindings(parsed, module)
    ours = {name for name, targets in bound.items() if any(map(is_ours, targets))}
    return any(_does_something(node, ours) for node in parsed.body)


@functools.cache
def _executed(package: str, top: str) -> frozenset[str]:
    """The modules of the same top-level package that importing a package executes."""
    found, waiting = set(), [package]
    while waiting:
        name = waiting.pop()
        if name in found or name.partition(".")[0] != top or spec(name) is None:
            continue
        found.add(name)
        for node in tree(name).body:
            if isinstance(node, ast.Import):
                waiting += [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                base = _absolute(node, name)
                waiting += [base, *(f"{base}.{alias.name}" for alias in node.names)]
    return frozenset(found)


def _does_something(node: ast.stmt, ours: set[str]) -> bool:
    """Whether a statement does more; to call something of ours counts, for it may be a registration."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        return False
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return any(name in ours for d in node.decorator_list for name, *_ in _chains(d))
    if isinstance(node, ast.Expr):
        return not isinstance(node.value, ast.Constant)
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if any(isinstance(t, ast.Attribute | ast.Subscript) for t in targets):
            return True
        calls = (part.func for part in ast.walk(node) if isinstance(part, ast.Call))
        return any(name in ours for call in calls for name, *_ in _chains(call))
    return True


def _called(node: ast.Call) -> str:
    """The last name of what is called."""
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


def imports_by_computed_name(parsed: ast.AST) -> bool:
    """Whether code imports a module whose name it computes."""
    return any(
        _called(node) in IMPORTERS and not all(isinstance(a, ast.Constant) for a in node.args)
        for node in ast.walk(parsed)
        if isinstance(node, ast.Call)
    )


def _absolute(node: ast.ImportFrom, module: str) -> str:
    """The module that an import in ``module`` names, without leading dots."""
    package = module if _is_package(module) else module.rpartition(".")[0]
    return importlib.util.resolve_name("." * node.level + (node.module or ""), package)
