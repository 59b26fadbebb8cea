"""Finds the formulas in lines that state a relation, and whether what they state is so."""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import lark
import numpy as np
from tests.equations.chapters import DISPLAY, FENCED, NOTATION
from tests.equations.evaluation import COMPARISONS, evaluate
from tests.equations.latex import LatexError, parse
from tests.equations.worlds import World, worlds

SPANS = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)  # code and roles
INLINE = re.compile(r"(?<![\\$])\$(?![\s$])(?P<latex>[^$]+?)(?<![\\\s])\$(?!\$)")
# Relations that the grammar of displayed equations doesn't have.
OTHER = re.compile(r"(\\(?:approx|neq?|in|leq|geq|sim|propto|equiv)(?![a-zA-Z]))")
RELATION = re.compile(rf"=|<|>|\\(?:le|ge|leftarrow)(?![a-zA-Z])|{OTHER.pattern}")
SYMBOL = r"(?:\\\w+\s*)?[A-Za-z](?:_\{[^}]*\}|_\w|\^\{[^}]*\})*"
DERIVATIVE = re.compile(rf"\\partial\s*({SYMBOL})\s*/\s*\\partial\s*({SYMBOL})")
NEAR = 0.05  # what stands for "approximately"
NUMBER = re.compile(r"(?:(?<=[=<>(])\s*-\s*)?(?:\d+\.\d+|\d{2,})")  # what a setting may not make up
SEEDS = range(8)
INDICES = {"i", "j", "k", "l", "t", "u", "v", "r", "N"}


class Formula(NamedTuple):
    """A formula in a line.

    Args:
        latex: what stands between the dollar signs, with single spaces.
        path: the chapter.
        line: the line where it begins.
        opens: whether a value that was computed stands behind it, as in ``$w =$ 2.1``.
    """

    latex: str
    path: str
    line: int
    opens: bool


def formulas(path: str, text: str) -> Iterator[Formula]:
    """The formulas of a text without fenced code that stand in lines and state a relation."""

    def blank(found: re.Match) -> str:
        glue = "\ufffc" if "{glue" in text[max(0, found.start() - 12) : found.end()] else " "
        return glue + re.sub(r"[^\n]", " ", found[0][1:])

    text = SPANS.sub(blank, DISPLAY.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text))
    for found in INLINE.finditer(text):
        latex = " ".join(found["latex"].split())
        if RELATION.search(latex) and not RELATION.fullmatch(latex):
            behind = re.match(r"\s*\{glue[^}]*\}\ufffc", text[found.end() :]) is not None
            yield Formula(latex, path, text.count("\n", 0, found.start()) + 1, behind)


class Unheld(Exception):
    """A formula can't be read, or what it states can't be computed, or isn't so."""


def hold(formula: Formula, code: str | None = None) -> None:
    """Read a formula whole, and compute both of its sides with what the notation says its symbols are.

    Args:
        formula: the formula.
        code: the page's cells, in which the numbers of settings must stand; None where it has none.

    Raises:
        Unheld: that can't be done, or they differ; says why.
    """
    latex = formula.latex
    if formula.opens and re.search(r"[=<>]$", latex):
        latex = f"{latex} 0"  # what stands behind it isn't typed
    try:
        chains = _chains(latex)
    except LatexError as error:
        raise Unheld(f"can't be read: {str(error).partition('read ')[2]}") from None
    for sides, relations in () if formula.opens else chains:
        if not relations:
            raise Unheld("a list, of which only a part states something")
        if _is_setting(sides, relations):
            if missing := [n for n in NUMBER.findall(formula.latex) if not _stands_in(n, code)]:
                raise Unheld(f"a setting that no cell has: {', '.join(missing)}")
            continue
        found = [_truth(sides, relations, kind) for kind in range(len(worlds(0)))]
        if True in found:
            continue
        raise Unheld("isn't so" if False in found else "nothing says what its symbols are")


def _chains(latex: str) -> list[tuple[list, list[str]]]:
    """Sides and the relations between them, statement by statement."""
    latex = DERIVATIVE.sub(r"\\frac{\\partial \1}{\\partial \2}", latex)
    first, *rest = OTHER.split(latex)
    if not rest:
        return [(s.sides, s.relations) for s in parse(latex, NOTATION)]
    sides, relations = [], []
    for relation, part in zip(["", *rest[::2]], [first, *rest[1::2]], strict=True):
        if relation:
            relations.append(relation)
        part = part.strip()
        if relation == r"\in":
            members = re.fullmatch(r"\\\{(.*)\\\}", part)
            if not members:
                raise LatexError(f"can't read {part!r}, expected a set of numbers")
            sides.append([s.sides[0] for s in parse(members[1], NOTATION)])
            continue
        ((more, between),) = parse(part, NOTATION)
        sides += more
        relations += between
    return [(sides, relations)]


def sets(formula: Formula) -> bool:
    """Whether it has nothing to compute."""
    return formula.opens or all(_is_setting(*chain) for chain in _chains(formula.latex))


def _is_setting(sides: list, relations: list[str]) -> bool:
    """Whether it only gives a symbol a value or a bound, or says which indices are alike.

    Raises:
        Unheld: several numbers are given, and they differ.
    """
    numbers = [n for side in sides if (n := _number(side)) is not None]
    if all(
        isinstance(s, lark.Tree) and s.data == "symbol" and {*s.children} <= INDICES for s in sides
    ):
        return True
    lone = [isinstance(side, lark.Tree) and side.data == "symbol" for side in sides]
    is_member = [isinstance(side, list) for side in sides]
    if not any(lone) or sum(lone) + len(numbers) + sum(is_member) != len(sides):
        return False
    if len(sides) > 1 and not numbers and not any(is_member):
        return False
    if {*relations} == {"="} and not np.allclose(numbers, numbers[0]):
        raise Unheld("isn't so")
    return True


def _stands_in(number: str, code: str | None) -> bool:
    """Whether a number stands in a page's cells."""
    number = re.escape(number.replace(" ", ""))
    return code is None or re.search(rf"(?<![\w.-]){number}(?![\d.]*\d)", code) is not None


def _number(side) -> float | None:
    if isinstance(side, list) or any(True for _ in side.find_data("symbol")):
        return None
    try:
        return float(evaluate(side, {}))
    except (LatexError, TypeError):
        return None


def _truth(sides: list, relations: list[str], kind: int) -> bool | None:
    """Whether a chain holds in a world, whatever the values; None where they can't be computed."""
    for seed in SEEDS:
        found = _computed(sides, worlds(seed)[kind])
        if found is None:
            return None
        if not all(map(_holds, found, relations, found[1:])):
            return False
    return True


def _computed(sides: list, world: World) -> list | None:
    indices: dict[str, range] = {}
    while True:
        try:
            return [
                [evaluate(s, world.values, **indices) for s in side]
                if isinstance(side, list)
                else evaluate(side, world.values, **indices)
                for side in sides
            ]
        except LatexError as error:
            missing = re.fullmatch(
                r"there is no value for (\w)|(\w) runs over a range.*", str(error)
            )
            name = missing and (missing[1] or missing[2])
            if not name or name not in world.ranges or name in indices:
                return None
            indices[name] = world.ranges[name]
        except (ArithmeticError, TypeError, ValueError, AttributeError):
            return None


def _holds(a, relation: str, b) -> bool:
    if relation == r"\in":
        return any(np.allclose(a, member) for member in b)
    try:
        a, b = np.asarray(a, float), np.asarray(b, float)
        if np.shape(a) != np.shape(b) and np.ndim(a) and np.ndim(b):
            return False
        near = np.isclose(a, b, rtol=1e-6, atol=1e-9)
    except (TypeError, ValueError):
        return False
    if relation in ("=", r"\equiv"):
        return bool(near.all())
    if relation == r"\approx":
        return bool(np.allclose(a, b, rtol=NEAR, atol=0))
    if relation in (r"\ne", r"\neq"):
        return not near.any()
    compare = COMPARISONS.get(relation.replace("eq", "e"))
    if compare is None:
        return False
    return bool(np.where(near, relation.startswith("\\"), compare(a, b)).all())


def unheld(
    texts: Mapping[str, str], code: Mapping[str, str] | None = None
) -> Iterator[tuple[Formula, str]]:
    """The formulas of chapters that aren't held, and why; ``code`` has the cells of each."""
    for path, text in texts.items():
        for formula in formulas(path, text):
            try:
                hold(formula, code and code.get(path))
            except Unheld as error:
                yield formula, str(error)


def cells(text: str) -> str:
    """The code of a page's cells."""
    found = FENCED.finditer(text)
    return "\n".join(f["body"] for f in found if f["info"].strip().startswith("{code-cell}"))
