"""A loaded function held against its definition in the source."""

import ast
import functools
import types

from groundup.runs import content, definitions

# Decorators behind which the function itself can be seen.
TRANSPARENT = frozenset({
    "abstractmethod", "cache", "cached_property", "classmethod", "contextmanager", "deleter", "getter",
    "lru_cache", "property", "setter", "staticmethod",
})  # fmt: skip


def is_as_defined(live, defined: list, source: definitions.Source) -> bool:
    """Whether a function, method or property of a module is one of those that are defined under its name.

    Args:
        live: what stands under the name.
        defined: the definitions of that name in the source.
        source: that of the module.
    """
    decorated = any(map(_is_made_by_another, defined))
    inside = [inner for thing in _accessors(live) if (inner := _unwrapped(thing)) is not None]
    for function in inside:
        codes = source.codes.get(function.__code__.co_qualname, ())
        if not codes and decorated:
            continue  # the decorator's own
        if not content.is_same_code(function.__code__, codes):
            return False
        if len(defined) == 1 and not _has_defaults(function, defined[0]):
            return False
    return bool(inside) or decorated


def _is_made_by_another(definition: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a decorator may have put something else in a function's place."""
    calls = (d.func if isinstance(d, ast.Call) else d for d in definition.decorator_list)
    names = {getattr(call, "attr", getattr(call, "id", "")) for call in calls}
    return not names <= TRANSPARENT


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
    said = [definitions.value(node) for node in definition.args.defaults]
    named = zip(definition.args.kwonlyargs, definition.args.kw_defaults, strict=True)
    said_by_name = {
        argument.arg: definitions.value(node) for argument, node in named if node is not None
    }
    now = [*map(content.described, function.__defaults__ or ())]
    named = function.__kwdefaults__ or {}
    now_by_name = {name: content.described(value) for name, value in named.items()}
    return (
        len(now) == len(said)
        and now_by_name.keys() == said_by_name.keys()
        and all(a is content.UNKNOWN or content.same(b, a) for a, b in zip(said, now, strict=True))
        and all(
            a is content.UNKNOWN or content.same(now_by_name[n], a) for n, a in said_by_name.items()
        )
    )
