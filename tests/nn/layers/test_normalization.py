"""Batch normalization."""

import numpy as np
from numeric import built

from groundup import nn


def test_batch_normalization_normalizes_and_remembers():
    layer = built(nn.BatchNormalization(momentum=0.9, epsilon=1e-12), (2,))
    layer.gamma[:], layer.beta[:] = [2, 3], [10, 20]
    X = np.random.default_rng(0).normal(5, 3, size=(50, 2))
    Z = layer.training_forward(X)
    assert np.allclose(Z.mean(axis=0), [10, 20])
    assert np.allclose(Z.std(axis=0), [2, 3])
    assert np.allclose(layer.moving_mean, 0.1 * X.mean(axis=0))
    assert np.allclose(layer.moving_variance, 0.9 + 0.1 * X.var(axis=0))
    mean, variance = layer.moving_mean.copy(), layer.moving_variance.copy()
    layer.training_forward(-2 * X)
    assert np.allclose(layer.moving_mean, 0.9 * mean - 0.2 * X.mean(axis=0))
    assert np.allclose(layer.moving_variance, 0.9 * variance + 0.4 * X.var(axis=0))
    layer.epsilon = 0.5
    deviation = np.sqrt(layer.moving_variance + 0.5)
    expected = (X - layer.moving_mean) / deviation * [2, 3] + [10, 20]
    assert np.allclose(layer.forward(X), expected)
    before = layer.moving_mean.copy()
    layer.forward(X)
    assert (layer.moving_mean == before).all(), "only training moves the averages"


def test_batch_normalization_of_images_is_by_channel():
    X = np.random.default_rng(0).normal(size=(4, 3, 2, 2))
    images, rows = built(nn.BatchNormalization(), (3, 2, 2)), built(nn.BatchNormalization(), (2,))
    rows.gamma[:], rows.beta[:] = images.gamma, images.beta
    flat = rows.training_forward(X.reshape(-1, 2)).reshape(X.shape)
    assert np.allclose(images.training_forward(X), flat)
    assert np.allclose(images.forward(X), rows.forward(X.reshape(-1, 2)).reshape(X.shape))
