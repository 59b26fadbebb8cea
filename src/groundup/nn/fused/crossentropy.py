"""The cross-entropy of scores, row by row."""

import numpy as np

from groundup.nn import fused
from groundup.nn.fused.compiling import compiled


def of_scores(loss, Y, Z, sample_weight=None):
    """``CategoricalCrossentropy.of_scores``."""
    targets, scores = loss.pair(Y, Z)
    if sample_weight is not None or not fused.suits(targets, scores):
        return loss.of_scores(Y, Z, sample_weight)
    k = scores.shape[-1]
    return float(compiled(of_scores_loop)(targets.reshape(-1, k), scores.reshape(-1, k)))


def of_scores_loop(Y, Z):
    rows, k = Z.shape
    loss = 0.0
    for i in range(rows):
        largest = Z[i, 0]
        for j in range(1, k):
            largest = largest if Z[i, j] <= largest or largest != largest else Z[i, j]
        total = Z.dtype.type(0)
        for j in range(k):
            total += np.exp(Z[i, j] - largest)
        log_total = np.log(total)
        for j in range(k):
            loss -= Y[i, j] * (Z[i, j] - largest - log_total)
    return loss / rows
