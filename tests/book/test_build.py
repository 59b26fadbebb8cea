"""Small books, built as readers build the large one: what passes, and what every gate refuses."""

import re
import shutil

import pytest
from tests.book.small import Book, must_fail, must_pass


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


def test_a_good_book(book):
    book.define("line")
    book.cells(*GOOD, prose=PROSE)
    must_pass(book.build())
    html = book.html()
    assert 'The share is <span class="pasted-text">12.50\u202f%</span>' in html
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


def test_a_page_on_stand_ins_says_so(book):
    book.define("line")
    book.cells(*GOOD, prose=PROSE)
    must_pass(book.build())
    html = book.html()
    title, banner, first_cell = (
        html.index(s) for s in ("<h1>", "Made with stand-in data", "cell_input")
    )
    assert title < banner < first_cell
    assert "GROUNDUP_DATA=stand-in asks for stand-ins" in html
    assert "mnist: stand-in" in book.html("index")
    (facts,) = book.status().values()
    assert facts["data"] == {"mnist": "stand-in"}
    assert [run["name"] for run in facts["runs"]] == ["tiny run"]
    result = book.build(GROUNDUP_PUBLISH="1")
    assert result.returncode != 0
    assert "these pages stand on stand-ins: book/chapter" in result.stderr
    cell = "from groundup import data\ncelsius = data.load('celsius')"
    book.cells(cell, prose="$$\ny = w x + b\n$$ (line)\n")
    must_pass(book.build(GROUNDUP_PUBLISH="1"))
    assert "Made with stand-in data" not in book.html()


@pytest.mark.parametrize("tag", ["remove-cell", "remove-output"])
def test_a_tag_does_not_hide_what_a_page_stands_on(book, tag):
    book.cells(f":tags: [{tag}]\n\nfrom groundup import data\nmnist = data.load('mnist')")
    must_pass(book.build())
    assert "Made with stand-in data" in book.html()
    assert book.status()["book/chapter"]["data"] == {"mnist": "stand-in"}


def test_a_page_whose_data_changed_on_the_way_is_refused_and_forgotten(book):
    """The build believes that it has the original, its cells meet a stand-in."""
    book.cells("from groundup import data\nmnist = data.load('mnist')")
    believe = "from groundup import data\ndata.identity = lambda name: ['the original']\n"
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


def test_a_deleted_cache_executes_again_and_trains_nothing(book):
    book.cells(*GOOD, prose="The share is {glue:text}`share`.")
    must_pass(book.build())
    (before,) = book.status().values()
    shutil.rmtree(book.folder / "_build")
    must_pass(book.build())
    (after,) = book.status().values()
    assert after["executed"] > before["executed"]
    assert after["runs"] == before["runs"], "a run's own start is that of its training"


def test_plain_sphinx_builds_the_same_page(book):
    book.define("line")
    book.cells(*GOOD, prose=PROSE)
    must_pass(book.build())
    expected = book.html()
    must_pass(book.run("jupyter-book", "config", "sphinx", "."))
    must_pass(book.run("sphinx-build", "-b", "html", ".", "_build/sphinx"))
    front = (book.folder / "_build" / "sphinx" / "index.html").read_text()
    assert 'content="0; url=book/index.html"' in front
    article = re.compile(r"<article.*</article>", re.DOTALL)
    found = (book.folder / "_build" / "sphinx" / "book" / "chapter.html").read_text()
    assert article.search(found)[0] == article.search(expected)[0]


@pytest.mark.parametrize(
    "head",
    [
        "---\nkernelspec: {name: python3, display_name: Python 3}\nfile_format: 'mystnb'\n---\n\n",
        "--- \nfile_format: mystnb\nkernelspec:\n  name: python3\n  display_name: Python 3\n--- \n\n",
        "---\njupytext:\n  text_representation: {extension: .md, format_name: myst}\n"
        "kernelspec:\n  name: python3\n  display_name: Python 3\n---\n\n",
    ],
    ids=["inline", "blanks", "jupytext"],
)
def test_every_form_of_front_matter_keeps_a_page_fresh(book, head):
    cell = (
        "```{code-cell} python3\nimport os\nprint('threads', os.environ['OMP_NUM_THREADS'])\n```\n"
    )
    book.write("chapter", f"{head}# A chapter\n\n{cell}")
    for threads in ("1", "3"):
        must_pass(book.build(OMP_NUM_THREADS=threads))
        assert f"threads {threads}" in book.html()


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


def test_a_relative_mirror_is_that_of_the_build(book):
    mirror = book.folder / "mirror"
    mirror.mkdir()
    (mirror / "mnist.npz").write_bytes(b"not it")
    book.cells("from groundup import data\nmnist = data.load('mnist')")
    must_pass(book.build(GROUNDUP_DATA="mirror"))
    assert f"{mirror / 'mnist.npz'} isn't the original" in book.html()


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("%%capture\na = 1", "%%capture hides"),
        (
            ":tags: [raises-exception]\n\nfrom groundup import page\npage.claim('One is two.', 1 == 2)",
            "ClaimError: this doesn't hold any more",
        ),
        (
            "from IPython.display import HTML\nHTML('<img src=\"x.png\">')",
            "a picture without words",
        ),
    ],
    ids=["capture", "false claim", "html"],
)
def test_what_a_cell_hides_fails_every_build(book, cell, said):
    book.cells(cell)
    must_fail(book, said, "chapter")


def test_a_failing_cell_fails_every_build(book):
    book.cells("a = 1", "raise ZeroDivisionError('on purpose')")
    must_fail(book, "ZeroDivisionError: on purpose", "chapter.md")


def test_a_false_claim_fails_every_build(book):
    book.cells('from groundup import page\npage.claim("One is two.", 1 == 2)')
    must_fail(book, "ClaimError: this doesn't hold any more: One is two.")


def test_a_warning_fails_every_build(book):
    book.cells("a = 1", prose="A link to [nowhere](nowhere.md).")
    must_fail(book, "nowhere", "chapter.md", "count as errors")


def test_a_missing_number_fails_every_build(book):
    book.cells("a = 1", prose="It is {glue:text}`never-glued`.")
    must_fail(book, "never-glued", "chapter.md")


@pytest.mark.parametrize(
    ("cell", "prose"),
    [
        ("from IPython.display import SVG\nSVG('<svg xmlns=\"http://www.w3.org/2000/svg\"/>')", ""),
        ("import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()", ""),
        ("a = 1", "![](_assets/picture.png)"),
    ],
    ids=["svg", "png", "markdown"],
)
def test_a_figure_without_words_fails_every_build(book, cell, prose):
    (book.folder / "book" / "_assets" / "picture.png").write_bytes(b"")
    book.cells(cell, prose=prose)
    must_fail(book, "a picture without words", "chapter.md")


def test_a_formula_that_cannot_be_read_fails_every_build(book):
    book.cells("a = 1", prose="$$\n\\frac{1}{2\n$$")
    must_fail(book, "KaTeX can't read", "chapter.md:14")


def test_a_page_without_kernel_is_refused(book):
    book.write(
        "chapter", "---\nfile_format: mystnb\n---\n\n# A chapter\n\n```{code-cell}\na = 1\n```\n"
    )
    must_fail(book, "with a kernelspec in its front matter")


def test_a_page_with_a_kernel_that_is_not_executed_is_refused(book):
    cell = "```{code-cell}\na = 1\n```\n"
    book.write("chapter", f"---\nkernelspec: {{name: python3}}\n---\n\n# A chapter\n\n{cell}")
    must_fail(book, "its cells aren't executed: expected 'file_format: mystnb'", "chapter.md")


def test_a_mirror_cut_in_half_is_said_without_a_traceback(book, tmp_path):
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    (mirror / "mnist.npz").write_bytes(b"PK half of it")
    book.cells("from groundup import data\nmnist = data.load('mnist')")
    result = book.build(GROUNDUP_DATA=str(mirror))
    must_pass(result)
    assert (
        "mnist.npz isn't the original, it was cut short or changed" in result.stdout + result.stderr
    )
    html = book.html()
    assert "Made with stand-in data" in html
    assert "cut short or changed: expected SHA-256" in html
    assert "Traceback" not in html


def test_pages_that_cannot_be_read_are_all_named(book):
    book.cells("a = 1")
    (book.folder / "book" / "chapter.md").write_bytes("# Größe\n".encode("latin-1"))
    (book.folder / "book" / "note.ipynb").write_text("")
    must_fail(book, "book/chapter: line 1: expected UTF-8", "book/note: line 1: Notebook does not")
    assert "threw an exception" not in book.build().stderr


def test_a_page_by_itself_is_refused_with_what_to_do(book):
    book.cells("a = 1")
    result = book.run("jupyter-book", "build", "book/chapter.md")
    assert result.returncode != 0
    assert f"expected jupyter-book build {book.folder}" in result.stdout + result.stderr


def test_a_merge_that_never_ended_fails_every_build(book):
    (book.folder / "book" / "part.txt").write_text("One.\n>>>>>>> branch\n")
    prose = "<<<<<<< HEAD\n\n```{include} part.txt\n```\n"
    book.cells("a = 1", prose=prose)
    said = "a merge never ended"
    must_fail(book, f"chapter.md:14: WARNING: {said}", f"part.txt:2: WARNING: {said}")
