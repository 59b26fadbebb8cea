"""What layers of sequences have in common: products with weights, of all steps at once."""

import numpy as np

from groundup.nn.fused import products as loops
from groundup.nn.layers.layer import Layer, rows


class Products(Layer):
    """A layer that multiplies every step of every sequence by the same weights."""

    def times(self, A: np.ndarray, W: np.ndarray) -> np.ndarray:
        """``A W``: (m, steps, d) by (d, n) -> (m, steps, n)."""
        return A @ W

    def fill(self, dW: np.ndarray, A: np.ndarray, dZ: np.ndarray) -> None:
        """``dW = Aᵀ dZ``, the sum over all steps."""
        np.matmul(rows(A).T, rows(dZ), out=dW)

    forms = ((times, loops.times), (fill, loops.fill))
