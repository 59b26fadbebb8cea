"""What examples are trained on and how much each counts: a split, weights of examples and of classes."""

import numpy as np
import pytest

from groundup import nn

rng = np.random.default_rng(0)
X = rng.normal(size=(20, 3))
labels = np.arange(20) % 3
WEIGHTS = rng.uniform(0, 2, size=20)


def model(loss="sparse_categorical_crossentropy", last="softmax", units=3, metrics=("accuracy",)):
    nn.set_random_seed(0)
    found = nn.Sequential([nn.Input((3,)), nn.Dense(4, "tanh"), nn.Dense(units, last)])
    found.compile(nn.SGD(0.5), loss, metrics=list(metrics))
    return found.astype(np.float64)


TARGETS = {
    "sparse_categorical_crossentropy": ("softmax", 3, labels),
    "categorical_crossentropy": ("softmax", 3, np.eye(3)[labels]),
    "binary_crossentropy": ("sigmoid", 1, labels > 0),
    "mse": ("sigmoid", 3, np.eye(3)[labels]),
    "mae": (None, 3, rng.normal(size=(20, 3))),
    "hinge": (None, 1, labels > 0),
    "perceptron": (None, 1, labels > 0),
}


@pytest.mark.parametrize("loss", TARGETS)
def test_the_gradient_is_that_of_the_weighted_loss(loss):
    last, units, y = TARGETS[loss]
    report = nn.gradient_check(model(loss, last, units, []), X, y, sample_weight=WEIGHTS)
    assert report.errors[report.worst] < 1e-6


def test_a_weight_of_two_is_the_example_twice():
    twice = np.r_[0:20, 4]
    weights = np.where(np.arange(20) == 4, 2.0, 1.0)
    expected = model().gradients(X[twice], labels[twice]) * 21 / 20
    assert np.allclose(model().gradients(X, labels, weights), expected)


@pytest.mark.parametrize("one", [{"sample_weight": np.ones(20)}, {"class_weight": {1: 1.0}}])
def test_a_weight_of_one_is_none_to_the_last_digit_of_single_precision(one):
    trained = []
    for given in ({}, one):
        network = model().astype(np.float32)
        network.fit(X, labels, 4, 3, 0, **given)
        trained.append(network.parameters)
    assert (trained[0] == trained[1]).all()


def test_what_counts_nothing_teaches_nothing():
    weights = np.where(np.arange(20) < 15, 1.0, 0.0)
    trained = []
    for x in (X, np.r_[X[:15], 9 * X[15:]]):
        network = model()
        network.fit(x, labels, 5, 3, 0, sample_weight=weights)
        trained.append(network.parameters)
    assert (trained[0] == trained[1]).all()


def test_weights_follow_their_examples_in_any_order_and_count_in_the_loss_alone():
    network = model()
    network.optimizer.learning_rate = 0.0
    values = network.fit(X, labels, batch_size=7, sample_weight=WEIGHTS, verbose=0).history
    plain = network.evaluate(X, labels, verbose=0, return_dict=True)
    of_each = [network.evaluate(X[[i]], labels[[i]], verbose=0)[0] for i in range(20)]
    assert np.isclose(values["loss"][0], np.mean(WEIGHTS * of_each))
    assert np.isclose(network.evaluate(X, labels, 3, 0, WEIGHTS)[0], values["loss"][0])
    assert values["accuracy"][0] == plain["accuracy"]


def test_penalties_have_no_weight():
    network = nn.Sequential([nn.Input((3,)), nn.Dense(1, kernel_regularizer="l2")])
    network.compile("sgd", "mse")
    penalty = 0.01 * np.sum(network.layers[0].W ** 2)
    assert np.isclose(network.training_loss(X, labels, np.zeros(20)), penalty)


@pytest.mark.parametrize(
    ("loss", "y", "class_weight", "expected"),
    [
        ("sparse_categorical_crossentropy", labels, {0: 2, 2: 0.5}, np.array([2, 1, 0.5])[labels]),
        ("sparse_categorical_crossentropy", labels[:, None], {1: 0}, labels != 1),
        ("categorical_crossentropy", np.eye(3)[labels], {1: 3.0}, np.where(labels == 1, 3, 1)),
        ("mse", 2 * np.eye(3)[labels] - 1, {1: 3.0}, np.where(labels == 1, 3, 1)),
        ("binary_crossentropy", labels > 0, {0: 4, 1: 0.5}, np.where(labels > 0, 0.5, 4)),
        ("hinge", labels > 0, {0: 4}, np.where(labels > 0, 1, 4)),
        ("hinge", np.where(labels > 0, 1, -1), {-1: 4}, np.where(labels > 0, 1, 4)),
        ("hinge", np.where(labels > 0, 1, -1), {1: 4}, np.where(labels > 0, 4, 1)),
    ],
)
def test_weights_of_classes_are_those_of_their_examples(loss, y, class_weight, expected):
    last, units, _ = TARGETS[loss]
    histories, weights = [], np.asarray(expected, float)
    for given in ({"class_weight": class_weight}, {"sample_weight": weights}):
        network = model(loss, last, units, [])
        histories.append(network.fit(X, y, epochs=2, verbose=0, **given).history)
    assert histories[0] == histories[1]


def test_validation_takes_every_class_alike():
    network = model()
    found = network.fit(X, labels, verbose=0, validation_split=0.5, class_weight={0: 9}).history
    assert found["val_loss"][0] == network.evaluate(X[10:], labels[10:], verbose=0)[0]


@pytest.mark.parametrize(("share", "first"), [(0.01, 19), (0.25, 15), (0.3, 14), (0.94, 1)])
def test_the_last_examples_are_split_off_before_any_is_shuffled(share, first):
    network, other = model(), model()
    nn.set_random_seed(1)
    found = network.fit(X, labels, 4, 2, 0, validation_split=share, sample_weight=WEIGHTS).history
    nn.set_random_seed(1)
    validation = (X[first:], labels[first:], WEIGHTS[first:])
    expected = other.fit(
        X[:first],
        labels[:first],
        4,
        2,
        0,
        validation_data=validation,
        sample_weight=WEIGHTS[:first],
    ).history
    assert found == expected
    assert (network.parameters == other.parameters).all()


@pytest.mark.parametrize(
    ("given", "sizes"),
    [({}, [8, 2]), ({"validation_batch_size": 4}, [4, 4, 2]), ({"batch_size": 3}, [3, 3, 3, 1])],
)
def test_validation_takes_as_many_at_a_time_as_training_unless_told_otherwise(given, sizes):
    class Sizes(nn.Metric):
        def counts(self, Y, Y_hat):
            seen.append(len(Y))
            return np.ones(1)

        def value(self, counts):
            return 1.0

    seen = []
    arguments = {"batch_size": 8, "verbose": 0, "validation_data": (X[:10], labels[:10])} | given
    model(metrics=[Sizes()]).fit(X, labels, **arguments)
    assert seen[-len(sizes) :] == sizes
    assert sum(seen) == 30


def test_validation_data_that_are_given_come_before_a_split():
    given = {"validation_data": (X[:2], labels[:2]), "verbose": 0, "shuffle": False}
    both = model().fit(X, labels, validation_split=0.5, **given).history
    assert both == model().fit(X, labels, **given).history


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"sample_weight": WEIGHTS[:5]}, ValueError, r"sample_weight of shape \(20,\), .* got \(5,\)"),
        ({"sample_weight": WEIGHTS[:, None]}, ValueError, r"\(20,\), a weight for each .* \(20, 1\)"),
        ({"sample_weight": -WEIGHTS}, ValueError, "sample_weight of at least 0, got -"),
        ({"sample_weight": WEIGHTS * np.inf}, ValueError, "sample_weight that are finite"),
        ({"class_weight": {3: 1.0}}, ValueError, r"of classes \[0, 1, 2\], got 3"),
        ({"class_weight": {-1: 1.0}}, ValueError, r"of classes \[0, 1, 2\], got -1"),
        ({"class_weight": {"0": 1.0}}, ValueError, "got '0'"),
        ({"class_weight": {0: "1"}}, TypeError, "a weight of 0 of at least 0, got '1'"),
        ({"class_weight": {0: -1}}, ValueError, "a weight of 0 of at least 0, got -1"),
        ({"class_weight": [1.0, 2.0, 3.0]}, TypeError, "class_weight, a dictionary .* got \\["),
        ({"class_weight": {0: 2.0}, "sample_weight": WEIGHTS}, ValueError, "or class_weight, got both"),
        ({"validation_split": 1.0}, ValueError, "validation_split from 0 to below 1, got 1.0"),
        ({"validation_split": -0.1}, ValueError, "validation_split from 0 to below 1, got -0.1"),
        ({"validation_split": 0.96}, ValueError, "on both sides, got 0.96 of 20 examples"),
        ({"validation_split": 1e-17}, ValueError, "on both sides, got 1e-17 of 20 examples"),
        ({"validation_data": (X, labels, WEIGHTS[:5])}, ValueError, "^validation data: .*sample_weight"),
        ({"validation_data": (X, labels, WEIGHTS, 1)}, ValueError, "got 4 parts"),
        ({"validation_batch_size": 0}, ValueError, "for batch_size, got 0"),
        ({"initial_epoch": -1}, ValueError, "an initial_epoch, a whole number of at least 0, got -1"),
        ({"verbose": 3}, ValueError, "verbose 'auto', 0, 1 or 2, got 3"),
    ],
)  # fmt: skip
def test_what_is_refused(given, error, message):
    network = model()
    with pytest.raises(error, match=message):
        network.fit(X, labels, **{"verbose": 0} | given)


def test_class_weight_wants_classes():
    one = {"class_weight": {1: 2.0}}
    for loss, y in (
        ("categorical_crossentropy", np.full((20, 3), 1 / 3)),
        ("binary_crossentropy", np.ones((20, 3))),
        ("mse", np.eye(3)[labels] / 2),
    ):
        last, *_ = TARGETS[loss]
        with pytest.raises(ValueError, match="with class_weight, expected targets with one class"):
            model(loss, last, 3, []).fit(X, y, verbose=0, **one)
    with pytest.raises(ValueError, match="with class_weight, expected targets with one class"):
        model("mse", None, 1, []).fit(X, X[:, 0], verbose=0, **one)
    places = nn.Sequential(
        [nn.Input((3,)), nn.Dense(6), nn.Reshape((2, 3)), nn.Activation("softmax")]
    )
    places.compile("sgd", "sparse_categorical_crossentropy")
    with pytest.raises(ValueError, match="with class_weight, expected targets with one class"):
        places.fit(X, np.zeros((20, 2), int), verbose=0, **one)
    with pytest.raises(
        ValueError, match=r"^expected class_weight with one weight for no, got both 0 and -1"
    ):
        model("hinge", None, 1, []).fit(X, labels > 0, class_weight={0: 1.0, -1: 1.0})


def test_class_weight_shows_a_target_that_is_no_class():
    y = np.zeros((20, 3))
    y[0] = 0.5, 0.25, 0.25
    with pytest.raises(ValueError, match=r"such as \[0\.5  0\.25 0\.25\]$"):
        model("mse", None, 3, []).fit(X, y, verbose=0, class_weight={1: 2.0})


def test_a_loss_of_ones_own_needs_no_weights_until_there_are_some():
    class Own(nn.MeanSquaredError):
        def forward(self, Y, Y_hat):
            return super().forward(Y, Y_hat)

    network = model(Own(), None, 1, [])
    network.fit(X, labels, verbose=0)
    with pytest.raises(TypeError, match="forward"):
        network.fit(X, labels, sample_weight=WEIGHTS, verbose=0)


@pytest.mark.parametrize(
    ("method", "argument", "message"),
    [
        ("fit", "steps_per_epoch", "an epoch takes every example once; give fewer"),
        ("fit", "validation_freq", "validation comes after every epoch"),
        ("fit", "validation_steps", "all validation data are taken"),
        ("fit", "epoch", "did you mean 'epochs'"),
        ("fit", "other", "there are x, y, batch_size, .* validation_batch_size$"),
        ("evaluate", "steps", "all examples are taken"),
        ("predict", "bachsize", "did you mean 'batch_size'"),
        ("compile", "weighted_metrics", "metrics count every example alike"),
    ],
)
def test_what_a_method_lacks_is_refused_with_what_there_is(method, argument, message):
    needed = {
        "fit": (X, labels),
        "evaluate": (X, labels),
        "predict": (X,),
        "compile": ("sgd", "mse"),
    }
    with pytest.raises(TypeError, match=f"^{method} has no argument '{argument}': .*{message}"):
        getattr(model(), method)(*needed[method], **{argument: 1})
