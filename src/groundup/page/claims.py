"""What the text says about results, held by the build."""

from html import escape

import numpy as np
from IPython.display import HTML, display


class ClaimError(AssertionError):
    """The text says something that the results don't bear out."""


def claim(text: str, holds: bool, needs=None) -> None:
    """Say something about the results; the build fails when it isn't true.

    Args:
        text: the claim, as a sentence.
        holds: whether the results bear it out.
        needs: the data set without whose original the claim says nothing; on a stand-in it's shown as
            not checked.

    Raises:
        ClaimError: it doesn't hold.
        TypeError: ``holds`` isn't true or false, but something that only counts as such.
    """
    if not isinstance(holds, bool | np.bool_):
        raise TypeError(f"a claim expected True or False, got {holds!r}")
    if needs is not None and needs.is_stand_in:
        mark, state = "○", "not checked on stand-in data"
    elif holds:
        mark, state = "✓", "holds"
    else:
        raise ClaimError(f"this doesn't hold any more: {text}")
    display(
        HTML(
            f'<p class="claim"><span class="claim-mark" role="img" aria-label="{state}">{mark}</span> '
            f"{escape(text)}</p>"
        )
    )
