"""The layer that Keras lacks, and the sizes of the networks."""

import keras
import numpy as np
import pytest

from groundup.models.against_dense import (
    LocallyConnected2D,
    make_convolution,
    make_dense,
    make_local,
    make_pooled,
)


@pytest.mark.parametrize(
    ("h", "q", "S", "c", "f"), [(8, 3, 1, 1, 2), (9, 2, 3, 2, 1), (7, 3, 2, 3, 4)]
)
def test_a_local_layer_is_a_loop_over_places_with_weights_of_their_own(h, q, S, c, f):
    rng = np.random.default_rng(0)
    layer = LocallyConnected2D(f, q, S)
    layer.build((None, h, h, c))
    places = (h - q) // S + 1
    W, b = rng.normal(size=(places, places, q, q, c, f)), rng.normal(size=(places, places, f))
    layer.set_weights([W.reshape(places, places, q * q * c, f), b])
    x = rng.normal(size=(5, h, h, c)).astype("float32")
    z = np.zeros((5, places, places, f))
    for i, u, v, k in np.ndindex(*z.shape):
        window = x[i, S * u : S * u + q, S * v : S * v + q]
        z[i, u, v, k] = np.sum(window * W[u, v, ..., k]) + b[u, v, k]
    found = keras.ops.convert_to_numpy(layer(x))
    np.testing.assert_allclose(found, np.maximum(z, 0), atol=1e-5)


def test_with_the_same_weights_everywhere_it_is_a_convolution():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(3, 9, 9, 2)).astype("float32")
    convolution = keras.layers.Conv2D(4, 3, 2, activation="relu")
    local = LocallyConnected2D(4, 3, 2)
    convolution.build(x.shape)
    local.build(x.shape)
    K, b = rng.normal(size=(3, 3, 2, 4)), rng.normal(size=4)
    convolution.set_weights([K, b])
    local.set_weights([np.broadcast_to(K.reshape(18, 4), (4, 4, 18, 4)), np.tile(b, (4, 4, 1))])
    np.testing.assert_allclose(np.array(local(x)), np.array(convolution(x)), atol=1e-5)


def test_its_weights_start_as_those_of_the_convolution_do():
    local = make_local(maps=200).layers[0].kernel.numpy()
    shared = make_convolution(maps=2000).layers[0].kernel.numpy()
    limit = (6 / 25) ** 0.5
    for kernel in (local, shared):
        assert abs(kernel).max() <= limit
        np.testing.assert_allclose(kernel.var(), limit**2 / 3, rtol=0.02)


def test_it_comes_back_from_its_configuration():
    layer = LocallyConnected2D(4, 3, strides=2, name="local")
    again = LocallyConnected2D.from_config(layer.get_config())
    assert (again.filters, again.kernel_size, again.strides, again.name) == (4, 3, 2, "local")


def test_the_networks_are_equally_large():
    counts = [
        make().count_params() for make in (make_dense, make_local, make_convolution, make_pooled)
    ]
    assert max(counts) < 1.02 * min(counts)
