"""The gradient of an embedding: rows added up where symbols were."""

import numpy as np

from groundup.nn import fused
from groundup.nn.fused.compiling import compiled


def backward(layer, dZ):
    """``Embedding.backward``."""
    dZ = np.ascontiguousarray(dZ)
    if not fused.suits(dZ, layer.dW):
        return layer.backward(dZ)
    total = np.zeros(layer.dW.shape, np.float64)
    compiled(add_rows_loop)(layer.symbols.reshape(-1), dZ.reshape(-1, dZ.shape[-1]), total)
    layer.dW[...] = total


def add_rows_loop(symbols, dZ, total):
    rows, n = dZ.shape
    for i in range(rows):
        for j in range(n):
            total[symbols[i], j] += dZ[i, j]
