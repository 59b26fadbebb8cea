"""What a chapter says to its page: numbers in prose, claims, answers to questions, tables, weights."""

from groundup.page.claims import ClaimError, claim, say
from groundup.page.comparisons import compare, counted, larger, ranked
from groundup.page.numbers import glue, number
from groundup.page.questions import answer
from groundup.page.tables import table
from groundup.page.weights import weights

__all__ = [
    "ClaimError", "answer", "claim", "compare", "counted", "glue", "larger", "number", "ranked", "say",
    "table", "weights",
]  # fmt: skip
