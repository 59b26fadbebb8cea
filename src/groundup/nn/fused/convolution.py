"""Patches of images and their sum back, the bias of a convolution and its gradient."""

import numpy as np

from groundup.nn import fused
from groundup.nn.fused.compiling import compiled
from groundup.nn.fused.dense import add_bias_loop, sum_rows_loop


def forward(layer, X):
    """``Conv2D.forward``."""
    windows = layer.windows
    X = windows.pad(X)
    if not (layer.use_bias and fused.suits(X, layer.W, layer.b)):
        return layer.forward(windows.crop(X))
    m, (down, across), channels = len(X), windows.places, X.shape[-1]
    patches = np.empty((m, down, across, *layer.kernel_size, channels), X.dtype)
    compiled(patches_loop)(X, patches, *windows.strides, *windows.dilation_rate)
    layer.patches = patches.reshape(m * down * across, -1)
    Z = layer.patches @ layer.W.reshape(-1, layer.filters)
    compiled(add_bias_loop)(Z, layer.b)
    return Z.reshape(m, down, across, layer.filters)


def backward(layer, dZ):
    """``Conv2D.backward``."""
    if not (layer.use_bias and fused.suits(layer.patches, dZ, layer.dW, layer.db)):
        return layer.backward(dZ)
    dW = layer.dW.reshape(-1, layer.filters)
    np.matmul(layer.patches.T, dZ.reshape(-1, layer.filters), out=dW)
    compiled(sum_rows_loop)(dZ.reshape(-1, layer.filters), layer.db)


def input_gradient(layer, dZ):
    """``Conv2D.input_gradient``."""
    if not fused.suits(dZ, layer.W):
        return layer.input_gradient(dZ)
    windows = layer.windows
    d_patches = dZ.reshape(-1, layer.filters) @ layer.W.reshape(-1, layer.filters).T
    d_patches = d_patches.reshape(*dZ.shape[:3], *layer.W.shape[:3])
    dX = windows.pad(np.zeros((len(dZ), *windows.input_shape), dZ.dtype))
    compiled(sum_patches_loop)(d_patches, dX, *windows.strides, *windows.dilation_rate)
    return windows.crop(dX)


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
