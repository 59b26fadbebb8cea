"""What the parameters are before training."""

import numpy as np

from groundup.nn import random
from groundup.nn.arguments import at_least_zero, number
from groundup.nn.config import Configured, lookup


class Initializer(Configured):
    """Makes the first values of a parameter block."""

    def __call__(self, shape: tuple[int, ...]) -> np.ndarray:
        raise NotImplementedError


class Constant(Initializer):
    """The same value everywhere: right for a bias, wrong for weights, whose units would all stay alike.

    Args:
        value: the value.
    """

    def __init__(self, value: float = 0.0):
        self.value = number(value, "Constant expected a value")

    def __call__(self, shape):
        return np.full(shape, self.value)


class Zeros(Initializer):
    """All zeros."""

    def __call__(self, shape):
        return np.zeros(shape)


class Ones(Initializer):
    """All ones."""

    def __call__(self, shape):
        return np.ones(shape)


class RandomNormal(Initializer):
    """Normally distributed.

    Args:
        mean: the mean of the distribution.
        stddev: its standard deviation.
    """

    def __init__(self, mean: float = 0.0, stddev: float = 0.05):
        self.mean = number(mean, "RandomNormal expected a mean")
        self.stddev = at_least_zero(stddev, "RandomNormal expected a stddev")

    def __call__(self, shape):
        return random.generator.normal(self.mean, self.stddev, shape)


class RandomUniform(Initializer):
    """Uniform between two bounds.

    Args:
        minval: the lower bound.
        maxval: the upper bound.
    """

    def __init__(self, minval: float = -0.05, maxval: float = 0.05):
        self.minval = number(minval, "RandomUniform expected a minval")
        self.maxval = number(maxval, "RandomUniform expected a maxval")
        if minval > maxval:
            raise ValueError(f"RandomUniform expected a maxval of at least {minval}, got {maxval}")

    def __call__(self, shape):
        return random.generator.uniform(self.minval, self.maxval, shape)


class GlorotUniform(Initializer):
    """Uniform with variance 2 / (inputs + outputs), which keeps signals and gradients of one size
    (Glorot and Bengio, 2010).

    Shapes:
        (inputs, outputs), or (height, width, channels, filters).
    """

    def __call__(self, shape):
        inputs, outputs = fans(shape)
        return _uniform(2 / (inputs + outputs), shape)


class GlorotNormal(Initializer):
    """Normal with variance 2 / (inputs + outputs), cut off at two standard deviations
    (Glorot and Bengio, 2010).
    """

    def __call__(self, shape):
        inputs, outputs = fans(shape)
        return _truncated_normal(2 / (inputs + outputs), shape)


class HeUniform(Initializer):
    """Uniform with variance 2 / inputs, for ReLU, which lets half of a signal's power through
    (He and others, 2015).
    """

    def __call__(self, shape):
        return _uniform(2 / fans(shape)[0], shape)


class HeNormal(Initializer):
    """Normal with variance 2 / inputs, cut off at two standard deviations (He and others, 2015)."""

    def __call__(self, shape):
        return _truncated_normal(2 / fans(shape)[0], shape)


class Orthogonal(Initializer):
    """A matrix whose rows, or columns if there are fewer of these, are at right angles and of one length,
    so that what it's applied to again and again neither grows nor fades (Saxe and others, 2014).

    Args:
        gain: that length.

    Shapes:
        (…, outputs); all axes but the last count as rows.
    """

    def __init__(self, gain: float = 1.0):
        self.gain = number(gain, "Orthogonal expected a gain")

    def __call__(self, shape):
        fans(shape)
        rows, columns = int(np.prod(shape[:-1])), shape[-1]
        Q, R = np.linalg.qr(random.generator.normal(size=(max(rows, columns), min(rows, columns))))
        Q *= np.sign(np.diag(R))  # so that all of them are equally likely
        return self.gain * (Q.T if rows < columns else Q).reshape(shape)


def fans(shape: tuple[int, ...]) -> tuple[int, int]:
    """How many inputs an output looks at, and how many outputs an input reaches.

    Raises:
        ValueError: the shape isn't that of a layer's weights.
    """
    if len(shape) < 2:
        raise ValueError(f"expected the shape of weights, (…, inputs, outputs), got {shape}")
    *window, inputs, outputs = shape
    places = int(np.prod(window))
    return places * inputs, places * outputs


def _uniform(variance: float, shape: tuple[int, ...]) -> np.ndarray:
    limit = np.sqrt(3 * variance)
    return random.generator.uniform(-limit, limit, shape)


def _truncated_normal(variance: float, shape: tuple[int, ...]) -> np.ndarray:
    values = random.generator.normal(size=shape)
    while (outside := np.abs(values) > 2).any():
        values[outside] = random.generator.normal(size=outside.sum())
    kept = 0.7737413035  # the variance of a standard normal that is cut off at ±2
    return values * np.sqrt(variance / kept)


def get(identifier: str | Initializer) -> Initializer:
    """The initializer of that name."""
    names = {
        "zeros": Zeros,
        "ones": Ones,
        "constant": Constant,
        "random_normal": RandomNormal,
        "random_uniform": RandomUniform,
        "uniform": RandomUniform,
        "orthogonal": Orthogonal,
        "glorot_uniform": GlorotUniform,
        "glorot_normal": GlorotNormal,
        "he_uniform": HeUniform,
        "he_normal": HeNormal,
    }
    return lookup(Initializer, "initializer", identifier, names)
