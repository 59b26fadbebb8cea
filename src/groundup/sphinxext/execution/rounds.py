"""Chapters that must run, run before Sphinx reads the pages; MyST-NB then finds them cached."""

import os
import tempfile
from collections.abc import Container, Iterable
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import SphinxError
from sphinx.util import logging

from groundup.sphinxext.execution import changes, files, freshness, sources
from groundup.sphinxext.execution.cache import Cache
from groundup.sphinxext.execution.chapter import Chapter, read
from groundup.sphinxext.execution.executor import Executor, Failure

logger = logging.getLogger(__name__)


class Restless(SphinxError):
    """No order of execution lets each chapter stand on what the others leave."""

    category = "Execution"


def execute(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Execute those of these pages whose results aren't known, then all that stand on what these wrote.

    Raises:
        Restless: chapters go on changing what others stand on.
        Unreadable: pages can't be read; names all of them.
    """
    rounds = Rounds(app, env, docnames)
    for _ in range(len(env.found_docs) + 1):
        if not (missing := rounds.missing()):
            return
        rounds.run(missing)
    names = ", ".join(sorted(chapter.docname for chapter in missing))
    raise Restless(f"these chapters go on changing what others stand on: {names}")


class Rounds:
    """The execution of chapters, until each stands on what the others left.

    A chapter may read what another one writes, and it isn't known beforehand which does.

    Args:
        app: learns of the chapters and of those that failed.
        env: what is known of the pages.
        docnames: the pages that will be read; gets those that must be too.
    """

    def __init__(self, app: Sphinx, env: BuildEnvironment, docnames: list[str]):
        self.app, self.env, self.docnames = app, env, docnames
        self.cache = Cache(env.mystnb_config.execution_cache_path)
        self.cache.forget_failures()
        self.chapters: dict[str, Chapter] = {}
        self.failures: dict[str, Failure] = {}
        self.read: set[str] = set()
        self.doubted: set[str] = set()
        app.groundup_chapters, app.groundup_failures = self.chapters, self.failures

    def missing(self) -> list[Chapter]:
        """The chapters that must run."""
        self._read(name for name in self.docnames if name not in self.read or self._changed(name))
        again = self._again()
        self._read(again)  # for it may have run, and be in the way of its next result
        self.docnames += sorted(again - {*self.docnames})
        chapters = [chapter for chapter in self.chapters.values() if chapter.cached]
        first = [chapter for chapter in chapters if chapter.docname in again]
        return first or [chapter for chapter in chapters if not self._known(chapter)]

    def _read(self, docnames: Iterable[str]) -> None:
        docnames = list(docnames)
        self.chapters |= _read_all(self.env, docnames, self.cache)
        self.read |= {*docnames}

    def _known(self, chapter: Chapter) -> bool:
        kept = self.cache.find(chapter.notebook) or self.cache.of_the_same_code(chapter.notebook)
        return kept is not None

    def _changed(self, docname: str) -> bool:
        """Whether what a chapter stands on has changed since it was read or run."""
        if (chapter := self.chapters.get(docname)) is None:
            return False
        now = freshness.standing(
            chapter.standing["uses"], chapter.place, self.env.groundup_identity, chapter.standing
        )
        return now["facts"] != chapter.standing["facts"]

    def _again(self) -> set[str]:
        """The chapters that must run again though all that they stand on is as it was when they ended."""
        found = set(overwritten(self.env, self.chapters, self.failures))
        written = {name for c in self.chapters.values() for name in c.standing["told"]["own"]}
        found |= {name for name, failed in self.failures.items() if written & {*failed.changed}}
        doubtful = {name for name, chapter in self.chapters.items() if self._is_doubtful(chapter)}
        found |= doubtful - self.doubted
        self.doubted |= doubtful
        return found

    def _is_doubtful(self, chapter: Chapter) -> bool:
        """Whether a chapter may have been in the way of others, or have read what has changed since.

        A new file that its cells name is its own if those of no other chapter name it.
        """
        failed = chapter.docname in self.failures
        if not failed and not chapter.unheard:
            return False
        others = set().union(*(_names(c) for c in self.chapters.values() if c is not chapter))
        if failed:
            return not others.isdisjoint(_names(chapter))
        return any(held is not None or name in others for name, held in chapter.unheard.items())

    def run(self, chapters: list[Chapter]) -> None:
        """Run them, and find the pages that are outdated since."""
        # Only now: most builds execute nothing.
        from groundup.sphinxext.execution.display import Display

        before = self.cache.seconds()
        chapters.sort(key=lambda c: before.get(str(c.path), float("inf")), reverse=True)
        for chapter in chapters:
            self.failures.pop(chapter.docname, None)
        with tempfile.TemporaryDirectory() as folder, Display(len(chapters)) as display:
            executor = Executor(self.cache, Path(folder), display, self.env.groundup_identity)
            try:
                executor.run(chapters)
            finally:
                self.failures |= executor.failures
        others = self.env.found_docs - {*self.docnames}
        stale = {*freshness.stale(self.app, self.env, others), *changes.stale(self.env, others)}
        self.docnames += sorted(stale)


def _names(chapter: Chapter) -> set[str]:
    """The files of the book that a chapter names, read or wrote."""
    place, told = chapter.place, chapter.standing["told"]
    named = {place.name(place.folder / text) for text in chapter.standing["uses"].strings}
    found = {*named, *told["own"], *told["files"]}
    inside = (name for name in found if not name.startswith(("/", "~")))
    return {name for name in inside if os.path.isfile(place.path(name))}


def overwritten(
    env: BuildEnvironment, chapters: dict[str, Chapter], failed: Container[str]
) -> dict[str, list[str]]:
    """Chapters whose files, from which other pages are made, hold something else than they wrote.

    Args:
        env: what the last build knew of the pages.
        chapters: those of which more is known by now.
        failed: those that left half of what they write.

    Returns:
        The names of these files, by page.

    Raises:
        Restless: several chapters write one of these files.
    """
    standings = {name: env.metadata[name].get("stands_on") for name in env.found_docs}
    standings |= {name: chapter.standing for name, chapter in chapters.items()}
    told = {name: standing["told"] for name, standing in standings.items() if standing}
    if not any(one["own"] for one in told.values()):
        return {}
    read = {name for one in told.values() for name in one["files"]}
    for docname in env.found_docs:
        made_from = env.metadata[docname].get(changes.MADE_FROM, ())
        read |= {files.name(path, env.srcdir) for path in made_from}
    found, writers = {}, {}
    for docname in sorted(told):
        place = freshness.Place(Path(env.srcdir), Path(env.doc2path(docname)).parent)
        for name in read & told[docname]["own"].keys():
            if writers.setdefault(name, docname) != docname:
                raise Restless(
                    f"{writers[name]} and {docname} both write {name}, which a page reads"
                )
            if (
                files.digest(place.path(name)) != told[docname]["own"][name]
                and docname not in failed
            ):
                found.setdefault(docname, []).append(name)
    return found


def _read_all(env: BuildEnvironment, docnames: Iterable[str], cache: Cache) -> dict[str, Chapter]:
    """The chapters among these pages.

    Raises:
        Unreadable: some can't be read; names all of them.
    """
    chapters, unreadable = {}, []
    for docname in docnames:
        try:
            if chapter := read(env, docname, cache):
                chapters[docname] = chapter
        except sources.Unreadable as error:
            unreadable.append(str(error))
    if unreadable:
        raise sources.Unreadable("\n".join(sorted(unreadable)))
    return chapters


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
    failures = getattr(app, "groundup_failures", {})
    while failures:
        logger.error("%s", failures.pop(next(iter(failures))))


def setup(app: Sphinx) -> None:
    """Connect to the reading of pages and the end of the build."""
    app.connect("env-before-read-docs", execute)
    app.connect("source-read", note_standing)
    app.connect("doctree-read", remember_standing)
    app.connect("build-finished", report, priority=0)
