"""What a value holds, in plain terms: numbers, texts, arrays, and lists and tuples of these."""

import contextlib
import contextvars
import copyreg
import dis
import functools
import hashlib
import inspect
import os
import pathlib
import pickle
import types
import weakref
from collections.abc import Iterator

import numpy as np

from groundup.runs import source_files

PLAIN = (bool, int, float, complex, str, bytes, type(None))
UNKNOWN = object()
# What keeps nothing alive remembers only what can be computed again, as functools.singledispatch does.
CACHES = (weakref.WeakKeyDictionary, weakref.WeakValueDictionary)
# Libraries whose arrays and variables are told by their numbers.
TENSORS = frozenset({"jax", "jaxlib", "keras", "tensorflow", "torch"})


def described(value):
    """A value in plain terms, so that two with other contents have others; every container says its kind.

    Functions are told by their code, objects of Python, NumPy and ours as they would be copied, others by
    their kind.

    Returns:
        UNKNOWN where nothing but the kind can be told.
    """
    try:
        return _Description().of(value)
    except RecursionError:
        return UNKNOWN


@contextlib.contextmanager
def without_computed() -> Iterator[None]:
    """Describe objects without what their properties have computed and kept: it follows from the rest."""
    token = _with_computed.set(False)
    try:
        yield
    finally:
        _with_computed.reset(token)


_with_computed = contextvars.ContextVar("_with_computed", default=True)


def is_computed(kind: type, attribute: str) -> bool:
    """Whether an attribute is a property that is computed once, when it's first looked up."""
    return isinstance(inspect.getattr_static(kind, attribute, None), functools.cached_property)


def relative(value, folder: str):
    """A value as it is described, with the texts and paths in it that name a folder, or what is in it,
    told from there: where the folder itself is doesn't count.
    """
    if type(value) in (str, tuple) and os.fsencode(folder) in pickle.dumps(value):  # quick to see
        return _relative(value, folder)
    return value


def _relative(value, folder: str):
    if type(value) is tuple:
        return tuple(_relative(part, folder) for part in value)
    if type(value) is str and (value == folder or value.startswith(folder + os.sep)):
        return "in the project", value[len(folder) + 1 :].replace(os.sep, "/")
    return value


def _are_plain(values) -> bool:
    return {*map(type, values)} <= {*PLAIN}


def same(one, other) -> bool:
    """Whether two plain values are equal, and of the same types all the way down."""
    if type(one) is not type(other):
        return False
    if type(one) in (list, tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if type(one) is dict:
        return same([*one.items()], [*other.items()])
    if isinstance(one, float):
        return one.hex() == other.hex()
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and one.tobytes() == other.tobytes()
    return one == other


class _Description:
    def __init__(self):
        self.places: dict[int, int] = {}
        self.kept: list = []  # so that no two have the same identity

    def of(self, value):
        kind = type(value)
        if kind in PLAIN:
            return value
        if isinstance(value, np.generic) and kind.__module__ == "numpy":
            return (
                value if value.dtype.kind in "biuf" and kind is not np.longdouble else repr(value)
            )
        if kind is np.ndarray and not value.dtype.hasobject and value.dtype.char not in "gG":
            return value
        if id(value) in self.places:
            return "again", self.places[id(value)]
        self.places[id(value)] = len(self.places)
        self.kept.append(value)
        if kind in (list, tuple):
            return kind.__name__, *(value if _are_plain(value) else map(self.of, value))
        if kind in (dict, types.MappingProxyType):
            if _are_plain(value) and _are_plain(value.values()):  # such as a vocabulary
                return kind.__name__, *value.items()
            return kind.__name__, *((self.of(n), self.of(item)) for n, item in value.items())
        if kind in (set, frozenset):
            told = value if _are_plain(value) else map(described, value)
            return kind.__name__, *sorted(map(repr, told))
        if kind is np.ndarray:
            return "objects", value.shape, *(repr(described(item)) for item in value.flat)
        if kind is types.FunctionType:
            return "function", *self._of_function(value)
        if kind is types.MethodType:
            return "method", self.of(value.__func__), self.of(value.__self__)
        if isinstance(value, type):
            return "class", *self._of_class(value)
        if isinstance(value, types.ModuleType):
            return "module", value.__name__
        if isinstance(value, pathlib.PurePath) and kind.__module__.startswith("pathlib"):
            return "path", kind.__name__, str(value)
        return self._of_object(value)

    def _of_function(self, function: types.FunctionType) -> Iterator:
        yield f"{function.__module__}.{function.__qualname__}"
        yield code_digest(function.__code__)
        yield from map(self.of, (function.__defaults__, function.__kwdefaults__, vars(function)))
        for cell in function.__closure__ or ():
            try:
                yield self.of(cell.cell_contents)
            except ValueError:  # it's empty
                yield "nothing"

    def _of_class(self, cls: type) -> Iterator:
        yield f"{cls.__module__}.{cls.__qualname__}"
        if source_files.is_ours(cls.__module__):
            methods = (f for f in vars(cls).values() if isinstance(f, types.FunctionType))
            yield from sorted(code_digest(method.__code__) for method in methods)

    def _of_object(self, value):
        kind = type(value)
        name = f"{kind.__module__}.{kind.__qualname__}"
        module = kind.__module__.partition(".")[0]
        if module in TENSORS and hasattr(kind, "__array__"):
            try:
                return "tensor", name, np.array(value)
            except Exception:  # such as one without a value yet
                return self._unknown(name)
        if (
            module != "numpy"
            and not source_files.is_standard(module)
            and not source_files.is_ours(kind.__module__)
        ):
            return self._unknown(name)
        if isinstance(value, CACHES) and not _with_computed.get():
            return "cache", name
        try:
            registered = copyreg.dispatch_table.get(kind)
            parts = registered(value) if registered else value.__reduce_ex__(4)
        except Exception:  # such as a lock or an open file
            return self._unknown(name)
        if isinstance(parts, str):
            return "named", name, parts
        if len(parts) > 2 and type(parts[2]) is dict and not _with_computed.get():
            state = {n: held for n, held in parts[2].items() if not is_computed(kind, n)}
            parts = [
                *parts[:2],
                state or None,
                *parts[3:],
            ]  # as of an object that has no attributes
        parts = [list(part) if i > 2 and part is not None else part for i, part in enumerate(parts)]
        return "object", name, *map(self.of, parts)

    def _unknown(self, name: str):
        return UNKNOWN if len(self.places) == 1 else ("unknown", name)


@functools.cache
def code_digest(code: types.CodeType) -> str:
    """The digest of what a function does; where it stands and what is said of it doesn't count."""
    arguments = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount], code.co_flags
    told = [code.co_name, arguments, code.co_argcount, code.co_posonlyargcount]
    return hashlib.sha256(repr([*told, *steps(code)]).encode()).hexdigest()


def is_same_code(code: types.CodeType, others: list[types.CodeType]) -> bool:
    """Whether a function does what one of these does; where it stands doesn't count."""
    return code in others or code_digest(code) in map(code_digest, others)  # the first is quick


def steps(code: types.CodeType) -> list[tuple]:
    """The instructions of a function, a class or a module, but for those that store its docstring."""
    given = [*dis.get_instructions(code)]
    passed, kept = set(), []
    for place, step in enumerate(given):
        if step.opname == "STORE_NAME" and step.argval in ("__doc__", "__firstlineno__"):
            passed |= {place - 1, place}
    numbers = {step.offset: n for n, step in enumerate(given)}
    shift = [n - sum(p < n for p in passed) for n in range(len(given) + 1)] if passed else None
    for place, step in enumerate(given):
        if place in passed:
            continue
        value = step.argval
        if isinstance(value, types.CodeType):
            value = code_digest(value)
        elif step.opcode in JUMPS:
            target = numbers.get(value, len(given))
            value = shift[target] if shift else target
        elif isinstance(value, frozenset):
            value = sorted(map(repr, value))
        kept.append((step.opname, type(value).__name__, repr(value)))
    return kept


JUMPS = frozenset(dis.hasjrel) | frozenset(dis.hasjabs)
