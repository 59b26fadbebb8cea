"""What gates do in a step of a sequence: all of it in few passes, but for exponentials and hyperbolic
tangents, which NumPy takes of several numbers at once.
"""

import numpy as np

from groundup.nn import fused
from groundup.nn.fused.compiling import compiled


def lstm_step(layer, Z, R, state):
    """``LSTM.step``."""
    h, c_before = state
    if not fused.suits(Z, R, c_before):
        return layer.step(Z, R, state)
    A, (h, c, tanh_c) = np.empty_like(Z), np.empty((3, *c_before.shape), Z.dtype)
    n = layer.units
    i, f, g, o = (A[:, k * n : (k + 1) * n] for k in range(4))
    compiled(lstm_sum_loop)(Z, R, A)
    with np.errstate(over="ignore", under="ignore"):  # 1 / (1 + e) has the right limits
        np.exp(A[:, : 2 * n], out=A[:, : 2 * n])
        np.exp(o, out=o)
    np.tanh(g, out=g)
    compiled(lstm_cell_loop)(A, c_before, c)
    np.tanh(c, out=tanh_c)
    np.multiply(o, tanh_c, out=h)
    return (h, c), (i, f, g, o, c_before, tanh_c)


def lstm_step_back(layer, kept, d_state):
    """``LSTM.step_back``."""
    i, _, _, _, c_before, tanh_c = kept
    dh, dc = d_state
    A = i.base
    if A is None or A.shape[1] != 4 * layer.units or not fused.suits(A, c_before, tanh_c, dh, dc):
        return layer.step_back(kept, d_state)
    dZ, dc_before = np.empty_like(A), np.empty_like(c_before)
    compiled(lstm_back_loop)(A, c_before, tanh_c, dh, dc, dZ, dc_before)
    return dZ, dZ, (0.0, dc_before)


def gru_step(layer, Z, R, state):
    """``GRU.step``."""
    (before,) = state
    if not (layer.use_bias and fused.suits(Z, R, before, layer.b)):
        return layer.step(Z, R, state)
    A, (h, g, Rg) = np.empty((2, *before.shape), Z.dtype), np.empty((3, *before.shape), Z.dtype)
    z, r = A
    compiled(gru_gates_loop)(Z, R, layer.b[1], z, r, Rg)
    with np.errstate(over="ignore", under="ignore"):
        np.exp(A, out=A)
    compiled(gru_candidate_loop)(Z, z, r, Rg, g)
    np.tanh(g, out=g)
    compiled(gru_mix_loop)(z, g, before, h)
    return (h,), (z, r, g, before, Rg)


def gru_step_back(layer, kept, d_state):
    """``GRU.step_back``."""
    (dh,) = d_state
    if not fused.suits(dh, *kept):
        return layer.step_back(kept, d_state)
    m, n = dh.shape
    (dZ, dR), dh_before = np.empty((2, m, 3 * n), dh.dtype), np.empty_like(dh)
    compiled(gru_back_loop)(*kept, dh, dZ, dR, dh_before)
    return dZ, dR, (dh_before,)


def lstm_sum_loop(Z, R, A):
    rows, columns = Z.shape
    n = columns // 4
    for i in range(rows):
        for j in range(2 * n):
            A[i, j] = -(Z[i, j] + R[i, j])
        for j in range(2 * n, 3 * n):
            A[i, j] = Z[i, j] + R[i, j]
        for j in range(3 * n, columns):
            A[i, j] = -(Z[i, j] + R[i, j])


def lstm_cell_loop(A, c_before, c):
    rows, n = c.shape
    one = c.dtype.type(1)
    for i in range(rows):
        for j in range(2 * n):
            A[i, j] = one / (one + A[i, j])
        for j in range(3 * n, 4 * n):
            A[i, j] = one / (one + A[i, j])
        for j in range(n):
            c[i, j] = A[i, n + j] * c_before[i, j] + A[i, j] * A[i, 2 * n + j]


def lstm_back_loop(A, c_before, tanh_c, dh, dc, dZ, dc_before):
    rows, n = dh.shape
    one = dh.dtype.type(1)
    for r in range(rows):
        for j in range(n):
            i, f, g, o = A[r, j], A[r, n + j], A[r, 2 * n + j], A[r, 3 * n + j]
            t = tanh_c[r, j]
            d = dc[r, j] + dh[r, j] * o * (one - t * t)
            dZ[r, j] = d * g * i * (one - i)
            dZ[r, n + j] = d * c_before[r, j] * f * (one - f)
            dZ[r, 2 * n + j] = d * i * (one - g * g)
            dZ[r, 3 * n + j] = dh[r, j] * t * o * (one - o)
            dc_before[r, j] = d * f


def gru_gates_loop(Z, R, b, z, r, Rg):
    rows, n = z.shape
    for i in range(rows):
        for j in range(n):
            z[i, j] = -(Z[i, j] + (R[i, j] + b[j]))
            r[i, j] = -(Z[i, n + j] + (R[i, n + j] + b[n + j]))
            Rg[i, j] = R[i, 2 * n + j] + b[2 * n + j]


def gru_candidate_loop(Z, z, r, Rg, g):
    rows, n = z.shape
    one = z.dtype.type(1)
    for i in range(rows):
        for j in range(n):
            z[i, j] = one / (one + z[i, j])
            r[i, j] = one / (one + r[i, j])
            g[i, j] = Z[i, 2 * n + j] + r[i, j] * Rg[i, j]


def gru_mix_loop(z, g, before, h):
    rows, n = z.shape
    one = z.dtype.type(1)
    for i in range(rows):
        for j in range(n):
            h[i, j] = z[i, j] * before[i, j] + (one - z[i, j]) * g[i, j]


def gru_back_loop(z, r, g, before, Rg, dh, dZ, dR, dh_before):
    rows, n = z.shape
    one = z.dtype.type(1)
    for i in range(rows):
        for j in range(n):
            d = dh[i, j] * (one - z[i, j]) * (one - g[i, j] * g[i, j])
            dz = dh[i, j] * (before[i, j] - g[i, j]) * z[i, j] * (one - z[i, j])
            dr = d * Rg[i, j] * r[i, j] * (one - r[i, j])
            dZ[i, j] = dR[i, j] = dz
            dZ[i, n + j] = dR[i, n + j] = dr
            dZ[i, 2 * n + j] = d
            dR[i, 2 * n + j] = d * r[i, j]
            dh_before[i, j] = dh[i, j] * z[i, j]
