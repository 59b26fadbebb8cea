"""The loop of the chapter on losses and softmax regression is the engine's training."""

import numpy as np
import pytest

from groundup import nn
from groundup.loops.foundations import softmax_regression as loop

RNG = np.random.default_rng(0)
M, N, K = 230, 7, 10  # so the last batch is smaller
X, LABELS = RNG.normal(size=(M, N)), RNG.integers(0, K, M)
Z, Y = RNG.normal(size=(M, K)), np.eye(K)[LABELS]
P = nn.Softmax().forward(Z)


def test_softmax_is_the_engines():
    assert loop.softmax(Z) == pytest.approx(P)
    assert loop.softmax(1000 + Z) == pytest.approx(P)


def test_pushes_are_the_gradients_of_their_losses():
    assert loop.minus_target(P, Y) / M == pytest.approx(
        nn.CategoricalCrossentropy().output_error(Y, P)
    )
    softmax = nn.Softmax()
    softmax.forward(Z)
    of_mean = softmax.backward(nn.MeanSquaredError().backward(Y, P))
    assert loop.squares(P, Y) / (M * K) == pytest.approx(of_mean)


def test_only_where_the_truth_is_lost_there_is_no_push():
    P = np.array([[0.05, 0.95], [0.06, 0.94]])
    Y = np.array([[1, 0], [1, 0]])
    assert loop.giving_up(P, Y).tolist() == [[0, 0], [0.06 - 1, 0.94]]


def test_three_in_ten_are_dropped_whoever_they_are():
    np.random.seed(0)
    pushes = loop.dropping(np.tile(P, (40, 1)), np.tile(Y, (40, 1)))
    dropped = (pushes == 0).all(axis=1)
    assert dropped.mean() == pytest.approx(0.3, abs=0.02)
    kept = np.flatnonzero(~dropped)
    assert pushes[kept] == pytest.approx((P - Y)[kept % M])


def by_the_engine(rate, epochs, order):
    """The same batches in the same order."""
    model = nn.Sequential([nn.Input((N,)), nn.Dense(K, "softmax", kernel_initializer="zeros")])
    model.compile(nn.SGD(rate), "sparse_categorical_crossentropy")
    rng, networks = np.random.default_rng(order), []
    for _ in range(epochs):
        shuffled = rng.permutation(M)
        for batch in (shuffled[:100], shuffled[100:200], shuffled[200:]):
            model.fit(X[batch], LABELS[batch], batch_size=100, verbose=0)
        networks.append([w.copy() for w in model.get_weights()])
    return networks


@pytest.mark.parametrize("order", [0, 3])
def test_the_loop_takes_the_steps_of_the_engine(order):
    found = loop.softmax_regression(X.astype("float32"), LABELS, 0.3, 3, order)
    for network, there in zip(found, by_the_engine(0.3, 3, order), strict=True):
        for mine, its in zip(network, there, strict=True):
            assert mine == pytest.approx(its, abs=1e-5)


def test_it_goes_on_where_it_is_told_and_pushes_as_it_is_told():
    x = X.astype("float32")
    ((W, b),) = loop.softmax_regression(x, LABELS, 0.3, 1, push=loop.squares)
    assert not np.allclose(W, loop.softmax_regression(x, LABELS, 0.3, 1)[0][0])
    ((same, _),) = loop.softmax_regression(x, LABELS, 0.0, 1, start=(W, b))
    assert np.array_equal(same, W)
