"""The site: what the book no longer has is gone, every address leads somewhere, other builders build."""

import json
import re
import zipfile
from urllib.parse import unquote, urljoin, urlsplit
from xml.etree import ElementTree

import pytest
from tests.book.small import Book, must_pass

ODD = [
    "c# basics",
    "what?",
    "half % sure",
    "a & b",
    "it's",
    "größe",
    "one+two",
    "part one/q&a #1",
    "x=1;y",
]


@pytest.fixture
def book(tmp_path):
    return Book(tmp_path)


def contents(book, *pages):
    lines = "".join(f"  - file: {json.dumps(f'book/{page}')}\n" for page in pages)
    (book.folder / "_toc.yml").write_text(f"format: jb-book\nroot: book/index\nchapters:\n{lines}")


def configure(book, before, more):
    path = book.folder / "_config.yml"
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, before + more, 1))


def test_what_the_book_no_longer_has_is_gone_from_the_site_and_all_else_stays(book):
    extra = book.folder / "extra"
    extra.mkdir()
    for name in ("CNAME", "later.txt"):
        (extra / name).write_text("x")
    configure(book, "  config:\n", "    html_extra_path: [extra]\n")
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="{}"/>'
    for name in ("kept", "lost"):
        (book.folder / "book" / f"{name}.svg").write_text(svg.format(len(name)))
        (book.folder / "book" / f"{name}.csv").write_text("1")
    asset = book.folder / "book" / "_assets" / "lost.txt"
    asset.write_text("x")
    prose = "A picture: ![A line.]({0}.svg)\n\n{{download}}`it <{0}.csv>`\n"
    book.cells("print('kept')", page="chapter", prose=prose.format("kept"))
    (book.folder / "book" / "part").mkdir()
    lost = "".join(prose.replace("{0}", f"../{name}").format() for name in ("kept", "lost"))
    book.cells("print('unmistakable')", page="part/gone", prose=lost)
    contents(book, "chapter", "part/gone")
    must_pass(book.build())
    site = book.folder / "_build" / "html"
    by_hand = site / "by-hand.html"
    by_hand.write_text("x")
    before = {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}

    (book.folder / "book" / "part" / "gone.md").unlink()
    (extra / "later.txt").unlink()
    asset.unlink()
    contents(book, "chapter")
    must_pass(book.build())
    after = {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}
    gone = {re.sub(r"_downloads/\w+/", "_downloads/", name) for name in before - after}
    assert gone == {
        "book/part/gone.html", "_sources/book/part/gone.md", "notebooks/book/part/gone.ipynb",
        "_images/lost.svg", "_downloads/lost.csv", "_static/lost.txt", "later.txt",
    }  # fmt: skip
    assert after <= before
    assert not (site / "book" / "part").exists()
    assert by_hand.exists()
    for name in ("searchindex.js", "status.json", "genindex.html", "book/chapter.html"):
        said = (site / name).read_text()
        assert "gone" not in said
        assert "unmistak" not in said


def test_every_address_leads_somewhere(book):
    configure(book, "html:\n", "  baseurl: https://example.org/deep\n")
    book.define("line")
    (book.folder / "book" / "part one").mkdir()
    for page in ODD:
        up = "../" * page.count("/")
        book.cells("1 + 1", page=page, prose=f"[](<{up}chapter.md>)\n")
    book.cells("1 + 1", prose="$$\ny = 1\n$$ (line)\n\nSee {eq}`line`.\n\n[](index.md)")
    contents(book, "chapter", *ODD)
    listed = "```{status}\n```\n\n```{chapters}\n```\n\n```{equations}\n```\n"
    book.write("index", f"# A small book\n\n{listed}")
    must_pass(book.build())
    site = book.folder / "_build" / "html"
    pages = [site / "book" / f"{page}.html" for page in ["index", "chapter", *ODD]]
    missing = []
    for page in [*pages, site / "404.html"]:
        text = page.read_text()
        for link in re.findall(r'(?:href|src)="([^"]*)"', text):
            parts = urlsplit(link.replace("&amp;", "&"))
            if parts.scheme == "https" and parts.netloc == "example.org":
                assert parts.path.startswith("/deep/")
                target = site / unquote(parts.path.removeprefix("/deep/"))
            elif parts.scheme or parts.netloc or not parts.path:
                continue
            else:
                target = page.parent / unquote(parts.path)
            versioned = re.fullmatch(r"(v|digest)=\w+", parts.query)  # of scripts and styles
            if (parts.query and not versioned) or not target.is_file():
                missing.append((page.name, link))
    for notebook in site.rglob("*.ipynb"):
        cells = json.loads(notebook.read_text())["cells"]
        for link in re.findall(r"\]\(<?([^)>]*)", "".join("".join(c["source"]) for c in cells)):
            assert link.startswith("https://example.org/deep/book/")
            if not (site / unquote(urlsplit(link).path.removeprefix("/deep/"))).is_file():
                missing.append((notebook.name, link))
    assert missing == []


BUILDERS = ["text", "epub", "dirhtml", "singlehtml", "latex", "man", "xml", "pseudoxml", "texinfo"]


def test_other_builders_build(book):
    book.define("line")
    book.cells(
        "from groundup import figures, page\npage.table({'who': ['A', 'B']}, caption='Results')\n"
        "page.claim('One is one.', True)\npage.answer('many', 1, 'count')",
        "ax = figures.axes()\nax.plot([1, 2])\n"
        "figures.show(ax, 'A line rises.', 'A line that rises from 1 to 2.')",
        "figures.steps([figures.axes(), figures.axes()], ['Before.', 'After $x$.'], ['One.', 'Two.'])",
        above=":::{question} many\n:tolerance: 1\n\nHow many?\n\nNot two.\n:::\n\n",
        prose="A formula, $x^2$.\n\n$$\ny = 1\n$$ (line)\n\n"
        ":::{derivation} Why\nBecause.\n:::\n\n```{margin}\nPerhaps.\n```\n\n"
        "```{live} weights-and-bias\n:alt: A curve that rises.\n\nWhat *to see*.\n```\n",
    )
    book.write(
        "index", "# A small book\n\n```{status}\n```\n\n```{runs}\n```\n\n```{equations}\n```\n"
    )
    must_pass(book.build())
    for builder in BUILDERS:
        must_pass(
            book.run(
                "jupyter-book", "build", ".", "--builder", "custom", "--custom-builder", builder
            )
        )
    build = book.folder / "_build"
    text = (build / "text" / "book" / "chapter.txt").read_text()
    assert "Results" in text
    assert "One is one." in text
    assert "\n   A line rises. A line that rises from 1 to 2." in text.replace(
        "\n   A line that", " A line that"
    )
    for said in ("How many?", "Not two.", "Because.", "Perhaps."):
        assert text.count(said) == 1
    assert "object at" not in text
    assert "HTML object" not in text
    for words in (
        "1. Before. [One.]",
        "2. After $x$. [Two.]",
        "[A curve that rises.]",
        "What *to see*.",
    ):
        assert words in text
    (epub,) = (build / "epub").glob("*.epub")
    with zipfile.ZipFile(epub) as file:
        for name in file.namelist():
            if name.endswith((".xhtml", ".opf", ".ncx")):
                ElementTree.fromstring(file.read(name).replace(b"&nbsp;", b" "))
        page = file.read("book/chapter.xhtml").decode()
    assert page.count("<img") == 1 + 2
    assert page.count("<figcaption>") == 3
    assert 'aria-label="A curve that rises."' in page
    assert "var(--" not in page
    assert "<input" not in page
    assert "<math" in page
    assert "katex-html" not in page
    notebook = re.search(
        r'class="get" href="([^"]*)"', (build / "dirhtml/book/chapter/index.html").read_text()
    )
    assert urljoin("/book/chapter/", notebook[1]) == "/notebooks/book/chapter.ipynb"
