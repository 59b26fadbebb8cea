"""What a page tells of records and counts is of today's code and of this build."""

import json

import pytest
from tests.book.small import Book, must_pass

from groundup.runs import code


@pytest.fixture
def book(tmp_path):
    return Book(tmp_path)


def test_records_are_about_the_code_of_today_and_counts_of_this_build(book):
    measured = book.folder / "engine.py"
    measured.write_text("speed = 1\n")
    about = {"engine.py": code.syntax_digest(measured)}
    book.contents("chapter", "record")
    book.write("record", "# A record\n\n```{measured} ../benchmarks/record\n```\n")
    book.write("index", "# A small book\n\n[](chapter.md): {counted}`numbers` numbers.\n")
    glue = "from groundup import page\npage.glue('a', 7, 'count')"
    book.cells(glue, prose="{glue:text}`a`")
    must_pass(book.build())
    assert "Not measured yet" in book.html("record")
    assert ": 1 numbers." in book.html("index")

    records = book.folder / "benchmarks"
    records.mkdir()
    (records / "record.json").write_text(json.dumps({"about": about}))
    (records / "record.md").write_text("| speed |\n| --- |\n| 17 apples |\n")
    book.cells(f"{glue}\npage.glue('b', 7, 'count')", prose="{glue:text}`a` {glue:text}`b`")
    must_pass(book.build())
    assert "<p>17 apples</p>" in book.html("record")
    assert ": 2 numbers." in book.html("index")

    measured.write_text("# faster?\nspeed = 1\n")
    must_pass(book.build())
    assert "<p>17 apples</p>" in book.html("record"), "a comment is no other code"
    measured.write_text("speed = 2\n")
    must_pass(book.build())
    assert "Not measured for this version" in book.html("record")
    assert "17 apples" not in book.html("record")
    measured.unlink()
    must_pass(book.build())
    assert "Not measured for this version" in book.html("record")
    again = book.build()
    must_pass(again)
    assert "0 added, 0 changed, 0 removed" in again.stdout, "it isn't waited for"
