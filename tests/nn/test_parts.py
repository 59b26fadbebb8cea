"""Initializers, regularizers, metrics, and what all parts have in common."""

import json
import re

import numpy as np
import pytest
from numeric import central_differences, relative_error

from groundup import nn
from groundup.nn import initializers, losses, metrics, optimizers, regularizers
from groundup.nn.config import Configured, class_name


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


@pytest.mark.parametrize("shape", [(6, 4), (4, 6), (5, 5), (2, 3, 4)])
def test_what_is_orthogonal(shape):
    nn.set_random_seed(0)
    W = nn.Orthogonal(3.0)(shape)
    assert W.shape == shape
    W = W.reshape(-1, shape[-1])
    W = W.T if W.shape[0] < W.shape[1] else W
    assert np.allclose(W.T @ W, 9 * np.eye(W.shape[1]))


def test_every_orthogonal_matrix_is_as_likely():
    """Such as of one entry: plus or minus one."""
    nn.set_random_seed(0)
    drawn = [nn.Orthogonal()((1, 1)).item() for _ in range(400)]
    assert set(np.round(drawn, 12)) == {-1, 1}
    assert abs(np.mean(drawn)) < 0.15


def test_constants():
    assert (nn.Zeros()((2, 3)) == np.zeros((2, 3))).all()
    assert (nn.Ones()((2,)) == np.ones(2)).all()
    assert (nn.Constant(7)((2, 3)) == np.full((2, 3), 7)).all()
    assert (nn.Constant()((2,)) == np.zeros(2)).all()


INITIALIZERS = {
    "zeros": nn.Zeros, "ones": nn.Ones, "constant": nn.Constant, "random_normal": nn.RandomNormal,
    "random_uniform": nn.RandomUniform, "glorot_uniform": nn.GlorotUniform,
    "glorot_normal": nn.GlorotNormal, "he_uniform": nn.HeUniform, "he_normal": nn.HeNormal,
    "uniform": nn.RandomUniform, "orthogonal": nn.Orthogonal,
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
        with pytest.raises(ValueError, match=f"L2 expected a factor of at least 0, got {factor}"):
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


@pytest.mark.parametrize("name", ["accuracy", "binary_accuracy", "precision", "recall", "f1_score"])
def test_what_separates_yes_from_no_is_a_half_unless_a_loss_says_another(name):
    assert metrics.get_all([name])[name].threshold == 0.5
    assert metrics.get_all([name], 0.0)[name].threshold == 0.0


def test_categories_are_at_least_two():
    with pytest.raises(
        ValueError, match=r"^CategoricalAccuracy expected an .* class, got a single one$"
    ):
        nn.CategoricalAccuracy()(*BINARY)
    two = np.array([[1.0, 0], [0, 1]]), np.array([[0.4, 0.3], [0.4, 0.9]])
    assert nn.CategoricalAccuracy()(*two) == nn.Accuracy()(*two) == 1.0


def test_the_class_is_the_last_axis():
    """Two images of two places each, three classes."""
    Y = np.eye(3)[[[0, 1], [2, 2]]]
    Y_hat = Y + np.array([[[0.0, 0, 2], [0, 0, 0]], [[0, 0, 0], [0, 0, 0]]])
    for cls in (nn.CategoricalAccuracy, nn.Accuracy):
        assert cls()(Y, Y_hat) == 3 / 4
        assert cls()(Y[:, :1], Y_hat[:, :1]) == 1 / 2, "also of a single place"


def test_vectors_are_columns():
    assert nn.Accuracy()([1, 0, 1], [0.9, 0.2, 0.3]) == 2 / 3
    assert nn.Accuracy()([1, 0], [0.9, 0.6]) == 1 / 2, "not a row of two classes"


def test_at_a_threshold_is_below_it():
    half = np.array([[0.5], [0.5]])
    assert nn.BinaryAccuracy()(half, np.array([[0.5], [0.4]])) == 1.0
    assert list(nn.Precision().counts(half, np.array([[0.5], [0.6]]))) == [0, 1, 0]
    assert list(nn.Precision().counts(np.ones((2, 1)), half)) == [0, 0, 2]


def test_metrics_refuse_what_a_loss_has_not_encoded():
    for metric in (nn.Accuracy(), nn.BinaryAccuracy(), nn.Precision()):
        said = rf"^{type(metric).__name__} .* shape \(4, 3\), as a loss encodes them, got \(4,\)"
        with pytest.raises(ValueError, match=said):
            metric(np.array([0, 1, 2, 2]), CLASSES[1])
    with pytest.raises(TypeError, match=r"a list of metrics, got 'accuracy'; write \['accuracy'\]"):
        metrics.get_all("accuracy")
    with pytest.raises(ValueError, match="each metric once, got 'accuracy' twice"):
        metrics.get_all(["accuracy", nn.Accuracy()])
    assert metrics.get_all(None) == metrics.get_all([]) == {}


EACH = [
    nn.Dense(3, activation=nn.LeakyReLU(0.1), kernel_regularizer=nn.L2(0.3)),
    nn.Conv2D(2, 3, 2, "same", dilation_rate=1, activation="relu"),
    nn.MaxPooling2D((1, 2)), nn.Dropout(0.5), nn.BatchNormalization(momentum=0.5), nn.Flatten(),
    nn.Reshape((2, -1)), nn.Activation("gelu"), nn.SGD(0.5, 0.9, True),
    nn.Adam(nn.CosineDecay(1.0, 10, warmup_target=2.0, warmup_steps=3)), nn.Zeros(),
    nn.RandomNormal(1, 2), nn.BinaryCrossentropy(from_logits=True), nn.Hinge(), nn.F1Score(),
    nn.EarlyStopping("loss", 0.1, 3, mode="max"), nn.PiecewiseConstantDecay([1], [1, 2]),
    nn.Orthogonal(2), nn.Embedding(3, 2, "zeros", mask_zero=True), nn.SinePositionEncoding(50),
    nn.LSTM(2, unit_forget_bias=False, go_backwards=True), nn.MultiHeadAttention(2, 3, 4),
    nn.Bidirectional(nn.GRU(2, stateful=True), "sum"), nn.Residual([nn.Dense(2, "relu"), nn.Dense(3)]),
]  # fmt: skip


@pytest.mark.parametrize("made", EACH, ids=repr)
def test_a_repr_makes_the_same_again(made):
    again = eval(repr(made), vars(nn))
    assert again.get_config() == made.get_config()


class Mine(nn.Linear):
    pass


def test_the_engines_own_classes_are_known_by_their_package():
    """A package whose name begins alike is another."""

    class Other(nn.Linear):
        pass

    for module, name in (("groundup.nn", "Other"), ("groundup.nn.kit", "Other")):
        Other.__module__ = module
        assert class_name(Other) == name
    for module in ("groundup.nnx", "groundup.nn_kit.layers", "groundup"):
        Other.__module__ = module
        assert class_name(Other).startswith(f"{module}.test_the")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: nn.Dense(1, "Relu"), "activation 'Relu'; did you mean 'relu'"),
        (
            lambda: nn.Dense(1, kernel_initializer="henormal"),
            "'henormal'; did you mean 'he_normal'",
        ),
        (lambda: losses.get("MeanSquaredError"), "did you mean 'mean_squared_error'"),
        (lambda: optimizers.get("Adm"), "unknown optimizer 'Adm'; did you mean 'adam'"),
        (lambda: metrics.get_all(["acuracy"]), "metric 'acuracy'; did you mean 'accuracy'"),
        (lambda: optimizers.get("q"), "unknown optimizer 'q'; expected one of 'sgd'"),
        (lambda: optimizers.get(None), "unknown optimizer None; expected one of 'sgd'"),
    ],
)
def test_the_nearest_name_is_said_if_one_is_near(make, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        make()


NOT_CLIPPED = {"clipnorm": None, "clipvalue": None, "global_clipnorm": None}


def test_a_config_names_what_was_given():
    assert nn.Dense(3, activation="relu").get_config()["activation"] == ["ReLU", {}]
    assert nn.Activation(Mine()).get_config() == {"activation": [f"{__name__}.Mine", {}]}
    assert nn.Adam(0.5).get_config() == {
        "learning_rate": 0.5, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7, **NOT_CLIPPED,
    }  # fmt: skip


DEFAULTS = {
    nn.LeakyReLU: {"negative_slope": 0.2},
    nn.ELU: {"alpha": 1.0},
    nn.L2: {"l2": 0.01},
    nn.Constant: {"value": 0.0},
    nn.RandomNormal: {"mean": 0.0, "stddev": 0.05},
    nn.RandomUniform: {"minval": -0.05, "maxval": 0.05},
    nn.BatchNormalization: {"momentum": 0.99, "epsilon": 0.001},
    nn.MaxPooling2D: {"pool_size": (2, 2), "strides": (2, 2), "padding": "valid"},
    nn.SGD: {"learning_rate": 0.01, "momentum": 0.0, "nesterov": False, **NOT_CLIPPED},
    nn.RMSprop: {"learning_rate": 0.001, "rho": 0.9, "epsilon": 1e-7, **NOT_CLIPPED},
    nn.Adam: {"learning_rate": 0.001, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7, **NOT_CLIPPED},
    nn.AdamW: {"learning_rate": 0.001, "weight_decay": 0.004, "beta_1": 0.9, "beta_2": 0.999,
               "epsilon": 1e-7, **NOT_CLIPPED},
    nn.Optimizer: {"learning_rate": 0.01, **NOT_CLIPPED},
    nn.BinaryCrossentropy: {"from_logits": False, "label_smoothing": 0.0},
    nn.SparseCategoricalCrossentropy: {"from_logits": False},
    nn.BinaryAccuracy: {"threshold": 0.5},
    nn.EarlyStopping: {"monitor": "val_loss", "min_delta": 0, "patience": 0, "mode": "auto",
                       "restore_best_weights": False},
}  # fmt: skip


@pytest.mark.parametrize("cls", DEFAULTS, ids=lambda cls: cls.__name__)
def test_defaults(cls):
    assert cls().get_config() == DEFAULTS[cls]


def test_defaults_of_what_needs_an_argument():
    glorot, zeros, linear = ["GlorotUniform", {}], ["Zeros", {}], ["Linear", {}]
    learned = {
        "activation": linear, "use_bias": True, "kernel_initializer": glorot, "bias_initializer": zeros,
        "kernel_regularizer": None,
    }  # fmt: skip
    assert nn.Dense(3).get_config() == {"units": 3, **learned}
    assert nn.Conv2D(4, 3).get_config() == {
        "filters": 4, "kernel_size": (3, 3), "strides": (1, 1), "padding": "valid",
        "dilation_rate": (1, 1), **learned,
    }  # fmt: skip
    pooling = {"pool_size": (2, 3), "strides": (2, 3), "padding": "valid"}
    assert nn.AveragePooling2D((2, 3)).get_config() == pooling
    assert nn.ExponentialDecay(1, 2, 0.5).get_config()["staircase"] is False
    cosine = nn.CosineDecay(1, 2).get_config()
    assert cosine == {
        "initial_learning_rate": 1.0, "decay_steps": 2, "alpha": 0.0, "warmup_target": None,
        "warmup_steps": 0,
    }  # fmt: skip


def test_numbers_of_numpy_become_pythons():
    """A NumPy number would set the precision of a step, and can't be written as JSON."""
    one, two = np.float64(1), np.int64(2)
    for part in (
        nn.PiecewiseConstantDecay([two], [one, one]), nn.ExponentialDecay(one, two, one),
        nn.CosineDecay(one, two, one, warmup_target=one, warmup_steps=two), nn.Adam(one, epsilon=one),
        nn.SGD(one, momentum=one / 2), nn.RMSprop(one, one / 2), nn.Dense(two), nn.Conv2D(two, two, two),
        nn.Dropout(one / 2), nn.L2(one), nn.LeakyReLU(one), nn.ELU(one), nn.Reshape((two, two)),
        nn.Input((two,)), nn.MaxPooling2D(two), nn.Constant(one), nn.RandomNormal(one, one),
        nn.RandomUniform(one, one), nn.BatchNormalization(momentum=one / 2, epsilon=one),
        nn.BinaryAccuracy(threshold=one), nn.AdamW(one, one),
    ):  # fmt: skip
        assert "np." not in repr(part)
        json.dumps(part.get_config())


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


@pytest.mark.parametrize("metric", [nn.Accuracy(), nn.CategoricalAccuracy()], ids=repr)
def test_of_equal_outputs_the_first_class_is_chosen(metric):
    tied = np.array([[0.4, 0.2, 0.4], [0.2, 0.4, 0.4], [1 / 3, 1 / 3, 1 / 3], [0, 0, 0]])
    first, last = np.eye(3)[[0, 1, 0, 0]], np.eye(3)[[2, 2, 2, 2]]
    assert metric(first, tied) == 1.0
    assert metric(last, tied) == 0.0
    assert metric(tied, first) == 1.0, "of targets too"


def test_all_bits_of_a_seed_count():
    def drawn(seed):
        nn.set_random_seed(seed)
        return nn.random.generator.bit_generator.state["state"]["state"]

    seeds = [0, *(1 << bit for bit in range(130)), 2**64 - 1, 2**16 - 1, 12345, 12345 + 2**16]
    assert len({drawn(seed) for seed in seeds}) == len(seeds)
    assert drawn(np.uint64(2**63)) == drawn(2**63)
    for seed in (7, 2**40 + 7):
        assert drawn(seed) == drawn(seed)
    with pytest.raises(ValueError, match="expected a seed, a whole number of at least 0, got -1"):
        nn.set_random_seed(-1)


def test_a_seed_starts_all_chance_again():
    """Also what the generator keeps back, such as half of a number drawn before."""
    nn.set_random_seed(5)
    nn.random.generator.integers(10, dtype=np.uint32)
    nn.set_random_seed(5)
    first = nn.random.generator.integers(1000, size=5, dtype=np.uint32)
    nn.set_random_seed(5)
    assert (nn.random.generator.integers(1000, size=5, dtype=np.uint32) == first).all()


def arrays_in(thing, seen=None):
    """All arrays that an object holds, in whatever it holds."""
    seen = set() if seen is None else seen
    if id(thing) in seen:
        return []
    seen.add(id(thing))
    if isinstance(thing, np.ndarray):
        return [thing]
    inside = thing.values() if isinstance(thing, dict) else thing if isinstance(thing, list) else ()
    attributes = vars(thing).values() if isinstance(thing, Configured) else ()
    return [array for inner in (*inside, *attributes) for array in arrays_in(inner, seen)]


def test_what_is_given_to_a_constructor_or_compile_is_copied_to_its_depth():
    """No array is shared by two that were made with the same part: moments, what a way forward kept."""
    model = nn.Sequential([nn.Input((3,)), nn.Dense(4, "tanh"), nn.Dense(2, nn.ELU(0.5))])
    model.compile(nn.Adam(), "mse", metrics=["accuracy"])
    model.fit(np.ones((4, 3)), np.eye(2)[[0, 1, 0, 0]])
    other = nn.Sequential([nn.Input((3,)), nn.Dense(4, model.layers[0].activation), nn.Dense(2)])
    other.compile(model.optimizer, model.loss, metrics=list(model.metrics.values()))
    pairs = [
        (model.optimizer, other.optimizer), (model.layers[0].activation, other.layers[0].activation),
        (model.loss, other.loss), (model.metrics["accuracy"], other.metrics["accuracy"]),
    ]  # fmt: skip
    assert len(arrays_in(model.optimizer)) == 3
    for one, two in pairs:
        assert one is not two
        assert len(arrays_in(one)) == len(arrays_in(two))
        for a in arrays_in(one):
            assert not any(np.shares_memory(a, b) for b in arrays_in(two))
    moments = model.optimizer.variables["m"].copy()
    other.fit(np.ones((4, 3)), np.eye(2)[[1, 0, 0, 0]])
    assert (model.optimizer.variables["m"] == moments).all()
    assert [model.optimizer.variables["iterations"], other.optimizer.variables["iterations"]] == [
        1,
        2,
    ]
