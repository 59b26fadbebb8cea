"""The checks of the chapter on what deep learning is, with right answers and likely mistakes."""

import itertools

import numpy as np
import pytest
from tests.exercises import handed_in

from groundup import nn
from groundup.exercises.foundations import deep_learning
from groundup.nn import random


def count(sizes):
    return sum((d + 1) * n for d, n in itertools.pairwise(sizes))


def weights(sizes):
    return sum(d * n for d, n in itertools.pairwise(sizes))


def reversed_rows(sizes):
    return count(sizes[::-1])


def rows(p, digits):
    """The probabilities of the true digits."""
    return p[np.arange(len(digits)), digits]


def right_loss(p, digits):
    return -np.mean(np.log(rows(p, digits)))


SHAPES = np.random.default_rng(0).uniform(size=(10, 784)) * (np.arange(784) >= 56)


def drawn(count, seed, share=0.15):
    """Faint pictures of ten shapes, with nothing in the two uppermost rows, and which they show."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(10, size=count)
    noise = rng.uniform(size=(count, 784)) * (np.arange(784) >= 56)
    return (share * SHAPES[labels] + (1 - share) * noise).astype("float32"), labels


def wide_run(units, reads, frozen=True, epochs=8):
    """A run of a network that reads the ten shapes, or calls each of them a zero."""
    model = handed_in.network((784, units, 10), "relu", "softmax")
    model.layers[0].trainable = not frozen
    W1 = np.zeros((784, units))
    W1[:, :10] = (SHAPES - SHAPES.mean(axis=0)).T
    W2 = np.zeros((units, 10))
    W2[:10] = 10 * np.eye(10) * reads
    model.set_weights([W1, np.zeros(units), W2, np.zeros(10)])
    return handed_in.run(model, epochs)


def unfrozen(units):
    return wide_run(units, True, frozen=False)


def output_frozen(units):
    run = wide_run(units, True)
    run.model.layers[1].trainable = False
    return run


def three_layers():
    return handed_in.run(handed_in.network((784, 256, 256, 10), "relu", "softmax"), 8)


DRAWN, NEW, EASY = drawn(1500, 1), drawn(500, 2), drawn(500, 3, 0.35)
LEARNED = [wide_run(64, True, frozen=False)]
BOTH, NEITHER = ([wide_run(256, reads), wide_run(1024, reads)] for reads in (True, False))
LONGER = [wide_run(units, True, epochs=32) for units in (256, 1024)]


def wiped(x):
    return np.where(np.arange(784) < 56, 0, x)


RIGHT = [
    (deep_learning.mean_loss, [right_loss]),
    (
        deep_learning.mean_loss,
        [lambda p, y: np.mean([-np.log(r[k]) for r, k in zip(p, y, strict=True)])],
    ),
    (deep_learning.mean_loss, [lambda p, y: np.log(1 / rows(p, y)).sum() / len(y)]),
    (deep_learning.frozen_wide, [BOTH, 256, LEARNED, *EASY]),
    (deep_learning.frozen_wide, [tuple(BOTH[::-1]), 256.0, LEARNED, *EASY]),
    (deep_learning.cleaned, [wiped, *DRAWN, *NEW]),
    (deep_learning.cleaned, [lambda x: x * (np.arange(784) >= 56), *DRAWN, *NEW]),
    (deep_learning.parameters, [count]),
    (deep_learning.parameters, [lambda sizes: float(count(sizes))]),
    (deep_learning.parameters, [lambda sizes: np.dot(np.add(sizes[:-1], 1), sizes[1:])]),
    (deep_learning.parameters, [lambda sizes: [count(tuple(sizes))]]),
]


@pytest.mark.parametrize(("check", "attempt"), RIGHT)
def test_right_answers_pass(check, attempt):
    assert check(*attempt).hint is None


WRONG = [
    (deep_learning.mean_loss, [lambda p, y: -right_loss(p, y)], "the sign is wrong"),
    (deep_learning.mean_loss, [lambda p, y: len(y) * right_loss(p, y)], "this is the sum"),
    (deep_learning.mean_loss, [lambda p, y: -np.mean(np.log10(rows(p, y)))], "base ten"),
    (deep_learning.mean_loss, [lambda p, y: -np.mean(np.log2(rows(p, y)))], "base two"),
    (deep_learning.mean_loss, [lambda p, y: -np.mean(np.log(p.max(axis=1)))], "that of the true"),
    (deep_learning.mean_loss, [lambda p, y: -np.log(rows(p, y).mean())], "logarithms first"),
    (deep_learning.mean_loss, [lambda p, y: np.mean(1 - rows(p, y))], "not 1 - p"),
    (deep_learning.mean_loss, [lambda p, y: -np.mean(np.log(p))], "not all ten"),
    (deep_learning.mean_loss, [lambda p, y: -np.log(p).sum(axis=1).mean()], "not all ten"),
    (deep_learning.mean_loss, [lambda p, y: -np.mean(np.log(p[:, y]))], "only its own digit"),
    (
        deep_learning.mean_loss,
        [lambda p, y: -np.mean(np.eye(10)[y] * np.log(p))],
        "divide by the number of pictures",
    ),
    (deep_learning.mean_loss, [lambda p, y: 2.3], "what is -log of"),
    (deep_learning.mean_loss, [lambda p, y: -np.log(rows(p, y))], "shape (), one number"),
    (deep_learning.frozen_wide, [..., 0, LEARNED, *EASY], "put your answer in place"),
    (deep_learning.frozen_wide, [[0.9, 0.9], 0, LEARNED, *EASY], "hand in the runs"),
    (deep_learning.frozen_wide, [BOTH, 1024, LEARNED, *EASY], "the runs are right"),
    (deep_learning.frozen_wide, [BOTH, 0, LEARNED, *EASY], "the runs are right"),
    (deep_learning.frozen_wide, [NEITHER, 0, LEARNED, *EASY], "have they trained?"),
    (deep_learning.frozen_wide, [LONGER, 256, LEARNED, *EASY], "compare like with like"),
    (deep_learning.frozen_wide, [BOTH[:1], 256, LEARNED, *EASY], "no network with 1024 units"),
    (deep_learning.frozen_wide, [[*BOTH, wide_run(64, True)], 256, LEARNED, *EASY], "one has 64"),
    (deep_learning.frozen_wide, [[*BOTH, unfrozen(256)], 256, LEARNED, *EASY], "isn't frozen"),
    (
        deep_learning.frozen_wide,
        [[*BOTH, output_frozen(256)], 256, LEARNED, *EASY],
        "outputs should learn",
    ),
    (deep_learning.frozen_wide, [[*BOTH, three_layers()], 256, LEARNED, *EASY], "not 3 layers"),
    (deep_learning.cleaned, [lambda x: x, *DRAWN, *NEW], "still sees the marks"),
    (
        deep_learning.cleaned,
        [lambda x: np.where(np.arange(784) < 28, 0, x), *DRAWN, *NEW],
        "still sees the marks",
    ),
    (
        deep_learning.cleaned,
        [lambda x: np.where(np.arange(784) < 770, 0, x), *DRAWN, *NEW],
        "part of the digits",
    ),
    (deep_learning.cleaned, [lambda x: 0 * x, *DRAWN, *NEW], "part of the digits"),
    (
        deep_learning.cleaned,
        [lambda x: x[:, 56:], *DRAWN, *NEW],
        "what comes out is to be of shape",
    ),
    (deep_learning.cleaned, [lambda x: None, *DRAWN, *NEW], "is None"),
    (deep_learning.parameters, [weights], "each unit has a bias too"),
    (deep_learning.parameters, [lambda s: weights(s) + sum(s)], "inputs aren't units"),
    (deep_learning.parameters, [lambda s: weights(s) + len(s) - 1], "not one for all"),
    (deep_learning.parameters, [lambda s: weights(s) + sum(s[:-1])], "on the right"),
    (
        deep_learning.parameters,
        [lambda s: count(s) if len(s) < 4 else count(s[:3])],
        "every pair of neighbours",
    ),
    (
        deep_learning.parameters,
        [lambda s: (s[0] + 1) * s[1] + (s[1] + 1) * s[2]],
        "right for three sizes, but [5, 4, 3, 2] has 4",
    ),
    (deep_learning.parameters, [lambda s: 7], "how many weights and biases"),
    (deep_learning.parameters, [lambda s: None], "is None"),
    (deep_learning.parameters, [reversed_rows], "on the right"),
    (deep_learning.parameters, [lambda s: np.prod(s)], "how many weights and biases"),
    (
        deep_learning.parameters,
        [lambda s: count([s[0], s[1], s[-1]])],
        "how many weights and biases",
    ),
    (deep_learning.parameters, [lambda s: count(s) + 0.01], "how many weights and biases"),
]


@pytest.mark.parametrize(("check", "attempt", "hint"), WRONG)
def test_a_likely_mistake_gets_its_hint(check, attempt, hint):
    assert hint in check(*attempt).hint


def test_neither_width_may_do():
    """As with MNIST: the answer is then zero, and the smaller width is none."""
    some = [wide_run(256, True), wide_run(1024, True)]
    for run in some:  # these take every shape from 8 on for a zero
        weights = run.model.get_weights()
        weights[2][8:] = 0
        run.model.set_weights(weights)
    assert deep_learning.frozen_wide(some, 0, LEARNED, *EASY).passed
    assert "the runs are right" in deep_learning.frozen_wide(some, 256, LEARNED, *EASY).hint


def test_a_check_leaves_the_state_of_chance_as_it_was():
    nn.set_random_seed(3)
    wanted = random.generator.uniform()
    nn.set_random_seed(3)
    assert deep_learning.cleaned(wiped, *DRAWN, *NEW).passed
    assert random.generator.uniform() == wanted
