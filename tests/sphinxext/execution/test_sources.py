"""A page that can't be read is named, with its line, in one line; so is a merge that never ended."""

import json
import re
from types import SimpleNamespace

import pytest
from myst_parser.config.main import MdParserConfig
from sphinx.errors import SphinxError
from sphinx.project import Project
from tests.book.small import HEAD, Book

from groundup.sphinxext.execution import book as books
from groundup.sphinxext.execution import chapter, sources
from groundup.sphinxext.execution.cache import Cache

CELL = "```{code-cell} python3\n1 + 1\n```\n"
GOOD = f"{HEAD}# A chapter\n\nWords.\n\n{CELL}"
NOTEBOOK = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
BROKEN = {
    "latin-1.md": ((GOOD + "Größe\n").encode("latin-1"), "line 15: expected UTF-8"),
    "cp1252.md": ((GOOD + "“Words”\n").encode("cp1252"), "line 15: expected UTF-8"),
    "utf-16.md": (GOOD.encode("utf-16"), "line 1: expected UTF-8"),
    "utf-16-le.md": (GOOD.encode("utf-16-le"), "line 1: a control character, '\\x00'"),
    "utf-32.md": (GOOD.encode("utf-32"), "line 1: expected UTF-8"),
    "cut.md": ((GOOD + "ö").encode()[:-1], "line 15: expected UTF-8"),
    "nul.md": (GOOD + "a\0b\n", "line 15: a control character, '\\x00'"),
    "separator.md": (GOOD + "a\u2028b\n", "line 15: a control character, '\\u2028'"),
    "no-name.md": (GOOD.replace("  name: python3\n", ""), "a kernelspec with a name"),
    "no-mapping.md": (re.sub("kernelspec:(\n .*)*", "kernelspec: python3", GOOD), "got 'python3'"),
    "number.md": (re.sub("name: python3", "name: 3", GOOD), "a kernelspec with a name"),
    "empty-kernel.md": (re.sub("kernelspec:(\n .*)*", "kernelspec:", GOOD), "got None"),
    "list.md": ("---\n- one\n---\n\n# A page\n", "names with values in the front matter"),
    "yaml.md": ("---\nfile_format: mystnb\nkernelspec: {name: [\n---\n\n# A\n", "line "),
    "tab.md": ("---\ntitle:\n\tname: x\n---\n\n# A page\n", "line 3: "),
    "anchor.md": ("---\na: 1\ntitle: *none\n---\n\n# A page\n", "line 3: "),
    "cell.md": (GOOD.replace("1 + 1", ":tags: [a\n\n1 + 1"), "at line 12 "),
    "block.md": (GOOD + "+++ {not json\n", "line 15"),
    "fence.md": (
        GOOD.removesuffix("```\n"),
        "line 12: this fence is never closed: '```{code-cell}",
    ),
    "directive.md": (GOOD + "\n:::{note}\nWords.\n", "line 16: this fence is never closed: ':::"),
    "load.md": (GOOD.replace("1 + 1", ":load: none.py"), "Can't read file from :load:"),
    "empty.ipynb": ("", "Notebook does not appear to be JSON"),
    "half.ipynb": (json.dumps(NOTEBOOK, indent=1)[:30], "line 3: Notebook does"),
    "array.ipynb": ("[]", ""),
    "words.ipynb": ("words", "Notebook does not appear to be JSON"),
    "lacking.ipynb": ('{"nbformat": 4, "nbformat_minor": 5}', "expected key: cells"),
    "old.ipynb": ('{"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": []}', ""),
    "future.ipynb": (json.dumps(NOTEBOOK | {"nbformat": 9}), ""),
}


@pytest.fixture(scope="module")
def env(tmp_path_factory):
    """A book of these pages, and of those that are right."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GROUNDUP_RUNS", str(tmp_path_factory.mktemp("runs")))
        book = Book(tmp_path_factory.mktemp("book"))
    for name, (content, _) in BROKEN.items():
        content = content if isinstance(content, bytes) else content.encode()
        (book.folder / "book" / name).write_bytes(content)
    (book.folder / "book" / "bom.md").write_bytes(GOOD.encode("utf-8-sig"))
    (book.folder / "book" / "crlf.md").write_bytes(GOOD.replace("\n", "\r\n").encode())
    (book.folder / "book" / "nested.md").write_text(GOOD + "> - ````text\n>   ```\n>   ````\n")
    with books.opened(book.folder) as app:
        yield app.env


def read(env, docname):
    return chapter.read(env, docname, Cache(env.mystnb_config.execution_cache_path))


@pytest.mark.parametrize("name", BROKEN)
def test_a_page_that_cannot_be_read_is_named(env, name):
    docname, says = f"book/{name.rpartition('.')[0]}", BROKEN[name][1]
    with pytest.raises(SphinxError) as raised:
        read(env, docname)
    said = str(raised.value)
    assert said.startswith(f"{docname}: ")
    assert "\n" not in said
    assert says in said


def test_a_page_that_is_not_there_any_more_is_named(env):
    with pytest.raises(sources.Unreadable, match=r"^book/gone: .*No such file"):
        read(env, "book/gone")


@pytest.mark.parametrize("name", ["bom", "crlf", "nested"])
def test_other_marks_and_ends_of_lines_are_no_fault(env, name):
    assert [cell.source for cell in read(env, f"book/{name}").cells] == ["1 + 1"]


CONFLICT = "<<<<<<< HEAD\nours = 1\n=======\ntheirs = 2\n>>>>>>> branch"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (f"Words.\n\n{CONFLICT}\n", [3, 7]),
        ("One\n\n=======\n\nTwo\n", [3]),
        ("One\n>>>>>>> 3f2a6d1 (A commit)\n", [2]),
        (f"```{{code-cell}} python3\n{CONFLICT}\n```\n", [2, 6]),
        (f"```python\n{CONFLICT}\n```\n", [2, 6]),
        (f":::{{note}}\n{CONFLICT}\n:::\n", [2, 6]),
        ("<<<<<<< HEAD\n```text\nOne\n=======\n```text\nTwo\n>>>>>>> b\n```\n", [1, 7]),
        (f"```diff\n{CONFLICT}\n```\n", []),
        (f"````text\n{CONFLICT}\n````\n", []),
        ("Heading\n=======\n\nWords.\n", []),
        ("```text\n=======\n```\n", []),
        ("    <<<<<<< HEAD\n\nMarks such as `<<<<<<< HEAD`.\n\n<<<<<<<<< nine\n", []),
    ],
)
def test_a_merge_that_never_ended_is_found(text, lines):
    config = MdParserConfig(enable_extensions={"colon_fence"})
    assert [line for line, _ in sources.conflicts(text, config)] == lines


def test_pages_are_looked_for_in_the_books_own_folders_alone(tmp_path):
    for folder in ("one/pyvenv.cfg", "book/node_modules/x", "a/b/site-packages/x", ".tox/x/y",
                   "book/.hidden/x", "conda/conda-meta/x", "odd[1]*/pyvenv.cfg",
                   "book/part/x"):  # fmt: skip
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "page.md").write_text("# A page\n")
    (tmp_path / "odd1" / "x").mkdir(parents=True)
    (tmp_path / "odd1" / "x" / "page.md").write_text("# A page\n")
    found = Project(tmp_path, {".md": "markdown"}).discover(sources.others(tmp_path))
    assert found == {"book/part/x/page", "odd1/x/page"}


@pytest.mark.parametrize(("asked", "found"), [(None, {"a"}), ("1", {"a", "part/drafts/b"})])
def test_drafts_are_pages_only_where_somebody_asks_for_them(tmp_path, monkeypatch, asked, found):
    for path in ("a.md", "part/drafts/b.md"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("# A page\n")
    monkeypatch.delenv("GROUNDUP_DRAFTS", raising=False)
    if asked:
        monkeypatch.setenv("GROUNDUP_DRAFTS", asked)
    config = SimpleNamespace(exclude_patterns=[])
    sources.exclude(SimpleNamespace(srcdir=tmp_path), config)
    assert Project(tmp_path, {".md": "markdown"}).discover(config.exclude_patterns) == found
