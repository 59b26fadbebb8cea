"""Layers of sequences against Keras: the same weights, the same numbers, there, back and in training."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from groundup import nn
from groundup.nn import fused

M, STEPS, SYMBOLS = 6, 5, 7
rng = np.random.default_rng(0)
X = rng.normal(size=(M, STEPS, 3))
WORDS = rng.integers(1, SYMBOLS, size=(M, STEPS))
WORDS[0, 3:] = WORDS[1, :2] = WORDS[2, 2] = 0  # padding at the end, at the beginning, and inside
NUMBERS = rng.normal(size=(M, 2))
LABELS = rng.integers(SYMBOLS, size=(M, STEPS))
CELLS = ["SimpleRNN", "LSTM", "GRU"]
OPTIONS = [{}, {"go_backwards": True}, {"use_bias": False}]


class Attention(keras.layers.Layer):
    """Keras's, of a sequence to itself, in a ``Sequential``."""

    def __init__(self, causal, *arguments, **options):
        super().__init__()
        self.inner, self.causal = keras.layers.MultiHeadAttention(*arguments, **options), causal
        self.supports_masking = True

    def build(self, shape):
        self.inner.build(shape, shape)

    def call(self, X):
        return self.inner(X, X, use_causal_mask=self.causal)


class Added(keras.layers.Layer):
    """A chain of layers, added to its input."""

    def __init__(self, chain):
        super().__init__()
        self.chain, self.supports_masking = keras.Sequential(chain), True

    def build(self, shape):
        self.chain.build(shape)

    def call(self, X):
        return X + self.chain(X)


@pytest.fixture(autouse=True)
def computed_by(monkeypatch):
    """In double precision, and by the compiled forms, which equal those in NumPy."""
    monkeypatch.setenv("GROUNDUP_FUSED", "1")
    with fused.taken():
        for precision in ("float64", "float32"):
            keras.config.set_floatx(precision)
            keras.config.set_dtype_policy(precision)
            if precision == "float64":
                yield


def pair(ours, theirs, loss, x):
    """The same network in both, compiled alike, with the same weights, all of them moved."""
    ours, theirs = nn.Sequential(ours), keras.Sequential(theirs)
    ours.compile(nn.SGD(0.1, momentum=0.9), loss)
    theirs.compile(keras.optimizers.SGD(0.1, momentum=0.9), loss)
    ours.build(x.shape[1:])
    theirs.build((None, *x.shape[1:]))
    ours = ours.astype(np.float64)
    found = [w.shape for w in ours.get_weights()]
    assert found == [w.shape for w in theirs.get_weights()]
    weights = [w + 0.3 * rng.normal(size=w.shape) for w in ours.get_weights()]
    ours.set_weights(weights)
    theirs.set_weights(weights)
    return ours, theirs


def expect_alike(ours, theirs, loss, x, y):
    """Predictions, losses of each epoch, and the weights at its end; the last batch is smaller. (Keras's
    learning rate has single precision, and what follows from that grows.)
    """
    ours, theirs = pair(ours(), theirs(), loss, x)
    assert np.allclose(ours.predict(x, verbose=0), theirs.predict(x, verbose=0), rtol=0, atol=1e-6)
    arguments = {"batch_size": 4, "epochs": 3, "shuffle": False, "verbose": 0}
    history = ours.fit(x, y, **arguments).history["loss"]
    assert np.allclose(history, theirs.fit(x, y, **arguments).history["loss"], rtol=0, atol=1e-6)
    for mine, keras_one in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        assert np.allclose(mine, keras_one, rtol=0, atol=1e-6)
    return ours, theirs


def expect_alike_at_the_input(ours, theirs, x):
    """The gradient with respect to the input, for a random one at the output."""
    Z = ours.forward(x)
    dZ = rng.normal(size=Z.shape)
    with tf.GradientTape() as tape:
        values = tf.constant(x)
        tape.watch(values)
        total = tf.reduce_sum(theirs(values) * dZ)
    assert np.allclose(ours.input_gradient(dZ), tape.gradient(total, values), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("cell", CELLS)
def test_recurrent_layers_agree(cell, options):
    """One that returns its sequence below one that doesn't."""

    def network(library):
        make = getattr(library, cell)
        return [make(4, return_sequences=True, **options), make(3, **options), library.Dense(2)]

    both = expect_alike(lambda: network(nn), lambda: network(keras.layers), "mse", X, NUMBERS)
    expect_alike_at_the_input(*both, X)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize(
    ("mode", "sequences"),
    [
        ("concat", True),
        ("concat", False),
        ("sum", True),
        ("mul", True),
        ("mul", False),
        ("ave", False),
    ],
)
def test_both_directions_agree(cell, mode, sequences):
    def network(library):
        inner = getattr(library, cell)(4, return_sequences=sequences)
        return [library.Bidirectional(inner, mode), library.Dense(2)]

    y = rng.normal(size=(M, STEPS, 2)) if sequences else NUMBERS
    both = expect_alike(lambda: network(nn), lambda: network(keras.layers), "mse", X, y)
    expect_alike_at_the_input(*both, X)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("way", ["one", "both"])
def test_padding_counts_for_nothing(cell, way):
    """Nor in the loss, of what has steps to the end. (Keras doesn't turn a mask with the steps of a layer
    that goes backwards; the engine does.)
    """

    def network(library):
        make = getattr(library, cell)
        inner = make(4, return_sequences=True)
        return [
            library.Embedding(SYMBOLS, 3, mask_zero=True),
            library.Bidirectional(inner) if way == "both" else inner,
            library.Dense(SYMBOLS, "softmax"),
        ]

    loss = "sparse_categorical_crossentropy"
    expect_alike(lambda: network(nn), lambda: network(keras.layers), loss, WORDS, LABELS)


@pytest.mark.parametrize("cell", CELLS)
def test_the_last_state_is_that_of_the_last_step_that_counts(cell):
    def network(library):
        make = getattr(library, cell)
        embedding = library.Embedding(SYMBOLS, 3, mask_zero=True)
        return [embedding, make(4, return_sequences=True), make(3), library.Dense(2)]

    expect_alike(lambda: network(nn), lambda: network(keras.layers), "mse", WORDS, NUMBERS)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("options", [{}, {"value_dim": 5}, {"use_bias": False}], ids=str)
def test_attention_agrees(causal, options):
    ours, theirs = expect_alike(
        lambda: [nn.MultiHeadAttention(2, 4, use_causal_mask=causal, **options), nn.Dense(2)],
        lambda: [Attention(causal, 2, 4, **options), keras.layers.Dense(2)],
        "mse",
        X,
        rng.normal(size=(M, STEPS, 2)),
    )
    expect_alike_at_the_input(ours, theirs, X)


def test_nobody_attends_to_padding():
    """What padding itself attends to is nobody's business, and not in the loss."""

    def network(library, attention):
        embedding = library.Embedding(SYMBOLS, 6, mask_zero=True)
        return [embedding, attention, library.Dense(SYMBOLS, "softmax")]

    ours, theirs = pair(
        network(nn, nn.MultiHeadAttention(2, 3)),
        network(keras.layers, Attention(False, 2, 3)),
        "sparse_categorical_crossentropy",
        WORDS,
    )
    counts = WORDS != 0
    mine, keras_ones = ours.predict(WORDS), theirs.predict(WORDS, verbose=0)
    assert np.allclose(mine[counts], keras_ones[counts], rtol=0, atol=1e-7)
    arguments = {"batch_size": 4, "epochs": 3, "shuffle": False, "verbose": 0}
    history = ours.fit(WORDS, LABELS, **arguments).history["loss"]
    keras_history = theirs.fit(WORDS, LABELS, **arguments).history["loss"]
    assert np.allclose(history, keras_history, rtol=0, atol=1e-7)


def test_a_transformer_agrees():
    def ours():
        return [
            nn.Embedding(SYMBOLS, 6),
            nn.Residual(
                [nn.LayerNormalization(), nn.MultiHeadAttention(2, 3, use_causal_mask=True)]
            ),
            nn.Residual([nn.LayerNormalization(), nn.Dense(9, "gelu"), nn.Dense(6)]),
            nn.LayerNormalization(),
            nn.Dense(SYMBOLS, "softmax"),
        ]

    def theirs():
        make = keras.layers
        return [
            make.Embedding(SYMBOLS, 6),
            Added([make.LayerNormalization(), Attention(True, 2, 3)]),
            Added([make.LayerNormalization(), make.Dense(9, "gelu"), make.Dense(6)]),
            make.LayerNormalization(),
            make.Dense(SYMBOLS, "softmax"),
        ]

    expect_alike(ours, theirs, "sparse_categorical_crossentropy", WORDS, LABELS)


@pytest.mark.parametrize("cell", CELLS)
def test_a_state_that_is_carried_on_agrees(cell):
    """Batch by batch of three examples each, then from the beginning."""

    def network(library):
        make = getattr(library, cell)
        return [
            make(4, return_sequences=True, stateful=True),
            make(3, stateful=True),
            library.Dense(2),
        ]

    ours, theirs = nn.Sequential(network(nn)), keras.Sequential(network(keras.layers))
    ours.compile(nn.SGD(0.1), "mse")
    theirs.compile(keras.optimizers.SGD(0.1), "mse")
    ours.build(X.shape[1:])
    theirs.build((3, *X.shape[1:]))
    ours = ours.astype(np.float64)
    weights = [w + 0.3 * rng.normal(size=w.shape) for w in ours.get_weights()]
    ours.set_weights(weights)
    theirs.set_weights(weights)
    arguments = {"batch_size": 3, "epochs": 2, "shuffle": False, "verbose": 0}
    for _ in range(2):
        history = ours.fit(X, NUMBERS, **arguments).history["loss"]
        keras_history = theirs.fit(X, NUMBERS, **arguments).history["loss"]
        assert np.allclose(history, keras_history, rtol=0, atol=1e-7)
        ours.reset_states()
        for layer in theirs.layers[:2]:
            layer.reset_state()
    mine, keras_ones = ours.predict(X, batch_size=3), theirs.predict(X, batch_size=3, verbose=0)
    assert np.allclose(mine, keras_ones, rtol=0, atol=1e-7)


def test_an_index_that_occurs_twice_has_one_gradient():
    """Adam's first step is as long as its rate; Keras on TensorFlow squares what comes from each
    occurrence of an index by itself, so its step is longer. Should Keras change, the reference of layers
    does, too.
    """
    start, X = np.array([[0.1, 0.2], [0.3, -0.1]], "float32"), np.array([[0, 0, 0, 1]])
    Y = np.array([[[1, 0], [2, 0], [3, 0], [1, 1]]], "float32")
    ours = nn.Sequential([nn.Input((4,)), nn.Embedding(2, 2)])
    theirs = keras.Sequential([keras.Input((4,), dtype="int32"), keras.layers.Embedding(2, 2)])
    for model, adam in ((ours, nn.Adam(0.1)), (theirs, keras.optimizers.Adam(0.1))):
        model.set_weights([start])
        model.compile(adam, "mean_squared_error")
        model.fit(X, Y, verbose=0)
    by_ours, by_keras = (model.get_weights()[0] - start for model in (ours, theirs))
    gradients = start[X[0]] - Y[0]
    np.testing.assert_allclose(np.abs(by_ours), 0.1, rtol=1e-4)
    roots = np.sqrt(np.array([(gradients[:3] ** 2).sum(axis=0), gradients[3] ** 2]))
    sums = np.array([gradients[:3].sum(axis=0), gradients[3]])
    np.testing.assert_allclose(by_keras, -0.1 * sums / roots, rtol=1e-4)
