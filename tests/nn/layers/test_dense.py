"""The dense layer, by hand."""

import numpy as np

from groundup import nn


def test_dense_by_hand():
    model = nn.Sequential([nn.Input((2,)), nn.Dense(2)])
    model.parameters[:] = [1, 2, 3, 4, 10, 20]
    assert (model.predict(np.array([[1.0, 1], [0, 2]])) == [[14, 26], [16, 28]]).all()
    model = nn.Sequential([nn.Input((2,)), nn.Dense(2, use_bias=False)])
    model.parameters[:] = [1, 2, 3, 4]
    assert (model.predict(np.array([[1.0, 1], [0, 2]])) == [[4, 6], [6, 8]]).all()
