"""What code uses, told from its syntax."""

import ast

import pytest

from groundup.runs import code, uses


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package with a lazy part, a registry and a part that does something when it's imported."""
    files = {
        "__init__": "from kit.a import A, helper\nfrom kit.style import put\nfrom kit import sub\n",
        "a": "from kit.b import B\nclass A: pass\ndef helper(): pass\n",
        "b": "class B: pass\n",
        "c": "class C: pass\n",
        "style": "import kit.b\nsettings = {}\nsettings['width'] = 3\ndef put(): pass\n",
        "lazy": "def late():\n    from kit.c import C\n    return C()\n",
        "strings": "TABLE = {'c': 'kit.c', 'a word': 'kit.nothing', 'all': 'kit'}\n",
        "computed": "import importlib\ndef get(name):\n    return importlib.import_module(name)\n",
        "sub/__init__": "from kit.sub.inner import Inner\n",
        "sub/inner": "class Inner: pass\n",
    }
    for name, text in files.items():
        path = tmp_path / "kit" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    uses.forget()
    code.source_digest.cache_clear()
    yield
    uses.forget()
    code.source_digest.cache_clear()


def used(text):
    found = uses.closure(uses.modules(uses.references(ast.parse(text))))
    return {name.removeprefix("kit.") for name in found if name.startswith("kit")}


STYLE = {"style", "b"}  # importing the package runs it


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from kit import A", {"a", "b"}),
        ("from kit import A as B", {"a", "b"}),
        ("import kit\nkit.A()", {"a", "b"}),
        ("import kit as k\nk.A.method", {"a", "b"}),
        ("import kit.b\nkit.b.B()", {"b"}),
        ("from kit.sub import Inner", {"sub.inner"}),
        ("from kit import sub\nsub.Inner()", {"sub.inner"}),
        ("import kit\nkit.sub.Inner()", {"sub.inner"}),
        ("from kit import lazy", {"lazy", "c"}),
        ("from kit import strings", {"strings", "c"}),
        ("def f():\n    import kit.c\n    kit.c.C()", {"c"}),
        ("import kit\nprint(kit)", {"kit", "a", "b", "style", "sub", "sub.inner"}),
        ("import kit\ngetattr(kit, 'A')", {"kit", "a", "b", "style", "sub", "sub.inner"}),
        ("from kit import *", {"kit", "a", "b", "style", "sub", "sub.inner"}),
        ("import kit", set()),
    ],
)
def test_what_is_used_and_nothing_else(package, text, expected):
    assert used(text) == expected | STYLE


def test_a_module_that_imports_by_computed_names_uses_its_whole_package(package):
    assert used("import kit.computed\nkit.computed.get('kit.c')") >= {"a", "b", "c", "sub.inner"}


def test_libraries_are_those_of_others(package):
    names = uses.references(
        ast.parse("import os, numpy.linalg\nfrom keras import layers\nimport kit")
    )
    assert uses.libraries(names) == {"numpy", "keras"}


def test_an_adapter_does_not_use_what_it_is_handed():
    assert not any(name.startswith("groundup.nn") for name in uses.closure(["groundup.runs.run"]))
