"""The checks of the chapter on the perceptron: right answers pass, likely mistakes get their hints."""

from itertools import product

import numpy as np
import pytest
from scipy.linalg import hadamard

from groundup.exercises.foundations import perceptron

XOR, OPPOSITE = (-1, 1, 1, -1), (1, -1, -1, 1)
TETRAHEDRON = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]])
LABELS = np.array([1, 1, -1, -1])
DIRECTION = np.array([1.0, 0, 0, 0])  # the sum of y (x, 1) over its length, by hand
SQUARE = np.array([[0.0, 0], [0, 3], [3, 0], [3, 3]])


def appended(feature):
    return lambda X: np.column_stack([X, feature(X)])


EIGHT = hadamard(8)  # at right angles; the ones come first
CUBE = np.array([*product((-1, 1), repeat=3)])
# One more, which is wrong only where it comes first.
FIFTH = np.vstack([TETRAHEDRON[:2], [[1.5, 0, 0]], TETRAHEDRON[2:]])
NINTH = np.vstack([EIGHT[:, 1:], np.zeros(7)])


# Six corners of a regular simplex: with their 1 they are at right angles to each other.
SIMPLEX = np.linalg.qr(np.column_stack([np.ones(6), np.eye(6)[:, :5]]))[0][:, 1:] * 6**0.5
RIGHT = [
    (perceptron.first_epoch, [1, 1, 0, 9]),
    (perceptron.first_epoch, [[1.0], "1", np.zeros(1), 9.0]),
    (perceptron.two_bits, [[XOR, OPPOSITE]]),
    (perceptron.two_bits, [np.array([OPPOSITE, XOR], "float32")]),
    (perceptron.prepared, [lambda X: X - X.mean(axis=0)]),
    (perceptron.prepared, [lambda X: (X - X.mean(axis=0)) / X.std(axis=0)]),
    (perceptron.prepared, [lambda X: (X - X.min(axis=0)) / np.ptp(X, axis=0)]),
    (perceptron.prepared, [lambda X: (X - np.median(X, axis=0)).tolist()]),
    (perceptron.more_features, [appended(lambda X: X[:, 0] * X[:, 1])]),
    (perceptron.more_features, [appended(lambda X: X.max(axis=1))]),
    (perceptron.more_features, [appended(lambda X: (X[:, 0] != X[:, 1]).astype(float))]),
    (perceptron.more_features, [appended(lambda X: (X[:, :1] - X[:, 1:]) ** [2, 4])]),
    (perceptron.as_slow_as_can_be, [TETRAHEDRON, LABELS, DIRECTION]),
    (perceptron.as_slow_as_can_be, [TETRAHEDRON.tolist(), [1] * 4, [0, 0, 0, 1]]),
    (perceptron.first_epoch, [np.float32(1), 1.0, -0.0, np.int64(9)]),
    (perceptron.two_bits, [[OPPOSITE, XOR, XOR]]),
    (perceptron.two_bits, [{"both": [XOR, OPPOSITE]}["both"]]),
    (perceptron.more_features, [lambda X: [[a, b, a * b] for a, b in X]]),
    (perceptron.more_features, [appended(lambda X: (X[:, 0] - X[:, 1]) ** 2)]),
    (perceptron.more_features, [appended(lambda X: X.astype(bool).all(axis=1))]),
    (
        perceptron.as_slow_as_can_be,
        [TETRAHEDRON[::-1].astype("float32"), [1, -1, 1, -1], [0, -1, 0, 0]],
    ),
    (perceptron.as_slow_as_can_be, [EIGHT[:, 1:], [1] * 8, [0] * 7 + [1]]),
    (
        perceptron.as_slow_as_can_be,
        [SIMPLEX, [1] * 6, [0] * 5 + [1]],
    ),  # right angles, but for rounding
]


@pytest.mark.parametrize(("check", "attempt"), RIGHT)
def test_right_answers_pass(check, attempt):
    assert check(*attempt).hint is None


WRONG = [
    (perceptron.first_epoch, [0, 0, 0, 1], "exactly zero counts as wrong"),
    (perceptron.first_epoch, [0, 0, -1, 9], "these are the weights after (0, 0)"),
    (perceptron.first_epoch, [1, 1, -1, 9], "changes the bias too"),
    (perceptron.first_epoch, [1, 1, 1, 9], "has made the bias −1"),
    (perceptron.first_epoch, [3, 2, -4, 9], "at the very end, after 9 epochs"),
    (perceptron.first_epoch, [2, 1, -1, 9], "only two of the four"),
    (perceptron.first_epoch, [1, 1, 0, 8], "count the last epoch too"),
    (perceptron.first_epoch, [1, 1, 0, 4], "it isn't 4 epochs"),
    (perceptron.first_epoch, [1, 1, 0, ...], "in place of the"),
    (perceptron.first_epoch, [1, 1, None, 9], "the bias is None"),
    (perceptron.two_bits, [[XOR]], "XOR is one of them; there are 2, and you have 1"),
    (perceptron.two_bits, [[OPPOSITE]], "there are 2, and you have 1"),
    (perceptron.two_bits, [[XOR, OPPOSITE, (-1, -1, -1, 1)]], "(-1, -1, -1, 1) can be learned"),
    (perceptron.two_bits, [[(0, 1, 1, 0)]], "each target must be −1 or 1"),
    (perceptron.two_bits, [2], "rows of four labels"),
    (perceptron.two_bits, [XOR], "rows of four labels"),
    (perceptron.two_bits, [[]], "rows of four labels"),
    (perceptron.prepared, [lambda X: X], "in centimetres"),
    (perceptron.prepared, [lambda X: X / 10], "in centimetres"),
    (
        perceptron.prepared,
        [lambda X: X / X.std(axis=0)],
        "it still wasn't done; where on your ruler",
    ),
    (perceptron.prepared, [lambda X: X / X.max(axis=0)], "how far from it"),
    (perceptron.prepared, [lambda X: X - [5.5, 3.1]], "in millimetres"),
    (perceptron.prepared, [lambda X: X - X.mean()], "in millimetres"),
    (perceptron.prepared, [lambda X: 0 * X], "another ruler"),
    (perceptron.prepared, [lambda X: X[:, ::-1]], "another ruler"),
    (perceptron.prepared, [lambda X: (X[:, :1] > X[:, 1:] + 2) * [1, -1]], "another ruler"),
    (perceptron.prepared, [lambda X: X[:, :1]], "what the function gives"),
    (perceptron.prepared, [lambda X: None], "is None"),
    (perceptron.more_features, [lambda X: X], "at least three inputs"),
    (perceptron.more_features, [lambda X: X[:, 0] * X[:, 1]], "a row for each"),
    (perceptron.more_features, [lambda X: None], "is None"),
    (perceptron.more_features, [appended(lambda X: X.sum(axis=1))], "a weighted sum"),
    (perceptron.more_features, [appended(lambda X: 1 - X[:, 0])], "a weighted sum"),
    (perceptron.more_features, [lambda X: appended(np.prod)(X)[:, ::-1]], "raised"),
    (perceptron.more_features, [lambda X: np.c_[X[:, 0] * X[:, 1], X]], "stay as they are"),
    (perceptron.more_features, [appended(lambda X: [0, 1, 1, 0])], "not on its place"),
    (perceptron.more_features, [appended(lambda X: X[:, 0] * X[:, 1] * 0.01)], "a size like"),
    (perceptron.as_slow_as_can_be, [TETRAHEDRON[:2], [1, -1], DIRECTION], "at least four"),
    (
        perceptron.as_slow_as_can_be,
        [TETRAHEDRON[:3], [1, 1, -1], DIRECTION],
        "has 3 examples; find",
    ),
    (perceptron.as_slow_as_can_be, [TETRAHEDRON, [0, 0, 1, 1], DIRECTION], "−1 or 1"),
    (
        perceptron.as_slow_as_can_be,
        [TETRAHEDRON, LABELS, DIRECTION[:3]],
        "w⋆ is to be of shape",
    ),
    (perceptron.as_slow_as_can_be, [TETRAHEDRON, LABELS[:3], DIRECTION], "y is to be of shape"),
    (perceptron.as_slow_as_can_be, [LABELS, LABELS, DIRECTION], "a row for each example"),
    (perceptron.as_slow_as_can_be, [TETRAHEDRON, LABELS, 2 * DIRECTION], "the length one"),
    (perceptron.as_slow_as_can_be, [TETRAHEDRON, LABELS, -DIRECTION], "doesn't separate"),
    (
        perceptron.as_slow_as_can_be,
        [TETRAHEDRON, LABELS, np.array([4, 1, 0, 0]) / 17**0.5],
        "Which direction do the weights have",
    ),
    (
        perceptron.as_slow_as_can_be,
        [SQUARE, [-1, -1, 1, 1], np.array([2, 0, -3]) / 13**0.5],
        "does an update for one example change another's score?",
    ),
    (perceptron.first_epoch, [0.5, 0.5, 0, 9], "only two of the four"),
    (perceptron.first_epoch, [1, 1, 0, 10], "it isn't 10 epochs"),
    (perceptron.first_epoch, [1, 0, 0, 9], "only two of the four"),
    (perceptron.two_bits, [[XOR, XOR]], "there are 2, and you have 1"),
    (perceptron.two_bits, [[(-1, 1, -1, 1), XOR, OPPOSITE]], "(-1, 1, -1, 1) can be learned"),
    (
        perceptron.more_features,
        [appended(lambda X: X[:, 0] * X[:, 1] - X.mean())],
        "alone the function gives",
    ),
    (
        perceptron.more_features,
        [appended(lambda X: X[:, 0] * X[:, 1] + len(X))],
        "alone the function gives",
    ),
    (
        perceptron.more_features,
        [appended(lambda X: X.sum(axis=1) == np.median(X.sum(axis=1)))],
        "alone",
    ),
    (perceptron.more_features, [appended(lambda X: np.ones(len(X)))], "a weighted sum"),
    (perceptron.more_features, [lambda X: np.c_[2 * X, X[:, 0] * X[:, 1]]], "stay as they are"),
    (
        perceptron.more_features,
        [lambda X: appended(lambda X: X[:, 0] * X[:, 1])(X).T],
        "a row for each",
    ),
    (
        perceptron.as_slow_as_can_be,
        [[[1, 1]] * 4, [1] * 4, [3**-0.5] * 3],
        "of which 1 are different",
    ),
    (
        perceptron.as_slow_as_can_be,
        [TETRAHEDRON[[0, 1, 2, 2]], [1, 1, 1, 1], DIRECTION],
        "no two alike",
    ),
    (perceptron.as_slow_as_can_be, [FIFTH, [1, 1, 1, -1, -1], DIRECTION], "1 to 4 updates"),
    (perceptron.as_slow_as_can_be, [NINTH, [1] * 9, [0] * 7 + [1]], "1 to 8 updates"),
    (perceptron.as_slow_as_can_be, [2 * TETRAHEDRON, LABELS, DIRECTION], "updates"),
    (perceptron.as_slow_as_can_be, [CUBE, CUBE[:, 0], DIRECTION], "updates"),
    (perceptron.as_slow_as_can_be, [TETRAHEDRON, LABELS, 1.0001 * DIRECTION], "the length one"),
    (perceptron.as_slow_as_can_be, [TETRAHEDRON * 1.0005, LABELS, DIRECTION], "updates"),
]


@pytest.mark.parametrize(("check", "attempt", "hint"), WRONG)
def test_a_likely_mistake_gets_its_hint(check, attempt, hint):
    assert hint in check(*attempt).hint


def test_the_hand_calculation_of_and():
    """The weights at the very end that the hint tells apart, and those after the first epoch."""
    path, updates = perceptron._learn(perceptron.CORNERS, np.array([-1, -1, -1, 1]))
    assert updates[0] == 2
    np.testing.assert_array_equal(path[:2], [[0, 0, -1], [1, 1, 0]])
    np.testing.assert_array_equal(path[-1], [3, 2, -4])
