"""What all tests share: no test reads or writes the user's own store, caches or data."""

import os

import pytest

# One thread, as in the book; no library that would take more is loaded yet.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS"):
    os.environ.setdefault(variable, "1")

import groundup.runs  # noqa: E402, F401  (it notes in which environment TensorFlow is imported)


@pytest.fixture(autouse=True)
def own_folders(tmp_path, monkeypatch):
    """A store of runs and a Keras home of the test's own; stand-ins for data."""
    monkeypatch.setenv("GROUNDUP_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setenv("GROUNDUP_DATA", "stand-in")
    for name in ("GROUNDUP_PUBLISH", "GROUNDUP_RETRAIN"):
        monkeypatch.delenv(name, raising=False)
