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


@pytest.mark.parametrize(
    "code",
    [
        "open('texts/a.txt', 'x')",
        "os.symlink('texts/b.txt', 'texts/a.txt')",
        "os.link('texts/b.txt', 'texts/a.txt')",
        "os.rename('not_there', 'texts/a.txt')",
        "os.mkdir('texts/a.txt')",
    ],
)
def test_what_fails_makes_nothing_own(folder, code):
    report = told(folder, f"import os\ntry: {code}\nexcept OSError: open('texts/a.txt')")
    assert "texts/a.txt" in report["read"]
    assert report["own"] == set()


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


def test_a_process_does_not_stand_on_what_it_puts_somewhere_itself(folder):
    report = told(
        folder,
        "import os, sqlite3, shutil, tempfile, pathlib\n"
        "os.mkdir('new')\nopen('new/x', 'w').close()\nopen('new/x')\nos.rename('new', 'newer')\n"
        "open('newer/x')\nopen('part', 'w').close()\nos.replace('part', 'whole')\nopen('whole')\n"
        "sqlite3.connect('new.db').close()\nsqlite3.connect('file:new.db?mode=ro', uri=True).close()\n"
        "sqlite3.connect('file::memory:?cache=shared', uri=True).close()\n"
        "with tempfile.TemporaryDirectory(dir='.') as d:\n"
        "    os.system(f'date >{d}/y')\n    os.listdir(d)\n    open(f'{d}/y')\n"
        "if os.fork() == 0:\n    open('of_child', 'w').close()\n    os._exit(0)\n"
        "os.wait()\nopen('of_child')\n"
        "pathlib.Path('texts/a.txt').write_text(pathlib.Path('texts/a.txt').read_text() + '.')",
    )
    assert report["read"] == report["rewritten"] == {"texts/a.txt"}
    assert {"new", "newer", "whole", "new.db", "of_child"} <= report["own"]
    assert "texts/a.txt" not in report["own"]
    assert report["listed"] == {"new"}, "what others put into it got another name with it"


def test_a_folder_that_a_process_makes_is_open_to_others(folder):
    report = told(folder, "import os\nos.makedirs('new')\nos.listdir('new')")
    assert report["listed"] == {"new"}


def test_a_folder_is_told_with_what_it_was_listed_for(folder):
    for code, kinds in (
        ("os.listdir('texts')", {"texts": "names"}),
        ("os.listdir(os.open('texts', os.O_RDONLY))", {"texts": "names"}),
        ("os.scandir(os.open('texts', os.O_RDONLY))", {"texts": "sizes"}),
        ("os.scandir('texts')\nos.listdir('texts')", {"texts": "sizes"}),
        ("list(os.walk('texts'))", {"texts": "names"}),
        ("import glob\nglob.glob('texts/*')", {"texts": "names"}),
        ("import pathlib\nlist(pathlib.Path('texts').iterdir())", {"texts": "names"}),
        ("os.symlink('texts', 'link')\nos.listdir('link')", {"texts": "names"}),
        ("import importlib.metadata as m\nm.packages_distributions()", {}),
    ):
        assert told(folder, f"import os\n{code}")["kinds"] == kinds, code
    (folder / "sites.py").write_text("import os\nos.listdir('texts')\n")
    assert told(folder, "import sys\nsys.path[:0] = ['']\nimport sites")["listed"] == {"texts"}


def test_where_modules_are_looked_for_counts_though_none_is_there(folder):
    for entry in ("lib", "not_there"):
        report = told(folder, f"import sys\nsys.path.insert(0, '{entry}')\nimport ours_to_find"
                      if entry == "lib" else f"import sys\nsys.path.insert(0, '{entry}')")  # fmt: skip
        assert report["kinds"] == {entry: "modules"}
    found = "import importlib.machinery as m\nm.PathFinder.find_spec('x', ['../vendored'])"
    (folder.parent / "vendored").mkdir()
    assert told(folder, found)["kinds"] == {"../vendored": "modules"}
    tried = "import sys\nsys.path.insert(0, 'lib')\ntry: import nowhere\nexcept ImportError: pass"
    assert told(folder, tried)["kinds"] == {"lib": "modules"}
    assert told(folder, "try: import nowhere\nexcept ImportError: pass")["kinds"] == {}


def test_what_is_in_a_folder(folder):
    def changed(kind, change):
        before = recorder.entries(str(folder / "texts"), kind)
        change()
        return recorder.entries(str(folder / "texts"), kind) != before

    texts = folder / "texts"
    for name in (".hidden", "README", "c.csv"):
        assert changed("names", (texts / name).touch), name
    for name in (".a.txt.swp", "a.txt~", ".DS_Store", ".#a.txt"):
        assert not changed("names", (texts / name).touch), name
    assert not changed("names", lambda: (texts / "a.txt").write_text("longer than it was"))
    assert changed("sizes", lambda: (texts / "a.txt").write_text("short"))
    assert not changed("modules", (texts / "d.csv").touch)
    assert changed("modules", (texts / "d.py").touch)
    assert changed("names", lambda: ((texts / "d.py").unlink(), (texts / "d.py").mkdir()))
    startup = folder / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "README").touch()
    assert recorder.entries(str(startup)) == {}


def test_the_environment_is_pythons_and_the_systems_and_no_folder_that_has_its_name(folder):
    listening = recorder.Recorder(str(folder))
    for path in (
        "/dev/shm/data.txt",
        "/run/user/1000/data.txt",
        "/usr/local/share/mydata/data.txt",
        "/opt/vendored/site-packages/library.py",
        str(folder / "site-packages" / "library.py"),
    ):
        assert listening.counts(path), path
    for path in (
        os.__file__,
        pytest.__file__,
        "/proc/cpuinfo",
        "/dev/null",
        "/usr/share/zoneinfo/UTC",
    ):
        assert not listening.counts(path), path


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("os.environ['_'.join(['A', 'NAME'])]", {"A_NAME"}),
        ("os.getenv('missing')", {"missing"}),
        ("os.environb.get(b'A_NAME')", {"A_NAME"}),
        ("from os import environ as e\n'a_name'.upper() in e", {"A_NAME"}),
        ("os.path.expandvars('$A_NAME')", {"A_NAME"}),
        ("[os.environ[n] for n in os.environ if n.startswith('A_')]", {"A_NAME"}),
        ("os.path.expanduser('~'), os.getenv('_')", set()),
        ("dict(os.environ), {**os.environ}, os.environ.copy(), sorted(os.environ.items())", set()),
        ("os.environ['NEW'] = '1'\nos.environ['NEW']", set()),
        ("import tempfile\ntempfile.gettempdir()", set()),
    ],
)
def test_variables_that_a_process_asks_for_are_told(folder, code, names):
    report = told(folder, f"import os\n{code}", A_NAME="1", a_thing="2")
    assert set(report["asked"]) == names
    assert report["variables"] == {"A_*": "A_NAME=1\na_thing=2"}
