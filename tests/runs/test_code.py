"""Which code a run depends on, and which changes of it count."""

import functools
import sys
from pathlib import Path

import pytest

from groundup.runs import code, key, uses


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package in a folder; returns a function that writes a module and forgets what was known."""
    root = tmp_path / "subject"
    root.mkdir()
    monkeypatch.syspath_prepend(tmp_path)

    def write(name, text):
        (root / f"{name}.py").write_text(text)
        code.forget()
        for module in [m for m in sys.modules if m.partition(".")[0] == "subject"]:
            del sys.modules[module]

    write("__init__", "from subject.leaf import helper")
    write("leaf", "def helper():\n    return 1\n")
    write("other", "unused = 1\n")
    write("top", "from subject import helper\nclass Thing:\n    pass\n")
    yield write
    code.forget()


def digest():
    import subject.top

    return code.digests([subject.top.Thing()])


def test_a_variable_that_was_set_counts_for_all_that_use_its_module(package):
    package("leaf", "SCALE = 1\ndef helper():\n    return SCALE\n")
    import subject.leaf
    import subject.other
    import subject.top

    def variables():
        return key.of_code([subject.top.Thing()])["variables"]

    assert variables() == {}
    subject.other.unused = 2
    assert variables() == {}, "nobody uses it"
    subject.leaf.SCALE = 2
    assert variables() == {"subject.leaf.SCALE": 2}
    subject.top.NEW = 3
    assert variables() == {"subject.leaf.SCALE": 2, "subject.top.NEW": 3}


def test_a_reexported_name_counts_as_the_module_that_defines_it(package):
    assert uses.closure(["subject.top"]) == {"subject.top", "subject.leaf"}


@pytest.mark.parametrize(
    ("module", "text", "counts"),
    [
        ("leaf", "def helper():\n    return 2\n", True),
        ("top", "from subject import helper\nclass Thing:\n    size = 1\n", True),
        ("other", "unused = 2\n", False),
        (
            "leaf",
            '"""Words."""\n\ndef helper():\n    """More."""\n    # and more\n    return 1\n',
            False,
        ),
        ("leaf", "def helper():\n\n\n    return (1)\n", False),
    ],
    ids=["imported", "own", "not imported", "words", "formatting"],
)
def test_a_change_counts_if_it_can_change_a_result(package, module, text, counts):
    before = digest()
    package(module, text)
    assert (digest() != before) is counts


@pytest.mark.parametrize(
    ("where", "asks"),
    [
        ("leaf", "from subject import helper\nclass Thing:\n    words = helper.__doc__\n"),
        ("leaf", "import inspect\nfrom subject import helper\nclass Thing:\n"
         "    words = inspect.getdoc(helper)\n"),
        ("leaf", "from inspect import getsource as look\nfrom subject import helper\nclass Thing:\n"
         "    words = look(helper)\n"),
        ("top", "class Thing:\n    \"\"\"Words.\"\"\"\n    def said(self):\n"
         "        return type(self).__doc__\n"),
        ("top", "\"\"\"Words.\"\"\"\nclass Thing:\n    def said(self):\n        return len(__doc__)\n"),
        ("top", "class Thing:\n    def said(self):\n        \"\"\"Words.\"\"\"\n"
         "        return vars(type(self))['said'].__doc__\n"),
    ],
    ids=["attribute", "getdoc", "another name", "class", "module", "method"],
)  # fmt: skip
def test_docstrings_count_where_code_asks_for_them(package, where, asks):
    leaf = 'def helper():\n    """Words."""\n    return 1\n'
    texts = {"leaf": leaf, "top": asks}
    for module, text in texts.items():
        package(module, text)
    before = digest()
    package(where, texts[where].replace("Words", "Other words"))
    assert digest() != before


@pytest.mark.parametrize(
    "statement",
    [
        "import subject.leaf",
        "from . import leaf",
        "from .leaf import helper",
        "from subject import leaf",
    ],
)
def test_every_form_of_import_is_followed(package, statement):
    package("top", f"def late():\n    {statement}\n\nclass Thing:\n    pass\n")
    assert "subject.leaf" in uses.closure(["subject.top"])


def test_modules_that_import_each_other_end(package):
    package("leaf", "def helper():\n    import subject.top\n")
    assert uses.closure(["subject.top"]) == {"subject.top", "subject.leaf"}


def test_modules_of_ours_in_other_packages_count(package, tmp_path):
    (tmp_path / "neighbour.py").write_text("def helper():\n    return 1\n")
    package("top", "import numpy\nimport neighbour\nclass Thing:\n    pass\n")
    assert uses.closure(["subject.top"]) == {"subject.top", "neighbour"}


def decorated(function):
    @functools.wraps(function)
    def wrapper():
        return function()

    return wrapper


@decorated
def wearing_another_name():
    return 1


@pytest.mark.parametrize(
    "stateful", [wearing_another_name, Path("a").exists], ids=["wraps", "bound"]
)
def test_functions_that_carry_values_are_refused(stateful, monkeypatch):
    monkeypatch.setattr(code, "LIBRARIES", code.LIBRARIES - {"pathlib"})
    with pytest.raises(TypeError, match=r"is defined inside|is bound to an object"):
        code.digests([stateful])


def test_libraries_do_not_count():
    import numpy as np

    assert code.digests([np.zeros(1), 3, print]) == code.digests([]) == {}


def test_code_without_source_is_refused(package):
    with pytest.raises(TypeError, match="can't be read"):
        code.source_digest("subject.nowhere")
