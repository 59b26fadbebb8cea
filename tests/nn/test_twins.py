"""The engine, whose ways back are derived by hand, against the tape, which finds them by itself."""

import inspect
from functools import partial

import numpy as np
import pytest
import twins
from numeric import inputs, relative_error

from groundup import nn, tape
from groundup.nn.layers.pooling import Pooling2D

CLOSE = 1e-12
# In no size twice, and none of them one.
LAYERS = [
    (lambda: nn.Dense(5), (3,)),
    (lambda: nn.Dense(5, use_bias=False), (3,)),
    (lambda: nn.Conv2D(7, (2, 3)), (5, 6, 4)),
    (lambda: nn.Conv2D(7, (2, 3), strides=(3, 2), use_bias=False), (8, 9, 4)),
    (lambda: nn.Conv2D(7, (3, 2), strides=2, padding="same"), (5, 6, 4)),
    (lambda: nn.Conv2D(7, (2, 3), dilation_rate=(3, 2)), (8, 9, 4)),
    (lambda: nn.Conv2D(7, (2, 3), dilation_rate=(3, 2), padding="same"), (5, 6, 4)),
    (lambda: nn.Conv1D(5, 2), (4, 3)),
    (lambda: nn.Conv1D(5, 3, strides=2, dilation_rate=2, use_bias=False), (8, 4)),
    (lambda: nn.Conv1D(5, 4, strides=3, padding="same"), (7, 2)),
    (lambda: nn.Conv1D(5, 3, strides=2, padding="causal", dilation_rate=2), (7, 4)),
    (lambda: nn.Conv2DTranspose(7, (2, 3)), (5, 6, 4)),
    (lambda: nn.Conv2DTranspose(7, (2, 3), strides=(3, 2), use_bias=False), (5, 6, 4)),
    (lambda: nn.Conv2DTranspose(7, (3, 4), strides=2, padding="same"), (2, 5, 3)),
    (lambda: nn.Conv2DTranspose(7, (4, 2), strides=(1, 3), padding="same"), (5, 3, 2)),
    (lambda: nn.UpSampling2D((3, 2)), (4, 5, 6)),
    (lambda: nn.GlobalMaxPooling1D(), (5, 3)),
    (lambda: nn.LayerNormalization(), (3,)),
    (lambda: nn.LayerNormalization(epsilon=0.1), (5, 6, 4)),
    (lambda: nn.MaxPooling2D(), (5, 6, 4)),
    (lambda: nn.MaxPooling2D((3, 2), strides=(1, 3)), (8, 9, 4)),
    (lambda: nn.MaxPooling2D((3, 2), strides=(2, 1), padding="same"), (5, 6, 4)),
    (lambda: nn.AveragePooling2D((3, 2), strides=(1, 3)), (8, 9, 4)),
    (lambda: nn.AveragePooling2D((3, 2), strides=(2, 1), padding="same"), (5, 6, 4)),
    (lambda: nn.GlobalAveragePooling2D(), (5, 6, 4)),
    (lambda: nn.BatchNormalization(), (3,)),
    (lambda: nn.BatchNormalization(epsilon=0.1), (5, 6, 4)),
    (lambda: nn.Dropout(0.3), (5, 3)),
    (lambda: nn.Activation("tanh"), (3,)),
    (lambda: nn.Reshape((6, -1)), (4, 3)),
    (lambda: nn.Flatten(), (5, 3, 4)),
    (lambda: nn.Dense(5), (4, 3)),
    (lambda: nn.Embedding(6, 5), (4, 3)),
    (lambda: nn.Embedding(6, 5), (1,)),
    (lambda: nn.PositionEmbedding(7), (4, 3)),
    (lambda: nn.SinePositionEncoding(), (4, 3)),
    (lambda: nn.SinePositionEncoding(30), (1, 4)),
]
CELLS = [nn.SimpleRNN, nn.LSTM, nn.GRU]
SEQUENCES = [  # what a mask tells something
    *(
        (partial(cls, 5, **arguments), (steps, 3))
        for cls in CELLS
        for steps in (4, 1)
        for arguments in (
            {},
            {"return_sequences": True, "use_bias": False},
            {"go_backwards": True},
            {"return_sequences": True, "go_backwards": True},
        )
    ),
    (lambda: nn.LSTM(5, unit_forget_bias=False), (4, 3)),
    *((partial(lambda cls: nn.Bidirectional(cls(5)), cls), (4, 3)) for cls in CELLS),
    *(
        (
            partial(lambda mode: nn.Bidirectional(nn.LSTM(5, return_sequences=True), mode), mode),
            (4, 3),
        )
        for mode in ("concat", "sum", "mul", "ave")
    ),
    *(
        (partial(nn.MultiHeadAttention, 2, 3, 4, use_causal_mask=causal, use_bias=bias), (steps, 5))
        for causal in (False, True)
        for bias in (False, True)
        for steps in (6, 1)
    ),
    (
        lambda: nn.Residual(
            [
                nn.LayerNormalization(),
                nn.MultiHeadAttention(2, 3, use_causal_mask=True),
                nn.Dropout(0.2),
            ]
        ),
        (4, 5),
    ),
    (
        lambda: nn.Residual([nn.Dense(7, "gelu"), nn.Residual([nn.Dense(7, "tanh")]), nn.Dense(3)]),
        (3,),
    ),
]
LAYERS += SEQUENCES
ACTIVATIONS = [
    nn.Linear(), nn.Step(), nn.Sigmoid(), nn.Tanh(), nn.ReLU(), nn.LeakyReLU(), nn.LeakyReLU(0.01),
    nn.ELU(), nn.ELU(alpha=0.3), nn.GELU(), nn.SiLU(), nn.Softplus(), nn.Softmax(),
]  # fmt: skip
YES_NO = np.array([[0, 1], [1, 0], [1, 1], [0, 0], [1, 0.0]])
ROWS = np.array([[0.2, 0.5, 0.3], [1, 0, 0], [0, 0, 1], [0, 1, 0], [0.1, 0.1, 0.8]])
LABELS = np.array([2, 0, 0, 1, 2])
LOSSES = [
    (nn.MeanSquaredError(), ROWS - 0.4),
    (nn.MeanAbsoluteError(), ROWS - 0.4),
    (nn.Hinge(), YES_NO),
    (nn.PerceptronLoss(), 2 * YES_NO - 1),
    *(
        (nn.BinaryCrossentropy(scores, share), YES_NO)
        for scores in (False, True)
        for share in (0, 0.2)
    ),
    *(
        (nn.CategoricalCrossentropy(scores, share), ROWS)
        for scores in (False, True)
        for share in (0, 0.2)
    ),
    *((nn.SparseCategoricalCrossentropy(scores), LABELS) for scores in (False, True)),
]


def name(case):
    return (
        repr(case()) if inspect.isfunction(case) or isinstance(case, partial) else repr(case)[:40]
    )


def test_everything_that_has_a_way_back_has_a_twin():
    """And a case here."""
    for kind, written, tried, not_to_be_built in [
        (nn.Layer, twins.LAYERS, [make() for make, _ in LAYERS], {nn.Layer, Pooling2D}),
        (nn.ActivationFunction, twins.ACTIVATIONS, ACTIVATIONS, {nn.ActivationFunction}),
        (nn.Loss, twins.LOSSES, [loss for loss, _ in LOSSES], {nn.Loss}),
    ]:
        there = {x for x in vars(nn).values() if inspect.isclass(x) and issubclass(x, kind)}
        there -= not_to_be_built
        assert there == set(written) == {type(x) for x in tried}


def built(make, shape) -> nn.Layer:
    """A layer whose arrays are all moved off their first values, in double precision."""
    model = nn.Sequential([nn.Input(shape), make(), nn.Flatten(), nn.Dense(2)]).astype(np.float64)
    model.parameters += nn.random.generator.normal(size=model.parameters.shape)
    model.state += nn.random.generator.random(model.state.shape)
    return model.layers[0]


def twin(layer, X, training, *mask) -> tuple[tape.Value, tape.Value, dict]:
    """Its output, its input and its arrays, on the tape."""
    x, parts = tape.Value(X), twins.values(layer)
    return twins.LAYERS[type(layer)](layer, x, parts, training, *mask), x, parts


def gradients(layer, parts: dict):
    """Each array that training changes, its gradient, and that of its twin."""
    for block in (b for b, about in layer.blocks.items() if about.trainable):
        yield getattr(layer, block), getattr(layer, f"d{block}"), parts[block].gradient
    for part, own in zip(layer.parts, parts.get("parts", ()), strict=True):
        yield from gradients(part, own)


def expect_alike(layer, m, shape, *mask):
    """Forward, back, and once more after a step: nothing of the first is left in the second."""
    for _ in range(2):
        X = inputs(layer, m, shape, nn.random.generator)
        state = nn.random.generator.bit_generator.state
        Z = layer.training_forward(X, *mask)
        nn.random.generator.bit_generator.state = state
        z, x, parts = twin(layer, X, True, *mask)
        assert relative_error(Z, z.data) <= CLOSE
        dZ = nn.random.generator.normal(size=Z.shape)
        layer.backward(dZ)
        z.backward(dZ)
        if not isinstance(layer, nn.Embedding):
            assert relative_error(layer.input_gradient(dZ), x.gradient) <= CLOSE
        found = [*gradients(layer, parts)]
        largest = max((np.linalg.norm(gradient) for _, gradient, _ in found), default=0)
        for array, gradient, gradient_of_twin in found:
            # A key's bias, which every score of a row has in it, has a gradient of rounding alone.
            error = np.linalg.norm(gradient - gradient_of_twin)
            assert error <= CLOSE * max(np.linalg.norm(gradient_of_twin), 0.1 * largest)
            array[...] -= 0.1 * gradient
    assert relative_error(layer.forward(X, *mask), twin(layer, X, False, *mask)[0].data) <= CLOSE


@pytest.mark.parametrize("m", [2, 1], ids=["a batch", "a batch of one"])
@pytest.mark.parametrize(("make", "shape"), LAYERS, ids=name)
@pytest.mark.filterwarnings("ignore:BatchNormalization expected more than one example")
def test_a_layer_and_its_twin(make, shape, m):
    nn.set_random_seed(3)
    expect_alike(built(make, shape), m, shape)


@pytest.mark.parametrize("m", [4, 1], ids=["a batch", "a batch of one"])
@pytest.mark.parametrize(("make", "shape"), SEQUENCES, ids=name)
def test_a_layer_of_sequences_with_padding_and_its_twin(make, shape, m):
    """At the end, at the beginning, in the middle, everywhere."""
    if len(shape) < 2:
        pytest.skip("no sequences")
    nn.set_random_seed(3)
    mask = np.ones((m, shape[0]), bool)
    mask[0, shape[0] // 2 :] = mask[-1, 0] = mask[m // 2, 1:2] = mask[1:2] = False
    expect_alike(built(make, shape), m, shape, mask)


class OnePlace(nn.MultiHeadAttention):
    """Right for a single step: the weights of each add up over those that look, not over those seen."""

    def weights(self, S, seen):
        return super().weights(S.mT, seen).mT


class OneStep(nn.LSTM):
    """Fails at the second step: the state that it hands on has the sequence's axis."""

    def step(self, Z, R, state):
        (h, c), kept = super().step(Z, R, state)
        return (h[:, None], c), kept


class HalfNormalized(nn.LayerNormalization):
    """On the way back the variance is taken for a constant."""

    def input_gradient(self, dZ):
        dX_hat = self.gamma * dZ
        return (dX_hat - dX_hat.mean(axis=-1, keepdims=True)) / self.deviation


class Stripes(nn.Embedding):
    """The entries of a symbol's vector run along the steps, not along the features."""

    def forward(self, X):
        vectors = super().forward(X)
        return vectors.reshape(len(X), vectors.shape[2], -1).swapaxes(1, 2)


@pytest.mark.parametrize(
    ("faulty", "shape"),
    [
        (lambda: OnePlace(2, 3), (4, 5)),
        (lambda: OneStep(5), (4, 3)),
        (lambda: HalfNormalized(), (4, 3)),
        (lambda: Stripes(6, 5), (4,)),
    ],
    ids=name,
)
def test_a_fault_as_others_have_had_it_is_noticed(faulty, shape, monkeypatch):
    nn.set_random_seed(3)
    cls = type(faulty())
    monkeypatch.setitem(twins.LAYERS, cls, twins.LAYERS[cls.__base__])
    layer = built(faulty, shape)
    with pytest.raises((AssertionError, ValueError)):
        expect_alike(layer, 2, shape)
    if cls is OnePlace:  # which is why no size is one
        expect_alike(built(faulty, (1, 5)), 2, (1, 5))


def test_a_frozen_layer_of_averages_and_its_twin():
    nn.set_random_seed(3)
    layer = built(nn.BatchNormalization, (3,))
    layer.trainable = False
    X, dZ = nn.random.generator.normal(size=(2, 5, 3))
    Z, (z, x, _) = layer.training_forward(X), twin(layer, X, training=True)
    z.backward(dZ)
    assert relative_error(Z, z.data) <= CLOSE
    assert relative_error(layer.input_gradient(dZ), x.gradient) <= CLOSE


def test_of_equal_entries_the_first_is_the_largest_for_both():
    layer = built(nn.MaxPooling2D, (4, 6, 2))
    X = np.zeros((3, 4, 6, 2))
    Z, (z, x, _) = layer.training_forward(X), twin(layer, X, training=True)
    dZ = np.random.default_rng(2).normal(size=Z.shape)
    z.backward(dZ)
    np.testing.assert_array_equal(layer.input_gradient(dZ), x.gradient)


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=repr)
def test_an_activation_and_its_twin(activation):
    """At zero too, where several bend."""
    rng = np.random.default_rng(5)
    for m in (4, 1):
        Z = 3 * rng.normal(size=(m, 5, 3))
        Z[:, 1] = 0
        z, dA = tape.Value(Z), rng.normal(size=Z.shape)
        a = twins.ACTIVATIONS[type(activation)](activation, z)
        assert relative_error(activation.forward(Z), a.data) <= CLOSE
        a.backward(dA)
        assert relative_error(activation.backward(dA), z.gradient) <= CLOSE


@pytest.mark.parametrize(("loss", "targets"), LOSSES, ids=name)
def test_a_loss_and_its_twin(loss, targets):
    rng = np.random.default_rng(6)
    shape = (*targets.shape, 3)[:2]
    between = isinstance(loss, twins.CROSSENTROPIES) and not loss.from_logits
    for _ in range(2):
        P = rng.uniform(0.05, 0.95, shape) if between else 2 * rng.normal(size=shape)
        if isinstance(loss, nn.Hinge):
            P[0, :] = 0, 1  # the perceptron's corner, and the hinge's
        p = tape.Value(P)
        value = twins.LOSSES[type(loss)](loss, targets, p)
        assert loss.forward(targets, P) == pytest.approx(float(value.data), rel=CLOSE)
        value.backward(1.0)
        assert relative_error(loss.backward(targets, P), p.gradient) <= CLOSE


ENDS = [
    ("softmax", "sparse_categorical_crossentropy", LABELS),
    ("softmax", "categorical_crossentropy", ROWS),
    ("sigmoid", "binary_crossentropy", ROWS),
    ("tanh", "mse", ROWS),
    (None, "hinge", (ROWS > 0.4).astype(float)),
]


@pytest.mark.parametrize(("activation", "loss", "targets"), ENDS)
def test_networks_that_train_and_their_twins(activation, loss, targets):
    """Three steps of descent, the last of fewer examples; the loss takes its scores where it can."""
    nn.set_random_seed(8)
    model = nn.Sequential(
        [
            nn.Input((6, 5, 2)),
            nn.Conv2D(4, (3, 2), activation="relu", kernel_regularizer=nn.L2(0.01)),
            nn.BatchNormalization(),
            nn.MaxPooling2D(2),
            nn.Dropout(0.2),
            nn.Flatten(),
            nn.Dense(7, activation="silu"),
            nn.Dense(3, activation=activation),
        ]
    )
    model.compile(nn.SGD(0.1), loss)
    model = model.astype(np.float64)
    X = nn.random.generator.normal(size=(5, 6, 5, 2))
    for m in (5, 4, 2):
        state = nn.random.generator.bit_generator.state
        gradients = model.gradients(X[:m], targets[:m])
        nn.random.generator.bit_generator.state = state
        arrays = [*map(twins.values, model.layers)]
        a = twins.chain(model.layers, tape.Value(X[:m]), arrays, True)
        parts = [
            own[n]
            for layer, own in zip(model.layers, arrays, strict=True)
            for n, block in layer.blocks.items()
            if block.trainable
        ]
        total = twins.LOSSES[type(model.loss)](model.loss, targets[:m], a)
        penalty = (parts[0] * parts[0]).sum() * 0.01
        (total + tape.reshape(penalty, ())).backward(1.0)
        found = np.concatenate([part.gradient.ravel() for part in parts])
        assert relative_error(gradients, found) <= CLOSE
        model.parameters = model.parameters - 0.1 * gradients
