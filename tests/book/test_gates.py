"""Rules for pages: each refuses a small book that breaks it, and passes one that keeps it."""

import re

import pytest
from tests.book.small import Book, must_fail, must_pass


@pytest.fixture
def book(tmp_path):
    return Book(tmp_path)


TYPED = "# A chapter\n\nText.\nThe accuracy is 0.97 after\n{math}`n` epochs.\n"


def test_a_typed_number_fails_every_build(book):
    book.write("chapter", TYPED)
    must_fail(
        book,
        "chapter.md:4: WARNING: a typed number: '0.97': glue what was measured (page.glue in a cell, "
        "{glue:text} here; in a caption, format the value), or list it in book/typed_numbers.yml",
    )


def test_a_list_of_typed_numbers_is_followed_without_a_change_of_the_page(book):
    typed = book.folder / "book" / "typed_numbers.yml"
    book.write("chapter", TYPED)
    typed.write_text("book/chapter:\n  accuracy is 0.97: published\n")
    must_pass(book.build())
    typed.write_text(
        "book/chapter:\n  accuracy is 0.98: published\nbook/gone:\n  a rate of 0.5: a setting\n"
    )
    must_fail(
        book,
        "chapter.md:4: WARNING: a typed number",
        "book/typed_numbers.yml: book/chapter: 'accuracy is 0.98' was expected once on the page",
        "book/typed_numbers.yml: there is no page 'book/gone'",
    )


def test_claims_are_one_list_that_programs_can_read(book):
    book.cells(
        "from groundup import data, page\n"
        'mnist = data.load("mnist")\n'
        'page.claim("Two is more than one.", page.larger([2, 2], 1, seeds=range(2)))\n'
        'page.glue("one", 1, "count")\n'
        'page.claim("It is good.", False, needs=mnist)',
        prose="{glue:text}`one`",
    )
    must_pass(book.build())
    (claims,) = re.findall('<ul class="claims[^>]*>(.*?)</ul>', book.html(), re.DOTALL)
    assert claims.count('<li class="claim">') == 2
    (facts,) = book.status().values()
    assert facts["claims"] == [
        {"text": "Two is more than one (seeds 0, 1).", "state": "holds"},
        {"text": "It is good.", "state": "not checked on stand-in data"},
    ]


def test_a_claim_fails_the_build_also_where_nobody_hears_its_error(book):
    book.cells(
        "import threading\n"
        "from groundup import page\n"
        'said = threading.Thread(target=page.claim, args=("Two is one.", 2 == 1))\n'
        "said.start()\n"
        "said.join()"
    )
    must_fail(book, "cell 1: this doesn't hold any more: Two is one.")


@pytest.mark.parametrize("mode", ["inline", "force", "auto"])
def test_a_mode_that_keeps_nothing_of_what_results_stand_on_is_refused(book, mode):
    book.cells("print(1)")
    page = book.folder / "book" / "chapter.md"
    page.write_text(
        page.read_text().replace("kernelspec:", f"mystnb:\n  execution_mode: {mode}\nkernelspec:")
    )
    must_fail(book, f"book/chapter: expected execution_mode 'cache' or 'off', got '{mode}'")
