"""Convolution, by hand and by what linear maps are like."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numeric import built

from groundup import nn
from groundup.nn.layers.windows import Windows


@given(
    m=st.integers(1, 3), height=st.integers(1, 6), width=st.integers(1, 6), c=st.integers(1, 3),
    f=st.integers(1, 3), size=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    strides=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    dilation=st.tuples(st.integers(1, 2), st.integers(1, 2)),
    padding=st.sampled_from(["valid", "same"]),
)  # fmt: skip
@settings(max_examples=25)
def test_convolution_of_any_shape_is_linear_and_its_gradients_are_its_transpose(
    m, height, width, c, f, size, strides, dilation, padding
):
    """⟨dZ, conv(X)⟩ = ⟨conv′(dZ), X⟩ = ⟨dW, W⟩ for a linear map: exact, no differences needed."""
    layer = nn.Conv2D(f, size, strides, padding, dilation_rate=dilation, use_bias=False)
    if padding == "valid" and (
        (size[0] - 1) * dilation[0] >= height or (size[1] - 1) * dilation[1] >= width
    ):
        with pytest.raises(ValueError, match="larger than an image"):
            layer.build((height, width, c))
        return
    layer = built(layer, (height, width, c))
    rng = np.random.default_rng(0)
    X = rng.normal(size=(m, height, width, c))
    Z = layer.forward(X)
    assert Z.shape[1:] == layer.build((height, width, c))
    dZ = rng.normal(size=Z.shape)
    layer.backward(dZ)
    assert np.isclose(np.vdot(dZ, Z), np.vdot(layer.dW, layer.W))
    assert np.isclose(np.vdot(dZ, Z), np.vdot(layer.input_gradient(dZ), X))


IMAGE = np.arange(12.0).reshape(1, 3, 4, 1)  # 0 1 2 3 / 4 5 6 7 / 8 9 10 11


def convolved(image=IMAGE, kernel=((1, 10), (100, 1000)), **arguments):
    layer = nn.Conv2D(1, 2, **arguments)
    model = nn.Sequential([nn.Input(image.shape[1:]), layer])
    layer.W[...] = np.array(kernel, float)[:, :, None, None]
    layer.b[...] = 0.5
    return model.predict(image)[0, :, :, 0]


def test_convolution_by_hand():
    """It is the cross-correlation: the kernel isn't turned round."""
    assert (convolved() == [[5410.5, 6521.5, 7632.5], [9854.5, 10965.5, 12076.5]]).all()
    assert (convolved(strides=2) == [[5410.5, 7632.5]]).all()
    assert (convolved(strides=(2, 1)) == [[5410.5, 6521.5, 7632.5]]).all()
    assert (
        convolved(dilation_rate=2) == [[0 + 20 + 800 + 10000 + 0.5, 1 + 30 + 900 + 11000 + 0.5]]
    ).all()
    same = convolved(padding="same")
    assert (same[:2, :3] == convolved()).all(), (
        "what is missing at an odd margin is below and right"
    )
    assert (same[2] == [90 + 8 + 0.5, 100 + 9 + 0.5, 110 + 10 + 0.5, 11.5]).all()
    assert (same[:2, 3] == [703.5, 1107.5]).all()


def test_a_margin_is_the_same_on_both_sides_of_a_large_window():
    """A window of ones on an image of ones counts what it sees."""
    model = nn.Sequential(
        [nn.Input((5, 6, 1)), nn.Conv2D(1, 5, padding="same", kernel_initializer="ones")]
    )
    down, across = [3, 4, 5, 4, 3], [3, 4, 5, 5, 4, 3]
    assert (model.predict(np.ones((1, 5, 6, 1)))[0, :, :, 0] == np.outer(down, across)).all()
    model = nn.Sequential(
        [nn.Input((2, 2, 1)), nn.Conv2D(1, 1, strides=2, padding="same", kernel_initializer="ones")]
    )
    assert model.predict(np.ones((1, 2, 2, 1))).shape == (1, 1, 1, 1), (
        "no margin where none is missing"
    )


@pytest.mark.parametrize(
    ("size", "strides", "dilation", "missing"),
    [
        (1, 1, 1, (0, 0)), (1, 3, 1, (0, 0)), (2, 1, 1, (1, 1)), (2, 2, 1, (1, 0)), (3, 2, 1, (2, 1)),
        (4, 1, 1, (3, 3)), (5, 1, 1, (4, 4)), (3, 1, 2, (4, 4)), (2, 3, 1, (0, 0)),
    ],
)  # fmt: skip
def test_a_margin_is_no_wider_than_what_is_missing(size, strides, dilation, missing):
    """Of 5 by 6 pixels; and a window that stays inside has none, so that nothing is copied."""
    X, pairs = np.ones((2, 5, 6, 1)), [(n, n) for n in (size, strides, dilation)]
    same, valid = (Windows(*pairs[:2], padding, pairs[2]) for padding in ("same", "valid"))
    for windows in (same, valid):
        windows.build(X.shape[1:])
    padded = same.pad(X)
    assert padded.shape == (2, 5 + missing[0], 6 + missing[1], 1)
    assert padded.sum() == X.sum()
    assert (same.crop(padded) == X).all()
    assert valid.pad(X) is X


def test_a_penalty_on_filters_counts():
    model = nn.Sequential(
        [
            nn.Input((2, 2, 1)),
            nn.Conv2D(3, 2, kernel_initializer="ones", kernel_regularizer=nn.L2(0.5)),
        ]
    )
    model.compile("sgd", "mse")
    image, target = np.ones((1, 2, 2, 1)), np.full((1, 1, 1, 3), 4.0)
    assert model.evaluate(image, target) == 0.5 * 12
    assert (model.gradients(image, target)[:12] == 1).all()


@pytest.mark.parametrize("argument", ["filters", "kernel_size", "strides", "dilation_rate"])
def test_an_error_names_layer_and_argument(argument):
    given = {"filters": 1, "kernel_size": 3} | {argument: 0}
    with pytest.raises(ValueError, match=f"^Conv2D expected a .* number for {argument}, got 0$"):
        nn.Conv2D(**given)


def test_convolution_sums_over_channels():
    model = nn.Sequential([nn.Input((1, 1, 2)), nn.Conv2D(2, 1)])
    model.parameters[:] = [1, 2, 3, 4, 10, 20]
    assert (model.predict(np.array([[[[1.0, 1.0]]]])) == [[[[14, 26]]]]).all()


def test_a_transposed_convolution_has_a_bias_and_a_penalty_if_wanted():
    layer = nn.Conv2DTranspose(3, 2, kernel_regularizer=nn.L2(0.5))
    layer.build((4, 4, 2))
    assert set(layer.blocks) == {"W", "b"}
    assert layer.blocks["W"].regularizer is layer.kernel_regularizer
    assert layer.blocks["b"].regularizer is None
