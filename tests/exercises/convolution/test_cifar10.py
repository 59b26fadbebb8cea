"""The checks of the chapter on CIFAR-10: right answers pass, likely mistakes get hints."""

import math

import numpy as np
import pytest

from groundup.exercises.convolution import cifar10 as checks


def both_roads(dY, X, V, W):
    return dY + ((dY @ W.T) * (X @ V > 0)) @ V.T


def example_by_example(dY, X, V, W):
    found = []
    for dy, x in zip(dY, X, strict=True):
        slope = np.diag((x @ V > 0).astype(float))
        found.append((np.eye(len(x)) + V @ slope @ W) @ dy)
    return found


def through_the_layers(dY, X, V, W):
    return both_roads(dY, X, V, W) - dY


FLOOR = -0.82 * math.log(0.82) - 0.18 * math.log(0.02)
BEFORE = np.array([0.50, 0.52, 0.51, 0.49, 0.53])
AFTER = np.array([0.55, 0.54, 0.56, 0.57, 0.53])
POINTS = 4.0

RIGHT = [
    (checks.two_roads, [both_roads]),
    (checks.two_roads, [example_by_example]),
    (checks.lowest, [FLOOR]),
    (checks.lowest, [0.867]),
    (checks.without_dropout, [2, AFTER, POINTS, BEFORE]),
    (checks.without_dropout, [-3.5, list(AFTER), 4, list(BEFORE)]),
    (checks.six_answers, [11 / 60]),
    (checks.six_answers, [0.183]),
]
WRONG = [
    (checks.two_roads, [lambda *given: ...], "put your answer"),
    (checks.two_roads, [lambda dY, X, V, W: dY @ W.T], "shape of X"),
    (checks.two_roads, [through_the_layers], "leads past them"),
    (checks.two_roads, [lambda dY, X, V, W: dY], "the shortcut alone"),
    (checks.two_roads, [lambda dY, *g: dY * through_the_layers(dY, *g)], "gradients add up"),
    (checks.two_roads, [lambda dY, X, V, W: dY + dY @ W.T @ V.T], "units that are off"),
    (
        checks.two_roads,
        [lambda dY, X, V, W: dY + ((dY @ W.T) * (X @ V <= 0)) @ V.T],
        "other way round",
    ),
    (
        checks.two_roads,
        [lambda dY, X, V, W: dY + ((dY @ W.T) * np.maximum(X @ V, 0)) @ V.T],
        "not by its value",
    ),
    (checks.two_roads, [lambda *given: both_roads(*given) / 2], "half of it"),
    (checks.two_roads, [lambda dY, *g: dY + both_roads(dY, *g)], "counts twice"),
    (checks.two_roads, [lambda dY, X, V, W: dY - through_the_layers(dY, X, V, W)], "step by step"),
    (checks.lowest, [...], "put your answer"),
    (checks.lowest, [0], "without smoothing"),
    (checks.lowest, [-FLOOR], "a minus in front"),
    (checks.lowest, [-0.82 * math.log(0.82)], "nine others belong"),
    (checks.lowest, [-math.log(0.82)], "multiplied by its target"),
    (checks.lowest, [FLOOR / math.log(2)], "in bits"),
    (checks.lowest, [FLOOR / math.log(10)], "base 10"),
    (checks.lowest, [FLOOR / 10], "add the ten up"),
    (checks.lowest, [-0.82 * math.log(0.82) - 0.02 * math.log(0.02)], "nine others, not one"),
    (checks.lowest, [-0.8 * math.log(0.8) - 0.18 * math.log(0.02)], "its share, too"),
    (checks.lowest, [math.log(10)], "knows nothing"),
    (checks.lowest, [1.5], "over all ten"),
    (checks.without_dropout, [..., ..., ..., BEFORE], "put your answer"),
    (checks.without_dropout, [2, ..., ..., BEFORE], "put your answer"),
    (checks.without_dropout, [200, AFTER, POINTS, BEFORE], "more than 100"),
    (checks.without_dropout, [2, AFTER[0], POINTS, BEFORE], "an accuracy for each"),
    (checks.without_dropout, [2, 100 * AFTER, POINTS, BEFORE], "between 0 and 1"),
    (checks.without_dropout, [2, BEFORE, 0, BEFORE], "with dropout"),
    (checks.without_dropout, [2, AFTER, -POINTS, BEFORE], "other way round"),
    (checks.without_dropout, [2, AFTER, POINTS / 100, BEFORE], "this is a share"),
    (
        checks.without_dropout,
        [2, AFTER, 100 * (AFTER.mean() / BEFORE.mean() - 1), BEFORE],
        "in percent of what it was",
    ),
    (
        checks.without_dropout,
        [2, np.sort(AFTER) - [0.02, 0, 0, 0, 0], 4.0, BEFORE],
        "compares the best",
    ),
    (checks.without_dropout, [2, AFTER, 12.0, BEFORE], "times 100"),
    (checks.six_answers, [...], "put your answer"),
    (checks.six_answers, [1 / 12], "don't cancel"),
    (checks.six_answers, [-1 / 12], "isn't negative"),
    (checks.six_answers, [22 / 60], "a half"),
    (checks.six_answers, [2 / 6], "wrong answers"),
    (checks.six_answers, [16 / 60], "first bin's gap"),
    (checks.six_answers, [0.1], "second bin's gap"),
    (checks.six_answers, [8 / 60], "more often than it said"),
    (checks.six_answers, [math.sqrt(((16 / 60) ** 2 + 0.01) / 2)], "without squares"),
    (checks.six_answers, [0.55], "all six"),
    (checks.six_answers, [1100 / 60], "not in percent"),
    (checks.six_answers, [0.7], "Then the mean"),
]


@pytest.mark.parametrize(("check", "attempt"), RIGHT)
def test_right(check, attempt):
    assert check(*attempt).passed


@pytest.mark.parametrize(("check", "attempt", "hint"), WRONG)
def test_wrong(check, attempt, hint):
    result = check(*attempt)
    assert not result.passed
    assert hint in result.hint
