"""What a chapter asks of its readers, counted: minutes, lines of code, parentheses, questions, …

Counted is what a first reader sees, so nothing that is folded; and no line of code that is empty.
"""

import dataclasses
import math
import re
from collections.abc import Collection, Iterator, Mapping

from docutils import nodes
from sphinx import addnodes

from groundup.sphinxext.checks.run_lines import about_runs
from groundup.sphinxext.pages import captions, folds, heads, live, questions

TAPE = "groundup.tape"  # a chapter's subject as a whole, and longer than other listings
PROSE = (nodes.paragraph, nodes.caption, nodes.title, nodes.term, nodes.rubric, nodes.line)
CAPTIONS = (captions.figure_caption, nodes.caption)
# Links aren't words of a sentence (nor are citations and the numbers of equations), formulas neither.
NO_WORDS = (
    nodes.reference, nodes.footnote_reference, nodes.citation_reference, addnodes.pending_xref,
    nodes.math, nodes.raw, nodes.image,
)  # fmt: skip
# Of the lines of code one in so many may be about runs, and always so many.
SHARE_OF_RUNS, FEW_OF_RUNS = 6, 12
BARE = "figures without caption"


@dataclasses.dataclass(frozen=True)
class Count:
    """How many of something a chapter has, and how many it should have.

    Args:
        value: how many.
        least: how many at least.
        most: how many at most.
        named: those that were counted, where it isn't plain which they are.
    """

    value: float
    least: float = 0
    most: float = math.inf
    named: tuple[str, ...] = ()

    @property
    def is_within(self) -> bool:
        """Whether that keeps to its limits."""
        return self.least <= self.value <= self.most


def count(doctree: nodes.document, cells: Mapping[int, str]) -> dict[str, Count]:
    """Everything that has a limit, by what it's called.

    Args:
        doctree: a page as it has been read.
        cells: the code of its code cells, shown or not, by their place among all its cells.
    """
    page = folds.unfolded(doctree)
    for warning in [n for n in page.findall(nodes.admonition) if "stand-in" in n["classes"]]:
        warning.parent.remove(warning)  # it isn't the author's
    shown = [node["cell_index"] for node in page.findall(nodes.container) if _shows_code(node)]
    listings = [
        (node["shows"], lines(node[-1].astext()))
        for node in page.findall(nodes.container)
        if "shows" in node
    ]
    code = sum(lines(cells[at]) for at in shown) + sum(length for _, length in listings)
    about = list(_about_runs(cells, shown))
    asides = parentheses(page)
    longest = max(shown, key=lambda at: lines(cells[at]), default=None)
    return {
        "minutes": Count(heads.minutes(page), most=45),
        "lines of code": Count(code),
        "lines about runs": Count(
            len(about), most=max(FEW_OF_RUNS, code / SHARE_OF_RUNS), named=tuple(about)
        ),
        "longest cell": Count(
            lines(cells.get(longest, "")), most=15, named=_beginning(cells, longest)
        ),
        "longest listing": Count(
            max((n for name, n in listings if not f"{name}.".startswith(f"{TAPE}.")), default=0),
            most=40,
        ),
        "parentheses": Count(len(asides), most=10, named=tuple(asides)),
        "questions": Count(_how_many(page, questions.question), least=3),
        "live figures": Count(
            _how_many(page, live.live) + _how_many(page, nodes.container, "steps"), least=1
        ),
        "exercises": Count(_how_many(page, nodes.admonition, "exercise"), least=3, most=5),
        BARE: Count(len(captions.bare(page)), most=0),
    }


def lines(code: str) -> int:
    """How many lines of some code aren't empty."""
    return sum(bool(line.strip()) for line in code.split("\n"))


def _shows_code(node: nodes.container) -> bool:
    parts = (part.get("nb_element") for part in node.children if isinstance(part, nodes.Element))
    return "cell_index" in node and folds.CODE in parts


def _how_many(page: nodes.document, kind: type[nodes.Element], of_class: str = "") -> int:
    return sum(not of_class or of_class in node["classes"] for node in page.findall(kind))


def _number(cells: Mapping[int, str], at: int) -> int:
    """A cell's number among the code cells."""
    return list(cells).index(at) + 1


def _beginning(cells: Mapping[int, str], at: int | None) -> tuple[str, ...]:
    """The first line of a cell, if there is one."""
    if at is None:
        return ()
    first, *_ = cells[at].lstrip().split("\n")
    return (f"cell {_number(cells, at)}: {first}",)


def _about_runs(cells: Mapping[int, str], shown: Collection[int]) -> Iterator[str]:
    """The lines shown that are about runs, with the number of their cell among the code cells."""
    numbers = {at: _number(cells, at) for at in shown}
    found = about_runs(list(cells.values()), [number - 1 for number in numbers.values()])
    for at, number in numbers.items():
        for line, text in enumerate(cells[at].split("\n"), start=1):
            if line in found[number - 1] and text.strip():
                yield f"cell {number}: {text}"


def parentheses(page: nodes.document) -> list[str]:
    """What stands in parentheses in a page's prose, two words or more; a link isn't words."""
    return [
        said
        for node in page.findall(nodes.TextElement)
        if isinstance(node, PROSE) and (isinstance(node, CAPTIONS) or not _is_put_out(node))
        for said in _pairs(_words(node))
    ]


def _is_put_out(node: nodes.Element) -> bool:
    """Whether a cell has put something out."""
    while node := node.parent:
        if node.get("nb_element") == folds.OUTPUT:
            return True
    return False


def _words(node: nodes.Node) -> str:
    """What readers read of a sentence as words; code is one of them, whatever it says."""
    if isinstance(node, nodes.Text):
        return node.astext()
    if isinstance(node, NO_WORDS):
        return " "
    if isinstance(node, nodes.literal):
        return re.sub(r"[()\s]", "", node.astext()) or " "
    return "".join(map(_words, node.children))


def _pairs(text: str) -> Iterator[str]:
    """The pairs of parentheses around two words or more, also those within others."""
    opened = []
    for at, character in enumerate(text):
        if character == "(":
            opened.append(at)
        elif character == ")" and opened:
            said = text[opened.pop() : at + 1]
            if sum(any(map(str.isalpha, word)) for word in said.split()) > 1:
                yield " ".join(said.split())
