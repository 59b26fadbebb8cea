"""ReLU and the ways back of others, entry by entry in one pass; softmax, row by row."""

import numpy as np

from groundup.nn import fused
from groundup.nn.fused.compiling import compiled
from groundup.nn.fused.sharing import ENTRIES, shared


def relu(activation, Z):
    """``ReLU.forward``."""
    if not fused.suits(Z):
        return activation.forward(Z)
    activation.A = np.empty_like(Z)
    _passed(relu_loop, Z, activation.A)
    return activation.A


def relu_backward(activation, dA):
    """``ReLU.backward``."""
    return _back(activation, dA, relu_backward_loop)


def sigmoid_backward(activation, dA):
    """``Sigmoid.backward``."""
    return _back(activation, dA, sigmoid_backward_loop)


def tanh_backward(activation, dA):
    """``Tanh.backward``."""
    return _back(activation, dA, tanh_backward_loop)


def softmax(activation, Z):
    """``Softmax.forward``."""
    if not fused.suits(Z) or not Z.size:
        return activation.forward(Z)
    activation.A = np.empty_like(Z)
    k = Z.shape[-1]
    compiled(softmax_loop)(Z.reshape(-1, k), activation.A.reshape(-1, k))
    return activation.A


def _back(activation, dA, loop):
    A = activation.A
    if not fused.suits(dA, A) or dA.shape != A.shape:
        return activation.backward(dA)
    dZ = np.empty_like(dA)
    _passed(loop, dA, A, dZ)
    return dZ


def _passed(loop, *arrays):
    """Pass over arrays entry by entry."""
    loop, vectors = compiled(loop), [array.reshape(-1) for array in arrays]
    if vectors[0].size < ENTRIES:
        loop(*vectors)
    else:
        shared(lambda part: loop(*[vector[part] for vector in vectors]), vectors[0].size)


def relu_loop(Z, A):
    zero = Z.dtype.type(0)
    for i in range(Z.size):
        A[i] = zero if Z[i] <= zero else Z[i]  # so that NaN stays


def relu_backward_loop(dA, A, dZ):
    zero, one = dA.dtype.type(0), dA.dtype.type(1)
    for i in range(dA.size):
        dZ[i] = dA[i] * (one if A[i] > zero else zero)


def sigmoid_backward_loop(dA, A, dZ):
    one = dA.dtype.type(1)
    for i in range(dA.size):
        dZ[i] = dA[i] * A[i] * (one - A[i])


def tanh_backward_loop(dA, A, dZ):
    one = dA.dtype.type(1)
    for i in range(dA.size):
        dZ[i] = dA[i] * (one - A[i] * A[i])


def softmax_loop(Z, A):
    rows, k = Z.shape
    for i in range(rows):
        largest = Z[i, 0]
        for j in range(1, k):
            largest = largest if Z[i, j] <= largest or largest != largest else Z[i, j]
        total = Z.dtype.type(0)
        for j in range(k):
            A[i, j] = np.exp(Z[i, j] - largest)
            total += A[i, j]
        for j in range(k):
            A[i, j] /= total
