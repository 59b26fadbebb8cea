"""Every test of the engine is run twice: as it is written, in NumPy, and by its compiled forms."""

import os

import pytest

from groundup.nn import fused

# While small faults are tried one after the other, compiled forms have their own tests alone.
FORMS = ["numpy"] if "MUTANT_UNDER_TEST" in os.environ else ["numpy", "fused"]


@pytest.fixture(params=FORMS, autouse=True)
def computed_by(request, monkeypatch):
    """In which form the engine computes: not in training alone, but everywhere."""
    monkeypatch.setenv("GROUNDUP_FUSED", str(int(request.param == "fused")))
    with fused.taken():
        yield request.param
