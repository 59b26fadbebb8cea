"""What code that runs in a chapter leaves behind for the chapter's page.

A trace is an output of the executed cell that readers don't see. It is kept with the cell's other
outputs, so a page that comes from the cache knows as much as one that was executed a minute ago.
"""

import sys

MIME_TYPE = "application/vnd.groundup.trace+json"


def leave(kind: str, **facts) -> None:
    """Leave a trace in the notebook that is being executed, if one is.

    Args:
        kind: what the trace is about: ``"data"``, ``"run"``, ``"number"``; ``"claim"`` with its ``text``
            and its ``state`` (``"holds"``, ``"doesn't hold any more"`` or
            ``"not checked on stand-in data"``); ``"answer"`` with its ``question``, its ``state`` and the
            choices that hold, or its value; or ``"exercise"``: which check was asked, whether the attempt
            passed it, and the hint.
        facts: what there is to say, in values that JSON has.
    """
    if "IPython" not in sys.modules:
        return
    from IPython import get_ipython

    shell = get_ipython()
    if shell is not None:
        shell.display_pub.publish({MIME_TYPE: {"kind": kind, **facts}})
