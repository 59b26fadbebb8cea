"""Initializers, regularizers, metrics, and what all parts have in common."""

import numpy as np
import pytest
from numeric import central_differences, relative_error

from groundup import nn
from groundup.nn import initializers, metrics, regularizers


@pytest.mark.parametrize(
    ("initializer", "mean", "variance", "limit"),
    [
        (nn.GlorotUniform(), 0, 2 / 500, np.sqrt(6 / 500)),
        (nn.GlorotNormal(), 0, 2 / 500, 2 * np.sqrt(2 / 500 / 0.774)),
        (nn.HeUniform(), 0, 2 / 400, np.sqrt(6 / 400)),
        (nn.HeNormal(), 0, 2 / 400, 2 * np.sqrt(2 / 400 / 0.774)),
        (nn.RandomNormal(), 0, 0.05**2, np.inf),
        (nn.RandomNormal(3, 2), 3, 4, np.inf),
        (nn.RandomUniform(), 0, 0.1**2 / 12, 0.05),
        (nn.RandomUniform(0, 6), 3, 3, 6),
    ],
    ids=repr,
)
def test_what_is_drawn(initializer, mean, variance, limit):
    nn.set_random_seed(0)
    W = initializer((400, 100))
    assert W.shape == (400, 100)
    assert np.isclose(W.var(), variance, rtol=0.02)
    assert abs(W.mean() - mean) < 0.02 * np.sqrt(variance)
    assert np.abs(W).max() <= limit * 1.001
    assert np.isinf(limit) or np.abs(W).max() > 0.98 * limit


@pytest.mark.parametrize("cls", [nn.GlorotUniform, nn.GlorotNormal, nn.HeUniform, nn.HeNormal])
def test_the_fans_of_a_convolution_are_those_of_its_windows(cls):
    nn.set_random_seed(0)
    W = cls()((3, 5, 20, 40))
    inputs, outputs = 15 * 20, 15 * 40
    variance = 2 / inputs if "He" in cls.__name__ else 2 / (inputs + outputs)
    assert np.isclose(W.var(), variance, rtol=0.05)


def test_constants():
    assert (nn.Zeros()((2, 3)) == np.zeros((2, 3))).all()
    assert (nn.Ones()((2,)) == np.ones(2)).all()
    assert (nn.Constant(7)((2, 3)) == np.full((2, 3), 7)).all()
    assert (nn.Constant()((2,)) == np.zeros(2)).all()


INITIALIZERS = {
    "zeros": nn.Zeros, "ones": nn.Ones, "constant": nn.Constant, "random_normal": nn.RandomNormal,
    "random_uniform": nn.RandomUniform, "glorot_uniform": nn.GlorotUniform,
    "glorot_normal": nn.GlorotNormal, "he_uniform": nn.HeUniform, "he_normal": nn.HeNormal,
}  # fmt: skip


@pytest.mark.parametrize(("name", "cls"), INITIALIZERS.items())
def test_names_of_initializers(name, cls):
    assert type(initializers.get(name)) is cls


def test_weights_have_inputs_and_outputs():
    with pytest.raises(ValueError, match=r"shape of weights, .* got \(3,\)"):
        nn.HeNormal()((3,))


def test_l2():
    W = np.array([[1.0, -2.0], [3.0, 0.0]])
    assert nn.L2(0.5).forward(W) == 7.0
    assert nn.L2().l2 == 0.01
    numeric = central_differences(lambda: nn.L2(0.5).forward(W), W)
    assert relative_error(nn.L2(0.5).backward(W), numeric) <= 1e-6
    assert type(regularizers.get("l2")) is nn.L2
    assert regularizers.get(None) is None
    for factor in (-1, float("nan")):
        with pytest.raises(
            ValueError, match=f"L2 expected a factor of at least 0, got l2={factor}"
        ):
            nn.L2(factor)


BINARY = (
    np.array([[1.0], [1], [1], [0], [0], [0]]),
    np.array([[0.9], [0.5], [0.2], [0.6], [0.1], [0]]),
)
CLASSES = (
    np.eye(3)[[0, 1, 2, 2]],
    np.array([[0.9, 0, 0.1], [0, 0.6, 0.4], [0.4, 0.3, 0.3], [0, 0, 1]]),
)


@pytest.mark.parametrize(
    ("metric", "data", "value"),
    [
        (nn.BinaryAccuracy(), BINARY, 3 / 6),
        (nn.BinaryAccuracy(threshold=0.15), BINARY, 5 / 6),
        (nn.Accuracy(), BINARY, 3 / 6),
        (nn.CategoricalAccuracy(), CLASSES, 3 / 4),
        (nn.Accuracy(), CLASSES, 3 / 4),
        (nn.BinaryAccuracy(), CLASSES, 11 / 12),
        (nn.Precision(), BINARY, 1 / 2),
        (nn.Recall(), BINARY, 1 / 3),
        (nn.F1Score(), BINARY, 2 / (2 + 3)),
        (nn.Precision(), (BINARY[0], BINARY[1] * 0), 0),
        (nn.Recall(), (BINARY[0] * 0, BINARY[1]), 0),
        (nn.F1Score(), (BINARY[0] * 0, BINARY[1] * 0), 0),
    ],
)
def test_metrics(metric, data, value):
    assert metric(*data) == pytest.approx(value)
    parts = [metric.counts(data[0][part], data[1][part]) for part in (slice(0, 2), slice(2, None))]
    assert metric.value(sum(parts)) == metric(*data), "counts add up over batches"


def test_scores_have_their_threshold_at_zero():
    metric = nn.BinaryAccuracy(threshold=0)
    assert metric(np.array([[-1.0], [1], [1]]), np.array([[-0.1], [0.1], [-3]])) == 2 / 3


def test_names_of_metrics():
    names = [
        "accuracy",
        "binary_accuracy",
        "categorical_accuracy",
        "precision",
        "recall",
        "f1_score",
    ]
    classes = [
        nn.Accuracy,
        nn.BinaryAccuracy,
        nn.CategoricalAccuracy,
        nn.Precision,
        nn.Recall,
        nn.F1Score,
    ]
    found = metrics.get_all(names)
    assert list(found) == names
    assert [type(metric) for metric in found.values()] == classes
    assert list(metrics.get_all([cls() for cls in classes])) == names

    class Mine(nn.Metric):
        pass

    assert list(metrics.get_all([Mine()])) == ["Mine"]


def test_categories_are_at_least_two():
    with pytest.raises(ValueError, match="an output for each class, got a single one"):
        nn.CategoricalAccuracy()(*BINARY)


EACH = [
    nn.Dense(3, activation=nn.LeakyReLU(0.1), kernel_regularizer=nn.L2(0.3)),
    nn.Conv2D(2, 3, 2, "same", dilation_rate=1, activation="relu"),
    nn.MaxPooling2D((1, 2)), nn.Dropout(0.5), nn.BatchNormalization(momentum=0.5), nn.Flatten(),
    nn.Reshape((2, -1)), nn.Activation("gelu"), nn.SGD(0.5, 0.9, True),
    nn.Adam(nn.CosineDecay(1.0, 10, warmup_target=2.0, warmup_steps=3)), nn.Zeros(),
    nn.RandomNormal(1, 2), nn.BinaryCrossentropy(from_logits=True), nn.Hinge(), nn.F1Score(),
    nn.EarlyStopping("loss", 0.1, 3, mode="max"), nn.PiecewiseConstantDecay([1], [1, 2]),
]  # fmt: skip


@pytest.mark.parametrize("made", EACH, ids=repr)
def test_a_repr_makes_the_same_again(made):
    again = eval(repr(made), vars(nn))
    assert again.get_config() == made.get_config()


def test_a_config_names_what_was_given():
    assert nn.Dense(3, activation="relu").get_config()["activation"] == ["ReLU", {}]
    assert nn.Adam(0.5).get_config() == {
        "learning_rate": 0.5, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7,
    }  # fmt: skip


def test_an_identifier_is_a_name_or_an_object():
    with pytest.raises(TypeError, match="a name or an object of kind initializer, got 3"):
        nn.Dense(1, kernel_initializer=3)


def test_objects_are_copied():
    shared, optimizer = nn.Softmax(), nn.Adam()
    first, second = nn.Dense(2, activation=shared), nn.Dense(2, activation=shared)
    assert first.activation is not second.activation
    models = [nn.Sequential([nn.Input((1,)), nn.Dense(1)]) for _ in range(2)]
    for model in models:
        model.compile(optimizer, "mse")
        model.fit([[1.0]], [1.0])
    assert models[1].optimizer.variables["iterations"] == 1
    assert not optimizer.variables


@pytest.mark.parametrize("cls", [nn.Initializer, nn.Regularizer, nn.Loss, nn.Metric])
def test_what_is_abstract_says_so(cls):
    part, X = cls(), np.ones((1, 1))
    calls = {
        nn.Initializer: [lambda: part((1,))],
        nn.Regularizer: [lambda: part.forward(X), lambda: part.backward(X)],
        nn.Loss: [lambda: part.forward(X, X), lambda: part.backward(X, X)],
        nn.Metric: [lambda: part.counts(X, X), lambda: part.value(X)],
    }[cls]
    for call in calls:
        with pytest.raises(NotImplementedError):
            call()
