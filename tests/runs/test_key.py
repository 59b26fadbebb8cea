"""Each ingredient of a run's key: changing it changes the key, and changing nothing else does."""

import hashlib
import platform
import types

import keras
import numpy as np
import pytest
import tensorflow
from tests.runs.scaling import scaled

from groundup import nn
from groundup.runs import (
    code,
    flags,
    functions,
    keras_parts,
    keras_settings,
    key,
    nn_adapter,
    random_state,
)
from groundup.runs.run import _fit_job, _function_job
from groundup.runs.store import differences

rng = np.random.default_rng(0)
X = rng.normal(size=(20, 4)).astype("float32")
y = rng.integers(3, size=20)


def make_ours(units=5, optimizer="adam"):
    model = nn.Sequential([nn.Input((4,)), nn.Dense(units), nn.Dense(3, activation="softmax")])
    model.compile(optimizer, "sparse_categorical_crossentropy")
    return model


def make_keras(units=5, **compiled):
    layers = [keras.layers.Dense(units), keras.layers.Dense(3, activation="softmax")]
    model = keras.Sequential([keras.Input((4,)), *layers])
    model.compile(**{"optimizer": "adam", "loss": "sparse_categorical_crossentropy"} | compiled)
    return model


def of_fit(make, x=X, targets=y, **given):
    with random_state.preserved():
        return _fit_job(make, x, targets, name="run", **given).inputs


def of_function(*args, **given):
    with random_state.preserved():
        return _function_job(scaled, *args, name="run", **given).inputs


def warmed():
    model = make_ours()
    model.parameters += 0.5
    return model


def warmed_keras():
    model = make_keras()
    model.layers[0].bias.assign(keras.ops.ones(5))
    return model


def frozen():
    model = make_keras()
    model.layers[0].trainable = False
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


def changed_in(thing, attribute, value):
    setattr(thing, attribute, value)
    return thing


def with_a_note():
    model = make_ours()
    vars(model)["note"] = 1
    return model


def without_casting():
    model = make_keras()
    changed_in(model.layers[0], "autocast", False)
    return model


def sgd_without_decay_of_b():
    optimizer = keras.optimizers.Adam(weight_decay=0.1)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    return make_keras(optimizer=optimizer)


def patched(module, name, value):
    def change(monkeypatch):
        monkeypatch.setattr(module, name, value)

    return change


def environment(name, value):
    return lambda monkeypatch: monkeypatch.setenv(name, value)


# By ingredient: how to change it, as arguments or as something done to the process.
OURS = {
    "seed": {"seed": 1},
    "model": {"make": lambda: make_ours(optimizer=nn.Adam(0.1))},
    "variables": {"make": warmed},
    "code": patched(code, "source_digest", lambda module, words=False: "other"),
    "versions": patched(nn_adapter.platform, "python_version_tuple", lambda: ("4", "0", "0")),
    "threads": patched(functions, "blas_threads", lambda: 64),
    "data": {"x": X + 1},
    "arguments": {"batch_size": 7},
    "callbacks": {"callbacks": [nn.EarlyStopping(patience=3)]},
    "attributes": {"make": with_a_note},
}
KERAS = {
    "seed": {"seed": 1},
    "model": {"make": lambda: make_keras(units=6)},
    "compiled": {"make": lambda: make_keras(metrics=["accuracy"])},
    "without_weight_decay": {"make": sgd_without_decay_of_b},
    "jit_compile": {"make": lambda: make_keras(jit_compile=True)},
    "trainable": {"make": frozen},
    "variables": {"make": warmed_keras},
    "code": patched(keras_parts, "found_in", lambda things: [nn.Dense]),
    "versions": patched(keras_settings, "_versions", lambda: {"keras": "4"}),
    "device": patched(keras_settings, "_device", lambda: "gpu"),
    "floatx": patched(keras.config, "floatx", lambda: "float16"),
    "epsilon": patched(keras.config, "epsilon", lambda: 0.5),
    "dtype_policy": patched(
        keras.config, "dtype_policy", lambda: keras.DTypePolicy("mixed_bfloat16")
    ),
    "image_data_format": patched(keras.config, "image_data_format", lambda: "channels_first"),
    "threads": patched(keras_settings, "_threads", lambda: 64),
    "deterministic_operations": patched(
        keras_settings, "_deterministic_operations", lambda: "otherwise"
    ),
    "options": patched(tensorflow.config, "functions_run_eagerly", lambda: True),
    "flags": patched(flags, "taken", lambda names, taken=flags.taken: taken(names) | {"XLA": "2"}),
    "data": {"targets": y[::-1]},
    "arguments": {"class_weight": {0: 2.0, 1: 1.0, 2: 1.0}},
    "callbacks": {"callbacks": [keras.callbacks.EarlyStopping(patience=3)]},
    "optimizer": {"make": lambda: changed_in(make_keras(), "optimizer", keras.optimizers.SGD())},
    "parts": {"make": without_casting},
    "run_eagerly": {"make": lambda: make_keras(run_eagerly=True)},
    "steps_per_execution": {"make": lambda: make_keras(steps_per_execution=5)},
}
FUNCTION = {
    "seed": {"seed": 1},
    "code": patched(code, "source_digest", lambda module, words=False: "other"),
    "versions": patched(functions.versions, "installed", lambda packages: {"numpy": "3"}),
    "threads": patched(functions, "blas_threads", lambda: 64),
    "flags": patched(flags, "taken", lambda names, taken=flags.taken: taken(names) | {"XLA": "2"}),
    "keras": patched(keras.config, "floatx", lambda: "float16"),
    "arguments": {"factor": 3.0},
}
# What follows of necessity when another ingredient changes.
FOLLOWS = {
    "seed": {"variables"},
    "model": {"variables", "code", "parts"},
    "without_weight_decay": {"compiled", "variables", "code", "optimizer", "parts"},
    "optimizer": {"compiled", "variables", "code", "parts"},
    "steps_per_execution": {"compiled"},
    "run_eagerly": {"compiled"},
    "code": {"model", "parts", "compiled", "optimizer"},
    "jit_compile": {"compiled"},
    "flags": {"keras"},
    "threads": {"keras"},
    "trainable": {"variables", "model"},
    "callbacks": {"code"},
    "compiled": {"variables", "code", "parts"},
}
# Constant, or changed by what another process has.
NOT_CHANGED_HERE = {"kind", "device", "function", "backend"}


def changed(kind: str, change, monkeypatch):
    """The inputs before and after."""
    make = {"ours": make_ours, "keras": make_keras}.get(kind)

    def inputs(**given):
        if kind == "function":
            return of_function(X, **given)
        return of_fit(given.pop("make", make), **given)

    before = inputs()
    if isinstance(change, dict):
        return before, inputs(**change)
    change(monkeypatch)
    return before, inputs()


CASES = [
    (kind, name, change)
    for kind, changes in (("ours", OURS), ("keras", KERAS), ("function", FUNCTION))
    for name, change in changes.items()
]


@pytest.mark.parametrize(
    ("kind", "name", "change"), CASES, ids=[f"{kind}-{name}" for kind, name, _ in CASES]
)
def test_an_ingredient_changes_the_key_and_nothing_else_does(kind, name, change, monkeypatch):
    before, after = changed(kind, change, monkeypatch)
    found = {line.partition(":")[0].partition(".")[0] for line in differences(before, after)}
    assert name in found
    assert found <= {name} | FOLLOWS.get(name, set())


@pytest.mark.parametrize(
    ("make", "changes"), [(make_ours, OURS), (make_keras, KERAS)], ids=["ours", "keras"]
)
def test_no_ingredient_is_without_its_test(make, changes):
    assert of_fit(make).keys() - NOT_CHANGED_HERE == changes.keys() - NOT_CHANGED_HERE


def test_no_ingredient_of_a_function_is_without_its_test():
    assert of_function(X).keys() - NOT_CHANGED_HERE == FUNCTION.keys()


@pytest.mark.parametrize(
    ("makes", "given"),
    [
        ("both", {"validation_data": (X[:4], y[:4])}),
        ("both", {"validation_split": 0.5}),
        ("both", {"class_weight": {0: 2.0}}),
        ("both", {"sample_weight": np.ones(20)}),
        ("both", {"initial_epoch": 1}),
        ("both", {"validation_batch_size": 7}),
        ("keras", {"steps_per_epoch": 2}),
        ("both", {"epochs": 3}),
        ("both", {"batch_size": 3}),
        ("both", {"shuffle": False}),
    ],
    ids=str,
)
def test_every_argument_of_fit_counts(makes, given):
    for make in [make_keras] if makes == "keras" else [make_ours, make_keras]:
        (line,) = differences(of_fit(make), of_fit(make, **given))
        assert line.startswith("arguments." + next(iter(given)))


def test_no_argument_of_fit_is_without_its_test():
    arguments = of_fit(make_ours)["arguments"]
    counted = test_every_argument_of_fit_counts.pytestmark[0].args[1]
    assert arguments.keys() == {n for makes, given in counted if makes == "both" for n in given}


@pytest.mark.parametrize(
    ("values", "others"),
    [
        ({"sample_weight": np.ones(20)}, {"sample_weight": np.full(20, 2.0)}),
        ({"class_weight": {0: 2.0}}, {"class_weight": {1: 2.0}}),
        ({"class_weight": {0: 2.0}}, {"class_weight": {0: 3.0}}),
        ({"validation_data": (X, y)}, {"validation_data": (X, y, np.ones(20))}),
    ],
)
def test_what_weights_are_counts(values, others):
    lines = differences(of_fit(make_ours, **values), of_fit(make_ours, **others))
    assert {line.startswith("arguments." + next(iter(values))) for line in lines} == {True}


def with_smoothing(smoothing):
    model = nn.Sequential([nn.Input((4,)), nn.Dense(3, "softmax")])
    model.compile("sgd", nn.CategoricalCrossentropy(label_smoothing=smoothing))
    return model


@pytest.mark.parametrize("clipping", ["clipnorm", "clipvalue", "global_clipnorm"])
def test_clipping_counts(clipping):
    keys = [
        of_fit(lambda given=given: make_ours(optimizer=nn.SGD(**given)))["model"]
        for given in ({}, {clipping: 1.0}, {clipping: 2.0})
    ]
    assert keys[0] != keys[1] != keys[2]


def test_smoothing_of_labels_counts():
    hot = np.eye(3)[y]
    assert differences(
        of_fit(lambda: with_smoothing(0.0), targets=hot),
        of_fit(lambda: with_smoothing(0.1), targets=hot),
    )


@pytest.mark.parametrize(
    "inputs",
    [lambda: of_fit(make_ours), lambda: of_fit(make_keras), lambda: of_function(X)],
    ids=["ours", "keras", "function"],
)
def test_the_next_python_is_another_and_its_next_correction_is_not(inputs, monkeypatch):
    before = inputs()
    major, minor, correction = map(int, platform.python_version_tuple())
    for version, said in [
        ((major, minor, correction + 1), set()),
        ((major, minor + 1, 0), {f"versions.python: {major}.{minor} → {major}.{minor + 1}"}),
        ((major + 1, minor, 0), {f"versions.python: {major}.{minor} → {major + 1}.{minor}"}),
    ]:
        monkeypatch.setattr(
            platform, "python_version_tuple", lambda version=version: tuple(map(str, version))
        )
        found = {line.removeprefix("keras.") for line in differences(before, inputs())}
        assert found == said


@pytest.mark.parametrize(
    ("library", "change"),
    [
        ("numpy", patched(np, "__version__", "9.0")),
        ("scipy", patched(nn_adapter.versions, "of", {"scipy": "9.0"}.get)),
        ("numba", patched(nn_adapter, "fused", types.SimpleNamespace(compiler=lambda: "9.0"))),
    ],
)
def test_each_library_that_the_engine_computes_with_counts(library, change, monkeypatch):
    before, after = changed("ours", change, monkeypatch)
    (line,) = differences(before, after)
    assert line.startswith(f"versions.{library}: ")
    assert line.endswith(" → 9.0")


def test_whether_the_engine_computes_by_compiled_forms_counts(monkeypatch):
    """It changes rounding. What the forms are counts with the code; of a function that has nothing to do
    with the engine neither does."""
    monkeypatch.setenv("GROUNDUP_FUSED", "1")
    before, after = changed("ours", environment("GROUNDUP_FUSED", "0"), monkeypatch)
    (line,) = differences(before, after)
    assert line.startswith("versions.numba: ")
    assert line.endswith(" → null")
    assert "groundup.nn.fused.dense" in before["code"]["modules"]
    assert "groundup.nn.fused.pooling" not in before["code"]["modules"]
    for function, said in ((of_the_engine, ["fused: 1 → 0"]), (scaled, [])):
        monkeypatch.setenv("GROUNDUP_FUSED", "1")
        before = functions.describe(function)
        monkeypatch.setenv("GROUNDUP_FUSED", "0")
        assert differences(before, functions.describe(function)) == said


def of_the_engine(x):
    return nn.Sigmoid().forward(x)


@pytest.mark.parametrize(
    "flag",
    ["TF_ENABLE_ONEDNN_OPTS", "TF_NUM_INTRAOP_THREADS", "TF_XLA_FLAGS", "XLA_FLAGS"],
)
def test_each_flag_that_libraries_read_counts(flag, monkeypatch):
    """As it was when TensorFlow was imported."""
    monkeypatch.delenv(flag, raising=False)
    monkeypatch.delitem(flags._imported, flag, raising=False)
    before = of_fit(make_keras), of_function(X)
    monkeypatch.setenv(flag, "7")
    monkeypatch.setitem(flags._imported, flag, "7")
    (line,) = differences(before[0], of_fit(make_keras))
    assert line.startswith(("threads: ", f"flags.{flag}: null"))
    assert line.endswith(" → 7")
    assert f"flags.{flag}: null → 7" in differences(before[1], of_function(X))


def test_schedules_count():
    decays = [
        of_fit(
            lambda rate=rate: make_keras(
                optimizer=keras.optimizers.SGD(
                    keras.optimizers.schedules.ExponentialDecay(0.1, 10, rate)
                )
            )
        )
        for rate in (0.5, 0.9)
    ]
    assert any("decay_rate: 0.5 → 0.9" in line for line in differences(*decays))


def test_a_content_is_digested_once_and_looked_at_every_time(monkeypatch):
    values = np.random.default_rng(0).normal(size=100_000)
    first = key.plain(values, "data")
    assert first["sha256"] == hashlib.sha256(values.tobytes()).hexdigest()
    monkeypatch.setattr(hashlib, "sha256", None)  # nothing is digested any more
    assert key.plain(values.copy(), "data") == first
    assert key.plain(values[::-1][::-1], "data") == first
    monkeypatch.undo()
    values[-1] += 1e-9
    assert key.plain(values, "data") != first
    assert key.plain(values[:-1], "data") != first


def test_a_difference_says_what_was_and_what_is():
    before = {"optimizer": ["SGD", {"learning_rate": 0.1}], "gone": 1, "data": "a" * 64}
    after = {"optimizer": ["SGD", {"learning_rate": 0.05}], "new": [1], "data": "b" * 64}
    assert differences(before, after) == [
        "optimizer.1.learning_rate: 0.1 → 0.05",
        "gone: 1 → (nothing)",
        "data: aaaaaaaa → bbbbbbbb",
        "new: (nothing) → [1]",
    ]
    assert differences(before, before) == []
