"""Chapters that must run, run side by side before Sphinx reads the pages; MyST-NB then finds them cached.

Only this process writes into jupyter-cache. A chapter has a slot while it runs, and shares it with the
runs inside it.
"""

import ast
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
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING

import nbclient
from IPython.core.inputtransformer2 import TransformerManager
from jupyter_client import AsyncKernelManager
from jupyter_core.utils import ensure_async
from myst_nb.core.read import create_nb_reader
from nbformat import NotebookNode
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import SphinxError
from sphinx.util import logging

from groundup import recorder, trace
from groundup.runs import slots
from groundup.runs.store import differences
from groundup.sphinxext import cells, freshness, sources
from groundup.sphinxext.cache import Cache, first_key

if TYPE_CHECKING:
    from groundup.sphinxext.display import Display

logger = logging.getLogger(__name__)


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


@dataclasses.dataclass
class Chapter:
    """A page that is executed.

    Args:
        docname: its name.
        path: its file.
        place: where that is in the book.
        text: its source.
        notebook: its cells; with their outputs once it has run.
        standing: what its cells use and what else its results stand on.
        settings: timeout and whether errors are allowed, as nbclient takes them.
        cached: whether it's executed through the cache, and so by this module.
    """

    docname: str
    path: Path
    place: freshness.Place
    text: str
    notebook: NotebookNode
    standing: dict
    settings: dict
    cached: bool

    @property
    def cells(self) -> list[NotebookNode]:
        """Its code cells."""
        return [cell for cell in self.notebook.cells if cell.cell_type == "code"]

    @property
    def first_key(self) -> str:
        """What is known of it before it's known what it stands on: its code, and its folder."""
        return first_key(self.notebook, self.place.name(self.place.folder))

    def stand_on(self, standing: dict) -> None:
        """Let its results stand on this."""
        self.standing = standing
        digest = freshness.digest(standing["facts"])
        self.notebook.metadata["kernelspec"][freshness.STANDING] = digest

    def wants_to_be_alone(self) -> bool:
        """Whether it says ``alone=True`` of a run."""
        keywords = []
        for cell in self.cells:
            with contextlib.suppress(SyntaxError):
                tree = ast.parse(TransformerManager().transform_cell(cell.source))
                keywords += [node for node in ast.walk(tree) if isinstance(node, ast.keyword)]
        return any(k.arg == "alone" and ast.unparse(k.value) != "False" for k in keywords)


@dataclasses.dataclass(frozen=True)
class Failure:
    """A chapter that didn't run to its end.

    Args:
        docname: its name.
        cell: the number of the code cell, from 1.
        seconds: how long it had run.
        traceback: what there is to say.
    """

    docname: str
    cell: int
    seconds: float
    traceback: str

    def __str__(self) -> str:
        return (
            f"{self.docname}: cell {self.cell} failed after {self.seconds:.1f} s\n{self.traceback}"
        )


class OtherMode(SphinxError):
    """A page is to be executed in a way that doesn't keep what its results stand on."""

    category = "Execution"


def read(env: BuildEnvironment, docname: str, cache: Cache) -> Chapter | None:
    """A page as MyST-NB reads it; None if it's none with cells.

    Its standing is one whose results are known, if there is any: what its kernel told each time when it
    ran is compared with what there is now.

    Raises:
        NoKernel: it's to be executed through the cache, and has no kernelspec.
        Unreadable: it can't be read; names the page.
    """
    with sources.named(docname):
        return _read(env, docname, cache)


def _read(env: BuildEnvironment, docname: str, cache: Cache) -> Chapter | None:
    path = Path(env.doc2path(docname))
    text = sources.read(path, env.config.source_encoding, env.myst_config)
    reader = create_nb_reader(str(path), env.myst_config, env.mystnb_config, text)
    if reader is None:
        return None
    notebook = reader.read(text)
    uses = cells.use(cell.source for cell in notebook.cells if cell.cell_type == "code")
    place = freshness.Place(Path(env.srcdir), path.parent)
    before = env.metadata[docname].get("stands_on")
    standing = freshness.standing(uses, place, env.groundup_identity, before)
    config, own = env.mystnb_config, notebook.metadata.get("mystnb", {})
    patterns = config.execution_excludepatterns
    timeout = own.get("execution_timeout", config.execution_timeout)
    settings = {
        "timeout": timeout if timeout > 0 else None,
        "allow_errors": own.get("execution_allow_errors", config.execution_allow_errors),
    }
    mode = own.get("execution_mode", config.execution_mode)
    if mode not in ("cache", "off"):
        raise OtherMode(
            f"{docname}: expected execution_mode 'cache' or 'off', got {mode!r}: what its results stand "
            "on wouldn't be known"
        )
    cached = mode == "cache"
    cached &= not any(PurePosixPath(path.as_posix()).match(pattern) for pattern in patterns)
    if cached:
        notebook = reader.read(freshness.with_standing(text, standing, docname))
    chapter = Chapter(docname, path, place, text, notebook, standing, settings, cached)
    if cached and not cache.has(notebook):
        for told in cache.told(chapter.first_key):
            chapter.stand_on(freshness.standing(uses, place, env.groundup_identity, told=told))
            if cache.has(notebook):
                return chapter
        chapter.stand_on(standing)
    return chapter


def traces(notebook: NotebookNode, kind: str) -> list[dict]:
    """What the cells of an executed notebook left behind, of one kind."""
    content = (o.get("data", {}) for c in notebook.cells for o in c.get("outputs", []))
    left = (dict(data[trace.MIME_TYPE]) for data in content if trace.MIME_TYPE in data)
    return [facts for facts in left if facts["kind"] == kind]


def execute(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Execute those of these pages whose results aren't known."""
    app.groundup_chapters, app.groundup_failures = {}, []
    cache = Cache(env.mystnb_config.execution_cache_path)
    cache.forget_failures()
    chapters = _read_all(env, docnames, cache)
    app.groundup_chapters = {chapter.docname: chapter for chapter in chapters}
    missing = [
        chapter
        for chapter in chapters
        if chapter.cached
        and not cache.find(chapter.notebook)
        and not cache.of_the_same_code(chapter.notebook)
    ]
    if not missing:
        return
    from groundup.sphinxext.display import Display  # only now: most builds execute nothing

    before = cache.seconds()
    missing.sort(key=lambda chapter: before.get(str(chapter.path), float("inf")), reverse=True)
    with tempfile.TemporaryDirectory() as folder, Display(len(missing)) as display:
        executor = Executor(cache, Path(folder), display, env.groundup_identity)
        app.groundup_failures = executor.failures
        executor.run(missing)


def _read_all(env: BuildEnvironment, docnames: list[str], cache: Cache) -> list[Chapter]:
    """The chapters among these pages.

    Raises:
        Unreadable: some can't be read; names all of them.
    """
    chapters, unreadable = [], []
    for docname in docnames:
        try:
            chapters.append(read(env, docname, cache))
        except sources.Unreadable as error:
            unreadable.append(str(error))
    if unreadable:
        raise sources.Unreadable("\n".join(unreadable))
    return [chapter for chapter in chapters if chapter]


class Executor:
    """Executes chapters, as many at a time as there are slots.

    Args:
        cache: where they are kept.
        folder: for slots and for what trainings say.
        display: is told how it goes.
        identity: what each data set is.
    """

    def __init__(
        self, cache: Cache, folder: Path, display: "Display", identity: freshness.Identity
    ):
        self.cache, self.folder, self.display, self.identity = cache, folder, display, identity
        self.failures: list[Failure] = []

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
        alone = [chapter for chapter in chapters if chapter.wants_to_be_alone()]
        beside = [chapter for chapter in chapters if chapter not in alone]
        await asyncio.gather(*(self._in_a_slot(chapter) for chapter in beside))
        for chapter in alone:
            await self._in_a_slot(chapter, GROUNDUP_ALONE="1")
        watching.cancel()

    async def _in_a_slot(self, chapter: Chapter, **environment: str) -> None:
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
        } | environment
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
        clock, said, report = time.perf_counter(), None, {}
        before = freshness.named(chapter.standing["uses"], chapter.place)
        paths = environment["GROUNDUP_PROGRESS"], chapter.standing["facts"]["variables"]
        try:
            async with client.async_setup_kernel(env=os.environ | environment, stderr=stderr):
                self._expect_same(client, await _report(client, *paths), chapter)
                await client.async_execute(cleanup_kc=False)
                report = await _report(client, *paths)
                self._expect_same(client, report, chapter)
        except nbclient.exceptions.CellExecutionError as error:
            said = str(error)
        except Exception as error:  # it took too long, the kernel died, or there is no such kernel
            stderr.seek(0)
            said = f"{type(error).__name__}: {error}\n{stderr.read()[-2000:]}"
        seconds = time.perf_counter() - clock
        try:
            said = said or self._stand(chapter, report, before)
        except Exception as error:  # such as half a module
            said = f"What it stands on can't be read any more. {type(error).__name__}: {error}"
        if said is not None:
            said = re.sub(r"\x1b\[[0-9;]*m", "", said)
            self.failures.append(Failure(chapter.docname, current, seconds, said))
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

    def _stand(self, chapter: Chapter, report: dict, before: dict) -> str | None:
        """Let a chapter stand on what its kernel used.

        Returns:
            What is another than when its execution began or when it was read, but for what it wrote
            itself; None if nothing is.
        """
        freshness.forget()
        uses, place, start = chapter.standing["uses"], chapter.place, chapter.standing["facts"]
        loaded = {left["name"] for left in traces(chapter.notebook, "data")}
        told = freshness.condensed(report, place, start, before, loaded)
        now = freshness.standing(uses, place, self.identity, told=told)
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
        return f"This changed while it ran: {'; '.join(changed)}. Build again." if changed else None


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


def note_standing(app: Sphinx, docname: str, source: list[str]) -> None:
    """Write what a page stands on into its front matter, as was done for its execution."""
    chapter = app.groundup_chapters.get(docname)
    if chapter is None and freshness.kernelspec(source[0]):
        logger.warning(
            "it has a kernelspec, but its cells aren't executed: expected 'file_format: mystnb' in its "
            "front matter too", location=docname,
        )  # fmt: skip
    if chapter is not None and chapter.cached:
        if source[0] != chapter.text:
            logger.warning("it changed while the book was built: build again", location=docname)
            source[0] = chapter.text
        source[0] = freshness.with_standing(source[0], chapter.standing, docname)


def remember_standing(app: Sphinx, doctree) -> None:
    """Keep what a page stands on, for the next build to compare."""
    chapter = app.groundup_chapters.get(app.env.docname)
    if chapter is not None:
        app.env.metadata[app.env.docname]["stands_on"] = chapter.standing
        for cell in chapter.cells:  # a cell's source can be a file
            if "load" in cell.metadata:
                app.env.note_dependency(str(chapter.path.parent / cell.metadata["load"]))


def report(app: Sphinx, exception: Exception | None) -> None:
    """Say at the end which chapters failed, where, and how."""
    while failures := getattr(app, "groundup_failures", []):
        logger.error("%s", failures.pop(0))


def setup(app: Sphinx) -> None:
    """Connect to the reading of pages and the end of the build."""
    app.connect("env-before-read-docs", execute)
    app.connect("source-read", note_standing)
    app.connect("doctree-read", remember_standing)
    app.connect("build-finished", report, priority=0)
