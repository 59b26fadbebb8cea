"""Patches of images and their sum back, the bias of a convolution and its gradient.

A few images are taken at a time, so that what is made of them is still in the processor's cache when it
is used.
"""

import numpy as np

from groundup.nn import fused
from groundup.nn.fused.compiling import compiled
from groundup.nn.fused.dense import add_bias_loop, sum_rows_loop


def forward(layer, X):
    """``Conv2D.forward``."""
    windows, unpadded, X = layer.windows, X, layer.windows.pad(X)
    if not (layer.use_bias and fused.suits(X, layer.W, layer.b)):
        return layer.forward(unpadded)
    m, (down, across), filters = len(X), windows.places, layer.filters
    patches = np.empty((m, down, across, *layer.W.shape[:3]), X.dtype)
    rows, W = patches.reshape(m, down * across, -1), layer.W.reshape(-1, filters)
    layer.patches = rows.reshape(m * down * across, -1)
    Z = np.empty((m, down * across, filters), X.dtype)
    # Where there are few channels, the places of a row are passed over for each, which is quicker.
    loop = compiled(patches_loop if X.shape[-1] >= 4 else patches_of_few_channels_loop)

    for few in _few_at_a_time(rows):
        loop(X[few], patches[few], *windows.strides, *windows.dilation_rate)
        np.matmul(rows[few].reshape(-1, len(W)), W, out=Z[few].reshape(-1, filters))
        compiled(add_bias_loop)(Z[few].reshape(-1, filters), layer.b)
    return Z.reshape(m, down, across, filters)


def backward(layer, dZ):
    """``Conv2D.backward``."""
    if not (layer.use_bias and fused.suits(layer.patches, dZ, layer.dW, layer.db)):
        return layer.backward(dZ)
    m, filters = len(dZ), layer.filters
    rows, dZ = layer.patches.reshape(m, -1, layer.patches.shape[1]), dZ.reshape(m, -1, filters)
    parts = _few_at_a_time(rows)
    dW = np.empty((len(parts), rows.shape[2], filters), dZ.dtype)
    db = np.empty((len(parts), filters), dZ.dtype)
    for number, few in enumerate(parts):
        d_few = dZ[few].reshape(-1, filters)
        np.matmul(rows[few].reshape(len(d_few), -1).T, d_few, out=dW[number])
        compiled(sum_rows_loop)(d_few, db[number])
    dW.sum(axis=0, out=layer.dW.reshape(-1, filters))
    db.sum(axis=0, out=layer.db)


def input_gradient(layer, dZ):
    """``Conv2D.input_gradient``."""
    if not fused.suits(dZ, layer.W):
        return layer.input_gradient(dZ)
    windows, m, W = layer.windows, len(dZ), layer.W.reshape(-1, layer.filters)
    dX = windows.pad(np.zeros((m, *windows.input_shape), dZ.dtype))
    d_patches = np.empty((*dZ.shape[:3], *layer.W.shape[:3]), dZ.dtype)
    d_rows = d_patches.reshape(m, -1, len(W))
    loop = compiled(sum_patches_loop if dX.shape[-1] >= 4 else sum_patches_of_few_channels_loop)

    for few in _few_at_a_time(d_rows):
        d_few = dZ[few].reshape(-1, layer.filters)
        np.matmul(d_few, W.T, out=d_rows[few].reshape(-1, len(W)))
        loop(d_patches[few], dX[few], *windows.strides, *windows.dilation_rate)
    return windows.crop(dX)


def _few_at_a_time(rows: np.ndarray) -> list[slice]:
    """Parts of a batch: so few images that their patches are about four times as many as these have
    entries."""
    m, places, entries = rows.shape
    at_a_time = -(-4 * entries // places)
    return [slice(start, min(start + at_a_time, m)) for start in range(0, m, at_a_time)]


def patches_loop(X, patches, down_by, across_by, down_apart, across_apart):
    m, down, across, height, width, channels = patches.shape
    for example in range(m):
        for p in range(down):
            for i in range(height):
                row = X[example, p * down_by + i * down_apart]
                for q in range(across):
                    for j in range(width):
                        for c in range(channels):
                            patches[example, p, q, i, j, c] = row[
                                q * across_by + j * across_apart, c
                            ]


def patches_of_few_channels_loop(X, patches, down_by, across_by, down_apart, across_apart):
    m, down, across, height, width, channels = patches.shape
    for example in range(m):
        for p in range(down):
            for i in range(height):
                row = X[example, p * down_by + i * down_apart]
                for j in range(width):
                    for c in range(channels):
                        for q in range(across):
                            patches[example, p, q, i, j, c] = row[
                                q * across_by + j * across_apart, c
                            ]


def sum_patches_loop(d_patches, dX, down_by, across_by, down_apart, across_apart):
    m, down, across, height, width, channels = d_patches.shape
    for example in range(m):
        for p in range(down):
            for i in range(height):
                row = dX[example, p * down_by + i * down_apart]
                for q in range(across):
                    for j in range(width):
                        for c in range(channels):
                            row[q * across_by + j * across_apart, c] += d_patches[
                                example, p, q, i, j, c
                            ]


def sum_patches_of_few_channels_loop(d_patches, dX, down_by, across_by, down_apart, across_apart):
    m, down, across, height, width, channels = d_patches.shape
    for example in range(m):
        for p in range(down):
            for i in range(height):
                row = dX[example, p * down_by + i * down_apart]
                for j in range(width):
                    for c in range(channels):
                        for q in range(across):
                            row[q * across_by + j * across_apart, c] += d_patches[
                                example, p, q, i, j, c
                            ]
