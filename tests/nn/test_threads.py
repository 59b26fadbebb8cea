"""Threads: as many as are worth it, never more than were allowed, and the result is the same."""

import numpy as np
import pytest
import threadpoolctl

from groundup import nn
from groundup.nn import threads


def network(*layers, shape):
    model = nn.Sequential([nn.Input(shape), *layers])
    model.compile("sgd", "mse")
    return model


def test_each_parameter_is_multiplied_at_all_places_of_its_layer():
    dense = network(nn.Dense(4), nn.Dense(3), shape=(5,))
    assert threads.multiplications(dense, 7) == 7 * (5 * 4 + 4 + 4 * 3 + 3)
    images = network(nn.Conv2D(2, 3), nn.Flatten(), nn.Dense(3), shape=(6, 5, 1))
    assert threads.multiplications(images, 2) == 2 * ((9 * 2 + 2) * 4 * 3 + 24 * 3 + 3)


def blas() -> int:
    return max(p["num_threads"] for p in threadpoolctl.threadpool_info() if p["user_api"] == "blas")


def in_training(model, batch_size: int) -> int:
    """The threads of a matrix product."""
    with threads.limit(model, batch_size):
        return blas()


def test_a_step_has_the_threads_that_are_worth_it():
    model = network(nn.Dense(1000), shape=(999,))
    small, large = 14, 15  # so many million multiplications
    with threadpoolctl.threadpool_limits(2, "blas"):
        if blas() < 2:
            pytest.skip("this library of matrix products knows one thread only")
        assert in_training(model, small) == 1
        assert in_training(model, large) == 2
        assert blas() == 2
    with threadpoolctl.threadpool_limits(1, "blas"):
        assert in_training(model, large) == 1


def test_two_threads_train_as_one_does(monkeypatch):
    monkeypatch.setattr(threads, "WORTH_SHARING", 0)
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(30, 8, 7, 2)), rng.integers(0, 3, 30)
    found = []
    for number in (1, 2):
        nn.set_random_seed(0)
        model = nn.Sequential(
            [
                nn.Conv2D(3, 3, padding="same", activation="relu"),
                nn.MaxPooling2D(),
                nn.Conv2D(4, 2, activation="tanh"),
                nn.Flatten(),
                nn.Dense(3, activation="softmax"),
            ]
        )
        model.compile(nn.Adam(0.01), "sparse_categorical_crossentropy")
        with threadpoolctl.threadpool_limits(number, "blas"):
            model.fit(x, y, batch_size=8, epochs=3, verbose=0)
        found.append(model.parameters)
    assert np.allclose(*found, rtol=0, atol=1e-6)
