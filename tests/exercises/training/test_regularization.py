"""The checks of the chapter on regularization: right answers pass, likely mistakes get their hints."""

import numpy as np
import pytest
from tests.exercises import handed_in

from groundup.exercises.training import regularization as checks


def resting(shrink_w, shrink_b):
    """The free weight and bias, each times what a function of the strength gives."""

    def solve(x, y, delta):
        return np.mean(x * y) * shrink_w(delta), y.mean() * shrink_b(delta)

    return solve


def right(delta):
    return 2 / (2 + delta)


def by_descent(x, y, delta):
    w = b = 0.0
    for _ in range(500):
        error = w * x + b - y
        w -= 0.1 * (2 * np.mean(error * x) + delta * w)
        b -= 0.1 * (2 * np.mean(error) + delta * b)
    return w, b


def fold(W, b, gamma, beta, mean, variance, epsilon):
    scale = gamma / np.sqrt(variance + epsilon)
    return W * scale, (b - mean) * scale + beta


def by_columns(W, b, gamma, beta, mean, variance, epsilon):
    W, b = W.copy(), b.copy()
    for k in range(len(b)):
        scale = gamma[k] / (variance[k] + epsilon) ** 0.5
        W[:, k] *= scale
        b[k] = beta[k] + scale * (b[k] - mean[k])
    return [W, b]


def folding(W_of=None, b_of=None):
    """What is right, but for one of the two."""

    def wrong(W, b, gamma, beta, mean, variance, epsilon):
        given = (W, b, gamma, beta, mean, variance, epsilon)
        found = list(fold(*given))
        if W_of:
            found[0] = W_of(*given)
        if b_of:
            found[1] = b_of(*given, gamma / np.sqrt(variance + epsilon))
        return found

    return wrong


def mirrored(x):
    return x.reshape(-1, 28, 28)[:, :, ::-1].reshape(len(x), -1)


X = np.random.default_rng(0).uniform(size=(200, 3)).astype("float32")
RUNS = [handed_in.run(handed_in.network((3, 4), None, "softmax"), 14, seed) for seed in range(5)]
Y = handed_in.labels_read(RUNS[0].model, X, 0.7)
READ = [handed_in.accuracy(run.model, X, Y) for run in RUNS]
SHORT = [handed_in.run(run.model, 13, run.seed) for run in RUNS]

RIGHT = [
    (checks.at_rest, [resting(right, right)]),
    (checks.at_rest, [by_descent]),
    (checks.at_rest, [lambda x, y, delta: np.array(resting(right, right)(x, y, delta))]),
    (checks.folded, [fold]),
    (checks.folded, [by_columns]),
    (checks.mirror, [mirrored, RUNS, READ, X, Y]),
    (checks.mirror, [lambda x: mirrored(x).tolist(), tuple(RUNS), np.round(READ, 3), X, Y]),
]


@pytest.mark.parametrize(("check", "attempt"), RIGHT)
def test_right_answers_pass(check, attempt):
    assert check(*attempt).hint is None


WRONG = [
    (checks.at_rest, [lambda x, y, delta: (..., ...)], "put your answer"),
    (checks.at_rest, [resting(right, lambda d: 1)], "this is b without a penalty"),
    (checks.at_rest, [resting(lambda d: 1, lambda d: 1)], "this is w without a penalty"),
    (checks.at_rest, [resting(lambda d: 1 / (1 + d), right)], "has a factor of two"),
    (checks.at_rest, [resting(right, lambda d: 1 / (1 + 2 * d))], "meet its one half"),
    (checks.at_rest, [resting(lambda d: 1 - d / 2, right)], "at rest the whole derivative is zero"),
    (checks.at_rest, [resting(lambda d: 0, right)], "where is its derivative zero"),
    (checks.at_rest, [resting(right, lambda d: 2 / (2 + d) + 0.01)], "b should be"),
    (checks.at_rest, [lambda x, y, delta: y.mean()], "two things"),
    (checks.folded, [lambda *given: (..., ...)], "put your answer"),
    (checks.folded, [lambda *given: fold(*given)[0]], "two things"),
    (checks.folded, [folding(lambda W, b, g, *_: W * g)], "isn't divided by the deviation"),
    (checks.folded, [folding(lambda W, *_: W)], "W is as it was"),
    (checks.folded, [folding(lambda W, b, g, be, m, v, e: W / np.sqrt(v + e))], "leaves out gamma"),
    (checks.folded, [folding(lambda W, b, g, be, m, v, e: W * g / np.sqrt(v))], "leaves out epsilon"),
    (checks.folded, [folding(lambda W, b, g, be, m, v, e: W * g / (v + e))], "take its root"),
    (checks.folded, [folding(lambda W, *_: 2 * W)], "belongs to one unit"),
    (checks.folded, [folding(b_of=lambda W, b, g, be, m, v, e, s: b * s + be)], "leaves out the mean"),
    (checks.folded, [folding(b_of=lambda W, b, g, be, m, v, e, s: (b - m) * s)], "leaves out beta"),
    (checks.folded, [folding(b_of=lambda W, b, g, be, m, v, e, s: b - m * s + be)], "is scaled as well"),
    (checks.folded, [folding(b_of=lambda W, b, g, be, m, v, e, s: (b + m) * s + be)], "not added"),
    (checks.folded, [folding(b_of=lambda W, b, g, be, *_: be)], "forgets the old bias"),
    (checks.folded, [folding(b_of=lambda W, b, *_: b)], "the outputs are off by up to"),
    (checks.mirror, [lambda x: ..., ..., ..., X, Y], "put your answer"),
    (checks.mirror, [lambda x: x, RUNS, READ, X, Y], "nothing is mirrored"),
    (checks.mirror, [lambda x: x[:, ::-1], RUNS, READ, X, Y], "by half a turn"),
    (checks.mirror, [lambda x: x[::-1], RUNS, READ, X, Y], "the order of the digits"),
    (checks.mirror, [lambda x: mirrored(x[:, ::-1]), RUNS, READ, X, Y], "the top down"),
    (checks.mirror, [lambda x: mirrored(x).reshape(-1, 28, 28), RUNS, READ, X, Y], "rows of 784"),
    (checks.mirror, [lambda x: mirrored(x)[:2], RUNS, READ, X, Y], "of shape (2, 784)"),
    (checks.mirror, [lambda x: 1 - mirrored(x), RUNS, READ, X, Y], "should become the last"),
    (checks.mirror, [mirrored, RUNS[:4], READ, X, Y], "there are to be 5 runs"),
    (checks.mirror, [mirrored, SHORT, READ, X, Y], "to have 14 epochs"),
    (checks.mirror, [mirrored, None, READ, X, Y], "hand in the runs too"),
    (checks.mirror, [mirrored, RUNS, [0.91] * 5, X, Y], "isn't the accuracy"),
    (checks.mirror, [mirrored, RUNS, np.mean(READ), X, Y], "of shape (5,)"),
]  # fmt: skip


@pytest.mark.parametrize(("check", "attempt", "hint"), WRONG)
def test_a_likely_mistake_gets_its_hint(check, attempt, hint):
    assert hint in check(*attempt).hint
