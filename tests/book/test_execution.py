"""Chapters run exactly when they must, side by side, and a failing one stops no other."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.book.small import HEAD, ROOT, SCRIPTS, Book, must_fail, must_pass

NONE: set[str] = set()


@pytest.fixture
def book(tmp_path):
    return Book(tmp_path)


@pytest.fixture
def source(tmp_path):
    """A copy of the package, which a build uses instead of the repository's; to be changed by a test."""
    shutil.copytree(ROOT / "src", tmp_path / "src")
    return tmp_path / "src"


def test_exactly_the_chapters_that_use_what_changed_run_again(book, source):
    book.chapters(
        trains="from groundup import nn\n```\n\n```{code-cell} python3\n"
        "nn.Zeros()\nmodel = nn.Sequential([nn.Dense(1)])\n"
        "model.compile('adam', 'mse')\nmodel.fit([[1.0]], [[2.0]])",
        layer="from groundup.nn import Dense\nDense(3)",
        draws="from groundup import figures\nax = figures.axes()\n"
        "figures.show(ax, 'There is nothing.', 'Nothing.')",
        plain="print(1)",
    )
    pages = set(book.counts)

    def build():
        must_pass(book.build(PYTHONPATH=str(source)))
        return book.executed()

    def change(module, text):
        path = source / "groundup" / f"{module}.py"
        path.write_text(path.read_text() + text)

    assert build() == pages
    before = shutil.copytree(source, source.with_name("before"))
    # What no chapter uses, and words, change together with what only some do.
    for changes, users in [
        ({"nn/optimizers": "more = 1", "nn/checking": "more = 1", "sphinxext/checks/privacy": "more = 1"},
         {"trains"}),
        ({"figures/palette": "more = 1", "nn/optimizers": "# Words."}, {"draws"}),
        ({"nn/activations": "more = 1"}, {"trains", "layer"}),
    ]:  # fmt: skip
        for module, text in changes.items():
            change(module, f"\n{text}\n")
        assert build() == users, changes
        shutil.copytree(before, source, dirs_exist_ok=True)
    assert build() == NONE, "the older results are found again"
    change("nn/__init__", "\nfrom groundup.nn.layers.reshaping import Flatten as SGD\n")
    assert build() == NONE, "no chapter uses a name that stands for something else now"
    change("nn/__init__", "\nfrom groundup.nn.initializers import Ones as Zeros\n")
    assert build() == {"trains"}, "one does"


def test_a_library_that_comes_or_goes_changes_what_a_chapter_does_and_says(book, tmp_path):
    """Its presence belongs to the chapter's digest, and prose can be about it."""
    book.chapters(
        asks="try:\n    import visitor\nexcept ImportError:\n    visitor = None\nprint(visitor)",
        others="print(1)",
    )
    page = book.folder / "book" / "asks.md"
    page.write_text(
        page.read_text()
        + "\n:::{with} visitor\nIt is *here*.\n:::\n\n:::{without} visitor\nIt isn't here.\n:::\n"
    )
    library = tmp_path / "site-packages"
    (library / "visitor-1.0.dist-info").mkdir(parents=True)
    (library / "visitor-1.0.dist-info" / "METADATA").write_text("Name: visitor\nVersion: 1.0\n")
    (library / "visitor-1.0.dist-info" / "top_level.txt").write_text("visitor\n")
    (library / "visitor.py").write_text("")
    ours = str(ROOT / "src")

    must_pass(book.build(PYTHONPATH=ours))
    assert book.executed() == {"asks", "others"}
    assert "It isn’t here." in book.html("asks")
    assert "It is <em>here</em>." not in book.html("asks")

    must_pass(book.build(PYTHONPATH=os.pathsep.join([ours, str(library)])))
    assert book.executed() == {"asks"}
    assert "It isn’t here." not in book.html("asks")
    assert "It is <em>here</em>." in book.html("asks")

    must_pass(book.build(PYTHONPATH=ours))
    assert book.executed() == NONE, "what it did without is remembered"
    assert "It isn’t here." in book.html("asks")


def test_tags_that_change_how_a_cell_looks_execute_nothing_and_others_do(book):
    book.chapters(chapter="print(1)")
    page = book.folder / "book" / "chapter.md"
    text = page.read_text()
    must_pass(book.build())
    assert book.executed() == {"chapter"}
    before = book.status()["book/chapter"]

    page.write_text(text.replace("python3\nimport", "python3\n:tags: [hide-input]\nimport"))
    must_pass(book.build())
    assert book.executed() == NONE
    assert "tag_hide-input" in book.html()
    assert book.status()["book/chapter"] == before, "it was executed when it was executed"

    page.write_text(text.replace("python3\nimport", "python3\n:tags: [raises-exception]\nimport"))
    must_pass(book.build())
    assert book.executed() == {"chapter"}

    page.write_text(text)
    must_pass(book.build())
    assert book.executed() == NONE
    assert "tag_hide-input" not in book.html()


def test_data_and_libraries_count_where_they_are_used(book, tmp_path):
    library = tmp_path / "site-packages"
    (library / "acme-1.0.dist-info").mkdir(parents=True)
    (library / "acme.py").write_text("")
    facts = library / "acme-1.0.dist-info" / "METADATA"
    (library / "acme-1.0.dist-info" / "RECORD").write_text("acme.py,,\n")
    (book.folder / "book").mkdir(exist_ok=True)
    helper = book.folder / "book" / "helper.py"
    helper.write_text("value = 1\n")
    book.chapters(
        digits="from groundup import data\ndata.load('mnist')",
        made="from groundup import data\ndata.load('celsius')",
        uses="import acme",
        tries="try:\n    import extra\nexcept ImportError:\n    print('none')",
        beside="import helper",
    )

    def build(version="1.0", mirror="stand-in"):
        facts.write_text(f"Metadata-Version: 2.1\nName: acme\nVersion: {version}\n")
        must_pass(book.build(PYTHONPATH=f"{library}:{ROOT}/src", GROUNDUP_DATA=mirror))
        return book.executed()

    assert build() == set(book.counts)
    assert build(version="2.0") == {"uses"}
    helper.write_text("value = 2\n")
    assert build(version="2.0", mirror=str(tmp_path / "nowhere")) == {"digits", "beside"}
    assert build() == NONE
    (library / "extra.py").write_text("")
    assert build() == {"tries"}


def test_a_page_that_pastes_anothers_number_follows_it(book):
    def write(value):
        book.chapters(source=f"from groundup import page\npage.glue('n', {value}, 'count')")
        toc = book.folder / "_toc.yml"
        toc.write_text(toc.read_text() + "  - file: book/other\n")
        book.write("other", f"{HEAD}# Other\n\nIt is {{glue:text}}`source.md::n:s`.\n")

    for value in ("1", "2"):
        write(value)
        must_pass(book.build())
        assert f">{value}<" in re.sub(r"\s", "", book.html("other"))


MEET = """
import pathlib, time
pathlib.Path("{own}.here").touch()
end = time.time() + {patience}
met = False
while time.time() < end and not met:
    met = pathlib.Path("{other}.here").exists()
    time.sleep(0.05)
pathlib.Path("{own}.here").unlink()
assert met is {expected}
"""


@pytest.mark.parametrize(("workers", "expected", "patience"), [("2", True, 300), ("1", False, 1)])
def test_as_many_chapters_run_at_a_time_as_there_are_workers(book, workers, expected, patience):
    book.chapters(
        **{
            own: MEET.format(own=own, other=other, expected=expected, patience=patience)
            + "time.sleep(1)"
            for own, other in (("a", "b"), ("b", "a"))
        }
    )
    result = book.build(GROUNDUP_WORKERS=workers)
    must_pass(result)
    assert "book/a: executing" in result.stdout
    assert re.search(r"book/b: executed in [\d mins]+ \([12] of 2\)", result.stdout)


def test_runs_inside_a_chapter_share_its_slots(book):
    """One slot: the chapter waits, so its runs have it, one after the other."""
    (book.folder / "book" / "trainings.py").write_text(
        "import os, pathlib, time\nfrom groundup import nn\n\n\n"
        "def slow(n, at_once):\n    start = time.time()\n"
        "    pathlib.Path(f'{n}.begun').touch()\n"
        "    while len(list(pathlib.Path().glob('*.begun'))) < at_once and time.time() < start + 300:\n"
        "        time.sleep(0.05)\n"
        "    time.sleep(2)  # so that whoever looks on sees it\n"
        "    return [start, time.time(), float(os.getpid())]\n"
    )
    cell = (
        "import functools, json, pathlib\nfrom groundup import runs\nimport trainings\n"
        "calls = [functools.partial(runs.remember, trainings.slow, n, WORKERS, name=f'slow {n}') "
        "for n in range(4)]\n"
        "found = [outcome.result for outcome in runs.fit_all(calls)]\n"
        "pathlib.Path('times.json').write_text(json.dumps(found))"
    )

    def most_at_once(workers):
        book.chapters(chapter=cell.replace("WORKERS", workers))
        for begun in (book.folder / "book").glob("*.begun"):
            begun.unlink()
        result = book.build(GROUNDUP_WORKERS=workers)
        must_pass(result)
        times = json.loads((book.folder / "book" / "times.json").read_text())
        assert len({pid for _, _, pid in times}) == int(workers)
        return max(sum(a <= start < b for a, b, _ in times) for start, _, _ in times), result.stdout

    assert most_at_once("1")[0] == 1
    most, said = most_at_once("2")
    assert most == 2
    assert "book/chapter: trains 'slow 0'" in said
    assert "book/chapter: trained 'slow 0'" in said


def test_a_run_whose_time_is_published_has_the_machine_for_itself(book):
    make = (
        "from groundup import nn, runs\nimport numpy as np\n"
        "def make():\n    model = nn.Sequential([nn.Dense(1)])\n"
        "    model.compile('sgd', 'mse')\n    return model\n"
        "x = np.ones((9, 1))\n"
    )
    hidden = "runs.fit(make, x, x, name='hidden', seed=3, **dict([('alone', True)]))"
    book.chapters(
        first=make + "runs.fit(make, x, x, name='timed', alone=True)\n"
        "met = pathlib.Path('other.here').exists()\nassert pathlib.Path('other.done').exists()",
        other="import time\npathlib.Path('other.here').touch()\ntime.sleep(2)\n"
        "pathlib.Path('other.here').unlink()\npathlib.Path('other.done').touch()",
    )
    must_pass(book.build(GROUNDUP_WORKERS="2"))
    book.chapters(first=make + hidden)
    must_fail(book, "write alone=True in the cell itself")


def test_one_failing_chapter_stops_no_other_and_all_are_reported(book):
    book.chapters(
        wrong="1 / 0",
        good="print('good')",
        dies="import os\nos.write(2, b'its last words')\nos._exit(1)",
    )
    for _ in range(2):
        result = book.build()
        said = re.sub(r"\x1b\[[0-9;]*m", "", result.stdout + result.stderr)
        assert result.returncode != 0
        assert re.search(
            r"book/wrong: cell 1 failed after [\d.]+ s\n(.|\n)*ZeroDivisionError", said
        )
        assert re.search(r"book/dies: cell 1 failed after [\d.]+ s\nDeadKernelError", said)
        assert "its last words" in said
        assert "book/good: cell" not in said
        assert "good" in book.html("good")
        assert "ZeroDivisionError" in book.html("wrong"), "the page shows where it stopped"
    assert len((book.folder / "book" / "good.count").read_text()) == 1
    assert len((book.folder / "book" / "wrong.count").read_text()) == 2
    book.chapters(wrong="1 / 1", good="print('good')", dies="")
    must_pass(book.build())


def test_a_damaged_cache_is_mended(book):
    book.chapters(chapter="print('the result')")
    must_pass(book.build())
    cache = book.folder / "_build" / ".jupyter_cache"
    page = book.folder / "book" / "chapter.md"
    damages = ["no notebook", "half a notebook", "no database", "no tables", "words"]
    for times, damage in enumerate(damages, start=2):
        notebook = next(cache.glob("executed/*/base.ipynb"))  # a new database begins another folder
        if damage == "no notebook":
            shutil.rmtree(notebook.parent)
        elif damage == "half a notebook":
            notebook.write_text(notebook.read_text()[:100])
        else:
            (cache / "global.db").unlink()
        if damage in ("no tables", "words"):
            (cache / "global.db").write_bytes(b"words" * 1000 if damage == "words" else b"")
        page.write_text(page.read_text() + "\nMore words.\n")
        must_pass(book.build())
        assert "the result" in book.html(), damage
        assert len((book.folder / "book" / "chapter.count").read_text()) == times, damage


def test_a_chapter_under_which_the_code_changed_is_not_kept(book, source):
    module = source / "groundup" / "nn" / "regularizers.py"
    change = f"path = pathlib.Path({str(module)!r})\npath.write_text(path.read_text() + 'x = 1')"
    book.chapters(chapter=f"from groundup import nn\nnn.L2()\n{change}")
    result = book.build(PYTHONPATH=str(source))
    assert result.returncode != 0
    assert "This changed while it ran: code.groundup.nn.regularizers" in result.stderr
    book.chapters(chapter="from groundup import nn\nnn.L2()")
    must_pass(book.build(PYTHONPATH=str(source)))


# A script's background process has interrupts ignored, and so have those that it starts.
INTERRUPTIBLE = (
    "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); "
    "os.execv(sys.argv[1], sys.argv[1:])"
)


def test_an_interrupt_stops_the_build_and_its_chapters(book):
    book.chapters(
        **{name: "import os, time\n"
           f"pathlib.Path('{name}.pid').write_text(str(os.getpid()))\ntime.sleep(600)"
           for name in ("a", "b")}
    )  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTIBLE, SCRIPTS / "jupyter-book", "build", "."],
        cwd=book.folder,
        env=os.environ | {"GROUNDUP_WORKERS": "2"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    pids = [book.folder / "book" / f"{name}.pid" for name in ("a", "b")]
    end = time.time() + 300
    while not all(path.exists() and path.read_text() for path in pids) and time.time() < end:
        time.sleep(0.2)
    for _ in range(10):  # on a busy machine people press it again
        process.send_signal(signal.SIGINT)
        try:
            assert process.wait(20) != 0
            break
        except subprocess.TimeoutExpired:
            continue
    assert process.poll() is not None
    end = time.time() + 120
    alive = [int(path.read_text()) for path in pids]
    while any(Path(f"/proc/{pid}").exists() for pid in alive) and time.time() < end:
        time.sleep(0.2)
    assert not any(Path(f"/proc/{pid}").exists() for pid in alive)
