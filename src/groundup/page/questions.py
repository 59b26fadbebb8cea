"""The answers to a page's questions, held by the build."""

from collections.abc import Mapping

import numpy as np

from groundup import trace
from groundup.page import claims
from groundup.page.claims import ClaimError, Comparison
from groundup.page.numbers import Kind, number

# What a reader types: how many times the value, in which unit.
TYPED = {
    "percent": (100, "%"),
    "points": (100, "percentage points"),
    "ratio": (1, "×"),
    "seconds": (1, "s"),
}


def answer(
    question: str,
    right: Mapping[str, bool | Comparison] | float,
    kind: Kind | None = None,
    digits: int | None = None,
    needs=None,
) -> None:
    """Answer a ``{question}`` that stands above on the page.

    Args:
        question: its name.
        right: for each choice whether the results bear it out; exactly one must. A choice is named by
            the words that it begins with. What is asked for a number has the number here.
        kind, digits: how the number is written, see ``number``.
        needs: the data set without whose original the answer is another one; on a stand-in the page
            takes what comes out, as not checked.

    Raises:
        ClaimError: none of the choices holds, or several.
        TypeError: a choice's condition isn't true or false, or a number has no kind.
    """
    stands_in = needs is not None and needs.is_stand_in
    facts = {"question": question, "state": claims.NOT_CHECKED if stands_in else claims.HOLDS}
    if isinstance(right, Mapping):
        holding = _holding(question, right)
        if len(holding) != 1 and not stands_in:
            text = (
                f"question {question!r} expected exactly one of its choices to hold, "
                f"got {holding or 'none'} of {list(right)}"
            )
            trace.leave("answer", **facts | {"state": claims.FAILS, "text": text})
            raise ClaimError(text)
        trace.leave("answer", **facts, choices=list(right), holding=holding)
    elif kind is None:
        raise TypeError(f"expected a kind for the number {right!r}, one of {Kind.__args__}")
    else:
        text = number(right, kind, digits)
        times, unit = TYPED.get(kind, (1, ""))
        trace.leave("answer", **facts, value=float(right) * times, unit=unit, text=text)


def _holding(question: str, right: Mapping[str, bool | Comparison]) -> list[str]:
    """The choices that hold."""
    for choice, holds in right.items():
        if not isinstance(holds, bool | np.bool_ | Comparison):
            raise TypeError(
                f"question {question!r} expected True or False or what page.larger says for the choice "
                f"{choice!r}, got {holds!r}"
            )
    return [choice for choice, holds in right.items() if holds]
