"""What code uses, told from its syntax."""

import ast

import pytest

from groundup.runs import code, source_files, syntax, uses


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
        "table": "names = {}\ndef register(f):\n    names[f.__name__] = f\n    return f\n",
        "computed": "import importlib\ndef get(name):\n    return importlib.import_module(name)\n",
        "sub/__init__": "from kit.sub.inner import Inner\n",
        "sub/inner": "class Inner: pass\n",
    }
    for name, text in files.items():
        path = tmp_path / "kit" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    code.forget()
    yield
    code.forget()


def used(text):
    found = uses.closure(uses.modules(syntax.references(ast.parse(text))))
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
        ("import kit", {"kit", "a", "b", "style", "sub", "sub.inner"}),
        ("from kit import sub", {"sub", "sub.inner"}),
        (
            "def f():\n    from kit import A as x\ndef g():\n    from kit.c import C as x",
            {"a", "b", "c"},
        ),
        ("import importlib\nimportlib.import_module('kit.sub')", {"sub", "sub.inner"}),
        ("from kit.lazy import late", {"lazy", "c"}),
    ],
)
def test_what_is_used_and_nothing_else(package, text, expected):
    assert used(text) == expected | STYLE


def test_a_module_that_imports_by_computed_names_uses_its_whole_package(package):
    assert used("import kit.computed\nkit.computed.get('kit.c')") >= {"a", "b", "c", "sub.inner"}


def test_libraries_are_those_of_others(package):
    names = syntax.references(
        ast.parse("import os, numpy.linalg\nfrom keras import layers\nimport kit")
    )
    assert uses.libraries(names) == {"numpy", "keras"}


def test_an_adapter_does_not_use_what_it_is_handed():
    assert not any(name.startswith("groundup.nn") for name in uses.closure(["groundup.runs.run"]))


def test_what_a_name_stands_for_is_known(package, tmp_path):
    init = tmp_path / "kit" / "__init__.py"

    def stands_for():
        uses.forget()
        return uses.exports(["kit.A", "kit.a.A", "kit.sub.Inner", "kit.helper"])

    expected = {
        "kit.A": "kit.a.A",
        "kit.sub.Inner": "kit.sub.inner.Inner",
        "kit.helper": "kit.a.helper",
    }
    assert stands_for() == expected
    init.write_text(init.read_text() + "from kit.c import C as A\n")
    assert stands_for() == expected | {"kit.A": "kit.c.C"}, "the last binding counts"
    init.write_text(init.read_text() + "def A(): pass\n")
    assert stands_for() == {name: to for name, to in expected.items() if name != "kit.A"}
    assert used("from kit import A") >= {"kit"}, "the package defines it itself"


@pytest.mark.parametrize("text", ["from kit import twin", "from kit.twin import twin"])
def test_a_name_may_be_that_of_the_module_it_comes_from(package, tmp_path, text):
    (tmp_path / "kit" / "twin.py").write_text("from kit.c import C\ndef twin(): pass\n")
    init = tmp_path / "kit" / "__init__.py"
    init.write_text(init.read_text() + "from kit.twin import twin\n")
    uses.forget()
    assert used(text) == {"twin", "c"} | STYLE
    assert uses.exports(["kit.twin"]) == {"kit.twin": "kit.twin.twin"}


def test_what_registers_itself_counts_with_the_package_that_imports_it(package, tmp_path):
    (tmp_path / "kit" / "c.py").write_text(
        "from kit.table import register\n@register\nclass C: pass\n"
    )
    assert "c" not in used("from kit import A")
    init = tmp_path / "kit" / "__init__.py"
    init.write_text(init.read_text() + "from kit import c\n")
    uses.forget()
    assert {"c", "table"} <= used("from kit import A")


def test_packages_without_a_file_of_their_own_are_followed(tmp_path, monkeypatch):
    (tmp_path / "lab" / "plots").mkdir(parents=True)
    (tmp_path / "lab" / "plots" / "curves.py").write_text("from lab.colours import RED\n")
    (tmp_path / "lab" / "colours.py").write_text("RED = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    uses.forget()
    names = syntax.references(ast.parse("from lab.plots import curves\ncurves.RED"))
    assert uses.closure(uses.modules(names)) == {"lab.plots.curves", "lab.colours"}
    assert {path.name for path in source_files.files("lab")} == {"curves.py", "colours.py"}
    uses.forget()
