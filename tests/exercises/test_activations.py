"""The chapter on activation functions: right answers pass, likely mistakes get their hints."""

import numpy as np
import pytest

from groundup.exercises import activations


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def swish(z, beta):
    return z * sigmoid(beta * z)


def slope(z, beta):
    s = sigmoid(beta * z)
    return s * (1 + beta * z * (1 - s))


def never_on(W, b):
    return np.where(W > 0, W, 0).sum(axis=0) + b <= 0


@pytest.mark.parametrize(
    ("check", "attempt"),
    [
        (activations.tanh_from_sigmoid, [lambda s, z: 2 * s(2 * z) - 1]),
        (activations.tanh_from_sigmoid, [lambda s, z: list(s(2 * z) - s(-2 * z))]),
        (activations.passes, [4]),
        (activations.passes, ["4"]),
        (activations.swish, [swish, slope]),
        (activations.never_on, [never_on]),
        (activations.never_on, [lambda W, b: never_on(W, b).astype(int).tolist()]),
        (activations.deep, [0.11, 0.93]),
    ],
)
def test_right_answers_pass(check, attempt):
    assert check(*attempt).hint is None


@pytest.mark.parametrize(
    ("check", "attempt", "hint"),
    [
        (activations.tanh_from_sigmoid, [lambda s, z: np.tanh(z)], "the sigmoid that is handed in"),
        (activations.tanh_from_sigmoid, [lambda s, z: 2 * s(z) - 1], "this is tanh(z / 2)"),
        (activations.tanh_from_sigmoid, [lambda s, z: s(2 * z)], "this goes from 0 to 1"),
        (activations.tanh_from_sigmoid, [lambda s, z: 1 - 2 * s(2 * z)], "but for its sign"),
        (activations.tanh_from_sigmoid, [lambda s, z: s(z)], "divide numerator and denominator"),
        (activations.passes, [5], "4⁻⁵ = 1/1024"),
        (activations.passes, [9], "its derivative isn't"),
        (activations.passes, [250], "they don't add up"),
        (activations.passes, [4.98], "a whole number"),
        (activations.passes, [-1], "a whole number"),
        (activations.passes, [3], "how steep is a sigmoid at most"),
        (activations.swish, [lambda z, beta: z * sigmoid(z), slope], "β changes nothing"),
        (activations.swish, [lambda z, beta: sigmoid(beta * z), slope], "multiply by z itself"),
        (activations.swish, [lambda z, beta: z, slope], "the function isn't z σ(β z)"),
        (activations.swish, [swish, lambda z, beta: sigmoid(beta * z)], "both of its factors"),
        (
            activations.swish,
            [swish, lambda z, b: sigmoid(b * z) * (1 + z * (1 - sigmoid(b * z)))],
            "brings a factor β",
        ),
        (activations.swish, [swish, swish], "product rule, then chain rule"),
        (activations.never_on, [lambda W, b: ~never_on(W, b)], "the other way round"),
        (activations.never_on, [lambda W, b: b <= 0], "an input of zeros only"),
        (activations.never_on, [lambda W, b: W.sum(axis=0) + b <= 0], "an input of ones only"),
        (activations.never_on, [lambda W, b: np.minimum(W, 0).sum(0) + b <= 0], "same of all"),
        (activations.never_on, [lambda W, b: W[0] < 0], "of 300 units are judged wrongly"),
        (activations.never_on, [lambda W, b: W.sum(axis=0)], "yes or no"),
        (activations.never_on, [lambda W, b: True], "is to be of shape (300,)"),
        (activations.deep, [93, 0.93], "a share from 0 to 1"),
        (activations.deep, [0.93, 0.11], "have changed places"),
        (activations.deep, [0.9, 0.93], "are there ten?"),
        (activations.deep, [0.11, 0.5], "tanh does better"),
        (activations.deep, [0.11, ...], "put your answer in the place of"),
        (activations.never_on, [lambda W, b: ...], "put your answer in the place of"),
    ],
)
def test_a_likely_mistake_gets_its_hint(check, attempt, hint):
    assert hint in check(*attempt).hint


def test_accuracies_on_a_stand_in_are_not_judged():
    class StandIn:
        is_stand_in = True

    assert activations.deep(0.5, 0.5, needs=StandIn).passed
    assert not activations.deep(0.5, 50, needs=StandIn).passed


def test_what_swish_is_checked_against():
    """The check differentiates numerically; the formula is another way."""
    z = np.linspace(-3, 3, 7)
    step = 1e-5
    for beta in (0.5, 3.0):
        numeric = (swish(z + step, beta) - swish(z - step, beta)) / (2 * step)
        np.testing.assert_allclose(slope(z, beta), numeric, atol=1e-9)
