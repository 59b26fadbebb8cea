"""A run that is made anew is like its record, or the difference is named."""

import json

import numpy as np
import pytest

from groundup.runs.comparison import expect_alike
from groundup.runs.store import Record

NOTHING = {"value": None}


def recorded(history, arrays=None, processor="this", result=None):
    facts = {"name": "run", "inputs": {}, "seconds": 1.0, "provenance": {"processor": processor}}
    return Record(**facts, history=history, arrays=arrays or {}, result=result)


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        (recorded({"loss": [1.0]}), recorded({"mae": [1.0]}), "loss, mae"),
        (recorded({"loss": [1.0]}), recorded({"mae": [1.0]}, processor="that"), "loss, mae"),
        (recorded({}, {"w": np.ones(2)}), recorded({}), "w"),
        (recorded({}, {"w": np.ones(2)}), recorded({}, {"w": np.ones(2, "float32")}), "w"),
        (recorded({}, {"w": np.zeros(2)}), recorded({}, {"w": -np.zeros(2)}), "w"),
        (recorded({"loss": [1.0]}), recorded({"loss": [np.nan]}, processor="that"), "loss"),
        (recorded({"f": [[1.0, 2.0]]}), recorded({"f": [[1.0, 2.5]]}, processor="that"), "f"),
        (recorded({"f": [[1.0, 2.0]]}), recorded({"f": [1.0]}, processor="that"), "f"),
        (recorded({"loss": []}), recorded({"loss": [1.0]}, processor="that"), "loss"),
    ],
)
def test_records_of_any_two_runs_can_be_compared(one, other, said):
    expect_alike(one, one)
    expect_alike(other, other)
    with pytest.raises(RuntimeError, match=f"differs from its record .* in: {said}$"):
        expect_alike(one, other)


@pytest.mark.parametrize("losses", [[], [1.0, np.nan], [np.inf]], ids=repr)
def test_elsewhere_what_ends_without_a_number_is_alike_if_both_do(losses):
    """As of a training that diverged, on both processors."""
    expect_alike(recorded({"loss": losses}), recorded({"loss": [*losses]}, processor="that"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"value": 1}, {"value": 1.0}), ({"value": True}, {"value": 1}),
        ({"value": 0.0}, {"value": -0.0}), ({"value": float("nan")}, {"value": None}),
        ({"list": [{"value": 2}]}, {"list": [{"value": 2.0}]}),
        ({"dict": {"a": NOTHING, "b": NOTHING}}, {"dict": {"b": NOTHING, "a": NOTHING}}),
    ],
    ids=repr,
)  # fmt: skip
def test_results_are_alike_if_they_are_of_the_same_types_in_the_same_order(one, other):
    for result in (one, other):
        expect_alike(
            recorded({}, result=result), recorded({}, result=json.loads(json.dumps(result)))
        )
    with pytest.raises(RuntimeError, match=r"in: the result$"):
        expect_alike(recorded({}, result=one), recorded({}, result=other))
    elsewhere = recorded({}, processor="that", result=other)
    expect_alike(recorded({}, result=one), elsewhere)
