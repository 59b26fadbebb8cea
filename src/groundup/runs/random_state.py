"""The global random state: set for a run, put back as it was found.

Keras and TensorFlow have no public way to read their global seeds, so the private attributes that hold
them are named here and nowhere else; the tests fail if they are renamed.
"""

import collections
import contextlib
import random
import sys
from collections.abc import Iterator

import numpy as np

# The module variables that ``set_seed`` sets.
SEEDED = frozenset({"groundup.nn.random.generator"})
KERAS_ATTRIBUTES = ("global_random_seed", "global_seed_generator")
KERAS_NAMES = "object_name_uids"  # how often Keras has given each name


def set_seed(seed: int) -> None:
    """Seed every global generator that is there: Python, NumPy, the engine, Keras and TensorFlow.

    Raises:
        TypeError: the engine's generator was replaced by one of another kind, whose numbers are others.
    """
    random.seed(seed)
    np.random.seed(seed)
    if "groundup.nn" in sys.modules:
        generator = _engine()
        kinds = type(generator), type(generator.bit_generator)
        if kinds != (np.random.Generator, np.random.PCG64):
            raise TypeError(
                "groundup.nn.random.generator draws from another kind of generator: expected a Generator "
                f"of PCG64, as np.random.default_rng makes, got a {kinds[0].__name__} of "
                f"{kinds[1].__name__}"
            )
        sys.modules["groundup.nn"].set_random_seed(seed)
    if "keras" in sys.modules:
        import keras

        keras.utils.set_random_seed(seed)


@contextlib.contextmanager
def preserved() -> Iterator[None]:
    """Put every global random state back as it was found, whatever happens inside."""
    python, numpy = random.getstate(), np.random.get_state()
    engine = _engine() if "groundup.nn" in sys.modules else None
    state = engine.bit_generator.state if engine else np.random.PCG64().state
    keras_was_there = "keras" in sys.modules
    found = _keras_state() if keras_was_there else None
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)
        if "groundup.nn" in sys.modules:
            if engine:  # else it was imported inside: without a seed
                sys.modules["groundup.nn"].random.generator = engine
            _engine().bit_generator.state = state
        if "keras" in sys.modules:
            _restore_keras_state(found)


@contextlib.contextmanager
def names_preserved() -> Iterator[None]:
    """Let Keras count the names that it gives as if nothing had been made inside."""
    found = dict(_keras_names()) if "keras" in sys.modules else {}
    try:
        yield
    finally:
        if "keras" in sys.modules:
            names = _keras_names()
            names.clear()
            names.update(found)


def _keras_names() -> dict[str, int]:
    from keras.src.backend.common import global_state

    default = collections.defaultdict(int)
    return global_state.get_global_attribute(KERAS_NAMES, default, set_to_default=True)


def _engine() -> np.random.Generator:
    return sys.modules["groundup.nn"].random.generator


def _keras_state() -> tuple[dict, int | None, tuple | None]:
    from keras.src.backend.common import global_state

    attributes = {name: global_state.get_global_attribute(name) for name in KERAS_ATTRIBUTES}
    if "tensorflow" not in sys.modules:
        return attributes, None, None
    from tensorflow.python.eager.context import context

    seed = context()._seed
    return attributes, seed, None if seed is None else context()._rng.getstate()


def _restore_keras_state(found: tuple[dict, int | None, tuple | None] | None) -> None:
    """Put Keras's state back; what was first imported inside goes back to having no seed."""
    from keras.src.backend.common import global_state

    attributes, seed, generator = found or (dict.fromkeys(KERAS_ATTRIBUTES), None, None)
    for name, value in attributes.items():
        global_state.set_global_attribute(name, value)
    if "tensorflow" in sys.modules:
        from tensorflow.python.eager.context import context

        context()._set_global_seed(seed)
        if generator is not None:
            context()._rng.setstate(generator)
