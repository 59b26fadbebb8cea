"""The site: who makes one, where its pages are, and nothing in it that the book no longer has."""

import contextlib
import json
import os
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from urllib.parse import quote, urljoin

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.util.osutil import relative_uri

NOTEBOOKS = "notebooks"
# In the site, what the book gave it: its pages with their sources and notebooks, pictures, other files.
GIVEN = ".given.json"


def is_built(app: Sphinx) -> bool:
    """Whether this build makes a site; an EPUB's pages are HTML too, but it is one file."""
    return app.builder.format == "html" and app.builder.name != "epub"


def complete(app: Sphinx, config: Config) -> None:
    """Add to the configuration: a slash at the end of the site's address, what other builders want."""
    if config.html_baseurl:
        config.html_baseurl = f"{config.html_baseurl.rstrip('/')}/"
    config.project = config.html_title
    config.version = config.version or metadata.version("groundup")
    config.suppress_warnings.append(
        "epub.unknown_project_files"
    )  # fonts, which MathML doesn't need


def leave_out_dark(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Leave the figures for dark pages to sites: elsewhere nothing would hide them."""
    for image in () if is_built(app) else list(doctree.findall(nodes.image)):
        if "only-dark" in image["classes"]:
            image.parent.remove(image)


def address(app: Sphinx, uri: str, docname: str | None = None) -> str:
    """Where something is on the web, or its place in the site while nobody says where that is.

    Args:
        app: the build.
        uri: its place as the builder gives it, quoted.
        docname: the page that this place is seen from; otherwise it's seen from the top.
    """
    page = "" if docname is None else app.builder.get_target_uri(docname)
    return urljoin(urljoin(app.config.html_baseurl, page), uri)


def path_to(app: Sphinx, docname: str, file: str) -> str:
    """The way from a page to a file of the site, quoted."""
    where = app.config.root_doc if app.builder.name == "singlehtml" else docname
    page = Path(app.builder.get_outfilename(where)).relative_to(app.outdir)
    return relative_uri(quote(page.as_posix()), quote(file))


def note(app: Sphinx, env: BuildEnvironment) -> None:
    """Keep what the book gives the site from now on, and what it once gave; an ended build has it all."""
    if is_built(app):
        app.groundup_gives = sorted(_given(app))
        _write(app, {*_read(app), *app.groundup_gives})


def clear(app: Sphinx, exception: Exception | None) -> None:
    """Remove from the site what the book gave it once and gives no more; all else there stays."""
    if exception is not None or not is_built(app):
        return
    given, out = app.groundup_gives, Path(app.outdir).resolve()
    same = {name.casefold(): out / name for name in given}
    for name in set(_read(app)).difference(given):
        path = out / name
        if not path.parent.resolve().is_relative_to(out) or not path.is_file():
            continue
        twin = same.get(name.casefold())  # one file under both names, where case doesn't count
        if twin and twin.exists() and twin.samefile(path):
            continue
        path.unlink()
        with contextlib.suppress(OSError):  # it isn't empty
            for folder in path.relative_to(out).parents[:-1]:
                (out / folder).rmdir()
    _write(app, given)


def clear_index(app: Sphinx, exception: Exception | None) -> None:
    """Take the words that no page has any more out of the search index, where Sphinx leaves them."""
    path = Path(app.outdir, "searchindex.js")
    if exception is not None or not is_built(app) or not path.exists():
        return
    text = path.read_text(encoding="utf-8")
    call, empty = "Search.setIndex(", '": []'
    if empty in text and text.startswith(call):
        index = json.loads(text.removeprefix(call).removesuffix(")"))
        for kind in ("terms", "titleterms"):
            index[kind] = {word: pages for word, pages in index[kind].items() if pages != []}
        path.write_text(f"{call}{json.dumps(index, sort_keys=True)})", encoding="utf-8")


def _read(app: Sphinx) -> list[str]:
    try:
        return json.loads(Path(app.outdir, GIVEN).read_text(encoding="utf-8"))
    except (OSError, ValueError):  # there is none, or half of one
        return []


def _write(app: Sphinx, names: Iterable[str]) -> None:
    path = Path(app.outdir, GIVEN)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".part")
    temporary.write_text(json.dumps(sorted(names), indent=0), encoding="utf-8")
    temporary.replace(path)


def _given(app: Sphinx) -> set[str]:
    """Every file that the site has from the book, by its name there."""
    env, config = app.env, app.config
    pages = [*env.found_docs, *config.html_additional_pages]
    pages += ["py-modindex"] if env.get_domain("py").modules else []
    found = {Path(app.builder.get_outfilename(name)).relative_to(app.outdir) for name in pages}
    for docname in env.found_docs:
        suffix = Path(env.doc2path(docname)).suffix
        more = config.html_sourcelink_suffix
        source = f"{docname}{suffix}{'' if suffix == more else more}"
        found.add(Path("_sources", source))
        if "stands_on" in env.metadata[docname]:
            found.add(Path(NOTEBOOKS, f"{docname}.ipynb"))
    modules = [name for name, shown in getattr(env, "_viewcode_modules", {}).items() if shown]
    found |= {Path("_modules", *name.split(".")).with_suffix(".html") for name in modules}
    found |= {Path("_modules", "index.html")} if modules else set()
    found |= {Path(app.builder.imagedir, name) for _, name in env.images.values()}
    found |= {Path("_downloads", name) for _, name in env.dlfiles.values()}
    for folder, entries in ("_static", config.html_static_path), ("", config.html_extra_path):
        for entry in entries:
            top = Path(app.confdir, entry)
            files = (Path(at, name) for at, _, names in os.walk(top) for name in names)
            named = [file.relative_to(top) for file in files] or [Path(top.name)]
            found |= {Path(folder, str(name).removesuffix("_t")) for name in named}
    return {path.as_posix() for path in found}


def setup(app: Sphinx) -> None:
    """Connect to the configuration, the end of reading and the end of the build."""
    app.connect("config-inited", complete, priority=600)
    app.connect("doctree-resolved", leave_out_dark)
    app.connect("env-updated", note)
    app.connect("build-finished", clear, priority=2)
    app.connect("build-finished", clear_index, priority=2)
