"""Slots: how many things may compute at once, over all processes of a build.

A slot is a locked file, so one that dies gives back its own.
"""

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

import filelock

PAUSE = 0.05  # seconds between two looks for a free slot


def workers() -> int:
    """How many things may compute at once: ``GROUNDUP_WORKERS``, or one more than there are cores.

    Each waits now and then, for a record to be written or a chapter to go on; one more fills the gaps.

    Raises:
        ValueError: ``GROUNDUP_WORKERS`` isn't a whole number of at least 1.
    """
    named = os.environ.get("GROUNDUP_WORKERS")
    if not named:
        return usable_cores() + 1
    if not named.isdecimal() or int(named) < 1:
        raise ValueError(f"GROUNDUP_WORKERS expected a whole number of at least 1, got {named!r}")
    return int(named)


def usable_cores() -> int:
    """How many cores this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # only Linux can restrict a process
        return os.cpu_count() or 1


def take(paths: list[Path]) -> filelock.FileLock | None:
    """A free slot among these, to be released; None if there is none now."""
    for path in paths:
        lock = filelock.FileLock(path, thread_local=False)
        with contextlib.suppress(filelock.Timeout):
            lock.acquire(blocking=False)
            return lock
    return None


def shared(folder: Path) -> list[Path]:
    """The slots of a build, one for each worker."""
    return [folder / f"slot-{number}.lock" for number in range(workers())]


@contextlib.contextmanager
def held() -> Iterator[None]:
    """Hold a slot while a run inside a chapter trains: the chapter's own, which waits, or another.

    Outside a build, or where nothing is shared, there is nothing to hold.
    """
    folder, own = os.environ.get("GROUNDUP_SLOTS"), os.environ.get("GROUNDUP_OWN_SLOT")
    if not folder or not own:
        yield
        return
    while (lock := take([Path(own), *shared(Path(folder))])) is None:
        time.sleep(PAUSE)
    try:
        yield
    finally:
        lock.release()
