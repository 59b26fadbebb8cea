"""The package as a whole: who imports whom, and how long an import takes."""

import ast
import graphlib
import subprocess
import sys
from pathlib import Path

import pytest

import groundup

SOURCE = Path(groundup.__file__).parent
MAY_IMPORT = {
    "nn": {"nn"},
    "data": {"data", "recorder", "trace"},
    "runs": {"runs", "nn", "recorder", "trace"},
    "exercises": {"exercises", "nn", "trace"},
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
    graphlib.TopologicalSorter(needed).prepare()  # a CycleError says which


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
    lengths = {p.name: len(p.read_text().splitlines()) for p in (SOURCE / "nn").glob("*.py")}
    assert max(lengths.values()) <= 300, lengths
