"""The tests of the equations: run when equations, tests or code are other than when they last ran."""

import ast
import hashlib
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from xml.etree import ElementTree

from sphinx.util import logging

from groundup.runs import code, syntax, uses
from groundup.sphinxext.pages.ledger import MARKER, Ledger, Place

logger = logging.getLogger(__name__)

LIBRARIES = ("hypothesis", "lark", "numpy", "pytest", "scipy", "sympy")
SETTINGS = ("pyproject.toml", "pytest.ini", "setup.cfg", "tox.ini")  # where pytest's may be
KEPT = 50  # states whose results are kept


def results(ledger: Ledger, pages: list, tests: Path, kept: Path) -> dict[str, str]:
    """How each test ended, by its ``identity``: ``"passed"``, or what went wrong.

    Args:
        ledger: whose tests.
        pages: what the pages have of equations, plain.
        tests: the folder of tests, in the repository's.
        kept: the file with the results of other states.
    """
    places = {place for found in ledger.tests.values() for place in found}
    if not places:
        return {}
    names = [identity(place, tests.parent) for place in places]
    digest = _digest(places, pages, tests)
    known = _read(kept)
    if digest not in known:
        known[digest] = _run(places, tests.parent)
        if all(name in known[digest] for name in names):  # else pytest itself failed
            _write(kept, dict([*known.items()][-KEPT:]))
    return {name: known[digest].get(name, "it wasn't run") for name in names}


def _read(kept: Path) -> dict[str, dict[str, str]]:
    try:
        return json.loads(kept.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # there is none, or half of one
        return {}


def _write(kept: Path, known: dict[str, dict[str, str]]) -> None:
    temporary = kept.with_suffix(".part")
    temporary.write_text(json.dumps(known), encoding="utf-8")
    temporary.replace(kept)


def identity(place: Place, folder: Path) -> str:
    """A test as pytest's reports call it, without its parameters: ``tests.equations.test_x.test_y``.

    Args:
        place: the test.
        folder: that of the repository, where tests are run.
    """
    module = place.file.relative_to(folder).with_suffix("").parts
    return ".".join([*module, place.name])


def _digest(places: Iterable[Place], pages: list, tests: Path) -> str:
    """The digest of all that decides how these tests end."""
    files = {path for place in places for path in place.file.parent.glob("*.py")}
    names = frozenset().union(*map(_references, files))
    state = {
        "pages": pages,
        "tests": files_digest(tests),
        "settings": [_text(tests.parent / name) for name in SETTINGS],
        "code": code.sources(uses.modules(names), names),
        "versions": {name: _version(name) for name in LIBRARIES},
        "python": platform.python_version(),
    }
    return hashlib.sha256(json.dumps(state, sort_keys=True).encode()).hexdigest()


def _references(file: Path) -> frozenset[str]:
    try:
        return syntax.references(ast.parse(file.read_bytes()))
    except ImportError:  # a relative import, of a file that counts anyway
        return frozenset()


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


def files_digest(tests: Path) -> list[tuple[str, str]]:
    """Every file of Python in a folder with its digest."""
    paths = sorted(tests.rglob("*.py"))
    return [(str(path), hashlib.sha256(path.read_bytes()).hexdigest()) for path in paths]


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _run(places: Iterable[Place], folder: Path) -> dict[str, str]:
    """Run the tests, in a process of their own."""
    files = sorted({str(place.file) for place in places})
    logger.info("testing the equations: %d files", len(files))
    with tempfile.TemporaryDirectory() as temporary:
        report = Path(temporary, "report.xml")
        command = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", MARKER]
        command.append(f"--rootdir={folder}")
        ran = subprocess.run(
            [sys.executable, *command, f"--junitxml={report}", *files],
            cwd=folder,
            env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
        )
        if not report.exists():
            logger.warning("pytest can't test the equations:\n%s", ran.stdout + ran.stderr)
            return {}
        cases = list(ElementTree.parse(report).iter("testcase"))
    found: dict[str, str] = {}
    for case in cases:
        name = f"{case.get('classname')}.{case.get('name', '').partition('[')[0]}"
        wrong = next((part for part in case if part.tag in ("failure", "error", "skipped")), None)
        if wrong is None:
            found.setdefault(name, "passed")
        else:
            found[name] = f"{wrong.tag}: {wrong.get('message', '').strip()}"
    if ran.returncode not in (0, 1):  # 1: a test failed
        logger.warning("pytest can't test the equations:\n%s", ran.stdout + ran.stderr)
    return found
