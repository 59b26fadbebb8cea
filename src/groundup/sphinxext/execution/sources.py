"""The sources of pages: what is none isn't read; what can't be read is refused with its name and line."""

import contextlib
import dataclasses
import os
import re
from collections.abc import Iterator
from pathlib import Path

import yaml
from docutils import nodes
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.mdit import create_md_parser
from nbformat import reader
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ConfigError, SphinxError
from sphinx.util import logging

logger = logging.getLogger(__name__)

FRONT_MATTER = re.compile(r"---[ \t]*\n(.*?)^---[ \t]*$", flags=re.DOTALL | re.MULTILINE)
# Some of them end a line for Python and none for Markdown: MyST-NB would take other lines for a cell.
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029]")
# What a merge leaves at the beginning of lines. The line between two versions can also be a title's.
CONFLICT = re.compile(r"^(?:<{7}|>{7})(?= |$).*|(?:(?<=\n\n)|(?<=\A))={7}$", flags=re.MULTILINE)
# Listings in these show a conflict, if it's whole: they are no program's source.
SHOWN = frozenset({"console", "diff", "text"})
# Folders that hold other people's files, and what does in a virtual environment of whatever name.
OTHERS = frozenset({"node_modules", "site-packages"})
ENVIRONMENT = ("pyvenv.cfg", "conda-meta")
DRAFTS = "**/drafts"  # folders of what waits for a chapter
LONGEST = 300  # characters of what a library says


class Unreadable(SphinxError):
    """A page's source can't be read, or isn't what its author meant; says which, where and why."""

    category = "A page can't be read"


class Fault(ValueError):
    """What is wrong with a source, and in which line."""

    def __init__(self, message: str, line: int):
        super().__init__(message)
        self.line = line


def refuse_a_part(app: Sphinx, config: Config) -> None:
    """Refuse to build a page or a folder by itself.

    Raises:
        ConfigError: the book is in a folder above.
    """
    folder = Path(app.srcdir)
    book = next(
        (path for path in (folder, *folder.parents) if (path / "_config.yml").exists()), folder
    )
    if book != folder and (book / "_toc.yml").exists():
        raise ConfigError(
            f"{folder} is a part of the book in {book}, and its links and equations are held "
            f"against the whole: expected jupyter-book build {book}, which executes only what has changed"
        )


def exclude(app: Sphinx, config: Config) -> None:
    """Let Sphinx look for no drafts, and for no page in a hidden folder, an environment or a package."""
    config.exclude_patterns += sorted(others(Path(app.srcdir)))
    if os.environ.get("GROUNDUP_DRAFTS") != "1":
        config.exclude_patterns.append(DRAFTS)


def others(book: Path) -> Iterator[str]:
    """Patterns of the folders with files that are no part of the book."""
    for path, folders, _ in os.walk(book):
        for name in list(folders):
            folder = Path(path, name)
            is_environment = any((folder / mark).exists() for mark in ENVIRONMENT)
            if name.startswith(".") or name in OTHERS or is_environment:
                yield re.sub(r"[*?[]", "?", folder.relative_to(book).as_posix())
            elif name != "_build":
                continue
            folders.remove(name)


@contextlib.contextmanager
def named(docname: str) -> Iterator[None]:
    """Say of whatever is wrong with a page which page it is, in one line.

    Raises:
        Unreadable: instead of any other error.
    """
    try:
        yield
    except SphinxError:
        raise
    except Exception as error:
        words = " ".join(_says(error).split())
        raise Unreadable(f"{docname}: {words[:LONGEST]}") from None


def _says(error: Exception) -> str:
    """What an error says, after the line of which it speaks."""
    match error:
        case Fault():
            return f"line {error.line}: {error}"
        case yaml.MarkedYAMLError() if error.problem_mark:
            line = error.problem_mark.line + 2  # the first is that above the front matter
            return f"line {line}: {error.context or 'YAML'}: {error.problem}"
        case reader.NotJSONError():
            return f"line {error.__cause__.lineno}: {error}"
        case OSError():
            return str(error.strerror)
    return f"{type(error).__name__}: {error}"


def read(path: Path, encoding: str, config: MdParserConfig) -> str:
    """The text of a page.

    Args:
        path: its file.
        encoding: how it's encoded.
        config: how MyST reads Markdown.

    Raises:
        Fault: it's another encoding, or its form isn't whole.
        OSError: the file can't be read.
        yaml.YAMLError: nor can its front matter.
    """
    try:
        text = path.read_text(encoding=encoding)
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        byte = error.object[error.start]
        raise Fault(f"expected UTF-8, which byte 0x{byte:02x} isn't", line) from None
    if control := CONTROL.search(text):
        raise Fault(f"a control character, {control[0]!r}", _line_at(text, control.start()))
    for fence in _fences(text, config) if path.suffix == ".md" else ():
        if not fence.closed:
            raise Fault(f"this fence is never closed: {fence.opening!r}", fence.start)
    if path.suffix == ".md" and (block := FRONT_MATTER.match(text)):
        _check_front_matter(yaml.safe_load(block[1]))
    return text


def conflicts(text: str, config: MdParserConfig | None) -> Iterator[tuple[int, str]]:
    """What a merge that never ended left in a text: the lines of its marks, and the marks.

    Args:
        text: the source of a page.
        config: how MyST reads Markdown; None for what is no Markdown.
    """
    found = list(CONFLICT.finditer(text))
    fences = list(_fences(text, config)) if found and config else []
    for conflict in found:
        line = _line_at(text, conflict.start())
        fence = next((fence for fence in fences if fence.start <= line <= fence.end), None)
        can_be_text = conflict[0].startswith("=") and (fence or not config)
        if not can_be_text and not (fence and fence.shows_a_conflict()):
            yield line, conflict[0]


def lint(app: Sphinx, docname: str, source: list[str]) -> None:
    """Warn of a merge that never ended in a page."""
    markdown = app.env.doc2path(docname).endswith(".md")
    for line, mark in conflicts(source[0], app.env.myst_config if markdown else None):
        logger.warning(
            "a merge never ended: %r; a listing that is to show a conflict has text, diff or console "
            "as its language", mark, location=(docname, line),
        )  # fmt: skip


def lint_included(app: Sphinx, doctree: nodes.document) -> None:
    """Warn of a merge that never ended in a file that a page takes something from."""
    for name in sorted(app.env.dependencies[app.env.docname]):
        with contextlib.suppress(OSError, UnicodeDecodeError):  # no text
            text = Path(app.srcdir, name).read_text(encoding="utf-8")
            for line, mark in conflicts(text, None):
                logger.warning("a merge never ended: %r", mark, location=f"{name}:{line}")


def _line_at(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1


def _check_front_matter(found: object) -> None:
    if found is not None and not isinstance(found, dict):
        raise Fault(f"expected names with values in the front matter, got {found!r}", 1)
    if not found or "kernelspec" not in found:
        return
    kernel = found["kernelspec"]
    if not isinstance(kernel, dict) or not isinstance(kernel.get("name"), str):
        raise Fault(
            "expected a kernelspec with a name in the front matter, kernelspec: {name: python3, "
            f"display_name: Python 3}}, got {kernel!r}", 1,
        )  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Fence:
    """A block between fences: code, a cell, a directive.

    Args:
        opening: its first line.
        start: the number of that line.
        end: the number of its last.
        closed: whether that is a fence.
        content: what is between.
    """

    opening: str
    start: int
    end: int
    closed: bool
    content: str

    def shows_a_conflict(self) -> bool:
        """Whether it's a listing that shows a whole conflict."""
        language = self.opening.strip("`~:> \t")
        order = r"^<{7} .*^={7}$.*^>{7} "
        return language in SHOWN and bool(re.search(order, self.content, re.DOTALL | re.MULTILINE))


def _fences(text: str, config: MdParserConfig) -> Iterator[Fence]:
    """The fences of a page, as MyST sees them; not those inside of directives."""
    blocks = dataclasses.replace(config, disable_syntax=[*config.disable_syntax, "inline"])
    lines = text.split("\n")
    tokens: list[Token] = create_md_parser(blocks, RendererHTML).parse(text)
    for token in tokens:
        if token.type in ("fence", "colon_fence"):
            start, end = token.map
            last = lines[end - 1].lstrip("> \t").rstrip()
            closed = (
                end - start > 1
                and last.startswith(token.markup)
                and not last.strip(token.markup[0])
            )
            yield Fence(lines[start].strip(), start + 1, end, closed, token.content)


def setup(app: Sphinx) -> None:
    """Connect to the search for pages and their reading."""
    app.connect("config-inited", refuse_a_part, priority=400)
    app.connect("config-inited", exclude)
    app.connect("source-read", lint)
    app.connect("doctree-read", lint_included)
