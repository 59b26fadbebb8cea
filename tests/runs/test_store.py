"""A record is one file: written whole or not at all, verified when read."""

import dataclasses
import json
import os
import pickle
import stat
import statistics
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from groundup.runs import store
from groundup.runs.store import Damaged, Record, Store


@pytest.fixture
def record():
    return Record(
        name="run",
        inputs={"seed": 0, "data": "abc"},
        history={"loss": [0.1, 1 / 3, float("inf")]},
        seconds=1.5,
        provenance={"started": "2026-01-01T00:00:00+00:00", "processor": "x"},
        arrays={
            "scalar": np.array(3),
            "matrix": np.arange(6, dtype=np.float32).reshape(2, 3).T,
            "empty": np.zeros((0, 2)),
            "one": np.array([1.0, 2.0]),
            "two": np.array([3.0, 4.0]),
        },
    )


def test_what_is_read_is_what_was_written(record):
    Store().put(record)
    found = Store().get(record.key)
    assert (found.name, found.inputs, found.history) == (record.name, record.inputs, record.history)
    assert (found.seconds, found.provenance) == (record.seconds, record.provenance)
    for name, value in record.arrays.items():
        assert found.arrays[name].dtype == value.dtype
        assert np.array_equal(found.arrays[name], value)
        assert found.arrays[name].shape == value.shape


def test_an_unknown_key_is_none():
    assert Store().get("0" * 64) is None


def flip(content):
    return content[:-3] + bytes([content[-3] ^ 1]) + content[-2:]


def swap_names(content):
    """Two tensors exchange their names: each byte of them is as it was."""
    names = b'"one"', b'"two"'
    return content.replace(names[0], b"?").replace(names[1], names[0]).replace(b"?", names[1])


def edit_header(content):
    return content.replace(b"2026-01-01", b"2026-01-02")


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[: len(content) // 2],
        flip,
        edit_header,
        swap_names,
        lambda content: b"",
        lambda content: b"\xff" * 8 + content[8:],
        lambda content: pickle.dumps({"key": "value"}),
    ],
    ids=[
        "cut",
        "bit flipped",
        "header edited",
        "names swapped",
        "empty",
        "absurd header",
        "pickle",
    ],
)
def test_a_damaged_file_is_set_aside(record, damage, caplog):
    Store().put(record)
    path = Store().path(record.key)
    path.write_bytes(damage(path.read_bytes()))
    assert Store().get(record.key) is None
    assert "is damaged" in caplog.text
    assert not path.exists()
    assert path.with_suffix(".damaged").exists()
    Store().put(record)
    assert Store().get(record.key) is not None


def test_the_record_of_another_key_is_set_aside(record, caplog):
    Store().put(record)
    other = Store().path("0" * 64)
    Store().path(record.key).rename(other)
    assert Store().get("0" * 64) is None
    assert f"it is the record of key {record.key}" in caplog.text


def test_a_failed_write_leaves_nothing(record, monkeypatch):
    Store().put(record)
    before = sorted(os.listdir(Store().folder))

    def refuse(*_):
        raise OSError("no space left")

    monkeypatch.setattr(store.Path, "replace", refuse)
    with pytest.raises(OSError, match="no space left"):
        store.write(record, Store().path(record.key))
    assert sorted(os.listdir(Store().folder)) == before


def test_a_store_that_cannot_be_written_costs_only_remembering(record, tmp_path, caplog):
    (tmp_path / "file").write_text("")
    broken = Store(tmp_path / "file" / "runs")
    with broken.lock(record.key):
        broken.put(record)
    assert "can't be kept" in caplog.text
    assert "can't be written" in caplog.text
    assert broken.get(record.key) is None


def test_a_record_that_cannot_be_read_now_is_not_lost(record, monkeypatch, caplog):
    Store().put(record)

    def refuse(*_):
        raise OSError("too many open files")

    with monkeypatch.context() as context:
        context.setattr(store.Path, "open", refuse)
        assert Store().get(record.key) is None
    assert "can't be read: too many open files" in caplog.text
    assert Store().get(record.key) is not None


@pytest.mark.parametrize("mask", [0o022, 0o002, 0o077], ids=oct)
def test_a_record_is_for_whom_every_new_file_is(record, mask):
    before = os.umask(mask)
    try:
        Store().put(record)
    finally:
        left = os.umask(before)
    assert stat.S_IMODE(Store().path(record.key).stat().st_mode) == 0o666 & ~mask
    assert left == mask, "of files that others make, nothing is changed"


def test_only_one_at_a_time_holds_a_key(record):
    order = []

    def hold():
        with Store().lock(record.key):
            order.append("second")

    with Store().lock(record.key):
        other = threading.Thread(target=hold)
        other.start()
        other.join(0.2)
        order.append("first")
    other.join()
    assert order == ["first", "second"]


def test_a_key_is_held_against_other_processes_too(record):
    source = (
        "import sys; from groundup.runs.store import Store; print('asks', flush=True)\n"
        "with Store().lock(sys.argv[1]): print('has it')"
    )
    with Store().lock(record.key):
        asks = [sys.executable, "-c", source, record.key]
        other = subprocess.Popen(asks, stdout=subprocess.PIPE, text=True)
        assert other.stdout.readline() == "asks\n"
        with pytest.raises(subprocess.TimeoutExpired):
            other.wait(0.5)
    assert other.communicate(timeout=60)[0] == "has it\n"


def test_the_file_holds_tensors_and_json(record):
    Store().put(record)
    content = Store().path(record.key).read_bytes()
    size = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + size])
    assert json.loads(header["__metadata__"]["record"])["name"] == "run"
    assert header["matrix"]["shape"] == [3, 2]


def test_read_says_what_is_wrong(tmp_path):
    path = tmp_path / "x.safetensors"
    path.write_bytes(b"nothing")
    with pytest.raises(Damaged):
        store.read(path)


class Bomb:
    """Unpickled, it leaves a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


def test_a_hostile_record_executes_nothing_and_writes_nothing(record, tmp_path):
    Store().put(record)
    path, bomb = Store().path(record.key), tmp_path / "exploded"
    path.write_bytes(pickle.dumps(Bomb(bomb)))
    assert Store().get(record.key) is None
    assert list(Store().headers()) == []
    assert not bomb.exists()


def test_names_in_a_record_are_no_paths(record, tmp_path):
    """A record can be called what it likes: where it is kept, its key alone decides, a digest."""
    tricks = dataclasses.replace(
        record, name="../../outside", arrays={"../../outside": np.ones(2), "/etc/x": np.ones(1)}
    )
    before = set(tmp_path.rglob("*"))
    Store().put(tricks)
    assert Store().get(tricks.key).arrays.keys() == tricks.arrays.keys()
    new = {path.parent for path in set(tmp_path.rglob("*")) - before if path.is_file()}
    assert new == {Store().folder}


def test_headers_say_what_there_is_and_pass_over_what_is_damaged(record):
    others = [dataclasses.replace(record, inputs={"seed": n}, name=f"run {n}") for n in range(3)]
    for number, other in enumerate(others):
        Store().put(other)
        os.utime(Store().path(other.key), (number, number))
    content = Store().path(others[1].key).read_bytes()
    Store().path(others[1].key).write_bytes(content[:20])
    (Store().folder / "words.safetensors").write_text("words")
    found = list(Store().headers())
    assert [header["name"] for header in found] == ["run 2", "run 0"]
    assert found[0]["key"] == others[2].key
    assert found[0]["inputs"] == {"seed": 2}
    assert [header["name"] for header in Store().headers(newest=1)] in (["run 2"], [])


@pytest.mark.parametrize("used", range(3))
def test_what_is_used_becomes_the_newest(record, used):
    """Also the oldest, whatever its name and its size."""
    kept = [dataclasses.replace(record, inputs={"seed": n}, name=f"run {n}") for n in range(3)]
    for number, other in enumerate(kept):
        Store().put(other)
        os.utime(Store().path(other.key), (number, number))
    Store().get(kept[used].key)
    rest = [f"run {n}" for n in (2, 1, 0) if n != used]
    assert [header["name"] for header in Store().headers()] == [f"run {used}", *rest]


def test_a_clock_that_was_set_back_has_no_effect(record):
    """A record from the future is a record."""
    Store().put(record)
    future = time.time() + 10**8
    os.utime(Store().path(record.key), (future, future))
    assert Store().get(record.key) is not None
    assert [header["name"] for header in Store().headers()] == ["run"]


def test_ten_thousand_records_are_found_and_listed_quickly(record):
    """A lookup within 5 ms, the list within a second of the processor; twice as much here."""
    Store().put(record)
    content = Store().path(record.key).read_bytes()
    for number in range(10_000):
        Store().path(f"{number:064x}").write_bytes(content)
    lookups = []
    for _ in range(20):
        clock = time.process_time()
        assert Store().get(record.key) is not None
        lookups.append(time.process_time() - clock)
    clock = time.process_time()
    assert sum(1 for _ in Store().headers()) == 10_001
    listed = time.process_time() - clock
    assert statistics.median(lookups) < 0.01
    assert listed < 2


@pytest.mark.parametrize("named", [None, "~/runs"])
def test_a_user_without_a_home_goes_unremembered(record, monkeypatch, caplog, named):
    """As in a container whose user isn't in its list of users."""
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    for name in ("GROUNDUP_RUNS", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)
    if named:
        monkeypatch.setenv("GROUNDUP_RUNS", named)
    nowhere = Store()
    assert "runs aren't remembered (GROUNDUP_RUNS can name a folder)" in caplog.text
    nowhere.put(record)
    assert nowhere.get(record.key) is None
    assert list(nowhere.headers()) == []
    assert not nowhere.writable()
