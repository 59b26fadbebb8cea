"""Runs are pure functions: what is remembered equals what would be trained, and leaves no trace."""

import functools
import os
import random
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from groundup import nn, runs
from groundup.runs import flags, key
from groundup.runs.store import Store

rng = np.random.default_rng(0)
X = rng.normal(size=(60, 4)).astype("float32")
y = rng.integers(3, size=60)


def make_ours(units=5):
    layers = [nn.Dense(units), nn.BatchNormalization(), nn.Dropout(0.5)]
    model = nn.Sequential([nn.Input((4,)), *layers, nn.Dense(3, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def make_keras(units=5):
    layers = [keras.layers.Dense(units), keras.layers.Dropout(0.5), keras.layers.Dense(3)]
    model = keras.Sequential([keras.Input((4,)), *layers, keras.layers.Softmax()])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


MAKERS = [make_ours, make_keras]
both = pytest.mark.parametrize("make", MAKERS)


def variables(run):
    if isinstance(run.model, nn.Sequential):
        remembered = run.model.optimizer.variables.values()
        return [run.model.parameters, run.model.state, *remembered]
    return [
        keras.ops.convert_to_numpy(v)
        for v in [*run.model.variables, *run.model.optimizer.variables]
    ]


def equal(a, b):
    return len(a) == len(b) and all(np.array_equal(x, z) for x, z in zip(a, b, strict=True))


@both
def test_a_known_run_is_restored_whole(make):
    first, second = (runs.fit(make, X, y, name="run", epochs=3) for _ in range(2))
    assert not first.restored
    assert second.restored
    assert first.key == second.key
    assert first.history == second.history
    assert first.seconds == second.seconds
    assert equal(variables(first), variables(second))
    assert (first.model.predict(X) == second.model.predict(X)).all()


def test_a_restored_keras_model_has_its_history():
    for _ in range(2):
        run = runs.fit(make_keras, X, y, name="run", epochs=3)
    assert run.restored
    assert run.model.history.history == run.history
    assert run.model.history.epoch == [0, 1, 2]


@both
def test_a_run_trains_as_fit_does(make):
    """A model's own fit, after the same seed, comes to the same weights."""
    run = runs.fit(make, X, y, name="run", seed=3, epochs=2)
    nn.set_random_seed(3)
    keras.utils.set_random_seed(3)
    model = make()
    nn.set_random_seed(3)
    keras.utils.set_random_seed(3)
    assert model.fit(X, y, epochs=2, verbose=0).history == run.history
    assert np.array_equal(model.predict(X), run.model.predict(X))


OF_FIT = [
    {"sample_weight": rng.uniform(size=60)},
    {"class_weight": {0: 3.0, 2: 0.5}},
    {"validation_split": 0.4},
    {"validation_data": (X[:9], y[:9], np.arange(9.0)), "validation_batch_size": 4},
    {"initial_epoch": 1},
    {"validation_split": 0.4, "class_weight": {1: 2.0}, "initial_epoch": 1},
]


@both
@pytest.mark.parametrize("given", OF_FIT, ids=str)
def test_with_every_argument_a_run_trains_as_fit_does_and_is_restored(make, given):
    def seeded(function):
        nn.set_random_seed(3)
        keras.utils.set_random_seed(3)
        return function()

    model = seeded(make)
    expected = seeded(lambda: model.fit(X, y, epochs=3, verbose=0, **given)).history
    for restored in (False, True):
        run = runs.fit(make, X, y, name="run", seed=3, epochs=3, **given)
        assert run.restored is restored
        assert run.history == expected
        assert np.array_equal(run.predict(X), model.predict(X, verbose=0))
    weights = {"sample_weight": np.arange(60.0)}
    measured = model.evaluate(X, y, return_dict=True, verbose=0, **weights)
    assert [run.evaluate(X, y, **weights) for _ in range(2)] == [measured] * 2
    assert run.evaluate(X, y)["loss"] != measured["loss"]


def test_a_run_of_ours_is_silent_unless_it_is_to_speak(capsys):
    first = runs.fit(make_ours, X, y, name="run", epochs=2)
    first.evaluate(X, y)
    first.predict(X)
    runs.fit_all([functools.partial(runs.fit, make_ours, X, y, name="other", seed=1)])
    assert capsys.readouterr().out == ""
    assert runs.fit(make_ours, X, y, name="run", epochs=2, verbose=2).restored
    runs.fit(make_ours, X, y, name="new", seed=2, verbose=2)
    assert capsys.readouterr().out.startswith("Epoch 1/1 - ")


def test_an_argument_that_fit_lacks_is_refused_with_what_there_is():
    with pytest.raises(TypeError, match="no argument 'steps_per_epoch': an epoch takes every"):
        runs.fit(make_ours, X, y, name="run", steps_per_epoch=2)


def draw():
    """A number from every global generator, and a model's initial weights."""
    layer = keras.layers.Dense(2)
    layer.build((None, 2))
    return [
        random.random(),
        np.random.random(),
        nn.random.generator.random(),
        float(keras.random.normal(())),
        float(tf.random.normal(())),
        keras.ops.convert_to_numpy(layer.kernel).tolist(),
    ]


@both
def test_hit_or_miss_the_random_state_is_left_as_found(make):
    def seeded():
        keras.utils.set_random_seed(11)
        nn.set_random_seed(11)
        return draw()

    first = seeded()
    expected = draw()
    for restored in (False, True):
        assert seeded() == first
        run = runs.fit(make, X, y, name="run", epochs=2)
        assert run.restored is restored
        assert draw() == expected


def test_a_failing_run_leaves_the_random_state_too():
    np.random.seed(0)
    expected = np.random.random()
    np.random.seed(0)
    with pytest.raises(ValueError, match="each of"):
        runs.fit(make_ours, X, y[:5], name="run")
    assert np.random.random() == expected


@both
def test_the_same_chapter_code_has_the_same_keys(make):
    """Whatever was made before in the process, and whatever names Keras gave it."""

    def chapter():
        keras.utils.set_random_seed(5)
        nn.set_random_seed(5)
        model = make()
        first = runs.fit(model, X, y, name="first", epochs=1)
        second = runs.fit(model, X, y, name="second", epochs=1)
        return [first.key, second.key, runs.fit(make, X, y, name="third").key]

    keys = chapter()
    make()
    assert chapter() == keys
    assert len(set(keys)) == 3


@both
def test_fit_continued_after_a_restored_run_is_the_unbroken_one(make):
    def two_fits():
        model = runs.fit(make, X, y, name="first", epochs=2).model
        return runs.fit(model, X, y, name="second", epochs=2)

    unbroken = two_fits()
    Store().path(unbroken.key).unlink()
    continued = two_fits()
    assert not continued.restored
    assert continued.key == unbroken.key
    assert continued.history == unbroken.history
    assert equal(variables(continued), variables(unbroken))


@both
@pytest.mark.parametrize(
    "change",
    [
        {"seed": 1},
        {"epochs": 2},
        {"batch_size": 10},
        {"shuffle": False},
        {"validation_data": (X[:5], y[:5])},
        {"x": X + 1},
        {"x": X.astype("float64")},
        {"y": y[::-1]},
        {"units": 6},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_decides_the_result_changes_the_key(make, change):
    given = {"x": X, "y": y, "seed": 0, "units": 5, **change}
    x, targets, units = given.pop("x"), given.pop("y"), given.pop("units")
    key = runs.fit(make, X, y, name="run").key
    assert runs.fit(lambda: make(units), x, targets, name="run", **given).key != key


@both
def test_what_does_not_decide_the_result_does_not(make):
    run = runs.fit(make, X, y, name="run")
    again = runs.fit(lambda: make(5), X.copy(), y.copy(), name="another name", epochs=1)
    assert again.restored
    assert again.key == run.key
    assert runs.fit(make, X, y, name="run", verbose=2).key == run.key


@pytest.mark.parametrize(
    "compiled",
    [
        {"optimizer": "sgd"},
        {"optimizer": keras.optimizers.Adam(0.01)},
        {"loss": keras.losses.SparseCategoricalCrossentropy(ignore_class=0)},
        {"metrics": []},
        {"jit_compile": True},
    ],
    ids=lambda compiled: next(iter(compiled)),
)
def test_how_a_keras_model_is_compiled_changes_the_key(compiled):
    def make():
        model = make_keras()
        model.compile(**{"optimizer": "adam", "loss": "sparse_categorical_crossentropy",
                         "metrics": ["accuracy"], **compiled})  # fmt: skip
        return model

    keys = {runs.fit(make, X, y, name="run").key, runs.fit(make_keras, X, y, name="run").key}
    assert len(keys) == 2


def keras_with(**dense):
    def make():
        layers = [keras.Input((4,)), keras.layers.Dense(5, **dense)]
        model = keras.Sequential(
            [*layers, keras.layers.Dense(3, activation="softmax", name="last")]
        )
        model.compile("adam", "sparse_categorical_crossentropy")
        return model

    return make


class Doubling(keras.initializers.Initializer):
    """An initializer of ours, in a module."""

    def __call__(self, shape, dtype=None):
        return keras.ops.ones(shape, dtype) * 2


def local_activation():
    def double(x):
        return 2 * x

    return double


def test_code_of_a_notebook_inside_a_layer_is_refused():
    with pytest.raises(TypeError, match="is defined inside a notebook or a function"):
        runs.fit(keras_with(activation=local_activation()), X, y, name="run")


def test_code_of_ours_inside_a_layer_counts():
    run = runs.fit(keras_with(kernel_initializer=Doubling()), X, y, name="run")
    assert Doubling.__module__ in Store().get(run.key).inputs["code"]["modules"]


@pytest.mark.parametrize("name", ["relu", "dense", "mse"])
def test_a_layers_name_is_not_taken_for_what_it_does(name):
    keys = {
        runs.fit(keras_with(activation=activation, name=name), X, y, name="run").key
        for activation in ("relu", "tanh")
    }
    assert len(keys) == 2


def test_names_that_keras_numbers_do_not_count():
    def make():
        inputs = keras.Input((4,))
        hidden = keras.ops.tanh(keras.layers.Dense(3)(inputs))
        outputs = keras.layers.Softmax()(hidden + keras.layers.ELU()(hidden))
        model = keras.Model(inputs, outputs)
        model.compile("adam", "sparse_categorical_crossentropy")
        return model

    assert runs.fit(make, X, y, name="run").key == runs.fit(make, X, y, name="run").key


def test_a_model_of_a_class_of_its_own_is_refused():
    class Own(keras.Sequential):
        pass

    def make():
        model = Own([keras.Input((4,)), keras.layers.Dense(3)])
        model.compile("adam", "mse")
        return model

    with pytest.raises(TypeError, match="expected a class or function of a module"):
        runs.fit(make, X, y, name="run")


def test_keras_settings_change_the_key():
    def key():
        return runs.fit(make_keras, X, y, name="run").key

    before, epsilon = key(), keras.config.epsilon()
    try:
        keras.config.set_epsilon(0.2)
        assert key() != before
    finally:
        keras.config.set_epsilon(epsilon)
    assert key() == before


def test_a_maker_that_imports_keras_is_seeded(tmp_path):
    """The key is the same whether Keras was imported before or by the maker."""
    program = (
        "{first}\nimport numpy as np\nfrom groundup import runs\n"
        "def make():\n"
        "    import keras\n"
        "    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])\n"
        "    model.compile('sgd', 'mse')\n"
        "    return model\n"
        "print(runs.fit(make, np.ones((4, 2)), np.ones((4, 1)), name='run').key)\n"
    )
    keys = {
        subprocess.run(
            [sys.executable, "-c", program.format(first=first)],
            capture_output=True, text=True, check=True,
        ).stdout
        for first in ("import keras", "")
    }  # fmt: skip
    assert len(keys) == 1


def test_threads_and_flags_change_the_key(monkeypatch):
    keys = {runs.fit(make_keras, X, y, name="run").key}
    for name, value in {"TF_NUM_INTRAOP_THREADS": "7", "XLA_FLAGS": "", "TF_ENABLE_X": "1"}.items():
        for environment in (os.environ, flags._imported):  # as if Python had been started so
            monkeypatch.setitem(environment, name, value)
        keys.add(runs.fit(make_keras, X, y, name="run").key)
    assert len(keys) == 4


kinds = pytest.mark.parametrize(("make", "kind"), [(make_ours, nn), (make_keras, keras.callbacks)])


@kinds
def test_callbacks_change_the_key_and_their_effect_is_restored(make, kind):
    def stop(patience):
        callbacks = [kind.EarlyStopping("loss", patience=patience, min_delta=10)]
        return runs.fit(make, X, y, name="run", epochs=9, callbacks=callbacks)

    one, again, two = stop(1), stop(1), stop(2)
    assert again.model.stop_training
    assert again.restored
    assert one.key == again.key != two.key
    assert len(one.history["loss"]) == len(again.history["loss"]) == 2
    assert len(two.history["loss"]) == 3
    assert again.model.history.history == one.history


@kinds
def test_a_callback_that_served_before_is_as_new(make, kind):
    callback = kind.EarlyStopping("loss", patience=1, min_delta=10)
    arguments = {"name": "run", "epochs": 9, "callbacks": [callback]}
    before = dict(vars(callback))
    first, second = (runs.fit(make, X, y, **arguments) for _ in range(2))
    assert second.restored
    assert first.key == second.key
    assert vars(callback) == before


def test_the_history_of_a_later_fit_counts_on():
    for _ in range(2):
        run = runs.fit(make_keras, X, y, name="run", initial_epoch=2, epochs=5)
    assert run.restored
    assert run.model.history.epoch == [2, 3, 4]


def test_an_unbuilt_model_is_built():
    def make():
        model = keras.Sequential([keras.layers.Dense(3, activation="softmax")])
        model.compile("sgd", "sparse_categorical_crossentropy")
        return model

    first, second = (runs.fit(make, X, y, name="run") for _ in range(2))
    assert second.restored
    assert equal(variables(first), variables(second))


@pytest.mark.parametrize(
    ("model", "arguments", "message"),
    [
        ("model", {}, "expected a Keras model, .* got a str"),
        (lambda: nn.Sequential([nn.Dense(3)]), {}, "compiled"),
        (lambda: keras.Sequential([keras.layers.Dense(3)]), {}, "compiled"),
        (make_keras, {"x": iter([])}, "x is a list_iterator, whose content can't be known"),
        (make_keras, {"x": np.array([None, {}])}, "x holds Python objects"),
        (make_ours, {"callbacks": [nn.ProgbarLogger()]}, "ProgbarLogger may do what"),
        (make_keras, {"callbacks": [keras.callbacks.CSVLogger("log")]}, "CSVLogger may do what"),
        (make_keras, {"x": np.ma.array(X)}, "x is masked"),
        (make_ours, {"epoch": 3}, "epoch"),
        (make_ours, {"seed": 0.5}, "whole number"),
    ],
)
def test_what_is_not_pure_or_not_a_model_is_refused(model, arguments, message):
    x = arguments.pop("x", X)
    with pytest.raises(TypeError, match=message):
        runs.fit(model, x, y, name="run", **arguments)


def test_a_layer_of_a_notebook_is_refused():
    class Local(keras.layers.Layer):
        def call(self, x):
            return x

    def make():
        model = keras.Sequential([keras.Input((4,)), Local(), keras.layers.Dense(3)])
        model.compile("sgd", "mse")
        return model

    with pytest.raises(TypeError, match="Local is defined inside a notebook or a function"):
        runs.fit(make, X, np.zeros((60, 3)), name="run")


@both
def test_training_anew_on_request_compares(make, monkeypatch):
    run = runs.fit(make, X, y, name="run", epochs=2)
    monkeypatch.setenv("GROUNDUP_RETRAIN", run.key)
    again = runs.fit(make, X, y, name="run", epochs=2)
    assert again.history == run.history
    record = Store().get(run.key)
    changed = {name: value.copy() for name, value in record.arrays.items()}
    first = next(value for value in changed.values() if value.dtype == np.float32)
    first.flat[0] = np.nextafter(first.flat[0], np.float32(9))  # by its last bit
    Store().put(type(record)(**{**vars(record), "arrays": changed}))
    with pytest.raises(RuntimeError, match="'run', trained anew, differs from its record"):
        runs.fit(make, X, y, name="run", epochs=2)


class Sequential(nn.Sequential):
    pass


class Dense(nn.Dense):
    pass


def test_a_sequential_of_ones_own_is_refused():
    model = Sequential([nn.Input((4,)), nn.Dense(3, "softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    with pytest.raises(
        TypeError, match=r"an nn.Sequential, got a Sequential: what a class of its own adds"
    ):
        runs.fit(model, X, y, name="run")


def test_a_class_of_the_same_name_has_another_key():
    def make(layer):
        model = nn.Sequential([nn.Input((4,)), layer(3, "softmax")])
        model.compile("sgd", "sparse_categorical_crossentropy")
        return model

    keys = {
        runs.fit(lambda kind=kind: make(kind), X, y, name="run").key for kind in (nn.Dense, Dense)
    }
    assert len(keys) == 2


def test_metrics_and_their_settings_are_in_the_key():
    def make(threshold):
        model = nn.Sequential([nn.Input((4,)), nn.Dense(1, "sigmoid")])
        model.compile("sgd", "mse", metrics=[nn.BinaryAccuracy(threshold=threshold)])
        return model

    runs_ = [runs.fit(lambda t=t: make(t), X, y > 0, name="run") for t in (0.5, 0.1, 0.5)]
    assert runs_[0].key == runs_[2].key != runs_[1].key


def test_an_array_read_the_other_way_round_has_another_key():
    swapped = X.view(X.dtype.newbyteorder())
    assert key.array(X, "x")["dtype"] == "float32"
    assert key.array(X, "x") != key.array(swapped, "x")


def test_lambdas_are_refused_for_two_of_them_have_one_name():
    with pytest.raises(TypeError, match="a lambda has no name to be told by"):
        key.plain(lambda epoch: 0.1, "schedule")


@both
def test_what_a_run_gives_is_remembered(make, monkeypatch):
    run = runs.fit(make, X, y, name="run", epochs=1)
    first = run.evaluate(X, y, batch_size=20)
    assert first == pytest.approx(run.model.evaluate(X, y, batch_size=20, return_dict=True))
    predicted = run.predict(X)
    assert np.array_equal(predicted, run.model.predict(X))
    monkeypatch.setattr(runs.jobs, "_trained", None)  # nothing is computed any more
    assert run.evaluate(X, y, batch_size=20) == first
    assert np.array_equal(run.predict(X), predicted)


@both
def test_other_weights_or_data_are_another_evaluation(make):
    run, trained_on = (runs.fit(make, X, y, name="run", epochs=epochs) for epochs in (1, 2))
    found = [run.evaluate(X, y), trained_on.evaluate(X, y), run.evaluate(X[:30], y[:30])]
    assert len({values["loss"] for values in found}) == 3
    assert run.evaluate(X, y) == found[0]


def test_runs_that_share_a_model_are_refused(monkeypatch):
    """A key that was made before the other run trained would name what never was."""
    monkeypatch.setenv("GROUNDUP_WORKERS", "1")
    model = make_ours()
    calls = [
        functools.partial(runs.fit, lambda: model, X, y, name="shared", epochs=epochs)
        for epochs in (1, 2)
    ]
    with pytest.raises(RuntimeError, match="the run 'shared' has changed since its key was made"):
        runs.fit_all(calls)
    assert [header["history"]["loss"] for header in Store().headers()] != []


def test_many_models_say_nothing_on_the_page(caplog):
    """TensorFlow warns of each function that it traces anew, on the page's output where there is one."""
    for seed in range(7):
        runs.fit(make_keras, X, y, name="run", seed=seed, epochs=1).evaluate(X, y)
    assert [record for record in caplog.records if record.name == "tensorflow"] == []
