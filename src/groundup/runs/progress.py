"""How far a training has come, said to whoever builds the book.

While ``GROUNDUP_PROGRESS`` names a folder, each training has a small file there.
"""

import contextlib
import json
import math
import os
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

EVERY = 0.2  # seconds, between what is said of a training; of a short epoch it would take longer


@contextlib.contextmanager
def training(name: str, epochs: int | None) -> Iterator[Callable[[int], None] | None]:
    """While the training lasts, say so.

    Args:
        name: the run's.
        epochs: a whole number, how many there will be at most; None if that can't be told.

    Yields:
        What to call with the number of epochs that are done; None if nobody looks on.
    """
    folder = os.environ.get("GROUNDUP_PROGRESS")
    if not folder:
        yield None
        return
    path = Path(folder) / f"{uuid.uuid4().hex}.json"
    started, epochs = time.time(), None if epochs is None else int(epochs)
    said = -math.inf

    def report(done: int) -> None:
        nonlocal said
        if time.monotonic() < said + EVERY:
            return
        said = time.monotonic()
        facts = {"name": name, "done": done, "epochs": epochs, "started": started}
        with contextlib.suppress(OSError):  # nothing depends on it
            handle, temporary = tempfile.mkstemp(dir=folder, suffix=".part")
            with open(handle, "w") as file:
                json.dump(facts, file)
            os.replace(temporary, path)

    report(0)
    try:
        yield report
    finally:
        with contextlib.suppress(OSError):
            path.unlink()


def seen(folder: Path) -> list[dict]:
    """The trainings that are under way: name, epochs done, all epochs (or None), when they started."""
    found = []
    for path in sorted(folder.glob("*.json")):
        with contextlib.suppress(OSError, ValueError):
            found.append(json.loads(path.read_text()))
    return sorted(found, key=lambda facts: facts["started"])
