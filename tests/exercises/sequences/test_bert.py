"""The checks of the chapter on BERT: right answers pass, likely mistakes get hints."""

import numpy as np
import pytest

from groundup.exercises.sequences import bert as checks


def longest(word, vocabulary):
    found, start = [], 0
    while start < len(word):
        end = len(word)
        while end > start and "##" * (start > 0) + word[start:end] not in vocabulary:
            end -= 1
        if end == start:
            return ["[UNK]"]
        found.append("##" * (start > 0) + word[start:end])
        start = end
    return found


def by_recursion(word, vocabulary, mark=""):
    for end in range(len(word), 0, -1):
        if mark + word[:end] in vocabulary:
            if end == len(word):
                return [mark + word]
            rest = by_recursion(word[end:], vocabulary, "##")
            return ["[UNK]"] if rest == ["[UNK]"] else [mark + word[:end], *rest]
    return ["[UNK]"]


def shortest(word, vocabulary):
    found, start = [], 0
    while start < len(word):
        for end in range(start + 1, len(word) + 1):
            piece = "##" * (start > 0) + word[start:end]
            if piece in vocabulary:
                break
        else:
            return ["[UNK]"]
        found.append(piece)
        start = end
    return found


def fewest(word, vocabulary, mark=""):
    """The fewest pieces, whatever their order of lengths."""
    if not word:
        return []
    ways = []
    for end in range(1, len(word) + 1):
        if mark + word[:end] in vocabulary:
            rest = fewest(word[end:], vocabulary, "##")
            if rest != ["[UNK]"]:
                ways.append([mark + word[:end], *rest])
    return min(ways, key=len) if ways else ["[UNK]"]


def unmarked(word, vocabulary):
    return [piece.removeprefix("##") for piece in longest(word, vocabulary)]


def rest_unknown(word, vocabulary):
    found, start = [], 0
    while start < len(word):
        end = len(word)
        while end > start and "##" * (start > 0) + word[start:end] not in vocabulary:
            end -= 1
        if end == start:
            return [*found, "[UNK]"]
        found.append("##" * (start > 0) + word[start:end])
        start = end
    return found


def gaps(rows, rng):
    lots = rng.random(rows.shape) + (rows == 3)
    places = np.argsort(lots, axis=1)[:, :10]
    truth = np.take_along_axis(rows, places, axis=1)
    hidden = rows.copy()
    np.put_along_axis(hidden, places, 4, axis=1)
    return hidden, places, truth


def gaps_row_by_row(rows, rng):
    hidden, places = rows.copy(), []
    for row in hidden:
        at = np.sort(rng.choice(np.flatnonzero(row != 3), 10, replace=False))
        places.append(at)
        row[at] = 4
    places = np.array(places)
    return hidden, places, np.take_along_axis(rows, places, axis=1)


def friends(rows, rng):
    hidden = rows
    places = rng.integers(0, 64, (len(rows), 10))
    np.put_along_axis(hidden, places, 4, axis=1)
    return hidden, places, np.take_along_axis(hidden, places, axis=1)


def copied(rows, rng):
    return friends(rows.copy(), rng)


def truth_first(rows, rng):
    hidden = rows.copy()
    places = rng.integers(0, 64, (len(rows), 10))
    truth = np.take_along_axis(hidden, places, axis=1)
    np.put_along_axis(hidden, places, 4, axis=1)
    return hidden, places, truth


def ends_too(rows, rng):
    places = np.argsort(rng.random(rows.shape), axis=1)[:, :10]
    hidden = rows.copy()
    np.put_along_axis(hidden, places, 4, axis=1)
    return hidden, places, np.take_along_axis(rows, places, axis=1)


def shown(rows, rng):
    _, places, truth = gaps(rows, rng)
    return rows.copy(), places, truth


def one_for_all(rows, rng):
    places = np.tile(rng.choice(np.delete(np.arange(64), 20), 10, replace=False), (len(rows), 1))
    hidden = rows.copy()
    hidden[:, places[0]] = 4
    return hidden, places, np.take_along_axis(rows, places, axis=1)


def near(rows, places, reach=2):
    return np.abs(np.arange(rows.shape[1]) - places[:, None]) <= reach


def elsewhere(rows, places, rng, reach=2):
    return np.where(near(rows, places, reach), rows, rng.permutation(rows))


def row_by_row(rows, places, rng):
    found = np.roll(rows, 1, axis=0)
    for new, row, place in zip(found, rows, places, strict=True):
        new[place - 2 : place + 3] = row[place - 2 : place + 3]
    return found


def shuffled(rows, places, rng):
    found = rows.copy()
    for row, far in zip(found, ~near(rows, places), strict=True):
        row[far] = rng.permutation(row[far])
    return found


def of_all_rows(rows, places, rng):
    return np.where(near(rows, places), rows, rng.permuted(rows, axis=0))


def in_place(rows, places, rng):
    rows[:] = elsewhere(rows, places, rng)
    return rows


def moved_on(rows, places, rng):
    others = np.roll(rng.permutation(rows), 1, axis=1)
    return np.where(near(rows, places), rows, others)


def few_others(rows, places, rng):
    return np.where(rng.random((len(rows), 1)) < 0.5, rows, elsewhere(rows, places, rng))


FILLED = np.random.default_rng(0).random(500) < 0.3


def embed(states, counts):
    mean = (states * counts[..., None]).sum(axis=1) / counts.sum(axis=1, keepdims=True)
    return mean / np.linalg.norm(mean, axis=1, keepdims=True)


def embed_one_by_one(states, counts):
    found = []
    for rows, which in zip(states, counts, strict=True):
        mean = rows[which == 1].mean(axis=0)
        found.append(mean / np.sqrt(mean @ mean))
    return found


def unit(a):
    return a / np.linalg.norm(a, axis=-1, keepdims=True)


RIGHT = [
    (checks.longest_first, [longest]),
    (checks.longest_first, [by_recursion]),
    (checks.friends_gaps, [gaps]),
    (checks.friends_gaps, [gaps_row_by_row]),
    (checks.far_words, [elsewhere, 0.3, FILLED]),
    (checks.far_words, [row_by_row, 0, FILLED.astype(int).tolist()]),
    (checks.without_padding, [embed]),
    (checks.without_padding, [embed_one_by_one]),
]
WRONG = [
    (checks.longest_first, [lambda word, vocabulary: ...], "not a list of pieces"),
    (checks.longest_first, [lambda word, vocabulary: "[UNK]"], "not a list of pieces"),
    (checks.longest_first, [unmarked], "begins with ##"),
    (checks.longest_first, [shortest], "'watch' is a piece as it stands"),
    (checks.longest_first, [fewest], "'una', even if"),
    (checks.longest_first, [rest_unknown], "all of it is one [UNK]"),
    (checks.longest_first, [lambda word, v: [word] if word in v else ["[UNK]"]], "from ["),
    (checks.longest_first, [lambda word, v: longest(word, v) * 2], "as it stands"),
    (checks.friends_gaps, [lambda rows, rng: ...], "three things"),
    (checks.friends_gaps, [friends], "changed for ever"),
    (checks.friends_gaps, [copied], "when the gaps were made"),
    (checks.friends_gaps, [truth_first], "drawn twice"),
    (checks.friends_gaps, [ends_too], "isn't a word to be guessed"),
    (checks.friends_gaps, [shown], "show 4 at its places"),
    (checks.friends_gaps, [one_for_all], "far more gaps than others"),
    (checks.friends_gaps, [lambda rows, rng: gaps(rows, rng)[:2]], "2 of them"),
    (checks.far_words, [..., ..., ...], "put your answer"),
    (checks.far_words, [lambda rows, places, rng: rows, 0.3, FILLED], "nothing has changed"),
    (checks.far_words, [lambda r, p, g: g.permutation(r), 0.3, FILLED], "the gap is another one"),
    (checks.far_words, [lambda r, p, g: elsewhere(r, p, g, 0), 0.3, FILLED], "on either side"),
    (checks.far_words, [lambda r, p, g: elsewhere(r, p, g, 3), 0.3, FILLED], "third token"),
    (checks.far_words, [shuffled, 0.3, FILLED], "own words in disorder"),
    (checks.far_words, [few_others, 0.3, FILLED], "still the row's own"),
    (checks.far_words, [of_all_rows, 0.3, FILLED], "not out of several"),
    (checks.far_words, [moved_on, 0.3, FILLED], "where it stood there"),
    (checks.far_words, [in_place, 0.3, FILLED], "copy them first"),
    (checks.far_words, [lambda r, p, g: 0 * r + 500, 0.3, FILLED], "in none of the rows"),
    (checks.far_words, [elsewhere, 30, FILLED], "between 0 and 1"),
    (checks.far_words, [elsewhere, 0.3, FILLED.mean()], "not the share"),
    (checks.without_padding, [lambda s, c: ...], "put your answer"),
    (checks.without_padding, [lambda s, c: unit(s.mean(axis=1))], "padding counts"),
    (checks.without_padding, [lambda s, c: unit(s[:, 0])], "first token alone"),
    (checks.without_padding, [lambda s, c: (s * c[..., None]).mean(axis=1)], "by its length"),
    (
        checks.without_padding,
        [lambda s, c: unit((unit(s) * c[..., None]).sum(axis=1))],
        "first the mean",
    ),
    (
        checks.without_padding,
        [lambda s, c: embed(s, c) / np.linalg.norm(embed(s, c))],
        "the directions are right",
    ),
    (checks.without_padding, [lambda s, c: s * c[..., None]], "and not (4, 5)"),
    (checks.without_padding, [lambda s, c: unit(s[:, -1])], "add up the states that count"),
]


@pytest.mark.parametrize(("check", "attempt"), RIGHT)
def test_right(check, attempt):
    assert check(*attempt).passed


@pytest.mark.parametrize(("check", "attempt", "hint"), WRONG)
def test_wrong(check, attempt, hint):
    result = check(*attempt)
    assert not result.passed
    assert hint in result.hint
