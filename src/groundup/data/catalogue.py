"""The data sets by name, and the order in which their sources are tried."""

import functools
import logging
import os
from pathlib import Path

from groundup import trace
from groundup.data import celsius, cifar10, imdb, mnist, passengers, shakespeare
from groundup.data.dataset import Dataset, Origin
from groundup.data.sources import STAND_IN, Unavailable

logger = logging.getLogger(__name__)

ASKED_FOR = f"GROUNDUP_DATA={STAND_IN} asks for stand-ins"
FROM_FILES = {"cifar10": cifar10, "imdb": imdb, "mnist": mnist, "shakespeare": shakespeare}
IN_CODE = {"celsius": celsius, "passengers": passengers}


def load(name: str, *, small: bool = False) -> Dataset:
    """A data set by its name.

    It comes from the mirror that ``GROUNDUP_DATA`` names, else from its original source through
    Keras's loader, else a stand-in takes its place: the same shapes and classes. Files are verified
    before they are read, and a source that is passed over is said aloud (``Dataset.notes`` and the
    log). ``GROUNDUP_DATA=stand-in`` forces stand-ins.

    Args:
        name: ``"celsius"``, ``"cifar10"``, ``"imdb"``, ``"mnist"``, ``"passengers"`` or
            ``"shakespeare"``.
        small: for quick experiments, only the first 200 training examples and the first 100 test examples
            of each class, or the beginning of a text, see ``Dataset.small``.

    Raises:
        ValueError: no data set has that name; lists the names there are.

    Example:
        >>> from groundup import data
        >>> digits = data.load("mnist", small=True)
    """
    if name in IN_CODE:
        dataset = IN_CODE[name].load()
    else:
        origin, path, notes = locate(name)
        module = FROM_FILES[name]
        if path is None:
            dataset = module.stand_in(notes)
        else:
            dataset = Dataset(module.DESCRIPTION, origin, **module.read(path), notes=notes)
    trace.leave("data", name=name, origin=dataset.origin, notes=list(dataset.notes))
    return dataset.small() if small else dataset


def locate(name: str) -> tuple[Origin, Path | None, tuple[str, ...]]:
    """Where ``load`` takes a data set's file from: origin, path (None for a stand-in), and notes.

    Raises:
        ValueError: no data set in files has that name.
    """
    if name not in FROM_FILES:
        known = ", ".join(names())
        raise ValueError(f"unknown data set {name!r}; expected one of: {known}")
    if os.environ.get("GROUNDUP_DATA") == STAND_IN:
        return "stand-in", None, (ASKED_FOR,)
    notes = []
    for origin, source in FROM_FILES[name].SOURCES.items():
        try:
            path = source()
        except Unavailable as reason:
            notes.append(str(reason))
        else:
            _say(name, origin, tuple(notes))
            return origin, path, tuple(notes)
    _say(name, "stand-in", tuple(notes))
    return "stand-in", None, tuple(notes)


@functools.cache
def _say(name: str, origin: Origin, notes: tuple[str, ...]) -> None:
    """Say once in a process which sources were passed over and why."""
    named_mirror_failed = bool(os.environ.get("GROUNDUP_DATA")) and origin != "mirror"
    if origin == "stand-in" or named_mirror_failed:
        logger.warning("data set %s comes from: %s. %s", name, origin, "; ".join(notes))


def names() -> list[str]:
    """The names of all data sets."""
    return sorted([*FROM_FILES, *IN_CODE])


def identity(name: str, *, stand_in: bool = False) -> list[str]:
    """What a data set is: the original's checksum, or that ``load`` gives a stand-in, and why.

    One that code makes or keeps is that code, and has no other identity.

    Args:
        name: the data set's.
        stand_in: as where ``GROUNDUP_DATA`` asks for stand-ins.

    Raises:
        ValueError: no data set has that name.
    """
    if name in IN_CODE:
        return []
    if stand_in:
        return [STAND_IN, ASKED_FOR]
    _, path, notes = locate(name)
    return [STAND_IN, *notes] if path is None else [FROM_FILES[name].DESCRIPTION.sha256]
