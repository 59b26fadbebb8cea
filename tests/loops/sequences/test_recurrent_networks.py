"""The loop of the chapter on recurrent networks: the engine's way back where it isn't cut, and where it
is, what the pieces have by themselves.
"""

import numpy as np
import pytest
from numeric import central_differences

from groundup import nn
from groundup.loops.sequences import recurrent_networks as loop

RNG = np.random.default_rng(0)
T, M, D, N, K = 6, 5, 2, 3, 2
X, Y = RNG.normal(size=(M, T, D)), RNG.normal(size=(M, T, K))
FIRST = [0.7 * RNG.normal(size=shape) for shape in ((D, N), (N, N), (N,), (N, K), (K,))]


def network(rate=0.001):
    layer = nn.SimpleRNN(N, return_sequences=True)
    model = nn.Sequential([nn.Input((T, D)), layer, nn.Dense(K)]).astype("float64")
    model.set_weights(FIRST)
    model.compile(nn.Adam(rate), "mean_squared_error")
    return model


def steps_first(*arrays):
    return [array.swapaxes(0, 1) for array in arrays]


@pytest.mark.parametrize("reach", [T, 100])
def test_without_a_cut_its_gradients_are_the_engines(reach):
    model = network()
    model.backpropagate(2 * (model.forward(X, training=True) - Y) / Y.size)
    found = loop.gradients(FIRST, *steps_first(X, Y), reach)
    for array, block in zip(found, model.blocks(), strict=True):
        assert array == pytest.approx(block.gradient, rel=1e-12)


@pytest.mark.parametrize("reach", [1, 2, 4])
def test_a_piece_takes_the_state_before_it_for_given(reach):
    """By nudging the weights of one piece at a time, with the state that the one before it has left."""
    W, U, b, V, c = weights = [array.copy() for array in FIRST]
    total = [np.zeros(array.shape) for array in weights]
    h = np.zeros((M, N))
    for start in range(0, T, reach):
        piece = range(start, min(start + reach, T))

        def squares(h=h, piece=piece):
            loss = 0.0
            for t in piece:
                h = np.tanh(X[:, t] @ W + h @ U + b)
                loss += np.sum((h @ V + c - Y[:, t]) ** 2) / Y.size
            return loss

        for array, sum_ in zip(weights, total, strict=True):
            sum_ += central_differences(squares, array)
        for t in piece:
            h = np.tanh(X[:, t] @ W + h @ U + b)
    found = loop.gradients(FIRST, *steps_first(X, Y), reach)
    for array, sum_ in zip(found, total, strict=True):
        assert array == pytest.approx(sum_, rel=1e-6, abs=1e-9)


def test_errors_of_a_cold_start_do_not_count():
    """By nudging the weights, with the squares of the later steps alone."""
    W, U, b, V, c = weights = [array.copy() for array in FIRST]

    def squares():
        h, loss = np.zeros((M, N)), 0.0
        for t in range(T):
            h = np.tanh(X[:, t] @ W + h @ U + b)
            loss += (t >= 2) * np.sum((h @ V + c - Y[:, t]) ** 2) / Y.size
        return loss

    found = loop.gradients(FIRST, *steps_first(X, Y), T, cold=2)
    for array, part in zip(weights, found, strict=True):
        assert part == pytest.approx(central_differences(squares, array), rel=1e-6, abs=1e-9)


def test_training_hands_the_cold_start_on():
    """A single step on all examples: the gradient of the later steps, and of no others."""
    found = loop.train(FIRST, X, Y, T, cold=2, epochs=1, batch=M, rate=0.01)
    parts = loop.gradients(FIRST, *steps_first(X, Y), T, cold=2)
    for array, old, dw in zip(found, FIRST, parts, strict=True):
        assert array == pytest.approx(old - 0.01 * np.sign(dw), rel=1e-2)


def test_uncut_it_takes_the_steps_of_the_engine():
    model = network(rate=0.01)
    model.fit(X, Y, epochs=40, batch_size=M, verbose=0)
    found = loop.train(FIRST, X, Y, T, epochs=40, batch=M, rate=0.01)
    for array, theirs in zip(found, model.get_weights(), strict=True):
        assert array == pytest.approx(theirs, rel=1e-6, abs=1e-9)


def test_every_example_has_its_turn_and_the_start_stays(monkeypatch):
    seen, before = [], [array.copy() for array in FIRST]
    gradients = loop.gradients

    def noted(weights, X, Y, reach, cold):
        seen.append(X[0, :, 0].tolist())
        return gradients(weights, X, Y, reach, cold)

    monkeypatch.setattr(loop, "gradients", noted)
    loop.train(FIRST, X, Y, T, epochs=2, batch=2)
    assert [*map(len, seen)] == [2, 2, 1] * 2
    for epoch in (seen[:3], seen[3:]):
        turns = [value for batch in epoch for value in batch]
        assert sorted(turns) == sorted(X[:, 0, 0].tolist())
    for array, old in zip(FIRST, before, strict=True):
        assert np.array_equal(array, old)
