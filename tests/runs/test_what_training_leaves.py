"""A restored model of Keras is all that training left, as far as can be seen; or it isn't remembered."""

import keras
import numpy as np
import pytest
from tests.runs import of_ours, parts

from groundup import runs

X = np.random.default_rng(0).normal(size=(20, 4)).astype("float32")
y = X[:, :1] * 2
classes = np.eye(3, dtype="float32")[np.arange(20) % 3]


def compiled(model, **given):
    model.compile(keras.optimizers.SGD(0.01), **{"loss": "mse"} | given)
    return model


def dense(units=1, *more, **given):
    layers = [keras.Input((4,)), keras.layers.Dense(units), *more]
    return compiled(keras.Sequential(layers), **given)


def seen(model):
    """What a model shows of its training."""
    extra = [getattr(model, name, None) for name in ("steps", "epochs_seen")]
    tracked = [*model.variables, *model.optimizer.variables, *model.metrics_variables]
    return {
        "results": {n: np.array(v).tolist() for n, v in model.get_metrics_result().items()},
        "stopped": model.stop_training,
        "parameters": model.history.params,
        "epochs": model.history.epoch,
        "history": model.history.history,
        "values": [np.array(v).tolist() for v in [*tracked, *filter(None, extra)]],
        "prediction": model.predict(X, verbose=0).tolist(),
    }


STATES = {
    "variables that Keras doesn't track": lambda: dense(1, parts.Steps()),
    "one of a model": lambda: compiled(parts.Tracked()),
    "one of a loss": lambda: dense(loss=parts.Weighted()),
    "a metric by name": lambda: dense(metrics=["mae"]),
    "a metric that is one": lambda: dense(metrics=[keras.metrics.RootMeanSquaredError()]),
}


@pytest.mark.parametrize("make", STATES.values(), ids=STATES)
def test_what_training_leaves_is_brought_back(make):
    callbacks = [keras.callbacks.EarlyStopping("loss", patience=1, min_delta=1e9)]
    found = []
    for restored in (False, True):
        run = runs.fit(make, X, y, name="run", epochs=2, callbacks=callbacks)
        assert run.restored is restored
        on = runs.fit(run.model, X, y, name="on", epochs=1)
        assert on.restored is restored
        again = runs.fit(make, X, y, name="run", epochs=2, callbacks=callbacks)
        found.append((seen(again.model), run.evaluate(X, y), on.history, on.key))
    assert found[0][0]["stopped"]
    assert found[0][0]["parameters"] == {"verbose": 0, "epochs": 2, "steps": 1}
    assert found[0] == found[1]


def test_what_is_seen_at_once_is_what_is_seen_later():
    first, second = (runs.fit(STATES["a metric by name"], X, y, name="run") for _ in range(2))
    assert second.restored
    assert seen(first.model) == seen(second.model)


def test_another_optimizer_is_brought_back_if_it_is_ready():
    def make(ready=True):
        model = parts.Twice()
        model.compile(ready=ready)
        return model

    first, second = (runs.fit(make, X, y, name="run", epochs=2) for _ in range(2))
    assert second.restored
    values = [[np.array(v) for v in run.model.second.variables] for run in (first, second)]
    assert all(map(np.array_equal, *values))
    assert values[0][0] == 2
    with pytest.raises(TypeError, match=r"another optimizer, 'adam.*expected one that is built"):
        runs.fit(lambda: make(False), X, y, name="run")


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        (parts.Counted, "epochs_seen: 0 → "),
        (parts.Weakened, "rate: 0.5 → "),
        (parts.Frozen, "trainable: true → false"),
    ],
)
def test_what_no_variable_holds_has_to_last(kind, what):
    for eager in (False, True):
        with pytest.raises(TypeError, match=f"other attributes after training .*{what}"):
            runs.fit(lambda eager=eager: compiled(kind(), run_eagerly=eager), X, y, name="run")


def test_a_metric_may_have_a_value_for_each_class():
    def make():
        metrics = [keras.metrics.F1Score(average=None)]
        return dense(3, loss="categorical_crossentropy", metrics=metrics)

    found = []
    for restored in (False, True):
        run = runs.fit(make, X, classes, name="run", epochs=2)
        assert run.restored is restored
        assert [len(value) for value in run.history["f1_score"]] == [3, 3]
        on = runs.fit(run.model, X, classes, name="on")
        found.append((run.history, run.model.history.history, on.key))
        found[-1] += (run.evaluate(X, classes),)
    assert found[0] == found[1]
    assert len(found[0][-1]["f1_score"]) == 3


def test_names_that_follow_do_not_tell_what_was_remembered():
    def following():
        return keras.layers.Dense(1).name, keras.Sequential().name, keras.metrics.Mean().name

    names = []
    for _ in range(2):
        keras.utils.clear_session()
        assert runs.fit(dense, X, y, name="run").history
        runs.remember(of_ours.layers, 3, name="layers")
        names.append(following())
    assert names[0] == names[1] == ("dense_1", "sequential_1", "mean")
