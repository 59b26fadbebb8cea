"""Words that compare, count or quantify, and whether what was compared bears them out."""

import dataclasses
import re
from collections.abc import Callable, Iterator, Mapping

HIDDEN = "\ufffc"  # in words, where a value stands that was computed
UP_TO_TWELVE = "none one two three four five six seven eight nine ten eleven twelve"
COUNTS = dict(enumerate(UP_TO_TWELVE.split()))
NUMBERS = {word: count for count, word in COUNTS.items() if count} | {
    "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18,
    "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "hundred": 100,
    "thousand": 1000, "dozen": 12,
}  # fmt: skip
PARTS = {"half": 2, "third": 3, "quarter": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8,
         "ninth": 9, "tenth": 10, "hundredth": 100, "thousandth": 1000}  # fmt: skip
VERBS = {"double": 2, "doubles": 2, "doubled": 2, "triples": 3, "tripled": 3, "halve": 1 / 2,
         "halves": 1 / 2, "halved": 1 / 2}  # fmt: skip

# What words say of the first of two: that it's more, less, better, worse than the second, or alike.
DIRECTIONS = {
    ">": "more higher highest larger largest bigger biggest greater greatest longer longest taller "
    "wider widest deeper steeper steepest stronger strongest rise rises rose risen "
    "rising grow grows grew grown growing increase increases increased increasing climb "
    "climbs climbed exceed exceeds exceeded",
    "<": "less fewer fewest lower lowest smaller smallest shorter shortest narrower narrowest "
    "flatter weaker weakest fall falls fell fallen falling drop drops dropped sink "
    "sinks sank decline declines declined decrease decreases decreased decreasing shrink "
    "shrinks shrank shrunk",
    "good": "better best faster fastest quicker quickest cheaper cheapest win wins won beat beats "
    "outperform outperforms outperformed improve improves improved help helps helped",
    "bad": "worse worst slower slowest dearer dearest costlier costliest lose loses lost hurt hurts "
    "harm harms harmed worsen worsens worsened suffer suffers",
    "=": "equal equals alike identical unchanged",
}
DIRECTION = {word: says for says, words in DIRECTIONS.items() for word in words.split()}
# What "as … as" says behind a number of times.
MEASURES = {
    ">": "many much large big high long often likely wide deep strong",
    "<": "few little small low short",
    "good": "fast quick cheap good well accurate",
    "bad": "slow dear expensive bad costly",
}
MEASURE = {word: says for says, words in MEASURES.items() for word in words.split()}
OPPOSITE = {">": "<", "<": ">", "=": "=", "good": "bad", "bad": "good"}
SUPERLATIVE = re.compile(r"\w+est|best|worst|(?:the\s+)?(?:most|least)", re.IGNORECASE)

# In how many of all cases something is so.
QUANTIFIERS: list[tuple[str, Callable[[int, int], bool]]] = [
    ("all always every everywhere", lambda n, of: n == of),
    ("never none no nowhere", lambda n, of: n == 0),
    ("most mostly often usually generally", lambda n, of: of / 2 < n < of),
    ("some sometimes occasionally", lambda n, of: 0 < n < of),
    ("few rarely seldom", lambda n, of: 0 < n < of / 2),
    ("both", lambda n, of: n == of == 2),
    ("neither", lambda n, of: n == 0 and of == 2),
]
QUANTIFIER = {word: holds for words, holds in QUANTIFIERS for word in words.split()}
BRACES = re.compile(r"\{(\w+)\}")
CLOSE = 0.1  # how far off a number of times may be that is told in a word, as a share of it
# How far from it what is "more than" a number of times may be, or "almost".
BOUNDS = {
    **dict.fromkeys(("more than", "over", "at least"), (1, 2)),
    **dict.fromkeys(("less than", "under", "at most"), (1 / 2, 1)),
    **dict.fromkeys(("almost", "nearly"), (0.75, 1)),
}


@dataclasses.dataclass(frozen=True)
class Meaning:
    """What words may say of a comparison.

    Args:
        order: how the first compares with the second, ``">"``, ``"<"`` or ``"="``; of a count, each.
        better: ``">"`` or ``"<"``, which of them is better.
        ratio: how many times the second the first is.
        count: in how many of how many cases it's so.
        names: what words call the first and the second.
        ranking: the names of all, the largest first.
        integers: whole numbers that belong to it.
        quoted: words that the cell says itself.
    """

    order: str | None = None
    better: str | None = None
    ratio: float | None = None
    count: tuple[int, int] | None = None
    names: tuple[str, ...] = ()
    ranking: tuple[str, ...] = ()
    integers: frozenset[int] = frozenset()
    quoted: tuple[str, ...] = ()

    def facts(self) -> dict:
        """The same in values that JSON has."""
        return dataclasses.asdict(self) | {"integers": sorted(self.integers)}

    @classmethod
    def of(cls, facts: Mapping) -> "Meaning":
        """What ``facts`` gave."""
        lists = {name: tuple(v) for name, v in facts.items() if isinstance(v, list | tuple)}
        return cls(**{**facts, **lists, "integers": frozenset(facts["integers"])})


def _either(words) -> str:
    """A pattern for one of some words, the longest first."""
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    return "|".join(r"\s+".join(word.split()) for word in longest_first)


WORD = rf"(?:{_either(NUMBERS)})(?:-(?:{_either(UP_TO_TWELVE.split()[1:10])}))?"
NUMBER = rf"(?:\d+(?:,\d{{3}})*(?:\.\d+)?|{WORD})"
# The kinds of words, in the order in which they are looked for: what one has found, the next doesn't see.
KINDS = {
    "share": rf"(?P<n>{NUMBER})\s+(?:out\s+)?(?:of|in)\s+(?:(?:the|all|its|our)\s+)?(?P<of>{NUMBER})",
    "ratio": rf"(?:(?P<bound>{_either(BOUNDS)})\s+)?(?:"
    rf"(?P<verb>{_either(VERBS)})|(?P<word>twice|thrice)"
    rf"|(?P<number>{NUMBER}|{HIDDEN}+)\s+times|(?P<fold>{NUMBER})[\s-]?fold"
    rf"|(?:(?P<parts>an?|{NUMBER})[\s-]+)?(?P<part>{_either(PARTS)})s?(?=\s+(?:of|as|the|its|that)\b)"
    rf"|an?\s+(?P<apart>{_either(PARTS)})(?=\s*(?:[^\w\s-]|$)))"
    rf"(?:\s+as\s+(?P<measure>{_either(MEASURE)}))?",
    "phrase": r"at\s+(?:most|least|once|all|best|worst)|more\s+or\s+less|no\s+longer|any\s*more"
    r"|once\s+more|a\s+few|all\s+the\s+same|as\s+well|no\s+matter|the\s+same\s+way|(?:1[89]|20)\d\ds?",
    "direction": r"(?:(?P<negation>not|no|\w+n['’]t|cannot)\s+(?:\w+ly\s+|be\s+|any\s+)?)?"
    rf"(?:(?P<said>{_either(DIRECTION)})"
    rf"|(?P<bound>above|below)(?=\s+(?:{HIDDEN}|\d|that\b|chance\b|zero\b))"
    r"|(?P<same>the\s+same)(?!\s+(?!(?:as|for|in|and|on|with)\b)\w)"
    rf"|as\s+(?P<level>{_either(MEASURE)})\s+as)|the\s+(?P<superlative>most|least)",
    "quantifier": _either(QUANTIFIER),
    "degree": "little|hardly|barely|scarcely",
    "count": rf"(?!(?:one|0|1)\b(?!\.\d)){NUMBER}",
}
PATTERNS = {
    kind: re.compile(rf"(?<![\w.,])(?:{pattern})(?![\w]|[.,]\d)", re.IGNORECASE)
    for kind, pattern in KINDS.items()
}


def words(text: str) -> Iterator[tuple[str, re.Match]]:
    """What compares, counts or quantifies in a text: of which kind it is, and where."""
    found = []
    for kind, pattern in PATTERNS.items():
        matches = list(pattern.finditer(text))
        for match in matches:
            start, end = match.span()
            text = f"{text[:start]}{'_' * (end - start)}{text[end:]}"
        found += [(kind, match) for match in matches if kind != "phrase"]
    yield from sorted(found, key=lambda one: one[1].start())


def fill(text: str, numbers: Mapping[str, str]) -> str:
    """Words with the numbers that stand there in braces.

    Raises:
        ValueError: a comparison has no such number.
    """

    def number(found: re.Match) -> str:
        if found[1] not in numbers:
            raise ValueError(f"{found[0]} is none of the comparison's numbers: {sorted(numbers)}")
        return numbers[found[1]]

    return BRACES.sub(number, text)


def faults(text: str, meaning: Meaning) -> list[str]:
    """What words say that a comparison doesn't bear out.

    Args:
        text: the words; names in braces stand for numbers of the comparison.
        meaning: what it means.

    Returns:
        What is wrong; nothing if every word that compares, counts or quantifies is borne out, and one at
        least says what was compared.
    """
    plain = BRACES.sub(lambda found: HIDDEN * len(found[0]), text)
    called = _called(plain, meaning.names or meaning.ranking)
    judge = _Judge(meaning, called)
    quoted = [m.span() for words in meaning.quoted for m in _phrase(words).finditer(text)]
    said = [f"the cell says {words!r}, which isn't there" for words in meaning.quoted
            if not _phrase(words).search(text)]  # fmt: skip
    names = meaning.names or meaning.ranking
    if names and not called and any(kind in ("direction", "ratio") for kind, _ in words(plain)):
        said.append(f"expected one of the names {list(names)}")
    borne = {"count"} if re.search(r"\{count\}", text) else set()
    for kind, match in words(plain):
        word = " ".join(match[0].split())
        verdict = getattr(judge, kind)(match)
        if verdict is False:
            said.append(f"{word!r} isn't so")
        elif verdict:
            borne.add(kind)
        elif not any(start <= match.start() and match.end() <= end for start, end in quoted):
            said.append(f"nothing that the cell compares says whether {word!r} is so")
    if meaning.count and not (said or quoted or borne & {"share", "quantifier", "count", "ratio"}):
        said.append("no word says in how many cases it's so")
    elif not (said or quoted or borne or HIDDEN in plain):
        said.append("no word says what was compared")
    first, second = text.find("{first}"), text.find("{second}")
    if len(called) == 2 and min(first, second) >= 0:
        in_order = list(called) == list(meaning.names)
        if (first < second) != in_order:
            said.append("{first} and {second} stand in another order than their names")
    return said


def _phrase(words: str) -> re.Pattern:
    anywhere = r"\s+".join(map(re.escape, words.split()))
    return re.compile(rf"(?<!\w){anywhere}(?!\w)", re.IGNORECASE)


def _called(text: str, names) -> list[str]:
    """The names that stand in a text, as they follow."""
    places = {name: found.start() for name in names if (found := _phrase(name).search(text))}
    return sorted(places, key=places.get)


class _Judge:
    """Whether words of each kind are so; None where a comparison doesn't say.

    Args:
        meaning: what it means.
        called: the names in the words, as they follow.
    """

    def __init__(self, meaning: Meaning, called: list[str]):
        self.meaning, self.called = meaning, called
        self.turned = bool(meaning.names and called and called[0] == meaning.names[1])

    def way(self, says: str) -> str | None:
        """Which relation a direction is; None where nothing says what is better."""
        better = self.meaning.better
        if says not in ("good", "bad") or better is None:
            return None if says in ("good", "bad") else says
        return better if says == "good" else OPPOSITE[better]

    def order(self, says: str) -> bool | None:
        """Whether the first is so to the second; ``says`` is one of the directions."""
        way, order = self.way(says), self.meaning.order
        if way is None or order is None:
            return None
        return way == (OPPOSITE[order] if self.turned else order)

    def direction(self, match: re.Match) -> bool | None:
        if match["level"]:
            measure = MEASURE[match["level"].lower()]
            return self.order(OPPOSITE[measure] if match["negation"] else "=")
        said = next(match[g] for g in ("superlative", "said", "bound", "same") if match[g]).lower()
        others = {"most": ">", "least": "<", "above": ">", "below": "<"}
        says = others.get(said) or DIRECTION.get(said, "=")
        if self.meaning.ranking:
            return self.rank(says, bool(SUPERLATIVE.fullmatch(said)))
        verdict = self.order(says)
        return verdict if verdict is None or not match["negation"] else not verdict

    def rank(self, says: str, is_superlative: bool) -> bool | None:
        """Whether the one named first is the largest or smallest, or larger or smaller than the next."""
        way = self.way(says)
        if not self.called or way not in (">", "<"):
            return None
        ranking = self.meaning.ranking if way == ">" else self.meaning.ranking[::-1]
        if is_superlative:
            return self.called[0] == ranking[0]
        if len(self.called) < 2:
            return None
        return ranking.index(self.called[0]) < ranking.index(self.called[1])

    def ratio(self, match: re.Match) -> bool | None:
        times, ratio = _times(match), self.meaning.ratio
        if ratio is None or ratio <= 0:
            if self.meaning.count and times and times < 1:
                n, of = self.meaning.count
                return abs(n / of / times - 1) <= CLOSE
            return None
        if times is not None:
            size = max(ratio, 1 / ratio) if times > 1 else min(ratio, 1 / ratio)
            bound = match["bound"]
            low, high = BOUNDS[" ".join(bound.lower().split())] if bound else (1 - CLOSE, 1 + CLOSE)
            if not low * times <= size <= high * times:
                return False
        if match["measure"]:
            says = MEASURE[match["measure"].lower()]
            return self.order(says if times is None or times > 1 else OPPOSITE[says])
        if match["number"]:  # "three times faster": the next word says which way
            return True
        return self.order(">" if times > 1 else "<")

    def share(self, match: re.Match) -> bool | None:
        if self.meaning.count is None:
            return None
        n, of = (_value(match[part]) for part in ("n", "of"))
        count, cases = self.meaning.count
        if of == cases:
            return n == count
        return of > 0 < n and abs(count / cases * of / n - 1) <= CLOSE

    def quantifier(self, match: re.Match) -> bool | None:
        return self.meaning.count and QUANTIFIER[match[0].lower()](*self.meaning.count)

    def degree(self, match: re.Match) -> None:
        return None

    def count(self, match: re.Match) -> bool | None:
        return _value(match[0]) in self.meaning.integers or None


def _value(text: str) -> float:
    """The number that a word or digits say."""
    if text[0].isdigit():
        return float(text.replace(",", ""))
    return sum(NUMBERS[word] for word in text.lower().split("-"))


def _times(match: re.Match) -> float | None:
    """How many times words say; None where a value stands that was computed."""
    if match["verb"]:
        return VERBS[match["verb"].lower()]
    if match["word"]:
        return {"twice": 2, "thrice": 3}[match["word"].lower()]
    if text := match["fold"] or match["number"]:
        return None if text[0] == HIDDEN else _value(text)
    part, parts = match["part"] or match["apart"], match["parts"] or "a"
    count = 1 if parts.lower() in ("a", "an") else _value(parts)
    return count / PARTS[part.lower()]
