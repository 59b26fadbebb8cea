"""Functions that are remembered, models of classes of their own, data that flow, several runs at once."""

import functools
import os
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
import threadpoolctl
from tests.runs import of_ours, scaling

from groundup import nn, runs
from groundup.runs import progress, slots
from groundup.runs.store import Store

rng = np.random.default_rng(0)
X = rng.normal(size=(40, 4)).astype("float32")
y = rng.integers(3, size=40)
partial = functools.partial


def make_ours(rate=0.1):
    model = nn.Sequential([nn.Dense(5), nn.Dense(3, activation="softmax")])
    model.compile(nn.SGD(rate), "sparse_categorical_crossentropy")
    return model


def make_keras():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


def make_scaled(scale=2.0):
    model = of_ours.Scaled(scale=scale)
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


# Functions


def test_a_function_is_called_once_and_its_result_is_the_same_hit_or_miss():
    of_ours.calls().clear()
    first, second = (
        runs.remember(of_ours.walk, np.zeros(2), 4, name="walk", width=0.5) for _ in range(2)
    )
    assert of_ours.calls() == ["walk"]
    assert [first.restored, second.restored] == [False, True]
    assert first.key == second.key
    assert first.seconds == second.seconds
    for result in (first.result, second.result):
        assert result["path"].shape == (5, 2)
        assert result["last"][1:] == (None, "text")
        assert isinstance(result["last"], tuple)
        assert result["steps"] == [4]
    assert (first.result["path"] == second.result["path"]).all()


@pytest.mark.parametrize("change", [{"seed": 1}, {"steps": 5}, {"width": 2.0}], ids=str)
def test_what_decides_a_functions_result_changes_its_key(change):
    first = runs.remember(of_ours.walk, np.zeros(2), name="walk")
    assert runs.remember(of_ours.walk, np.zeros(2), name="walk", **change).key != first.key


@pytest.mark.parametrize(
    ("asked", "anew"),
    [
        ("{key}", True), ("{six}", True), ("abcdef, {six}", True), (" {six} , abcdef", True),
        ("", False), (",", False), ("abcdef", False), ("{inner}", False), ("{five}", False),
    ],
)  # fmt: skip
def test_it_is_made_anew_for_its_key_or_six_first_digits_of_it(asked, anew, monkeypatch):
    """Of several there are commas between, and spaces if somebody likes them."""
    key = runs.remember(of_ours.walk, np.zeros(2), name="walk").key
    parts = {"key": key, "six": key[:6], "five": key[:5], "inner": key[1:]}
    monkeypatch.setenv("GROUNDUP_RETRAIN", asked.format(**parts))
    of_ours.calls().clear()
    assert runs.remember(of_ours.walk, np.zeros(2), name="walk").restored != anew
    assert of_ours.calls() == ["walk"] * anew


def test_every_global_generator_begins_with_the_seed():
    """With its 32 bits, and none of them lost."""
    seeds = [0, 1, 2**16, 2**16 + 1, 2**31, 2**32 - 1]
    drawn = [runs.remember(of_ours.drawn, name="drawn", seed=seed).result for seed in seeds]
    for numbers in zip(*drawn, strict=True):
        assert len(set(numbers)) == len(seeds)
    for path in Store().folder.glob("*.safetensors"):
        path.unlink()
    again = [runs.remember(of_ours.drawn, name="drawn", seed=seed).result for seed in seeds]
    assert again == drawn


@pytest.mark.parametrize("function", [scaling.with_a_generator_of_its_own, scaling.counting])
def test_a_function_that_leaves_its_module_as_another_is_refused(function):
    with pytest.raises(TypeError, match=r"changes what its module holds \(tests.runs.scaling.\w+"):
        runs.remember(function, name="stateful")
    assert not [*Store().headers()]


def test_a_default_by_name_is_in_the_key():
    keys = {runs.remember(of_ours.raised, 3.0, name="raised", power=power).key for power in (2, 3)}
    assert len(keys) == 2
    assert runs.remember(of_ours.raised, 3.0, name="raised").key in keys


def test_a_function_leaves_the_random_state_as_it_was():
    np.random.seed(3)
    expected = np.random.random()
    np.random.seed(3)
    runs.remember(of_ours.walk, np.zeros(2), name="walk")
    assert np.random.random() == expected


@pytest.mark.parametrize(
    ("function", "argument", "message"),
    [
        (lambda x: x, X, "a lambda has no name"),
        (of_ours.spoil, X.copy(), "spoil changes its arguments"),
        (of_ours.rename, [1], "rename changes its arguments"),
        (of_ours.model_of, X, "the result is a"),
        (of_ours.walk, object(), "start is a object"),
        (of_ours.seeded, X, "seeded has an argument 'seed'"),
        (of_ours.words, X, r"the result\[0\] is an array of <U4"),
        (of_ours.Scaled, X, "expected a function"),
        (partial(of_ours.walk, X), 1, "expected a function"),
    ],
    ids=["lambda", "changes", "type", "result", "argument", "seed", "words", "class", "partial"],
)
def test_what_is_no_pure_function_is_refused(function, argument, message):
    with pytest.raises(TypeError, match=message):
        runs.remember(function, argument, name="refused")
    assert not list(Store().headers())


def test_an_argument_that_is_left_out_is_its_default():
    first = runs.remember(of_ours.walk, np.zeros(2), name="walk")
    assert runs.remember(of_ours.walk, start=np.zeros(2), steps=3, name="walk").key == first.key


def test_names_in_arguments_are_not_taken_for_others():
    keys = {runs.remember(of_ours.count, table, name="n").key for table in ({1: 2}, {"1": 2})}
    assert len(keys) == 2


def test_a_result_has_its_order_and_its_kinds_again():
    first, second = (runs.remember(of_ours.count, {}, name="count").result for _ in range(2))
    for result in (first, second):
        assert list(result) == ["z", "a", "m"]
        assert [type(value) for value in result.values()] == [float, int, np.ndarray]
        assert result["m"].dtype == np.float64


@pytest.mark.parametrize("name", [None, "", 7, b"run"], ids=repr)
def test_a_name_is_a_string(name):
    for call in (partial(runs.fit, make_ours, X, y), partial(runs.remember, of_ours.walk, 1)):
        with pytest.raises(TypeError, match="expected a string as the run's name"):
            call(name=name)


@pytest.mark.parametrize("seed", [None, 1.5, -1, 2**32, "1"], ids=repr)
def test_a_seed_is_a_whole_number(seed):
    with pytest.raises((TypeError, ValueError), match="expected a whole number from 0 to"):
        runs.fit(make_ours, X, y, name="run", seed=seed)


# Models of classes of their own


def test_a_model_of_a_class_of_a_module_is_remembered():
    first, second = (runs.fit(make_scaled, X, y, name="scaled", epochs=2) for _ in range(2))
    assert [first.restored, second.restored] == [False, True]
    for a, b in zip(first.model.variables, second.model.variables, strict=True):
        assert (keras.ops.convert_to_numpy(a) == keras.ops.convert_to_numpy(b)).all()
    assert second.model.predict(X, verbose=0).shape == (40, 3)


def test_its_arguments_and_its_attributes_are_in_the_key():
    def set_by_hand():
        model = make_scaled()
        model.tilt = 3
        return model

    makers = [make_scaled, lambda: make_scaled(3.0), set_by_hand]
    keys = {runs.fit(make, X, y, name="scaled").key for make in makers}
    assert len(keys) == 3


def test_one_that_trained_before_goes_on():
    def twice():
        model = runs.fit(make_scaled, X, y, name="first").model
        return runs.fit(model, X, y, name="second")

    first, second = twice(), twice()
    assert [first.restored, second.restored] == [False, True]
    assert first.key == second.key


def odd_attribute():
    model = make_scaled()
    model.odd = object()
    return model


@pytest.mark.parametrize(
    ("make", "message"), [(odd_attribute, r"Scaled\.odd is a object")], ids=["attribute"]
)
def test_what_a_model_keeps_that_cannot_be_told_is_refused(make, message):
    with pytest.raises(TypeError, match=message):
        runs.fit(make, X, y, name="refused")


# Data that flow


def flow():
    return tf.data.Dataset.from_tensor_slices((X, y)).batch(10)


def test_data_that_flow_are_refused_unless_it_is_said_what_they_are():
    with pytest.raises(TypeError, match="whose content can't be known beforehand"):
        runs.fit(make_keras, flow(), name="flow")
    fit = partial(runs.fit, make_keras, name="flow", shuffle=False)
    first, second = (fit(flow(), content="v1") for _ in range(2))
    assert [first.restored, second.restored] == [False, True]
    assert fit(flow(), content="v2").key != first.key
    with_validation = fit(flow(), content="v1", validation_data=flow())
    assert with_validation.key != first.key


def test_arrays_need_not_be_said_what_they_are():
    with pytest.raises(TypeError, match="content is for data that can't be looked through"):
        runs.fit(make_keras, X, y, name="arrays", content="v1")


# Side by side


@pytest.mark.parametrize("make", [make_ours, make_keras])
def test_runs_side_by_side_are_those_one_after_the_other(make, monkeypatch, tmp_path):
    calls = [partial(runs.fit, make, X, y, name="run", seed=seed, epochs=2) for seed in range(3)]
    monkeypatch.setenv("GROUNDUP_WORKERS", "2")
    together = runs.fit_all(calls)
    assert not any(run.restored for run in together)
    assert len(list(Store().headers())) == 3
    monkeypatch.setenv("GROUNDUP_RUNS", str(tmp_path / "other"))
    apart = [call() for call in calls]
    for a, b in zip(together, apart, strict=True):
        assert not b.restored
        assert (a.key, a.history) == (b.key, b.history)
    assert all(run.restored for run in runs.fit_all(calls))


def test_a_model_that_is_there_already_can_go_elsewhere(monkeypatch):
    monkeypatch.setenv("GROUNDUP_WORKERS", "2")
    models = [make_keras(), make_ours()]
    calls = [partial(runs.fit, model, X, y, name="run", epochs=2) for model in models]
    found = runs.fit_all(calls)
    assert [run.model for run in found] == models
    assert [run.provenance["started"] for run in runs.fit_all(calls)]


def test_functions_side_by_side(monkeypatch):
    """There are as many threads as here, or each run would have another key and be made here again."""
    monkeypatch.setenv("GROUNDUP_WORKERS", "2")
    of_ours.calls().clear()
    with threadpoolctl.threadpool_limits(2):
        found = runs.fit_all(
            [partial(runs.remember, of_ours.walk, np.zeros(2), n, name="walk") for n in (2, 3)]
        )
    assert [len(outcome.result["path"]) for outcome in found] == [3, 4]
    assert of_ours.calls() == []
    threads = {header["key"]: header["inputs"]["threads"] for header in Store().headers()}
    assert threads == {outcome.key: 2 for outcome in found}


def test_large_arrays_go_elsewhere_as_they_are(monkeypatch):
    """joblib would hand them over as files, which are other inputs, and make each run here again."""
    monkeypatch.setenv("GROUNDUP_WORKERS", "2")
    of_ours.calls().clear()
    large = np.zeros(300_000)
    calls = [partial(runs.remember, of_ours.walk, large, n, name="large") for n in (1, 2)]
    assert [len(outcome.result["path"]) for outcome in runs.fit_all(calls)] == [2, 3]
    assert of_ours.calls() == []
    assert len(list(Store().headers())) == 2


def test_runs_that_make_runs_wait_for_no_slot(monkeypatch, tmp_path):
    """As in a build: two slots, of which the chapter holds one and lends its own."""
    for name, value in {
        "GROUNDUP_WORKERS": "2",
        "GROUNDUP_SLOTS": str(tmp_path),
        "GROUNDUP_OWN_SLOT": str(tmp_path / "own.lock"),
    }.items():
        monkeypatch.setenv(name, value)
    chapter = slots.take(slots.shared(tmp_path))
    code = (
        "from functools import partial\nfrom groundup import runs\nfrom tests.runs import of_ours\n"
        "calls = [partial(runs.remember, of_ours.nested, n, name='nested') for n in (1, 2)]\n"
        "print(*(len(outcome.result) for outcome in runs.fit_all(calls)))"
    )
    try:
        found = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=300,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )  # fmt: skip
    finally:
        chapter.release()
    assert found.stdout.split() == ["2", "2"]


def test_one_worker_makes_them_here(monkeypatch):
    monkeypatch.setenv("GROUNDUP_WORKERS", "1")
    of_ours.calls().clear()
    runs.fit_all([partial(runs.remember, of_ours.walk, np.zeros(2), n, name="w") for n in (2, 3)])
    assert of_ours.calls() == ["walk", "walk"]


def test_all_end_before_a_failure_is_raised(monkeypatch):
    monkeypatch.setenv("GROUNDUP_WORKERS", "2")
    data = {"infinite": X * np.inf, "one": X, "none": X * np.nan, "two": 2 * X}
    calls = [partial(runs.fit, make_ours, x, y, name=name) for name, x in data.items()]
    with pytest.raises(ValueError, match="finite") as caught:
        runs.fit_all(calls)
    first, second = caught.value.__notes__
    assert first.startswith("in the run 'infinite', seed 0:\nTraceback")
    assert second.startswith("another run failed too\nin the run 'none', seed 0:\nTraceback")
    assert {header["name"] for header in Store().headers()} == {"one", "two"}


def test_what_diverges_among_others_is_raised_after_all(monkeypatch):
    monkeypatch.setenv("GROUNDUP_WORKERS", "2")
    rates = (1e30, 0.1, 1e31)
    calls = [partial(runs.fit, partial(make_ours, rate), X, y, name=f"{rate}") for rate in rates]
    for _ in range(2):
        with pytest.raises(RuntimeError, match="training diverged") as caught:
            runs.fit_all(calls)
        first, second = caught.value.__notes__
        assert first == "in the run '1e+30', seed 0"
        assert second == "another run failed too\nin the run '1e+31', seed 0"
    assert runs.fit(partial(make_ours, 0.1), X, y, name="alone").restored


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            partial(make_ours, 1),
            r"expected functools\.partial\(runs\.fit.* got a partial at place 0",
        ),
        (lambda: None, r"expected functools\.partial\(runs\.fit.* got a function at place 0"),
        (partial(runs.fit, make_ours, X, y), r"expected a name=… for every run"),
        (partial(runs.fit, make_ours, X, y, name="run", alone=True), "no place in fit_all"),
    ],
    ids=["another function", "no partial", "no name", "alone"],
)
def test_what_cannot_run_side_by_side_is_refused(call, message):
    with pytest.raises(TypeError, match=message):
        runs.fit_all([call])


def test_two_runs_cannot_train_the_same_model(monkeypatch):
    model = make_ours()
    with pytest.raises(TypeError, match="two of these runs were given the same model"):
        runs.fit_all([partial(runs.fit, model, X, y, name="run", seed=n) for n in range(2)])


def test_arguments_may_have_their_names(monkeypatch):
    monkeypatch.setenv("GROUNDUP_WORKERS", "1")
    named = partial(runs.fit, model=make_ours, x=X, y=y, name="run")
    assert runs.fit_all([named, partial(named, seed=1)])[0].key == named().key
    model = make_ours()
    with pytest.raises(TypeError, match="two of these runs were given the same model"):
        runs.fit_all([partial(named, model=model, seed=n) for n in range(2)])


# Alone


def test_a_record_that_was_not_made_alone_is_made_again():
    shared = runs.fit(make_ours, X, y, name="run")
    alone = runs.fit(make_ours, X, y, name="run", alone=True)
    assert not alone.restored
    assert alone.key == shared.key
    assert alone.history == shared.history
    assert alone.provenance["alone"]
    assert runs.fit(make_ours, X, y, name="run", alone=True).restored
    assert runs.fit(make_ours, X, y, name="run").restored


def test_beside_others_a_run_that_is_to_be_alone_is_refused(monkeypatch):
    monkeypatch.setenv("GROUNDUP_ALONE", "0")
    with pytest.raises(RuntimeError, match="write alone=True in the cell itself"):
        runs.fit(make_ours, X, y, name="run", alone=True)
    monkeypatch.setenv("GROUNDUP_ALONE", "1")
    runs.fit(make_ours, X, y, name="run", alone=True)


# What is said on the way


def test_a_miss_says_why():
    runs.fit(make_ours, X, y, name="run", batch_size=10)
    runs.fit(make_ours, X, y, name="run", batch_size=10, seed=7)
    run = runs.fit(make_ours, X, y, name="run", batch_size=20)
    assert run.provenance["why"] == ["arguments.batch_size: 10 → 20"]
    assert runs.fit(make_ours, X, y, name="another").provenance["why"] == []


def test_a_miss_is_held_against_a_run_of_its_own_seed():
    """Where there is one, though one of another seed is newer, and as much like it."""
    walk = partial(runs.remember, of_ours.walk, name="walk")
    walk(np.zeros(2))
    walk(np.ones(2), seed=7)
    (why,) = walk(np.ones(2)).provenance["why"]
    assert why.startswith("arguments.")


@pytest.mark.parametrize("make", [make_ours, make_keras])
def test_a_training_says_how_far_it_is(make, monkeypatch, tmp_path):
    monkeypatch.setenv("GROUNDUP_PROGRESS", str(tmp_path))
    seen = []
    replace = os.replace

    def look(*paths):
        replace(*paths)
        seen.extend(progress.seen(tmp_path))

    monkeypatch.setattr(os, "replace", look)
    monkeypatch.setattr(progress, "EVERY", 0)
    with_progress = runs.fit(make, X, y, name="run", epochs=3)
    assert [(t["name"], t["done"], t["epochs"]) for t in seen] == [("run", n, 3) for n in range(4)]
    assert progress.seen(tmp_path) == []
    monkeypatch.delenv("GROUNDUP_PROGRESS")
    Store().path(with_progress.key).unlink()
    assert runs.fit(make, X, y, name="run", epochs=3).history == with_progress.history


def test_of_short_epochs_not_each_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("GROUNDUP_PROGRESS", str(tmp_path))
    monkeypatch.setattr(progress, "EVERY", 3600)
    with progress.training("run", 3) as report:
        report(1)
        assert [t["done"] for t in progress.seen(tmp_path)] == [0]
        monkeypatch.setattr(progress, "EVERY", 0)
        report(2)
        assert [t["done"] for t in progress.seen(tmp_path)] == [2]


# Slots


def test_slots_are_as_many_as_workers(monkeypatch, tmp_path):
    monkeypatch.setenv("GROUNDUP_WORKERS", "2")
    taken = [slots.take(slots.shared(tmp_path)) for _ in range(3)]
    assert taken[0]
    assert taken[1]
    assert taken[2] is None
    taken[0].release()
    assert slots.take(slots.shared(tmp_path))


def test_there_is_one_worker_more_than_cores(monkeypatch):
    monkeypatch.delenv("GROUNDUP_WORKERS", raising=False)
    monkeypatch.setattr(slots, "usable_cores", lambda: 3)
    assert slots.workers() == 4


@pytest.mark.parametrize("value", ["0", "many", "-1", "1.5"])
def test_a_number_of_workers_that_is_none_is_refused(value, monkeypatch):
    monkeypatch.setenv("GROUNDUP_WORKERS", value)
    with pytest.raises(ValueError, match="expected a whole number of at least 1"):
        slots.workers()
