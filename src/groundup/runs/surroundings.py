"""What is set for the whole process: a run leaves it as it is, for a remembered one sets nothing."""

import os
import sys

import numpy as np

from groundup.runs.store import differences


def seen() -> dict:
    """What can be seen of it at little cost, in plain terms."""
    found = {
        "np.geterr": np.geterr(),
        "np.get_printoptions": {n: repr(v) for n, v in np.get_printoptions().items()},
        "sys.getrecursionlimit": sys.getrecursionlimit(),
        "os.getcwd": os.getcwd(),
        "os.environ": dict(os.environ),
        "modules": len(sys.modules),
    }
    if "keras" in sys.modules:
        from groundup.runs import keras_settings

        found["keras"] = keras_settings.settings()
    return found


def expect_as_before(what: str, before: dict) -> None:
    """Refuse what leaves the process otherwise than it was.

    Args:
        what: what was done.
        before: what was seen before it.

    Raises:
        TypeError: something is other now; says what.
    """
    after = seen()
    imported = before.pop("modules") != after.pop("modules")
    if imported:  # libraries set variables when they are imported
        del before["os.environ"]
    was, now = ({n: facts[n] for n in before} for facts in (before, after))
    if changed := differences(was, now):
        raise TypeError(
            f"{what} leaves the process with other settings ({'; '.join(changed)}), which a remembered "
            "run wouldn't do; expected a function that puts back what it sets, such as with np.errstate"
        )
