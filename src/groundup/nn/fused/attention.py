"""Attention's softmax, and its way back: what isn't seen isn't computed, and nothing is copied."""

import numpy as np

from groundup.nn import fused
from groundup.nn.fused.compiling import compiled


def weights(layer, S, seen):
    """``MultiHeadAttention.weights``."""
    if not fused.suits(S) or seen.ndim > 2:
        return layer.weights(S, seen)
    P, steps = np.empty_like(S), S.shape[-1]
    rows = P.reshape(-1, steps, steps)
    whole = len(seen) == 1
    compiled(shift_loop)(S.reshape(-1, steps, steps), whole, rows)
    np.exp(P, out=P)
    compiled(normalize_loop)(whole, rows)
    return P


def score_gradient(layer, dP):
    """``MultiHeadAttention.score_gradient``."""
    if not fused.suits(dP, layer.P):
        return layer.score_gradient(dP)
    dS, k = np.empty_like(dP), dP.shape[-1]
    compiled(score_gradient_loop)(layer.P.reshape(-1, k), dP.reshape(-1, k), dS.reshape(-1, k))
    return dS


def shift_loop(S, whole, P):
    heads, steps, _ = S.shape
    for a in range(heads):
        for i in range(steps):
            end = steps if whole else i + 1
            largest = S[a, i, 0]
            for j in range(1, end):
                if S[a, i, j] > largest:
                    largest = S[a, i, j]
            for j in range(end):
                P[a, i, j] = S[a, i, j] - largest
            for j in range(end, steps):
                P[a, i, j] = 0


def normalize_loop(whole, P):
    heads, steps, _ = P.shape
    for a in range(heads):
        for i in range(steps):
            end = steps if whole else i + 1
            total = 0.0
            for j in range(end):
                total += P[a, i, j]
            for j in range(end):
                P[a, i, j] /= total
            for j in range(end, steps):
                P[a, i, j] = 0


def score_gradient_loop(P, dP, dS):
    rows, k = P.shape
    for i in range(rows):
        total = 0.0
        for j in range(k):
            total += P[i, j] * dP[i, j]
        for j in range(k):
            dS[i, j] = P[i, j] * (dP[i, j] - total)
