"""The checks of the chapter on weights and bias: right answers pass, likely mistakes get their hints."""

import numpy as np
import pytest

from groundup.exercises.foundations import weights_and_bias as checks

W = -np.log(9) / 4
ROOT = np.sqrt(5)


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
    (checks.boundary, [[-1 / ROOT, -2 / ROOT], 2 / ROOT]),
    (checks.boundary, [np.array([-0.4472, -0.8944]), 0.8944]),
    (checks.unscaled, [unscale]),
    (checks.unscaled, [lambda w, b, mu, s: [w / s, np.array([b - mu @ (w / s)])[0]]]),
    (checks.error_of_squares, [squares]),
    (checks.error_of_squares, [lambda p, y: list(2 / len(p) * (p - y) * (p - p**2))]),
    (checks.corrected_bias, [corrected]),
    (checks.corrected_bias, [lambda b, p, q: b - np.log(p / (1 - p) * (1 - q) / q)]),
    (checks.heating, [-0.55, 9.9]),
    (checks.heating, [-0.549, 9.89]),
    (checks.heating, [np.log(1 / 9) / 4, 4.5 * np.log(9)]),
    (checks.boundary, [[[-1 / ROOT], [-2 / ROOT]], 2 / ROOT]),
    (checks.boundary, [(-0.447, -0.894), [0.894]]),
    (checks.unscaled, [lambda w, b, mu, s: np.array([w / s, b - w @ (mu / s)], dtype=object)]),
    (checks.unscaled, [lambda w, b, mu, s: ((w / s).tolist(), [b - (w / s * mu).sum()])]),
    (
        checks.unscaled,
        [lambda w, b, mu, s: unscale(w.astype("float32"), b, mu, s.astype("float32"))],
    ),
    (
        checks.error_of_squares,
        [lambda p, y: [2 * (a - b) * a * (1 - a) / len(y) for a, b in zip(p, y, strict=True)]],
    ),
    (checks.error_of_squares, [lambda p, y: np.float32(squares(p, y))]),
    (checks.corrected_bias, [lambda b, p, q: [corrected(b, p, q)]]),
    (checks.corrected_bias, [lambda b, p, q: b + np.log(q * (1 - p) / (p * (1 - q)))]),
    (checks.boundary, [1.0009 * np.array([-1, -2]) / ROOT, 1.0009 * 2 / ROOT]),
    (checks.boundary, [[-1 / ROOT, -2 / ROOT], 2 / ROOT + 9e-4]),
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
    (checks.boundary, [[1, 2], 2], "the bias has the wrong sign"),
    (checks.boundary, [[2, -1], 1], "the score at (2, 0) is 5"),
    (checks.boundary, [[-1, -1], 2], "the score at (0, 1) is 1"),
    (checks.boundary, [[1, 2], -2], "turn all three signs"),
    (checks.boundary, [[-1, -2], 2], "have length 2.236"),
    (checks.boundary, [[1, 2, 3], -2], "of shape (2,)"),
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
    (checks.error_of_squares, [lambda p, y: ...], "put your answer"),
    (checks.error_of_squares, [lambda p, y: -squares(p, y)], "the sign is wrong"),
    (checks.error_of_squares, [lambda p, y: (p - y) / len(y)], "nothing cancels here"),
    (checks.error_of_squares, [lambda p, y: 2 * (p - y) / len(y)], "go on through the sigmoid"),
    (checks.error_of_squares, [lambda p, y: squares(p, y) / 2], "a factor of two"),
    (checks.error_of_squares, [lambda p, y: squares(p, y) * len(y)], "the loss is a mean"),
    (checks.error_of_squares, [lambda p, y: (p - y) * p / 3], "a factor is missing"),
    (checks.error_of_squares, [lambda p, y: (p - y) * (1 - p) / 3], "a factor is missing"),
    (checks.error_of_squares, [lambda p, y: p], "by the chain rule"),
    (checks.error_of_squares, [lambda p, y: squares(p, y).sum()], "dz is to be of shape"),
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
    (checks.boundary, [[-2 / ROOT, -1 / ROOT], 2 / ROOT], "the score at (2, 0) is"),
    (checks.boundary, [[-1 / 3, -2 / 3], 2 / 3], "have length 0.745"),
    (checks.boundary, [[-0.45, -0.89], 0.89], "the score at (2, 0) is"),
    (checks.boundary, [[1 / ROOT, 2 / ROOT], -2 / ROOT], "turn all three signs"),
    (checks.unscaled, [lambda w, b, mu, s: ((w - mu) / s, b)], "which factor has x_j"),
    (checks.unscaled, [lambda w, b, mu, s: (b - w / s @ mu, w / s)], "w is to be of shape"),
    (checks.unscaled, [lambda w, b, mu, s: (w / s, b - mu.mean() * (w / s).sum())], "no x in it"),
    (checks.unscaled, [lambda w, b, mu, s: (w / s, 0.7 - mu @ (w / s))], "w is right"),
    (checks.unscaled, [lambda w, b, mu, s: (w / s, b / s - mu @ (w / s))], "one bias"),
    (checks.unscaled, [lambda w, b, mu, s: None], "it gave a NoneType"),
    (checks.error_of_squares, [lambda p, y: 2 / 6 * (p - y) * p * (1 - p)], "right for six"),
    (checks.error_of_squares, [lambda p, y: (p - y) ** 2 / len(y)], "by the chain rule"),
    (
        checks.error_of_squares,
        [lambda p, y: 2 * (p - y) * y * (1 - y) / len(y)],
        "by the chain rule",
    ),
    (checks.corrected_bias, [lambda b, p, q: corrected(-0.4, p, q)], "by which factor"),
    (checks.corrected_bias, [lambda b, p, q: b * q / p], "by which factor"),
    (checks.corrected_bias, [lambda b, p, q: b + log_odds(q) + log_odds(p)], "by which factor"),
    (checks.boundary, [1.0015 * np.array([-1, -2]) / ROOT, 1.0015 * 2 / ROOT], "have length 1.002"),
    (checks.boundary, [[-1 / ROOT, -2 / ROOT], 2 / ROOT + 2e-3], "the score at (2, 0) is 0.002"),
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
