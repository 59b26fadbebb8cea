"""What the executed notebook of a page says that the page itself may hide."""

import contextlib
import re
from pathlib import Path

import nbformat
from docutils import nodes
from jupyter_cache import get_cache
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from groundup import data, trace
from groundup.page import claims

logger = logging.getLogger(__name__)

CELLS = "groundup_cells"  # where all cells of the page that is read are kept for others


def notebook(env: BuildEnvironment, docname: str) -> nbformat.NotebookNode | None:
    """The executed notebook of a page with cells, with every output that its cells had.

    Also keeps when it was executed, and how long that took, in the page's metadata.
    """
    if "kernelspec" not in env.metadata[docname]:
        return None
    path = Path(env.mystnb_config.output_folder, f"{docname}.ipynb")
    found = nbformat.read(path, as_version=4)
    cache = get_cache(env.mystnb_config.execution_cache_path)
    try:  # MyST-NB writes a notebook that comes from the cache without its outputs
        pk, merged = cache.merge_match_into_notebook(found)
    except KeyError:
        return found
    env.metadata[docname]["last_execution"] = dict(cache.get_cache_record(pk).data)
    return merged


def examine(app: Sphinx, doctree: nodes.document) -> None:
    """Keep the traces of a page's cells; warn of what mustn't be, hidden or not."""
    docname = app.env.docname
    executed = notebook(app.env, docname)
    app.env.temp_data[CELLS] = executed.cells if executed else []
    if executed is None:
        return
    traces = []
    lines = executed.metadata.get("source_map") or [None] * len(executed.cells)
    cells = zip(executed.cells, lines, strict=True)
    code = [(cell, line) for cell, line in cells if cell.cell_type == "code"]
    for number, (cell, line) in enumerate(code, start=1):
        tags = cell.metadata.get("tags", [])

        def warn(message: str, number=number) -> None:
            logger.warning("cell %d: %s", number, message, location=docname)

        if cell.source.lstrip().startswith("%%capture"):
            warn(
                "%%capture hides what the cell says about data and runs; use the tag remove-output"
            )
        for output in cell.outputs:
            if output.output_type == "error":
                if output.ename == "ClaimError" or "raises-exception" not in tags:
                    warn(f"{output.ename}: {output.evalue}")
                continue
            content = output.get("data", {})
            left = [content[trace.MIME_TYPE]] if trace.MIME_TYPE in content else []
            for facts in left:
                if facts.get("state") == claims.FAILS:
                    warn(f"this doesn't hold any more: {facts['text']}")
                if facts["kind"] == "answer":
                    facts["line"] = line
            traces += left
            for tag in re.findall("<img[^>]*>", "".join(content.get("text/html", ""))):
                if not re.search(r"""alt=["']?[^"'\s>]""", tag):
                    warn(
                        "a picture without words in HTML: expected alt text that says what it shows"
                    )
    app.env.metadata[docname]["traces"] = [dict(left) for left in traces]
    _compare_origins(app, docname, executed)


def _compare_origins(app: Sphinx, docname: str, executed: nbformat.NotebookNode) -> None:
    """Refuse a page whose cells met other data than the build found, and forget its results."""
    env, identity = app.env, app.groundup_chapters[docname].identity
    for left in env.metadata[docname]["traces"]:
        if left["kind"] != "data" or not (expected := identity[left["name"]]):
            continue
        if (left["origin"] == data.STAND_IN) != (expected[0] == data.STAND_IN):
            logger.warning(
                "%s came from: %s, though the build had found it elsewhere; its results are forgotten, "
                "build again", left["name"], left["origin"], location=docname,
            )  # fmt: skip
            cache = get_cache(env.mystnb_config.execution_cache_path)
            with contextlib.suppress(KeyError):
                cache.remove_cache(cache.match_cache_notebook(executed).pk)


def setup(app: Sphinx) -> None:
    """Connect to the end of reading a page, before what uses the traces."""
    app.connect("doctree-read", examine, priority=400)
