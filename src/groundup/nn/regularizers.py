"""Penalties on parameters, added to the loss."""

import numpy as np

from groundup.nn.arguments import at_least_zero
from groundup.nn.config import Configured, lookup


class Regularizer(Configured):
    """A penalty on one block of parameters, and its gradient."""

    def forward(self, W: np.ndarray) -> float:
        """What is added to the loss."""
        raise NotImplementedError

    def backward(self, W: np.ndarray) -> np.ndarray:
        """What is added to the block's gradient."""
        raise NotImplementedError


class L2(Regularizer):
    """``l2`` times the sum of squares, so that large weights have to be worth it: :eq:`penalty` with
    twice ``l2`` as its strength, and :eq:`penalty-gradient`.

    Args:
        l2: the factor, at least 0.

    Raises:
        ValueError: the factor is negative or not a number.
    """

    def __init__(self, l2: float = 0.01):
        self.l2 = at_least_zero(l2, "L2 expected a factor")

    def forward(self, W):
        return self.l2 * float(np.vdot(W, W))

    def backward(self, W):
        return 2 * self.l2 * W


def get(identifier: str | Regularizer | None) -> Regularizer | None:
    """The regularizer of that name; None is none."""
    return (
        None if identifier is None else lookup(Regularizer, "regularizer", identifier, {"l2": L2})
    )
