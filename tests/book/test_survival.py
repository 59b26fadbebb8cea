"""What a build survives: being killed, a second build beside it, a store that can't be written."""

import hashlib
import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.book.small import Book, must_pass

from groundup.runs.store import Store, read

TRAINING = """
import functools
from groundup import nn, page, runs
import numpy as np

rng = np.random.default_rng(0)
x, y = rng.normal(size=(3000, 20)), rng.normal(size=3000)

def make():
    model = nn.Sequential([nn.Dense(32, activation="tanh"), nn.Dense(1)])
    model.compile("adam", "mse")
    return model

calls = [
    functools.partial(runs.fit, make, x, y, name="{name}", seed=seed, epochs={epochs})
    for seed in range(2)
]
trained = runs.fit_all(calls) if {together} else [call() for call in calls]
page.table({{"loss": [repr(run.history["loss"][-1]) for run in trained]}}, caption="Losses")
"""
KILLS = 5


@pytest.fixture
def book(tmp_path):
    return Book(tmp_path / "book")


def write(book: Book, epochs: int = 4) -> None:
    book.chapters(
        **{
            name: TRAINING.format(name=name, epochs=epochs + number, together=number == 1)
            for number, name in enumerate(("one", "two", "three"))
        }
    )


def start(book: Book, **environment: str) -> subprocess.Popen:
    return subprocess.Popen(
        [Path(sys.executable).parent / "jupyter-book", "build", "."],
        cwd=book.folder,
        env=os.environ | {"GROUNDUP_WORKERS": "2"} | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def results(book: Book) -> dict:
    """What readers see of each chapter's results, and the keys of its runs."""
    status = book.status()
    return {
        page: (
            re.findall(r"<td>(.*?)</td>", book.html(page.removeprefix("book/"))),
            [run["key"] for run in facts["runs"]],
        )
        for page, facts in status.items()
    }


def records() -> dict[str, str]:
    """Every record by its key, with the digest of its file."""
    found = {}
    for header in Store().headers():
        read(header["path"])  # nothing half written
        found[header["key"]] = hashlib.sha256(header["path"].read_bytes()).hexdigest()
    return found


def test_killed_at_any_moment_the_next_build_goes_on(book, tmp_path, monkeypatch):
    """Killed once in each fifth of its time, with all that it started; what is trained stays trained."""
    write(book)
    undisturbed = Book(tmp_path / "undisturbed")
    write(undisturbed)
    monkeypatch.setenv("GROUNDUP_RUNS", str(tmp_path / "undisturbed-runs"))
    clock = time.monotonic()
    must_pass(undisturbed.build(GROUNDUP_WORKERS="2"))
    length = time.monotonic() - clock
    expected = results(undisturbed)

    monkeypatch.setenv("GROUNDUP_RUNS", str(tmp_path / "runs"))
    chance = random.Random(0)
    before: dict[str, str] = {}
    for part in chance.sample(range(KILLS), KILLS):
        process = start(book)
        time.sleep(chance.uniform(part, part + 1) / KILLS * length)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        now = records()
        assert before.items() <= now.items(), "a finished run was lost or trained again"
        before = now
    must_pass(book.build(GROUNDUP_WORKERS="2"))
    assert results(book) == expected
    assert before.items() <= records().items()
    assert len(records()) == 6
    assert not list((tmp_path / "runs").glob("*.damaged"))


def test_two_builds_at_once_train_each_run_once(book, tmp_path):
    other = Book(tmp_path / "other")
    for one in (book, other):
        write(one, epochs=30)
    processes = [start(one) for one in (book, other)]
    assert [process.wait(600) for process in processes] == [0, 0]
    assert results(book) == results(other)
    both = [
        run for one in (book, other) for facts in one.status().values() for run in facts["runs"]
    ]
    assert len(both) == 12
    assert len({run["key"] for run in both}) == 6
    started = {run["key"]: run["started"] for run in both}
    assert all(run["started"] == started[run["key"]] for run in both), "one record of each"
    assert len(records()) == 6


def test_a_full_disk_costs_only_remembering(book):
    """No file may be longer than 6,000 bytes, so no record can be written; pages are longer."""
    cell = TRAINING.format(name="one", epochs=1, together=False)
    limit = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (6000, 6000))\n"
    ignore = "import signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
    book.chapters(chapter=ignore + limit + cell)
    must_pass(book.build())
    assert "Losses" in book.html()
    assert records() == {}
    assert not list(Path(os.environ["GROUNDUP_RUNS"]).glob("*.part"))


@pytest.mark.skipif(os.name != "posix", reason="a file in the folder's place")
def test_a_store_that_cannot_be_written_costs_only_remembering(book, tmp_path):
    (tmp_path / "file").write_text("no folder")
    write(book)
    must_pass(book.build(GROUNDUP_RUNS=str(tmp_path / "file" / "runs")))
    assert "Losses" in book.html("one")
