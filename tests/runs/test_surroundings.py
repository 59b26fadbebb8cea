"""What is set for the whole process is left as it was, or there is no run."""

import os
import sys

import keras
import numpy as np
import pytest
from tests.runs import of_ours

from groundup import runs
from groundup.runs import surroundings

SETTINGS = {
    "geterr": lambda: np.seterr(over="ignore" if np.geterr()["over"] != "ignore" else "warn"),
    "printoptions": lambda: np.set_printoptions(precision=3),
    "recursion": lambda: sys.setrecursionlimit(sys.getrecursionlimit() + 1),
    "environ": lambda: os.environ.update(OF_A_TEST="1"),
    "getcwd": lambda: os.chdir("/"),
    "epsilon": lambda: keras.config.set_epsilon(0.5),
}


@pytest.fixture
def put_back(monkeypatch):
    monkeypatch.setitem(os.environ, "OF_A_TEST", "0")
    limit, folder, epsilon = sys.getrecursionlimit(), os.getcwd(), keras.config.epsilon()
    with np.errstate(), np.printoptions():
        yield
    sys.setrecursionlimit(limit)
    os.chdir(folder)
    keras.config.set_epsilon(epsilon)


@pytest.mark.parametrize("name", SETTINGS)
def test_what_a_run_sets_and_a_remembered_one_would_not_is_refused(name, put_back):
    before = surroundings.seen()
    SETTINGS[name]()
    with pytest.raises(
        TypeError, match=rf"'run' leaves the process with other settings \(.*{name}"
    ):
        surroundings.expect_as_before("the run 'run'", before)


def test_a_run_that_puts_back_what_it_sets_is_one():
    for restored in (False, True):
        assert runs.remember(of_ours.careful, 2.0, name="run").restored is restored
    with pytest.raises(TypeError, match=r"np.geterr.divide: \w+ → ignore"), np.errstate():
        runs.remember(of_ours.careless, 2.0, name="run")
