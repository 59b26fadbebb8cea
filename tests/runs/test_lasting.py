"""What is computed when it's first needed is no change; what goes on changing is one."""

import functools
import importlib
import time

import pytest

from groundup import runs
from groundup.runs import content, key

WORK = """
import functools
import numpy as np

WORDS = {f"word {i}": i for i in range(100_000)}
_limit = None
_last = None
_counts = np.zeros(2)

class Lazy:
    known = None

    @functools.cached_property
    def value(self):
        return 3.0

LAZY = Lazy()

@functools.cache
def cached(x):
    return x + 1

@functools.singledispatch
def kind(x):
    return "other"

@kind.register
def _(x: float):
    return "number"

def limit(x):
    global _limit
    if _limit is None:
        _limit = 2.5
    return _limit * x

def of_class(x):
    if Lazy.known is None:
        Lazy.known = 2.0
    return Lazy.known * x

def computed(x):
    return LAZY.value * x

def remembered(x):
    return cached(x)

def dispatched(x):
    return kind(x)

def last(x):
    global _last
    before, _last = _last, x
    return before or 0.0

def counted(x):
    _counts[0] += 1
    return x

class Counter:
    number = 0

    def up(self):
        self.number += 1

COUNTER = Counter()

def grown(x):
    COUNTER.up()
    return x
"""


@pytest.fixture
def work(tmp_path, monkeypatch):
    (tmp_path / "lazily.py").write_text(WORK)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(importlib.sys.modules, "lazily", raising=False)
    return importlib.import_module("lazily")


@pytest.mark.parametrize("name", ["limit", "of_class", "computed", "remembered", "dispatched"])
def test_what_is_computed_when_it_is_needed_is_no_change(name, work):
    function = getattr(work, name)
    found = [runs.remember(function, 3.0, name="run") for _ in range(3)]
    assert {outcome.result for outcome in found} == {function(3.0)}
    assert found[2].restored


@pytest.mark.parametrize(("name", "times"), [("last", 2), ("counted", 1), ("grown", 1)])
def test_what_goes_on_changing_is_refused(name, times, work):
    for x in range(1, times):
        runs.remember(getattr(work, name), float(x), name="run")
    with pytest.raises(TypeError, match="changes what its module holds"):
        runs.remember(getattr(work, name), 0.0, name="run")


def test_a_large_table_costs_its_digest_once(work, monkeypatch):
    runs.remember(work.limit, 1.0, name="run")
    monkeypatch.setattr(key, "plain", functools.partial(_small, key.plain))
    started = time.process_time()
    runs.remember(work.limit, 2.0, name="run")
    assert time.process_time() - started < 1


def _small(plain, value, where):
    assert not (isinstance(value, tuple) and len(value) > 10_000)
    return plain(value, where)


def test_what_is_told_quickly_is_told_the_same():
    """Of values that differ only in a type too."""
    values = [[n, *range(20_000)] for n in (1, 1.0, True, "1", b"1", None, -0.0, 0.0)]
    told = [key.told(content.described(value), "value") for value in values]
    assert len({repr(one) for one in told}) == len(values)
    for value, one in zip(values, told, strict=True):
        assert key.told(content.described([*value]), "value") == one
        plain = key.plain(content.described(value), "value")
        assert one == {"digest": key.digest({"value": plain})}
