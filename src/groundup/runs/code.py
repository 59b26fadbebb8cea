"""What a piece of code is, for the key of a run: its syntax, and that of what it uses.

Comments, docstrings and formatting don't decide a result, so they don't count; docstrings do where code
asks for them.
"""

import ast
import functools
import hashlib
import inspect
import types
from collections.abc import Iterable
from pathlib import Path

from groundup.runs import loaded, source_files, uses

LIBRARIES = frozenset({"keras", "numpy", "tensorflow", "torch"})
# What gives a docstring to code.
ASKS_FOR_WORDS = frozenset({"__doc__", "getdoc", "getsource"})


def digests(objects: Iterable[object]) -> dict[str, str]:
    """The code of the classes and functions of ours among these: its modules, each with its digest.

    A library's classes don't count, since its version is in the key.

    Args:
        objects: classes or functions; instances stand for their class.

    Raises:
        TypeError: one is defined where what it uses can't be followed, such as in a notebook cell, or
            it's a function that carries values of its own.
        RuntimeError: what is loaded isn't what stands in a module's source.
    """
    return described(objects)[0]


def described(objects: Iterable[object]) -> tuple[dict[str, str], dict[str, object]]:
    """The same with the variables of these modules that the digests don't tell: see ``loaded``."""
    modules = _modules(objects)
    variables = loaded.variables(uses.closure(modules))  # first: it may read the sources anew
    return sources(modules), variables


def _modules(objects: Iterable[object]) -> set[str]:
    """Where the classes and functions of ours among these are defined."""
    modules = set()
    for thing in objects:
        definition = thing if inspect.isroutine(thing) or inspect.isclass(thing) else type(thing)
        owner = getattr(definition, "__self__", getattr(definition, "__objclass__", None))
        if not isinstance(owner, types.ModuleType | None):
            name = definition.__qualname__
            raise TypeError(f"{name} is bound to an object, expected a function of a module")
        package = (definition.__module__ or "builtins").partition(".")[0]
        if package in LIBRARIES or source_files.is_standard(package):
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
        modules.add(definition.__module__)
    return modules


def sources(modules: Iterable[str], names: Iterable[str] = ()) -> dict[str, str]:
    """Each of these modules and of those that they use with its digest, and what re-exported names mean.

    Args:
        modules: their names.
        names: dotted names that other code uses.
    """
    found = sorted(uses.closure(modules))
    names = set(names).union(*map(uses.names, found))
    asked = any(name.rpartition(".")[2] in ASKS_FOR_WORDS for name in names)
    words = asked or any(_asks_for_words(source_files.source(name)) for name in found)
    digests = {name: source_digest(name, words) for name in found}
    return digests | dict(sorted(uses.exports(names).items()))


@functools.cache
def source_digest(module: str, words: bool = False) -> str:
    """The digest of a module's syntax tree, with its docstrings or without."""
    return _digest(source_files.tree(module), [] if words else source_files.nodes(module))


loaded.forgotten.append(source_digest.cache_clear)


def syntax_digest(path: Path) -> str:
    """The digest of a file's syntax tree without its docstrings."""
    tree = ast.parse(path.read_bytes())
    return _digest(tree, ast.walk(tree))


def _digest(tree: ast.Module, nodes: Iterable[ast.AST]) -> str:
    """The digest of a syntax tree without the docstrings of these of its nodes."""
    said = []
    for node in nodes:
        if (
            isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            and ast.get_docstring(node, clean=False) is not None
        ):
            said.append((node, node.body))
            node.body = node.body[1:]
    found = hashlib.sha256(ast.dump(tree).encode()).hexdigest()
    for node, body in said:  # the tree is others' too
        node.body = body
    return found


@functools.cache
def _asks_for_words(source: bytes) -> bool:
    if not any(word.encode() in source for word in ASKS_FOR_WORDS):  # as in nearly all
        return False
    names = {
        getattr(node, "attr", getattr(node, "id", None)) for node in ast.walk(ast.parse(source))
    }
    return not names.isdisjoint(ASKS_FOR_WORDS)


@functools.cache
def files_digest(top: str) -> str:
    """The digest of all sources of a top-level module or package, to the last comment."""
    digest = hashlib.sha256()
    for path in sorted(source_files.files(top)):
        digest.update(f"{path}\n{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def forget() -> None:
    """Forget what was read of modules, which may have changed since."""
    loaded.forget()
    files_digest.cache_clear()
