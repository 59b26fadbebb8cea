"""ReLU and the ways back of others, entry by entry in one pass."""

import numpy as np

from groundup.nn import fused
from groundup.nn.fused.compiling import compiled
from groundup.nn.fused.sharing import ENTRIES, shared


def relu(activation, Z):
    """``ReLU.forward``."""
    if not fused.suits(Z):
        return activation.forward(Z)
    activation.A = np.empty_like(Z)
    flat, A, loop = Z.reshape(-1), activation.A.reshape(-1), compiled(relu_loop)
    shared(lambda part: loop(flat[part], A[part]), flat.size, worth=flat.size >= ENTRIES)
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


def _back(activation, dA, loop):
    A = activation.A
    if not fused.suits(dA, A) or dA.shape != A.shape:
        return activation.backward(dA)
    dZ, size, loop = np.empty_like(dA), dA.size, compiled(loop)
    dA, A, flat = dA.reshape(-1), A.reshape(-1), dZ.reshape(-1)
    shared(lambda part: loop(dA[part], A[part], flat[part]), size, worth=size >= ENTRIES)
    return dZ


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
