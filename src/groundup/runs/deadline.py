"""Until when a build may begin to train: a run that isn't known by then isn't trained.

What is under way then ends and is remembered, so the next build has it.
"""

import contextlib
import json
import os
import time
from pathlib import Path

# In seconds since the epoch; the build sets it in a chapter's kernel.
DEADLINE = "GROUNDUP_DEADLINE"
FILE = "not-trained"  # in the folder where trainings say how far they are


class BudgetSpent(RuntimeError):
    """There is no time left to train runs; says which."""


def expect_time(*names: str) -> None:
    """Refuse to begin to train runs with these names when the time for it is over; tell the build.

    Raises:
        BudgetSpent: it is.
    """
    deadline = os.environ.get(DEADLINE)
    if not deadline or time.time() < float(deadline):
        return
    if folder := os.environ.get("GROUNDUP_PROGRESS"):
        # In one write, for others may write beside it; a chapter may catch what is raised.
        with Path(folder, FILE).open("a", encoding="utf-8") as file:
            file.write("".join(json.dumps(name) + "\n" for name in names))
    listed = ", ".join(map(repr, names))
    raise BudgetSpent(f"the build's time for training is over, and these aren't known: {listed}")


def missed(folder: Path) -> list[str]:
    """The names of the runs for which there was no time in a chapter."""
    with contextlib.suppress(FileNotFoundError):
        return [json.loads(line) for line in (folder / FILE).read_text("utf-8").splitlines()]
    return []
