"""What a process did to files, folders and variables is what its recorder tells."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from groundup import recorder

LISTEN = """
import os, sys
from groundup import recorder
recorder.start()
exec(compile(sys.argv[2], "<cell>", "exec"), {"__name__": "__main__"})
recorder.tell(sys.argv[1], ["A_*"])
"""


@pytest.fixture
def folder(tmp_path):
    """A folder with what others put there."""
    book = tmp_path / "book"
    (book / "texts").mkdir(parents=True)
    for name in ("a.txt", "b.txt"):
        (book / "texts" / name).write_text(name)
    (book / "lib").mkdir()
    (book / "lib" / "ours_to_find.py").write_text("VALUE = 1\n")
    return book


def told(folder: Path, code: str, **variables: str) -> dict:
    """What a process tells that ran this code in a folder; paths are relative to it."""
    path = folder.parent / "report"
    environ = os.environ | {recorder.BOOK: str(folder), "GROUNDUP_SLOTS": str(folder.parent / "s")}
    source = Path(recorder.__file__).parents[1]
    subprocess.run(
        [sys.executable, "-W", "error", "-c", LISTEN, path, code],
        cwd=folder,
        env=environ | {"PYTHONPATH": str(source)} | variables,
        check=True,
    )
    report = json.loads(path.read_text())

    def relative(paths):
        inside = (os.path.relpath(path, folder) for path in paths)
        return {path for path in inside if not path.startswith("..")}

    report["signatures"] = {os.path.relpath(p, folder): s for p, s in report["read"].items()}
    report["kinds"] = {os.path.relpath(p, folder): k for p, k in report["listed"].items()}
    return report | {
        kind: relative(report[kind]) for kind in ("read", "rewritten", "own", "listed")
    }


def test_what_was_there_before_a_process_wrote_more_to_it_counts_if_it_is_read(folder):
    before = recorder.signature(str(folder / "texts/a.txt"))
    for opened in ("open('texts/a.txt', 'a')", "open(os.open('texts/a.txt', os.O_WRONLY), 'w')"):
        report = told(folder, f"import os\n{opened}.close()")
        assert (report["read"], report["own"]) == (set(), set()), "nobody read it"
        report = told(folder, f"import os\n{opened}.close()\nopen('texts/a.txt')")
        assert report["signatures"] == {"texts/a.txt": before}
        assert report["rewritten"] == {"texts/a.txt"}
        assert report["own"] == set()
    written = "open('texts/a.txt', 'a').write('more')\nopen('texts/a.txt')"
    assert told(folder, written)["signatures"] == {"texts/a.txt": before}


def test_what_a_process_made_or_emptied_is_its_own(folder):
    for code in (
        "open('texts/a.txt', 'w').close()",
        "open('texts/new.txt', 'a').close()",
        "open('texts/new.txt', 'x').close()",
        "os.remove('texts/a.txt')",
    ):
        name = code.partition("'")[2].partition("'")[0]
        report = told(folder, f"import os\n{code}\nif os.path.exists('{name}'): open('{name}')")
        assert (report["read"], report["own"]) == (set(), {name})
        (folder / "texts/new.txt").unlink(missing_ok=True)
        (folder / "texts/a.txt").write_text("a.txt")
    failed = "try: open('texts/a.txt', 'x')\nexcept FileExistsError: open('texts/a.txt')"
    report = told(folder, failed)
    assert (report["read"], report["own"]) == ({"texts/a.txt"}, set())


@pytest.mark.parametrize(
    "code",
    [
        "os.symlink('texts', 'link')\nopen('link/a.txt')",
        "os.symlink('texts/a.txt', 'link')\nopen('link')",
        "os.symlink('texts', 'one')\nos.symlink('one', 'two')\nopen('two/a.txt')",
        "os.link('texts/a.txt', 'other')\nopen('other')",
        "os.rename('texts/a.txt', 'other')\nopen('other')",
        "os.rename('texts', 'other')\nopen('other/a.txt')",
        "import shutil\nshutil.copy('texts/a.txt', 'other')\nopen('other')",
        "import shutil\nshutil.copytree('texts', 'other')\nopen('other/a.txt')",
        "import shutil\nshutil.move('texts', 'other')\nopen('other/a.txt')",
        "d = os.open('texts', os.O_RDONLY)\nos.open('a.txt', os.O_RDONLY, dir_fd=d)",
        "d = os.open('texts', os.O_RDONLY)\nos.rename('a.txt', 'c', src_dir_fd=d)\nopen('c')",
        "os.mkdir('new')\nos.system('cp texts/a.txt new')\nopen('new/a.txt')",
        "import sqlite3\ntry: sqlite3.connect('file:texts/a.txt?mode=ro', uri=True)\nfinally: pass",
        "import sqlite3\nsqlite3.connect(f'file://{os.getcwd()}/texts/a%2Etxt', uri=True)",
        "if os.fork() == 0:\n    open('texts/a.txt')\n    os._exit(0)\nos.wait()",
        "import multiprocessing as m\nwith m.get_context('fork').Pool(1) as pool:\n"
        "    pool.map(open('texts/b.txt').name.__class__, [1])\n    pool.apply(os.listdir, ['texts'])\n"
        "    pool.apply(exec, [\"open('texts/a.txt')\"])",
    ],
)
def test_what_others_wrote_is_read_by_whatever_way(folder, code):
    report = told(folder, f"import os\n{code}")
    assert {"texts/a.txt", "new/a.txt"} & report["read"]
    assert not {"texts/a.txt", "new/a.txt"} & report["own"] or "rename" in code
