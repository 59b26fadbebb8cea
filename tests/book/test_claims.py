"""Claims in place: the words in the prose that comparisons in cells hold."""

import json
import re

import pytest
from tests.book.small import Book, must_pass

CELL = """from groundup import data, page
mnist = data.load("mnist")
seeds = range(2)
page.glue("share", 0.94, "percent")
second, first = [0.94, 0.95], [0.91, 0.9]
page.claim("noise", page.larger(second, first, seeds=seeds, kind="percent", better=">"))
page.claim("faster", page.compare(8.0, "<", 20.0, kind="seconds", better="<"))
page.claim("crosses", 1 < 2, says="crosses it")
page.claim("only", page.compare(1, ">", 2), needs=mnist)"""
PROSE = (
    "It reads {glue:text}`share`, and {claim}`noise | *stands it* better` by {claim}`noise |\n"
    "{difference}, which is more`. It {claim}`faster | trains {ratio} times as fast` and\n"
    "{claim}`crosses | crosses it`. On the digits {claim}`only | it is more`."
)
PLAIN = (
    "stands it better by 4.00 percentage points, which is more. "
    "It trains 2.5 times as fast and crosses it."
)


@pytest.fixture(scope="module")
def book(tmp_path_factory) -> Book:
    """A small book with claims in place, built once, also as text, LaTeX and for print."""
    folder = tmp_path_factory.mktemp("claims")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GROUNDUP_RUNS", str(folder / "runs"))
        patch.setenv("GROUNDUP_DATA", "stand-in")
        book = Book(folder / "book")
        book.cells(CELL, prose=PROSE)
        must_pass(book.build())
        for builder in ("text", "latex"):
            command = ("build", ".", "--builder", "custom", "--custom-builder", builder)
            must_pass(book.run("jupyter-book", *command))
    return book


def test_the_words_of_a_claim_say_on_the_page_what_was_compared(book):
    html = book.html()
    start = r'<span aria-describedby="(.*?)" class="(?:originals )?claimed" tabindex="0">'
    words = re.findall(f"{start}(.*?)</span></span>", html)
    assert [name for name, _ in words] == [
        "claim-noise-1", "claim-noise-2", "claim-faster-3", "claim-crosses-4", "claim-only-5",
    ]  # fmt: skip
    assert words[0][1] == (
        '<em>stands it</em> better<span class="claim-compared" role="tooltip" id="claim-noise-1">'
        "✓ on average 94.50% is more than 90.50% (seeds 0, 1)"
    )
    assert words[2][1].startswith("trains 2.5 times as fast<span")


def test_all_claims_are_one_line_at_the_end_with_their_words(book):
    (fold,) = re.findall('<details class="checked">.*?</details>', book.html(), re.DOTALL)
    assert "3 statements on this page were checked in this build, 1 needs the original data" in fold
    assert "trains 2.5 times as fast (8.0\u202fs is less than 20.0\u202fs)" in fold
    (facts,) = book.status().values()
    assert facts["claims"][0]["text"].startswith("stands it better; 4.00 percentage points, which")


def test_on_stand_ins_words_about_the_originals_are_marked_and_not_checked(book):
    (words,) = re.findall('class="originals claimed".*?</span></span>', book.html(), re.DOTALL)
    assert ">it is more " in words
    assert "[original data only]" in words
    assert "○ 1 is more than 2 (not checked on stand-in data)" in words


def test_elsewhere_the_words_are_plain(book):
    build = book.folder / "_build"
    notebook = json.loads((build / "html" / "notebooks" / "book" / "chapter.ipynb").read_text())
    cells = ["".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == "markdown"]
    assert PLAIN in " ".join("\n".join(cells).replace("*", "").split())
    text = (build / "text" / "book" / "chapter.txt").read_text().replace("*", "")
    assert PLAIN in " ".join(text.split())
    (latex,) = (build / "latex").glob("*.tex")
    assert "trains 2.5 times as fast and crosses it" in " ".join(latex.read_text().split())
