"""The checks of the chapter on weights and bias: right answers pass, likely mistakes get their hints."""

import numpy as np
import pytest

from groundup.exercises import weights_and_bias as checks

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


@pytest.mark.parametrize(
    ("check", "attempt"),
    [
        (checks.heating, [W, -18 * W]),
        (checks.heating, [-0.5493, 9.8875]),
        (checks.heating, [np.array([[W]], "float32"), [-18 * W]]),
        (checks.boundary, [[-1 / ROOT, -2 / ROOT], 2 / ROOT]),
        (checks.boundary, [np.array([-0.4472, -0.8944]), 0.8944]),
        (checks.unscaled, [unscale]),
        (checks.unscaled, [lambda w, b, mu, s: [w / s, np.array([b - mu @ (w / s)])[0]]]),
        (checks.error_of_squares, [squares]),
        (checks.error_of_squares, [lambda p, y: list(2 / 6 * (p - y) * (p - p**2))]),
        (checks.corrected_bias, [corrected]),
        (checks.corrected_bias, [lambda b, p, q: b - np.log(p / (1 - p) * (1 - q) / q)]),
    ],
)
def test_right_answers_pass(check, attempt):
    assert check(*attempt).hint is None


@pytest.mark.parametrize(
    ("check", "attempt", "hint"),
    [
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
        (checks.unscaled, [lambda w, b, mu, s: w / s], "return two things"),
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
        (checks.error_of_squares, [lambda p, y: (p - y) / 6], "nothing cancels here"),
        (checks.error_of_squares, [lambda p, y: (p - y) / 3], "go on through the sigmoid"),
        (checks.error_of_squares, [lambda p, y: squares(p, y) / 2], "a factor of two"),
        (checks.error_of_squares, [lambda p, y: squares(p, y) * 6], "the loss is a mean"),
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
    ],
)
def test_a_likely_mistake_gets_its_hint(check, attempt, hint):
    assert hint in check(*attempt).hint
