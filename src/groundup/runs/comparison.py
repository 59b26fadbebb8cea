"""A run that was made anew, held against its record."""

import json

import numpy as np

from groundup.runs.store import Record


def expect_alike(remembered: Record, trained: Record) -> None:
    """Hold a run that was trained anew against its record.

    On the same kind of processor every variable, the history and a function's result must be equal bit
    for bit; elsewhere the last value of each metric within 0.01, and a function's result isn't compared.

    Raises:
        RuntimeError: they differ; says where.
    """
    differences = []
    alike = remembered.provenance.get("processor") == trained.provenance.get("processor")
    for metric in dict.fromkeys([*remembered.history, *trained.history]):
        pair = [record.history.get(metric) for record in (remembered, trained)]
        if None in pair or not (_equal if alike else _end_alike)(*pair):
            differences.append(metric)
    if alike:
        for (
            name,
            value,
        ) in remembered.arrays.items():  # which may be fewer, as of an earlier version
            if name not in trained.arrays or not _equal(value, trained.arrays[name]):
                differences.append(name)
        if json.dumps(remembered.result) != json.dumps(trained.result):
            differences.append("the result")
    if differences:
        raise RuntimeError(
            f"the run {trained.name!r}, trained anew, differs from its record {remembered.key} in: "
            + ", ".join(differences)
        )


def _equal(one, other) -> bool:
    """Whether two arrays, or two metrics, are equal bit for bit."""
    one, other = np.asarray(one), np.asarray(other)
    same = one.dtype == other.dtype and one.shape == other.shape
    return same and one.tobytes() == other.tobytes()


def _end_alike(one: list, other: list) -> bool:
    """Whether the last values of a metric are within 0.01, and no number only where neither is one."""
    shapes = [np.shape(values[-1:]) for values in (one, other)]
    return shapes[0] == shapes[1] and np.allclose(
        one[-1:], other[-1:], rtol=0, atol=0.01, equal_nan=True
    )
