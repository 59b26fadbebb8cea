"""A build with a budget: what it has no time for is built on stand-ins, and tried again."""

import hashlib
import json
import re
import shutil
from types import SimpleNamespace

import numpy as np
import pytest
import yaml
from sphinx.errors import ConfigError
from sphinx_external_toc.parsing import parse_toc_data
from tests.book.small import ROOT, Book, must_pass

from groundup.data import mnist
from groundup.sphinxext.execution import budget

CELL = """
from groundup import data, nn, runs
mnist = data.load("mnist")
def make():
    model = nn.Sequential([nn.Dense(1)])
    model.compile("sgd", "mse")
    return model
x, y = mnist.x_test[:9, 0] / 255, mnist.y_test[:9]
print(len(runs.fit(make, x, y, name="NAME", seed=SEED).history))"""


def trains(name: str, seed: int) -> str:
    return CELL.replace("NAME", name).replace("SEED", str(seed))


class World:
    """A small book, a mirror with originals of its own, and sources that know them."""

    def __init__(self, folder, runs):
        self.book = Book(folder / "book")
        self.book.runs = runs
        mirror = folder / "mirror"
        mirror.mkdir()
        digits = np.random.default_rng(0).integers(256, size=(20, 28, 28), dtype=np.uint8)
        labels = np.arange(20, dtype=np.uint8) % 10
        np.savez(mirror / mnist.FILE, x_train=digits, y_train=labels, x_test=digits, y_test=labels)
        digest = hashlib.sha256((mirror / mnist.FILE).read_bytes()).hexdigest()
        shutil.copytree(ROOT / "src", folder / "src")
        module = folder / "src" / "groundup" / "data" / "mnist.py"
        module.write_text(module.read_text().replace(mnist.DESCRIPTION.sha256, digest))
        self.around = {
            "GROUNDUP_DATA": str(mirror),
            "GROUNDUP_RUNS": str(runs),
            "PYTHONPATH": str(folder / "src"),
        }

    def build(self, **environment):
        result = self.book.build(**(self.around | environment))
        result.said = re.sub(r"\x1b\[[0-9;]*m", "", result.stdout + result.stderr)
        return result

    def origins(self) -> dict[str, str]:
        return {name: facts["data"].get("mnist") for name, facts in self.book.status().items()}

    def not_trained(self) -> list[str]:
        status = self.book.folder / "_build" / "html" / "status.json"
        return json.loads(status.read_text())["not_trained"]


def test_what_there_is_no_time_for_is_left_over_and_tried_again(tmp_path):
    world = World(tmp_path, tmp_path / "runs")
    book, left_over = world.book, tmp_path / "runs" / "left-over.json"
    book.chapters(known=trains("known", 0))
    must_pass(world.build())
    write = "\nimport pathlib; pathlib.Path('made.txt').write_text(str(len(x)))"
    book.chapters(
        known=trains("known", 0),
        lacking=trains("lacking", 1) + write,
        reads="print(open('made.txt').read())",
    )
    must_pass(result := world.build(GROUNDUP_BUDGET="0", GROUNDUP_PUBLISH="1"))
    assert "not trained here: book/lacking, book/reads" in result.said, (
        "one reads what is made there"
    )
    assert world.origins() == {
        "book/known": "mirror",
        "book/lacking": "stand-in",
        "book/reads": None,
    }
    assert world.not_trained() == ["book/lacking", "book/reads"]
    assert re.search("for 1 of its runs or more, from .{1,5}lacking.{1,5} on", book.html("lacking"))
    assert "stand-in data" not in book.html("known")
    assert json.loads(left_over.read_text()) == ["book/lacking", "book/reads"]
    verify = ["python", "-m", "groundup", "runs", "verify", "--sample", "3"]
    must_pass(result := book.run(*verify, **world.around))
    assert "1 equal to their records" in result.stdout, "runs on stand-ins aren't the book's"

    first = "book/known.md book/lacking.md book/gone.md"
    result = world.build(GROUNDUP_BUDGET="0", GROUNDUP_FIRST=first)
    assert result.returncode != 0
    assert "no page of the book, in GROUNDUP_FIRST: book/gone" in result.said
    assert "book/lacking.md: WARNING: no time was left for 1 of its runs or more" in result.said
    assert "GROUNDUP_FIRST" in result.said
    assert "known.md: WARNING" not in result.said

    result = world.build(GROUNDUP_DATA="stand-in", GROUNDUP_BUDGET="0", GROUNDUP_PUBLISH="1")
    assert "these pages stand on stand-ins: book/known, book/lacking" in result.said
    assert world.not_trained() == []

    must_pass(world.build(GROUNDUP_PUBLISH="1"))
    assert world.origins() == {"book/known": "mirror", "book/lacking": "mirror", "book/reads": None}
    assert world.not_trained() == []
    must_pass(result := world.build(GROUNDUP_BUDGET="0", GROUNDUP_PUBLISH="1"))
    assert "executing" not in result.said
    assert "not trained here" not in result.said
    assert json.loads(left_over.read_text()) == []


class Page:
    """What the order of chapters goes by."""

    def __init__(self, docname: str):
        self.docname, self.path = docname, f"/{docname}.md"


def test_the_turns(monkeypatch):
    """Those that must be trained; those left over; the others; each as in the contents."""
    toc = "format: jb-book\nroot: index\nchapters:\n- file: z\n  sections:\n  - file: y\n"
    toc += "- file: x\n- file: w\n- file: v\n"
    env = SimpleNamespace(
        config=SimpleNamespace(external_site_map=parse_toc_data(yaml.safe_load(toc)))
    )
    pages = [Page(name) for name in "vwxyz"]

    def turns():
        groups = budget.in_turn(pages, env, {"/w.md": 9.0, "/v.md": 1.0})
        return ["".join(page.docname for page in group) for group in groups]

    monkeypatch.setenv(budget.FIRST, "w.md z gone.md")
    budget.remember(["z", "v", "y"])
    assert turns() == ["xyzwv"], "without a budget the longest begins, unknown ones may be long"
    monkeypatch.setenv(budget.MINUTES, "45")
    assert turns() == ["zw", "yv", "x"]
    budget.remember([])
    monkeypatch.delenv(budget.FIRST)
    assert turns() == ["zyxwv"]


@pytest.mark.parametrize("named", ["-1", "nan", "inf", "soon"])
def test_a_budget_is_a_number_of_minutes(monkeypatch, named):
    monkeypatch.setenv(budget.MINUTES, named)
    with pytest.raises(
        ConfigError, match=f"expected a number of minutes, at least 0, got '{named}'"
    ):
        budget.deadline()


def test_without_a_budget_there_is_no_deadline():
    assert budget.deadline() is None
