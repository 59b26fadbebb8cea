"""Max pooling, all entries of a window in one pass."""

import numpy as np

from groundup.nn import fused
from groundup.nn.fused.compiling import compiled


def forward(layer, X):
    """``MaxPooling2D.forward``."""
    windows = layer.windows
    padded = windows.pad(X, value=-np.inf)
    if not fused.suits(padded):
        return layer.forward(X)
    A = np.empty((len(X), *windows.places, X.shape[-1]), X.dtype)
    height, width = windows.size
    layer.largest = np.empty(A.shape, np.min_scalar_type(height * width - 1))
    compiled(forward_loop)(padded, A, layer.largest, height, width, *windows.strides)
    return A


def input_gradient(layer, dZ):
    """``MaxPooling2D.input_gradient``."""
    if not fused.suits(dZ):
        return layer.input_gradient(dZ)
    windows = layer.windows
    # Where each entry lies in one window, it gets the gradient from that one alone.
    whole = tuple(n * size for n, size in zip(windows.places, windows.size, strict=True))
    alone = windows.size == windows.strides and whole == windows.input_shape[:2]
    make = np.empty if alone else np.zeros
    dX = windows.pad(make((len(dZ), *windows.input_shape), dZ.dtype))
    compiled(backward_loop)(dZ, layer.largest, dX, *windows.size, *windows.strides, alone)
    return windows.crop(dX)


def forward_loop(X, A, largest, height, width, down_by, across_by):
    m, down, across, channels = A.shape
    for example in range(m):
        for p in range(down):
            for q in range(across):
                best, number = A[example, p, q], largest[example, p, q]
                seen = X[example, p * down_by, q * across_by]
                for c in range(channels):
                    best[c], number[c] = seen[c], 0
                for n in range(1, height * width):
                    i, j = n // width, n % width
                    seen, this = (
                        X[example, p * down_by + i, q * across_by + j],
                        largest.dtype.type(n),
                    )
                    for c in range(channels):
                        larger = seen[c] > best[c]
                        number[c] = this if larger else number[c]
                        # NaN stays, and so does the first of what is equal
                        best[c] = best[c] if seen[c] <= best[c] or best[c] != best[c] else seen[c]


def backward_loop(dZ, largest, dX, height, width, down_by, across_by, alone):
    m, down, across, channels = dZ.shape
    zero, one = dZ.dtype.type(0), dZ.dtype.type(1)
    for example in range(m):
        for p in range(down):
            for q in range(across):
                gradient, number = dZ[example, p, q], largest[example, p, q]
                for n in range(height * width):
                    i, j = n // width, n % width
                    d_seen = dX[example, p * down_by + i, q * across_by + j]
                    for c in range(channels):
                        before = zero if alone else d_seen[c]
                        d_seen[c] = before + gradient[c] * (one if number[c] == n else zero)
