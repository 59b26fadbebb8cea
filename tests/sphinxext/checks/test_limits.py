"""What is said of a chapter's counts."""

import pytest

from groundup.sphinxext.checks import lengths, limits
from groundup.sphinxext.checks.lengths import Count

WITHIN = {"exercises": Count(3, least=3, most=5), lengths.BARE: Count(0, most=0)}
BEYOND = {"exercises": Count(2, least=3, most=5), lengths.BARE: Count(1, most=0)}


def test_what_is_beyond_its_limit_is_told_but_for_exceptions():
    assert list(limits.faults(WITHIN, is_listed=False)) == []
    assert list(limits.faults(BEYOND, is_listed=True)) == []
    assert list(limits.faults(BEYOND, is_listed=False)) == ["exercises: expected 3 to 5, got 2"]


def test_what_was_counted_is_named():
    counts = {"parentheses": Count(11, most=10, named=("(one two)", "(three four)"))}
    (fault,) = limits.faults(counts, is_listed=False)
    assert fault == (
        "parentheses: expected at most 10, got 11 around two words or more:\n"
        "  (one two)\n  (three four)"
    )


def test_a_needless_exception_is_told():
    (fault,) = limits.faults(WITHIN, is_listed=True)
    assert fault.startswith("it keeps to every limit now")
    (fault,) = limits.faults({}, is_listed=True)
    assert fault.startswith("only chapters have limits")
    assert list(limits.faults({}, is_listed=False)) == []


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (Count(1), "any"),
        (Count(1, most=0), "none"),
        (Count(1, least=3), "at least 3"),
        (Count(1, most=45), "at most 45"),
        (Count(1, most=100 / 6), "at most 16.6667"),
        (Count(1, least=3, most=5), "3 to 5"),
    ],
)
def test_the_limits_in_words(count, said):
    assert limits.expected(count) == said
