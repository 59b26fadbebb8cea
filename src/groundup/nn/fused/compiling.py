"""How loops are compiled: by Numba, at the first call, once for each machine.

The code is kept below the user's cache, in a folder named by all that it depends on: the text of the
file that the loop stands in, the versions of Numba and NumPy, the processor. Numba's own cache goes by
the time of a file, which says nothing of its content.
"""

import functools
import hashlib
import inspect
import os
import sys
import tempfile
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import numpy as np

# The freedom to compute sums in another order, products by reciprocals and the like. Not among it: that
# there are no infinities and no NaN, for masks are infinite and divergence is a NaN.
FREEDOM = frozenset({"reassoc", "contract", "arcp", "nsz"})
LEAST = (0, 62)  # the first version of Numba that asks where code is kept


@functools.cache
def version() -> str | None:
    """Numba's version; None if it isn't installed, or too old."""
    try:
        found = metadata.version("numba")
    except metadata.PackageNotFoundError:
        return None
    return found if tuple(map(int, found.split(".")[:2])) >= LEAST else None


def wanted() -> bool:
    """Whether loops are to be compiled: Numba is there, and the setting isn't 0.

    Raises:
        ValueError: the setting is something else than 0 or 1.
    """
    setting = os.environ.get("GROUNDUP_FUSED", "1")
    if setting not in ("0", "1"):
        raise ValueError(f"expected GROUNDUP_FUSED to be 0 or 1, got {setting!r}")
    return setting == "1" and version() is not None


@functools.cache
def compiled(loop: Callable) -> Callable:
    """A loop as machine code, which is made for each kind of arrays when it's first called with such.

    Args:
        loop: a function of arrays and numbers, without global names of ours.
    """
    import numba  # takes a while: for those alone who train

    folder = code_folder(Path(inspect.getfile(loop)).read_bytes())
    if folder is None or not folder.exists():
        _say_once()
    before = numba.config.CACHE_LOCATOR_CLASSES
    numba.config.CACHE_LOCATOR_CLASSES = f"{__name__}.{Locator.__name__}"
    try:
        return numba.njit(
            loop,
            error_model="numpy",
            fastmath=set(FREEDOM),
            nogil=True,
            cache=folder is not None,
        )
    finally:
        numba.config.CACHE_LOCATOR_CLASSES = before


class Locator:
    """Tells Numba where the code of a function is kept."""

    def __init__(self, folder: Path, name: str):
        self.folder, self.name = folder, name

    @classmethod
    def from_function(cls, function: Callable, file: str) -> "Locator":
        return cls(code_folder(Path(file).read_bytes()), function.__name__)

    def ensure_cache_path(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)

    def get_cache_path(self) -> str:
        return str(self.folder)

    def get_source_stamp(self) -> str:
        return self.folder.name

    def get_disambiguator(self) -> str:
        return self.name


@functools.cache
def code_folder(source: bytes) -> Path | None:
    """The folder for the code that is made of this text; None if there can't be one."""
    import llvmlite.binding
    import platformdirs

    parts = (source, version(), np.__version__, sys.version, llvmlite.binding.get_host_cpu_name())
    digest = hashlib.sha256(repr(parts).encode()).hexdigest()[:32]
    try:
        root = platformdirs.user_cache_path("groundup", appauthor=False) / "compiled"
        root.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=root).close()
    except (OSError, RuntimeError):  # no home, or one where nobody may write
        return None
    return root / digest


@functools.cache
def _say_once() -> None:
    print(
        "groundup.nn compiles its loops for this machine, once; it takes some 20 seconds",
        file=sys.stderr,
        flush=True,
    )
