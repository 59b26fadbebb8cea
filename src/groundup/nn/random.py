"""The engine's one source of chance: initial weights and the order of the examples come from here."""

import numpy as np

generator = np.random.default_rng()


def set_random_seed(seed: int) -> None:
    """Start the engine's random numbers again from a seed.

    Args:
        seed: a whole number ≥ 0; the same seed gives the same weights and the same order of examples.
    """
    generator.bit_generator.state = type(generator.bit_generator)(seed).state
