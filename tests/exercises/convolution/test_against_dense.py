"""The checks of the chapter that holds convolutional networks against dense ones."""

import dataclasses

import numpy as np
import pytest

from groundup.exercises.convolution import against_dense as checks

X = np.random.default_rng(0).random((200, 28, 28, 1), dtype="float32")
Y = np.random.default_rng(1).integers(0, 10, 200)


@dataclasses.dataclass
class Model:
    parameters: int

    def count_params(self):
        return self.parameters


@dataclasses.dataclass
class Trained:
    """A run whose network reads a known share of ``X``."""

    model: Model
    seed: int
    history: dict

    def predict(self, x, batch_size):
        right = (np.arange(len(x)) < 100 + 10 * self.seed)[:, None]
        return np.where(right, np.eye(10)[Y], np.eye(10)[(Y + 1) % 10])


def five(parameters, epochs=30, networks=5):
    return [Trained(Model(parameters), n, {"loss": [0.5] * epochs}) for n in range(networks)]


SHARES = np.array([0.5, 0.55, 0.6, 0.65, 0.7])
DEEPER, LOCAL = five(20_535), five(20_746)


def as_matrix(K, h, stride):
    q, columns = len(K), []
    for u in range(0, h - q + 1, stride):
        for v in range(0, h - q + 1, stride):
            weights = np.zeros((h, h))
            weights[u : u + q, v : v + q] = K
            columns.append(weights.ravel())
    return np.array(columns).T


def by_index(K, h, stride):
    q = len(K)
    n = (h - q) // stride + 1
    W = np.zeros((h, h, n, n))
    for u, v, p, r in np.ndindex(n, n, q, q):
        W[stride * u + p, stride * v + r, u, v] = K[p, r]
    return W.reshape(h * h, n * n)


def down_first(K, h, stride):
    W = by_index(K, h, stride)
    n = round(W.shape[1] ** 0.5)
    return W.reshape(-1, n, n).swapaxes(1, 2).reshape(W.shape)


def needed(share, sizes, shares):
    return np.exp(np.interp(share, shares, np.log(sizes), left=np.nan, right=np.inf))


def by_hand(share, sizes, shares):
    if share < shares[0]:
        return np.nan
    for a, b, low, high in zip(sizes, sizes[1:], shares, shares[1:], strict=False):
        if low <= share <= high:
            return a * (b / a) ** ((share - low) / (high - low))
    return np.inf


RIGHT = [
    (checks.deeper, [25, DEEPER, SHARES, X, Y]),
    (checks.deeper, [25.0, tuple(DEEPER), [0.5, "0.55", 0.6, 0.65, 0.7], X, Y]),
    (checks.local_and_shuffled, [LOCAL, SHARES, X, Y]),
    (checks.local_and_shuffled, [LOCAL, list(SHARES + 0.0004), X, Y]),
    (checks.as_matrix, [as_matrix]),
    (checks.as_matrix, [by_index]),
    (checks.needed, [needed]),
    (checks.needed, [by_hand]),
]
WRONG = [
    (checks.deeper, [..., ..., ..., X, Y], "put your answer"),
    (checks.deeper, [25.5, DEEPER, SHARES, X, Y], "a whole number"),
    (checks.deeper, [26, DEEPER, SHARES, X, Y], "the second layer has some"),
    (checks.deeper, [24, DEEPER, SHARES, X, Y], "fewer than"),
    (checks.deeper, [128, DEEPER, SHARES, X, Y], "more than"),
    (checks.deeper, [25, five(21_382), SHARES, X, Y], "21,382 parameters"),
    (checks.deeper, [25, DEEPER[:3], SHARES, X, Y], "there are to be 5 runs"),
    (checks.deeper, [25, five(20_535, epochs=5), SHARES, X, Y], "30 epochs"),
    (checks.deeper, [25, DEEPER, SHARES.mean(), X, Y], "one for each network"),
    (checks.deeper, [25, DEEPER, 1 - SHARES, X, Y], "misread"),
    (checks.local_and_shuffled, [..., ..., X, Y], "put your answer"),
    (checks.local_and_shuffled, [five(20_534), SHARES, X, Y], "make_local"),
    (checks.local_and_shuffled, [LOCAL[:1], SHARES[:1], X, Y], "there are to be 5 runs"),
    (checks.local_and_shuffled, [five(20_746, epochs=10), SHARES, X, Y], "30 epochs"),
    (checks.local_and_shuffled, [LOCAL, ..., X, Y], "put your answer"),
    (checks.local_and_shuffled, [LOCAL, 100 * SHARES, X, Y], "between 0 and 1"),
    (checks.local_and_shuffled, [LOCAL, SHARES[::-1], X, Y], "changed places"),
    (checks.local_and_shuffled, [LOCAL, SHARES - 0.1, X, Y], "are the digits the same"),
    (checks.as_matrix, [lambda K, h, stride: ...], "put your answer"),
    (checks.as_matrix, [lambda K, h, stride: None], "is None"),
    (checks.as_matrix, [lambda K, h, stride: by_index(K, h, stride).T], "the other way round"),
    (checks.as_matrix, [lambda K, h, stride: by_index(K, h, 1)], "as stride 1"),
    (checks.as_matrix, [lambda K, h, stride: by_index(K, h, stride)[:, :1]], "and these are"),
    (checks.as_matrix, [lambda K, h, stride: by_index(K[::-1, ::-1], h, stride)], "half a turn"),
    (checks.as_matrix, [lambda K, h, stride: by_index(K.T, h, stride)], "changed places"),
    (checks.as_matrix, [down_first], "down the map first"),
    (checks.as_matrix, [lambda K, h, stride: by_index(K, h, stride) + 1], "are zero"),
    (checks.as_matrix, [lambda K, h, stride: 2 * by_index(K, h, stride)], "which pixels"),
    (checks.needed, [lambda share, sizes, shares: ...], "put your answer"),
    (checks.needed, [lambda share, sizes, shares: None], "is None"),
    (
        checks.needed,
        [lambda share, sizes, shares: np.interp(share, shares, sizes, right=np.inf)],
        "the figure's is logarithmic",
    ),
    (
        checks.needed,
        [lambda share, sizes, shares: np.interp(share, shares, np.log(sizes), right=np.inf)],
        "turn it back",
    ),
    (
        checks.needed,
        [lambda share, sizes, shares: np.interp(share, shares, np.log10(sizes))],
        "turn it back",
    ),
    (
        checks.needed,
        [lambda share, sizes, shares: sizes[np.searchsorted(shares, share)]],
        "one of the sizes",
    ),
    (
        checks.needed,
        [lambda share, sizes, shares: np.exp(np.interp(share, shares, np.log(sizes)))],
        "not infinity",
    ),
    (checks.needed, [lambda share, sizes, shares: 2 * needed(share, sizes, shares)], "come to 0.7"),
    (checks.needed, [lambda share, sizes, shares: np.inf], "does get to"),
    (checks.needed, [lambda share, sizes, shares: np.nan], "does pass"),
    (
        checks.needed,
        [
            lambda share, sizes, shares: np.exp(
                np.interp(share, shares, np.log(sizes), right=np.inf)
            )
        ],
        "begins above 0.4",
    ),
]


@pytest.mark.parametrize(("check", "attempt"), RIGHT)
def test_right(check, attempt):
    assert check(*attempt).hint is None


@pytest.mark.parametrize(("check", "attempt", "hint"), WRONG)
def test_wrong(check, attempt, hint):
    result = check(*attempt)
    assert not result.passed
    assert hint in result.hint
