"""What a piece of code is, for the key of a run: its syntax, and that of what it uses.

Comments, docstrings and formatting don't decide a result, so they don't count.
"""

import ast
import functools
import hashlib
import inspect
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from groundup.runs import uses

LIBRARIES = frozenset({"keras", "numpy", "tensorflow", "torch"}) | uses.STANDARD
started = time.time()  # of this process, near enough


def digests(objects: Iterable[object]) -> dict[str, str]:
    """The code of the classes and functions of ours among these: its modules, each with its digest.

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
    found = sources(modules)
    for name in found:
        _expect_unchanged(name)
    return found


def _expect_unchanged(module: str) -> None:
    spec = uses.spec(module)
    if spec is None or module not in sys.modules:
        return
    # A time yet to come is no time at which anyone wrote: the clock was set back.
    if started < uses.file(module).stat().st_mtime <= time.time():
        raise RuntimeError(
            f"{spec.origin} has changed since {module} was imported, so what would run isn't what it "
            "says: start Python anew"
        )


def sources(modules: Iterable[str], names: Iterable[str] = ()) -> dict[str, str]:
    """Each of these modules and of those that they use with its digest, and what re-exported names mean.

    Args:
        modules: their names.
        names: dotted names that other code uses.
    """
    found = sorted(uses.closure(modules))
    names = set(names).union(*map(uses.names, found))
    return {name: source_digest(name) for name in found} | dict(sorted(uses.exports(names).items()))


@functools.cache
def source_digest(module: str) -> str:
    """The digest of a module's syntax tree without its docstrings."""
    return syntax_digest(uses.file(module))


def syntax_digest(path: Path) -> str:
    """The digest of a file's syntax tree without its docstrings."""
    tree = ast.parse(path.read_bytes(), filename=str(path))
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            and ast.get_docstring(node, clean=False) is not None
        ):
            node.body = node.body[1:]
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest()


@functools.cache
def files_digest(top: str) -> str:
    """The digest of all sources of a top-level module or package, to the last comment."""
    digest = hashlib.sha256()
    for path in sorted(uses.files(top)):
        digest.update(f"{path}\n{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()
