"""The package as a whole: who imports whom, and how long an import takes."""

import ast
import re
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import groundup

SOURCE = Path(groundup.__file__).parent
MAY_IMPORT = {
    "nn": {"nn"},
    "tape": {"tape"},
    "loops": {"loops"},
    "models": {"models", "data", "nn", "runs"},
    "data": {"data", "recorder", "trace"},
    "runs": {"runs", "nn", "recorder", "trace"},
    "exercises": {"exercises", "nn", "tape", "trace"},
    "figures": {"figures"},
    "page": {"page", "trace"},
    "sphinxext": {"sphinxext", "page", "runs", "data", "figures", "recorder", "trace"},
}
# Inside of the extension: a check looks at pages, and a page shows what was executed.
OF_THE_EXTENSION = {
    "execution": {"execution"},
    "pages": {"pages", "execution"},
    "checks": {"checks", "pages", "execution"},
}
# Every module of the engine, however deep, by its name.
ENGINE = {
    ".".join(path.relative_to(SOURCE.parent).with_suffix("").parts).removesuffix(".__init__"): path
    for path in (SOURCE / "nn").rglob("*.py")
}
HEAVY = {"keras", "tensorflow", "torch", "matplotlib", "sklearn", "sphinx"}


def imported(path: Path, package: str = "groundup") -> set[str]:
    """The rooms of a package of ours that a module imports."""
    names = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    start = f"{package}."
    return {name.removeprefix(start).split(".")[0] for name in names if name.startswith(start)}


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_imports_run_one_way(room):
    for path in (SOURCE / room).rglob("*.py"):
        assert imported(path) <= MAY_IMPORT[room], path


@pytest.mark.parametrize("room", OF_THE_EXTENSION)
def test_imports_of_the_extension_run_one_way(room):
    for path in (SOURCE / "sphinxext" / room).rglob("*.py"):
        assert imported(path, "groundup.sphinxext") <= OF_THE_EXTENSION[room], path


def test_no_modules_of_the_store_import_each_other_in_a_ring():
    """Imports inside of functions count too."""
    modules = {path.stem: path for path in (SOURCE / "runs").glob("*.py")}
    needed = {
        name: imported(path, "groundup.runs") & modules.keys() - {name}
        for name, path in modules.items()
    }
    assert needed["run"] > {"jobs", "results"}
    TopologicalSorter(needed).prepare()  # a CycleError says which


def test_every_room_has_its_rule():
    for folder, rules in [(SOURCE, MAY_IMPORT), (SOURCE / "sphinxext", OF_THE_EXTENSION)]:
        rooms = {path.name for path in folder.iterdir() if (path / "__init__.py").exists()}
        assert rooms == set(rules)
    assert {path.stem for path in (SOURCE / "sphinxext").glob("*.py")} == {"__init__"}


def test_all_tests_are_run(pytestconfig):
    """But for those that need a browser."""
    tests = Path(__file__).parent
    there = {path for path in tests.iterdir() if path.is_dir() or path.match("test_*.py")}
    there = {f"tests/{path.name}" for path in there}
    found = {path for path in pytestconfig.getini("testpaths") if path.startswith("tests/")}
    assert there - found == {"tests/site", "tests/live", "tests/__pycache__"} & there


def loaded_by(module: str) -> set[str]:
    code = f"import sys, {module}; print(*{{name.split('.')[0] for name in sys.modules}})"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    return set(result.stdout.split())


@pytest.mark.parametrize(
    "module",
    [
        "groundup",
        "groundup.nn",
        "groundup.runs",
        "groundup.data",
        "groundup.exercises.foundations.softmax_regression",
    ],
)
def test_an_import_loads_no_framework(module):
    assert not loaded_by(module) & HEAVY


def test_the_engine_loads_numpy_and_nothing_else():
    loaded = loaded_by("groundup.nn") - loaded_by("numpy.random") - sys.stdlib_module_names
    assert loaded == {"groundup"}


def test_no_module_of_the_engine_is_too_long_to_be_read_in_one_go():
    lengths = {name: len(p.read_text().splitlines()) for name, p in ENGINE.items()}
    assert max(lengths.values()) <= 300, lengths


def engine_imports(path: Path) -> set[str]:
    """The engine's modules that a module names: imported at its top or in a function, or in words."""
    names = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: imports are absolute here"
            names += [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Constant) and node.value in ENGINE.keys() - {"groundup.nn"}:
            names.append(node.value)
    found = set()
    for name in names:
        while name.startswith("groundup.nn") and name not in ENGINE:
            name = name.rpartition(".")[0]  # a class counts as its module
        found |= {name} & set(ENGINE)
    return found


def reached(start: str) -> set[str]:
    """The modules that an engine's module imports, with those that these import, and so on."""
    found, left = set(), [start]
    while left:
        new = engine_imports(ENGINE[left.pop()]) - found
        found |= new
        left += new
    return found


def test_no_modules_of_the_engine_import_each_other_in_a_ring():
    """So that it can be read from the bottom up."""
    order = TopologicalSorter({name: engine_imports(path) for name, path in ENGINE.items()})
    order.prepare()  # a ring is an error


@pytest.mark.parametrize("above", ["groundup.nn.model", "groundup.nn.network"])
def test_the_engine_is_a_model_of_a_network_of_layers(above):
    layers = {name for name in ENGINE if name.startswith("groundup.nn.layers.")}
    network = "groundup.nn.network"
    assert layers & engine_imports(ENGINE[network])
    assert network in reached("groundup.nn.model")
    for below in layers | {network}:
        assert above not in reached(below), below


def test_a_file_of_ours_that_is_named_is_there():
    """Also in the words of a page, a setting or a test, which no import checks."""
    root = SOURCE.parents[1]
    texts = [root / "CONTRIBUTING.md", root / "README.md", root / "pyproject.toml"]
    for folder in ("src", "tests", "benchmarks", "book"):
        found = [
            p for suffix in (".py", ".md", ".yml") for p in (root / folder).rglob(f"*{suffix}")
        ]
        texts += [path for path in found if "node_modules" not in path.parts]
    named = {
        (name, text.relative_to(root))
        for text in texts
        for name in re.findall(r"(?:src|_modules)/groundup/([\w/]+)\.(?:py|html)", text.read_text())
    }
    assert "nn/layers/dense" in {name for name, _ in named}
    assert [(n, text) for n, text in named if not (SOURCE / f"{n}.py").exists()] == []
