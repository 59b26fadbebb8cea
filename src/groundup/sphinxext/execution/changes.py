"""What pages are made from counts by what it holds, whatever its time says.

Sphinx reads a page again only if a file is newer than the last reading, and copies files only if it
writes a page.
"""

from collections.abc import Iterable
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from groundup.runs import source_files
from groundup.sphinxext.execution import files

MADE_FROM = "made_from"
EXTENSION = Path(__file__).parents[1]


def _held(paths: Iterable[str | Path], before: dict[str, tuple]) -> dict[str, tuple]:
    """The state and the digest of each of these files, read only where its state is another."""
    found = {}
    for path in map(str, paths):
        state = files.state(path)
        known = path in before and before[path][0] == state
        found[path] = (state, before[path][1] if known else files.digest(path))
    return found


def _same(one: dict[str, tuple], other: dict[str, tuple]) -> bool:
    digests = ({path: digest for path, (_, digest) in held.items()} for held in (one, other))
    return next(digests) == next(digests)


def note_source(app: Sphinx, docname: str, source: list[str]) -> None:
    """Keep what a page's source held when it was read."""
    app.env.metadata[docname][MADE_FROM] = _held([app.env.doc2path(docname)], {})


def note_others(app: Sphinx, doctree: nodes.document) -> None:
    """Keep what the other files held that a page was made from: pictures, listings, what it includes."""
    docname = app.env.docname
    others = (Path(app.srcdir, name) for name in app.env.dependencies.get(docname, ()))
    app.env.metadata[docname][MADE_FROM] |= _held(others, {})


def outdated(app: Sphinx, env: BuildEnvironment, added, changed, removed) -> list[str]:
    """The pages that were made from files that hold something else now."""
    found = stale(env, env.found_docs - added - changed)
    _write_anew(app, env, {path for others in found.values() for path in others})
    return list(found)


def stale(env: BuildEnvironment, docnames: Iterable[str]) -> dict[str, list[str]]:
    """Those of these pages that were made from files that hold something else now, with these files."""
    found = {}
    for docname in docnames:
        before = env.metadata[docname].get(MADE_FROM, {})
        now = _held(before, before)
        if others := [path for path in now if now[path][1] != before[path][1]]:
            found[docname] = others
    return found


def _write_anew(app: Sphinx, env: BuildEnvironment, changed: set[str]) -> None:
    """Let the pages that show these modules be written, which Sphinx else does only for newer ones."""
    for module in getattr(env, "_viewcode_modules", {}):
        found = source_files.spec(module)
        if found is not None and found.origin in changed:
            page = Path(app.outdir, "_modules", *module.split(".")).with_suffix(".html")
            page.unlink(missing_ok=True)


def copy(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Pages to write, where a file changed that goes with them: all for a template, else any."""
    if app.builder.format != "html":
        return []
    before = getattr(env, "groundup_copied", {})
    names = [*app.config.html_static_path, *app.config.html_extra_path]
    folders = {Path(app.confdir, name) for name in names if not Path(name).is_absolute()}
    paths = [path for folder in folders for path in folder.rglob("*")]  # libraries have versions
    copied = _held((path for path in paths if path.is_file()), before)
    templates = _held(EXTENSION.rglob("*.html"), before)
    env.groundup_copied = copied | templates
    if not _same({p: h for p, h in before.items() if p in templates}, templates):
        return sorted(env.found_docs)
    return [] if _same(before, env.groundup_copied) else [env.config.root_doc]


def setup(app: Sphinx) -> None:
    """Connect to the reading of pages, first and last of all, and to the finding of outdated ones."""
    app.connect("source-read", note_source, priority=1)
    app.connect("doctree-read", note_others, priority=950)
    app.connect("env-get-outdated", outdated)
    app.connect("env-updated", copy)
