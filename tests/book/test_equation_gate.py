"""A labelled equation without code, or without a test that passes, fails the build."""

import pytest
from tests.book.small import Book, must_fail, must_pass

TEST = """import pytest


@pytest.mark.equation("{label}")
def test_{label}():
    assert 3**2 == {result}
"""


def code(label):
    return f'def {label}(x):\n    """Computes :eq:`{label}`."""\n    return x * x'


def equation(label, latex="y = x^2."):
    return f"$$\n{latex}\n$$ ({label})\n\n"


@pytest.fixture
def book(tmp_path):
    book = Book(tmp_path / "book")
    book.write("index", "# A small book\n\n[](chapter.md)\n\n```{equations}\n```\n")
    (book.folder / "tests").mkdir()
    return book


def hold(book, label, result=9):
    path = book.folder / "tests" / f"test_{label}.py"
    path.write_text(TEST.format(label=label, result=result))


def ran_tests(result):
    must_pass(result)
    return "testing the equations" in result.stdout


def test_what_is_held_has_a_mark_and_is_tested_when_something_has_changed(book):
    hold(book, "square")
    book.define("name")
    good = [equation("square"), equation("name", "a = b.")]
    book.cells(code("square"), prose="".join(good))
    assert ran_tests(book.build())
    assert 'href="index.html#held-square"' in book.html()
    listed = book.html("index")
    assert 'id="held-square"' in listed
    assert "test_square</code>: passed" in listed
    assert "cell 1 of A chapter</code>" in listed
    assert "Nothing to compute: it is a name" in listed
    book.cells(code("square"), prose="".join([equation("square", "z = x^2."), good[1]]))
    assert ran_tests(book.build()), "another equation"
    book.cells(code("square"), prose="".join(good))
    assert not ran_tests(book.build()), "the first again, whose result is known"
    swapped = [equation("name"), equation("square", "a = b.")]
    book.cells(code("square"), prose="".join(swapped))
    assert ran_tests(book.build()), "the same formulas under each other's label"
    book.cells(code("square"), prose="".join(good))
    hold(book, "square", "3 * 3")
    assert ran_tests(book.build()), "another test"


def test_what_is_not_held_is_refused(book):
    hold(book, "untrue", 10)
    hold(book, "nowhere")
    hold(book, "uncomputed")
    book.define("untrue")
    labels = ("untrue", "uncomputed", "untested", "twice", "twice")
    book.cells(
        *(code(label) for label in ("untrue", "untested", "twice")),
        prose="".join(map(equation, labels)) + "See {eq}`cube`.\n",
    )
    lines = (book.folder / "book" / "chapter.md").read_text().split("\n")
    at = {label: lines.index(f"$$ ({label})") - 1 for label in labels}
    must_fail(
        book,
        f"chapter.md:{at['untrue']}: WARNING: equation 'untrue' isn't held: test_untrue",
        "assert (3 ** 2) == 10",
        "equation 'untrue' has code or a test: expected no reason in groundup_definitions",
        f"chapter.md:{at['uncomputed']}: WARNING: no code computes equation 'uncomputed': name it as",
        f"chapter.md:{at['untested']}: WARNING: no test holds equation 'untested': mark the one that",
        "test_nowhere.py:5: WARNING: test_nowhere names equation 'nowhere', which no page has",
        "duplicate label of equation twice",
        "equation not found: cube",
    )


def test_an_equation_may_move_to_a_page_that_is_read_before(book):
    book.contents("chapter", "sequel")
    book.define("name")
    book.cells(page="sequel", prose=equation("name", "a = b."))
    book.cells(prose="Nothing yet.")
    must_pass(book.build())
    book.cells(page="sequel", prose="Nothing any more.")
    book.cells(prose=equation("name", "a = b."))
    must_pass(book.build())
