"""Words that compare, count or quantify are held by what was compared."""

from dataclasses import replace

import pytest

from groundup import page
from groundup.page.lexicon import Meaning, faults, words

READS = page.compare(0.94, ">", 0.91, kind="percent", better=">")
BOTH = ("the deep one", "the flat one")
NAMED = page.compare(0.94, ">", 0.91, kind="percent", better=">", names=BOTH)
TAKES = page.compare(12.0, ">", 4.1, kind="seconds", better="<")
ALIKE = page.compare([1, 2, 3], "=", [1, 3, 2], seeds=range(3), within=2)
SHARE = page.compare(2, "<", 6)
FALLS = page.counted([5, 4, 3, 2, 6], "<", [6, 5, 4, 3, 5])
ALWAYS = page.counted([1, 2, 3], ">", 0)
NEVER = page.counted([False, False])
COSTS = page.ranked({"pooling": 0.4, "the convolution": 3.2, "the dense layer": 1.1}, better="<")

# A comparison, words that it bears out, and those in which one is another, which it doesn't.
PAIRS = [
    (READS, "stands it better", "stands it worse"),
    (READS, "reads more of them", "reads fewer of them"),
    (READS, "is not worse", "is not better"),
    (READS, "rises by {difference}", "falls by {difference}"),
    (NAMED, "the deep one beats the flat one", "the flat one beats the deep one"),
    (NAMED, "the flat one is worse", "the deep one is worse"),
    (NAMED, "the deep one reads {first}, the flat one {second}",
     "the deep one reads {second}, the flat one {first}"),
    (TAKES, "takes longer", "takes less"),
    (TAKES, "is slower", "is faster"),
    (TAKES, "takes {ratio} times as long", "takes {ratio} times as little"),
    (TAKES, "three times as slow", "three times as fast"),
    (TAKES, "takes three times as long", "takes five times as long"),
    (TAKES, "takes more than twice as long", "takes less than twice as long"),
    (TAKES, "takes almost three times as long", "takes almost four times as long"),
    (TAKES, "a threefold price", "a tenfold price"),
    (ALIKE, "is the same", "is better"),
    (ALIKE, "as good as", "not as good as"),
    (ALIKE, "isn't higher", "is higher"),
    (SHARE, "makes a third of the mistakes", "makes half of the mistakes"),
    (SHARE, "makes two mistakes, which is less", "makes two mistakes, which is more"),
    (FALLS, "falls in four of the five seeds", "falls in three of the five seeds"),
    (FALLS, "falls in {count} of {of}", "rises in {count} of {of}"),
    (FALLS, "mostly falls", "always falls"),
    (FALLS, "often falls", "never falls"),
    (FALLS, "falls in some of them", "falls in none of them"),
    (FALLS, "falls in most of them", "falls in few of them"),
    (ALWAYS, "in all of them it is above zero", "in most of them it is above zero"),
    (ALWAYS, "every time above zero", "sometimes above zero"),
    (ALWAYS, "above zero in three of three", "above zero in one of three"),
    (NEVER, "it happens in no seed", "it happens in every seed"),
    (NEVER, "neither does", "both do"),
    (COSTS, "the convolution is the dearest", "the dense layer is the dearest"),
    (COSTS, "pooling costs the least", "pooling costs the most"),
    (COSTS, "the dense layer is slower than pooling", "the dense layer is faster than pooling"),
    (page.compare(25, ">", 24), "from twenty-four to twenty-five it rises",
     "from twenty-four to twenty-six it rises"),
    (COSTS, "pooling is the smallest, {smallest}", "the dense layer is the smallest, {smallest}"),
]  # fmt: skip


@pytest.mark.parametrize(("comparison", "right", "wrong"), PAIRS)
def test_a_word_for_another_is_not_borne_out(comparison, right, wrong):
    assert comparison
    assert faults(right, comparison.meaning) == []
    assert faults(wrong, comparison.meaning)


@pytest.mark.parametrize(
    ("comparison", "text", "said"),
    [
        (READS, "reads them", "no word says what was compared"),
        (FALLS, "falls", "no word says in how many cases it's so"),
        (NAMED, "is better", "expected one of the names ['the deep one', 'the flat one']"),
        (READS, "always reads more", "nothing that the cell compares says whether 'always' is so"),
        (READS, "reads more after 7 epochs", "nothing that the cell compares says whether '7' is so"),
        (SHARE, "is better", "nothing that the cell compares says whether 'better' is so"),
    ],
)  # fmt: skip
def test_words_say_no_more_than_was_compared(comparison, text, said):
    assert faults(text, comparison.meaning) == [said]


def test_what_no_comparison_says_the_cell_says_itself():
    quoted = replace(READS.meaning, quoted=("helps little",))
    assert faults("helps little, and reads more", quoted) == []
    wrong = faults("helps much, and reads more", quoted)
    assert wrong[0] == "the cell says 'helps little', which isn't there"
    assert faults("stands  it", Meaning(quoted=("stands it",))) == []


def test_a_meaning_survives_json():
    for comparison in (NAMED, FALLS, COSTS, ALIKE):
        assert Meaning.of(comparison.meaning.facts()) == comparison.meaning


@pytest.mark.parametrize(
    "text",
    [
        "In 1998 it was done at once.",
        "at most", "no longer", "as well", "a second network, one of them",
        "a third network, the same network, in the cell above, from 0 to 1",
    ],
)  # fmt: skip
def test_what_compares_nothing_is_passed(text):
    assert list(words(text)) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It is better in all of them.", ["better", "all"]),
        ("Twice as many, a third of the rest.", ["Twice as many", "a third"]),
        ("Four of the five, no more, and 60,000.", ["Four of the five", "no more", "60,000"]),
        ("It isn't worse; the most costly never rises.", ["isn't worse", "the most", "never", "rises"]),
    ],
)  # fmt: skip
def test_words_about_results_are_found(text, found):
    assert [match[0] for _, match in words(text)] == found
