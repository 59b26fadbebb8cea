"""Pooling, by hand."""

import numpy as np
import pytest
from numeric import built

from groundup import nn

IMAGE = np.arange(12.0).reshape(1, 3, 4, 1)  # 0 1 2 3 / 4 5 6 7 / 8 9 10 11


def pooled(layer, image=IMAGE):
    nn.Sequential([nn.Input(image.shape[1:]), layer, nn.Flatten(), nn.Dense(1)])
    return layer.forward(image)[0, ..., 0]


def test_pooling_by_hand():
    assert (pooled(nn.MaxPooling2D()) == [[5, 7]]).all()
    assert (pooled(nn.MaxPooling2D(padding="same")) == [[5, 7], [9, 11]]).all()
    assert (pooled(nn.MaxPooling2D(2, strides=1)) == [[5, 6, 7], [9, 10, 11]]).all()
    assert (pooled(nn.MaxPooling2D(padding="same"), -IMAGE) == [[0, -2], [-8, -10]]).all()
    assert (pooled(nn.AveragePooling2D(2)) == [[2.5, 4.5]]).all()
    assert (pooled(nn.AveragePooling2D(2, padding="same")) == [[2.5, 4.5], [8.5, 10.5]]).all()
    assert (pooled(nn.AveragePooling2D((1, 2), strides=(2, 2))) == [[0.5, 2.5], [8.5, 10.5]]).all()
    assert pooled(nn.GlobalAveragePooling2D()) == 5.5


def test_of_equal_entries_the_first_gets_the_gradient():
    layer = built(nn.MaxPooling2D(), (2, 4, 1))
    layer.forward(np.array([[[0.0, 3, 3, 3], [3, 3, 3, 3]]])[..., None])
    dX = layer.input_gradient(np.array([[[[5.0], [7.0]]]]))
    assert (dX[0, :, :, 0] == [[0, 5, 7, 0], [0, 0, 0, 0]]).all()


@pytest.mark.parametrize("window", [(1, 1), (2, 3), (16, 16), (1, 257), (17, 17)], ids=str)
def test_the_gradient_goes_to_the_largest_wherever_it_is(window):
    """Of windows of any size: one picture for each entry, in which that one is the largest."""
    size = window[0] * window[1]
    X = np.eye(size).reshape(size, *window, 1)
    layer = built(nn.MaxPooling2D(window), X.shape[1:])
    assert (layer.forward(X) == 1).all()
    dZ = np.arange(1.0, size + 1).reshape(size, 1, 1, 1)
    assert (layer.input_gradient(dZ) == X * dZ).all()


def test_a_place_in_a_window_takes_few_bits():
    """What is kept of a whole image for the way back."""
    for size, bits in ((2, 8), (16, 8), (17, 16)):
        layer = built(nn.MaxPooling2D(size), (17, 17, 1))
        layer.forward(np.ones((1, 17, 17, 1)))
        assert layer.largest.dtype.kind == "u"
        assert layer.largest.itemsize * 8 == bits


def test_an_image_may_be_a_single_row_or_column():
    for shape in ((1, 4, 2), (4, 1, 2), (1, 1, 2)):
        layer = nn.GlobalAveragePooling2D()
        assert layer.build(shape) == (2,)
        X = np.random.default_rng(0).normal(size=(3, *shape))
        assert np.allclose(layer.forward(X), X.reshape(3, -1, 2).mean(axis=1))


def test_overlapping_windows_add_up():
    layer = built(nn.MaxPooling2D(2, strides=1), (1 + 1, 3, 1))
    layer.forward(np.array([[[0.0, 9, 0], [0, 0, 0]]])[..., None])
    assert (
        layer.input_gradient(np.array([[[[5.0], [7.0]]]]))[0, :, :, 0] == [[0, 12, 0], [0] * 3]
    ).all()
