"""What the text says about results, held by the build."""

import dataclasses
from collections.abc import Sequence
from html import escape

import numpy as np
from IPython import get_ipython
from IPython.display import display

from groundup import trace
from groundup.page.shown import Shown

# The claims of each cell as HTML and as text, by the cell's execution count.
_of_cell: dict[int | None, list[tuple[str, str]]] = {}


class ClaimError(AssertionError):
    """The text says something that the results don't bear out."""


@dataclasses.dataclass(frozen=True)
class Comparison:
    """Whether results over seeds are larger than others, see ``larger``.

    Args:
        difference: by how much the one mean is larger than the other.
        spread: the larger of the two standard deviations over seeds.
        seeds: the seeds.
    """

    difference: float
    spread: float
    seeds: tuple[int, ...]

    def __bool__(self) -> bool:
        return bool(self.difference > 2 * self.spread)


HOLDS, FAILS = "holds", "doesn't hold any more"
NOT_CHECKED = "not checked on stand-in data"
MARKS = {HOLDS: "✓", NOT_CHECKED: "○"}


def larger(a: Sequence[float], b: Sequence[float] | float, *, seeds: Sequence[int]) -> Comparison:
    """Whether results are larger than others by more than chance over seeds explains.

    They are if the difference of the means is more than twice the spread. The spread is the larger of the
    two sample standard deviations over seeds (with one less than the number of seeds in the denominator).

    Args:
        a: one result for each seed.
        b: what they are compared with, one result for each seed, or a bound.
        seeds: the seeds, at least two.

    Returns:
        What a ``claim`` takes in place of true or false.

    Raises:
        ValueError: there are fewer than two seeds, or not one result for each.
    """
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
    spread = max(np.std(a, ddof=1), np.std(b, ddof=1) if b.ndim else 0)
    return Comparison(float(a.mean() - b.mean()), float(spread), seeds)


def claim(text: str, holds: bool | Comparison, needs=None) -> None:
    """Say something about the results; the build fails when it isn't true.

    A page shows all its claims at its end, folded into one line; a notebook those of a cell below it.

    Args:
        text: the claim, as a sentence; the seeds of a comparison are added.
        holds: whether the results bear it out; of results over seeds, what ``larger`` says.
        needs: the data set without whose original the claim says nothing; on a stand-in it's shown as
            not checked.

    Raises:
        ClaimError: it doesn't hold.
        TypeError: ``holds`` isn't true or false, but something that only counts as such.
    """
    if not isinstance(holds, bool | np.bool_ | Comparison):
        raise TypeError(f"a claim expected True or False or what page.larger says, got {holds!r}")
    why = ""
    if isinstance(holds, Comparison):
        text = f"{text.removesuffix('.')} (seeds {', '.join(map(str, holds.seeds))})."
        why = f" (the difference is {holds.difference:.4g}, the spread {holds.spread:.4g})"
    if needs is not None and needs.is_stand_in:
        state = NOT_CHECKED
    elif holds:
        state = HOLDS
    else:
        trace.leave(
            "claim", text=f"{text}{why}", state=FAILS
        )  # seen also where nobody hears the error
        raise ClaimError(f"this doesn't hold any more: {text}{why}")
    mark = MARKS[state]
    _show(
        f'<li class="claim"><span class="claim-mark" role="img" aria-label="{state}">{mark}</span> '
        f"{escape(text)}</li>",
        f"{mark} {text}",
    )
    trace.leave("claim", text=text, state=state)


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
