"""The store of runs: a folder with one file for each run, ``<key>.safetensors``.

Arrays are tensors, all else is JSON in the file's header, with a digest over both.
"""

import contextlib
import dataclasses
import json
import logging
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import filelock
import numpy as np
import platformdirs
import safetensors
import safetensors.numpy

from groundup.runs import key as keys

logger = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True)
class Record:
    """What is kept of a run.

    Args:
        name: what the chapter calls it.
        inputs: everything that decided the result, plain; its digest is the run's key.
        history: a list with a value for each epoch, by name.
        seconds: how long the training took.
        provenance: when and on what the run was made.
        arrays: every variable of model and optimizer after training, by name.
    """

    name: str
    inputs: dict
    history: dict[str, list[float]]
    seconds: float
    provenance: dict
    arrays: dict[str, np.ndarray]

    @property
    def key(self) -> str:
        """The digest of the inputs."""
        return keys.digest(self.inputs)


class Damaged(Exception):
    """A file isn't the record that its name says; says what is wrong with it."""


class Store:
    """A folder of records, by default in the user's cache (``GROUNDUP_RUNS`` names another).

    Args:
        folder: where the records are; made when the first is written.
    """

    def __init__(self, folder: Path | None = None):
        named = os.environ.get("GROUNDUP_RUNS")
        default = platformdirs.user_cache_path("groundup", appauthor=False) / "runs"
        self.folder = folder or (Path(named).expanduser() if named else default)

    def path(self, key: str) -> Path:
        """Where the record with that key is, if there is one."""
        return self.folder / f"{key}.safetensors"

    @contextlib.contextmanager
    def lock(self, key: str) -> Iterator[None]:
        """Let only one process at a time train the run with that key."""
        with contextlib.ExitStack() as stack:
            try:
                folder = self.folder / "locks"
                folder.mkdir(parents=True, exist_ok=True)
                stack.enter_context(filelock.FileLock(folder / f"{key}.lock"))
            except OSError as error:
                logger.warning("%s can't be written (%s): runs go unlocked", self.folder, error)
            yield

    def get(self, key: str) -> Record | None:
        """The record with that key, verified; None if there is none.

        A damaged file is set aside, said aloud, and counts as none.
        """
        path = self.path(key)
        try:
            return read(path)
        except FileNotFoundError:
            return None
        except OSError as error:
            logger.warning("%s can't be read: %s", path, error)
            return None
        except Damaged as error:
            aside = path.with_suffix(".damaged")
            logger.warning("%s is damaged (%s): set aside as %s", path, error, aside.name)
            with contextlib.suppress(OSError):
                path.replace(aside)
            return None

    def put(self, record: Record) -> None:
        """Keep a record; one that can't be kept is said aloud and costs nothing but its next training."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            write(record, self.path(record.key))
        except OSError as error:
            logger.warning("the run %r can't be kept in %s: %s", record.name, self.folder, error)


def _digest(header: str, arrays: dict[str, np.ndarray]) -> str:
    content = {name: keys.array(value, name) for name, value in arrays.items()}
    return keys.digest({"header": header, "arrays": content})


def write(record: Record, path: Path) -> None:
    """Write a record under a temporary name beside the path, then rename it."""
    parts = dataclasses.asdict(record)
    arrays = {name: np.array(value, order="C") for name, value in parts.pop("arrays").items()}
    header = json.dumps(parts, sort_keys=True)
    metadata = {"record": header, "digest": _digest(header, arrays)}
    content = safetensors.numpy.save(arrays, metadata)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with open(handle, "wb") as file:
            file.write(content)
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(temporary, 0o666 & ~umask)  # mkstemp's is for the owner alone
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def read(path: Path) -> Record:
    """Read a record and verify it.

    Raises:
        Damaged: it was cut short or changed, or it's another key's record.
        OSError: it isn't there or can't be read.
    """
    path.open("rb").close()  # safetensors has no errors of its own for these
    try:
        with safetensors.safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        header = metadata["record"]
        if _digest(header, arrays) != metadata["digest"]:
            raise Damaged("its digest doesn't fit its content")
        record = Record(**json.loads(header), arrays=arrays)
    except (safetensors.SafetensorError, KeyError, TypeError, ValueError) as error:
        raise Damaged(f"{type(error).__name__}: {error}") from None
    if f"{record.key}.safetensors" != path.name:
        raise Damaged(f"it is the record of key {record.key}")
    return record
