"""A run that isn't known when the time for training is over isn't trained; all others are given."""

from functools import partial

import numpy as np
import pytest

from groundup import nn, runs
from groundup.runs import deadline

X, Y = np.ones((4, 2)), np.ones((4, 1))


def make():
    model = nn.Sequential([nn.Dense(1)])
    model.compile("sgd", "mse")
    return model


@pytest.fixture
def over(monkeypatch, tmp_path):
    """What lets the time be over."""

    def over():
        monkeypatch.setenv("GROUNDUP_PROGRESS", str(tmp_path))
        monkeypatch.setenv(deadline.DEADLINE, "1")

    return over


def test_a_known_run_is_given_and_an_unknown_one_refused(over, tmp_path):
    known = runs.fit(make, X, Y, name="known")
    over()
    again = runs.fit(make, X, Y, name="known")
    assert again.restored
    assert again.key == known.key
    assert again.evaluate(X, Y) == known.evaluate(X, Y), "a use of a run is no training"
    assert deadline.missed(tmp_path) == []
    with pytest.raises(deadline.BudgetSpent, match="'unknown'"):
        runs.fit(make, X, Y, name="unknown", seed=1)
    with pytest.raises(deadline.BudgetSpent, match="'a function'"):
        runs.remember(make_nothing, name="a function")
    assert deadline.missed(tmp_path) == ["unknown", "a function"]


def make_nothing() -> int:
    return 1


def test_of_several_runs_those_that_are_lacking_are_named(over, tmp_path):
    calls = [partial(runs.fit, make, X, Y, name=f"run {seed}", seed=seed) for seed in range(3)]
    runs.fit_all(calls[:1])
    over()
    assert [run.restored for run in runs.fit_all(calls[:1])] == [True]
    with pytest.raises(deadline.BudgetSpent, match="'run 1', 'run 2'"):
        runs.fit_all(calls)
    assert deadline.missed(tmp_path) == ["run 1", "run 2"]


def test_a_curve_alone_does_not_stand_for_its_model(over):
    runs.fit(make, X, Y, name="curve", keep="history")
    over()
    assert runs.fit(make, X, Y, name="curve", keep="history").restored
    with pytest.raises(deadline.BudgetSpent):
        runs.fit(make, X, Y, name="curve")


def test_before_its_end_all_is_as_without(monkeypatch):
    monkeypatch.setenv(deadline.DEADLINE, "9e9")
    before = runs.fit(make, X, Y, name="in time")
    monkeypatch.delenv(deadline.DEADLINE)
    assert runs.fit(make, X, Y, name="in time").key == before.key
