"""Pieces of words: learned as by hand, and the longest first."""

from collections import Counter

import numpy as np
import pytest

from groundup.models import wordpiece

TEXTS = [
    "low low lower lowest slow slower",
    "watch watching unwatched watch now",
    "aaaa aaa banana",
]


def by_hand(texts, size):
    """The same with one loop over all words for each merge."""
    counts = Counter(" ".join(texts).split())
    split = {word: [word[0], *("##" + c for c in word[1:])] for word in counts}
    letters = sorted({piece for pieces in split.values() for piece in pieces})
    found = [*wordpiece.SPECIAL, *letters]
    while len(found) < size:
        pairs = Counter()
        for word, pieces in split.items():
            for n in range(len(pieces) - 1):
                pairs[pieces[n], pieces[n + 1]] += counts[word]
        if not pairs:
            break
        most = max(pairs.values())
        a, b = max(pair for pair, count in pairs.items() if count == most)
        new = a + b[2:]
        if new not in found:
            found.append(new)
        for pieces in split.values():
            n = 0
            while n < len(pieces) - 1:
                if (pieces[n], pieces[n + 1]) == (a, b):
                    pieces[n : n + 2] = [new]
                n += 1
    return found


@pytest.mark.parametrize("size", [0, 30, 45, 1000])
def test_the_most_frequent_pair_is_merged_again_and_again(size):
    assert wordpiece.learn(TEXTS, size) == by_hand(TEXTS, size)


def test_the_longest_piece_comes_first_even_where_a_shorter_one_would_do_better():
    known = {"un", "una", "##able", "##ble", "##b", "watch", "w", "##ing"}
    assert wordpiece.pieces("unable", known) == ["una", "##ble"]
    assert wordpiece.pieces("watching", known) == ["watch", "##ing"]
    assert wordpiece.pieces("watchin", known) == ["[UNK]"]
    assert wordpiece.pieces("x", known) == ["[UNK]"]


def test_all_words_that_it_learned_from_can_be_put_together():
    vocabulary = set(wordpiece.learn(TEXTS, 40))
    rng = np.random.default_rng(0)
    letters = [p for p in vocabulary if p.startswith("##") and len(p) == 3]
    for word in " ".join(TEXTS).split():
        longer = word + "".join(rng.choice(letters, 3)).replace("##", "")
        for one in (word, longer):
            pieces = wordpiece.pieces(one, vocabulary)
            assert "".join(p.removeprefix("##") for p in pieces) == one
            assert not pieces[0].startswith("##")


def test_words_are_small_plain_and_apart_from_punctuation():
    text = "Don't cry—it's £10,\tnaïve_x!\u200b A\x00B x86"
    assert wordpiece.words(text) == (
        [
            "don",
            "'",
            "t",
            "cry",
            "—",
            "it",
            "'",
            "s",
            "£10",
            ",",
            "naive",
            "_",
            "x",
            "!",
            "ab",
            "x86",
        ]
    )


def test_a_text_becomes_numbers():
    numbers = wordpiece.numbered(wordpiece.learn(TEXTS, 60))
    assert wordpiece.encode("low? low", numbers) == [
        numbers["low"],
        wordpiece.UNKNOWN,
        numbers["low"],
    ]
