"""The checks of the chapter on a deep network in Keras: right answers pass, likely mistakes get hints."""

import numpy as np
import pandas as pd
import pytest

from groundup.exercises.training import keras_network as checks

P = 134_794


def by_loop(truth, said):
    found = np.zeros((10, 10), int)
    for t, s in zip(truth, said, strict=True):
        found[t, s] += 1
    return found


def by_product(truth, said):
    return np.eye(10)[truth].T @ np.eye(10)[said]


def at_once(truth, said):
    found = np.zeros((10, 10), int)
    found[truth, said] += 1
    return found


def of_those_there_are(truth, said):
    """With a row for each digit that occurs, and none for another."""
    return pd.crosstab(truth, said).to_numpy()


def by_pad(x):
    padded = np.pad(x.reshape(-1, 28, 28), ((0, 0), (0, 0), (4, 0)))
    return padded[:, :, :28].reshape(len(x), -1)


def by_zeros(x):
    found = np.zeros((len(x), 28, 28))
    found[:, :, 4:] = x.reshape(-1, 28, 28)[:, :, :-4]
    return found.reshape(len(x), -1)


def rolled(steps, axis):
    return lambda x: np.roll(x.reshape(-1, 28, 28), steps, axis).reshape(len(x), -1)


RIGHT = [
    (checks.hidden_widths, [(128, 64)]),
    (checks.hidden_widths, [np.array([128.0, 64.0])]),
    (checks.totals, [P + 2, 2 * P + 2]),
    (checks.totals, [np.float64(134_796), 269_590.0]),
    (checks.confusion, [by_loop]),
    (checks.confusion, [by_product]),
    (checks.moved, [by_pad, 0.4, 0.7]),
    (checks.moved, [by_zeros, np.float32(0.5), np.array([0.8])]),
]
WRONG = [
    (checks.hidden_widths, [...], "put your answer"),
    (checks.hidden_widths, [128], "two things"),
    (checks.hidden_widths, [(64, 128)], "wrong order"),
    (checks.hidden_widths, [(100, 64)], "first hidden layer has 128"),
    (checks.hidden_widths, [(128, 64.5)], "whole number"),
    (checks.hidden_widths, [(128, 128)], "too many"),
    (checks.hidden_widths, [(128, 65)], "did you count the biases"),
    (checks.hidden_widths, [(128, 32)], "not 109,386"),
    (checks.totals, [..., ...], "put your answer"),
    (checks.totals, [P, 2 * P], "two more numbers"),
    (checks.totals, [2, 2 * P + 2], "share alone"),
    (checks.totals, [2 * P + 2, 3 * P + 2], "forgets it"),
    (checks.totals, [P + 2, 3 * P + 2], "momentum: how many"),
    (checks.totals, [P + 2, P + 2], "momentum: this is the optimizer"),
    (checks.confusion, [lambda truth, said: ...], "put your answer"),
    (checks.confusion, [lambda truth, said: by_loop(said, truth)], "changed places"),
    (checks.confusion, [at_once], "counts each place once"),
    (checks.confusion, [lambda truth, said: by_loop(truth, said) / len(truth)], "don't divide"),
    (
        checks.confusion,
        [lambda truth, said: by_loop(truth, said) * (1 - np.eye(10))],
        "diagonal",
    ),
    (checks.confusion, [lambda truth, said: np.zeros((10, 10))], "counts 0"),
    (checks.confusion, [lambda truth, said: np.zeros((9, 9))], "shape"),
    (
        checks.confusion,
        [of_those_there_are],
        "to be of shape (10, 10), and this is of shape (9, 10)",
    ),
    (checks.moved, [lambda x: ..., 0.4, 0.7], "put your answer"),
    (checks.moved, [rolled(4, 2), 0.4, 0.7], "paper"),
    (checks.moved, [rolled(-4, 2), 0.4, 0.7], "left"),
    (checks.moved, [rolled(4, 1), 0.4, 0.7], "down"),
    (checks.moved, [lambda x: np.roll(x, 4, axis=1), 0.4, 0.7], "enters the next one"),
    (checks.moved, [lambda x: x, 0.4, 0.7], "four columns"),
    (checks.moved, [by_pad, 40.0, 70.0], "between 0 and 1"),
    (checks.moved, [by_pad, 0.7, 0.4], "changed round"),
    (checks.moved, [by_pad, 0.97, 0.98], "stand where they were"),
]


@pytest.mark.parametrize(("check", "attempt"), RIGHT)
def test_right(check, attempt):
    assert check(*attempt).passed


@pytest.mark.parametrize(("check", "attempt", "hint"), WRONG)
def test_wrong(check, attempt, hint):
    result = check(*attempt)
    assert not result.passed
    assert hint in result.hint
