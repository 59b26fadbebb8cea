"""A book in a folder, as its last build left it."""

import contextlib
import io
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

from groundup.sphinxext.execution import chapter as chapters
from groundup.sphinxext.execution import freshness, rounds
from groundup.sphinxext.execution.cache import Cache


class NoBook(Exception):
    """There is no book in a folder; says what was expected."""


@contextlib.contextmanager
def opened(folder: Path):
    """The book in a folder: Sphinx with what the last build remembered, and nothing built.

    Raises:
        NoBook: there is none.
    """
    if not (folder / "_config.yml").exists() or not (folder / "_toc.yml").exists():
        raise NoBook(f"{folder.resolve()} is no book: expected _config.yml and _toc.yml there")
    from jupyter_book.config import get_final_config

    config, _ = get_final_config(
        user_yaml=folder / "_config.yml",
        sourcedir=folder,
        cli_config={
            "external_toc_path": str((folder / "_toc.yml").absolute()),
            "latex_individualpages": False,
        },
    )
    build = folder / "_build"
    quiet = io.StringIO()
    with docutils_namespace():
        app = Sphinx(
            srcdir=str(folder.absolute()),
            confdir=None,
            outdir=str((build / "html").absolute()),
            doctreedir=str((build / ".doctrees").absolute()),
            buildername="html",
            confoverrides=config,
            status=quiet,
            warning=quiet,
        )
        app.env.groundup_identity = freshness.Identity()
        app.env.find_files(app.config, app.builder)
        yield app


def runs(app: Sphinx) -> list[dict]:
    """Every run that the last build's pages show, with its page as ``page``.

    But for those of pages that were left over: they aren't those that the page will have.
    """
    return [
        {**trace, "page": docname}
        for docname in sorted(app.env.found_docs)
        if freshness.NOT_TRAINED not in app.env.metadata[docname]
        for trace in app.env.metadata[docname].get("traces", [])
        if trace["kind"] == "run"
    ]


def to_execute(app: Sphinx) -> dict[str, list[str]]:
    """The pages that the next build would execute, and why."""
    from groundup.runs.store import differences

    cache = Cache(app.env.mystnb_config.execution_cache_path)
    found, others = {}, rounds.overwritten(app.env, {}, ())
    for docname in sorted(app.env.found_docs):
        chapter = chapters.read(app.env, docname, cache)
        if chapter is None or not chapter.cached:
            continue
        if cache.has(chapter.notebook, chapter.standing["told"]):
            if docname in others:
                found[docname] = [f"{name} isn't what it wrote" for name in others[docname]]
            continue
        before = app.env.metadata[docname].get("stands_on")
        if before is None:
            why = ["it was never executed here"]
        else:
            why = differences(before["facts"], chapter.standing["facts"]) or ["its cells"]
        found[docname] = why
    return found
