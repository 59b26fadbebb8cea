"""Checks of the chapter on layers: right answers pass, and each likely mistake gets its hint."""

import math
import re

import numpy as np
import pytest
from tests.exercises.handed_in import xor_runs

from groundup.exercises.foundations import layers
from groundup.runs.grids import Grid

ONES = [[1, 1], [1, 1]]
DIFFERENCES = [[1, -1], [-1, 1]]
SIGMOID = 1 / (1 + math.exp(0.2))


def right(W1, b1, W2, b2, order):
    return W1[:, order], b1[order], W2[order], b2


def moved(*which):
    """Only these of the three arrays are put in order."""

    def rearrange(W1, b1, W2, b2, order):
        return (
            W1[:, order] if "W1" in which else W1,
            b1[order] if "b1" in which else b1,
            W2[order] if "W2" in which else W2,
            b2,
        )

    return rearrange


def backwards(W1, b1, W2, b2, order):
    return right(W1, b1, W2, b2, np.argsort(order))


RUNS = xor_runs(11)


RIGHT = [
    (layers.by_hand, [0.2, 0.4, -0.2, SIGMOID]),
    (layers.by_hand, [np.float32(0.2), [0.4], -0.2, 0.450]),
    (layers.parameters, [114, 114]),
    (layers.parameters, [np.int64(114), "114"]),
    (layers.xor_of_relus, [ONES, [0, -1], [[1], [-2]], [0]]),
    (layers.xor_of_relus, [ONES, [0, -1], [1, -2], 0]),
    (layers.xor_of_relus, [DIFFERENCES, [0, 0], [[1], [1]], 0]),
    (layers.xor_of_relus, [[[-1, -1], [-1, -1]], [2, 1], [[1], [-2]], 0]),
    (layers.reordered, [right, 40320]),
    (layers.reordered, [lambda *arrays: list(right(*arrays)), math.factorial(8)]),
    (layers.tanh_units, [11, xor_runs(11)]),
    (layers.tanh_units, [np.int64(12), tuple(xor_runs(12))]),
    (layers.tanh_units, [11, Grid({"seed": (*range(20),)}, np.array(xor_runs(11), object), {})]),
    (layers.tanh_units, [[8.0], xor_runs(8)]),
    (layers.folds, [32, 10, 32]),
    (layers.by_hand, ["0.2", 2 / 5, -1 / 5, 0.4502]),
    (layers.parameters, [114.0, [114]]),
    (layers.xor_of_relus, [ONES, [[0, -1]], [[1], [-2]], [[0]]]),
    (layers.xor_of_relus, [np.float32(DIFFERENCES), np.zeros(2), np.float32([1, 1]), 0]),
    (layers.xor_of_relus, [[[3, 1], [3, 1]], [0, -1], [1 / 3, -2], 0]),
    (layers.reordered, [lambda W1, b1, W2, b2, o: (np.take(W1, o, 1), b1[o], W2[o, :], b2), 40320]),
    (
        layers.reordered,
        [lambda W1, b1, W2, b2, o: (W1.T[o].T.tolist(), [b1[j] for j in o], W2[o], [*b2]), 40320.0],
    ),
    (layers.folds, [32.0, np.int64(10), "32"]),
    (layers.by_hand, [0.2000001, 0.4000001, -0.2000001, SIGMOID]),
    (layers.xor_of_relus, [ONES, [0, -1], [1, -2], 5e-7]),
]


@pytest.mark.parametrize(("check", "attempt"), RIGHT)
def test_right_answers_pass(check, attempt):
    assert check(*attempt).hint is None


WRONG = [
    (layers.by_hand, [0.4, 0.2, -0.2, SIGMOID], "changed places"),
    (layers.by_hand, [0.1, 0.5, -0.2, SIGMOID], "have a bias too, 0.1 and -0.1"),
    (layers.by_hand, [0.3, 0.3, -0.2, SIGMOID], "a column of the first matrix, not a row"),
    (layers.by_hand, [0.2, 0.5, -0.2, SIGMOID], "the first activation is right"),
    (layers.by_hand, [0.1, 0.4, -0.2, SIGMOID], "the second activation is right"),
    (layers.by_hand, [1, 1, -0.2, SIGMOID], "each unit adds up its two weights"),
    (layers.by_hand, [0.2, 0.4, 0.1, SIGMOID], "the output has a bias too"),
    (layers.by_hand, [0.2, 0.4, 0, 0.5], "the output unit has no ReLU"),
    (layers.by_hand, [0.2, 0.4, 1, 0.5], "multiplies them by 1.5 and by -0.5"),
    (layers.by_hand, [0.2, 0.4, -0.2, 0.5498], "mind the sign"),
    (layers.by_hand, [0.2, 0.4, -0.2, -0.2], "is the sigmoid"),
    (layers.by_hand, [0.2, 0.4, -0.2, 0], "is the sigmoid"),
    (layers.by_hand, [0.2, 0.4, -0.2, 0.44], "it is 1 / (1 + e^0.2)"),
    (layers.by_hand, [0.2, ..., -0.2, 0.44], "in place of the ..."),
    (layers.parameters, [98, 114], "the first number counts the weights only"),
    (layers.parameters, [114, 98], "the second number counts the weights only"),
    (layers.parameters, [119, 114], "the first number gives the inputs a bias"),
    (layers.parameters, [101, 114], "the first number has one bias for each layer"),
    (layers.parameters, [114, 112], "without the biases of the output units"),
    (layers.parameters, [114, 115], "the second number isn't 115"),
    (layers.xor_of_relus, [[[1, -1], [1, -1]], [-0.5, 1.5], [1, 1], -1.5], "with steps"),
    (layers.xor_of_relus, [ONES, [0, -1], [-1, 2], 1], "the opposite of XOR"),
    (layers.xor_of_relus, [ONES, [0, -1], [2, -4], 0], "on the right sides"),
    (layers.xor_of_relus, [[[1, -1], [1, -1]], [0, -1], [1, -2], 0], "is silent at all four"),
    (layers.xor_of_relus, [ONES, [0, -1], [1, -1], 0], "the answers are 0, 1, 1, 1; let both"),
    (layers.xor_of_relus, [ONES, [0, -1], [[1, -2]], 0], "leads from two units to one"),
    (layers.xor_of_relus, [[1, 1], [0, -1], [1, -2], 0], "the first matrix is to be of shape"),
    (layers.reordered, [moved("W1"), 40320], "takes its bias along"),
    (layers.reordered, [moved("W1", "b1"), 40320], "the rows of W2"),
    (layers.reordered, [moved("b1"), 40320], "stand where they stood"),
    (layers.reordered, [moved(), 40320], "stand where they stood"),
    (layers.reordered, [backwards, 40320], "in another order"),
    (layers.reordered, [lambda *a: right(*a)[:2], 40320], "four things"),
    (
        layers.reordered,
        [lambda *a: (*right(*a)[:2], backwards(*a)[2], a[3]), 40320],
        "a column of W1, an entry of b1 and a row of W2",
    ),
    (layers.reordered, [right, 256], "for the second 7 are left"),
    (layers.reordered, [right, 8], "all eight places"),
    (layers.reordered, [right, 8**8], "in two places at once"),
    (layers.reordered, [right, 5040], "Go on to 8"),
    (layers.tanh_units, [0.55, RUNS], "how many of the twenty"),
    (layers.tanh_units, [40, RUNS], "only twenty"),
    (layers.tanh_units, [11, xor_runs(11, activation="relu")], "and these tanh"),
    (layers.tanh_units, [0, xor_runs(0, units=8)], "two hidden units"),
    (layers.tanh_units, [11, xor_runs(11, output="tanh")], "to stay a sigmoid"),
    (layers.tanh_units, [11, xor_runs(11, bias=0.1)], "to start at zero"),
    (layers.tanh_units, [11, xor_runs(11, rate=0.05)], "a learning rate of 0.5"),
    (layers.tanh_units, [10.5, RUNS], "a whole number"),
    (layers.tanh_units, [10, RUNS], "another number than 10 solves"),
    (layers.tanh_units, [12, RUNS], "another number than 12 solves"),
    (layers.tanh_units, [11, 11], "hand in the runs too"),
    (layers.tanh_units, [11, ...], "in place of the ..."),
    (layers.tanh_units, [11, [run.model for run in RUNS]], "hand in the runs too"),
    (layers.tanh_units, [11, RUNS[:19]], "20 runs, and these are 19"),
    (layers.tanh_units, [11, xor_runs(11, epochs=100)], "1000 epochs, and one has 100"),
    (layers.tanh_units, [11, xor_runs(11, seeds=range(1, 21))], "the seeds 0 to 19"),
    (layers.tanh_units, [20, RUNS[:1] * 20], "the seeds 0 to 19"),
    (layers.folds, [10, 10, 32], "each fold doubles"),
    (layers.folds, [64, 10, 32], "and five?"),
    (layers.folds, [31, 10, 32], "the bends between"),
    (layers.folds, [20, 10, 32], "draw the fold"),
    (layers.folds, [32, 5, 32], "each of five hidden layers has two"),
    (layers.folds, [32, 10, 31], "flat on one side of its bend"),
    (layers.folds, [32, 10, 10], "at one place at most"),
    (layers.folds, [32, 10, 34], "at one place at most"),
    (layers.by_hand, [0.2, 0.4, -0.2, 0.4508], "it is 1 / (1 + e^0.2)"),
    (layers.by_hand, [0.2, 0.4, -0.2, 0.45 + 7e-4], "it is 1 / (1 + e^0.2)"),
    (layers.by_hand, [0.2, 0.4, -0.21, SIGMOID], "multiplies them by 1.5 and by -0.5"),
    (layers.parameters, [114.001, 114], "the first number isn't 114"),
    (layers.parameters, [5 * 7 * 7 * 2, 114], "the first number isn't 490"),
    (layers.parameters, [114, 5 * 14 + 14 * 2 + 14 + 2 + 5], "the second number gives the inputs"),
    (layers.xor_of_relus, [ONES, [0, -1], [1, -2], 1e-3], "on the right sides"),
    (layers.xor_of_relus, [ONES, [0, -1, 2], [1, -2], 0], "the row of hidden biases is to be"),
    (layers.xor_of_relus, [ONES, [0, 0], [1, -1], 0], "the answers are 0, 0, 0, 0"),
    (
        layers.reordered,
        [lambda W1, b1, W2, b2, o: (W1[:, o], b1[o], W2[:, o], b2), 40320],
        "the new W2",
    ),
    (layers.reordered, [lambda W1, b1, W2, b2, o: (W1[o], b1[o], W2[o], b2), 40320], "IndexError"),
    (
        layers.reordered,
        [lambda W1, b1, W2, b2, o: right(W1, b1, W2, b2, [1, 2, 0]), 40320],
        "of shape",
    ),
    (layers.reordered, [lambda *a: right(*a[:4], sorted(a[4])), 40320], "stand where they stood"),
    (
        layers.reordered,
        [lambda *a: tuple(0 * b for b in right(*a)), 40320],
        "computes something else",
    ),
    (layers.reordered, [right, 40319], "Go on to 8"),
    (layers.folds, [32, 10, 33], "agree between these"),
    (layers.folds, [32, 20, 32], "each of five hidden layers has two"),
    (layers.folds, [32.4, 10, 32], "draw the fold"),
    (layers.by_hand, [0.20001, 0.4, -0.2, SIGMOID], "the second activation is right"),
    (layers.by_hand, [0.2, 0.40002, -0.2, SIGMOID], "the first activation is right"),
    (layers.by_hand, [0.2, 0.4, -0.20001, SIGMOID], "multiplies them by 1.5 and by -0.5"),
    (layers.xor_of_relus, [ONES, [0, -1], [1, -2], 5e-6], "on the right sides"),
]


@pytest.mark.parametrize(("check", "attempt", "hint"), WRONG)
def test_a_mistake_gets_its_hint(check, attempt, hint):
    result = check(*attempt)
    assert not result.passed
    assert re.search(re.escape(hint), result.hint), result.hint


def test_the_reader_keeps_the_arrays():
    """A function that changes what it's given is judged by what it returns."""

    def in_place(W1, b1, W2, b2, order):
        W1[:], b1[:], W2[:] = W1[:, order], b1[order], W2[order]
        return W1, b1, W2, b2

    assert layers.reordered(in_place, 40320).passed


def test_answers_that_are_hardly_on_the_right_side_are_no_solution():
    runs = xor_runs(2)
    for run, part in zip(runs[:2], (0.06, 0.1), strict=True):  # of the scores, nearly -5 and 5
        *hidden, W, b = run.model.get_weights()
        run.model.set_weights([*hidden, part * W, part * b])
        assert np.array_equal(run.model.predict(layers.CORNERS)[:, 0] > 0.5, layers.XOR == 1)
    assert "another number than 2 solves" in layers.tanh_units(2, runs).hint
    assert layers.tanh_units(1, runs).passed
