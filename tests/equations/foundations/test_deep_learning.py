"""The equation of the chapter on what deep learning is."""

import numpy as np
import pytest
from numeric import double
from tests.equations.checks import agree

from groundup import nn


@pytest.mark.equation("weighted-sum")
def test_a_unit_is_a_weighted_sum(book):
    layer = double(nn.Input((3,)), nn.Dense(1)).layers[0]
    layer.b[:] = -0.7
    X = np.random.default_rng(0).normal(size=(4, 3))
    for x, (z,) in zip(X, layer.forward(X), strict=True):
        w = layer.W[:, 0]
        agree(book["weighted-sum"], {"z": z, "b": layer.b[0], "x": x, "w": w})
