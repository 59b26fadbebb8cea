"""What a chapter says to its page: numbers in prose, claims, tables."""

from groundup.page.claims import ClaimError, claim, larger
from groundup.page.numbers import glue, number
from groundup.page.tables import table

__all__ = ["ClaimError", "claim", "glue", "larger", "number", "table"]
