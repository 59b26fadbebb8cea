"""What all tests share: no test reads or writes the user's own store, caches or data."""

import os
import shutil

import pytest
from hypothesis import HealthCheck, settings

# One thread, as in the book; no library that would take more is loaded yet.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS"):
    os.environ.setdefault(variable, "1")

import groundup.runs  # noqa: E402, F401  (it notes in which environment TensorFlow is imported)

# Examples take long where other work goes on, which says nothing about what is tested.
settings.register_profile("book", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("book")

# So that Chromium itself asks nobody for anything.
QUIET = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]


@pytest.fixture(scope="session")
def chromium() -> str:
    """Debian's Chromium, or another that ``CHROMIUM`` names."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    assert path, "expected a Chromium on the path, or its place in CHROMIUM"
    return path


@pytest.fixture(scope="session")
def browser(chromium):
    """One browser for all tests; Playwright can't be started twice."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium, args=QUIET)
        yield found
        found.close()


@pytest.fixture(autouse=True)
def own_folders(tmp_path, monkeypatch):
    """A store of runs and a Keras home of the test's own; stand-ins for data."""
    monkeypatch.setenv("GROUNDUP_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setenv("GROUNDUP_DATA", "stand-in")
    for name in ("GROUNDUP_BUDGET", "GROUNDUP_FIRST", "GROUNDUP_PUBLISH", "GROUNDUP_RETRAIN"):
        monkeypatch.delenv(name, raising=False)
