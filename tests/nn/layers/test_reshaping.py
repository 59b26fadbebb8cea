"""Shapes."""

import numpy as np

from groundup import nn


def test_reshaping():
    X = np.arange(12).reshape(1, 2, 6)
    layer = nn.Reshape((3, -1))
    assert layer.build((2, 6)) == (3, 4)
    assert (layer.forward(X) == X.reshape(1, 3, 4)).all()
    assert layer.input_gradient(X.reshape(1, 3, 4)).shape == (1, 2, 6)
    assert nn.Flatten().build((2, 6)) == (12,)
