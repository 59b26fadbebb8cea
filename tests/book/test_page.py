"""What stands around a chapter's text, and what a reader can take along."""

import re
import shutil

import nbclient
import nbformat
import pytest
from tests.book.small import Book, must_fail, must_pass

ADDRESS = "https://github.com/someone/a-book"


@pytest.fixture
def book(tmp_path):
    return Book(tmp_path)


CELLS = (
    'from groundup import data, page\nmnist = data.load("mnist")\n'
    'import sys; print("a log", file=sys.stderr)',
    ':tags: [remove-input]\n\npage.glue("share", 0.125, "percent")',
    'page.claim("One is one.", 1 == 1)',
)
PROSE = (
    "What is a share? It is {glue:text}`share`, by {eq}`line` and $a^2$, as in [](index.md).\n\n"
    "$$\ny = w x + b\n$$ (line)\n\n- one\n- *two*\n\n| a | b |\n| --- | --- |\n| 1 | `c` |\n"
)


def notebook(book: Book, page: str = "chapter"):
    path = book.folder / "_build" / "html" / "notebooks" / "book" / f"{page}.ipynb"
    found = nbformat.read(path, as_version=4)
    nbformat.validate(found)
    return found


def at(book: Book, address: str) -> None:
    """Say where the book lives."""
    config = book.folder / "_config.yml"
    text, count = re.subn(
        r'repository_url: ".*"', f'repository_url: "{address}"', config.read_text()
    )
    assert count == 1
    config.write_text(text)


def test_a_chapter_and_its_notebook(book):
    book.define("line")
    book.cells(*CELLS, prose=PROSE)
    book.write(
        "index",
        '# A $b < c$\n\nWith `"b" < c` inside.\n\n## Chapters\n\n```{chapters}\n```\n\n'
        "```{chapters}\nchapter\nchapter.md\n```\n",
    )
    must_pass(book.build())
    html, front = book.html(), book.html("index")
    assert re.search(r"<li>5 min to read</li><li>stand-in data</li><li>executed <time", html)
    assert '<a class="get" href="../notebooks/book/chapter.ipynb" download>Notebook</a>' in html
    assert "Colab" not in html
    assert '<meta name="description" content="What is a share?' in html
    assert re.search(r'href="chapter.html">A chapter</a> <span class="minutes">5 min', front)
    assert "<p>What is a share?</p>" in front
    link = '<li><a href="chapter.html">A chapter</a></li>'
    assert f'<p class="minutes">10 min</p><ol>{link}{link}</ol>' in front
    assert '<meta name="description" content="With &#34;b&#34; &lt; c inside.">' in front
    assert "<title>A b &lt; c &#8212;" in front
    assert re.findall(r'<link rel="stylesheet"[^>]*href="([^"]*)"', html) == ["../_static/site.css"]
    scripts = re.findall(r"<script[^>]*src=[^>]*>", html)
    assert scripts
    assert all("defer" in script for script in scripts)
    assert "fontawesome" not in html
    missing = (book.folder / "_build" / "html" / "404.html").read_text()
    assert not re.findall(r'(?:src|href)="(?!data:|book/index.html|search.html)', missing)

    taken = notebook(book)
    first, *others = taken.cells
    assert first.cell_type == "markdown"
    assert "pip install" in first.source
    text = "\n\n".join(cell.source for cell in others if cell.cell_type == "markdown")
    assert "It is 12.50%, by (1) and $a^2$, as in A b &lt; c." in text
    assert "$$\ny = w x + b \\tag{1}\n$$" in text
    assert "- one\n- *two*" in text
    assert "| a | b |\n| --- | --- |\n| 1 | `c` |" in text
    code = [cell for cell in others if cell.cell_type == "code"]
    assert len(code) == len(CELLS)
    assert code[1].metadata == {"tags": ["remove-input"], "jupyter": {"source_hidden": True}}
    assert "One is one." in code[2].outputs[0].data["text/html"]
    assert not [o for cell in code for o in cell.outputs if o.get("name") == "stderr"]
    assert all("groundup" not in kind for cell in code for o in cell.outputs for kind in o.data)
    nbclient.NotebookClient(taken, timeout=300).execute()  # elsewhere, too

    before = {p: p.stat().st_mtime_ns for p in (book.folder / "_build").rglob("*.ipynb")}
    sheet = book.folder / "_build" / "html" / "_static" / "site.css"
    assert ".a-new-class" not in sheet.read_text()
    with (book.folder / "book" / "_assets" / "book.css").open("a") as css:
        css.write(".facts { color: teal }\n.a-new-class { color: teal }\n")
    must_pass(book.build())
    assert ".facts{color: teal" in sheet.read_text()
    assert ".a-new-class" not in sheet.read_text()
    assert {p: p.stat().st_mtime_ns for p in before} == before

    book.write("index", "# A book\n\n```{chapters}\nchapter\nnowhere\n```\n")
    must_fail(
        book, "index.md:3: WARNING: a path leads to book/nowhere, which is no page of this book"
    )


def test_a_book_with_an_address(book):
    at(book, ADDRESS)
    book.define("line")
    book.cells(*CELLS, prose=PROSE)
    must_pass(book.build())
    html = book.html()
    colab = (
        "https://colab.research.google.com/github/someone/a-book/blob/notebooks/book/chapter.ipynb"
    )
    binder = (
        "https://mybinder.org/v2/gh/someone/a-book/notebooks?urlpath=lab/tree/book/chapter.ipynb"
    )
    assert f'href="{colab}"' in html
    assert f'href="{binder}"' in html
    published = "https://someone.github.io/a-book/"
    assert f'<link rel="canonical" href="{published}book/chapter.html" />' in html
    taken = notebook(book)
    assert taken.cells[0].source == f'%pip install --quiet "groundup @ git+{ADDRESS}"'
    assert f"[A small book]({published}book/index.html)" in "".join(c.source for c in taken.cells)
    site = book.folder / "_build" / "html"
    assert f'href="{published}book/index.html"' in (site / "404.html").read_text()
    settings = site / "notebooks" / "binder"
    assert f"groundup @ git+{ADDRESS}" in (settings / "requirements.txt").read_text()
    shutil.rmtree(site / "notebooks")
    must_pass(book.build())
    assert notebook(book).cells == taken.cells, "what is missing is written again"
