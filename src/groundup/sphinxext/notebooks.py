"""Each chapter's executed notebook, to take along: plain Markdown; the first cell installs the package.

They lie in ``notebooks/`` of the site. Publishing pushes that folder to a branch, where Colab and Binder
find it.
"""

import re
from collections.abc import Iterable
from html import escape
from pathlib import Path
from urllib.parse import quote

import nbformat
from docutils import nodes
from nbformat import v4
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from groundup import trace
from groundup.page.numbers import GLUE_PREFIX
from groundup.sphinxext import executed, folds, site

FOLDER = BRANCH = site.NOTEBOOKS
PYTHON = "3.11"
HIDDEN = {"hide-input", "hide-cell", "remove-input", "remove-cell", "solution"}
# What makes something else of a paragraph's line: a heading, a quotation, a list, a line below a title.
BEGINNING = re.compile(r"[#>+=-]|\d{1,9}[.)]")
CLOSING = r"\\\1"  # number signs at a heading's end aren't shown
WITHOUT_ADDRESS = (
    "This notebook uses the package `groundup`, which lies beside the book's text: "
    "`pip install` the book's folder first."
)


def repository(app: Sphinx) -> str:
    """Where the book lives, nothing if nobody says it."""
    return app.config.html_theme_options.get("repository_url", "").rstrip("/")


def links(app: Sphinx, docname: str) -> list[str]:
    """Where a chapter's notebook is and where it can be opened, as HTML."""
    here = site.path_to(app, docname, f"{FOLDER}/{docname}.ipynb")
    found = [f'<a class="get" href="{escape(here)}" download>Notebook</a>']
    host, _, name = repository(app).partition("github.com/")
    if host and name:
        file = quote(f"{docname}.ipynb")
        tree = quote(f"lab/tree/{file}")  # an address in an address
        places = {
            "Colab": f"https://colab.research.google.com/github/{name}/blob/{BRANCH}/{file}",
            "Binder": f"https://mybinder.org/v2/gh/{name}/{BRANCH}?urlpath={tree}",
        }
        found += [f'<a class="get" href="{escape(to)}">{place}</a>' for place, to in places.items()]
    return found


def write(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Write a page's notebook, where it has cells."""
    if not site.is_built(app) or "stands_on" not in app.env.metadata[docname]:
        return
    run = executed.notebook(app.env, docname)
    path = Path(app.outdir, FOLDER, f"{docname}.ipynb")
    path.parent.mkdir(parents=True, exist_ok=True)
    cells = list(_cells(doctree, run.cells, Markdown(app, docname)))
    cells.insert(0, _first(app))
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)


def _first(app: Sphinx) -> nbformat.NotebookNode:
    """The cell that installs the package; words where nobody says from where."""
    if url := repository(app):
        return v4.new_code_cell(f'%pip install --quiet "groundup @ git+{url}"')
    return v4.new_markdown_cell(WITHOUT_ADDRESS)


def _cells(doctree: nodes.document, cells: list, markdown: "Markdown") -> Iterable:
    """The page in order: its text as Markdown, its cells as they ran, those that it hides too."""
    text, done = [], 0
    for node in _blocks(doctree):
        if not isinstance(node, nodes.container) or "cell_index" not in node:
            text.append(markdown.block(node))
            continue
        if words := "\n\n".join(filter(None, text)):
            yield v4.new_markdown_cell(words)
        text = []
        yield from _ran(cells[done : node["cell_index"] + 1])
        done = node["cell_index"] + 1
    if words := "\n\n".join(filter(None, text)):
        yield v4.new_markdown_cell(words)
    yield from _ran(cells[done:])


def _blocks(node: nodes.Element, depth: int = 0) -> Iterable[nodes.Node]:
    """What a page consists of, without its sections; a title keeps how deep it stands."""
    for child in node.children:
        if isinstance(child, nodes.section):
            yield from _blocks(child, depth + 1)
        else:
            if isinstance(child, nodes.title):
                child["depth"] = depth
            yield child


def _ran(cells: list) -> list:
    return [_code(cell) for cell in cells if cell.cell_type == "code"]


def _code(cell: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """A cell with what it put out for readers."""
    outputs = []
    for output in cell.outputs:
        if output.get("name") == "stderr":  # logs, which the page doesn't show either
            continue
        data = output.get("data")
        if data is not None:
            said = {k: v for k, v in data.items() if k != trace.MIME_TYPE}
            if not said or any(kind.startswith(GLUE_PREFIX) for kind in said):
                continue
            output = nbformat.NotebookNode(output | {"data": said})
        outputs.append(output)
    found = v4.new_code_cell(cell.source, outputs=outputs, execution_count=cell.execution_count)
    tags = cell.metadata.get("tags", [])
    if tags:
        found.metadata["tags"] = tags
    if HIDDEN.intersection(tags):
        found.metadata["jupyter"] = {"source_hidden": True}
    return found


class Markdown:
    """A page's nodes as Markdown that any notebook shows.

    Args:
        app: the build; where nobody says the site's address, links inside of the book are only words.
        docname: the page.
    """

    def __init__(self, app: Sphinx, docname: str):
        self.app, self.docname = app, docname

    def block(self, node: nodes.Node) -> str:
        """A block."""
        match node:
            case nodes.title():
                words = " ".join(self.line(node).split())
                return f"{'#' * node.get('depth', 1)} {re.sub('(#+)$', CLOSING, words)}"
            case nodes.paragraph() | nodes.caption() | nodes.rubric() | nodes.term():
                return _only_words(self.line(node))
            case nodes.math_block():
                tag = f" \\tag{{{node['number']}}}" if node.get("number") else ""
                return f"$$\n{node.astext().strip()}{tag}\n$$"
            case nodes.literal_block():
                fence = "`" * max(3, 1 + _longest_run(node.astext()))
                return f"{fence}{node.get('language', '')}\n{node.astext()}\n{fence}"
            case nodes.bullet_list() | nodes.enumerated_list():
                ordered = isinstance(node, nodes.enumerated_list)
                marks = (f"{i}. " if ordered else "- " for i in range(1, len(node) + 1))
                items = zip(marks, node.children, strict=False)
                return "\n".join(_indented(mark, self.blocks(item)) for mark, item in items)
            case nodes.Admonition() | nodes.admonition():
                title, *rest = node.children
                return f"**{self.line(title)}**\n\n{self.blocks(rest)}"
            case folds.fold():
                return self.fold(node)
            case nodes.sidebar():
                title, *rest = node.children
                words = f"**{self.line(title)}**\n\n" if title.astext() else ""
                return re.sub("^", "> ", words + self.blocks(rest), flags=re.MULTILINE)
            case nodes.block_quote():
                return re.sub("^", "> ", self.blocks(node), flags=re.MULTILINE)
            case nodes.table():
                return self.table(node)
            case nodes.raw() | nodes.comment() | nodes.target() | nodes.system_message():
                return ""
            case nodes.image():
                return f"*{_escaped(node.get('alt', '').strip())}*"
            case nodes.Inline() | nodes.Text():
                return _only_words(self.line([node]))
        return self.blocks(node)

    def blocks(self, parts: Iterable[nodes.Node]) -> str:
        """Blocks, one below the other."""
        children = parts.children if isinstance(parts, nodes.Element) else parts
        return "\n\n".join(filter(None, map(self.block, children)))

    def fold(self, node: folds.fold) -> str:
        """What is folded: an answer stays so; the claims of a page stand below its cells already."""
        line, *below = node.children
        match node["classes"]:
            case ["checked"]:
                return ""
            case ["answer"]:
                line = f"<summary>{self.line(line)}</summary>"
                return f"<details>{line}\n\n{self.blocks(below)}\n\n</details>"
        return f"**{self.line(line)}**\n\n{self.blocks(below)}"

    def table(self, node: nodes.table) -> str:
        """A table; its first row is its head."""
        rows = [
            [
                re.sub(r"(?<!\\)\|", r"\\|", self.blocks(entry).replace("\n", " "))
                for entry in row.children
            ]
            for row in node.findall(nodes.row)
        ]
        rows.insert(1, ["---"] * len(rows[0]))
        return "\n".join(f"| {' | '.join(row)} |" for row in rows)

    def line(self, node: Iterable[nodes.Node]) -> str:
        """What stands in a line."""
        return "".join(map(self.inline, node.children if isinstance(node, nodes.Element) else node))

    def inline(self, node: nodes.Node) -> str:
        """A part of a line."""
        match node:
            case nodes.Text():
                return _escaped(node.astext())
            case nodes.math():
                return f"${node.astext().strip()}$"
            case nodes.literal():
                return _code_span(node.astext())
            case nodes.emphasis():
                return f"*{self.line(node)}*"
            case nodes.strong():
                return f"**{self.line(node)}**"
            case nodes.reference() if node.get("refuri"):
                return self.link(node)
            case nodes.raw() | nodes.target() | nodes.comment():
                return ""
        return self.line(node) if isinstance(node, nodes.Element) else ""

    def link(self, node: nodes.reference) -> str:
        """A link; inside of the book only where it's known where that is."""
        words, to = self.line(node), node["refuri"]
        if node.get("internal"):
            if not self.app.config.html_baseurl:
                return words
            to = site.address(self.app, to, self.docname)
        return f"[{words}](<{to}>)" if re.search(r"[\s()<>]", to) else f"[{words}]({to})"


def _escaped(text: str) -> str:
    """Text with no character that Markdown would take for one of its own, wherever it stands."""
    return re.sub(r"[\\`*_$<\[\]~|]|&(?=#?\w+;)", r"\\\g<0>", text)


def _only_words(text: str) -> str:
    """A paragraph whose lines begin and end as no heading, list, quotation, code or break does."""
    lines = (line.strip() for line in text.split("\n"))
    return "\n".join(
        re.sub(r"^(\d*)(?=[#>+=.)-])", r"\1\\", line) if BEGINNING.match(line) else line
        for line in lines
        if line
    )


def _longest_run(text: str) -> int:
    """How many backticks stand side by side in a text, at most."""
    return max(map(len, re.findall("`+", text)), default=0)


def _code_span(text: str) -> str:
    """Text as code in a line."""
    text = text.replace("\n", " ")
    marks = "`" * (1 + _longest_run(text))
    space = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{marks}{space}{text}{space}{marks}"


def _indented(mark: str, text: str) -> str:
    return mark + text.replace("\n", "\n" + " " * len(mark))


def write_settings(app: Sphinx, exception: Exception | None) -> None:
    """Write what Binder installs for them."""
    if exception is None and site.is_built(app) and (url := repository(app)):
        folder = Path(app.outdir, FOLDER, "binder")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "requirements.txt").write_text(
            f"jupyterlab\ngroundup @ git+{url}\n", encoding="utf-8"
        )
        (folder / "runtime.txt").write_text(f"python-{PYTHON}\n")


def missing(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """The pages whose notebooks aren't there, to be written again."""
    return [
        docname
        for docname in env.found_docs
        if "stands_on" in env.metadata[docname]
        and not Path(app.outdir, FOLDER, f"{docname}.ipynb").exists()
    ]


def setup(app: Sphinx) -> None:
    """Connect to the writing of pages, when everything in them is resolved, and to the end."""
    app.connect("doctree-resolved", write, priority=900)
    app.connect("env-updated", missing)
    app.connect("build-finished", write_settings)
