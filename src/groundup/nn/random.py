"""The engine's one source of chance: initial weights, the order of examples, dropout's masks."""

import numpy as np

from groundup.nn.arguments import whole

generator = np.random.default_rng()


def set_random_seed(seed: int) -> None:
    """Start the engine's random numbers again from a seed.

    Args:
        seed: a whole number ≥ 0; the same seed gives the same weights, order of examples and masks.

    Raises:
        TypeError: it's no number.
        ValueError: it isn't whole, or negative.
    """
    seed = whole(seed, "expected a seed")
    # In place, so that everybody who holds the generator sees it.
    generator.bit_generator.state = type(generator.bit_generator)(seed).state
