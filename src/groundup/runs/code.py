"""What a piece of code is, for the key of a run: its syntax, and that of what it imports.

Comments, docstrings and formatting don't decide a result, so they don't count.
"""

import ast
import functools
import hashlib
import importlib.util
import inspect
import sys
import time
from collections.abc import Iterable
from pathlib import Path

LIBRARIES = frozenset({"keras", "numpy", "tensorflow", "torch"}) | sys.stdlib_module_names
started = time.time()  # of this process, near enough


def digest(objects: Iterable[object]) -> str:
    """The digest of the code of the classes and functions of ours among these.

    A library's classes don't count, since its version is in the key. Variables of a module are taken for
    constants.

    Args:
        objects: classes or functions; instances stand for their class.

    Raises:
        TypeError: one is defined where what it uses can't be followed, such as in a notebook cell, or
            it's a function that carries values of its own.
        RuntimeError: a module's file has changed since it was imported.
    """
    modules = set()
    for thing in objects:
        definition = thing if inspect.isroutine(thing) or inspect.isclass(thing) else type(thing)
        package = (definition.__module__ or "builtins").partition(".")[0]
        if package in LIBRARIES:
            continue
        code = getattr(definition, "__code__", None)
        name = code.co_qualname if code else definition.__qualname__
        if name.endswith("<lambda>"):
            raise TypeError("a lambda has no name to be told by, expected a function of a module")
        if package == "__main__" or "<locals>" in name:
            raise TypeError(
                f"{name} is defined inside a notebook or a function, so what it depends on can't be "
                "told; expected a class or function of a module"
            )
        if getattr(definition, "__self__", None) is not None:
            raise TypeError(f"{name} is bound to an object, expected a function of a module")
        modules.add(definition.__module__)
    sources = sorted((name, source_digest(name)) for name in closure(modules))
    return hashlib.sha256(repr(sources).encode()).hexdigest()


def closure(modules: Iterable[str]) -> set[str]:
    """These modules and the modules of ours that they import, directly or not."""
    found: set[str] = set()
    waiting = list(modules)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += imports(name)
    return found


@functools.cache
def source_digest(module: str) -> str:
    """The digest of a module's syntax tree without its docstrings."""
    tree = _tree(module)
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            and ast.get_docstring(node, clean=False) is not None
        ):
            node.body = node.body[1:]
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest()


@functools.cache
def imports(module: str) -> frozenset[str]:
    """The modules of ours that a module imports, anywhere in it.

    Ours is what lies in the same package or isn't installed as a library. A name that a package
    re-exports counts as the module that defines it.
    """
    package = module.partition(".")[0]
    found = set()
    for node in ast.walk(_tree(module)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, module)
            found |= {_definer(base, alias.name) for alias in node.names}
    return frozenset(
        name for name in found if name.partition(".")[0] == package or not _is_library(name)
    )


def _is_library(module: str) -> bool:
    package = module.partition(".")[0]
    spec = None if package in LIBRARIES else _spec(package)
    places = [] if spec is None else [spec.origin or "", *(spec.submodule_search_locations or [])]
    return spec is None or any("site-packages" in place for place in places)


def _definer(module: str, name: str) -> str:
    """The module that defines what ``from module import name`` gives."""
    if module.partition(".")[0] in LIBRARIES:
        return module
    if _spec(f"{module}.{name}") is not None:
        return f"{module}.{name}"
    spec = _spec(module)
    if spec is not None and spec.submodule_search_locations:
        for node in _tree(module).body:
            if isinstance(node, ast.ImportFrom) and name in {
                alias.asname or alias.name for alias in node.names
            }:
                return _definer(_absolute(node, module), name)
    return module


def _absolute(node: ast.ImportFrom, module: str) -> str:
    """The module that an import in ``module`` names, without leading dots."""
    spec = _spec(module)
    is_package = spec is not None and spec.submodule_search_locations is not None
    package = module if is_package else module.rpartition(".")[0]
    return importlib.util.resolve_name("." * node.level + (node.module or ""), package)


@functools.cache
def _spec(module: str):
    try:
        return importlib.util.find_spec(module)
    except (ImportError, AttributeError, ValueError):
        return None


def _tree(module: str) -> ast.Module:
    spec = _spec(module)
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        raise TypeError(f"the source of {module} can't be read, so its runs can't be remembered")
    file = Path(spec.origin)
    # A time yet to come is no time at which anyone wrote: the clock was set back.
    if module in sys.modules and started < file.stat().st_mtime <= time.time():
        raise RuntimeError(
            f"{file} has changed since {module} was imported, so what would run isn't what it says: "
            "start Python anew"
        )
    return ast.parse(file.read_text(encoding="utf-8"))
