"""What a chapter says to its page: numbers in prose, claims, answers to its questions, tables."""

from groundup.page.claims import ClaimError, claim, larger
from groundup.page.numbers import glue, number
from groundup.page.questions import answer
from groundup.page.tables import table

__all__ = ["ClaimError", "answer", "claim", "glue", "larger", "number", "table"]
