"""A Keras network that is written for a live figure computes there what it computes here."""

import base64
import dataclasses
import importlib
import json

import keras
import numpy as np
import pytest
from keras import layers

from groundup import data, nn, page


def network(*parts) -> keras.Model:
    """Of these layers; every variable is moved off its start."""
    model = keras.Sequential([keras.Input((12, 12, 2)), *parts])
    rng = np.random.default_rng(0)
    for variable in model.variables:
        if "seed" not in variable.name:
            value = np.array(variable)
            moved = value + 0.3 * rng.normal(size=value.shape)
            variable.assign(np.abs(moved) if "variance" in variable.name else moved)
    return model


@pytest.fixture
def live(tmp_path, monkeypatch):
    """The folder of live figures beside a chapter's."""
    folder = tmp_path / "_assets" / "live"
    folder.mkdir(parents=True)
    (tmp_path / "chapters").mkdir()
    monkeypatch.chdir(tmp_path / "chapters")
    return folder


def read(path) -> tuple[str, dict, np.ndarray]:
    """What a file says: the figure's name, what is said of the network, and its numbers."""
    call = path.read_text().strip().removeprefix("groundup.live.weights(").removesuffix(");")
    name, facts, text = json.loads(f"[{call}]")
    return name, facts, np.frombuffer(base64.b64decode(text), "<f2").astype("float64")


def answer(facts: dict, numbers: np.ndarray, X: np.ndarray) -> np.ndarray:
    """What a figure computes of it, by the engine."""
    for told in facts["layers"]:
        if "pool" in told:
            pool, side = told["pool"], X.shape[1] // told["pool"]
            X = X[:, : side * pool, : side * pool]
            X = X.reshape(-1, side, pool, side, pool, X.shape[-1]).max(axis=(2, 4))
            continue
        height, width, depth, filters = told["shape"]
        assert height == width
        W, b, numbers = np.split(
            numbers, [np.prod(told["shape"]), np.prod(told["shape"]) + filters]
        )
        layer = nn.Conv2D(
            filters,
            height,
            padding="same" if told["same"] else "valid",
            activation=told["activation"],
        )
        model = nn.Sequential([nn.Input((*X.shape[1:3], depth)), layer])
        model.set_weights([W.reshape(told["shape"]), b])
        X = model.predict(X)
    assert not numbers.size
    return X[:, 0, 0]


NETWORKS = {
    "as in the book": [
        layers.Conv2D(5, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(4, 3, padding="same", activation="tanh"),
        layers.Flatten(),
        layers.Dropout(0.5),
        layers.Dense(6, activation="relu"),
        layers.Dense(3, activation="softmax"),
    ],
    "normalized": [
        layers.Conv2D(5, 3, padding="same", use_bias=False),
        layers.BatchNormalization(),
        layers.Activation("relu"),
        layers.MaxPooling2D(3),
        layers.Conv2D(4, 2),
        layers.BatchNormalization(scale=False),
        layers.ReLU(),
        layers.Flatten(),
        layers.Dense(6),
        layers.BatchNormalization(center=False),
        layers.Activation("sigmoid"),
        layers.Dense(3),
    ],
}


@pytest.mark.parametrize("name", NETWORKS)
def test_what_is_written_computes_what_keras_computes(live, name):
    model = network(*NETWORKS[name])
    page.weights("digits", model, data.load("mnist"))
    said, facts, numbers = read(live / "digits.weights.js")
    assert said == "digits"
    assert facts["note"] == "trained on a stand-in"
    X = np.random.default_rng(1).random((20, 12, 12, 2)).astype("float32")
    expected = model.predict(X, verbose=0)
    assert np.ptp(expected) > 0.1
    assert answer(facts, numbers, X) == pytest.approx(expected, abs=0.01 * float(np.ptp(expected)))


def of_symbols(*parts) -> nn.Sequential:
    """A network of the engine that reads windows of seven symbols; every array is moved off its start."""
    model = nn.Sequential([nn.Input((7,)), *parts])
    rng = np.random.default_rng(0)
    model.set_weights([w + 0.3 * rng.normal(size=w.shape) for w in model.get_weights()])
    return model


def test_a_network_that_writes_computes_what_the_engine_computes(live):
    model = of_symbols(
        nn.Embedding(5, 3),
        nn.LSTM(4, return_sequences=True),
        nn.Dropout(0.5),
        nn.Dense(5, "softmax"),
    )
    page.weights("writing", model, data.load("shakespeare"))
    said, facts, numbers = read(live / "writing.weights.js")
    assert said == "writing"
    assert facts == {
        "layers": [{"embedding": [5, 3]}, {"lstm": [3, 4]}, {"dense": [4, 5]}],
        "note": "trained on a stand-in",
    }
    E, W, U, b, V, c = np.split(numbers, np.cumsum([15, 48, 64, 16, 20]))
    h = s = np.zeros(4)
    x = np.random.default_rng(1).integers(5, size=7)
    for n in x:  # the gates stand in the order i, f, g, o
        i, f, g, o = np.split(E.reshape(5, 3)[n] @ W.reshape(3, 16) + h @ U.reshape(4, 16) + b, 4)
        i, f, o = (1 / (1 + np.exp(-z)) for z in (i, f, o))
        s = f * s + i * np.tanh(g)
        h = o * np.tanh(s)
    z = h @ V.reshape(4, 5) + c
    p = np.exp(z) / np.exp(z).sum()
    assert p == pytest.approx(model.predict(x[None])[0, -1], abs=2e-3)


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ([nn.Embedding(5, 3), nn.GRU(4, return_sequences=True), nn.Dense(5, "softmax")], "GRU"),
        ([nn.Embedding(5, 3), nn.LSTM(4), nn.Dense(5, "softmax")], "LSTM"),
        ([nn.Embedding(5, 3), nn.LSTM(4, return_sequences=True), nn.Dense(5)], "Dense"),
        (
            [
                nn.Embedding(5, 3),
                nn.LSTM(4, return_sequences=True, use_bias=False),
                nn.Dense(5, "softmax"),
            ],
            "LSTM",
        ),
    ],
)
def test_what_cannot_write_is_refused(live, parts, said):
    with pytest.raises(ValueError, match=f"a live figure expected.*{said}"):
        page.weights("writing", of_symbols(*parts))
    assert not any(live.iterdir())


def test_of_the_original_nothing_is_noted_and_without_a_book_nothing_written(live, tmp_path):
    model = network(layers.Flatten(), layers.Dense(3))
    original = dataclasses.replace(data.load("mnist"), origin="mirror")
    page.weights("other", model, original)
    assert read(live / "other.weights.js")[1]["note"] == ""
    page.weights("other", model)
    assert read(live / "other.weights.js")[1]["note"] == ""
    (live / "other.weights.js").unlink()
    live.rmdir()
    page.weights("other", model)
    assert not live.exists()


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ([layers.Conv2D(3, 3, strides=2)], "<Conv2D"),
        ([layers.Conv2D(2, 3, groups=2)], "<Conv2D"),
        ([layers.Conv2D(3, 3, dilation_rate=2)], "<Conv2D"),
        ([layers.Conv2D(3, 3, activation="gelu")], "activation"),
        ([layers.Conv2D(3, 3), layers.ReLU(negative_slope=0.1)], "activation"),
        ([layers.MaxPooling2D((2, 3))], "<MaxPooling2D"),
        ([layers.MaxPooling2D(2, strides=1)], "<MaxPooling2D"),
        ([layers.AveragePooling2D(2)], "<AveragePooling2D"),
        ([layers.Dense(3)], "<Dense"),
        ([layers.BatchNormalization()], "<BatchNormalization"),
        ([layers.Conv2D(3, 3, activation="relu"), layers.BatchNormalization()], "<Batch"),
        ([layers.Conv2D(3, 3), layers.MaxPooling2D(), layers.ReLU()], "<ReLU"),
        ([layers.Conv2D(3, 3), layers.LayerNormalization()], "<LayerNormalization"),
    ],
)
def test_what_a_figure_cannot_run_is_refused(live, parts, said):
    with pytest.raises(ValueError, match="a live figure expected"):
        page.weights("digits", network(*parts))
    with pytest.raises(ValueError, match=said):
        page.weights("digits", network(*parts))
    assert not any(live.iterdir())


def test_what_is_too_much_is_refused(live, monkeypatch):
    model = network(layers.Flatten(), layers.Dense(3))
    model.layers[-1].bias.assign([0, 1e5, 0])
    with pytest.raises(ValueError, match="numbers that 16 bits can hold"):
        page.weights("digits", model)
    monkeypatch.setattr(importlib.import_module("groundup.page.weights"), "MOST", 1000)
    model.layers[-1].bias.assign([0, 1, 0])
    with pytest.raises(ValueError, match="expected to take 1,000 bytes, got"):
        page.weights("digits", model)
    assert not any(live.iterdir())


def transformer(mask=True, bias=True, activation="gelu"):
    """A small one of the engine, that reads windows of six symbols."""
    attention = nn.MultiHeadAttention(2, 3, use_bias=bias, use_causal_mask=mask)
    return nn.Sequential([
        nn.Input((6,)),
        nn.Embedding(5, 4),
        nn.Residual([nn.PositionEmbedding(6)]),
        nn.Residual([nn.LayerNormalization(), attention]),
        nn.Residual([nn.Dense(4, activation)]),
        nn.Dense(5, "softmax"),
    ])  # fmt: skip


def test_a_transformer_is_written_part_by_part(live):
    model = transformer()
    page.weights("attention", model)
    _, facts, numbers = read(live / "attention.weights.js")
    kinds = [
        [part["kind"] for part in layer["parts"]] or layer["kind"] for layer in facts["layers"]
    ]
    assert kinds == [
        "Embedding", ["PositionEmbedding"], ["LayerNormalization", "MultiHeadAttention"], ["Dense"],
        "Dense",
    ]  # fmt: skip
    expected = np.concatenate([np.ravel(array) for array in model.get_weights()])
    assert numbers == pytest.approx(expected, rel=1e-3, abs=1e-4)


@pytest.mark.parametrize("change", [{"mask": False}, {"bias": False}, {"activation": "tanh"}])
def test_a_transformer_that_the_figure_cannot_run_is_refused(live, change):
    with pytest.raises(ValueError, match="a live figure expected a network that it can run"):
        page.weights("attention", transformer(**change))
    assert not any(live.iterdir())
