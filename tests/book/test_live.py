"""Live figures in small books: what is refused, and what stands on the page and in its notebook."""

import base64
import re
from xml.etree import ElementTree

from tests.book.small import Book, must_fail, must_pass
from tests.book.test_page import notebook
from tests.live.conftest import FIGURES

LIBRARY = (
    "(() => { const figures = {}; globalThis.groundup = { live: { figures, html: (name, start, words) => "
    "({ above: words + start, below: 'task', picture: `<svg><g fill=\"var(--a, #123456)\">"
    "<title>${figures[name]}</title></g></svg>` }) } }; })();\n"
)
COUNT = "import pathlib; pathlib.Path('count').open('a').write('x')"


def figure(name: str, caption: str = "", **options: str) -> str:
    lines = [
        f"```{{live}} {name}",
        *(f":{key}: {value}" for key, value in options.items()),
        "",
        caption,
    ]
    return "\n".join([*lines, "```\n\n"])


def test_what_a_live_figure_lacks_is_said(tmp_path):
    book = Book(tmp_path)
    assets = book.folder / "book" / "_assets" / "live"
    (assets / "broken.js").write_text("throw new Error('it is broken');\n")
    book.write(
        "chapter",
        "# A chapter\n\n"
        + figure("weights-and-bias", "A caption.", alt="Words.")
        + figure("weight-and-bias", "A caption.", alt="Words.")
        + figure("weights-and-bias", "Once more.", alt="Words.")
        + figure("broken", alt="Words.")
        + figure("broken", "A caption.")
        + figure("broken", "No sentence", alt="Words.")
        + figure("broken", "A caption.", alt="Words."),
    )
    book.write("index", "# A book\n\n" + figure("weights-and-bias", "A.", alt="B.", start="c=1"))
    (assets / "other.js").write_text("groundup.live.figure('another', {});\n")
    toc = book.folder / "_toc.yml"
    toc.write_text(toc.read_text() + "  - file: book/third\n  - file: book/fourth\n")
    book.write("third", "# Third\n\n" + figure("other", "A.", alt="B."))
    book.write("fourth", "# Fourth\n\n" + figure("weights-and-bias", "A.", alt="B.", start="w=x"))
    lines = (book.folder / "book" / "chapter.md").read_text().split("\n")
    places = [number for number, line in enumerate(lines, start=1) if "{live}" in line]
    must_fail(
        book,
        f"chapter.md:{places[1]}: ERROR: no live figure is called weight-and-bias; did you mean "
        f"weights-and-bias? (there are: {', '.join(sorted([*FIGURES, 'broken', 'other']))})",
        f"chapter.md:{places[2]}: ERROR: the live figure weights-and-bias stands on this page already",
        f"chapter.md:{places[3]}: ERROR: the live figure broken has no caption",
        f"chapter.md:{places[4]}: ERROR: the live figure broken has no words: expected :alt:",
        f"chapter.md:{places[5]}: ERROR: the live figure broken expected a sentence as its caption",
        f"chapter.md:{places[6]}: ERROR: the live figure broken can't be drawn",
        "Error: it is broken",
        "index.md:3: ERROR: the live figure weights-and-bias can't be drawn",
        "expected one of phi,w,b in :start:, got c",
        'expected a call of groundup.live.figure("other", …), got none',
        "expected a w that it can have, got x",
    )


def test_a_page_and_its_notebook_follow_the_figure(tmp_path):
    book = Book(tmp_path)
    assets = book.folder / "book" / "_assets" / "live"
    (assets / "library.js").write_text(LIBRARY)
    (assets / "one.js").write_text("groundup.live.figures.one = 'first' + groundup.seen;\n")
    (assets / "one.data.js").write_text("groundup.seen = 1;\n")
    (assets / "one.later.js").write_text("groundup.later = 'later';\n")
    (assets / "one.weights.js").write_text("groundup.live.figures.one += groundup.later;\n")
    config = book.folder / "_config.yml"
    address = "    html_baseurl: https://example.org/deep\n"
    config.write_text(
        config.read_text().replace("    language: en\n", f"    language: en\n{address}")
    )
    book.cells(COUNT, prose=figure("one", "What *to see*.", alt="Words & more.", start="w=1&b=2"))

    def build():
        must_pass(book.build())
        return book.html(), notebook(book).cells[-1].source

    html, markdown = build()
    scripts = re.findall(r'<script defer="defer" src="../_static/live/([\w.-]+)\.js', html)
    assert scripts == ["library", "one.data", "one"]
    shown = html[html.index('<div class="live"') :]
    assert 'data-live="one"' in shown
    assert 'data-start="w=1&amp;b=2"' in shown
    assert "<figure>Words & more.w=1&b=2<figcaption>" in shown
    assert re.search(r"What <em>to see</em>\.</span></p>\s*</figcaption></figure>task</div>", shown)
    assert "live/library.js" not in book.html("index")
    still, caption = markdown.split("\n\n")
    words, picture = re.fullmatch(r"!\[(.*)\]\(data:image/svg\+xml;base64,(.*)\)", still).groups()
    assert words == "Words & more."
    place = "https://example.org/deep/book/chapter.html#live-one"
    assert caption == f"What *to see*. [On its page]({place}) the figure moves."
    (drawn,) = ElementTree.fromstring(base64.b64decode(picture))
    assert drawn.get("fill") == "#123456"
    assert drawn[0].text == "first1later", (
        "what the figure fetches by itself is there while it's drawn"
    )

    (assets / "one.data.js").write_text("groundup.seen = 2;\n")
    _, markdown = build()
    picture = re.search("base64,([^)]*)", markdown)[1]
    assert b"first2" in base64.b64decode(picture), "it is drawn again"
    assert (book.folder / "book" / "count").read_text() == "x", "and nothing executed"


def test_what_a_chapter_writes_for_a_figure_is_there_whenever_a_page_has_it(tmp_path):
    book = Book(tmp_path)
    assets = book.folder / "book" / "_assets" / "live"
    (assets / "library.js").write_text(LIBRARY)
    (assets / "one.js").write_text("groundup.live.figures.one = 'untrained';\n")
    weights = assets / "one.weights.js"
    cell = f"{COUNT}\npathlib.Path('_assets/live/one.weights.js').write_text('{{}}')"
    trained = "groundup.live.figures.one = `trained`;"
    book.cells(cell.format(trained), prose=figure("one", "What to see.", alt="Words."))
    book.write(
        "index", "# A book\n\n[](chapter.md)\n\n" + figure("one", "Once more.", alt="Words.")
    )

    def build():
        must_pass(book.build())
        picture = re.search("base64,([^)]*)", notebook(book).cells[-1].source)[1]
        assert b">trained<" in base64.b64decode(picture)
        copied = book.folder / "_build" / "html" / "_static" / "live" / weights.name
        assert copied.read_text() == trained
        return (book.folder / "book" / "count").read_text()

    assert build() == "x"
    assert build() == "x"
    weights.unlink()
    assert build() == "xx", "it isn't committed, and written anew"
