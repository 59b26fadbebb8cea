"""What runs is what was digested: loaded code is held against its source, never against a time."""

import functools
import importlib
import os
import sys
import time

import numpy as np
import pytest

from groundup.runs import code, content, key, loaded, source_files

WORK = """
import enum
import functools
import math
import numpy as np
from dataclasses import dataclass
from typing import NamedTuple

SCALE = 2.0
WIDTHS = [64, 32]
RATES = {"slow": 0.1}
TABLE = np.arange(3.0)
TWICE = 2 * 3
double = lambda x: 2 * x
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

class Color(enum.Enum):
    RED = 1
    BLUE = 2


class Pair(NamedTuple):
    a: int
    b: int


@dataclass(slots=True)
class Slots:
    a: int


class Row(list):
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


COMPUTED = {"work.double", "work.TABLE", "work.FIRST", "work.SECOND", "work.SETTINGS"}


def test_of_what_stands_in_the_source_nothing_is_told(work):
    def told():
        return {
            name for name in variables() if name.count(".") == 1
        }  # of classes Python makes more

    assert told() == COMPUTED
    work.cached(1)
    assert told() == COMPUTED
    work.seen(2)
    assert told() == COMPUTED | {"work._seen"}


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
        lambda work: setattr(work, "double", lambda x: 3 * x),
        lambda work: setattr(work, "double", functools.partial(pow, 2)),
        lambda work: setattr(work, "double", np.sin),
        lambda work: setattr(work, "SCALE", work.Color.RED),
        lambda work: setattr(work.helper, "scale", 3),
        lambda work: work.seen(3),
    ],
)
def test_a_variable_that_is_another_than_in_the_source_is_told(work, change):
    before = str(variables())
    change(work)
    assert str(variables()) != before


# What stands inside of a statement is defined all the same, here once each.
INSIDE = {
    "if": "if not False:\n    {}",
    "else of if": "if False:\n    pass\nelse:\n    {}",
    "elif": "if False:\n    pass\nelif not False:\n    {}",
    "try": "try:\n    {}\nexcept ValueError:\n    pass",
    "except": "try:\n    int('no')\nexcept ValueError:\n    {}",
    "else of try": "try:\n    pass\nexcept ValueError:\n    pass\nelse:\n    {}",
    "finally": "try:\n    pass\nfinally:\n    {}",
    "with": "import contextlib\n\nwith contextlib.nullcontext():\n    {}",
    "while": "while True:\n    {}\n    break",
    "else of while": "while False:\n    pass\nelse:\n    {}",
    "match": "match 1:\n    case 1:\n        {}",
}


@pytest.mark.parametrize("statement", INSIDE)
@pytest.mark.parametrize(
    ("definition", "change"),
    [
        ("SCALE = 2.0", lambda module: setattr(module, "SCALE", 3.0)),
        ("def helper(x): return 2 * x", lambda module: setattr(module, "helper", stranger)),
        ("class Layer: factor = 2.0", lambda module: setattr(module.Layer, "factor", 0.1)),
    ],
    ids=["variable", "function", "class"],
)
def test_what_stands_inside_of_a_statement_is_read_there(
    statement, definition, change, tmp_path, monkeypatch
):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "inside.py").write_text(INSIDE[statement].format(definition))
    code.forget()
    module = importlib.import_module("inside")
    try:
        assert loaded.variables(["inside"]) == {}
        change(module)
        if "helper" in definition:
            with pytest.raises(RuntimeError, match="helper was replaced"):
                loaded.variables(["inside"])
        else:
            assert len(loaded.variables(["inside"])) == 1
    finally:
        del sys.modules["inside"]
        code.forget()


OTHERS = """
NamedTuple: work.Pair(1, 2), work.Pair(1, 3)
slots: work.Slots(1), work.Slots(2)
list of ours: work.Row([1]), work.Row([2])
list and another: [1], work.Row([1])
list and tuple: [1], (1,)
enum: work.Color.RED, work.Color.BLUE
enum as key: {work.Color.RED: 1}, {work.Color.BLUE: 1}
frozenset as key: {frozenset({1}): 2}, {frozenset({2}): 2}
range: range(3), range(4)
Fraction: Fraction(1, 2), Fraction(1, 3)
Decimal: Decimal(1), Decimal(2)
date: date(2026, 1, 1), date(2026, 1, 2)
Path: Path("a"), Path("b")
Pattern: re.compile("a"), re.compile("b")
flags: re.IGNORECASE, re.MULTILINE
deque: deque([1]), deque([2])
Counter: Counter("a"), Counter("b")
OrderedDict: OrderedDict(a=1, b=2), OrderedDict(b=2, a=1)
bytearray: bytearray(b"a"), bytearray(b"b")
proxy: MappingProxyType({1: 1}), MappingProxyType({1: 2})
masked: np.ma.masked_array([1], [0]), np.ma.masked_array([1], [1])
objects: np.array([1], object), np.array([2], object)
RandomState: np.random.RandomState(0), np.random.RandomState(1)
Random: Random(0), Random(1)
dtype: np.dtype("f4"), np.dtype("f8")
type: int, float
slice: slice(1), slice(2)
ufunc: np.sin, np.cos
function: os.path.join, os.path.basename
partial: functools.partial(pow, 2), functools.partial(pow, 3)
method: work.Layer().forward, work.Other().forward
"""
IMPORTS = """
import functools, os, re
import numpy as np
from collections import Counter, OrderedDict, deque
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from random import Random
from types import MappingProxyType
"""
OTHERS = dict(line.split(": ", 1) for line in OTHERS.strip().splitlines())


@pytest.mark.parametrize("kind", OTHERS)
def test_a_variable_of_any_kind_is_told_by_what_it_holds(work, kind):
    names = {"work": work}
    exec(IMPORTS, names)
    pairs = [eval(OTHERS[kind], names) for _ in range(2)]
    found = []
    for value in (pairs[0][0], pairs[1][0], pairs[0][1]):
        work.NEW = value
        found.append(key.of_code([work.helper])["variables"])
    assert found[0] == found[1] != found[2]


def test_what_contains_itself_or_the_same_twice_is_told_quickly(work):
    tree = [1]
    for _ in range(40):
        tree = [tree, tree]
    tree.append(tree)
    work.NEW = tree
    assert "work.NEW" in variables()


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
        ("SCALE = 2.0", "SCALE = 3.0"),
        ("np.arange(3.0)", "np.arange(4.0)"),
        ("class Other(Layer)", "class Other(Settings)"),
        ("depth: int = 3", "depth: int = 4"),
        ("@functools.cache", "@functools.lru_cache(1)"),
        ("    pass", "    def forward(self, x):\n        return 5 * x"),
        ("lambda x: 2 * x", "lambda x: 3 * x"),
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


def test_a_module_that_is_loaded_anew_is_what_it_says_now(work):
    before = code.digests([work.helper])
    rewrite(work, "x**power", "x * power", -24)
    importlib.reload(work)
    assert code.digests([work.helper]) != before
    assert variables()


def test_all_of_ours_are_what_their_sources_say():
    """No false refusal: every module of the package, as the tests have it by now."""
    modules = [m for m in source_files.submodules("groundup") if m != "groundup.__main__"]
    for name in modules:
        importlib.import_module(name)
    assert len(modules) > 60
    assert "groundup.nn.layers.layer.Layer.activation" in loaded.variables(modules)


PLACED = """
import os
from pathlib import Path

HERE = Path(__file__).parent
ROOT = str(HERE.parent)
DATA = {"notes": [os.path.join(ROOT, "data", "notes.txt")], ROOT: None}
BESIDE = ROOT + "-others"

def length(x):
    return len(ROOT) * x
"""


def test_where_a_clone_of_the_project_lies_does_not_count(tmp_path, monkeypatch):
    """Below the folder with ``pyproject.toml``, that is; other folders are what they are called."""
    found = []
    for clone in ("one", "another"):
        folder = tmp_path / clone / "src"
        folder.mkdir(parents=True)
        (tmp_path / clone / "pyproject.toml").touch()
        (folder / "placed_of_a_clone.py").write_text(PLACED)
        with monkeypatch.context() as patched:
            patched.syspath_prepend(str(folder))
            code.forget()
            module = importlib.import_module("placed_of_a_clone")
            found.append(key.of_code([module.length])["variables"])
            del sys.modules["placed_of_a_clone"]
    code.forget()
    one, another = found
    same = {name.rpartition(".")[2] for name in one if one[name] == another[name]}
    assert same == {"HERE", "ROOT", "DATA"}
    assert {name.rpartition(".")[2] for name in one} - same == {"BESIDE"}
    moved = content.relative(("list", "/a/b", "/a/bc", "/a/b/c"), "/a/b")
    assert moved == ("list", ("in the project", ""), "/a/bc", ("in the project", "c"))
