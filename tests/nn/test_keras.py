"""The engine against Keras: the same names, the same numbers."""

import inspect

import keras
import numpy as np
import pytest

from groundup import nn

rng = np.random.default_rng(0)
X = rng.normal(size=(64, 5)).astype("float32")
labels = rng.integers(3, size=64)

PAIRS = [
    (nn.Dense, keras.layers.Dense),
    (nn.SGD, keras.optimizers.SGD),
    (nn.Sequential.fit, keras.Sequential.fit),
    (nn.Sequential.evaluate, keras.Sequential.evaluate),
    (nn.Sequential.predict, keras.Sequential.predict),
    (nn.Sequential.compile, keras.Sequential.compile),
    (nn.Input, keras.Input),
]
# Where Keras works a value out later, ours names what it comes to.
RESOLVED = {"batch_size": (None, 32), "metrics": (None, ()), "optimizer": ("rmsprop", "sgd")}


@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
def test_arguments_have_keras_names_order_and_defaults(ours, theirs):
    mine = [p for p in inspect.signature(ours).parameters.values() if p.name != "self"]
    keras_ones = {p.name: p for p in inspect.signature(theirs).parameters.values()}
    keras_order = [name for name in keras_ones if name != "self"]
    for place, parameter in enumerate(mine):
        assert parameter.name in keras_ones
        by_place = parameter.kind is not inspect.Parameter.KEYWORD_ONLY
        assert not by_place or keras_order[place] == parameter.name
    for parameter in mine:
        default = keras_ones[parameter.name].default
        if parameter.name in RESOLVED:
            default, expected = RESOLVED[parameter.name]
            assert keras_ones[parameter.name].default == default
            assert parameter.default == expected
        elif parameter.default is not inspect.Parameter.empty:
            assert parameter.default == default


def pair(loss):
    """The same network in both, with the same weights."""
    ours = nn.Sequential([nn.Input((5,)), nn.Dense(4), nn.Dense(3, activation="softmax")])
    theirs = keras.Sequential(
        [keras.Input((5,)), keras.layers.Dense(4), keras.layers.Dense(3, activation="softmax")]
    )
    ours.compile(nn.SGD(0.1), loss, metrics=["accuracy"])
    theirs.compile(keras.optimizers.SGD(0.1), loss, metrics=["accuracy"])
    theirs.set_weights([a for layer in ours.layers for a in (layer.W, layer.b)])
    return ours, theirs


TARGETS = {
    "sparse_categorical_crossentropy": labels,
    "categorical_crossentropy": np.eye(3, dtype="float32")[labels],
    "mean_squared_error": rng.normal(size=(64, 3)).astype("float32"),
}


@pytest.mark.parametrize("loss", TARGETS)
def test_predictions_loss_and_metrics_agree(loss):
    ours, theirs = pair(loss)
    assert np.allclose(ours.predict(X), theirs.predict(X, verbose=0), atol=1e-5)
    mine, keras_ones = ours.evaluate(X, TARGETS[loss]), theirs.evaluate(X, TARGETS[loss], verbose=0)
    assert np.isclose(mine[0], keras_ones[0], atol=1e-5)
    assert np.isclose(mine[1], keras_ones[1], atol=1e-5)


@pytest.mark.parametrize("loss", TARGETS)
def test_a_hundred_steps_take_the_same_path(loss):
    ours, theirs = pair(loss)
    arguments = {"batch_size": 16, "epochs": 25, "shuffle": False}
    history = ours.fit(X, TARGETS[loss], **arguments).history
    keras_history = theirs.fit(X, TARGETS[loss], verbose=0, **arguments).history
    mine = [a for layer in ours.layers for a in (layer.W, layer.b)]
    for a, b in zip(mine, theirs.get_weights(), strict=True):
        assert np.allclose(a, b, atol=1e-5)
    assert np.allclose(history["loss"], keras_history["loss"], atol=1e-5)
