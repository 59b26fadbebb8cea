"""A loaded module held against its source: that it runs the code that stands there, and which of its
variables have other values than are to be read there.

Compared is what is loaded, never a file's time: a file can be replaced by an older one, and touching it
changes nothing. What a library makes at the import, such as a compiled pattern, isn't looked into.
"""

import contextlib
import dataclasses
import importlib
import importlib.machinery
import inspect
import sys
import types
from collections.abc import Iterable, Iterator

from groundup.runs import content, definitions, loaded_functions, random_state, source_files, uses


def variables(modules: Iterable[str]) -> dict[str, object]:
    """Those variables of loaded modules whose values can't be read in their source, or are others.

    Args:
        modules: their names; those of this package have none to tell.

    Returns:
        Each value by its dotted name, as ``content`` describes it; a path in the module's project is
        told from there, so that another clone of it has the same.

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
            if name.removeprefix(f"{module}.") not in definitions.of_module(module).body.changes
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
    body = definitions.of_module(module).body
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
        if module is not None and source_files.spec(name) is not None:
            others = {f"{name}.{n}": value for n, value in _differences(module, name)}
            apart = others if name.startswith(f"{__package__}.") else random_state.SEEDED
            root = source_files.project(name.partition(".")[0])
            found[name] = {
                n: content.relative(value, root) for n, value in others.items() if n not in apart
            }
    return found


def _differences(module: types.ModuleType, name: str) -> list[tuple[str, object]]:
    try:
        return [*_of_module(module, name)]
    except RuntimeError:  # it may have been loaded anew, from a file that has changed
        forget()
        return [*_of_module(module, name)]


def _of_module(module: types.ModuleType, name: str) -> Iterator[tuple[str, object]]:
    ran, source = _executed.get(str(source_files.file(name))), definitions.of_module(name)
    if (
        ran is not None
        and _is_compiled_as_it_stands(name)
        and not content.is_same_code(ran, [source.code])
    ):
        raise _other(name, "something in it")
    yield from _of_body(vars(module), source.body, "", name)


def _hear(event: str, arguments: tuple) -> None:
    """An audit hook: keep the code of each module that is executed from now on."""
    if event == "exec" and getattr(code := arguments[0], "co_name", None) == "<module>":
        _executed[code.co_filename] = code


forgotten: list = []  # what else is to be called when modules may have changed
_executed: dict[str, types.CodeType] = {}
sys.addaudithook(_hear)


def forget() -> None:
    """Forget what was read of modules, which may have changed since."""
    uses.forget()
    definitions.forget()
    for function in forgotten:
        function()


def _of_body(
    live: dict, body: definitions.Body, place: str, module: str
) -> Iterator[tuple[str, object]]:
    """What is other in a namespace than its body says, by dotted name."""
    for name, defined in body.functions.items():
        if name in live:
            if _is_compiled_as_it_stands(module) and not loaded_functions.is_as_defined(
                live[name], defined, definitions.of_module(module)
            ):
                raise _other(module, place + name)
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
            if value is not content.UNKNOWN and not content.same(value, said):
                yield place + name, value
    if not body.open:
        known = {*body.functions, *body.classes, *body.values, *body.imports}
        for name in (n for n in live if n not in known and not _is_made(n, live, body)):
            yield from _of_stranger(live[name], place + name, module)


def _is_made(name: str, live: dict, body: definitions.Body) -> bool:
    """Whether a class has this attribute from a class above, which makes it for each."""
    return name in body.changes and not isinstance(live[name], content.PLAIN)


def _of_class(
    live, bodies: list[definitions.Body], place: str, module: str
) -> Iterator[tuple[str, object]]:
    if (
        not isinstance(live, type)
        or f"{live.__module__}.{live.__qualname__}" != f"{module}.{place}"
    ):
        if any(body.decorated for body in bodies):
            return
        raise _other(module, place)
    if len(bodies) == 1:  # of several, nobody knows which it is
        bases = (c.__module__ for c in live.__mro__ if c is not live and _is_of_ours(c))
        inherited = frozenset().union(*(definitions.of_module(base).body.changes for base in bases))
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
    return source_files.is_standard(top) or (
        bool(source_files.places(top)) and not source_files.is_ours(top)
    )


def _is_compiled_as_it_stands(module: str) -> bool:
    """Whether Python itself loaded a module: others may rewrite what they load, as pytest does."""
    return type(sys.modules[module].__spec__.loader) is importlib.machinery.SourceFileLoader


def _other(module: str, place: str) -> RuntimeError:
    return RuntimeError(
        f"{source_files.file(module)} has changed since {module} was imported, or {place} was replaced: "
        "what would run isn't what the source says; start Python anew"
    )


def _is_of_ours(kind: type) -> bool:
    return source_files.is_ours(kind.__module__)
