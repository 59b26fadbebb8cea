"""Where files of data come from: a mirror, or the original source. Nothing is read unverified."""

import hashlib
import os
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path

from groundup import recorder

STAND_IN = "stand-in"


class Unavailable(Exception):
    """A source doesn't have the file, or has another one; says which and why."""


def verified(path: Path, sha256: str) -> Path:
    """The path, if the file there is the one with that checksum.

    So a chapter that loads it stands on what the data set is, wherever the file lies.

    Raises:
        Unavailable: it's missing, unreadable or another file; says what was expected and what came.
    """
    recorder.leave_out(path)
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        size = path.stat().st_size
    except FileNotFoundError:
        raise Unavailable(f"{path} doesn't exist") from None
    except OSError as error:
        raise Unavailable(f"{path} can't be read: {error.strerror}") from None
    if digest != sha256:
        raise Unavailable(
            f"{path} isn't the original, it was cut short or changed: expected SHA-256 {sha256}, "
            f"got {digest} ({size:,} bytes)"
        )
    return path


def from_mirror(file: str, sha256: str) -> Path:
    """The file in the mirror that ``GROUNDUP_DATA`` names.

    Raises:
        Unavailable: no mirror is named, or it doesn't have the file.
    """
    mirror = os.environ.get("GROUNDUP_DATA")
    if not mirror:
        raise Unavailable("GROUNDUP_DATA names no mirror")
    return verified(Path(os.path.expanduser(mirror), file), sha256)


def from_original(file: str, sha256: str, host: str, download: Callable[[], object]) -> Path:
    """The file as Keras's loader keeps it, downloaded if it isn't there yet.

    Args:
        file: its name in Keras's cache of data sets.
        host: where the loader downloads from; asked first, since importing Keras takes seconds.
        download: Keras's loader.

    Raises:
        Unavailable: it can't be downloaded or kept, or isn't the file with that checksum.
    """
    try:
        home = Path(os.environ.get("KERAS_HOME") or "~/.keras").expanduser()
    except RuntimeError as error:
        raise Unavailable(f"KERAS_HOME names no folder for it: {error}") from None
    cache = home / "datasets" / file
    try:
        return verified(cache, sha256)
    except Unavailable:
        pass
    try:
        socket.getaddrinfo(host, 443)
    except OSError:
        raise Unavailable(f"{host}, the original source, can't be reached") from None
    try:
        cache.parent.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=cache.parent).close()  # else Keras would keep it elsewhere
    except OSError as error:
        raise Unavailable(
            f"{cache.parent}, where Keras keeps data sets, can't be written: {error.strerror}"
        ) from None
    try:
        download()
    except Exception as error:  # the loader wraps every failure in a plain Exception
        raise Unavailable(f"the original source failed: {error}") from None
    return verified(cache, sha256)
