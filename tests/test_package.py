"""The package as a whole: who imports whom, and how long an import takes."""

import ast
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
HEAVY = {"keras", "tensorflow", "torch", "matplotlib", "sklearn", "sphinx"}


def imported(path: Path) -> set[str]:
    """The rooms of ours that a module imports."""
    names = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    return {name.split(".")[1] for name in names if name.startswith("groundup.")}


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_imports_run_one_way(room):
    for path in (SOURCE / room).rglob("*.py"):
        assert imported(path) <= MAY_IMPORT[room], path


def test_every_room_has_its_rule():
    rooms = {path.name for path in SOURCE.iterdir() if (path / "__init__.py").exists()}
    assert rooms == set(MAY_IMPORT)


def loaded_by(module: str) -> set[str]:
    code = f"import sys, {module}; print(*{{name.split('.')[0] for name in sys.modules}})"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    return set(result.stdout.split())


@pytest.mark.parametrize(
    "module",
    ["groundup", "groundup.nn", "groundup.runs", "groundup.data", "groundup.exercises.softmax"],
)
def test_an_import_loads_no_framework(module):
    assert not loaded_by(module) & HEAVY


def test_the_engine_loads_numpy_and_nothing_else():
    loaded = loaded_by("groundup.nn") - loaded_by("numpy.random") - sys.stdlib_module_names
    assert loaded == {"groundup"}


def test_no_module_of_the_engine_is_too_long_to_be_read_in_one_go():
    lengths = {p.name: len(p.read_text().splitlines()) for p in (SOURCE / "nn").glob("*.py")}
    assert max(lengths.values()) <= 300, lengths
