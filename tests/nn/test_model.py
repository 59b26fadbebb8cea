"""Training as a whole: what fit, evaluate and predict promise, and what they refuse."""

import copy
import pickle

import numpy as np
import pytest

from groundup import nn

rng = np.random.default_rng(0)
X = rng.normal(size=(50, 3)).astype("float32")
labels = (X[:, 0] > 0).astype(int)


def classifier(learning_rate=0.5, **options):
    model = nn.Sequential([nn.Input((3,)), nn.Dense(2, activation="softmax", **options)])
    model.compile(nn.SGD(learning_rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def test_training_learns():
    model = classifier()
    history = model.fit(X, labels, batch_size=10, epochs=60).history
    assert history["loss"][-1] < history["loss"][0] / 2
    assert model.evaluate(X, labels)[1] > 0.95


def test_the_same_seed_gives_the_same_weights():
    found = []
    for _ in range(2):
        nn.set_random_seed(7)
        model = classifier()
        model.fit(X, labels, epochs=3)
        found.append(model.parameters)
    assert (found[0] == found[1]).all()


def test_a_batch_larger_than_the_data_is_one_batch():
    whole, larger = classifier(kernel_initializer="zeros"), classifier(kernel_initializer="zeros")
    whole.fit(X, labels, batch_size=len(X), shuffle=False)
    larger.fit(X, labels, batch_size=1000, shuffle=False)
    assert (whole.parameters == larger.parameters).all()


def test_every_example_counts_once_in_the_loss_of_an_epoch():
    model = classifier(learning_rate=0.0)
    history = model.fit(X, labels, batch_size=32).history  # 50 = 32 + 18
    loss, accuracy = model.evaluate(X, labels)
    assert np.isclose(history["loss"][0], loss)
    assert np.isclose(history["accuracy"][0], accuracy)


def test_every_example_is_seen_once_an_epoch():
    """With the loss linear in the weights, the order of the examples can't matter."""
    model = nn.Sequential([nn.Input((3,)), nn.Dense(2, activation="softmax")])
    model.compile(nn.SGD(1e-6), "sparse_categorical_crossentropy")
    start = model.parameters.astype(np.float64)
    expected = -1e-6 * 5 * model.astype(np.float64).gradients(X, labels)
    model = model.astype(np.float64)
    model.fit(X.astype(np.float64), labels, batch_size=10)
    assert np.allclose(model.parameters - start, expected, rtol=1e-3, atol=1e-12)


def test_validation_data_are_evaluated_after_each_epoch():
    model = classifier()
    history = model.fit(X, labels, epochs=2, validation_data=(X[:20], labels[:20])).history
    assert set(history) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert history["val_loss"][-1] == model.evaluate(X[:20], labels[:20])[0]


def test_evaluate_gives_what_keras_gives():
    model = classifier()
    loss, accuracy = model.evaluate(X, labels)
    assert model.evaluate(X, labels, return_dict=True) == {"loss": loss, "accuracy": accuracy}
    model.compile("sgd", "sparse_categorical_crossentropy")
    assert model.evaluate(X, labels) == loss


def test_batches_make_no_difference_to_predictions():
    model = classifier()
    assert np.allclose(model.predict(X, batch_size=7), model.predict(X, batch_size=50), atol=1e-6)


def test_a_model_without_input_is_built_by_its_data():
    model = nn.Sequential([nn.Dense(2, activation="softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    with pytest.raises(RuntimeError, match="isn't built"):
        model.count_params()
    model.fit(X, labels)
    assert model.count_params() == 8


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_a_copy_learns_by_itself(duplicate):
    model = classifier()
    before = model.predict(X)
    other = duplicate(model)
    other.fit(X, labels, epochs=5)
    assert (model.predict(X) == before).all()
    assert other.evaluate(X, labels)[0] < model.evaluate(X, labels)[0]


def test_layers_do_not_share_what_an_activation_keeps():
    shared = nn.Softmax()
    first, second = nn.Dense(2, activation=shared), nn.Dense(2, activation=shared)
    assert first.activation is not second.activation


def test_a_refused_compile_changes_nothing():
    model = classifier()
    with pytest.raises(ValueError, match="unknown loss"):
        model.compile("sgd", "l1")
    model.fit(X, labels)


def test_a_step_is_taken_in_the_models_precision():
    """A learning rate that is a NumPy number doesn't make single precision double."""
    found = []
    for rate in (0.3, np.float64(0.3)):
        nn.set_random_seed(0)
        model = classifier(learning_rate=rate)
        model.fit(X, labels, epochs=2)
        found.append(model.parameters)
    assert (found[0] == found[1]).all()


def test_divergence_is_said():
    model = nn.Sequential([nn.Input((3,)), nn.Dense(1)])
    model.compile(nn.SGD(1e3), "mse")
    with pytest.raises(
        ValueError, match=r"in epoch \d+: training diverged; try a learning rate below 1000"
    ):
        model.fit(X, labels.astype("float32"), epochs=50)


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (lambda: nn.Dense(0), ValueError, "at least one unit, got units=0"),
        (lambda: nn.Dense(2, activation="rellu"), ValueError, "unknown activation 'rellu'"),
        (lambda: nn.Dense(2, kernel_initializer="he"), ValueError, "unknown initializer 'he'"),
        (lambda: nn.Dense(2, activation=nn.SGD()), TypeError, "kind activation, got SGD"),
        (lambda: nn.Sequential([nn.Dense(2)] * 2), ValueError, "in use already"),
        (lambda: nn.Sequential(classifier().layers), ValueError, "in use already"),
        (lambda: classifier().build((3,)), RuntimeError, "built already"),
        (lambda: nn.Sequential([nn.Dense(2)]).astype(float), RuntimeError, "isn't built"),
        (lambda: nn.SGD(-1), ValueError, "at least 0, got -1"),
        (lambda: nn.SGD(float("nan")), ValueError, "at least 0, got nan"),
        (lambda: nn.Sequential([]), ValueError, "at least one layer"),
        (lambda: nn.Sequential(["dense"]), TypeError, "expected layers, got 'dense'"),
        (lambda: nn.Sequential([nn.Input((2, 2)), nn.Dense(1)]), ValueError, r"\(features,\)"),
        (lambda: nn.Sequential([nn.Dense(1)]).fit(X, labels), RuntimeError, "compile"),
        (lambda: classifier().compile("adam"), ValueError, "unknown optimizer 'adam'"),
        (lambda: classifier().compile("sgd", "l1"), ValueError, "unknown loss 'l1'"),
        (
            lambda: classifier().compile("sgd", "mse", metrics=["f1"]),
            ValueError,
            "unknown metric 'f1'",
        ),
        (lambda: classifier().fit(X[:, :2], labels), ValueError, r"\(3,\), got .* \(50, 2\)"),
        (lambda: classifier().fit(X[0], labels), ValueError, "examples as rows"),
        (lambda: classifier().fit(X[:0], labels[:0]), ValueError, "at least one"),
        (lambda: classifier().fit(X, labels[:5]), ValueError, "each of 50 examples, got 5"),
        (lambda: classifier().fit(X, labels + 1), ValueError, "labels from 0 to 1 .* from 1 to 2"),
        (lambda: classifier().fit(X, labels - 1), ValueError, "from -1 to 0"),
        (lambda: classifier().fit(X, labels * 1.0), TypeError, "whole numbers, got dtype float64"),
        (lambda: classifier().fit(X, np.eye(2)[labels]), ValueError, r"labels of shape"),
        (lambda: classifier().fit(X, labels, batch_size=0), ValueError, "at least 1, got 0"),
    ],
)
def test_bad_input_is_refused(act, error, message):
    with pytest.raises(error, match=message):
        act()


def test_targets_must_fit_the_outputs():
    model = nn.Sequential([nn.Input((3,)), nn.Dense(2)])
    model.compile("sgd", "mse")
    with pytest.raises(ValueError, match=r"\(examples, 2\), got \(50,\)"):
        model.fit(X, labels)


def test_accuracy_needs_classes():
    model = nn.Sequential([nn.Input((3,)), nn.Dense(1)])
    model.compile("sgd", "mse", metrics=["accuracy"])
    with pytest.raises(ValueError, match="single output"):
        model.fit(X, labels)
