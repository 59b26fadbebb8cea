"""A page that is executed: its cells, and what their results stand on."""

import ast
import contextlib
import dataclasses
from pathlib import Path, PurePosixPath

from IPython.core.inputtransformer2 import TransformerManager
from myst_nb.core.read import create_nb_reader
from nbformat import NotebookNode
from sphinx.environment import BuildEnvironment

from groundup import trace
from groundup.sphinxext.execution import cells, freshness, sources
from groundup.sphinxext.execution.cache import Cache, first_key


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
        cached: whether it's executed through the cache.
        identity: what each data set is for it.
        unheard: the files that its cells name and that changed while it ran, nobody knows by whom, with
            the digests of what they held before.
    """

    docname: str
    path: Path
    place: freshness.Place
    text: str
    notebook: NotebookNode
    standing: dict
    settings: dict
    cached: bool
    identity: freshness.Identity
    unheard: dict[str, str | None] = dataclasses.field(default_factory=dict)

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


def read(
    env: BuildEnvironment, docname: str, cache: Cache, identity: freshness.Identity | None = None
) -> Chapter | None:
    """A page as MyST-NB reads it; None if it's none with cells.

    Its standing is one whose results are known, if there is any: what its kernel told each time when it
    ran is compared with what there is now.

    Args:
        env: what is known of the pages.
        docname: its name.
        cache: where executed ones are kept.
        identity: what each data set is for it; by default what it is for the book.

    Raises:
        Unreadable: it can't be read, or not be executed in a way that keeps what its results stand on;
            names the page.
    """
    with sources.named(docname):
        return _read(env, docname, cache, env.groundup_identity if identity is None else identity)


def _read(
    env: BuildEnvironment, docname: str, cache: Cache, identity: freshness.Identity
) -> Chapter | None:
    path = Path(env.doc2path(docname))
    text = sources.read(path, env.config.source_encoding, env.myst_config)
    reader = create_nb_reader(str(path), env.myst_config, env.mystnb_config, text)
    if reader is None:
        return None
    notebook = reader.read(text)
    uses = cells.use(cell.source for cell in notebook.cells if cell.cell_type == "code")
    place = freshness.Place(Path(env.srcdir), path.parent)
    before = env.metadata[docname].get("stands_on")
    standing = freshness.standing(uses, place, identity, before)
    config, own = env.mystnb_config, notebook.metadata.get("mystnb", {})
    patterns = config.execution_excludepatterns
    timeout = own.get("execution_timeout", config.execution_timeout)
    settings = {
        "timeout": timeout if timeout > 0 else None,
        "allow_errors": own.get("execution_allow_errors", config.execution_allow_errors),
    }
    mode = own.get("execution_mode", config.execution_mode)
    if mode not in ("cache", "off"):
        raise sources.Unreadable(
            f"{docname}: expected execution_mode 'cache' or 'off', got {mode!r}: what its results stand "
            "on wouldn't be known"
        )
    cached = mode == "cache"
    cached &= not any(PurePosixPath(path.as_posix()).match(pattern) for pattern in patterns)
    if cached:
        notebook = reader.read(freshness.with_standing(text, standing, docname))
    chapter = Chapter(docname, path, place, text, notebook, standing, settings, cached, identity)
    if cached and not cache.has(notebook, standing["told"]):
        for told in cache.told(chapter.first_key):
            chapter.stand_on(freshness.standing(uses, place, identity, told=told))
            if cache.has(notebook, told):
                return chapter
        chapter.stand_on(standing)
    return chapter


def traces(notebook: NotebookNode, kind: str) -> list[dict]:
    """What the cells of an executed notebook left behind, of one kind."""
    content = (o.get("data", {}) for c in notebook.cells for o in c.get("outputs", []))
    left = (dict(data[trace.MIME_TYPE]) for data in content if trace.MIME_TYPE in data)
    return [facts for facts in left if facts["kind"] == kind]
