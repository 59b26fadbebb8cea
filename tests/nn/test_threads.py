"""Threads: as many as are worth it, never more than were allowed, and the result is the same."""

import itertools
import threading

import numpy as np
import pytest
import threadpoolctl

from groundup import nn
from groundup.nn import fused, threads
from groundup.nn.fused import sharing


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


def in_training(model, batch_size: int) -> tuple[int, int]:
    """The threads of a matrix product, and those that share a step."""
    with threads.limit(model, batch_size):
        return blas(), sharing._helpers.get()[0]


def test_a_step_has_the_threads_that_are_worth_it(computed_by):
    """By a stated rule; in compiled form they are ours, else those of a matrix product."""
    model = network(nn.Dense(1000), shape=(999,))
    small, large = 24, 25  # so many million multiplications
    several = (1, 2) if computed_by == "fused" else (2, 1)
    with threadpoolctl.threadpool_limits(2, "blas"):
        if blas() < 2:
            pytest.skip("this library of matrix products knows one thread only")
        assert in_training(model, small) == (1, 1)
        assert in_training(model, large) == several
        assert blas() == 2
    with threadpoolctl.threadpool_limits(1, "blas"):
        assert in_training(model, large) == (1, 1)


@pytest.mark.parametrize("count", [0, 1, 2, 7, 30])
@pytest.mark.parametrize("number", [1, 2, 3])
def test_each_row_is_worked_on_once(count, number):
    done, who = [], set()

    def work(part):
        who.add(threading.get_ident())
        done.extend(range(part.start, part.stop))

    with sharing.among(number):
        sharing.shared(work, count, worth=True)
    assert sorted(done) == [*range(count)]
    assert len(who) <= number


def test_work_is_shared_in_truth_and_only_if_it_is_worth_it():
    """Two threads wait for each other, which they could not if one did it all."""
    barrier = threading.Barrier(2, timeout=10)
    with sharing.among(2):
        sharing.shared(lambda part: barrier.wait(), 2, worth=True)
        parts = []
        sharing.shared(parts.append, 2, worth=False)
    assert parts == [slice(0, 2)]


def test_an_error_of_another_thread_is_told_and_what_numpy_does_of_overflow_counts_there():
    big = np.float32([3e38, 3e38])

    def work(part):
        if part.start == 0:
            big * big

    with sharing.among(2):
        with np.errstate(over="ignore"):
            sharing.shared(work, 2, worth=True)
        with np.errstate(over="raise"), pytest.raises(FloatingPointError):
            sharing.shared(work, 2, worth=True)


@pytest.mark.parametrize(("m", "n"), [*itertools.product((1, 2, 5), repeat=2)])
def test_a_shared_product_is_the_product(m, n, monkeypatch):
    monkeypatch.setattr(sharing, "PRODUCT", 0)
    rng = np.random.default_rng(0)
    A, B = rng.normal(size=(m, 3)), rng.normal(size=(n, 3)).T
    with sharing.among(2):
        assert np.allclose(sharing.product(A, B), A @ B, atol=1e-12)
        out = np.empty((m, n))
        assert sharing.product(A, B, out=out) is out
        assert np.allclose(out, A @ B, atol=1e-12)


def test_two_threads_train_as_one_does(monkeypatch, computed_by):
    """All that is shared in a network of images, by whatever two threads."""
    if computed_by != "fused":
        pytest.skip("in NumPy nothing of ours is shared")
    for module in (sharing, fused.activations, fused.convolution, fused.optimizers, fused.pooling):
        monkeypatch.setattr(module, "ENTRIES", 0, raising=False)
    monkeypatch.setattr(sharing, "PRODUCT", 0)
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
