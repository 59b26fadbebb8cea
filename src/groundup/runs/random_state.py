"""The global random state: set for a run, put back as it was found.

Keras and TensorFlow have no public way to read their global seeds, so the private attributes that hold
them are named here and nowhere else; the tests fail if they are renamed.
"""

import contextlib
import random
import sys
from collections.abc import Iterator

import numpy as np

# The module variables that ``set_seed`` sets.
SEEDED = frozenset({"groundup.nn.random.generator"})
KERAS_ATTRIBUTES = ("global_random_seed", "global_seed_generator")


def set_seed(seed: int) -> None:
    """Seed every global generator that is there: Python, NumPy, the engine, Keras and TensorFlow."""
    random.seed(seed)
    np.random.seed(seed)
    if "groundup.nn" in sys.modules:
        sys.modules["groundup.nn"].set_random_seed(seed)
    if "keras" in sys.modules:
        import keras

        keras.utils.set_random_seed(seed)


@contextlib.contextmanager
def preserved() -> Iterator[None]:
    """Put every global random state back as it was found, whatever happens inside."""
    python, numpy = random.getstate(), np.random.get_state()
    engine = _engine().state if "groundup.nn" in sys.modules else None
    keras_was_there = "keras" in sys.modules
    found = _keras_state() if keras_was_there else None
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)
        if "groundup.nn" in sys.modules:
            _engine().state = engine or np.random.PCG64().state  # imported inside: without a seed
        if "keras" in sys.modules:
            _restore_keras_state(found)


def _engine() -> np.random.BitGenerator:
    return sys.modules["groundup.nn"].random.generator.bit_generator


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
