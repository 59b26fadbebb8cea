"""A labelled equation without code or a test that passes doesn't leave the build with exit status 0."""

import pytest
from tests.book.small import Book, must_fail, must_pass

CODE = 'def f(x):\n    """A square, :eq:`square`."""\n    return x * x'
EQUATION = "A square is\n\n$$\ny = x^2.\n$$ (square)\n"
TEST = """import pytest


@pytest.mark.equation("square")
def test_square():
    assert 3**2 == {}
"""


@pytest.fixture
def book(tmp_path):
    book = Book(tmp_path / "book")
    book.write("index", "# A small book\n\n[](chapter.md)\n\n```{equations}\n```\n")
    book.cells(CODE, prose=EQUATION)
    (book.folder / "tests").mkdir()
    hold(book, 9)
    return book


def hold(book, result):
    (book.folder / "tests" / "test_square.py").write_text(TEST.format(result))


def ran_tests(result):
    return "testing the equations" in result.stdout


def test_an_equation_that_is_held_has_a_mark_that_leads_to_its_code_and_test(book):
    result = book.build()
    must_pass(result)
    assert ran_tests(result)
    assert 'href="index.html#held-square"' in book.html()
    listed = book.html("index")
    assert 'id="held-square"' in listed
    assert "test_square</code>: passed" in listed
    assert "cell 1 of A chapter</code>" in listed


def test_the_tests_run_when_something_has_changed_and_only_then(book):
    must_pass(book.build())
    assert not ran_tests(book.build())
    book.cells(CODE, prose=EQUATION.replace("y", "z"))
    assert ran_tests(book.build()), "another equation"
    book.cells(CODE, prose=EQUATION)
    assert not ran_tests(book.build()), "the first again, whose result is known"
    hold(book, "3 * 3")
    assert ran_tests(book.build()), "another test"


@pytest.mark.parametrize(
    ("cell", "prose", "messages"),
    [
        ("def f(x): ...", EQUATION, ("chapter.md:16", "no code computes", ":eq:`square`")),
        (CODE, EQUATION.replace("square)", "squared)"), ("no test holds equation 'squared'",)),
        (CODE, "A square.\n", ("test_square.py:5", "names equation 'square', which no page has")),
        (CODE, EQUATION + "\n" + EQUATION, ("duplicate label of equation square",)),
        (CODE, EQUATION + "\nSee {eq}`cube`.\n", ("equation not found: cube",)),
    ],
    ids=["no code", "no test", "no equation", "twice", "reference"],
)
def test_an_equation_that_is_not_held_fails_the_build(book, cell, prose, messages):
    book.cells(cell, prose=prose)
    must_fail(book, *messages)


def test_a_test_that_fails_fails_the_build(book):
    hold(book, 10)
    must_fail(
        book, "equation 'square' isn't held: test_square", "chapter.md:", "assert (3 ** 2) == 10"
    )


def test_a_definition_has_a_reason_instead(book):
    book.cells("x = 1", prose=EQUATION)
    (book.folder / "tests" / "test_square.py").unlink()
    config = book.folder / "_config.yml"
    reason = "    groundup_definitions: {square: it is a name}\n"
    config.write_text(
        config.read_text().replace("    language: en\n", f"    language: en\n{reason}")
    )
    must_pass(book.build())
    assert "Nothing to compute: it is a name" in book.html("index")
    book.cells(CODE, prose=EQUATION)
    must_fail(book, "expected no reason in groundup_definitions")
