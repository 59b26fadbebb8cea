"""The benchmark: what it trains is the same network, and its record says what was measured."""

import os
import re
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import numpy as np
import pytest
from benchmarks import mutants, peers, report
from benchmarks.tasks import SYMBOLS, TASKS, WINDOW, characters, load, mnist

rng = np.random.default_rng(0)
RECORD = {
    "threads": 2,
    "cores": 2,
    "versions": {"numpy": "2"},
    "tasks": {
        "mlp-20": {
            "peers": {
                "groundup": {"median": 2.0, "training_mib": 1.0, "accuracy": [0.97, 0.98]},
                "Keras": {"median": 8.0, "training_mib": 100.0, "accuracy": [0.97]},
                "PyTorch": {"median": 4.0, "training_mib": 10.0, "accuracy": [0.96]},
                "matrix products": {"median": 0.5, "training_mib": 0.0, "accuracy": [0.1]},
            }
        }
    },
}


def test_the_table_compares_with_the_fastest_peer():
    rows = [
        [c.strip() for c in line.split("|")[1:-1]]
        for line in report.table(RECORD).splitlines()
        if "|" in line
    ]
    assert rows[2:] == [
        ["matrix products", "0.50", "0.12", "0", ""],
        ["groundup", "2.00", "0.50", "1", "97.50"],
        ["PyTorch", "4.00", "1.00", "10", "96.00"],
        ["Keras", "8.00", "2.00", "100", "97.00"],
    ]


def test_the_figure_has_a_bar_for_each_peer(tmp_path):
    (panel,) = report.figure(RECORD).axes
    assert [bar.get_width() for bar in panel.patches] == [2.0, 1.0, 0.5, 0.125]
    report.write(RECORD, tmp_path)
    assert (tmp_path / "results.svg").exists()
    assert (tmp_path / "results.md").read_text() == report.table(RECORD)


def test_a_record_is_about_the_files_that_it_measured():
    about = report.digests(report.ENGINE, "benchmarks/tasks.py")
    engine = files_below("src/groundup/nn")
    assert set(about) == engine | {"benchmarks/tasks.py"}
    assert len(set(about.values())) == len(about)
    assert set(mutants.about()) == engine | files_below("tests/nn")


def files_below(folder: str) -> set[str]:
    found = os.walk(report.ROOT / folder)
    paths = [Path(place, name) for place, _, names in found for name in names]
    return {p.relative_to(report.ROOT).as_posix() for p in paths if p.suffix == ".py"}


def test_small_faults_are_put_into_every_file_of_the_engine():
    """As mutmut reads the patterns: a star stands for slashes too."""
    settings = tomllib.loads((report.ROOT / "pyproject.toml").read_text())["tool"]["mutmut"]
    patterns = settings["only_mutate"]
    mutated = {p for p in files_below("src") if any(fnmatch(p, each) for each in patterns)}
    assert mutated == files_below("src/groundup/nn")
    assert settings["do_not_mutate"] == ["src/groundup/nn/guarded.py"]
    arguments = settings["pytest_add_cli_args"]
    ignored = {a.removeprefix("--ignore=") for a in arguments if a.startswith("--ignore=")}
    assert ignored <= files_below("tests/nn")


def test_what_lives_is_listed_by_module():
    survivors = (report.ROOT / "tests" / "nn" / "survivors.md").read_text()
    modules = set(re.findall(r"^- `([a-z_.]+)\.x[_ǁ]", survivors, re.M))
    paths = {f"src/groundup/nn/{module.replace('.', '/')}.py" for module in modules}
    assert paths
    assert paths <= files_below("src/groundup/nn")


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_peers_train_the_same_network(task):
    shape = (200, 28, 28, 1) if task.filters else (200, 784)
    x, y = rng.random(shape, dtype=np.float32), rng.integers(10, size=200)
    if task.text:
        x, y = rng.integers(SYMBOLS, size=(2, 40, WINDOW))
    made = {
        name: cls(task, x, y, seed=0)
        for name, cls in peers.PEERS.items()
        if name in ("groundup", "Keras", "Keras, best")
    }
    assert len({peer.model.count_params() for peer in made.values()}) == 1
    made["groundup"].epoch()
    outputs = (40, WINDOW, SYMBOLS) if task.text else (200, 10)
    for peer in (made["groundup"], made["Keras"]):
        assert peer.predict(x).shape == outputs


def test_windows_are_followed_by_what_comes_next(tmp_path, monkeypatch):
    text = "To be, or not to be: " * 20_000
    (tmp_path / "shakespeare.txt").write_text(text)
    monkeypatch.setenv("GROUNDUP_DATA", str(tmp_path))
    x, y, x_test, y_test = load(TASKS["char-lstm"])
    assert x.shape == y.shape == (4096, WINDOW)
    assert x_test.shape == y_test.shape == (256, WINDOW)
    assert np.array_equal(x[:, 1:], y[:, :-1])
    monkeypatch.delenv("GROUNDUP_DATA")
    with pytest.raises(RuntimeError, match=r"a mirror with shakespeare\.txt"):
        characters()


def test_stand_ins_are_refused():
    with pytest.raises(RuntimeError, match="stand-ins says nothing"):
        mnist(TASKS["softmax"])
