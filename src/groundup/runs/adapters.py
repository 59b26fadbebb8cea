"""The adapter for a model, and what its methods are given, as the key wants it."""

import functools
import inspect
import sys

from groundup.runs import key, random_state

FRAMEWORKS = frozenset({"groundup.nn", "keras"})
DISPLAY_ONLY = frozenset({"return_dict", "verbose"})


def adapt(model, seed: int):
    """The adapter for a model, or for the model that a function makes, with the seed set."""
    random_state.set_seed(seed)
    if "groundup.nn" in sys.modules and isinstance(model, sys.modules["groundup.nn"].Sequential):
        from groundup.runs.nn_adapter import NNAdapter

        return NNAdapter(model)
    if "keras" in sys.modules and isinstance(model, sys.modules["keras"].Model):
        from groundup.runs.keras_adapter import KerasAdapter

        return KerasAdapter(model)
    if makes_a_model(model):
        there = FRAMEWORKS & set(sys.modules)
        made = model()
        if FRAMEWORKS & set(sys.modules) != there:  # it was imported unseeded: once more
            random_state.set_seed(seed)
            made = model()
        return adapt(made, seed)
    raise TypeError(
        "runs.fit expected a Keras model, a groundup.nn model or a function that makes one, "
        f"got a {type(model).__name__}"
    )


def makes_a_model(model) -> bool:
    """Whether this is a function that makes a model, rather than a model."""
    return inspect.isroutine(model) or isinstance(model, functools.partial)


def arguments(adapter, method, data: tuple, content, asked: dict) -> dict:
    """Data and arguments of a model's method as the key wants them, defaults included."""
    signature = inspect.signature(method)
    bound = signature.bind(*data, **asked)
    bound.apply_defaults()
    others = {n: v for n, v in bound.arguments.items() if n not in DISPLAY_ONLY}
    for parameter in signature.parameters.values():
        if parameter.kind is parameter.VAR_KEYWORD:  # what it takes under any name
            others |= others.pop(parameter.name)
    callbacks = others.pop("callbacks", None) or []
    if not isinstance(callbacks, list | tuple):
        raise TypeError(f"expected a list of callbacks, got {callbacks!r}")
    data = {n: others.pop(n) for n in ("x", "y") if n in others}
    if content is not None:
        streams = {n: v for n, v in {**data, **others}.items() if adapter.is_stream(v)}
        if not streams:
            raise TypeError("content is for data that can't be looked through, got arrays")
        said = {"content": key.plain(content, "content")}
        data |= dict.fromkeys(streams.keys() & data.keys(), said)
        others |= dict.fromkeys(streams.keys() & others.keys(), said)
    return {
        "data": {n: key.plain(v, n) for n, v in data.items()},
        "arguments": {n: key.plain(v, n) for n, v in others.items()},
        "callbacks": [adapter.describe_callback(callback) for callback in callbacks],
    }
