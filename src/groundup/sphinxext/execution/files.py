"""What files hold: digests of their content, and a quick way to tell that it's still the same.

A file's time of modification says nothing: ``mv``, ``cp -p``, ``rsync -t`` and archives set it. The time
of its last change of state is set by the system alone, at each change of content, of name or of the other
time; with the file's number and its size it tells content that is surely the same. On Windows there
is no such time, so files are read there.
"""

import functools
import hashlib
import os
from pathlib import Path

from groundup import recorder


def digest(path: str | Path) -> str | None:
    """The digest of a file's content; None where no file is."""
    signature = recorder.signature(str(path))
    if signature is None:
        return None
    read = _digest.__wrapped__ if os.name == "nt" else _digest
    return read(str(path), tuple(signature))


@functools.cache
def _digest(path: str, signature: tuple[int, ...]) -> str | None:
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def state(path: str | Path) -> list | str | None:
    """What is another when a file's content is, without reading it; None where no file is."""
    return digest(path) if os.name == "nt" else recorder.signature(str(path))


def changed(path: Path) -> float:
    """When a file was changed or put in its place, as well as the system knows."""
    status = path.stat()
    return max(status.st_mtime, status.st_ctime)


def listing(
    folder: str | Path, without: frozenset[str] = frozenset(), kind: str = recorder.NAMES
) -> str:
    """The digest of what is in a folder but some, see ``recorder.entries``; nothing where none is."""
    found = recorder.entries(str(folder), kind)
    kept = "\n".join(f"{name} {what}" for name, what in found.items() if name not in without)
    return hashlib.sha256(kept.encode(errors="surrogateescape")).hexdigest()


def name(path: str | Path, book: str | Path) -> str:
    """A path as every copy of the book calls it, and everybody in their home; else an absolute one."""
    path, home = os.path.abspath(path), os.path.expanduser("~")
    if path == str(book) or path.startswith(os.path.join(book, "")):
        return Path(os.path.relpath(path, book)).as_posix()
    if path.startswith(os.path.join(home, "")):
        return f"~/{Path(os.path.relpath(path, home)).as_posix()}"
    return path
