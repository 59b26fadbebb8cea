"""What holds for every layer: gradients against central differences, precision, shapes."""

import functools

import numpy as np
import pytest
from numeric import built, central_differences, inputs, relative_error

from groundup import nn
from groundup.nn.layers import chain

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
    (lambda: nn.Dense(3), (2, 4)),
    (lambda: nn.Embedding(7, 3), (4,)),
    (lambda: nn.PositionEmbedding(5), (4, 3)),
    (lambda: nn.SinePositionEncoding(), (4, 3)),
    (lambda: nn.SinePositionEncoding(50), (4, 6)),
    *(
        (functools.partial(cls, 3, **arguments), (4, 2))
        for cls in (nn.SimpleRNN, nn.LSTM, nn.GRU)
        for arguments in (
            {},
            {"return_sequences": True},
            {"go_backwards": True, "return_sequences": True, "use_bias": False},
        )
    ),
    (lambda: nn.LSTM(3, unit_forget_bias=False), (4, 2)),
    (lambda: nn.Bidirectional(nn.LSTM(3)), (4, 2)),
    *(
        (lambda mode=mode: nn.Bidirectional(nn.GRU(3, return_sequences=True), mode), (4, 2))
        for mode in ("concat", "sum", "mul", "ave")
    ),
    (lambda: nn.MultiHeadAttention(2, 3), (4, 5)),
    (lambda: nn.MultiHeadAttention(3, 2, 4, use_causal_mask=True, use_bias=False), (5, 6)),
    (lambda: nn.Residual([nn.Dense(5, "tanh"), nn.Dense(3)]), (3,)),
    (
        lambda: nn.Residual(
            [nn.LayerNormalization(), nn.LSTM(3, return_sequences=True), nn.Dropout(0.3)]
        ),
        (4, 3),
    ),
]


def name(case):
    return repr(case()) if callable(case) else str(case)


def every(layer):
    """The layer and its parts."""
    return [*chain.every([layer])]


@pytest.mark.parametrize(("make", "shape"), CASES, ids=name)
def test_gradients(make, shape):
    layer = built(make(), shape)
    rng = np.random.default_rng(1)
    X = inputs(layer, 3, shape, rng)
    weight = rng.normal(size=layer.training_forward(X).shape)

    def value():
        nn.set_random_seed(5)  # the same mask for every difference
        return np.sum(weight * layer.training_forward(X))

    value()
    layer.backward(weight)
    # A linear layer's dX is also that of its activation, which the model applies.
    if not isinstance(layer, nn.Embedding):
        dX = layer.input_gradient(weight)
        assert relative_error(dX, central_differences(value, X)) <= 1e-6
    for part in every(layer):
        for block in (b for b, about in part.blocks.items() if about.trainable):
            numeric = central_differences(value, getattr(part, block))
            gradient = getattr(part, f"d{block}")
            if block == "b_key":  # every score of a row has it in it, and softmax doesn't see it
                assert np.abs(gradient).max() < 1e-14
            else:
                assert relative_error(gradient, numeric) <= 1e-6, block


@pytest.mark.parametrize(("make", "shape"), CASES, ids=name)
def test_the_precision_stays(make, shape):
    layer = make()
    nn.Sequential([nn.Input(shape), layer, nn.Flatten(), nn.Dense(1)])
    X = np.ones((2, *shape), np.float32)
    Z = layer.training_forward(X)
    layer.backward(Z)
    dX = Z if isinstance(layer, nn.Embedding) else layer.input_gradient(Z)
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
        (lambda: nn.Conv2DTranspose(1, (3, 0)), r"^Conv2DTranspose expected .* kernel_size, got 0"),
        (lambda: nn.Conv2DTranspose(1, 3, strides=0), "^Conv2DTranspose expected .* strides, got 0"),
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
        *(
            (lambda cls=cls: cls(0), f"^{cls.__name__} expected .* units, got 0")
            for cls in (nn.SimpleRNN, nn.LSTM, nn.GRU)
        ),
        (lambda: nn.LSTM(2).build((4,)), r"\(steps, channels\), got .* \(4,\)"),
        (lambda: nn.LSTM(2, recurrent_initializer="unit"), "unknown initializer 'unit'"),
        (lambda: nn.Embedding(0, 2), "Embedding expected .* input_dim, got 0"),
        (lambda: nn.Embedding(2, 0), "Embedding expected .* output_dim, got 0"),
        (lambda: nn.PositionEmbedding(0), "PositionEmbedding expected .* sequence_length, got 0"),
        (lambda: nn.PositionEmbedding(3).build((4, 2)), "^PositionEmbedding .* at most 3 steps, got 4"),
        (lambda: nn.PositionEmbedding(3).build((4,)), r"\(steps, channels\), got .* \(4,\)"),
        (lambda: nn.SinePositionEncoding(0), "^SinePositionEncoding expected a positive .* got 0"),
        (lambda: nn.SinePositionEncoding(-1), "^SinePositionEncoding expected a max_wavelength of"),
        (lambda: nn.SinePositionEncoding().build((4,)), r"\(steps, channels\), got .* \(4,\)"),
        (lambda: nn.MultiHeadAttention(0, 2), "MultiHeadAttention expected .* num_heads, got 0"),
        (lambda: nn.MultiHeadAttention(2, 0), "MultiHeadAttention expected .* key_dim, got 0"),
        (lambda: nn.MultiHeadAttention(2, 2, 0), "MultiHeadAttention expected .* value_dim, got 0"),
        (lambda: nn.MultiHeadAttention(2, 2).build((4,)), r"\(steps, channels\), got .* \(4,\)"),
        (lambda: nn.Residual([]), "^Residual expected a list of layers, got none$"),
        (lambda: nn.Embedding(2**24 + 1, 2), "at most 2\\*\\*24, got 16777217"),
        (lambda: nn.Residual([nn.Dense(2)]).build((3,)), r"the shape of their input, \(3,\), got \(2,\)"),
        (lambda: nn.Bidirectional(nn.LSTM(2), "max"), "^Bidirectional expected merge_mode .* 'max'"),
        (lambda: nn.Bidirectional(nn.LSTM(2), backward_layer=nn.LSTM(2)), "and another go_backwards"),
        (
            lambda: nn.Bidirectional(nn.LSTM(2), backward_layer=nn.GRU(3, go_backwards=True)),
            "and another go_backwards",
        ),
    ],
)  # fmt: skip
def test_what_is_refused(act, message):
    with pytest.raises(ValueError, match=message):
        act()


def test_what_is_no_layer_is_refused_as_a_part():
    with pytest.raises(TypeError, match=r"^Residual expected layers, got 'dense'$"):
        nn.Residual(["dense"])
    with pytest.raises(TypeError, match=r"^Residual expected a list of layers, got Dense"):
        nn.Residual(nn.Dense(2))
    used = nn.LSTM(2)
    nn.Sequential([nn.Input((3, 2)), used])
    with pytest.raises(ValueError, match="is in use already"):
        nn.Bidirectional(used)
    for first, second in [("lstm", None), (nn.Dense(2), None), (nn.LSTM(2), nn.Dense(2))]:
        with pytest.raises(TypeError, match=r"^Bidirectional expected a recurrent layer, got "):
            nn.Bidirectional(first, backward_layer=second)


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
    Z = layer.forward(X.round() if isinstance(layer, nn.Embedding) else X)
    assert vars(forward)["outputs"] == ("as inputs" if 1 <= Z.min() <= Z.max() <= 2 else "anywhere")
