"""A chapter stands on what it really used: files, folders, modules, variables, its folder, its Python."""

import json
import os
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
from click.testing import CliRunner
from tests.book.small import Book, must_pass

from groundup.__main__ import main

NONE: set[str] = set()


@pytest.fixture
def book(tmp_path):
    (tmp_path / "book").mkdir()
    return Book(tmp_path / "book")


def text(
    name: str, content: str = "'{value}'\n", when: float | None = None
) -> Callable[[Path, str], object]:
    """What writes a value into a file, and sets its time."""

    def write(folder: Path, value: str) -> None:
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content.format(value=value))
        if when:
            os.utime(path, (when, when))

    return write


def hdf5(folder: Path, value: str) -> None:
    with h5py.File(folder / "a.h5", "w") as file:
        file.attrs["a"] = value


def array(folder: Path, value: str) -> None:
    np.save(folder / "array.npy", np.array(value))


def link(folder: Path, value: str) -> None:
    (folder / "link.txt").unlink(missing_ok=True)
    (folder / f"target-{value}.txt").write_text(value)
    (folder / "link.txt").symlink_to(f"target-{value}.txt")


def folder_of_tables(folder: Path, value: str) -> None:
    shutil.rmtree(folder / "tables", ignore_errors=True)
    (folder / "tables").mkdir()
    (folder / "tables" / f"{value}.csv").write_text("0")


def there_or_not(name: str) -> Callable[[Path, str], object]:
    """What makes a file for one value, and removes it for the other."""

    def write(folder: Path, value: str) -> None:
        if value == "value-2":
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(f"# {value}")
        else:
            (folder / name).unlink(missing_ok=True)

    return write


def variable(name: str) -> Callable[[Path, str], object]:
    def write(folder: Path, value: str) -> None:
        os.environ[name] = value

    return write


# Each chapter's cell, and what lets it find a value.
READ = {
    "opens": ("print(open('opened.txt').read())", text("opened.txt")),
    "above": ("print(pathlib.Path('../above.txt').read_text())", text("../above.txt")),
    "outside": ("print(pathlib.Path('../../outside.txt').read_bytes())", text("../../outside.txt")),
    "table": ("import csv\nprint(*csv.reader(open('table.csv')))", text("table.csv")),
    "array": ("import numpy\nprint(numpy.load('array.npy'))", array),
    "settings": ("import json\nprint(json.load(open('a.json')))", text("a.json", '"{value}"')),
    "script": ("%run script.py\nprint(VALUE)", text("script.py", "VALUE = '{value}'")),
    "extension": (
        "%load_ext ours_ext\nprint(VALUE)",
        text(
            "ours_ext.py", "def load_ipython_extension(i):\n    i.push({{'VALUE': '{value}'}})\n"
        ),
    ),
    "by_path": (
        "import importlib.util as u\nspec = u.spec_from_file_location('m', 'parts/m.py')\n"
        "m = u.module_from_spec(spec)\nspec.loader.exec_module(m)\nprint(m.VALUE)",
        text("parts/m.py", "VALUE = '{value}'"),
    ),
    "on_path": (
        "import sys\nsys.path.insert(0, '../lib')\nimport ours\nprint(ours.VALUE)",
        text("../lib/ours.py", "VALUE = '{value}'"),
    ),
    "same_time": (
        "import sys\nsys.path.append('../old')\nimport old\nprint(old.VALUE)",
        text("../old/old.py", "VALUE = '{value}'", when=1e9),
    ),
    "named": ("import h5py\nprint(h5py.File('a.h5').attrs['a'])", hdf5),
    "matplotlib": (
        "import matplotlib\nprint('value-%d' % matplotlib.rcParams['lines.linewidth'])",
        text("matplotlibrc", "lines.linewidth: {value[6]}"),
    ),
    "lists": ("print(*sorted(pathlib.Path('tables').glob('*.csv')))", folder_of_tables),
    "link": ("print(open('link.txt').read())", link),
    "shell": ("!cat shown.txt", text("shown.txt")),
    "looks": (
        "print('value-2' if pathlib.Path('flag').exists() else 'value-1')",
        there_or_not("flag"),
    ),
    "tries": (
        "name = 'la' + 'ter.txt'\ntry:\n    print(open(name).read())\n"
        "except FileNotFoundError:\n    print('value-1')",
        there_or_not("later.txt"),
    ),
    "variable": ("import os\nprint(os.environ['A_' + 'VALUE'], os.environ['a_value'])",
                 variable("a_value")),
    "computed": ("import os\nprint(os.environ['_'.join('ab') + '_value'])", variable("a_b_value")),
    "begins": (
        "import os\nprint([v for k, v in os.environ.items() if k.startswith('OTHER_')])",
        variable("OTHER_VALUE"),
    ),
    "added": (
        "name = 'lo' + 'g.txt'\nopen(name, 'a').close()\nprint(open(name).read())", text("log.txt")
    ),
    "forked": (
        "import os\nr, w = os.pipe()\nif os.fork() == 0:\n"
        "    os.write(w, open('a' + '.child').read().encode())\n    os._exit(0)\n"
        "os.wait()\nprint(os.read(r, 99).decode())",
        text("a.child"),
    ),
    "modules": (
        "import sys\nsys.path.append('../later')\ntry:\n    import later\n    print('value-2')\n"
        "except ImportError:\n    print('value-1')",
        there_or_not("../later/later.py"),
    ),
    "piped": ("!cat <piped.txt|cat", text("piped.txt")),
    "helped": (
        "import sys\nsys.path.append('../help')\nimport helper\nprint(helper.value())",
        variable("HELPED_VALUE"),
    ),
}  # fmt: skip


def test_what_a_chapter_read_executes_it_again_and_taken_back_brings_back_its_results(
    book, monkeypatch
):
    for name in ("A_VALUE", "a_value", "a_b_value", "OTHER_VALUE", "HELPED_VALUE"):
        monkeypatch.setenv(name, "")
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    helper = "import os\n\n\ndef value():\n    return os.getenv('HELPED_VALUE')\n"
    pages = book.folder / "book"
    (book.folder / "help").mkdir()
    (book.folder / "help" / "helper.py").write_text(helper)
    book.chapters(**{name: cell for name, (cell, _) in READ.items()}, reads_nothing="1 + 1")

    def build(values):
        for name, value in values.items():
            READ[name][1](pages, value)
        must_pass(book.build())
        for name in READ:
            shown = re.search(r"value-\d", book.html(name).partition("cell_output")[2])
            assert shown is not None, name
            assert shown[0] == values[name], name
        return book.executed()

    before = dict.fromkeys(READ, "value-1")
    assert build(before) == {*READ, "reads_nothing"}
    some = set(sorted(READ)[::2])
    for changed in (some, set(READ) - some):  # those changed before find their older results again
        assert build(before | dict.fromkeys(changed, "value-2")) == changed
    assert build(before) == NONE, "the older results are found again"


def doctor(book) -> dict:
    said = CliRunner().invoke(main, ["doctor", "--json", "--book", str(book.folder)])
    assert said.exit_code == 0, said.output
    return json.loads(said.stdout)["next build"]


def test_a_chapter_does_not_stand_on_what_it_wrote_and_the_doctor_says_on_what_it_does(book):
    pages = book.folder / "book"
    (pages / "counts.txt").write_text("0")
    book.chapters(
        writes="%%writefile made.py\nVALUE = 1",
        itself="path = pathlib.Path('own.txt')\npath.write_text('1')\nprint(path.read_text())",
        counts="path = pathlib.Path('counts.txt')\npath.write_text(str(int(path.read_text()) + 1))",
        another="import h5py\nwith h5py.File('made.h5', 'w') as f:\n    f['a'] = 1\n"
        "print(h5py.File('made.h5')['a'][()])",
        fails="assert pathlib.Path('mended.txt').exists()",
    )
    book.cells("import pathlib; pathlib.Path('writes.count').open('a').write('x')",
               "%%writefile made.py\nVALUE = 1",
               "import made\nprint(made.VALUE)", page="writes")  # fmt: skip
    assert book.build().returncode != 0
    assert book.executed() == set(book.counts)
    (pages / "mended.txt").write_text("")
    must_pass(book.build())
    assert book.executed() == {"fails"}
    must_pass(book.build())
    assert book.executed() == NONE
    assert doctor(book) == {}
    (pages / "made.py").unlink()
    (pages / "own.txt").write_text("2")
    (pages / "counts.txt").write_text("7")
    (pages / "mended.txt").unlink()
    (why,) = (" ".join(said) for page, said in doctor(book).items() if page == "book/counts")
    assert "read.book/counts.txt" in why
    assert set(doctor(book)) == {"book/counts", "book/fails"}
    (pages / "mended.txt").write_text("")
    must_pass(book.build())
    assert book.executed() == {"counts"}, "what it reads before it writes it is no work of its own"
    must_pass(book.build())
    assert book.executed() == NONE


def test_a_chapter_under_which_a_file_changed_is_not_kept(book):
    """Another process changes it, which the chapter awaits; the times stay as they were."""
    path = book.folder / "book" / "data.txt"
    path.write_text("one")
    book.chapters(
        reads="import time\nprint(open('data.txt').read())\npathlib.Path('read').touch()\n"
        "while pathlib.Path('read').exists():\n    time.sleep(0.05)",
        changes="import os, time\nwhile not pathlib.Path('read').exists():\n    time.sleep(0.05)\n"
        "before = os.stat('data.txt')\nos.system('printf two > data.txt')\n"
        "os.utime('data.txt', ns=(before.st_atime_ns, before.st_mtime_ns))\nos.remove('read')",
    )
    result = book.build(GROUNDUP_WORKERS="2")
    assert result.returncode != 0
    assert "book/reads: cell" in result.stderr
    assert "This changed while it ran: read.book/data.txt" in result.stderr
    book.chapters(reads="print(open('data.txt').read())", changes="")
    must_pass(book.build())
    assert "two" in book.html("reads")


def test_the_same_cells_in_two_folders_are_two_chapters_wherever_the_book_is(book, tmp_path):
    cell = "from pathlib import Path\nprint(Path('data.txt').read_text())"
    count = "import pathlib; pathlib.Path('count').open('a').write('x')"
    for folder in "ab":
        (book.folder / "book" / folder).mkdir()
    book.chapters(**{"a/chapter": cell, "b/chapter": cell})
    for folder in "ab":
        (book.folder / "book" / folder / "data.txt").write_text(f"that of {folder}")
        book.cells(f"{count}\n{cell}", page=f"{folder}/chapter")
    must_pass(book.build())
    for folder in "ab":
        assert f"that of {folder}" in book.html(f"{folder}/chapter")
    other = Book(tmp_path / "clone")
    shutil.copytree(book.folder, other.folder, dirs_exist_ok=True)
    shutil.rmtree(other.folder / "_build" / ".doctrees")
    must_pass(other.build())
    assert (other.folder / "book" / "a" / "count").read_text() == "x", "not executed again"


def kernel(folder: Path, before: str = "", **facts) -> dict[str, str]:
    """The environment of a build that finds another kernel ``python3``, after a line of shell."""
    python = folder / "python"
    python.write_text(f'#!/bin/sh\n{before}\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    spec = folder / "kernels" / "python3"
    spec.mkdir(parents=True)
    argv = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    facts = {"argv": argv, "display_name": "Python 3", "language": "python"} | facts
    (spec / "kernel.json").write_text(json.dumps(facts))
    return {"JUPYTER_PATH": str(folder)}


def test_a_kernel_that_is_another_python_is_refused(book, tmp_path):
    book.cells("print(1)")
    shim = tmp_path / "shim"
    shim.mkdir()
    (shim / "sitecustomize.py").write_text("import numpy\nnumpy.__version__ = '1.0.0'\n")
    bare = f'exec env -i {shutil.which("python3", path="/usr/bin:/bin")} -I "$@"'
    for number, (before, facts, said) in enumerate([
        (f"export PYTHONPATH={shim}:$PYTHONPATH", {}, "numpy 1.0.0 where the build has"),
        ("", {"env": {"OMP_NUM_THREADS": "7"}}, "OMP_NUM_THREADS 7 where the build has 1"),
        ("", {"argv": ["ir", "--kernel", "{connection_file}"]}, "expected IPython's kernel"),
        (bare, {}, "No module named"),
    ]):  # fmt: skip
        folder = tmp_path / f"kernel-{number}"
        folder.mkdir()
        result = book.build(**kernel(folder, before, **facts))
        assert result.returncode != 0
        assert "book/chapter: cell 1 failed" in result.stderr
        assert said in result.stderr
    must_pass(book.build(**kernel(tmp_path / "shim")))


def test_what_configures_a_kernel_counts_and_not_what_it_finds_in_a_new_home(
    book, tmp_path, monkeypatch
):
    for name in ("MPLCONFIGDIR", "KERAS_HOME"):
        monkeypatch.delenv(name, raising=False)
    home = tmp_path / "home"
    home.mkdir()
    startup = home / ".ipython" / "profile_default" / "startup"
    book.chapters(chapter="import matplotlib.pyplot\nprint(globals().get('VALUE'))")

    def build():
        must_pass(book.build(HOME=str(home), IPYTHONDIR=str(home / ".ipython")))
        return book.executed()

    assert build() == {"chapter"}
    assert (startup / "README").exists()
    assert build() == NONE
    for value in "12":
        (startup / "first.py").write_text(f"VALUE = 'value-{value}'")
        assert build() == {"chapter"}
        assert f"value-{value}" in book.html()
    config = home / ".ipython" / "profile_default" / "ipython_kernel_config.py"
    config.write_text("c.InteractiveShellApp.exec_lines = ['VALUE = 3']")
    assert build() == {"chapter"}
    (startup / "first.py").unlink()
    config.unlink()
    assert build() == NONE, "as it was at first"


def test_what_a_kernel_tells_is_not_to_be_seen(book):
    book.cells("a = 1\na", "print(In, Out, [n for n in dir() if 'recorder' in n or 'tell' in n])")
    must_pass(book.build())
    assert "['', 'a = 1\\na'," in re.sub("&#39;", "'", book.html())
    assert "{1: 1} []" in book.html()
    (notebook,) = (book.folder / "_build" / "html").glob("notebooks/book/chapter.ipynb")
    assert '"execution_count": 2' in notebook.read_text()
    assert str(book.folder) not in notebook.read_text()


def older(path: Path, content: bytes) -> None:
    """Put a file in the place of another as ``mv`` does, with a time long ago."""
    new = path.with_name(f"{path.name}.new")
    new.write_bytes(content)
    os.utime(new, (1e9, 1e9))
    new.replace(path)


def test_what_pages_are_made_from_counts_by_content_not_by_time(book):
    pages, site = book.folder / "book", book.folder / "_build" / "html"

    def write(value):
        prose = (
            "It is ![A picture.](picture.svg)\n\n```{literalinclude} listed.py\n```\n\n"
            "{download}`down.txt`\n"
            f"\n```{{include}} part.txt\n```\n\nPage {value}.\n"
        )
        svg = '<svg xmlns="http://www.w3.org/2000/svg"><title>{}</title></svg>'
        older(pages / "picture.svg", svg.format(f"picture {value}").encode())
        older(pages / "listed.py", f"listed_{value} = 1\n".encode())
        older(pages / "down.txt", f"down {value}".encode())
        older(pages / "part.txt", f"part {value}".encode())
        book.cells("1 + 1", prose=prose)
        page = pages / "chapter.md"
        older(page, page.read_bytes())

    def shown():
        files = [*site.glob("_images/picture*.svg"), *site.glob("_downloads/*/down.txt")]
        texts = "".join([book.html(), *(path.read_text() for path in files)])
        return {re.search(f"{kind}[ _](one|two)", texts)[1]
                for kind in ("picture", "listed", "down", "part", "Page")}  # fmt: skip

    write("one")
    must_pass(book.build())
    assert shown() == {"one"}
    write("two")
    must_pass(book.build())
    assert shown() == {"two"}
    sheet = pages / "_assets" / "book.css"
    older(sheet, sheet.read_bytes() + b"\nbody { --of-mine: 1; color: var(--of-mine) }\n")
    must_pass(book.build())
    assert "--of-mine" in (site / "_static" / "site.css").read_text()
    result = book.build()
    must_pass(result)
    assert "0 added, 0 changed, 0 removed" in result.stdout
    assert "no targets are out of date" in result.stdout
