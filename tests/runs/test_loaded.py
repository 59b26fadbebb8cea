"""What runs is what was digested: loaded code is held against its source, never against a time."""

import importlib
import os
import sys
import time

import numpy as np
import pytest

from groundup.runs import code, loaded, uses

WORK = """
import functools
import math
import numpy as np
from dataclasses import dataclass

SCALE = 2.0
WIDTHS = [64, 32]
RATES = {"slow": 0.1}
TABLE = np.arange(3.0)
TWICE = 2 * 3
FIRST, SECOND = 1, 2
_seen = []
_count = 0

@dataclass
class Settings:
    depth: int = 3

SETTINGS = Settings()

def helper(x, power=2, *, shift=0):
    return x**power + shift

@functools.cache
def cached(x):
    return x + 1

def seen(x):
    _seen.append(x)
    return x

def set_count(n):
    global _count
    _count = n

class Layer:
    factor = 2.0

    def forward(self, x):
        return x * self.factor

    @property
    def twice(self):
        return 2 * self.factor

    @staticmethod
    def still(x):
        return x

class Other(Layer):
    pass
"""


@pytest.fixture
def work(tmp_path, monkeypatch):
    """A module that was imported from its file."""
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "work.py").write_text(WORK)
    code.forget()
    module = importlib.import_module("work")
    yield module
    del sys.modules["work"]
    code.forget()


def variables():
    return loaded.variables(["work"])


def test_of_what_stands_in_the_source_nothing_is_told(work):
    assert variables().keys() == {
        "work.TABLE", "work.FIRST", "work.SECOND", "work.SETTINGS"  # have to be computed
    }  # fmt: skip
    work.cached(1), work.seen(2)
    assert variables().keys() == {"work.TABLE", "work.FIRST", "work.SECOND", "work.SETTINGS"}


@pytest.mark.parametrize(
    "change",
    [
        lambda work: setattr(work, "SCALE", 7.0),
        lambda work: setattr(work, "SCALE", np.float64(2.0)),
        lambda work: setattr(work, "SCALE", 2),
        lambda work: setattr(work, "TWICE", 7),
        lambda work: work.WIDTHS.append(16),
        lambda work: work.RATES.update(slow=0.2),
        lambda work: setattr(work, "FIRST", 3),
        lambda work: work.TABLE.__setitem__(0, 9.0),
        lambda work: setattr(work, "TABLE", np.arange(4.0)),
        lambda work: setattr(work.SETTINGS, "depth", 4),
        lambda work: setattr(work.Settings, "depth", 4),
        lambda work: setattr(work, "NEW", 1),
        lambda work: work.set_count(5),
        lambda work: setattr(work.Layer, "factor", 0.1),
        lambda work: setattr(work.Layer, "offset", 1),
        lambda work: setattr(work.Other, "factor", 0.1),
    ],
)
def test_a_variable_that_is_another_than_in_the_source_is_told(work, change):
    before = str(variables())
    change(work)
    assert str(variables()) != before


def stranger(*arguments):
    return 0


@pytest.mark.parametrize(
    "change",
    [
        lambda work: setattr(work, "helper", stranger),
        lambda work: setattr(work, "helper", print),
        lambda work: setattr(work, "helper", work.set_count),
        lambda work: setattr(work.helper, "__code__", stranger.__code__),
        lambda work: setattr(work.helper, "__defaults__", (3,)),
        lambda work: setattr(work.helper, "__kwdefaults__", {"shift": 1}),
        lambda work: setattr(work.Layer, "forward", stranger),
        lambda work: setattr(work.Layer, "twice", property(stranger)),
        lambda work: setattr(work.Layer, "still", staticmethod(stranger)),
        lambda work: setattr(work.Other, "forward", work.helper),
        lambda work: setattr(work, "Layer", work.Other),
        lambda work: setattr(work, "np", sys),
        lambda work: setattr(work, "math", None) or setattr(work, "functools", sys),
    ],
)
def test_a_function_that_was_replaced_is_refused(work, change):
    change(work)
    with pytest.raises(
        RuntimeError, match=r"has changed since work was imported, or \S+ was replaced"
    ):
        variables()


def rewrite(work, old, new, hours):
    """Another file in the place of the module's, with a time so many hours from now, or 1970's."""
    when = max(time.time() + 3600 * hours, 0)
    path = work.__file__ + ".new"
    with open(path, "w") as file:
        file.write(WORK.replace(old, new))
    os.utime(path, (when, when))
    os.replace(path, work.__file__)
    code.forget()


@pytest.mark.parametrize("hours", [-500_000, -24, 0, 24])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("x**power", "x * power"),
        ("power=2", "power=3"),
        ("shift=0", "shift=1"),
        ("x + 1", "x + 1000"),
        ("x * self.factor", "x / self.factor"),
        ("2 * self.factor", "3 * self.factor"),
        ("return x * self.factor", "if x:\n            return 1\n        return x"),
    ],
)
def test_code_that_is_another_in_the_file_is_refused_whatever_its_time(work, old, new, hours):
    rewrite(work, old, new, hours)
    with pytest.raises(RuntimeError, match="has changed since work was imported"):
        variables()


@pytest.mark.parametrize("hours", [-500_000, 24])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("", ""),
        ("def helper", "# A word on it.\ndef helper"),
        ("x**power", "(x**power)"),
        ("shift=0):\n", 'shift=0):\n    """A docstring."""\n'),
        ("class Other(Layer):\n    pass", 'class Other(Layer):\n    """Another."""'),
    ],
    ids=["touched", "comment", "brackets", "docstring", "docstring of a class"],
)
def test_code_that_is_the_same_is_not_refused(work, old, new, hours):
    rewrite(work, old, new, hours)
    assert "work.SCALE" not in variables()


def test_a_number_that_is_another_in_the_file_has_the_loaded_value(work):
    rewrite(work, "SCALE = 2.0", "SCALE = 3.0", -24)
    assert variables()["work.SCALE"] == 2.0


def test_a_module_that_is_loaded_anew_is_what_it_says_now(work):
    before = code.digests([work.helper])
    rewrite(work, "x**power", "x * power", -24)
    importlib.reload(work)
    assert code.digests([work.helper]) != before
    assert variables()


def test_all_of_ours_are_what_their_sources_say():
    """No false refusal: every module of the package, as the tests have it by now."""
    modules = [m for m in uses.submodules("groundup") if m != "groundup.__main__"]
    for name in modules:
        importlib.import_module(name)
    assert len(modules) > 60
    assert "groundup.nn.layer.Layer.activation" in loaded.variables(modules)
