"""What the text says about results, held by the build."""

import dataclasses
import re
from collections.abc import Sequence
from html import escape

import numpy as np
from IPython import get_ipython
from IPython.display import display

from groundup import trace
from groundup.page import lexicon
from groundup.page.comparisons import Comparison
from groundup.page.lexicon import Meaning
from groundup.page.shown import Shown

# The claims of each cell as HTML and as text, by the cell's execution count.
_of_cell: dict[int | None, list[tuple[str, str]]] = {}


class ClaimError(AssertionError):
    """The text says something that the results don't bear out."""


HOLDS, FAILS = "holds", "doesn't hold any more"
NOT_CHECKED = "not checked on stand-in data"
MARKS = {HOLDS: "✓", NOT_CHECKED: "○"}


def claim(
    text: str, holds: bool | Comparison, needs=None, *, says: str | Sequence[str] = ()
) -> None:
    """Say something about the results; the build fails when it isn't true.

    A claim has a name, and its words stand in the prose, ``{claim}`name | words```: what in them
    compares, counts or quantifies must be borne out by what is compared here. (A sentence in the place of
    the name stands by itself; nothing binds other words to it.)

    A page shows all its claims at its end, folded into one line; a notebook those of a cell below it.

    Args:
        text: its name, in one word; or a sentence, to which the seeds of a comparison are added.
        holds: whether the results bear it out: what ``larger``, ``compare``, ``counted`` or ``ranked``
            says; true or false for a sentence, or for the words in ``says``.
        needs: the data set without whose original the claim says nothing; on a stand-in it's shown as
            not checked.
        says: what its words say that no comparison does, word for word.

    Raises:
        ClaimError: it doesn't hold.
        TypeError: ``holds`` isn't true or false, but something that only counts as such; or nothing says
            what the words of a claim with a name mean.
    """
    if not isinstance(holds, bool | np.bool_ | Comparison):
        raise TypeError(f"a claim expected True or False or what page.larger says, got {holds!r}")
    facts, why = {}, ""
    is_name = re.fullmatch(r"[\w-]+", text)
    if is_name:
        comparison = _with_words(text, holds, says)
        facts = {
            "name": text,
            "meaning": comparison.meaning.facts(),
            "numbers": dict(comparison.numbers),
            "compared": comparison.text,
        }
        text = f"{text}: {comparison.text}"
    elif isinstance(holds, Comparison):
        if holds.seeds:
            text = f"{text.removesuffix('.')} (seeds {', '.join(map(str, holds.seeds))})."
        else:
            why = f" ({holds.text})"
    if isinstance(holds, Comparison) and holds.seeds:
        why = f" (the difference is {holds.difference:.4g}, the spread {holds.spread:.4g})"
    if needs is not None and needs.is_stand_in:
        state = NOT_CHECKED
    elif holds:
        state = HOLDS
    else:
        # Seen also where nobody hears the error.
        trace.leave("claim", **facts, text=f"{text}{why}", state=FAILS)
        raise ClaimError(f"this doesn't hold any more: {text}{why}")
    mark = MARKS[state]
    _show(
        f'<li class="claim"><span class="claim-mark" role="img" aria-label="{state}">{mark}</span> '
        f"{escape(text)}</li>",
        f"{mark} {text}",
    )
    trace.leave("claim", **facts, text=text, state=state)


def say(words: str, comparison: Comparison, needs=None) -> str:
    """A claim's words for a caption or for what a figure shows, which no role can hold.

    Args:
        words: as in a ``{claim}``; names in braces stand for the comparison's numbers.
        comparison, needs: see ``claim``.

    Returns:
        The words with their numbers.

    Raises:
        ClaimError: it doesn't hold, or the words say something else.
    """
    text = lexicon.fill(words, comparison.numbers)
    checked = needs is None or not needs.is_stand_in
    wrong = lexicon.faults(words, comparison.meaning)
    if checked and not comparison:
        wrong.insert(0, f"it doesn't hold that {comparison.text}")
    if wrong and checked:
        raise ClaimError(f"{text!r}: {'; '.join(wrong)} ({comparison.text})")
    trace.leave(
        "claim", text=f"{text} ({comparison.text})", state=HOLDS if checked else NOT_CHECKED
    )
    return text


def _with_words(name: str, holds: bool | Comparison, says: str | Sequence[str]) -> Comparison:
    """The comparison of a claim whose words stand in the prose."""
    says = (says,) if isinstance(says, str) else tuple(says)
    if not isinstance(holds, Comparison):
        if not says:
            raise TypeError(
                f"the claim {name!r} expected what page.compare, larger, counted or ranked says, or its "
                f"words in 'says', got {holds!r}"
            )
        return Comparison(bool(holds), "; ".join(says), Meaning(quoted=says), {})
    return dataclasses.replace(holds, meaning=dataclasses.replace(holds.meaning, quoted=says))


def _show(item: str, text: str) -> None:
    """Show a claim in the list of its cell, which it begins or makes longer."""
    shell = get_ipython()
    cell = shell.execution_count if shell else None
    items = _of_cell.setdefault(cell, [])
    items.append((item, text))
    # The role, because some browsers take a list without bullets for none.
    html = f'<ul class="claims" role="list">{"".join(item for item, _ in items)}</ul>'
    shown = Shown(html, "\n".join(text for _, text in items))
    facts = {"text/html": {"claims": len(items)}}  # a page leaves the list out
    display(shown, display_id=f"claims-{cell}", update=len(items) > 1, metadata=facts)
