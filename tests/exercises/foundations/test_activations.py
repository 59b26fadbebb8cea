"""The chapter on activation functions: right answers pass, likely mistakes get their hints."""

import numpy as np
import pytest
from tests.exercises import handed_in

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


def deep_runs(sizes=(3, *[64] * 10, 4), kinds=("sigmoid", "tanh"), epochs=5, rate=0.1):
    models = [handed_in.network(sizes, kind, "softmax", rate=rate) for kind in kinds]
    return [handed_in.run(model, epochs) for model in models]


RUNS = deep_runs()
X = np.random.default_rng(0).normal(size=(200, 3)).astype("float32")
Y = handed_in.labels_read(RUNS[1].model, X, 0.9)
WORSE = handed_in.labels_read(RUNS[0].model, X, 0.95)
ACCURACIES = [handed_in.accuracy(run.model, X, Y) for run in RUNS]


RIGHT = [
    (activations.tanh_from_sigmoid, [lambda s, z: 2 * s(2 * z) - 1]),
    (activations.tanh_from_sigmoid, [lambda s, z: list(s(2 * z) - s(-2 * z))]),
    (activations.passes, [4]),
    (activations.passes, ["4"]),
    (activations.swish, [swish, slope]),
    (activations.never_on, [never_on]),
    (activations.never_on, [lambda W, b: never_on(W, b).astype(int).tolist()]),
    (activations.deep, [*ACCURACIES, RUNS, X, Y]),
    (activations.tanh_from_sigmoid, [lambda s, z: 1 - 2 * s(-2 * z)]),
    (activations.tanh_from_sigmoid, [lambda s, z: [2 * s(2 * x) - 1 for x in z]]),
    (activations.tanh_from_sigmoid, [lambda s, z: 2 * s(np.float32(2) * z.astype("float32")) - 1]),
    (activations.tanh_from_sigmoid, [lambda s, z: (s(2 * z) - 0.5) / 0.5]),
    (activations.passes, [np.int64(4)]),
    (activations.passes, [[4.0]]),
    (activations.swish, [lambda z, b: z / (1 + np.exp(-b * z)), lambda z, b: [*slope(z, b)]]),
    (
        activations.swish,
        [swish, lambda z, b: sigmoid(b * z) + b * z * sigmoid(b * z) * sigmoid(-b * z)],
    ),
    (activations.swish, [lambda z, b: swish(z.astype("float32"), b), slope]),
    (activations.never_on, [corners]),
    (activations.never_on, [lambda W, b: (W * (W > 0)).sum(0) <= -b]),
    (activations.deep, [*np.round(ACCURACIES, 3), tuple(RUNS), X, Y]),
]


@pytest.mark.parametrize(("check", "attempt"), RIGHT)
def test_right_answers_pass(check, attempt):
    assert check(*attempt).hint is None


WRONG = [
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
    (activations.deep, [93, 0.93, RUNS, X, Y], "a share from 0 to 1"),
    (activations.deep, [*ACCURACIES[::-1], RUNS, X, Y], "have changed places"),
    (activations.deep, [0.11, 0.93, RUNS, X, Y], "0.11 isn't the accuracy"),
    (activations.deep, [*ACCURACIES, RUNS, X, WORSE], "isn't the accuracy"),
    (activations.deep, [0.11, ..., RUNS, X, Y], "put your answer in place of"),
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
    (activations.passes, [10], "how steep is a sigmoid"),
    (activations.passes, [4.001], "a whole number"),
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
    (activations.deep, [0.11, 0.93, [...], X, Y], "hand in the runs too"),
    (activations.deep, [0.11, 0.93, [0.11, 0.93], X, Y], "hand in the runs too"),
    (activations.deep, [*ACCURACIES, RUNS[:1], X, Y], "2 runs, and these are 1"),
    (activations.deep, [*ACCURACIES, RUNS[::-1], X, Y], "first the run with sigmoids"),
    (activations.deep, [*ACCURACIES, deep_runs(epochs=8), X, Y], "5 epochs, and one has 8"),
    (activations.deep, [*ACCURACIES, deep_runs(rate=0.5), X, Y], "the learning rate 0.1"),
    (activations.deep, [*ACCURACIES, [RUNS[0], deep_runs(rate=0.5)[1]], X, Y], "learning rate 0.1"),
    *(
        (activations.deep, [*ACCURACIES, runs, X, Y], "ten hidden layers, of 64 units")
        for hidden in ([64] * 2, [64] * 9, [64] * 11, [32] * 10, [*[64] * 9, 65])
        for others in [deep_runs((3, *hidden, 4))]
        for runs in (others, [RUNS[0], others[1]])
    ),
    (activations.deep, [ACCURACIES[0], 0.93, RUNS, X, Y], "0.93 isn't the accuracy"),
    (activations.deep, [ACCURACIES[0] + 0.002, ACCURACIES[1], RUNS, X, Y], "isn't the accuracy"),
]


@pytest.mark.parametrize(("check", "attempt", "hint"), WRONG)
def test_a_likely_mistake_gets_its_hint(check, attempt, hint):
    assert hint in check(*attempt).hint


def test_which_is_better_on_a_stand_in_is_not_judged():
    class StandIn:
        is_stand_in = True

    found = [handed_in.accuracy(run.model, X, WORSE) for run in RUNS]
    assert "tanh does better" in activations.deep(*found, RUNS, X, WORSE).hint
    assert activations.deep(*found, RUNS, X, WORSE, needs=StandIn).passed
    assert not activations.deep(0.5, 0.5, RUNS, X, WORSE, needs=StandIn).passed


def test_what_swish_is_checked_against():
    """The check differentiates numerically; the formula is another way."""
    z = np.linspace(-3, 3, 7)
    step = 1e-5
    for beta in (0.5, 3.0):
        numeric = (swish(z + step, beta) - swish(z - step, beta)) / (2 * step)
        np.testing.assert_allclose(slope(z, beta), numeric, atol=1e-9)
