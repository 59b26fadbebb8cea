"""An oracle that needs no derivation: central differences."""

import numpy as np

from groundup import nn


def central_differences(function, point: np.ndarray, step: float = 1e-5) -> np.ndarray:
    """The gradient of a function of an array, changed in place and put back."""
    gradient = np.empty_like(point)
    for index in np.ndindex(point.shape):
        value = point[index]
        point[index] = value + step
        above = function()
        point[index] = value - step
        below = function()
        point[index] = value
        gradient[index] = (above - below) / (2 * step)
    return gradient


def relative_error(a: np.ndarray, b: np.ndarray) -> float:
    """‖a − b‖ / (‖a‖ + ‖b‖), zero if both are zero."""
    assert a.shape == b.shape
    total = np.linalg.norm(a) + np.linalg.norm(b)
    return float(np.linalg.norm(a - b) / total) if total else 0.0


def inputs(layer, m: int, shape, rng) -> np.ndarray:
    """A batch that a layer can take: symbols where it wants them, else random numbers."""
    if isinstance(layer, nn.Embedding):
        return rng.integers(layer.input_dim, size=(m, *shape)).astype(float)
    return rng.normal(size=(m, *shape))


def double(*layers, loss="mse", seed=0, **arguments) -> nn.Sequential:
    """A compiled model in double precision, with all parameters, biases too, moved off their start."""
    nn.set_random_seed(seed)
    model = nn.Sequential(list(layers))
    model.compile("sgd", loss, **arguments)
    model = model.astype(np.float64)
    model.parameters += 0.1 * nn.random.generator.normal(size=model.parameters.shape)
    return model


def built(layer, shape, seed=0):
    """The layer in double precision, with a network round it that has parameters in any case."""
    return double(nn.Input(shape), layer, nn.Flatten(), nn.Dense(1), seed=seed).layers[0]
