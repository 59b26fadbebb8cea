"""Optimizers: how a gradient becomes a step."""

import numpy as np

from groundup.nn.config import Configured, lookup


class Optimizer(Configured):
    """Changes all parameters of a model in one go, for they lie in one flat vector.

    ``variables`` holds what the optimizer remembers between steps, by name.
    """

    def __init__(self, learning_rate: float = 0.01):
        if not learning_rate >= 0:
            raise ValueError(f"expected a learning rate of at least 0, got {learning_rate}")
        self.learning_rate = float(learning_rate)  # a NumPy number would set the precision
        self.variables: dict[str, np.ndarray] = {}

    def build(self, parameters: np.ndarray) -> None:
        """Make the variables for a vector of parameters, unless they are made already."""

    def update(self, parameters: np.ndarray, gradients: np.ndarray) -> None:
        """Take one step, in place."""
        raise NotImplementedError


class SGD(Optimizer):
    """Stochastic gradient descent, :eq:`gradient-descent`: a step against the gradient.

    Args:
        learning_rate: the length of the step for a gradient of length one, η.
    """

    def update(self, parameters, gradients):
        parameters -= self.learning_rate * gradients


def get(identifier: str | Optimizer) -> Optimizer:
    """The optimizer of that name, with its default arguments."""
    return lookup(Optimizer, identifier, {"sgd": SGD})
