"""The equations of the chapter on convolution."""

import numpy as np
import pytest
from numeric import central_differences, double
from scipy import signal
from tests.equations.checks import agree, formula, same
from tests.equations.evaluation import Counted

from groundup import nn

RNG = np.random.default_rng(0)
H, WIDTH, Q, C, F = 5, 4, 2, 3, 2
INPUTS, UNITS, WITHIN = range(1, C + 1), range(1, F + 1), range(Q)
ZERO, ONE = (0, 0, 1), (0, 0, 1, 1)  # where axes of pictures and filters begin to count


def square(side=H, strides=1, padding="valid", channels=C, filters=F, q=Q, dilation=1):
    """A layer for square pictures, its input, and gradients of its map, in double precision."""
    layer = nn.Conv2D(filters, q, strides=strides, padding=padding, dilation_rate=dilation)
    model = double(nn.Input((side, side, channels)), layer)
    (layer,) = model.layers
    layer.b[:] = RNG.normal(size=filters)
    x = RNG.normal(size=(side, side, channels))
    dz = RNG.normal(size=model.output_shape)
    return layer, x, dz


def around(dz, by):
    """Gradients with zeros around them, counted from below zero."""
    margins = [(by, by), (by, by)] + [(0, 0)] * (dz.ndim - 2)
    return Counted(np.pad(dz, margins), (-by, -by, 1)[: dz.ndim])


@pytest.mark.equation("one-filter")
def test_one_filter_on_one_channel(book):
    layer, x, _ = square(channels=1, filters=1)
    z, K = layer.forward(x[None])[0, :, :, 0], layer.W[:, :, 0, 0]
    same(z, signal.correlate2d(x[:, :, 0], K, "valid") + layer.b[0], "SciPy and the engine")
    agree(
        book["one-filter"],
        {"z": Counted(z, (0, 0)), "x": Counted(x[:, :, 0], (0, 0)), "K": Counted(K, (0, 0)),
         "b": layer.b[0], "q": Q},
        u=range(H - Q + 1), v=range(H - Q + 1),
    )  # fmt: skip


@pytest.mark.equation("cross-correlation")
def test_convolution(book):
    layer = double(nn.Input((H, WIDTH, C)), nn.Conv2D(F, Q)).layers[0]
    layer.b[:] = RNG.normal(size=F)
    x = RNG.normal(size=(H, WIDTH, C))
    (z,) = layer.forward(x[None])
    agree(
        book["cross-correlation"],
        {"z": Counted(z, ZERO), "x": Counted(x, ZERO), "K": Counted(layer.W, ONE), "b": layer.b,
         "q": Q, "c": C},
        u=range(H - Q + 1), v=range(WIDTH - Q + 1), k=UNITS,
    )  # fmt: skip


@pytest.mark.equation("valid-size")
def test_side_of_a_feature_map(book):
    for h, q in [(28, 3), (5, 5), (9, 2)]:
        side = formula(book["valid-size"])({"h": h, "q": q})
        assert nn.Conv2D(F, q).build((h, h, C)) == (side, side, F)


@pytest.mark.equation("output-size")
def test_side_with_margins_strides_and_gaps(book):
    for h, q, margin, stride, dilation in [
        (28, 3, 0, 1, 1), (28, 3, 1, 1, 1), (28, 3, 1, 2, 1), (9, 2, 0, 3, 2), (11, 5, 3, 2, 2),
        (5, 5, 0, 4, 1), (6, 3, 0, 2, 1), (10, 2, 2, 4, 3), (7, 4, 1, 3, 1),
    ]:  # fmt: skip
        side = formula(book["output-size"])(
            {"h": h, "q": q, "P": margin, "S": stride, "D": dilation}
        )
        layer = nn.Conv2D(F, q, strides=stride, dilation_rate=dilation)
        padded = h + 2 * margin
        assert layer.build((padded, padded, C)) == (side, side, F)
    same_size = formula(book["output-size"])({"h": 9, "q": 3, "P": 2, "S": 1, "D": 2})
    layer = nn.Conv2D(F, 3, padding="same", dilation_rate=2)
    assert layer.build((9, 9, C)) == (same_size, same_size, F)


@pytest.mark.equation("convolution-parameters")
def test_number_of_parameters(book):
    for q, c, f in [(3, 1, 32), (5, 4, 2)]:
        model = nn.Sequential([nn.Input((8, 8, c)), nn.Conv2D(f, q)])
        counted = formula(book["convolution-parameters"])({"q": q, "c": c, "f": f})
        assert counted == model.count_params()


class Tally:
    """A number that counts how often it is multiplied."""

    made = 0

    def __mul__(self, other):
        Tally.made += 1
        return 0.0


@pytest.mark.equation("convolution-multiplications")
def test_number_of_multiplications(book):
    for h, q, c, f in [(6, 3, 2, 4), (5, 5, 1, 2), (4, 1, 3, 1)]:
        Tally.made = 0
        x, K = np.full((h, h, c), Tally()), np.ones((q, q, c, f))
        for u, v in np.ndindex(h - q + 1, h - q + 1):
            for k in range(f):
                x[u : u + q, v : v + q] * K[:, :, :, k]
        values = {"h": h, "q": q, "c": c, "f": f}
        assert formula(book["convolution-multiplications"])(values) == Tally.made


@pytest.mark.equation("max-pooling")
def test_max_pooling(book):
    a = RNG.normal(size=(5, 4, 3))  # an odd side: its last row is left out
    pooling = nn.MaxPooling2D()
    down, across, channels = pooling.build(a.shape)
    (pooled,) = pooling.forward(a[None])
    agree(
        book["max-pooling"], {"a": Counted(a, ZERO)}, code=pooled,
        u=range(down), v=range(across), k=range(1, channels + 1),
    )  # fmt: skip


@pytest.mark.equation("receptive-field")
def test_receptive_field(book):
    """What the formula says is what a gradient reaches, through layers of the engine."""
    for settings in [[(3, 1), (3, 1), (3, 1)], [(3, 2), (2, 1), (3, 3)], [(2, 2), (5, 1)]]:
        layers = [
            nn.Conv2D(1, q, strides=s, use_bias=False, kernel_initializer=nn.Constant(1.0))
            for q, s in settings
        ]
        model = double(nn.Input((60, 60, 1)), *layers)
        layers = model.layers
        fields, jumps = [1], [1]
        shape = (60, 60, 1)
        for reached, (_, stride) in enumerate(settings, start=1):
            part = layers[:reached]
            shape = part[-1].windows.places
            model.forward(np.zeros((1, 60, 60, 1)), training=True)
            d = np.zeros((1, *shape, 1))
            d[0, shape[0] // 2, shape[1] // 2] = 1
            for layer in reversed(part):
                d = layer.input_gradient(d)
            fields.append(int(np.any(d[0, :, :, 0], axis=1).sum()))
            jumps.append(jumps[-1] * stride)
        n = len(settings)
        agree(
            book["receptive-field"],
            {"R": Counted(np.array(fields), (0,)), "J": Counted(np.array(jumps), (0,)),
             "q": np.array([q for q, _ in settings]), "S": np.array([s for _, s in settings])},
            recurs=True, l=range(1, n + 1),
        )  # fmt: skip


@pytest.mark.equation("filter-gradient", "picture-gradient", "map-gradient")
def test_backward_passes_of_one_filter(book):
    layer, x, dz = square(channels=1, filters=1)
    layer.forward(x[None])
    layer.backward(dz[None])
    dK, dx = layer.dW[:, :, 0, 0], layer.input_gradient(dz[None])[0, :, :, 0]
    x, dz, K = x[:, :, 0], dz[:, :, 0], layer.W[:, :, 0, 0]
    same(dK, signal.correlate2d(x, dz, "valid"), "SciPy and the engine")
    same(dx, signal.convolve2d(dz, K, "full"), "SciPy and the engine")
    values = {"dz": Counted(dz, (0, 0)), "x": Counted(x, (0, 0)), "h": H, "q": Q}
    agree(book["filter-gradient"], {**values, "dK": Counted(dK, (0, 0))}, p=WITHIN, r=WITHIN)
    agree(book["map-gradient"], {**values, "db": layer.db[0]})
    agree(
        book["picture-gradient"],
        {"dx": Counted(dx, (0, 0)), "dz": around(dz, Q - 1), "K": Counted(K, (0, 0)), "q": Q},
        u=range(H), v=range(H),
    )  # fmt: skip


@pytest.mark.equation(
    "convolution-filter-gradient", "convolution-bias-gradient", "convolution-picture-gradient"
)
def test_backward_passes_with_channels(book):
    layer, x, dz = square()
    layer.forward(x[None])
    layer.backward(dz[None])
    (dx,) = layer.input_gradient(dz[None])

    def loss():
        return np.sum(layer.forward(x[None])[0] * dz)

    same(central_differences(loss, layer.W), layer.dW, "central differences and the engine")
    same(central_differences(loss, layer.b), layer.db, "central differences and the engine")
    same(central_differences(loss, x), dx, "central differences and the engine")
    values = {"dz": Counted(dz, ZERO), "x": Counted(x, ZERO), "h": H, "q": Q}
    agree(
        book["convolution-filter-gradient"], {**values, "dK": Counted(layer.dW, ONE)},
        p=WITHIN, r=WITHIN, j=INPUTS, k=UNITS,
    )  # fmt: skip
    agree(book["convolution-bias-gradient"], {**values, "db": layer.db}, k=UNITS)
    agree(
        book["convolution-picture-gradient"],
        {"dx": Counted(dx, ZERO), "dz": around(dz, Q - 1), "K": Counted(layer.W, ONE), "q": Q, "f": F},
        u=range(H), v=range(H), j=INPUTS,
    )  # fmt: skip
