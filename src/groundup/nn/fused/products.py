"""Products with weights, of all steps at once: shared by as many threads as there are."""

import numpy as np

from groundup.nn.fused.sharing import product


def times(layer, A, W):
    """``Products.times``."""
    rows = np.ascontiguousarray(A).reshape(-1, A.shape[-1])
    return product(rows, W).reshape(*A.shape[:-1], W.shape[1])


def fill(layer, dW, A, dZ):
    """``Products.fill``."""
    A, dZ = (np.ascontiguousarray(B).reshape(-1, B.shape[-1]) for B in (A, dZ))
    product(A.T, dZ, out=dW)
