"""A key says what the parts of a model are, however they became so; and what it can't say is refused."""

import contextlib
import functools

import keras
import numpy as np
import pytest
from tests.runs import parts

from groundup import nn, runs
from groundup.runs import random_state
from groundup.runs.run import _fit_job

X = np.random.default_rng(0).normal(size=(20, 4)).astype("float32")
y = np.random.default_rng(1).integers(3, size=20)


def ours(change=None, middle=parts.Scale, **given):
    layers = [nn.Dense(5, kernel_initializer=parts.Halved()), middle(), nn.Dropout(0.5)]
    model = nn.Sequential([nn.Input((4,)), *layers, nn.Dense(3, activation="softmax")])
    model.compile(
        nn.SGD(0.1, momentum=0.9), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    if change:
        change(model)
    return model


def theirs(change=None):
    lookup = keras.layers.IntegerLookup(vocabulary=None, max_tokens=4, output_mode="multi_hot")
    lookup.adapt(np.array([1, 2, 3]))
    layers = [keras.Input((2,), dtype="int64"), lookup, parts.Tilt(), keras.layers.Dropout(0.5)]
    model = keras.Sequential([*layers, keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.1), keras.losses.MeanSquaredError())
    if change:
        change(model)
    return model


def key_of(make, **given):
    with random_state.preserved():
        return _fit_job(make, X, y, name="run", **given).key


def key_of_theirs(make):
    data = np.array([[1, 2], [2, 3]]), np.array([1.0, 0.0])
    with random_state.preserved():
        return _fit_job(make, *data, name="run").key


def double(value):
    return value * 2


OURS = {
    "an attribute from the constructor": lambda m: setattr(m.layers[1], "offset", 1.0),
    "another": lambda m: setattr(m.layers[1], "settings", {"power": 2}),
    "inside of one": lambda m: m.layers[1].settings.update(power=2),
    "one from the building": lambda m: setattr(m.layers[1], "width", 3),
    "of a layer of the engine": lambda m: setattr(m.layers[2], "rate", 0.25),
    "of the optimizer": lambda m: setattr(m.optimizer, "momentum", 0.8),
    "its memory": lambda m: m.optimizer.apply(np.ones_like(m.parameters), m.parameters.copy()),
    "of the loss": lambda m: setattr(m.loss, "from_logits", True),
    "a weight": lambda m: m.parameters.__setitem__(0, 1.0),
    "a frozen layer": lambda m: setattr(m.layers[0], "trainable", False),
}
THEIRS = {
    "an attribute": lambda m: setattr(m.layers[1], "tilt", 2.0),
    "a private one": lambda m: setattr(m.layers[1], "_hidden", (2, 1)),
    "a list for a tuple": lambda m: setattr(m.layers[1], "_hidden", [1, 2]),
    "a new one": lambda m: setattr(m.layers[1], "extra", 1),
    "of a layer of Keras": lambda m: setattr(m.layers[2], "rate", 0.25),
    "one that its config doesn't tell": lambda m: setattr(m.layers[3], "lora_alpha", 0.25),
    "a learned vocabulary": lambda m: m.layers[0].set_vocabulary([7, 8, 9]),
    "of the optimizer": lambda m: setattr(m.optimizer, "beta_1", 0.5),
    "of the loss": lambda m: setattr(m.loss, "extra", 1),
    "another optimizer": lambda m: setattr(m, "optimizer", keras.optimizers.SGD(0.1)),
    "a frozen layer": lambda m: setattr(m.layers[3], "trainable", False),
}


@pytest.mark.parametrize("change", OURS.values(), ids=OURS)
def test_what_decides_is_in_the_key_or_refused(change):
    before = key_of(ours)
    with contextlib.suppress(AttributeError, RuntimeError, TypeError, ValueError):  # it's refused
        assert key_of(lambda: ours(change)) != before


@pytest.mark.parametrize("change", THEIRS.values(), ids=THEIRS)
def test_what_decides_in_keras_is_in_the_key(change):
    assert key_of_theirs(lambda: theirs(change)) != key_of_theirs(theirs)


def test_the_same_parts_are_the_same_key():
    assert key_of(ours) == key_of(ours)
    assert key_of_theirs(theirs) == key_of_theirs(theirs)


@pytest.mark.parametrize("owner", [parts.Scale, parts.Tilt])
def test_an_attribute_of_a_class_is_in_the_key(owner, monkeypatch):
    keys = [(key_of(ours), key_of_theirs(theirs))]
    monkeypatch.setattr(owner, "factor", 0.1)
    keys.append((key_of(ours), key_of_theirs(theirs)))
    assert keys[0] != keys[1]


@pytest.mark.parametrize(
    "change",
    [
        lambda m: setattr(m.layers[2], "training_forward", m.layers[2].forward),
        lambda m: setattr(m.layers[1], "forward", lambda X: X),
        lambda m: setattr(m.optimizer, "update", functools.partial(double)),
        lambda m: setattr(m, "gradients", lambda x, y: 0),
    ],
)
def test_a_method_that_was_replaced_is_refused(change):
    with pytest.raises(TypeError, match="is a method and can't be set"):
        key_of(lambda: ours(change))


def test_a_method_of_keras_that_was_replaced_is_refused():
    for change in (
        lambda m: setattr(m.layers[2], "call", lambda x, training: x),
        lambda m: setattr(m.layers[1], "call", m.layers[3].call),
    ):
        with pytest.raises(TypeError, match=r"has no name|bound to"):
            key_of_theirs(functools.partial(theirs, change))


def test_what_a_pass_leaves_behind_is_not_in_the_key():
    """A model that trained and one that was restored are one: what a step leaves is gone at the next."""
    model = ours()
    before = key_of(lambda: model)
    model.predict(X)
    assert key_of(lambda: model) == before


def pictures():
    layers = [
        nn.Reshape((4, 4, 1)), nn.Conv2D(2, 2, padding="same", activation=nn.ELU(0.5)),
        nn.BatchNormalization(),
        nn.MaxPooling2D(), nn.AveragePooling2D(1), nn.Activation("silu"), nn.Dropout(0.5),
        nn.GlobalAveragePooling2D(), nn.Dense(3, kernel_regularizer=nn.L2(0.1)), nn.Activation("softmax"),
    ]  # fmt: skip
    model = nn.Sequential([nn.Input((16,)), *layers])
    rate = nn.ExponentialDecay(0.1, 10, 0.5)
    model.compile(nn.AdamW(rate), nn.CategoricalCrossentropy(), metrics=["accuracy", "recall"])
    return model


def test_layers_of_every_kind_can_be_told_restored_and_used():
    model, x, y = pictures(), np.random.default_rng(0).normal(size=(20, 16)), np.eye(3)[y_of(20)]
    assert {type(layer).__name__ for layer in model.layers} >= {"Conv2D", "MaxPooling2D"}
    made, again = (runs.fit(pictures, x, y, name="pictures", epochs=2) for _ in range(2))
    assert (made.restored, again.restored) == (False, True)
    assert made.evaluate(x, y) == again.evaluate(x, y)
    assert np.array_equal(made.model.predict(x), again.model.predict(x))
    further = [runs.fit(run.model, x, y, name="further") for run in (made, again)]
    assert further[0].key == further[1].key


def y_of(m):
    return np.random.default_rng(1).integers(3, size=m)


def test_a_state_that_no_record_holds_is_refused():
    with pytest.raises(TypeError, match="Counting has other attributes after training"):
        runs.fit(functools.partial(ours, middle=parts.Counting), X, y, name="run")


def test_the_code_that_a_layer_holds_is_in_the_key():
    with random_state.preserved():
        inputs = _fit_job(ours, X, y, name="run").inputs
    assert "tests.runs.parts" in inputs["code"]["modules"]
    assert "groundup.nn.initializers" in inputs["code"]["modules"]


def test_the_code_that_trains_is_in_the_key():
    with random_state.preserved():
        modules = _fit_job(ours, X, y, name="run").inputs["code"]["modules"]
    assert {f"groundup.nn.{part}" for part in ("model", "network", "callbacks")} <= modules.keys()
