"""What a terminal shows while chapters run: chapter, cell, run, epoch, how long, how long yet."""

import asyncio
import contextlib
import dataclasses
import time
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.live import Live
from rich.table import Table
from sphinx.util import logging

from groundup.runs import progress

logger = logging.getLogger(__name__)

EVERY = 0.5  # seconds between two looks


@dataclasses.dataclass
class Row:
    """A chapter under way.

    Args:
        cells: how many it has.
        folder: where its trainings say how far they are.
        started: when it began.
        cell: the number of the cell that runs.
        trainings: what is known of its trainings, by name and start.
    """

    cells: int
    folder: Path
    started: float = dataclasses.field(default_factory=time.time)
    cell: int = 1
    trainings: dict[tuple, dict] = dataclasses.field(default_factory=dict)


class Display:
    """A live table in a terminal; elsewhere a line for each thing that begins or ends.

    Args:
        chapters: how many are to be executed.
    """

    def __init__(self, chapters: int):
        self.chapters, self.done = chapters, 0
        self.rows: dict[str, Row] = {}
        console = Console()
        self.live = Live(console=console, transient=True) if console.is_terminal else None

    def __enter__(self):
        if self.live:
            self.live.start()
        return self

    def __exit__(self, *exception) -> None:
        if self.live:
            self.live.stop()

    @contextlib.contextmanager
    def chapter(self, docname: str, cells: int, folder: Path) -> Iterator[None]:
        """While a chapter runs."""
        row = self.rows[docname] = Row(cells, folder)
        self._say(f"{docname}: executing")
        try:
            yield
        finally:
            self.done += 1
            del self.rows[docname]
            seconds = duration(time.time() - row.started)
            self._say(f"{docname}: executed in {seconds} ({self.done} of {self.chapters})")

    def cell(self, docname: str, number: int) -> None:
        """The next cell begins."""
        self.rows[docname].cell = number

    async def watch(self) -> None:
        """Look at the trainings from time to time, until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(EVERY)

    def look(self) -> None:
        """See how far the trainings are, and show it."""
        for docname, row in self.rows.items():
            now = {(t["name"], t["started"]): t for t in progress.seen(row.folder)}
            for name, _ in now.keys() - row.trainings.keys():
                self._say(f"{docname}: trains {name!r}")
            for name, started in row.trainings.keys() - now.keys():
                self._say(f"{docname}: trained {name!r} in {duration(time.time() - started)}")
            row.trainings = now
        if self.live:
            self.live.update(self.table())

    def table(self) -> Table:
        """What is under way."""
        table = Table("chapter", "cell", "run", "epoch", "elapsed", "left", box=None)
        for docname, row in self.rows.items():
            trainings = row.trainings.values() or [None]
            for number, training in enumerate(trainings):
                head = ["", ""] if number else [docname, f"{row.cell}/{row.cells}"]
                table.add_row(*head, *_cells(training, row))
        return table

    def _say(self, line: str) -> None:
        if self.live:
            self.live.update(self.table())
        else:
            logger.info(line)


def _cells(training: dict | None, row: Row) -> list[str]:
    if training is None:
        return ["", "", duration(time.time() - row.started), ""]
    elapsed, done, epochs = time.time() - training["started"], training["done"], training["epochs"]
    left = duration(elapsed / done * (epochs - done)) if done and epochs else ""
    epoch = f"{done}/{epochs}" if epochs else ""
    return [training["name"], epoch, duration(elapsed), left]


def duration(seconds: float) -> str:
    """As in ``8 s``, ``4 min 10 s``."""
    minutes, seconds = divmod(round(seconds), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
