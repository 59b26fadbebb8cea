"""The equations of the chapter that holds convolutional networks against dense ones."""

import numpy as np
import pytest
from tests.equations.checks import formula

from groundup.models.against_dense import LocallyConnected2D

CASES = [(28, 5, 2, 1, 4), (6, 3, 1, 2, 3), (7, 2, 3, 1, 2), (5, 5, 2, 3, 1)]
NAMES = ("h", "q", "S", "c", "f")


@pytest.mark.equation("local-parameters")
def test_parameters_of_a_local_layer(book):
    for h, q, S, c, f in CASES:
        layer = LocallyConnected2D(f, q, S)
        layer.build((None, h, h, c))
        values = dict(zip(NAMES, (h, q, S, c, f), strict=True))
        assert formula(book["local-parameters"])(values) == layer.count_params()


class Tally:
    """A number that counts how often it is multiplied."""

    made = 0

    def __mul__(self, other):
        Tally.made += 1
        return 0.0


@pytest.mark.equation("strided-multiplications")
def test_multiplications_of_a_layer_that_looks_through_windows(book):
    for h, q, S, c, f in CASES[1:]:
        Tally.made = 0
        x, K = np.full((h, h, c), Tally()), np.ones((q, q, c, f))
        for u in range(0, h - q + 1, S):
            for v in range(0, h - q + 1, S):
                for k in range(f):
                    x[u : u + q, v : v + q] * K[..., k]
        values = dict(zip(NAMES, (h, q, S, c, f), strict=True))
        assert formula(book["strided-multiplications"])(values) == Tally.made
