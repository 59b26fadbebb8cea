"""Products with weights, of all steps at once: shared by as many threads as there are."""

import numpy as np

from groundup.nn.fused.sharing import product


def times(layer, A, W):
    """``Products.times``."""
    if not _alike(A, W):
        return layer.times(A, W)
    rows = np.ascontiguousarray(A).reshape(-1, A.shape[-1])
    return product(rows, W).reshape(*A.shape[:-1], W.shape[1])


def fill(layer, dW, A, dZ):
    """``Products.fill``."""
    if not _alike(dW, A, dZ):
        layer.fill(dW, A, dZ)
        return
    A, dZ = (np.ascontiguousarray(B).reshape(-1, B.shape[-1]) for B in (A, dZ))
    product(A.T, dZ, out=dW)


def _alike(*arrays) -> bool:
    """Whether these are arrays of one precision, single or double; transposed ones will do."""
    dtype = arrays[0].dtype
    same = all(type(array) is np.ndarray and array.dtype == dtype for array in arrays)
    return same and dtype in (np.float32, np.float64)
