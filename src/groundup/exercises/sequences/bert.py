"""Exercises of the chapter on BERT."""

import numpy as np

from groundup.exercises.checking import Hint, check, numbers, parts

GAP, END, STEPS = 4, 3, 64
WORDS = {
    "watching": ["watch", "##ing"],
    "unwatchable": ["un", "##watch", "##able"],
    "watch": ["watch"],
    "unable": ["una", "##ble"],
    "abler": ["able", "##r"],
    "wax": ["[UNK]"],
    "watchx": ["[UNK]"],
    "unwax": ["[UNK]"],
}
VOCABULARY = {
    "watch",
    "un",
    "una",
    "able",
    "w",
    "##watch",
    "##able",
    "##ble",
    "##ing",
    "##in",
    "##g",
}
VOCABULARY |= {"##r", "##a", "##at", "##w", "##tch", "ing", "u"}


@check
def longest_first(pieces) -> None:
    """A function that cuts words into the longest pieces that fit.

    Args:
        pieces: of a word and a set of pieces, the list of its pieces.
    """
    found = {word: pieces(word, set(VOCABULARY)) for word in WORDS}
    for word, given in found.items():
        if not isinstance(given, list) or not all(isinstance(piece, str) for piece in given):
            raise Hint(f"of {word!r} your function gives {given!r:.60}, and not a list of pieces")
    if found["watch"] != ["watch"]:
        raise Hint(f"'watch' is a piece as it stands, and yours are {found['watch']}")
    whole = ("watching", "unwatchable", "abler")
    if any(not p.startswith("##") and p != "[UNK]" for w in whole for p in found[w][1:]):
        raise Hint("a piece that goes on with a word begins with ##, in the vocabulary and here")
    for word in whole:
        if found[word] == ["[UNK]"]:
            raise Hint(f"{word!r} can be put together, from {WORDS[word]}")
        if "".join(p.removeprefix("##") for p in found[word]) != word:
            raise Hint(f"the pieces of {word!r}, {found[word]}, don't spell it")
    if any(not given for given in found.values()):
        raise Hint("a word that can't be put together is one [UNK], and not nothing at all")
    for word in ("wax", "watchx", "unwax"):
        if found[word] != ["[UNK]"]:
            raise Hint(
                f"{word!r} can't be put together to its end, so all of it is one [UNK]; yours are "
                f"{found[word]}"
            )
    if found["unable"] == ["un", "##able"]:
        raise Hint("of 'unable' the longest beginning is 'una', even if 'un' is what you'd choose")
    for word, truth in WORDS.items():
        if found[word] != truth:
            raise Hint(f"yours are {found[word]} for {word!r}; try the longest piece first")


@check
def friends_gaps(with_gaps) -> None:
    """A function that makes gaps in rows of tokens, repaired.

    Args:
        with_gaps: of rows, (m, 64), and a generator of NumPy: the rows with ten gaps each, (m, 64), where
            they are, and what stood there, both (m, 10).
    """
    rng = np.random.default_rng(0)
    rows = rng.integers(5, 400, (200, STEPS))
    rows[:, 20] = END
    given = rows.copy()
    found = parts(with_gaps(given, np.random.default_rng(1)), ("rows", "places", "truth"))
    hidden, places, truth = (
        numbers(part, None, name)
        for part, name in zip(found, ("the rows", "the places", "the truth"), strict=True)
    )
    if hidden.shape != rows.shape or places.shape != (200, 10) or truth.shape != (200, 10):
        raise Hint(
            "of (200, 64) tokens there are to be rows of the same shape, and places and truth of "
            f"(200, 10); these are {hidden.shape}, {places.shape}, {truth.shape}"
        )
    if not np.array_equal(given, rows):
        raise Hint("the rows that came in are changed for ever: the next epoch would find the gaps")
    places = places.astype(int)
    if not ((places >= 0) & (places < STEPS)).all():
        raise Hint("a row has places 0 to 63")
    stood = np.take_along_axis(rows, places, axis=1)
    if (truth == GAP).mean() > 0.5:
        raise Hint("the truth is [MASK] nearly everywhere: it was taken when the gaps were made")
    if not np.array_equal(truth, stood):
        raise Hint("the truth isn't what stood at the places")
    if any(len(set(row)) < 10 for row in places):
        raise Hint("some rows have fewer than ten gaps: a place was drawn twice")
    if (places == 20).any():
        raise Hint("the end of a review, 3, isn't a word to be guessed")
    expected = rows.copy()
    np.put_along_axis(expected, places, GAP, axis=1)
    if not np.array_equal(hidden, expected):
        raise Hint("a row is to show 4 at its places, and elsewhere what it showed before")
    if np.abs(np.bincount(places.ravel(), minlength=STEPS)[:20] - 31).max() > 25:
        raise Hint("some places get far more gaps than others")
    if np.array_equal(places[0], places[1]) and np.array_equal(places[1], places[2]):
        raise Hint("each row is to have places of its own")


@check
def far_words(elsewhere, prediction, filled) -> None:
    """A function that takes all that is far from a gap out of other rows, and what that costs.

    Args:
        elsewhere: of rows, (m, 64), the place of each one's gap, (m,), and a generator of NumPy: rows
            that keep the gap and the two tokens on either side of it, and have the others from another
            row.
        prediction: the share of the gaps that the reader expected.
        filled: for each gap whether the network fills it then, true or false.
    """
    rng = np.random.default_rng(0)
    rows = 1000 * np.arange(40)[:, None] + np.arange(STEPS)  # each token says where it's from
    places = rng.integers(2, STEPS - 2, 40)
    given = rows.copy()
    found = numbers(
        elsewhere(given, places.copy(), np.random.default_rng(1)), None, "what elsewhere gives"
    ).astype(int)
    if found.shape != rows.shape:
        raise Hint(f"of rows of shape {rows.shape} yours gives {found.shape}")
    if not np.array_equal(given, rows):
        raise Hint("the rows that came in are changed; copy them first")
    if not np.isin(found, rows).all():
        raise Hint("some of your tokens stand in none of the rows")
    if np.array_equal(found, rows):
        raise Hint("nothing has changed")
    distance = np.abs(np.arange(STEPS) - places[:, None])
    changed, source = found != rows, found // 1000
    if changed[distance == 0].any():
        raise Hint("the gap is another one now; it's to keep its place and its token")
    if changed[distance <= 2].any():
        raise Hint("the two tokens on either side of the gap are to stay, too")
    if not changed[distance == 3].any():
        raise Hint("the third token from the gap is to come from another row as well")
    own = source == np.arange(40)[:, None]
    if own.all():
        raise Hint("these are the row's own words in disorder: what they say can still be read")
    if own[distance > 2].mean() > 0.2:
        raise Hint("many words far from the gap are still the row's own")
    if any(len(set(row[far])) > 1 for row, far in zip(source, distance > 2, strict=True)):
        raise Hint("take what is far from a gap out of one other row, and not out of several")
    if (found % 1000 != np.arange(STEPS)).any():
        raise Hint("what comes from another row is to stand where it stood there")
    if not 0 <= numbers(prediction, called="the prediction") <= 1:
        raise Hint("a share lies between 0 and 1, and so does your prediction")
    shares = numbers(filled, None, "filled")
    if shares.ndim != 1 or len(shares) < 20 or not np.isin(shares, (0, 1)).all():
        raise Hint("hand in for each gap whether it's filled, true or false, not the share")


@check
def without_padding(embed) -> None:
    """A function that makes embeddings of states.

    Args:
        embed: of states, (m, T, d), and of which tokens count, (m, T) of ones and zeros: the mean of
            those that count, at length one, (m, d).
    """
    rng = np.random.default_rng(0)
    states, counts = rng.normal(0.5, 1, (4, 6, 5)), (np.arange(6) < [[6], [3], [1], [4]]) * 1.0
    found = numbers(embed(states.copy(), counts.copy()), None, "what embed gives")
    if found.shape != (4, 5):
        raise Hint(f"of 4 texts with states of 5 numbers yours gives {found.shape}, and not (4, 5)")
    truth = _unit((states * counts[:, :, None]).sum(axis=1))
    if np.allclose(found, truth, atol=1e-6):
        return
    if np.allclose(found, _unit(states.mean(axis=1)), atol=1e-6):
        raise Hint("here the padding counts, too: the same text in a longer row would be another")
    if np.allclose(found, _unit(states[:, 0]), atol=1e-6):
        raise Hint("this is the state of the first token alone")
    if np.allclose(_unit(found), truth, atol=1e-6):
        raise Hint("the directions are right; divide each row by its length")
    if np.allclose(_unit(found), _unit((_unit(states) * counts[:, :, None]).sum(axis=1))):
        raise Hint("first the mean, then the length: yours makes each token's state as long as 1")
    if np.allclose(np.linalg.norm(found), 1):
        raise Hint("all rows together have the length one; each is to have it")
    raise Hint("add up the states that count, and divide each sum by its length")


def _unit(a: np.ndarray) -> np.ndarray:
    return a / np.linalg.norm(a, axis=-1, keepdims=True)
