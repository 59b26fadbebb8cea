"""What is compared in a cell: numbers, results over seeds, cases, an order."""

import numpy as np
import pytest

from groundup import page


@pytest.mark.parametrize(
    ("a", "relation", "b", "holds"),
    [(2, ">", 1, True), (1, ">", 2, False), (1, "<", 2, True), (1.0001, ">", 1.0, False),
     (1.0001, "=", 1.0, True), (1.1, "=", 1.0, False), (float("nan"), ">", 1, False)],
)  # fmt: skip
def test_what_is_written_alike_is_no_more_and_no_less(a, relation, b, holds):
    assert bool(page.compare(a, relation, b)) is holds


@pytest.mark.parametrize(
    ("b", "relation", "holds"),
    [([1, 1.1, 0.9], ">", True), ([6, 7, 8], "<", True), ([4, 5, 3], ">", False),
     ([4, 5, 6], "<", False)],
)  # fmt: skip
def test_over_seeds_it_is_more_or_less_or_chance(b, relation, holds):
    assert bool(page.compare([3, 4, 5], relation, b, seeds=range(3))) is holds


@pytest.mark.parametrize(
    ("b", "within", "holds"),
    [
        ([3.1, 4.1, 5.1], 0.11, True),  # the differences don't scatter
        ([3.1, 4.1, 5.1], 0.09, False),
        ([4, 5, 3], 1, False),  # their mean is zero, and known to within two only
        ([4, 5, 3], 2.01, True),
        (4, 1.2, True),
        (4, 1.1, False),
    ],
)
def test_results_over_seeds_are_alike_if_no_larger_difference_is_left_open(b, within, holds):
    found = page.compare([3, 4, 5], "=", b, seeds=range(3), within=within)
    assert bool(found) is holds
    assert f"to within {within:.2f}" in found.text


def test_a_comparison_says_what_was_compared_and_writes_its_numbers():
    faster = page.compare(8.0, "<", 20.0, kind="seconds", names=("one core", "the other"))
    assert faster.text == "8.0\u202fs (one core) is less than 20.0\u202fs (the other)"
    assert faster.numbers == {
        "first": "8.0\u202fs", "second": "20.0\u202fs", "difference": "12.0\u202fs",
        "ratio": "2.5",
    }  # fmt: skip
    share = page.larger([0.9, 0.9], [0.5, 0.5], seeds=(3, 7), kind="percent", digits=0)
    assert share.text == "on average 90% is more than 50% (seeds 3, 7)"
    assert share.numbers["difference"] == "40 percentage points"


def test_cases_are_counted():
    counted = page.counted(np.array([1, 2, 3]), ">", 1)
    assert (counted.meaning.count, counted.meaning.order) == ((2, 3), ">")
    assert counted.numbers == {"count": "two", "of": "three"}
    assert page.counted([True, False, True]).meaning.count == (2, 3)


def test_an_order_needs_a_first_and_a_last():
    assert page.ranked({"a": 1, "b": 3, "c": 2}).meaning.ranking == ("b", "c", "a")
    assert not page.ranked({"a": 3.0001, "b": 3, "c": 2})


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        (lambda: page.compare(1, ">=", 2), ValueError),
        (lambda: page.compare(1, ">", 2, better="more"), ValueError),
        (lambda: page.compare([1, 2], "=", [1, 2], seeds=range(2)), ValueError),
        (lambda: page.compare([1, 2], ">", [1, 2], seeds=range(2), within=1), ValueError),
        (lambda: page.compare(1, "=", 1, within=1), ValueError),
        (lambda: page.counted([1, 0]), TypeError),
        (lambda: page.counted([]), TypeError),
        (lambda: page.counted([1], "=", 1), ValueError),
        (lambda: page.ranked({"a": 1}), ValueError),
    ],
)
def test_what_is_no_comparison_is_refused(wrong, error):
    with pytest.raises(error, match="expected"):
        wrong()
