"""What a function depends on, and its result as arrays and plain values."""

import os
import platform

import numpy as np
import threadpoolctl

from groundup.runs import flags, key, source_files, uses, versions

FLAGS = (
    "KERAS_BACKEND",
    "TF_ENABLE_ONEDNN_OPTS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_XLA_FLAGS",
    "XLA_FLAGS",
)


def describe(function) -> dict:
    """A function's own share of the inputs that decide its result.

    Raises:
        TypeError: it isn't a function of a module.
    """
    described = key.plain(function, "the function")["code"]
    names = set().union(
        *(uses.names(name) for name in described["modules"] if source_files.spec(name))
    )
    libraries = uses.libraries(names)
    with_keras = {}
    if "keras" in libraries:
        from groundup.runs import keras_settings

        with_keras = {"keras": keras_settings.settings()}
    with_engine = {}
    if "groundup.nn.fused" in described["modules"]:
        with_engine = {"fused": os.environ.get("GROUNDUP_FUSED", "1")}
    return with_keras | {
        "kind": "function",
        "code": described,
        "versions": {
            "python": ".".join(platform.python_version_tuple()[:2]),
            **versions.installed({"numpy"} | libraries),
        },
        "threads": blas_threads(),
        "flags": flags.taken(FLAGS),
        **with_engine,
    }


def blas_threads() -> int | None:
    """How many threads share a matrix product of NumPy; None where that can't be told."""
    pools = threadpoolctl.threadpool_info()
    counts = [pool["num_threads"] for pool in pools if pool["user_api"] == "blas"]
    return max(counts, default=None)


def packed(value) -> tuple[object, dict[str, np.ndarray]]:
    """A result as plain values and the arrays in it.

    Raises:
        TypeError: something in it is neither number, string, None nor array, nor a list, tuple or
            dictionary with names of these.
    """
    arrays: dict[str, np.ndarray] = {}

    def pack(part, where: str):
        if isinstance(part, np.generic) and part.dtype.kind in "biufU":
            part = part.item()
        if type(part) is np.ndarray:
            if part.dtype.kind not in "biuf" or part.dtype.itemsize > 8:
                raise TypeError(
                    f"{where} is an array of {part.dtype}; expected whole numbers, floats or booleans"
                )
            place = f"{len(arrays):04}"
            arrays[place] = np.array(part, part.dtype.newbyteorder("="), order="C")
            return {"array": place}
        if type(part) is str and any("\ud800" <= character <= "\udfff" for character in part):
            raise TypeError(f"{where} is a text with half a character (a surrogate) in it")
        if type(part) in (type(None), bool, float, str) or (
            type(part) is int and abs(part) < 2**63
        ):
            return {"value": part}
        if type(part) in (list, tuple):
            kind = type(part).__name__
            return {kind: [pack(item, f"{where}[{i}]") for i, item in enumerate(part)]}
        if type(part) is dict and all(type(name) is str for name in part):
            return {"dict": {name: pack(item, f"{where}[{name!r}]") for name, item in part.items()}}
        raise TypeError(
            f"{where} is a {type(part).__name__}; a result that is remembered holds numbers (whole ones "
            "of at most 64 bits), strings, None, plain arrays, and lists, tuples and dictionaries (with "
            "strings as names) of these"
        )

    return pack(value, "the result"), arrays


def unpacked(plain, arrays: dict[str, np.ndarray]):
    """The result again."""
    ((kind, content),) = plain.items()
    if kind == "array":
        return arrays[content]
    if kind == "dict":
        return {name: unpacked(item, arrays) for name, item in content.items()}
    if kind in ("list", "tuple"):
        return (list if kind == "list" else tuple)(unpacked(item, arrays) for item in content)
    return content
