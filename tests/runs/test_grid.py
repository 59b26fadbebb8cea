"""A grid is the runs that ``fit`` makes for every combination, in an order that its axes tell."""

import itertools
from functools import partial
from operator import attrgetter, methodcaller

import keras
import numpy as np
import pytest

from groundup import nn, runs
from groundup.runs import side_by_side
from groundup.runs.store import Store

rng = np.random.default_rng(0)
X = rng.normal(size=(40, 3)).astype("float32")
y = (X[:, 0] > 0).astype("float32")


def make_ours(width=2, activation="relu", learning_rate=0.1, hidden=()):
    layers = [nn.Dense(units, activation) for units in (width, *hidden)]
    model = nn.Sequential([nn.Input((3,)), *layers, nn.Dense(1, "sigmoid")])
    model.compile(nn.SGD(learning_rate), "binary_crossentropy", metrics=["accuracy"])
    return model


def make_keras(width=2, learning_rate=0.1):
    layers = [keras.layers.Dense(width), keras.layers.Dense(1, "sigmoid")]
    model = keras.Sequential([keras.Input((3,)), *layers])
    model.compile(keras.optimizers.SGD(learning_rate), "binary_crossentropy", metrics=["accuracy"])
    return model


@pytest.fixture(autouse=True)
def one_after_the_other(monkeypatch):
    monkeypatch.setenv("GROUNDUP_WORKERS", "1")


def names(found):
    return [run.name for run in found]


@pytest.mark.parametrize("make", [make_ours, make_keras])
def test_its_runs_are_those_of_fit(make):
    """By key and result, whichever came first; the names may differ."""
    first = runs.fit(partial(make, 3), X, y, name="by hand", seed=1, epochs=2, batch_size=10)
    found = runs.grid(make, X, y, width=[2, 3], seeds=2, epochs=[1, 2], batch_size=10)
    assert [run.restored for run in found] == [False] * 7 + [True]
    again = found.at(width=3, epochs=2, seed=1)
    assert (again.key, again.history) == (first.key, first.history)
    for width, epochs, seed in itertools.product([2, 3], [1, 2], [0, 1]):
        facts = {"seed": seed, "epochs": epochs, "batch_size": 10}
        by_hand = runs.fit(partial(make, width=width), X, y, name="by hand", **facts)
        assert by_hand.restored
        assert by_hand.key == found.at(width=width, epochs=epochs, seed=seed).key


def test_axes_keep_their_order_and_the_seeds_are_last():
    found = runs.grid(make_ours, X, y, seeds=[7, 3], epochs=[2, 1], learning_rate=[1.0, 0.1])
    assert found.axes == {"epochs": (2, 1), "learning_rate": (1.0, 0.1), "seed": (7, 3)}
    assert found.runs.shape == found.loss.shape == (2, 2, 2)
    assert len(found) == 8
    for run, (epochs, rate, seed) in zip(
        found, itertools.product(*found.axes.values()), strict=True
    ):
        assert (len(run.history["loss"]), run.seed) == (epochs, seed)
        assert run.model.optimizer.learning_rate == rate
        assert run.name == f"ours-epochs-{epochs}-learning-rate-{rate}-seed-{seed}"
    assert found.loss[1, 0, 1] == found.at(epochs=1, learning_rate=1.0, seed=3).history["loss"][-1]


def test_values_keep_their_kind():
    found = runs.grid(make_ours, X, y, name="kinds", width=range(2, 4), shuffle=[True, False])
    assert [type(value) for value in found.axes["width"]] == [int, int]
    assert found.at(width=3, shuffle=False).key == runs.fit(
        partial(make_ours, 3), X, y, name="run", shuffle=False
    ).key  # fmt: skip
    halves = runs.grid(make_ours, X, y, learning_rate=np.array([0.5, 0.25]))
    assert [type(value) for value in halves.axes["learning_rate"]] == [np.float64] * 2


# What is an axis


def test_a_tuple_is_one_value_and_a_list_of_tuples_an_axis():
    one = runs.grid(make_ours, X, y, hidden=(2, 3), seeds=1)
    assert one.axes == {"seed": (0,)}
    assert [layer.units for layer in next(iter(one)).model.layers[:-1]] == [2, 2, 3]
    several = runs.grid(make_ours, X, y, hidden=[(), (2, 3)])
    assert several.axes == {"hidden": ((), (2, 3))}
    assert names(several) == ["ours-hidden-none", "ours-hidden-2-3"]
    assert several.at(hidden=(2, 3)).key == next(iter(one)).key


def test_a_dictionary_names_the_values_of_an_axis():
    leaky = {"ReLU": "relu", "leaky": nn.LeakyReLU(0.1)}
    found = runs.grid(make_ours, X, y, activation=leaky)
    assert found.axes == {"activation": ("ReLU", "leaky")}
    assert isinstance(found.at(activation="leaky").model.layers[0].activation, nn.LeakyReLU)
    assert names(found) == ["ours-activation-ReLU", "ours-activation-leaky"]


def test_what_fit_takes_as_a_list_is_an_axis_only_by_name():
    stopping = nn.EarlyStopping("loss", min_delta=10)
    one = runs.grid(make_ours, X, y, callbacks=[stopping], epochs=[3, 9])
    assert one.axes == {"epochs": (3, 9)}
    assert one.curves("loss").shape == (2, 2)
    found = runs.grid(make_ours, X, y, callbacks={"none": None, "early": [stopping]}, epochs=3)
    assert [len(run.history["loss"]) for run in found] == [3, 2]
    assert "val_loss" in runs.grid(make_ours, X, y, validation_data=[X, y], seeds=1).measures
    weights = {"alike": None, "first": {0: 1.0, 1: 2.0}}
    weighted = runs.grid(make_keras, X, y, class_weight=weights)
    assert weighted.loss[0] != weighted.loss[1]
    assert (
        runs.grid(make_keras, X, y, class_weight=weights["first"], seeds=1).loss == weighted.loss[1]
    )


@pytest.mark.parametrize(
    ("make", "keywords", "error", "message"),
    [
        (make_ours, {"widths": [2]}, TypeError, "neither has 'widths': make_ours takes width, act"),
        (make_ours, {"width": [2], "epoch": 2}, TypeError, "'epoch': .*, model.fit batch_size, epo"),
        (make_ours, {"width": [2], "seed": 2}, TypeError, "neither has 'seed': .* itself name, seeds"),
        (lambda width: make_ours(width), {"widths": [2]}, TypeError, "a width=… for <lambda>, got wid"),
        (lambda epochs=1: make_ours(), {"epochs": [2]}, TypeError, "both have 'epochs'"),
        (lambda name=None: make_ours(), {"seeds": 2}, TypeError, "has an argument 'name', which"),
        (make_ours, {"width": []}, ValueError, r"at least one value of width, got \[\]"),
        (make_ours, {"seeds": 0}, ValueError, "at least one value of seed"),
        (make_ours, {"seeds": 2.5}, TypeError, "a number of seeds, or a list of them, got 2.5"),
        (make_ours, {"width": [2, 4, 2]}, ValueError, "each value of width once, got 2 twice"),
        (make_ours, {"width": 2}, ValueError, "expected an axis: a list of values"),
        (make_ours, {"activation": [nn.LeakyReLU()]}, TypeError, "got a LeakyReLU: a dictionary can"),
        (lambda width: make_ours(width), {"width": [2]}, TypeError, "expected a name=…"),
        (make_ours, {"width": [2], "keep": "loss"}, ValueError, "or keep='history', got 'loss'"),
    ],
)  # fmt: skip
def test_what_cannot_be_laid_out_is_refused(make, keywords, error, message):
    with pytest.raises(error, match=message):
        runs.grid(make, X, y, **keywords)
    assert list(Store().headers()) == []


def test_a_tuple_that_was_to_be_an_axis_is_told_so():
    with pytest.raises(ValueError, match="whole number for units") as caught:
        runs.grid(make_ours, X, y, width=(2, 4), seeds=2)
    (note,) = caught.value.__notes__
    assert note.endswith("{'width': (2, 4)}: a list is an axis, a tuple is one value")


def test_a_run_that_fails_is_named():
    with pytest.raises(ValueError, match="number for batch_size") as caught:
        runs.grid(make_ours, X, y, batch_size=[10, 0], seeds=[4])
    assert caught.value.__notes__ == ["in the run 'ours-batch-size-0-seed-4', seed 4"]


def test_it_leaves_the_random_state_as_it_was():
    nn.set_random_seed(0)
    expected = make_ours().predict(X)
    nn.set_random_seed(0)
    runs.grid(make_ours, X, y, width=[2, 3])
    assert (make_ours().predict(X) == expected).all()


def test_a_maker_may_be_a_partial_and_take_others():
    def make_wide(width, *layers, hidden=(), **others):
        return make_ours(width, hidden=hidden, **others)

    found = runs.grid(partial(make_wide, 3, activation="tanh"), X, y, hidden=[(), (2,)], seeds=1)
    assert names(found) == ["wide-hidden-none-seed-0", "wide-hidden-2-seed-0"]
    assert [run.model.layers[0].units for run in found] == [3, 3]
    expected = runs.fit(partial(make_ours, 3, "tanh"), X, y, name="run")
    assert found.at(hidden=(), seed=0).key == expected.key


# What came of them


@pytest.fixture
def found():
    return runs.grid(make_ours, X, y, width=[2, 4, 8], learning_rate=[0.1, 1.0], seeds=3)


def test_a_part_has_the_other_axes(found):
    part = found.at(width=4)
    assert part.axes == {"learning_rate": (0.1, 1.0), "seed": (0, 1, 2)}
    assert (part.loss == found.loss[1]).all()
    assert names(part) == [name for name in names(found) if "-width-4-" in name]
    assert part.at(seed=2, learning_rate=1.0) is found.at(width=4, learning_rate=1.0, seed=2)


def test_what_a_grid_has_not_is_refused(found):
    with pytest.raises(
        ValueError, match="one of the axes width, learning_rate, seed, got 'widths'"
    ):
        found.at(widths=4)
    with pytest.raises(ValueError, match="one of 2, 4, 8 as width, got 3"):
        found.at(width=3)
    with pytest.raises(AttributeError, match="expected one of loss, accuracy, got 'acuracy'"):
        _ = found.acuracy
    with pytest.raises(ValueError, match=r"loss, accuracy as a metric of ours-width-2-.*'acuracy'"):
        found.curves("acuracy")
    with pytest.raises(ValueError, match="expected one of loss, accuracy, got 'acuracy'"):
        found.mean("acuracy")


def test_means_and_spreads_are_over_seeds(found):
    losses = [run.history["loss"][-1] for run in found.at(width=8, learning_rate=0.1)]
    assert found.mean("loss").shape == found.spread("loss").shape == (3, 2)
    assert found.mean("loss")[2, 0] == pytest.approx(np.mean(losses))
    assert found.spread("loss")[2, 0] == pytest.approx(np.std(losses, ddof=1))
    one = found.at(seed=1)
    assert (one.mean("loss") == one.loss).all()
    with pytest.raises(ValueError, match="the spread of loss expected at least two seeds"):
        one.spread("loss")


def test_curves_have_a_value_for_each_epoch():
    found = runs.grid(make_ours, X, y, epochs=[3, 1])
    curves = found.curves("loss")
    assert curves[0].tolist() == found.at(epochs=3).history["loss"]
    assert curves[1, 0] == found.loss[1]
    assert np.isnan(curves[1, 1:]).all()


def test_an_evaluation_is_a_grid_too(found):
    new = found.evaluate(X[:20], y[:20], batch_size=20)
    run = found.at(width=4, learning_rate=1.0, seed=2)
    assert new.accuracy[1, 1, 2] == run.evaluate(X[:20], y[:20], batch_size=20)["accuracy"]
    assert new.at(width=4, learning_rate=1.0, seed=2) is run
    records = len(list(Store().headers()))
    found.evaluate(X[:20], y[:20], batch_size=20)
    assert len(list(Store().headers())) == records


def test_further_measures(found):
    seconds = found.measure(seconds=lambda run: run.seconds, twice=2 * found.loss)
    assert [*seconds.seconds.flat] == [run.seconds for run in found]
    assert (seconds.at(width=2).twice == 2 * found.loss[0]).all()
    assert "seconds" not in found.measures
    with pytest.raises(ValueError, match=r"an array of shape \(3, 2, 3\) as means, got \(3, 2\)"):
        found.measure(means=found.mean("loss"))


def test_the_best_is_that_of_the_means(found):
    wrong = np.zeros((3, 2, 3))
    wrong[2, 1] = 1, 1, 1
    wrong[0, 0, 0] = 2.9  # a lucky seed
    judged = found.measure(size=wrong, accuracy=wrong, val_loss=-wrong)
    best = {"width": 8, "learning_rate": 1.0}
    assert judged.best("accuracy") == judged.best("val_loss") == judged.best("size", "max") == best
    assert judged.at(seed=0).best("accuracy") == {"width": 2, "learning_rate": 0.1}
    assert judged.at(width=2).best("accuracy") == {"learning_rate": 0.1}
    with pytest.raises(ValueError, match="expected mode 'min' or 'max' for 'size', got 'auto'"):
        judged.best("size")
    with pytest.raises(ValueError, match="nothing to choose by loss among 3 runs"):
        judged.at(**best).best("loss")


def test_what_diverged_is_never_the_best():
    found = runs.grid(make_keras, X * 1e20, y, learning_rate=[1e30, 1e-30], epochs=2)
    assert np.isnan(found.loss).tolist() == [True, False]
    assert found.best("loss") == {"learning_rate": 1e-30}
    assert found.best("loss", "max") == {"learning_rate": 1e-30}


@pytest.mark.parametrize("workers", ["1", "2"])
def test_one_that_diverges_takes_no_other_with_it(monkeypatch, workers):
    monkeypatch.setenv("GROUNDUP_WORKERS", workers)
    given = {"learning_rate": [0.1, 1e30], "seeds": 2, "epochs": 3}
    found = runs.grid(make_ours, X, y, **given)
    assert found.diverged.tolist() == [[False, False], [True, True]]
    assert (np.isnan(found.loss) == found.diverged).all()
    assert (np.isnan(found.accuracy) == found.diverged).all()
    assert found.best("loss") == {"learning_rate": 0.1}
    alone = runs.fit(partial(make_ours, learning_rate=0.1), X, y, name="alone", epochs=3)
    assert alone.restored
    assert alone.history == found.at(learning_rate=0.1, seed=0).history
    assert "diverged: ours-learning-rate-1e+30-seed-0, ours-learning-rate-1e+30-seed-1" in repr(
        found
    )
    assert (np.isnan(found.curves("accuracy")[0]) == [[False] * 3] * 2).all()
    again = runs.grid(make_ours, X, y, **given)
    assert all(run.restored for run in again)
    assert [run.history["loss"][:-1] for run in again] == [
        run.history["loss"][:-1] for run in found
    ]


def test_of_what_diverged_every_measure_is_nan_and_there_is_no_model():
    found = runs.grid(make_ours, X, y, learning_rate=[1e30, 0.1])
    judged = found.evaluate(X, y).measure(share=lambda run: run.predict(X).mean())
    for values in judged.measures.values():
        assert np.isnan(values).tolist() == [True, False]
    run = found.at(learning_rate=1e30)
    assert isinstance(run, runs.DivergedRun)
    assert run.reason.startswith("training diverged in epoch 1")
    for ask in (attrgetter("model"), methodcaller("evaluate", X, y), methodcaller("predict", X)):
        with pytest.raises(RuntimeError, match="has no model: training diverged in epoch 1"):
            ask(run)


def test_the_history_of_what_diverged_ends_with_it():
    rates = {"grows": nn.PiecewiseConstantDecay([3], [0.1, 1e30]), "stays": 0.1}
    found = runs.grid(make_ours, X, y, learning_rate=rates, epochs=5)  # of two steps
    run = found.at(learning_rate="grows")
    assert run.reason.startswith("training diverged in epoch 3")
    assert found.diverged.tolist() == [True, False]
    assert (np.isnan(found.curves("loss")) == [[False] * 2 + [True] * 3, [False] * 5]).all()
    assert (found.curves("accuracy")[0, :2] == found.curves("accuracy")[1, :2]).all()
    assert run.history["accuracy"][2:] == pytest.approx([np.nan], nan_ok=True)


@pytest.mark.parametrize(("steps", "what"), [(2, "the loss"), (1, "a parameter")])
def test_epochs_before_the_first_are_not_in_the_history_of_what_diverged(steps, what):
    """Whether it's seen at the next step, or, if there is none, at the end of the epoch."""
    grows = nn.PiecewiseConstantDecay([2 * steps - 1], [0.1, 1e39])
    given = {"learning_rate": {"grows": grows, "stays": 0.1}, "initial_epoch": 2, "epochs": 7}
    given["batch_size"] = len(X) // steps
    found = runs.grid(make_ours, X, y, **given)
    assert found.at(learning_rate="grows").reason.startswith("training diverged in epoch 5")
    assert what in found.at(learning_rate="grows").reason
    assert found.at(learning_rate="grows").epoch == 4
    losses = found.at(learning_rate="grows").history["loss"]
    assert np.isnan(losses).tolist() == [False, False, True]
    assert losses[:2] == found.at(learning_rate="stays").history["loss"][:2]


@pytest.mark.parametrize("keep", ["model", "history"])
def test_fit_says_each_time_that_training_diverged(monkeypatch, keep):
    make = partial(make_ours, learning_rate=1e30)
    with pytest.raises(nn.DivergedError, match="training diverged in epoch 1") as first:
        runs.fit(make, X, y, name="diverges", keep=keep)
    monkeypatch.setattr(runs.jobs, "_trained", None)  # nothing is computed any more
    for kept in ("model", "history"):
        with pytest.raises(nn.DivergedError, match="training diverged in epoch 1") as again:
            runs.fit(make, X, y, name="diverges", keep=kept)
        assert str(again.value) == str(first.value)
        assert again.value.epoch == first.value.epoch == 0


def test_of_a_model_itself_that_diverged_nothing_is_remembered():
    """It's left as the engine left it, each time."""
    for _ in range(2):
        with pytest.raises(nn.DivergedError, match="training diverged"):
            runs.fit(make_ours(learning_rate=1e30), X, y, name="diverges")
    assert not [*Store().headers()]


def test_where_all_diverge_it_is_an_error():
    with pytest.raises(RuntimeError, match="training diverged in epoch 1") as caught:
        runs.grid(make_ours, X, y, learning_rate=[1e30, 1e31])
    assert caught.value.__notes__ == ["in the run 'ours-learning-rate-1e+30', seed 0"]
    found = runs.grid(make_ours, X, y, learning_rate=[1e30, 0.1], seeds=2)
    with pytest.raises(RuntimeError, match="training diverged in epoch 1"):
        found.at(learning_rate=1e30).evaluate(X, y)


# Without weights


@pytest.mark.parametrize("make", [make_ours, make_keras])
def test_of_a_history_no_weights_are_kept(make):
    given = {"width": [2, 3], "epochs": 2}
    found = runs.grid(make, X, y, **given, keep="history")
    assert {header["bytes"] < 60_000 for header in Store().headers()} == {True}
    for run in found:
        assert Store().get(run.key).arrays == {}
        for ask in (
            attrgetter("model"),
            methodcaller("evaluate", X, y),
            methodcaller("predict", X),
        ):
            with pytest.raises(RuntimeError, match=f"{run.name}' has no model, .* leave keep out"):
                ask(run)
    again = runs.grid(make, X, y, **given, keep="history")
    assert all(run.restored for run in again)
    assert (again.loss == found.loss).all()
    assert [run.provenance for run in again] == [run.provenance for run in found]


def test_whoever_asks_for_the_model_later_has_it_trained(monkeypatch):
    given, beside = {"width": [2, 3], "epochs": 2}, []
    monkeypatch.setattr(side_by_side, "_make", lambda missing, store: beside.append(len(missing)))
    curves = runs.grid(make_ours, X, y, **given, keep="history")
    whole = runs.grid(make_ours, X, y, **given)
    assert [run.restored for run in whole] == [False, False]
    assert [run.key for run in whole] == [run.key for run in curves]
    assert (whole.loss == curves.loss).all()
    assert all(run.restored for run in runs.grid(make_ours, X, y, **given))
    kept = runs.grid(make_ours, X, y, **given, keep="history")
    assert all(run.restored for run in kept)
    assert Store().get(next(iter(kept)).key).arrays  # and nothing that is there is thrown away
    assert beside == [2, 2, 0, 0]


def test_a_history_that_comes_out_otherwise_is_said():
    run = runs.fit(make_ours, X, y, name="run", keep="history")
    record = Store().get(run.key)
    record.history["loss"][-1] += 0.1
    Store().put(record)
    with pytest.raises(RuntimeError, match=r"differs from its record .* in: loss"):
        runs.fit(make_ours, X, y, name="run")


def test_a_model_that_is_there_cannot_be_left_out():
    with pytest.raises(
        TypeError, match="expected a function that makes a model with keep='history'"
    ):
        runs.fit(make_ours(), X, y, name="run", keep="history")
