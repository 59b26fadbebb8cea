"""The equations of the chapter on convolutional networks."""

import numpy as np
import pytest
from numeric import double
from tests.equations.checks import agree, formula
from tests.equations.evaluation import Counted

from groundup import nn

RNG = np.random.default_rng(0)
HEIGHT, WIDTH, Q, C, F = 5, 4, 2, 3, 2


@pytest.mark.equation("cross-correlation")
def test_convolution(book):
    layer = double(nn.Input((HEIGHT, WIDTH, C)), nn.Conv2D(F, Q)).layers[0]
    layer.b[:] = RNG.normal(size=F)
    x = RNG.normal(size=(HEIGHT, WIDTH, C))
    (z,) = layer.forward(x[None])
    agree(
        book["cross-correlation"],
        {
            "z": Counted(z, (0, 0, 1)), "x": Counted(x, (0, 0, 1)), "K": Counted(layer.W, (0, 0, 1, 1)),
            "b": layer.b, "q": Q, "c": C,
        },
        u=range(HEIGHT - Q + 1), v=range(WIDTH - Q + 1), j=range(1, F + 1),
    )  # fmt: skip


@pytest.mark.equation("valid-size")
def test_side_of_a_feature_map(book):
    for h, q in [(28, 3), (5, 5), (9, 2)]:
        side = formula(book["valid-size"])({"h": h, "q": q})
        assert nn.Conv2D(F, q).build((h, h, C)) == (side, side, F)


@pytest.mark.equation("convolution-parameters")
def test_number_of_parameters(book):
    for q, c, f in [(3, 1, 32), (5, 4, 2)]:
        model = nn.Sequential([nn.Input((8, 8, c)), nn.Conv2D(f, q)])
        counted = formula(book["convolution-parameters"])({"q": q, "c": c, "f": f})
        assert counted == model.count_params()


@pytest.mark.equation("max-pooling")
def test_max_pooling(book):
    a = RNG.normal(size=(5, 4, 3))  # an odd side: its last row is left out
    pooling = nn.MaxPooling2D()
    down, across, channels = pooling.build(a.shape)
    (pooled,) = pooling.forward(a[None])
    agree(
        book["max-pooling"], {"a": Counted(a, (0, 0, 1))}, code=pooled,
        u=range(down), v=range(across), j=range(1, channels + 1),
    )  # fmt: skip
