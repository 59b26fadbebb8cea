"""Small books, built as readers build the large one: what passes, and what every gate refuses."""

import re
import shutil

import pytest
from tests.book.small import Book, must_pass


@pytest.fixture
def book(tmp_path):
    return Book(tmp_path)


GOOD = [
    "from groundup import data, figures, page, runs, nn\n"
    'mnist = data.load("mnist")\n'
    "import sys; print('noise ' * 3, file=sys.stderr)",
    "ax = figures.axes()\nax.plot([1, 2])\n"
    'figures.show(ax, "A line rises.", "A line that rises from 1 to 2.")',
    'page.glue("share", 0.125, "percent")\n'
    'page.claim("Stand-ins are not judged.", False, needs=mnist)',
    "def make():\n"
    "    model = nn.Sequential([nn.Dense(1)])\n"
    '    model.compile("sgd", "mse")\n'
    "    return model\n"
    'run = runs.fit(make, mnist.x_test[:9, 0], mnist.y_test[:9], name="tiny run")',
]
PROSE = (  # with an equation that wants ``book.define("line")``
    "The share is {glue:text}`share`, by {eq}`line` and $a^2$.\n\n"
    "$$\ny = w x + b\n$$ (line)\n\nSee {cite:t}`nielsen2015`.\n\n"
    "```{bibliography}\n:filter: docname in docnames\n```\n"
)


HIDDEN = ("remove-cell", "remove-output")


@pytest.fixture(scope="module")
def good(tmp_path_factory) -> Book:
    """A book with such a chapter and two that hide what they load, built once; not to be changed."""
    folder = tmp_path_factory.mktemp("good")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GROUNDUP_RUNS", str(folder / "runs"))
        patch.setenv("GROUNDUP_DATA", "stand-in")
        book = Book(folder / "book")
        book.define("line")
        book.cells(*GOOD, prose=PROSE)
        for tag in HIDDEN:
            cell = f":tags: [{tag}]\n\nfrom groundup import data\nmnist = data.load('mnist')"
            book.cells(cell, page=tag)
        book.contents("chapter", *HIDDEN)
        must_pass(book.build())
    return book


@pytest.fixture
def copied(good, tmp_path, monkeypatch) -> Book:
    """That book in another folder, to be changed; it finds the same runs."""
    monkeypatch.setenv("GROUNDUP_RUNS", good.runs)
    return good.copy(tmp_path / "copied")


def test_a_good_book(good):
    html = good.html()
    assert 'The share is <span class="pasted-text">12.50%</span>' in html
    assert html.count("<math xmlns=") == 2
    assert re.search(r'<a class="reference internal" href="#equation-line">\(1\)</a>', html)
    assert 'id="equation-line"' in html
    assert "noise noise" not in html
    assert "not checked on stand-in data" in html
    pictures = re.findall(r"<img [^>]*>", html)
    assert [re.search("only-(light|dark)", picture)[1] for picture in pictures] == ["light", "dark"]
    for picture in pictures:
        assert 'alt="A line that rises from 1 to 2."' in picture
        assert 'loading="lazy"' in picture
    assert "unpkg.com" not in html
    assert not re.findall(r'<(?:script|link|img)[^>]*(?:src|href)="(?:https?:)?//', html)


def test_a_page_on_stand_ins_says_so(good):
    html = good.html()
    title, banner, first_cell = (
        html.index(s) for s in ("<h1>", "Made with stand-in data", "cell_input")
    )
    assert title < banner < first_cell
    assert "GROUNDUP_DATA=stand-in asks for stand-ins" in html
    assert "mnist: stand-in" in good.html("index")
    facts = good.status()["book/chapter"]
    assert facts["data"] == {"mnist": "stand-in"}
    assert [run["name"] for run in facts["runs"]] == ["tiny run"]


@pytest.mark.parametrize("page", HIDDEN)
def test_a_tag_does_not_hide_what_a_page_stands_on(good, page):
    assert "Made with stand-in data" in good.html(page)
    assert good.status()[f"book/{page}"]["data"] == {"mnist": "stand-in"}


def test_stand_ins_are_not_published(copied):
    result = copied.build(GROUNDUP_PUBLISH="1")
    assert result.returncode != 0
    assert "these pages stand on stand-ins: book/chapter, book/remove-cell" in result.stderr
    copied.contents("chapter")
    for page in HIDDEN:
        (copied.folder / "book" / f"{page}.md").unlink()
    cell = "from groundup import data\ncelsius = data.load('celsius')"
    copied.cells(cell, prose="$$\ny = w x + b\n$$ (line)\n")
    must_pass(copied.build(GROUNDUP_PUBLISH="1"))
    assert "Made with stand-in data" not in copied.html()


def test_a_page_whose_data_changed_on_the_way_is_refused_and_forgotten(book):
    """The build believes that it has the original, its cells meet a stand-in."""
    book.cells("from groundup import data\nmnist = data.load('mnist')")
    believe = "from groundup import data\ndata.identity = lambda name, **_: ['the original']\n"
    (book.folder / "sitecustomize.py").write_text(believe)
    for _ in range(2):
        result = book.build(PYTHONPATH=str(book.folder))
        assert result.returncode != 0
        assert "its results are forgotten, build again" in result.stderr
        assert "book/chapter: executing" in result.stdout


def test_what_is_unchanged_is_not_executed_and_what_changed_is(book):
    count = "import pathlib; pathlib.Path('count').open('a').write('x')"
    book.cells(count)

    def executions():
        return len((book.folder / "book" / "count").read_text())

    must_pass(book.build())
    must_pass(book.build())
    assert executions() == 1
    executed = book.status()["book/chapter"]["executed"]
    book.cells(count, prose="More words.")
    must_pass(book.build())
    assert "More words." in book.html()
    assert executions() == 1
    assert book.status()["book/chapter"]["executed"] == executed
    must_pass(book.build(OMP_NUM_THREADS="3"))
    assert executions() == 2, "something that results stand on has changed"
    must_pass(book.build())
    assert executions() == 2, "what it was before is remembered"


def test_a_deleted_cache_executes_again_and_trains_nothing(good, copied):
    shutil.rmtree(copied.folder / "_build")
    must_pass(copied.build())
    before, after = (book.status()["book/chapter"] for book in (good, copied))
    assert after["executed"] > before["executed"]
    assert after["runs"] == before["runs"], "a run's own start is that of its training"


def test_plain_sphinx_builds_the_same_page(good, copied):
    must_pass(copied.run("jupyter-book", "config", "sphinx", "."))
    must_pass(copied.run("sphinx-build", "-b", "html", ".", "_build/sphinx"))
    front = (copied.folder / "_build" / "sphinx" / "index.html").read_text()
    assert 'content="0; url=book/index.html"' in front
    article = re.compile(r"<article.*</article>", re.DOTALL)
    found = (copied.folder / "_build" / "sphinx" / "book" / "chapter.html").read_text()
    assert article.search(found)[0] == article.search(good.html())[0]


HEADS = {
    "inline": "---\nkernelspec: {name: python3, display_name: Python 3}\nfile_format: 'mystnb'\n---\n\n",
    "blanks": "--- \nfile_format: mystnb\nkernelspec:\n  name: python3\n"
    "  display_name: Python 3\n--- \n\n",
    "jupytext": "---\njupytext:\n  text_representation: {extension: .md, format_name: myst}\n"
    "kernelspec:\n  name: python3\n  display_name: Python 3\n---\n\n",
}


def test_every_form_of_front_matter_keeps_a_page_fresh(book):
    cell = (
        "```{code-cell} python3\nimport os\nprint('threads', os.environ['OMP_NUM_THREADS'])\n```\n"
    )
    for name, head in HEADS.items():
        book.write(name, f"{head}# A chapter\n\n{cell}")
    book.contents(*HEADS)
    book.write("index", "# A small book\n")
    for threads in ("1", "3"):
        must_pass(book.build(OMP_NUM_THREADS=threads))
        for name in HEADS:
            assert f"threads {threads}" in book.html(name), name


def test_a_build_that_was_killed_hides_nothing_from_the_next(book):
    book.cells("a = 1", prose="![](_assets/picture.png)")
    (book.folder / "book" / "_assets" / "picture.png").write_bytes(b"")
    assert book.build().returncode != 0
    # As if it had been killed: the environment of the build is there, and its mark.
    book.cells("a = 1", prose="Nothing wrong.")
    must_pass(book.build())
    assert not (book.folder / "_build" / ".doctrees" / "unfinished").exists()
    page = book.folder / "_build" / "html" / "book" / "chapter.html"
    page.write_text("left over from a build that was killed")
    (book.folder / "_build" / ".doctrees" / "unfinished").touch()
    must_pass(book.build())
    assert "Nothing wrong." in page.read_text()


def test_a_mirror_cut_in_half_is_said_without_a_traceback(book):
    """A relative one, which is in the folder of the build, not of the chapter."""
    mirror = book.folder / "mirror"
    mirror.mkdir()
    (mirror / "mnist.npz").write_bytes(b"PK half of it")
    book.cells("from groundup import data\nmnist = data.load('mnist')")
    result = book.build(GROUNDUP_DATA="mirror")
    must_pass(result)
    said = "mnist.npz isn't the original, it was cut short or changed"
    assert said in result.stdout + result.stderr
    html = book.html()
    assert "Made with stand-in data" in html
    assert f"{mirror / 'mnist.npz'} isn't the original" in html
    assert "cut short or changed: expected SHA-256" in html
    assert "Traceback" not in html


def test_a_page_by_itself_is_refused_with_what_to_do(book):
    book.cells("a = 1")
    result = book.run("jupyter-book", "build", "book/chapter.md")
    assert result.returncode != 0
    assert f"expected jupyter-book build {book.folder}" in result.stdout + result.stderr
