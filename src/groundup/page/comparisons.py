"""What a cell compares, so that words on its page can be held against it."""

import dataclasses
import math
import operator
from collections.abc import Mapping, Sequence
from numbers import Integral
from typing import Literal

import numpy as np

from groundup.page.lexicon import COUNTS, Meaning
from groundup.page.numbers import Kind, number

Relation = Literal[">", "<", "="]
RELATIONS = {">": operator.gt, "<": operator.lt}
SIGNS = {">": "more than", "<": "less than", "=": "the same as"}


@dataclasses.dataclass(frozen=True)
class Comparison:
    """What was compared, and whether the results bear it out.

    Args:
        holds: whether they do.
        text: what was compared, with its numbers.
        meaning: what words may say of it.
        numbers: what words can take from it, by the names that stand in braces.
        difference: over seeds, by how much the one mean is larger than the other.
        spread: over seeds, the larger of the two standard deviations.
        seeds: the seeds.
    """

    holds: bool
    text: str
    meaning: Meaning
    numbers: Mapping[str, str]
    difference: float | None = None
    spread: float | None = None
    seeds: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return self.holds


def larger(
    a: Sequence[float], b: Sequence[float] | float, *, seeds: Sequence[int], **said
) -> Comparison:
    """Whether results are larger than others by more than chance over seeds explains.

    They are if the difference of the means is more than twice the spread. The spread is the larger of the
    two sample standard deviations over seeds (with one less than the number of seeds in the denominator).

    Args:
        a: one result for each seed.
        b: what they are compared with, one result for each seed, or a bound.
        seeds: the seeds, at least two.
        **said: how it's said, see ``compare``.

    Returns:
        What a ``claim`` takes in place of true or false.

    Raises:
        ValueError: there are fewer than two seeds, or not one result for each.
    """
    return compare(a, ">", b, seeds=seeds, **said)


def compare(
    a: Sequence[float] | float,
    relation: Relation,
    b: Sequence[float] | float,
    *,
    seeds: Sequence[int] | None = None,
    kind: Kind | None = None,
    digits: int | None = None,
    better: Relation | None = None,
    names: Sequence[str] = (),
    within: float | None = None,
) -> Comparison:
    """Compare two numbers, or results over seeds as ``larger`` does.

    Args:
        a: a number, or one result for each seed.
        relation: how it compares: ``">"``, ``"<"``, or ``"="`` for what is written alike; over seeds, for
            what differs by so little that it counts as nothing: the mean of the differences, and twice
            its standard error, are within ``within``.
        b: what it's compared with; over seeds also a bound.
        seeds: the seeds, if results are.
        kind, digits: how the numbers are written, see ``number``.
        better: ``">"`` where more of it is better, ``"<"`` where less is; without it no words such as
            "better" or "faster" can be said.
        names: what the words call the two.
        within: for ``"="`` over seeds, the largest difference that counts as none.

    Raises:
        ValueError: it's no such relation, the seeds don't fit, see ``larger``, or ``within`` is missing
            or has nothing to say.
    """
    if relation not in SIGNS or better not in (None, *RELATIONS):
        raise ValueError(f"expected the relations '>', '<' or '=', got {relation!r}, {better!r}")
    difference = spread = None
    is_over_seeds = seeds is not None
    if (within is not None) != (is_over_seeds and relation == "="):
        raise ValueError(
            "expected within= where results over seeds are said to be alike, and only there: that no "
            f"difference is seen doesn't make them equal; got {relation!r}, within={within!r}"
        )
    if is_over_seeds:
        seeds, a, b = _over_seeds(a, b, seeds)
        spread = float(max(np.std(a, ddof=1), np.std(b, ddof=1) if b.ndim else 0))
        first, second = float(a.mean()), float(b.mean())
        difference = first - second
        if relation == "=":
            error = 2 * float(np.std(a - b, ddof=1)) / math.sqrt(len(a))
            holds = abs(difference) + error <= within
        else:
            holds = bool(RELATIONS[relation](difference, 0) and abs(difference) > 2 * spread)
    else:
        first, second = a, b
    whole = isinstance(first, Integral) and isinstance(second, Integral)
    kind = kind or ("count" if whole else "decimal")
    written = [_written(x, kind, digits) for x in (first, second)]
    if not is_over_seeds:
        same = written[0] == written[1]
        holds = same if relation == "=" else bool(RELATIONS[relation](first, second) and not same)
    ratio = first / second if second and math.isfinite(first / second) else None
    sizes = [x for x in (first, second) if float(x).is_integer()]
    meaning = Meaning(
        order=relation,
        better=better,
        ratio=ratio,
        names=tuple(names),
        integers=frozenset(map(int, [*sizes, *([len(seeds)] if is_over_seeds else [])])),
    )
    difference_kind = "points" if kind == "percent" else kind
    numbers = {
        "first": written[0],
        "second": written[1],
        "difference": _written(abs(first - second), difference_kind, digits),
    }
    if ratio and ratio > 0:
        numbers["ratio"] = _written(max(ratio, 1 / ratio), "decimal", 1)
    text = f"{_called(written, names, 0)} is {SIGNS[relation]} {_called(written, names, 1)}"
    if is_over_seeds:
        to = f" to within {_written(within, difference_kind, digits)}" if relation == "=" else ""
        text = f"on average {text}{to} (seeds {', '.join(map(str, seeds))})"
    return Comparison(holds, text, meaning, numbers, difference, spread, tuple(seeds or ()))


def counted(
    a: Sequence, relation: Relation | None = None, b: Sequence[float] | float | None = None,
    *, better: Relation | None = None,
) -> Comparison:  # fmt: skip
    """Count in how many cases something is so; the words on the page say in how many.

    Args:
        a: true or false for each case; or one result for each, to be compared.
        relation: how each compares, ``">"`` or ``"<"``.
        b: what each is compared with: one result for each case, or a bound.
        better: see ``compare``.

    Raises:
        TypeError: cases are neither true nor false.
        ValueError: there is no case.
    """
    if relation is not None and relation not in RELATIONS:
        raise ValueError(f"expected the relation '>' or '<', got {relation!r}")
    cases = np.asarray(a if relation is None else RELATIONS[relation](np.asarray(a, float), b))
    if cases.dtype != bool:
        raise TypeError(f"expected true or false for each case, got {cases.dtype}")
    if cases.ndim != 1 or not len(cases):
        raise ValueError(f"expected some cases in one row, got shape {cases.shape}")
    count, of = int(cases.sum()), len(cases)
    meaning = Meaning(
        order=relation, better=better, count=(count, of), integers=frozenset({count, of})
    )
    numbers = {"count": COUNTS.get(count, str(count)), "of": COUNTS.get(of, str(of))}
    return Comparison(True, f"so it is in {count} of {of} cases", meaning, numbers)


def ranked(
    values: Mapping[str, float],
    *,
    kind: Kind = "decimal",
    digits: int | None = None,
    better: Relation | None = None,
) -> Comparison:
    """Put results in order; the words on the page name which is the largest or the smallest.

    Args:
        values: the results by the names that the words call them.
        kind, digits: how they are written, see ``number``.
        better: see ``compare``.

    Raises:
        ValueError: there are fewer than two.
    """
    if len(values) < 2:
        raise ValueError(f"expected at least two results to put in order, got {dict(values)}")
    names = sorted(values, key=values.get, reverse=True)
    written = {name: _written(values[name], kind, digits) for name in names}
    apart = written[names[0]] != written[names[1]] and written[names[-1]] != written[names[-2]]
    meaning = Meaning(better=better, ranking=tuple(names), integers=frozenset({len(names)}))
    numbers = {"largest": written[names[0]], "smallest": written[names[-1]]}
    text = " > ".join(f"{name} {written[name]}" for name in names)
    return Comparison(apart, text, meaning, numbers)


def _over_seeds(a, b, seeds) -> tuple:
    """Seeds and results that fit."""
    if np.ma.is_masked(a) or np.ma.is_masked(b):
        raise ValueError("expected one result for each of the seeds, some are masked")
    seeds, a, b = tuple(seeds), np.asarray(a, float), np.asarray(b, float)
    if len(set(seeds)) < max(2, len(seeds)):
        raise ValueError(f"expected at least two different seeds, got {seeds}")
    for results in (a, b) if b.ndim else (a,):
        if results.shape != (len(seeds),):
            raise ValueError(
                f"expected one result for each of the seeds {seeds}, got shape {results.shape}"
            )
    return seeds, a, b


def _written(value: float, kind: Kind, digits: int | None) -> str:
    return number(value, kind, digits) if math.isfinite(value) else str(value)


def _called(written: Sequence[str], names: Sequence[str], which: int) -> str:
    return f"{written[which]} ({names[which]})" if names else written[which]
