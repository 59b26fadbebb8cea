"""The command line: what it says, what it leaves alone, and with which status it ends."""

import dataclasses
import functools
import json
import os
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest
from click.testing import CliRunner
from tests.book.small import Book, must_pass

from groundup import data, nn, runs
from groundup.__main__ import draw, main
from groundup.runs.store import Store, write

X = np.random.default_rng(0).normal(size=(20, 4))


def make(rate=0.1):
    model = nn.Sequential([nn.Dense(1)])
    model.compile(nn.SGD(rate), "mse")
    return model


def call(*arguments, status=0):
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == status, result.output
    return result.output


def call_json(*arguments, status=0):
    return json.loads(call(*arguments, "--json", status=status))


@pytest.fixture
def three():
    """Three runs: two seeds, and one of them again with another learning rate."""
    fit = functools.partial(runs.fit, x=X, y=X[:, 0], name="line", epochs=2)
    return [fit(make), fit(make, seed=1), fit(lambda: make(0.05))]


@pytest.mark.parametrize(
    "command",
    [(), ("runs",), ("data",), ("runs", "list"), ("runs", "show"), ("runs", "why"),
     ("runs", "verify"), ("runs", "prune"), ("data", "list"), ("data", "fetch"),
     ("data", "verify"), ("doctor",)],
    ids=" ".join,
)  # fmt: skip
def test_every_command_has_words_of_help(command):
    said = call(*command, "--help")
    assert said.startswith("Usage:")
    assert len(said.split("Options:")[0].split()) > 8


def test_runs_are_listed(three):
    found = call_json("runs", "list")
    assert [(run["name"], run["seed"]) for run in found] == [("line", 0), ("line", 0), ("line", 1)]
    assert {run["key"] for run in found} == {run.key for run in three}
    said = call("runs", "list")
    assert all(run.key[:12] in said for run in three)
    assert f"loss {three[1].history['loss'][-1]:.4f}" in said


def test_an_empty_store_is_said_to_be_empty():
    assert "no runs in" in call("runs", "list")
    assert call_json("runs", "list") == []


@pytest.mark.parametrize("how", ["name", "key", "beginning of the key"])
def test_a_run_is_shown_by_name_or_key(three, how):
    asked = {"name": "line", "key": three[1].key, "beginning of the key": three[1].key[:8]}[how]
    facts = call_json("runs", "show", asked)
    assert facts["name"] == "line"
    if how != "name":
        assert facts["key"] == three[1].key
        assert facts["history"] == three[1].history
        assert facts["inputs"]["seed"] == 1
    assert facts["provenance"]["processor"]
    assert facts["arrays"]["model/parameters"] == [5]


@pytest.mark.parametrize("asked", ["another", "abc", "../line"])
def test_a_run_that_is_not_there(three, asked):
    assert f"no run is called {asked!r}" in call("runs", "show", asked, status=1)


def test_why_says_what_is_different(three):
    (newest,) = [run for run in call_json("runs", "why", "line") if run["key"] == three[2].key]
    assert any(line.endswith("learning_rate: 0.1 → 0.05") for line in newest["why"])
    assert "learning_rate: 0.1 → 0.05" in call("runs", "why", "line")
    assert "the first of its name and seed" in call("runs", "why", "line")
    (asked,) = call_json("runs", "why", three[2].key[:8])
    assert asked == newest


def test_prune_removes_what_nobody_uses(three):
    old = Store().path(three[0].key)
    os.utime(old, (0, 0))
    damaged = Store().folder / "x.damaged"
    damaged.write_text("damaged")
    assert "2 would be removed" in call("runs", "prune", "--dry-run")
    assert old.exists()
    removed = call_json("runs", "prune")
    assert {entry["name"] for entry in removed} == {"line", "damaged"}
    assert not old.exists()
    assert not damaged.exists()
    assert len(call_json("runs", "list")) == 2
    assert call_json("runs", "prune", "--days", "0", "--dry-run")


def test_data_are_listed_and_verified(monkeypatch, tmp_path):
    origins = {entry["name"]: entry["origin"] for entry in call_json("data", "list")}
    assert origins == {
        **dict.fromkeys(("cifar10", "imdb", "mnist", "shakespeare"), "stand-in"),
        "celsius": "made by code",
        "passengers": "kept in the code",
    }
    assert "asks for stand-ins" in call("data", "list")
    call("data", "verify", status=1)
    call("data", "fetch", status=1)
    (tmp_path / "mnist.npz").write_bytes(b"cut")
    monkeypatch.setenv("GROUNDUP_DATA", str(tmp_path))
    assert "isn't the original" in call("data", "verify", status=1)


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    folder = tmp_path_factory.mktemp("book")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GROUNDUP_RUNS", str(folder / "runs"))
        patch.setenv("GROUNDUP_DATA", "stand-in")
        book = Book(folder)
        cell = (
            "from groundup import nn, runs\nimport numpy as np\nx = np.ones((20, 4))\n"
            "def make():\n    model = nn.Sequential([nn.Dense(1)])\n"
            "    model.compile('sgd', 'mse')\n    return model\n"
            "for name, batch in (('big', 20), ('small', 4)):\n"
            "    runs.fit(make, x, x[:, 0], name=name, batch_size=batch)"
        )
        book.chapters(trains=cell, plain="1 + 1")
        must_pass(book.build())
    return book


def test_the_doctor_says_what_the_next_build_would_execute_and_why(book, monkeypatch):
    monkeypatch.setenv("GROUNDUP_RUNS", book.runs)
    facts = call_json("doctor", "--book", str(book.folder))
    assert facts["next build"] == {}
    assert facts["versions"]["keras"]
    assert [entry["name"] for entry in facts["data"]] == data.names()
    said = call("doctor", "--book", str(book.folder))
    assert "The next build executes nothing." in said

    page = book.folder / "book" / "plain.md"
    text = page.read_text()
    page.write_text(text.replace("1 + 1", "1 + 2"))
    assert call_json("doctor", "--book", str(book.folder))["next build"] == {
        "book/plain": ["its cells"]
    }
    page.write_text(text)
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    pages = call_json("doctor", "--book", str(book.folder))["next build"]
    assert pages == {
        name: ["variables.OMP_NUM_THREADS: 1 → 7"] for name in ("book/plain", "book/trains")
    }
    (book.folder / "book" / "new.md").write_text(text)
    assert "no book" in call("doctor", "--book", str(book.folder / "book"))


def test_runs_of_the_book_are_trained_again_and_compared(book, monkeypatch):
    monkeypatch.setenv("GROUNDUP_RUNS", book.runs)
    before = call_json("runs", "list")
    said = call("runs", "verify", "big", "--book", str(book.folder))
    assert "book/trains: big, seed 0" in said
    assert "1 equal to their records" in said
    assert "2 equal to their records" in call("runs", "verify", "--book", str(book.folder))
    assert "1 equal" in call("runs", "verify", "--sample", "1", "--book", str(book.folder))
    assert call_json("runs", "list") == before
    assert "no chapter shows a run called other" in call(
        "runs", "verify", "other", "--book", str(book.folder), status=1
    )
    assert "is no book" in call("runs", "verify", "--book", str(book.folder / "book"), status=1)


def test_a_run_that_differs_from_its_record_is_found(book, monkeypatch, tmp_path):
    """Its record says another loss, with a digest that fits."""
    folder = tmp_path / "changed"
    shutil.copytree(book.folder / "runs", folder)
    monkeypatch.setenv("GROUNDUP_RUNS", str(folder))
    (header,) = [header for header in Store().headers() if header["name"] == "small"]
    record = Store().get(header["key"])
    write(dataclasses.replace(record, history={"loss": [0.125]}), header["path"])
    said = call("runs", "verify", "--book", str(book.folder), status=1)
    assert "1 of 1 chapters failed" in said
    assert re.search("the run 'small', trained anew, differs from its record .* in: loss", said)


def test_a_sample_is_within_its_limit():
    runs = [{"key": str(n), "seconds": seconds} for n, seconds in enumerate([900, 50, 50, 50, 1])]
    for _ in range(50):
        chosen = draw(runs, 3, limit=60)
        assert 1 <= len(chosen) <= 3
        assert sum(run["seconds"] for run in chosen) <= 60
    assert len(draw(runs, 3, limit=None)) == 3
    assert draw(runs, 3, limit=0.5) == []


def test_it_says_what_it_can_without_loading_a_framework():
    """For that would take seconds."""
    program = (
        "import sys; from groundup.__main__ import main; main(['runs', 'list'], standalone_mode=False);"
        "sys.exit(bool({'tensorflow', 'keras', 'sphinx'} & set(sys.modules)))"
    )
    subprocess.run([sys.executable, "-c", program], check=True, stdout=subprocess.DEVNULL)


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_it_speaks_on_every_console(three, encoding):
    """What has no such character in the console's encoding is said without it."""

    def said(*arguments):
        done = subprocess.run(
            [sys.executable, "-m", "groundup", *arguments],
            env=os.environ | {"PYTHONIOENCODING": encoding},
            capture_output=True,
        )
        assert b"Traceback" not in done.stderr
        return done.stdout.decode(errors="replace")

    # Click takes a console that has only ASCII for one that says less than it has.
    arrow = {"cp1252": "->", "ascii": "→"}[encoding]
    assert f"learning_rate: 0.1 {arrow} 0.05" in said("runs", "why", "line")
    for arguments in (("runs", "list"), ("runs", "show", "line"), ("runs", "prune", "--dry-run"),
                      ("data", "list"), ("doctor", "--book", "/nowhere")):  # fmt: skip
        assert said(*arguments)
    assert said("runs", "show", "größe") == ""


def test_the_doctor_names_a_page_that_cannot_be_read(book, monkeypatch):
    monkeypatch.setenv("GROUNDUP_RUNS", book.runs)
    page = book.folder / "book" / "broken.md"
    page.write_bytes("# Größe\n".encode("latin-1"))
    try:
        said = call("doctor", "--book", str(book.folder), status=1)
    finally:
        page.unlink()
    assert "book/broken: line 1: expected UTF-8" in said
