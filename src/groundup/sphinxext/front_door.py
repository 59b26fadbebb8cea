"""``index.html`` at the top of the site leads to the book's first page, whoever builds it."""

from html import escape
from pathlib import Path

from sphinx.application import Sphinx

PAGE = """<!doctype html>
<html lang="{language}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="0; url={url}">
<title>{title}</title>
<main><h1>{title}</h1><a href="{url}">Read the book</a></main>
</html>
"""


def write(app: Sphinx, exception: Exception | None) -> None:
    """Write the page, unless the book's first page is there already."""
    root = app.config.root_doc
    if exception is not None or app.builder.format != "html" or root == "index":
        return
    text = PAGE.format(
        language=escape(app.config.language),
        title=escape(app.config.html_title),
        url=escape(app.builder.get_target_uri(root)),
    )
    (Path(app.outdir) / "index.html").write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Connect to the end of the build."""
    app.connect("build-finished", write, priority=3)
