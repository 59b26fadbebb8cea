"""Convolution and its gradients against SciPy's."""

import numpy as np
import pytest
import scipy.signal
from numeric import double

from groundup import nn


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("size", [(3, 3), (1, 3), (2, 4)])
def test_convolution_is_the_cross_correlation_of_scipy(padding, size):
    rng = np.random.default_rng(0)
    m, c, f = 2, 3, 4
    model = double(
        nn.Input((7, 6, c)), nn.Conv2D(f, size, padding=padding), nn.Flatten(), nn.Dense(1)
    )
    layer, X = model.layers[0], rng.normal(size=(m, 7, 6, c))
    Z = layer.forward(X)
    padded = layer.windows.pad(X)
    for i, o in np.ndindex(m, f):
        parts = [
            scipy.signal.correlate2d(padded[i, ..., k], layer.W[..., k, o], mode="valid")
            for k in range(c)
        ]
        assert np.allclose(Z[i, ..., o], sum(parts) + layer.b[o])
    dZ = rng.normal(size=Z.shape)
    layer.backward(dZ)
    dX = layer.input_gradient(dZ)
    for k, o in np.ndindex(c, f):
        parts = [
            scipy.signal.correlate2d(padded[i, ..., k], dZ[i, ..., o], mode="valid")
            for i in range(m)
        ]
        assert np.allclose(layer.dW[..., k, o], sum(parts))
    for i, k in np.ndindex(m, c):
        full = sum(scipy.signal.convolve2d(dZ[i, ..., o], layer.W[..., k, o]) for o in range(f))
        assert np.allclose(layer.windows.crop(full[None, ..., None])[0, ..., 0], dX[i, ..., k])
