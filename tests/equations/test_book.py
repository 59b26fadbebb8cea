"""Every display equation of the book is read whole, and a test holds every labelled one."""

import re

import pytest
from tests.equations import chapters
from tests.equations.checks import marked
from tests.equations.latex import LatexError

# What can't be read, or isn't held by a test, and why: {label or "path (line)": reason}.
UNREAD: dict[str, str] = {}
UNTESTED: dict[str, str] = {}

EQUATIONS = chapters.read().equations


@pytest.mark.parametrize("equation", EQUATIONS, ids=lambda equation: equation.name)
def test_is_read_whole(equation):
    if (equation.label or equation.name) in UNREAD:
        with pytest.raises(LatexError):  # else it no longer belongs there
            equation.statements()
    else:
        assert equation.statements()


def test_every_labelled_equation_has_a_test(book):
    assert marked().keys() | UNTESTED.keys() >= book.labelled.keys()


def test_every_test_holds_an_equation_that_there_is(book):
    assert marked().keys() | UNTESTED.keys() <= book.labelled.keys()
    assert not marked().keys() & UNTESTED.keys()


def test_exceptions_are_equations_that_there_are(book):
    names = {equation.label or equation.name for equation in EQUATIONS}
    assert UNREAD.keys() <= names


def test_equations_are_found():
    text = (
        "$$\na\n$$ (first)\n\n```{code-cell} python3\n# $$ x $$ (code)\n```\n\n"
        "Words, $x$.\n\n$$ b $$\n\n````{admonition} An exercise\n\n$$\nc\n$$ (third)\n````\n"
        "\n```{listing} groundup.nn.Step\n```\n\n$$ d $$ (fourth)\n\n```\n$$ x $$\n```\n"
    )
    book = chapters.Book({"chapter.md": text})
    found = [(e.latex.strip(), e.label, e.line) for e in book.equations]
    assert found == [("a", "first", 1), ("b", None, 11), ("c", "third", 15), ("d", "fourth", 23)]
    assert book.after("Words,\n$x$").latex == " b "
    listed = (
        "```{listing} groundup.nn.Dense\n```\n\nWords.\n\n$$\nx\n$$ (after)\n\n```python\n$$\n```\n"
    )
    assert [e.label for e in chapters.Book({"chapter.md": listed}).equations] == ["after"]
    with pytest.raises(ValueError, match="one label"):
        chapters.Book({"a.md": "$$ x $$ (y)", "b.md": "$$ z $$ (y)"})
    with pytest.raises(ValueError, match="left over"):
        chapters.Book({"a.md": "$$ x $$ (y) $$"})


def test_an_error_says_where():
    book = chapters.Book({"book/chapter.md": "One\n\n$$\nx = y,\n\\quad 1 = \\frob\n$$ (wrong)\n"})
    where = re.escape(r"book/chapter.md (wrong), line 5, column 11: can't read '\\frob'")
    with pytest.raises(LatexError, match=where):
        book["wrong"].statements()


@pytest.mark.parametrize("path", sorted(chapters.read().texts))
def test_no_equation_is_written_in_another_way(path):
    """Only those between double dollar signs are found."""
    other = re.compile(r"\{math\}|\\begin\{(equation|align|gather|multline)\*?\}|\\\[")
    assert not other.search(chapters.read().texts[path])
