"""Runs chapters side by side, each in a kernel that tells at its end what it used.

Only this process writes into jupyter-cache. A chapter has a slot while it runs, and shares it with the
runs inside it.
"""

import asyncio
import contextlib
import dataclasses
import json
import os
import re
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING

import nbclient
from jupyter_client import AsyncKernelManager
from jupyter_core.utils import ensure_async
from nbformat import NotebookNode

from groundup import recorder
from groundup.data import STAND_IN
from groundup.runs import deadline, slots
from groundup.runs.store import differences
from groundup.sphinxext.execution import budget, freshness
from groundup.sphinxext.execution.cache import Cache
from groundup.sphinxext.execution.chapter import Chapter, traces

if TYPE_CHECKING:
    from groundup.sphinxext.execution.display import Display

LAUNCHER = "ipykernel_launcher"


class OtherKernel(Exception):
    """A chapter's kernel isn't the Python that the build is; says in what."""


class RecordedKernel(AsyncKernelManager):
    """Starts kernels through ``groundup.recorder``."""

    def format_kernel_cmd(self, extra_arguments: list[str] | None = None) -> list[str]:
        """The kernel's command.

        Raises:
            OtherKernel: it doesn't start IPython's kernel.
        """
        command = super().format_kernel_cmd(extra_arguments)
        if LAUNCHER not in command:
            raise OtherKernel(
                f"the kernel {self.kernel_name} of {self.kernel_spec.resource_dir} starts "
                f"{' '.join(command)}; expected IPython's kernel, python -m {LAUNCHER}"
            )
        return [recorder.__name__ if part == LAUNCHER else part for part in command]


@dataclasses.dataclass(frozen=True)
class Failure:
    """A chapter that didn't run to its end.

    Args:
        docname: its name.
        cell: the number of the code cell, from 1.
        seconds: how long it had run.
        traceback: what there is to say.
        changed: the files that it had read when they changed.
    """

    docname: str
    cell: int
    seconds: float
    traceback: str
    changed: tuple[str, ...] = ()

    def __str__(self) -> str:
        return (
            f"{self.docname}: cell {self.cell} failed after {self.seconds:.1f} s\n{self.traceback}"
        )


class Executor:
    """Executes chapters, as many at a time as there are slots.

    Args:
        cache: where they are kept.
        folder: for slots and for what trainings say.
        display: is told how it goes.
        until: when chapters stop training, in seconds since the epoch, where others can stand in for
            their data; None where they never do.
    """

    def __init__(self, cache: Cache, folder: Path, display: "Display", until: float | None = None):
        self.cache, self.folder, self.display, self.until = cache, folder, display, until
        self.failures: dict[str, Failure] = {}
        # The chapters that didn't come to their end in time, with the runs that they lack.
        self.left_over: dict[str, list[str]] = {}

    def run(self, chapters: list[Chapter]) -> None:
        """Execute all; those that want the machine for themselves at the end, one after the other.

        An interrupt stops them all.
        """
        loop = asyncio.new_event_loop()
        task = loop.create_task(self._execute(chapters))
        # In another thread, for in the main one each client would take the interrupt for its own.
        thread = threading.Thread(target=lambda: _finish(loop, task))
        thread.start()
        try:
            while thread.is_alive():
                thread.join(timeout=0.1)
        except BaseException:
            loop.call_soon_threadsafe(task.cancel)
            thread.join()
            raise
        task.result()

    async def _execute(self, chapters: list[Chapter]) -> None:
        watching = asyncio.create_task(self.display.watch())
        self.turn = asyncio.Lock()  # lets those that wait go in their order
        alone = [chapter for chapter in chapters if chapter.wants_to_be_alone()]
        beside = [chapter for chapter in chapters if chapter not in alone]
        await asyncio.gather(*(self._in_a_slot(chapter) for chapter in beside))
        for chapter in alone:
            await self._in_a_slot(chapter, GROUNDUP_ALONE="1")
        watching.cancel()

    async def _in_a_slot(self, chapter: Chapter, **environment: str) -> None:
        async with self.turn:
            while (slot := slots.take(slots.shared(self.folder))) is None:
                await asyncio.sleep(slots.PAUSE)
        progress = Path(tempfile.mkdtemp(dir=self.folder))
        environment = {
            recorder.BOOK: str(chapter.place.book),
            "GROUNDUP_ALONE": "0",
            "GROUNDUP_OWN_SLOT": str(progress / "slot.lock"),
            "GROUNDUP_PROGRESS": str(progress),
            "GROUNDUP_SLOTS": str(self.folder),
            "GROUNDUP_WORKERS": str(slots.workers()),
            deadline.DEADLINE: "",
        } | environment
        if self.until is not None and budget.stands_on_originals(chapter):
            environment[deadline.DEADLINE] = str(self.until)
        if chapter.identity.stand_ins:
            environment["GROUNDUP_DATA"] = STAND_IN
        try:
            with (
                self.display.chapter(chapter.docname, len(chapter.cells), progress),
                (progress / "stderr.txt").open("w+", encoding="utf-8", errors="replace") as stderr,
            ):
                await self._run(chapter, environment, stderr)
        finally:
            slot.release()

    async def _run(self, chapter: Chapter, environment: dict[str, str], stderr: IO[str]) -> None:
        numbers = {id(cell): number for number, cell in enumerate(chapter.cells, start=1)}
        current = 1

        async def started(cell: NotebookNode, cell_index: int) -> None:
            nonlocal current
            if id(cell) in numbers:
                current = numbers[id(cell)]
                self.display.cell(chapter.docname, current)

        client = nbclient.NotebookClient(
            chapter.notebook,
            kernel_manager_class=RecordedKernel,
            record_timing=False,  # it would become part of the key
            resources={"metadata": {"path": str(chapter.path.parent)}},
            on_cell_execute=started,
            **chapter.settings,
        )
        clock, said, report, changed = time.perf_counter(), None, None, []
        before = freshness.named(chapter.standing["uses"], chapter.place)
        paths = environment["GROUNDUP_PROGRESS"], chapter.standing["facts"]["variables"]
        try:
            async with client.async_setup_kernel(env=os.environ | environment, stderr=stderr):
                self._expect_same(client, await _report(client, *paths), chapter)
                try:
                    await client.async_execute(cleanup_kc=False)
                except nbclient.exceptions.CellExecutionError as error:
                    said = str(error)
                report = await _report(client, *paths)
                self._expect_same(client, report, chapter)
        except Exception as error:  # it took too long, the kernel died, or there is no such kernel
            stderr.seek(0)
            said = said or f"{type(error).__name__}: {error}\n{stderr.read()[-2000:]}"
        seconds = time.perf_counter() - clock
        if missed := deadline.missed(Path(environment["GROUNDUP_PROGRESS"])):
            self.left_over[chapter.docname] = missed
            return
        if report is not None:
            try:
                changed = self._stand(chapter, report, before)
            except Exception as error:  # such as half a module
                text = f"What it stands on can't be read any more. {type(error).__name__}: {error}"
                said = said or text
        if changed and said is None:
            said = f"This changed while it ran: {'; '.join(changed)}. Build again."
        if said is not None:
            said = re.sub(r"\x1b\[[0-9;]*m", "", said)
            names = tuple(name.removeprefix("read.") for name in changed)
            self.failures[chapter.docname] = Failure(chapter.docname, current, seconds, said, names)
        self.cache.put(
            chapter.notebook,
            str(chapter.path),
            seconds,
            failed=said is not None,
            first_key=chapter.first_key,
            told=chapter.standing["told"],
        )

    def _expect_same(self, client: nbclient.NotebookClient, report: dict, chapter: Chapter) -> None:
        """Refuse a kernel that is another Python: the book says of all chapters what they ran with."""
        if other := freshness.other_python(report, chapter.standing["facts"]):
            raise OtherKernel(
                f"the kernel {client.km.kernel_name} of {client.km.kernel_spec.resource_dir} runs "
                f"{report['executable']}, the build {sys.executable}; it has {'; '.join(other)}"
            )

    def _stand(self, chapter: Chapter, report: dict, before: dict) -> list[str]:
        """Let a chapter stand on what its kernel used.

        Args:
            chapter: it.
            report: what its kernel told.
            before: what the files held that its cells name, when it began.

        Returns:
            What is another than when its execution began or when it was read, but for what it wrote
            itself.
        """
        freshness.forget()
        uses, place, start = chapter.standing["uses"], chapter.place, chapter.standing["facts"]
        loaded = {left["name"] for left in traces(chapter.notebook, "data")}
        told = freshness.condensed(report, place, start, loaded)
        now = freshness.standing(uses, place, chapter.identity, told=told)
        chapter.stand_on(now)
        both = {
            kind: {
                name: now["facts"][kind].get(name) for name in content if name in now["facts"][kind]
            }
            for kind, content in start.items()
            if isinstance(content, dict) and kind != "read"
        }
        changed = differences(
            {kind: {n: start[kind][n] for n in both[kind]} for kind in both}, both
        )
        changed += [
            f"read.{place.name(path)}"
            for path, signature in report["read"].items()
            if path not in report["rewritten"] and recorder.signature(path) != signature
        ]
        after = freshness.named(uses, place)
        heard = {place.name(path) for kind in ("added", "own", "read") for path in report[kind]}
        chapter.unheard = {
            name: before[name]
            for name, content in after.items()
            if name not in heard and content != before[name]
        }
        return changed


async def _report(client: nbclient.NotebookClient, folder: str, variables: dict) -> dict:
    """What a kernel tells of itself; no cell can see that it was asked."""
    path = Path(folder, "report")
    call = f"__import__({recorder.__name__!r}, fromlist=['tell']).tell({str(path)!r}, {[*variables]!r})"
    asked = await ensure_async(client.kc.execute(call, silent=True, store_history=False))
    answer = (await client.async_wait_for_reply(asked))["content"]
    if answer["status"] != "ok":
        raise RuntimeError(f"the kernel can't tell what it used: {answer}")
    return json.loads(path.read_text(encoding="utf-8"))


def _finish(loop: asyncio.AbstractEventLoop, task: asyncio.Task) -> None:
    with contextlib.suppress(BaseException):  # the task keeps it
        loop.run_until_complete(task)
    loop.close()
