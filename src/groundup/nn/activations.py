"""Activation functions and how gradients pass back through them.

An activation turns a layer's ``Z`` into ``A = g(Z)`` and, on the way back, ``dA`` into ``dZ``.
"""

import numpy as np

from groundup.nn.config import Configured, lookup


class Activation(Configured):
    """A function of a layer's pre-activation.

    Shapes:
        (m, n) -> (m, n).
    """

    def forward(self, Z: np.ndarray) -> np.ndarray:
        """``A = g(Z)``; keeps what the way back needs."""
        raise NotImplementedError

    def backward(self, dA: np.ndarray) -> np.ndarray:
        """The gradient with respect to ``Z``, from that with respect to ``A``."""
        raise NotImplementedError


class Linear(Activation):
    """No activation: the output is the pre-activation itself."""

    def forward(self, Z):
        return Z

    def backward(self, dA):
        return dA


class Softmax(Activation):
    """Turns each row of scores into probabilities: positive, with sum one.

    Forward :eq:`softmax`, with each row's largest score taken off first (:eq:`softmax-shift`), so that
    nothing overflows; backward through the Jacobian :eq:`softmax-jacobian`.
    """

    def forward(self, Z):
        E = np.exp(Z - Z.max(axis=1, keepdims=True))
        self.A = E / E.sum(axis=1, keepdims=True)
        return self.A

    def backward(self, dA):
        A = self.A
        return A * (dA - (dA * A).sum(axis=1, keepdims=True))


def get(identifier: str | Activation | None) -> Activation:
    """The activation of that name; None is linear."""
    return lookup(Activation, identifier, {None: Linear, "linear": Linear, "softmax": Softmax})
