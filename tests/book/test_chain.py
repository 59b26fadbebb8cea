"""A chapter writes what another one reads: both pages show the same, in one build."""

import re

import pytest
from tests.book.small import Book, must_pass

NONE = set()


@pytest.fixture
def book(tmp_path):
    return Book(tmp_path / "book")


def refused(book) -> str:
    result = book.build()
    assert result.returncode != 0
    return result.stdout + result.stderr


def test_who_reads_what_a_chapter_wrote_shows_it_in_the_same_build(book):
    """Readers come first by name and by time; one is itself read, one page shows the file."""

    def write(value: str) -> None:
        book.chapters(
            a_last="print('last', open('second.txt').read())",
            b_second="text = open('data.txt').read()\n"
            "pathlib.Path('second.txt').write_text(text)\nprint('second', text)",
            c_writer=f"pathlib.Path('data.txt').write_text('{value}')\nprint('wrote {value}')",
            d_other="print('nothing to do with it')",
        )
        text = "# A small book\n\n```{literalinclude} data.txt\n:language: text\n```\n"
        book.write("index", text)

    def shown():
        pages = [book.html(page) for page in ("a_last", "b_second", "c_writer", "index")]
        return [re.findall(r"value-\w+", page)[-1] for page in pages]

    (book.folder / "book" / "data.txt").write_text("value-old")  # the page that shows it needs one
    write("value-one")
    must_pass(book.build())
    assert shown() == ["value-one"] * 4, "none of the others had run when these were read"
    write("value-two")
    must_pass(book.build())
    assert shown() == ["value-two"] * 4
    book.executed()
    must_pass(book.build())
    assert book.executed() == NONE
    write("value-one")
    book.executed()
    must_pass(book.build())
    assert shown() == ["value-one"] * 4, "a known page doesn't stand beside another's file"
    assert "d_other" not in book.executed()
    (book.folder / "book" / "second.txt").unlink()
    must_pass(book.build())
    assert book.executed() == {"b_second"}, (
        "what another chapter reads is written anew, first of all"
    )


def test_chapters_that_come_to_no_rest_are_refused(book):
    count = "n = int(open('{}').read()) if pathlib.Path('{}').exists() else 0\n"
    write = "pathlib.Path('{}').write_text(str(n + 1))"
    book.chapters(
        one=count.format("b.txt", "b.txt") + write.format("a.txt"),
        other=count.format("a.txt", "a.txt") + write.format("b.txt"),
    )
    assert "these chapters go on changing what others stand on" in refused(book)
    both = "pathlib.Path('c.txt').write_text('{}')"
    book.chapters(one=both.format(1), other=both.format(2), reads="print(open('c.txt').read())")
    assert "book/one and book/other both write book/c.txt, which a page reads" in refused(book)


def test_a_file_that_only_a_librarys_own_code_writes_is_told_from_one_that_somebody_changed(book):
    """HDF5 opens in C. What a chapter's cells name counts as a run left it."""
    save = "import h5py\nwith h5py.File('made.h5', 'w') as f:\n    f['a'] = {}"
    book.chapters(
        a_reads="import h5py\nprint('value', h5py.File('made.h5')['a'][()])",
        b_writes=save.format(1),
    )
    must_pass(book.build())
    assert "value 1" in book.html("a_reads")
    book.chapters(
        a_reads="import h5py\nprint('value', h5py.File('made.h5')['a'][()])",
        b_writes=save.format(2),
    )
    must_pass(book.build())
    assert "value 2" in book.html("a_reads")
    book.executed()
    must_pass(book.build())
    assert book.executed() == NONE
