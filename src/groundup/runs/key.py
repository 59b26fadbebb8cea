"""The key of a run: a digest of everything that decides its result."""

import contextlib
import contextvars
import hashlib
import inspect
import json
import math
import weakref
from collections.abc import Iterator, Mapping

import numpy as np

from groundup.runs import code

# The arrays that were digested since ``same_arrays`` began, by their identity, with what came of it.
_digested: contextvars.ContextVar[dict | None] = contextvars.ContextVar("digested", default=None)


@contextlib.contextmanager
def same_arrays() -> Iterator[None]:
    """While this lasts, no array changes: each is digested once, however many runs take it."""
    token = _digested.set({})
    try:
        yield
    finally:
        _digested.reset(token)


def digest(inputs: dict) -> str:
    """The SHA-256 of inputs that ``plain`` has made plain, as 64 hexadecimal digits."""
    text = json.dumps(inputs, sort_keys=True, ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def plain(value, where: str):
    """A value in terms that JSON has; arrays become the digest of their content.

    Args:
        value: numbers, strings, None, arrays, functions of a module, and lists, tuples and
            dictionaries of these.
        where: what the value is, for the error message.

    Raises:
        TypeError: the value's content can't be known, so nothing that depends on it can be remembered.
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else repr(value)
    if isinstance(value, np.generic):  # NumPy's 0.5 and Python's compute in other precisions
        return {value.dtype.str: plain(value.item(), where)}
    if isinstance(value, np.ndarray):
        return array(value, where)
    if isinstance(value, Mapping):
        items = {name: plain(item, f"{where}[{name!r}]") for name, item in value.items()}
        if all(isinstance(name, str) for name in items):
            return items
        return {"pairs": [[plain(name, where), item] for name, item in items.items()]}
    if isinstance(value, list | tuple):
        items = [plain(item, f"{where}[{i}]") for i, item in enumerate(value)]
        return items if isinstance(value, list) else {"tuple": items}
    if inspect.isroutine(value) or inspect.isclass(value):
        defaults = [getattr(value, "__defaults__", None), getattr(value, "__kwdefaults__", None)]
        return {
            "code": f"{value.__module__}.{value.__qualname__}",
            "modules": code.digests([value]),
            "defaults": [plain(default, f"{where}'s defaults") for default in defaults],
        }
    raise TypeError(
        f"{where} is a {type(value).__name__}, whose content can't be known beforehand; a run that is "
        "remembered takes arrays, numbers, strings and lists or dictionaries of these"
    )


def array(value: np.ndarray, where: str) -> dict:
    """An array as its digest, shape and type.

    Raises:
        TypeError: it holds Python objects, or is masked.
    """
    if value.dtype.hasobject:
        raise TypeError(f"{where} holds Python objects, expected an array of numbers")
    if isinstance(value, np.ma.MaskedArray):
        raise TypeError(f"{where} is masked, expected an array that is all there")
    digested = _digested.get()
    if digested is not None and id(value) in digested:
        known, found = digested[id(value)]
        if known() is value:  # and no other, which has got the identity of one that is gone
            return found
    content = hashlib.sha256(np.require(value, requirements="C").reshape(-1).view(np.uint8).data)
    found = {
        "sha256": content.hexdigest(),
        "shape": list(value.shape),
        "dtype": value.dtype.name if value.dtype.isnative else value.dtype.str,
    }
    if digested is not None:
        digested[id(value)] = weakref.ref(value), found
    return found
