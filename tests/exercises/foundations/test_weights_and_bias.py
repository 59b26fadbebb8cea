"""The checks of the chapter on weights and bias: right answers pass, likely mistakes get their hints."""

import numpy as np
import pytest

from groundup.exercises.foundations import weights_and_bias as checks

W = -np.log(9) / 4


def unscale(w, b, mu, s):
    return w / s, b - np.sum(w * mu / s)


def squares(y_hat, y):
    return 2 * (y_hat - y) * y_hat * (1 - y_hat) / len(y)


def log_odds(p):
    return np.log(p / (1 - p))


def corrected(b, seen, true):
    return b + log_odds(true) - log_odds(seen)


def by_a_loop(w, b, mu, s):
    w, j = w.copy(), 0
    while j < len(w):
        w[j] /= s[j]
        b, j = b - w[j] * mu[j], j + 1
    return w, b


RIGHT = [
    (checks.heating, [W, -18 * W]),
    (checks.heating, [-0.5493, 9.8875]),
    (checks.heating, [np.array([[W]], "float32"), [-18 * W]]),
    (checks.unscaled, [unscale]),
    (checks.unscaled, [lambda w, b, mu, s: [w / s, np.array([b - mu @ (w / s)])[0]]]),
    (checks.dz_of_squares, [squares]),
    (checks.dz_of_squares, [lambda p, y: list(2 / len(p) * (p - y) * (p - p**2))]),
    (checks.corrected_bias, [corrected]),
    (checks.corrected_bias, [lambda b, p, q: b - np.log(p / (1 - p) * (1 - q) / q)]),
    (checks.boundary, [[-0.8, 0.6], 9.6]),
    (checks.boundary, [np.array([[-0.8], [0.6]], "float32"), [9.6]]),
    (checks.boundary, [[-1.0009 * 0.8, 1.0009 * 0.6], 1.0009 * 9.6]),
    (checks.boundary, [[-0.8, 0.6], 9.609]),
    (checks.origin, [lambda X: X - [18, 5]]),
    (checks.origin, [lambda X: X - [14, 0]]),
    (checks.origin, [lambda X: (X - X.mean(axis=0)) / X.std(axis=0)]),
    (checks.origin, [lambda X: ((X - [17, 4]) * [1, -3]).tolist()]),
    (checks.heating, [-0.55, 9.9]),
    (checks.heating, [-0.549, 9.89]),
    (checks.heating, [np.log(1 / 9) / 4, 4.5 * np.log(9)]),
    (checks.unscaled, [lambda w, b, mu, s: np.array([w / s, b - w @ (mu / s)], dtype=object)]),
    (checks.unscaled, [lambda w, b, mu, s: ((w / s).tolist(), [b - (w / s * mu).sum()])]),
    (
        checks.unscaled,
        [lambda w, b, mu, s: unscale(w.astype("float32"), b, mu, s.astype("float32"))],
    ),
    (
        checks.dz_of_squares,
        [lambda p, y: [2 * (a - b) * a * (1 - a) / len(y) for a, b in zip(p, y, strict=True)]],
    ),
    (checks.dz_of_squares, [lambda p, y: np.float32(squares(p, y))]),
    (checks.corrected_bias, [lambda b, p, q: [corrected(b, p, q)]]),
    (checks.corrected_bias, [lambda b, p, q: b + np.log(q * (1 - p) / (p * (1 - q)))]),
]


@pytest.mark.parametrize(("check", "attempt"), RIGHT)
def test_right_answers_pass(check, attempt):
    assert check(*attempt).hint is None


WRONG = [
    (checks.heating, [..., ...], "put your answer"),
    (checks.heating, [0, 0], "the same at every temperature"),
    (checks.heating, [-W, 18 * W], "heats where it's warm"),
    (checks.heating, [W, 18 * W], "mind the sign"),
    (checks.heating, [W, 9], "it's at 16.38 °C"),
    (checks.heating, [-np.log10(9) / 4, 18 * np.log10(9) / 4], "the natural one"),
    (checks.heating, [-0.5, 9], "at 14 °C the neuron says 0.881"),
    (checks.boundary, [[0, 0], 1], "there is no boundary"),
    (checks.boundary, [[-0.8, 0.6], -9.6], "the bias has the wrong sign"),
    (checks.boundary, [[6, 8], 9.6], "the score at (12, 0) is 81.6"),
    (checks.boundary, [[-1, 1], 12], "the score at (18, 8) is 2"),
    (checks.boundary, [[0.8, -0.6], -9.6], "flip all three signs"),
    (checks.boundary, [[-8, 6], 96], "have length 10"),
    (checks.boundary, [[1, 2, 3], -2], "of shape (2,)"),
    (checks.boundary, [[-0.8, 0.6], 9.62], "the score at (12, 0) is 0.02"),
    (checks.boundary, [[-1.0015 * 0.8, 1.0015 * 0.6], 1.0015 * 9.6], "have length 1.00"),
    (checks.origin, [lambda X: ...], "put your answer"),
    (checks.origin, [lambda X: X], "leaves the origin where it is"),
    (checks.origin, [lambda X: X / 10], "leaves the origin where it is"),
    (checks.origin, [lambda X: X / X.std(axis=0)], "leaves the origin where it is"),
    (checks.origin, [lambda X: X + 1], "through the new origin"),
    (checks.origin, [lambda X: X - [5, 18]], "through the new origin"),
    (checks.origin, [lambda X: np.column_stack([X, np.ones(len(X))])], "a bias by another name"),
    (checks.origin, [lambda X: X[:, 0]], "the inputs is to be of shape"),
    (checks.unscaled, [lambda w, b, mu, s: (..., ...)], "put your answer"),
    (checks.unscaled, [lambda w, b, mu, s: w / s], "it gave 4 of them"),
    (checks.unscaled, [lambda w, b, mu, s: (w * s, b)], "not w̃ times s"),
    (checks.unscaled, [lambda w, b, mu, s: (w, b)], "which factor has x_j"),
    (checks.unscaled, [lambda w, b, mu, s: (w / s, b - w * mu / s)], "one bias"),
    (checks.unscaled, [lambda w, b, mu, s: (w / s, b + mu @ (w / s))], "but for a sign"),
    (checks.unscaled, [lambda w, b, mu, s: (w / s, b - mu @ w)], "divided by its s too"),
    (checks.unscaled, [lambda w, b, mu, s: (w / s, b)], "so b isn't b̃"),
    (checks.unscaled, [lambda w, b, mu, s: (w / s, -mu @ (w / s))], "b̃ is missing"),
    (checks.unscaled, [lambda w, b, mu, s: (w / s, 0)], "no x in it"),
    (checks.dz_of_squares, [lambda p, y: ...], "put your answer"),
    (checks.dz_of_squares, [lambda p, y: -squares(p, y)], "the sign is wrong"),
    (checks.dz_of_squares, [lambda p, y: (p - y) / len(y)], "nothing cancels here"),
    (checks.dz_of_squares, [lambda p, y: 2 * (p - y) / len(y)], "go on through the sigmoid"),
    (checks.dz_of_squares, [lambda p, y: squares(p, y) / 2], "a factor of two"),
    (checks.dz_of_squares, [lambda p, y: squares(p, y) * len(y)], "the loss is a mean"),
    (checks.dz_of_squares, [lambda p, y: (p - y) * p / 3], "a factor is missing"),
    (checks.dz_of_squares, [lambda p, y: (p - y) * (1 - p) / 3], "a factor is missing"),
    (checks.dz_of_squares, [lambda p, y: p], "by the chain rule"),
    (checks.dz_of_squares, [lambda p, y: squares(p, y).sum()], "dz is to be of shape"),
    (checks.corrected_bias, [lambda b, p, q: ...], "put your answer"),
    (checks.corrected_bias, [lambda b, p, q: corrected(b, q, p)], "still more frequent"),
    (checks.corrected_bias, [lambda b, p, q: b + np.log(q / p)], "not the shares"),
    (
        checks.corrected_bias,
        [lambda b, p, q: b + (log_odds(q) - log_odds(p)) / np.log(10)],
        "the natural one",
    ),
    (
        checks.corrected_bias,
        [lambda b, p, q: b + np.exp(log_odds(q) - log_odds(p))],
        "what does that do to their logarithm",
    ),
    (checks.corrected_bias, [lambda b, p, q: log_odds(q) - log_odds(p)], "add it to b"),
    (checks.corrected_bias, [lambda b, p, q: log_odds(q)], "that sees no inputs"),
    (checks.corrected_bias, [lambda b, p, q: b], "by which factor"),
    (checks.heating, [-np.log(10) / 4, 18 * np.log(10) / 4], "at 14 °C the neuron says 0.909"),
    (checks.heating, [W * 4, -18 * W * 4], "at 14 °C the neuron says 1.000"),
    (checks.heating, [-18 * W, W], "heats where it's warm"),
    (checks.heating, [W, -14 * W], "it's at 14 °C"),
    (checks.heating, [-0.56, 10.08], "at 14 °C the neuron says 0.904"),
    (checks.heating, [-0.5, 9], "at 14 °C the neuron says 0.881"),
    (checks.unscaled, [lambda w, b, mu, s: ((w - mu) / s, b)], "which factor has x_j"),
    (checks.unscaled, [lambda w, b, mu, s: (b - w / s @ mu, w / s)], "w is to be of shape"),
    (checks.unscaled, [lambda w, b, mu, s: (w / s, b - mu.mean() * (w / s).sum())], "no x in it"),
    (checks.unscaled, [lambda w, b, mu, s: (w / s, 0.7 - mu @ (w / s))], "w is right"),
    (checks.unscaled, [lambda w, b, mu, s: (w / s, b / s - mu @ (w / s))], "one bias"),
    (checks.unscaled, [lambda w, b, mu, s: None], "it gave a NoneType"),
    (checks.dz_of_squares, [lambda p, y: 2 / 6 * (p - y) * p * (1 - p)], "right for six"),
    (checks.dz_of_squares, [lambda p, y: (p - y) ** 2 / len(y)], "by the chain rule"),
    (
        checks.dz_of_squares,
        [lambda p, y: 2 * (p - y) * y * (1 - y) / len(y)],
        "by the chain rule",
    ),
    (checks.corrected_bias, [lambda b, p, q: corrected(-0.4, p, q)], "by which factor"),
    (checks.corrected_bias, [lambda b, p, q: b * q / p], "by which factor"),
    (checks.corrected_bias, [lambda b, p, q: b + log_odds(q) + log_odds(p)], "by which factor"),
    (
        checks.unscaled,
        [lambda w, b, mu, s: (w / s, b - sum(a * c / d for a, c, d in zip(w, mu, s, strict=True)))],
        "now without a loop",
    ),
    (checks.unscaled, [by_a_loop], "now without a loop"),
]


@pytest.mark.parametrize(("check", "attempt", "hint"), WRONG)
def test_a_likely_mistake_gets_its_hint(check, attempt, hint):
    assert hint in check(*attempt).hint
