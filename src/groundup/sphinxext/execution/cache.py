"""What jupyter-cache holds, and more that is said of it: who wrote it, when, and whether it failed."""

import contextlib
import copy
import datetime
import hashlib
import json
import shutil
from pathlib import Path

from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.cache.db import NbCacheRecord
from nbformat import NotebookNode
from sphinx.util import logging
from sqlalchemy.exc import DatabaseError

from groundup.sphinxext.execution.freshness import STANDING

logger = logging.getLogger(__name__)

# What SQLite says of a database that a killed build left half made.
DAMAGED = ("no such table", "not a database", "malformed")
# The form of what kernels tell; records of another one aren't ours to read.
FORM = 2
# Tags that change what executing a cell does; all others change only how it looks.
EXECUTION_TAGS = frozenset({"raises-exception", "skip-execution"})


class Cache:
    """The executed notebooks of a book.

    Args:
        folder: jupyter-cache's.
    """

    def __init__(self, folder: str | Path):
        self.cache = get_cache(folder)
        self._known: list[NbCacheRecord] | None = None
        try:
            self.cache.list_cache_records()
        except (RuntimeError, DatabaseError) as error:
            said = f"{error} {error.__cause__}"
            if not any(words in said for words in DAMAGED):
                raise
            logger.info("%s is damaged (%s): begun anew", folder, said)
            self.cache.clear_cache()

    def find(self, notebook: NotebookNode) -> NbCacheRecord | None:
        """The record of an executed notebook with these cells, metadata and kernel, or None.

        A record that lacks its notebook, because a build was killed between the two, is removed; so is
        one that isn't ours.
        """
        try:
            record = self.cache.match_cache_notebook(notebook)
        except KeyError:
            return None
        if "execution_key" not in record.data:
            self.remove(record)
            return None
        return record if self._read(record) else None

    def of_the_same_code(self, notebook: NotebookNode) -> NotebookNode | None:
        """The notebook with the outputs of one whose code is the same though it's shown otherwise.

        Returns:
            A copy that is kept now; None if there is no such notebook.
        """
        key = execution_key(notebook)
        for record in self._records():
            if record.data.get("execution_key") == key and (executed := self._read(record)):
                shown = copy.deepcopy(notebook)
                for name in ("language_info", "widgets"):  # what execution adds
                    if name in executed.metadata:
                        shown.metadata[name] = executed.metadata[name]
                cells = [cell for cell in shown.cells if cell.cell_type == "code"]
                for cell, source in zip(cells, executed.cells, strict=True):
                    cell.outputs, cell.execution_count = source.outputs, source.execution_count
                self._put(shown, record.uri, record.data)
                return shown
        return None

    def has(self, notebook: NotebookNode, told: dict) -> bool:
        """Whether the outputs of a notebook whose kernel told this are known, however it's shown."""
        expected = {"execution_key": execution_key(notebook), "told": told, "failed": False}
        return any(expected.items() <= record.data.items() for record in self._records())

    def told(self, first: str) -> list[dict]:
        """What kernels told of chapters with this first key, the latest first."""
        found = []
        for record in reversed(self._records()):
            told = record.data.get("told")
            if record.data.get("first_key") == first and told not in found:
                found.append(told)
        return found

    def put(
        self,
        notebook: NotebookNode,
        path: str,
        seconds: float,
        *,
        failed: bool,
        first_key: str,
        told: dict,
    ) -> None:
        """Keep an executed notebook; one that failed is kept until the next build, for the page.

        Args:
            notebook: it.
            path: its page.
            seconds: how long it took.
            failed: whether it didn't run to its end.
            first_key: what was known of it before it ran.
            told: what its kernel told.
        """
        executed = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        facts = {"execution_seconds": seconds, "executed": executed, "failed": failed}
        facts |= {"first_key": first_key, "told": told, "execution_key": execution_key(notebook)}
        self._put(notebook, path, facts)

    def forget_failures(self) -> None:
        """Remove the notebooks that failed."""
        for record in self._records():
            if record.data.get("failed"):
                self.remove(record)

    def remove(self, record: NbCacheRecord) -> None:
        """Remove a record and its notebook."""
        self._known = None
        shutil.rmtree(self._folder(record), ignore_errors=True)
        NbCacheRecord.remove_records([record.pk], self.cache.db)

    def seconds(self) -> dict[str, float]:
        """How long each page's execution took the last time, by its path."""
        return {record.uri: record.data.get("execution_seconds") or 0 for record in self._records()}

    def _records(self) -> list[NbCacheRecord]:
        """All records, the oldest first."""
        if self._known is None:
            self._known = sorted(self.cache.list_cache_records(), key=lambda record: record.pk)
        return self._known

    def _put(self, notebook: NotebookNode, path: str, facts: dict) -> None:
        self._known = None
        bundle = CacheBundleIn(notebook, path, data=facts)
        with contextlib.suppress(FileNotFoundError):  # what a killed build left there
            shutil.rmtree(Path(self.cache.path, "executed", self._hash(notebook)))
        self.cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)

    def _hash(self, notebook: NotebookNode) -> str:
        return self.cache.create_hashed_notebook(notebook)[1]

    def _folder(self, record: NbCacheRecord) -> Path:
        return Path(self.cache.path, "executed", record.hashkey)

    def _read(self, record: NbCacheRecord) -> NotebookNode | None:
        try:
            return self.cache.get_cache_bundle(record.pk).nb
        except (KeyError, ValueError):  # it isn't there, or is no notebook
            self.remove(record)
            return None


def execution_key(notebook: NotebookNode) -> str:
    """The digest of what decides the outputs of a notebook: its code, and its kernel's description."""
    return _key(notebook, notebook.metadata.get("kernelspec"))


def first_key(notebook: NotebookNode, folder: str) -> str:
    """The digest of what is known of a notebook before it's known what it stands on."""
    kernel = notebook.metadata.get("kernelspec") or {}
    return _key(
        notebook,
        {k: v for k, v in kernel.items() if k != STANDING} | {"folder": folder, "form": FORM},
    )


def _key(notebook: NotebookNode, kernel: dict | None) -> str:
    cells = [
        (cell.source, sorted(EXECUTION_TAGS & set(cell.metadata.get("tags", []))))
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]
    settings = [kernel, notebook.metadata.get("execution")]
    return hashlib.sha256(json.dumps([cells, settings], sort_keys=True).encode()).hexdigest()
