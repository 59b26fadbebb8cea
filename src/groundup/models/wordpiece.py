"""Words in pieces: a vocabulary that is learned from texts, and the longest pieces that fit."""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from itertools import pairwise

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
PAD, UNKNOWN, START, END, GAP = range(len(SPECIAL))


def learn(texts: Iterable[str], size: int) -> list[str]:
    """A vocabulary: the special pieces, all letters, and what merging the most frequent pairs gives.

    Args:
        texts: what to learn from.
        size: how many pieces there are to be; there are fewer if no pair is left.

    Returns:
        The pieces, in the order in which they were found. One that doesn't begin a word begins with ##.
    """
    counts = Counter(word for text in texts for word in words(text))
    split = {word: [word[0], *("##" + letter for letter in word[1:])] for word in counts}
    found = dict.fromkeys(SPECIAL) | dict.fromkeys(sorted({p for ps in split.values() for p in ps}))
    pairs, places = Counter(), defaultdict(set)

    def count(word: str, times: int) -> None:
        for pair in pairwise(split[word]):
            pairs[pair] += times * counts[word]
            places[pair].add(word)

    for word in counts:
        count(word, 1)
    while len(found) < size and (most := max(pairs.values(), default=0)):
        pair = max(pair for pair, times in pairs.items() if times == most)
        found[merged(pair)] = None
        for word in places.pop(pair):
            count(word, -1)
            split[word] = _with(split[word], pair)
            count(word, 1)
        del pairs[pair]
    return list(found)


def merged(pair: tuple[str, str]) -> str:
    """Two neighbouring pieces as one.

    Args:
        pair: the pieces.
    """
    return pair[0] + pair[1].removeprefix("##")


def pieces(word: str, vocabulary: Collection[str]) -> list[str]:
    """A word in pieces: the longest that begins it, then the longest that goes on, and so forth.

    Args:
        word: letters without a space.
        vocabulary: the pieces that there are.

    Returns:
        Its pieces; ``["[UNK]"]`` for a word that can't be put together.
    """
    found, start = [], 0
    while start < len(word):
        for end in range(len(word), start, -1):
            piece = "##" * (start > 0) + word[start:end]
            if piece in vocabulary:
                break
        else:
            return [SPECIAL[UNKNOWN]]
        found.append(piece)
        start = end
    return found


def numbered(vocabulary: Iterable[str]) -> dict[str, int]:
    """The number of each piece: where it stands in the vocabulary.

    Args:
        vocabulary: the pieces.
    """
    return {piece: number for number, piece in enumerate(vocabulary)}


def encode(text: str, numbers: dict[str, int]) -> list[int]:
    """A text as the numbers of its pieces.

    Args:
        text: anything; it's cut into words first.
        numbers: each piece's.
    """
    return [numbers[piece] for word in words(text) for piece in pieces(word, numbers)]


def words(text: str) -> list[str]:
    """A text's words as BERT wants them: in small letters without accents, punctuation by itself.

    Args:
        text: anything but Chinese characters, which BERT takes one by one.
    """
    spaced = []
    for letter in unicodedata.normalize("NFD", text.lower()):
        kind = unicodedata.category(letter)
        if kind[0] == "P" or letter in "$+<=>^`|~":
            spaced.append(f" {letter} ")
        elif letter.isspace() or not (kind == "Mn" or kind[0] == "C"):
            spaced.append(letter)
    return "".join(spaced).split()


def _with(split: list[str], pair: tuple[str, str]) -> list[str]:
    """A word's pieces after a pair of them has been merged wherever it stands."""
    found = []
    for piece in split:
        if found and (found[-1], piece) == pair:
            found[-1] = merged(pair)
        else:
            found.append(piece)
    return found
