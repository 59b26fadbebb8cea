"""Which modules of ours a piece of code uses, and which libraries, told from its syntax.

A name that a package re-exports counts as the module that defines it; a package counts whole only where
it is used as a whole. A string that names a module of ours, and no package, counts as an import of it.
"""

import ast
import functools
import importlib.machinery
import importlib.util
import pkgutil
import re
import sys
from collections.abc import Iterable
from pathlib import Path

STANDARD = sys.stdlib_module_names
WHOLE = ".*"
# What these import, they use only for what is handed to them, and whoever hands it uses it too.
ADAPTERS = frozenset({"groundup.runs.keras_adapter", "groundup.runs.nn_adapter"})


def references(tree: ast.AST, module: str = "__main__") -> frozenset[str]:
    """The dotted names that code takes from elsewhere, such as ``groundup.nn.Sequential``.

    Args:
        tree: the code.
        module: the module it is, for relative imports.

    Returns:
        Names; a package that is used as a whole has ``.*`` at its end.
    """
    found: set[str] = set()
    bound: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.partition(".")[0]
                bound[alias.asname or first] = alias.name if alias.asname else first
                if not alias.asname:  # its attributes are looked up from the first name
                    found.add(alias.name)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, module)
            for alias in node.names:
                if alias.name == "*":
                    found.add(base + WHOLE)
                else:
                    bound[alias.asname or alias.name] = f"{base}.{alias.name}"
        elif isinstance(node, ast.Constant) and _is_module_of_ours(node.value):
            found.add(node.value)
    is_package = _is_package(module)
    for dotted in bound.values():
        if not _is_package(dotted) or not _ours(dotted):
            found.add(dotted)
        elif is_package:
            found.add(dotted + WHOLE)
    for chain in _chains(tree):
        if chain[0] in bound:
            dotted = bound[chain[0]]
            bare = len(chain) == 1 and _is_package(dotted)
            found.add(dotted + WHOLE if bare else ".".join([dotted, *chain[1:]]))
    return frozenset(found)


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
        if _ours(name):
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
    if _imports_by_computed_name(tree(module)):
        package = module if _is_package(module) else module.rpartition(".")[0]
        found |= submodules(package or module)
    return found - {module}


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
    return {name.partition(".")[0] for name in dotted if not _ours(name)} - STANDARD


def submodules(package: str) -> set[str]:
    """A package and every module in it, at any depth."""
    places = spec(package).submodule_search_locations if _is_package(package) else None
    return {package, *(m.name for m in pkgutil.walk_packages(places or [], f"{package}."))}


@functools.cache
def tree(module: str) -> ast.Module:
    """The syntax of a module, to be read only; a package without a file of its own has none.

    Raises:
        TypeError: it has no source in Python.
    """
    if _is_package(module) and spec(module).origin is None:
        return ast.Module([], [])
    return ast.parse(file(module).read_text(encoding="utf-8"))


def file(module: str) -> Path:
    """The source of a module.

    Raises:
        TypeError: it has none in Python.
    """
    found = spec(module)
    if found is None or found.origin is None or not found.origin.endswith(".py"):
        raise TypeError(f"the source of {module} can't be read, so its runs can't be remembered")
    return Path(found.origin)


@functools.cache
def spec(module: str):
    """Where a module is; None if there is none of that name. Nothing is imported."""
    parent = module.rpartition(".")[0]
    if not parent:
        try:
            return importlib.util.find_spec(module)
        except (ImportError, ValueError):
            return None
    if not _is_package(parent):
        return None
    return importlib.machinery.PathFinder.find_spec(module, spec(parent).submodule_search_locations)


def forget() -> None:
    """Forget what was read of modules, which may have changed since."""
    for remembered in (imports, names, spec, tree, _effects, _executed, _has_effects, _is_library):
        remembered.cache_clear()


def _ours(name: str) -> bool:
    package = name.partition(".")[0]
    return package == __package__.partition(".")[0] or not _is_library(package)


@functools.cache
def _is_library(package: str) -> bool:
    """Whether it's Python's, installed as a library, or unknown."""
    found = None if package in STANDARD else spec(package)
    places = (
        [] if found is None else [found.origin or "", *(found.submodule_search_locations or [])]
    )
    return found is None or any("site-packages" in place for place in places)


def _is_module_of_ours(name: object) -> bool:
    if not isinstance(name, str) or not re.fullmatch(r"[a-z]\w*(\.\w+)+", name):
        return False
    return _ours(name) and spec(name) is not None and not _is_package(name)


def _is_package(module: str) -> bool:
    found = spec(module)
    return found is not None and found.submodule_search_locations is not None


def _definer(name: str) -> str:
    """The module that defines a dotted name; a package, if it defines the name itself."""
    module, *parts = name.split(".")
    for part in parts:
        if not _is_package(module):
            break
        if spec(f"{module}.{part}") is not None:
            module = f"{module}.{part}"
            continue
        for node in tree(module).body:
            if isinstance(node, ast.ImportFrom):
                named = {alias.asname or alias.name: alias.name for alias in node.names}
                if part in named:
                    return _definer(f"{_absolute(node, module)}.{named[part]}")
        break
    return module


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
    return _does_something(tree(module).body)


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


def _does_something(body: list[ast.stmt]) -> bool:
    """Whether statements do more than define, import and name things."""
    for node in body:
        if isinstance(node, ast.Expr):
            if not isinstance(node.value, ast.Constant):
                return True
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(t, ast.Attribute | ast.Subscript) for t in targets):
                return True
        elif not isinstance(
            node,
            ast.Import | ast.ImportFrom | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef,
        ):
            return True
    return False


def _imports_by_computed_name(parsed: ast.AST) -> bool:
    for node in ast.walk(parsed):
        if isinstance(node, ast.Call) and not all(isinstance(a, ast.Constant) for a in node.args):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            name = node.func.id if isinstance(node.func, ast.Name) else name
            if name in ("import_module", "__import__"):
                return True
    return False


def _absolute(node: ast.ImportFrom, module: str) -> str:
    """The module that an import in ``module`` names, without leading dots."""
    package = module if _is_package(module) else module.rpartition(".")[0]
    return importlib.util.resolve_name("." * node.level + (node.module or ""), package)
