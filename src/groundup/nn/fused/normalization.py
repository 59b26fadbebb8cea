"""Normalization of a batch or of each row: statistics and what they are used for, row by row."""

import numpy as np

from groundup.nn import fused
from groundup.nn.fused.compiling import compiled


def training_forward(layer, X):
    """``BatchNormalization.training_forward``."""
    n = X.shape[-1]
    if not (layer.trainable and fused.suits(X, layer.gamma, layer.moving_mean) and X.size > n):
        return layer.training_forward(X)
    rows = X.reshape(-1, n)
    mean, variance = np.empty((2, n), X.dtype)
    compiled(statistics_loop)(rows, mean, variance)
    layer.moving_mean += (1 - layer.momentum) * (mean - layer.moving_mean)
    layer.moving_variance += (1 - layer.momentum) * (variance - layer.moving_variance)
    layer.deviation = np.sqrt(variance + layer.epsilon)
    layer.X_hat, Z = np.empty_like(rows), np.empty_like(X)
    compiled(normalize_loop)(
        rows, mean, layer.deviation, layer.gamma, layer.beta, layer.X_hat, Z.reshape(-1, n)
    )
    return Z


def backward(layer, dZ):
    """``BatchNormalization.backward``."""
    if not (layer.trainable and fused.suits(dZ, layer.X_hat)):
        return layer.backward(dZ)
    compiled(backward_loop)(dZ.reshape(layer.X_hat.shape), layer.X_hat, layer.dgamma, layer.dbeta)


def input_gradient(layer, dZ):
    """``BatchNormalization.input_gradient``."""
    if not (layer.trainable and fused.suits(dZ, layer.X_hat)):
        return layer.input_gradient(dZ)
    dX = np.empty_like(dZ)
    shape = layer.X_hat.shape
    m = dZ.dtype.type(len(layer.X_hat))
    scale = layer.gamma / layer.deviation
    compiled(input_gradient_loop)(
        dZ.reshape(shape), layer.X_hat, layer.dgamma / m, layer.dbeta / m, scale, dX.reshape(shape)
    )
    return dX


def layer_forward(layer, X):
    """``LayerNormalization.forward``."""
    if not fused.suits(X, layer.gamma):
        return layer.forward(X)
    n = X.shape[-1]
    layer.deviation, layer.X_hat = np.empty((*X.shape[:-1], 1), X.dtype), np.empty_like(X)
    Z = np.empty_like(X)
    compiled(layer_forward_loop)(
        X.reshape(-1, n), layer.gamma, layer.beta, X.dtype.type(layer.epsilon),
        layer.deviation.reshape(-1), layer.X_hat.reshape(-1, n), Z.reshape(-1, n),
    )  # fmt: skip
    return Z


def layer_backward(layer, dZ):
    """``LayerNormalization.backward``."""
    if not fused.suits(dZ, layer.X_hat):
        return layer.backward(dZ)
    n = dZ.shape[-1]
    X_hat = layer.X_hat.reshape(-1, n)
    compiled(backward_loop)(dZ.reshape(-1, n), X_hat, layer.dgamma, layer.dbeta)


def layer_input_gradient(layer, dZ):
    """``LayerNormalization.input_gradient``."""
    if not fused.suits(dZ, layer.X_hat):
        return layer.input_gradient(dZ)
    n, dX = dZ.shape[-1], np.empty_like(dZ)
    compiled(layer_input_gradient_loop)(
        dZ.reshape(-1, n), layer.X_hat.reshape(-1, n), layer.gamma, layer.deviation.reshape(-1),
        dX.reshape(-1, n),
    )  # fmt: skip
    return dX


def statistics_loop(X, mean, variance):
    rows, n = X.shape
    total = np.zeros(n, np.float64)
    for i in range(rows):
        for j in range(n):
            total[j] += X[i, j]
    for j in range(n):
        mean[j] = total[j] / rows
        total[j] = 0
    for i in range(rows):
        for j in range(n):
            total[j] += (X[i, j] - mean[j]) * (X[i, j] - mean[j])
    for j in range(n):
        variance[j] = total[j] / rows


def normalize_loop(X, mean, deviation, gamma, beta, X_hat, Z):
    rows, n = X.shape
    for i in range(rows):
        for j in range(n):
            X_hat[i, j] = (X[i, j] - mean[j]) / deviation[j]
            Z[i, j] = X_hat[i, j] * gamma[j] + beta[j]


def backward_loop(dZ, X_hat, dgamma, dbeta):
    rows, n = dZ.shape
    of_gamma, of_beta = np.zeros(n, np.float64), np.zeros(n, np.float64)
    for i in range(rows):
        for j in range(n):
            of_gamma[j] += dZ[i, j] * X_hat[i, j]
            of_beta[j] += dZ[i, j]
    dgamma[:] = of_gamma
    dbeta[:] = of_beta


def input_gradient_loop(dZ, X_hat, dgamma_mean, dbeta_mean, scale, dX):
    rows, n = dZ.shape
    for i in range(rows):
        for j in range(n):
            dX[i, j] = (dZ[i, j] - (dbeta_mean[j] + X_hat[i, j] * dgamma_mean[j])) * scale[j]


def layer_forward_loop(X, gamma, beta, epsilon, deviation, X_hat, Z):
    rows, n = X.shape
    for i in range(rows):
        total = 0.0
        for j in range(n):
            total += X[i, j]
        mean = X.dtype.type(total / n)
        total = 0.0
        for j in range(n):
            X_hat[i, j] = X[i, j] - mean
            total += X_hat[i, j] * X_hat[i, j]
        deviation[i] = np.sqrt(total / n + epsilon)
        for j in range(n):
            X_hat[i, j] /= deviation[i]
            Z[i, j] = gamma[j] * X_hat[i, j] + beta[j]


def layer_input_gradient_loop(dZ, X_hat, gamma, deviation, dX):
    rows, n = dZ.shape
    for i in range(rows):
        total, along = 0.0, 0.0
        for j in range(n):
            total += gamma[j] * dZ[i, j]
            along += gamma[j] * dZ[i, j] * X_hat[i, j]
        mean, slope = dZ.dtype.type(total / n), dZ.dtype.type(along / n)
        for j in range(n):
            dX[i, j] = (gamma[j] * dZ[i, j] - mean - X_hat[i, j] * slope) / deviation[i]
