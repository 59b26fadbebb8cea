"""A small book in a folder, built as readers build the large one."""

import copy
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.book import warm

ROOT = Path(__file__).parents[2]
HEAD = "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n  display_name: Python 3\n---\n\n"
SCRIPTS = Path(sys.executable).parent
TIMEOUT = 600  # seconds


class Book:
    """A book in a folder, with the configuration and the assets of the large one."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.runs = os.environ["GROUNDUP_RUNS"]
        folder.mkdir(exist_ok=True)
        shutil.copy(ROOT / "_config.yml", folder)
        shutil.copytree(ROOT / "book" / "_assets", folder / "book" / "_assets")
        shutil.copy(ROOT / "book" / "references.bib", folder / "book")
        self.contents("chapter")
        self.write("index", "# A small book\n\n[](chapter.md)\n\n```{status}\n```\n")

    def write(self, page: str, text: str) -> None:
        (self.folder / "book" / f"{page}.md").write_text(text)

    def cells(self, *cells: str, prose: str = "", page: str = "chapter", above: str = "") -> None:
        """Make the chapter of cells and prose, above them or below."""
        blocks = "".join(f"```{{code-cell}} python3\n{cell}\n```\n\n" for cell in cells)
        self.write(page, f"{HEAD}# A {page}\n\n{above}{blocks}{prose}\n")

    def copy(self, folder: Path) -> "Book":
        """The same book in another folder, with all results that it has."""
        other = copy.copy(self)
        other.folder = folder
        shutil.copytree(self.folder, folder, ignore=shutil.ignore_patterns(".doctrees"))
        return other

    def contents(self, *pages: str) -> None:
        """Make these pages the book."""
        lines = "".join(f"  - file: {json.dumps(f'book/{page}')}\n" for page in pages)
        toc = f"format: jb-book\nroot: book/index\nchapters:\n{lines}"
        (self.folder / "_toc.yml").write_text(toc)

    def define(self, label: str) -> None:
        """Say of an equation that there is nothing to compute."""
        config = self.folder / "_config.yml"
        language = "    language: en\n"
        reason = f"    groundup_definitions: {{{label}: it is a name}}\n"
        config.write_text(config.read_text().replace(language, language + reason))

    def without_limits(self, *pages: str) -> None:
        """Make these pages the exceptions from the limits of chapters."""
        config = self.folder / "_config.yml"
        pattern = r"(?<=    groundup_without_limits: )\[.*\]"
        text, times = re.subn(pattern, f"[{', '.join(pages)}]", config.read_text())
        assert times == 1, "expected the list of exceptions in one line"
        config.write_text(text)

    def chapters(self, **cells: str) -> None:
        """Make chapters of one cell each, which also keeps count of how often it's executed."""
        self.contents(*cells)
        self.write("index", "# A small book\n\n```{status}\n```\n\n```{runs}\n```\n")
        for name, cell in cells.items():
            count = f"import pathlib; pathlib.Path('{name}.count').open('a').write('x')"
            self.cells(f"{count}\n{cell}", page=name)
        self.counts = dict.fromkeys(cells, 0)

    def executed(self) -> set[str]:
        """The chapters that were executed since this was last asked."""
        found = set()
        for name, before in self.counts.items():
            path = self.folder / "book" / f"{name}.count"
            self.counts[name] = len(path.read_text()) if path.exists() else 0
            if self.counts[name] > before:
                found.add(name)
        return found

    def run(self, *command: str, **environment: str) -> subprocess.CompletedProcess:
        """Run it, not to be published; no pipe, for whatever outlived the command would keep it open."""
        of_the_book = {"GROUNDUP_BUDGET", "GROUNDUP_FIRST", "GROUNDUP_PUBLISH"}
        around = {n: value for n, value in os.environ.items() if n not in of_the_book} | environment
        said = [self.folder / f"{name}.txt" for name in ("stdout", "stderr")]
        command = [str(SCRIPTS / command[0]), *command[1:]]
        with said[0].open("w") as stdout, said[1].open("w") as stderr:
            if Path(command[0]).name == "jupyter-book" and warm.knows(around):
                files = dict(zip(("stdout", "stderr"), map(str, said), strict=True))
                how = {"folder": str(self.folder), "environment": around} | files
                result = subprocess.CompletedProcess(command, warm.run(command, TIMEOUT, **how))
            else:
                result = subprocess.run(
                    command,
                    cwd=self.folder,
                    env=around,
                    stdin=subprocess.DEVNULL,
                    stdout=stdout,
                    stderr=stderr,
                    timeout=TIMEOUT,
                )
        result.stdout, result.stderr = (file.read_text() for file in said)
        return result

    def build(self, **environment: str) -> subprocess.CompletedProcess:
        return self.run("jupyter-book", "build", ".", **environment)

    def html(self, page: str = "chapter") -> str:
        return (self.folder / "_build" / "html" / "book" / f"{page}.html").read_text()

    def status(self) -> dict:
        return json.loads((self.folder / "_build" / "html" / "status.json").read_text())["pages"]


def must_pass(result):
    assert result.returncode == 0, result.stdout + result.stderr


def must_fail(book, *messages) -> list[str]:
    """The build fails, says why, and fails again when it is repeated; what it said each time."""
    outputs = []
    for _ in range(2):
        result = book.build()
        said = re.sub(r"\x1b\[[0-9;]*m", "", result.stdout + result.stderr)
        assert result.returncode != 0, said
        for message in messages:
            assert message in said
        outputs.append(said)
    return outputs
