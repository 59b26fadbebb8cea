"""ReLU, GELU and the ways back of others, entry by entry in one pass; softmax, row by row."""

import numpy as np

from groundup.nn import fused
from groundup.nn.fused.compiling import compiled


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


def gelu(activation, Z):
    """``GELU.forward``, in single precision."""
    if not fused.suits(Z) or Z.dtype != np.float32:
        return activation.forward(Z)
    activation.Z, activation.Phi, A = Z, np.empty_like(Z), np.empty_like(Z)
    _passed(gelu_loop, Z, activation.Phi, A)
    return A


def gelu_backward(activation, dA):
    """``GELU.backward``, in single precision."""
    Z = activation.Z
    if not fused.suits(dA, Z) or Z.dtype != np.float32 or dA.shape != Z.shape:
        return activation.backward(dA)
    dZ = np.empty_like(dA)
    _passed(gelu_backward_loop, dA, Z, dZ)
    return dZ


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
    compiled(loop)(*[array.reshape(-1) for array in arrays])


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


def gelu_loop(Z, Phi, A):
    # Φ(z) − ½ is z times a fraction in z², fitted for the least largest relative error up to |z| = 5.5,
    # which is 2e-8; beyond, Φ is 0 or 1 to single precision.
    kind = Z.dtype.type
    zero, half, one, end = kind(0), kind(0.5), kind(1), kind(5.5)
    a0, a1, a2 = kind(0.398942274), kind(0.0334588273), kind(0.00465147785)
    a3, a4, a5 = kind(0.000164573057), kind(6.30158256e-06), kind(2.29311845e-08)
    b1, b2, b3 = kind(0.250535244), kind(0.0284160921), kind(0.00186064205)
    b4, b5 = kind(7.21667965e-05), kind(1.19902857e-06)
    for i in range(Z.size):
        z = Z[i]
        s = z * z
        above = a0 + s * (a1 + s * (a2 + s * (a3 + s * (a4 + s * a5))))
        below = one + s * (b1 + s * (b2 + s * (b3 + s * (b4 + s * b5))))
        within = half + z * (above / below)
        Phi[i] = one if z > end else (zero if z < -end else within)
        A[i] = z * Phi[i]


def gelu_backward_loop(dA, Z, dZ):
    # So is the derivative less ½, fitted for the least largest error, 4e-8.
    kind = Z.dtype.type
    zero, half, one, end = kind(0), kind(0.5), kind(1), kind(5.5)
    a0, a1, a2 = kind(0.797884683), kind(0.00855632096), kind(0.0124004268)
    a3, a4, a5 = kind(0.000748690556), kind(3.13542197e-05), kind(2.05465922e-06)
    a6 = kind(1.16541721e-08)
    b1, b2, b3 = kind(0.344058278), kind(0.0552251041), kind(0.00544967493)
    b4, b5, b6 = kind(0.000361804158), kind(1.65632285e-05), kind(5.07197264e-07)
    for i in range(dA.size):
        z = Z[i]
        s = z * z
        above = a0 + s * (a1 + s * (a2 + s * (a3 + s * (a4 + s * (a5 + s * a6)))))
        below = one + s * (b1 + s * (b2 + s * (b3 + s * (b4 + s * (b5 + s * b6)))))
        within = half + z * (above / below)
        beyond = (one if z > end else zero) + zero * z  # NaN at infinity, as there
        dZ[i] = dA[i] * (within if abs(z) <= end else beyond)


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
