"""The checks of the chapter on three frameworks: right answers pass, likely mistakes get their hints."""

import numpy as np
import pandas as pd
import pytest

from groundup.exercises.training import three_frameworks as checks

LOW, HIGH = [0.80, 0.81, 0.79, 0.82, 0.80], [0.87, 0.88, 0.86, 0.88, 0.87]


def reindexed(table, districts):
    columns = pd.get_dummies(table["district"]).reindex(columns=districts, fill_value=False)
    return columns.to_numpy("float32")


def compared(table, districts):
    return [[float(name == district) for district in districts] for name in table["district"]]


def dummies(table, districts):
    return pd.get_dummies(table["district"]).to_numpy("float32")


def padded(table, districts):
    columns = dummies(table, districts)
    return np.pad(columns, ((0, 0), (0, len(districts) - columns.shape[1])))


def unsorted(table, districts):
    return np.array(compared(table, districts))[:, ::-1]


def last_for_unknown(table, districts):
    found = np.array(compared(table, districts))
    found[found.sum(axis=1) == 0, -1] = 1
    return found


RIGHT = [
    (checks.carried_over, [lambda arrays: [array.T for array in arrays]]),
    (
        checks.carried_over,
        [lambda arrays: tuple(np.swapaxes(a, 0, 1) if a.ndim == 2 else a for a in arrays)],
    ),
    (checks.forgotten, [1, 1.0]),
    (checks.forgotten, ["1.0", np.float32(0.9966)]),
    (checks.which_part, ["weights", LOW, HIGH]),
    (checks.which_part, ["weights", np.array([LOW]), np.array(HIGH, "float32")]),
    (checks.one_flat, [reindexed]),
    (checks.one_flat, [compared]),
]


@pytest.mark.parametrize(("check", "attempt"), RIGHT)
def test_right_answers_pass(check, attempt):
    assert check(*attempt).hint is None


def square_kept(arrays):
    return [a if a.ndim == 1 or a.shape[0] == a.shape[1] else a.T for a in arrays]


WRONG = [
    (checks.carried_over, [lambda arrays: ...], "put your answer"),
    (checks.carried_over, [lambda arrays: arrays], "is to be of shape (3, 4)"),
    (checks.carried_over, [square_kept], "V2 is square"),
    (
        checks.carried_over,
        [lambda arrays: [a.reshape(a.shape[::-1]) for a in arrays]],
        "reshape keeps the numbers in their order",
    ),
    (checks.carried_over, [lambda arrays: [a.T for a in arrays if a.ndim == 2]], "biases too"),
    (checks.carried_over, [lambda arrays: arrays[0].T], "a list of arrays"),
    (checks.carried_over, [lambda arrays: [-a.T for a in arrays]], "rows and columns exchanged"),
    (checks.forgotten, [..., ...], "put your answer"),
    (checks.forgotten, [0, 1.0], "what zero_grad does"),
    (checks.forgotten, [0.9, 1.0], "old gradients fade"),
    (checks.forgotten, [-1, 1.0], "every gradient stays in the sum"),
    (checks.forgotten, [1, 0.0], "where the gradients are emptied"),
    (checks.forgotten, [1, 40.0], "this grows"),
    (checks.forgotten, [1, 0.5], "add θ to the sum"),
    (checks.forgotten, ["all", 1.0], "made of numbers"),
    (checks.which_part, [..., ..., ...], "put your answer"),
    (checks.which_part, ["bounds", LOW, HIGH], "'weights' or 'biases'"),
    (checks.which_part, ["biases", LOW, HIGH], "which of the two costs digits"),
    (checks.which_part, ["weights", HIGH, LOW], "which of the two costs digits"),
    (checks.which_part, ["weights", LOW[:3], HIGH], "five accuracies with PyTorch's weights"),
    (checks.which_part, ["weights", 100 * np.array(LOW), HIGH], "between 0 and 1"),
    (checks.which_part, ["weights", [0.8] * 5, HIGH], "are these five seeds"),
    (checks.which_part, ["weights", LOW, LOW], "both sets are the same"),
    (checks.one_flat, [lambda table, districts: ...], "put your answer"),
    (checks.one_flat, [dummies], "for a single flat the array is to be of shape (1, 4)"),
    (checks.one_flat, [padded], "the ones stand in the wrong columns"),
    (checks.one_flat, [unsorted], "the ones stand in the wrong columns"),
    (checks.one_flat, [last_for_unknown], "a district that the network doesn't know"),
    (
        checks.one_flat,
        [lambda table, districts: 2 * reindexed(table, districts)],
        "zeros elsewhere",
    ),
    (checks.one_flat, [lambda table, districts: None], "is None"),
]


@pytest.mark.parametrize(("check", "attempt", "hint"), WRONG)
def test_a_likely_mistake_gets_its_hint(check, attempt, hint):
    assert hint in check(*attempt).hint
