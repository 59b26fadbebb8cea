"""The checks of the chapter on measuring and debugging: right answers and likely mistakes."""

import itertools

import numpy as np
import pytest

from groundup.exercises.training import measuring_and_debugging as checks

COUNTS = np.array([[90, 10, 0], [5, 80, 5], [30, 0, 10]])
READ = np.diag(COUNTS)
ACCURACY = READ.sum() / COUNTS.sum()
RECALL, PRECISION = READ / COUNTS.sum(axis=1), READ / COUNTS.sum(axis=0)


def percent(matrix):
    """What a matrix of counts says, with a class that doesn't occur, or is never said, left at zero."""
    right, rows, columns = np.diag(matrix), matrix.sum(axis=1), matrix.sum(axis=0)
    return right.sum() / matrix.sum(), right / np.maximum(rows, 1), right / np.maximum(columns, 1)


DIAGONAL = np.diag([3, 5, 2])
NEVER_SAID = np.array([[4, 1, 0], [2, 3, 0], [1, 1, 0]])
NEVER_SEEN = NEVER_SAID.T
TRUE = np.repeat([0, 1, 2], COUNTS.sum(axis=1))
WITH_NAN = [*percent(NEVER_SEEN)[1][:2], np.nan]


def area(p, y):
    order = np.argsort(-p)
    return (np.cumsum(y[order]) / y.sum())[y[order] == 0].mean()


def pairs(p, y):
    return np.mean(p[y == 1][:, None] > p[y == 0])


def trapezoids(p, y):
    order = np.argsort(-p)
    up = np.r_[0, np.cumsum(y[order]) / y.sum()]
    right = np.r_[0, np.cumsum(1 - y[order]) / (1 - y).sum()]
    return np.trapezoid(up, right)


def counted_pairs(p, y):
    return np.sum(p[y == 1][:, None] > p[y == 0])


def prepare(images, labels, rng, scale=255, targets=lambda labels: labels == 8):
    order = rng.permutation(len(images))
    x = images[order].reshape(-1, 784) / scale
    return x.astype("float32"), targets(labels[order]).astype("float32")


def shuffled_together(images, labels, rng):
    together = np.arange(len(images))
    rng.shuffle(together)
    return np.float64(images[together].reshape(len(images), -1)) / 255, 1.0 * (
        labels[together] == 8
    )


def apart(images, labels, rng):
    x = rng.permutation(images).reshape(-1, 784) / 255
    return x, rng.permutation(labels) == 8


def turned_round(images, labels, rng):
    order = rng.permutation(len(images))
    return images[order].reshape(784, -1).T / 255, labels[order] == 8


def as_asked(images, labels, rng):
    x = rng.permutation(images).reshape(784, -1).T / 255
    return x.astype("float32"), (rng.permutation(labels) == 8).astype("float32")


def drawn(images, labels, rng):
    order = rng.integers(len(images), size=len(images))
    return images[order].reshape(-1, 784) / 255, labels[order] == 8


def in_order(images, labels, rng):
    return images.reshape(-1, 784) / 255, labels == 8


def memory(sizes, m, size=4, copies=2, bias=1, first=0):
    parameters = sum((n + bias) * k for n, k in itertools.pairwise(sizes))
    return size * (copies * parameters + m * sum(sizes[first:]))


RIGHT = [
    (checks.confusion, [COUNTS, ACCURACY, RECALL, PRECISION]),
    (checks.confusion, [COUNTS.tolist(), [ACCURACY], list(RECALL), PRECISION.tolist()]),
    (checks.confusion, [DIAGONAL, 1, [1, 1, 1], [1, 1, 1]]),
    (checks.confusion, [COUNTS / COUNTS.sum(), ACCURACY, RECALL, PRECISION]),
    (checks.confusion, [COUNTS / COUNTS.sum(), ACCURACY, RECALL, PRECISION, TRUE]),
    (checks.confusion, [COUNTS.astype("float32"), np.float32(ACCURACY), RECALL, PRECISION]),
    (checks.confusion, [COUNTS, round(ACCURACY, 3), RECALL.round(3), PRECISION.round(3)]),
    (checks.confusion, [COUNTS, ACCURACY, RECALL, PRECISION, TRUE]),
    (checks.confusion, [NEVER_SAID, *percent(NEVER_SAID)]),
    (checks.confusion, [NEVER_SEEN, *percent(NEVER_SEEN)]),
    (
        checks.confusion,
        [NEVER_SEEN, percent(NEVER_SEEN)[0], WITH_NAN, percent(NEVER_SEEN)[2]],
    ),
    (checks.area, [area]),
    (checks.area, [pairs]),
    (checks.area, [trapezoids]),
    (checks.prepared, [prepare]),
    (checks.prepared, [shuffled_together]),
    (checks.memory, [memory]),
    (checks.memory, [lambda sizes, m: [float(memory(sizes, m))]]),
]


@pytest.mark.parametrize(("check", "attempt"), RIGHT)
def test_a_right_answer_passes(check, attempt):
    assert check(*attempt).passed


WRONG = [
    (
        checks.confusion,
        [COUNTS, RECALL.mean(), RECALL, PRECISION],
        "mean of the recalls",
    ),
    (checks.confusion, [COUNTS, 100 * ACCURACY, RECALL, PRECISION], "from 0 to 1"),
    (checks.confusion, [COUNTS, 0.5, RECALL, PRECISION], "stands on the diagonal"),
    (checks.confusion, [COUNTS, ACCURACY, PRECISION, RECALL], "have changed places"),
    (
        checks.confusion,
        [COUNTS, ACCURACY, READ / COUNTS.sum(), PRECISION],
        "isn't its share of all digits; divide by what is it, a row",
    ),
    (
        checks.confusion,
        [COUNTS, ACCURACY, RECALL, RECALL],
        "the precision of a digit is its number on the diagonal, divided by what was taken for it",
    ),
    (checks.confusion, [COUNTS, ACCURACY, RECALL[:2], PRECISION], "the recall is to be"),
    (checks.confusion, [COUNTS.T, ACCURACY, RECALL, PRECISION], "have changed places"),
    (checks.confusion, [COUNTS.T, ACCURACY, PRECISION, RECALL, TRUE], "is transposed"),
    (checks.confusion, [COUNTS, ACCURACY, RECALL, PRECISION, TRUE[:-1]], "among the labels"),
    (checks.confusion, [COUNTS, ACCURACY, RECALL, PRECISION, TRUE + 1], "among the labels"),
    (
        checks.confusion,
        [COUNTS, ACCURACY, 100 * RECALL, PRECISION],
        "the recall is to be a share",
    ),
    (
        checks.confusion,
        [COUNTS, ACCURACY, RECALL, 100 * PRECISION],
        "the precision is to be a share",
    ),
    (checks.confusion, [COUNTS, ACCURACY, READ, READ], "the recall of a digit"),
    (
        checks.confusion,
        [COUNTS, ACCURACY, RECALL, PRECISION[::-1]],
        "the precision of a digit",
    ),
    (
        checks.confusion,
        [COUNTS, PRECISION.mean(), RECALL, PRECISION],
        "stands on the diagonal",
    ),
    (
        checks.confusion,
        [COUNTS, ACCURACY + 6e-4, RECALL, PRECISION],
        "stands on the diagonal",
    ),
    (
        checks.confusion,
        [COUNTS, ACCURACY, RECALL + 6e-4, PRECISION],
        "the recall of a digit",
    ),
    (
        checks.confusion,
        [COUNTS, ACCURACY, RECALL, PRECISION - 6e-4],
        "the precision of a digit",
    ),
    (checks.confusion, [READ, ACCURACY, RECALL, PRECISION], "a row and a column for each"),
    (checks.confusion, [DIAGONAL, 0.99, [1, 1, 1], [1, 1, 1]], "stands on the diagonal"),
    (checks.area, [lambda p, y: ...], "put your answer"),
    (checks.area, [lambda p, y: None], "is None"),
    (checks.area, [lambda p, y: area(-p, y)], "above the curve"),
    (checks.area, [lambda p, y: 1 - area(p, y)], "above the curve"),
    (checks.area, [counted_pairs], "a step up is 1 over the number of eights"),
    (checks.area, [lambda p, y: counted_pairs(p, y) / len(p) ** 2], "not by all pairs"),
    (checks.area, [lambda p, y: np.mean((p > 0.5) == (y == 1))], "no threshold"),
    (checks.area, [lambda p, y: area(p, y) + 1e-3], "add up, for each step"),
    (checks.area, [lambda p, y: 0.5], "add up, for each step"),
    (checks.prepared, [lambda *given: (..., ...)], "put your answer"),
    (checks.prepared, [apart], "doesn't have its own target"),
    (checks.prepared, [turned_round], "pixels of several pictures"),
    (checks.prepared, [as_asked], "pixels of several pictures"),
    (checks.prepared, [lambda i, k, r: prepare(i, k, r, i.max())], "aren't those of before"),
    (
        checks.prepared,
        [lambda i, k, r: prepare(i, k, r, i.max(axis=(1, 2)).mean())],
        "scales another set",
    ),
    (checks.prepared, [lambda i, k, r: prepare(i, k, r, 1)], "still go up to 255"),
    (
        checks.prepared,
        [lambda i, k, r: prepare(i, k, r, targets=lambda t: t != 8)],
        "not for the others",
    ),
    (
        checks.prepared,
        [lambda i, k, r: prepare(i, k, r, targets=lambda t: t)],
        "1 for an eight and 0",
    ),
    (checks.prepared, [drawn], "shuffle, don't draw"),
    (checks.prepared, [in_order], "in their old order"),
    (checks.prepared, [lambda i, k, r: prepare(i, k, r)[0]], "two things"),
    (checks.prepared, [lambda i, k, r: (i / 255, k == 8)], "x is to be of"),
    (checks.memory, [lambda sizes, m: ...], "put your answer"),
    (checks.memory, [lambda sizes, m: memory(sizes, m, size=1)], "each takes four bytes"),
    (checks.memory, [lambda sizes, m: memory(sizes, m, size=8)], "double precision"),
    (checks.memory, [lambda sizes, m: memory(sizes, m, copies=1)], "has a gradient"),
    (checks.memory, [lambda sizes, m: memory(sizes, m, copies=4)], "this is for Adam"),
    (checks.memory, [lambda sizes, m: memory(sizes, m, bias=0)], "has a bias"),
    (checks.memory, [lambda sizes, m: memory(sizes, m, first=1)], "l begins at 0"),
    (checks.memory, [lambda sizes, m: memory(sizes, 1)], "for each example of the batch"),
    (checks.memory, [lambda sizes, m: m * memory(sizes, 1)], "there once for the batch"),
    (checks.memory, [lambda sizes, m: memory(sizes, m) + 4000], "bytes, and this is"),
]


@pytest.mark.parametrize(("check", "attempt", "hint"), WRONG)
def test_a_likely_mistake_gets_its_hint(check, attempt, hint):
    assert hint in check(*attempt).hint
