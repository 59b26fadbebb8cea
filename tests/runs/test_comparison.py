"""A run that is made anew is like its record, or the difference is named."""

import numpy as np
import pytest

from groundup.runs.comparison import expect_alike
from groundup.runs.store import Record


def recorded(history, arrays=None, processor="this"):
    facts = {"name": "run", "inputs": {}, "seconds": 1.0, "provenance": {"processor": processor}}
    return Record(**facts, history=history, arrays=arrays or {})


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        (recorded({"loss": [1.0]}), recorded({"mae": [1.0]}), "loss, mae"),
        (recorded({"loss": [1.0]}), recorded({"mae": [1.0]}, processor="that"), "loss, mae"),
        (recorded({}, {"w": np.ones(2)}), recorded({}), "w"),
        (recorded({}), recorded({}, {"w": np.ones(2)}), "w"),
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
