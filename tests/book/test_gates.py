"""Rules for pages: each refuses a small book that breaks it, and passes one that keeps it."""

import pytest
from tests.book.small import Book, must_fail, must_pass


@pytest.fixture
def book(tmp_path):
    return Book(tmp_path)


TYPED = "# A chapter\n\nText.\nThe accuracy is 0.97 after\n{math}`n` epochs.\n"


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
