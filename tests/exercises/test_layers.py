"""Checks of the chapter on layers: right answers pass, and each likely mistake gets its hint."""

import math
import re

import numpy as np
import pytest

from groundup.exercises import layers

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


@pytest.mark.parametrize(
    ("check", "attempt"),
    [
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
        (layers.tanh_units, [11]),
        (layers.tanh_units, [np.int64(12)]),
        (layers.folds, [32, 10, 32]),
    ],
)
def test_right_answers_pass(check, attempt):
    assert check(*attempt).hint is None


@pytest.mark.parametrize(
    ("check", "attempt", "hint"),
    [
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
        (layers.by_hand, [0.2, ..., -0.2, 0.44], "in the place of the ..."),
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
        (layers.reordered, [lambda *a: right(*a)[:2], 40320], "four arrays"),
        (
            layers.reordered,
            [lambda *a: (*right(*a)[:2], backwards(*a)[2], a[3]), 40320],
            "a column of W1, an entry of b1 and a row of W2",
        ),
        (layers.reordered, [right, 256], "for the second 7 are left"),
        (layers.reordered, [right, 8], "all eight places"),
        (layers.reordered, [right, 5040], "Go on to 8"),
        (layers.tanh_units, [0.55], "how many of the twenty"),
        (layers.tanh_units, [40], "only twenty"),
        (layers.tanh_units, [2], "is the hidden layer's activation tanh?"),
        (layers.tanh_units, [19], "are there two hidden units"),
        (layers.tanh_units, [10.5], "a whole number"),
        (layers.folds, [10, 10, 32], "each fold doubles"),
        (layers.folds, [64, 10, 32], "and five?"),
        (layers.folds, [31, 10, 32], "the bends between"),
        (layers.folds, [20, 10, 32], "draw the fold"),
        (layers.folds, [32, 5, 32], "each of five hidden layers has two"),
        (layers.folds, [32, 10, 31], "flat on one side of its bend"),
        (layers.folds, [32, 10, 10], "at one place at most"),
    ],
)
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
