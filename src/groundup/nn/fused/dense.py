"""The bias of a dense layer, added in place, and its gradient."""

import numpy as np

from groundup.nn import fused
from groundup.nn.fused.compiling import compiled


def forward(layer, X):
    """``Dense.forward``."""
    if not (layer.use_bias and fused.suits(X, layer.W, layer.b)):
        return layer.forward(X)
    layer.X = X
    Z = X.reshape(-1, X.shape[-1]) @ layer.W
    compiled(add_bias_loop)(Z, layer.b)
    return Z.reshape(*X.shape[:-1], -1)


def backward(layer, dZ):
    """``Dense.backward``."""
    if not (layer.use_bias and fused.suits(layer.X, dZ, layer.db)):
        return layer.backward(dZ)
    X, dZ = layer.X.reshape(-1, layer.X.shape[-1]), dZ.reshape(-1, dZ.shape[-1])
    np.matmul(X.T, dZ, out=layer.dW)
    compiled(sum_rows_loop)(dZ, layer.db)


def input_gradient(layer, dZ):
    """``Dense.input_gradient``."""
    if not fused.suits(dZ, layer.W):
        return layer.input_gradient(dZ)
    return (dZ.reshape(-1, dZ.shape[-1]) @ layer.W.T).reshape(*dZ.shape[:-1], -1)


def add_bias_loop(Z, b):
    rows, n = Z.shape
    for i in range(rows):
        for j in range(n):
            Z[i, j] += b[j]


def sum_rows_loop(dZ, db):
    rows, n = dZ.shape
    total = np.zeros(n, np.float64)
    for i in range(rows):
        for j in range(n):
            total[j] += dZ[i, j]
    db[:] = total
