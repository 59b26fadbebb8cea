"""The key of a run: a digest of everything that decides its result."""

import hashlib
import inspect
import json
import math
import pickle
import struct
import types
from collections.abc import Iterable

import numpy as np
import xxhash

from groundup.runs import code

LONG = 1000  # characters of a variable that a key tells itself
LARGE = 2**16  # bytes of an array whose digest is worth remembering
# The SHA-256 of contents that this process has met, by a digest that takes a tenth of the time.
_met: dict[str, str] = {}
_told: dict[str, object] = {}  # likewise what is told of variables


def digest(inputs: dict) -> str:
    """The SHA-256 of inputs that ``plain`` has made plain, as 64 hexadecimal digits."""
    text = json.dumps(inputs, sort_keys=True, ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def plain(value, where: str):
    """A value in terms that JSON has: one to one, so that two values with the same are equal and of the
    same types, all the way down. Arrays become the digest of their content.

    What JSON has itself stands for itself; all else is a dictionary whose one name says what it is. A
    subclass may compute otherwise than its base, so only the exact types are taken.

    Args:
        value: numbers, strings, None, arrays, functions and classes of a module, and lists, tuples and
            dictionaries of these.
        where: what the value is, for the error message.

    Raises:
        TypeError: the value's content can't be known, so nothing that depends on it can be remembered.
    """
    kind = type(value)
    if value is None or kind is bool:
        return value
    if kind is int:
        return value if abs(value) < 2**63 else {"int": hex(value)}
    if kind is float:
        return value if math.isfinite(value) else {"float": [repr(value), _bits(value)]}
    if kind is str:  # two surrogates would become the one character that they spell in JSON
        spelt = any("\ud800" <= character <= "\udfff" for character in value)
        return {"str": value.encode("utf-8", "surrogatepass").hex()} if spelt else value
    if kind is bytes:
        return {"bytes": value.hex()}
    if kind is complex:
        return {"complex": [plain(part, where) for part in (value.real, value.imag)]}
    if isinstance(value, np.ndarray):
        return array(value, where)
    if isinstance(value, np.generic):  # NumPy's 0.5 and Python's compute in other precisions
        return {"scalar": _scalar(value, where)}
    if kind is list:
        return [plain(item, f"{where}[{i}]") for i, item in enumerate(value)]
    if kind is tuple:
        return {"tuple": [plain(item, f"{where}[{i}]") for i, item in enumerate(value)]}
    if kind is dict:  # in its order, which a function that goes through it sees
        items = value.items()
        return {"dict": [[plain(n, where), plain(v, f"{where}[{n!r}]")] for n, v in items]}
    if inspect.isroutine(value) or inspect.isclass(value):
        return {"code": _of_code(value, where)}
    raise TypeError(
        f"{where} is a {kind.__name__}, whose content can't be known beforehand; a run that is "
        "remembered takes arrays, numbers, strings and lists or dictionaries of these"
    )


def _bits(value: float) -> str:
    """A number as its bytes: there are many that are none (NaN), and two infinities."""
    return struct.pack(">d", value).hex()


def of_code(objects: Iterable[object]) -> dict:
    """The code of the classes and functions of ours among these, as ``code.described`` tells it.

    Raises:
        TypeError, RuntimeError: as there.
    """
    modules, variables = code.described(objects)
    return {"modules": modules, "variables": {n: told(v, n) for n, v in sorted(variables.items())}}


def told(value, name: str):
    """A variable's value in plain terms, or their digest: a record is to hold no dictionary of words.

    Args:
        value: as ``content`` describes it.
        name: the variable, for the error message.

    Raises:
        TypeError: as ``plain`` does.
    """
    if type(value) is not tuple:
        return _short(plain(value, name))
    pickled = pickle.dumps(value)
    if len(pickled) < LARGE or b"numpy" in pickled:  # a pickled array says nothing of its strides
        return _short(plain(value, name))
    quick = f"{xxhash.xxh3_128_hexdigest(pickled)} {len(pickled)}"
    if quick not in _told:
        _told[quick] = _short(plain(value, name))
    return _told[quick]


def _short(plain_value):
    text = json.dumps(plain_value)
    return plain_value if len(text) < LONG else {"digest": digest({"value": plain_value})}


def _of_code(value, where: str) -> dict:
    found = {"name": f"{value.__module__}.{value.__qualname__}", **of_code([value])}
    if found["modules"] and isinstance(value, types.FunctionType):
        found |= {
            "defaults": plain(value.__defaults__, f"{where}'s defaults"),
            "keyword defaults": plain(value.__kwdefaults__, f"{where}'s defaults"),
            "attributes": plain(vars(value), f"{where}'s attributes"),
        }
    return found


def _scalar(value: np.generic, where: str) -> list:
    dtype = _dtype(value.dtype, where)
    known = value.dtype.kind in "biuf" and type(value) is value.dtype.type
    if not known and type(value).__module__ != "numpy":
        raise TypeError(f"{where} is a {type(value).__name__}, expected a number of NumPy itself")
    return [dtype, plain(value.item(), where) if known else value.tobytes().hex()]


def _dtype(dtype: np.dtype, where: str) -> str:
    """A type of numbers in full: with its byte order, fields, units and alignment.

    Raises:
        TypeError: it holds Python objects, has bytes that are no content, or carries a note of its own.
    """
    if dtype.hasobject:
        raise TypeError(f"{where} holds Python objects, expected an array of numbers")
    if dtype.base.char in "gG":  # on most machines the half of its bytes is whatever was there
        raise TypeError(
            f"{where} is of {dtype}, expected numbers of at most 64 bits, or two of these"
        )
    if dtype.metadata is not None:
        raise TypeError(f"{where} has a dtype with metadata, expected one without")
    return repr(dtype)[len("dtype(") : -1].strip("'")


def array(value: np.ndarray, where: str) -> dict:
    """An array as its digest, shape and type; with its strides if it doesn't lie row by row, for
    ``ravel(order="K")`` or a matrix product may see them.

    Raises:
        TypeError: it holds Python objects, or is of a class that may compute otherwise, such as a masked
            array or a matrix.
    """
    if type(value) not in (np.ndarray, np.memmap):
        what = "masked" if isinstance(value, np.ma.MaskedArray) else f"a {type(value).__name__}"
        raise TypeError(f"{where} is {what}, expected a plain array that is all there")
    dtype = _dtype(value.dtype, where)
    content = np.require(value, requirements="C").reshape(-1).view(np.uint8).data
    found = {"sha256": _sha256(content), "shape": list(value.shape), "dtype": dtype}
    if not value.flags.c_contiguous:
        found["strides"] = list(value.strides)
    if type(value) is np.memmap:
        found["memmap"] = True
    return found


def _sha256(content: memoryview) -> str:
    """The SHA-256 of bytes; of many of them, looked up by their content where they were met before."""
    if content.nbytes < LARGE:
        return hashlib.sha256(content).hexdigest()
    quick = f"{xxhash.xxh3_128_hexdigest(content)} {content.nbytes}"
    if quick not in _met:
        _met[quick] = hashlib.sha256(content).hexdigest()
    return _met[quick]
