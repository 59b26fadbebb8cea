"""A page with all that a page may have, and its notebook: they say the same.

Exponents, indices and formulas are told apart from words; so are the marks of lists and the borders of
cells.
"""

import itertools
import re
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup, NavigableString, Tag
from markdown_it import MarkdownIt
from matplotlib import image
from tests.book.small import Book, must_pass

PAGE = Path(__file__).with_name("everything.txt")
CELL = ':tags: [remove-input]\n\nfrom groundup import page\npage.glue("share", 0.125, "percent")'
SURROUNDED = {"sup": "^{", "sub": "_{", "kbd": "⌨{", "s": "-{"}
BLOCKS = {"p", "dt", "dd", "li", "td", "th", "pre", "tr", "blockquote", "aside", "div", "h1", "h2"}
BLOCKS |= {"section", "figure", "summary", "details", "label", "figcaption", "caption", "br", "hr"}
# What a page has besides: links to itself, buttons, the cells with what they put out, and its head.
BESIDES = (
    ".headerlink, .cell, ul.facts, script, style, .katex-html, semantics > :not(annotation), .backrefs, "
    ".prev-next-footer, .sd-summary-state-marker"
)
CODE_OR_FORMULA = re.compile(
    r"(?s)\\.|^( *)(```+)[^`].*?^\1\2$|(`+)[^`].*?\3(?!`)|(\$\$?)([^$]+?)\4", re.MULTILINE
)


def pieces(node: Tag) -> list[str]:
    """The words below a node, and the marks of what means more than words do."""
    found = []
    for child in node.children:
        if isinstance(child, NavigableString):
            found.append(str(child) if type(child) is NavigableString else "")
        elif child.name == "img":
            found.append(child.get("alt", ""))
        elif child.name in SURROUNDED:
            found += [SURROUNDED[child.name], *pieces(child), "}"]
        elif child.name == "annotation":
            tex = re.sub(r"(?m)(?<!\\)%.*$", "", child.get_text())
            found.append(f" ${''.join(tex.split())}$ ")
        elif child.name == "ol":
            start = int(child.get("start", 1))
            for number, item in enumerate(child.find_all("li", recursive=False), start):
                found += [f" <{number}> ", *pieces(item)]
        elif child.name in ("td", "th"):
            spans = [f"{child[s]}x" for s in ("rowspan", "colspan") if child.get(s, "1") != "1"]
            found += [f" <cell {''.join(spans)}> ", *pieces(child)]
        else:
            space = " " if child.name in BLOCKS else ""
            found += [space, *pieces(child), space]
    return found


def said(soup: Tag) -> list[str]:
    for part in soup.select(BESIDES):
        part.decompose()
    for number in soup.select(".eqno"):  # it stands to the right of its equation
        number.parent.append(number)
    for reference in soup.select(".footnote-reference"):
        reference.name = "sup"
    for columns in soup.select(".hlist td"):
        columns.name = "div"
    for kind in soup.select(".classifier"):
        kind.name = "dd"
    return "".join(pieces(soup)).replace("\u00a0", " ").split()


def rendered(markdown: str) -> BeautifulSoup:
    """Markdown as notebooks show it: they take formulas out before they read it."""
    formulas = []

    def keep(found: re.Match) -> str:
        if found[4] is None:
            return found[0]
        tex, _, number = found[5].partition("\\tag")
        formulas.append(tex)
        return f"FORMULA{len(formulas) - 1}END" + (f" ({number.strip()[1:-1]}) " if number else "")

    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    html = parser.render(CODE_OR_FORMULA.sub(keep, markdown))
    html = re.sub(
        r"FORMULA(\d+)END",
        lambda found: f"<annotation>{formulas[int(found[1])].replace('<', '&lt;')}</annotation>",
        html,
    )
    return BeautifulSoup(html, "html.parser")


@pytest.fixture
def book(tmp_path):
    book = Book(tmp_path)
    book.define("line")
    image.imsave(tmp_path / "book" / "picture.png", [[0.0, 1.0]])
    return book


def test_a_notebook_says_what_its_page_says(book):
    book.cells(CELL, prose=PAGE.read_text(encoding="utf-8"))
    must_pass(book.build())
    page = BeautifulSoup(book.html(), "html.parser").select_one("article")
    path = book.folder / "_build" / "html" / "notebooks" / "book" / "chapter.ipynb"
    cells = nbformat.read(path, as_version=4).cells[1:]
    texts = [cell.source for cell in cells if cell.cell_type == "markdown"]
    notebook = BeautifulSoup("".join(str(rendered(text)) for text in texts), "html.parser")
    for ours, theirs in itertools.zip_longest(said(notebook), said(page)):
        assert ours == theirs
