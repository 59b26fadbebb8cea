"""Layers: values by hand, gradients against central differences, shapes refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numeric import central_differences, double, relative_error

from groundup import nn

CASES = [
    (lambda: nn.Dense(3), (4,)),
    (lambda: nn.Dense(3, use_bias=False), (4,)),
    (lambda: nn.Activation("tanh"), (4,)),
    (lambda: nn.Dropout(0.4), (5,)),
    (lambda: nn.Dropout(0.4), (3, 2)),
    (lambda: nn.Flatten(), (2, 3, 2)),
    (lambda: nn.Reshape((3, 4)), (2, 6)),
    (lambda: nn.Reshape((2, -1)), (4, 3)),
    (lambda: nn.BatchNormalization(), (4,)),
    (lambda: nn.BatchNormalization(epsilon=0.1), (3, 2, 4)),
    (lambda: nn.Conv2D(3, 2), (4, 5, 2)),
    (lambda: nn.Conv2D(2, (3, 2), strides=(1, 2), use_bias=False), (5, 6, 1)),
    (lambda: nn.Conv2D(2, 3, padding="same"), (4, 4, 2)),
    (lambda: nn.Conv2D(2, (3, 2), strides=2, padding="same"), (5, 4, 1)),
    (lambda: nn.Conv2D(2, 2, dilation_rate=2), (5, 4, 2)),
    (lambda: nn.Conv2D(2, (2, 3), dilation_rate=(1, 2), padding="same"), (4, 5, 1)),
    (lambda: nn.MaxPooling2D(), (4, 5, 2)),
    (lambda: nn.MaxPooling2D(3, strides=1), (4, 5, 1)),
    (lambda: nn.MaxPooling2D((2, 3), strides=(2, 1), padding="same"), (3, 4, 2)),
    (lambda: nn.AveragePooling2D(2), (5, 4, 2)),
    (lambda: nn.AveragePooling2D(3, strides=2, padding="same"), (4, 5, 1)),
    (lambda: nn.GlobalAveragePooling2D(), (3, 4, 2)),
]


def name(case):
    return repr(case()) if callable(case) else str(case)


def built(layer, shape, seed=0):
    """The layer in double precision, with a network round it that has parameters in any case."""
    after = [nn.Flatten(), nn.Dense(1)] if len(shape) > 1 else [nn.Dense(1)]
    after = after if not isinstance(layer, nn.Flatten | nn.GlobalAveragePooling2D) else after[-1:]
    after = [nn.Flatten(), *after[-1:]] if isinstance(layer, nn.Reshape) else after
    return double(nn.Input(shape), layer, *after, seed=seed).layers[0]


@pytest.mark.parametrize(("make", "shape"), CASES, ids=name)
def test_gradients(make, shape):
    layer = built(make(), shape)
    rng = np.random.default_rng(1)
    X = rng.normal(size=(3, *shape))
    weight = rng.normal(size=layer.training_forward(X).shape)

    def value():
        nn.set_random_seed(5)  # the same mask for every difference
        return np.sum(weight * layer.training_forward(X))

    value()
    layer.backward(weight)
    # A linear layer's dX is also that of its activation, which the model applies.
    dX = layer.input_gradient(weight)
    assert relative_error(dX, central_differences(value, X)) <= 1e-6
    for block in (b for b, about in layer.blocks.items() if about.trainable):
        numeric = central_differences(value, getattr(layer, block))
        assert relative_error(getattr(layer, f"d{block}"), numeric) <= 1e-6, block


@given(
    m=st.integers(1, 3), height=st.integers(1, 6), width=st.integers(1, 6), c=st.integers(1, 3),
    f=st.integers(1, 3), size=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    strides=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    dilation=st.tuples(st.integers(1, 2), st.integers(1, 2)),
    padding=st.sampled_from(["valid", "same"]),
)  # fmt: skip
@settings(max_examples=25, deadline=None)
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


def test_dense_by_hand():
    model = nn.Sequential([nn.Input((2,)), nn.Dense(2)])
    model.parameters[:] = [1, 2, 3, 4, 10, 20]
    assert (model.predict(np.array([[1.0, 1], [0, 2]])) == [[14, 26], [16, 28]]).all()
    model = nn.Sequential([nn.Input((2,)), nn.Dense(2, use_bias=False)])
    model.parameters[:] = [1, 2, 3, 4]
    assert (model.predict(np.array([[1.0, 1], [0, 2]])) == [[4, 6], [6, 8]]).all()


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


def test_overlapping_windows_add_up():
    layer = built(nn.MaxPooling2D(2, strides=1), (1 + 1, 3, 1))
    layer.forward(np.array([[[0.0, 9, 0], [0, 0, 0]]])[..., None])
    assert (
        layer.input_gradient(np.array([[[[5.0], [7.0]]]]))[0, :, :, 0] == [[0, 12, 0], [0] * 3]
    ).all()


def test_dropout_keeps_the_mean_while_training_and_does_nothing_else():
    nn.set_random_seed(0)
    layer, X = nn.Dropout(0.25), np.ones((200, 100), np.float32)
    assert layer.forward(X) is X
    dropped = layer.training_forward(X)
    assert dropped.dtype == np.float32
    assert set(np.unique(dropped)) == {np.float32(0), np.float32(1 / 0.75)}
    assert abs((dropped == 0).mean() - 0.25) < 0.01
    assert (layer.training_forward(X) != dropped).any(), "each time another mask"
    assert (nn.Dropout(0.0).training_forward(X) == X).all()


def test_batch_normalization_normalizes_and_remembers():
    layer = built(nn.BatchNormalization(momentum=0.9, epsilon=1e-12), (2,))
    layer.gamma[:], layer.beta[:] = [2, 3], [10, 20]
    X = np.random.default_rng(0).normal(5, 3, size=(50, 2))
    Z = layer.training_forward(X)
    assert np.allclose(Z.mean(axis=0), [10, 20])
    assert np.allclose(Z.std(axis=0), [2, 3])
    assert np.allclose(layer.moving_mean, 0.1 * X.mean(axis=0))
    assert np.allclose(layer.moving_variance, 0.9 + 0.1 * X.var(axis=0))
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


def test_reshaping():
    X = np.arange(12).reshape(1, 2, 6)
    layer = nn.Reshape((3, -1))
    assert layer.build((2, 6)) == (3, 4)
    assert (layer.forward(X) == X.reshape(1, 3, 4)).all()
    assert layer.input_gradient(X.reshape(1, 3, 4)).shape == (1, 2, 6)
    assert nn.Flatten().build((2, 6)) == (12,)


@pytest.mark.parametrize(("make", "shape"), CASES, ids=name)
def test_the_precision_stays(make, shape):
    layer = make()
    wide = len(layer.build(shape)) > 1
    layer = make()
    nn.Sequential([nn.Input(shape), layer, *([nn.Flatten()] if wide else []), nn.Dense(1)])
    X = np.ones((2, *shape), np.float32)
    Z = layer.training_forward(X)
    layer.backward(Z)
    assert layer.forward(X).dtype == Z.dtype == layer.input_gradient(Z).dtype == np.float32


@pytest.mark.parametrize(("make", "shape"), CASES, ids=name)
def test_what_a_layer_says_of_its_output_is_so(make, shape):
    layer = built(make(), shape)
    X = np.ones((2, *shape))
    assert layer.forward(X).shape[1:] == make().build(shape)
    assert layer.training_forward(X).shape[1:] == make().build(shape)


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda: nn.Dense(0), "Dense expected a positive whole number for units, got 0"),
        (lambda: nn.Dense(2.5), "number for units, got 2.5"),
        (lambda: nn.Dense(2, activation="rellu"), "unknown activation 'rellu'; expected one of None"),
        (lambda: nn.Dense(2, kernel_initializer="he"), "unknown initializer 'he'"),
        (lambda: nn.Dense(2, kernel_regularizer="l1"), "unknown regularizer 'l1'"),
        (lambda: nn.Dense(2).build((2, 2)), r"\(features,\), got examples of shape \(2, 2\); a Flatten"),
        (lambda: nn.Input((0,)), "Input expected a positive whole number for shape, got 0"),
        (lambda: nn.Dropout(1), "^Dropout expected a rate from 0 to below 1, got 1"),
        (lambda: nn.Dropout(-0.1), "got -0.1"),
        (lambda: nn.BatchNormalization(momentum=1), "^BatchNormalization expected a momentum from 0"),
        (lambda: nn.BatchNormalization(momentum=-0.1), "got -0.1"),
        (lambda: nn.BatchNormalization(epsilon=-1), "^BatchNormalization expected an epsilon of"),
        (lambda: nn.BatchNormalization(epsilon=0), "^BatchNormalization expected a positive .* 0$"),
        (lambda: nn.Reshape((0, 2)), r"whole numbers or −1, got \(0, 2\)"),
        (lambda: nn.Reshape((5,)).build((2, 2)), r"Reshape.*as many entries, got .* \(2, 2\)"),
        (lambda: nn.Conv2D(0, 3), "Conv2D expected .* filters, got 0"),
        (lambda: nn.Conv2D(1, (3, 3, 3)), r"two numbers for kernel_size, got \(3, 3, 3\)"),
        (lambda: nn.Conv2D(1, 3, strides=0), "number for strides, got 0"),
        (lambda: nn.Conv2D(1, 3, padding="full"), "padding 'valid' or 'same', got 'full'"),
        (lambda: nn.Conv2D(1, 3, dilation_rate=-1), "dilation_rate"),
        (lambda: nn.Conv2D(1, 3).build((2, 5, 1)), r"window of \(3, 3\) .* larger .* \(2, 5, 1\)"),
        (lambda: nn.Conv2D(1, 3).build((784,)), r"\(height, width, channels\), got .* \(784,\)"),
        (lambda: nn.MaxPooling2D("2"), "^MaxPooling2D expected a .* number for pool_size"),
        (lambda: nn.MaxPooling2D(2, strides=0), "^MaxPooling2D expected a .* number for strides, got 0"),
        (lambda: nn.MaxPooling2D(3).build((2, 2, 1)), "larger than an image"),
        (lambda: nn.GlobalAveragePooling2D().build((4,)), r"got examples of shape \(4,\)"),
    ],
)  # fmt: skip
def test_what_is_refused(act, message):
    with pytest.raises(ValueError, match=message):
        act()


def test_an_object_of_another_kind_is_refused():
    with pytest.raises(TypeError, match="an object of kind activation, got SGD"):
        nn.Dense(2, activation=nn.SGD())


@pytest.mark.parametrize("layer", [nn.Layer(), nn.ActivationFunction()])
def test_what_is_abstract_says_so(layer):
    with pytest.raises(NotImplementedError):
        layer.forward(np.ones((1, 1)))
    assert nn.Layer().backward(np.ones((1, 1))) is None


def test_dropout_drops_what_is_drawn_below_its_rate(monkeypatch):
    """At it, not: numbers are drawn from 0 on, so that a rate of 0 drops nothing and one half, half."""

    class Drawn:
        def random(self, shape, dtype):
            return np.array([[0.0, 0.25, 0.5, 0.75]], dtype)

    monkeypatch.setattr(nn.random, "generator", Drawn())
    X = np.ones((1, 4), np.float32)
    assert (nn.Dropout(0.0).training_forward(X) == 1).all()
    assert (nn.Dropout(0.5).training_forward(X) == [[0, 0, 2, 2]]).all()
