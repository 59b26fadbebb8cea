"""What holds for every layer: gradients against central differences, precision, shapes."""

import numpy as np
import pytest
from numeric import built, central_differences, relative_error

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
    (lambda: nn.Conv1D(3, 2), (5, 4)),
    (lambda: nn.Conv1D(3, 2, strides=2, padding="same", use_bias=False), (5, 4)),
    (lambda: nn.Conv1D(3, 3, padding="causal", dilation_rate=2), (5, 2)),
    (lambda: nn.Conv2DTranspose(3, 2), (3, 4, 2)),
    (
        lambda: nn.Conv2DTranspose(3, (3, 2), strides=(2, 3), padding="same", use_bias=False),
        (3, 2, 4),
    ),
    (lambda: nn.UpSampling2D((3, 2)), (2, 3, 4)),
    (lambda: nn.GlobalMaxPooling1D(), (4, 3)),
    (lambda: nn.LayerNormalization(), (4,)),
    (lambda: nn.LayerNormalization(epsilon=0.1), (3, 2, 4)),
    (lambda: nn.MaxPooling2D(), (4, 5, 2)),
    (lambda: nn.MaxPooling2D(3, strides=1), (4, 5, 1)),
    (lambda: nn.MaxPooling2D((2, 3), strides=(2, 1), padding="same"), (3, 4, 2)),
    (lambda: nn.AveragePooling2D(2), (5, 4, 2)),
    (lambda: nn.AveragePooling2D(3, strides=2, padding="same"), (4, 5, 1)),
    (lambda: nn.GlobalAveragePooling2D(), (3, 4, 2)),
]


def name(case):
    return repr(case()) if callable(case) else str(case)


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


@pytest.mark.parametrize(("make", "shape"), CASES, ids=name)
def test_the_precision_stays(make, shape):
    layer = make()
    wide = len(layer.build(shape)) > 1
    layer = make()
    nn.Sequential([nn.Input(shape), layer, *([nn.Flatten()] if wide else []), nn.Dense(1)])
    X = np.ones((2, *shape), np.float32)
    Z = layer.training_forward(X)
    layer.backward(Z)
    dX = layer.input_gradient(Z)
    assert layer.forward(X).dtype == Z.dtype == dX.dtype == np.float32


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
        (lambda: nn.Dense(2, activation="rellu"),
         "unknown activation 'rellu'; did you mean 'relu'. expected one of None"),
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
        (lambda: nn.LayerNormalization(epsilon=0), "^LayerNormalization expected a positive .* 0$"),
        (lambda: nn.LayerNormalization(epsilon=-1), "^LayerNormalization expected an epsilon of"),
        (lambda: nn.Conv1D(0, 3), "Conv1D expected .* filters, got 0"),
        (lambda: nn.Conv1D(1, (3,)), r"Conv1D expected .* kernel_size, got \(3,\)"),
        (lambda: nn.Conv1D(1, 3, strides=0), "Conv1D expected .* strides, got 0"),
        (lambda: nn.Conv1D(1, 3, padding="full"), "'valid', 'same' or 'causal', got 'full'"),
        (lambda: nn.Conv1D(1, 3, dilation_rate=2).build((4, 1)),
         r"^Conv1D\(.*expected sequences of 5 steps or more, got 4$"),
        (lambda: nn.Conv1D(1, 3).build((4, 4, 1)), r"\(steps, channels\), got .* \(4, 4, 1\)"),
        (lambda: nn.GlobalMaxPooling1D().build((4,)), r"\(steps, channels\), got .* \(4,\)"),
        (lambda: nn.Conv2DTranspose(0, 3), "Conv2DTranspose expected .* filters, got 0"),
        (lambda: nn.Conv2DTranspose(1, 3, padding="full"), "padding 'valid' or 'same', got 'full'"),
        (lambda: nn.Conv2DTranspose(1, 3).build((4, 1)), r"channels\), got .* \(4, 1\)"),
        (lambda: nn.UpSampling2D((2, 0)), "UpSampling2D expected .* size, got 0"),
        (lambda: nn.UpSampling2D().build((4, 1)), r"channels\), got .* \(4, 1\)"),
        (lambda: nn.Reshape((0, 2)), r"whole numbers or −1, at most once, got \(0, 2\)"),
        (lambda: nn.Reshape((-1, 3, -1)),
         r"^Reshape expected a shape of .* or −1, at most once, got \(-1, 3, -1\)$"),
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


EVERY = [
    cls for cls in vars(nn).values()
    if isinstance(cls, type) and issubclass(cls, nn.Layer) and cls is not nn.Layer
]  # fmt: skip


def test_every_layer_is_among_the_cases():
    assert {type(make()) for make, _ in CASES} == set(EVERY)


@pytest.mark.parametrize(("make", "shape"), CASES, ids=name)
def test_a_layer_says_where_its_outputs_lie(make, shape):
    """For inputs from 1 to 2: in this range too, or anywhere."""
    layer = built(make(), shape)
    forward = next(cls for cls in type(layer).__mro__ if "forward" in vars(cls))
    X = np.random.default_rng(0).uniform(1, 2, size=(4, *shape))
    Z = layer.forward(X)
    assert vars(forward)["outputs"] == ("as inputs" if 1 <= Z.min() <= Z.max() <= 2 else "anywhere")
