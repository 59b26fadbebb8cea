"""Which versions of libraries are installed."""

import functools
import os
import sys
from collections.abc import Iterable
from importlib import metadata

from packaging.requirements import Requirement


def installed(packages: Iterable[str]) -> dict[str, str]:
    """The versions of the libraries that these packages are parts of, and of all that those require.

    Keras computes with the backend that is set, which therefore counts as required.

    Args:
        packages: top-level packages as they are imported, such as ``sklearn``; what isn't installed is
            left out.
    """
    found: dict[str, str] = {}
    packages = set(packages)
    if "keras" in packages:
        packages.add(os.environ.get("KERAS_BACKEND", "tensorflow"))
    waiting = [name for package in packages for name in _distributions().get(package, [])]
    while waiting:
        name = _normal(waiting.pop())
        if name not in found and (facts := _facts(name)) is not None:
            found[name], required = facts
            waiting += required
    return dict(sorted(found.items()))


def of(name: str) -> str | None:
    """The version of a library by the name that it's installed under; None if it isn't."""
    facts = _facts(_normal(name))
    return facts and facts[0]


@functools.cache
def listing() -> list[tuple[str, int, int]]:
    """The folders that say what is installed, with size and time of what they say: quick to find."""
    folders = (entry for entry in sys.path if os.path.isdir(entry))
    paths = (os.path.join(folder, name) for folder in folders for name in os.listdir(folder))
    found = []
    for path in paths:
        if path.endswith((".dist-info", ".egg-info")):
            file = os.path.join(path, "METADATA")
            status = os.stat(file if os.path.exists(file) else path)
            found.append((path, status.st_size, status.st_mtime_ns))
    return sorted(found)


@functools.cache
def _distributions() -> dict[str, list[str]]:
    return metadata.packages_distributions()


@functools.cache
def _facts(name: str) -> tuple[str, list[str]] | None:
    """The version of a distribution and what it requires here; None if it isn't installed."""
    try:
        distribution = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return None
    required = [Requirement(text) for text in distribution.requires or []]
    needed = [r.name for r in required if r.marker is None or r.marker.evaluate({"extra": ""})]
    return distribution.version, needed


def forget() -> None:
    """Forget what was read of libraries, which may have changed since."""
    listing.cache_clear()
    _distributions.cache_clear()
    _facts.cache_clear()


def _normal(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")
