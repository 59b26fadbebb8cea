"""The chapter on activation functions: right answers pass, likely mistakes get their hints."""

import numpy as np
import pytest

from groundup import nn
from groundup.exercises.foundations import activations


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def swish(z, beta):
    return z * sigmoid(beta * z)


def slope(z, beta):
    s = sigmoid(beta * z)
    return s * (1 + beta * z * (1 - s))


def never_on(W, b):
    return np.where(W > 0, W, 0).sum(axis=0) + b <= 0


def border(W, b):
    return np.where(W > 0, W, 0).sum(axis=0) + b < 0


def corners(W, b):
    """Every corner of the cube of inputs, one after the other."""
    inputs = np.array(np.meshgrid(*[[0, 1]] * len(W))).reshape(len(W), -1).T
    return [(inputs @ W[:, j] + b[j]).max() <= 1e-12 for j in range(len(b))]


class Stretched(nn.ActivationFunction):
    """A sigmoid between 0 and ``height``, ``width`` times as narrow; its way back by ``slope``."""

    def __init__(self, height=2.0, width=2.0, slope=lambda s: 4 * s * (1 - s), lift=0.0):
        self.height, self.width, self.slope, self.lift = height, width, slope, lift

    def forward(self, Z):
        self.s = sigmoid(self.width * Z)
        return self.height * self.s + self.lift

    def backward(self, dA):
        return dA * self.slope(self.s)


class SlopeAlone(Stretched):
    def backward(self, dA):
        return self.slope(self.s)


class Nothing(nn.ActivationFunction):
    def forward(self, Z):
        return ...


RIGHT = [
    (activations.uncentred, [Stretched(), 2.8e-4]),
    (activations.uncentred, [Stretched(slope=lambda s: 1 - (2 * s - 1) ** 2), np.float32(5e-4)]),
    (activations.start_for, [lambda alpha: np.sqrt(2 / (1 + alpha**2))]),
    (activations.start_for, [lambda alpha: (0.5 + alpha * alpha / 2) ** -0.5]),
    (activations.one_neuron, [[1.28, 1.28], -2.56, -0.23]),
    (
        activations.one_neuron,
        [[3.72, 3.72], -5, -0.1],
    ),  # all but (1, 1) low: and (0, 0) higher still
    (activations.one_neuron, [[-1.28, -1.28], 0, -0.23]),
    (activations.one_neuron, [[2, -2], -1.28, -0.2]),  # not alike, and (0, 0) and (1, 1) lowest
    (activations.tanh_from_sigmoid, [lambda s, z: 2 * s(2 * z) - 1]),
    (activations.tanh_from_sigmoid, [lambda s, z: list(s(2 * z) - s(-2 * z))]),
    (activations.swish, [swish, slope]),
    (activations.never_on, [never_on]),
    (activations.never_on, [lambda W, b: never_on(W, b).astype(int).tolist()]),
    (activations.tanh_from_sigmoid, [lambda s, z: 1 - 2 * s(-2 * z)]),
    (activations.tanh_from_sigmoid, [lambda s, z: [2 * s(2 * x) - 1 for x in z]]),
    (activations.tanh_from_sigmoid, [lambda s, z: 2 * s(np.float32(2) * z.astype("float32")) - 1]),
    (activations.tanh_from_sigmoid, [lambda s, z: (s(2 * z) - 0.5) / 0.5]),
    (activations.swish, [lambda z, b: z / (1 + np.exp(-b * z)), lambda z, b: [*slope(z, b)]]),
    (
        activations.swish,
        [swish, lambda z, b: sigmoid(b * z) + b * z * sigmoid(b * z) * sigmoid(-b * z)],
    ),
    (activations.swish, [lambda z, b: swish(z.astype("float32"), b), slope]),
    (activations.never_on, [corners]),
    (activations.never_on, [lambda W, b: (W * (W > 0)).sum(0) <= -b]),
]


@pytest.mark.parametrize(("check", "attempt"), RIGHT)
def test_right_answers_pass(check, attempt):
    assert check(*attempt).hint is None


WRONG = [
    (activations.uncentred, [Stretched(lift=-1.0), 2.8e-4], "which is centred"),
    (activations.uncentred, [Stretched(height=1.0), 2.8e-4], "this goes from 0 to 1"),
    (activations.uncentred, [Stretched(width=1.0), 2.8e-4], "squeeze it to half the width"),
    (activations.uncentred, [Stretched(height=3.0), 2.8e-4], "is to give 2 σ(2 Z)"),
    (activations.uncentred, [Nothing(), ...], "put your answer in place of"),
    (activations.uncentred, [SlopeAlone(), 2.8e-4], "the slope alone"),
    (
        activations.uncentred,
        [Stretched(slope=lambda s: s * (1 - s)), 2.8e-4],
        "both the height and",
    ),
    (
        activations.uncentred,
        [Stretched(slope=lambda s: 2 * s * (1 - s)), 2.8e-4],
        "both the height",
    ),
    (
        activations.uncentred,
        [Stretched(slope=lambda s: 1 - 4 * s * s), 2.8e-4],
        "the slope of tanh",
    ),
    (activations.uncentred, [Stretched(slope=lambda s: s), 2.8e-4], "dA times the slope"),
    (activations.uncentred, [Stretched(), 0.35], "as much as with tanh?"),
    (activations.uncentred, [Stretched(), 1e-12], "as little as with the sigmoid?"),
    (activations.uncentred, [Stretched(), 0.02], "hand in in_five_starts"),
    (activations.uncentred, [Stretched(), ...], "put your answer in place of"),
    (activations.start_for, [lambda alpha: 2 / (1 + alpha**2)], "grow by its root"),
    (activations.start_for, [lambda alpha: np.sqrt(2)], "for α = 1 the lower half isn't lost"),
    (activations.start_for, [lambda alpha: np.sqrt(2 / (1 + alpha))], "α² of them"),
    (activations.start_for, [lambda alpha: np.sqrt((1 + alpha**2) / 2)], "make up for it"),
    (activations.start_for, [lambda alpha: 1.0], "what part of the sum of squares"),
    (
        activations.start_for,
        [lambda alpha: np.sqrt(2) + alpha * (1 - np.sqrt(2))],
        "for α = 0.2 it's another",
    ),
    (activations.start_for, [lambda alpha: ...], "put your answer in place of"),
    (activations.one_neuron, [[1, 1], 0, 5], "all four outputs are below or at c"),
    (activations.one_neuron, [[1, 1], 0, -1], "all four outputs are above c"),
    (activations.one_neuron, [[1, -1], 0, 0.5], "treat both inputs alike"),
    (activations.one_neuron, [[1, 1], 0, 0.5], "this is OR"),
    (activations.one_neuron, [[1, 1], 0, 1.0], "this is AND"),
    (activations.one_neuron, [[1.28, 1.28], -2.56, ...], "put your answer in place of"),
    (activations.one_neuron, [1.28, -2.56, -0.23], "is to be of shape (2,)"),
    (activations.tanh_from_sigmoid, [lambda s, z: np.tanh(z)], "the sigmoid that is handed in"),
    (activations.tanh_from_sigmoid, [lambda s, z: 2 * s(z) - 1], "this is tanh(z / 2)"),
    (activations.tanh_from_sigmoid, [lambda s, z: s(2 * z)], "this goes from 0 to 1"),
    (activations.tanh_from_sigmoid, [lambda s, z: 1 - 2 * s(2 * z)], "but for its sign"),
    (activations.tanh_from_sigmoid, [lambda s, z: s(z)], "divide numerator and denominator"),
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
    (activations.never_on, [lambda W, b: ...], "put your answer in place of"),
    (
        activations.tanh_from_sigmoid,
        [lambda s, z: (s(z), np.tanh(z))[1]],
        "the sigmoid that is handed in",
    ),
    (
        activations.tanh_from_sigmoid,
        [lambda s, z: np.tanh(z) + 0 * s(z)],
        "the sigmoid that is handed in",
    ),
    (
        activations.tanh_from_sigmoid,
        [lambda s, z: 2 * sigmoid(2 * z) - 1],
        "the sigmoid that is handed in",
    ),
    (
        activations.tanh_from_sigmoid,
        [lambda s, z: s(2 * z) * (1 - np.exp(-2 * z))],
        "something else is bent",
    ),
    (
        activations.tanh_from_sigmoid,
        [lambda s, z: (s(z) ** 2 - s(-z) ** 2) / (s(z) ** 2 + s(-z) ** 2)],
        "something else is bent",
    ),
    (activations.tanh_from_sigmoid, [lambda s, z: 2 * s(2 * z[0]) - 1], "is to be of shape (200,)"),
    (
        activations.tanh_from_sigmoid,
        [lambda s, z: 2 * s(2 * z)],
        "divide numerator and denominator",
    ),
    (activations.swish, [lambda z, b: z * sigmoid(b + z), slope], "β = 1 the function isn't"),
    (activations.swish, [lambda z, b: b * z * sigmoid(b * z), slope], "β = 0.5 the function isn't"),
    (activations.swish, [lambda z, b: np.maximum(z, 0), slope], "the function isn't z σ(β z)"),
    (
        activations.swish,
        [swish, lambda z, b: z * b * sigmoid(b * z) * sigmoid(-b * z)],
        "product rule",
    ),
    (activations.swish, [swish, lambda z, b: slope(z, 1.0)], "β = 0.5 the derivative isn't"),
    (activations.never_on, [border], "a unit whose z is zero at most"),
    (activations.never_on, [lambda W, b: np.abs(W).sum(axis=0) + b <= 0], "judged wrongly"),
    (activations.never_on, [lambda W, b: np.maximum(W, 0).sum(axis=0) <= b], "the same of all"),
    (
        activations.never_on,
        [lambda W, b: np.maximum(W, 0).sum(axis=1) + b <= 0],
        "raised ValueError",
    ),
    (activations.never_on, [lambda W, b: (W <= 0).all(axis=0) & (b <= 0)], "judged wrongly"),
    (activations.never_on, [lambda W, b: np.maximum(W + b, 0).sum(axis=0) <= 0], "judged wrongly"),
]


@pytest.mark.parametrize(("check", "attempt", "hint"), WRONG)
def test_a_likely_mistake_gets_its_hint(check, attempt, hint):
    assert hint in check(*attempt).hint


def test_what_swish_is_checked_against():
    """The check differentiates numerically; the formula is another way."""
    z = np.linspace(-3, 3, 7)
    step = 1e-5
    for beta in (0.5, 3.0):
        numeric = (swish(z + step, beta) - swish(z - step, beta)) / (2 * step)
        np.testing.assert_allclose(slope(z, beta), numeric, atol=1e-9)
