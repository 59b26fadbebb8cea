"""Each chapter's executed notebook, to take along: plain Markdown; the first cell installs the package.

They lie in ``notebooks/`` of the site. Publishing pushes that folder to a branch, where Colab and Binder
find it.
"""

from collections.abc import Iterable
from html import escape
from pathlib import Path
from urllib.parse import quote

import nbformat
from docutils import nodes
from nbformat import v4
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from groundup import trace
from groundup.page.numbers import GLUE_PREFIX
from groundup.sphinxext.execution import executed
from groundup.sphinxext.pages import site
from groundup.sphinxext.pages.markdown import Markdown
from groundup.sphinxext.pages.markdown_line import NoMarkdown

logger = logging.getLogger(__name__)

FOLDER = BRANCH = site.NOTEBOOKS
PYTHON = "3.11"
HIDDEN = {"hide-input", "hide-cell", "remove-input", "remove-cell", "solution"}
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
    try:
        cells = list(_cells(doctree, run.cells, Markdown(app, docname)))
    except NoMarkdown as error:  # said, and the build goes on to what else is wrong
        logger.warning("%s", error)
        return
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


def _cells(doctree: nodes.document, cells: list, markdown: Markdown) -> Iterable:
    """The page in order: its text as Markdown, its cells as they ran, those that it hides too."""
    text, done = [], 0
    for node in _blocks(doctree):
        if not isinstance(node, nodes.container) or "cell_index" not in node:
            text.append(node)
            continue
        if words := markdown.blocks(text):
            yield v4.new_markdown_cell(words)
        text = []
        yield from _ran(cells[done : node["cell_index"] + 1])
        done = node["cell_index"] + 1
    if words := markdown.blocks(text):
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
