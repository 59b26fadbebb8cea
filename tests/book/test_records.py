"""What a page tells of records and counts is of today's code and of this build."""

import json

import pytest
from tests.book.small import Book, must_fail, must_pass

from groundup.runs import code


@pytest.fixture
def book(tmp_path):
    return Book(tmp_path)


def test_a_record_is_shown_while_it_is_about_the_code_of_today(book):
    measured = book.folder / "engine.py"
    measured.write_text("speed = 1\n")
    about = {"engine.py": code.syntax_digest(measured)}
    book.cells("1 + 1", prose="```{measured} ../benchmarks/record\n```\n")
    must_pass(book.build())
    assert "Not measured yet" in book.html()
    records = book.folder / "benchmarks"
    records.mkdir()
    (records / "record.json").write_text(json.dumps({"about": about}))
    (records / "record.md").write_text("| speed |\n| --- |\n| 17 apples |\n")
    must_pass(book.build())
    assert "<p>17 apples</p>" in book.html()
    measured.write_text("# faster?\nspeed = 1\n")
    must_pass(book.build())
    assert "<p>17 apples</p>" in book.html(), "a comment is no other code"
    measured.write_text("speed = 2\n")
    must_pass(book.build())
    assert "Not measured for this version" in book.html()
    assert "17 apples" not in book.html()


def test_counts_are_of_this_build(book):
    book.write("index", "# A small book\n\n[](chapter.md): {counted}`numbers` numbers.\n")
    glue = "from groundup import page\npage.glue('a', 7, 'count')"
    book.cells(glue, prose="{glue:text}`a`")
    must_pass(book.build())
    assert ": 1 numbers." in book.html("index")
    book.cells(f"{glue}\npage.glue('b', 7, 'count')", prose="{glue:text}`a` {glue:text}`b`")
    must_pass(book.build())
    assert ": 2 numbers." in book.html("index")
    book.write("index", "# A small book\n\n[](chapter.md): {counted}`stars` stars.\n")
    must_fail(book, "unknown count 'stars'; expected one of: chapters, claims")
