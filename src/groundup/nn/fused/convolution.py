"""Patches of images and their sum back, the bias of a convolution and its gradient.

A few images are taken at a time, so that what is made of them is still in the processor's cache when it
is used.
"""

import numpy as np

from groundup.nn import fused
from groundup.nn.fused.compiling import compiled
from groundup.nn.fused.dense import add_bias_loop, sum_rows_loop
from groundup.nn.fused.sharing import ENTRIES, shared


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

    def some(part):
        loop(X[part], patches[part], *windows.strides, *windows.dilation_rate)
        np.matmul(rows[part].reshape(-1, len(W)), W, out=Z[part].reshape(-1, filters))
        compiled(add_bias_loop)(Z[part].reshape(-1, filters), layer.b)

    _shared_by_few(some, rows)
    return Z.reshape(m, down, across, filters)


def backward(layer, dZ):
    """``Conv2D.backward``."""
    if not (layer.use_bias and fused.suits(layer.patches, dZ, layer.dW, layer.db)):
        return layer.backward(dZ)
    m, filters = len(dZ), layer.filters
    rows, dZ = layer.patches.reshape(m, -1, layer.patches.shape[1]), dZ.reshape(m, -1, filters)
    at_a_time = _at_a_time(rows)
    count = -(-m // at_a_time)
    dW = np.empty((count, rows.shape[2], filters), dZ.dtype)
    db = np.empty((count, filters), dZ.dtype)

    def some(part):
        number, d_some = part.start // at_a_time, dZ[part].reshape(-1, filters)
        np.matmul(rows[part].reshape(len(d_some), -1).T, d_some, out=dW[number])
        compiled(sum_rows_loop)(d_some, db[number])

    _shared_by_few(some, rows)
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

    def some(part):
        d_some = dZ[part].reshape(-1, layer.filters)
        np.matmul(d_some, W.T, out=d_rows[part].reshape(-1, len(W)))
        loop(d_patches[part], dX[part], *windows.strides, *windows.dilation_rate)

    _shared_by_few(some, d_rows)
    return windows.crop(dX)


def _at_a_time(rows: np.ndarray) -> int:
    """How many images: so many that their patches are four times as many as these have entries."""
    _, places, entries = rows.shape
    return -(-4 * entries // places)


def _shared_by_few(work, rows: np.ndarray) -> None:
    """Do some work for a few images at a time; the same few, whoever does it."""
    m, at_a_time = len(rows), _at_a_time(rows)

    def several(part):
        for number in range(part.start, part.stop):
            work(slice(number * at_a_time, min((number + 1) * at_a_time, m)))

    shared(several, -(-m // at_a_time), worth=rows.size >= ENTRIES // 4)


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
