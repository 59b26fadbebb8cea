"""The store of runs: a folder with one file for each run, ``<key>.safetensors``.

Arrays are tensors, all else is JSON in the file's header, with a digest over both.
"""

import contextlib
import dataclasses
import heapq
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

from groundup import recorder
from groundup.runs import key as keys

logger = logging.getLogger(__name__)

SUFFIX = ".safetensors"
HEADER = ("name", "inputs", "history", "seconds", "provenance")
LARGEST_HEADER = 100_000_000  # bytes, as in the format's own reader
ABSENT = "(nothing)"


@dataclasses.dataclass(frozen=True)
class Record:
    """What is kept of a run.

    Args:
        name: what the chapter calls it.
        inputs: everything that decided the result, plain; its digest is the run's key.
        history: a list with a value for each epoch, by name.
        seconds: how long the training took.
        provenance: when and on what the run was made.
        arrays: every variable of model and optimizer after training, by name; of a function's result
            the arrays.
        result: what else there is of a function's result, plain.
    """

    name: str
    inputs: dict
    history: dict[str, list[float]]
    seconds: float
    provenance: dict
    arrays: dict[str, np.ndarray]
    result: object = None

    @property
    def key(self) -> str:
        """The digest of the inputs."""
        return keys.digest(self.inputs)

    def without_weights(self) -> "Record":
        """The same without arrays; its provenance says so."""
        provenance = {**self.provenance, "without_weights": True}
        return dataclasses.replace(self, provenance=provenance, arrays={})


class Damaged(Exception):
    """A file isn't the record that its name says; says what is wrong with it."""


class Store:
    """A folder of records, by default in the user's cache (``GROUNDUP_RUNS`` names another).

    Args:
        folder: where the records are; made when the first is written.
    """

    def __init__(self, folder: Path | None = None):
        self.folder = folder or _default_folder()
        recorder.leave_out(self.folder)  # a run is what its key says, not where it's kept

    def path(self, key: str) -> Path:
        """Where the record with that key is, if there is one."""
        return self.folder / f"{key}{SUFFIX}"

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
            record = read(path)
            with contextlib.suppress(OSError):
                os.utime(path)  # when it was last used
            return record
        except (FileNotFoundError, NotADirectoryError):
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

    def headers(self, newest: int | None = None) -> Iterator[dict]:
        """What is said of each record, without its arrays and unverified; the newest file first.

        Args:
            newest: how many at most.

        Yields:
            The key, the file's path, size and time of last use; and ``name``, ``inputs``, ``history``,
            ``seconds``, ``provenance``, ``result``.
        """
        found = []
        with contextlib.suppress(OSError), os.scandir(self.folder) as entries:
            for entry in entries:
                if entry.name.endswith(SUFFIX) and entry.is_file(follow_symlinks=False):
                    status = entry.stat()
                    found.append((status.st_mtime, status.st_size, entry.name))
        for used, bytes_, name in heapq.nlargest(newest or len(found), found):
            path = self.folder / name
            try:
                header = read_header(path)
            except (OSError, Damaged):
                continue
            yield {"key": path.stem, "path": path, "used": used, "bytes": bytes_, **header}

    def why(self, name: str, inputs: dict) -> list[str]:
        """What is different in these inputs from the most alike of the newest records of that name.

        Returns:
            As in ``learning_rate: 0.1 → 0.05``; nothing if there is no such record.
        """
        found = [
            differences(header["inputs"], inputs)
            for header in self.headers(newest=200)
            if header["name"] == name
        ]
        return min(found, key=lambda lines: (any(map(_is_of_seed, lines)), len(lines)), default=[])

    def writable(self) -> bool:
        """Whether a file can be made in the folder."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=self.folder).close()
        except OSError:
            return False
        return True

    def put(self, record: Record) -> None:
        """Keep a record; one that can't be kept is said aloud and costs nothing but its next training."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            write(record, self.path(record.key))
        except OSError as error:
            logger.warning("the run %r can't be kept in %s: %s", record.name, self.folder, error)


def _default_folder() -> Path:
    """The folder that is named, or that in the user's cache; without a home one that can't be."""
    try:
        if named := os.environ.get("GROUNDUP_RUNS"):
            return Path(named).expanduser()
        return platformdirs.user_cache_path("groundup", appauthor=False) / "runs"
    except RuntimeError as error:
        logger.warning("runs aren't remembered (GROUNDUP_RUNS can name a folder): %s", error)
        return Path(os.devnull, "runs")


def read_header(path: Path) -> dict:
    """All but the arrays of a record, unverified.

    Raises:
        Damaged: there is no such header.
        OSError: it isn't there or can't be read.
    """
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        if not 0 < size <= LARGEST_HEADER:
            raise Damaged(f"its header is to have {size} bytes")
        text = file.read(size)
    try:
        header = json.loads(json.loads(text)["__metadata__"]["record"])
        if not isinstance(header, dict) or not {*HEADER} <= header.keys():
            raise Damaged("its header lacks something")
    except (KeyError, RecursionError, TypeError, ValueError) as error:
        raise Damaged(f"{type(error).__name__}: {error}") from None
    return header


def differences(before, after, where: str = "") -> list[str]:
    """Where two plain values differ, as in ``learning_rate: 0.1 → 0.05``."""
    if _is_dictionary(before) and _is_dictionary(after):
        return _differences_of_dictionaries(before["dict"], after["dict"], where)
    if isinstance(before, dict) and isinstance(after, dict):
        names = [*before, *(name for name in after if name not in before)]
        pairs = [(str(n), before.get(n, ABSENT), after.get(n, ABSENT)) for n in names]
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        pairs = [(str(i), *both) for i, both in enumerate(zip(before, after, strict=True))]
    else:
        same = json.dumps(before) == json.dumps(after)  # 1 isn't 1.0
        return [] if same else [f"{where}: {_short(before)} → {_short(after)}"]
    return [
        line for name, b, a in pairs for line in differences(b, a, f"{where}.{name}".lstrip("."))
    ]


def _differences_of_dictionaries(before: list, after: list, where: str) -> list[str]:
    """The same of pairs of a name and a value, in their order; names are shortened only to be shown."""
    both = [{json.dumps(name): (_short(name), value) for name, value in p} for p in (before, after)]
    names = [list(named) for named in both]
    if names[0] != names[1] and sorted(names[0]) == sorted(names[1]):
        orders = (", ".join(shown for shown, _ in named.values()) for named in both)
        return [f"{where}: {next(orders)} → {next(orders)}"]
    lines = []
    for name in dict.fromkeys(names[0] + names[1]):
        (shown, b), (_, a) = (named.get(name, (None, ABSENT)) for named in both)
        shown = shown or both[1][name][0]
        lines += differences(b, a, f"{where}.{shown}".lstrip("."))
    return lines


def _is_dictionary(value) -> bool:
    return isinstance(value, dict) and value.keys() == {"dict"}


def _is_of_seed(line: str) -> bool:
    return line.startswith("seed: ")


def _short(value) -> str:
    if isinstance(value, str) and len(value) == 64:
        return value[:8]  # a digest
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) < 80 else text[:77] + "…"


def _digest(header: str, arrays: dict[str, np.ndarray]) -> str:
    content = {name: keys.array(value, name) for name, value in arrays.items()}
    return keys.digest({"header": header, "arrays": content})


def write(record: Record, path: Path) -> None:
    """Write a record under a temporary name beside the path, then rename it."""
    parts = dataclasses.asdict(record)
    arrays = {name: np.array(value, order="C") for name, value in parts.pop("arrays").items()}
    header = json.dumps(parts)  # in their order, so that a result has it again
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
        key = record.key
    except (safetensors.SafetensorError, KeyError, RecursionError, TypeError, ValueError) as error:
        raise Damaged(f"{type(error).__name__}: {error}") from None
    if f"{key}{SUFFIX}" != path.name:
        raise Damaged(f"it is the record of key {key}")
    return record
