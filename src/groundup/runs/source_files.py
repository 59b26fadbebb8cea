"""Where the source of a module is, what stands in it, and whether it's ours. Nothing is imported."""

import ast
import functools
import importlib.machinery
import importlib.util
import os
import pkgutil
import sys
import sysconfig
from pathlib import Path

STANDARD = sys.stdlib_module_names
PYTHON = tuple(sysconfig.get_path(name) + os.sep for name in ("stdlib", "platstdlib"))


@functools.cache
def tree(module: str) -> ast.Module:
    """The syntax of a module, to be read only; a package without a file of its own has none.

    Raises:
        TypeError: it has no source in Python.
    """
    if is_package(module) and spec(module).origin is None:
        return ast.Module([], [])
    return ast.parse(source(module), filename=str(file(module)))


@functools.cache
def nodes(module: str) -> tuple[ast.AST, ...]:
    """All that is in the syntax of a module, at any depth.

    Raises:
        TypeError: it has no source in Python.
    """
    return tuple(ast.walk(tree(module)))


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
    folders = spec(top).submodule_search_locations if is_package(top) else None
    if folders is not None:
        return [path for folder in folders for path in Path(folder).rglob("*.py")]
    return [Path(place) for place in places(top) if place.endswith(".py")]


def places(top: str) -> list[str]:
    """Where a top-level module or package is; nowhere, if there is none."""
    found = spec(top)
    if found is None:
        return []
    return [found.origin or "", *(found.submodule_search_locations or [])]


def submodules(package: str) -> set[str]:
    """A package and every module in it, at any depth. Nothing is imported."""
    places = spec(package).submodule_search_locations if is_package(package) else []
    inside = [f"{package}.{found.name}" for found in pkgutil.iter_modules(places)]
    return {package}.union(*map(submodules, inside))


@functools.cache
def project(top: str) -> str:
    """The folder of the project that a top-level module or package belongs to.

    That is the nearest above it with a ``pyproject.toml`` or a ``.git``, else the one that it lies in.
    """
    own = [place for place in places(top) if os.path.isabs(place)]
    folder = Path(own[-1]).parent
    marks = (above for above in (folder, *folder.parents) if _is_root(above))
    return str(next(marks, folder))


def _is_root(folder: Path) -> bool:
    return any((folder / name).exists() for name in (".git", "pyproject.toml"))


@functools.cache
def spec(module: str):
    """Where a module is; None if there is none of that name. Nothing is imported."""
    parent, _, name = module.rpartition(".")
    if not parent:
        try:
            return importlib.util.find_spec(module)
        except (ImportError, ValueError):
            return None
    if not is_package(parent):
        return None
    folders = list(spec(parent).submodule_search_locations)
    try:
        return importlib.machinery.PathFinder.find_spec(module, folders)
    except KeyError:  # a package without a file of its own, whose parent isn't imported
        found = importlib.machinery.ModuleSpec(module, None, is_package=True)
        inside = (os.path.join(folder, name) for folder in folders)
        found.submodule_search_locations = [folder for folder in inside if os.path.isdir(folder)]
        return found


def is_package(module: str) -> bool:
    """Whether there is a package of that name."""
    found = spec(module)
    return found is not None and found.submodule_search_locations is not None


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


def forget() -> None:
    """Forget what was read of modules, which may have changed since."""
    for remembered in (nodes, source, spec, tree, project, _is_library, is_standard):
        remembered.cache_clear()
