"""What the parameters are before training."""

import numpy as np

from groundup.nn import random
from groundup.nn.config import Configured, lookup


class Initializer(Configured):
    """Makes the first values of a parameter block."""

    def __call__(self, shape: tuple[int, ...]) -> np.ndarray:
        raise NotImplementedError


class Zeros(Initializer):
    """All zeros: right for a bias, wrong for weights, whose units would all stay alike."""

    def __call__(self, shape):
        return np.zeros(shape)


class GlorotUniform(Initializer):
    """Uniform in ±√(6 / (inputs + outputs)), which keeps signals and gradients of one size
    (Glorot and Bengio, 2010).

    Shapes:
        (inputs, outputs).
    """

    def __call__(self, shape):
        inputs, outputs = shape
        limit = np.sqrt(6 / (inputs + outputs))
        return random.generator.uniform(-limit, limit, shape)


def get(identifier: str | Initializer) -> Initializer:
    """The initializer of that name."""
    return lookup(Initializer, identifier, {"zeros": Zeros, "glorot_uniform": GlorotUniform})
